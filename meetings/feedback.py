"""A feedback round from plan to release. Every act on a round holds its row, so answering and closing wait in line."""

import logging
import random
import uuid
from collections import Counter
from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from meetings import questions, release
from meetings.models import (
    FeedbackInvitation,
    FeedbackRelease,
    FeedbackResponse,
    FeedbackRound,
    FeedbackSchedule,
    SeasonSummary,
)
from members import outbox
from members.audit import record
from members.danish import compact_date, today, wall, wall_to_utc
from members.models import Message, User
from networks import permissions
from networks.models import Network

logger = logging.getLogger(__name__)
_chance = random.SystemRandom()

OPENING_TIME = time(8, 0)
CLOSING_TIME = time(16, 0)
SHORTEST_DAYS, LONGEST_DAYS = 2, 60
REMINDER_DAYS_BEFORE = 2
MIXED_WITH = 64  # other answers written anew with each one; a network has at most 60 members


class FeedbackRefused(Exception):
    """The act cannot be done. str() is a sentence for the person who asked."""


class RoundTooSmall(FeedbackRefused):
    """Even if everyone answered, nothing could be shown."""


class RoundClosed(FeedbackRefused):
    """It is too late, or too early, to answer."""


class AlreadyAnswered(FeedbackRefused):
    """This person's answer is in."""


# --- Plan ------------------------------------------------------------------------------------------------------------


def threshold() -> int:
    """The anonymity floor new rounds are given."""
    return release.floor(settings.ANONYMITY_THRESHOLD)


def is_too_small(network: Network) -> bool:
    """Whether a round could never reach the floor with the members the network has now."""
    return len(_members(network)) < threshold()


@transaction.atomic
def plan_round(
    network: Network,
    *,
    actor: User,
    opens_at: datetime,
    closes_at: datetime,
    now: datetime,
    kind: str = FeedbackRound.Kind.NETWORK_PULSE,
) -> FeedbackRound:
    """Put a round on the timetable."""
    network = Network.objects.select_for_update().get(pk=network.pk)
    if not permissions.is_coordinator(actor, network):
        raise PermissionDenied
    if network.state != Network.State.ACTIVE:
        raise FeedbackRefused(_("Netværket er ikke aktivt. I kan holde en feedbackrunde, når det er i gang."))
    if is_too_small(network):
        raise RoundTooSmall(too_small_sentence())
    check_period(opens_at, closes_at, now)
    _check_free(network, opens_at, closes_at)
    round = create_round(network, kind=kind, opens_at=opens_at, closes_at=closes_at, created_by=actor)
    record(actor, "feedback_round_planned", round, now=now)
    return round


def create_round(network: Network, *, kind: str, **fields) -> FeedbackRound:
    """A planned round with today's questions of its kind; the group's own come along in the network pulse."""
    schedule = FeedbackSchedule.objects.filter(network=network).first()
    own = schedule.own_questions if schedule and kind == FeedbackRound.Kind.NETWORK_PULSE else None
    return FeedbackRound.objects.create(
        network=network,
        kind=kind,
        question_set=questions.current(kind).version,
        own_questions=own,
        anonymity_threshold=threshold(),
        **fields,
    )


def opening_at(day: date, now: datetime, at: time = OPENING_TIME) -> datetime:
    """Rounds open at eight, or the network's own hour; one that is planned for today opens at once."""
    moment = wall_to_utc(day, at)
    return max(moment, now) if day == today(now) else moment


def closing_at(day: date) -> datetime:
    return wall_to_utc(day, CLOSING_TIME)


def too_small_sentence() -> str:
    number = threshold()
    return ngettext(
        "I er færre end %(number)d medlem, så svarene kunne ikke blive anonyme.",
        "I er færre end %(number)d medlemmer, så svarene kunne ikke blive anonyme.",
        number,
    ) % {"number": number}


def check_period(opens_at: datetime, closes_at: datetime, now: datetime) -> None:
    if opens_at < now:
        raise FeedbackRefused(_("Runden kan ikke åbne i fortiden. Vælg i dag eller en senere dato."))
    days = (today(closes_at) - today(opens_at)).days
    if not SHORTEST_DAYS <= days <= LONGEST_DAYS:
        raise FeedbackRefused(
            _("Runden skal være åben mellem %(shortest)d og %(longest)d dage.")
            % {"shortest": SHORTEST_DAYS, "longest": LONGEST_DAYS}
        )


