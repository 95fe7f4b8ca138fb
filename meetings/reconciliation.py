"""The sweep that makes sure everything that should be sent stands in the outbox. It should find nothing to do."""

from collections import defaultdict
from datetime import datetime

from django.conf import settings
from django.db import transaction

from meetings import invitations, reminders
from meetings.models import Invitation, Meeting
from members.danish import wall_to_utc
from members.models import Message
from networks.models import Membership


def reconcile(*, now: datetime) -> int:
    """Insert what should exist and does not, and put clocks right; the number of differences."""
    return _put_clocks_right(now) + _invite_forgotten(now) + _remind_forgotten(now)


def _put_clocks_right(now: datetime) -> int:
    """The wall time stays when the law moves the clocks: the instants and the open reminders follow it."""
    moved = 0
    for meeting in Meeting.objects.filter(ends_at__gt=now).defer("theme"):
        if meeting.starts_at == wall_to_utc(meeting.date, meeting.start_time, fold=0):
            continue
        with transaction.atomic():
            meeting.save(update_fields=["starts_at", "ends_at"])
            waiting = Message.objects.filter(
                kind=reminders.REMINDER, subject_id=meeting.pk, state__in=Message.OPEN_STATES
            )
            for days in settings.REMINDER_DAYS:
                waiting.filter(offset_minutes=reminders.minutes(days)).update(
                    due_at=reminders.due_at(meeting.date, days), useless_after=meeting.starts_at
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
    for meeting in meetings.defer("theme").order_by("pk"):
        missing = members[meeting.network_id] - holders[meeting.pk]
        if missing:
            invitations.invite([meeting], sorted(missing), now=now)
            forgotten += len(missing)
    return forgotten


def _remind_forgotten(now: datetime) -> int:
    """Reminders of coming meetings that stand in the outbox in no state at all."""
    there = set(
        Message.objects.filter(kind=reminders.REMINDER, useless_after__gt=now).values_list(
            "subject_id", "recipient", "sequence", "offset_minutes"
        )
    )
    held = Invitation.objects.filter(
        meeting__state=Meeting.State.CONVENED, meeting__starts_at__gt=now, is_cancelled=False, user__is_active=True
    )
    forgotten = 0
    for invitation in held.select_related("meeting").defer("meeting__theme"):
        meeting, user, sequence = invitation.meeting, invitation.user_id, invitation.sequence
        dues = reminders.due_times(meeting, queued_at=invitation.queued_at, now=now)
        missing = [due for due in dues if (meeting.pk, user, sequence, due.offset_minutes) not in there]
        if missing:
            reminders.plan(meeting, [user], sequence=sequence, queued_at=invitation.queued_at, now=now)
            forgotten += len(missing)
    return forgotten
