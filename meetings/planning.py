"""The season: proposed dates, a draft to adjust, and the one act that publishes it and convenes its meetings."""

from collections.abc import Collection, Iterable
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from dateutil.rrule import WEEKLY, rrule
from django.db import transaction
from django.utils.translation import gettext as _

from meetings import invitations
from meetings.days import Days
from meetings.models import Meeting, MeetingPlan
from meetings.permissions import require_coordinator
from members import audit, outbox
from members.danish import full_date, today, wall_to_utc
from networks.basis import require_gate_open
from networks.models import Network

MAX_MEETINGS = 60
MAX_INTERVAL = 26
MAX_YEARS_AHEAD = 3
MOST_SKIPPED = 200  # a rhythm that only falls on closed days ends here


class CannotPublish(Exception):
    """The draft cannot be published as it is; str() says why."""


class Proposal(NamedTuple):
    """One date of the rhythm: kept, or skipped for a reason; or kept with a word of warning."""

    date: date
    skipped: str = ""
    warning: str = ""


# --- Which days ------------------------------------------------------------------------------------------------------


def first_day(first_date: date, weekdays: Iterable[int]) -> date:
    """The first of such weekdays on or after `first_date`."""
    return first_date + timedelta(days=min((weekday - first_date.weekday()) % 7 for weekday in weekdays))


def propose(
    first_date: date,
    weekdays: Collection[int],
    interval_weeks: int,
    *,
    number_of_meetings: int | None = None,
    last_date: date | None = None,
    days: Days | None = None,
) -> list[Proposal]:
    """The dates of a season, by number of meetings or until a date.

    Public holidays, school breaks, closed days and, where `days` knows them, days the network already meets on are
    skipped and do not count.
    """
    days = days or Days(first_date, last_date)
    limit = number_of_meetings or MAX_MEETINGS + 1
    proposals, kept = [], 0
    for moment in rrule(
        WEEKLY,
        dtstart=datetime.combine(first_day(first_date, weekdays), time()),
        interval=interval_weeks,
        byweekday=sorted(weekdays),
        **({"until": datetime.combine(last_date, time())} if last_date else {"count": limit + MOST_SKIPPED}),
    ):
        marks = days.marks(moment.date())
        reasons = [mark.text for mark in marks if mark.is_skipped]
        words = [] if reasons else [mark.text for mark in marks]
        proposals.append(Proposal(moment.date(), skipped=", ".join(reasons), warning=", ".join(words)))
        kept += not reasons
        if kept == limit:
            break
    return proposals


def kept(proposals: list[Proposal]) -> list[date]:
    return [proposal.date for proposal in proposals if not proposal.skipped]


def skipped_by(plan: MeetingPlan, days: Days | None = None) -> list[Proposal]:
    """The dates the plan's rhythm fell on that were left out and still are, with the reason."""
    proposals = propose(
        plan.first_date,
        plan.weekdays,
        plan.interval_weeks,
        number_of_meetings=None if plan.last_date else plan.number_of_meetings,
        last_date=plan.last_date,
        days=days or Days(plan.first_date, plan.last_date, network=plan.network),
    )
    there = set(plan.meetings.values_list("date", flat=True))
    return [proposal for proposal in proposals if proposal.skipped and proposal.date not in there]


# --- The draft -------------------------------------------------------------------------------------------------------


@transaction.atomic
def create_draft(network: Network, *, actor, now: datetime, dates: list[date], **season) -> MeetingPlan:
    """Lay out a season for adjusting. A network has one draft at a time: a second call gets the one there is."""
    require_coordinator(actor, network)
    Network.objects.select_for_update().get(pk=network.pk)
    draft = network.plans.filter(state=MeetingPlan.State.DRAFT).first()
    if draft:
        return draft
    plan = MeetingPlan.objects.create(
        network=network, created_by=actor, created_at=now, number_of_meetings=len(dates), **season
    )
    _lay_out(plan, dates, now)
    audit.record(actor, "plan_series", plan, now=now)
    return plan


@transaction.atomic
def redraw(plan: MeetingPlan, *, actor, now: datetime, dates: list[date], **season) -> MeetingPlan:
    """Give the draft another rhythm. Its dates are laid out anew."""
    plan = _locked_draft(plan, actor)
    if plan is None:
        raise CannotPublish(_("Mødeplanen er allerede offentliggjort."))
    for name, value in season.items():
        setattr(plan, name, value)
    plan.number_of_meetings = len(dates)
    plan.save()
    plan.meetings.all().delete()
    _lay_out(plan, dates, now)
    return plan


def _lay_out(plan: MeetingPlan, dates: list[date], now: datetime) -> None:
    times = {"start_time": plan.start_time, "end_time": plan.end_time, "place": plan.place}
    meetings = [_on(plan, day, now=now, **times) for day in dates]
    for meeting in meetings:
        meeting.starts_at = wall_to_utc(meeting.date, meeting.start_time)
        meeting.ends_at = wall_to_utc(meeting.date, meeting.end_time)
    Meeting.objects.bulk_create(meetings)


