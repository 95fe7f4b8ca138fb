"""The outbox: every message is a row, written with the act that causes it, before anything is sent.

An act calls `enqueue` (and `supersede` for what it makes stale) in its own transaction. Each app registers how its
kinds are built; that happens at sending, so nothing stale or secret lies here. `members.sending` does the sending.
"""

import logging
import time
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import connection, transaction
from django.db.models import F

from members import digest, kinds
from members.kinds import Suppress, explain, register
from members.mail import Mail, render_mail
from members.models import Message, User
from members.sending import send_due

__all__ = [
    "Mail",
    "Row",
    "Suppress",
    "enqueue",
    "explain",
    "insert_rows",
    "register",
    "render_mail",
    "send_due",
    "supersede",
]

logger = logging.getLogger(__name__)
CHUNK = 5000


def enqueue(
    kind: str,
    *,
    subject_id: int,
    recipients: Iterable[User | int],
    now: datetime,
    due_at: datetime | None = None,
    sequence: int = 0,
    offset_minutes: int = 0,
    priority: int = Message.Priority.NORMAL,
    useless_after: datetime | None = None,
    at_once: bool = False,
) -> int:
    """Queue one message per recipient in the caller's transaction, and say how many were not there already.

    Kinds that may wait are gathered for those who want one mail a week, unless told `at_once`.
    """
    sort = kinds.get(kind)
    people = dict.fromkeys(person.pk if isinstance(person, User) else person for person in recipients)
    due_at = due_at or now
    rows = [Row(kind, subject_id, sequence, person, offset_minutes, due_at, useless_after) for person in people]
    if sort.may_wait and not at_once:
        rows = digest.hold(rows, now=now)
    return insert_rows(rows, about=sort.about, priority=priority, now=now)


class Row(NamedTuple):
    """What is particular to one message among many that are written at once."""

    kind: str
    subject_id: int
    sequence: int
    recipient_id: int
    offset_minutes: int
    due_at: datetime
    useless_after: datetime | None = None
    is_held: bool = False


_INSERT = """
INSERT INTO members_message (about, priority, created_at, state, fence, attempts, copies, sent_to, last_error,
    kind, subject_id, sequence, recipient_id, offset_minutes, due_at, useless_after, is_held)
{source}
ON CONFLICT DO NOTHING
"""
_ONE_BY_ONE = _INSERT.format(source=f"VALUES (%s, %s, %s, 'due', 0, 0, 0, '', '', {', '.join(['%s'] * 8)})")
_AS_ARRAYS = _INSERT.format(
    source="""
SELECT %s, %s, %s, 'due', 0, 0, 0, '', '', it.* FROM unnest(
    %s::text[], %s::bigint[], %s::int[], %s::bigint[], %s::int[], %s::timestamptz[], %s::timestamptz[], %s::bool[]
) AS it
"""
)


def insert_rows(rows: Sequence[Row], *, about: str = "", priority: int = Message.Priority.NORMAL, now: datetime) -> int:
    """Write the rows whose key is new; the unique key absorbs what another writer does at the same time.

    Plain values and one statement for many: the reminders of a year are some hundred thousand.
    """
    written = 0
    adapt = connection.ops.adapt_datetimefield_value
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        for start in range(0, len(rows), CHUNK):
            chunk = rows[start : start + CHUNK]
            if connection.vendor == "postgresql":
                columns = [list(column) for column in zip(*chunk, strict=True)]
                cursor.execute(_AS_ARRAYS, [about, priority, now, *columns])
            else:
                common = (about, priority, adapt(now))
                cursor.executemany(
                    _ONE_BY_ONE, [(*common, *row[:5], adapt(row[5]), row[6] and adapt(row[6]), row[7]) for row in chunk]
                )
            written += cursor.rowcount
    if written and any(row.due_at <= now for row in rows):
        nudge_on_commit()
    return written


def supersede(kinds: str | Iterable[str], *, subject_id: int, now: datetime, recipients=None) -> int:
    """Set aside what a newer message replaces, up to the very moment its text is handed over.

    A worker that has claimed such a row finds its fence moved before DATA, and sends nothing.
    """
    stale = Message.objects.filter(
        kind__in=[kinds] if isinstance(kinds, str) else list(kinds),
        subject_id=subject_id,
        state__in=[*Message.OPEN_STATES, Message.State.CLAIMED],
    )
    if recipients is not None:
        stale = stale.filter(recipient__in=recipients)
    return stale.update(state=Message.State.SUPERSEDED, fence=F("fence") + 1, lease_until=None, settled_at=now)


# --- The nudge -------------------------------------------------------------------------------------------------------

QUIET_SECONDS = 30
_quiet_until = 0.0


def nudge_on_commit() -> None:
    """Ask a worker to look at once. Once per transaction; if it cannot be asked, the next tick finds the rows."""
    if not any(hook[1] is nudge for hook in connection.run_on_commit):
        transaction.on_commit(nudge)


def nudge() -> None:
    global _quiet_until
    if time.monotonic() < _quiet_until:
        return
    from members import tasks  # a leaf: it imports the outbox

    try:
        tasks.send_now.apply_async(retry=False)
    except Exception as problem:
        # Any broker's any failure: the rows are safe, and nobody waits again for a broker that is away.
        _quiet_until = time.monotonic() + QUIET_SECONDS
        logger.warning("The broker could not be reached (%s); the next tick sends.", type(problem).__name__)
