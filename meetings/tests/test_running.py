from datetime import date, timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from meetings import agenda, roles, running, topics
from meetings.models import Agenda, AgendaItem, Meeting, Topic
from meetings.tests.factories import create_meeting
from meetings.tests.people import NOW, create_members, create_people
from meetings.tests.test_races import at_once, fresh
from members.models import User
from networks.models import Charter, Membership, Network
from networks.refusal import Refused

pytestmark = pytest.mark.django_db

CANARY = "KANARIEFUGLEN SANG"
ROLES = ("coordinator", "member", "hr", "sponsor", "board", "political", "system_admin", "other_leader")


@pytest.fixture
def people():
    return create_people()


@pytest.fixture
def meeting(people):
    create_meeting(network=people.network, date=date(2027, 1, 7), state=Meeting.State.HELD)
    return create_meeting(network=people.network)


@pytest.fixture
def begun(meeting):
    """When the meeting is to begin."""
    return meeting.starts_at


@pytest.fixture
def under_way(people, meeting, begun):
    running.start(meeting, actor=people.coordinator, now=begun)
    return meeting


def step(meeting, actor, now, way=running.FORTH, seen=None):
    seen = running.version_of(meeting) if seen is None else seen
    return running.step(meeting, way=way, seen=seen, actor=actor, now=now)


def current(meeting, now):
    return running.of(meeting, now).current.kind


# --- The course ------------------------------------------------------------------------------------------------------


def test_it_begins_with_the_first_point_and_only_once(people, meeting, begun):
    running.start(meeting, actor=people.coordinator, now=begun)
    version = running.version_of(meeting)

    running.start(meeting, actor=people.coordinator, now=begun + timedelta(minutes=4))

    course = running.of(meeting, begun + timedelta(minutes=4))
    assert (course.current.kind, course.place, running.version_of(meeting)) == ("here_and_now", 0, version)
    assert str(course.item_left) == "6 minutter tilbage"
    assert str(course.meeting_left) == "116 minutter tilbage"
    assert course.next.kind == "theme"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "10 minutter tilbage"),
        (1, "10 minutter tilbage"),
        (9 * 60, "1 minut tilbage"),
        (10 * 60 - 1, "1 minut tilbage"),
        (10 * 60, "Tiden er gået"),
        (11 * 60 - 1, "Tiden er gået"),
        (11 * 60, "1 minut over tiden"),
        (12 * 60, "2 minutter over tiden"),
    ],
)
def test_time_left_in_words(under_way, begun, seconds, said):
    assert str(running.of(under_way, begun + timedelta(seconds=seconds)).item_left) == said


def test_forth_and_back(people, under_way, begun):
    later = begun + timedelta(minutes=12)

    step(under_way, people.coordinator, later)
    course = running.of(under_way, later)
    assert (course.current.kind, course.previous.kind) == ("theme", "here_and_now")
    assert str(course.item_left) == f"{course.current.minutes} minutter tilbage"
    assert course.late == 2

    step(under_way, people.coordinator, later, running.BACK)
    assert current(under_way, later) == "here_and_now"
    step(under_way, people.coordinator, later, running.BACK)
    assert current(under_way, later) == "here_and_now"


def test_the_last_point_has_no_next(people, under_way, begun):
    for _point in range(8):
        step(under_way, people.coordinator, begun)

    course = running.of(under_way, begun)
    assert (course.current.kind, course.next) == ("check_out", None)


def test_two_taps_on_the_same_screen_are_one(people, under_way, begun):
    seen = running.version_of(under_way)
    step(under_way, people.coordinator, begun, seen=seen)

    with pytest.raises(Refused):
        step(under_way, people.coordinator, begun, seen=seen)

    assert current(under_way, begun) == "theme"


def test_it_ends_and_can_go_on_where_it_was(people, under_way, begun):
    step(under_way, people.coordinator, begun)

    running.end(under_way, actor=people.coordinator, now=begun)
    course = running.of(under_way, begun)
    assert (course.is_running, course.is_ended, course.current) == (False, True, None)
    with pytest.raises(Refused):
        step(under_way, people.coordinator, begun)

    running.start(under_way, actor=people.coordinator, now=begun)
    assert current(under_way, begun) == "theme"


def test_the_point_it_is_at_is_removed_and_it_goes_on(people, under_way, begun):
    step(under_way, people.coordinator, begun)
    item = running.of(under_way, begun).current

    agenda.remove(item, actor=people.member, seen=running.version_of(under_way), now=begun)

    assert current(under_way, begun) == "exercise"


def test_the_only_point_is_removed_and_nothing_breaks(people, under_way, begun):
    for item in list(under_way.agenda_items.all()):
        agenda.remove(item, actor=people.member, seen=running.version_of(under_way), now=begun)

    assert running.of(under_way, begun).current is None
    running.end(under_way, actor=people.coordinator, now=begun)
    with pytest.raises(Refused):
        running.start(under_way, actor=people.coordinator, now=begun)


