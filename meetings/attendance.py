"""What members say before a meeting, and who came to it. For the members' eyes only."""

from collections.abc import Collection
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from meetings import reminders, roles
from meetings.models import Attendance, Meeting, MeetingChange, Rsvp
from members import audit
from members.models import User
from networks.permissions import is_active_member
from networks.refusal import require


class RepliesClosed(Exception):
    """Nothing is to be answered or registered now; str() says why."""


class IsCancelled(RepliesClosed):
    pass


class HasBegun(RepliesClosed):
    pass


class HasMoved(RepliesClosed):
    """The answer is to a time the meeting no longer has."""


class AnsweredSince(RepliesClosed):
    """The answer is older than the one that stands."""


@transaction.atomic
def reply(
    meeting: Meeting,
    *,
    user,
    answer: Rsvp.Answer,
    now: datetime,
    seen_sequence: int | None = None,
    said_at: datetime | None = None,
) -> Rsvp:
    """Say yes or no until the meeting begins. Not in hændelsesloggen: who answers what is the members' own.

    With `seen_sequence`, the meeting's when the person saw it, an answer to a day it has since left is not taken.
    With `said_at`, when the person said it, an answer that was long under way does not replace a newer one.
    """
    if not is_active_member(user, meeting.network):
        raise PermissionDenied
    meeting = Meeting.objects.select_for_update().get(pk=meeting.pk)
    if meeting.state == Meeting.State.CANCELLED:
        raise IsCancelled(_("Mødet er aflyst, så du behøver ikke svare."))
    if meeting.is_postponed:
        raise HasMoved(_("Mødet er udsat. Du bliver spurgt igen, når der er en ny dato."))
    if not meeting.takes_replies(now):
        raise HasBegun(_("Mødet er begyndt, så svaret kan ikke længere ændres."))
    if seen_sequence is not None and _has_moved(meeting, since=seen_sequence):
        raise HasMoved(_("Mødet er flyttet, siden du åbnede siden. Se den nye dato, og svar igen."))
    answered_at = min(said_at or now, now)
    if meeting.rsvps.filter(user=user, answered_at__gt=answered_at).exists():
        raise AnsweredSince(_("Du har svaret igen siden. Dit nyeste svar står ved magt."))
    rsvp, _created = Rsvp.objects.update_or_create(
        meeting=meeting, user=user, defaults={"answer": answer, "previous_answer": "", "answered_at": answered_at}
    )
    reminders.replan([meeting], users=[user.pk], now=now)
    return rsvp


def _has_moved(meeting: Meeting, *, since: int) -> bool:
    return meeting.changes.filter(kind=MeetingChange.Kind.MOVED, sequence__gt=since).exists()


def expected(meeting: Meeting):
    """Those the meeting is for: who holds an invitation to it."""
    return User.objects.filter(meeting_invitations__meeting=meeting, meeting_invitations__is_cancelled=False).order_by(
        "sort_text", "pk"
    )


def answers(meeting: Meeting) -> list[tuple[Rsvp.Answer, list[User]]]:
    """The expected by what they have said: those who come, may come, do not come, and those who have not said."""
    said = dict(meeting.rsvps.values_list("user", "answer"))
    answer = Rsvp.Answer
    groups = {each: [] for each in (answer.ACCEPTED, answer.TENTATIVE, answer.DECLINED, answer.NO_REPLY)}
    for user in expected(meeting):
        groups[Rsvp.Answer(said.get(user.pk, Rsvp.Answer.NO_REPLY))].append(user)
    return list(groups.items())


def presence(meeting: Meeting) -> list[tuple[Attendance.Presence, list[User]]]:
    """The expected by whether they came, once that is registered."""
    groups = {kind: [] for kind in Attendance.Presence}
    for attended in meeting.attendances.select_related("user").order_by("user__sort_text", "user_id"):
        groups[Attendance.Presence(attended.presence)].append(attended.user)
    return [(kind, users) for kind, users in groups.items() if users]


def proposed(meeting: Meeting) -> list[int]:
    """Who to tick beforehand: those registered as present, or before that those who said yes."""
    if meeting.state == Meeting.State.HELD:
        came = meeting.attendances.filter(presence=Attendance.Presence.PRESENT)
    else:
        came = meeting.rsvps.filter(answer=Rsvp.Answer.ACCEPTED)
    return list(came.values_list("user", flat=True))


def can_record(meeting: Meeting, now: datetime) -> bool:
    """After the start, and again to put it right until the meeting is closed."""
    return (
        not meeting.is_closed
        and meeting.state in (Meeting.State.CONVENED, Meeting.State.HELD)
        and meeting.starts_at <= now
    )


@transaction.atomic
def record(meeting: Meeting, *, present: Collection[int], actor, now: datetime) -> None:
    """Note who came: the meeting is held. Can be put right later; those who were not expected are not counted."""
    meeting = Meeting.objects.select_for_update().get(pk=meeting.pk)
    require(roles.can_lead(actor, meeting))
    if not can_record(meeting, now):
        raise RepliesClosed(
            _("Mødet er afsluttet. Genåbn det, hvis fremmødet skal rettes.")
            if meeting.is_closed
            else _("Fremmødet kan registreres, når mødet er begyndt.")
        )
    present = set(present)
    Attendance.objects.bulk_create(
        [
            Attendance(
                meeting=meeting,
                user=user,
                presence=Attendance.Presence.PRESENT if user.pk in present else Attendance.Presence.ABSENT,
            )
            for user in expected(meeting)
        ],
        update_conflicts=True,
        unique_fields=["meeting", "user"],
        update_fields=["presence"],
    )
    if meeting.state == Meeting.State.CONVENED:
        meeting.state, meeting.held_at = Meeting.State.HELD, now
        meeting.save(update_fields=["state", "held_at"])
    audit.record(actor, "record_attendance", meeting, now=now)
