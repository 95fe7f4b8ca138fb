"""Messages as people have chosen them: a network's own reminders, and the news of the week in one mail."""

from datetime import datetime, timedelta

from django.db.models import Q

from meetings import reminders
from members.models import User
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


def _others(network: Network):
    """Its members who are nobody's demo login."""
    members = network.memberships.filter(state=Membership.State.ACTIVE).select_related("leader__user")
    return members.exclude(Q(is_coordinator=True) | Q(leader__user__email__endswith="@demo.invalid")).order_by("pk")
