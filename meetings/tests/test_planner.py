"""The season planner in the browser: a rhythm, its dates with what is to be known of them, and the group's own rule."""

from datetime import date, datetime, time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from meetings import moving_rule, planning, scheduling
from meetings.models import ClosedPeriod, Meeting, MeetingPlan, MovingRule
from meetings.tests.factories import create_closed_period, create_meeting, create_plan
from meetings.tests.people import NOW, create_people
from meetings.tests.test_planning import draft
from meetings.tests.test_views import future_draft, page, rows_of, season
from meetings.tests.test_views import moved as typed_move
from members.danish import today
from networks.conflicts import ChangedMeanwhile
from networks.refusal import Stale
from networks.tests.factories import create_membership, create_network

pytestmark = pytest.mark.django_db

ROLES = ("coordinator", "member", "hr", "sponsor", "board", "political", "system_admin", "other_leader")
TUESDAY, THURSDAY = 1, 3


@pytest.fixture
def people():
    return create_people()


@pytest.fixture
def day():
    """A Thursday without anything to say of it, some time ahead."""
    day = today() + timedelta(days=10)
    return day + timedelta(days=(THURSDAY - day.weekday()) % 7)


@pytest.fixture
def coordinator(client, people):
    client.force_login(people.coordinator)
    return client


def page_of_publishing(plan):
    return reverse("meetings:publish_plan", args=[plan.network.slug, plan.pk])


def new_plan(people):
    return reverse("meetings:new_plan", args=[people.network.slug])


# --- The rhythm ------------------------------------------------------------------------------------------------------


def test_several_weekdays_with_weeks_between():
    proposals = planning.propose(date(2027, 8, 19), [TUESDAY, THURSDAY], 2, number_of_meetings=5)

    assert [proposal.date for proposal in proposals] == [
        date(2027, 8, 19),
        date(2027, 8, 31),
        date(2027, 9, 2),
        date(2027, 9, 14),
        date(2027, 9, 16),
    ]


def test_breaks_and_closed_days_are_skipped_and_political_days_named():
    create_closed_period(name="Uge 42", first_date=date(2027, 10, 18), last_date=date(2027, 10, 22))
    create_closed_period(kind=ClosedPeriod.Kind.POLITICAL, name="Byrådsmøde", first_date=date(2027, 10, 28))

    proposals = planning.propose(date(2027, 10, 14), [THURSDAY], 1, number_of_meetings=2)

    assert proposals == [
        (date(2027, 10, 14), "", ""),
        (date(2027, 10, 21), "Uge 42", ""),
        (date(2027, 10, 28), "", "Byrådsmøde"),
    ]


def test_a_rhythm_of_closed_days_alone_ends():
    create_closed_period(first_date=date(2027, 1, 1), last_date=date(2099, 1, 1))

    proposals = planning.propose(date(2027, 10, 14), [THURSDAY], 1, number_of_meetings=2)

    assert len(proposals) == 2 + planning.MOST_SKIPPED
    assert planning.kept(proposals) == []


def test_planner_takes_weekdays_duration_and_an_end_date(coordinator, people, day):
    last = day + timedelta(weeks=3)
    posted = season(
        day,
        weekdays=["1", "3"],
        interval_weeks="1",
        end_time="",
        duration="90",
        number_of_meetings="",
        last_date=last.strftime("%d.%m.%Y"),
    )

    coordinator.post(new_plan(people), posted)

    plan = MeetingPlan.objects.get()
    assert (plan.weekdays, plan.end_time, plan.last_date) == ([TUESDAY, THURSDAY], time(14, 30), last)
    assert {meeting.date.weekday() for meeting in plan.meetings.all()} <= {TUESDAY, THURSDAY}
    page = coordinator.get(reverse("meetings:edit_season", args=[people.network.slug, plan.pk]))
    assert page.context["form"].initial["last_date"] == last
    assert "number_of_meetings" not in page.context["form"].initial


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"end_time": "", "duration": ""}, "end_time"),
        ({"end_time": "15.00", "duration": "60"}, "end_time"),
        ({"end_time": "", "start_time": "23.00", "duration": "120"}, "duration"),
        ({"weekdays": ["7"]}, "weekdays"),
    ],
)
def test_planner_says_what_does_not_fit(coordinator, people, day, changes, field):
    response = coordinator.post(new_plan(people), season(day, **changes))

    assert list(response.context["form"].errors) == [field]


