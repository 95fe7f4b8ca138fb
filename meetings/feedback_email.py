"""The mails of a feedback round. None says who has answered, what was said, or what it came to.

A reminder goes to those who have not answered and is held back from the others, so it is on no list of deliveries, and
the row never notes why it was held back: its receiver has answered, has left, or wants no reminders.
"""

from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from meetings import subjects
from meetings.models import FeedbackRound, ThemeFeedback
from members import outbox
from members.models import Message
from members.outbox import Mail, Suppress


def register() -> None:
    for kind, build, label, more in (
        ("feedback_opened", feedback_opened, _("Feedbackrunde åbnet"), {}),
        ("feedback_reminder", feedback_reminder, _("Påmindelse om feedbackrunde"), {"is_private": True}),
        ("feedback_closed", feedback_closed, _("Feedbackrunde lukket"), {"may_wait": True}),
    ):
        outbox.register(kind, build=build, label=label, about="feedback", subjects=subjects.rounds, **more)
    outbox.register(
        "theme_announced", build=theme_announced, label=_("Tema til et møde"), about="theme", subjects=subjects.themes
    )


def feedback_opened(message: Message, now: datetime) -> Mail:
    """To all who are asked, answered or not: holding it back would tell who was quick."""
    round = _round_of_member(message)
    if not round.takes_answers(now):
        raise Suppress
    return _mail("feedback_opened", message, round)


def feedback_reminder(message: Message, now: datetime) -> Mail:
    round = _round_of_member(message)
    owes_answer = round.invited.filter(user=message.recipient_id, has_answered=False).exists()
    if not round.takes_answers(now) or not owes_answer or not message.recipient.wants_reminders:
        raise Suppress
    return _mail("feedback_reminder", message, round)


def feedback_closed(message: Message, now: datetime) -> Mail:
    round = _round_of_member(message)
    if not round.is_over:
        raise Suppress
    return _mail("feedback_closed", message, round, is_suppressed=round.release.is_suppressed)


def theme_announced(message: Message, now: datetime) -> Mail:
    """That there is a theme to read before the meeting: neither whose nor which."""
    brought = ThemeFeedback.objects.select_related("network", "meeting").filter(pk=message.subject_id).first()
    if brought is None or not brought.meeting.is_on or brought.meeting.starts_at <= now:
        raise Suppress("past")
    members = brought.network.memberships.active().filter(leader__user=message.recipient_id)
    if not members.exists() or not message.recipient.is_active:
        raise Suppress("not a member")
    context = {
        "network": brought.network,
        "meeting": brought.meeting,
        "button_url": settings.SITE_URL + brought.get_absolute_url(),
    }
    return outbox.render_mail("meetings/email/feedback_theme", context, recipient=message.recipient)


def _round_of_member(message: Message) -> FeedbackRound:
    round = FeedbackRound.objects.select_related("network").filter(pk=message.subject_id).first()
    members = round and round.network.memberships.active().filter(leader__user=message.recipient_id)
    if not members or not members.exists() or not message.recipient.is_active:
        raise Suppress
    return round


def _mail(template: str, message: Message, round: FeedbackRound, **context) -> Mail:
    context |= {"round": round, "network": round.network, "button_url": settings.SITE_URL + round.get_absolute_url()}
    return outbox.render_mail(f"meetings/email/{template}", context, recipient=message.recipient)
