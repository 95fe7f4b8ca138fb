"""Who may see and do what with meetings (design §4). Fetchers start from what the person may see.

Dates, places and states are for members, HR and the sponsor; everything inside a meeting is for active members alone.
"""

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404

from meetings.models import Meeting, MeetingPlan
from networks.models import Network
from networks.permissions import (
    can_see_meeting_dates,
    find_network,
    get_network_as_coordinator,
    is_active_member,
    is_coordinator,
)


def get_network_with_dates(user, slug: str) -> Network:
    """The network, for those who may read its dates, places and states."""
    network = find_network(user, slug)
    if not can_see_meeting_dates(user, network):
        raise PermissionDenied
    return network


def get_meeting(user, pk: int) -> Meeting:
    """The meeting with all that is inside it: active members only.

    HR and the sponsor know of it from the list and are told no (403); for anyone else it does not exist. Nor does a
    draft, until its coordinator publishes it.
    """
    meeting = get_object_or_404(Meeting.objects.published().select_related("network"), pk=pk)
    if is_active_member(user, meeting.network):
        return meeting
    if can_see_meeting_dates(user, meeting.network):
        raise PermissionDenied
    raise Http404


def get_meeting_as_coordinator(user, pk: int) -> Meeting:
    meeting = get_meeting(user, pk)
    require_coordinator(user, meeting.network)
    return meeting


def get_plan(user, slug: str, pk: int) -> MeetingPlan:
    """A published plan for those who may read dates; a draft for coordinators alone."""
    network = get_network_with_dates(user, slug)
    plans = network.plans.all()
    if not is_coordinator(user, network):
        plans = plans.filter(state=MeetingPlan.State.PUBLISHED)
    plan = get_object_or_404(plans, pk=pk)
    plan.network = network
    return plan


def get_draft_as_coordinator(user, slug: str, pk: int) -> MeetingPlan:
    network = get_network_as_coordinator(user, slug)
    plan = get_object_or_404(network.plans, pk=pk, state=MeetingPlan.State.DRAFT)
    plan.network = network
    return plan


def require_coordinator(user, network: Network) -> None:
    """What the acts ask themselves, whoever calls them."""
    if not is_coordinator(user, network):
        raise PermissionDenied
