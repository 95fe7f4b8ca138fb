"""What time it is. Where several machines share the work, only the database's clock decides."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import connection
from django.utils import timezone


def database_now() -> datetime:
    """The database server's time; SQLite lives on this machine and shares its clock."""
    if connection.vendor != "postgresql":
        return timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]


class Carried:
    """A clock asked now and then, and carried on between by one that nobody can set: a batch asks it at every turn."""

    ASKED_EACH = 2.0

    def __init__(self, ask: Callable[[], datetime]):
        self.ask, self.asked_at = ask, float("-inf")

    def __call__(self) -> datetime:
        now = time.monotonic()
        if now - self.asked_at > self.ASKED_EACH:
            self.told, self.asked_at = self.ask(), now
        return self.told + timedelta(seconds=now - self.asked_at)