def _check_free(
    network: Network, opens_at: datetime, closes_at: datetime, *, apart_from: FeedbackRound | None = None
) -> None:
    """Two rounds at once would ask the same people the same thing."""
    other = overlapping(network, opens_at, closes_at, apart_from=apart_from).first()
    if other:
        raise FeedbackRefused(
            _("I har allerede en runde fra %(opens)s til %(closes)s. Vælg en periode, hvor der ikke er en anden.")
            % {"opens": compact_date(other.opens_at), "closes": compact_date(other.closes_at)}
        )


def overlapping(network: Network, opens_at: datetime, closes_at: datetime, *, apart_from: FeedbackRound | None = None):
    return (
        network.feedback_rounds.filter(state__in=[FeedbackRound.State.DRAFT, FeedbackRound.State.OPEN])
        .exclude(pk=apart_from.pk if apart_from else None)
        .filter(opens_at__lt=closes_at, closes_at__gt=opens_at)
    )


@transaction.atomic
def drop_round(round: FeedbackRound, *, actor: User, now: datetime) -> None:
    """Take a planned round off the timetable before it opens."""
    round = _locked(round.pk)
    if not permissions.is_coordinator(actor, round.network):
        raise PermissionDenied
    if round.state != FeedbackRound.State.DRAFT:
        raise FeedbackRefused(_("Runden er åbnet og kan ikke slettes."))
    record(actor, "feedback_round_dropped", round, now=now)
    round.delete()


@transaction.atomic
def extend(round: FeedbackRound, *, closes_at: datetime, actor: User, now: datetime) -> None:
    """Give a round more time, never less. The reminder follows the new frist; nobody gets a mail more than before."""
    round = _locked(round.pk)
    if not permissions.is_coordinator(actor, round.network):
        raise PermissionDenied
    if round.state not in (FeedbackRound.State.DRAFT, FeedbackRound.State.OPEN) or round.closes_at <= now:
        raise RoundClosed(_("Runden er lukket og kan ikke åbnes igen."))
    if closes_at <= round.closes_at:
        raise FeedbackRefused(
            _("Fristen kan kun blive længere. Vælg en dato efter %(closes)s.")
            % {"closes": compact_date(round.closes_at)}
        )
    check_period(round.opens_at, closes_at, round.opens_at)
    _check_free(round.network, round.opens_at, closes_at, apart_from=round)
    round.closes_at = closes_at
    round.save(update_fields=["closes_at"])
    if round.state == FeedbackRound.State.OPEN:
        _move_reminder(round, now)
    record(actor, "feedback_round_extended", round, now=now)


def _move_reminder(round: FeedbackRound, now: datetime) -> None:
    waiting = Message.objects.filter(subject_id=round.pk, state__in=Message.OPEN_STATES)
    waiting.filter(kind="feedback_opened").update(useless_after=round.closes_at)
    moment = reminder_at(round)
    if Message.objects.filter(kind="feedback_reminder", subject_id=round.pk).exists():
        # What has been sent stays sent: one reminder a round, however long it becomes.
        waiting.filter(kind="feedback_reminder", due_at__gt=now).update(due_at=moment, useless_after=round.closes_at)
    elif moment and moment > now:
        _queue_reminder(round, list(round.invited.values_list("user", flat=True)), moment, now)


def _locked(pk: int) -> FeedbackRound:
    """The round as it is now, held until the transaction ends."""
    return FeedbackRound.objects.select_for_update().get(pk=pk)


def _members(network: Network) -> list[int]:
    """The users who may answer in this network."""
    active = network.memberships.active().filter(leader__user__is_active=True)
    return list(active.values_list("leader__user", flat=True).order_by("leader__user").distinct())


# --- The timetable ---------------------------------------------------------------------------------------------------


def turn_rounds(now: datetime) -> Counter:
    """Open and close what is due at `now`. Run as often and as many at once as one likes: each round turns once."""
    turned = Counter()
    rounds = FeedbackRound.objects.order_by("pk").values_list("pk", flat=True)
    stale = Q(progress_on__lt=today(now)) | Q(progress_on__isnull=True)
    for act, due in (
        (_close, rounds.filter(state=FeedbackRound.State.OPEN, closes_at__lte=now)),
        (_open, rounds.filter(state=FeedbackRound.State.DRAFT, opens_at__lte=now)),
        (_count_progress, rounds.filter(stale, state=FeedbackRound.State.OPEN)),
    ):
        for pk in list(due):
            try:
                turned[act(pk, now)] += 1
            except Exception as error:
                # One broken round must not hold up the others. No traceback: it could carry what someone wrote.
                logger.error("Feedback round %s was not turned: %s", pk, type(error).__name__)
                turned["failed"] += 1
    return +turned


