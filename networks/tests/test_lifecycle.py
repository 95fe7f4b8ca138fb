from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from members.models import Message
from networks import lifecycle
from networks.basis import NotReady, lacks, require_gate_open
from networks.models import Application, Membership, Network
from networks.refusal import Refused
from networks.signals import network_closed
from networks.tests.factories import NOW, TODAY, create_application, create_direction, create_membership, create_network

pytestmark = pytest.mark.django_db

State = Network.State


@pytest.fixture
def ready(hr):
    """Open for sign-up with three members, one of them coordinator."""
    network = create_network(state="enrolling", hr_contact=hr)
    create_membership(network=network, is_coordinator=True)
    create_membership(network=network)
    create_membership(network=network)
    return network


def test_activate_hands_over(ready, hr):
    lifecycle.activate(ready, actor=hr, now=NOW)

    ready.refresh_from_db()
    assert (ready.state, ready.started_at) == (State.ACTIVE, NOW)


def test_activate_needs_three_members(ready, hr):
    ready.memberships.filter(is_coordinator=False).first().delete()

    with pytest.raises(NotReady) as refusal:
        lifecycle.activate(ready, actor=hr, now=NOW)

    assert [lack.code for lack in refusal.value.lacks] == ["members"]


def test_activate_needs_a_coordinator(ready, hr):
    ready.memberships.update(is_coordinator=False)

    with pytest.raises(NotReady) as refusal:
        lifecycle.activate(ready, actor=hr, now=NOW)

    assert [lack.code for lack in refusal.value.lacks] == ["coordinator"]


def test_activate_needs_a_current_kurs(ready, hr):
    ready.direction = create_direction(valid_to=TODAY - timedelta(days=1))
    ready.save()

    with pytest.raises(NotReady) as refusal:
        lifecycle.activate(ready, actor=hr, now=NOW)

    assert [lack.code for lack in refusal.value.lacks] == ["direction"]


ACTS = {
    lifecycle.activate: {State.ENROLLING},
    lifecycle.pause: {State.ACTIVE},
    lifecycle.resume: {State.PAUSED},
    lifecycle.close: set(Network.STATES_CLOSABLE),
}


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("state", State)
def test_each_act_fits_its_states_alone(ready, hr, act, state):
    ready.state = state
    ready.save()

    if state in ACTS[act]:
        act(ready, actor=hr, now=NOW)
    else:
        with pytest.raises(Refused):
            act(ready, actor=hr, now=NOW)


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("who", ["sponsor", "board", "stranger"])
def test_each_act_is_for_hr(ready, act, who, request):
    with pytest.raises(PermissionDenied):
        act(ready, actor=request.getfixturevalue(who), now=NOW)


@pytest.mark.parametrize("act", ACTS)
def test_no_act_is_for_the_coordinator(ready, act):
    with pytest.raises(PermissionDenied):
        act(ready, actor=ready.memberships.get(is_coordinator=True).user, now=NOW)


def test_resume_lets_those_who_wait_move_up(ready, hr):
    ready.state = State.PAUSED
    ready.save()
    waiting = create_application(network=ready, state="waitlisted")

    lifecycle.resume(ready, actor=hr, now=NOW)

    waiting.refresh_from_db()
    assert waiting.state == Application.State.PENDING


def test_close_ends_everything_and_tells_everyone(ready, hr):
    ready.state = State.ACTIVE
    ready.save()
    former = create_membership(network=ready, state="left", left_on=TODAY)
    waiting = create_application(network=ready, state="waitlisted")
    invited = create_application(network=ready, state="invited")
    inside = set(ready.memberships.inside().values_list("leader__user", flat=True))
    closed = []

    def listen(network, actor, now, **_):
        closed.append((network, actor, now))

    network_closed.connect(listen)
    try:
        lifecycle.close(ready, actor=hr, now=NOW)
    finally:
        network_closed.disconnect(listen)

    ready.refresh_from_db()
    former.refresh_from_db()
    assert (ready.state, ready.closed_at) == (State.CLOSED, NOW)
    assert not ready.memberships.inside().exists()
    assert set(ready.memberships.exclude(pk=former.pk).values_list("state", "left_on")) == {("ended", TODAY)}
    assert former.state == Membership.State.LEFT
    assert not ready.applications.filter(state__in=Application.STATES_OPEN).exists()
    told = set(Message.objects.filter(kind="network_closed").values_list("recipient", flat=True))
    assert told == inside | {waiting.leader.user_id, invited.leader.user_id}
    assert closed == [(ready, hr, NOW)]


# --- The gate --------------------------------------------------------------------------------------------------------


def test_the_gate_is_open_for_an_active_network_with_a_current_kurs(db):
    require_gate_open(create_network(state="active"), TODAY)


@pytest.mark.parametrize("state", [state for state in State if state != State.ACTIVE])
def test_the_gate_is_closed_in_every_other_state(db, state):
    with pytest.raises(NotReady):
        require_gate_open(create_network(state=state), TODAY)


@pytest.mark.parametrize(
    "direction",
    [
        {"state": "draft"},
        {"state": "submitted"},
        {"state": "expired"},
        {"valid_to": TODAY - timedelta(days=1)},
        {"valid_from": TODAY + timedelta(days=1)},
    ],
)
def test_the_gate_is_closed_without_a_current_kurs(db, direction):
    network = create_network(direction=create_direction(**direction))

    assert [lack.code for lack in lacks(network, TODAY)] == ["direction"]


def test_the_gate_says_who_can_supply_what_is_missing(db):
    for lack in lacks(create_network(state="draft", purpose="", sponsor=None), TODAY):
        assert lack.what
        assert lack.who
