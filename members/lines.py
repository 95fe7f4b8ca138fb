"""How many lines to the mail server all workers hold together: a relay may shut the door at the fourth.

Each line is a place in the database, taken for a lease's time and kept by who uses it. A worker that is killed leaves
its place to the next when the lease has run out; one that comes late finds that it has lost it, and stops.
"""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q

from members.models import Heartbeat

NAME = "mail line"
LONG_AGO_DAYS = 3650


class Line:
    """One place. `beaten_at` of its row is until when it is ours, `note` by which token."""

    def __init__(self, name: str, token: str, until: datetime):
        self.name, self.token, self.until = name, token, until

    def keep(self, now: datetime) -> bool:
        """Whether the place is still ours; the lease is made longer when half of it is used."""
        if self.until - now > lease() / 2:
            return True
        self.until = now + lease()
        return Heartbeat.objects.filter(name=self.name, note=self.token).update(beaten_at=self.until) == 1

    def give_back(self, now: datetime) -> None:
        Heartbeat.objects.filter(name=self.name, note=self.token).update(beaten_at=_long_ago(now), note="")


class Free(Line):
    """Where there is no limit."""

    def __init__(self):
        pass

    def keep(self, now: datetime) -> bool:
        return True

    def give_back(self, now: datetime) -> None:
        pass


def lease() -> timedelta:
    return timedelta(seconds=settings.OUTBOX_LEASE_SECONDS)


@contextmanager
def one(tell: Callable[[], datetime]) -> Iterator[Line | None]:
    """A line for as long as it is used; None when all are taken."""
    line = take(tell())
    try:
        yield line
    finally:
        if line is not None:
            line.give_back(tell())


def take(now: datetime) -> Line | None:
    most = settings.MAIL_CONNECTIONS
    if not most:
        return Free()
    names = [f"{NAME} {number}" for number in range(1, most + 1)]
    if Heartbeat.objects.filter(name__in=names).count() < most:
        Heartbeat.objects.bulk_create(
            [Heartbeat(name=name, beaten_at=_long_ago(now)) for name in names], ignore_conflicts=True
        )
    # A lease further off than a lease can be was given by a clock that has since been put back.
    is_free = Q(beaten_at__lt=now) | Q(beaten_at__gt=now + 2 * lease())
    line = Line("", secrets.token_hex(8), now + lease())
    for line.name in names:
        place = Heartbeat.objects.filter(is_free, name=line.name)
        if place.update(beaten_at=line.until, note=line.token):  # of two who ask at once, one finds it free
            return line
    return None


def _long_ago(now: datetime) -> datetime:
    return now - timedelta(days=LONG_AGO_DAYS)
