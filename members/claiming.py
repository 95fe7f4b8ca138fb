"""Who has which message in hand. A claim is a lease with a fence: who comes late with an old fence changes nothing."""

from collections import Counter
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection
from django.db.models import F, Q

from members.models import Message

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

# The last moment to stop is also the last to see that the receiver is there still, at that address.
_HAND_OVER = """
UPDATE members_message SET state = 'data_sent', copies = copies + 1, sent_to = %s, lease_until = %s
WHERE id = %s AND fence = %s AND state IN ('claimed', 'data_sent')
AND EXISTS (SELECT 1 FROM members_user WHERE members_user.id = recipient_id AND is_active AND email = %s)
"""
_TAKEN = """
UPDATE members_message
SET state = 'sent', sent_at = %s, settled_at = %s, last_code = %s, last_error = '', lease_until = NULL
WHERE id = %s AND fence = %s AND state IN ('claimed', 'data_sent')
"""


def note_hand_over(message: Message, address: str, now: datetime) -> bool:
    """From here on the server may have the text. It is on disk before the first byte leaves."""
    until = connection.ops.adapt_datetimefield_value(now + lease())
    return _note(_HAND_OVER, [address, until, message.pk, message.fence, message.recipient.email])


def note_taken(message: Message, code: int, now: datetime) -> bool:
    """The server has said yes. Only a database that loses its power right now could forget it."""
    moment = connection.ops.adapt_datetimefield_value(now)
    hurry = f" RETURNING id{HURRY}" if connection.vendor == "postgresql" else ""
    return _note(_TAKEN + hurry, [moment, moment, code, message.pk, message.fence])


def _note(sql: str, values: list) -> bool:
    # Two of these per mail: composing them as queries each time takes longer than the database needs for them.
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.rowcount == 1


def mark(message: Message, **fields) -> bool:
    """Any other note."""
    mine = Message.objects.filter(pk=message.pk, fence=message.fence, state__in=Message.UNDER_WAY_STATES)
    return mine.update(**fields) == 1


def give_back(messages: list[Message]) -> None:
    """What was claimed and not tried is due as before."""
    for message in messages:
        state = State.RETRY if message.attempts > 1 else State.DUE
        mark(message, state=state, lease_until=None, attempts=F("attempts") - 1)
