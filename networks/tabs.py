"""The tabs over a network's pages. One that the person may not open is not there."""

from typing import NamedTuple

from django.urls import reverse
from django.utils.translation import gettext as _

from networks import permissions
from networks.models import Network


class Tab(NamedTuple):
    label: str
    url: str
    is_current: bool


def tabs(user, network: Network, current: str) -> list[Tab]:
    """Overblik, Grundlag, Aftale, Mål, Medlemmer, Møder, Feedback: those `user` may open, `current` marked."""
    return [
        Tab(label, reverse(route, args=[network.slug]), key == current) for key, label, route in _routes(user, network)
    ]


def _routes(user, network: Network):
    yield "overview", _("Overblik"), "networks:network"
    if permissions.can_see_basis(user, network):
        yield "basis", _("Grundlag"), "networks:basis"
    if permissions.has_room(user, network):
        yield "charter", _("Aftale"), "networks:charter"
        yield "goals", _("Mål"), "networks:goals"
    if permissions.can_open_members(user, network):
        yield "members", _("Medlemmer"), "networks:members"
    if network.is_in_design:
        return
    if permissions.can_see_meeting_dates(user, network):
        yield "meetings", _("Møder"), "meetings:plan_list"
    if permissions.can_see_basis(user, network):
        yield "feedback", _("Feedback"), "meetings:feedback"
