from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from meetings import attendance, invitations
from meetings.models import Attendance, Meeting, Rsvp
from meetings.tests.factories import create_meeting
from meetings.tests.people import NOW, create_people
from meetings.tests.test_scheduling import change_place, move
from members.models import AuditEvent

pytestmark = pytest.mark.django_db


@pytest.fixture
def people():
    return create_people()


@pytest.fixture
def meeting(people):
    return create_meeting(network=people.network)


def test_reply_can_be_changed_until_the_meeting_begins(people, meeting):
    attendance.reply(meeting, user=people.member, answer=Rsvp.Answer.ACCEPTED, now=NOW)
    attendance.reply(meeting, user=people.member, answer=Rsvp.Answer.DECLINED, now=NOW + timedelta(days=1))

    rsvp = Rsvp.objects.get()
    assert (rsvp.user, rsvp.answer, rsvp.answered_at) == (
        people.member,
        Rsvp.Answer.DECLINED,
        NOW + timedelta(days=1),
    )
    with pytest.raises(attendance.RepliesClosed):
        attendance.reply(meeting, user=people.member, answer=Rsvp.Answer.ACCEPTED, now=meeting.starts_at)


def test_reply_to_a_cancelled_meeting_is_refused(people):
    meeting = create_meeting(network=people.network, state=Meeting.State.CANCELLED)

    with pytest.raises(attendance.RepliesClosed):
        attendance.reply(meeting, user=people.member, answer=Rsvp.Answer.ACCEPTED, now=NOW)


def test_reply_to_a_day_the_meeting_has_left_is_not_taken(people, meeting):
    move(meeting, people)

    with pytest.raises(attendance.RepliesClosed):
        attendance.reply(meeting, user=people.member, answer=Rsvp.Answer.ACCEPTED, now=NOW, seen_sequence=0)

    assert not Rsvp.objects.exists()


def test_reply_still_counts_after_a_change_of_place(people, meeting):
    change_place(meeting, people)

    attendance.reply(meeting, user=people.member, answer=Rsvp.Answer.ACCEPTED, now=NOW, seen_sequence=0)

    assert Rsvp.objects.get().answer == Rsvp.Answer.ACCEPTED


def test_maybe_stands_apart_and_still_owes_an_answer(people, meeting):
    rsvp = attendance.reply(meeting, user=people.member, answer=Rsvp.Answer.TENTATIVE, now=NOW)

    assert rsvp.get_answer_display() == "Måske"
    assert attendance.answers(meeting)[1] == (Rsvp.Answer.TENTATIVE, [people.member])
    assert attendance.proposed(meeting) == []
    assert rsvp.answer in Rsvp.UNDECIDED


@pytest.mark.parametrize("who", ["hr", "sponsor", "board", "other_leader"])
def test_only_members_reply(people, meeting, who):
    with pytest.raises(PermissionDenied):
        attendance.reply(meeting, user=getattr(people, who), answer=Rsvp.Answer.ACCEPTED, now=NOW)


def test_who_answers_what_is_not_in_the_audit_log(people, meeting):
    attendance.reply(meeting, user=people.member, answer=Rsvp.Answer.ACCEPTED, now=NOW)

    assert not AuditEvent.objects.filter(actor=people.member).exists()


def test_answers_name_everyone_who_is_expected(people, meeting):
    attendance.reply(meeting, user=people.member, answer=Rsvp.Answer.ACCEPTED, now=NOW)

    assert attendance.answers(meeting) == [
        (Rsvp.Answer.ACCEPTED, [people.member]),
        (Rsvp.Answer.TENTATIVE, []),
        (Rsvp.Answer.DECLINED, []),
        (Rsvp.Answer.NO_REPLY, [people.coordinator]),
    ]


def test_who_has_left_is_not_expected(people, meeting):
    invitations.withdraw([meeting], people.member.pk, now=NOW)

    assert list(attendance.expected(meeting)) == [people.coordinator]


def test_record_marks_the_meeting_as_held_and_can_be_put_right(people, meeting):
    after = meeting.starts_at + timedelta(minutes=5)
    attendance.record(meeting, present=[people.member.pk, people.hr.pk], actor=people.coordinator, now=after)
    meeting.refresh_from_db()

    assert (meeting.state, meeting.held_at) == (Meeting.State.HELD, after)
    assert attendance.presence(meeting) == [
        (Attendance.Presence.PRESENT, [people.member]),
        (Attendance.Presence.ABSENT, [people.coordinator]),
    ]

    attendance.record(meeting, present=[people.coordinator.pk], actor=people.coordinator, now=after + timedelta(days=1))
    meeting.refresh_from_db()

    assert meeting.held_at == after
    assert attendance.proposed(meeting) == [people.coordinator.pk]


def test_record_waits_for_the_start(people, meeting):
    with pytest.raises(attendance.RepliesClosed):
        attendance.record(meeting, present=[], actor=people.coordinator, now=meeting.starts_at - timedelta(minutes=1))

    assert Attendance.objects.count() == 0


def test_record_refuses_a_cancelled_meeting(people):
    meeting = create_meeting(network=people.network, state=Meeting.State.CANCELLED)

    with pytest.raises(attendance.RepliesClosed):
        attendance.record(meeting, present=[], actor=people.coordinator, now=datetime(2028, 1, 1, tzinfo=UTC))


def test_proposed_are_those_who_said_yes(people, meeting):
    attendance.reply(meeting, user=people.member, answer=Rsvp.Answer.ACCEPTED, now=NOW)
    attendance.reply(meeting, user=people.coordinator, answer=Rsvp.Answer.DECLINED, now=NOW)

    assert attendance.proposed(meeting) == [people.member.pk]
