"""The mails of a feedback round. None says who has answered, what was said, or what it came to.

A reminder goes to those who have not answered and is held back from the others, so it is on no list of deliveries, and
the row never notes why it was held back: its receiver has answered, has left, or wants no reminders.
"""

from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from meetings import subjects
from meetings.models import FeedbackRound, FeedbackSchedule, ThemeFeedback
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
    outbox.register("feedback_missed", build=feedback_missed, label=_("Feedbackrunde, der ikke åbnede til tiden"))
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


def feedback_missed(message: Message, now: datetime) -> Mail:
    """To the coordinator: a day of the schedule went by, or the round of it could not be held."""
    schedule = FeedbackSchedule.objects.select_related("network").filter(pk=message.subject_id).first()
    if schedule is None or schedule.missed_on is None or schedule.missed_on.toordinal() != message.sequence:
        raise Suppress("decided otherwise")
    network = schedule.network
    members = network.memberships.active().filter(leader__user=message.recipient_id, is_coordinator=True)
    if not members.exists() or not message.recipient.is_active:
        raise Suppress("not a coordinator")
    is_late = schedule.missed_why == FeedbackSchedule.Missed.LATE
    planned = network.feedback_rounds.filter(
        kind=FeedbackRound.Kind.NETWORK_PULSE, opens_at__date__gt=schedule.missed_on
    )
    context = {
        "network": network,
        "schedule": schedule,
        "is_late": is_late,
        "late_round": planned.order_by("opens_at").first() if is_late else None,
        "button_url": settings.SITE_URL + reverse("meetings:feedback", args=[network.slug]),
    }
    if is_late and context["late_round"] is None:
        raise Suppress("dropped")
    return outbox.render_mail("meetings/email/feedback_missed", context, recipient=message.recipient)


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
