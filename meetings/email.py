"""The mails of meetings. Each is built when it is sent, from what is true then, and not sent when it no longer is.

None carries a theme or any other word from inside a meeting: time, place, and a link behind the login.
"""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from meetings import after_email, calendar, feedback_email, invitations, reminders, reply_links, subjects
from meetings.models import Invitation, Meeting, MeetingChange, MeetingPlan, Rsvp
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
        )
    for kind, build, label in (
        (invitations.POSTPONED, meeting_postponed, _("Udsættelse af møde")),
        (invitations.CANCELLED, meeting_cancelled, _("Aflysning af møde")),
    ):
        outbox.register(kind, build=build, label=label, about="meeting", subjects=subjects.meetings)
    # Private: which of the two a person is sent tells what they have answered, and that is the members' own.
    for kind, build, label in (
        (reminders.REMINDER, meeting_reminder, _("Påmindelse om møde")),
        (reminders.ANSWER, answer_please, _("Svar venligst på indkaldelse")),
    ):
        outbox.register(kind, build=build, label=label, about="meeting", is_private=True, subjects=subjects.meetings)
    feedback_email.register()
    after_email.register()


# --- One function per mail -------------------------------------------------------------------------------------------


def plan_published(message: Message, now: datetime) -> Mail:
    plan = MeetingPlan.objects.select_related("network").filter(pk=message.subject_id).first()
    if plan is None or plan.is_draft:
        raise Suppress("not published")
    _require_member(message, plan.network)
    meetings = list(plan.meetings.upcoming(now).defer("theme", "link"))
    if not meetings:
        raise Suppress("past")
    return _render(message, plan, plan=plan, network=plan.network, meetings=meetings)


def meeting_invitation(message: Message, now: datetime) -> Mail:
    meeting = _meeting_ahead(message, now)
    mail = _render(message, meeting, asks=True, meeting=meeting, network=meeting.network)
    return _with_calendar(mail, message, meeting)


def meeting_changed(message: Message, now: datetime) -> Mail:
    """What is new since the last word this person got; to someone who had none it is an invitation."""
    meeting = _meeting_ahead(message, now)
    known = (
        Message.objects.filter(
            kind__in=(invitations.INVITATION, invitations.CHANGED),
            subject_id=meeting.pk,
            recipient=message.recipient_id,
            sequence__lt=message.sequence,
            state__in=(Message.State.SENT, Message.State.IN_DOUBT),
        )
        .order_by("-sequence")
        .values_list("sequence", flat=True)
        .first()
    )
    if known is None:
        mail = _render(
            message, meeting, name=invitations.INVITATION, asks=True, meeting=meeting, network=meeting.network
        )
    else:
        before = meeting.changes.filter(sequence__gt=known).order_by("sequence").first()
        needs_answer = _answer(message) in Rsvp.UNDECIDED
        mail = _render(
            message,
            meeting,
            asks=needs_answer,
            meeting=meeting,
            network=meeting.network,
            before=before,
            needs_answer=needs_answer,
            **_differences(before, meeting),
        )
    return _with_calendar(mail, message, meeting)


def meeting_cancelled(message: Message, now: datetime) -> Mail:
    """To all who hold a meeting that is off, or to one who has left or is on leave: then only theirs is taken back."""
    meeting, invitation = _meeting_and_invitation(message)
    if meeting.is_past(now):
        raise Suppress("past")
    if not (meeting.state == Meeting.State.CANCELLED or invitation.is_cancelled):
        raise Suppress("meeting is on")
    on_leave = meeting.network.memberships.filter(leader__user=message.recipient_id, state="on_leave")
    mail = _render(
        message,
        meeting,
        meeting=meeting,
        network=meeting.network,
        is_only_theirs=invitation.is_cancelled,
        is_on_leave=invitation.is_cancelled and on_leave.exists(),
    )
    return _with_calendar(mail, message, meeting, is_cancelled=True)


def meeting_postponed(message: Message, now: datetime) -> Mail:
    """To all who held a meeting that has no date now, also those who have left since: it goes out of the calendar."""
    meeting, invitation = _meeting_and_invitation(message)
    if not meeting.is_postponed:
        raise Suppress("meeting is not postponed")
    mail = _render(message, meeting, meeting=meeting, network=meeting.network, is_member=not invitation.is_cancelled)
    return _with_calendar(mail, message, meeting, is_cancelled=True)


def meeting_reminder(message: Message, now: datetime) -> Mail:
    """The practical one, to those who come."""
    return _reminder(message, now, for_answers=[Rsvp.Answer.ACCEPTED])


