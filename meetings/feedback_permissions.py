"""Who may see and do what with feedback. What is said belongs to the members alone until the group shares a result."""

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from meetings.models import FeedbackRound
from networks import permissions
from networks.models import Network


def get_network(user, slug: str) -> Network:
    """For the list of rounds: members, and those who may know that a round was held but not what it said."""
    network = permissions.find_network(user, slug)
    if network.is_in_design or not permissions.can_see_basis(user, network):
        raise PermissionDenied
    return network


def get_round(user, slug: str, pk: int) -> FeedbackRound:
    """A round whose page `user` may open: members always, the others once the group has shared its result."""
    network = get_network(user, slug)
    round = get_object_or_404(known_rounds(user, network).select_related("release"), pk=pk)
    if not can_open(user, round, network):
        raise PermissionDenied
    round.network = network
    return round


def known_rounds(user, network: Network) -> QuerySet[FeedbackRound]:
    """Those on the list: for members also what is planned, which to all others is as if it did not exist."""
    rounds = network.feedback_rounds.all()
    return rounds if permissions.is_active_member(user, network) else rounds.filter(opened_at__isnull=False)


def can_open(user, round: FeedbackRound, network: Network) -> bool:
    return permissions.is_active_member(user, network) or round.state == FeedbackRound.State.SHARED


def get_round_as_coordinator(user, slug: str, pk: int) -> FeedbackRound:
    network = permissions.get_network_as_coordinator(user, slug)
    round = get_object_or_404(network.feedback_rounds.select_related("release"), pk=pk)
    round.network = network
    return round


def can_plan(user, network: Network) -> bool:
    """The group evaluates itself: its coordinator plans the rounds, and nobody in their place."""
    return network.state == Network.State.ACTIVE and permissions.is_coordinator(user, network)
