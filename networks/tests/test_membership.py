from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from members.models import Message
from networks import membership as room
from networks.models import Application, Membership
from networks.refusal import Refused
from networks.signals import membership_ended
from networks.tests.factories import NOW, TODAY, create_application, create_membership, create_network

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(hours=1)


@pytest.fixture
def network(hr):
    return create_network(hr_contact=hr)


@pytest.fixture
def coordinator(network):
    return create_membership(network=network, is_coordinator=True)


@pytest.fixture
def member(network, coordinator):
    return create_membership(network=network)


def test_leave_ends_the_membership_and_tells_the_house(network, member):
    ended = []

    def listen(membership, actor, **_):
        ended.append((membership.pk, actor))

    membership_ended.connect(listen)
    try:
        room.leave(network, actor=member.user, now=NOW)
    finally:
        membership_ended.disconnect(listen)

    member.refresh_from_db()
    assert (member.state, member.left_on) == (Membership.State.LEFT, TODAY)
    assert ended == [(member.pk, member.user)]


def test_leave_twice_is_refused(network, member):
    room.leave(network, actor=member.user, now=NOW)

    with pytest.raises(Refused):
        room.leave(network, actor=member.user, now=LATER)


def test_leave_by_a_stranger_is_refused(network, stranger):
    with pytest.raises(Refused):
        room.leave(network, actor=stranger, now=NOW)


def test_the_last_coordinator_hands_over_before_leaving(network, coordinator, member):
    with pytest.raises(Refused, match="eneste tovholder"):
        room.leave(network, actor=coordinator.user, now=NOW)

    room.appoint_coordinator(member, actor=coordinator.user, now=NOW)
    room.leave(network, actor=coordinator.user, now=LATER)

    coordinator.refresh_from_db()
    assert (coordinator.state, coordinator.is_coordinator) == (Membership.State.LEFT, False)


def test_a_coordinator_on_leave_does_not_count_as_another(network, coordinator, member):
    create_membership(network=network, is_coordinator=True, state=Membership.State.ON_LEAVE)

    with pytest.raises(Refused):
        room.leave(network, actor=coordinator.user, now=NOW)


def test_the_last_member_may_leave(network, coordinator):
    room.leave(network, actor=coordinator.user, now=NOW)

    assert not network.memberships.inside().exists()


@pytest.mark.parametrize("way", ["leave", "unenrol"])
def test_every_way_out_lets_the_next_move_up(hr, way):
    network = create_network(hr_contact=hr, size_max=3)
    member, *_others = [create_membership(network=network) for _ in range(3)]
    waiting = create_application(network=network, state="waitlisted")

    if way == "leave":
        room.leave(network, actor=member.user, now=NOW)
    else:
        room.unenrol(member, actor=hr, now=NOW)

    waiting.refresh_from_db()
    assert waiting.state == Application.State.PENDING


def test_unenrol_by_hr(member, hr):
    room.unenrol(member, actor=hr, now=NOW)

    member.refresh_from_db()
    assert (member.state, member.left_on) == (Membership.State.ENDED, TODAY)


def test_unenrol_twice_is_refused(member, hr):
    room.unenrol(member, actor=hr, now=NOW)

    with pytest.raises(Refused):
        room.unenrol(member, actor=hr, now=LATER)


@pytest.mark.parametrize("who", ["stranger", "board", "coordinator"])
def test_unenrol_is_for_hr(member, who, request):
    actor = request.getfixturevalue(who)

    with pytest.raises(PermissionDenied):
        room.unenrol(member, actor=getattr(actor, "user", actor), now=NOW)


def test_appoint_after_start_is_the_coordinators(member, coordinator):
    room.appoint_coordinator(member, actor=coordinator.user, now=NOW)

    member.refresh_from_db()
    assert member.is_coordinator
    assert list(Message.objects.values_list("kind", "recipient")) == [("coordinator_appointed", member.user.pk)]


@pytest.mark.parametrize("who", ["hr", "board", "stranger", "member"])
def test_appoint_after_start_is_not_for_others(member, coordinator, who, request):
    actor = request.getfixturevalue(who)

    with pytest.raises(PermissionDenied):
        room.appoint_coordinator(member, actor=getattr(actor, "user", actor), now=NOW)


def test_any_member_appoints_while_there_is_no_coordinator(network):
    member = create_membership(network=network)

    room.appoint_coordinator(member, actor=member.user, now=NOW)

    member.refresh_from_db()
    assert member.is_coordinator
    assert not Message.objects.exists()  # nobody needs a mail about what they did themselves


def test_appoint_before_start_is_for_hr(hr):
    network = create_network(state="enrolling")
    member = create_membership(network=network)

    with pytest.raises(PermissionDenied):
        room.appoint_coordinator(member, actor=member.user, now=NOW)
    room.appoint_coordinator(member, actor=hr, now=NOW)

    member.refresh_from_db()
    assert member.is_coordinator


def test_appoint_twice_is_refused(member, coordinator):
    room.appoint_coordinator(member, actor=coordinator.user, now=NOW)

    with pytest.raises(Refused):
        room.appoint_coordinator(member, actor=coordinator.user, now=LATER)


def test_appoint_one_who_has_left_is_refused(network, member, coordinator):
    room.leave(network, actor=member.user, now=NOW)

    with pytest.raises(Refused):
        room.appoint_coordinator(member, actor=coordinator.user, now=LATER)


def test_step_down_needs_another_coordinator(coordinator, member):
    with pytest.raises(Refused):
        room.step_down_as_coordinator(coordinator, actor=coordinator.user, now=NOW)

    room.appoint_coordinator(member, actor=coordinator.user, now=NOW)
    room.step_down_as_coordinator(coordinator, actor=coordinator.user, now=NOW)

    coordinator.refresh_from_db()
    assert not coordinator.is_coordinator


@pytest.mark.parametrize("who", ["hr", "board", "stranger", "member"])
def test_stepping_down_is_ones_own_after_start(coordinator, member, who, request):
    actor = request.getfixturevalue(who)

    with pytest.raises(PermissionDenied):
        room.step_down_as_coordinator(coordinator, actor=getattr(actor, "user", actor), now=NOW)


def test_hr_may_take_an_appointment_back_before_start(hr):
    member = create_membership(network=create_network(state="enrolling"), is_coordinator=True)

    room.step_down_as_coordinator(member, actor=hr, now=NOW)

    member.refresh_from_db()
    assert not member.is_coordinator
