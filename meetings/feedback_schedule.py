"""A network's own timetable of rounds. The coordinator sets it; each tick plans what it asks for, once."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from dateutil.relativedelta import relativedelta
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from meetings import feedback, questions
from meetings.models import FeedbackRound, FeedbackSchedule, Meeting
from members import outbox
from members.audit import record
from members.danish import today, wall_to_utc
from members.models import User
from networks import permissions
from networks.models import Network

logger = logging.getLogger(__name__)

Cadence = FeedbackSchedule.Cadence
MONTHS = {Cadence.QUARTERLY: 3, Cadence.HALF_YEARLY: 6, Cadence.YEARLY: 12}
LATE_NOTICE = timedelta(days=2)  # so that the coordinator can drop a round that opens late
ANNOUNCED_DAYS = 14  # a round by the calendar stands on the page so long before it opens, and can be dropped
MEETING_GRACE = timedelta(days=7)  # after that nobody remembers the meeting


def is_holiday(day: date) -> bool:
    """July, and from 20 December to 3 January."""
    return day.month == 7 or (day.month == 12 and day.day >= 20) or (day.month == 1 and day.day <= 3)


def out_of_holiday(day: date) -> date:
    while is_holiday(day):
        day += timedelta(days=1)
    return day


@dataclass(frozen=True)
class Period:
    opens_at: datetime
    closes_at: datetime

    @property
    def days(self) -> int:
        return (today(self.closes_at) - today(self.opens_at)).days


def period_from(schedule: FeedbackSchedule, day: date) -> Period:
    """When a round due on `day` opens and closes. Holidays push the opening, and push the frist behind them too."""
    last = day + timedelta(days=schedule.length_days)
    if schedule.pauses_in_holidays:
        day = out_of_holiday(day)
        last = out_of_holiday(day + timedelta(days=schedule.length_days))
    return Period(wall_to_utc(day, time(schedule.opening_hour)), feedback.closing_at(last))


# --- Set -------------------------------------------------------------------------------------------------------------


@transaction.atomic
def set_schedule(
    network: Network,
    *,
    actor: User,
    cadence: str,
    every_nth: int,
    next_on: date | None,
    length_days: int,
    opening_hour: int,
    pauses_in_holidays: bool,
    own_questions: Sequence[str],
    now: datetime,
) -> FeedbackSchedule:
    """The coordinator decides for the group. Rounds already planned stay as they are."""
    network = Network.objects.select_for_update().get(pk=network.pk)
    if not permissions.is_coordinator(actor, network):
        raise PermissionDenied
    is_by_calendar = cadence in MONTHS
    if is_by_calendar and (next_on is None or next_on <= today(now)):
        raise feedback.FeedbackRefused(_("Vælg en dato for den første runde, der ligger efter i dag."))
    schedule, _created = FeedbackSchedule.objects.update_or_create(
        network=network,
        defaults={
            "cadence": cadence,
            "every_nth": every_nth,
            "next_on": next_on if is_by_calendar else None,
            "length_days": length_days,
            "opening_hour": opening_hour,
            "pauses_in_holidays": pauses_in_holidays,
            "own_questions": [text for text in own_questions if text][: questions.MOST_OWN],
            "changed_at": now,
            "missed_on": None,
            "missed_why": "",
        },
    )
    record(actor, "feedback_schedule_set", schedule, now=now)
    return schedule


# --- The timetable ---------------------------------------------------------------------------------------------------


def plan_due(now: datetime) -> int:
    """Plan the rounds that are due, and say how many. Run as often as one likes: each is planned once."""
    soon = today(now) + timedelta(days=ANNOUNCED_DAYS)
    active = FeedbackSchedule.objects.filter(network__state=Network.State.ACTIVE)
    by_calendar = active.filter(cadence__in=MONTHS, next_on__lte=soon)
    held = Meeting.objects.filter(
        state=Meeting.State.HELD,
        ends_at__lte=now,
        ends_at__gt=now - MEETING_GRACE,
        network__state=Network.State.ACTIVE,
        network__feedback_schedule__cadence=Cadence.MEETINGS,
    ).exclude(feedback_rounds__kind=FeedbackRound.Kind.MEETING_PULSE)
    planned = 0
    for act, due in ((_plan_by_calendar, by_calendar), (_plan_after_meeting, held.order_by("ends_at"))):
        for pk in list(due.values_list("pk", flat=True)):
            try:
                planned += act(pk, now)
            except Exception as error:
                # As when rounds are turned: no traceback, since it could carry what someone wrote.
                logger.error("A feedback round was not planned (%s %s): %s", act.__name__, pk, type(error).__name__)
    return planned


@transaction.atomic
def _plan_by_calendar(pk: int, now: datetime) -> bool:
    schedule = FeedbackSchedule.objects.select_for_update().select_related("network").get(pk=pk)
    if schedule.cadence not in MONTHS or schedule.next_on > today(now) + timedelta(days=ANNOUNCED_DAYS):
        return False
    due = []
    while schedule.next_on <= today(now) + timedelta(days=ANNOUNCED_DAYS):
        due.append(schedule.next_on)
        schedule.next_on += relativedelta(months=MONTHS[schedule.cadence])
    schedule.missed_on, schedule.missed_why = None, ""
    is_planned = _plan_on(schedule, due[-1], now)
    schedule.save(update_fields=["next_on", "missed_on", "missed_why"])
    if schedule.missed_on:
        coordinators = schedule.network.memberships.active().filter(is_coordinator=True)
        outbox.enqueue(
            "feedback_missed",
            subject_id=schedule.pk,
            recipients=coordinators.values_list("leader__user_id", flat=True),
            sequence=schedule.missed_on.toordinal(),
            now=now,
        )
    return is_planned


def _plan_on(schedule: FeedbackSchedule, day: date, now: datetime) -> bool:
    """Plan the round of `day`, or, when the timetable has missed it, one a little later while that still helps."""
    period, why = period_from(schedule, day), ""
    if today(period.opens_at) < today(now):
        period, why = period_from(schedule, today(now) + LATE_NOTICE), FeedbackSchedule.Missed.LATE
        if today(period.closes_at) > day + (schedule.next_on - day) / 2:
            why = FeedbackSchedule.Missed.TOO_OLD
    if why != FeedbackSchedule.Missed.TOO_OLD:
        why = _plan(schedule, period, FeedbackRound.Kind.NETWORK_PULSE, now) or why
    if why:
        schedule.missed_on, schedule.missed_why = day, why
    return why in ("", FeedbackSchedule.Missed.LATE)


@transaction.atomic
def _plan_after_meeting(pk: int, now: datetime) -> bool:
    """Three questions from the day after, answered before the next meeting."""
    meeting = Meeting.objects.get(pk=pk)
    schedule = FeedbackSchedule.objects.select_for_update().get(network=meeting.network_id)
    held = meeting.network.meetings.filter(
        state=Meeting.State.HELD, ends_at__gt=schedule.changed_at, ends_at__lte=meeting.ends_at
    ).count()
    already = meeting.feedback_rounds.filter(kind=FeedbackRound.Kind.MEETING_PULSE).exists()
    if already or schedule.cadence != Cadence.MEETINGS or not held or held % schedule.every_nth:
        return False
    # Registered late, it opens the day after that.
    period = period_from(schedule, max(today(meeting.ends_at), today(now) - timedelta(days=1)) + timedelta(days=1))
    following = meeting.network.meetings.upcoming(meeting.ends_at).filter(starts_at__gt=meeting.ends_at).first()
    if following and following.starts_at <= period.closes_at:
        period = Period(period.opens_at, feedback.closing_at(today(following.starts_at) - timedelta(days=1)))
    return not _plan(schedule, period, FeedbackRound.Kind.MEETING_PULSE, now, meeting=meeting)


def _plan(schedule: FeedbackSchedule, period: Period, kind: str, now: datetime, **fields) -> str:
    """Unless a round lies there already, the time is too short, or the members are too few: then says which it is."""
    if period.days < feedback.SHORTEST_DAYS:
        return FeedbackSchedule.Missed.TOO_SHORT
    if feedback.is_too_small(schedule.network):
        return FeedbackSchedule.Missed.TOO_FEW
    if feedback.overlapping(schedule.network, period.opens_at, period.closes_at).exists():
        return FeedbackSchedule.Missed.BUSY
    round = feedback.create_round(
        schedule.network, kind=kind, opens_at=period.opens_at, closes_at=period.closes_at, **fields
    )
    record(None, "feedback_round_planned", round, now=now)
    return ""
