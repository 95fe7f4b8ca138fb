"""Who may see and do what with networks (design §4). Fetchers start from what the person may see."""

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404
from django.shortcuts import get_object_or_404

from networks.models import Application, Consultation, Membership, Network, StrategicDirection


def get_network(user, slug: str) -> Network:
    """The network, if the catalogue holds it for `user`; 404 otherwise, as if it did not exist."""
    return get_object_or_404(Network.objects.visible_to(user).with_places().for_lists(), slug=slug)


def find_network(user, slug: str) -> Network:
    """The same without what the network belongs to and its places, for pages that show neither.

    Most who come are members: their membership tells at once that they may see it. Nobody else learns from the time it
    takes whether there is such a network.
    """
    membership = (
        Membership.objects.active().filter(network__slug=slug, leader__user=user).select_related("network", "leader")
    )
    found = membership.first() if user.is_active else None
    network = found.network if found else get_object_or_404(Network.objects.visible_to(user), slug=slug)
    network._membership_of = {user.pk: found}
    return network


def membership_of(user, network: Network) -> Membership | None:
    """The active membership of `user`, read once per network object: Netværkets rum opens by this alone."""
    cache = network.__dict__.setdefault("_membership_of", {})
    if user.pk not in cache:
        cache[user.pk] = (
            network.memberships.active().filter(leader__user=user).select_related("leader").first()
            if user.is_active
            else None
        )
    return cache[user.pk]


def is_active_member(user, network: Network) -> bool:
    return membership_of(user, network) is not None


def is_coordinator(user, network: Network) -> bool:
    membership = membership_of(user, network)
    return membership is not None and membership.is_coordinator


def has_room(user, network: Network) -> bool:
    """Netværkets rum: for active members, once the network is theirs."""
    return network.state in Network.STATES_STARTED and is_active_member(user, network)


def get_room(user, slug: str) -> Network:
    """The network, for what only its active members may see: 404 for strangers, 403 for others who know of it."""
    network = find_network(user, slug)
    if not has_room(user, network):
        raise PermissionDenied
    return network


def get_network_as_coordinator(user, slug: str) -> Network:
    """Also before the start: a coordinator may see what stands in the way of planning."""
    network = find_network(user, slug)
    if not is_coordinator(user, network):
        raise PermissionDenied
    return network


def get_network_as_hr(user, slug: str) -> Network:
    network = get_network(user, slug)
    if not user.is_hr:
        raise PermissionDenied
    return network


def get_network_as_sponsor(user, slug: str) -> Network:
    """For deciding: the named sponsor and nobody in their place."""
    network = get_network(user, slug)
    if not can_decide(user, network):
        raise PermissionDenied
    return network


def is_sponsor(user, network: Network) -> bool:
    return network.sponsor_id == user.pk and user.is_active


def can_decide(user, network: Network) -> bool:
    """Only the named sponsor; and whoever holds an HR role never approves what HR has written."""
    return is_sponsor(user, network) and not user.is_hr


def can_appoint_coordinator(user, network: Network) -> bool:
    """HR until the start; then the members: a coordinator, or any of them while there is none."""
    if network.state in (Network.State.APPROVED, Network.State.ENROLLING):
        return user.is_hr
    if network.state not in (Network.State.ACTIVE, Network.State.PAUSED) or not is_active_member(user, network):
        return False
    return is_coordinator(user, network) or not network.memberships.active().filter(is_coordinator=True).exists()


def can_see_basis(user, network: Network) -> bool:
    """Strategic basis, målhierarki and approvals: not for other leaders."""
    return is_active_member(user, network) or user.is_hr or is_sponsor(user, network) or user.is_top_management


def can_edit_design(user, network: Network) -> bool:
    """HR, until the sponsor has it before them; never after start (promise 5)."""
    return user.is_hr and network.is_editable


def can_see_members(user, network: Network) -> bool:
    """By name. The board and the politicians see counts only."""
    return (
        is_active_member(user, network) or user.is_hr or is_sponsor(user, network) or network.shows_member_list
    ) and not (user.is_political and not is_active_member(user, network))


def can_see_member_counts(user, network: Network) -> bool:
    """Members per area and level, without names."""
    return user.is_top_management


def can_open_members(user, network: Network) -> bool:
    """The members tab shows names, counts or both, and applications to those who handle them."""
    if network.is_in_design:
        return False
    return can_see_members(user, network) or can_see_member_counts(user, network)


def can_see_applications(user, network: Network) -> bool:
    return user.is_hr or is_coordinator(user, network)


def can_see_meeting_dates(user, network: Network) -> bool:
    return is_active_member(user, network) or user.is_hr or is_sponsor(user, network)


def get_application_as_hr(user, pk: int) -> Application:
    """HR decides on applications; anyone else is told nothing of whether it exists."""
    if not user.is_hr:
        raise Http404
    return get_object_or_404(Application.objects.select_related("network", "leader__user"), pk=pk)


def get_own_application(user, pk: int) -> Application:
    """One's own request or invitation, also when the network itself is out of sight again."""
    return get_object_or_404(Application.objects.select_related("network", "leader"), pk=pk, leader__user=user)


def get_membership(network: Network, pk: int) -> Membership:
    """One who is inside, of a network already fetched for the person who asks."""
    return get_object_or_404(network.memberships.inside().select_related("leader__user"), pk=pk)


def get_consultation(user, pk: int) -> Consultation:
    """A høring that has been sent: for HR, the sponsor and those asked, also while the network is in design."""
    return get_object_or_404(Consultation.objects.visible_to(user).select_related("network__sponsor"), pk=pk)


def get_consultation_as_hr(user, pk: int) -> Consultation:
    consultation = get_consultation(user, pk)
    if not user.is_hr:
        raise PermissionDenied
    return consultation


def can_see_consultation_replies(user, network: Network) -> bool:
    """Everyone's; one's own is always one's own."""
    return user.is_hr or is_sponsor(user, network)


def can_see_approvals(user) -> bool:
    return user.is_sponsor or user.is_executive_board


def get_direction(user, pk: int) -> StrategicDirection:
    return get_object_or_404(visible_directions(user).select_related("owner"), pk=pk)


def visible_directions(user):
    """Kurs is public knowledge once it is in force; drafts are for HR, the board and the owner."""
    directions = StrategicDirection.objects.all()
    if user.is_hr or user.is_executive_board:
        return directions
    in_force = Q(state__in=[StrategicDirection.State.CURRENT, StrategicDirection.State.EXPIRED])
    return directions.filter(in_force | Q(owner=user))


def get_direction_to_edit(user, pk: int) -> StrategicDirection:
    direction = get_direction(user, pk)
    if not can_edit_directions(user):
        raise PermissionDenied
    return direction


def can_edit_directions(user) -> bool:
    return user.is_hr or user.is_executive_board


def can_approve_directions(user) -> bool:
    """The board; and whoever holds an HR role never approves what HR has written."""
    return user.is_executive_board and not user.is_hr
