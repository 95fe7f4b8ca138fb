"""The meeting page on a phone by keyboard: its agenda, its topics and roles, and the screen they meet around."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from meetings.models import AgendaItem, Meeting, MeetingRole, Topic, TopicMark
from netvaerk.tests.browser.chromium import PHONE
from netvaerk.tests.browser.conftest import person
from netvaerk.tests.browser.soundness import faults_of

pytestmark = pytest.mark.browser


@pytest.fixture
def meeting(demo):
    return Meeting.objects.filter(network__slug="ledere-paa-tvaers").upcoming(timezone.now()).first()


def press(target):
    """As one does who has no mouse."""
    target.focus()
    target.press("Enter")


def sound(page):
    assert faults_of(page, screens=[PHONE]) == []


def headings(meeting):
    return [item.heading for item in AgendaItem.objects.filter(meeting=meeting).select_related("topic")]


def test_the_coordinator_makes_the_agenda_their_own_by_keyboard(sit_down, meeting):
    page = sit_down("tovholder", PHONE)
    page.goto(meeting.get_absolute_url())
    sound(page)
    before = headings(meeting)

    press(page.get_by_role("link", name="Redigér dagsorden"))
    sound(page)
    press(page.get_by_role("button", name=f"Flyt ned: {before[0]}"))
    expect(page.get_by_role("listitem").filter(has_text=before[0]).first).to_be_visible()
    assert headings(meeting) == [before[1], before[0], *before[2:]]
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('li')?.id.startsWith('punkt-')")  # the keys go on from it

    page.get_by_label("Hvad handler punktet om?").fill("Om at sige nej")
    page.get_by_label("Minutter").fill("5")
    page.get_by_label("Minutter").press("Enter")
    expect(page.get_by_text("Punktet står på dagsordenen.")).to_be_visible()
    expect(page.get_by_text("Punkterne varer 5 minutter længere end mødet.")).to_be_visible()
    press(page.get_by_role("button", name="Fjern: Om at sige nej"))
    expect(page.get_by_text("Punktet er taget af dagsordenen.")).to_be_visible()
    assert len(headings(meeting)) == len(before)


def test_a_member_brings_a_topic_marks_another_and_takes_a_role_by_keyboard(sit_down, meeting):
    page = sit_down("leder", PHONE)
    page.goto(meeting.get_absolute_url())
    press(page.get_by_role("link", name="Tilføj et emne"))
    sound(page)
    page.get_by_label("Emne", exact=True).fill("Når gruppen nikker for hurtigt")
    page.get_by_label("Holdning: noget, du mener og gerne vil have prøvet af").check()
    press(page.get_by_role("button", name="Tilføj emnet"))
    expect(page.get_by_text("Emnet er tilføjet.")).to_be_visible()
    topic = Topic.objects.latest("pk")
    assert (topic.title, topic.meeting, topic.author) == ("Når gruppen nikker for hurtigt", meeting, person("leder"))

    mark = page.get_by_role("button", name=f"Tal om det først {topic.title}")
    assert mark.get_attribute("aria-pressed") == "false"
    press(mark)
    expect(page.get_by_role("button", name=f"Tal om det først {topic.title}", pressed=True)).to_be_visible()
    assert TopicMark.objects.filter(topic=topic, user=person("leder")).exists()
    press(page.get_by_role("button", name=f"Sæt på dagsordenen {topic.title}"))
    expect(page.get_by_text("Emnet står på dagsordenen.")).to_be_visible()
    assert topic.title in headings(meeting)

    press(page.get_by_role("button", name="Tag rollen Vært"))
    expect(page.get_by_role("button", name="Giv tilbage Vært")).to_be_visible()
    assert MeetingRole.objects.get(meeting=meeting, role="host").user == person("leder")
    page.goto("/")
    expect(page.get_by_text("Du er vært")).to_be_visible()


def test_all_screens_follow_the_meeting_and_it_can_be_steered_without_javascript(sit_down, meeting):
    members = sit_down("leder", PHONE)
    members.goto(meeting.get_absolute_url() + "visning/")
    expect(members.get_by_role("heading", name="Klar, når I er")).to_be_visible()
    sound(members)

    steering = sit_down("tovholder", PHONE, java_script_enabled=False)
    steering.goto(meeting.get_absolute_url())
    steering.get_by_role("link", name="Åbn mødevisning").click()
    steering.get_by_role("button", name="Begynd mødet").click()
    points = headings(meeting)
    expect(steering.get_by_role("heading", name=points[0])).to_be_visible()
    expect(steering.get_by_text("10 minutter tilbage", exact=True)).to_be_visible()
    steering.get_by_role("button", name="Næste punkt").click()
    expect(steering.get_by_role("heading", name=points[1])).to_be_visible()

    expect(members.get_by_role("heading", name=points[1], level=1)).to_be_visible(timeout=30_000)  # by itself
    assert members.get_by_role("button", name="Næste punkt").count() == 0
    sound(members)
    press(members.get_by_text("Spilleregler", exact=True))
    expect(members.get_by_text("Vi skiftes til at være vært.")).to_be_visible()

    steering.get_by_role("button", name="Næste punkt").click()
    moved = members.get_by_role("link", name="Mødet er gået videre. Vis, hvor I er nu")
    expect(moved).to_be_visible(timeout=30_000)  # whoever is reading is told, not moved
    press(moved)
    expect(members.get_by_role("heading", name=points[2], level=1)).to_be_visible()


def test_the_coordinator_shares_out_the_roles_by_keyboard(sit_down, meeting):
    page = sit_down("tovholder", PHONE)
    page.goto(meeting.get_absolute_url())
    press(page.get_by_role("link", name="Hvem har tur?"))
    sound(page)

    press(page.get_by_role("button", name="Fordel rollerne sådan"))

    expect(page.get_by_text("roller er fordelt.")).to_be_visible()
    assert MeetingRole.objects.filter(meeting=meeting, role="host").exists()
    expect(page.get_by_role("button", name="Fordel rollerne sådan")).to_have_count(0)
