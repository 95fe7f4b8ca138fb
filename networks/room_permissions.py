"""Who may open what the members own. Fetching is authorising, as in `permissions`."""

from django.shortcuts import get_object_or_404

from networks.models import Charter, Goal, ManagementMessage
from networks.permissions import get_room


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
