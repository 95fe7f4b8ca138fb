"""The one row of links at the top of every page, by role."""

from typing import NamedTuple

from django.urls import reverse
from django.utils.translation import gettext as _


class Item(NamedTuple):
    label: str
    url: str
    is_current: bool


def items(user, request) -> list[Item]:
    """The links for `user`, the one that leads to this part of the house marked as current."""
    if not user.is_authenticated:
        return []
    links = [(label, reverse(route)) for label, route in _routes(user)]
    path = reverse("netvaerk:followup") if _is_under_follow_up(user, request.path) else request.path
    current = max((url for _label, url in links if path.startswith(url)), key=len, default="")
    home = reverse("home")
    if current == home and request.path != home:
        current = ""
    return [Item(label, url, url == current) for label, url in links]


def _is_under_follow_up(user, path: str) -> bool:
    """HR's lists of requests and of messages are tabs of Opfølgning."""
    return user.is_hr and path.startswith((reverse("networks:support_requests"), reverse("members:deliveries")))


def _routes(user):
    yield _("Min side"), "home"
    yield _("Netværk"), "networks:catalogue"
    yield _("Møder"), "meetings:mine"
    if user.is_hr:
        yield _("Opfølgning"), "netvaerk:followup"
        yield _("Ledere"), "members:leaders"
    if user.is_hr or user.is_executive_board:
        yield _("Kurs"), "networks:directions"
    if user.is_hr:
        yield _("Lukkedage"), "meetings:closed_periods"
    # Whoever is in HR approves nothing, named as sponsor or not.
    if user.is_executive_board or (not user.is_hr and user.is_sponsor):
        yield _("Godkendelser"), "networks:approvals"
    if user.is_hr or user.is_top_management:
        yield _("Status"), "netvaerk:status"
