"""Årshjulet: where everything of a year stands on a circle. Knows no HTTP and asks no database; templates draw it.

A year begins at the top and runs clockwise. All numbers are ready-made text, so that no language changes their commas.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from math import cos, hypot, pi, sin
from typing import NamedTuple

from django.utils.translation import get_language, ngettext

from meetings.days import HOLIDAY, Days, public_holidays
from meetings.models import ClosedPeriod, Meeting
from members.danish import compact_date, month_name, week_with_year

MONTHS, SATURDAY = 12, 5
CENTRE, OUTER, RING, TICK, WEEK, HUB = 200, 196, 172, 166, 160, 56  # radii from the rim inwards
LANES = (142, 113, 84)
DOT = 11
APART = 28  # between the middles of two dots, so that a finger on a phone finds the right one


class Item(NamedTuple):
    """A meeting to place. `text` is what stands in its dot: the day, or the number of its network."""

    day: date
    title: str
    state: str
    text: str
    url: str = ""


class Span(NamedTuple):
    """Days that are shaded. `kind` is that of a closed period, or a holiday."""

    kind: str
    title: str
    first: date
    last: date
    path: str


class Month(NamedTuple):
    path: str
    label: str
    x: str
    y: str
    is_even: bool


class Line(NamedTuple):
    x1: str
    y1: str
    x2: str
    y2: str


class Label(NamedTuple):
    text: str
    x: str
    y: str


class Dot(NamedTuple):
    x: str
    y: str
    title: str
    state: str
    text: str
    url: str


@dataclass(frozen=True)
class Wheel:
    first: date
    last: date
    description: str
    middle: str
    months: list[Month]
    weeks: list[Line]
    week_labels: list[Label]
    spans: list[Span]
    dots: list[Dot]
    today: Line | None
    is_by_week: bool

    radius = DOT
    size = 2 * CENTRE

    @property
    def weeks_path(self) -> str:
        """All the ticks as one line: a page with fifty of them weighs a good deal less."""
        return "".join(f"M{week.x1} {week.y1}L{week.x2} {week.y2}" for week in self.weeks)


def month_start(day: date, *, months: int = 0) -> date:
    """The first of the month that many months from that of `day`."""
    number = day.year * 12 + day.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)


def year_from(start: date) -> tuple[date, date]:
    """The first and the last day of the wheel that begins in the month of `start`."""
    first = month_start(start)
    return first, month_start(first, months=MONTHS) - timedelta(days=1)


def season_start(first_dates: Iterable[date], today: date) -> date:
    """Where the wheel of these seasons begins: with the one that runs, else the next, else this month."""
    dates = sorted(first_dates)
    begun = [day for day in dates if day <= today]
    start = begun[-1] if begun else dates[0] if dates else today
    while month_start(start, months=MONTHS) <= today:
        start = month_start(start, months=MONTHS)
    return month_start(start)


def spans_of(days: Days, first: date, last: date) -> list[Span]:
    """The closed periods from `first` to `last`, and the public holidays that fall on a working day."""
    circle = _Circle(first, last)
    found = [
        circle.span(period.kind, period.name, period.first_date, period.last_date)
        for period in days.periods
        if period.first_date <= last and period.last_date >= first
    ]
    for year in range(first.year, last.year + 1):
        found += [
            circle.span(HOLIDAY, name, day, day)
            for day, name in public_holidays(year).items()
            if first <= day <= last and day.weekday() < SATURDAY
        ]
    # What covers most lies at the bottom.
    return sorted(found, key=lambda span: (span.kind == ClosedPeriod.Kind.POLITICAL, span.first - span.last))


def draw(items: Iterable[Item], days: Days, *, start: date, today: date) -> Wheel:
    first, last = year_from(start)
    circle = _Circle(first, last)
    items = sorted(item for item in items if first <= item.day <= last)
    dots = circle.dots(items)
    is_by_week = dots is None
    if dots is None:
        dots = circle.dots(_by_week(items)) or []
    months, weeks, week_labels = _rim(first, get_language())
    return Wheel(
        first=first,
        last=last,
        description=_describe(first, last, len(items)),
        middle=str(first.year) if first.month == 1 else f"{first.year}/{last.year}",
        months=months,
        weeks=weeks,
        week_labels=week_labels,
        spans=spans_of(days, first, last),
        dots=dots,
        today=circle.line(today, OUTER + 4, HUB, middle=True) if first <= today <= last else None,
        is_by_week=is_by_week,
    )


@lru_cache(maxsize=64)
def _rim(first: date, language: str) -> tuple[list[Month], list[Line], list[Label]]:
    """What stands round every wheel that begins on that day: the same for all, so it is reckoned once."""
    _first, last = year_from(first)
    circle = _Circle(first, last)
    mondays = [first + timedelta(days=(7 - first.weekday()) % 7 + 7 * number) for number in range(53)]
    mondays = [monday for monday in mondays if monday <= last]
    labels = [
        circle.label(monday + timedelta(days=3), str(monday.isocalendar().week), WEEK)
        for monday in mondays
        if monday.isocalendar().week % 4 == 1
    ]
    return (
        [circle.month(number) for number in range(MONTHS)],
        [circle.line(monday, RING, TICK) for monday in mondays],
        labels,
    )


def _describe(first: date, last: date, count: int) -> str:
    return ngettext(
        "Årshjul fra %(first)s til %(last)s med %(count)d møde. Det samme står i listen.",
        "Årshjul fra %(first)s til %(last)s med %(count)d møder. Det samme står i listen.",
        count,
    ) % {"first": f"{month_name(first)} {first.year}", "last": f"{month_name(last)} {last.year}", "count": count}


def _by_week(items: list[Item]) -> list[Item]:
    """One for each week, where there are too many to stand side by side; it leads to that week in the list."""
    weeks: dict[tuple[int, int], list[Item]] = {}
    for item in items:
        weeks.setdefault(item.day.isocalendar()[:2], []).append(item)
    return [
        Item(
            day=date.fromisocalendar(*key, 3),
            title=ngettext("%(week)s: %(count)d møde", "%(week)s: %(count)d møder", len(there))
            % {"week": week_with_year(there[0].day).capitalize(), "count": len(there)},
            state=Meeting.State.CONVENED,
            text=str(len(there)),
            url=f"#{anchor(there[0].day)}",
        )
        for key, there in weeks.items()
    ]


def anchor(day: date) -> str:
    """What a week is called in an address."""
    year, number, _weekday = day.isocalendar()
    return f"uge-{year}-{number}"


class _Circle:
    """Days as places on a circle."""

    def __init__(self, first: date, last: date):
        self.first, self.last = first, last
        self.days = (last - first).days + 1

    def at(self, day: date, radius: float, *, middle: bool = False) -> tuple[float, float]:
        part = ((day - self.first).days + (0.5 if middle else 0)) / self.days
        angle = 2 * pi * part - pi / 2
        return CENTRE + radius * cos(angle), CENTRE + radius * sin(angle)

    def line(self, day: date, outer: float, inner: float, *, middle: bool = False) -> Line:
        return Line(*map(_number, (*self.at(day, outer, middle=middle), *self.at(day, inner, middle=middle))))

    def label(self, day: date, text: str, radius: float) -> Label:
        return Label(text, *map(_number, self.at(day, radius)))

    def month(self, number: int) -> Month:
        begins, ends = month_start(self.first, months=number), month_start(self.first, months=number + 1)
        x, y = self.at(begins + (ends - begins) / 2, (OUTER + RING) / 2)
        return Month(
            self._sector(begins, ends, OUTER, RING), month_name(begins)[:3], _number(x), _number(y), number % 2 == 0
        )

    def span(self, kind: str, title: str, first: date, last: date) -> Span:
        begins, ends = max(first, self.first), min(last, self.last) + timedelta(days=1)
        inner = WEEK if kind == ClosedPeriod.Kind.POLITICAL else HUB
        when = compact_date(first) if first == last else f"{compact_date(first)} – {compact_date(last)}"
        return Span(kind, f"{title}, {when}", first, last, self._sector(begins, ends, RING, inner))

    def dots(self, items: list[Item]) -> list[Dot] | None:
        """Each as near the rim as there is room; None when there is none."""
        placed: list[tuple[float, float]] = []
        found = []
        for item in items:
            spots = (self.at(item.day, radius, middle=True) for radius in LANES)
            spot = next((spot for spot in spots if all(_apart(spot, other) for other in placed)), None)
            if spot is None:
                return None
            placed.append(spot)
            found.append(Dot(_number(spot[0]), _number(spot[1]), item.title, item.state, item.text, item.url))
        return found

    def _sector(self, begins: date, ends: date, outer: float, inner: float) -> str:
        """The piece of a ring from `begins` until `ends`."""
        is_large = int((ends - begins).days * 2 > self.days)
        a, b = self.at(begins, outer), self.at(ends, outer)
        c, d = self.at(ends, inner), self.at(begins, inner)
        return (
            f"M{_point(a)}A{outer} {outer} 0 {is_large} 1 {_point(b)}"
            f"L{_point(c)}A{inner} {inner} 0 {is_large} 0 {_point(d)}Z"
        )


def _apart(one: tuple[float, float], other: tuple[float, float]) -> bool:
    return hypot(one[0] - other[0], one[1] - other[1]) >= APART


def _number(value: float) -> str:
    return f"{value:.1f}"


def _point(spot: tuple[float, float]) -> str:
    return f"{spot[0]:.1f} {spot[1]:.1f}"
