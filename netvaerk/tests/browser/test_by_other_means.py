"""Without JavaScript, and without a mouse."""

from urllib.parse import urlsplit

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from meetings import reply_links
from meetings.models import Meeting, Rsvp
from netvaerk.demo import PASSWORD
from netvaerk.tests.browser.chromium import PHONE
from netvaerk.tests.browser.conftest import person

pytestmark = pytest.mark.browser


def test_a_phone_without_javascript_signs_in_answers_and_finds_its_way(sit_down):
    meeting = Meeting.objects.of_member(person("leder")).upcoming(timezone.now()).first()
    page = sit_down(screen=PHONE, java_script_enabled=False)
    page.goto("/")
    page.get_by_label("E-mail").fill("leder@demo.invalid")
    page.get_by_label("Adgangskode").fill(PASSWORD)
    page.get_by_role("button", name="Log ind").click()
    page.get_by_role("button", name="Jeg deltager").click()
    expect(page.get_by_text("Du deltager", exact=True)).to_be_visible()
    assert Rsvp.objects.get(meeting=meeting, user=person("leder")).answer == Rsvp.Answer.ACCEPTED

    # No button to unfold the menu with, so it stands open
    menu = page.get_by_role("navigation", name="Hovedmenu")
    expect(page.get_by_role("button", name="Menu")).to_be_hidden()
    menu.get_by_role("link", name="Møder").click()
    expect(page.get_by_role("heading", name="Mine møder")).to_be_visible()
    menu.get_by_role("link", name="Netværk").click()
    expect(page.get_by_role("heading", name="Netværk", level=1)).to_be_visible()


def test_a_phone_without_javascript_answers_from_a_mail_without_signing_in(sit_down):
    meeting = Meeting.objects.of_member(person("leder")).upcoming(timezone.now()).first()
    page = sit_down(screen=PHONE, java_script_enabled=False)
    page.goto(urlsplit(reply_links.address(meeting, person("leder"))).path)
    assert not Rsvp.objects.filter(meeting=meeting, user=person("leder")).exists()
    page.get_by_role("button", name="Meld afbud").click()
    expect(page.get_by_text("Du har meldt afbud", exact=True)).to_be_visible()
    assert Rsvp.objects.get(meeting=meeting, user=person("leder")).answer == Rsvp.Answer.DECLINED

    page.get_by_role("link", name="Log ind, og åbn mødets side").click()
    expect(page.get_by_role("heading", name="Log ind")).to_be_visible()


def test_the_phone_menu_opens_and_closes_by_keyboard(sit_down):
    page = sit_down("leder", PHONE)
    page.goto("/")
    button = page.get_by_role("button", name="Menu")
    first = page.get_by_role("navigation", name="Hovedmenu").get_by_role("link").first
    expect(first).to_be_hidden()
    button.focus()
    page.keyboard.press("Enter")
    expect(first).to_be_visible()
    expect(button).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("Escape")
    expect(first).to_be_hidden()
    expect(button).to_be_focused()


def test_the_first_tab_leads_past_the_menu_to_the_content(sit_down):
    page = sit_down("leder")
    page.goto("/moeder/")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Gå til indholdet")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("main").get_by_role("link").first).to_be_focused()
