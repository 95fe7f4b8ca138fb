"""A database that goes away in the midst of it all, comes back from a backup, or has many writers at once."""

import sqlite3
import subprocess
import threading
import time
from contextlib import closing
from datetime import timedelta

import pytest
from django.db import Error, connection
from django.utils import timezone

from meetings import scheduling
from meetings.models import Meeting, MeetingChange
from members import outbox
from members.models import Message
from netvaerk.tests.faults.acts import slowly, unlocked
from netvaerk.tests.faults.test_meetings import convened

pytestmark = pytest.mark.faults


def cut_while_moving(house, cuts):
    """A meeting is moved again and again while the database loses its power; what came of the moves."""
    meeting, memberships = convened()
    acknowledged, failed, halt = [], [], threading.Event()

    def move_on():
        actor = memberships[0].leader.user
        while not halt.is_set():
            try:
                now = Meeting.objects.select_related("network").get(pk=meeting.pk)
                scheduling.move(
                    now,
                    date=now.date + timedelta(days=1),
                    start_time=now.start_time,
                    end_time=now.end_time,
                    actor=actor,
                    now=timezone.now(),
                    seen_sequence=now.sequence,
                )
                acknowledged.append(now.sequence + 1)
            except Error:
                failed.append(time.monotonic())
                connection.close()
                time.sleep(0.1)
        connection.close()

    mover = threading.Thread(target=move_on)
    mover.start()
    recovery = []
    for _cut in range(cuts):
        time.sleep(1)
        connection.close()
        house.postgres.restart()
        up, before = time.monotonic(), len(acknowledged)
        while len(acknowledged) == before and time.monotonic() - up < 20:
            time.sleep(0.05)
        recovery.append(time.monotonic() - up)
    halt.set()
    mover.join(30)
    connection.close()
    changes = set(MeetingChange.objects.filter(meeting=meeting).values_list("sequence", flat=True))
    told = set(Message.objects.filter(kind="meeting_changed").values_list("sequence", flat=True))
    half = len(changes ^ told) + (Meeting.objects.get(pk=meeting.pk).sequence != max(changes, default=0))
    return len(set(acknowledged) - changes), half, len(changes), recovery


def test_power_cut_of_the_database_leaves_whole_acts_or_none(house, tell):
    if house.on_sqlite:
        pytest.skip("SQLite has no server")
    cuts = 2 if house.is_short else 10
    lost, half, moves, recovery = cut_while_moving(house, cuts)

    tell(
        "F8",
        f"power cut {cuts} times among {moves} moves: half-written {half}, acknowledged but lost {lost}, "
        f"well again {max(recovery):.1f} s after it is up",
    )
    assert (half, lost) == (0, 0)
    assert max(recovery) <= 10


def test_without_a_transaction_a_power_cut_leaves_half(house, tell, monkeypatch):
    if house.on_sqlite:
        pytest.skip("SQLite has no server")
    unlocked(monkeypatch, scheduling, "move")
    slowly(monkeypatch, scheduling, "_begin_change", 0.05)
    slowly(monkeypatch, scheduling.invitations, "renew", 0.05)
    half, moves = 0, 0
    for _turn in range(4):
        _lost, wrong, count, _recovery = cut_while_moving(house, 4)
        half, moves = half + wrong, moves + count
        if half:
            break

    tell("F8", f"control, no transaction: {half} half-written among {moves} moves")
    assert half > 0


def test_power_cut_between_sending_and_noting(house, tell):
    if house.on_sqlite:
        pytest.skip("SQLite has no server")
    cuts = 2 if house.is_short else 5
    house.postmaster.behave(slow=0.02)
    house.fill(300)
    house.worker()
    house.beat()
    assert house.arrived(10)
    for _cut in range(cuts):
        connection.close()
        house.postgres.restart()
        time.sleep(2)
    is_settled = house.settle(120)
    count = house.count(300)

    tell("F9", f"power cut {cuts} times while 3 workers send: {count}; bytes equal {count.same_bytes}")
    assert is_settled
    assert count.lost == 0
    assert count.extra <= 3 * cuts
    assert count.most <= 2
    assert count.same_bytes


