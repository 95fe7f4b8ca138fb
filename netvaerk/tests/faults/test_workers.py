"""Workers that die, are told to stop, or come late."""

import os
import signal
import threading
import time
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from members import sending
from members.models import Message
from netvaerk.tests.servers import wait_until

pytestmark = pytest.mark.faults


def load(house):
    return (60, 4) if house.is_short else (600, 20)


def die(house, place, *, chance=0.1, **told):
    """A load, sent by workers that die at `place`; counted when all is settled."""
    due, kills = load(house)
    marks = house.marks(kills, place, chance)
    house.fill(due)
    house.worker(die=marks, **told)
    house.beat()
    started = time.monotonic()
    is_settled = house.settle(20 if told.get("without") else 120)
    return house.count(due), is_settled, time.monotonic() - started


@pytest.mark.parametrize(("row", "place"), [("F1", "before connect"), ("F3", "between mails")])
def test_killed_worker_loses_and_doubles_nothing(house, tell, row, place):
    lease = 180 if place == "between mails" else 3
    count, is_settled, took = die(house, place, lease=lease)

    tell(row, f"killed {house.killed} times {place}: {count}; all sent within {took:.0f} s at a lease of {lease} s")
    assert is_settled
    assert (count.lost, count.extra, count.unsettled) == (0, 0, 0)
    assert house.killed > 0


@pytest.mark.parametrize(("row", "place"), [("F2", "after 250"), ("F2", "before the note")])
def test_worker_killed_after_250_sends_that_one_mail_once_more(house, tell, row, place):
    count, is_settled, _took = die(house, place)

    tell(row, f"killed {house.killed} times {place}: {count}; bytes equal: {count.same_bytes}")
    assert is_settled
    assert count.lost == 0
    assert count.extra <= house.killed
    assert count.most <= 2
    assert count.same_bytes


def test_without_the_lease_a_killed_worker_leaves_mail_lying(house, tell):
    count, is_settled, _took = die(house, "before connect", without="lease")

    tell("F1", f"control, no lease: {count.unsettled} left lying")
    assert not is_settled
    assert count.unsettled > 0


def test_noting_before_sending_loses_mail(house, tell):
    due = 40
    house.fill(due)
    with_server_away(house)
    house.worker(without="sending before noting")
    house.beat()
    house.settle(20)
    count = house.count(due)

    tell("F2", f"control, noted before it is sent: lost {count.lost}")
    assert count.lost > 0


def with_server_away(house):
    house.postmaster.behave(ill="drop before data", times=10)


def test_worker_told_to_stop_finishes_the_mail_in_hand(house, tell):
    if house.on_sqlite:
        pytest.skip("cron's command is done when it is done")
    house.postmaster.behave(slow=0.05)
    house.fill(200)
    worker = house.worker()
    house.beat()
    assert house.arrived(10)
    started = time.monotonic()
    worker.send_signal(signal.SIGTERM)
    worker.wait(35)
    took = time.monotonic() - started
    house.worker()
    assert house.settle(90)
    count = house.count(200)

    tell("F4", f"SIGTERM in the midst of 200: gone after {took:.1f} s, {count}")
    assert (count.lost, count.extra) == (0, 0)
    assert took <= 30


def test_emptied_redis_costs_nothing(house, tell):
    if house.on_sqlite:
        pytest.skip("no Redis there")
    house.postmaster.behave(slow=0.01)
    house.fill(200)
    house.worker()
    house.beat()
    for _turn in range(5):
        time.sleep(0.5)
        house.redis.flush()
    assert house.settle(60)
    count = house.count(200)

    tell("F5", f"FLUSHALL five times with a full queue: {count}")
    assert (count.lost, count.extra) == (0, 0)


def test_redis_away_costs_a_delay_only(house, tell):
    if house.on_sqlite:
        pytest.skip("no Redis there")
    from members import outbox

    house.worker()
    house.beat()
    house.fill(5)
    assert house.settle(30)
    house.redis.stop()
    house.fill(20)
    started = time.monotonic()
    outbox.nudge()
    nudge_took = time.monotonic() - started
    time.sleep(3)
    house.redis.start()
    back = time.monotonic()
    is_settled = house.settle(120)
    took, count = time.monotonic() - back, house.count(25)

    tell("F6", f"Redis away: a nudge takes {nudge_took:.1f} s, all sent {took:.0f} s after it is back; {count}")
    assert is_settled
    assert (count.lost, count.extra) == (0, 0)
    assert nudge_took < 5


