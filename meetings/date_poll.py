"""Choosing a new date: the coordinator asks, each member answers, and one pick moves the meeting."""

from collections.abc import Iterable
from datetime import date, datetime, time
from typing import NamedTuple

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Exists, FilteredRelation, OuterRef, Q
from django.utils.translation import gettext as _

from meetings import clashes, invitations, reminders, scheduling
from meetings.days import Days, Mark
from meetings.models import DateAnswer, DateCandidate, DatePoll, DatePollInvitation, Meeting
from meetings.permissions import require_coordinator
from meetings.scheduling import NotPossible
from members import audit, outbox
from members.danish import today
from members.models import Message, User
from networks.permissions import is_active_member, is_coordinator

FEWEST, MOST = 2, 8
ASKED, REMINDER = "date_poll_opened", "date_poll_reminder"


class Time(NamedTuple):
    date: date
    start_time: time
    end_time: time


# --- The acts --------------------------------------------------------------------------------------------------------


@transaction.atomic
def ask(meeting: Meeting, times: Iterable[Time], *, deadline: date, actor, now: datetime) -> DatePoll:
    """Ask every member. A meeting has one open question at a time: a second call gets the one there is."""
    require_coordinator(actor, meeting.network)
    meeting = _locked(meeting)
    if found := open_poll(meeting):
        return found
    if not meeting.can_be_moved(now):
        raise NotPossible(_("Mødet er begyndt eller aflyst og kan ikke få en ny dato."))
    times = sorted(set(times))
    if not FEWEST <= len(times) <= MOST:
        raise NotPossible(_("Vælg fra %(fewest)d til %(most)d tidspunkter.") % {"fewest": FEWEST, "most": MOST})
    poll = DatePoll.objects.create(meeting=meeting, deadline=deadline, asked_by=actor, asked_at=now)
    for at in times:
        DateCandidate(poll=poll, **at._asdict()).save()
    users = invitations.active_users(meeting.network)
    DatePollInvitation.objects.bulk_create(DatePollInvitation(poll=poll, user_id=user) for user in users)
    _tell(poll, users, now)
    audit.record(actor, "ask_for_date", poll, now=now)
    return poll


def _tell(poll: DatePoll, users: list[int], now: datetime) -> None:
    """The question at once, and one reminder the day before the deadline; who has answered by then is left alone."""
    useless_after = reminders.due_at(poll.deadline, -1)
    outbox.enqueue(
        ASKED,
        subject_id=poll.pk,
        recipients=users,
        now=now,
        priority=Message.Priority.URGENT,
        useless_after=useless_after,
    )
    due = reminders.due_at(poll.deadline, 1)
    if due - now >= reminders.QUIET:
        outbox.enqueue(REMINDER, subject_id=poll.pk, recipients=users, now=now, due_at=due, useless_after=useless_after)


@transaction.atomic
def answer(poll: DatePoll, *, answers: dict[int, str], user, now: datetime) -> None:
    """Say of each time whether one can, until one is picked. The last word counts."""
    if not is_active_member(user, poll.meeting.network):
        raise PermissionDenied
    poll = DatePoll.objects.select_for_update().get(pk=poll.pk)
    if not poll.is_open:
        raise NotPossible(_("Der er allerede valgt en ny dato, eller spørgsmålet er trukket tilbage."))
    candidates = set(poll.candidates.values_list("pk", flat=True))
    if set(answers) != candidates:
        raise NotPossible(_("Svar på alle tidspunkterne."))
    DateAnswer.objects.bulk_create(
        [DateAnswer(candidate_id=key, user=user, answer=said) for key, said in answers.items()],
        update_conflicts=True,
        unique_fields=["candidate", "user"],
        update_fields=["answer"],
    )
    DatePollInvitation.objects.update_or_create(poll=poll, user=user, defaults={"answered_at": now})


@transaction.atomic
def pick(candidate: DateCandidate, *, actor, now: datetime) -> bool:
    """Move the meeting to this time and end the question; False when that is done already."""
    require_coordinator(actor, candidate.poll.meeting.network)
    meeting = _locked(candidate.poll.meeting)
    poll = DatePoll.objects.select_for_update().get(pk=candidate.poll_id)
    if not poll.is_open:
        if poll.chosen_id == candidate.pk:
            return False
        raise NotPossible(_("Der er allerede valgt en ny dato, eller spørgsmålet er trukket tilbage."))
    _settle(poll, DatePoll.State.SETTLED, now, chosen=candidate)
    scheduling.move(
        meeting,
        date=candidate.date,
        start_time=candidate.start_time,
        end_time=candidate.end_time,
        actor=actor,
        now=now,
        seen_sequence=meeting.sequence,
        reason=_("Valgt blandt de tidspunkter, medlemmerne svarede på"),
    )
    audit.record(actor, "pick_date", poll, now=now)
    return True


