from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from meetings import agenda, roles, topics
from meetings.models import AgendaItem, Meeting, MeetingRole, TopicMark
from meetings.tests.factories import create_meeting
from meetings.tests.people import NOW, create_members, create_people
from meetings.tests.test_topics import add as add_topic
from members.danish import today
from networks import leave, membership
from networks.models import Membership, Network
from networks.refusal import Refused

pytestmark = pytest.mark.django_db

Role = MeetingRole.Role
ROLES = ("coordinator", "member", "hr", "sponsor", "board", "political", "system_admin", "other_leader")


@pytest.fixture
def people():
    return create_people()


@pytest.fixture
def meeting(people):
    return create_meeting(network=people.network)


def take(meeting, user, role=Role.CHAIR, now=NOW):
    return roles.take(meeting, role, actor=user, now=now)


def holder(meeting, role=Role.CHAIR):
    return next(seat.user for seat in roles.of(meeting) if seat.role == role)


def test_a_member_takes_a_role_and_gives_it_back(people, meeting):
    take(meeting, people.member)
    take(meeting, people.member)
    assert holder(meeting) == people.member

    assert roles.give_back(meeting, Role.CHAIR, actor=people.coordinator, now=NOW) is False
    assert roles.give_back(meeting, Role.CHAIR, actor=people.member, now=NOW) is True
    assert holder(meeting) is None


def test_a_role_someone_has_is_not_taken_from_them(people, meeting):
    take(meeting, people.member)

    with pytest.raises(Refused, match="Mads Lem"):
        take(meeting, people.coordinator)

    assert holder(meeting) == people.member


def test_nobody_spars_with_themselves(people, meeting):
    take(meeting, people.member, Role.FOCUS)
    with pytest.raises(Refused):
        take(meeting, people.member, Role.SPARRING)

    take(meeting, people.member, Role.HOST)


def test_the_coordinator_assigns_over_the_holder_they_saw(people, meeting):
    def assign(user, seen):
        return roles.assign(meeting, Role.HOST, user, actor=people.coordinator, seen=seen, now=NOW)

    assert assign(people.member, None) is True
    assert assign(people.member, None) is False
    with pytest.raises(Refused):
        assign(people.coordinator, None)
    assert assign(people.coordinator, people.member.pk) is True
    assert holder(meeting, Role.HOST) == people.coordinator
    assert assign(None, people.coordinator.pk) is True
    assert holder(meeting, Role.HOST) is None
    with pytest.raises(Refused):
        assign(people.other_leader, None)
    with pytest.raises(PermissionDenied):
        roles.assign(meeting, Role.HOST, people.member, actor=people.member, seen=None, now=NOW)


@pytest.mark.parametrize("who", ["hr", "sponsor", "board", "system_admin", "other_leader"])
def test_only_members_take_roles(people, meeting, who):
    with pytest.raises(PermissionDenied):
        take(meeting, getattr(people, who))


def test_a_meeting_called_off_and_a_network_at_rest_have_no_roles_to_take(people, meeting):
    Network.objects.filter(pk=people.network.pk).update(state=Network.State.PAUSED)
    with pytest.raises(Refused):
        take(meeting, people.member)
    Network.objects.filter(pk=people.network.pk).update(state=Network.State.ACTIVE)
    Meeting.objects.filter(pk=meeting.pk).update(state=Meeting.State.CANCELLED)
    with pytest.raises(Refused):
        take(meeting, people.member)


def test_the_chair_leads_while_a_member(people, meeting):
    assert (roles.can_lead(people.coordinator, meeting), roles.can_lead(people.member, meeting)) == (True, False)
    take(meeting, people.member)
    assert roles.can_lead(people.member, meeting)

    Membership.objects.filter(leader__user=people.member).update(state=Membership.State.LEFT)

    assert not roles.can_lead(people.member, Meeting.objects.get(pk=meeting.pk))


# --- Leaving ---------------------------------------------------------------------------------------------------------


def settle_in(people, meeting):
    past = create_meeting(network=people.network, date=meeting.date - timedelta(days=70), state=Meeting.State.HELD)
    MeetingRole.objects.create(meeting=past, role=Role.HOST, user=people.member, taken_at=NOW)
    take(meeting, people.member)
    agenda.add(meeting, actor=people.member, title="Mit punkt", minutes=5, responsible=people.member, now=NOW)
    topic = add_topic(people, actor=people.coordinator)
    topics.mark(topic, actor=people.member, wants=True, now=NOW)
    return past


def assert_let_go(people, meeting, past):
    assert holder(meeting) is None
    assert holder(past, Role.HOST) == people.member
    assert AgendaItem.objects.get(title__isnull=False, kind="other").responsible is None
    assert not TopicMark.objects.exists()


def test_one_who_leaves_lets_go_of_what_is_to_come(people, meeting):
    past = settle_in(people, meeting)

    membership.leave(people.network, actor=people.member, now=NOW)

    assert_let_go(people, meeting, past)


