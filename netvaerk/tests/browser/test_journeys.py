"""One day for each kind of person: what they would click, seen on the page and found in the database."""

import json
import re
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from meetings.days import Days
from meetings.models import FeedbackInvitation, FeedbackResponse, FeedbackRound, Meeting, MeetingPlan, Rsvp
from members.danish import COPENHAGEN, full_date
from members.models import Leader, LeaderImport, Message
from members.tasks import send_due
from netvaerk.demo import PASSWORD
from netvaerk.tests.browser.chromium import PHONE
from netvaerk.tests.browser.conftest import person
from networks.models import Application, Membership, Network

pytestmark = pytest.mark.browser

LEADERS_FILE = Path(__file__).parents[3] / "members" / "tests" / "data" / "ledere.csv"


def sign_in(page, login):
    """By the door everybody uses."""
    page.goto("/")
    page.get_by_label("E-mail").fill(f"{login}@demo.invalid")
    page.get_by_label("Adgangskode").fill(PASSWORD)
    page.get_by_role("button", name="Log ind").click()
    expect(page.get_by_role("heading", name="Min side")).to_be_visible()


def menu(page, name):
    """A link of the main menu, unfolded first on a phone."""
    button = page.get_by_role("button", name="Menu")
    if button.is_visible():
        button.click()
    page.get_by_role("navigation", name="Hovedmenu").get_by_role("link", name=name, exact=True).click()


def link(page, name, **options):
    return page.get_by_role("main").get_by_role("link", name=name, **options)


def button(page, name, **options):
    return page.get_by_role("main").get_by_role("button", name=name, **options)


def heading(page, name):
    return page.get_by_role("heading", name=name)


def day(number_of_days):
    return (timezone.now() + timedelta(days=number_of_days)).astimezone(COPENHAGEN).date()


def free_day(number_of_days):
    """The first day from then on that a plan does not pass over."""
    return next(date for date in map(day, count(number_of_days)) if not Days(date, date).marks(date))


def typed(date):
    return f"{date.day}.{date.month}.{date.year}"


# --- HR --------------------------------------------------------------------------------------------------------------


def test_hr_reads_the_file_in_and_the_second_time_nothing_changes(sit_down):
    page = sit_down()
    sign_in(page, "hr")
    upload(page)
    expect(page.get_by_text("1 ny, 0 ændrede")).to_be_visible()  # the demo has ended one post the file still holds
    button(page, "Indlæs 1 leder").click()
    assert LeaderImport.objects.latest("pk").state == LeaderImport.State.APPLIED
    before = list(Leader.objects.order_by("pk").values())

    upload(page)

    expect(heading(page, "Filen ændrer ingenting")).to_be_visible()
    button(page, "Luk").click()
    expect(heading(page, "Ledere")).to_be_visible()
    assert list(Leader.objects.order_by("pk").values()) == before


def upload(page):
    menu(page, "Ledere")
    link(page, "Indlæs ledere").click()
    page.get_by_label("Fil med ledere").set_input_files(LEADERS_FILE)
    button(page, "Gennemse filen").click()


