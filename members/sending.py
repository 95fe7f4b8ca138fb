"""Sending what is due: claim it, build its mail, hand it over, note what the server said.

At least once, normally exactly once. A claim is a lease with a fence: who comes late with an old fence changes nothing.
The one window for a second copy is between the server's OK and our note of it, and then the copy is the same bytes.
"""

import logging
import random
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import F

from members import building, claiming, digest, lines, pace, smtp
from members.claiming import MOST_COPIES, TOO_LATE, mark
from members.clock import Carried, database_now
from members.kinds import Suppress
from members.mail import Mail
from members.mime import to_bytes
from members.models import Heartbeat, Message

logger = logging.getLogger(__name__)
State = Message.State

RETRY_MINUTES = (1, 5, 15, 60, 120)
JITTER = 0.2
MOST_BUILDS = 5
MOST_IN_HAND = 50
# So many recipients refused in a row and none accepted: then it is us the server refuses, and the batch stops.
REFUSALS_BEFORE_STOP = 5
# Where mail is paced, so long does one run wait for its turns; the next tick goes on.
MOST_SECONDS_WAITING = 50


def send_due(
    *, now: datetime | None = None, limit: int | None = None, keep_going: Callable[[], bool] = lambda: True
) -> Counter:
    """Send what is due, one by one, and count what became of it. `now` fixes the time; else the database tells it."""
    with transaction.atomic(durable=True):
        pass  # raises inside a caller's transaction, where claims would hold locks while a mail server answers
    batch = _Batch(tell=Carried(lambda: database_now()) if now is None else lambda: now)
    claiming.settle_abandoned(batch.tell(), batch.counts)
    digest.follow()
    digest.gather(batch.tell())
    if is_any_due(batch.tell()):
        with lines.one(batch.tell) as line, smtp.open_relay() as batch.relay:
            if line is not None:
                has_a_turn = partial(has_turn, batch.tell, keep_going, is_timed=now is None)
                batch.work(line, most=settings.OUTBOX_BATCH if limit is None else limit, has_turn=has_a_turn)
            batch.judge_refusals()
    digest.follow()
    beat("sender", batch.tell())
    return +batch.counts


def has_turn(tell: Callable[[], datetime], keep_going: Callable[[], bool], *, is_timed: bool) -> bool:
    """Whether one more mail may leave now; where mail is paced and something is due, its turn is waited for."""
    if not keep_going():
        return False
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


# --- Writing ---------------------------------------------------------------------------------------------------------


@dataclass
class _Letter:
    """A message as it is to be sent, or what keeps it from being."""

    message: Message
    mail: Mail | None = None
    address: str = ""
    data: bytes = b""
    problem: Exception | None = None


def _write(built: tuple[Message, Mail | Exception]) -> _Letter:
    """All of it before a word is said: what cannot be written down is no letter."""
    message, mail = built
    if isinstance(mail, Exception):
        return _Letter(message, problem=mail)
    address = mail.address or message.recipient.email
    try:
        return _Letter(message, mail, address, to_bytes(mail, message, address))
    except Exception as problem:
        return _Letter(message, problem=problem)


class _Letters:
    """Letters in turn. The one that follows is written already; one more can be while the server reads."""

    def __init__(self, messages: list[Message], now: datetime):
        self.unwritten = map(_write, building.build_each(messages, now))
        self.ready: deque[_Letter] = deque()
        self.problem: Exception | None = None  # no letter's own: the database is away

    def __iter__(self) -> Iterator[_Letter]:
        while True:
            self.write_ahead()
            if self.problem:
                raise self.problem
            if not self.ready:
                return
            yield self.ready.popleft()

    @property
    def following(self) -> str:
        """The address of the next letter, or nothing."""
        return self.ready[0].address if self.ready else ""

    def write_ahead(self) -> None:
        """Never raises: a letter may be on its way whose answer is still to be read."""
        try:
            while len(self.ready) < 2:
                self.ready.append(next(self.unwritten))
        except StopIteration:
            pass
        except Exception as problem:
            self.problem = problem


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
        self.taken: claiming.Taken | None = None  # what the server has just taken, and is not yet noted

    def work(self, line: lines.Line, *, most: int, has_turn: Callable[[], bool]) -> None:
        """Take what is due and send it, as many at a time as leave before what was read of them is old."""
        in_hand = 1
        while most > 0 and not self.is_stopped and has_turn():
            moment = self.tell()
            # Where mail is paced, one has to wait for each turn, with nothing else in hand.
            messages = claiming.claim(moment, most=min(in_hand, most)) if line.keep(moment) else []
            if not messages:
                break
            most -= len(messages)
            left = self.send(messages, moment, lambda: line.keep(self.tell()) and has_turn())
            most += left
            in_hand = 1 if left or pace.is_kept() else min(2 * in_hand, MOST_IN_HAND)

    def send(self, messages: list[Message], now: datetime, may_go_on: Callable[[], bool]) -> int:
        """One after the other; how many had to be given back, because they waited too long or all must stop."""
        fresh_until = time.monotonic() + building.FRESH_SECONDS
        letters = _Letters(messages, now)
        try:
            for number, letter in enumerate(letters):
                if number and (self.is_stopped or time.monotonic() > fresh_until or not may_go_on()):
                    claiming.give_back(messages[number:])
                    return len(messages) - number
                self.deliver(letter, letters)
                if not self.relay.addressed:
                    self.note_taken()
        finally:
            self.note_taken()
        return 0

    def deliver(self, letter: _Letter, letters: _Letters) -> None:
        message = letter.message
        try:
            if letter.problem:
                raise letter.problem
            message.sent_to = letter.address
            code = self.relay.send(
                letter.mail,
                letter.data,
                letter.address,
                before_data=lambda: self.note_hand_over(message, letter.address),
                following=letters.following,
                meanwhile=letters.write_ahead,
            )
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
            if code is None:  # its receiver has gone or moved, and it is read anew; or it is ours no more
                self.put_back(message, state=State.DUE, attempts=F("attempts") - 1)
            else:
                self.accept(message, code)

    def note_hand_over(self, message: Message, address: str) -> bool:
        """The last moment to stop: from here on the server may have the text."""
        ours = claiming.note_hand_over(message, address, self.tell(), before=self.taken)
        if self.taken:
            self.count_taken(self.taken.message.pk in ours)
        return message.pk in ours

    def accept(self, message: Message, code: int) -> None:
        """Noted with the next hand-over, if the next letter is under way already, else at once."""
        if not self.has_success:
            self.has_success = True
            Heartbeat.objects.filter(name="trouble").delete()
        self.taken = claiming.Taken(message, code, self.tell())
        self.judge_refusals()

    def note_taken(self) -> None:
        if self.taken:
            self.count_taken(claiming.note_taken(self.taken))

    def count_taken(self, is_ours: bool) -> None:
        self.taken = None
        self.counts[State.SENT if is_ours else "outrun"] += 1

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

    def settle(self, message: Message, state: str, **fields) -> None:
        self.end(message, state, settled_at=self.tell(), **fields)

    def put_back(self, message: Message, *, state: str, **fields) -> None:
        self.end(message, state, **fields)

    def end(self, message: Message, state: str, **fields) -> None:
        is_ours = mark(message, state=state, lease_until=None, **fields)
        self.counts[state if is_ours else "outrun"] += 1


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
