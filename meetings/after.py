"""What a meeting's page shows of what came before and of what came of it."""

from dataclasses import dataclass, field
from datetime import datetime

from meetings import agreements, closing, reflection
from meetings.models import Agreement, Meeting, Minutes, ReflectionNote, Reopening
from members.danish import today
from members.models import User
from networks.permissions import is_coordinator


@dataclass(frozen=True)
class After:
    """Until the meeting is closed, what is to be followed up; from its beginning, what was agreed."""

    follow_up: list[Agreement] = field(default_factory=list)
    last_time: Minutes | None = None
    has_begun: bool = False
    is_over: bool = False
    agreements: list[Agreement] = field(default_factory=list)
    minutes: Minutes | None = None
    reopenings: list[Reopening] = field(default_factory=list)
    takes_agreements: bool = False
    can_close: bool = False
    can_reopen: bool = False
    prompt: str = ""
    note: ReflectionNote | None = None


def of(meeting: Meeting, user: User, now: datetime) -> After:
    if meeting.state not in (Meeting.State.CONVENED, Meeting.State.HELD) and not meeting.is_closed:
        return After()
    coordinates = is_coordinator(user, meeting.network)
    has_begun = meeting.starts_at <= now
    is_held = meeting.state == Meeting.State.HELD
    asks_to_reflect = is_held or (meeting.is_on and meeting.is_past(now))
    return After(
        follow_up=[] if meeting.is_closed else marked(agreements.from_earlier(meeting), user, meeting.network, now),
        last_time=None if meeting.is_closed or meeting.is_past(now) else closing.before(meeting),
        has_begun=has_begun,
        is_over=meeting.is_past(now),
        agreements=marked(meeting.agreements.by_date(), user, meeting.network, now) if has_begun else [],
        minutes=closing.minutes_of(meeting) if has_begun else None,
        reopenings=list(meeting.reopenings.select_related("reopened_by")) if has_begun else [],
        takes_agreements=agreements.takes_agreements(meeting, now),
        can_close=coordinates and closing.can_close(meeting, now),
        can_reopen=coordinates and meeting.is_closed,
        prompt=reflection.prompt_for(meeting).label if asks_to_reflect else "",
        note=reflection.note_on(meeting, user) if asks_to_reflect else None,
    )


def marked(found, user: User, network, now: datetime) -> list[Agreement]:
    """Each with what `user` can do with it, and whether its day has passed."""
    found, day = list(found), today(now)
    for agreement in found:
        agreement.network = network
        agreement.late = agreement.is_late(day)
        agreement.can_settle = agreements.rests_on(user, agreement)
        agreement.can_change = agreements.can_change(user, agreement)
    return found