def add_date(plan: MeetingPlan, *, date: date, start_time: time, end_time: time, place: str, now: datetime) -> Meeting:
    meeting = _on(plan, date, start_time=start_time, end_time=end_time, place=place, now=now)
    meeting.save()
    return meeting


def _on(plan: MeetingPlan, day: date, *, now: datetime, **values) -> Meeting:
    return Meeting(
        network_id=plan.network_id,
        plan=plan,
        state=Meeting.State.PLANNED,
        date=day,
        link=plan.link,
        changed_at=now,
        **values,
    )


@transaction.atomic
def adjust(plan: MeetingPlan, rows: list[dict], *, actor, now: datetime) -> None:
    """Write the draft's rows as the coordinator left them: changed, removed, or added (a row without a meeting)."""
    plan = _locked_draft(plan, actor)
    if plan is None:
        raise CannotPublish(_("Mødeplanen er allerede offentliggjort."))
    meetings = {meeting.pk: meeting for meeting in plan.meetings.all()}
    for row in rows:
        values = {name: row[name] for name in ("date", "start_time", "end_time", "place")}
        meeting = meetings.get(row["meeting"])
        if row["remove"]:
            if meeting:
                meeting.delete()
        elif meeting:
            for name, value in values.items():
                setattr(meeting, name, value)
            meeting.save()
        elif row["meeting"] is None:
            add_date(plan, now=now, **values)


@transaction.atomic
def bring_back(plan: MeetingPlan, day: date, *, actor, now: datetime) -> bool:
    """Meet on a day that was skipped after all; False when the draft has it already or never skipped it."""
    plan = _locked_draft(plan, actor)
    if plan is None:
        raise CannotPublish(_("Mødeplanen er allerede offentliggjort."))
    if day not in [proposal.date for proposal in skipped_by(plan)]:
        return False
    add_date(plan, date=day, start_time=plan.start_time, end_time=plan.end_time, place=plan.place, now=now)
    return True


@transaction.atomic
def discard(plan: MeetingPlan, *, actor, now: datetime) -> None:
    """Throw the draft away. Nobody but its coordinator has seen it."""
    plan = _locked_draft(plan, actor)
    if plan is None:
        raise CannotPublish(_("Mødeplanen er allerede offentliggjort og kan ikke kasseres. Aflys møderne enkeltvis."))
    audit.record(actor, "discard_plan", plan, now=now)
    plan.meetings.all().delete()
    plan.delete()


def _locked_draft(plan: MeetingPlan, actor) -> MeetingPlan | None:
    require_coordinator(actor, plan.network)
    return MeetingPlan.objects.select_for_update().filter(pk=plan.pk, state=MeetingPlan.State.DRAFT).first()


# --- The act ---------------------------------------------------------------------------------------------------------


@transaction.atomic
def publish(plan: MeetingPlan, *, actor, now: datetime) -> bool:
    """Convene every meeting of the draft, and send each member the plan and the invitations; False if done before.

    Raises `networks.basis.NotReady` while the gate is closed, and `CannotPublish` for a draft that is empty or late.
    """
    network = Network.objects.select_for_update().get(pk=plan.network_id)
    require_coordinator(actor, network)
    plan = MeetingPlan.objects.select_for_update().get(pk=plan.pk)
    if not plan.is_draft:
        return False
    require_gate_open(network, today(now))
    meetings = list(plan.meetings.order_by("starts_at", "pk"))
    _require_publishable(meetings, now)

    plan.meetings.update(state=Meeting.State.CONVENED, changed_at=now)
    plan.state, plan.published_at = MeetingPlan.State.PUBLISHED, now
    plan.number_of_meetings = len(meetings)
    plan.save()
    users = invitations.active_users(network)
    for meeting in meetings:
        meeting.state, meeting.changed_at = Meeting.State.CONVENED, now
    invitations.invite(meetings, users, now=now)
    outbox.enqueue(
        "plan_published", subject_id=plan.pk, recipients=users, now=now, useless_after=meetings[-1].starts_at
    )
    audit.record(actor, "convene", plan, now=now)
    return True


def _require_publishable(meetings: list[Meeting], now: datetime) -> None:
    if not meetings:
        raise CannotPublish(_("Der er ingen møder i kladden. Tilføj mindst én dato."))
    if len(meetings) > MAX_MEETINGS:
        raise CannotPublish(_("En mødeplan kan højst have %(limit)d møder. Fjern nogle.") % {"limit": MAX_MEETINGS})
    late = next((meeting for meeting in meetings if meeting.starts_at <= now), None)
    if late:
        raise CannotPublish(
            _("%(date)s er passeret. Ret eller fjern datoen.") % {"date": full_date(late.date).capitalize()}
        )
