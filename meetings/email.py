"""The mails of meetings. Each is built when it is sent, from what is true then, and not sent when it no longer is.

None carries a theme or any other word from inside a meeting: time, place, and a link behind the login.
"""

from collections.abc import Hashable, Iterable
from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from meetings import after_email, calendar, feedback_email, invitations, reminders, reply_links, subjects
from meetings.mail_facts import Facts, Held, calendar_words
from meetings.models import Meeting, MeetingChange, MeetingPlan, Rsvp
from members import outbox
from members.models import Message
from members.outbox import Mail, Suppress

PLAN = "plan_published"


def register() -> None:
    outbox.register(
        PLAN, build=plan_published, label=_("Mødeplan"), about="plan", may_wait=True, subjects=subjects.plans
    )
    for kind, build, label in (
        (invitations.INVITATION, meeting_invitation, _("Indkaldelse til møde")),
        (invitations.CHANGED, meeting_changed, _("Ændring af møde")),
    ):
        outbox.register(
            kind,
            build=build,
            label=label,
            about="meeting",
            may_wait=True,
            calendar=calendar_of,
            subjects=subjects.meetings,
            read=Facts,
        )
    for kind, build, label in (
        (invitations.POSTPONED, meeting_postponed, _("Udsættelse af møde")),
        (invitations.CANCELLED, meeting_cancelled, _("Aflysning af møde")),
    ):
        outbox.register(kind, build=build, label=label, about="meeting", subjects=subjects.meetings, read=Facts)
    # Private: which of the two a person is sent tells what they have answered, and that is the members' own.
    for kind, build, label in (
        (reminders.REMINDER, meeting_reminder, _("Påmindelse om møde")),
        (reminders.ANSWER, answer_please, _("Svar venligst på indkaldelse")),
    ):
        outbox.register(
            kind, build=build, label=label, about="meeting", is_private=True, subjects=subjects.meetings, read=Facts
        )
    feedback_email.register()
    after_email.register()


# --- One function per mail -------------------------------------------------------------------------------------------


def plan_published(message: Message, now: datetime) -> Mail:
    plan = MeetingPlan.objects.select_related("network").filter(pk=message.subject_id).first()
    if plan is None or plan.is_draft:
        raise Suppress("not published")
    if not plan.network.memberships.active().filter(leader__user=message.recipient_id).exists():
        raise Suppress("not a member")
    meetings = list(plan.meetings.upcoming(now).defer("theme", "link"))
    if not meetings:
        raise Suppress("past")
    context = calendar_words() | {"plan": plan, "network": plan.network, "meetings": meetings}
    context["button_url"] = settings.SITE_URL + plan.get_absolute_url()
    return outbox.render_mail("meetings/email/plan_published", context, recipient=message.recipient)


def meeting_invitation(message: Message, now: datetime, facts: Facts) -> Mail:
    meeting = _meeting_ahead(message, now, facts)
    return _with_calendar(_fill(message, meeting, facts, asks=True), message, meeting, facts)


def meeting_changed(message: Message, now: datetime, facts: Facts) -> Mail:
    """What is new since the last word this person got; to someone who had none it is an invitation."""
    meeting = _meeting_ahead(message, now, facts)
    is_told, before = facts.change_since_told(message)
    if is_told:
        needs_answer = facts.answer(message) in Rsvp.UNDECIDED
        mail = _fill(
            message,
            meeting,
            facts,
            asks=needs_answer,
            before=before,
            needs_answer=needs_answer,
            **_differences(before, meeting),
        )
    else:
        mail = _fill(message, meeting, facts, name=invitations.INVITATION, asks=True)
    return _with_calendar(mail, message, meeting, facts)


def meeting_cancelled(message: Message, now: datetime, facts: Facts) -> Mail:
    """To all who hold a meeting that is off, or to one who has left or is on leave: then only theirs is taken back."""
    meeting, held = _meeting_and_invitation(message, facts)
    if meeting.is_past(now):
        raise Suppress("past")
    if not (meeting.state == Meeting.State.CANCELLED or held.is_cancelled):
        raise Suppress("meeting is on")
    is_on_leave = held.is_cancelled and facts.is_on_leave(message.recipient_id, meeting)
    mail = _fill(message, meeting, facts, is_only_theirs=held.is_cancelled, is_on_leave=is_on_leave)
    return _with_calendar(mail, message, meeting, facts, is_cancelled=True)


