"""What kind of day a date is: a public holiday, half a day off, one that HR keeps free, or one the group meets on."""

from datetime import date
from functools import lru_cache
from typing import NamedTuple

from django.utils.functional import cached_property
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from meetings.models import ClosedPeriod, Meeting
from networks.models import Network

HOLIDAY, HALF_DAY, OWN_MEETING = "holiday", "half_day", "own_meeting"


class Mark(NamedTuple):
    """A word about a day. `kind` is a kind of ClosedPeriod or one of those above."""

    kind: str
    text: str
    is_skipped: bool = False


def public_holiday(day: date) -> str:
    """The name of the Danish public holiday that `day` is, or ""."""
    return public_holidays(day.year).get(day, "")


def public_holidays(year: int) -> dict[date, str]:
    return _holidays(year, "da" if (get_language() or "da").startswith("da") else "en_US")


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


class Days:
    """The days from `first` on (to `last`), with all that HR keeps of them, and those `network` meets on already.

    Reads the database once for each. `apart_from` is a meeting that is about to leave its day.
    """

    def __init__(
        self,
        first: date,
        last: date | None = None,
        *,
        network: Network | None = None,
        apart_from: Meeting | None = None,
    ):
        self.first, self.last, self.network, self.apart_from = first, last, network, apart_from

    @cached_property
    def periods(self) -> list[ClosedPeriod]:
        return list(ClosedPeriod.objects.within(self.first, self.last))

    @cached_property
    def met_on(self) -> set[date]:
        """The days of the network's own meetings; a draft's do not count, for nobody is asked to come to them yet."""
        if self.network is None:
            return set()
        meetings = self.network.meetings.filter(
            state__in=(Meeting.State.CONVENED, Meeting.State.HELD), date__gte=self.first
        )
        if self.last:
            meetings = meetings.filter(date__lte=self.last)
        if self.apart_from:
            meetings = meetings.exclude(pk=self.apart_from.pk)
        return set(meetings.order_by().values_list("date", flat=True))

    def marks(self, day: date) -> list[Mark]:
        """All there is to say of `day`, what weighs most first."""
        marks = []
        if holiday := public_holiday(day):
            marks.append(Mark(HOLIDAY, holiday, is_skipped=True))
        if day in self.met_on:
            marks.append(Mark(OWN_MEETING, _("I har allerede møde den dag"), is_skipped=True))
        marks += [
            Mark(period.kind, period.name, is_skipped=period.is_skipped)
            for period in sorted(self.periods, key=lambda period: not period.is_skipped)
            if period.first_date <= day <= period.last_date
        ]
        if (half := half_day(day)) and not holiday:
            marks.append(Mark(HALF_DAY, half))
        return marks
