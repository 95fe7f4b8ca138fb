"""The letter's bytes: headers that cannot be forged, a calendar as Outlook and Gmail expect it, the same each time."""

from datetime import UTC, datetime
from email import message_from_bytes, policy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from members.mail import Mail, one_line
from members.mime import to_bytes
from members.models import Message, User

NOW = datetime(2027, 3, 1, 8, 0, tzinfo=UTC)
CALENDAR = "BEGIN:VCALENDAR\r\nSUMMARY:Møde på Ærø\r\nEND:VCALENDAR\r\n".encode()


def letter(mail, *, first_name="Søren", last_name="Ærø", address="soeren@egebjerg-kommune.invalid") -> bytes:
    recipient = User(pk=3, email=address, first_name=first_name, last_name=last_name)
    message = Message(pk=1, kind="invitation", subject_id=7, recipient=recipient, created_at=NOW, dated_at=NOW)
    return to_bytes(mail, message, address)


def parsed(mail, **person):
    return message_from_bytes(letter(mail, **person), policy=policy.default)


def test_letter_says_who_sent_it_and_that_a_machine_did(settings):
    settings.MAIL_DOMAIN = "ledernetvaerk.egebjerg-kommune.invalid"

    mime = parsed(Mail("Flyttet: Ledere på tværs, nu tor. 11. mar. kl. 13.00", "Hej Søren\n", headers={"X-A": "b"}))

    assert mime["Subject"] == "Flyttet: Ledere på tværs, nu tor. 11. mar. kl. 13.00"
    assert mime["To"] == "Søren Ærø <soeren@egebjerg-kommune.invalid>"
    assert mime["Date"].datetime == NOW
    assert mime["Auto-Submitted"] == "auto-generated"
    assert mime["List-Id"] == "<beskeder.ledernetvaerk.egebjerg-kommune.invalid>"
    assert mime["Message-ID"].endswith("@ledernetvaerk.egebjerg-kommune.invalid>")
    assert mime["X-A"] == "b"
    assert mime.get_content().splitlines() == ["Hej Søren"]


def test_message_id_tells_nothing_and_follows_from_the_key(settings):
    first = parsed(Mail("A", "a\n"))["Message-ID"]

    assert first == parsed(Mail("B", "b\n"))["Message-ID"]
    assert "invitation" not in first
    settings.SECRET_KEY = "another " * 10
    assert parsed(Mail("A", "a\n"))["Message-ID"] != first


def test_letter_is_plain_ascii_and_short_lines_on_the_wire():
    mail = Mail("Æ" * 300, "ø" * 3000 + "\n", f"<p>{'å' * 3000}</p>", calendar=CALENDAR, calendar_method="REQUEST")

    data = letter(mail, first_name="Ærøskøbing" * 20)

    assert data.isascii()
    assert max(len(line) for line in data.split(b"\r\n")) <= 998
    assert b"\n" not in data.replace(b"\r\n", b"")


def test_calendar_stands_beside_the_text_and_as_a_file():
    mime = parsed(Mail("Møde", "Hej\n", "<p>Hej</p>", calendar=CALENDAR, calendar_method="REQUEST"))

    alternative, attachment = mime.iter_parts()
    text, html, calendar = alternative.iter_parts()
    assert mime.get_content_type() == "multipart/mixed"
    assert alternative.get_content_type() == "multipart/alternative"
    assert [text.get_content_type(), html.get_content_type()] == ["text/plain", "text/html"]
    assert calendar["Content-Type"].params == {"charset": "utf-8", "method": "REQUEST"}
    assert calendar.get_payload(decode=True) == CALENDAR
    assert (attachment.get_content_type(), attachment.get_filename()) == ("application/ics", "invite.ics")
    assert attachment.get_payload(decode=True) == CALENDAR


def test_letter_is_the_same_bytes_each_time():
    mail = Mail("Møde", "Hej\n", "<p>Hej</p>", calendar=CALENDAR, calendar_method="CANCEL")

    assert letter(mail) == letter(mail)


@pytest.mark.parametrize("name", ["HR <hr@kommune.dk>", 'a"b', "x@y, z:", "æ\r\nBcc: a@b.dk", "=?utf-8?q?x?="])
def test_recipients_name_cannot_become_an_address(name):
    mime = parsed(Mail("A", "a\n"), first_name=name)

    assert [address.addr_spec for address in mime["To"].addresses] == ["soeren@egebjerg-kommune.invalid"]
    assert mime["Bcc"] is None
    assert not set(mime["To"].addresses[0].display_name) & set('<>@"\r\n')


@given(st.text(max_size=300))
def test_any_subject_arrives_as_it_was_cleaned(subject):
    data = letter(Mail(subject, "a\n"))

    mime = message_from_bytes(data, policy=policy.default)
    assert set(mime.keys()) <= {
        "Subject", "From", "To", "Date", "Message-ID", "List-Id", "Auto-Submitted", "X-Auto-Response-Suppress",
        "MIME-Version", "Content-Type", "Content-Transfer-Encoding",
    }  # fmt: skip
    assert " ".join((mime["Subject"] or "").split()) == one_line(subject, limit=200)


_WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)


def body(data: bytes) -> bytes:
    return data.partition(b"\r\n\r\n")[2]


@given(_WORDS, _WORDS, _WORDS, st.sampled_from(["", "REQUEST", "CANCEL"]))
def test_letter_is_what_the_library_reads_and_writes(subject, text, name, method):
    words = " ".join(text.split())
    for calendar in (None, CALENDAR):
        mail = Mail(subject, f"{text}\n", f"<p>{text}</p>", calendar, method, {"Reply-To": "svar@kommune.invalid"})

        data = letter(mail, first_name=name)

        read = message_from_bytes(data, policy=policy.compat32.clone(linesep="\r\n"))
        assert [part.defects for part in read.walk() if part.defects] == []
        assert body(read.as_bytes()) == body(data)
        parts = {part.get_content_type(): part for part in message_from_bytes(data, policy=policy.default).walk()}
        assert parts["text/plain"].get_content().split() == words.split()
        assert parts["text/html"].get_content().split() == f"<p>{text}</p>".split()
        for part in {"text/calendar", "application/ics"} & set(parts):
            assert parts[part].get_payload(decode=True) == CALENDAR
