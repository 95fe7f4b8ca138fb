"""Who holds which meeting in their calendar: given with an invitation, taken back with a cancellation.

Every calendar text a person is sent carries a higher sequence than the one before, so that each calendar ends in the
same state whatever order the mails arrive in (RFC 5546 3.2.2, 3.2.5).
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction

from meetings import reminders
from meetings.models import Invitation, Meeting
from members import outbox
from members.models import Message, User
from networks.models import Network

INVITATION, CHANGED, CANCELLED = "meeting_invitation", "meeting_changed", "meeting_cancelled"
POSTPONED = "meeting_postponed"
SETTLING = timedelta(minutes=3)  # so long may one change be followed by another before anyone is told
SOON = timedelta(weeks=3)  # news of a meeting so near does not wait for a weekly mail, lest a reminder comes before it
REPLACEABLE = (
    INVITATION,
    CHANGED,
    POSTPONED,
    CANCELLED,
    *reminders.KINDS,
)  # what a later word about the meeting makes stale


def active_users(network: Network) -> list[int]:
    """Those who are to have the network's meetings."""
    return list(
        User.objects.filter(is_active=True, posts__memberships__in=network.memberships.active())
        .order_by("pk")
        .values_list("pk", flat=True)
        .distinct()
    )


def coming(network: Network, now: datetime):
    """The meetings a newcomer gets and a leaver loses: convened and not begun."""
    return network.meetings.filter(state=Meeting.State.CONVENED, starts_at__gt=now).order_by("starts_at", "pk")


@transaction.atomic
def invite(meetings: Iterable[Meeting], users: Iterable[int], *, now: datetime) -> None:
    """Give each of `users` each of `meetings`, with its reminders. One who holds it already gets nothing."""
    meetings, users = _locked(meetings), list(users)
    held = {
        (invitation.meeting_id, invitation.user_id): invitation
        for invitation in Invitation.objects.filter(meeting__in=meetings, user__in=users)
    }
    new, again = [], []
    for meeting in meetings:
        receivers = defaultdict(list)
        for user in users:
            invitation = held.get((meeting.pk, user))
            if invitation is None:
                invitation = Invitation(meeting=meeting, user_id=user, sequence=meeting.sequence, queued_at=now)
                new.append(invitation)
            elif invitation.is_cancelled:
                invitation.is_cancelled, invitation.queued_at = False, now
                invitation.sequence = max(meeting.sequence, invitation.sequence + 1)
                again.append(invitation)
            else:
                continue
            receivers[invitation.sequence].append(user)
        for sequence, recipients in receivers.items():
            _send(meeting, recipients, sequence=sequence, now=now)
    Invitation.objects.bulk_create(new)
    Invitation.objects.bulk_update(again, ["is_cancelled", "queued_at", "sequence"])
    reminders.replan(meetings, users=users, now=now)


def _locked(meetings: Iterable[Meeting]) -> list[Meeting]:
    """The meetings as they are now, always locked in the same order and before their invitations."""
    keys = [meeting.pk for meeting in meetings]
    return list(Meeting.objects.select_for_update().filter(pk__in=keys).defer("theme", "link").order_by("pk"))


def _send(meeting: Meeting, recipients: list[int], *, sequence: int, now: datetime) -> None:
    outbox.enqueue(
        INVITATION,
        subject_id=meeting.pk,
        recipients=recipients,
        sequence=sequence,
        now=now,
        useless_after=meeting.starts_at,
        at_once=is_soon(meeting, now),
    )


def is_soon(meeting: Meeting, now: datetime) -> bool:
    return meeting.starts_at - now < SOON


def renew(meeting: Meeting, kind: str, *, now: datetime, at_once: bool = True) -> None:
    """Tell all who hold the meeting of its new state. It must be locked; its sequence and theirs become one again.

    Unless it is told at once, changes that follow within some minutes become one mail: the last one tells of them all.
    """
    invitations = Invitation.objects.filter(meeting=meeting)
    highest = max([meeting.sequence, *invitations.values_list("sequence", flat=True)])
    meeting.sequence, meeting.changed_at = highest + 1, now
    meeting.save(update_fields=["sequence", "changed_at"])
    holders = invitations.filter(is_cancelled=False)
    holders.update(sequence=meeting.sequence, queued_at=now)
    users = list(holders.order_by("user").values_list("user", flat=True))
    outbox.supersede(REPLACEABLE, subject_id=meeting.pk, now=now, recipients=users)
    if meeting.is_past(now):
        return
    outbox.enqueue(
        kind,
        subject_id=meeting.pk,
        recipients=users,
        sequence=meeting.sequence,
        now=now,
        due_at=now if at_once else now + SETTLING,
        priority=Message.Priority.URGENT,
        useless_after=meeting.ends_at,
        at_once=at_once or is_soon(meeting, now),
    )
    reminders.replan([meeting], users=users, now=now)


@transaction.atomic
def withdraw(meetings: Iterable[Meeting], user: int, *, now: datetime) -> None:
    """Take `meetings` out of one person's calendar; nobody else hears of it."""
    for meeting in _locked(meetings):
        invitation = Invitation.objects.filter(meeting=meeting, user=user, is_cancelled=False).first()
        if invitation is None:
            continue
        invitation.is_cancelled, invitation.queued_at = True, now
        invitation.sequence = max(meeting.sequence, invitation.sequence) + 1
        invitation.save()
        outbox.supersede(REPLACEABLE, subject_id=meeting.pk, now=now, recipients=[user])
        outbox.enqueue(
            CANCELLED,
            subject_id=meeting.pk,
            recipients=[user],
            sequence=invitation.sequence,
            now=now,
            priority=Message.Priority.URGENT,
            useless_after=meeting.ends_at,
        )


def release_all_but(meeting: Meeting, users: Iterable[int]) -> None:
    """Let go of those who left while the meeting had no date: it is out of their calendar already."""
    Invitation.objects.filter(meeting=meeting, is_cancelled=False).exclude(user__in=users).update(is_cancelled=True)


def release_postponed(network: Network, user: int) -> None:
    """One who leaves has nothing to do with what is without a date; a mail that still waits takes it out of theirs."""
    Invitation.objects.filter(
        meeting__network=network, meeting__state=Meeting.State.POSTPONED, user=user, is_cancelled=False
    ).update(is_cancelled=True)
