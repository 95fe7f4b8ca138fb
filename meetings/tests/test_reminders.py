from datetime import date, datetime, time, timedelta

import pytest

from meetings import planning, reconciliation, reminders
from meetings.models import Invitation, Meeting
from meetings.tests.people import NOW, create_members, create_people
from meetings.tests.test_planning import draft
from members.danish import COPENHAGEN, wall_to_utc
from members.models import Message

LONG_AGO = datetime(2026, 1, 1, tzinfo=COPENHAGEN)


def meeting_on(day: date, clock: time = time(13)) -> Meeting:
    return Meeting(date=day, starts_at=wall_to_utc(day, clock))


@pytest.fixture(autouse=True)
def _ordinary_reminders(settings):
    settings.REMINDER_DAYS, settings.REMINDER_HOUR = [14, 2], 8


# --- When ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change", [date(2026, 3, 29), date(2026, 10, 25), date(2027, 3, 28), date(2027, 10, 31), date(2028, 3, 26)]
)
@pytest.mark.parametrize("hour", [0, 8, 23])
def test_reminders_keep_their_hour_on_the_wall_over_a_change_of_clock(change, hour, settings):
    settings.REMINDER_HOUR = hour
    for offset in range(20):
        meeting = meeting_on(change + timedelta(days=offset - 3))

        dues = reminders.due_times(meeting, queued_at=LONG_AGO, now=LONG_AGO)

        assert [due.at.astimezone(COPENHAGEN).replace(tzinfo=None) for due in dues] == [
            datetime.combine(meeting.date - timedelta(days=days), time(hour)) for days in (14, 2)
        ]


@pytest.mark.parametrize(("change", "expected"), [(date(2026, 3, 29), 3), (date(2026, 10, 25), 2)])
def test_an_hour_that_is_missing_or_doubled_is_still_one_moment(change, expected, settings):
    settings.REMINDER_DAYS, settings.REMINDER_HOUR = [1], 2

    (due,) = reminders.due_times(meeting_on(change + timedelta(days=1)), queued_at=LONG_AGO, now=LONG_AGO)

    assert due.at.astimezone(COPENHAGEN).hour == expected


def test_reminders_that_are_past_are_left_out():
    meeting = meeting_on(date(2027, 3, 4))
    now = wall_to_utc(date(2027, 2, 18), time(8))

    dues = reminders.due_times(meeting, queued_at=LONG_AGO, now=now)

    assert [due.offset_minutes for due in dues] == [2 * 1440]


def test_no_reminder_within_a_day_of_the_invitation():
    meeting = meeting_on(date(2027, 3, 4))
    at = wall_to_utc(date(2027, 3, 2), time(8))

    def offsets(queued_at):
        return [due.offset_minutes for due in reminders.due_times(meeting, queued_at=queued_at, now=queued_at)]

    assert offsets(at - timedelta(days=1)) == [2 * 1440]
    assert offsets(at - timedelta(days=1) + timedelta(minutes=1)) == []


def test_no_reminder_after_the_start(settings):
    settings.REMINDER_DAYS = [0]

    assert reminders.due_times(meeting_on(date(2027, 3, 4), time(7)), queued_at=LONG_AGO, now=LONG_AGO) == []


@pytest.mark.parametrize(
    ("days", "hour", "expected"),
    [([14, 2, 0, 60], 8, []), ([-1], 8, ["meetings.E001"]), ([61], 8, ["meetings.E001"]), ([2], 24, ["meetings.E002"])],
)
def test_settings_that_make_no_sense_are_told_of_at_start(settings, days, hour, expected):
    settings.REMINDER_DAYS, settings.REMINDER_HOUR = days, hour

    assert [problem.id for problem in reminders.check_settings()] == expected


# --- Reconciling -----------------------------------------------------------------------------------------------------


@pytest.fixture
def people(db):
    people = create_people()
    planning.publish(draft(people), actor=people.coordinator, now=NOW)
    return people


def test_reconcile_finds_nothing_to_do_after_the_acts(people):
    before = Message.objects.count()

    assert reconciliation.reconcile(now=NOW + timedelta(hours=1)) == 0
    assert Message.objects.count() == before


def test_reconcile_does_not_bring_back_what_was_left_out_on_purpose(db):
    people = create_people()
    now = datetime(2027, 3, 1, 9, tzinfo=COPENHAGEN)
    plan = draft(people, dates=[date(2027, 3, 4)], now=now)
    planning.publish(plan, actor=people.coordinator, now=now)

    assert reconciliation.reconcile(now=now + timedelta(minutes=1)) == 0


def test_reconcile_gives_back_lost_reminders_and_invitations(people):
    newcomer = create_members(people.network, 1)[0]  # who joined without anyone being told
    lost = Message.objects.filter(kind="meeting_reminder", recipient=people.member)
    number = lost.count()
    lost.delete()

    assert reconciliation.reconcile(now=NOW) == number + Meeting.objects.count()

    assert lost.all().count() == number
    assert Invitation.objects.filter(user=newcomer).count() == Meeting.objects.count()
    assert reconciliation.reconcile(now=NOW) == 0


def test_reconcile_keeps_the_wall_time_when_the_law_moves_the_clocks(people):
    meeting = Meeting.objects.order_by("date").first()
    right = meeting.starts_at
    reminder = Message.objects.filter(kind="meeting_reminder", subject_id=meeting.pk).first()
    Meeting.objects.filter(pk=meeting.pk).update(starts_at=right - timedelta(hours=1))
    Message.objects.filter(pk=reminder.pk).update(due_at=reminder.due_at - timedelta(hours=1))

    assert reconciliation.reconcile(now=NOW) == 1

    meeting.refresh_from_db()
    assert meeting.starts_at == right
    assert Message.objects.get(pk=reminder.pk).due_at == reminder.due_at


def test_reconcile_costs_the_same_for_more_members(people, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(
        connection,
    ) as few:
        reconciliation.reconcile(now=NOW)
    create_members(people.network, 20)
    reconciliation.reconcile(now=NOW)

    with django_assert_num_queries(len(few)):
        reconciliation.reconcile(now=NOW)
