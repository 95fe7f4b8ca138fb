"""When a member is reminded of a meeting, and when they are asked for the answer they have not given.

Each is a row in the outbox from the day the meeting is convened or answered. `replan` alone writes them: it compares
what should stand there with what does, so it can be run after any act, by the sweep, and twice.
"""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from django.conf import settings
from django.core.checks import Error, register
from django.db import transaction

from meetings.models import Invitation, Meeting, ReminderChoice, Rsvp
from meetings.permissions import require_coordinator
from members import audit, outbox
from members.danish import NonexistentTime, wall_to_utc
from members.models import Message, User
from networks.models import Network

REMINDER, ANSWER = "meeting_reminder", "answer_please"
KINDS = (REMINDER, ANSWER)
MOST_DAYS_BEFORE = 60
QUIET = timedelta(days=1)  # nobody is reminded of what they heard of yesterday
EXTRA_DAYS = (7, 1)  # what one who wants more gets besides the network's own


class Due(NamedTuple):
    offset_minutes: int
    at: datetime


class Choice(NamedTuple):
    """A network's: days before a meeting."""

    days: tuple[int, ...]
    answer_days: tuple[int, ...]
    is_required: bool = False


class Wish(NamedTuple):
    """A person's."""

    wants_reminders: bool = True
    amount: str = User.Reminders.USUAL


def usual() -> Choice:
    return Choice(tuple(settings.REMINDER_DAYS), tuple(settings.ANSWER_DAYS))


def choices_of(networks: Iterable[int]) -> dict[int, Choice]:
    """What each network has chosen; one that has not is left out."""
    rows = ReminderChoice.objects.filter(network__in=networks)
    return {
        row[0]: Choice(tuple(row[1]), tuple(row[2]), row[3])
        for row in rows.values_list("network", "days", "answer_days", "is_required")
    }


def wishes_of(users: Iterable[int]) -> dict[int, Wish]:
    rows = User.objects.filter(pk__in=users).values_list("pk", "wants_reminders", "reminder_amount")
    return {row[0]: Wish(*row[1:]) for row in rows}


def days_for(kind: str, choice: Choice, wish: Wish) -> tuple[int, ...]:
    """How many days before a meeting this person hears of it; no own choice goes below what the group requires."""
    days = choice.days if kind == REMINDER else choice.answer_days
    if wish.wants_reminders and wish.amount == User.Reminders.MORE:
        return tuple(sorted({*days, *EXTRA_DAYS}, reverse=True))
    if choice.is_required or not days:
        return days
    if not wish.wants_reminders:
        return ()
    return (min(days),) if wish.amount == User.Reminders.FEWER else days


def minutes(days: int) -> int:
    """How the outbox counts an offset."""
    return days * 24 * 60


def due_times(meeting: Meeting, *, queued_at: datetime, now: datetime, days: Iterable[int] | None = None) -> list[Due]:
    """When to remind of `meeting`: whole days before it at REMINDER_HOUR on the wall; what has passed is left out."""
    times = []
    for number in settings.REMINDER_DAYS if days is None else days:
        at = due_at(meeting.date, number)
        if now < at < meeting.starts_at and at - queued_at >= QUIET:
            times.append(Due(minutes(number), at))
    return times


def due_at(day: date, days_before: int) -> datetime:
    """That many days before on the calendar, at the same hour on the wall whatever the clocks did in between."""
    day -= timedelta(days=days_before)
    try:
        return wall_to_utc(day, time(settings.REMINDER_HOUR), fold=0)
    except NonexistentTime:
        return wall_to_utc(day, time(settings.REMINDER_HOUR + 1))


# --- Planning --------------------------------------------------------------------------------------------------------