def test_hr_sets_up_a_network_and_sends_it_for_approval(sit_down):
    page = sit_down("hr")
    page.goto("/")
    menu(page, "Netværk")
    link(page, "Nyt netværk").click()

    page.get_by_label("Netværkets navn").fill("Ledere om natten")
    page.get_by_label("Kurs", exact=True).select_option(label="Sammen om ledelse")
    page.get_by_label("Formål").fill("Vi finder ud af, hvordan man leder dem, man sjældent ser.")
    button(page, "Gem og fortsæt").click()

    expect(heading(page, "Netværkstype")).to_be_visible()
    page.get_by_label("Tværfagligt netværk").check()
    page.get_by_label("Hvorfor denne type?").fill("Natarbejde er der på tværs af fag.")
    button(page, "Gem og fortsæt").click()

    expect(heading(page, "Ramme")).to_be_visible()
    page.get_by_label("Højst").fill("8")
    button(page, "Gem og fortsæt").click()

    expect(heading(page, "Deltagere")).to_be_visible()
    page.get_by_label("Ældre og sundhed").check()
    page.get_by_label("Social og handicap").check()
    page.get_by_label("Ledelsesniveau").select_option(label="Leder")
    page.get_by_label("Deltagerforhold").fill("Vi mødes om eftermiddagen, før vagten begynder.")
    button(page, "Gem og fortsæt").click()

    expect(heading(page, "Temaer og aktiviteter")).to_be_visible()
    page.get_by_label("Temaer").fill("Ensomhed i vagten\nNærvær på afstand")
    button(page, "Gem og fortsæt").click()

    expect(heading(page, "Styring og støtte")).to_be_visible()
    page.get_by_label("Styring").fill("Netværket gør status én gang om året.")
    page.get_by_label("Støtte").fill("Forplejning og timer i vagtplanen.")
    button(page, "Gem og fortsæt").click()

    expect(heading(page, "Forankring")).to_be_visible()
    page.get_by_label("Forankret i").select_option(label="Sundhed og Omsorg")
    page.get_by_label("Ansvarlig chef").select_option(label="Birgitte Holm")
    page.get_by_label("Kontakt i HR").select_option(label="Helle Ravn")
    button(page, "Gem og fortsæt").click()

    expect(heading(page, "Målhierarki")).to_be_visible()
    page.get_by_label("Mål 1").fill("Færre sygemeldinger om natten")
    page.get_by_label("Hvorfor?").first.fill("Borgerne møder dem, de kender.")
    page.get_by_label("Hvordan?").first.fill("En fælles nattevagt i hvert kvartal.")
    button(page, "Gem og se grundlaget").click()

    link(page, "Send til godkendelse").click()
    button(page, "Send til godkendelse").click()
    expect(page.get_by_text("Grundlaget venter på Birgitte Holm")).to_be_visible()
    network = Network.objects.get(name="Ledere om natten")
    assert (network.state, network.type, network.size_max) == (Network.State.SUBMITTED, "tvaerfaglig", 8)
    assert {field.name for field in network.fields.all()} == {"Ældre og sundhed", "Social og handicap"}
    asked = Message.objects.filter(kind="approval_requested", subject_id=network.decisions.get().pk)
    assert [message.recipient for message in asked] == [person("direktion")]


def test_hr_gives_a_leader_a_seat_and_follows_the_mail(sit_down):
    application = Application.objects.filter(
        network__name="Skoleledernes netværk", state=Application.State.PENDING
    ).earliest("created_at")
    name = application.leader.user.get_full_name()
    page = sit_down("hr")
    page.goto("/")
    link(page, re.compile("Se tilmeldinger.*Skoleledernes netværk")).click()
    button(page, re.compile(f"Godkend.*{name}")).click()
    members = page.get_by_role("table", name="Medlemmer")
    expect(members.get_by_role("rowheader", name=name)).to_be_visible()
    assert Membership.objects.active().filter(network=application.network, leader=application.leader).exists()

    # The mail server says no; HR finds the message and has it sent again
    message = Message.objects.get(subject_id=application.pk, kind="application_approved")
    Message.objects.filter(pk=message.pk).update(
        state=Message.State.FAILED, last_code=550, last_error="550 mailbox unavailable", settled_at=timezone.now()
    )
    page.goto("/")
    link(page, "Se beskeder").click()
    page.get_by_label("Tilstand").select_option(Message.State.FAILED)
    button(page, "Vis").click()
    button(page, re.compile("Prøv igen.*" + name)).click()
    message.refresh_from_db()
    assert message.state in (Message.State.DUE, Message.State.RETRY)


# --- Top management --------------------------------------------------------------------------------------------------


def test_the_board_approves_a_network_and_reads_the_status(sit_down):
    page = sit_down("direktion")
    page.goto("/")
    link(page, re.compile("Læs og afgør.*Beskæftigelse og social sammen")).click()
    link(page, "Godkend", exact=True).click()
    button(page, "Godkend").click()
    expect(page.get_by_role("main")).to_contain_text("Godkendt")
    network = Network.objects.get(name="Beskæftigelse og social sammen")
    assert network.state == Network.State.APPROVED
    assert network.decisions.latest("decided_at").decided_by == person("direktion")

    menu(page, "Status")
    active = Network.objects.filter(state=Network.State.ACTIVE).count()
    expect(page.get_by_role("main")).to_contain_text(f"{active} netværk er aktive")


def test_politicians_read_how_it_goes_and_meet_nobodys_name(sit_down):
    names = {membership.leader.user.get_full_name() for membership in Membership.objects.select_related("leader__user")}
    assert len(names) > 30
    page = sit_down("byraad")
    page.goto("/")
    link(page, "Se status").click()
    expect(heading(page, "Status")).to_be_visible()
    pages = [page.content()]
    for network in Network.objects.filter(state=Network.State.ACTIVE)[:4]:
        page.goto("/status/")
        link(page, network.name, exact=True).click()
        expect(page.get_by_role("heading", level=1)).to_have_text(network.name)
        pages.append(page.content())
    assert [name for name in names if any(name in said for said in pages)] == []


