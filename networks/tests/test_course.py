"""What HR changes along the way: size, sign-up, pause and the farewell."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils.html import escape

from members.models import AuditEvent, Message
from members.outbox import Suppress
from members.tests import factories as members
from networks import email, enrolment, lifecycle, membership
from networks.models import Application, Network
from networks.refusal import Refused
from networks.tests.factories import NOW, TODAY, create_application, create_direction, create_membership, create_network

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(hours=1)


@pytest.fixture
def network(hr, sponsor):
    return create_network(sponsor=sponsor, hr_contact=hr, size_max=4)


@pytest.fixture
def waiting(network, hr):
    """Full, with one in line whom HR has said yes to."""
    for _ in range(4):
        create_membership(network=network)
    return create_application(network=network, state="waitlisted", decided_by=hr, decided_at=NOW)


def resize(network, hr, least=3, most=5):
    lifecycle.change_capacity(network, size_min=least, size_max=most, actor=hr, now=NOW)


# --- Size ------------------------------------------------------------------------------------------------------------


def test_more_seats_go_to_those_who_wait(network, waiting, hr):
    resize(network, hr)

    waiting.refresh_from_db()
    assert waiting.state == Application.State.INVITED
    assert AuditEvent.objects.filter(verb="change_capacity", network_id=network.pk).count() == 1


def test_fewer_seats_remove_nobody_and_let_nobody_in(network, waiting, hr):
    resize(network, hr, most=3)

    waiting.refresh_from_db()
    assert (network.memberships.inside().count(), waiting.state) == (4, Application.State.WAITLISTED)
    with pytest.raises(Refused, match="optaget"):
        enrolment.enrol(network, leaders=[members.create_leader()], actor=hr, now=NOW)
    membership.leave(network, actor=network.memberships.first().user, now=NOW)
    waiting.refresh_from_db()
    assert waiting.state == Application.State.WAITLISTED  # three of three


@pytest.mark.parametrize(("least", "most"), [(2, 5), (6, 5), (3, 61)])
def test_impossible_sizes_are_refused(network, hr, least, most):
    with pytest.raises(Refused):
        resize(network, hr, least, most)


@pytest.mark.parametrize("state", [s for s in Network.State if s not in Network.STATES_CLOSABLE])
def test_size_belongs_to_the_basis_until_approved(hr, state):
    with pytest.raises(Refused, match="grundlaget"):
        resize(create_network(state=state), hr)


# --- Sign-up ---------------------------------------------------------------------------------------------------------


def test_closed_sign_up_takes_nobody_and_moves_nobody(network, waiting, hr, leader):
    lifecycle.change_capacity(network, size_min=3, size_max=4, actor=hr, now=NOW)
    enrolment.close_enrolment(network, actor=hr, now=NOW)
    resize(network, hr)

    waiting.refresh_from_db()
    assert waiting.state == Application.State.WAITLISTED
    with pytest.raises(Refused, match="ikke åbent"):
        enrolment.apply(network, actor=leader.user, accepts_terms=True, now=NOW)
    assert not Network.objects.with_free_places().exists()
    assert enrolment.invite(network, leaders=[leader], actor=hr, now=NOW)


def test_an_offer_stands_though_sign_up_is_closed(network, waiting, hr):
    resize(network, hr)
    enrolment.close_enrolment(network, actor=hr, now=NOW)

    enrolment.accept_invitation(network, actor=waiting.leader.user, accepts_terms=True, now=LATER)

    assert network.memberships.inside().count() == 5


def test_opening_again_moves_the_line_and_keeps_the_state(network, waiting, hr):
    enrolment.close_enrolment(network, actor=hr, now=NOW)
    resize(network, hr)

    enrolment.open_enrolment(network, actor=hr, now=LATER)

    network.refresh_from_db()
    waiting.refresh_from_db()
    assert (network.state, network.enrolment_closed_at) == (Network.State.ACTIVE, None)
    assert waiting.state == Application.State.INVITED


def test_opening_again_needs_a_current_kurs(network, hr):
    enrolment.close_enrolment(network, actor=hr, now=NOW)
    Network.objects.update(direction=create_direction(valid_to=TODAY - timedelta(days=1)))

    with pytest.raises(Refused, match="udløbet"):
        enrolment.open_enrolment(network, actor=hr, now=NOW)


def test_sign_up_closes_once_and_only_where_it_was_open(network, hr):
    enrolment.close_enrolment(network, actor=hr, now=NOW)

    for shut in (network, create_network(access="closed"), create_network(state="paused")):
        with pytest.raises(Refused):
            enrolment.close_enrolment(shut, actor=hr, now=NOW)


@pytest.mark.parametrize("who", ["sponsor", "board", "stranger"])
def test_only_hr_changes_size_and_sign_up(network, who, request):
    actor = request.getfixturevalue(who)
    with pytest.raises(PermissionDenied):
        resize(network, actor)
    with pytest.raises(PermissionDenied):
        enrolment.close_enrolment(network, actor=actor, now=NOW)


# --- Pause, unenrolment, farewell ------------------------------------------------------------------------------------


def build(kind):
    return getattr(email, kind)(Message.objects.filter(kind=kind).latest("pk"), NOW)


def test_members_hear_of_pause_and_resumption_while_it_is_so(network, hr):
    create_membership(network=network)
    create_membership(network=network, state="on_leave")
    lifecycle.pause(network, actor=hr, now=NOW)
    assert build("network_paused").subject == f"På pause: {network.name}"

    lifecycle.resume(network, actor=hr, now=LATER)

    assert build("network_resumed").subject == f"I gang igen: {network.name}"
    with pytest.raises(Suppress):
        build("network_paused")
    assert Message.objects.count() == 2


def test_one_hr_unenrols_is_told_and_one_who_leaves_is_not(network, hr):
    first, second = create_membership(network=network), create_membership(network=network)
    membership.leave(network, actor=first.user, now=NOW)
    membership.unenrol(second, actor=hr, now=NOW)

    assert list(Message.objects.values_list("kind", "recipient")) == [("membership_ended", second.user.pk)]
    assert build("membership_ended").subject == f"Du er afmeldt {network.name}"
    create_membership(network=network, leader=second.leader)
    with pytest.raises(Suppress):
        build("membership_ended")


def close(network, hr, farewell="Tak for tre gode år."):
    lifecycle.close(network, actor=hr, now=NOW, farewell=farewell)


def test_the_farewell_reaches_those_who_were_with_it_to_the_end(client, network, hr, sponsor, stranger):
    early, late = create_membership(network=network), create_membership(network=network)
    membership.leave(network, actor=early.user, now=NOW)
    close(network, hr)
    assert "Tak for tre gode år." in build("network_closed").text

    def page(person):
        client.force_login(person)
        return client.get(network.get_absolute_url())

    for person in (late.user, hr):
        shown = page(person).content.decode()
        assert "Tak for tre gode år." in shown
        assert "Det bevares" in shown
    assert "Tak for tre" not in page(sponsor).content.decode()
    assert [page(person).status_code for person in (early.user, stranger)] == [404, 404]
    client.force_login(late.user)
    assert client.get(reverse("networks:basis", args=[network.slug])).status_code == 403


def test_a_network_ends_without_a_farewell_too(client, network, hr):
    member = create_membership(network=network)
    close(network, hr, farewell="")

    client.force_login(member.user)
    assert "Netværket sluttede" in client.get(network.get_absolute_url()).content.decode()


# --- Pages -----------------------------------------------------------------------------------------------------------


def test_hr_changes_the_size_on_the_page(client, network, hr):
    client.force_login(hr)
    url = reverse("networks:change_capacity", args=[network.slug])
    assert "mindst lige så stort" in client.post(url, {"size_min": "9", "size_max": "4"}).content.decode()

    client.post(url, {"size_min": "3", "size_max": "9"})

    network.refresh_from_db()
    assert (network.size_min, network.size_max) == (3, 9)


def test_hr_closes_and_opens_sign_up_on_the_page(client, network, hr, leader):
    client.force_login(hr)
    assert "Luk for tilmelding" in client.get(network.get_absolute_url()).content.decode()

    client.post(reverse("networks:close_enrolment", args=[network.slug]))
    assert "Åbn for tilmelding" in client.get(network.get_absolute_url()).content.decode()
    client.force_login(leader.user)
    shown = client.get(network.get_absolute_url()).content.decode()
    assert "Lukket for tilmelding" in shown
    assert "Tilmeld dig" not in shown

    client.force_login(hr)
    client.post(reverse("networks:open_enrolment", args=[network.slug]))
    network.refresh_from_db()
    assert network.takes_applications


def test_hr_writes_a_farewell_on_the_page(client, network, hr):
    client.force_login(hr)

    client.post(reverse("networks:close", args=[network.slug]), {"farewell": "Farvel og tak."})

    network.refresh_from_db()
    assert (network.state, network.farewell) == (Network.State.CLOSED, "Farvel og tak.")


@pytest.mark.parametrize("state", ["active", "closed"])
def test_the_next_season_begins_from_the_frame_of_this_one(client, hr, state):
    network = create_network(state=state, hr_contact=hr)
    client.force_login(hr)
    url = f"{reverse('networks:new')}?fra={network.slug}&saeson=ny"
    assert f'href="{escape(url)}"' in client.get(network.get_absolute_url()).content.decode()

    assert network.purpose in client.get(url).content.decode()