def test_cron_drains_the_outbox_of_deaf_workers(house, tell):
    house.fill(50)
    cron = house.servers.run("-m", "netvaerk.tests.faults.cron", FAULTS="{}")
    assert house.settle(60)
    house.servers.kill(cron)
    count = house.count(50)

    tell("F7", f"no worker hears: cron's send_due sends all; {count}")
    assert (count.lost, count.extra) == (0, 0)


def test_two_beats_and_four_ticks_at_once_do_no_harm(house, tell):
    due = load(house)[0]
    house.fill(due)
    for _number in range(2):
        house.worker(concurrency=2, lease=180)
        house.beat(tick=0.25)
    assert house.settle(90)
    count = house.count(due)

    tell("F19", f"two beats, four ticks a second: {count}")
    assert (count.lost, count.extra) == (0, 0)


def claim_all(house, claim, due):
    """Four threads claim what is due; which rows were given out more than once."""
    house.fill(due)
    now, given, lock = timezone.now() + timedelta(seconds=5), [], threading.Lock()
    barrier = threading.Barrier(4)

    def work():
        try:
            barrier.wait(10)
            while (message := claim(now)) and len(given) < 3 * due:
                with lock:
                    given.append(message.pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    return len(given), len(given) - len(set(given))


def test_each_row_is_given_to_one(house, tell):
    due = 200 if house.is_short else 10_000 if not house.on_sqlite else 1_000
    given, twice = claim_all(house, sending.claim, due)

    tell("F20", f"{given:,} claims by four at once: {twice} given twice")
    assert (given, twice) == (due, 0)


def test_looking_first_and_taking_afterwards_gives_rows_twice(house, tell):
    def claim(now):
        row = Message.objects.filter(state="due", due_at__lte=now).order_by("pk").first()
        if row:
            time.sleep(0.001)
            Message.objects.filter(pk=row.pk).update(state="claimed")
        return row

    _given, twice = claim_all(house, claim, 100)

    tell("F20", f"control, look first and take afterwards: {twice} of 100 given twice")
    assert twice > 0


def outlived(house, **told):
    """A worker is frozen with a mail in hand until its lease is over; another takes over; then it wakes."""
    house.postmaster.behave(slow=1.5)
    house.fill(1)
    slow = house.worker(concurrency=1, lease=1, **told)
    house.beat()
    assert house.arrived(1)
    os.killpg(slow.pid, signal.SIGSTOP)
    time.sleep(1.6)
    house.postmaster.behave()
    other = house.worker(concurrency=1, lease=1)
    arrived = house.arrived(2, seconds=20)
    wait_until(lambda: house.states().get("sent"), seconds=10)
    before = Message.objects.get().fence
    os.killpg(slow.pid, signal.SIGCONT)
    time.sleep(2)
    house.servers.kill(other)
    return arrived, before


def test_worker_that_outlives_its_lease_changes_nothing(house, tell):
    if house.on_sqlite:
        pytest.skip("cron's senders are not frozen")
    arrived, before = outlived(house)
    message, count = Message.objects.get(), house.count(1)

    tell("F21", f"frozen past its lease and woken: {count}, state {message.state}, fence {message.fence}")
    assert arrived
    assert message.state == Message.State.SENT
    assert message.fence == before
    assert count.most <= 2


def test_task_of_an_older_release_in_the_queue_does_no_harm(house, tell):
    if house.on_sqlite:
        pytest.skip("no queue there")
    sender = house.servers.run(
        "-c",
        "from netvaerk.tests.faults.worker import app;"
        "app.send_task('members.tasks.gone', args=['x', 7]); app.send_task('members.tasks.send_due', args=['old'])",
    )
    assert sender.wait(30) == 0
    worker = house.worker()
    house.beat()
    house.fill(20)
    is_settled = house.settle(60)
    count = house.count(20)

    tell("F33", f"unknown task and argument in the queue: {count}, the worker lives: {worker.poll() is None}")
    assert is_settled
    assert worker.poll() is None
    assert (count.lost, count.extra) == (0, 0)
