"""Min side: what each part of the house finds first when they sign in."""

from datetime import date, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from meetings import reflection
from meetings.models import FeedbackInvitation, FeedbackRound, Meeting, Rsvp
from meetings.tests.factories import create_agreement, create_meeting, create_round
from members.danish import COPENHAGEN
from members.models import Message
from members.tests.factories import (
    create_board,
    create_field,
    create_hr,
    create_leader,
    create_political,
    create_system_admin,
    create_user,
)
from netvaerk import home
from netvaerk.tests.pages import text_of
from networks import consultation
from networks.models import Application, Membership, Network, StrategicDirection
from networks.tests.factories import create_application, create_direction, create_membership, create_network

pytestmark = pytest.mark.django_db

NOW = datetime(2027, 3, 1, 9, 0, tzinfo=COPENHAGEN)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def leader():
    return create_leader()


def tasks_of(user):
    return [task.what for task in home.content(user, now=NOW)["tasks"]]


def page(client, user):
    client.force_login(user)
    return text_of(client.get("/"))


# --- A leader --------------------------------------------------------------------------------------------------------


def test_a_member_meets_the_next_meeting_with_both_answers(client, leader):
    network = create_membership(leader=leader).network
    create_meeting(network=network, date=date(2027, 3, 4))
    create_meeting(network=network, date=date(2027, 3, 2), state=Meeting.State.CANCELLED)

    said = page(client, leader.user)

    assert "torsdag den 4. marts 2027" in said
    assert "Jeg deltager" in said
    assert "Meld afbud" in said
    assert "2. mar." not in said


def test_a_meeting_of_a_network_one_has_left_is_gone(client, leader):
    network = create_membership(leader=leader, state=Membership.State.LEFT).network
    create_meeting(network=network, date=date(2027, 3, 4))

    assert "4. marts 2027" not in page(client, leader.user)


def test_a_leader_without_a_network_is_shown_the_way(client, leader):
    assert "Find et netværk" in page(client, leader.user)


def test_unanswered_meetings_after_the_next_await_an_answer(leader):
    network = create_membership(leader=leader).network
    for month in (3, 4, 9):
        create_meeting(network=network, date=date(2027, month, 8))
    answered = create_meeting(network=network, date=date(2027, 4, 15))
    Rsvp.objects.create(meeting=answered, user=leader.user, answer=Rsvp.Answer.DECLINED, answered_at=NOW)

    assert tasks_of(leader.user) == [f"Svar på mødet i {network}"]  # not the next one, not one far ahead


def test_a_meeting_one_may_come_to_still_awaits_an_answer(leader):
    network = create_membership(leader=leader, network=create_network(name="Ledere på tværs")).network
    create_meeting(network=network, date=date(2027, 3, 4))
    maybe = create_meeting(network=network, date=date(2027, 3, 11))
    Rsvp.objects.create(meeting=maybe, user=leader.user, answer=Rsvp.Answer.TENTATIVE, answered_at=NOW)

    assert tasks_of(leader.user) == ["Svar på mødet i Ledere på tværs"]


def test_an_open_round_awaits_those_who_owe_an_answer(leader):
    network = create_membership(leader=leader).network
    round = create_round(
        network=network,
        state=FeedbackRound.State.OPEN,
        opens_at=NOW - timedelta(days=1),
        closes_at=NOW + timedelta(days=5),
    )
    FeedbackInvitation.objects.filter(round=round).delete()
    invitation = FeedbackInvitation.objects.create(round=round, user=leader.user)

    before = tasks_of(leader.user)
    invitation.has_answered = True
    invitation.save()

    assert before == [f"Feedbackrunde i {network}"]
    assert tasks_of(leader.user) == []


def test_an_invitation_awaits_the_invited(leader):
    application = create_application(leader=leader, state=Application.State.INVITED)

    assert tasks_of(leader.user) == [f"Du er inviteret til {application.network}"]