def test_end_and_duration_that_agree_are_taken(coordinator, people, day):
    coordinator.post(new_plan(people), season(day, end_time="15.00", duration="120"))

    assert MeetingPlan.objects.get().end_time == time(15)


# --- The draft -------------------------------------------------------------------------------------------------------


def test_draft_names_what_is_to_be_known_of_each_date(coordinator, people, day):
    plan = future_draft(people, day)
    create_closed_period(kind=ClosedPeriod.Kind.POLITICAL, name="Byrådsmøde", first_date=day)
    other = create_network(name="Hemmeligt netværk")
    create_membership(network=other, leader=people.member.posts.get())
    create_meeting(network=other, date=day)

    content = coordinator.get(plan.get_absolute_url()).content.decode()

    assert "Byrådsmøde" in content
    assert "1 af jer har møde i et andet netværk på samme tid" in content
    assert "Hemmeligt netværk" not in content
    assert people.member.get_full_name() not in content


def test_a_skipped_day_can_be_taken_along_after_all(coordinator, people, day):
    plan = future_draft(people, day)
    holiday = day + timedelta(weeks=1)
    create_closed_period(name="Uge 42", first_date=holiday)
    plan.interval_weeks, plan.weekdays, plan.number_of_meetings = 1, [THURSDAY], 2
    plan.meetings.filter(date=holiday).delete()
    plan.save()
    assert "Uge 42" in coordinator.get(plan.get_absolute_url()).content.decode()
    posted = rows_of(plan, **{"dato-0-place": "Skolen"})

    coordinator.post(plan.get_absolute_url(), posted | {"bring_back": holiday.isoformat()})

    assert list(plan.meetings.order_by("date").values_list("date", "place")) == [
        (day, "Skolen"),
        (holiday, "Biblioteket"),
    ]
    assert planning.skipped_by(plan) == []


def test_a_day_the_network_already_meets_on_is_skipped_and_can_be_taken_along(coordinator, people, day):
    create_meeting(network=people.network, date=day)
    create_meeting(network=people.network, date=day + timedelta(weeks=1), state=Meeting.State.CANCELLED)
    create_meeting(network=create_network(), date=day + timedelta(weeks=1))

    coordinator.post(new_plan(people), season(day, number_of_meetings="2", interval_weeks="1"))

    plan = people.network.plans.get(state=MeetingPlan.State.DRAFT)
    dates = plan.meetings.order_by("date").values_list("date", flat=True)
    assert list(dates) == [day + timedelta(weeks=1), day + timedelta(weeks=2)]
    assert planning.skipped_by(plan) == [planning.Proposal(day, skipped="I har allerede møde den dag")]
    page_of_draft = coordinator.get(plan.get_absolute_url()).content.decode()
    assert page_of_draft.count("I har allerede møde den dag") == 1  # among those skipped

    coordinator.post(plan.get_absolute_url(), rows_of(plan) | {"bring_back": day.isoformat()})

    assert plan.meetings.filter(date=day).exists()
    assert planning.skipped_by(plan) == []
    assert (
        coordinator.get(plan.get_absolute_url()).content.decode().count("I har allerede møde den dag") == 1
    )  # beside it
    assert "I har allerede møde den dag" in coordinator.get(page_of_publishing(plan)).content.decode()


def test_a_meeting_moved_is_told_of_another_meeting_that_day_and_not_of_itself(coordinator, people, day):
    meeting = create_meeting(network=people.network, date=day)
    create_meeting(network=people.network, date=day + timedelta(weeks=1))

    same_day = {"date": day.strftime("%d.%m.%Y"), "start_time": "7.00", "end_time": "8.00", "despite": ""}
    earlier = coordinator.post(page("move", meeting.pk), typed_move(day, meeting, **same_day))
    meeting.refresh_from_db()
    told = coordinator.post(page("move", meeting.pk), typed_move(day, meeting, despite=""))

    assert earlier.status_code == 302
    assert told.status_code == 200
    assert "I har allerede møde den dag" in told.content.decode()


