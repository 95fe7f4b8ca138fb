"""Budskab til topledelsen: written among the members, and sent by the coordinator as the group's own word."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from members import audit
from members.models import User
from networks import permissions
from networks.conflicts import ChangedMeanwhile
from networks.models import ManagementMessage, Network
from networks.refusal import Refused, require


def can_work(user: User, network: Network) -> bool:
    return network.state == Network.State.ACTIVE and permissions.is_active_member(user, network)


def can_send(user: User, network: Network) -> bool:
    return network.state == Network.State.ACTIVE and permissions.is_coordinator(user, network)


def sent() -> QuerySet[ManagementMessage]:
    """What networks have chosen to say, latest first."""
    return ManagementMessage.objects.filter(sent_at__isnull=False).select_related("network").order_by("-sent_at", "-pk")


@transaction.atomic
def write(network: Network, *, actor: User, text: str, now: datetime) -> ManagementMessage:
    network = _enter(network, actor)
    message = ManagementMessage.objects.create(network=network, text=text, written_by=actor, written_at=now)
    audit.record(actor, "write_management_message", message, now=now)
    return message


@transaction.atomic
def change(message: ManagementMessage, *, actor: User, text: str, seen: int, now: datetime) -> ManagementMessage:
    message = _enter_draft(message, actor, seen)
    message.text = text
    message.version += 1
    message.save(update_fields=["text", "version"])
    audit.record(actor, "change_management_message", message, now=now)
    return message


@transaction.atomic
def send(message: ManagementMessage, *, actor: User, seen: int, now: datetime) -> ManagementMessage:
    """The coordinator lets the very text that was read leave the room. It cannot be taken back."""
    message = _enter_draft(message, actor, seen)
    require(permissions.is_coordinator(actor, message.network))
    message.sent_at = now
    message.save(update_fields=["sent_at"])
    audit.record(actor, "send_management_message", message, now=now)
    return message


@transaction.atomic
def drop(message: ManagementMessage, *, actor: User, seen: int, now: datetime) -> None:
    message = _enter_draft(message, actor, seen)
    audit.record(actor, "drop_management_message", message, now=now)
    message.delete()


def _enter(network: Network, actor: User) -> Network:
    network = Network.objects.lock(network.pk)
    require(permissions.is_active_member(actor, network))
    if network.state != Network.State.ACTIVE:
        raise Refused(_("Budskaber kan kun skrives, mens netværket er aktivt."))
    return network


def _enter_draft(message: ManagementMessage, actor: User, seen: int) -> ManagementMessage:
    network = _enter(message.network, actor)
    current = ManagementMessage.objects.select_for_update().filter(pk=message.pk).first()
    if current is None:
        raise Refused(_("Budskabet er slettet af en anden."))
    if current.is_sent:
        raise Refused(_("Budskabet er allerede sendt og kan ikke ændres."))
    current.network = network
    if current.version != seen:
        raise ChangedMeanwhile(_("En anden har rettet budskabet, siden du læste det."), current)
    return current
