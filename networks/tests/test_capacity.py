"""The limit holds however many ask at once: everyone starts at the same moment, against the real database."""

import threading
from datetime import timedelta

import pytest
from django.db import connection

from members.models import Leader
from members.tests import factories as members
from networks import enrolment, lifecycle, membership, seats
from networks.models import Application, Membership
from networks.refusal import Refused
from networks.tests.factories import NOW, create_application, create_membership, create_network

AT_ONCE = 20

pytestmark = pytest.mark.django_db(transaction=True)


def all_at_once(acts) -> list:
    """Run every one of `acts` in its own thread from one starting line; what each gave or was refused with."""
    line = threading.Barrier(len(acts))
    results = [None] * len(acts)

    def run(number, act):
        try:
            connection.ensure_connection()
            line.wait(timeout=30)
            results[number] = act()
        except Exception as problem:
            results[number] = problem
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return results


@pytest.fixture
def hr():
    return members.create_hr()


@pytest.fixture
def network(hr):
    """With one seat left of three."""
    network = create_network(hr_contact=hr, size_max=3)
    create_membership(network=network)
    create_membership(network=network)
    return network


def refused(results) -> list:
    assert [result for result in results if isinstance(result, Exception) and not isinstance(result, Refused)] == []
    return [result for result in results if isinstance(result, Refused)]


def test_of_many_approvals_for_the_last_seat_one_succeeds(network, hr):
    applications = [create_application(network=network) for _ in range(AT_ONCE)]

    results = all_at_once([lambda a=a: enrolment.approve_application(a, actor=hr, now=NOW) for a in applications])

    assert len(refused(results)) == AT_ONCE - 1
    assert network.memberships.inside().count() == network.size_max
    assert Application.objects.filter(state="approved").count() == 1


def test_of_many_sign_ups_for_a_full_network_all_wait_in_line(network):
    create_membership(network=network)
    leaders = [members.create_leader() for _ in range(AT_ONCE)]

    results = all_at_once(
        [lambda u=u.user: enrolment.apply(network, actor=u, accepts_terms=True, now=NOW) for u in leaders]
    )

    assert refused(results) == []
    assert set(network.applications.values_list("state", flat=True)) == {"waitlisted"}


def test_many_clicks_by_one_leader_make_one_application(network):
    leader = members.create_leader()

    results = all_at_once(
        [lambda: enrolment.apply(network, actor=Leader.objects.get(pk=leader.pk).user, accepts_terms=True, now=NOW)]
        * AT_ONCE
    )

    assert len(refused(results)) == AT_ONCE - 1
    assert network.applications.count() == 1


def test_every_way_in_at_once_leaves_no_more_than_the_limit(network, hr):
    """Approvals, invitations and enrolments race for the one seat."""
    applications = [create_application(network=network) for _ in range(7)]
    leaders = [members.create_leader() for _ in range(13)]
    acts = [lambda a=a: enrolment.approve_application(a, actor=hr, now=NOW) for a in applications]
    acts += [lambda u=u: enrolment.invite(network, leaders=[u], actor=hr, now=NOW) for u in leaders[:7]]
    acts += [lambda u=u: enrolment.enrol(network, leaders=[u], actor=hr, now=NOW) for u in leaders[7:]]

    results = all_at_once(acts)

    assert len(refused(results)) == len(acts) - 1
    assert seats.seats_taken(network) == network.size_max


def test_many_leaving_at_once_let_as_many_move_up(hr):
    network = create_network(hr_contact=hr, size_max=10)
    leaving = [create_membership(network=network) for _ in range(10)]
    for minute in range(12):
        create_application(network=network, state="waitlisted", created_at=NOW + timedelta(minutes=minute))

    results = all_at_once([lambda m=m: membership.leave(network, actor=m.user, now=NOW) for m in leaving])

    assert refused(results) == []
    in_line = list(network.applications.order_by("created_at").values_list("state", flat=True))
    assert in_line == ["pending"] * 10 + ["waitlisted"] * 2


def test_joining_while_the_network_closes_leaves_nobody_inside(network, hr):
    leaders = [members.create_leader() for _ in range(4)]
    acts = [lambda u=u: enrolment.enrol(network, leaders=[u], actor=hr, now=NOW) for u in leaders]
    acts.append(lambda: lifecycle.close(network, actor=hr, now=NOW))

    refused(all_at_once(acts))

    assert not Membership.objects.inside().exists()
    assert not Application.objects.filter(state__in=Application.STATES_OPEN).exists()