# --- Leaders, on a phone ---------------------------------------------------------------------------------------------


def test_a_coordinator_lays_a_plan_and_publishes_it(sit_down):
    network = Network.objects.get(slug="ledere-paa-tvaers")
    first = free_day(400)
    page = sit_down(screen=PHONE)
    sign_in(page, "tovholder")
    link(page, "Ledere på tværs").last.click()
    link(page, "Møder", exact=True).click()
    link(page, "Planlæg møder").click()
    page.get_by_label("Sæsonens navn").fill("Næste sæson")
    page.get_by_label("Første møde").fill(typed(first))
    page.get_by_label("Fra kl.").fill("9")
    page.get_by_label("Til kl.").fill("11.30")
    page.get_by_label("Sted").fill("Rådhuset, byrådssalen")
    page.get_by_label("Antal møder").fill("3")
    button(page, "Foreslå datoer").click()

    # The second meeting falls out, the first is held elsewhere
    plan = MeetingPlan.objects.get(name="Næste sæson")
    assert (plan.state, plan.meetings.count()) == (MeetingPlan.State.DRAFT, 3)
    page.get_by_label(re.compile("^Sted, mødet")).first.fill("Biblioteket")
    page.get_by_label(re.compile("^Fjern, mødet")).nth(1).check()
    button(page, "Offentliggør mødeplan").click()
    expect(page.get_by_text("2 møder bliver indkaldt.")).to_be_visible()
    button(page, "Offentliggør mødeplan").click()
    expect(page.get_by_role("main")).to_contain_text("Biblioteket")
    plan.refresh_from_db()
    meetings = plan.meetings.order_by("starts_at")
    assert plan.state == MeetingPlan.State.PUBLISHED
    assert [meeting.place for meeting in meetings] == ["Biblioteket", "Rådhuset, byrådssalen"]
    assert meetings[0].date == first
    invited = Message.objects.filter(kind="meeting_invitation", subject_id=meetings[0].pk)
    assert invited.count() == network.memberships.active().count()


def test_a_coordinator_moves_a_meeting_and_corrects_who_came(sit_down):
    meeting = Meeting.objects.filter(network__slug="ledere-paa-tvaers").upcoming(timezone.now()).first()
    to = meeting.date + timedelta(days=1)
    page = sit_down("tovholder", PHONE)
    page.goto("/")
    menu(page, "Møder")
    page.locator(f'a[href="{meeting.get_absolute_url()}"]').click()
    link(page, "Flyt møde").click()
    page.get_by_label("Ny dato").fill(typed(to))
    page.get_by_label("Begrundelse").fill("Lokalet er optaget.")
    button(page, "Flyt møde").click()
    page.wait_for_load_state()
    if (despite := button(page, "Brug tidspunktet alligevel")).is_visible():  # a holiday, or the members are elsewhere
        despite.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(full_date(to))
    sequence = meeting.sequence
    meeting.refresh_from_db()
    assert (meeting.date, meeting.sequence) == (to, sequence + 1)
    assert Message.objects.filter(kind="meeting_changed", subject_id=meeting.pk, sequence=meeting.sequence).exists()

    # One who said yes was not there after all
    held = Meeting.objects.filter(network__slug="ledere-paa-tvaers", state=Meeting.State.HELD).latest("starts_at")
    came = held.attendances.filter(presence="present")
    before = came.count()
    menu(page, "Møder")
    link(page, "Tidligere").click()
    page.locator(f'a[href="{held.get_absolute_url()}"]').click()
    link(page, "Ret fremmøde").click()
    page.get_by_role("checkbox", name=str(came.first().user)).uncheck()
    button(page, "Registrér fremmøde").click()
    expect(heading(page, "Fremmøde")).to_be_visible()
    assert came.count() == before - 1


def test_a_coordinator_plans_a_feedback_round(sit_down):
    page = sit_down("tovholder", PHONE)
    page.goto("/netvaerk/ledere-paa-tvaers/")
    link(page, "Feedback", exact=True).click()
    link(page, "Planlæg feedbackrunde").click()
    page.get_by_label("Åbner den").fill(typed(day(60)))
    page.get_by_label("Lukker den").fill(typed(day(70)))
    button(page, "Planlæg runden").click()
    expect(page.get_by_role("main")).to_contain_text(full_date(day(60)))
    round = FeedbackRound.objects.latest("opens_at")
    assert (round.state, round.opens_at.astimezone(COPENHAGEN).date()) == (FeedbackRound.State.DRAFT, day(60))


