"""Leave of absence: the seat is kept, the room is closed, and meetings stay out of the calendar until the return."""

from datetime import date, datetime

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from members import audit, outbox
from members.danish import today
from members.models import User
from networks.membership import is_indispensable, lock_membership, require_inside
from networks.models import Membership, Network
from networks.refusal import Refused, require
from networks.signals import membership_paused, membership_resumed


@transaction.atomic
def take_leave(membership: Membership, *, leave_from: date, leave_to: date, actor: User, now: datetime) -> Membership:
    """Both days are part of the leave. One who is away already can only have its end moved."""
    network, membership = lock_membership(membership)
    is_own = membership.leader.user_id == actor.pk
    require(is_own or actor.is_hr)
    require_inside(membership)
    if membership.state == Membership.State.ON_LEAVE:
        leave_from = membership.leave_from or leave_from
    if leave_to < max(leave_from, today(now)):
        raise Refused(_("Orloven skal slutte efter den dag, den begynder, og ikke før i dag."))
    if is_own and is_indispensable(membership, network):
        raise Refused(_("Du er den eneste tovholder. Udpeg en ny, før du går på orlov."))
    membership.leave_from, membership.leave_to = leave_from, leave_to
    membership.save(update_fields=["leave_from", "leave_to"])
    event = audit.record(actor, "take_leave", membership, now=now)
    told = network.hr_contact_id if is_own else membership.leader.user_id
    if told:
        outbox.enqueue("leave_noted", subject_id=membership.pk, recipients=[told], sequence=event.pk, now=now)
    if membership.state == Membership.State.ACTIVE and leave_from <= today(now):
        _begin(membership, actor=actor, now=now)
    return membership


@transaction.atomic
def end_leave(membership: Membership, *, actor: User, now: datetime) -> Membership:
    """Back before time; or, for a leave that has not begun, not away at all."""
    _network, membership = lock_membership(membership)
    require(membership.leader.user_id == actor.pk or actor.is_hr)
    require_inside(membership)
    if membership.leave_from is None and membership.state == Membership.State.ACTIVE:
        raise Refused(_("Der er ingen orlov at afslutte."))
    _end(membership, actor=actor, now=now)
    return membership


def turn_leaves(*, now: datetime) -> int:
    """Begin and end the leaves whose day has come."""
    return sum(_turn(pk, now=now) for pk in list(_due(now).order_by("pk").values_list("pk", flat=True)))


def _due(now: datetime):
    begins = Membership.objects.filter(
        state=Membership.State.ACTIVE, leave_from__lte=today(now), leave_to__gte=today(now)
    )
    ends = Membership.objects.filter(state__in=Membership.STATES_INSIDE, leave_to__lt=today(now))
    return begins | ends


@transaction.atomic
def _turn(pk: int, *, now: datetime) -> int:
    _network, membership = lock_membership(Membership.objects.get(pk=pk))
    if not _due(now).filter(pk=pk).exists():
        return 0
    if membership.leave_to < today(now):
        _end(membership, actor=None, now=now)
    else:
        _begin(membership, actor=None, now=now)
    return 1


def _begin(membership: Membership, *, actor: User | None, now: datetime) -> None:
    membership.state = Membership.State.ON_LEAVE
    membership.save(update_fields=["state"])
    audit.record(actor, "begin_leave", membership, now=now)
    membership_paused.send(sender=Membership, membership=membership, actor=actor, now=now)


def _end(membership: Membership, *, actor: User | None, now: datetime) -> None:
    was_away = membership.state == Membership.State.ON_LEAVE
    membership.state, membership.leave_from, membership.leave_to = Membership.State.ACTIVE, None, None
    membership.save(update_fields=["state", "leave_from", "leave_to"])
    event = audit.record(actor, "end_leave", membership, now=now)
    if not was_away:
        return
    membership_resumed.send(sender=Membership, membership=membership, actor=actor, now=now)
    user = membership.leader.user_id
    if actor is None or actor.pk != user:
        outbox.enqueue("leave_over", subject_id=membership.pk, recipients=[user], sequence=event.pk, now=now)


def own_leave(user: User, network: Network) -> Membership | None:
    """The person's seat, when they are away from it or are going to be."""
    seats = network.memberships.inside().filter(leader__user=user)
    away = seats.filter(Q(leave_from__isnull=False) | Q(state=Membership.State.ON_LEAVE))
    return away.order_by(F("leave_from").asc(nulls_last=True), "pk").first()
