"""Each journey once more without a mouse. Feedback rounds have theirs in test_feedback_round.py."""

import re

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from meetings.models import Meeting, MeetingPlan, Rsvp, Topic
from members.models import User
from netvaerk.demo import PASSWORD
from netvaerk.tests.browser.chromium import PHONE
from netvaerk.tests.browser.conftest import person
from netvaerk.tests.browser.keyboard import Keyboard
from netvaerk.tests.browser.test_journeys import button, free_day, heading, link, typed
from networks.models import Application, Charter, CharterAnswer, Membership, Network

pytestmark = pytest.mark.browser


@pytest.fixture
def meeting(demo):
    return Meeting.objects.filter(network__slug="ledere-paa-tvaers").upcoming(timezone.now()).first()


def text_field(page, name):
    return page.get_by_role("main").get_by_label(name, exact=True)


def test_one_signs_in_is_told_what_is_wrong_changes_language_and_signs_out(sit_down):
    page = sit_down()
    keys = Keyboard(page)
    page.goto("/")
    keys.press(button(page, "Log ind", exact=True))
    summary = page.locator(".error-summary")
    expect(summary).to_be_focused()
    keys.press(summary.get_by_role("link").first)
    expect(page.get_by_label("E-mail")).to_be_focused()
    page.keyboard.type("leder@demo.invalid")
    keys.write(page.get_by_label("Adgangskode", exact=True), PASSWORD)
    page.keyboard.press("Enter")
    expect(heading(page, "Min side")).to_be_visible()

    skip = page.get_by_role("link", name="Gå til indholdet")
    keys.go_to(skip)
    assert len(keys.stops) == 1
    keys.press(page.get_by_role("button", name="English"))
    expect(heading(page, "My page")).to_be_visible()
    assert person("leder").language == User.Language.ENGLISH
    keys.press(page.get_by_role("button", name="Sign out"))
    expect(heading(page, "Sign in")).to_be_visible()


def test_every_stop_of_a_long_page_is_met_forwards_and_backwards(sit_down):
    page = sit_down("tovholder")
    keys = Keyboard(page)
    page.goto("/netvaerk/ledere-paa-tvaers/moeder/ny-plan/")
    last = page.locator("footer a").last
    keys.go_to(last)
    forwards = [*keys.stops]
    keys.go_to(page.get_by_role("link", name="Gå til indholdet"), backwards=True)
    assert keys.stops == forwards[-2::-1]


def test_a_leader_finds_a_network_and_signs_up(sit_down):
    page = sit_down("ny", PHONE)
    keys = Keyboard(page)
    page.goto("/")
    keys.press(page.get_by_role("button", name="Menu"))
    keys.press(page.get_by_role("navigation", name="Hovedmenu").get_by_role("link", name="Netværk", exact=True))
    expect(page.get_by_role("heading", name="Netværk", level=1)).to_be_visible()
    keys.write(page.get_by_role("main").get_by_label("Søg"), "nye")
    keys.choose(page.get_by_label("Netværkstype"), "Tværfagligt netværk")
    keys.press(button(page, "Vis"))
    keys.press(link(page, "Nye ledere på tværs"))
    keys.press(link(page, "Tilmeld dig"))
    keys.press(button(page, "Tilmeld dig"))  # the terms are not accepted yet
    expect(page.locator(".error-summary")).to_be_focused()
    keys.tick(page.get_by_role("checkbox"))
    keys.press(button(page, "Tilmeld dig"))
    expect(page.get_by_role("main")).to_contain_text("HR svarer dig på mail")
    assert Application.objects.get(leader__user=person("ny")).state == Application.State.PENDING


