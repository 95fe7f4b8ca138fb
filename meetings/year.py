"""A year of meetings with all that lies around it: for the wheel, for the list beside it, and week by week."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from operator import itemgetter
from typing import NamedTuple

from django.urls import reverse
from django.utils.translation import gettext as _

from meetings import wheel
from meetings.days import Days, Mark
from meetings.models import Meeting, MeetingPlan, MeetingQuerySet
from members.danish import full_date, short_day, time_range, week_with_year
from networks.models import Membership

COLUMNS = ("pk", "date", "start_time", "end_time", "place", "state", "network", "network__name")


class Row(NamedTuple):
    """One meeting in the list."""

    day: date
    url: str
    iso: str
    when: str
    network: str
    number: int
    place: str
    state: str
    state_label: str
    anchor: str


@dataclass(frozen=True)
class Year:
    """Its wheel, and when they are asked for its meetings as rows; `found` are their columns."""

    wheel: wheel.Wheel
    spans: list[wheel.Span]
    found: list[tuple]
    with_links: bool

    @cached_property
    def _numbers(self) -> dict[int, int]:
        return _numbers(self.found)

    @cached_property
    def rows(self) -> list[Row]:
        return [_row(values, self._numbers[values[6]], self.with_links) for values in self.found]

    @property
    def networks(self) -> list[str]:
        """Those that have meetings in it, in the order of their numbers on the wheel."""
        names = {values[6]: values[7] for values in self.found}
        return [names[key] for key in self._numbers]

    @property
    def days_off(self) -> list[wheel.Span]:
        return sorted(self.spans, key=lambda span: (span.first, span.last))

    @property
    def entries(self) -> list[tuple[date, Row | None, wheel.Span | None]]:
        """Meetings and closed days in one order."""
        entries = [(row.day, row, None) for row in self.rows] + [(span.first, None, span) for span in self.spans]
        return sorted(entries, key=lambda entry: (entry[0], entry[1] is not None))


def of(meetings: MeetingQuerySet, *, start: date, today: date, with_links: bool, numbered: bool = False) -> Year:
    """The year that begins in the month of `start`: two queries, whatever there is in it."""
    within = meetings.published().filter(date__range=wheel.year_from(start))
    found = within.order_by("starts_at", "network__sort_text", "pk").values_list(*COLUMNS)
    return _drawn(list(found), start, today, with_links, numbered)


def of_values(found: list[dict], *, start: date, today: date, with_links: bool) -> Year:
    """The same of COLUMNS that are at hand, in order; what lies outside the year is left out."""
    first, last = wheel.year_from(start)
    within = map(itemgetter(*COLUMNS), (values for values in found if first <= values["date"] <= last))
    return _drawn(list(within), start, today, with_links, numbered=False)


def _drawn(found: list[tuple], start: date, today: date, with_links: bool, numbered: bool) -> Year:
    days = Days(*wheel.year_from(start))
    numbers, states = _numbers(found), {state.value: str(state.label).lower() for state in Meeting.State}
    title, address = _("%(network)s: %(when)s, %(state)s"), reverse("meetings:meeting", args=[0]).replace("/0/", "/%d/")
    items = [
        wheel.Item(
            day,
            title % {"network": name, "when": full_date(day), "state": states[state]},
            state,
            str(numbers[network] if numbered else day.day),
            address % pk if with_links else "",
        )
        for pk, day, _start, _end, _place, state, network, name in found
    ]
    drawn = wheel.draw(items, days, start=start, today=today)
    return Year(drawn, drawn.spans, found, with_links)


def _numbers(found: list[tuple]) -> dict[int, int]:
    """What each network is called on the wheel: the first that meets is number one."""
    return {key: number for number, key in enumerate(dict.fromkeys(values[6] for values in found), start=1)}


def _row(values: tuple, number: int, with_links: bool) -> Row:
    pk, day, start, end, place, state, _network, name = values
    return Row(
        day=day,
        url=reverse("meetings:meeting", args=[pk]) if with_links else "",
        iso=f"{day.isoformat()}T{start:%H:%M}",
        when=f"{short_day(day)} {day.year} {time_range(start, end)}",
        network=name,
        number=number,
        place=place,
        state=state,
        state_label=str(Meeting.State(state).label),
        anchor=wheel.anchor(day),
    )


def start_for(networks: Iterable, today: date) -> date:
    """Where the year of these networks begins: with the earliest season that runs."""
    dates: dict[int, list[date]] = {}
    published = MeetingPlan.objects.filter(network__in=networks, state=MeetingPlan.State.PUBLISHED)
    for network, first_date in published.order_by().values_list("network", "first_date"):
        dates.setdefault(network, []).append(first_date)
    return min((wheel.season_start(found, today) for found in dates.values()), default=wheel.month_start(today))


def my_networks(user):
    return Membership.objects.active().filter(leader__user=user).values("network")


# --- Week by week ----------------------------------------------------------------------------------------------------


class Week(NamedTuple):
    """One week, or with `until` several in a row without meetings and with the same to say of them."""

    label: str
    anchor: str
    monday: date
    sunday: date
    rows: list[Row]
    marks: list[tuple[date, Mark]]
    until: str = ""

    @property
    def words(self) -> list[str]:
        return [mark.text for _day, mark in self.marks]


def weeks(meetings: MeetingQuerySet, *, first: date, number: int) -> list[Week]:
    """That many ISO weeks from the one `first` is in. Quiet weeks that are alike are folded into one."""
    monday = first - timedelta(days=first.weekday())
    last = monday + timedelta(weeks=number, days=-1)
    days = Days(monday, last)
    found = meetings.published().filter(date__range=(monday, last)).order_by("starts_at", "pk").values_list(*COLUMNS)
    rows: dict[date, list[Row]] = {}
    for values in found:
        row = _row(values, 0, True)
        rows.setdefault(row.day - timedelta(days=row.day.weekday()), []).append(row)
    result: list[Week] = []
    for _number in range(number):
        current = _week(monday, rows.get(monday, []), days)
        before = result[-1] if result else None
        if before and not (current.rows or before.rows) and current.words == before.words:
            result[-1] = before._replace(sunday=current.sunday, until=current.label)
        else:
            result.append(current)
        monday += timedelta(weeks=1)
    return result


def _week(monday: date, rows: list[Row], days: Days) -> Week:
    sunday = monday + timedelta(days=6)
    marks: dict[tuple[str, str], tuple[date, Mark]] = {}
    for number in range(7):
        day = monday + timedelta(days=number)
        for mark in days.marks(day):
            marks.setdefault((mark.kind, mark.text), (day, mark))  # a break of five days is said once
    return Week(week_label(monday), wheel.anchor(monday), monday, sunday, rows, list(marks.values()))


def week_label(monday: date) -> str:
    """uge 9; a week that lies in two years says which one counts it: uge 53 (2026)."""
    sunday = monday + timedelta(days=6)
    if monday.year == sunday.year:
        return week_with_year(monday)
    return week_with_year(monday, sunday.year if monday.isocalendar().year == monday.year else monday.year)
