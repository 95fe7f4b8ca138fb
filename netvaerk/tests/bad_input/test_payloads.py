"""What people with bad intentions have typed, in every text there is, and none of it does anything anywhere."""

import csv
import email
import email.policy
import io
from collections import Counter
from html.parser import HTMLParser
from urllib.parse import urlsplit

import icalendar
import openpyxl
import pytest
from allauth.account.adapter import get_adapter
from django.utils import timezone, translation

from meetings import calendar
from meetings.models import Meeting
from members import kinds, mime
from members.models import Message
from netvaerk import export
from netvaerk.tests.bad_input import payloads, world
from netvaerk.tests.bad_input.rows import covers

EXPORTS = [
    f"/opfoelgning/{name}.{kind}" for name in ("eksport", "ledere-uden-netvaerk/eksport") for kind in export.FORMATS
]


# --- Spreadsheets ----------------------------------------------------------------------------------------------------


def live_formulas(address: str, content: bytes) -> list[str]:
    """Cells that a spreadsheet would calculate."""
    if address.endswith("xlsx"):
        sheet = openpyxl.load_workbook(io.BytesIO(content)).active
        cells = [(cell.value, cell.data_type) for row in sheet.iter_rows() for cell in row]
        return [text for text, kind in cells if kind == "f" or (isinstance(text, str) and is_live(text))]
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))
    assert len({len(row) for row in rows}) == 1, "a cell has broken out of its line"
    return [cell for row in rows for cell in row if is_live(cell)]


def is_live(cell: str) -> bool:
    is_number = cell.lstrip("-").replace(",", "").isdecimal()
    return not is_number and cell.lstrip(" \t\r\n\u00a0")[:1] in set("=+-@|%＝＋－＠−")


@covers(58)
def test_no_export_holds_a_live_formula():
    assert len(payloads.FORMULAS) >= 40
    client = world.signed_in("hr")
    planted = payloads.plant(payloads.FORMULAS)

    found = {address: client.get(address).content for address in EXPORTS}

    assert planted > 500
    assert {address: live_formulas(address, content) for address, content in found.items()} == {
        address: [] for address in EXPORTS
    }
    assert all("HYPERLINK" in text for address, text in decoded(found).items() if address.endswith("csv"))


def decoded(found: dict) -> dict:
    return {address: content.decode("utf-8-sig") for address, content in found.items() if address.endswith("csv")}


def test_an_export_that_does_not_guard_its_cells_is_found(monkeypatch):
    """The negative control."""
    monkeypatch.setattr(export, "safe", lambda value: "" if value is None else str(value).replace("\r", " ").strip())
    payloads.plant(["=1+1"])

    assert all(live_formulas(address, world.signed_in("hr").get(address).content) for address in EXPORTS)


@covers(63, 64)
def test_long_and_broken_cells_make_a_whole_export():
    broken = "a\x0b\x01b\ufffe"
    for kind in export.FORMATS:
        content = export.respond(kind, "x", ["A"], [["x" * 40_000], [broken]]).content
        assert live_formulas(f"x.{kind}", content) == []
        if kind == "xlsx":
            cells = [row[0].value for row in openpyxl.load_workbook(io.BytesIO(content)).active.iter_rows()]
            assert cells[1].endswith(" …")
            assert len(cells[1]) < 32_767


# --- Mails and calendars ---------------------------------------------------------------------------------------------

PARTS = {"VCALENDAR", "VEVENT", "VTIMEZONE", "STANDARD", "DAYLIGHT"}
IN_A_HEADER = ("Bcc", "Cc", "Reply-To", "Sender")


def letters(limit_per_kind=6):
    """The letters that wait or have been sent, some of each kind, as they are made now."""
    made, now = Counter(), timezone.now()
    for message in Message.objects.select_related("recipient").order_by("-pk")[:3000]:
        if made[message.kind] >= limit_per_kind:
            continue
        try:
            letter = kinds.get(message.kind).build(message, now)
        except kinds.Suppress:
            continue
        made[message.kind] += 1
        yield message, letter, mime.to_bytes(letter, message, message.recipient.email)


