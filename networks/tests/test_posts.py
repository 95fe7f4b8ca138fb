"""A post that ends or changes removes nobody: HR is told, and decides with the leader."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from members import posts as members_posts
from members.models import AuditEvent, Leader
from members.tests import factories as members
from networks import enrolment, posts
from networks.fit import Hierarchy
from networks.models import Membership
from networks.refusal import Refused
from networks.tests.factories import NOW, TODAY, create_membership, create_network

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(days=1)


@pytest.fixture
def network(hr, sponsor):
    return create_network(sponsor=sponsor, hr_contact=hr)


@pytest.fixture
def member(network):
    return create_membership(network=network, leader=members.create_leader(first_name="Ea"))


def change_field(member, name="Et andet fag"):
    Leader.objects.filter(pk=member.leader_id).update(field=members.create_field(name=name))


def flagged(network) -> list[tuple]:
    memberships = network.memberships.inside().for_lists()
    return [(m.pk, m.is_kept) for m in posts.note_changes(network, memberships, Hierarchy())]


def test_a_post_that_fits_is_not_flagged(network, member):
    assert flagged(network) == []


def test_an_ended_post_is_flagged_and_removes_nobody(network, member, hr):
    members_posts.end_post(member.leader, on=TODAY, actor=hr, now=NOW)

    assert flagged(network) == [(member.pk, False)]
    assert network.memberships.inside().get() == member


def test_a_changed_field_is_flagged_in_words(network, member):
    change_field(member)
    member = Membership.objects.get(pk=member.pk)

    assert posts.changes(network, member, Hierarchy()) == ["Kommer fra et andet fagområde end dem, netværket er for."]


def keep(member, hr, reason="Aftalt med lederen."):
    return posts.keep_despite_change(member, reason=reason, actor=hr, now=NOW)


def test_keeping_lasts_until_the_post_changes_again(network, member, hr):
    change_field(member)

    keep(member, hr)
    assert flagged(network) == [(member.pk, True)]

    change_field(member, "Et tredje fag")
    assert flagged(network) == [(member.pk, False)]
    assert AuditEvent.objects.filter(verb="keep_despite_change", actor=hr).count() == 1


def test_keeping_takes_a_reason_and_a_change(member, hr):
    with pytest.raises(Refused, match="passer"):
        keep(member, hr)
    change_field(member)
    with pytest.raises(Refused, match="begrundelse"):
        keep(member, hr, " ")


def test_one_let_in_against_the_frame_is_not_asked_about_again(network, hr):
    misfit = members.create_leader(field=members.create_field(name="Et andet fag"))
    enrolment.enrol(network, leaders=[misfit], actor=hr, now=NOW, reason="Skifter til sommer.")

    assert [is_kept for _pk, is_kept in flagged(network)] == [True]


def end(member, hr):
    return members_posts.end_post(member.leader, on=TODAY, actor=hr, now=NOW)


def test_the_seat_follows_to_the_new_post(network, member, hr):
    end(member, hr)
    new = members.create_leader(user=member.leader.user)

    posts.move_to_post(member, actor=hr, now=NOW)

    member.refresh_from_db()
    assert member.leader == new
    assert flagged(network) == []
    with pytest.raises(Refused, match="ikke ophørt"):
        posts.move_to_post(member, actor=hr, now=LATER)


def test_no_move_without_a_new_post_or_beside_a_second_seat(network, member, hr):
    end(member, hr)
    with pytest.raises(Refused, match="ikke en ny stilling"):
        posts.move_to_post(member, actor=hr, now=NOW)

    create_membership(network=network, leader=members.create_leader(user=member.leader.user))
    with pytest.raises(Refused, match="allerede med"):
        posts.move_to_post(Membership.objects.get(pk=member.pk), actor=hr, now=NOW)


@pytest.mark.parametrize("who", ["sponsor", "board", "stranger"])
def test_only_hr_decides_about_posts(member, who, request):
    actor = request.getfixturevalue(who)
    with pytest.raises(PermissionDenied):
        keep(member, actor)
    with pytest.raises(PermissionDenied):
        posts.move_to_post(member, actor=actor, now=NOW)


# --- Pages -----------------------------------------------------------------------------------------------------------


def test_hr_alone_sees_the_list_and_decides(client, network, member, hr, sponsor):
    change_field(member)
    page = reverse("networks:members", args=[network.slug])
    client.force_login(sponsor)
    assert "Stillinger, der har ændret sig" not in client.get(page).content.decode()
    client.force_login(hr)
    assert "Stillinger, der har ændret sig" in client.get(page).content.decode()

    client.post(reverse("networks:keep_despite_change", args=[network.slug, member.pk]), {"reason": "Aftalt."})

    shown = client.get(page).content.decode()
    assert "Stillinger, der har ændret sig" not in shown
    assert "Aftalt." in shown


def test_hr_moves_a_seat_on_the_page(client, network, member, hr):
    end(member, hr)
    new = members.create_leader(user=member.leader.user)
    client.force_login(hr)
    assert "Flyt til ny stilling" in client.get(reverse("networks:members", args=[network.slug])).content.decode()

    url = reverse("networks:move_to_post", args=[network.slug, member.pk])
    assert client.get(url).status_code == 200
    client.post(url)

    member.refresh_from_db()
    assert member.leader == new


@pytest.mark.parametrize("route", ["keep_despite_change", "move_to_post"])
def test_pages_about_posts_are_for_hr(client, network, member, sponsor, stranger, route):
    url = reverse(f"networks:{route}", args=[network.slug, member.pk])
    for person in (sponsor, stranger, member.user):
        client.force_login(person)
        assert client.get(url).status_code == 403


def test_the_members_page_asks_as_often_for_one_changed_post_as_for_many(client, network, hr):

    client.force_login(hr)
    page = reverse("networks:members", args=[network.slug])
    client.get(page)

    def cost() -> int:
        client.get(page)  # the first time notes who was shown
        with CaptureQueriesContext(connection) as queries:
            client.get(page)
        return len(queries)

    change_field(create_membership(network=network))
    one = cost()
    for _ in range(9):
        change_field(create_membership(network=network))

    assert cost() == one
