"""When a member's post ends or changes so that the network no longer fits: HR sees it and decides with the leader.

Nothing happens to a membership by itself, not by an import either.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from members import audit
from members.danish import compact_date
from members.models import User
from networks import composition
from networks.fit import Hierarchy
from networks.membership import lock_membership, require_inside
from networks.models import Membership, Network
from networks.models.belonging import facts_of
from networks.refusal import Refused, require


def note_changes(network: Network, memberships: Iterable[Membership], hierarchy: Hierarchy) -> list[Membership]:
    """Those who no longer fit, each with its `changes` in words; and whether HR has said they stay (`is_kept`)."""
    found = []
    for membership in memberships:
        membership.changes = changes(network, membership, hierarchy)
        membership.is_kept = bool(membership.kept_reason) and membership.kept_facts == facts_of(membership.leader)
        if membership.changes:
            found.append(membership)
    return found


def changes(network: Network, membership: Membership, hierarchy: Hierarchy) -> list[str]:
    leader = membership.leader
    if leader.valid_to is not None:
        return [_("Stillingen ophørte %(date)s.") % {"date": compact_date(leader.valid_to)}]
    return [concern.what for concern in composition.concerns(network, leader, [], hierarchy)]


@transaction.atomic
def keep_despite_change(membership: Membership, *, reason: str, actor: User, now: datetime) -> Membership:
    """HR and the leader agree that the seat is still the right one. The next change asks again."""
    require(actor.is_hr)
    network, membership = lock_membership(membership)
    require_inside(membership)
    if not reason.strip():
        raise Refused(_("Skriv en begrundelse."))
    if not changes(network, membership, Hierarchy()):
        raise Refused(_("Stillingen passer til netværket. Der er intet at tage stilling til."))
    membership.kept_reason, membership.kept_facts = reason.strip(), facts_of(membership.leader)
    membership.save(update_fields=["kept_reason", "kept_facts"])
    audit.record(actor, "keep_despite_change", membership, now=now)
    return membership


@transaction.atomic
def move_to_post(membership: Membership, *, actor: User, now: datetime) -> Membership:
    """The seat follows the person from a post that has ended to the one they hold now."""
    require(actor.is_hr)
    network, membership = lock_membership(membership)
    require_inside(membership)
    user = membership.leader.user
    if membership.leader.valid_to is None:
        raise Refused(_("Stillingen er ikke ophørt."))
    if user.post is None:
        raise Refused(
            _("%(leader)s har ikke en ny stilling. Afmeld, eller lad medlemskabet fortsætte.") % {"leader": user}
        )
    if network.memberships.inside().filter(leader=user.post).exists():
        raise Refused(_("%(leader)s er allerede med i netværket.") % {"leader": user})
    membership.leader = user.post
    membership.save(update_fields=["leader"])
    audit.record(actor, "move_to_post", membership, now=now)
    return membership
