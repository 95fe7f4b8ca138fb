"""A membership's life after it has begun: leaving, and who holds the coordinator's part."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from members import audit, outbox
from members.danish import today
from members.models import User
from networks import permissions
from networks.models import Membership, Network
from networks.refusal import Refused, require
from networks.signals import membership_ended
from networks.waiting_list import promote_waiting


@transaction.atomic
def leave(network: Network, *, actor: User, now: datetime) -> Membership:
    """The member goes by their own choice; the last coordinator hands over first."""
    network = Network.objects.lock(network.pk)
    membership = network.memberships.inside().filter(leader__user=actor).select_related("leader").first()
    if membership is None:
        raise Refused(_("Du er ikke medlem af netværket."))
    if is_indispensable(membership, network):
        raise Refused(_("Du er den eneste tovholder. Udpeg en ny, før du melder dig ud."))
    _end(membership, network, Membership.State.LEFT, "leave", actor=actor, now=now)
    return membership


@transaction.atomic
def unenrol(membership: Membership, *, actor: User, now: datetime) -> Membership:
    """HR ends a membership, for one whose post has changed or ended."""
    require(actor.is_hr)
    network, membership = lock_membership(membership)
    require_inside(membership)
    _end(membership, network, Membership.State.ENDED, "unenrol", actor=actor, now=now)
    return membership


def is_indispensable(membership: Membership, network: Network) -> bool:
    """Whether the network would be left with members and no coordinator."""
    others = network.memberships.inside().exclude(pk=membership.pk)
    return (
        network.state in Network.STATES_STARTED
        and membership.is_coordinator
        and others.exists()
        and not others.active().filter(is_coordinator=True).exists()
    )


@transaction.atomic
def appoint_coordinator(membership: Membership, *, actor: User, now: datetime) -> Membership:
    """HR until the start; then the members themselves: a coordinator, or anyone when there is none."""
    network, membership = lock_membership(membership)
    require(permissions.can_appoint_coordinator(actor, network))
    if membership.state != Membership.State.ACTIVE:
        raise Refused(_("Kun et aktivt medlem kan være tovholder."))
    if membership.is_coordinator:
        raise Refused(_("%(leader)s er allerede tovholder.") % {"leader": membership.user})
    membership.is_coordinator = True
    membership.save(update_fields=["is_coordinator"])
    event = audit.record(actor, "appoint_coordinator", membership, now=now)
    if membership.leader.user_id != actor.pk:
        outbox.enqueue(
            "coordinator_appointed",
            subject_id=membership.pk,
            recipients=[membership.leader.user_id],
            sequence=event.pk,
            now=now,
        )
    return membership


@transaction.atomic
def step_down_as_coordinator(membership: Membership, *, actor: User, now: datetime) -> Membership:
    """A coordinator hands the part on, once another holds it too. Before start HR may also take it back."""
    network, membership = lock_membership(membership)
    is_own = membership.leader.user_id == actor.pk
    require(is_own or (actor.is_hr and network.state not in Network.STATES_STARTED))
    if not membership.is_coordinator or membership.state not in Membership.STATES_INSIDE:
        raise Refused(_("Medlemmet er ikke tovholder."))
    if is_indispensable(membership, network):
        raise Refused(_("Du er den eneste tovholder. Udpeg en ny, før du træder tilbage."))
    membership.is_coordinator = False
    membership.save(update_fields=["is_coordinator"])
    audit.record(actor, "step_down_as_coordinator", membership, now=now)
    return membership


def lock_membership(membership: Membership) -> tuple[Network, Membership]:
    network = Network.objects.lock(membership.network_id)
    return network, Membership.objects.select_for_update(of=("self",)).select_related("leader").get(pk=membership.pk)


def require_inside(membership: Membership) -> None:
    if membership.state not in Membership.STATES_INSIDE:
        raise Refused(_("Medlemskabet er allerede ophørt."))


def _end(membership: Membership, network: Network, state, verb: str, *, actor: User, now: datetime) -> None:
    membership.state = state
    membership.left_on = today(now)
    membership.is_coordinator = False
    membership.leave_from = membership.leave_to = None
    membership.save(update_fields=["state", "left_on", "is_coordinator", "leave_from", "leave_to"])
    event = audit.record(actor, verb, membership, now=now)
    if membership.leader.user_id != actor.pk:
        outbox.enqueue(
            "membership_ended",
            subject_id=membership.pk,
            recipients=[membership.leader.user_id],
            sequence=event.pk,
            now=now,
        )
    membership_ended.send(sender=Membership, membership=membership, actor=actor, now=now)
    promote_waiting(network, actor=actor, now=now)