def test_a_member_answers_a_meeting_and_brings_a_topic(sit_down, meeting):
    page = sit_down("leder", PHONE)
    keys = Keyboard(page)
    page.goto("/")
    keys.press(button(page, "Jeg deltager"))
    expect(page.get_by_text("Du deltager", exact=True)).to_be_visible()
    assert Rsvp.objects.get(meeting=meeting, user=person("leder")).answer == Rsvp.Answer.ACCEPTED

    page.goto(meeting.get_absolute_url())
    keys.press(link(page, "Tilføj et emne"))
    keys.press(button(page, "Tilføj emnet"))  # nothing is written yet
    expect(page.locator(".error-summary")).to_be_focused()
    keys.write(text_field(page, "Emne"), "Når gruppen nikker for hurtigt")
    keys.pick(page.get_by_label("Holdning: noget, du mener og gerne vil have prøvet af"))
    keys.press(button(page, "Tilføj emnet"))
    expect(page.get_by_text("Emnet er tilføjet.")).to_be_visible()
    topic = Topic.objects.latest("pk")
    assert (topic.title, topic.kind, topic.author) == ("Når gruppen nikker for hurtigt", "opinion", person("leder"))


def test_a_member_reads_a_charter_and_agrees(sit_down):
    charter = Charter.objects.get(state="proposed", network__memberships__leader__user=person("leder"))
    page = sit_down("leder", PHONE)
    keys = Keyboard(page)
    page.goto("/")
    keys.press(page.locator(f'main a[href="{charter.get_absolute_url()}"]').first)
    keys.press(button(page, "Sig ja"))
    expect(page.get_by_role("main")).to_contain_text("Du har sagt ja")
    answer = CharterAnswer.objects.get(charter=charter, membership__leader__user=person("leder"))
    assert answer.answer == CharterAnswer.Answer.CONSENTS


def test_the_coordinator_runs_the_meeting_on_the_screen(sit_down, meeting):
    page = sit_down("tovholder")
    keys = Keyboard(page)
    page.goto(meeting.get_absolute_url())
    keys.press(link(page, "Åbn mødevisning"))
    keys.press(button(page, "Begynd mødet"))
    expect(page.get_by_text("Punkt 1 af")).to_be_visible()
    keys.press(button(page, "Næste punkt"))
    expect(page.get_by_text("Punkt 2 af")).to_be_visible()
    keys.press(page.locator("summary", has_text="Hele dagsordenen"))
    expect(page.locator(".running-all")).to_be_visible()
    keys.go_to(button(page, "Forrige punkt"), backwards=True)
    page.keyboard.press("Enter")
    expect(page.get_by_text("Punkt 1 af")).to_be_visible()
    for number in range(2, meeting.agenda_items.count() + 1):
        keys.press(button(page, "Næste punkt"))
        expect(page.get_by_text(f"Punkt {number} af")).to_be_visible()
    keys.press(button(page, "Slut mødevisningen"))
    expect(button(page, "Næste punkt")).to_have_count(0)


def test_the_coordinator_plans_a_season(sit_down):
    page = sit_down("tovholder", PHONE)
    keys = Keyboard(page)
    page.goto("/netvaerk/ledere-paa-tvaers/moeder/")
    keys.press(link(page, "Planlæg møder"))
    keys.press(button(page, "Foreslå datoer"))  # nothing is filled in yet
    expect(page.locator(".error-summary")).to_be_focused()
    keys.write(text_field(page, "Sæsonens navn"), "Næste sæson")
    keys.write(text_field(page, "Første møde"), typed(free_day(400)))
    keys.write(page.get_by_label("Fra kl."), "9")
    keys.choose(page.get_by_label("Eller varighed"), "2 timer")
    keys.write(page.get_by_label("Sted"), "Rådhuset")
    keys.write(page.get_by_label("Antal møder"), "2")
    keys.press(button(page, "Foreslå datoer"))
    keys.press(button(page, "Offentliggør mødeplan"))
    expect(page.get_by_text("2 møder bliver indkaldt.")).to_be_visible()
    keys.press(button(page, "Offentliggør mødeplan"))
    expect(page.get_by_text("Mødeplanen er offentliggjort")).to_be_visible()
    plan = MeetingPlan.objects.get(name="Næste sæson")
    assert (plan.state, plan.meetings.count()) == (MeetingPlan.State.PUBLISHED, 2)


