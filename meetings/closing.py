"""The end of a meeting: who came, what was agreed, what is carried over. Then it stands, until it is opened again."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime, time, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from meetings import agreements, attendance, invitations, scheduling
from meetings.models import Attendance, Meeting, MeetingQuerySet, Minutes, Reopening
from meetings.permissions import require_coordinator
from members import audit, outbox
from members.danish import wall_to_utc
from members.models import Message, User
from networks.conflicts import require_seen
from networks.models import Membership, Network
from networks.refusal import Refused

UNCLOSED = "meeting_unclosed"
ASKED_AFTER = timedelta(days=2)
ASKED_AT = time(8)
ASKED_WITHIN = timedelta(days=60)  # what is older than that is history


def can_close(meeting: Meeting, now: datetime) -> bool:
    """Once it has begun: it may end early."""
    return not meeting.is_closed and attendance.can_record(meeting, now)


def unclosed(now: datetime) -> MeetingQuerySet:
    """Meetings that are over, lately, and that nobody has closed."""
    return Meeting.objects.filter(
        state__in=(Meeting.State.CONVENED, Meeting.State.HELD),
        closed_at=None,
        ends_at__lte=now,
        ends_at__gt=now - ASKED_WITHIN,
    ).defer("theme", "link")


def unclosed_for(user: User, now: datetime) -> MeetingQuerySet:
    """Those that await `user`, as coordinator, the latest first."""
    mine = Membership.objects.active().filter(leader__user=user, leader__user__is_active=True, is_coordinator=True)
    return unclosed(now).filter(network__in=mine.values("network")).select_related("network").order_by("-starts_at")


def minutes_of(meeting: Meeting) -> Minutes:
    """What stands, or an empty sheet."""
    return Minutes.objects.filter(meeting=meeting).select_related("closed_by").first() or Minutes(meeting=meeting)


def before(meeting: Meeting) -> Minutes | None:
    """The referat of the network's last closed meeting before this one."""
    return (
        Minutes.objects.filter(
            meeting__network=meeting.network_id,
            meeting__starts_at__lt=meeting.starts_at,
            meeting__closed_at__isnull=False,
            meeting__state=Meeting.State.HELD,
        )
        .select_related("meeting")
        .order_by("-meeting__starts_at")
        .first()
    )


@transaction.atomic
def write(
    meeting: Meeting,
    *,
    actor: User,
    present: Collection[int],
    carried_over: str,
    seen: int,
    now: datetime,
    new_agreements: Iterable[dict] = (),
    is_closing: bool = False,
) -> Meeting:
    """Save what is known of the meeting and, when `is_closing`, let it stand from now on."""
    require_coordinator(actor, meeting.network)
    meeting, new_agreements = agreements.lock_meeting(meeting, actor), list(new_agreements)
    answer = {"present": present, "carried_over": carried_over, "new_agreements": new_agreements}
    minutes = Minutes.objects.filter(meeting=meeting).first() or Minutes()
    minutes.meeting = meeting
    if minutes.version != seen and meeting.is_closed == is_closing and _says(minutes, **answer):
        return meeting
    _require_open(meeting, now)
    require_seen(minutes, seen, _("En anden har gemt, mens du skrev."))
    for agreement in new_agreements:
        agreements.agree(meeting, actor=actor, now=now, **agreement)
    if present or (is_closing and not attendance.expected(meeting).exists()):
        attendance.record(meeting, present=present, actor=actor, now=now)
        meeting.refresh_from_db(fields=["state", "held_at"])
    elif is_closing:
        raise Refused(_("Vælg mindst én, der deltog."))
    minutes.carried_over = carried_over
    minutes.version += 1
    if is_closing:
        _close(meeting, minutes, actor=actor, now=now)
    minutes.save()
    return meeting


