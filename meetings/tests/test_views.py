from datetime import UTC, datetime, time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from icalendar import Calendar

from meetings import attendance, scheduling
from meetings.models import Attendance, Meeting, MeetingPlan, Rsvp
from meetings.tests.factories import create_meeting, create_plan
from meetings.tests.people import create_members, create_people
from meetings.tests.test_planning import draft
from members.danish import today
from members.models import Message
from networks.models import StrategicDirection

pytestmark = pytest.mark.django_db

ROLES = ("coordinator", "member", "hr", "sponsor", "board", "political", "system_admin", "other_leader")


@pytest.fixture
def people():
    return create_people()


@pytest.fixture
def day():
    return today() + timedelta(days=10)


@pytest.fixture
def meeting(people, day):
    return create_meeting(network=people.network, date=day, theme="KANARIEFUGL", place="Biblioteket")


@pytest.fixture
def past(people):
    return create_meeting(network=people.network, date=today() - timedelta(days=10))


def season(day, **changes):
    return {
        "name": "Forår",
        "first_date": day.strftime("%d.%m.%Y"),
        "interval_weeks": "2",
        "start_time": "13",
        "end_time": "15.00",
        "place": "Biblioteket",
        "number_of_meetings": "3",
    } | changes


def page(route, *args):
    return reverse(f"meetings:{route}", args=args)


# --- Who may ---------------------------------------------------------------------------------------------------------

ONLY_MEMBERS = {"coordinator": 200, "member": 200, "hr": 403, "sponsor": 403}
ONLY_COORDINATOR = {"coordinator": 200, "member": 403, "hr": 403, "sponsor": 403}


def expected(allowed, who):
    return allowed.get(who, 404)


@pytest.mark.parametrize("who", ROLES)
@pytest.mark.parametrize(
    ("route", "allowed"),
    [
        ("meeting", ONLY_MEMBERS),
        ("theme", ONLY_MEMBERS),
        ("download_ics", ONLY_MEMBERS),
        ("move", ONLY_COORDINATOR),
        ("change_place", ONLY_COORDINATOR),
        ("cancel", ONLY_COORDINATOR),
    ],
)
def test_meeting_pages_open_for_whom_they_should(client, people, meeting, who, route, allowed):
    client.force_login(getattr(people, who))

    assert client.get(page(route, meeting.pk)).status_code == expected(allowed, who)


@pytest.mark.parametrize("who", ROLES)
def test_attendance_opens_for_the_coordinator(client, people, past, who):
    client.force_login(getattr(people, who))

    assert client.get(page("record_attendance", past.pk)).status_code == expected(ONLY_COORDINATOR, who)


@pytest.mark.parametrize("who", ROLES)
def test_plan_list_opens_for_those_who_may_read_dates(client, people, meeting, who):
    client.force_login(getattr(people, who))

    status = client.get(page("plan_list", people.network.slug)).status_code

    assert (status == 200) is (who in ("coordinator", "member", "hr", "sponsor"))
    assert status in (200, 403, 404)


@pytest.mark.parametrize("who", ROLES)
@pytest.mark.parametrize("route", ["plan", "edit_season", "publish_plan", "discard_plan"])
def test_drafts_are_for_the_coordinator(client, people, who, route):
    plan = draft(people)
    client.force_login(getattr(people, who))

    status = client.get(page(route, people.network.slug, plan.pk)).status_code

    assert (status == 200) is (who == "coordinator")
    assert status in (200, 403, 404)


def test_a_planned_meeting_does_not_exist_for_members(client, people, day):
    drafted = create_meeting(network=people.network, date=day, state=Meeting.State.PLANNED)
    client.force_login(people.member)

    assert client.get(page("meeting", drafted.pk)).status_code == 404
    assert drafted.pk not in [row.url for row in client.get(page("mine")).context["rows"]]
    assert b"uge" not in client.get(page("plan_list", people.network.slug)).content.partition(b"<main")[2]


@pytest.mark.parametrize("route", ["mine", "meeting", "move", "plan_list", "new_plan", "subscription"])
def test_the_signed_out_are_asked_to_log_in(client, people, meeting, route):
    args = {"meeting": [meeting.pk], "move": [meeting.pk], "plan_list": [people.network.slug]}
    args["new_plan"] = args["plan_list"]

    response = client.get(page(route, *args.get(route, [])))

    assert response.status_code == 302
    assert reverse("account_login") in response["Location"]


