"""The database's clock is the one that counts."""

from datetime import UTC, datetime, timedelta

import time_machine
from django.db import connection
from django.utils import timezone

from members import clock
from members.clock import database_now


def test_database_now_is_aware_and_near(db):
    assert abs(database_now() - timezone.now()) < timedelta(minutes=1)


def test_database_now_does_not_heed_a_worker_whose_clock_is_wrong(db):
    right = timezone.now()
    with time_machine.travel(right + timedelta(hours=2)):
        told = database_now()

    if connection.vendor == "postgresql":
        assert abs(told - right) < timedelta(minutes=1)
    else:
        assert told >= right + timedelta(hours=2), "SQLite has no clock but this machine's"


def test_database_now_on_sqlite_follows_the_time_a_test_sets(db):
    moment = datetime(2027, 3, 1, 8, 0, tzinfo=UTC)
    with time_machine.travel(moment, tick=False):
        told = database_now()

    assert told == moment or connection.vendor == "postgresql"


def test_a_carried_clock_goes_on_by_itself_and_asks_again_after_a_while(monkeypatch):
    ticks, asked = iter([100.0, 101.0, 103.5]), []
    monkeypatch.setattr(clock.time, "monotonic", lambda: next(ticks))

    def ask():
        asked.append(True)
        return datetime(2027, 3, 1, len(asked), tzinfo=UTC)

    tell = clock.Carried(ask)

    assert [tell() for _turn in range(3)] == [
        datetime(2027, 3, 1, 1, tzinfo=UTC),
        datetime(2027, 3, 1, 1, 0, 1, tzinfo=UTC),
        datetime(2027, 3, 1, 2, tzinfo=UTC),
    ]
