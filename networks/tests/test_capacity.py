"""The limit holds however many ask at once: everyone starts at the same moment, against the real database."""

import os
import threading
from datetime import timedelta

import pytest
from django.db import connection

from members.models import Leader
from members.tests import factories as members
from networks import enrolment, lifecycle, membership, seats, waiting_list
from networks.models import Application, Membership
from networks.refusal import Refused
from networks.tests.factories import NOW, create_application, create_membership, create_network

AT_ONCE = 20
ROUNDS = int(os.environ.get("ROUNDS", "50"))  # many more by hand: ROUNDS=1000 SIGN_UPS=20
SIGN_UPS = int(os.environ.get("SIGN_UPS", "4"))

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


# --- Offers ----------------------------------------------------------------------------------------------------------


def test_of_many_sign_ups_while_a_seat_frees_the_first_in_line_gets_the_offer(hr):
    network = create_network(hr_contact=hr, size_max=3)
    leaving, *_others = [create_membership(network=network) for _ in range(3)]
    first = create_application(
        network=network, state="waitlisted", decided_by=hr, decided_at=NOW, created_at=NOW - timedelta(days=1)
    )
    leaders = [members.create_leader() for _ in range(AT_ONCE - 1)]
    acts = [lambda u=u.user: enrolment.apply(network, actor=u, accepts_terms=True, now=NOW) for u in leaders]
    acts.insert(7, lambda: membership.leave(network, actor=leaving.user, now=NOW))

    results = all_at_once(acts)

    assert refused(results) == []
    first.refresh_from_db()
    assert first.state == "invited"
    assert seats.seats_taken(network) == network.size_max
    assert network.applications.filter(state="waitlisted").count() == AT_ONCE - 1


def test_an_offer_is_accepted_or_lapses_never_both(hr):
    network = create_network(hr_contact=hr, size_max=3)
    create_membership(network=network)
    offers = [create_application(network=network, state="invited", answer_by=NOW.date()) for _ in range(2)]
    create_application(network=network, state="waitlisted", decided_by=hr, decided_at=NOW)
    acts = [lambda: waiting_list.expire_offers(now=NOW + timedelta(days=1))] * 6
    acts += [
        lambda o=o: enrolment.accept_invitation(network, actor=o.leader.user, accepts_terms=True, now=NOW)
        for o in offers
    ]

    refused(all_at_once(acts))

    joined = set(network.memberships.values_list("leader", flat=True)) & {offer.leader_id for offer in offers}
    approved = network.applications.filter(state="approved").values_list("leader", flat=True)
    assert joined == set(approved)
    assert seats.seats_taken(network) <= network.size_max


def test_many_rounds_never_oversell(hr):
    """Round after round: leaders sign up and are let in, one leaves, an offer is answered, and another runs out."""
    network = create_network(hr_contact=hr, size_max=3)
    staying, leaving, offered, in_line, lapsing = [members.create_leader() for _ in range(5)]
    leaders = [members.create_leader() for _ in range(SIGN_UPS)]
    acts = [lambda u=u.user: _sign_up_and_let_in(network, u, hr) for u in leaders]
    acts.append(lambda: membership.leave(network, actor=leaving.user, now=NOW))
    acts.append(lambda: enrolment.accept_invitation(network, actor=offered.user, accepts_terms=True, now=NOW))
    acts.append(lambda: waiting_list.expire_offers(now=NOW))
    faults, oversold, line_jumped = [], 0, 0
    for number in range(ROUNDS):
        network.memberships.all().delete()
        network.applications.all().delete()
        create_membership(network=network, leader=staying)
        create_membership(network=network, leader=leaving)
        if number % 2:  # the last seat is held by an offer; otherwise it is anyone's
            stale = number % 4 == 1
            create_application(
                network=network,
                leader=lapsing if stale else offered,
                state="invited",
                answer_by=NOW.date() - timedelta(days=stale),
            )
        waiting = create_application(
            network=network,
            leader=in_line,
            state="waitlisted",
            decided_by=hr,
            decided_at=NOW,
            created_at=NOW - timedelta(days=1),
        )

        results = all_at_once(acts)

        faults += [result for result in results if isinstance(result, Exception) and not isinstance(result, Refused)]
        oversold += seats.seats_taken(network) > network.size_max
        waiting.refresh_from_db()
        line_jumped += waiting.state != "invited"
    print(f"{ROUNDS} rounds of {len(acts)} at once: oversold in {oversold}, the line jumped in {line_jumped}")
    assert (faults, oversold, line_jumped) == ([], 0, 0)


def _sign_up_and_let_in(network, leader, hr):
    application = enrolment.apply(network, actor=leader, accepts_terms=True, now=NOW)
    if application.state == Application.State.PENDING:
        enrolment.approve_application(application, actor=hr, now=NOW)