def test_a_topic_brought_on_the_way_comes_after_the_current_point(people, under_way, begun):
    for _point in range(8):
        step(under_way, people.coordinator, begun)
    topic = topics.add(people.network, actor=people.member, kind="value", title=CANARY, meeting=under_way, now=begun)

    topics.put_on_agenda(topic, under_way, actor=people.member, now=begun)

    assert running.of(under_way, begun).next.heading == CANARY


def test_a_topic_that_was_the_point_has_been_talked_about(people, meeting, begun):
    topic = topics.add(people.network, actor=people.member, kind="value", title=CANARY, meeting=meeting, now=NOW)
    topics.put_on_agenda(topic, meeting, actor=people.member, now=NOW)
    running.start(meeting, actor=people.coordinator, now=begun)
    while current(meeting, begun) != "topic":
        step(meeting, people.coordinator, begun)
    assert Topic.objects.get().is_waiting

    step(meeting, people.coordinator, begun)

    assert not Topic.objects.get().is_waiting


def test_an_empty_agenda_does_not_begin(people, meeting, begun):
    agenda.lay_out(meeting, actor=people.member, now=NOW)
    AgendaItem.objects.all().delete()

    with pytest.raises(Refused):
        running.start(meeting, actor=people.coordinator, now=begun)


# --- Who and when ----------------------------------------------------------------------------------------------------


def test_anyone_steers_until_there_is_a_chair(people, meeting, begun):
    running.start(meeting, actor=people.member, now=begun)
    roles.take(meeting, "chair", actor=people.member, now=begun)
    [third] = create_members(people.network, 1)

    with pytest.raises(PermissionDenied):
        step(meeting, third, begun)
    step(meeting, people.member, begun)
    step(meeting, people.coordinator, begun)

    assert current(meeting, begun) == "exercise"


@pytest.mark.parametrize("who", ["hr", "sponsor", "board", "system_admin", "other_leader"])
def test_nobody_from_outside_steers(people, under_way, begun, who):
    for act in (running.start, running.end):
        with pytest.raises(PermissionDenied):
            act(under_way, actor=getattr(people, who), now=begun)
    with pytest.raises(PermissionDenied):
        step(under_way, getattr(people, who), begun)


def test_one_who_has_left_steers_no_more(people, under_way, begun):
    Membership.objects.filter(leader__user=people.member).update(state=Membership.State.LEFT)

    with pytest.raises(PermissionDenied):
        step(under_way, people.member, begun)


def test_it_opens_the_day_before_and_closes_a_while_after(people, meeting, begun):
    early, late = begun - running.OPENS, meeting.ends_at + timedelta(hours=3)

    with pytest.raises(Refused):
        running.start(meeting, actor=people.coordinator, now=early - timedelta(seconds=1))
    with pytest.raises(Refused):
        running.start(meeting, actor=people.coordinator, now=late)
    running.start(meeting, actor=people.coordinator, now=early)


@pytest.mark.parametrize("change", [{"state": Meeting.State.CANCELLED}, {"closed_at": NOW}])
def test_a_meeting_that_is_off_or_closed_does_not_run(people, under_way, begun, change):
    Meeting.objects.filter(pk=under_way.pk).update(**change)

    with pytest.raises(Refused):
        step(under_way, people.coordinator, begun)


def test_a_network_at_rest_does_not_meet(people, under_way, begun):
    Network.objects.filter(pk=people.network.pk).update(state=Network.State.PAUSED)

    with pytest.raises(Refused):
        step(under_way, people.coordinator, begun)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("_round", range(3))
def test_two_press_next_at_the_same_instant_and_it_goes_one_on(_round):
    people = create_people()
    meeting = create_meeting(network=people.network)
    begun = meeting.starts_at
    running.start(meeting, actor=people.coordinator, now=begun)
    seen = running.version_of(meeting)

    def press(actor):
        user = User.objects.get(pk=actor.pk)
        return lambda: running.step(fresh(meeting), way=running.FORTH, seen=seen, actor=user, now=begun)

    done = at_once(press(people.coordinator), press(people.member))

    assert sorted(type(result).__name__ for result in done) == ["Agenda", "Refused"]
    assert running.of(fresh(meeting), begun).place == 1


# --- The screen ------------------------------------------------------------------------------------------------------


def page(route, meeting):
    return reverse(f"meetings:{route}", args=[meeting.pk])


@pytest.fixture
def clock(meeting):
    with time_machine.travel(meeting.starts_at + timedelta(minutes=4), tick=False):
        yield


@pytest.mark.parametrize("who", ROLES)
def test_the_screen_is_for_members(client, people, meeting, clock, who):
    client.force_login(getattr(people, who))
    expected = {"coordinator": 200, "member": 200, "hr": 403, "sponsor": 403}.get(who, 404)

    for route in ("running", "running_standing"):
        assert client.get(page(route, meeting)).status_code == expected
    if expected != 200:
        for route in ("start_running", "running_next", "running_previous", "end_running"):
            assert client.post(page(route, meeting)).status_code == expected
        assert not Agenda.objects.exists()


