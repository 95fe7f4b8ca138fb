from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from meetings import closed_periods, days
from meetings.models import ClosedPeriod
from meetings.tests.factories import create_closed_period, create_meeting
from meetings.tests.people import NOW, create_people
from members.danish import today
from members.models import AuditEvent
from networks.conflicts import ChangedMeanwhile

pytestmark = pytest.mark.django_db

Kind = ClosedPeriod.Kind
ROLES = ("coordinator", "member", "hr", "sponsor", "board", "political", "system_admin", "other_leader")


@pytest.fixture
def people():
    return create_people()


@pytest.fixture
def hr(people, client):
    client.force_login(people.hr)
    return client


def values(**changes):
    return {
        "kind": "school_break",
        "name": "Efterårsferie",
        "first_date": "18.10.2027",
        "last_date": "22.10.2027",
    } | changes


# --- What a day is ---------------------------------------------------------------------------------------------------


def test_marks_name_the_holiday_then_what_is_skipped_then_the_rest():
    create_closed_period(kind=Kind.POLITICAL, name="Byrådsmøde", first_date=date(2027, 3, 25))
    create_closed_period(name="Påskeferie", first_date=date(2027, 3, 22), last_date=date(2027, 3, 28))

    marks = days.Days(date(2027, 3, 1)).marks(date(2027, 3, 25))

    assert [(mark.kind, mark.text, mark.is_skipped) for mark in marks] == [
        ("holiday", "Skærtorsdag", True),
        ("school_break", "Påskeferie", True),
        ("political", "Byrådsmøde", False),
    ]


def test_grundlovsdag_on_a_holiday_is_named_once():
    assert [mark.text for mark in days.Days(date(2028, 6, 1)).marks(date(2028, 6, 5))] == ["Anden pinsedag"]


def test_a_period_holds_its_first_and_its_last_day():
    create_closed_period(first_date=date(2027, 10, 18), last_date=date(2027, 10, 22))
    year = days.Days(date(2027, 1, 1))

    marked = [day for day in (date(2027, 10, n) for n in (17, 18, 22, 23)) if year.marks(day)]

    assert marked == [date(2027, 10, 18), date(2027, 10, 22)]


@pytest.mark.parametrize("count", [1, 50])
def test_days_are_read_once_whatever_their_number(count, django_assert_num_queries):
    for number in range(count):
        create_closed_period(name=f"Møde {number}", first_date=date(2027, 3, 1))
    year = days.Days(date(2027, 1, 1))

    with django_assert_num_queries(1):
        found = [year.marks(date(2027, 3, n)) for n in range(1, 31)]

    assert len(found[0]) == count


def test_a_period_never_ends_before_it_begins():
    with pytest.raises(IntegrityError):
        create_closed_period(first_date=date(2027, 3, 2), last_date=date(2027, 3, 1))


# --- The acts --------------------------------------------------------------------------------------------------------


def test_add_takes_many_days_of_one_name_and_nothing_twice(people):
    several = {
        "kind": Kind.POLITICAL,
        "name": "Byrådsmøde",
        "first_date": date(2027, 1, 26),
        "last_date": date(2027, 1, 26),
        "more_dates": [date(2027, 2, 23), date(2027, 1, 26)],
    }

    first = closed_periods.add(actor=people.hr, now=NOW, **several)
    again = closed_periods.add(actor=people.hr, now=NOW, **several)

    assert [period.first_date for period in first] == [date(2027, 1, 26), date(2027, 2, 23)]
    assert again == []
    assert AuditEvent.objects.filter(verb="add_closed_period").count() == 2


def test_only_hr_keeps_the_days(people):
    period = create_closed_period()

    with pytest.raises(PermissionDenied):
        closed_periods.add(
            actor=people.coordinator,
            now=NOW,
            kind=Kind.CLOSED,
            name="Lukket",
            first_date=date(2027, 3, 1),
            last_date=date(2027, 3, 1),
        )
    with pytest.raises(PermissionDenied):
        closed_periods.remove(period, seen=1, actor=people.coordinator, now=NOW)


