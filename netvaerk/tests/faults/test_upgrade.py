"""A new release while people are at work: its migrations run under the old code, beside one who reads for long."""

import os
import subprocess
import sys
import threading
import time

import pytest
from django.db import connection

from members.tests.factories import create_user
from netvaerk.tests.faults.test_site import PASSWORD, Site, Visitor
from netvaerk.tests.servers import ROOT, wait_until

pytestmark = pytest.mark.faults
PER_SECOND, READS_FOR = 20, 8


@pytest.fixture(autouse=True)
def _services(house):
    if house.on_sqlite:
        pytest.skip("one process at a time writes to SQLite: it is upgraded while the site is stopped")
    yield
    if connection.connection:
        connection.close()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE members_user DROP COLUMN IF EXISTS greeting")
        cursor.execute("DELETE FROM django_migrations WHERE app = 'next_release'")


def upgraded_while_people_read(house, *options):
    """(what pages answered, the slowest seconds, what migrate said) while a report holds the table for a while."""
    import psycopg2

    user = create_user(password=PASSWORD)
    connection.close()
    site = Site(house)
    visitors = [Visitor(site) for _turn in range(4)]
    assert wait_until(lambda: visitors[0].get("/sundhed/")[0] == 200, seconds=60)
    assert {visitor.log_in(user.email) for visitor in visitors} == {200}
    for visitor in visitors:
        visitor.took.clear()
    codes, halt = [], threading.Event()

    def visit(visitor):
        while not halt.is_set():
            started = time.monotonic()
            codes.append(visitor.get("/konto/beskeder/")[0])
            time.sleep(max(0, len(visitors) / PER_SECOND - (time.monotonic() - started)))

    threads = [threading.Thread(target=visit, args=[visitor]) for visitor in visitors]
    report = psycopg2.connect(house.postgres.url)
    report.cursor().execute("SELECT COUNT(*) FROM members_user")  # and its transaction stays open
    for thread in threads:
        thread.start()
    migrate = subprocess.Popen(
        [sys.executable, "manage.py", "migrate", *options],
        cwd=ROOT,
        env={**os.environ, **house.servers.environment,
             "DJANGO_SETTINGS_MODULE": "netvaerk.tests.faults.next_settings"},
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert wait_until(is_waited_for, seconds=60, pause=0.1)
    time.sleep(READS_FOR)
    report.close()
    said, _nothing = migrate.communicate(timeout=120)
    assert migrate.returncode == 0
    time.sleep(1)
    halt.set()
    for thread in threads:
        thread.join()
    house.servers.send_home()
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(greeting) FROM members_user")
    return codes, max(max(visitor.took) for visitor in visitors), said


def is_waited_for() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'ALTER%'")
        return cursor.fetchone()[0] > 0


def test_migrations_of_the_next_release_under_use(house, tell):
    codes, slowest, said = upgraded_while_people_read(house)

    errors, waits = sum(code != 200 for code in codes), said.count("A table is in use")
    tell(
        "F32",
        f"migrated under {len(codes)} pages at {PER_SECOND} a second, beside a transaction of {READS_FOR} s: "
        f"{errors} errors, slowest {slowest:.1f} s; let go and tried again {waits} times",
    )
    assert errors == 0
    assert waits > 0
    assert slowest < READS_FOR - 2


def test_a_migration_that_waits_for_ever_makes_all_wait(house, tell):
    codes, slowest, _said = upgraded_while_people_read(house, "--lock-seconds", "0")

    tell("F32", f"control, no limit to the waiting: slowest of {len(codes)} pages {slowest:.1f} s")
    assert slowest > READS_FOR / 2
