"""Klar til møder: the five things that well-working networks have in place. For the members, and no ranking."""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from django.urls import reverse
from django.utils.translation import gettext as _

from networks import charter
from networks.models import Charter, Network


class Tick(NamedTuple):
    key: str
    label: str
    is_ready: bool
    url: str


# Asked whether the next meeting begins with a her og nu-runde, with the charter in effect, and where that is seen; None
# when there is no meeting. The meetings app, which knows the agendas, adds itself.
OPENINGS: list[Callable[[Network, Charter | None, datetime], tuple[bool, str] | None]] = []


def ticks(network: Network, *, now: datetime) -> list[Tick]:
    """Her og nu, spilleregler, mødeplan, værdisæt, mål: each with the page where it is put in place."""
    agreed = charter.in_effect(network)
    agreement, goals = (reverse(f"networks:{name}", args=[network.slug]) for name in ("charter", "goals"))
    # Read from below: the meetings app adds `meetings` to a network, and has the page of its plan.
    plan = reverse("meetings:plan_list", args=[network.slug])
    has_plan = network.meetings.exclude(state="planned").exists()
    known = next(filter(None, (ask(network, agreed, now) for ask in OPENINGS)), None)
    opens_so, opening = known or (agreed is not None and agreed.opens_with_here_and_now, agreement)
    return [
        Tick("here_and_now", _("Her og nu-runde"), opens_so, opening),
        Tick("ground_rules", _("Spilleregler"), agreed is not None, agreement),
        Tick("meeting_plan", _("Mødeplan"), has_plan, plan),
        Tick("values", _("Værdisæt"), agreed is not None, agreement),
        Tick("goals", _("Mål"), network.goals.exists(), goals),
    ]