def test_the_second_to_change_is_told(people):
    period = create_closed_period()
    closed_periods.change(period, seen=1, actor=people.hr, now=NOW, name="Vinterferie")

    with pytest.raises(ChangedMeanwhile) as told:
        closed_periods.change(period, seen=1, actor=people.hr, now=NOW, name="Sommerferie")

    assert told.value.current.name == "Vinterferie"


# --- The pages -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ROLES)
def test_lukkedage_open_for_hr_alone(client, people, who):
    period = create_closed_period()
    client.force_login(getattr(people, who))

    for route, *args in (
        ("closed_periods",),
        ("new_closed_period",),
        ("closed_period", period.pk),
        ("remove_closed_period", period.pk),
    ):
        status = client.get(reverse(f"meetings:{route}", args=args)).status_code
        assert status == (200 if who == "hr" else 403), route


def test_empty_page_points_onward(hr):
    page = hr.get(reverse("meetings:closed_periods")).content.decode()

    assert "Der er ingen kommende lukkedage." in page
    assert reverse("meetings:new_closed_period") in page


def test_hr_adds_a_years_meetings_in_one_go(hr):
    posted = values(
        kind="political", name="Byrådsmøde", first_date="26.1.2027", last_date="", more_dates="23.2.2027\n\n30/3 2027"
    )

    response = hr.post(reverse("meetings:new_closed_period"), posted, follow=True)

    assert "3 perioder er tilføjet." in response.content.decode()
    assert [str(day) for day in ClosedPeriod.objects.values_list("last_date", flat=True)] == [
        "2027-01-26",
        "2027-02-23",
        "2027-03-30",
    ]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"last_date": "17.10.2027"}, "Slutdatoen ligger før startdatoen."),
        ({"last_date": "18.10.2028"}, "En periode kan højst være på 100 dage."),
        ({"name": ""}, "form-error-message"),
        ({"kind": "andet"}, "form-error-message"),
        ({"more_dates": "ikke en dato"}, "ikke en dato"),
    ],
)
def test_what_cannot_be_is_said(hr, changes, told):
    page = hr.post(reverse("meetings:new_closed_period"), values(**changes)).content.decode()

    assert told in page
    assert not ClosedPeriod.objects.exists()


def test_hr_changes_and_removes_a_period(hr):
    period = create_closed_period()

    hr.post(period.get_absolute_url(), values(name="Uge 42", seen="1"))
    period.refresh_from_db()
    assert (period.name, period.version) == ("Uge 42", 2)

    hr.post(reverse("meetings:remove_closed_period", args=[period.pk]))
    assert not ClosedPeriod.objects.exists()


def test_the_second_in_the_browser_sees_both(hr):
    period = create_closed_period()
    hr.post(period.get_absolute_url(), values(name="Uge 42", seen="1"))

    response = hr.post(period.get_absolute_url(), values(name="Ferie", seen="1"))

    assert response.status_code == 409
    assert "Uge 42" in response.content.decode()
    assert 'value="Ferie"' in response.content.decode()
    hr.post(period.get_absolute_url(), values(name="Ferie", seen="2"))
    assert ClosedPeriod.objects.get().name == "Ferie"


def test_the_list_tells_how_many_meetings_lie_in_a_period_at_a_flat_cost(hr, people):
    day = today() + timedelta(days=20)
    queries = []
    for count in (1, 3, 20):
        while ClosedPeriod.objects.count() < count:
            create_closed_period(name="Ferie", first_date=day, last_date=day + timedelta(days=4))
        create_meeting(network=people.network, date=day + timedelta(days=1))
        with CaptureQueriesContext(connection) as captured:
            page = hr.get(reverse("meetings:closed_periods"))
        queries.append(len(captured))

    assert len(set(queries)) == 1
    assert [period.meetings for period in page.context["coming"]] == [3] * 20
