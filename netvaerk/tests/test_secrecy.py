"""A word planted in all that only members may read, in the whole demo, and looked for on everybody else's pages."""

import io
import re
from zipfile import ZipFile, is_zipfile

import pytest
from django.apps import apps
from django.urls import Resolver404, resolve
from django.utils import timezone

from members import kinds
from members.encryption import EncryptedTextField
from members.models import AuditEvent, Message, User
from netvaerk import demo
from networks.models import Charter

CANARY = "kanariefugl"
# What a group itself passes on to top management is theirs to read; it has tests of its own.
PASSED_ON = {"networks.ManagementMessage", "meetings.SeasonSummary"}
MOST_PAGES = 200
LINK = re.compile(r'href="(/[^"#]*)')

pytestmark = pytest.mark.django_db


@pytest.fixture
def municipality():
    demo.build(now=timezone.now())
    for model in apps.get_models():
        texts = [field.name for field in model._meta.fields if isinstance(field, EncryptedTextField)]
        if texts and model._meta.label not in PASSED_ON:
            model.objects.update(**dict.fromkeys(texts, CANARY))
    Charter.objects.update(shows_ground_rules=False)  # else the group has itself opened them to applicants


def sign_in(client, login):
    client.force_login(User.objects.get(email=f"{login}@demo.invalid"))


def body(response) -> str:
    """What came back, spreadsheets unpacked."""
    content = b"".join(response.streaming_content) if response.streaming else response.content
    if is_zipfile(io.BytesIO(content)):
        packed = ZipFile(io.BytesIO(content))
        content = b"".join(packed.read(name) for name in packed.namelist())
    return content.decode(errors="replace")


def walk(client) -> dict[str, str]:
    """What stands at every kind of address one can click one's way to from home, one of each."""
    waiting, seen, pages = ["/"], {"home"}, {}
    while waiting and len(pages) < MOST_PAGES:
        address = waiting.pop(0)
        pages[address] = body(client.get(address))
        for link in LINK.findall(pages[address]):
            link = link.replace("&amp;", "&")
            try:
                route = resolve(link.partition("?")[0]).view_name
            except Resolver404:
                continue
            if route not in seen:
                seen.add(route)
                waiting.append(link)
    assert not waiting, f"more than {MOST_PAGES} pages"
    return pages


def test_nobody_else_finds_what_members_have_written(client, municipality):
    rooms = set()
    for member in ("tovholder", "leder"):
        sign_in(client, member)
        pages = walk(client)
        rooms |= set(pages)
        assert sum(CANARY in text for text in pages.values()) >= 15, "the word is where members read"

    for stranger in ("hr", "direktion", "byraad", "ny", "system"):
        sign_in(client, stranger)
        pages = walk(client) | {address: body(client.get(address)) for address in rooms}
        assert {address for address, text in pages.items() if CANARY in text} == set(), stranger
        assert "rows-title" not in body(client.get("/soeg/", {"q": CANARY})), "and a search finds nothing"


def test_no_mail_and_no_log_carries_it(municipality):
    now, read = timezone.now(), 0
    for message in Message.objects.select_related("recipient").order_by("kind", "-pk"):
        if read > 400:
            break
        try:
            mail = kinds.get(message.kind).build(message, now)
        except kinds.Suppress:
            continue
        read += 1
        assert CANARY not in f"{mail.subject} {mail.text} {mail.html} {mail.calendar}", message.kind
    assert read > 10
    assert CANARY not in str(list(AuditEvent.objects.values()))
