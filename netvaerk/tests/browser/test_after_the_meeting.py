"""On a phone, on the way home: close the meeting, do what was agreed, write to oneself, find what was learned."""

import re

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from meetings import agreements, closing
from meetings.models import Agreement, LearningCard, ReflectionNote
from members.danish import compact_date, today
from netvaerk.tests.browser.chromium import PHONE
from netvaerk.tests.browser.conftest import person
from netvaerk.tests.browser.soundness import faults_of

pytestmark = pytest.mark.browser

BASE = "/netvaerk/ledere-paa-tvaers/"


def sound(page):
    """Fits the phone, and axe finds nothing."""
    assert faults_of(page, screens=[PHONE]) == []


def link(page, name, **options):
    return page.get_by_role("main").get_by_role("link", name=name, **options)


def button(page, name, **options):
    return page.get_by_role("main").get_by_role("button", name=name, **options)


def named(act, text):
    """A button as a screen reader says it: what it does, and to what."""
    return re.compile(f"{act}.*{re.escape(text)}")


def test_the_coordinator_closes_the_meeting_and_opens_it_again(sit_down):
    meeting = closing.unclosed_for(person("tovholder"), timezone.now()).first()
    page = sit_down("tovholder", PHONE)
    page.goto("/")
    link(page, "Afslut mødet").click()
    sound(page)
    page.get_by_label("Hvad er aftalt?").first.fill("Sende billedet fra tavlen rundt")
    page.get_by_label("Hvem gør det?").first.select_option("Hele gruppen")
    button(page, "Gem uden at afslutte").click()
    expect(page.get_by_text("Sende billedet fra tavlen rundt")).to_be_visible()
    page.get_by_label("Hvad tager I med til næste gang?").fill("Runden om grænser")
    button(page, "Afslut mødet").click()

    expect(page.get_by_text("Mødet er afsluttet.")).to_be_visible()
    expect(page.get_by_text("Runden om grænser")).to_be_visible()
    sound(page)
    meeting.refresh_from_db()
    assert meeting.is_closed
    link(page, "Genåbn mødet").click()
    sound(page)
    page.get_by_label("Hvad skal rettes?").fill("En mangler på listen")
    button(page, "Genåbn mødet").click()
    expect(page.get_by_text("En mangler på listen")).to_be_visible()
    meeting.refresh_from_db()
    assert not meeting.is_closed


def test_a_member_does_what_was_agreed_from_the_first_page(sit_down):
    leader = person("leder")
    agreement = agreements.awaiting(leader, today(timezone.now())).first()
    page = sit_down("leder", PHONE)
    page.goto("/")
    button(page, named("Markér som gjort", agreement.text)).click()

    expect(page.get_by_text("Aftalen er gjort.")).to_be_visible()
    expect(page.get_by_text(f"Følg op: {agreement.text}")).to_have_count(0)
    agreement.refresh_from_db()
    assert agreement.state == Agreement.State.DONE
    page.goto(f"{BASE}aftaler/")
    page.get_by_text("aftaler er gjort eller faldet bort").click()
    sound(page)
    button(page, named("Genoptag", agreement.text)).click()
    expect(page.get_by_text("Aftalen er i gang igen.")).to_be_visible()


def test_a_member_writes_to_oneself_and_nobody_else_finds_it(sit_down):
    meeting = closing.unclosed_for(person("tovholder"), timezone.now()).first()
    page = sit_down("leder", PHONE)
    page.goto(meeting.get_absolute_url())
    link(page, "Skriv i din refleksionslog").click()
    sound(page)
    page.get_by_label("Din note").fill("Spørge, før jeg svarer")
    button(page, "Gem").click()

    expect(page.get_by_text("Spørge, før jeg svarer")).to_be_visible()
    expect(link(page, f"Ledere på tværs, mødet {compact_date(meeting.date)}")).to_be_visible()
    sound(page)
    note = ReflectionNote.objects.get(meeting=meeting, user=person("leder"))
    with page.expect_download() as download:
        link(page, "Hent som tekst").click()
    assert "Spørge, før jeg svarer" in download.value.path().read_text()
    other = sit_down("tovholder", PHONE)
    assert other.request.get(f"/refleksion/{note.pk}/").status == 404


def test_what_was_learned_is_kept_and_found_again(sit_down):
    page = sit_down("leder", PHONE)
    page.goto(f"{BASE}moeder/")
    link(page, "Udfordring og løsning").click()
    sound(page)
    link(page, "Skriv et kort").click()
    sound(page)
    page.get_by_label("Tema").fill("Åbne døre")
    page.get_by_label("Udfordringen").fill("Der er aldrig ro til at tænke")
    button(page, "Gem").click()
    expect(page.get_by_role("heading", name="Åbne døre")).to_be_visible()
    sound(page)

    link(page, "Udfordring og løsning").click()
    page.get_by_label("Søg i kortene").fill("aabne ro")
    button(page, "Søg").click()

    expect(page.get_by_text("1 kort med “aabne ro”")).to_be_visible()
    link(page, "Åbne døre").first.click()
    link(page, "Slet kortet").click()
    button(page, "Slet").click()
    expect(page.get_by_text("Kortet er slettet.")).to_be_visible()
    assert not [card for card in LearningCard.objects.all() if card.theme == "Åbne døre"]