@transaction.atomic
def _open(pk: int, now: datetime) -> str:
    round = _locked(pk)
    if round.state != FeedbackRound.State.DRAFT or round.opens_at > now:
        return "left"
    members = _members(round.network)
    can_reach_floor = len(members) >= release.floor(round.anonymity_threshold)
    if round.network.state != Network.State.ACTIVE or not can_reach_floor or round.closes_at <= now:
        _release(round, release.Results(), invited=len(members), now=now)
        record(None, "feedback_round_not_opened", round, now=now)
        return "not opened"
    round.state = FeedbackRound.State.OPEN
    round.opened_at = now
    round.progress_on = today(now)
    round.save(update_fields=["state", "opened_at", "progress_on"])
    FeedbackInvitation.objects.bulk_create(FeedbackInvitation(round=round, user_id=user) for user in members)
    outbox.enqueue("feedback_opened", subject_id=round.pk, recipients=members, now=now, useless_after=round.closes_at)
    reminder = reminder_at(round)
    if reminder:
        _queue_reminder(round, members, reminder, now)
    record(None, "feedback_round_opened", round, now=now)
    return "opened"


def _queue_reminder(round: FeedbackRound, users: list[int], due_at: datetime, now: datetime) -> None:
    outbox.enqueue(
        "feedback_reminder",
        subject_id=round.pk,
        recipients=users,
        now=now,
        due_at=due_at,
        useless_after=round.closes_at,
    )


def reminder_at(round: FeedbackRound) -> datetime | None:
    """One moment for all: two days before the frist, or one in a short round; never within a day of the opening."""
    for days in range(REMINDER_DAYS_BEFORE, 0, -1):
        day = wall(round.closes_at).date() - timedelta(days=days)
        moment = wall_to_utc(day, time(settings.REMINDER_HOUR))
        if moment >= round.opened_at + timedelta(days=1):
            return moment
    return None


@transaction.atomic
def _close(pk: int, now: datetime) -> str:
    """Compute what may be shown, once, and let go of everything else, all in one transaction."""
    round = _locked(pk)
    if round.state != FeedbackRound.State.OPEN or round.closes_at > now:
        return "left"
    answers = list(round.responses.values_list("answers", flat=True))
    asked = questions.questions_of(round)
    results = release.compute(answers, asked, threshold=round.anonymity_threshold)
    _release(round, results, invited=round.invited.count(), now=now)
    _forget(round)
    outbox.enqueue("feedback_closed", subject_id=round.pk, recipients=_members(round.network), now=now)
    record(None, "feedback_round_closed", round, now=now)
    return "closed"


@transaction.atomic
def end_restored(now: datetime) -> int:
    """After a backup was put back: end rounds whose frist has passed since, without a result.

    Members may have seen one, of more answers than the backup has: a second one would tell of those between.
    """
    overdue = FeedbackRound.objects.filter(state=FeedbackRound.State.OPEN, closes_at__lte=now)
    for round in overdue.select_for_update():
        _release(round, release.Results(), invited=round.invited.count(), now=now)
        _forget(round)
        record(None, "feedback_round_not_restored", round, now=now)
    return len(overdue)


def _forget(round: FeedbackRound) -> None:
    """Let go of every answer, and of all that tells who had answered: the ticks, and which reminders were held back."""
    round.responses.all().delete()
    round.invited.all().delete()
    Message.objects.filter(kind="feedback_reminder", subject_id=round.pk).delete()


def _release(round: FeedbackRound, results: release.Results, *, invited: int, now: datetime) -> None:
    FeedbackRelease.objects.create(
        round=round,
        is_suppressed=results.is_suppressed,
        invited_count=invited,
        answer_count=results.answer_count,
        results=results.questions,
        computed_at=now,
    )
    round.state = FeedbackRound.State.CLOSED
    round.closed_at = now
    round.save(update_fields=["state", "closed_at"])


@transaction.atomic
def _count_progress(pk: int, now: datetime) -> str:
    """Note once a day whether the floor is reached; never how many, and never at the moment someone answers."""
    round = _locked(pk)
    day = today(now)
    if round.state != FeedbackRound.State.OPEN or (round.progress_on and round.progress_on >= day):
        return "left"
    round.progress_reached = round.responses.count() >= release.floor(round.anonymity_threshold)
    round.progress_on = day
    round.save(update_fields=["progress_reached", "progress_on"])
    return "counted"


