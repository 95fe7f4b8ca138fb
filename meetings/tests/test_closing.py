"""Closing a meeting: all of it or none, once, and then it stands until it is opened again for all to see."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from meetings import attendance, closing, reconciliation
from meetings.models import Agreement, Meeting, Minutes
from meetings.tests.factories import create_meeting
from meetings.tests.people import create_people
from members import kinds
from members.models import AuditEvent, Message
from members.outbox import Suppress
from networks.conflicts import ChangedMeanwhile
from networks.models import Membership
from networks.refusal import Refused

pytestmark = pytest.mark.django_db

NOW = datetime(2027, 3, 4, 14, 30, tzinfo=UTC)  # half an hour after the meeting


@pytest.fixture
def people():
    return create_people()


@pytest.fixture
def meeting(people):
    return create_meeting(network=people.network)


def write(meeting, people, **others):
    terms = {"present": [people.member.pk], "carried_over": "Runden om grænser", "seen": 0, "now": NOW} | others
    return closing.write(meeting, actor=people.coordinator, **terms)


def close(meeting, people, **others):
    return write(meeting, people, is_closing=True, **others)


def test_closing_notes_who_came_what_was_agreed_and_what_is_carried_over(people, meeting):
    agreed = {"text": "Ringe til Ribe", "owner": people.member, "is_everyones": False, "due_on": None}

    close(meeting, people, new_agreements=[agreed])

    meeting.refresh_from_db()
    assert (meeting.state, meeting.closed_at) == (Meeting.State.HELD, NOW)
    assert [(kind.value, users) for kind, users in attendance.presence(meeting)] == [
        ("present", [people.member]),
        ("absent", [people.coordinator]),
    ]
    assert Agreement.objects.get().text == "Ringe til Ribe"
    minutes = Minutes.objects.get()
    assert (minutes.carried_over, minutes.closed_by) == ("Runden om grænser", people.coordinator)
    assert AuditEvent.objects.filter(verb="close_meeting", network_id=people.network.pk).count() == 1


def test_saving_without_closing_leaves_it_open(people, meeting):
    write(meeting, people, present=[])

    meeting.refresh_from_db()
    assert (meeting.state, meeting.closed_at) == (Meeting.State.CONVENED, None)
    assert Minutes.objects.get().carried_over == "Runden om grænser"


def test_what_cannot_be_closed_leaves_no_trace(people, meeting):
    agreed = {"text": "Ringe til Ribe", "owner": None, "is_everyones": True, "due_on": None}
    with pytest.raises(Refused, match="mindst én"):
        close(meeting, people, present=[], new_agreements=[agreed])
    with pytest.raises(Refused, match="når det er begyndt"):
        close(meeting, people, now=meeting.starts_at - timedelta(seconds=1))

    assert (Agreement.objects.count(), Minutes.objects.count()) == (0, 0)


def test_a_meeting_nobody_is_left_of_can_be_closed(people):
    meeting = create_meeting(network=people.network, invite=False)

    close(meeting, people, present=[])

    meeting.refresh_from_db()
    assert (meeting.state, meeting.is_closed) == (Meeting.State.HELD, True)


def test_only_the_coordinator_closes_and_opens_again(people, meeting):
    for who in ("member", "hr", "sponsor", "board", "other_leader"):
        with pytest.raises(PermissionDenied):
            closing.write(
                meeting, actor=getattr(people, who), present=[], carried_over="", seen=0, is_closing=True, now=NOW
            )
        with pytest.raises(PermissionDenied):
            closing.close_as_not_held(meeting, actor=getattr(people, who), reason="x", now=NOW)
    close(meeting, people)
    for who in ("member", "hr", "sponsor"):
        with pytest.raises(PermissionDenied):
            closing.reopen(meeting, actor=getattr(people, who), reason="x", now=NOW)


def test_the_second_to_save_is_told(people, meeting):
    write(meeting, people)

    with pytest.raises(ChangedMeanwhile) as told:
        close(meeting, people, carried_over="Noget andet")

    assert told.value.current.carried_over == "Runden om grænser"


def test_a_closed_meeting_stands(people, meeting):
    close(meeting, people)

    with pytest.raises(Refused, match="allerede afsluttet"):
        close(meeting, people, seen=1)
    with pytest.raises(Refused, match="allerede afsluttet"):
        closing.close_as_not_held(meeting, actor=people.coordinator, reason="x", now=NOW)
    with pytest.raises(attendance.RepliesClosed, match="afsluttet"):
        attendance.record(meeting, present=[], actor=people.coordinator, now=NOW)


def test_a_meeting_that_was_not_held_says_why_and_mails_nobody(people, meeting):
    with pytest.raises(Refused, match="hvorfor"):
        closing.close_as_not_held(meeting, actor=people.coordinator, reason="", now=NOW)
    with pytest.raises(Refused, match="i gang"):
        closing.close_as_not_held(meeting, actor=people.coordinator, reason="Sne", now=meeting.starts_at)

    closing.close_as_not_held(meeting, actor=people.coordinator, reason="Sne", now=NOW)

    meeting.refresh_from_db()
    assert (meeting.state, meeting.closed_at) == (Meeting.State.CANCELLED, NOW)
    assert meeting.changes.get().reason == "Sne"
    assert not Message.objects.filter(kind="meeting_cancelled").exists()


def test_a_meeting_people_came_to_cannot_be_called_not_held(people, meeting):
    attendance.record(meeting, present=[people.member.pk], actor=people.coordinator, now=NOW)

    with pytest.raises(Refused, match="så mødet er holdt"):
        closing.close_as_not_held(meeting, actor=people.coordinator, reason="Sne", now=NOW)


def test_opening_again_is_logged_shown_and_lets_it_be_put_right(people, meeting):
    close(meeting, people)
    later = NOW + timedelta(days=1)

    closing.reopen(meeting, actor=people.coordinator, reason="Anne var der også", now=later)

    meeting.refresh_from_db()
    assert (meeting.closed_at, meeting.state) == (None, Meeting.State.HELD)
    reopening = meeting.reopenings.get()
    assert (reopening.reason, reopening.reopened_by, reopening.reopened_at) == (
        "Anne var der også",
        people.coordinator,
        later,
    )
    assert AuditEvent.objects.filter(verb="reopen").count() == 1
    assert "Anne" not in repr(list(AuditEvent.objects.values()))
    close(meeting, people, seen=1, present=[people.member.pk, people.coordinator.pk], now=later)
    with pytest.raises(Refused, match="ikke afsluttet"):
        closing.reopen(create_meeting(network=people.network), actor=people.coordinator, reason="x", now=later)


def test_one_said_not_to_have_been_held_can_be_opened_and_closed_as_held(people, meeting):
    closing.close_as_not_held(meeting, actor=people.coordinator, reason="Sne", now=NOW)

    closing.reopen(meeting, actor=people.coordinator, reason="Forkert møde", now=NOW)
    meeting.refresh_from_db()
    assert (meeting.state, meeting.closed_at) == (Meeting.State.CONVENED, None)
    close(meeting, people, seen=0)

    meeting.refresh_from_db()
    assert meeting.state == Meeting.State.HELD
    assert not Message.objects.exclude(kind="meeting_unclosed").exists()


def test_the_next_meeting_has_what_the_last_closed_one_carried_over(people, meeting):
    following = create_meeting(network=people.network, date=date(2027, 4, 1))
    assert closing.before(following) is None

    close(meeting, people)

    assert closing.before(following).carried_over == "Runden om grænser"
    assert closing.before(meeting) is None


# --- Asked for -------------------------------------------------------------------------------------------------------


def asked():
    return list(Message.objects.filter(kind=closing.UNCLOSED).values_list("subject_id", "recipient", "due_at", "state"))


def test_the_coordinator_is_asked_once_on_the_second_morning(people, meeting):
    morning = datetime(2027, 3, 6, 7, tzinfo=UTC)
    assert closing.ask(meeting.ends_at - timedelta(seconds=1)) == 0

    assert (closing.ask(meeting.ends_at), closing.ask(NOW), closing.ask(NOW + timedelta(days=9))) == (1, 0, 0)

    assert asked() == [(meeting.pk, people.coordinator.pk, morning, "due")]


def test_the_sweep_asks(people, meeting):
    reconciliation.reconcile(now=NOW)

    assert len(asked()) == 1


def test_closed_cancelled_and_long_past_meetings_are_not_asked_for(people, meeting):
    close(meeting, people)
    create_meeting(network=people.network, date=date(2027, 3, 3), state=Meeting.State.CANCELLED)
    create_meeting(network=people.network, date=date(2026, 12, 3))

    assert closing.ask(NOW) == 0


def test_closing_takes_the_question_back(people, meeting):
    closing.ask(NOW)

    close(meeting, people)

    assert [state for *_rest, state in asked()] == ["superseded"]
    closing.reopen(meeting, actor=people.coordinator, reason="x", now=NOW)
    assert closing.ask(NOW + timedelta(days=3)) == 0


def test_the_question_names_the_meeting_and_is_not_asked_in_vain(people, meeting):
    closing.ask(NOW)
    message = Message.objects.get(kind=closing.UNCLOSED)
    build = kinds.get(closing.UNCLOSED).build

    mail = build(message, message.due_at)

    assert mail.subject == "Afslut mødet tor. 4. mar.: Ledere på tværs"
    assert f"/moeder/{meeting.pk}/afslut/" in mail.text
    Membership.objects.filter(leader__user=people.coordinator).update(is_coordinator=False)
    with pytest.raises(Suppress, match="not coordinator"):
        build(message, message.due_at)
    Meeting.objects.update(closed_at=NOW)
    with pytest.raises(Suppress, match="closed already"):
        build(message, message.due_at)


def test_unclosed_meetings_await_their_coordinator_alone(people, meeting):
    assert list(closing.unclosed_for(people.coordinator, NOW)) == [meeting]
    assert list(closing.unclosed_for(people.member, NOW)) == []
    assert list(closing.unclosed_for(people.hr, NOW)) == []
