"""From a claimed row to the mail as it should read now. Everything is read anew, for several messages at a time.

What was read is good for two seconds; who has more in hand by then reads again. The row itself, its receiver and the
address are asked once more at the very moment of handing over.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

from django.db import InterfaceError, OperationalError
from django.db.models import prefetch_related_objects
from django.utils import translation

from members import bounces, kinds
from members.claiming import TOO_LATE
from members.kinds import Suppress
from members.mail import Mail
from members.models import Message

logger = logging.getLogger(__name__)

FRESH_SECONDS = 2.0
NO_LONGER_ACTIVE = "recipient is deactivated"
NO_ADDRESS = "recipient has no address"
ADDRESS_REFUSED = "address refused again and again"


def build(message: Message, now: datetime) -> Mail:
    """One mail, or Suppress with the reason."""
    for _message, result in build_each([message], now):
        if isinstance(result, Exception):
            raise result
        return result


def build_each(messages: Sequence[Message], now: datetime) -> Iterator[tuple[Message, Mail | Exception]]:
    """Each message with its mail, or with what keeps it from being built; one that cannot be is no other's trouble.

    What they are about is read for all of them at once; the words are made one by one, as they are asked for.
    """
    prefetch_related_objects(messages, "recipient")
    refused = bounces.refused_among(message.recipient_id for message in messages)
    facts = _read(messages)
    for message in messages:
        try:
            _require_receiver(message, refused, now)
            with translation.override(message.recipient.language):
                result = kinds.get(message.kind).build(message, now, facts(message))
        except (OperationalError, InterfaceError):
            raise  # the database is away: no row can be marked, and its lease frees it
        except Exception as problem:
            result = problem
        yield message, result


def _require_receiver(message: Message, refused: set[int], now: datetime) -> None:
    if message.useless_after and message.useless_after <= now:
        raise Suppress(TOO_LATE)
    if not message.recipient.is_active:
        raise Suppress(NO_LONGER_ACTIVE)
    if not message.recipient.email:
        raise Suppress(NO_ADDRESS)
    if message.recipient_id in refused:
        raise Suppress(ADDRESS_REFUSED)


def _read(messages: Sequence[Message]) -> Callable[[Message], Any]:
    """What the mails are made of, read once for all messages whose kinds read the same."""
    groups: dict[Callable, list[Message]] = {}
    for message in messages:
        if read := kinds.reader(message.kind):
            groups.setdefault(read, []).append(message)
    found = {}
    for read, group in groups.items():
        try:
            found[read] = read(group)
        except (OperationalError, InterfaceError):
            raise
        except Exception as problem:  # then each is read by itself, so that the one at fault shows
            logger.error("Messages cannot be read together: %s", type(problem).__name__)
    return lambda message: found.get(kinds.reader(message.kind))
