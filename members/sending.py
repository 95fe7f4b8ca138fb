"""Sending what is due: claim a row, build its mail, hand it over, note what the server said.

At least once, normally exactly once. A claim is a lease with a fence: who comes late with an old fence changes nothing.
The one window for a second copy is between the server's OK and our note of it, and then the copy is the same bytes.
"""

import logging
import random
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import F, Q
from django.utils import translation

from members import bounces, digest, kinds, lines, pace, smtp
from members.clock import Carried, database_now
from members.kinds import Suppress
from members.mail import Mail, to_mime
from members.models import Heartbeat, Message

logger = logging.getLogger(__name__)
State = Message.State

RETRY_MINUTES = (1, 5, 15, 60, 120)
JITTER = 0.2
MOST_COPIES = 2
MOST_BUILDS = 5
# So many recipients refused in a row and none accepted: then it is us the server refuses, and the batch stops.
REFUSALS_BEFORE_STOP = 5
# Where mail is paced, so long does one run wait for its turns; the next tick goes on.
MOST_SECONDS_WAITING = 50
# Our own words in `last_error`; whatever else stands there is the mail server's.
TOO_LATE = "too late"
NO_LONGER_ACTIVE = "recipient is deactivated"
NO_ADDRESS = "recipient has no address"
ADDRESS_REFUSED = "address refused again and again"
ABANDONED = "abandoned by its worker"
LOST_AT_HAND_OVER = "worker lost during hand-over"


def send_due(
    *, now: datetime | None = None, limit: int | None = None, keep_going: Callable[[], bool] = lambda: True
) -> Counter:
    """Send what is due, one by one, and count what became of it. `now` fixes the time; else the database tells it."""
    with transaction.atomic(durable=True):
        pass  # raises inside a caller's transaction, where claims would hold locks while a mail server answers
    batch = _Batch(tell=Carried(lambda: database_now()) if now is None else lambda: now)
    settle_abandoned(batch.tell(), batch.counts)
    digest.follow()
    digest.gather(batch.tell())
    if is_any_due(batch.tell()):
        with lines.one(batch.tell) as line, smtp.open_relay() as batch.relay:
            for _turn in range(settings.OUTBOX_BATCH if limit is None else limit):
                if line is None or not (keep_going() and has_turn(batch.tell, keep_going, is_timed=now is None)):
                    break
                moment = batch.tell()
                message = claim(moment) if line.keep(moment) else None
                if message is None:
                    break
                batch.deliver(message, moment)
                if batch.is_stopped:
                    break
            batch.judge_refusals()
    digest.follow()
    beat("sender", batch.tell())
    return +batch.counts


def has_turn(tell: Callable[[], datetime], keep_going: Callable[[], bool], *, is_timed: bool) -> bool:
    """Whether a mail may leave by now; where mail is paced and something is due, its turn is waited for."""
    if not pace.is_kept():
        return True
    ends = time.monotonic() + MOST_SECONDS_WAITING
    while is_any_due(tell()):
        wait = pace.seconds_to_wait(tell())
        if wait == 0:
            return True
        if wait is None or not is_timed or not keep_going() or time.monotonic() + wait > ends:
            return False
        time.sleep(min(wait, 1))
    return False


def is_any_due(now: datetime) -> bool:
    return Message.objects.filter(state__in=Message.OPEN_STATES, due_at__lte=now, is_held=False).exists()


# --- Claiming --------------------------------------------------------------------------------------------------------

# One statement, one row. A message waits while an older one (by sequence) about the same thing to the same person is
# unfinished, so a cancellation never overtakes the invitation. States stand as literals, so that partial indexes serve.
_CLAIM = """
UPDATE members_message
SET state = 'claimed', fence = fence + 1, attempts = attempts + 1, lease_until = %s, dated_at = COALESCE(dated_at, %s)
WHERE id = (
    SELECT waiting.id FROM members_message AS waiting
    WHERE waiting.state IN ('due', 'retry') AND waiting.due_at <= %s AND NOT waiting.is_held
    AND NOT EXISTS (
        SELECT 1 FROM members_message AS older
        WHERE older.recipient_id = waiting.recipient_id AND older.subject_id = waiting.subject_id
        AND older.about = waiting.about AND older.sequence < waiting.sequence
        AND older.state IN ('due', 'retry', 'claimed', 'data_sent')
        AND (older.state <> 'due' OR older.due_at <= %s)
    )
    ORDER BY waiting.priority, waiting.due_at, waiting.id
    LIMIT 1 {lock}
)
RETURNING *{hurry}
"""
# Nothing has been sent on a claim alone, and the next note reaches the disk before anything is; so it need not wait.
_HURRY = ", set_config('synchronous_commit', 'off', true) AS hurry"


