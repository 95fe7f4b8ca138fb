"""The outbox: every message is a row, written with the act that causes it, before anything is sent.

An act calls `enqueue` (and `supersede` for what it makes stale) in its own transaction. Each app registers how its
kinds are built; that happens at sending, so nothing stale or secret lies here. `members.sending` does the sending.
"""

import logging
import time
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import F

from members import kinds
from members.kinds import Suppress, explain, register
from members.mail import Mail, render_mail
from members.models import Message, User
from members.sending import send_due

__all__ = [
    "Mail",
    "Suppress",
    "enqueue",
    "explain",
    "insert",
    "prepare",
    "register",
    "render_mail",
    "send_due",
    "supersede",
]

logger = logging.getLogger(__name__)
KEY = ("kind", "subject_id", "sequence", "recipient_id", "offset_minutes")
CHUNK = 1000


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
) -> int:
    """Queue one message per recipient in the caller's transaction, and say how many were not there already."""
    messages = prepare(
        kind,
        subject_id=subject_id,
        recipients=recipients,
        now=now,
        due_at=due_at,
        sequence=sequence,
        offset_minutes=offset_minutes,
        priority=priority,
        useless_after=useless_after,
    )
    return insert(messages, now=now)


def prepare(kind, *, subject_id, recipients, now, due_at=None, **fields) -> list[Message]:
    """The rows `enqueue` would write, for those who write many at once."""
    about = kinds.get(kind).about
    people = dict.fromkeys(person.pk if isinstance(person, User) else person for person in recipients)
    return [
        Message(
            kind=kind,
            about=about,
            subject_id=subject_id,
            recipient_id=person,
            created_at=now,
            due_at=due_at or now,
            **fields,
        )
        for person in people
    ]


def insert(messages: list[Message], *, now: datetime) -> int:
    """Write the rows whose key is new; the unique key absorbs what another writer does at the same time."""
    written = 0
    for start in range(0, len(messages), CHUNK):
        chunk = messages[start : start + CHUNK]
        known = set(
            Message.objects.filter(
                kind__in={message.kind for message in chunk}, subject_id__in={message.subject_id for message in chunk}
            ).values_list(*KEY)
        )
        new = [message for message in chunk if tuple(getattr(message, name) for name in KEY) not in known]
        Message.objects.bulk_create(new, ignore_conflicts=True)
        written += len(new)
        if any(message.due_at <= now for message in new):
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
    if not any(hook[1] is nudge for hook in transaction.get_connection().run_on_commit):
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
