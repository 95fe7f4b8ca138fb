from datetime import date, datetime, time, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from meetings import attendance, planning, scheduling
from meetings.models import Invitation, Meeting, MeetingChange, Rsvp
from meetings.tests.factories import create_meeting
from meetings.tests.people import NOW, create_members, create_people
from meetings.tests.test_planning import draft
from members.danish import COPENHAGEN
from members.models import AuditEvent, Message

pytestmark = pytest.mark.django_db

NEW_DAY = {"date": date(2027, 3, 11), "start_time": time(13), "end_time": time(15)}


@pytest.fixture
def people():
    return create_people()


@pytest.fixture
def meeting(people):
    plan = draft(people, dates=[date(2027, 3, 4)])
    planning.publish(plan, actor=people.coordinator, now=NOW)
    return plan.meetings.get()


def move(meeting, people, **changes):
    values = {**NEW_DAY, "actor": people.coordinator, "now": NOW, "seen_sequence": meeting.sequence} | changes
    return scheduling.move(meeting, **values)


def change_place(meeting, people, **changes):
    values = {"place": "Skolen", "link": "", "actor": people.coordinator, "now": NOW} | changes
    return scheduling.change_place(meeting, **{"seen_sequence": meeting.sequence, **values})


def open_messages(meeting) -> set:
    about = Message.objects.filter(subject_id=meeting.pk, state__in=Message.OPEN_STATES).exclude(kind="plan_published")
    return set(about.values_list("kind", "recipient", "sequence", "offset_minutes"))


def expected_messages(people, kind, sequence, *, unanswered=None):
    users = (people.coordinator.pk, people.member.pk)
    changes = {(kind, user, sequence, 0) for user in users}
    asked = users if unanswered is None else unanswered
    return changes | {("answer_please", user, sequence, days * 1440) for user in asked for days in (7, 2)}


def test_move_raises_the_sequence_and_replaces_all_that_waits(people, meeting):
    assert move(meeting, people, reason="Vinterferie") is True

    meeting.refresh_from_db()
    assert (meeting.date, meeting.sequence, meeting.changed_at) == (date(2027, 3, 11), 1, NOW)
    assert meeting.starts_at == datetime(2027, 3, 11, 13, tzinfo=COPENHAGEN)
    assert open_messages(meeting) == expected_messages(people, "meeting_changed", 1)
    assert set(Invitation.objects.values_list("sequence", flat=True)) == {1}
    change = meeting.changes.get()
    assert (change.kind, change.from_date, change.to_date, change.reason, change.sequence) == (
        MeetingChange.Kind.MOVED,
        date(2027, 3, 4),
        date(2027, 3, 11),
        "Vinterferie",
        1,
    )


def due_of(kind):
    return set(Message.objects.filter(kind=kind, state=Message.State.DUE).values_list("due_at", flat=True))


def test_changes_within_minutes_become_one_mail_a_little_later(people, meeting):
    move(meeting, people)
    meeting.refresh_from_db()
    change_place(meeting, people, now=NOW + timedelta(minutes=2))

    changed = Message.objects.filter(kind="meeting_changed")
    assert changed.filter(state=Message.State.SUPERSEDED).count() == 2
    assert set(changed.filter(state=Message.State.DUE).values_list("recipient", flat=True)) == {
        people.coordinator.pk,
        people.member.pk,
    }
    assert due_of("meeting_changed") == {NOW + timedelta(minutes=5)}


def test_cancellation_is_told_at_once(people, meeting):
    scheduling.cancel(meeting, actor=people.coordinator, now=NOW)

    assert due_of("meeting_cancelled") == {NOW}


@pytest.mark.parametrize("change", ["from today", "to today", "place today"])
def test_change_of_todays_meeting_is_told_at_once(people, meeting, change):
    now = datetime.combine(meeting.date, time(8), COPENHAGEN)
    if change == "place today":
        change_place(meeting, people, now=now)
    elif change == "from today":
        move(meeting, people, now=now)
    else:
        now -= timedelta(days=1)
        move(meeting, people, now=now, date=now.date())

    assert due_of("meeting_changed") == {now}


def test_move_asks_again_and_remembers_the_old_answer(people, meeting):
    attendance.reply(meeting, user=people.member, answer=Rsvp.Answer.ACCEPTED, now=NOW)

    move(meeting, people)

    rsvp = meeting.rsvps.get()
    assert (rsvp.answer, rsvp.previous_answer, rsvp.answered_at) == (Rsvp.Answer.NO_REPLY, Rsvp.Answer.ACCEPTED, None)


def test_change_place_keeps_the_answers(people, meeting):
    attendance.reply(meeting, user=people.member, answer=Rsvp.Answer.DECLINED, now=NOW)

    assert change_place(meeting, people) is True

    meeting.refresh_from_db()
    assert (meeting.place, meeting.sequence) == ("Skolen", 1)
    assert meeting.rsvps.get().answer == Rsvp.Answer.DECLINED
    assert open_messages(meeting) == expected_messages(people, "meeting_changed", 1, unanswered=[people.coordinator.pk])


