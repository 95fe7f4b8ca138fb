"""What HR sees of the messages: to whom, when, how it went and what the mail server said. Never their text."""

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Case, Count, F, Min, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from members import audit, bounces, kinds, outbox, pace, session_life, watches
from members.building import ADDRESS_REFUSED, NO_ADDRESS, NO_LONGER_ACTIVE
from members.claiming import ABANDONED, LOST_AT_HAND_OVER, TOO_LATE
from members.danish import clock, compact_date, number
from members.digest import WITH_DIGEST
from members.leader_import import applying
from members.models import Heartbeat, Message, User
from members.restore import RESTORED

State = Message.State

TICK_LATE = timedelta(minutes=5)
DUE_LATE = timedelta(minutes=15)
KEEP_ROWS = timedelta(days=90)

RETRIABLE = (State.FAILED, State.IN_DOUBT, State.RETRY)
UNSENT = (*Message.OPEN_STATES, *Message.UNDER_WAY_STATES)
GIVEN_UP = "given up by HR"


class NotPossible(Exception):
    """The message has moved on meanwhile."""


def require_hr(user: User) -> None:
    if not user.is_hr:
        raise PermissionDenied


def messages_for(user: User) -> QuerySet[Message]:
    """All messages but the private kinds, with what the list shows."""
    require_hr(user)
    return Message.objects.exclude(kind__in=kinds.private()).select_related("recipient")


def in_order(messages: QuerySet[Message], now: datetime) -> QuerySet[Message]:
    """What needs a hand first, then the latest, and last what is planned for days to come, the nearest first."""
    planned = Q(state=State.DUE, due_at__gt=now)
    return messages.annotate(
        rank=Case(When(state__in=RETRIABLE, then=Value(0)), When(planned, then=Value(2)), default=Value(1)),
        planned_for=Case(When(planned, then=F("due_at"))),
        moment=Coalesce("settled_at", "due_at"),
    ).order_by("rank", "planned_for", "-moment", "-pk")


def get_message(user: User, pk: int) -> Message:
    return get_object_or_404(messages_for(user), pk=pk)


# --- Acts -------------------------------------------------------------------------------------------------------------


@transaction.atomic
def retry(message: Message, *, actor: User, now: datetime) -> None:
    """Let a message that failed, waits or may have arrived be tried at once; a doubtful one gets one more copy only."""
    require_hr(actor)
    _move(
        message,
        RETRIABLE,
        state=State.DUE,
        due_at=now,
        attempts=0,
        copies=1 if message.state == State.IN_DOUBT else F("copies"),
        settled_at=None,
        is_held=False,
        digest=None,
    )
    message.gathered.filter(state__in=RETRIABLE).update(state=State.DUE, settled_at=None)
    audit.record(actor, "retry_message", message, now=now)
    outbox.nudge_on_commit()


@transaction.atomic
def give_up(message: Message, *, actor: User, now: datetime) -> None:
    """Stop trying. The row stays, with what the server last said."""
    require_hr(actor)
    _move(message, RETRIABLE, state=State.SUPPRESSED, settled_at=now, last_error=GIVEN_UP)
    message.gathered.filter(state__in=RETRIABLE).update(state=State.SUPPRESSED, settled_at=now, last_error=GIVEN_UP)
    audit.record(actor, "give_up_message", message, now=now)


def _move(message: Message, states, **fields) -> None:
    unmoved = Message.objects.filter(pk=message.pk, state=message.state, state__in=states)
    if not unmoved.update(fence=F("fence") + 1, lease_until=None, **fields):
        raise NotPossible


# --- How it goes ------------------------------------------------------------------------------------------------------


