from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from members.models import Message
from members.tests import factories as members
from networks import enrolment, lifecycle, season
from networks.models import Application, Membership, Network
from networks.refusal import Refused
from networks.tests.factories import NOW, TODAY, create_membership, create_network

pytestmark = pytest.mark.django_db


@pytest.fixture
def field():
    return members.create_field()


@pytest.fixture
def earlier(hr, field):
    """Four members, the one who has been there longest first."""
    network = create_network(name="Første sæson", hr_contact=hr, fields=[field])
    for years in (4, 3, 2, 1):
        create_membership(
            network=network,
            leader=members.create_leader(first_name=f"Leder{years}", field=field),
            joined_on=TODAY - timedelta(days=365 * years),
            is_coordinator=years == 4,
        )
    return network


@pytest.fixture
def coming(hr, field, earlier):
    return create_network(
        name="Anden sæson", state="approved", hr_contact=hr, fields=[field], size_max=4, continues=earlier
    )


def text_of(response) -> str:
    return " ".join(response.content.decode().split())


def names(leaders):
    return [leader.user.first_name for leader in leaders]


def test_earlier_members_are_invited_when_the_next_season_opens(coming, hr):
    asked = season.open_enrolment(coming, actor=hr, now=NOW, invites_earlier=True)

    assert names(asked.invited) == ["Leder4", "Leder3", "Leder2", "Leder1"]
    assert (asked.without_seat, asked.in_doubt) == ([], [])
    assert set(coming.applications.values_list("state", flat=True)) == {"invited"}
    assert Message.objects.filter(kind="network_invitation").count() == 4
    assert not coming.memberships.exists()


def test_nobody_is_invited_unless_hr_says_so(coming, hr):
    assert season.open_enrolment(coming, actor=hr, now=NOW) == season.NOBODY
    assert not coming.applications.exists()


def test_the_seats_go_to_those_longest_with_it(coming, hr):
    Network.objects.filter(pk=coming.pk).update(size_max=3)

    asked = season.open_enrolment(coming, actor=hr, now=NOW, invites_earlier=True)

    assert names(asked.invited) == ["Leder4", "Leder3", "Leder2"]
    assert names(asked.without_seat) == ["Leder1"]


def test_members_are_known_after_the_earlier_season_has_closed(coming, earlier, hr):
    early = earlier.memberships.get(leader__user__first_name="Leder3")
    Membership.objects.filter(pk=early.pk).update(state="ended", left_on=TODAY - timedelta(days=9))
    lifecycle.close(earlier, actor=hr, now=NOW)

    asked = season.open_enrolment(coming, actor=hr, now=NOW, invites_earlier=True)

    assert names(asked.invited) == ["Leder4", "Leder2", "Leder1"]


def test_those_who_left_or_have_no_post_any_more_are_not_asked(coming, earlier, hr):
    by_name = {membership.user.first_name: membership for membership in earlier.memberships.all()}
    Membership.objects.filter(pk=by_name["Leder4"].pk).update(state="left", left_on=TODAY)
    Membership.objects.filter(pk=by_name["Leder1"].pk).update(state="on_leave")
    leader = by_name["Leder3"].leader
    leader.valid_to = TODAY - timedelta(days=1)
    leader.save()
    by_name["Leder2"].user.is_active = False
    by_name["Leder2"].user.save()

    assert names(season.open_enrolment(coming, actor=hr, now=NOW, invites_earlier=True).invited) == ["Leder1"]


def test_one_whom_something_speaks_against_is_left_to_hr(coming, earlier, hr):
    odd = members.create_leader(first_name="Anderledes", field=members.create_field(name="Havne"))
    create_membership(network=earlier, leader=odd, joined_on=TODAY - timedelta(days=3000))

    asked = season.open_enrolment(coming, actor=hr, now=NOW, invites_earlier=True)

    assert names(asked.in_doubt) == ["Anderledes"]
    assert len(asked.invited) == 4
    assert not coming.applications.filter(leader=odd).exists()


def test_opening_again_after_a_while_invites_nobody_again(coming, hr):
    season.open_enrolment(coming, actor=hr, now=NOW, invites_earlier=True)
    Application.objects.update(state="withdrawn")
    coming.refresh_from_db()
    enrolment.close_enrolment(coming, actor=hr, now=NOW)
    coming.refresh_from_db()

    assert season.open_enrolment(coming, actor=hr, now=NOW, invites_earlier=True) == season.NOBODY


def test_opening_twice_from_an_old_page_invites_once(coming, hr):
    stale = Network.objects.get(pk=coming.pk)
    season.open_enrolment(coming, actor=hr, now=NOW, invites_earlier=True)

    with pytest.raises(Refused):
        season.open_enrolment(stale, actor=hr, now=NOW, invites_earlier=True)

    assert coming.applications.count() == 4


def test_only_hr_opens(coming, sponsor):
    with pytest.raises(PermissionDenied):
        season.open_enrolment(coming, actor=sponsor, now=NOW, invites_earlier=True)


def test_a_season_that_is_gone_leaves_an_ordinary_network(hr):
    alone = create_network(state="approved", hr_contact=hr)

    assert season.open_enrolment(alone, actor=hr, now=NOW, invites_earlier=True) == season.NOBODY


# --- Pages -----------------------------------------------------------------------------------------------------------


def test_the_next_season_remembers_the_one_before(client, hr, earlier):
    client.force_login(hr)
    path = f"{reverse('networks:new')}?fra={earlier.slug}"
    link = f"{path}&saeson=ny"
    assert link.replace("&", "&amp;") in client.get(earlier.get_absolute_url()).content.decode()
    assert "skal inviteres" in text_of(client.get(link))

    for name, url in (("Næste", link), ("Kopi", path)):
        client.post(url, {"name": name, "purpose": "Videre", "direction": earlier.direction_id})

    assert Network.objects.get(name="Næste").continues == earlier
    assert Network.objects.get(name="Kopi").continues is None
    assert "Første sæson" in text_of(client.get(Network.objects.get(name="Næste").get_absolute_url()))


def test_hr_is_asked_whether_to_invite_and_told_who_was_not(client, hr, coming, earlier):
    Network.objects.filter(pk=coming.pk).update(size_max=3)
    client.force_login(hr)
    path = reverse("networks:open_enrolment", args=[coming.slug])
    shown = client.get(path)
    assert "Inviter de 4 medlemmer fra Første sæson" in text_of(shown)
    assert shown.context["form"]["invites_earlier"].value() is True

    page = text_of(client.post(path, {"invites_earlier": "on"}, follow=True))

    assert "3 tidligere medlemmer er inviteret." in page
    assert "Der var ikke plads til Leder1" in page


def test_hr_may_say_no(client, hr, coming):
    client.force_login(hr)

    client.post(reverse("networks:open_enrolment", args=[coming.slug]))

    assert not coming.applications.exists()


def test_a_network_that_continues_nothing_asks_nothing(client, hr):
    client.force_login(hr)
    network = create_network(state="approved", hr_contact=hr)

    assert "Inviter" not in text_of(client.get(reverse("networks:open_enrolment", args=[network.slug])))


def test_the_earlier_season_is_not_told_to_others(client, coming, stranger):
    Network.objects.filter(pk=coming.pk).update(state="enrolling")
    client.force_login(stranger)

    assert "Ny sæson efter" not in text_of(client.get(coming.get_absolute_url()))