def test_hr_sees_dates_and_places_and_nothing_inside(client, people, meeting):
    attendance.reply(meeting, user=people.member, answer=Rsvp.Answer.DECLINED, now=datetime.now(UTC))
    client.force_login(people.hr)

    content = client.get(page("plan_list", people.network.slug)).content.decode()

    assert "Biblioteket" in content
    assert "Indkaldt" in content
    for inside in ("KANARIEFUGL", "Afbud", "Ikke besvaret", page("meeting", meeting.pk)):
        assert inside not in content


# --- One meeting -----------------------------------------------------------------------------------------------------


def test_member_sees_date_theme_and_who_comes(client, people, meeting):
    client.force_login(people.member)

    content = client.get(page("meeting", meeting.pk)).content.decode()

    for shown in ("KANARIEFUGL", "Biblioteket", "Tove Holder", "Jeg deltager", "Meld afbud"):
        assert shown in content
    assert "Flyt møde" not in content


def test_reply_is_noted_and_leads_back(client, people, meeting):
    client.force_login(people.member)

    response = client.post(page("reply", meeting.pk), {"answer": "accepted", "next": "/moeder/"})

    assert response["Location"] == "/moeder/"
    assert Rsvp.objects.get().answer == Rsvp.Answer.ACCEPTED
    assert "Du deltager" in client.get(page("meeting", meeting.pk)).content.decode()


@pytest.mark.parametrize("target", ["https://ond.invalid/", "//ond.invalid/", "javascript:alert(1)", ""])
def test_reply_leads_nowhere_else(client, people, meeting, target):
    client.force_login(people.member)

    response = client.post(page("reply", meeting.pk), {"answer": "declined", "next": target})

    assert response["Location"] == page("meeting", meeting.pk)


@pytest.mark.parametrize("answer", ["", "no_reply", "perhaps"])
def test_reply_refuses_other_answers(client, people, meeting, answer):
    client.force_login(people.member)

    client.post(page("reply", meeting.pk), {"answer": answer})

    assert not Rsvp.objects.exists()


def test_reply_by_get_changes_nothing(client, people, meeting):
    client.force_login(people.member)

    assert client.get(page("reply", meeting.pk), {"answer": "accepted"}).status_code == 405
    assert not Rsvp.objects.exists()


@pytest.mark.parametrize("who", ["hr", "sponsor", "other_leader"])
def test_reply_is_for_members(client, people, meeting, who):
    client.force_login(getattr(people, who))

    assert client.post(page("reply", meeting.pk), {"answer": "accepted"}).status_code in (403, 404)
    assert not Rsvp.objects.exists()


def test_theme_is_kept_and_unreadable_in_the_database(client, people, meeting):
    client.force_login(people.member)

    client.post(page("theme", meeting.pk), {"theme": "Den svære samtale", "seen": "KANARIEFUGL"})

    meeting.refresh_from_db()
    assert meeting.theme == "Den svære samtale"
    with connection.cursor() as cursor:
        cursor.execute("SELECT theme FROM meetings_meeting WHERE id = %s", [meeting.pk])
        assert "samtale" not in cursor.fetchone()[0]


def test_the_second_to_write_a_theme_is_told_and_loses_nothing(client, people, meeting):
    client.force_login(people.member)
    client.post(page("theme", meeting.pk), {"theme": "Den svære samtale", "seen": "KANARIEFUGL"})

    response = client.post(page("theme", meeting.pk), {"theme": "At sige nej", "seen": "KANARIEFUGL"})

    said = response.content.decode()
    assert response.status_code == 409
    assert "Den svære samtale" in said
    assert "At sige nej" in said
    meeting.refresh_from_db()
    assert meeting.theme == "Den svære samtale"

    client.post(page("theme", meeting.pk), response.context["form"].data)

    meeting.refresh_from_db()
    assert meeting.theme == "At sige nej"


def test_theme_refuses_a_cpr_number(client, people, meeting):
    client.force_login(people.member)

    response = client.post(page("theme", meeting.pk), {"theme": "Sag 010190-1234"})

    assert "theme" in response.context["form"].errors


def moved(day, meeting, **changes):
    """What is posted; whatever there may be to say of the new day, it has been read."""
    typed = {
        "date": (day + timedelta(days=7)).strftime("%d.%m.%Y"),
        "start_time": "13.00",
        "end_time": "15.00",
        "reason": "Lokalet er optaget",
        "seen_sequence": meeting.sequence,
    } | changes
    return {"despite": " ".join(typed[name] for name in ("date", "start_time", "end_time"))} | typed


def test_move_twice_by_double_click_moves_once(client, people, meeting, day):
    client.force_login(people.coordinator)

    for _click in range(2):
        assert client.post(page("move", meeting.pk), moved(day, meeting)).status_code == 302

    meeting.refresh_from_db()
    assert (meeting.date, meeting.sequence) == (day + timedelta(days=7), 1)
    assert Message.objects.filter(kind="meeting_changed").count() == 2


