"""Who has which message in hand. A claim is a lease with a fence: who comes late with an old fence changes nothing."""

from collections import Counter
from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db import connection
from django.db.models import F, Q

from members.models import Message
from members.prepared import Prepared

State = Message.State
MOST_COPIES = 2
# Our own words in `last_error`; whatever else stands there is the mail server's.
TOO_LATE = "too late"
ABANDONED = "abandoned by its worker"
LOST_AT_HAND_OVER = "worker lost during hand-over"

# One statement for all that are taken. A message waits while an older one (by sequence) about the same thing to the
# same person is unfinished, so a cancellation never overtakes the invitation. States stand as literals, so that
# partial indexes serve.
_CLAIM = """
WITH picked (picked_id) AS MATERIALIZED (
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
    LIMIT %s {lock}
)
UPDATE members_message
SET state = 'claimed', fence = fence + 1, attempts = attempts + 1, lease_until = %s, dated_at = COALESCE(dated_at, %s)
FROM picked WHERE id = picked_id
RETURNING *{hurry}
"""
# A note that may be lost with the database's power, as the next one that waits for the disk takes it along.
HURRY = ", set_config('synchronous_commit', 'off', true) AS hurry"


def lease() -> timedelta:
    return timedelta(seconds=settings.OUTBOX_LEASE_SECONDS)


def statement() -> str:
    """What a claim asks the database. Nothing has been sent on a claim alone, so it need not wait for the disk."""
    lock = "FOR UPDATE OF waiting SKIP LOCKED" if connection.features.has_select_for_update_skip_locked else ""
    return _CLAIM.format(lock=lock, hurry=HURRY if connection.vendor == "postgresql" else "")


def claim(now: datetime, *, most: int) -> list[Message]:
    """Take up to so many due rows, the most urgent first. Two who ask at once get different rows.

    They are held for half a lease, so that what a killed worker had in hand is soon free; a hand-over takes a whole.
    """
    until, moment = (connection.ops.adapt_datetimefield_value(value) for value in (now + lease() / 2, now))
    rows = Message.objects.raw(statement(), [moment, moment, most, until, moment])
    return sorted(rows, key=lambda message: (message.priority, message.due_at, message.pk))


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
    # Due as it was: a clock that is put forth for a moment shall not put off what it frees.
    in_data = Message.objects.filter(gone, state=State.DATA_SENT)
    counts[State.IN_DOUBT] += in_data.filter(copies__gte=MOST_COPIES).update(
        state=State.IN_DOUBT, settled_at=now, last_error=LOST_AT_HAND_OVER, **free
    )
    counts["freed"] += in_data.update(state=State.RETRY, last_error=LOST_AT_HAND_OVER, **free)


# --- Notes, which hold only if the row is still ours -----------------------------------------------------------------

# The last moment to stop is also the last to see that the receiver is there still, at that address. What became of the
# letter before is noted in the same breath, where there was one: each statement waits for the disk. The state is asked
# inside a CASE, lest the index of what is under way be searched, which is full of what no longer is.
_HAND_OVER = Prepared(
    """
UPDATE members_message SET
    state = CASE WHEN id = %(taken)s THEN 'sent' ELSE 'data_sent' END,
    sent_at = CASE WHEN id = %(taken)s THEN %(taken_at)s ELSE sent_at END,
    settled_at = CASE WHEN id = %(taken)s THEN %(taken_at)s ELSE settled_at END,
    last_code = CASE WHEN id = %(taken)s THEN %(taken_code)s ELSE last_code END,
    last_error = CASE WHEN id = %(taken)s THEN '' ELSE last_error END,
    copies = CASE WHEN id = %(taken)s THEN copies ELSE copies + 1 END,
    sent_to = CASE WHEN id = %(taken)s THEN sent_to ELSE %(address)s END,
    lease_until = CASE WHEN id = %(taken)s THEN NULL ELSE %(until)s END
WHERE id IN (%(taken)s, %(id)s)
AND fence = CASE WHEN state NOT IN ('claimed', 'data_sent') THEN NULL
    WHEN id = %(taken)s THEN %(taken_fence)s ELSE %(fence)s END
AND (id = %(taken)s OR EXISTS (
    SELECT 1 FROM members_user WHERE members_user.id = recipient_id AND is_active AND email = %(email)s
))
RETURNING id
""",
    id="bigint",
    fence="int",
    address="text",
    email="text",
    until="timestamptz",
    taken="bigint",
    taken_fence="int",
    taken_code="smallint",
    taken_at="timestamptz",
)
_TAKEN = """
UPDATE members_message
SET state = 'sent', sent_at = %s, settled_at = %s, last_code = %s, last_error = '', lease_until = NULL
WHERE id = %s AND fence = %s AND state IN ('claimed', 'data_sent')
RETURNING id{hurry}
"""


class Taken(NamedTuple):
    """A letter the server has said yes to, and when."""

    message: Message
    code: int
    at: datetime


def note_hand_over(message: Message, address: str, now: datetime, *, before: Taken | None = None) -> set[int]:
    """From here on the server may have the text. It is on disk before the first byte leaves.

    Which rows were still ours to note, by their keys: this one's and, where it was given, that of the letter `before`.
    """
    adapt = connection.ops.adapt_datetimefield_value
    rows = _HAND_OVER.rows(
        id=message.pk,
        fence=message.fence,
        address=address,
        email=message.recipient.email,
        until=adapt(now + lease()),
        taken=before and before.message.pk,
        taken_fence=before and before.message.fence,
        taken_code=before and before.code,
        taken_at=before and adapt(before.at),
    )
    return {key for (key,) in rows}


def note_taken(taken: Taken) -> bool:
    """The server has said yes. Only a database that loses its power right now could forget it."""
    moment = connection.ops.adapt_datetimefield_value(taken.at)
    sql = _TAKEN.format(hurry=HURRY if connection.vendor == "postgresql" else "")
    # Composing it as a query each time takes longer than the database needs for it.
    with connection.cursor() as cursor:
        cursor.execute(sql, [moment, moment, taken.code, taken.message.pk, taken.message.fence])
        return bool(cursor.fetchall())


def mark(message: Message, **fields) -> bool:
    """Any other note."""
    mine = Message.objects.filter(pk=message.pk, fence=message.fence, state__in=Message.UNDER_WAY_STATES)
    return mine.update(**fields) == 1


def give_back(messages: list[Message]) -> None:
    """What was claimed and not tried is due as before."""
    for message in messages:
        state = State.RETRY if message.attempts > 1 else State.DUE
        mark(message, state=state, lease_until=None, attempts=F("attempts") - 1)
