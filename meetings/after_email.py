"""Mails of what follows a meeting. None says what was agreed, or who came."""

from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from meetings import agreements, closing, subjects
from meetings.models import Agreement, Meeting
from members import outbox
from members.models import Message
from members.outbox import Mail, Suppress


def register() -> None:
    # That somebody has something to do is the members' own: it is on no list of deliveries.
    outbox.register(
        agreements.DUE,
        build=agreement_due,
        label=_("Påmindelse om aftale"),
        about="agreement",
        is_private=True,
        subjects=subjects.agreements,
    )
    outbox.register(
        closing.UNCLOSED, build=meeting_unclosed, label=_("Et møde, der ikke er afsluttet"), subjects=subjects.meetings
    )


def agreement_due(message: Message, now: datetime) -> Mail:
    """To the one it rests on; the words are read behind the login."""
    agreement = (
        Agreement.objects.select_related("network").defer("text").filter(pk=message.subject_id, state="open").first()
    )
    if agreement is None:
        raise Suppress("settled already")
    if agreement.owner_id != message.recipient_id or agreement.version != message.sequence:
        raise Suppress("replaced by a newer message")
    _require_active(message, agreement.network)
    if not message.recipient.wants_reminders:
        raise Suppress("wants no reminders")
    path = reverse("meetings:agreements", args=[agreement.network.slug])
    return _mail(message, path, network=agreement.network, due_on=agreement.due_on, now=now)


def meeting_unclosed(message: Message, now: datetime) -> Mail:
    meeting = Meeting.objects.select_related("network").defer("theme", "link").filter(pk=message.subject_id).first()
    if meeting is None or not closing.can_close(meeting, now):
        raise Suppress("closed already")
    _require_active(message, meeting.network, is_coordinator=True)
    return _mail(message, reverse("meetings:close", args=[meeting.pk]), network=meeting.network, meeting=meeting)


def _require_active(message: Message, network, **membership) -> None:
    if not message.recipient.is_active:
        raise Suppress("not active")
    if not network.memberships.active().filter(leader__user=message.recipient_id, **membership).exists():
        raise Suppress("not coordinator" if membership else "not a member")


def _mail(message: Message, path: str, **context) -> Mail:
    context["button_url"] = settings.SITE_URL + path
    return outbox.render_mail(f"meetings/email/{message.kind}", context, recipient=message.recipient)