def test_move_says_so_when_another_was_first(client, people, meeting, day):
    client.force_login(people.coordinator)
    client.post(page("move", meeting.pk), moved(day, meeting))

    response = client.post(
        page("move", meeting.pk), moved(day, meeting, date=(day + timedelta(days=14)).strftime("%d.%m.%Y"))
    )

    assert "Mødet er ændret, siden du åbnede siden" in response.content.decode()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("date", "30.2.2027"),
        ("date", "1.1.2020"),
        ("date", "1.1.2199"),
        ("start_time", "25.61"),
        ("end_time", "12.00"),
        ("end_time", "13.00"),
        ("reason", ""),
    ],
)
def test_move_refuses_at_the_field(client, people, meeting, day, field, value):
    client.force_login(people.coordinator)

    response = client.post(page("move", meeting.pk), moved(day, meeting, **{field: value}))

    assert list(response.context["form"].errors) == [field]
    meeting.refresh_from_db()
    assert meeting.sequence == 0


@pytest.mark.parametrize(("month", "words"), [(3, "findes ikke"), (10, "kommer to gange")])
def test_move_into_a_change_of_clock_is_refused_in_words(client, people, meeting, day, month, words):
    client.force_login(people.coordinator)
    sunday = datetime(day.year + 1, month, 31).date()
    sunday -= timedelta(days=(sunday.weekday() + 1) % 7)

    response = client.post(
        page("move", meeting.pk),
        moved(day, meeting, date=sunday.strftime("%d.%m.%Y"), start_time="02.30", end_time="04.00"),
    )

    assert words in str(response.context["form"].errors["start_time"])


def test_history_shows_from_and_to(client, people, meeting, day):
    scheduling.move(
        meeting,
        date=day + timedelta(days=7),
        start_time=time(9),
        end_time=time(11),
        actor=people.coordinator,
        now=datetime.now(UTC),
        seen_sequence=0,
        reason="Vinterferie",
    )
    client.force_login(people.member)

    content = client.get(page("meeting", meeting.pk)).content.decode()

    assert "kl. 13.00–15.00 til" in content
    assert "Vinterferie" in content


def test_cancel_asks_with_its_consequence_and_then_cancels(client, people, meeting):
    client.force_login(people.coordinator)

    asked = client.get(page("cancel", meeting.pk)).content.decode()
    client.post(page("cancel", meeting.pk), {"reason": ""})
    client.post(page("cancel", meeting.pk), {"reason": ""})

    assert "Alle 2 medlemmer får besked, og mødet fjernes fra deres kalender." in asked
    meeting.refresh_from_db()
    assert (meeting.state, meeting.sequence) == (Meeting.State.CANCELLED, 1)
    assert Message.objects.filter(kind="meeting_cancelled").count() == 2


def test_change_place_is_saved(client, people, meeting):
    client.force_login(people.coordinator)

    client.post(
        page("change_place", meeting.pk),
        {"place": "Skolen", "link": "https://video.invalid/x", "reason": "", "seen_sequence": 0},
    )

    meeting.refresh_from_db()
    assert (meeting.place, meeting.link, meeting.sequence) == ("Skolen", "https://video.invalid/x", 1)


def test_change_place_refuses_a_link_that_is_none(client, people, meeting):
    client.force_login(people.coordinator)

    response = client.post(
        page("change_place", meeting.pk), {"place": "", "link": "javascript:alert(1)", "seen_sequence": 0}
    )

    assert "link" in response.context["form"].errors


def test_attendance_is_registered(client, people, past):
    client.force_login(people.coordinator)

    client.post(page("record_attendance", past.pk), {"present": [people.member.pk]})

    past.refresh_from_db()
    assert past.state == Meeting.State.HELD
    assert dict(Attendance.objects.values_list("user", "presence")) == {
        people.member.pk: "present",
        people.coordinator.pk: "absent",
    }
    client.force_login(people.member)
    assert "Udeblev" in client.get(page("meeting", past.pk)).content.decode()


def test_attendance_of_strangers_is_refused(client, people, past):
    client.force_login(people.coordinator)

    response = client.post(page("record_attendance", past.pk), {"present": [people.hr.pk]})

    assert "present" in response.context["form"].errors


def test_attendance_before_the_start_leads_back(client, people, meeting):
    client.force_login(people.coordinator)

    assert client.get(page("record_attendance", meeting.pk))["Location"] == page("meeting", meeting.pk)