@transaction.atomic
def close_as_not_held(meeting: Meeting, *, actor: User, reason: str, now: datetime) -> Meeting:
    """It did not take place. The members read why; nobody is mailed about a meeting that is over."""
    require_coordinator(actor, meeting.network)
    meeting = agreements.lock_meeting(meeting, actor)
    if meeting.is_closed and _was_not_held(meeting, reason):
        return meeting
    _require_open(meeting, now)
    if not reason:
        raise Refused(_("Skriv kort, hvorfor mødet ikke blev holdt."))
    if not meeting.is_past(now):
        raise Refused(_("Mødet er i gang. Det kan først meldes som ikke holdt, når tiden er gået."))
    if meeting.state == Meeting.State.HELD:
        raise Refused(_("Fremmødet er registreret, så mødet er holdt."))
    scheduling.cancel(meeting, actor=actor, now=now, reason=reason)
    meeting.refresh_from_db(fields=["state", "sequence", "changed_at"])
    minutes, _is_new = Minutes.objects.get_or_create(meeting=meeting)
    _close(meeting, minutes, actor=actor, now=now)
    minutes.save()
    return meeting


@transaction.atomic
def reopen(meeting: Meeting, *, actor: User, reason: str, now: datetime) -> Meeting:
    """Let a closed meeting be put right. Who did it and why is shown, and that it was done is logged."""
    require_coordinator(actor, meeting.network)
    meeting = agreements.lock_meeting(meeting, actor)
    if not meeting.is_closed:
        raise Refused(_("Mødet er ikke afsluttet."))
    meeting.closed_at = None
    if meeting.state == Meeting.State.CANCELLED:  # said not to have been held: calendars may show it again
        meeting.state = Meeting.State.CONVENED
        invitations.renew(meeting, invitations.CHANGED, now=now)
    meeting.save(update_fields=["closed_at", "state"])
    Minutes.objects.filter(meeting=meeting).update(closed_by=None)
    Reopening.objects.create(meeting=meeting, reason=reason, reopened_by=actor, reopened_at=now)
    audit.record(actor, "reopen", meeting, now=now)
    return meeting


def _says(minutes: Minutes, *, present: Collection[int], carried_over: str, new_agreements: list[dict]) -> bool:
    """Whether all of it stands already: the same page sent twice."""
    came = minutes.meeting.attendances.filter(presence=Attendance.Presence.PRESENT).values_list("user", flat=True)
    return (
        minutes.carried_over == carried_over
        and (not present or set(present) == set(came))
        and all(agreements.stands(minutes.meeting, **agreement) for agreement in new_agreements)
    )


def _was_not_held(meeting: Meeting, reason: str) -> bool:
    last = meeting.changes.order_by("-pk").first()
    return meeting.state == Meeting.State.CANCELLED and last is not None and last.reason == reason


def _require_open(meeting: Meeting, now: datetime) -> None:
    if meeting.is_closed:
        raise Refused(_("Mødet er allerede afsluttet. Genåbn det, hvis noget skal rettes."))
    if not can_close(meeting, now):
        raise Refused(
            _("Mødet er aflyst.")
            if meeting.state == Meeting.State.CANCELLED
            else _("Mødet kan afsluttes, når det er begyndt.")
        )


def _close(meeting: Meeting, minutes: Minutes, *, actor: User, now: datetime) -> None:
    meeting.closed_at, minutes.closed_by = now, actor
    meeting.save(update_fields=["closed_at"])
    outbox.supersede(UNCLOSED, subject_id=meeting.pk, now=now)
    audit.record(actor, "close_meeting", meeting, now=now)


# --- Asking for it ---------------------------------------------------------------------------------------------------


def ask(now: datetime) -> int:
    """Queue one mail to each coordinator of a meeting nobody has closed, for the morning two days after it."""
    meetings = list(unclosed(now))
    coordinators = _coordinators({meeting.network_id for meeting in meetings})
    asked = set(Message.objects.filter(kind=UNCLOSED).values_list("subject_id", "recipient"))
    queued = 0
    for meeting in meetings:
        queued += outbox.enqueue(
            UNCLOSED,
            subject_id=meeting.pk,
            recipients=[user for user in coordinators[meeting.network_id] if (meeting.pk, user) not in asked],
            now=now,
            due_at=max(now, wall_to_utc(meeting.date + ASKED_AFTER, ASKED_AT)),
            useless_after=meeting.ends_at + ASKED_WITHIN,
        )
    return queued


def _coordinators(networks: Collection[int]) -> dict[int, list[int]]:
    found = defaultdict(list)
    memberships = Membership.objects.active().filter(
        network__in=networks,
        network__state__in=Network.STATES_STARTED,
        is_coordinator=True,
        leader__user__is_active=True,
    )
    for network, user in memberships.values_list("network", "leader__user"):
        found[network].append(user)
    return found
