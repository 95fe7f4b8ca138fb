"""Telling the group who has come into its room: nobody reads along in it without its knowing.

Those who come within some minutes of each other stand in one mail. Its message is about the first of them, and covers
all who came from then on, until the first one of the same person's next message.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from members import outbox
from members.models import Message, User
from networks.models import Membership, Network

KIND = "member_joined"
SETTLING = timedelta(minutes=5)  # so long may one follow another before anyone is told
LONGEST = timedelta(minutes=20)  # however many follow, the first is known of by then


def tell_the_group(network: Network, came: Sequence[Membership], *, now: datetime) -> None:
    """Once the room is the members' own: its coordinators, or all where there is none, hear who has come into it.

    The network must be locked: then nobody comes in between who is in no message. Those who came together find each
    other there, and are not told.
    """
    if network.state not in Network.STATES_STARTED:
        return
    held = list(
        network.memberships.active()
        .exclude(leader__user__in=[membership.leader.user_id for membership in came])
        .values_list("leader__user", "is_coordinator")
    )
    recipients = {user for user, is_coordinator in held if is_coordinator} or {user for user, _coordinates in held}
    joined = _join_what_waits(network, recipients, now=now)
    outbox.enqueue(
        KIND,
        subject_id=min(membership.pk for membership in came),
        recipients=sorted(recipients - joined),
        now=now,
        due_at=now + SETTLING,
    )


def _join_what_waits(network: Network, recipients: Iterable[int], *, now: datetime) -> set[int]:
    """Whose message is not due yet: it will name the new ones too, and waits a little longer for the next.

    The row is held until the act is over, so no worker reads it without them; one that was due before is left alone.
    """
    waiting = list(
        Message.objects.select_for_update()
        .filter(kind=KIND, recipient__in=recipients, state=Message.State.DUE, due_at__gt=now)
        .filter(subject_id__in=network.memberships.values("pk"))
        .order_by("pk")
    )
    for message in waiting:
        message.due_at = max(message.due_at, min(now + SETTLING, message.created_at + LONGEST))
    Message.objects.bulk_update(waiting, ["due_at"])
    return {message.recipient_id for message in waiting}


def named_in(message: Message, network: Network) -> list[User]:
    """Those it tells of: still inside, by name, and never its own receiver."""
    belonging = network.memberships.order_by().values("pk")
    later = Message.objects.filter(
        kind=KIND, recipient=message.recipient_id, subject_id__gt=message.subject_id, subject_id__in=belonging
    )
    covered = network.memberships.inside().filter(pk__gte=message.subject_id)
    if following := later.order_by("subject_id").values_list("subject_id", flat=True).first():
        covered = covered.filter(pk__lt=following)
    users = User.objects.filter(posts__memberships__in=covered).exclude(pk=message.recipient_id)
    return list(users.order_by("sort_text", "pk").distinct())
