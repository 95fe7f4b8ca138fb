"""From one season to the next: when the new network opens, those who were in the earlier one may be asked along."""

from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.db.models import F, Q

from members.models import Leader, User
from networks import composition, enrolment
from networks.fit import Hierarchy
from networks.models import Membership, Network
from networks.seats import free_seats


class Asked(NamedTuple):
    """Who was invited, for whom there was no seat, and whom something speaks against, so that HR must say why."""

    invited: list[Leader]
    without_seat: list[Leader]
    in_doubt: list[Leader]


NOBODY = Asked([], [], [])


def earlier_leaders(network: Network) -> list[Leader]:
    """Those in the season before, to its end or still, who hold their post; the ones longest with it first."""
    inside = Q(state__in=Membership.STATES_INSIDE)
    to_the_end = Q(state=Membership.State.ENDED, left_on__gte=F("network__closed_at__date"))
    memberships = (
        Membership.objects.filter(inside | to_the_end, network=network.continues_id)
        .filter(leader__in=Leader.objects.current(), leader__user__is_active=True)
        .select_related("leader__user", "leader__unit", "leader__level", "leader__field")
        .order_by("joined_on", "pk")
    )
    return list({membership.leader_id: membership.leader for membership in memberships}.values())


@transaction.atomic
def open_enrolment(network: Network, *, actor: User, now: datetime, invites_earlier: bool = False) -> Asked:
    """Open for sign-up and, where HR says so, invite the earlier members before anyone else can sign up."""
    is_first = network.state == Network.State.APPROVED
    enrolment.open_enrolment(network, actor=actor, now=now)
    if not (invites_earlier and is_first and network.continues_id):
        return NOBODY
    asked = _sort_out(Network.objects.lock(network.pk))
    if asked.invited:
        enrolment.invite(network, leaders=asked.invited, actor=actor, now=now)
    return asked


def _sort_out(network: Network) -> Asked:
    """Each earlier member beside those before them, as long as there are seats."""
    hierarchy, seats, asked = Hierarchy(), free_seats(network), Asked([], [], [])
    for leader in earlier_leaders(network):
        if composition.concerns(network, leader, asked.invited, hierarchy):
            asked.in_doubt.append(leader)
        elif len(asked.invited) < seats:
            asked.invited.append(leader)
        else:
            asked.without_seat.append(leader)
    return asked
