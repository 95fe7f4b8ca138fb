"""After a backup has been put back: what it holds as unsent may have been sent since, and nobody can know.

Such messages are held until an operator says yes; what becomes due from now on is sent as ever.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import F

from members import audit
from members.models import Heartbeat, Message

RESTORED = "restored from a backup"
UNSENT = (*Message.OPEN_STATES, *Message.UNDER_WAY_STATES)


@transaction.atomic
def hold(*, now: datetime) -> int:
    """Mark what was due by now as perhaps sent. HR sees each, and can try it again or give it up."""
    unsent = Message.objects.filter(state__in=UNSENT, due_at__lte=now)
    held = unsent.update(
        state=Message.State.IN_DOUBT, settled_at=now, last_error=RESTORED, lease_until=None, fence=F("fence") + 1
    )
    _record("hold_restored", now)
    return held


@transaction.atomic
def release(*, now: datetime) -> int:
    """The operator's yes: send what is held and still of use."""
    held = Message.objects.filter(state=Message.State.IN_DOUBT, last_error=RESTORED)
    released = held.update(
        state=Message.State.DUE, settled_at=None, last_error="", attempts=0, copies=0, fence=F("fence") + 1
    )
    _record("release_restored", now)
    return released


def _record(verb: str, now: datetime) -> None:
    beat, _created = Heartbeat.objects.get_or_create(name="restored", defaults={"beaten_at": now})
    audit.record(None, verb, beat, now=now)