@pytest.mark.parametrize("route", ["start_running", "running_next", "running_previous", "end_running"])
def test_a_link_alone_moves_nothing(client, people, meeting, clock, route):
    client.force_login(people.coordinator)

    assert client.get(page(route, meeting)).status_code == 405


def test_every_members_screen_agrees(client, people, meeting, clock):
    Charter.objects.create(
        network=people.network,
        number=1,
        state=Charter.State.IN_EFFECT,
        ground_rules="Vi lytter.",
        values="Mod\nRo\nLethed",
        proposed_by=people.member,
        proposed_at=NOW,
        deadline=date(2027, 2, 10),
        effective_at=NOW,
    )
    roles.take(meeting, "chair", actor=people.coordinator, now=NOW)
    client.force_login(people.coordinator)
    said = client.post(page("start_running", meeting), follow=True).content.decode()
    assert "Næste punkt" in said
    assert "10 minutter tilbage" in said

    client.force_login(people.member)
    said = client.get(page("running", meeting)).content.decode()

    assert "Her og nu-runde" in said
    assert "Punkt 1 af 6" in said
    assert "116 minutter tilbage" in said
    assert "Vi lytter." in said
    assert "Næste punkt" not in said
    assert client.get(page("running_standing", meeting)).json() == {"version": running.version_of(meeting)}
    assert client.post(page("running_next", meeting), {"seen": running.version_of(meeting)}).status_code == 403


@pytest.mark.parametrize(
    ("hours", "change", "heading"),
    [
        (-48, {}, "Mødet er ikke begyndt"),
        (-1, {}, "Klar, når I er"),
        (1, {}, "Klar, når I er"),
        (6, {}, "Mødet er slut"),
        (1, {"closed_at": NOW}, "Mødet er slut"),
        (-48, {"state": Meeting.State.CANCELLED}, "Mødet er aflyst"),
        (-48, {"state": Meeting.State.POSTPONED}, "Mødet er udsat"),
    ],
)
def test_a_screen_that_is_not_running_says_where_the_meeting_stands(client, people, meeting, hours, change, heading):
    Meeting.objects.filter(pk=meeting.pk).update(**change)

    with time_machine.travel(meeting.starts_at + timedelta(hours=hours), tick=False):
        client.force_login(people.member)
        said = client.get(page("running", meeting)).content.decode()

    assert f'<h1 class="running-item">{heading}</h1>' in said


def test_an_ended_screen_waits_for_nobody_to_begin(client, people, under_way, begun):
    roles.take(under_way, "chair", actor=people.coordinator, now=NOW)
    running.end(under_way, actor=people.coordinator, now=begun)

    with time_machine.travel(begun, tick=False):
        client.force_login(people.member)
        said = client.get(page("running", under_way)).content.decode()

    assert "Tak for i dag" in said
    assert "begynder mødet" not in said


def test_an_old_screen_does_not_step_twice(client, people, meeting, clock):
    client.force_login(people.coordinator)
    client.post(page("start_running", meeting))
    seen = running.version_of(meeting)
    client.post(page("running_next", meeting), {"seen": seen})

    said = client.post(page("running_next", meeting), {"seen": seen}, follow=True).content.decode()

    assert "Mødet er gået videre" in said
    assert "Punkt 2 af 6" in said


def test_the_chair_ticks_who_came_and_comes_back(client, people, meeting, clock):
    roles.take(meeting, "chair", actor=people.member, now=NOW)
    client.force_login(people.member)
    client.post(page("start_running", meeting))
    said = client.get(page("running", meeting)).content.decode()
    assert "Hvem er her?" in said

    response = client.post(
        page("record_attendance", meeting), {"present": [people.member.pk], "next": page("running", meeting)}
    )

    assert response.url == page("running", meeting)
    meeting.refresh_from_db()
    assert meeting.state == Meeting.State.HELD
    said = client.get(page("running", meeting)).content.decode()
    assert "Fremmøde er noteret" in said
    assert "Næste punkt" in said


def test_a_member_without_a_part_ticks_nobody(client, people, meeting, clock):
    client.force_login(people.member)

    assert "Hvem er her?" not in client.get(page("running", meeting)).content.decode()
    assert client.post(page("record_attendance", meeting), {"present": [people.member.pk]}).status_code == 403


def test_the_meetings_page_leads_to_it(client, people, meeting, clock):
    client.force_login(people.member)

    assert page("running", meeting) in client.get(meeting.get_absolute_url()).content.decode()


def test_the_screen_asks_the_same_questions_of_few_and_of_many(client, people, meeting, clock):
    client.force_login(people.coordinator)
    client.post(page("start_running", meeting))
    counts = []
    for number in (0, 20):
        create_members(people.network, number)
        AgendaItem.objects.bulk_create(
            AgendaItem(meeting=meeting, position=7 + place, title="Punkt", minutes=1, responsible=people.member)
            for place in range(number)
        )
        client.get(page("running", meeting))
        with CaptureQueriesContext(connection) as captured:
            client.get(page("running", meeting))
        counts.append(len(captured))

    assert counts[0] == counts[1] <= 25