def test_one_who_goes_on_leave_does_too(people, meeting):
    past = settle_in(people, meeting)
    seat = people.network.memberships.get(leader__user=people.member)
    day = today(NOW)

    leave.take_leave(seat, leave_from=day, leave_to=day + timedelta(days=90), actor=people.member, now=NOW)

    assert_let_go(people, meeting, past)


# --- Pages -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def coming(people):
    return create_meeting(network=people.network, date=today() + timedelta(days=10))


def page(route, *args):
    return reverse(f"meetings:{route}", args=args)


@pytest.mark.parametrize("who", ROLES)
def test_pages_open_for_whom_they_should(client, people, coming, who):
    client.force_login(getattr(people, who))
    is_member = who in ("coordinator", "member")

    assert (client.get(page("rotation", people.network.slug)).status_code == 200) is is_member
    assert (client.get(page("assign_roles", coming.pk)).status_code == 200) is (who == "coordinator")
    if not is_member:
        for route in ("take_role", "give_role_back", "assign_roles"):
            assert client.post(page(route, coming.pk), {"role": "chair"}).status_code in (403, 404)
    if who != "coordinator":
        assert client.post(page("rotation", people.network.slug)).status_code in (403, 404)
    assert not MeetingRole.objects.exists()


def test_a_member_takes_the_chair_on_the_page_and_meets_it_at_home(client, people, coming):
    client.force_login(people.member)

    client.post(page("take_role", coming.pk), {"role": "chair"})
    assert "Du er mødeleder." in client.get("/").content.decode()
    client.post(page("take_role", coming.pk), {"role": "host"})

    assert "Du er vært og mødeleder." in client.get("/").content.decode()
    client.force_login(people.coordinator)
    said = client.get(coming.get_absolute_url()).content.decode()
    assert "Mads Lem" in said
    assert "Mødeleder" in said
    assert "mødeleder" not in client.get("/").content.decode()


def test_a_role_that_is_none_does_not_exist(client, people, coming):
    client.force_login(people.member)

    assert client.post(page("take_role", coming.pk), {"role": "konge"}).status_code == 404
    assert client.get(page("take_role", coming.pk)).status_code == 405


def test_the_coordinator_shares_out_the_roles(client, people, coming):
    take(coming, people.member, now=timezone.now())
    client.force_login(people.coordinator)
    form = client.get(page("assign_roles", coming.pk)).context["form"]
    sent = {name: form[name].value() or "" for name in form.fields}

    client.post(page("assign_roles", coming.pk), sent | {"chair": people.coordinator.pk, "host": people.member.pk})

    assert (holder(coming), holder(coming, Role.HOST)) == (people.coordinator, people.member)
    same = {"focus": people.member.pk, "sparring": people.member.pk}
    assert "sparring" in client.post(page("assign_roles", coming.pk), sent | same).context["form"].errors


def test_the_coordinator_is_told_of_a_role_taken_meanwhile(client, people, coming):
    client.force_login(people.coordinator)
    form = client.get(page("assign_roles", coming.pk)).context["form"]
    sent = {name: form[name].value() or "" for name in form.fields}
    take(coming, people.member, now=timezone.now())

    response = client.post(page("assign_roles", coming.pk), sent | {"chair": people.coordinator.pk}, follow=True)

    assert "Rollen er besat af en anden" in response.content.decode()
    assert holder(coming) == people.member


def test_what_each_has_done_is_counted_over_the_seasons(people, meeting):
    for weeks in (10, 60):
        past = create_meeting(
            network=people.network, date=meeting.date - timedelta(weeks=weeks), state=Meeting.State.HELD
        )
        MeetingRole.objects.create(meeting=past, role=Role.CHAIR, user=people.member, taken_at=NOW)
    off = create_meeting(network=people.network, date=meeting.date - timedelta(weeks=5), state="cancelled")
    MeetingRole.objects.create(meeting=off, role=Role.CHAIR, user=people.member, taken_at=NOW)
    take(meeting, people.member, Role.HOST)

    found = {one.user: (one.counts, one.coming) for one in roles.contributions(people.network, NOW)}

    assert found == {people.member: ([0, 2, 0, 0], 1), people.coordinator: ([0, 0, 0, 0], 0)}


def test_the_pages_ask_the_same_questions_of_few_and_of_many(client, people, coming):
    client.force_login(people.coordinator)
    counts = []
    for number in (1, 20):
        create_members(people.network, number)
        for week in range(number):
            create_meeting(network=people.network, date=coming.date + timedelta(weeks=number + week))
        pair = []
        for address in (page("rotation", people.network.slug), page("assign_roles", coming.pk)):
            client.get(address)
            with CaptureQueriesContext(connection) as captured:
                client.get(address)
            pair.append(len(captured))
        counts.append(pair)

    assert counts[0] == counts[1]
    assert max(counts[0]) <= 25