def lease() -> timedelta:
    return timedelta(seconds=settings.OUTBOX_LEASE_SECONDS)


def claim(now: datetime) -> Message | None:
    """Take the next due row for a lease's time, or None. Two who ask at once get different rows."""
    lock = "FOR UPDATE OF waiting SKIP LOCKED" if connection.features.has_select_for_update_skip_locked else ""
    until, moment = (connection.ops.adapt_datetimefield_value(value) for value in (now + lease(), now))
    hurry = _HURRY if connection.vendor == "postgresql" else ""
    rows = list(Message.objects.raw(_CLAIM.format(lock=lock, hurry=hurry), [until, moment, moment, moment]))
    return rows[0] if rows else None


def settle_abandoned(now: datetime, counts: Counter) -> None:
    """Drop what came too late, and free what a dead or stuck worker holds."""
    counts[State.SUPPRESSED] += Message.objects.filter(state__in=Message.OPEN_STATES, useless_after__lte=now).update(
        state=State.SUPPRESSED, settled_at=now, last_error=TOO_LATE
    )
    # A lease far further off than a lease can be was given by a clock that has since been put back. Twice a lease:
    # another worker may take a row after `now` was read and before this is written.
    gone = Q(lease_until__lt=now) | Q(lease_until__gt=now + 2 * lease())
    free = {"lease_until": None, "fence": F("fence") + 1}
    before_data = Message.objects.filter(gone, state=State.CLAIMED)
    counts[State.FAILED] += before_data.filter(attempts__gte=settings.OUTBOX_MAX_ATTEMPTS).update(
        state=State.FAILED, settled_at=now, last_error=ABANDONED, **free
    )
    counts["freed"] += before_data.update(state=State.DUE, **free)
    in_data = Message.objects.filter(gone, state=State.DATA_SENT)
    counts[State.IN_DOUBT] += in_data.filter(copies__gte=MOST_COPIES).update(
        state=State.IN_DOUBT, settled_at=now, last_error=LOST_AT_HAND_OVER, **free
    )
    counts["freed"] += in_data.update(state=State.RETRY, due_at=now, last_error=LOST_AT_HAND_OVER, **free)


# --- Delivering ------------------------------------------------------------------------------------------------------