@transaction.atomic
def drop(poll: DatePoll, *, actor, now: datetime) -> bool:
    """Take the question back: the meeting stays where it is."""
    require_coordinator(actor, poll.meeting.network)
    poll = DatePoll.objects.select_for_update().get(pk=poll.pk)
    if not poll.is_open:
        return False
    _settle(poll, DatePoll.State.DROPPED, now)
    audit.record(actor, "drop_date_poll", poll, now=now)
    return True


def _settle(poll: DatePoll, state: str, now: datetime, *, chosen: DateCandidate | None = None) -> None:
    poll.state, poll.settled_at, poll.chosen = state, now, chosen
    poll.save(update_fields=["state", "settled_at", "chosen"])
    outbox.supersede((ASKED, REMINDER), subject_id=poll.pk, now=now)


def _locked(meeting: Meeting) -> Meeting:
    return Meeting.objects.select_for_update().get(pk=meeting.pk)


# --- What it looks like ----------------------------------------------------------------------------------------------


class Column(NamedTuple):
    """One time with all that is said and known of it. `busy` is a number for the coordinator, `mine` one's own."""

    candidate: DateCandidate
    marks: list[Mark]
    groups: list[tuple[str, str, list[User]]]
    missing: list[User]
    busy: list[str]
    mine: list[Meeting]
    my_answer: str
    is_best: bool


def open_poll(meeting: Meeting) -> DatePoll | None:
    return meeting.date_polls.filter(state=DatePoll.State.OPEN).first()


def columns(poll: DatePoll, *, user: User) -> list[Column]:
    """Each time, for one who is a member. The number of queries does not follow that of times or members."""
    candidates = list(poll.candidates.all())
    network = poll.meeting.network
    first, last = candidates[0].date, candidates[-1].date
    said = {
        (key, person): answer
        for key, person, answer in DateAnswer.objects.filter(candidate__poll=poll).values_list(
            "candidate", "user", "answer"
        )
    }
    members = list(
        User.objects.filter(is_active=True, posts__memberships__in=network.memberships.active())
        .order_by("sort_text", "pk")
        .distinct()
    )
    days = Days(first, last)
    others = clashes.Clashes(network, first, last) if is_coordinator(user, network) else None
    own = clashes.of_person(user, network, first, last)
    found = []
    for candidate in candidates:
        groups = [
            (kind.value, kind.label, [person for person in members if said.get((candidate.pk, person.pk)) == kind])
            for kind in DateAnswer.Answer
        ]
        found.append(
            Column(
                candidate=candidate,
                marks=days.marks(candidate.date),
                groups=groups,
                missing=[person for person in members if (candidate.pk, person.pk) not in said],
                busy=others.busy(candidate.date, candidate.start_time, candidate.end_time).words if others else [],
                mine=own.get(candidate.date, []),
                my_answer=said.get((candidate.pk, user.pk), ""),
                is_best=False,
            )
        )
    best = max(map(_fitness, found))
    return [column._replace(is_best=bool(said) and _fitness(column) == best) for column in found]


def _fitness(column: Column) -> tuple[int, int]:
    """Most who can at all, then most who can easily."""
    counts = {kind: len(people) for kind, _label, people in column.groups}
    return counts["yes"] + counts["if_needed"], counts["yes"]


def owed_by(user: User) -> list[DatePoll]:
    """The open questions `user` has not answered."""
    asked = DatePollInvitation.objects.filter(user=user, answered_at=None, poll__state=DatePoll.State.OPEN)
    mine = Meeting.objects.of_member(user).values("pk")
    return list(
        DatePoll.objects.filter(pk__in=asked.values("poll"), meeting__in=mine)
        .select_related("meeting__network")
        .defer("meeting__theme", "meeting__link")
        .order_by("deadline", "pk")
    )


def waiting_for(user: User, now: datetime) -> list[tuple[Meeting, DatePoll | None]]:
    """What a coordinator has to settle: postponed meetings nobody is asked about, and questions that are answered."""
    mine = Meeting.objects.filter(
        network__memberships__leader__user=user,
        network__memberships__state="active",
        network__memberships__is_coordinator=True,
        network__state="active",
    )
    owing = DatePollInvitation.objects.filter(
        poll=OuterRef("open_poll"), answered_at=None, user__posts__memberships__state="active"
    )
    found = (
        mine.annotate(open_poll=FilteredRelation("date_polls", condition=Q(date_polls__state=DatePoll.State.OPEN)))
        .filter(Q(state=Meeting.State.POSTPONED) | Q(open_poll__isnull=False))
        .annotate(is_owed=Exists(owing))
        .select_related("network", "open_poll")
        .defer("theme", "link")
        .order_by("date", "pk")
    )
    # A meeting nobody is asked about has no `open_poll` at all.
    polls = {meeting: getattr(meeting, "open_poll", None) for meeting in found}
    return [(meeting, None) for meeting, poll in polls.items() if poll is None] + [
        (meeting, poll)
        for meeting, poll in polls.items()
        if poll and (not meeting.is_owed or poll.deadline < today(now))
    ]