def test_without_the_lease_a_power_cut_leaves_mail_lying(house, tell):
    if house.on_sqlite:
        pytest.skip("SQLite has no server")
    house.postmaster.behave(slow=0.05)
    house.fill(150)
    house.worker(without="lease")
    house.beat(without="lease")
    assert house.arrived(10)
    for _cut in range(3):
        connection.close()
        house.postgres.restart()
        time.sleep(1.5)
    house.settle(20)
    count = house.count(150)

    tell("F9", f"control, no lease: {count.unsettled} left between sending and noting")
    assert count.unsettled > 0


def test_restored_backup_sends_nothing_again(house, tell):
    if house.on_sqlite:
        pytest.skip("the file itself is the backup")
    house.worker()
    house.beat()
    house.fill(30)
    assert house.settle(60)
    programs, connection_of = house.postgres.bin, ["-h", "127.0.0.1", "-p", str(house.postgres.port), "-U", "netvaerk"]
    backup = subprocess.run(
        [programs / "pg_dump", *connection_of, "--clean", "postgres"], check=True, capture_output=True, timeout=60
    ).stdout
    house.servers.send_home()
    sent = list(Message.objects.values_list("subject_id", "recipient"))
    connection.close()
    subprocess.run(
        [programs / "psql", *connection_of, "-q", "postgres"],
        input=backup,
        check=True,
        timeout=60,
        stdout=subprocess.DEVNULL,
    )
    house.worker()
    house.beat()
    house.fill(5)
    say_again(sent)
    assert house.settle(60)
    count = house.count(35)

    tell("F35", f"restored from a backup of 30 sent, and all of them asked for again: {count}")
    assert (count.lost, count.extra) == (0, 0)
    Message.objects.filter(subject_id__in=[subject for subject, _recipient in sent]).delete()
    say_again(sent)
    assert house.settle(60)
    count = house.count(35)
    tell("F35", f"control, a backup without what was sent: {count}")
    assert count.extra > 0


def say_again(sent) -> None:
    """As the sweep does that finds no row."""
    from netvaerk.tests.faults import worker  # which makes time short in this process too

    now = timezone.now()
    outbox.insert_rows([outbox.Row(worker.KIND, subject, 0, person, 0, now) for subject, person in sent], now=now)


def test_sqlite_takes_ten_writers_a_reader_and_a_copy(house, tell):
    if not house.on_sqlite:
        pytest.skip("about SQLite")
    errors, written, halt = [], [], threading.Event()

    def write():
        try:
            while not halt.is_set():
                written.extend(house.fill(1))
        except Error as problem:
            errors.append(str(problem))
        finally:
            connection.close()

    writers = [threading.Thread(target=write) for _number in range(10)]
    for writer in writers:
        writer.start()
    copies = 3 if house.is_short else 20
    whole = 0
    path = house.folder / "house.sqlite3"
    for number in range(copies):
        with sqlite3.connect(path) as source, sqlite3.connect(house.folder / f"copy{number}") as copy:
            source.backup(copy)
            whole += copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        source.close()
        copy.close()
        time.sleep(0.5)
    halt.set()
    for writer in writers:
        writer.join(60)

    tell("F36", f"ten writers, {len(written)} rows: {len(errors)} errors; {whole} of {copies} copies whole")
    assert errors == []
    assert whole == copies


def test_transactions_that_begin_by_reading_find_the_database_locked(house, tell):
    """The control: a transaction that takes its write lock only when it writes, and waits for none."""
    if not house.on_sqlite:
        pytest.skip("about SQLite")
    path, errors = house.folder / "house.sqlite3", []

    def write():
        with closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as own:
            for _turn in range(50):
                try:
                    own.execute("BEGIN")
                    own.execute("SELECT count(*) FROM members_heartbeat").fetchone()
                    time.sleep(0.002)
                    own.execute("UPDATE members_heartbeat SET note = 'x'")
                    own.execute("COMMIT")
                except sqlite3.OperationalError as problem:
                    errors.append(str(problem))
                    own.execute("ROLLBACK") if own.in_transaction else None

    writers = [threading.Thread(target=write) for _number in range(10)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)

    tell("F36", f"control, no write lock from the beginning: {len(errors)} of 500 say that the database is locked")
    assert errors