@pytest.mark.parametrize("value", ["2027-13-01", "nonsens", "2027-01-01"])
def test_only_a_skipped_day_is_brought_back(coordinator, people, day, value):
    plan = future_draft(people, day)

    response = coordinator.post(plan.get_absolute_url(), rows_of(plan) | {"bring_back": value})

    assert response.status_code == 302
    assert plan.meetings.count() == 2


def test_draft_costs_the_same_whatever_its_length(coordinator, people, day):
    plan = future_draft(people, day, number=1)
    other = create_network()
    create_membership(network=other, leader=people.member.posts.get())
    costs = []
    for number in (1, 3, 50):
        while plan.meetings.count() < number:
            on = day + timedelta(days=plan.meetings.count())
            planning.add_date(plan, date=on, start_time=time(8), end_time=time(9), place="", now=NOW)
            create_meeting(network=other, date=on)
            create_closed_period(name="Møde", kind=ClosedPeriod.Kind.POLITICAL, first_date=on)
        with CaptureQueriesContext(connection) as captured:
            coordinator.get(plan.get_absolute_url())
        costs.append(len(captured))

    assert len(set(costs)) == 1, costs


# --- Sådan flytter vi et møde ----------------------------------------------------------------------------------------


def test_a_new_text_asks_everyone_anew(people):
    rule = moving_rule.write(people.network, text="Kun ved sygdom", seen=0, actor=people.coordinator, now=NOW)
    moving_rule.agree(people.network, seen=1, actor=people.member, now=NOW)
    assert set(rule.agreed_by.all()) == {people.coordinator, people.member}

    moving_rule.write(people.network, text="Aldrig", seen=1, actor=people.member, now=NOW)

    assert list(rule.agreed_by.all()) == [people.member]


def test_the_second_writer_is_told_and_an_old_text_is_not_agreed_to(people):
    moving_rule.write(people.network, text="Kun ved sygdom", seen=0, actor=people.coordinator, now=NOW)

    with pytest.raises(ChangedMeanwhile):
        moving_rule.write(people.network, text="Aldrig", seen=0, actor=people.member, now=NOW)
    with pytest.raises(Stale):
        moving_rule.agree(people.network, seen=0, actor=people.member, now=NOW)


def test_the_rule_is_unreadable_in_the_database(people):
    moving_rule.write(people.network, text="KANARIEFUGL", seen=0, actor=people.coordinator, now=NOW)

    with connection.cursor() as cursor:
        cursor.execute("SELECT text FROM meetings_movingrule")
        (stored,) = cursor.fetchone()

    assert "KANARIEFUGL" not in stored


@pytest.mark.parametrize("who", ROLES)
def test_the_rule_is_for_members(client, people, who):
    client.force_login(getattr(people, who))

    for url, method in (("moving_rule", client.get), ("agree_to_moving_rule", client.post)):
        status = method(reverse(f"meetings:{url}", args=[people.network.slug])).status_code
        assert (status in (200, 302)) is (who in ("coordinator", "member")), url
        assert status in (200, 302, 403, 404)


def test_members_write_agree_and_see_it_where_a_meeting_is_moved(client, people, day):
    meeting = create_meeting(network=people.network, date=day)
    url = reverse("meetings:moving_rule", args=[people.network.slug])
    client.force_login(people.member)
    client.post(url, {"text": "Kun når under halvdelen kan", "seen": "0"})
    client.force_login(people.coordinator)

    assert "Kun når under halvdelen kan" in client.get(reverse("meetings:move", args=[meeting.pk])).content.decode()
    response = client.post(
        reverse("meetings:agree_to_moving_rule", args=[people.network.slug]), {"seen": "1"}, follow=True
    )
    assert "2 ud af 2 er enige" in response.content.decode()

    late = client.post(url, {"text": "Noget andet", "seen": "0"})
    assert late.status_code == 409
    assert "Kun når under halvdelen kan" in late.content.decode()
    assert MovingRule.objects.get().version == 1


# --- History ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def moved(people, day):
    plan = create_plan(network=people.network)
    meeting = create_meeting(network=people.network, plan=plan, date=day)
    scheduling.move(
        meeting,
        date=day + timedelta(days=7),
        start_time=time(13),
        end_time=time(15),
        actor=people.coordinator,
        now=datetime.now(NOW.tzinfo),
        seen_sequence=0,
        reason="KANARIEFUGL",
    )
    return plan