def test_what_one_has_agreed_to_do_awaits_and_is_marked_as_done_at_home(client, leader):
    network = create_membership(leader=leader).network
    meeting = create_meeting(network=network, date=date(2027, 2, 25))
    for text, due_on in (
        ("Ringe til Ribe", date(2027, 3, 3)),
        ("For sent", date(2027, 2, 26)),
        ("Om længe", date(2027, 5, 1)),
    ):
        create_agreement(meeting=meeting, text=text, owner=leader.user, due_on=due_on)
    create_agreement(meeting=meeting, text="Uden frist", owner=leader.user)
    create_agreement(meeting=meeting, text="Alles", is_everyones=True)
    create_agreement(meeting=meeting, text="En andens", owner=create_membership(network=network).leader.user)

    assert tasks_of(leader.user) == ["Følg op: For sent", "Følg op: Ringe til Ribe", "Følg op: Uden frist"]
    said = page(client, leader.user)
    assert f"Aftalt i {network}. Fristen var den 26. feb. 2027." in said
    done = network.agreements.get(due_on=date(2027, 3, 3))
    response = client.post(f"/netvaerk/{network.slug}/aftaler/{done.pk}/gjort/", {"next": "/"}, follow=True)
    assert "Aftalen er gjort." in text_of(response)
    assert "Ringe til Ribe" not in text_of(response)


def test_meetings_to_close_and_agreements_nobody_has_await_the_coordinator(leader):
    network = create_membership(leader=leader, is_coordinator=True).network
    member = create_membership(network=network).leader.user
    meeting = create_meeting(network=network, date=date(2027, 2, 25))
    create_agreement(meeting=meeting)
    create_agreement(meeting=meeting)

    assert tasks_of(leader.user) == [f"Afslut mødet i {network}", f"2 aftaler i {network} mangler en ansvarlig"]
    assert tasks_of(member) == []
    Meeting.objects.update(closed_at=NOW)
    assert tasks_of(leader.user) == [f"2 aftaler i {network} mangler en ansvarlig"]


def test_the_last_meeting_asks_oneself_a_question_until_it_is_answered(client, leader):
    network = create_membership(leader=leader).network
    meeting = create_meeting(network=network, date=date(2027, 2, 25), state=Meeting.State.HELD)

    said = page(client, leader.user)

    assert f"Skriv en note efter mødet i {network} 25. feb. 2027" in said
    assert "Kun du kan læse den." in said
    assert tasks_of(leader.user) == []
    reflection.write(leader.user, text="x", meeting=meeting, now=NOW)
    assert "Skriv en note efter mødet" not in page(client, leader.user)
    assert "Din refleksionslog" in page(client, leader.user)


# --- HR and top management -------------------------------------------------------------------------------------------


def test_hr_meets_applications_returned_bases_and_stuck_messages():
    network = create_network(name="Skoleledere", state=Network.State.ENROLLING)
    create_application(network=network)
    create_application(network=network)
    create_network(name="Kultur", state=Network.State.RETURNED)
    person = create_user()
    Message.objects.create(
        kind="meeting_reminder", subject_id=1, recipient=person, created_at=NOW, due_at=NOW, state=Message.State.FAILED
    )

    assert tasks_of(create_hr()) == [
        "2 tilmeldinger til Skoleledere venter på svar",
        "Kultur er sendt retur",
        "1 besked er ikke nået frem",
    ]


def test_only_the_named_sponsor_is_asked_to_approve():
    sponsor = create_leader().user
    network = create_network(state=Network.State.SUBMITTED, sponsor=sponsor)

    assert tasks_of(sponsor) == [f"Godkend grundlaget for {network}"]
    assert tasks_of(create_board()) == []


def test_the_board_is_asked_to_approve_a_kurs():
    create_direction(title="Nærhed", state=StrategicDirection.State.SUBMITTED)

    assert tasks_of(create_board()) == ["Kursen “Nærhed” venter på godkendelse"]
    assert tasks_of(create_political()) == []


@pytest.mark.parametrize(
    ("create", "words"),
    [(create_political, "Se status"), (create_system_admin, "Se driftstal"), (create_hr, "Opret netværk")],
)
def test_each_part_finds_its_first_step(client, create, words):
    assert words in page(client, create())


