"""What can happen to a convened meeting: it is moved, postponed, gets another place, is cancelled, or is held."""

from datetime import date, datetime, time

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from meetings import invitations
from meetings.models import DatePoll, Meeting, MeetingChange, Rsvp
from meetings.permissions import require_coordinator
from members import audit
from members.danish import today
from networks.basis import NotReady, require_gate_open


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

    One that was postponed is convened again, under the same UID. `seen_sequence` is the meeting's when the actor
    decided: a change made in between is not overwritten.
    """
    meeting = _locked(meeting, actor)
    was_postponed = meeting.is_postponed
    if (meeting.date, meeting.start_time, meeting.end_time) == (date, start_time, end_time) and not was_postponed:
        return False
    _require_open(meeting, now, seen_sequence)
    if was_postponed:
        _require_gate(meeting, now)
    change = _begin_change(meeting, MeetingChange.Kind.MOVED, reason, actor, now)
    meeting.date, meeting.start_time, meeting.end_time = date, start_time, end_time
    meeting.state = Meeting.State.CONVENED
    meeting.save(update_fields=["date", "start_time", "end_time", "state"])
    if meeting.starts_at <= now:
        raise NotPossible(_("Vælg et tidspunkt, der ikke er passeret."))
    meeting.rsvps.exclude(answer=Rsvp.Answer.NO_REPLY).update(
        previous_answer=F("answer"), answer=Rsvp.Answer.NO_REPLY, answered_at=None
    )
    users = invitations.active_users(meeting.network) if was_postponed else []
    if was_postponed:
        invitations.release_all_but(meeting, users)
    _finish_change(change, meeting, invitations.CHANGED, now)
    if was_postponed:  # those who came while it had no date
        invitations.invite([meeting], users, now=now)
    audit.record(actor, "reschedule", meeting, now=now)
    return True


@transaction.atomic
def postpone(meeting: Meeting, *, actor, now: datetime, seen_sequence: int, reason: str = "") -> bool:
    """Take the meeting out of every calendar until it is given a new date; False when it is out already."""
    meeting = _locked(meeting, actor)
    if meeting.is_postponed:
        return False
    _require_open(meeting, now, seen_sequence)
    change = _begin_change(meeting, MeetingChange.Kind.POSTPONED, reason, actor, now)
    meeting.state = Meeting.State.POSTPONED
    meeting.save(update_fields=["state"])
    _finish_change(change, meeting, invitations.POSTPONED, now)
    audit.record(actor, "postpone", meeting, now=now)
    return True


@transaction.atomic
def change_place(
    meeting: Meeting, *, place: str, link: str, actor, now: datetime, seen_sequence: int, reason: str = ""
) -> bool:
    """Give the meeting another place or link; the members' answers stay. False when it has them already."""
    meeting = _locked(meeting, actor)
    if (meeting.place, meeting.link) == (place, link):
        return False
    if meeting.is_postponed:
        raise NotPossible(_("Mødet er udsat. Giv det en ny dato, før du skifter sted."))
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
    if not (meeting.is_on or meeting.is_postponed):
        raise NotPossible(_("Mødet er afholdt og kan ikke aflyses."))
    _cancel(meeting, actor=actor, now=now, reason=reason)
    return True


def cancel_coming(network, *, actor, now: datetime) -> int:
    """Call off all that lies ahead, because the network has closed."""
    with transaction.atomic():
        ahead = Q(state=Meeting.State.CONVENED, starts_at__gt=now) | Q(state=Meeting.State.POSTPONED)
        meetings = list(network.meetings.filter(ahead).select_for_update().order_by("pk"))
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
    if not meeting.can_be_moved(now):
        raise NotPossible(_("Mødet er begyndt og kan ikke ændres. Registrér fremmødet i stedet."))
    if meeting.sequence != seen_sequence:
        raise Outdated(_("Mødet er ændret, siden du åbnede siden. Se, hvad der gælder nu, og prøv igen."))


def _require_gate(meeting: Meeting, now: datetime) -> None:
    """To give a postponed meeting a date is to convene it."""
    try:
        require_gate_open(meeting.network, today(now))
    except NotReady as problem:
        raise NotPossible(str(problem)) from None


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
    invitations.renew(meeting, kind, now=now, at_once=is_today or kind != invitations.CHANGED)
    change.to_date, change.to_start_time, change.to_end_time = meeting.date, meeting.start_time, meeting.end_time
    change.to_place, change.sequence = meeting.place, meeting.sequence
    change.save()
    if kind == invitations.CANCELLED or (change.kind == MeetingChange.Kind.MOVED):
        _end_questions(meeting, now)


def _end_questions(meeting: Meeting, now: datetime) -> None:
    """Nobody is asked for a new date any more; mails that wait find the question closed and are not sent."""
    polls = meeting.date_polls.filter(state=DatePoll.State.OPEN)
    polls.update(state=DatePoll.State.DROPPED, settled_at=now)