def figures(now: datetime, *, for_hr: bool = False) -> dict[str, int | None]:
    """The state of sending in numbers alone: ages in seconds, the rest counts.

    HR is told of no trouble that is not on its list; a monitor of all there is.
    """
    beats = {beat.name: beat for beat in Heartbeat.objects.all()}
    useful = Q(state__in=UNSENT, due_at__lte=now) & (Q(useless_after__isnull=True) | Q(useless_after__gt=now))
    waiting = Message.objects.filter(useful).aggregate(number=Count("pk"), oldest=Min("due_at"))
    # A weekly mail is one trouble, however much was gathered in it.
    stuck = Message.objects.filter(state__in=[State.FAILED, State.IN_DOUBT], digest=None)
    if for_hr:
        stuck = stuck.exclude(kind__in=kinds.private())
    stuck = stuck.aggregate(
        failed=Count("pk", filter=Q(state=State.FAILED)), in_doubt=Count("pk", filter=Q(state=State.IN_DOUBT))
    )
    return {
        "tick_age": _age(beats.get("tick"), now),
        "worker_age": _age(beats.get("worker"), now),
        "sweep_age": _age(beats.get("sweep"), now),
        "sweep_difference": int(beats["sweep"].note or 0) if "sweep" in beats else None,
        "unsent": waiting["number"],
        "oldest_due_age": _seconds(waiting["oldest"], now),
        "failed": stuck["failed"],
        "in_doubt": stuck["in_doubt"],
        "relay_trouble_age": _age(beats.get("trouble"), now),
        **watches.figures(now),
    }


def _age(beat: Heartbeat | None, now: datetime) -> int | None:
    return _seconds(beat and beat.beaten_at, now)


def _seconds(moment: datetime | None, now: datetime) -> int | None:
    return None if moment is None else max(0, round((now - moment).total_seconds()))


def is_tick_late(told: dict) -> bool:
    return told["tick_age"] is None or told["tick_age"] > TICK_LATE.total_seconds()


def is_due_late(told: dict) -> bool:
    return (told["oldest_due_age"] or 0) > DUE_LATE.total_seconds()


def troubles(told: dict, now: datetime) -> list[str]:
    """What is stuck, one plain sentence each, the most pressing first."""
    sentences = []
    if is_tick_late(told):
        sentences.append(
            _("Uret, der sender beskeder, er gået i stå. Bed systemadministratoren om at starte det igen.")
            if told["tick_age"] is not None
            else _("Uret, der sender beskeder, er ikke startet. Bed systemadministratoren om at starte det.")
        )
    if told["relay_trouble_age"] is not None and told["unsent"]:
        since = now - timedelta(seconds=told["relay_trouble_age"])
        sentences.append(
            _(
                "Mailserveren har ikke taget imod siden %(date)s kl. %(time)s. "
                "Beskederne bliver i udbakken, til den gør."
            )
            % {"date": compact_date(since), "time": clock(since)}
        )
    elif is_due_late(told) and not is_tick_late(told):
        sentences.append(_("Den ældste besked har ventet i over et kvarter på at blive sendt."))
    if pace.is_near_the_limit(now):
        sentences.append(
            _("I dag er der sendt %(sent)s af de %(most)s beskeder, mailserveren må sende på en dag.")
            % {"sent": number(pace.sent_today(now)), "most": number(settings.MAIL_PER_DAY)}
        )
    if told["failed"]:
        sentences.append(
            ngettext(
                "%(number)s besked kunne ikke sendes. Se mailserverens svar, ret adressen, og prøv igen.",
                "%(number)s beskeder kunne ikke sendes. Se mailserverens svar, ret adressen, og prøv igen.",
                told["failed"],
            )
            % {"number": told["failed"]}
        )
    sentences += [
        _(
            "Mailserveren bliver ved med at afvise %(name)s (%(address)s). Der sendes ikke mere dertil, "
            "før du retter adressen eller prøver en af beskederne igen."
        )
        % {"name": person.get_full_name(), "address": person.email}
        for person in bounces.people()
    ]
    if told["in_doubt"]:
        sentences.append(
            ngettext(
                "%(number)s besked er måske sendt: forbindelsen faldt ud, lige da den blev afleveret.",
                "%(number)s beskeder er måske sendt: forbindelsen faldt ud, lige da de blev afleveret.",
                told["in_doubt"],
            )
            % {"number": told["in_doubt"]}
        )
    return sentences + watches.troubles(told, now)


