"""Days and hours that a meeting cannot have, in every form that asks for them."""

from datetime import time, timedelta

import pytest
from django.utils import timezone

from meetings.forms import WallTimeForm
from meetings.planning import MAX_MEETINGS, MAX_YEARS_AHEAD
from members.danish import AmbiguousTime, NonexistentTime, WallTimeError, today, wall_to_utc
from netvaerk.tests.bad_input.rows import covers


def forms_with_times(house):
    """(form, what to send) for every form with a day, from and to."""
    for cls, made_forms in house.forms.items():
        if issubclass(cls, WallTimeForm):
            yield cls, made_forms[0]


def errors(made, day, start="13.00", end="15.00", **more) -> dict:
    cls = made.cls
    sent = {cls.date_field: f"{day:%d.%m.%Y}", "start_time": start, "end_time": end, **more}
    form = made.again({made.key(name): value for name, value in sent.items()})
    form.is_valid()
    return {name: " ".join(map(str, said)) for name, said in form.errors.items()}


def day_when(error: type) -> tuple:
    """The next day on which 02.30 does not exist, or comes twice."""
    day = today(timezone.now())
    for number in range(1, 400):
        try:
            wall_to_utc(day + timedelta(days=number), time(2, 30))
        except WallTimeError as refusal:
            if isinstance(refusal, error):
                return day + timedelta(days=number)
    raise AssertionError("the clock is not put forward or back any more")


def test_several_forms_ask_for_times(house):
    assert len(list(forms_with_times(house))) >= 3


@covers(27, 28)
@pytest.mark.parametrize(("error", "word"), [(NonexistentTime, "findes ikke"), (AmbiguousTime, "to gange")])
def test_an_hour_the_clock_does_not_show_once_is_refused_with_the_hour(house, error, word):
    for cls, made in forms_with_times(house):
        said = errors(made, day_when(error), "02.30", "05.00")
        assert word in said["start_time"], cls
        assert "02.30" in said["start_time"], cls


@covers(33, 34)
@pytest.mark.parametrize("end", ["13.00", "12.59", "00.00"])
def test_an_end_that_is_no_end_is_refused_there(house, end):
    for cls, made in forms_with_times(house):
        assert "end_time" in errors(made, today() + timedelta(days=40), "13.00", end), cls


@covers(34)
def test_a_meeting_cannot_last_beyond_its_day(house):
    for cls, made in forms_with_times(house):
        for end in ("25.00", "37", "400 dage", "24.00"):
            assert "end_time" in errors(made, today() + timedelta(days=40), "13.00", end), cls


@covers(35)
def test_the_past_and_the_far_future_are_refused(house):
    for cls, made in forms_with_times(house):
        for days in (-1, -400, 366 * (MAX_YEARS_AHEAD + 2)):
            assert cls.date_field in errors(made, today() + timedelta(days=days)), (cls, days)


@covers(36)
@pytest.mark.parametrize("number", ["1000", "0", "-1", str(MAX_MEETINGS + 1)])
def test_a_plan_of_too_many_meetings_is_refused(house, number):
    made = next(made for cls, made in forms_with_times(house) if cls.__name__ == "SeasonForm")
    more = {"name": "Forår", "interval_weeks": "1", "number_of_meetings": number}

    assert "number_of_meetings" in errors(made, today() + timedelta(days=40), **more)


@covers(38)
@pytest.mark.parametrize("days", ["-1", "61", "10000", "1e3", "x"])
def test_reminders_are_asked_for_among_the_days_offered(house, days):
    made = next(made_forms[0] for cls, made_forms in house.forms.items() if cls.__name__ == "ReminderForm")

    form = made.again({"days": [days], "answer_days": [days]})

    assert not form.is_valid()
    assert {"days", "answer_days"} <= set(form.errors)
