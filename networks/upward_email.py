"""Mails about budskaber and what top management asks. Not a word of what is said: that is read behind the login."""

from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from members import outbox
from members.models import Message
from members.outbox import Mail, Suppress
from networks import subjects, upward
from networks.models import ManagementMessage, Membership, PolicyDraft


def register() -> None:
    for kind, build, label, find in (
        ("management_message_sent", management_message_sent, _("Budskab til topledelsen"), subjects.sent_messages),
        ("management_message_answered", management_message_answered, _("Svar fra topledelsen"), subjects.own_messages),
        ("policy_asked", policy_asked, _("Politik i høring"), subjects.policies),
    ):
        outbox.register(kind, build=build, label=label, about="upward", subjects=find)


def management_message_sent(message: Message, now: datetime) -> Mail:
    sent = _sent(message)
    if not upward.can_reply(message.recipient) or not message.recipient.is_active:
        raise Suppress("not in the executive board")
    if sent.replied_at:
        raise Suppress("decided already")
    return _mail(message, reverse("networks:reply_to_management_message", args=[sent.pk]), network=sent.network)


def management_message_answered(message: Message, now: datetime) -> Mail:
    sent = _sent(message)
    if not sent.network.memberships.active().filter(leader__user=message.recipient_id).exists():
        raise Suppress("not a member")
    return _mail(message, reverse("networks:management_messages", args=[sent.network.slug]), network=sent.network)


def policy_asked(message: Message, now: datetime) -> Mail:
    policy = PolicyDraft.objects.filter(pk=message.subject_id).first()
    if policy is None:
        raise Suppress("gone")
    mine = Membership.objects.active().filter(leader__user=message.recipient_id, is_coordinator=True)
    networks = policy.networks.filter(memberships__in=mine).exclude(management_messages__policy=policy)
    network = networks.order_by("sort_text", "pk").first()
    if network is None or not message.recipient.is_active:
        raise Suppress("not a coordinator")
    path = reverse("networks:management_messages", args=[network.slug])
    return _mail(message, path, network=network, policy=policy)


def _sent(message: Message) -> ManagementMessage:
    sent = ManagementMessage.objects.select_related("network").filter(pk=message.subject_id).first()
    if sent is None or not sent.is_sent:
        raise Suppress("gone")
    return sent


def _mail(message: Message, path: str, **context) -> Mail:
    context["button_url"] = settings.SITE_URL + path
    return outbox.render_mail(f"networks/email/{message.kind}", context, recipient=message.recipient)
