"""Budskab til topledelsen: written among the members, and sent by the coordinator as the group's own word."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from members import audit, outbox
from members.danish import today
from members.models import Role, User
from networks import permissions
from networks.conflicts import is_saved, require_seen
from networks.models import ManagementMessage, Network, PolicyDraft
from networks.refusal import Refused, require


def can_work(user: User, network: Network) -> bool:
    return network.state == Network.State.ACTIVE and permissions.is_active_member(user, network)


def can_send(user: User, network: Network) -> bool:
    return network.state == Network.State.ACTIVE and permissions.is_coordinator(user, network)


def can_reply(user: User) -> bool:
    """Top management's own part: politicians read along, and HR cannot answer in its place."""
    return user.is_executive_board


def sent() -> QuerySet[ManagementMessage]:
    """What networks have chosen to say, latest first."""
    chosen = ManagementMessage.objects.filter(sent_at__isnull=False)
    return chosen.select_related("network", "policy", "replied_by").order_by("-sent_at", "-pk")


@transaction.atomic
def write(
    network: Network, *, actor: User, text: str, now: datetime, policy: PolicyDraft | None = None
) -> ManagementMessage:
    """A draft among the members; with `policy` it is their one answer to what they have been asked."""
    network = _enter(network, actor)
    mine = network.management_messages.filter(written_by=actor, policy=policy, sent_at=None)
    twin = next((message for message in mine if message.text == text), None)
    if twin is not None:
        return twin  # the same form sent twice
    if policy is not None:
        _require_open_to(network, policy, now)
    message = ManagementMessage.objects.create(
        network=network, text=text, written_by=actor, written_at=now, policy=policy
    )
    audit.record(actor, "write_management_message", message, now=now)
    return message


@transaction.atomic
def change(message: ManagementMessage, *, actor: User, text: str, seen: int, now: datetime) -> ManagementMessage:
    message = _enter_draft(message, actor)
    if is_saved(message, seen, _changed(), text=text):
        return message
    message.text = text
    message.version += 1
    message.save(update_fields=["text", "version"])
    audit.record(actor, "change_management_message", message, now=now)
    return message


@transaction.atomic
def send(message: ManagementMessage, *, actor: User, seen: int, now: datetime) -> ManagementMessage:
    """The coordinator lets the very text that was read leave the room. It cannot be taken back."""
    message = _enter_draft(message, actor)
    require_seen(message, seen, _changed())
    require(permissions.is_coordinator(actor, message.network))
    message.sent_at = now
    message.save(update_fields=["sent_at"])
    audit.record(actor, "send_management_message", message, now=now)
    board = User.objects.filter(is_active=True, role_assignments__role=Role.EXECUTIVE_BOARD)
    told = sorted(set(board.values_list("pk", flat=True)))
    outbox.enqueue("management_message_sent", subject_id=message.pk, recipients=told, now=now)
    return message


@transaction.atomic
def reply(message: ManagementMessage, *, actor: User, text: str, now: datetime) -> ManagementMessage:
    """The executive board answers, once; the network and whoever may read its message can read it."""
    require(can_reply(actor))
    message = ManagementMessage.objects.select_for_update(of=("self",)).select_related("network").get(pk=message.pk)
    if not message.is_sent:
        raise Refused(_("Budskabet er ikke sendt."))
    if message.replied_at:
        raise Refused(_("En anden har svaret i mellemtiden. Dit svar er ikke sendt."))
    if not text.strip():
        raise Refused(_("Skriv et svar til netværket."))
    message.reply, message.replied_by, message.replied_at = text.strip(), actor, now
    message.save(update_fields=["reply", "replied_by", "replied_at"])
    audit.record(actor, "reply_to_management_message", message, now=now)
    members = message.network.memberships.active().values_list("leader__user_id", flat=True)
    outbox.enqueue("management_message_answered", subject_id=message.pk, recipients=members, now=now)
    return message


@transaction.atomic
def drop(message: ManagementMessage, *, actor: User, seen: int, now: datetime) -> None:
    message = _enter_draft(message, actor)
    require_seen(message, seen, _changed())
    audit.record(actor, "drop_management_message", message, now=now)
    message.delete()


def _enter(network: Network, actor: User) -> Network:
    network = Network.objects.lock(network.pk)
    require(permissions.is_active_member(actor, network))
    if network.state != Network.State.ACTIVE:
        raise Refused(_("Budskaber kan kun skrives, mens netværket er aktivt."))
    return network


def _require_open_to(network: Network, policy: PolicyDraft, now: datetime) -> None:
    if not policy.networks.filter(pk=network.pk).exists():
        raise Refused(_("Netværket er ikke spurgt om det."))
    if not policy.is_open(today(now)):
        raise Refused(_("Fristen er gået. I kan stadig skrive et almindeligt budskab."))
    if network.management_messages.filter(policy=policy).exists():
        raise Refused(_("I har allerede et svar i gang. Ret det i stedet."))


def _enter_draft(message: ManagementMessage, actor: User) -> ManagementMessage:
    network = _enter(message.network, actor)
    current = ManagementMessage.objects.select_for_update().filter(pk=message.pk).first()
    if current is None:
        raise Refused(_("Budskabet er slettet af en anden."))
    if current.is_sent:
        raise Refused(_("Budskabet er allerede sendt og kan ikke ændres."))
    current.network = network
    return current


def _changed() -> str:
    return _("En anden har rettet budskabet, siden du læste det.")