def test_cancel_tells_everyone_who_holds_it_and_ends_the_reminders(people, meeting):
    attendance.reply(meeting, user=people.member, answer=Rsvp.Answer.DECLINED, now=NOW)

    assert scheduling.cancel(meeting, actor=people.coordinator, now=NOW) is True

    meeting.refresh_from_db()
    assert (meeting.state, meeting.sequence) == (Meeting.State.CANCELLED, 1)
    assert open_messages(meeting) == expected_messages(people, "meeting_cancelled", 1, unanswered=())
    assert set(Message.objects.filter(kind="meeting_cancelled").values_list("priority", flat=True)) == {0}


def test_cancel_after_the_meeting_tells_nobody(people, meeting):
    assert scheduling.cancel(meeting, actor=people.coordinator, now=meeting.ends_at + timedelta(days=1)) is True

    assert Message.objects.filter(kind="meeting_cancelled").count() == 0


@pytest.mark.parametrize("act", ["move", "change_place", "cancel"])
def test_each_act_done_twice_happens_once(people, meeting, act):
    def run():
        if act == "cancel":
            return scheduling.cancel(meeting, actor=people.coordinator, now=NOW)
        return {"move": move, "change_place": change_place}[act](meeting, people, seen_sequence=0)

    assert (run(), run()) == (True, False)

    meeting.refresh_from_db()
    assert (meeting.sequence, meeting.changes.count()) == (1, 1)


def test_move_does_not_overwrite_what_another_has_changed(people, meeting):
    move(meeting, people)

    with pytest.raises(scheduling.Outdated):
        move(meeting, people, date=date(2027, 3, 18), seen_sequence=0)

    meeting.refresh_from_db()
    assert meeting.date == date(2027, 3, 11)


def test_move_refuses_the_past_and_leaves_all_as_it_was(people, meeting):
    with pytest.raises(scheduling.NotPossible):
        move(meeting, people, date=date(2027, 1, 4))

    meeting.refresh_from_db()
    assert (meeting.date, meeting.sequence) == (date(2027, 3, 4), 0)


def test_nothing_moves_once_the_meeting_has_begun(people, meeting):
    for act in (move, change_place):
        with pytest.raises(scheduling.NotPossible):
            act(meeting, people, now=meeting.starts_at)


def test_a_held_meeting_cannot_be_cancelled(people):
    meeting = create_meeting(network=people.network, state=Meeting.State.HELD)

    with pytest.raises(scheduling.NotPossible):
        scheduling.cancel(meeting, actor=people.coordinator, now=NOW)


@pytest.mark.parametrize("who", ["member", "hr", "sponsor", "board", "system_admin", "other_leader"])
def test_only_the_coordinator_changes_a_meeting(people, meeting, who):
    actor = getattr(people, who)

    for act in (move, change_place):
        with pytest.raises(PermissionDenied):
            act(meeting, people, actor=actor)
    with pytest.raises(PermissionDenied):
        scheduling.cancel(meeting, actor=actor, now=NOW)
    with pytest.raises(PermissionDenied):
        attendance.record(meeting, present=[], actor=actor, now=meeting.ends_at)


def test_a_meeting_of_fifty_moves_with_as_few_queries_as_one_of_two(people, django_assert_max_num_queries):
    create_members(people.network, 48)
    planning.publish(draft(people), actor=people.coordinator, now=NOW)
    meeting = Meeting.objects.order_by("date").first()

    with django_assert_max_num_queries(32):
        move(meeting, people)


def test_audit_keeps_ids_and_verbs(people, meeting):
    move(meeting, people)
    scheduling.cancel(meeting, actor=people.coordinator, now=NOW)

    events = AuditEvent.objects.filter(subject_type="meetings.meeting").order_by("pk")
    assert list(events.values_list("verb", "subject_id", "network_id")) == [
        ("reschedule", meeting.pk, people.network.pk),
        ("cancel", meeting.pk, people.network.pk),
    ]


def test_a_thread_of_changes_gives_each_calendar_a_rising_sequence_and_one_last_state(people, meeting):
    move(meeting, people)
    meeting.refresh_from_db()
    change_place(meeting, people)
    meeting.refresh_from_db()
    scheduling.cancel(meeting, actor=people.coordinator, now=NOW)

    calendar_kinds = ("meeting_invitation", "meeting_changed", "meeting_cancelled")
    thread = Message.objects.filter(kind__in=calendar_kinds, recipient=people.member).order_by("pk")
    assert list(thread.values_list("kind", "sequence", "state")) == [
        ("meeting_invitation", 0, "superseded"),
        ("meeting_changed", 1, "superseded"),
        ("meeting_changed", 2, "superseded"),
        ("meeting_cancelled", 3, "due"),
    ]
