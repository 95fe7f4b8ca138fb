"""Leave of absence keeps the seat and closes the room, and is over by itself."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from members.models import Message
from members.outbox import Suppress
from members.tests import factories as members
from networks import email, leave, membership, permissions
from networks.models import Membership
from networks.refusal import Refused
from networks.seats import seats_taken
from networks.signals import membership_paused, membership_resumed
from networks.tests.factories import NOW, TODAY, create_membership, create_network

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
State = Membership.State


@pytest.fixture
def network(hr, sponsor):
    network = create_network(sponsor=sponsor, hr_contact=hr)
    create_membership(network=network, is_coordinator=True)
    return network


@pytest.fixture
def member(network):
    return create_membership(network=network)


@pytest.fixture
def heard():
    """What upper floors are told."""
    told = []

    def paused(**_kwargs):
        told.append("paused")

    def resumed(**_kwargs):
        told.append("resumed")

    membership_paused.connect(paused)
    membership_resumed.connect(resumed)
    yield told
    membership_paused.disconnect(paused)
    membership_resumed.disconnect(resumed)


def go(member, *, first=TODAY, last=TODAY + 9 * DAY, actor=None, now=NOW):
    leave.take_leave(member, leave_from=first, leave_to=last, actor=actor or member.user, now=now)
    member.refresh_from_db()


def test_leave_from_today_keeps_the_seat_and_closes_the_room(network, member, heard, hr):
    go(member)

    assert (member.state, heard) == (State.ON_LEAVE, ["paused"])
    assert seats_taken(network) == 2
    network.refresh_from_db()
    assert not permissions.is_active_member(member.user, network)
    assert list(Message.objects.values_list("kind", "recipient")) == [("leave_noted", hr.pk)]


def test_leave_ahead_begins_and_ends_by_the_timetable_once(member, heard):
    go(member, first=TODAY + 3 * DAY, last=TODAY + 5 * DAY)
    assert (member.state, leave.turn_leaves(now=NOW + 2 * DAY)) == (State.ACTIVE, 0)

    assert leave.turn_leaves(now=NOW + 3 * DAY) == 1
    assert leave.turn_leaves(now=NOW + 5 * DAY) == 0  # the last day is part of it
    member.refresh_from_db()
    assert member.state == State.ON_LEAVE
    assert leave.turn_leaves(now=NOW + 6 * DAY) == 1
    assert leave.turn_leaves(now=NOW + 6 * DAY) == 0

    member.refresh_from_db()
    assert (member.state, member.leave_from, member.leave_to) == (State.ACTIVE, None, None)
    assert heard == ["paused", "resumed"]
    assert Message.objects.filter(kind="leave_over", recipient=member.user).count() == 1


def test_leave_nobody_began_in_time_is_simply_over(member, heard):
    go(member, first=TODAY + DAY, last=TODAY + 2 * DAY)

    leave.turn_leaves(now=NOW + 9 * DAY)

    member.refresh_from_db()
    assert (member.state, member.leave_to, heard) == (State.ACTIVE, None, [])


def test_back_before_time(member, heard):
    go(member)

    leave.end_leave(member, actor=member.user, now=NOW + DAY)

    member.refresh_from_db()
    assert (member.state, heard) == (State.ACTIVE, ["paused", "resumed"])
    with pytest.raises(Refused):
        leave.end_leave(member, actor=member.user, now=NOW + DAY)


def test_the_end_can_be_moved_but_not_what_has_begun(member, heard):
    go(member)
    go(member, first=TODAY + 4 * DAY, last=TODAY + 20 * DAY)

    assert (member.leave_from, member.leave_to, member.state) == (TODAY, TODAY + 20 * DAY, State.ON_LEAVE)
    assert heard == ["paused"]


@pytest.mark.parametrize(("first", "last"), [(2, 1), (-9, -1)])
def test_impossible_dates_are_refused(member, first, last):
    with pytest.raises(Refused, match="slutte"):
        go(member, first=TODAY + first * DAY, last=TODAY + last * DAY)


def test_the_last_coordinator_hands_over_first_unless_hr_says_so(network, member, hr):
    coordinator = network.memberships.get(is_coordinator=True)

    with pytest.raises(Refused, match="eneste tovholder"):
        go(coordinator)
    go(coordinator, actor=hr)

    assert coordinator.state == State.ON_LEAVE


@pytest.mark.parametrize("who", ["sponsor", "board", "stranger"])
def test_only_the_member_and_hr_set_a_leave(member, who, request):
    actor = request.getfixturevalue(who)
    with pytest.raises(PermissionDenied):
        go(member, actor=actor)
    go(member)
    with pytest.raises(PermissionDenied):
        leave.end_leave(member, actor=actor, now=NOW)


def test_one_who_has_left_has_no_leave(member):
    membership.leave(member.network, actor=member.user, now=NOW)

    with pytest.raises(Refused):
        go(member)


def test_one_on_leave_can_leave_for_good_and_does_not_come_back(member, heard):
    go(member)
    membership.leave(member.network, actor=member.user, now=NOW)

    assert leave.turn_leaves(now=NOW + 90 * DAY) == 0
    member.refresh_from_db()
    assert (member.state, heard) == (State.LEFT, ["paused"])


def test_mails_say_what_a_leave_means(member, hr):
    go(member, actor=hr)
    to_member = email.leave_noted(Message.objects.get(kind="leave_noted"), NOW)
    assert "Du beholder din plads" in to_member.text

    leave.end_leave(member, actor=hr, now=NOW)
    assert "Velkommen tilbage" in email.leave_over(Message.objects.get(kind="leave_over"), NOW).subject
    with pytest.raises(Suppress):
        email.leave_noted(Message.objects.get(kind="leave_noted"), NOW)


# --- Pages -----------------------------------------------------------------------------------------------------------

DATES = {"leave_from": "1.3.2027", "leave_to": "1.3.2099"}


def test_a_member_takes_leave_and_comes_back(client, network, member):
    client.force_login(member.user)
    url = reverse("networks:take_leave", args=[network.slug])
    assert client.get(url).status_code == 200
    assert "slutte efter" in client.post(url, {"leave_from": "2.3.2027", "leave_to": "1.3.2027"}).content.decode()

    client.post(url, DATES | {"leave_from": "1.3.2020"})
    page = client.get(network.get_absolute_url()).content.decode()
    assert "Du er på orlov" in page
    assert "Tilmeld dig" not in page
    assert client.get(reverse("meetings:plan_list", args=[network.slug])).status_code == 403

    client.post(reverse("networks:end_leave", args=[network.slug]))
    member.refresh_from_db()
    assert member.state == State.ACTIVE


def test_hr_sets_and_ends_a_leave(client, network, member, hr):
    client.force_login(hr)

    client.post(reverse("networks:take_leave_for", args=[network.slug, member.pk]), DATES | {"leave_from": "1.3.2020"})
    assert "til og med" in client.get(reverse("networks:members", args=[network.slug])).content.decode()
    client.post(reverse("networks:end_leave_for", args=[network.slug, member.pk]))

    member.refresh_from_db()
    assert member.state == State.ACTIVE


@pytest.mark.parametrize("route", ["take_leave", "end_leave"])
def test_leave_pages_are_for_the_member_and_for_hr(client, network, member, sponsor, stranger, route):
    own = reverse(f"networks:{route}", args=[network.slug])
    others = reverse(f"networks:{route}_for", args=[network.slug, member.pk])
    for person, expected in ((sponsor, (404, 403)), (stranger, (404, 403)), (member.user, (200, 403))):
        client.force_login(person)
        assert (client.get(own).status_code, client.get(others).status_code) == expected
    client.force_login(members.create_leader().user)
    assert client.post(others).status_code == 403