def header_faults(raw: bytes, message: Message) -> list[str]:
    parsed = email.message_from_bytes(raw, policy=email.policy.default)
    faults = [f"has {name}" for name in IN_A_HEADER if name in parsed and "evil" in str(parsed[name])]
    receivers = [address.addr_spec for address in parsed["To"].addresses]
    faults += [f"is to {receivers}"] * (receivers != [message.recipient.email])
    faults += [f"{name} stands twice" for name, count in Counter(map(str.lower, parsed.keys())).items() if count > 1]
    faults += [f"{name} is broken" for name, value in parsed.items() if set(str(value)) & set("\r\n\x00\u2028\x85")]
    for part in parsed.walk():
        if part.get_content_type() == "text/calendar":
            faults += calendar_faults(part.get_payload(decode=True), [message.recipient.email])
    return faults


def calendar_faults(raw: bytes, attendees: list[str]) -> list[str]:
    faults = [f"line of {len(line)} octets" for line in raw.split(b"\r\n") if len(line) > 75]
    faults += [
        f"control sign in {line[:40]!r}" for line in raw.split(b"\r\n") if set(line) & set(b"\x00\x0b\x0c\r\n\x1e")
    ]
    text = raw.decode()
    faults += [f"{sign!a} in it" for sign in "\u2028\u2029\x85" if sign in text]
    parsed = icalendar.Calendar.from_ical(raw)
    for part in parsed.walk():
        faults += [f"has {part.name}"] * (part.name not in PARTS)
        invited = part.get("ATTENDEE", [])
        for one in invited if isinstance(invited, list) else [invited]:
            faults += [f"invites {one}"] * (str(one).lower().removeprefix("mailto:") not in attendees)
        faults += [
            f"{name} of evil" for name, value in part.property_items() if name == "ORGANIZER" and "evil" in str(value)
        ]
    return faults


@covers(23, 24, 26, 65, 66, 67)
def test_no_mail_and_no_calendar_gets_a_line_of_its_own():
    assert len(payloads.HEADERS) >= 60
    payloads.plant(payloads.HEADERS)
    faults, read, with_calendar = [], 0, 0
    for message, letter, raw in letters():
        read += 1
        with_calendar += letter.calendar is not None
        faults += [f"{message.kind}: {fault}" for fault in header_faults(raw, message)]

    assert faults == []
    assert read > 15
    assert with_calendar > 5


@covers(65, 66, 67)
def test_no_calendar_file_gets_a_line_of_its_own():
    odd = [*payloads.HEADERS, "æ🙂" * 100, "a;b,c\\d\\n", 'x"\r\n;CN=y', "a\x00b\x1fc", "\u2028\u0085"]
    payloads.plant(odd)
    meetings = list(Meeting.objects.select_related("network", "plan")[:80])
    faults = calendar_faults(calendar.download(meetings), [])
    for meeting in meetings[:40]:
        member = world.person("leder")
        asked = calendar.request(meeting, to=member, sequence=1)
        faults += calendar_faults(asked, [member.email.lower()])

    assert faults == []


def test_a_calendar_that_does_not_guard_its_lines_is_found():
    """The negative control, for both."""
    ics = calendar.download(list(Meeting.objects.select_related("network", "plan")[:1]))
    ours = ics.replace(b"BEGIN:VEVENT\r\n", b"BEGIN:VEVENT\r\nATTENDEE:mailto:c@evil.invalid\r\n")
    alarm = ics.replace(b"END:VEVENT", b"BEGIN:VALARM\r\nEND:VALARM\r\nEND:VEVENT")
    message, _letter, raw = next(letters())

    assert calendar_faults(ics, []) == []
    assert calendar_faults(ours, [])
    assert calendar_faults(alarm, [])
    assert header_faults(b"Bcc: c@evil.invalid\r\n" + raw, message)
    assert header_faults(raw.replace(b"To: ", b"To: c@evil.invalid, "), message)


# --- Pages -----------------------------------------------------------------------------------------------------------


