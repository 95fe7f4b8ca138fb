"""The mails about a basis to look at again and a term that ends, built from what is true when they are sent."""

from datetime import date, datetime

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from members import outbox
from members.models import Message
from members.outbox import Mail, Suppress
from networks import subjects
from networks.models import Network
from networks.review import STATES


def register() -> None:
    outbox.register(
        "network_review", build=network_review, label=_("Grundlag, der skal tages op"), subjects=subjects.networks
    )
    outbox.register(
        "network_ends", build=network_ends, label=_("Tidsbegrænset netværk slutter"), subjects=subjects.networks
    )


def network_review(message: Message, now: datetime) -> Mail:
    network = _network(message)
    return _mail(message, network, network.review_date, "networks:basis")


def network_ends(message: Message, now: datetime) -> Mail:
    network = _network(message)
    return _mail(message, network, network.ends_on, "networks:network")


def _network(message: Message) -> Network:
    network = Network.objects.filter(pk=message.subject_id, state__in=STATES).first()
    if network is None:
        raise Suppress("not active")
    if network.hr_contact_id != message.recipient_id:
        raise Suppress("not in HR")
    return network


def _mail(message: Message, network: Network, day: date | None, route: str) -> Mail:
    if day is None or day.toordinal() != message.sequence:
        raise Suppress("moved")
    link = settings.SITE_URL + reverse(route, args=[network.slug])
    context = {"network": network, "day": day, "button_url": link}
    return outbox.render_mail(f"networks/email/{message.kind}", context, recipient=message.recipient)
