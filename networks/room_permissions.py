"""Who may open what the members own. Fetching is authorising, as in `permissions`."""

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404

from networks import permissions
from networks.models import Charter, Goal, ManagementMessage, Network


def has_room(user, network: Network) -> bool:
    """Active members, once the network is theirs."""
    return network.state in Network.STATES_STARTED and permissions.is_active_member(user, network)


def get_room(user, slug: str) -> Network:
    """404 for strangers; 403 for others who know of the network, and for everyone before the start."""
    network = permissions.get_network(user, slug)
    if not has_room(user, network):
        raise PermissionDenied
    return network


def get_charter(user, slug: str, pk: int) -> Charter:
    network = get_room(user, slug)
    charter = get_object_or_404(network.charters.select_related("proposed_by"), pk=pk)
    charter.network = network
    return charter


def get_goal(user, slug: str, pk: int) -> Goal:
    network = get_room(user, slug)
    goal = get_object_or_404(network.goals, pk=pk)
    goal.network = network
    return goal


def get_management_message(user, slug: str, pk: int) -> ManagementMessage:
    network = get_room(user, slug)
    message = get_object_or_404(network.management_messages, pk=pk)
    message.network = network
    return message
