"""Who has been erased and when, by number alone, in a file that does not go back in time when the database does.

A backup from before an erasure has the person in it. After it has been put back, this list says whom to erase again.
"""

import logging
import os
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from django.conf import settings

from members.models import ERASED_DOMAIN, AuditEvent, User

logger = logging.getLogger(__name__)


class Unwritable(Exception):
    """The list could not be written; the message says where it should be."""


def read(path: str | Path | None = None) -> dict[int, datetime]:
    """When each was erased, the last time if more than once; a line cut short by a power cut says nothing."""
    found = {}
    with suppress(FileNotFoundError):
        for line in Path(path or settings.ERASURE_LIST).read_text().splitlines():
            with suppress(ValueError):
                number, moment = line.split()
                found[int(number)] = datetime.fromisoformat(moment)
    return found


def note(erased: dict[int, datetime]) -> None:
    """Add them at the end. A list that cannot be written stops no erasure: the nightly backup adds what it misses."""
    try:
        _append(erased)
    except OSError as problem:
        logger.error("ERASURE_LIST could not be written (%s). Run manage.py backup when it can.", problem.strerror)


def known(*, now: datetime) -> dict[int, datetime]:
    """Those on the list, and those the database knows as erased."""
    listed = {}
    with suppress(OSError):
        listed = read()
    missing = User.objects.filter(email__endswith=ERASED_DOMAIN).exclude(pk__in=listed).values_list("pk", flat=True)
    events = AuditEvent.objects.filter(verb="erased person", subject_id__in=list(missing))
    moments = dict(events.values_list("subject_id", "happened_at"))
    return {pk: moments.get(pk, now) for pk in missing} | listed


def complete(*, now: datetime) -> None:
    """Add those whom the list misses."""
    try:
        listed = read()
        if added := {pk: moment for pk, moment in known(now=now).items() if pk not in listed}:
            _append(added)
    except OSError as problem:
        raise Unwritable(f"ERASURE_LIST, {settings.ERASURE_LIST}, cannot be written ({problem.strerror}).") from problem


def _append(erased: dict[int, datetime]) -> None:
    path = Path(settings.ERASURE_LIST)
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = "".join(f"{pk} {moment.isoformat()}\n" for pk, moment in sorted(erased.items()))
    with os.fdopen(os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o640), "r+") as file:
        if file.seek(0, os.SEEK_END) and path.read_bytes()[-1:] != b"\n":
            lines = "\n" + lines  # the line before was cut short
        file.write(lines)
        file.flush()
        os.fsync(file.fileno())