def meeting_postponed(message: Message, now: datetime, facts: Facts) -> Mail:
    """To all who held a meeting that has no date now, also those who have left since: it goes out of the calendar."""
    meeting, held = _meeting_and_invitation(message, facts)
    if not meeting.is_postponed:
        raise Suppress("meeting is not postponed")
    mail = _fill(message, meeting, facts, is_member=not held.is_cancelled)
    return _with_calendar(mail, message, meeting, facts, is_cancelled=True)


def meeting_reminder(message: Message, now: datetime, facts: Facts) -> Mail:
    """The practical one, to those who come."""
    return _reminder(message, now, facts, for_answers=[Rsvp.Answer.ACCEPTED])


def answer_please(message: Message, now: datetime, facts: Facts) -> Mail:
    """A question to those who have not said, or have said no more than maybe."""
    return _reminder(message, now, facts, for_answers=Rsvp.UNDECIDED)


def _reminder(message: Message, now: datetime, facts: Facts, *, for_answers: Iterable[str]) -> Mail:
    meeting = _meeting_ahead(message, now, facts)
    if not reminders.is_chosen(message, facts.reminder_choice(meeting)):
        raise Suppress("not chosen")
    answer = facts.answer(message)
    if answer not in for_answers:
        raise Suppress("answered otherwise")
    says_maybe = answer == Rsvp.Answer.TENTATIVE
    return _fill(message, meeting, facts, asks=answer in Rsvp.UNDECIDED, says_maybe=says_maybe, now=now)


def calendar_of(messages: list[Message]) -> bytes:
    """The meetings of several messages to one person, as one file for their calendar."""
    keys = {message.subject_id for message in messages}
    meetings = (
        Meeting.objects.filter(pk__in=keys).select_related("network").defer("theme", "link").order_by("starts_at", "pk")
    )
    with translation.override(messages[0].recipient.language):
        return calendar.download(meetings)


# --- Common ----------------------------------------------------------------------------------------------------------


def _meeting_and_invitation(message: Message, facts: Facts) -> tuple[Meeting, Held]:
    """As they are now; the message is stale unless it carries the last sequence this person is to have."""
    meeting, held = facts.meeting_and_invitation(message)
    if meeting is None or held is None:
        raise Suppress("not invited")
    if held.sequence != message.sequence:
        raise Suppress("replaced by a newer message")
    return meeting, held


def _meeting_ahead(message: Message, now: datetime, facts: Facts) -> Meeting:
    """A meeting this member still holds, that is on and has not begun."""
    meeting, held = _meeting_and_invitation(message, facts)
    if held.is_cancelled:
        raise Suppress("not invited")
    if not facts.is_member(message.recipient_id, meeting):
        raise Suppress("not a member")
    if not meeting.is_on:
        raise Suppress("meeting is not on")
    if meeting.starts_at <= now:
        raise Suppress("past")
    return meeting


def _differences(before: MeetingChange | None, meeting: Meeting) -> dict[str, bool]:
    if before is None:
        return {"is_moved": False, "has_new_place": False}
    then = (before.from_date, before.from_start_time, before.from_end_time)
    return {
        "is_moved": then != (meeting.date, meeting.start_time, meeting.end_time),
        "has_new_place": before.from_place != meeting.place,
    }


def _fill(
    message: Message, meeting: Meeting, facts: Facts, *, name: str = "", asks: bool = False, **context: Hashable
) -> Mail:
    """What `asks` leads to where one answers without signing in; the rest behind the login."""
    # One who has left cannot open the meeting's page.
    is_gone = message.kind in (invitations.CANCELLED, invitations.POSTPONED)
    if asks:
        link = reply_links.address(meeting, message.recipient)
    else:
        link = settings.SITE_URL + (reverse("meetings:mine") if is_gone else meeting.get_absolute_url())
    template = f"meetings/email/{name or message.kind}"
    return facts.fill(template, meeting, context, recipient=message.recipient, link=link)


def _with_calendar(mail: Mail, message: Message, meeting: Meeting, facts: Facts, *, is_cancelled: bool = False) -> Mail:
    with translation.override(message.recipient.language):
        mail.calendar = calendar.request(
            meeting,
            to=message.recipient,
            sequence=message.sequence,
            answer=facts.answer(message),
            is_cancelled=is_cancelled,
        )
    mail.calendar_method = "CANCEL" if is_cancelled else "REQUEST"
    if settings.REPLY_ADDRESS:
        mail.headers["Reply-To"] = settings.REPLY_ADDRESS  # some calendars answer there, others to the organizer
    return mail
