"""A season from HR's lukkedage to a meeting that is moved together: on a phone, by keyboard, and sound for everyone."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from meetings.models import DatePoll, Meeting, MeetingPlan
from members.danish import compact_date, full_date
from netvaerk.tests.browser.chromium import DESK, PHONE
from netvaerk.tests.browser.conftest import person
from netvaerk.tests.browser.soundness import faults_of
from netvaerk.tests.browser.test_journeys import button, day, heading, link, typed
from networks.models import Network

pytestmark = pytest.mark.browser


def look(page):
    """Fits a phone and a screen, and can be used by all."""
    assert faults_of(page, screens=[DESK, PHONE]) == []


def press_through_to(page, target, *, at_most=80):
    """Tab until `target` has the focus, as one without a mouse does."""
    for _press in range(at_most):
        if target.evaluate("one => one === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"not reached with Tab: {target}")


def first_monday(number_of_days):
    start = day(number_of_days)
    return start + timedelta(days=(7 - start.weekday()) % 7)


def test_hr_keeps_a_closed_week_and_the_coordinator_plans_around_it(sit_down):
    closed = first_monday(500)
    hr = sit_down("hr", PHONE)
    hr.goto("/lukkedage/")
    look(hr)
    link(hr, "Tilføj periode").click()
    look(hr)
    hr.get_by_label("Lukket", exact=True).check()
    hr.get_by_label("Navn", exact=True).fill("Flytteuge")
    hr.get_by_label("Fra", exact=True).fill(typed(closed))
    hr.get_by_label("Til og med").fill(typed(closed + timedelta(days=4)))
    button(hr, "Gem").click()
    expect(hr.get_by_role("link", name="Flytteuge", exact=True)).to_be_visible()

    page = sit_down("tovholder", PHONE)
    page.goto("/netvaerk/ledere-paa-tvaers/moeder/ny-plan/")
    look(page)
    page.get_by_label("Sæsonens navn").fill("Næste sæson")
    page.get_by_label("Første møde").fill(typed(closed - timedelta(days=7)))
    page.get_by_label("Fra kl.").fill("13")
    page.get_by_label("Eller varighed").select_option("2 timer")
    page.get_by_label("Mandag").check()
    page.get_by_label("Antal uger mellem møderne").fill("1")
    page.get_by_label("Antal møder").fill("3")
    button(page, "Foreslå datoer").click()
    expect(heading(page, "Sprunget over")).to_be_visible()
    expect(page.get_by_text("Flytteuge")).to_be_visible()
    look(page)
    take_along = button(page, f"Tag med {compact_date(closed)}")
    press_through_to(page, take_along)
    page.keyboard.press("Enter")
    expect(page.get_by_text("Kladden er gemt.")).to_be_visible()
    plan = MeetingPlan.objects.get(name="Næste sæson")
    assert plan.meetings.filter(date=closed).exists()
    button(page, "Offentliggør mødeplan").click()
    button(page, "Offentliggør mødeplan").click()
    expect(page.get_by_text("Mødeplanen er offentliggjort")).to_be_visible()
    assert plan.meetings.filter(state=Meeting.State.CONVENED).count() == 4


def test_members_say_when_they_can_and_the_coordinator_picks(sit_down):
    poll = DatePoll.objects.select_related("meeting").get(meeting__network__slug="ledere-paa-tvaers")
    leader = sit_down("leder", PHONE)
    leader.goto("/")
    leader.locator(f'a[href="{poll.get_absolute_url()}"]').first.click()
    expect(heading(leader, "Hvornår kan du komme?")).to_be_visible()
    look(leader)
    for group in leader.get_by_role("group").all():
        first = group.get_by_role("radio").first
        first.focus()
        leader.keyboard.press("Space")
    press_through_to(leader, button(leader, "Send svar"))
    leader.keyboard.press("Enter")
    expect(leader.get_by_text("Tak for dit svar.")).to_be_visible()
    assert poll.invited.get(user=person("leder")).answered_at

    page = sit_down("tovholder", PHONE)
    page.goto(poll.meeting.get_absolute_url())
    look(page)
    link(page, "Se tidspunkter og svar").click()
    look(page)
    chosen = poll.candidates.last()
    link(page, f"Vælg {compact_date(chosen.date)}").click()
    button(page, "Vælg tidspunktet").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(full_date(chosen.date))
    poll.meeting.refresh_from_db()
    assert (poll.meeting.state, poll.meeting.date) == (Meeting.State.CONVENED, chosen.date)


def test_a_coordinator_postpones_and_asks_for_a_new_date(sit_down):
    meeting = Meeting.objects.filter(network__slug="ledere-paa-tvaers").upcoming(timezone.now()).last()
    page = sit_down("tovholder", PHONE)
    page.goto(meeting.get_absolute_url())
    link(page, "Udsæt møde").click()
    look(page)
    page.get_by_label("Begrundelse").fill("Lokalet bliver malet.")
    button(page, "Udsæt møde").click()
    expect(page.get_by_text("Mødet er udsat, og medlemmerne får besked.")).to_be_visible()
    look(page)
    link(page, "Spørg om en ny dato").click()
    look(page)
    for number, days in ((1, 400), (2, 401)):
        page.get_by_label(f"Dato, tidspunkt {number}").fill(typed(day(days)))
    button(page, "Spørg medlemmerne").click()
    expect(page.get_by_text("Medlemmerne er spurgt og får en mail.")).to_be_visible()
    meeting.refresh_from_db()
    assert meeting.is_postponed
    assert meeting.date_polls.get().is_open


def test_the_wheel_is_walked_by_keyboard_and_leads_to_the_meeting(sit_down):
    network = Network.objects.get(slug="ledere-paa-tvaers")
    page = sit_down("leder", PHONE)
    page.goto("/moeder/")
    link(page, "Årshjul").click()
    look(page)
    page.goto("/netvaerk/ledere-paa-tvaers/moeder/aarshjul/")
    look(page)
    meeting = Meeting.objects.filter(network=network).upcoming(timezone.now()).first()
    dot = page.locator(f'svg.wheel a[href="{meeting.get_absolute_url()}"]')
    press_through_to(page, dot)
    assert full_date(meeting.date) in dot.get_attribute("aria-label")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text(full_date(meeting.date))
    page.goto("/moeder/uger/")
    look(page)
    expect(page.get_by_text("Denne uge")).to_be_visible()


def test_hr_sees_the_dates_of_the_wheel_and_no_way_into_a_meeting(sit_down):
    page = sit_down("hr", PHONE)
    page.goto("/netvaerk/ledere-paa-tvaers/moeder/aarshjul/")
    look(page)
    assert page.locator("svg.wheel a").count() == 0
    assert page.locator("svg.wheel [role=img] ~ [role=img]").count() > 5
    plan = MeetingPlan.objects.filter(network__slug="ledere-paa-tvaers", state="published").first()
    page.goto(f"{plan.get_absolute_url()}udskriv/")
    look(page)
    expect(page.get_by_role("columnheader", name="Tema")).to_have_count(0)
