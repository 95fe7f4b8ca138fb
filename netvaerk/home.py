"""Min side: what awaits a person, and where they go next."""

from datetime import datetime

from django.db.models import Count
from django.utils.translation import ngettext

from meetings import agreements, listing, reflection, roles
from meetings.models import Agreement, Meeting, Rsvp
from members.danish import today
from members.models import User
from netvaerk import followup, home_tasks
from netvaerk.followup_facts import SOON
from networks.fit import fitting_networks
from networks.models import Membership, Network, StrategicDirection

SHOWN = 6
STALLED_SHOWN = 3


def content(user: User, *, now: datetime) -> dict:
    """The context of `user`'s home page at `now`."""
    memberships = _memberships(user)
    # Whoever neither holds a post nor a seat has no meetings, invitations or rounds to be asked about.
    is_leader = bool(memberships) or user.post is not None
    look = followup.first_look(now) if user.is_hr else None
    meetings = _meetings(user, now) if memberships else []
    tasks = home_tasks.of_leader(user, meetings, now) if is_leader else []
    agreed = _agreed(user, now) if memberships else []
    if any(membership.is_coordinator for membership in memberships):
        tasks += home_tasks.of_coordinator(user, [agreement for agreement in agreed if not agreement.owner_id], now)
    tasks += home_tasks.agreed([agreement for agreement in agreed if agreement.owner_id], today(now))
    if look:
        tasks += home_tasks.of_hr(look)
    if meetings:
        meetings[0].my_roles = roles.sentence(user, meetings[0])
    tasks += home_tasks.of_the_asked(user, now)
    tasks += home_tasks.upward_of_coordinator(user, now)
    tasks += home_tasks.of_approver(user)
    if user.is_executive_board:
        tasks += home_tasks.of_the_board(now)
    return {
        "now": now,
        "next_meeting": meetings[0] if meetings else None,
        "rows": listing.rows_of(meetings[1:], now=now),
        "memberships": memberships,
        "tasks": tasks,
        "fitting": _fitting(user, memberships),
        "direction": None if user.is_hr else StrategicDirection.objects.current(today(now)).first(),
        "figures": _figures(user, look, now),
        "look": look,
        "stalled": look.stalled[:STALLED_SHOWN] if look else [],
        "reflection": _reflection(user, now) if memberships else {},
    }


def _memberships(user: User) -> list[Membership]:
    return list(
        Membership.objects.inside().filter(leader__user=user).select_related("network").order_by("network__sort_text")
    )


def _meetings(user: User, now: datetime) -> list[Meeting]:
    """The next ones, each with `my_answer`; the first is shown whole, with its theme."""
    coming = Meeting.objects.of_member(user).with_answer_of(user).upcoming(now).select_related("network")
    meetings = list(coming[: SHOWN + 1])
    for meeting in meetings:
        meeting.my_answer = meeting.my_answer or Rsvp.Answer.NO_REPLY
    return meetings


def _agreed(user: User, now: datetime) -> list[Agreement]:
    """What one has taken on, and what is nobody's in a network one coordinates."""
    return list((agreements.awaiting(user, today(now)) | agreements.unowned_for(user)).by_date())


def _reflection(user: User, now: datetime) -> dict:
    """A question to oneself from the last meeting; nothing that awaits, and seen by nobody else."""
    meeting = reflection.asked_about(user, now)
    return {"meeting": meeting, "prompt": reflection.prompt_for(meeting).label if meeting else ""}


def _fitting(user: User, memberships: list[Membership]) -> list[Network]:
    """Networks open for sign-up that fit the post held, with the reason."""
    if user.post is None:
        return []
    return fitting_networks(user, at_most=3)


def _figures(user: User, look: followup.FirstLook | None, now: datetime) -> list[tuple[int, str]]:
    """A few plain counts for those who look after the whole."""
    if not (user.is_hr or user.is_top_management):
        return []
    if look:
        states, coming = look.states, look.coming
    else:
        states = dict(Network.objects.order_by().values_list("state").annotate(Count("pk")))
        coming = Meeting.objects.upcoming(now).filter(starts_at__lt=now + SOON).count()
    active, enrolling = states.get(Network.State.ACTIVE, 0), states.get(Network.State.ENROLLING, 0)
    return [
        (active, ngettext("aktivt netværk", "aktive netværk", active)),
        (enrolling, ngettext("netværk åbent for tilmelding", "netværk åbne for tilmelding", enrolling)),
        (coming, ngettext("møde de næste 30 dage", "møder de næste 30 dage", coming)),
    ]