def test_one_meeting_as_a_calendar_file(client, people, meeting):
    client.force_login(people.member)

    response = client.get(page("download_ics", meeting.pk))

    assert response["Content-Disposition"] == f'attachment; filename="moede-{meeting.date.isoformat()}.ics"'
    (event,) = Calendar.from_ical(response.content).events
    assert event["UID"] == meeting.uid
    assert b"KANARIEFUGL" not in response.content


# --- The planner -----------------------------------------------------------------------------------------------------


def test_planner_from_rhythm_to_published_plan(client, people, day):
    client.force_login(people.coordinator)
    slug = people.network.slug

    response = client.post(page("new_plan", slug), season(day))
    plan = MeetingPlan.objects.get()
    assert response["Location"] == plan.get_absolute_url()
    assert plan.meetings.count() == 3
    assert "Alle 2 medlemmer får planen" in client.get(page("publish_plan", slug, plan.pk)).content.decode()

    for _click in range(2):
        client.post(page("publish_plan", slug, plan.pk))

    plan.refresh_from_db()
    assert plan.state == MeetingPlan.State.PUBLISHED
    assert Message.objects.filter(kind="plan_published").count() == 2
    assert Message.objects.filter(kind="meeting_invitation").count() == 6


def test_planner_by_double_click_makes_one_draft(client, people, day):
    client.force_login(people.coordinator)

    for _click in range(2):
        client.post(page("new_plan", people.network.slug), season(day))

    assert (MeetingPlan.objects.count(), Meeting.objects.count()) == (1, 3)


def test_new_plan_leads_to_the_draft_there_is(client, people):
    plan = draft(people)
    client.force_login(people.coordinator)

    assert client.get(page("new_plan", people.network.slug))["Location"] == plan.get_absolute_url()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"number_of_meetings": "61"}, "number_of_meetings"),
        ({"number_of_meetings": ""}, "number_of_meetings"),
        ({"number_of_meetings": "3", "last_date": "1.1.2030"}, "number_of_meetings"),
        ({"interval_weeks": "27"}, "interval_weeks"),
        ({"interval_weeks": "0"}, "interval_weeks"),
        ({"first_date": "1.1.2020"}, "first_date"),
        ({"first_date": "31.2.2027"}, "first_date"),
        ({"end_time": "13.00"}, "end_time"),
        ({"link": "ftp://x"}, "link"),
        ({"name": ""}, "name"),
        ({"place": "010190-1234"}, "place"),
    ],
)
def test_planner_refuses_at_the_field(client, people, day, changes, field):
    client.force_login(people.coordinator)

    response = client.post(page("new_plan", people.network.slug), season(day, **changes))

    assert list(response.context["form"].errors) == [field]
    assert not MeetingPlan.objects.exists()


def test_planner_refuses_more_than_sixty_by_end_date(client, people, day):
    client.force_login(people.coordinator)
    last = (day + timedelta(weeks=80)).strftime("%d.%m.%Y")

    response = client.post(
        page("new_plan", people.network.slug),
        season(day, number_of_meetings="", last_date=last, interval_weeks="1"),
    )

    assert list(response.context["form"].errors) == ["last_date"]


def rows_of(plan, **changes) -> dict:
    """The draft's form as the browser sends it, the empty last row included."""
    data = {}
    meetings = list(plan.meetings.order_by("starts_at", "pk"))
    for number, meeting in enumerate([*meetings, None]):
        data |= {
            f"dato-{number}-meeting": meeting.pk if meeting else "",
            f"dato-{number}-date": meeting.date.strftime("%d.%m.%Y") if meeting else "",
            f"dato-{number}-start_time": "13.00" if meeting else "",
            f"dato-{number}-end_time": "15.00" if meeting else "",
            f"dato-{number}-place": meeting.place if meeting else "",
        }
    return data | {"dato-TOTAL_FORMS": len(meetings) + 1, "dato-INITIAL_FORMS": len(meetings)} | changes


def future_draft(people, day, number=2):
    return draft(people, dates=[day + timedelta(weeks=week) for week in range(number)], now=datetime.now(UTC))


def test_draft_is_adjusted(client, people, day):
    plan = future_draft(people, day)
    client.force_login(people.coordinator)
    new = day + timedelta(days=20)

    client.post(
        plan.get_absolute_url(),
        rows_of(
            plan,
            **{
                "dato-0-place": "Skolen",
                "dato-1-remove": "on",
                "dato-1-date": "vrøvl",
                "dato-2-date": new.strftime("%d.%m.%Y"),
            },
        ),
    )

    assert list(plan.meetings.order_by("date").values_list("date", "start_time", "place")) == [
        (day, time(13), "Skolen"),
        (new, time(13), "Biblioteket"),
    ]


