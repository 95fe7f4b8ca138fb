"""Mails about støtteanmodninger. What is asked and answered is read behind the login."""

from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from members import outbox
from members.models import Message
from members.outbox import Mail, Suppress
from networks import subjects
from networks.models import SupportRequest


def register() -> None:
    outbox.register(
        "support_requested", build=support_requested, label=_("Ny støtteanmodning"), subjects=subjects.support_requests
    )
    outbox.register(
        "support_answered",
        build=support_answered,
        label=_("Svar på støtteanmodning"),
        subjects=subjects.support_requests,
        may_wait=True,
    )


def support_requested(message: Message, now: datetime) -> Mail:
    request = _request(message)
    if not request.is_open:
        raise Suppress("decided already")
    if not message.recipient.is_hr:
        raise Suppress("not in HR")
    return _mail(message, request, request.get_absolute_url())


def support_answered(message: Message, now: datetime) -> Mail:
    request = _request(message)
    if not request.network.memberships.active().filter(leader__user=message.recipient_id).exists():
        raise Suppress("not a member")
    return _mail(message, request, reverse("networks:network_support", args=[request.network.slug]))


def _request(message: Message) -> SupportRequest:
    request = SupportRequest.objects.select_related("network").filter(pk=message.subject_id).first()
    if request is None:
        raise Suppress("gone")
    return request


def _mail(message: Message, request: SupportRequest, path: str) -> Mail:
    context = {"network": request.network, "button_url": settings.SITE_URL + path}
    return outbox.render_mail(f"networks/email/{message.kind}", context, recipient=message.recipient)
