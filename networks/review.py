"""The day a network's basis was to be looked at again, and the day a fixed term ends: HR is told in good time."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from members import audit, outbox
from members.danish import today
from members.models import User
from networks import basis_versions
from networks.models import BasisVersion, Network
from networks.refusal import Refused, require

TOLD_DAYS_AHEAD = timedelta(days=30)
STATES = (Network.State.ENROLLING, Network.State.ACTIVE, Network.State.PAUSED)
# Until the basis is approved, the day is set in its last step.
STATES_REVIEWED = (Network.State.APPROVED, *STATES)


@transaction.atomic
def take_up(network: Network, *, review_date: date, note: str = "", actor: User, now: datetime) -> BasisVersion:
    """HR has looked at the basis again with those it concerns: what came of it, and when the next time is."""
    require(actor.is_hr)
    network = Network.objects.lock(network.pk)
    if network.state not in STATES_REVIEWED:
        raise Refused(_("Grundlaget kan kun tages op igen, når det er godkendt, og indtil netværket er afsluttet."))
    if review_date <= today(now):
        raise Refused(_("Vælg en dag efter i dag."))
    network.review_date = review_date
    network.version += 1
    network.save(update_fields=["review_date", "version"])
    audit.record(actor, "review_basis", network, now=now, network_id=network.pk)
    return basis_versions.keep(network, BasisVersion.Occasion.REVIEWED, actor=actor, now=now, note=note.strip())


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
