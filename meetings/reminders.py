"""When a member is reminded of a meeting. A reminder is a row in the outbox from the day the meeting is convened."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from django.conf import settings
from django.core.checks import Error, register

from meetings.models import Meeting
from members import outbox
from members.danish import NonexistentTime, wall_to_utc
from members.models import Message

REMINDER = "meeting_reminder"
MOST_DAYS_BEFORE = 60
QUIET = timedelta(days=1)  # nobody is reminded of what they heard of yesterday


class Due(NamedTuple):
    offset_minutes: int
    at: datetime


def minutes(days: int) -> int:
    """How the outbox counts an offset."""
    return days * 24 * 60


def due_times(meeting: Meeting, *, queued_at: datetime, now: datetime) -> list[Due]:
    """When to remind of `meeting`: whole days before it at REMINDER_HOUR on the wall; what has passed is left out."""
    times = []
    for days in settings.REMINDER_DAYS:
        at = due_at(meeting.date, days)
        if now < at < meeting.starts_at and at - queued_at >= QUIET:
            times.append(Due(minutes(days), at))
    return times


def due_at(day: date, days_before: int) -> datetime:
    """That many days before on the calendar, at the same hour on the wall whatever the clocks did in between."""
    day -= timedelta(days=days_before)
    try:
        return wall_to_utc(day, time(settings.REMINDER_HOUR), fold=0)
    except NonexistentTime:
        return wall_to_utc(day, time(settings.REMINDER_HOUR + 1))


def plan(meeting: Meeting, users: Iterable[int], *, sequence: int, queued_at: datetime, now: datetime) -> int:
    """Put the reminders of `users` in the outbox; those who stand there already stay as they are."""
    dues = due_times(meeting, queued_at=queued_at, now=now)
    return outbox.insert(prepare(meeting, users, dues, sequence=sequence, now=now), now=now)


def prepare(
    meeting: Meeting, users: Iterable[int], dues: Iterable[Due], *, sequence: int, now: datetime
) -> list[Message]:
    """The rows of these reminders, not yet written."""
    users = list(users)
    return [
        message
        for due in dues
        for message in outbox.prepare(
            REMINDER,
            subject_id=meeting.pk,
            recipients=users,
            sequence=sequence,
            offset_minutes=due.offset_minutes,
            due_at=due.at,
            now=now,
            useless_after=meeting.starts_at,
        )
    ]


@register()
def check_settings(app_configs=None, **kwargs):
    """Say at start that a reminder could never be sent, or would be sent at an hour that does not exist."""
    problems = []
    if not all(0 <= days <= MOST_DAYS_BEFORE for days in settings.REMINDER_DAYS):
        problems.append(Error(f"REMINDER_DAYS must be whole days from 0 to {MOST_DAYS_BEFORE}.", id="meetings.E001"))
    if not 0 <= settings.REMINDER_HOUR <= 23:
        problems.append(Error("REMINDER_HOUR must be an hour from 0 to 23.", id="meetings.E002"))
    return problems
