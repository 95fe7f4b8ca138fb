"""Mødevisning: which point the meeting is at, the same on every member's screen, and how the time stands."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from meetings import agenda, roles, room
from meetings.models import Agenda, AgendaItem, Meeting
from members import audit
from members.models import User
from networks.refusal import Refused, require

OPENS = timedelta(hours=24)  # to set up the room, and to try it out
NEAR = timedelta(hours=1)
MINUTE = 60
FORTH, BACK = 1, -1


@dataclass(frozen=True)
class TimeLeft:
    """How long until `ends_at`, in words; and the words for a screen that counts on by itself, with # for a number."""

    ends_at: datetime
    now: datetime

    def __str__(self):
        seconds = (self.ends_at - self.now).total_seconds()
        if seconds > 0:
            return _left(ceil(seconds / MINUTE))
        return _over(int(-seconds // MINUTE)) if seconds <= -MINUTE else self.none

    @property
    def none(self) -> str:
        return _("Tiden er gået")

    @property
    def one_left(self) -> str:
        return _left(1)

    @property
    def many_left(self) -> str:
        return _left("#")

    @property
    def one_over(self) -> str:
        return _over(1)

    @property
    def many_over(self) -> str:
        return _over("#")


def _left(count) -> str:
    return ngettext("%(count)s minut tilbage", "%(count)s minutter tilbage", 1 if count == 1 else 2) % {"count": count}


def _over(count) -> str:
    return ngettext("%(count)s minut over tiden", "%(count)s minutter over tiden", 1 if count == 1 else 2) % {
        "count": count
    }


@dataclass(frozen=True)
class Course:
    """How far the meeting has come at `now`."""

    plan: agenda.Plan
    now: datetime

    @property
    def is_running(self) -> bool:
        return self.plan.agenda is not None and self.plan.agenda.is_running

    @property
    def is_ended(self) -> bool:
        return self.plan.agenda is not None and self.plan.agenda.ended_at is not None

    @property
    def place(self) -> int:
        """Which of the points it is at, from 0."""
        current = self.plan.agenda.current_id if self.plan.agenda else None
        return next((place for place, item in enumerate(self.plan.items) if item.pk == current), 0)

    @property
    def current(self) -> AgendaItem | None:
        return self.plan.items[self.place] if self.is_running and self.plan.items else None

    @property
    def previous(self) -> AgendaItem | None:
        return self.plan.items[self.place - 1] if self.current and self.place else None

    @property
    def next(self) -> AgendaItem | None:
        return next(iter(self.plan.items[self.place + 1 : self.place + 2]), None) if self.current else None

    @property
    def item_ends_at(self) -> datetime | None:
        if self.current is None or self.plan.agenda.current_since is None:
            return None
        return self.plan.agenda.current_since + timedelta(minutes=self.current.minutes)

    @property
    def item_left(self) -> TimeLeft | None:
        return TimeLeft(self.item_ends_at, self.now) if self.item_ends_at else None

    @property
    def ends_at(self) -> datetime:
        return self.plan.meeting.ends_at

    @property
    def meeting_left(self) -> TimeLeft | None:
        """Not before the day's meeting is near: until then there is only its end by the clock."""
        is_near = self.plan.meeting.starts_at - NEAR <= self.now
        return TimeLeft(self.ends_at, self.now) if is_near else None

    @property
    def expected_end(self) -> datetime | None:
        """When it will be over if the rest keep their time."""
        if self.item_ends_at is None:
            return None
        rest = sum(item.minutes for item in self.plan.items[self.place + 1 :])
        return max(self.item_ends_at, self.now) + timedelta(minutes=rest)

    @property
    def late(self) -> int:
        """Whole minutes the meeting will run over; 0 while it holds its time."""
        if self.expected_end is None:
            return 0
        return max((self.expected_end - self.ends_at) // timedelta(minutes=1), 0)


def of(meeting: Meeting, now: datetime) -> Course:
    return Course(agenda.of(meeting), now)


def version_of(meeting: Meeting) -> int:
    """Rises with every step and every change of the agenda; 0 before it is laid out."""
    return Agenda.objects.filter(meeting=meeting).values_list("version", flat=True).first() or 0


def is_open(meeting: Meeting, now: datetime) -> bool:
    return room.is_open(meeting, now) and meeting.starts_at - OPENS <= now


def can_steer(user: User, meeting: Meeting) -> bool:
    """The chair and the coordinator; anyone while no chair has been found, since roles are an offer."""
    if roles.can_lead(user, meeting):
        return True
    return not meeting.roles.filter(role=roles.Role.CHAIR).exists()


@transaction.atomic
def start(meeting: Meeting, *, actor: User, now: datetime) -> Agenda:
    """At the first point. Begun twice it is begun once; one that was ended goes on where it was."""
    meeting = _enter(meeting, actor, now)
    plan = agenda.ensure(meeting, actor=actor, now=now)
    if plan.is_running:
        return plan
    if plan.current is None:
        plan.current = meeting.agenda_items.order_by("position").first()
    if plan.current is None:
        raise Refused(_("Dagsordenen er tom. Tilføj et punkt først."))
    plan.started_at, plan.ended_at, plan.current_since = plan.started_at or now, None, now
    return _save(plan, "start_meeting", actor=actor, now=now)


@transaction.atomic
def step(meeting: Meeting, *, way: int, seen: int, actor: User, now: datetime) -> Agenda:
    """To the next point or back to the one before. `seen` is the version on the screen: two taps at once are one."""
    meeting = _enter(meeting, actor, now)
    plan = _running(meeting)
    if plan.version != seen:
        raise Refused(_("Mødet er gået videre, siden siden blev vist."))
    items = list(meeting.agenda_items.order_by("position", "pk"))
    place = next((place for place, item in enumerate(items) if item.pk == plan.current_id), 0) + way
    if not 0 <= place < len(items):
        return plan
    if way == FORTH and plan.current is not None and plan.current.topic is not None:
        _note_discussed(plan.current, now)
    plan.current, plan.current_since = items[place], now
    return _save(plan, "step_meeting", actor=actor, now=now)


@transaction.atomic
def end(meeting: Meeting, *, actor: User, now: datetime) -> Agenda:
    meeting = _enter(meeting, actor, now)
    plan = _running(meeting)
    if plan.current is not None and plan.current.topic is not None:
        _note_discussed(plan.current, now)
    plan.ended_at = now
    return _save(plan, "end_meeting", actor=actor, now=now)


def _note_discussed(item: AgendaItem, now: datetime) -> None:
    """What was the point has been talked about; "Vi nåede det ikke" takes it up again."""
    if item.topic.is_waiting:
        item.topic.discussed_at = now
        item.topic.version += 1
        item.topic.save(update_fields=["discussed_at", "version"])


def _enter(meeting: Meeting, actor: User, now: datetime) -> Meeting:
    meeting = room.enter(meeting, actor=actor, now=now)
    require(can_steer(actor, meeting))
    if not is_open(meeting, now):
        raise Refused(_("Mødevisningen åbner dagen før mødet."))
    return meeting


def _running(meeting: Meeting) -> Agenda:
    plan = Agenda.objects.select_related("current__topic").filter(meeting=meeting).first()
    if plan is None or not plan.is_running:
        raise Refused(_("Mødet er ikke i gang på mødevisningen."))
    plan.meeting = meeting
    return plan


def _save(plan: Agenda, verb: str, *, actor: User, now: datetime) -> Agenda:
    plan.version += 1
    plan.save()
    audit.record(actor, verb, plan.meeting, now=now)
    return plan
