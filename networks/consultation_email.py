"""The mails of a høring, built from what is true when they are sent."""

from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from members import outbox
from members.danish import today
from members.models import Message
from members.outbox import Mail, Suppress
from networks import subjects
from networks.models import Consultation


def register() -> None:
    for kind, build, label in (
        ("consultation_opened", consultation_opened, _("Grundlag i høring")),
        ("consultation_reminder", consultation_reminder, _("Påmindelse om høringssvar")),
        ("consultation_revised", consultation_revised, _("Ny version i høring")),
        ("consultation_due", consultation_due, _("Høringsfrist udløbet")),
    ):
        outbox.register(kind, build=build, label=label, subjects=subjects.consultations)


def consultation_opened(message: Message, now: datetime) -> Mail:
    return _mail(message, _consultation(message, owes=False))


def consultation_reminder(message: Message, now: datetime) -> Mail:
    consultation = _consultation(message, owes=True)
    if message.sequence != consultation.deadline.toordinal() or consultation.is_late(today(now)):
        raise Suppress("moved")
    return _mail(message, consultation)


def consultation_revised(message: Message, now: datetime) -> Mail:
    consultation = _consultation(message, owes=False)
    if message.sequence != consultation.versions.last().number:
        raise Suppress("replaced by a newer version")
    return _mail(message, consultation)


def consultation_due(message: Message, now: datetime) -> Mail:
    consultation = _open(message)
    if not message.recipient.is_hr:
        raise Suppress("not in HR")
    if not consultation.is_late(today(now)):
        raise Suppress("moved")
    replies = consultation.replies.all()
    return _mail(message, consultation, asked=len(replies), replied=sum(bool(reply.replied_at) for reply in replies))


def _open(message: Message) -> Consultation:
    consultation = Consultation.objects.select_related("network").filter(pk=message.subject_id).first()
    if consultation is None or not consultation.is_open:
        raise Suppress("closed")
    return consultation


def _consultation(message: Message, *, owes: bool) -> Consultation:
    """The open høring, for one who was asked, and has not answered where that matters."""
    consultation = _open(message)
    reply = consultation.replies.filter(user=message.recipient_id).first()
    if reply is None:
        raise Suppress("not asked")
    if owes and reply.replied_at:
        raise Suppress("answered already")
    return consultation


def _mail(message: Message, consultation: Consultation, **context) -> Mail:
    context |= {
        "network": consultation.network,
        "consultation": consultation,
        "button_url": settings.SITE_URL + consultation.get_absolute_url(),
    }
    return outbox.render_mail(f"networks/email/{message.kind}", context, recipient=message.recipient)