# --- Answer ----------------------------------------------------------------------------------------------------------


@transaction.atomic
def answer(round: FeedbackRound, *, user: User, answers: dict, now: datetime) -> None:
    """Take in one answer: the person is ticked off, and what they said is laid among the others without them."""
    round = _locked(round.pk)
    if not round.takes_answers(now):
        raise RoundClosed(_("Runden er lukket, så dit svar kunne ikke komme med."))
    if not permissions.is_active_member(user, round.network):
        raise PermissionDenied
    asked = questions.questions_of(round)
    said = {question.key: answers[question.key] for question in asked if answers.get(question.key)}
    if not said:
        raise FeedbackRefused(_("Svar på mindst ét spørgsmål."))
    if not _tick(round, user):
        if round.invited.filter(user=user).exists():
            raise AlreadyAnswered(
                _("Du har allerede svaret. Et svar kan ikke ændres, for ingen ved, hvilket der er dit.")
            )
        raise PermissionDenied
    _mix(round, said)


def _mix(round: FeedbackRound, said: dict) -> None:
    """Write the answer together with others of the round, in random order, under new keys; and the ticks likewise.

    Otherwise row order, transaction numbers (xmin) or two copies of the database compared would show which answer came
    with which tick. All of the round is written anew up to MIXED_WITH others, more than a network can have; a larger
    round hides each answer among that many drawn by lot, so that the last answer takes no longer than the first.
    """
    others = _drawn(round)
    all_said = [*(other.answers for other in others), said]
    _chance.shuffle(all_said)
    round.responses.filter(pk__in=[other.pk for other in others]).delete()
    FeedbackResponse.objects.bulk_create(FeedbackResponse(round=round, answers=one) for one in all_said)


def _drawn(round: FeedbackRound) -> list[FeedbackResponse]:
    """Up to MIXED_WITH responses by lot: keys are random, so those that follow a random key are too."""
    start = uuid.uuid4()
    drawn = list(round.responses.filter(pk__gte=start).order_by("pk")[:MIXED_WITH])
    return drawn + list(round.responses.filter(pk__lt=start).order_by("pk")[: MIXED_WITH - len(drawn)])


def _tick(round: FeedbackRound, user: User) -> bool:
    """Note that this person has answered, once. The ticks of others are written anew with it."""
    others = list(round.invited.exclude(user=user).order_by("?").values_list("pk", flat=True)[:MIXED_WITH])
    if not round.invited.filter(user=user, has_answered=False).update(has_answered=True):
        return False
    round.invited.filter(Q(pk__in=others) | Q(user=user)).update(has_answered=F("has_answered"))
    return True


# --- Afterwards ------------------------------------------------------------------------------------------------------


@transaction.atomic
def share(round: FeedbackRound, *, actor: User, now: datetime) -> None:
    """Let HR and top management see the ratings too: the group's own choice. Comments stay in the network."""
    round = _locked(round.pk)
    if not permissions.is_coordinator(actor, round.network):
        raise PermissionDenied
    if round.state == FeedbackRound.State.SHARED:
        return
    if not _has_something_to_share(round):
        raise FeedbackRefused(_("Der er ikke noget resultat at dele."))
    round.state = FeedbackRound.State.SHARED
    round.save(update_fields=["state"])
    record(actor, "feedback_round_shared", round, now=now)


def can_share(user: User, round: FeedbackRound) -> bool:
    return _has_something_to_share(round) and permissions.is_coordinator(user, round.network)


def _has_something_to_share(round: FeedbackRound) -> bool:
    """Ratings, or what the group has written of its year itself."""
    if round.state != FeedbackRound.State.CLOSED:
        return False
    return not round.release.is_suppressed or SeasonSummary.objects.filter(round=round).exists()


@transaction.atomic
def summarise(round: FeedbackRound, *, text: str, actor: User, now: datetime) -> None:
    """Keep what the group says of its year in its own words. When it has been shared, it stands."""
    round = _locked(round.pk)
    if not permissions.is_coordinator(actor, round.network):
        raise PermissionDenied
    if not can_summarise(round):
        raise FeedbackRefused(_("Opsummeringen kan ikke ændres."))
    SeasonSummary.objects.update_or_create(round=round, defaults={"text": text, "changed_at": now})
    record(actor, "season_summarised", round, now=now)


def can_summarise(round: FeedbackRound) -> bool:
    return round.kind == FeedbackRound.Kind.SEASON_REVIEW and round.state == FeedbackRound.State.CLOSED