class Strict(HTMLParser):
    """Reads a page as a browser does, and notes every element and attribute of ours that has come to life."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.alive, self.words = [], []

    def handle_starttag(self, tag, attrs):
        if tag.startswith(payloads.PROBE):
            self.alive.append(tag)
        for name, value in attrs:
            address = "".join((value or "").split()).lower() if name in ("href", "src", "action", "formaction") else ""
            if name.startswith("onprobe") or address.startswith(("javascript:", "data:text", "vbscript:")):
                self.alive.append(f"{tag} {name}={value}")

    def handle_comment(self, data):
        if payloads.PROBE in data:
            self.alive.append(f"<!--{data}")

    def handle_data(self, data):
        self.words.append(data)


def alive(text: str) -> list[str]:
    parser = Strict()
    parser.feed(text)
    parser.close()
    return parser.alive


def planted_pages(house, login):
    client = world.signed_in(login)
    for address in house.walks[login].pages:
        response = client.get(address)
        if not response.streaming and response.get("Content-Type", "").startswith("text/html"):
            yield address, response.content.decode()


@covers(2)
@pytest.mark.parametrize("login", ["hr", "direktion", "tovholder", "leder"])
def test_no_markup_comes_to_life_on_any_page(house, login):
    assert len(payloads.MARKUP) + len(payloads.LINKS) >= 50
    assert payloads.plant(payloads.MARKUP) > 500
    found, shown = {}, 0
    for address, text in planted_pages(house, login):
        shown += payloads.PROBE in text
        if lives := alive(text):
            found[address] = lives

    assert found == {}, found
    assert shown > 5, "the markup is on the pages, as words"


def test_no_markup_comes_to_life_in_any_mail():
    payloads.plant(payloads.MARKUP)
    found, read = {}, 0
    for message, letter, _raw in letters(limit_per_kind=3):
        read += payloads.PROBE in letter.html
        if lives := alive(letter.html):
            found[message.kind] = lives

    assert found == {}
    assert read > 5


def test_a_page_that_does_not_escape_is_found(house, monkeypatch):
    """The negative control: templates that leave what people typed as it is."""
    payloads.plant(payloads.MARKUP)
    monkeypatch.setattr("django.template.base.conditional_escape", str)

    assert any(alive(text) for _address, text in planted_pages(house, "leder"))


# --- Ways out --------------------------------------------------------------------------------------------------------

NEXT = ("next", "back", "redirect_to", "return_to", "url", "RelayState")


def leaves(response) -> str:
    location = response.get("Location", "")
    if not location:
        return ""
    seen = urlsplit(location.replace("\\", "/").strip())
    is_away = seen.netloc not in ("", "testserver") or bool(seen.scheme and not seen.netloc)
    return location if is_away or location.lstrip().startswith(("//", "/\\", "\\")) else ""


@covers(47)
@pytest.mark.parametrize("login", ["", "hr", "tovholder", "leder"])
def test_no_form_leads_out_of_the_house(house, login):
    assert len(payloads.REDIRECTS) >= 30
    client, away, redirected = world.signed_in(login), [], 0
    named = ("sprog", "log-ind", "log-ud", "bekraeft")
    for post in {world.route_of(post.action): post for post in house.walks[login].posts.values()}.values():
        takes_next = set(NEXT) & set(post.data) or any(word in post.action for word in named)
        for target in payloads.REDIRECTS if takes_next else payloads.REDIRECTS[:1]:
            with world.undone():
                data = post.data | dict.fromkeys(NEXT, target)
                response = client.post(post.action, data, query_params={"next": target})
                redirected += response.status_code == 302
                if where := leaves(response):
                    away.append(f"{post.action} with {target!r}: {where}")
            client = world.signed_in(login) if "log-ud" in post.action else client

    assert away == []
    assert redirected > 20


@covers(47)
def test_signing_in_and_out_leads_nowhere_else():
    for target in payloads.REDIRECTS:
        client = world.signed_in("")
        with world.undone():
            response = client.post(
                "/konto/log-ind/", {"login": "leder@demo.invalid", "password": "netvaerk-demo", "next": target}
            )
            assert response.status_code == 302
            assert not leaves(response), target
        with world.undone():
            assert not leaves(world.signed_in("leder").post("/konto/log-ud/", {"next": target})), target
        with world.undone():
            assert not leaves(world.signed_in("leder").get("/konto/log-ind/", {"next": target})), target


@covers(47)
def test_single_sign_on_keeps_no_way_out(rf):
    from allauth.core import context

    with context.request_context(rf.get("/")):
        assert [target for target in payloads.REDIRECTS if get_adapter().is_safe_url(target)] == [
            target for target in payloads.REDIRECTS if is_a_path_here(target)
        ]


def is_a_path_here(target: str) -> bool:
    """What looks odd and is only a path of ours."""
    return not leaves({"Location": target}) and target.startswith(("%2f", "/%"))


@pytest.mark.parametrize(
    "target", ["//evil.invalid", "/\\evil.invalid", "https:evil.invalid", "javascript:x", "https://x.y"]
)
def test_a_way_out_is_found(target):
    """The negative control."""
    assert leaves({"Location": target})


def test_the_planted_texts_are_read_back_as_they_were_planted():
    payloads.plant(payloads.MARKUP)
    with translation.override("da"):
        assert any(payloads.PROBE in one.network.name for one in Meeting.objects.select_related("network")[:50])
