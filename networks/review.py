"""The day a network's basis was to be looked at again, and the day a fixed term ends: HR is told in good time."""

from datetime import datetime, timedelta

from django.db.models import Q

from members import outbox
from members.danish import today
from networks.models import Network

TOLD_DAYS_AHEAD = timedelta(days=30)
STATES = (Network.State.ENROLLING, Network.State.ACTIVE, Network.State.PAUSED)


def tell(*, now: datetime) -> None:
    """Tell HR's contact once about each such day; another day is told anew."""
    near = today(now) + TOLD_DAYS_AHEAD
    networks = Network.objects.filter(state__in=STATES, hr_contact__isnull=False)
    for network in networks.filter(Q(review_date__lte=near) | Q(ends_on__lte=near)):
        for kind, day in (("network_review", network.review_date), ("network_ends", network.ends_on)):
            if day and day <= near:
                outbox.enqueue(
                    kind, subject_id=network.pk, recipients=[network.hr_contact_id], sequence=day.toordinal(), now=now
                )