def answer_please(message: Message, now: datetime) -> Mail:
    """A question to those who have not said, or have said no more than maybe."""
    return _reminder(message, now, for_answers=Rsvp.UNDECIDED)


def _reminder(message: Message, now: datetime, *, for_answers: Iterable[str]) -> Mail:
    meeting = _meeting_ahead(message, now)
    if not reminders.is_chosen(message, meeting):
        raise Suppress("not chosen")
    answer = _answer(message)
    if answer not in for_answers:
        raise Suppress("answered otherwise")
    return _render(
        message,
        meeting,
        asks=answer in Rsvp.UNDECIDED,
        meeting=meeting,
        network=meeting.network,
        says_maybe=answer == Rsvp.Answer.TENTATIVE,
        now=now,
    )


def calendar_of(messages: list[Message]) -> bytes:
    """The meetings of several messages to one person, as one file for their calendar."""
    keys = {message.subject_id for message in messages}
    meetings = (
        Meeting.objects.filter(pk__in=keys).select_related("network").defer("theme", "link").order_by("starts_at", "pk")
    )
    with translation.override(messages[0].recipient.language):
        return calendar.download(meetings)


# --- Common ----------------------------------------------------------------------------------------------------------


def _meeting_and_invitation(message: Message) -> tuple[Meeting, Invitation]:
    """As they are now; the message is stale unless it carries the last sequence this person is to have."""
    if not message.recipient.is_active:
        raise Suppress("not active")
    invitation = (
        Invitation.objects.select_related("meeting__network")
        .defer("meeting__theme", "meeting__link")
        .filter(meeting=message.subject_id, user=message.recipient_id)
        .first()
    )
    if invitation is None:
        raise Suppress("not invited")
    if invitation.sequence != message.sequence:
        raise Suppress("replaced by a newer message")
    return invitation.meeting, invitation


def _meeting_ahead(message: Message, now: datetime) -> Meeting:
    """A meeting this member still holds, that is on and has not begun."""
    meeting, invitation = _meeting_and_invitation(message)
    if invitation.is_cancelled:
        raise Suppress("not invited")
    _require_member(message, meeting.network)
    if not meeting.is_on:
        raise Suppress("meeting is not on")
    if meeting.starts_at <= now:
        raise Suppress("past")
    return meeting


def _require_member(message: Message, network) -> None:
    if not message.recipient.is_active:
        raise Suppress("not active")
    if not network.memberships.active().filter(leader__user=message.recipient_id).exists():
        raise Suppress("not a member")


def _answer(message: Message) -> str:
    answers = Rsvp.objects.filter(meeting=message.subject_id, user=message.recipient_id)
    return answers.values_list("answer", flat=True).first() or Rsvp.Answer.NO_REPLY


def _differences(before: MeetingChange | None, meeting: Meeting) -> dict[str, bool]:
    if before is None:
        return {"is_moved": False, "has_new_place": False}
    then = (before.from_date, before.from_start_time, before.from_end_time)
    return {
        "is_moved": then != (meeting.date, meeting.start_time, meeting.end_time),
        "has_new_place": before.from_place != meeting.place,
    }


def _render(message: Message, subject: Meeting | MeetingPlan, *, name: str = "", asks: bool = False, **context) -> Mail:
    """What `asks` leads to where one answers without signing in; the rest behind the login."""
    # One who has left cannot open the meeting's page.
    is_gone = message.kind in (invitations.CANCELLED, invitations.POSTPONED)
    path = reverse("meetings:mine") if is_gone else subject.get_absolute_url()
    context["button_url"] = reply_links.address(subject, message.recipient) if asks else settings.SITE_URL + path
    context["reads_calendars"] = bool(settings.REPLY_ADDRESS)
    context["subscription_url"] = settings.SITE_URL + reverse("meetings:subscription")
    return outbox.render_mail(f"meetings/email/{name or message.kind}", context, recipient=message.recipient)


def _with_calendar(mail: Mail, message: Message, meeting: Meeting, *, is_cancelled: bool = False) -> Mail:
    with translation.override(message.recipient.language):
        mail.calendar = calendar.request(
            meeting,
            to=message.recipient,
            sequence=message.sequence,
            answer=_answer(message),
            is_cancelled=is_cancelled,
        )
    mail.calendar_method = "CANCEL" if is_cancelled else "REQUEST"
    if settings.REPLY_ADDRESS:
        mail.headers["Reply-To"] = settings.REPLY_ADDRESS  # some calendars answer there, others to the organizer
    return mail
