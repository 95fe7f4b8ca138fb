"""The mails of a question about a new date. They say which meeting and by when, never who has answered what."""

from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from meetings import date_poll, subjects
from meetings.models import DatePoll
from members import outbox
from members.danish import today
from members.models import Message
from members.outbox import Mail, Suppress


def register() -> None:
    outbox.register(
        date_poll.ASKED,
        build=date_poll_opened,
        label=_("Spørgsmål om ny dato"),
        about="date_poll",
        subjects=subjects.date_polls,
    )
    # Private: that a person is reminded tells that they have not answered, and that is the members' own.
    outbox.register(
        date_poll.REMINDER,
        build=date_poll_reminder,
        label=_("Påmindelse om ny dato"),
        about="date_poll",
        is_private=True,
        subjects=subjects.date_polls,
    )


def date_poll_opened(message: Message, now: datetime) -> Mail:
    poll = _poll_of_member(message, now)
    return _mail(date_poll.ASKED, message, poll)


def date_poll_reminder(message: Message, now: datetime) -> Mail:
    poll = _poll_of_member(message, now)
    if not message.recipient.wants_reminders:
        raise Suppress("wants no reminders")
    if poll.deadline < today(now) or not poll.invited.filter(user=message.recipient_id, answered_at=None).exists():
        raise Suppress("answered")
    return _mail(date_poll.REMINDER, message, poll)


def _poll_of_member(message: Message, now: datetime) -> DatePoll:
    poll = (
        DatePoll.objects.select_related("meeting__network")
        .defer("meeting__theme", "meeting__link")
        .filter(pk=message.subject_id, state=DatePoll.State.OPEN)
        .first()
    )
    if poll is None:
        raise Suppress("not open")
    members = poll.meeting.network.memberships.active().filter(leader__user=message.recipient_id)
    if not message.recipient.is_active or not members.exists():
        raise Suppress("not a member")
    if poll.candidates.filter(starts_at__gt=now).count() == 0:
        raise Suppress("past")
    return poll


def _mail(template: str, message: Message, poll: DatePoll) -> Mail:
    context = {
        "poll": poll,
        "meeting": poll.meeting,
        "network": poll.meeting.network,
        "times": list(poll.candidates.all()),
        "button_url": settings.SITE_URL + poll.get_absolute_url(),
    }
    return outbox.render_mail(f"meetings/email/{template}", context, recipient=message.recipient)
