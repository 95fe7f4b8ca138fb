"""The sweep that makes sure everything that should be sent stands in the outbox. It should find nothing to do."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice

from django.db import transaction

from meetings import agreements, closing, invitations, reminders
from meetings.models import Invitation, Meeting
from members.danish import wall_to_utc
from members.models import Message
from members.sending import beat
from networks.models import Membership

MEETINGS_AT_A_TIME = 500


def reconcile(*, now: datetime) -> int:
    """Insert what should exist and does not, and put clocks right; the number of differences."""
    differences = _put_clocks_right(now) + _invite_forgotten(now) + _remind_forgotten(now)
    differences += agreements.remind_forgotten(now)
    closing.ask(now)  # this is where it is asked for, so it is no difference
    beat("sweep", now, note=str(differences))
    return differences


def _put_clocks_right(now: datetime) -> int:
    """The wall time stays when the law moves the clocks: the instants and the open reminders follow it."""
    moved = 0
    for meeting in Meeting.objects.filter(ends_at__gt=now).defer("theme", "link"):
        if meeting.starts_at == wall_to_utc(meeting.date, meeting.start_time, fold=0):
            continue
        with transaction.atomic():
            meeting.save(update_fields=["starts_at", "ends_at"])
            waiting = Message.objects.filter(
                kind__in=reminders.KINDS, subject_id=meeting.pk, state__in=Message.OPEN_STATES
            )
            for offset in set(waiting.order_by().values_list("offset_minutes", flat=True)):
                waiting.filter(offset_minutes=offset).update(
                    due_at=reminders.due_at(meeting.date, offset // reminders.minutes(1)),
                    useless_after=meeting.starts_at,
                )
        moved += 1
    return moved


def _invite_forgotten(now: datetime) -> int:
    """Active members who do not hold a coming meeting of their network get it."""
    meetings = Meeting.objects.filter(state=Meeting.State.CONVENED, starts_at__gt=now)
    members, holders = defaultdict(set), defaultdict(set)
    for network, user in (
        Membership.objects.active()
        .filter(network__in=meetings.values("network"), leader__user__is_active=True)
        .values_list("network", "leader__user")
    ):
        members[network].add(user)
    for meeting, user in Invitation.objects.filter(meeting__in=meetings, is_cancelled=False).values_list(
        "meeting", "user"
    ):
        holders[meeting].add(user)
    forgotten = 0
    for meeting in meetings.defer("theme", "link").order_by("pk"):
        missing = members[meeting.network_id] - holders[meeting.pk]
        if missing:
            invitations.invite([meeting], sorted(missing), now=now)
            forgotten += len(missing)
    return forgotten


def _remind_forgotten(now: datetime) -> int:
    """Reminders of coming meetings that stand in the outbox in no state at all, or should not; some at a time."""
    coming = (
        Meeting.objects.filter(state=Meeting.State.CONVENED, starts_at__gt=now).defer("theme", "link").order_by("pk")
    )
    return sum(reminders.replan(meetings, now=now) for meetings in batched(coming.iterator(MEETINGS_AT_A_TIME)))


def batched(meetings: Iterable[Meeting]) -> Iterator[list[Meeting]]:
    meetings = iter(meetings)
    while batch := list(islice(meetings, MEETINGS_AT_A_TIME)):
        yield batch
