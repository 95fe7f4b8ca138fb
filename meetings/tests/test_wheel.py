"""Where things stand on the wheel."""

from datetime import date, timedelta
from math import hypot

import pytest

from meetings import wheel
from meetings.days import Days
from meetings.models import ClosedPeriod
from meetings.tests.factories import create_closed_period
from meetings.wheel import Item

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 23)
AUGUST = date(2026, 8, 1)


def item(day, **changes):
    return Item(**{"day": day, "title": str(day), "state": "convened", "text": "1"} | changes)


def draw(*days, start=AUGUST, today=TODAY):
    return wheel.draw([item(day) for day in days], Days(start), start=start, today=today)


def middle(dot):
    return float(dot.x), float(dot.y)


def test_the_year_begins_at_the_top_and_runs_clockwise():
    dots = draw(date(2026, 8, 1), date(2026, 10, 31), date(2027, 1, 30), date(2027, 5, 1)).dots

    assert [(round(float(dot.x), -1), round(float(dot.y), -1)) for dot in dots] == [
        (200, 60),
        (340, 200),
        (200, 340),
        (60, 200),
    ]


def test_months_begin_with_the_season():
    months = draw().months

    assert [month.label for month in months][:2] == ["aug", "sep"]
    assert len(months) == 12


@pytest.mark.parametrize("start", [date(2026, 1, 1), date(2026, 8, 1), date(2027, 8, 1), date(2020, 3, 1)])
def test_every_iso_week_has_its_tick(start):
    drawn = draw(start=start)

    mondays = [day for n in range(366) if (day := start + timedelta(days=n)) <= drawn.last and day.weekday() == 0]
    assert len(drawn.weeks) == len(mondays)
    assert {label.text for label in drawn.week_labels} <= {str(n) for n in range(1, 54)}


def test_the_week_that_is_53_is_ticked():
    labels = {label.text for label in draw(start=date(2026, 8, 1)).week_labels}

    assert {"1", "33", "49", "53"} <= labels


@pytest.mark.parametrize(("today", "is_marked"), [(AUGUST, True), (date(2027, 7, 31), True), (date(2027, 8, 1), False)])
def test_today_is_marked_when_it_is_in_the_year(today, is_marked):
    assert (draw(today=today).today is not None) is is_marked


def test_dots_keep_a_fingers_distance():
    days = [date(2026, 9, 1) + timedelta(days=n) for n in (0, 0, 1, 14, 15, 16, 28)]

    spots = [middle(dot) for dot in draw(*days).dots]

    apart = [hypot(a[0] - b[0], a[1] - b[1]) for n, a in enumerate(spots) for b in spots[:n]]
    assert min(apart) >= wheel.APART - 0.2


def test_too_many_to_stand_side_by_side_are_counted_by_week():
    drawn = draw(*[AUGUST + timedelta(days=3 * n) for n in range(120)])

    assert drawn.is_by_week
    assert sum(int(dot.text) for dot in drawn.dots) == 120
    assert all(dot.url.startswith("#uge-") for dot in drawn.dots)
    spots = [middle(dot) for dot in drawn.dots]
    assert min(hypot(a[0] - b[0], a[1] - b[1]) for n, a in enumerate(spots) for b in spots[:n]) >= wheel.APART - 0.2


def test_what_is_outside_the_year_is_not_drawn():
    assert len(draw(date(2026, 7, 31), date(2026, 8, 1), date(2027, 7, 31), date(2027, 8, 1)).dots) == 2


def test_closed_days_are_cut_to_the_year_and_holidays_stand_among_them():
    create_closed_period(name="Sommerferie", first_date=date(2026, 7, 1), last_date=date(2026, 8, 9))
    create_closed_period(name="Byrådsmøde", kind=ClosedPeriod.Kind.POLITICAL, first_date=date(2026, 8, 25))

    spans = wheel.spans_of(Days(AUGUST), AUGUST, date(2027, 7, 31))

    assert spans[0].title == "Sommerferie, 1. jul. 2026 – 9. aug. 2026"
    assert spans[-1].title == "Byrådsmøde, 25. aug. 2026"
    assert "Skærtorsdag, 25. mar. 2027" in [span.title for span in spans]
    assert not any("bededag" in span.title.lower() for span in spans)


@pytest.mark.parametrize(
    ("firsts", "start"),
    [
        ([], date(2026, 11, 1)),
        ([date(2026, 8, 20)], date(2026, 8, 1)),
        ([date(2026, 8, 20), date(2027, 1, 7)], date(2026, 8, 1)),
        ([date(2027, 1, 7)], date(2027, 1, 1)),
        ([date(2024, 8, 20)], date(2026, 8, 1)),
        ([date(2024, 2, 29)], date(2026, 2, 1)),
    ],
)
def test_where_a_season_begins(firsts, start):
    assert wheel.season_start(firsts, TODAY) == start