def test_a_member_answers_a_meeting_and_subscribes(sit_down):
    member = person("leder")
    meeting = Meeting.objects.of_member(member).upcoming(timezone.now()).first()
    page = sit_down(screen=PHONE)
    sign_in(page, "leder")
    button(page, "Jeg deltager").click()
    expect(page.get_by_text("Du deltager", exact=True)).to_be_visible()
    assert Rsvp.objects.get(meeting=meeting, user=member).answer == Rsvp.Answer.ACCEPTED
    button(page, "Meld afbud").click()
    expect(page.get_by_text("Du har meldt afbud", exact=True)).to_be_visible()
    assert Rsvp.objects.get(meeting=meeting, user=member).answer == Rsvp.Answer.DECLINED

    menu(page, "Møder")
    link(page, "Abonnér på kalender").click()
    button(page, "Lav min adresse").click()
    address = page.get_by_label("Din hemmelige adresse").input_value()
    feed = page.request.get(re.sub("^https?://[^/]+", "", address))
    assert feed.status == 200
    assert feed.text().count("BEGIN:VEVENT") >= Meeting.objects.of_member(member).upcoming(timezone.now()).count()
    assert member.calendar_feed is not None


def test_a_member_answers_the_pulse_with_the_keyboard_alone(sit_down):
    member = person("leder")
    round = FeedbackRound.objects.get(state=FeedbackRound.State.OPEN)
    page = sit_down("leder", PHONE)
    page.goto("/")
    tab_to(page, "Svar Feedbackrunde")
    page.keyboard.press("Enter")
    expect(heading(page, "Hvordan går det i netværket?")).to_be_visible()
    groups = page.locator("fieldset.scale").count()
    for _group in range(groups):
        tab_to(page, "", kind="radio")
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowRight")
    tab_to(page, "", kind="textarea")
    page.keyboard.type("At vi holder fast i den første runde.")
    tab_to(page, "Send svar")
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_contain_text("Tak")
    assert FeedbackInvitation.objects.get(round=round, user=member).has_answered
    said = FeedbackResponse.objects.get(round=round).answers
    assert len(said) > groups
    assert "At vi holder fast i den første runde." in said.values()


def tab_to(page, words, kind="", at_most=60):
    """Press Tab until what has the focus is a `kind` that says `words`."""
    for _press in range(at_most):
        page.keyboard.press("Tab")
        focused = page.evaluate(
            "({type: (document.activeElement.type || ''), tag: document.activeElement.tagName.toLowerCase(),"
            " text: document.activeElement.textContent.replace(/\\s+/g, ' ').trim()})"
        )
        is_there = focused["tag"] != "body" and kind in (focused["type"], focused["tag"], "")
        if is_there and words in focused["text"]:
            return
    raise AssertionError(f"Tab never reached {kind} {words!r}")


def test_a_leader_without_a_network_finds_one_and_thinks_again(sit_down):
    leader = person("ny")
    page = sit_down(screen=PHONE)
    sign_in(page, "ny")
    fitting = page.locator("h2", has_text="Netværk, der passer til dig")
    expect(fitting).to_be_visible()
    link(page, "Nye ledere på tværs").click()
    link(page, "Tilmeld dig").click()
    page.get_by_role("checkbox").check()
    button(page, "Tilmeld dig").click()
    expect(page.get_by_role("main")).to_contain_text("HR svarer dig på mail")
    application = Application.objects.get(leader__user=leader)
    assert (application.state, application.network.name) == (Application.State.PENDING, "Nye ledere på tværs")
    assert application.terms_accepted_at

    menu(page, "Netværk")
    link(page, "Nye ledere på tværs").click()
    link(page, "Træk tilmelding tilbage").click()
    button(page, "Træk tilmelding tilbage").click()
    expect(page.get_by_role("main")).to_contain_text("trukket")
    application.refresh_from_db()
    assert application.state == Application.State.WITHDRAWN


# --- Operations ------------------------------------------------------------------------------------------------------


def test_a_system_administrator_sees_numbers_and_no_rooms(sit_down):
    send_due()  # the worker's turn
    page = sit_down()
    sign_in(page, "system")
    expect(page.get_by_role("main")).to_contain_text("Du passer systemet")
    link(page, "Se driftstal").click()
    numbers = json.loads(page.locator("body").inner_text())
    waiting = Message.objects.filter(state=Message.State.DUE, due_at__lte=timezone.now()).count()
    assert numbers["database"] == 1
    assert waiting == 0
    assert numbers["tick_age"] < 300
