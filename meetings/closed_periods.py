"""Lukkedage: what HR keeps of school breaks, closed days and political meetings, for every network to plan around."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction
from django.db.models import Count
from django.utils.translation import gettext as _

from meetings.models import ClosedPeriod, Meeting
from members import audit
from networks.conflicts import is_saved, require_seen
from networks.refusal import Refused, require

LONGEST_DAYS = 100  # longer is a slip of the finger, and nothing could be planned


@transaction.atomic
def add(
    *, kind: str, name: str, first_date: date, last_date: date, more_dates: Iterable[date] = (), actor, now: datetime
) -> list[ClosedPeriod]:
    """One period, and one more day of the same for each of `more_dates`. What is there already is not added again."""
    require(actor.is_hr)
    spans = dict.fromkeys([(first_date, last_date), *((day, day) for day in more_dates)])
    there = set(ClosedPeriod.objects.filter(kind=kind, name=name).values_list("first_date", "last_date"))
    added = []
    for first, last in spans:
        if (first, last) not in there:
            period = ClosedPeriod.objects.create(kind=kind, name=name, first_date=first, last_date=last)
            audit.record(actor, "add_closed_period", period, now=now)
            added.append(period)
    return added


@transaction.atomic
def change(period: ClosedPeriod, *, seen: int, actor, now: datetime, **values) -> ClosedPeriod:
    period = _entered(period, actor)
    if is_saved(period, seen, _changed(), **values):
        return period
    for name, value in values.items():
        setattr(period, name, value)
    period.version += 1
    period.save()
    audit.record(actor, "change_closed_period", period, now=now)
    return period


@transaction.atomic
def remove(period: ClosedPeriod, *, seen: int, actor, now: datetime) -> None:
    period = _entered(period, actor)
    require_seen(period, seen, _changed())
    audit.record(actor, "remove_closed_period", period, now=now)
    period.delete()


def _entered(period: ClosedPeriod, actor) -> ClosedPeriod:
    require(actor.is_hr)
    current = ClosedPeriod.objects.select_for_update().filter(pk=period.pk).first()
    if current is None:
        raise Refused(_("Perioden er slettet af en anden."))
    return current


def _changed() -> str:
    return _("En anden har rettet perioden, mens du skrev.")


def with_meetings(periods: Iterable[ClosedPeriod], *, now: datetime) -> list[ClosedPeriod]:
    """Each with `meetings`: how many coming meetings lie in it, so that HR can see what a closed week hits."""
    periods = list(periods)
    coming = Meeting.objects.filter(state=Meeting.State.CONVENED, starts_at__gt=now)
    per_day = dict(coming.order_by().values_list("date").annotate(number=Count("pk")))
    for period in periods:
        period.meetings = sum(n for day, n in per_day.items() if period.first_date <= day <= period.last_date)
    return periods
