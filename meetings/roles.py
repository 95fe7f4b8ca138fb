"""Who is host, chair, focus person and sparring partner. An offer: a meeting does well without some of them."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from meetings import room
from meetings.models import Meeting, MeetingRole
from meetings.permissions import require_coordinator
from members import audit
from members.models import User
from networks.models import Membership, Network
from networks.permissions import is_coordinator
from networks.refusal import Refused

Role = MeetingRole.Role
NOT_BOTH = {Role.FOCUS: Role.SPARRING, Role.SPARRING: Role.FOCUS}


class Seat(NamedTuple):
    role: Role
    user: User | None


class Contribution(NamedTuple):
    """What one member has done for the others: roles at meetings that were held, in the order of the roles."""

    user: User
    counts: list[int]
    coming: int

    @property
    def total(self) -> int:
        return sum(self.counts)


# --- Reading ---------------------------------------------------------------------------------------------------------


def of(meeting: Meeting) -> list[Seat]:
    """Every role, with who has it."""
    held = {seat.role: seat.user for seat in meeting.roles.select_related("user")}
    return [Seat(role, held.get(role)) for role in Role]


def sentence(user: User, meeting: Meeting) -> str:
    """ "Du er mødeleder." and the like; "" for one without a role."""
    held = set(meeting.roles.filter(user=user).values_list("role", flat=True))
    names = [str(role.label).lower() for role in Role if role in held]
    return _("Du er %(roles)s.") % {"roles": get_text_list(names, _("og"))} if names else ""


def can_lead(user: User, meeting: Meeting) -> bool:
    """The coordinator, and the meeting's chair while a member."""
    if is_coordinator(user, meeting.network):
        return True
    return meeting.roles.filter(role=Role.CHAIR, user=user).filter(user__in=_active(meeting.network)).exists()


def contributions(network: Network, now: datetime) -> list[Contribution]:
    """Of those who are members now, past seasons too."""
    members = User.objects.filter(pk__in=_active(network)).order_by("sort_text", "pk")
    done, coming = Counter(), Counter()
    rows = MeetingRole.objects.filter(meeting__network=network).exclude(meeting__state=Meeting.State.CANCELLED)
    for user, role, ends_at in rows.values_list("user", "role", "meeting__ends_at"):
        if ends_at <= now:
            done[user, role] += 1
        else:
            coming[user] += 1
    return [Contribution(user, [done[user.pk, role] for role in Role], coming[user.pk]) for user in members]


# --- Taking, giving back, assigning ----------------------------------------------------------------------------------


@transaction.atomic
def take(meeting: Meeting, role: str, *, actor: User, now: datetime) -> MeetingRole:
    """A role nobody has. Asked twice, it is one's own already."""
    meeting = room.enter(meeting, actor=actor, now=now)
    seat = meeting.roles.filter(role=role).select_related("user").first()
    if seat is not None and seat.user_id == actor.pk:
        return seat
    if seat is not None:
        raise Refused(_("%(name)s har taget rollen i mellemtiden.") % {"name": seat.user.get_full_name()})
    seat = _give(meeting, role, actor, now)
    audit.record(actor, "take_role", meeting, now=now)
    return seat


@transaction.atomic
def give_back(meeting: Meeting, role: str, *, actor: User, now: datetime) -> bool:
    """One's own role is free again; False when it was not one's own."""
    meeting = room.enter(meeting, actor=actor, now=now)
    removed, _rows = meeting.roles.filter(role=role, user=actor).delete()
    if removed:
        audit.record(actor, "give_role_back", meeting, now=now)
    return bool(removed)


@transaction.atomic
def assign(meeting: Meeting, role: str, user: User | None, *, actor: User, seen: int | None, now: datetime) -> bool:
    """The coordinator gives the role to a member, or to nobody, over the holder they saw and over no other."""
    require_coordinator(actor, meeting.network)
    meeting = room.enter(meeting, actor=actor, now=now)
    seat = meeting.roles.filter(role=role).first()
    holder = seat.user_id if seat else None
    if holder == (user.pk if user else None):
        return False
    if holder != seen:
        raise Refused(_("Rollen er besat af en anden, siden du åbnede siden. Se, hvordan den står nu, og prøv igen."))
    if seat is not None:
        seat.delete()
    if user is not None:
        _give(meeting, role, user, now)
    audit.record(actor, "assign_role", meeting, now=now)
    return True


def release(user: int, meetings: Iterable[Meeting]) -> None:
    """The coming roles of one who has left are free."""
    MeetingRole.objects.filter(meeting__in=meetings, user=user).delete()


def _give(meeting: Meeting, role: str, user: User, now: datetime) -> MeetingRole:
    if not _active(meeting.network).filter(leader__user=user).exists():
        raise Refused(_("%(name)s er ikke medlem af netværket.") % {"name": user.get_full_name()})
    if role in NOT_BOTH and meeting.roles.filter(role=NOT_BOTH[role], user=user).exists():
        raise Refused(_("Fokusperson og sparringspartner skal være to forskellige."))
    return MeetingRole.objects.create(meeting=meeting, role=role, user=user, taken_at=now)


def _active(network: Network):
    return Membership.objects.active().filter(network=network, leader__user__is_active=True).values("leader__user")