def headline(told: dict) -> str:
    """The outbox in a sentence."""
    if not told["unsent"]:
        return _("Udbakken er tom: alt, der skulle sendes, er sendt.")
    return ngettext(
        "%(number)s besked ligger i udbakken og er ikke sendt.",
        "%(number)s beskeder ligger i udbakken og er ikke sendt.",
        told["unsent"],
    ) % {"number": told["unsent"]}


# --- One line of the list ---------------------------------------------------------------------------------------------

TONES = {
    State.SENT: "good",
    State.DUE: "wait",
    State.CLAIMED: "wait",
    State.DATA_SENT: "wait",
    State.RETRY: "attention",
    State.IN_DOUBT: "attention",
    State.FAILED: "bad",
}


def state_label(message: Message, now: datetime) -> str:
    """The state in words that nobody can take for sent when it is not."""
    if message.is_held and message.state == State.DUE:
        return _("Samles i ugens mail")
    if message.state == State.DUE:
        return _("Planlagt") if message.due_at > now else _("Ligger i udbakken, ikke sendt")
    if message.state == State.RETRY:
        return _("Ikke sendt endnu, prøver igen")
    return message.get_state_display()


def reason_label(message: Message) -> str:
    """What the server answered, or why it was dropped; our own reasons in the reader's language."""
    if message.state == State.SENT:
        return _("Modtaget af mailserveren")
    own = {
        TOO_LATE: _("For sent til at gøre gavn"),
        NO_LONGER_ACTIVE: _("Modtageren er ikke længere aktiv"),
        ADDRESS_REFUSED: _("Adressen er afvist gang på gang"),
        NO_ADDRESS: _("Modtageren har ingen e-mailadresse"),
        LOST_AT_HAND_OVER: _("Forbindelsen faldt ud under afleveringen"),
        ABANDONED: _("Afbrudt gang på gang før afleveringen"),
        GIVEN_UP: _("Opgivet af HR"),
        RESTORED: _("Måske sendt, før en sikkerhedskopi blev lagt tilbage"),
        WITH_DIGEST: _("Stod i ugens mail, som ikke kom frem"),
        "SMTPServerDisconnected": _("Forbindelsen til mailserveren faldt ud"),
        "ConnectionRefusedError": _("Mailserveren svarede ikke"),
        "TimeoutError": _("Mailserveren svarede ikke i tide"),
    }
    answer = message.last_error
    if answer in own:
        return own[answer]
    if answer.startswith(f"{TOO_LATE}; "):
        answer = answer.removeprefix(f"{TOO_LATE}; ")
        return _("For sent til at gøre gavn. Sidste svar: %(answer)s") % {"answer": own.get(answer, answer)}
    if message.state == State.SUPPRESSED:
        return kinds.reason_label(answer)
    return f"{message.last_code} {answer}" if message.last_code else answer


def lines(messages, now: datetime) -> list[dict]:
    """What the page shows of each message."""
    return [
        {
            "message": message,
            "kind": kinds.label(message.kind),
            "state": state_label(message, now),
            "tone": "info"
            if message.state == State.DUE and message.due_at > now
            else TONES.get(message.state, "neutral"),
            "reason": reason_label(message),
            "is_stuck": message.state in RETRIABLE,
        }
        for message in messages
    ]


# --- Tidying ----------------------------------------------------------------------------------------------------------


def tidy(*, now: datetime) -> dict[str, int]:
    """Drop what need not be kept. A sent row outlives what it is about, so that nothing sends it a second time."""
    settled = Message.objects.filter(
        Q(useless_after__isnull=True) | Q(useless_after__lt=now - KEEP_ROWS),
        state__in=[State.SENT, State.SUPPRESSED, State.SUPERSEDED],
        settled_at__lt=now - KEEP_ROWS,
    )
    return {
        "files": applying.drop_old_files(now),
        "messages": settled.delete()[0],
        "sessions": Session.objects.filter(expire_date__lt=now).delete()[0],
        "devices": session_life.forget_ended(now),
    }
