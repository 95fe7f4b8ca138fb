"""Proof: whatever the clocks do, a planned meeting begins when a wall in Copenhagen says so, in every calendar too."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from icalendar import Calendar

from meetings import calendar, planning
from meetings.models import Meeting, MeetingPlan
from meetings.tests.people import NOW, create_people
from members.danish import COPENHAGEN

SEASONS, A_SEASON = 40, 40
FROM, TO = date(2026, 3, 1), date(2028, 11, 30)
CHANGES = [
    date(2026, 3, 29),
    date(2026, 10, 25),
    date(2027, 3, 28),
    date(2027, 10, 31),
    date(2028, 3, 26),
    date(2028, 10, 29),
]
HOURS = (time(0, 15), time(4), time(8), time(11, 45), time(13), time(16, 30), time(20), time(22, 15))


@pytest.mark.django_db
def test_1600_planned_meetings_keep_their_wall_time_over_every_change_of_clock(capsys):
    planned = plan_all()
    zones = Calendar.from_ical(calendar.download([])).walk("VTIMEZONE")
    zone = zones[0].to_tz(lookup_tzid=False)  # the rule as the file itself tells it, not as this machine knows it

    stored = list(Meeting.objects.select_related("network").order_by("pk"))
    wrong = [meeting for meeting in stored if not stands_right(meeting, planned[meeting.pk])]
    events = {str(event["UID"]): event for event in Calendar.from_ical(calendar.download(stored)).events}
    wrong += [meeting for meeting in stored if not reads_right(events[meeting.uid], planned[meeting.pk], zone)]

    sundays = sum(meeting.date in CHANGES for meeting in stored)
    with capsys.disabled():
        print(f"\n{len(stored)} meetings, {sundays} on days the clock changes: {len(wrong)} wrong wall times")
    assert len(stored) == len(events) == SEASONS * A_SEASON == 1600
    assert sundays >= 20
    assert wrong == []


def plan_all() -> dict[int, tuple[date, time, time]]:
    """Forty seasons laid out as the planner does, and what each meeting was meant to be."""
    meant = {}
    people = create_people()
    for number in range(SEASONS):
        start = HOURS[number % len(HOURS)]
        end = (datetime.combine(FROM, start) + timedelta(minutes=90)).time()
        weekdays = [6] if number % 4 == 0 else [number % 7]
        first = FROM + timedelta(days=7 * (number % 3))
        proposals = planning.propose(first, weekdays, 3 if number % 4 else 1, last_date=TO)
        # On the days of a change too, and every one of them: what the rhythm skipped or passed by is taken along.
        dates = sorted({*planning.kept(proposals)[: A_SEASON - len(CHANGES)], *CHANGES})
        while len(dates) < A_SEASON:
            dates.append(dates[-1] + timedelta(days=1))
        plan = planning.create_draft(
            people.network,
            actor=people.coordinator,
            now=NOW,
            dates=dates[:A_SEASON],
            name="Tre år",
            first_date=first,
            weekdays=weekdays,
            interval_weeks=3,
            start_time=start,
            end_time=end,
            place="Rådhuset",
            link="",
        )
        keys = plan.meetings.order_by("date").values_list("pk", flat=True)
        meant |= {key: (day, start, end) for key, day in zip(keys, dates[:A_SEASON], strict=True)}
        MeetingPlan.objects.filter(pk=plan.pk).update(state=MeetingPlan.State.PUBLISHED)  # room for the next draft
    return meant


def stands_right(meeting: Meeting, meant: tuple[date, time, time]) -> bool:
    """The instants in the database show the meant date and times on a clock in Copenhagen."""
    day, start, end = meant
    begins, ends = meeting.starts_at.astimezone(COPENHAGEN), meeting.ends_at.astimezone(COPENHAGEN)
    return (begins.date(), begins.time(), ends.date(), ends.time()) == (day, start, day, end)


def reads_right(event, meant: tuple[date, time, time], zone) -> bool:
    """The file says the wall time with its zone, and the zone's rule in the file leads to the same instant."""
    day, start, end = meant
    for name, clock in (("DTSTART", start), ("DTEND", end)):
        wall = event[name].dt.replace(tzinfo=None)
        instant = datetime.combine(day, clock, COPENHAGEN).astimezone(UTC)
        by_the_file = wall.replace(tzinfo=zone).astimezone(UTC)
        if (
            event[name].params["TZID"] != "Europe/Copenhagen"
            or wall != datetime.combine(day, clock)
            or by_the_file != instant
        ):
            return False
    return True
