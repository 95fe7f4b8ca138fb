"""The pages of the year: the wheel, the weeks, and a plan to take along."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from icalendar import Calendar

from meetings import year
from meetings.models import Meeting, MeetingPlan
from meetings.tests.factories import create_closed_period, create_meeting, create_plan
from meetings.tests.people import create_people
from members.danish import today
from members.tests.factories import create_leader
from networks.tests.factories import create_membership, create_network

pytestmark = pytest.mark.django_db

ROLES = ("coordinator", "member", "hr", "sponsor", "board", "political", "system_admin", "other_leader")


@pytest.fixture
def people():
    return create_people()


@pytest.fixture
def plan(people):
    plan = create_plan(network=people.network, first_date=today() + timedelta(days=7))
    for week in (1, 5, 9):
        create_meeting(
            network=people.network, plan=plan, date=today() + timedelta(weeks=week), theme="KANARIEFUGL", place="Skolen"
        )
    return plan


def page(client, route, *args, query=""):
    return client.get(reverse(f"meetings:{route}", args=args) + query)


# --- Who may ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ROLES)
def test_the_networks_year_is_for_those_who_may_read_dates(client, people, plan, who):
    client.force_login(getattr(people, who))
    slug = people.network.slug

    for route, *args in (("network_year", slug), ("print_plan", slug, plan.pk), ("plan_ics", slug, plan.pk)):
        response = page(client, route, *args)
        assert (response.status_code == 200) is (who in ("coordinator", "member", "hr", "sponsor")), route
        assert response.status_code in (200, 403, 404)
        assert client.post(reverse(f"meetings:{route}", args=args)).status_code in (403, 404, 405)
        if who in ("hr", "sponsor"):
            content = response.content.decode()
            assert "KANARIEFUGL" not in content
            assert plan.meetings.first().get_absolute_url() not in content or route == "plan_ics"


@pytest.mark.parametrize("who", ["hr", "sponsor"])
def test_themes_are_not_even_read_for_others(client, people, plan, who):
    client.force_login(getattr(people, who))

    with CaptureQueriesContext(connection) as captured:
        page(client, "print_plan", people.network.slug, plan.pk)
        page(client, "network_year", people.network.slug)
        page(client, "plan_ics", people.network.slug, plan.pk)

    assert [query for query in captured if '"theme"' in query["sql"]] == []


def test_a_draft_is_neither_printed_nor_exported(client, people):
    draft = create_plan(network=people.network, state=MeetingPlan.State.DRAFT)
    client.force_login(people.member)
    assert page(client, "print_plan", people.network.slug, draft.pk).status_code == 404
    client.force_login(people.coordinator)
    assert page(client, "plan_ics", people.network.slug, draft.pk)["Location"] == draft.get_absolute_url()


# --- What they show --------------------------------------------------------------------------------------------------


def test_the_wheel_links_each_dot_for_members(client, people, plan):
    client.force_login(people.member)

    content = page(client, "network_year", people.network.slug).content.decode()

    for meeting in plan.meetings.all():
        assert content.count(f'href="{meeting.get_absolute_url()}"') == 2  # in the wheel and in the list
    assert "style=" not in content.partition("<main")[2]


def test_the_members_sheet_has_themes_and_says_so(client, people, plan):
    client.force_login(people.member)

    content = page(client, "print_plan", people.network.slug, plan.pk).content.decode()

    assert content.count("KANARIEFUGL") == 3
    assert "Temaerne er kun for netværkets medlemmer." in content


def test_the_file_of_a_plan_holds_its_meetings_and_no_theme(client, people, plan):
    client.force_login(people.hr)

    response = page(client, "plan_ics", people.network.slug, plan.pk)

    events = Calendar.from_ical(response.content).events
    assert {event["UID"] for event in events} == set(plan.meetings.values_list("uid", flat=True))
    assert b"KANARIEFUGL" not in response.content
    assert response["Content-Disposition"].endswith('.ics"')


def test_plan_page_and_overview_show_the_wheel(client, people, plan):
    client.force_login(people.hr)

    assert 'class="wheel"' in client.get(plan.get_absolute_url()).content.decode()
    assert "wheel-small" in client.get(people.network.get_absolute_url()).content.decode()
    client.force_login(people.other_leader)
    assert "wheel-small" not in client.get(people.network.get_absolute_url()).content.decode()


@pytest.mark.parametrize(
    "query", ["?fra=2027-08", "?fra=2027-08-02", "?fra=nonsens", "?fra=0001-01", "?fra=9999-12", "?fra="]
)
def test_any_year_can_be_asked_for(client, people, plan, query):
    client.force_login(people.member)

    for route, *args in (("network_year", people.network.slug), ("my_year",), ("my_weeks",)):
        assert page(client, route, *args, query=query).status_code == 200


def test_one_without_a_network_is_led_onward(client, people):
    client.force_login(people.other_leader)

    assert "Du er ikke med i et netværk endnu." in page(client, "my_year").content.decode()
    assert page(client, "my_weeks").status_code == 200


def test_my_year_shows_only_my_networks(client, people, plan):
    create_meeting(network=create_network(name="Hemmeligt netværk"), date=today() + timedelta(days=9))
    client.force_login(people.member)

    content = page(client, "my_year").content.decode() + page(client, "my_weeks").content.decode()

    assert "Hemmeligt netværk" not in content
    assert "Ledere på tværs" in content


def test_a_year_of_twelve_networks_costs_the_same_as_one(client):
    leader = create_leader()
    client.force_login(leader.user)
    costs = []
    for number in (1, 3, 12):
        while leader.memberships.count() < number:
            network = create_network(name=f"Netværk {leader.memberships.count()}")
            create_membership(network=network, leader=leader)
            plan = create_plan(network=network, first_date=today())
            for week in range(0, 50, 5):
                create_meeting(network=network, plan=plan, date=today() + timedelta(weeks=week, days=number % 5))
        counts = []
        for route in ("my_year", "my_weeks"):
            with CaptureQueriesContext(connection) as captured:
                content = page(client, route).content.decode()
            counts.append(len(captured))
            assert content.count("<time ") == number * 10
        costs.append(counts)

    assert costs[0] == costs[1] == costs[2], costs
    assert max(costs[0]) <= 12, costs


# --- Week by week ----------------------------------------------------------------------------------------------------


def weeks(first, number):
    return year.weeks(Meeting.objects.all(), first=first, number=number)


def test_empty_weeks_are_folded_and_closed_ones_are_named():
    create_closed_period(name="Uge 42", first_date=date(2027, 10, 18), last_date=date(2027, 10, 22))
    create_meeting(date=date(2027, 10, 28))

    found = weeks(date(2027, 9, 29), 6)

    assert [(week.label, week.until, len(week.rows), [mark.text for _day, mark in week.marks]) for week in found] == [
        ("uge 39", "uge 41", 0, []),
        ("uge 42", "", 0, ["Uge 42"]),
        ("uge 43", "", 1, []),
        ("uge 44", "", 0, []),
    ]


def test_a_long_break_is_one_line_and_a_meeting_in_it_stands_alone():
    create_closed_period(name="Sommerferie", first_date=date(2027, 7, 5), last_date=date(2027, 8, 13))
    create_meeting(date=date(2027, 7, 21))

    found = weeks(date(2027, 7, 5), 6)

    assert [(week.label, week.until, len(week.rows)) for week in found] == [
        ("uge 27", "uge 28", 0),
        ("uge 29", "", 1),
        ("uge 30", "uge 32", 0),
    ]


@pytest.mark.parametrize(
    ("monday", "label"),
    [
        (date(2026, 12, 21), "uge 52"),
        (date(2026, 12, 28), "uge 53 (2026)"),
        (date(2027, 1, 4), "uge 1"),
        (date(2025, 12, 29), "uge 1 (2026)"),
        (date(2027, 12, 27), "uge 52"),
    ],
)
def test_a_week_in_two_years_says_which_counts_it(monday, label):
    assert year.week_label(monday).startswith(label)


def test_a_meeting_on_new_years_day_stands_in_week_53():
    create_meeting(date=date(2027, 1, 1))

    (week,) = weeks(date(2027, 1, 1), 1)

    assert (week.label, week.monday, len(week.rows)) == ("uge 53 (2026)", date(2026, 12, 28), 1)
    assert "Nytårsdag" in [mark.text for _day, mark in week.marks]
