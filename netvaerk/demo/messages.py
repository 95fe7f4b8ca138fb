"""Messages as people have chosen them: a network's own reminders, a weekly mail, and an address that is refused."""

from datetime import datetime, timedelta

from django.db.models import Q

from meetings import reminders
from members.models import Message, User
from networks.models import Membership, Network


def choose(*, now: datetime) -> None:
    """A coordinator wants to be answered early; one member gathers the news of the week."""
    network = Network.objects.get(slug="ledere-paa-tvaers")
    coordinator = User.objects.get(email="tovholder@demo.invalid")
    reminders.choose(
        network,
        days=[14, 2, 0],
        answer_days=[10, 3],
        is_required=False,
        actor=coordinator,
        now=now - timedelta(days=40),
    )
    # Everyone has read what came before the last few days.
    User.objects.update(messages_read_at=now - timedelta(days=3))
    member = _others(network).first()
    if member is not None:
        User.objects.filter(pk=member.leader.user_id).update(wants_digest=True, digest_weekday=0, digest_hour=8)


def refuse(*, now: datetime) -> None:
    """One leader's mailbox is gone: HR sees it on the person's page and among the messages."""
    network = Network.objects.get(slug="ledere-paa-tvaers")
    member = _others(network).last()
    if member is None:
        return
    sent = Message.objects.filter(recipient=member.leader.user, state=Message.State.SENT).exclude(kind="digest")
    latest = list(sent.order_by("-due_at").values_list("pk", flat=True)[:3])
    Message.objects.filter(pk__in=latest).update(
        state=Message.State.FAILED, sent_at=None, settled_at=now, last_code=550, last_error="5.1.1 no such mailbox"
    )


def _others(network: Network):
    """Its members who are nobody's demo login."""
    members = network.memberships.filter(state=Membership.State.ACTIVE).select_related("leader__user")
    return members.exclude(Q(is_coordinator=True) | Q(leader__user__email__endswith="@demo.invalid")).order_by("pk")