class _Batch:
    """One run over what is due: the kept line, the clock, and what the server has said so far."""

    relay: smtp.SmtpRelay | smtp.BackendRelay

    def __init__(self, *, tell: Callable[[], datetime]):
        self.tell = tell
        self.counts = Counter()
        self.is_stopped = False
        self.has_success = False
        self.refused: list[tuple[Message, smtp.SendingError]] = []

    def deliver(self, message: Message, now: datetime) -> None:
        try:
            mail = build(message, now)
            address = mail.address or message.recipient.email
            message.sent_to = address
            mime = to_mime(mail, message, address)
            code = self.relay.send(mail, mime, address, before_data=lambda: self.note_hand_over(message, address))
        except Suppress as why:
            self.settle(message, State.SUPPRESSED, last_error=why.reason[:500])
        except smtp.RelayAway as answer:
            self.stop(message, answer, state=State.RETRY, due_at=self.tell() + later(1))
        except smtp.RelayRefuses as answer:
            self.stop(message, answer, state=State.DUE)
        except smtp.Rejected as answer:
            self.refuse(message, answer)
        except smtp.Deferred as answer:
            self.postpone(message, answer, copies=message.copies)
        except smtp.Uncertain as answer:
            self.doubt(message, answer)
        except (OperationalError, InterfaceError):
            raise  # the database is away: no row can be marked, and its lease frees it
        except Exception as problem:
            self.set_aside(message, problem)
        else:
            if code is None:
                self.counts["outrun"] += 1
            else:
                self.accept(message, code)

    def note_hand_over(self, message: Message, address: str) -> bool:
        """The last moment to stop: from here on the server may have the text."""
        now = self.tell()
        return self.mark(
            message,
            state=State.DATA_SENT,
            copies=F("copies") + 1,
            sent_to=address,
            lease_until=now + lease(),
        )

    def accept(self, message: Message, code: int) -> None:
        if not self.has_success:
            self.has_success = True
            Heartbeat.objects.filter(name="trouble").delete()
        now = self.tell()
        self.end(message, State.SENT, sent_at=now, settled_at=now, last_code=code, last_error="")
        self.judge_refusals()

    def postpone(self, message: Message, answer: smtp.SendingError, **fields) -> None:
        """Again later, unless it then would be too late or has been tried often enough."""
        said = {"last_code": answer.code, "last_error": answer.answer, **fields}
        due_at = self.tell() + later(RETRY_MINUTES[min(message.attempts, len(RETRY_MINUTES)) - 1])
        if message.useless_after and due_at >= message.useless_after:
            self.settle(message, State.SUPPRESSED, **said | {"last_error": f"{TOO_LATE}; {answer.answer}"[:500]})
        elif message.attempts >= settings.OUTBOX_MAX_ATTEMPTS:
            self.settle(message, State.FAILED, **said)
        else:
            self.put_back(message, state=State.RETRY, due_at=due_at, **said)

    def doubt(self, message: Message, answer: smtp.SendingError) -> None:
        """One more try, the same bytes; then it is for a person to decide."""
        said = {"last_code": answer.code, "last_error": answer.answer}
        if message.copies + 1 >= MOST_COPIES:
            self.settle(message, State.IN_DOUBT, **said)
        else:
            self.put_back(message, state=State.RETRY, due_at=self.tell() + later(RETRY_MINUTES[0]), **said)

    def set_aside(self, message: Message, problem: Exception) -> None:
        """A row that cannot be built must not hold up the others."""
        if message.attempts >= MOST_BUILDS:
            logger.error("Message %s (%s) cannot be built: %s", message.pk, message.kind, type(problem).__name__)
            self.settle(message, State.FAILED, last_code=None, last_error=type(problem).__name__)
        else:
            self.postpone(message, smtp.SendingError(None, type(problem).__name__))

    def refuse(self, message: Message, answer: smtp.SendingError) -> None:
        """A refused recipient has failed, once we know from the others that it is not us who are refused."""
        self.refused.append((message, answer))
        if self.has_success:
            self.judge_refusals()
        elif len(self.refused) >= REFUSALS_BEFORE_STOP:
            self.is_stopped = True
            self.note_trouble(answer)

    def judge_refusals(self) -> None:
        if not self.refused:
            return
        it_is_us = not self.has_success and Heartbeat.objects.filter(name="trouble").exists()
        for message, answer in self.refused:
            if it_is_us:
                self.postpone(message, answer, copies=message.copies)
            else:
                self.settle(
                    message,
                    State.FAILED,
                    last_code=answer.code,
                    last_error=answer.answer,
                    sent_to=message.sent_to,
                    copies=message.copies,
                )
        self.refused.clear()

    def stop(self, message: Message, answer: smtp.SendingError, **fields) -> None:
        """It is not this mail's fault: leave everything due, and say it once."""
        self.is_stopped = True
        self.note_trouble(answer)
        self.put_back(message, attempts=F("attempts") - 1, last_code=answer.code, last_error=answer.answer, **fields)

    def note_trouble(self, answer: smtp.SendingError) -> None:
        note = f"{answer.code} {answer.answer}" if answer.code else answer.answer
        _row, is_new = Heartbeat.objects.get_or_create(
            name="trouble", defaults={"beaten_at": self.tell(), "note": note[:500]}
        )
        if is_new:
            logger.error("The mail server takes no mail (%s). Everything stays in the outbox.", note)

    # What is noted holds only if the row is still ours.

    def settle(self, message: Message, state: str, **fields) -> None:
        self.end(message, state, settled_at=self.tell(), **fields)

    def put_back(self, message: Message, *, state: str, **fields) -> None:
        self.end(message, state, **fields)

    def end(self, message: Message, state: str, **fields) -> None:
        is_ours = self.mark(message, state=state, lease_until=None, **fields)
        self.counts[state if is_ours else "outrun"] += 1

    @staticmethod
    def mark(message: Message, **fields) -> bool:
        mine = Message.objects.filter(pk=message.pk, fence=message.fence, state__in=Message.UNDER_WAY_STATES)
        return mine.update(**fields) == 1


def build(message: Message, now: datetime) -> Mail:
    """The mail as it should read now, or Suppress. Everything is read anew."""
    if message.useless_after and message.useless_after <= now:
        raise Suppress(TOO_LATE)
    if not message.recipient.is_active:
        raise Suppress(NO_LONGER_ACTIVE)
    if not message.recipient.email:
        raise Suppress(NO_ADDRESS)
    if bounces.is_refused(message.recipient):
        raise Suppress(ADDRESS_REFUSED)
    with translation.override(message.recipient.language):
        return kinds.get(message.kind).build(message, now)


def later(minutes: float) -> timedelta:
    """So long from now, and up to a fifth more, lest all come back at once."""
    return timedelta(minutes=minutes * random.uniform(1, 1 + JITTER))  # noqa: S311  (spreads load, keeps no secret)


def beat(name: str, now: datetime, *, note: str = "") -> None:
    """Note that a part of the machinery is alive."""
    Heartbeat.objects.bulk_create(
        [Heartbeat(name=name, beaten_at=now, note=note)],
        update_conflicts=True,
        unique_fields=["name"],
        update_fields=["beaten_at", "note"],
    )
