"""What kind of day a date is: a public holiday, half a day off, or one that HR keeps free."""

from datetime import date
from functools import lru_cache
from typing import NamedTuple

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from meetings.models import ClosedPeriod

HOLIDAY, HALF_DAY = "holiday", "half_day"


class Mark(NamedTuple):
    """A word about a day. `kind` is a kind of ClosedPeriod or one of the two above."""

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
    """The days from `first` on (to `last`), with all that HR keeps of them. Reads the database once."""

    def __init__(self, first: date, last: date | None = None):
        self.first, self.last = first, last
        self._periods: list[ClosedPeriod] | None = None

    @property
    def periods(self) -> list[ClosedPeriod]:
        if self._periods is None:
            self._periods = list(ClosedPeriod.objects.within(self.first, self.last))
        return self._periods

    def marks(self, day: date) -> list[Mark]:
        """All there is to say of `day`, what weighs most first."""
        marks = []
        if holiday := public_holiday(day):
            marks.append(Mark(HOLIDAY, holiday, is_skipped=True))
        marks += [
            Mark(period.kind, period.name, is_skipped=period.is_skipped)
            for period in sorted(self.periods, key=lambda period: not period.is_skipped)
            if period.first_date <= day <= period.last_date
        ]
        if (half := half_day(day)) and not holiday:
            marks.append(Mark(HALF_DAY, half))
        return marks