def test_plan_tells_members_from_to_and_why(client, people, moved):
    client.force_login(people.member)

    content = client.get(moved.get_absolute_url()).content.decode()

    assert "Planens historik" in content
    assert "KANARIEFUGL" in content


@pytest.mark.parametrize("who", ["hr", "sponsor"])
def test_plan_tells_others_from_to_and_not_why(client, people, moved, who):
    client.force_login(getattr(people, who))

    with CaptureQueriesContext(connection) as captured:
        content = client.get(moved.get_absolute_url()).content.decode()

    assert "Planens historik" in content
    assert "KANARIEFUGL" not in content
    assert [query for query in captured if '"reason"' in query["sql"]] == []
    assert [query for query in captured if '"meetings_meeting"."theme"' in query["sql"]] == []


def test_a_draft_laid_out_at_once_has_right_instants(people):
    plan = draft(people, dates=[date(2027, 3, 25), date(2027, 4, 1)])

    assert [meeting.starts_at.hour for meeting in plan.meetings.order_by("date")] == [12, 11]


# --- What speaks against a date --------------------------------------------------------------------------------------


def test_a_move_to_a_marked_day_is_asked_about_once(coordinator, people, day):
    meeting = create_meeting(network=people.network, date=day)
    create_closed_period(name="Kulturnat", first_date=day + timedelta(days=7))
    typed = typed_move(day, meeting) | {"despite": ""}

    asked = coordinator.post(page("move", meeting.pk), typed)

    assert "Kulturnat" in asked.content.decode()
    meeting.refresh_from_db()
    assert (meeting.date, meeting.sequence) == (day, 0)

    unheard = asked.context["form"].unheard
    assert coordinator.post(page("move", meeting.pk), typed | {"despite": unheard.key}).status_code == 302
    meeting.refresh_from_db()
    assert (meeting.date, meeting.sequence) == (day + timedelta(days=7), 1)


def test_a_move_to_a_second_marked_day_is_asked_about_too(coordinator, people, day):
    meeting = create_meeting(network=people.network, date=day)
    create_closed_period(first_date=day + timedelta(days=7), last_date=day + timedelta(days=8))
    told_of_the_first = typed_move(day, meeting)

    asked = coordinator.post(
        page("move", meeting.pk),
        told_of_the_first | {"date": (day + timedelta(days=8)).strftime("%d.%m.%Y")},
    )

    assert asked.context["form"].unheard.date == day + timedelta(days=8)
    meeting.refresh_from_db()
    assert meeting.sequence == 0


def test_a_move_to_when_members_meet_elsewhere_is_asked_about(coordinator, people, day):
    meeting = create_meeting(network=people.network, date=day)
    other = create_network(name="KANARIEFUGL", state="active")
    create_membership(network=other, leader=people.member.posts.get())
    create_meeting(network=other, date=day + timedelta(days=7))

    asked = coordinator.post(page("move", meeting.pk), typed_move(day, meeting) | {"despite": ""}).content.decode()

    assert "1 af jer har møde i et andet netværk på samme tid" in asked
    assert "KANARIEFUGL" not in asked


def test_the_publish_page_sums_up_what_speaks_against_the_dates(coordinator, people, day):
    plan = draft(people, dates=[day, day + timedelta(days=7), day + timedelta(days=14)])
    create_closed_period(name="Kulturnat", first_date=day + timedelta(days=7))

    asked = coordinator.get(page("publish_plan", people.network.slug, plan.pk))

    assert day + timedelta(days=7) in [one.date for one in asked.context["remarked"]]
    assert "Kulturnat" in asked.content.decode()


def test_the_publish_page_is_flat_in_dates(coordinator, people, day):
    plan = draft(people, dates=[day])
    url = page("publish_plan", people.network.slug, plan.pk)
    counts = []
    for number in (1, 2, 20):
        for week in range(plan.meetings.count(), number):
            create_meeting(network=people.network, plan=plan, date=day + timedelta(weeks=week), state="planned")
        with CaptureQueriesContext(connection) as captured:
            coordinator.get(url)
        counts.append(len(captured))
    assert len(set(counts)) == 1, counts
