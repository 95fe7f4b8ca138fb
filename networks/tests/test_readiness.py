"""Klar til møder: five ticks for the members, each leading to where it is put in place."""

import pytest

from networks import charter as charters
from networks import goals, readiness
from networks.charter import Text
from networks.tests.factories import NOW, TODAY, create_membership, create_network

pytestmark = pytest.mark.django_db


@pytest.fixture
def network(hr):
    return create_network(slug="paa-tvaers", hr_contact=hr)


@pytest.fixture
def member(network):
    return create_membership(network=network, is_coordinator=True).leader.user


def ready(network) -> dict:
    return {tick.key: tick.is_ready for tick in readiness.ticks(network, now=NOW)}


def agree(network, member, *, opens_with_here_and_now):
    text = Text("Vi lytter.", "Mod\nOmsorg\nLethed", opens_with_here_and_now)
    charters.propose(network, actor=member, text=text, deadline=TODAY.replace(day=20), seen=None, now=NOW)


def test_nothing_is_ready_at_the_start(network):
    assert ready(network) == dict.fromkeys(["here_and_now", "ground_rules", "meeting_plan", "values", "goals"], False)


@pytest.mark.parametrize("opens", [True, False])
def test_the_agreement_gives_three_ticks_or_two(network, member, opens):
    agree(network, member, opens_with_here_and_now=opens)

    assert ready(network) == {
        "here_and_now": opens,
        "ground_rules": True,
        "meeting_plan": False,
        "values": True,
        "goals": False,
    }


def test_a_goal_is_a_tick(network, member):
    goals.add(network, actor=member, title="Flere besøg", measure="To", due_on=TODAY, now=NOW)

    assert ready(network)["goals"]


def test_a_proposal_alone_is_not_an_agreement(network, member):
    create_membership(network=network)
    agree(network, member, opens_with_here_and_now=True)

    assert not ready(network)["ground_rules"]


def test_the_overview_shows_members_what_is_missing_and_where(client, network, member, hr, stranger):
    path = f"/netvaerk/{network.slug}/"
    client.force_login(member)

    page = client.get(path).content.decode()

    assert "Klar til møder" in page
    assert f'href="{path}maal/"' in page
    for other in (hr, network.sponsor, stranger):
        client.force_login(other)
        assert "Klar til møder" not in client.get(path).content.decode()


def test_the_overview_shows_applicants_the_rules_the_group_shows(client, network, member, hr, stranger):
    agree(network, member, opens_with_here_and_now=True)
    charters.show_ground_rules(network, actor=member, now=NOW)
    path = f"/netvaerk/{network.slug}/"

    client.force_login(stranger)
    assert "Vi lytter." in client.get(path).content.decode()
    client.force_login(hr)
    assert "Vi lytter." not in client.get(path).content.decode()