def replan(meetings: Iterable[Meeting], *, now: datetime, users: Iterable[int] | None = None) -> int:
    """Make the outbox hold exactly the reminders of `meetings` (of `users` alone, if given) that lie ahead.

    What has been tried or dropped stays as it is and is not written again. Returns how many rows differed.
    """
    by_key = {meeting.pk: meeting for meeting in meetings if meeting.is_on and meeting.starts_at > now}
    if users is not None:
        users = list(users)
    holders = Invitation.objects.filter(meeting__in=by_key, is_cancelled=False, user__is_active=True)
    there = Message.objects.filter(kind__in=KINDS, subject_id__in=by_key)
    if users is not None:
        holders, there = holders.filter(user__in=users), there.filter(recipient__in=users)
    wanted = _wanted(by_key, list(holders.values_list("meeting", "user", "sequence", "queued_at")), now)
    unneeded = []
    for pk, state, at, *key in there.order_by().values_list(
        "pk", "state", "due_at", "kind", "subject_id", "sequence", "recipient", "offset_minutes"
    ):
        if wanted.pop(tuple(key), None) is None and state == Message.State.DUE and at > now:
            unneeded.append(pk)
    dropped = 0
    for start in range(0, len(unneeded), outbox.CHUNK):
        # Only those nobody has claimed; they leave no trace, so that they can be wanted again.
        chunk = Message.objects.filter(pk__in=unneeded[start : start + outbox.CHUNK], state=Message.State.DUE)
        dropped += chunk.delete()[0]
    rows = [
        outbox.Row(kind, meeting, sequence, user, offset, at, by_key[meeting].starts_at)
        for (kind, meeting, sequence, user, offset), at in wanted.items()
    ]
    return dropped + outbox.insert_rows(rows, about="meeting", now=now)


def _wanted(meetings: dict[int, Meeting], holders: list[tuple], now: datetime) -> dict[tuple, datetime]:
    """Every reminder that lies ahead, by its key in the outbox, and when it is due."""
    users = {user for _meeting, user, *_more in holders}
    said = Rsvp.objects.filter(meeting__in=meetings, user__in=users).exclude(answer__in=Rsvp.UNDECIDED)
    answers = {(meeting, user): answer for meeting, user, answer in said.values_list("meeting", "user", "answer")}
    choices = choices_of({meeting.network_id for meeting in meetings.values()})
    ordinary, wishes, known, wanted = usual(), wishes_of(users), {}, {}
    for meeting, user, sequence, queued_at in holders:
        answer = answers.get((meeting, user))
        if answer == Rsvp.Answer.DECLINED:
            continue
        kind, wish = REMINDER if answer else ANSWER, wishes[user]
        group = (meeting, kind, wish, queued_at)
        if group not in known:
            days = days_for(kind, choices.get(meetings[meeting].network_id, ordinary), wish)
            known[group] = due_times(meetings[meeting], queued_at=queued_at, now=now, days=days)
        for due in known[group]:
            wanted[kind, meeting, sequence, user, due.offset_minutes] = due.at
    return wanted


@transaction.atomic
def choose(
    network: Network, *, days: Iterable[int], answer_days: Iterable[int], is_required: bool, actor: User, now: datetime
) -> ReminderChoice:
    """The coordinator decides for the group; what lies ahead follows in the same moment."""
    network = Network.objects.select_for_update().get(pk=network.pk)
    require_coordinator(actor, network)
    chosen = {
        "days": sorted(set(days), reverse=True),
        "answer_days": sorted(set(answer_days), reverse=True),
        "is_required": is_required,
    }
    choice, _created = ReminderChoice.objects.update_or_create(network=network, defaults=chosen | {"changed_at": now})
    replan(_coming(now).filter(network=network), now=now)
    audit.record(actor, "reminders_chosen", choice, now=now)
    return choice


def replan_person(user: int, *, now: datetime) -> int:
    """After a person has chosen otherwise."""
    mine = Invitation.objects.filter(user=user, is_cancelled=False)
    return replan(_coming(now).filter(pk__in=mine.values("meeting")), now=now, users=[user])


def _coming(now: datetime):
    return Meeting.objects.filter(state=Meeting.State.CONVENED, starts_at__gt=now).defer("theme", "link").order_by("pk")


def is_chosen(message: Message, choice: Choice) -> bool:
    """Whether this reminder is among those its receiver is to have, as the network (`choice`) and they want it now."""
    person = message.recipient
    days = days_for(message.kind, choice, Wish(person.wants_reminders, person.reminder_amount))
    return message.offset_minutes in {minutes(number) for number in days}


@register()
def check_settings(app_configs=None, **kwargs):
    """Say at start that a reminder could never be sent, or would be sent at an hour that does not exist."""
    problems = []
    for name, number in (("REMINDER_DAYS", "meetings.E001"), ("ANSWER_DAYS", "meetings.E003")):
        if not all(0 <= days <= MOST_DAYS_BEFORE for days in getattr(settings, name)):
            problems.append(Error(f"{name} must be whole days from 0 to {MOST_DAYS_BEFORE}.", id=number))
    if not 0 <= settings.REMINDER_HOUR <= 23:
        problems.append(Error("REMINDER_HOUR must be an hour from 0 to 23.", id="meetings.E002"))
    return problems
