"""A new release while people are at work: its migrations run under the old code, beside one who reads for long."""

import os
import socket
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


# As systemd does: the socket is number 3, and LISTEN_PID says for whom.
HAND_OVER = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ |= {"LISTEN_FDS": "1", "LISTEN_PID": str(os.getpid())}
os.execv(sys.executable, [sys.executable, "-m", "gunicorn", *sys.argv[2:]])
"""


class HeldDoor:
    """The listening socket is systemd's, here the test's: gunicorn comes and goes behind it."""

    def __init__(self, house):
        self.house, self.door = house, socket.create_server(("127.0.0.1", 0), backlog=1024)
        self.port = self.door.getsockname()[1]
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", HAND_OVER, str(self.door.fileno()), "netvaerk.wsgi", "-w", "2"],
            cwd=ROOT,
            env=os.environ | self.house.servers.environment,
            pass_fds=[self.door.fileno()],
            start_new_session=True,
        )
        self.house.servers.workers.append(self.process)

    def restart(self) -> None:
        self.process.terminate()
        self.process.wait(60)
        self.start()


def test_a_restart_behind_the_socket_turns_nobody_away(house, tell):
    user = create_user(password=PASSWORD)
    connection.close()
    site = HeldDoor(house)
    visitors = [Visitor(site) for _turn in range(4)]
    assert wait_until(lambda: visitors[0].get("/sundhed/")[0] == 200, seconds=60)
    assert {visitor.log_in(user.email) for visitor in visitors} == {200}
    codes, halt = [], threading.Event()

    def visit(visitor):
        while not halt.wait(len(visitors) / PER_SECOND):
            codes.append(visitor.get("/konto/beskeder/")[0])

    threads = [threading.Thread(target=visit, args=[visitor]) for visitor in visitors]
    for thread in threads:
        thread.start()
    for _turn in range(2):
        answered = len(codes)
        site.restart()
        assert wait_until(lambda seen=answered: len(codes) > seen + 20, seconds=60)
    halt.set()
    for thread in threads:
        thread.join()
    site.door.close()

    slowest = max(max(visitor.took) for visitor in visitors)
    errors = sum(code != 200 for code in codes)
    tell("F4", f"web restarted twice behind its socket: {errors} errors on {len(codes)} pages, slowest {slowest:.1f} s")
    assert errors == 0


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