def test_others_tasks_are_not_shown_to_a_leader(leader):
    create_application(network=create_network(state=Network.State.ENROLLING))
    create_network(state=Network.State.SUBMITTED)

    assert tasks_of(leader.user) == []


def test_those_asked_are_led_to_the_høring_until_they_have_answered():
    hr, asked = create_hr(), create_leader().user
    draft = create_network(state=Network.State.DRAFT, hr_contact=hr, name="Kladden")
    consultation.add_people(draft, people=[asked], actor=hr, now=NOW)
    out = consultation.consult(draft, deadline=NOW.date() + timedelta(days=5), actor=hr, now=NOW)

    assert tasks_of(asked) == ["Høring om Kladden"]
    consultation.reply(out, text="Fint", actor=asked, now=NOW)
    assert tasks_of(asked) == []


# --- Cost ------------------------------------------------------------------------------------------------------------


def queries_of(client, user):
    client.force_login(user)
    client.get("/")
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get("/").status_code == 200
    return len(captured)


def test_home_costs_the_same_however_much_there_is(client):
    counts = set()
    create_network()  # one more in the catalogue, so that each run has one to suggest
    for rows in (1, 3, 50):
        leader = create_leader()
        for number in range(rows):
            network = create_membership(leader=leader).network
            create_meeting(network=network, date=date(2027, 3, 8) + timedelta(days=number % 20))
            create_application(leader=leader, state=Application.State.INVITED)
        counts.add(queries_of(client, leader.user))

    assert len(counts) == 1


def test_home_of_a_coordinator_costs_the_same_however_much_awaits(client):
    counts = set()
    create_network(fields=[create_field()])
    for rows in (1, 3, 12):
        leader = create_leader(field=create_field())
        for number in range(rows):
            network = create_membership(leader=leader, is_coordinator=True).network
            create_meeting(network=network, date=date(2027, 3, 8) + timedelta(days=number))
            create_meeting(network=network, date=date(2027, 4, 8), state=Meeting.State.POSTPONED)
            been = create_meeting(network=network, date=date(2027, 1, 25) + timedelta(days=number % 5))
            create_agreement(meeting=been)  # nobody's
            create_agreement(meeting=been, owner=leader.user)
        assert len(tasks_of(leader.user)) >= 4 * rows
        counts.add(queries_of(client, leader.user))

    assert len(counts) == 1
    assert counts.pop() <= 22


def test_hr_meets_first_the_networks_that_have_come_to_a_halt(client):
    started = NOW - timedelta(days=200)
    for name in ("Dagtilbud", "Skole", "Pleje", "Teknik"):
        create_network(name=name, started_at=started)
    lively = create_network(name="Kultur", started_at=started)
    create_meeting(network=lively, date=date(2027, 2, 4), state=Meeting.State.HELD)

    said = page(client, create_hr())

    assert "Gået i stå 4 Dagtilbud Intet møde holdt endnu, siden 13. aug. 2026" in said
    assert "Skole Intet møde" in said
    assert "Teknik Intet møde" not in said  # three are enough; the rest stand behind the link
    assert "Kultur Intet" not in said
    assert "Se alt i Opfølgning" in said
    assert "Gået i stå" not in page(client, create_board())


def test_a_sponsor_in_hr_is_asked_to_approve_nothing():
    hr = create_hr()
    create_network(state=Network.State.SUBMITTED, sponsor=hr)

    assert tasks_of(hr) == []


@pytest.mark.parametrize("who", [create_hr, create_board, create_political])
def test_home_of_those_who_look_after_the_whole_takes_few_queries(client, who):
    create_network()

    assert queries_of(client, who()) <= 12


def test_home_of_hr_costs_the_same_however_much_there_is(client):
    hr = create_hr()
    counts = set()
    for rows in (1, 2, 47):
        for _number in range(rows):
            create_application(network=create_network(state=Network.State.ENROLLING))
            create_network(state=Network.State.RETURNED)
        counts.add(queries_of(client, hr))

    assert len(counts) == 1
