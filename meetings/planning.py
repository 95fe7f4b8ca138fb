"""The season: proposed dates, a draft to adjust, and the one act that publishes it and convenes its meetings."""

from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple

from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from meetings import invitations
from meetings.models import Meeting, MeetingPlan
from meetings.permissions import require_coordinator
from members import audit, outbox
from members.danish import full_date, today
from networks.basis import require_gate_open
from networks.models import Network

MAX_MEETINGS = 60
MAX_INTERVAL = 26
MAX_YEARS_AHEAD = 3


class CannotPublish(Exception):
    """The draft cannot be published as it is; str() says why."""


class Proposal(NamedTuple):
    """One date of the rhythm: kept, or skipped for a reason; or kept with a word of warning."""

    date: date
    skipped: str = ""
    warning: str = ""


# --- Which days ------------------------------------------------------------------------------------------------------


def public_holiday(day: date) -> str:
    """The name of the Danish public holiday that `day` is, or ""."""
    return _holidays(day.year, "da" if (get_language() or "da").startswith("da") else "en_US").get(day, "")


@lru_cache(maxsize=32)
def _holidays(year: int, language: str) -> dict[date, str]:
    import holidays  # here: only planners need it, and it takes a while to load

    return dict(holidays.country_holidays("DK", years=year, language=language))


def half_day(day: date) -> str:
    """What makes `day` less fit for a meeting without being a public holiday, or ""."""
    return {
        (5, 1): _("1. maj"),
        (6, 5): _("Grundlovsdag"),
        (12, 24): _("Juleaftensdag"),
        (12, 31): _("Nytårsaftensdag"),
    }.get((day.month, day.day), "")


def remark(day: date) -> str:
    """What a coordinator should know of a date they picked."""
    return public_holiday(day) or half_day(day)


def first_day(first_date: date, weekday: int) -> date:
    """The first such weekday on or after `first_date`."""
    return first_date + timedelta(days=(weekday - first_date.weekday()) % 7)


def propose(
    first_date: date,
    weekday: int,
    interval_weeks: int,
    *,
    number_of_meetings: int | None = None,
    last_date: date | None = None,
) -> list[Proposal]:
    """The dates of a season, by number of meetings or until a date. Public holidays are skipped and do not count."""
    day = first_day(first_date, weekday)
    step = timedelta(weeks=interval_weeks)
    limit = number_of_meetings or MAX_MEETINGS + 1
    proposals, kept = [], 0
    while kept < limit and (last_date is None or day <= last_date):
        holiday = public_holiday(day)
        proposals.append(Proposal(day, skipped=holiday, warning="" if holiday else half_day(day)))
        kept += not holiday
        day += step
    return proposals


def kept(proposals: list[Proposal]) -> list[date]:
    return [proposal.date for proposal in proposals if not proposal.skipped]


def skipped_by(plan: MeetingPlan) -> list[Proposal]:
    """The dates the plan's rhythm fell on that were left out, with the reason."""
    proposals = propose(plan.first_date, plan.weekday, plan.interval_weeks, number_of_meetings=plan.number_of_meetings)
    return [proposal for proposal in proposals if proposal.skipped]


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
    for day in dates:
        add_date(plan, date=day, start_time=plan.start_time, end_time=plan.end_time, place=plan.place, now=now)


def add_date(plan: MeetingPlan, *, date: date, start_time: time, end_time: time, place: str, now: datetime) -> Meeting:
    return Meeting.objects.create(
        network_id=plan.network_id,
        plan=plan,
        date=date,
        start_time=start_time,
        end_time=end_time,
        place=place,
        link=plan.link,
        changed_at=now,
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