def test_draft_refuses_two_meetings_at_once(client, people, day):
    plan = future_draft(people, day)
    client.force_login(people.coordinator)

    response = client.post(plan.get_absolute_url(), rows_of(plan, **{"dato-1-date": day.strftime("%d.%m.%Y")}))

    assert "Der er allerede et møde på det tidspunkt." in response.content.decode()


def test_draft_says_why_dates_were_skipped(client, people):
    year = today().year + 1
    plan = draft(people, dates=[datetime(year, 12, 18).date()], first_date=datetime(year, 12, 18).date())
    plan.weekdays = [plan.first_date.weekday()]
    plan.interval_weeks, plan.number_of_meetings = 1, 3
    plan.save()
    client.force_login(people.coordinator)

    content = client.get(plan.get_absolute_url()).content.decode()

    assert "Sprunget over" in content
    assert "Juledag" in content


def test_publish_page_shows_what_the_gate_lacks(client, people, day):
    plan = future_draft(people, day)
    people.network.direction.state = StrategicDirection.State.DRAFT
    people.network.direction.save()
    client.force_login(people.coordinator)

    shown = client.get(page("publish_plan", people.network.slug, plan.pk)).content.decode()
    client.post(page("publish_plan", people.network.slug, plan.pk))

    assert "Netværkets kurs gælder ikke endnu." in shown
    plan.refresh_from_db()
    assert plan.is_draft
    assert not Message.objects.exists()


def test_discard_asks_and_then_discards(client, people, day):
    plan = future_draft(people, day)
    client.force_login(people.coordinator)

    client.get(page("discard_plan", people.network.slug, plan.pk))
    assert MeetingPlan.objects.exists()
    client.post(page("discard_plan", people.network.slug, plan.pk))

    assert not MeetingPlan.objects.exists()


def test_plans_of_another_network_are_not_found(client, people):
    other = create_plan(network=create_people(name="Andre").network)
    client.force_login(people.coordinator)

    assert client.get(page("plan", people.network.slug, other.pk)).status_code == 404


# --- Lists -----------------------------------------------------------------------------------------------------------


def test_mine_shows_my_answer_and_nothing_of_others(client, people, meeting):
    create_meeting(network=create_people(name="Fremmede").network, date=meeting.date)
    attendance.reply(meeting, user=people.member, answer=Rsvp.Answer.ACCEPTED, now=datetime.now(UTC))
    attendance.reply(meeting, user=people.coordinator, answer=Rsvp.Answer.DECLINED, now=datetime.now(UTC))
    client.force_login(people.member)

    (row,) = client.get(page("mine")).context["rows"]

    assert (row.network, row.tag_label, row.url) == ("Ledere på tværs", "Deltager", page("meeting", meeting.pk))


def test_mine_has_the_past_apart(client, people, meeting, past):
    client.force_login(people.member)

    assert [row.url for row in client.get(page("mine")).context["rows"]] == [page("meeting", meeting.pk)]
    earlier = client.get(page("mine"), {"vis": "tidligere"})
    assert [row.url for row in earlier.context["rows"]] == [page("meeting", past.pk)]


@pytest.mark.parametrize("who", ["member", "coordinator", "hr"])
@pytest.mark.parametrize("route", ["mine", "past", "plan_list", "plan"])
def test_lists_take_the_same_queries_for_1_3_and_50(client, people, who, route):
    client.force_login(getattr(people, who))
    plan = create_plan(network=people.network)
    address = {
        "mine": page("mine"),
        "past": page("mine") + "?vis=tidligere",
        "plan_list": page("plan_list", people.network.slug),
        "plan": plan.get_absolute_url(),
    }[route]
    counts = []
    for number in (1, 2, 47):
        for offset in range(number):
            for sign in (1, -1):
                create_meeting(
                    network=people.network, plan=plan, date=today() + sign * timedelta(days=offset + 1), invite=False
                )
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        counts.append(len(queries))

    assert len(set(counts)) == 1, counts
    assert counts[0] <= (7 if who == "hr" else 6)  # HR is looked for among the members first


def test_meeting_page_takes_the_same_queries_for_2_and_52_members(client, people, meeting):
    client.force_login(people.member)
    counts = []
    for number in (0, 50):
        create_members(people.network, number)
        other = create_meeting(network=people.network, date=meeting.date)
        with CaptureQueriesContext(connection) as queries:
            client.get(page("meeting", other.pk))
        counts.append(len(queries))

    assert counts == [18, 18]
