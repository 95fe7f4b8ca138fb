"""Whose turn it is: a proposal for the free roles of the coming meetings, the same every time it is asked for.

First come those with no other role at the meeting; then whoever has had the role least for the meetings they have been
called to, past seasons too, so that a newcomer is neither spared nor made to catch up. Nobody is proposed for a meeting
they are on leave for or have declined.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from itertools import product

from django.db import transaction

from meetings import roles
from meetings.models import Attendance, Meeting, MeetingRole, Rsvp
from meetings.permissions import require_coordinator
from members import audit
from members.models import User
from networks.models import Membership, Network
from networks.refusal import Refused

Role = MeetingRole.Role


@dataclass
class Turn:
    """One role at one meeting: who has it, or who is proposed."""

    meeting: Meeting
    role: Role
    user: User | None = None
    is_proposed: bool = False
    box: str = ""  # the form's field for it, where it is free


@dataclass
class _Tally:
    """What each has done and been called to so far, as the proposal is laid day by day."""

    had: Counter = field(default_factory=Counter)  # (user, role)
    last: dict = field(default_factory=dict)  # (user, role) -> when
    called: Counter = field(default_factory=Counter)

    def note(self, user: int, role: str, when: datetime) -> None:
        self.had[user, role] += 1
        self.last[user, role] = max(when, self.last.get((user, role), when))

    def share(self, user: int, role: str) -> Fraction:
        return Fraction(self.had[user, role], max(self.called[user], 1))

    def total(self, user: int) -> Fraction:
        return Fraction(sum(self.had[user, role] for role in MeetingRole.ROTATING), max(self.called[user], 1))


def propose(network: Network, now: datetime) -> list[list[Turn]]:
    """For each coming meeting its rotating roles."""
    meetings = list(network.meetings.upcoming(now).filter(starts_at__gt=now).defer("theme", "link"))
    members = list(network.memberships.active().filter(leader__user__is_active=True).select_related("leader__user"))
    taken = {(seat.meeting_id, seat.role): seat.user for seat in _seats(meetings).select_related("user")}
    declined = set(
        Rsvp.objects.filter(meeting__in=meetings, answer=Rsvp.Answer.DECLINED).values_list("meeting", "user")
    )
    tally = _history(network, meetings)
    for meeting in meetings:
        for role in MeetingRole.ROTATING:
            if (meeting.pk, role) in taken:
                tally.note(taken[meeting.pk, role].pk, role, meeting.starts_at)
    rows = []
    for meeting in meetings:
        here = [
            member
            for member in members
            if not _is_away(member, meeting) and (meeting.pk, member.leader.user_id) not in declined
        ]
        for member in here:
            tally.called[member.leader.user_id] += 1
        rows.append(_turns(meeting, here, taken, tally))
    return rows


def _seats(meetings):
    return MeetingRole.objects.filter(meeting__in=meetings)


def _history(network: Network, coming: list[Meeting]) -> _Tally:
    """All seasons: who has had what, and how many meetings each was expected at."""
    tally = _Tally()
    past = MeetingRole.objects.filter(meeting__network=network).exclude(meeting__in=coming)
    for user, role, when in past.exclude(meeting__state=Meeting.State.CANCELLED).values_list(
        "user", "role", "meeting__starts_at"
    ):
        tally.note(user, role, when)
    tally.called.update(Attendance.objects.filter(meeting__network=network).values_list("user", flat=True))
    return tally


def _is_away(member: Membership, meeting: Meeting) -> bool:
    if member.leave_from is None:
        return False
    return member.leave_from <= meeting.date and (member.leave_to is None or meeting.date <= member.leave_to)


def _turns(meeting: Meeting, here: list[Membership], taken, tally: _Tally) -> list[Turn]:
    """The free roles of one meeting, laid together: the one who is next for two of them gets the one that fits best."""
    turns = [Turn(meeting, role, taken.get((meeting.pk, role))) for role in MeetingRole.ROTATING]
    busy = {user.pk for (pk, _role), user in taken.items() if pk == meeting.pk}
    sparring = taken.get((meeting.pk, Role.SPARRING))
    free = [turn for turn in turns if turn.user is None]
    users = [member.leader.user for member in here]
    lines = []
    for turn in free:
        fit = [user for user in users if turn.role != Role.FOCUS or user != sparring]
        # With as many in line as there are roles, someone is left for each.
        lines.append(sorted(fit, key=lambda user, role=turn.role: _order([user], [role], busy, tally))[: len(free)])
    if not free or not all(lines):
        return turns
    roles_free = [turn.role for turn in free]
    best = min(product(*lines), key=lambda chosen: _order(chosen, roles_free, busy, tally))
    for turn, user in zip(free, best, strict=True):
        turn.user, turn.is_proposed = user, True
        tally.note(user.pk, turn.role, meeting.starts_at)
    return turns


def _order(users: Sequence[User], roles_free: Sequence[str], busy: set[int], tally: _Tally) -> tuple:
    """What comes first among ways to give these roles to these people; the smaller, the fairer."""
    pairs = [(user.pk, role) for user, role in zip(users, roles_free, strict=True)]
    people = [pk for pk, _role in pairs]
    return (
        sum(pk in busy for pk in people) + len(people) - len(set(people)),
        sum(tally.share(pk, role) for pk, role in pairs),
        sum(tally.total(pk) for pk in people),
        sum(tally.last[pair].timestamp() for pair in pairs if pair in tally.last),
        [(user.sort_text, user.pk) for user in users],
    )


@transaction.atomic
def accept(network: Network, chosen: Mapping[tuple[int, str], User], *, actor: User, now: datetime) -> tuple[int, int]:
    """Give each free role as the coordinator has it; how many were given, and how many could no longer be."""
    require_coordinator(actor, network)
    given = left = 0
    meetings = {meeting.pk: meeting for meeting in network.meetings.filter(pk__in={pk for pk, _role in chosen})}
    for (pk, role), user in sorted(chosen.items(), key=lambda one: one[0]):
        try:
            given += roles.assign(meetings[pk], role, user, actor=actor, seen=None, now=now)
        except (Refused, KeyError):
            left += 1
    if given:
        audit.record(actor, "accept_rotation", network, now=now, network_id=network.pk)
    return given, left
