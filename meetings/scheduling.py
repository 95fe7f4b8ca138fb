"""What can happen to a convened meeting: it is moved, gets another place, is cancelled, or is held."""

from datetime import date, datetime, time

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from meetings import invitations
from meetings.models import Meeting, MeetingChange, Rsvp
from meetings.permissions import require_coordinator
from members import audit
from members.danish import today


class NotPossible(Exception):
    """The meeting cannot be changed this way; str() says why."""


class Outdated(NotPossible):
    """Someone else changed the meeting after the page was opened."""


@transaction.atomic
def move(
    meeting: Meeting,
    *,
    date: date,
    start_time: time,
    end_time: time,
    actor,
    now: datetime,
    seen_sequence: int,
    reason: str = "",
) -> bool:
    """Give the meeting another date or time and ask everyone anew; False when it stands there already.

    `seen_sequence` is the meeting's when the actor decided: a change made in between is not overwritten.
    """
    meeting = _locked(meeting, actor)
    if (meeting.date, meeting.start_time, meeting.end_time) == (date, start_time, end_time):
        return False
    _require_open(meeting, now, seen_sequence)
    change = _begin_change(meeting, MeetingChange.Kind.MOVED, reason, actor, now)
    meeting.date, meeting.start_time, meeting.end_time = date, start_time, end_time
    meeting.save(update_fields=["date", "start_time", "end_time"])
    if meeting.starts_at <= now:
        raise NotPossible(_("Vælg et tidspunkt, der ikke er passeret."))
    meeting.rsvps.exclude(answer=Rsvp.Answer.NO_REPLY).update(
        previous_answer=F("answer"), answer=Rsvp.Answer.NO_REPLY, answered_at=None
    )
    _finish_change(change, meeting, invitations.CHANGED, now)
    audit.record(actor, "reschedule", meeting, now=now)
    return True


@transaction.atomic
def change_place(
    meeting: Meeting, *, place: str, link: str, actor, now: datetime, seen_sequence: int, reason: str = ""
) -> bool:
    """Give the meeting another place or link; the members' answers stay. False when it has them already."""
    meeting = _locked(meeting, actor)
    if (meeting.place, meeting.link) == (place, link):
        return False
    _require_open(meeting, now, seen_sequence)
    change = _begin_change(meeting, MeetingChange.Kind.PLACE, reason, actor, now)
    meeting.place, meeting.link = place, link
    meeting.save(update_fields=["place", "link"])
    _finish_change(change, meeting, invitations.CHANGED, now)
    audit.record(actor, "change_place", meeting, now=now)
    return True


@transaction.atomic
def cancel(meeting: Meeting, *, actor, now: datetime, reason: str = "") -> bool:
    """Call the meeting off and take it out of every calendar; False if it was off already.

    One that has passed without being held can be called off too: then nobody is told.
    """
    meeting = _locked(meeting, actor)
    if meeting.state == Meeting.State.CANCELLED:
        return False
    if not meeting.is_on:
        raise NotPossible(_("Mødet er afholdt og kan ikke aflyses."))
    _cancel(meeting, actor=actor, now=now, reason=reason)
    return True


def cancel_coming(network, *, actor, now: datetime) -> int:
    """Call off all that lies ahead, because the network has closed."""
    with transaction.atomic():
        meetings = list(invitations.coming(network, now).select_for_update().order_by("pk"))
        for meeting in meetings:
            _cancel(meeting, actor=actor, now=now)
    return len(meetings)


def _cancel(meeting: Meeting, *, actor, now: datetime, reason: str = "") -> None:
    change = _begin_change(meeting, MeetingChange.Kind.CANCELLED, reason, actor, now)
    meeting.state = Meeting.State.CANCELLED
    meeting.save(update_fields=["state"])
    _finish_change(change, meeting, invitations.CANCELLED, now)
    audit.record(actor, "cancel", meeting, now=now)


def _locked(meeting: Meeting, actor) -> Meeting:
    require_coordinator(actor, meeting.network)
    return Meeting.objects.select_for_update().get(pk=meeting.pk)


def _require_open(meeting: Meeting, now: datetime, seen_sequence: int) -> None:
    if meeting.state == Meeting.State.CANCELLED:
        raise NotPossible(_("Mødet er aflyst."))
    if not meeting.takes_replies(now):
        raise NotPossible(_("Mødet er begyndt og kan ikke ændres. Registrér fremmødet i stedet."))
    if meeting.sequence != seen_sequence:
        raise Outdated(_("Mødet er ændret, siden du åbnede siden. Se, hvad der gælder nu, og prøv igen."))


def _begin_change(meeting: Meeting, kind: str, reason: str, actor, now: datetime) -> MeetingChange:
    return MeetingChange(
        meeting=meeting,
        kind=kind,
        from_date=meeting.date,
        from_start_time=meeting.start_time,
        from_end_time=meeting.end_time,
        from_place=meeting.place,
        reason=reason,
        changed_by=actor,
        changed_at=now,
    )


def _finish_change(change: MeetingChange, meeting: Meeting, kind: str, now: datetime) -> None:
    is_today = today(now) in (change.from_date, meeting.date)
    invitations.renew(meeting, kind, now=now, at_once=is_today or kind == invitations.CANCELLED)
    change.to_date, change.to_start_time, change.to_end_time = meeting.date, meeting.start_time, meeting.end_time
    change.to_place, change.sequence = meeting.place, meeting.sequence
    change.save()