def test_hr_sets_up_a_network_in_eight_steps(sit_down):
    page = sit_down("hr")
    keys = Keyboard(page)
    onwards = button(page, "Gem og fortsæt")
    page.goto("/netvaerk/")
    keys.press(link(page, "Nyt netværk"))
    keys.press(onwards)  # nothing is filled in yet
    expect(page.locator(".error-summary")).to_be_focused()
    keys.write(page.get_by_label("Netværkets navn"), "Ledere om natten")
    keys.choose(page.get_by_label("Kurs", exact=True), "Sammen om ledelse")
    keys.write(page.get_by_label("Formål"), "Vi finder ud af, hvordan man leder dem, man sjældent ser.")
    keys.press(onwards)
    expect(heading(page, "Netværkstype")).to_be_visible()
    keys.pick(page.get_by_label("Tværfagligt netværk"))
    keys.write(page.get_by_label("Hvorfor denne type?"), "Natarbejde er der på tværs af fag.")
    keys.press(onwards)
    expect(heading(page, "Ramme")).to_be_visible()
    keys.write(page.get_by_label("Højst"), "8")
    keys.press(onwards)
    expect(heading(page, "Deltagere")).to_be_visible()
    keys.tick(page.get_by_label("Social og handicap"))
    keys.choose(page.get_by_label("Ledelsesniveau"), "Leder")
    keys.write(page.get_by_label("Deltagerforhold"), "Vi mødes om eftermiddagen, før vagten begynder.")
    keys.press(onwards)
    expect(heading(page, "Temaer og aktiviteter")).to_be_visible()
    keys.write(page.get_by_label("Temaer"), "Ensomhed i vagten\nNærvær på afstand")
    keys.press(onwards)
    expect(heading(page, "Styring og støtte")).to_be_visible()
    keys.write(page.get_by_label("Styring"), "Netværket gør status én gang om året.")
    keys.press(onwards)
    expect(heading(page, "Forankring")).to_be_visible()
    keys.choose(page.get_by_label("Forankret i"), ".*Sundhed og Omsorg")
    keys.choose(page.get_by_label("Ansvarlig chef"), "Birgitte Holm.*")
    keys.choose(page.get_by_label("Kontakt i HR"), "Helle Ravn.*")
    keys.press(onwards)
    expect(heading(page, "Målhierarki")).to_be_visible()
    keys.write(page.get_by_label("Mål 1"), "Færre sygemeldinger om natten")
    keys.write(page.get_by_label("Hvorfor?").first, "Borgerne møder dem, de kender.")
    keys.write(page.get_by_label("Hvordan?").first, "En fælles nattevagt i hvert kvartal.")
    keys.press(button(page, "Gem og se grundlaget"))
    network = Network.objects.get(name="Ledere om natten")
    assert (network.type, network.size_max, len(network.themes.splitlines())) == ("tvaerfaglig", 8, 2)


def test_hr_approves_an_application_searches_and_filters(sit_down):
    application = Application.objects.filter(
        network__name="Skoleledernes netværk", state=Application.State.PENDING
    ).earliest("created_at")
    name = application.leader.user.get_full_name()
    page = sit_down("hr")
    keys = Keyboard(page)
    page.goto("/")
    keys.write(page.get_by_role("banner").get_by_role("searchbox"), "Skoleledernes")
    page.keyboard.press("Enter")
    keys.press(link(page, "Skoleledernes netværk").first)
    keys.press(link(page, "Medlemmer", exact=True))
    keys.press(button(page, re.compile(f"Godkend.*{name}")))
    expect(page.get_by_role("table", name="Medlemmer").get_by_role("rowheader", name=name)).to_be_visible()
    assert Membership.objects.active().filter(network=application.network, leader=application.leader).exists()

    keys.press(page.get_by_role("navigation", name="Hovedmenu").get_by_role("link", name="Opfølgning"))
    keys.choose(page.get_by_role("main").get_by_label("Tilstand"), "Gået i stå")
    keys.press(button(page, "Vis", exact=True))
    expect(page.get_by_role("main").get_by_label("Tilstand")).to_have_value("stalled")
    expect(page.get_by_role("main").get_by_role("heading", name="Kræver opmærksomhed")).to_have_count(0)
