"""Workers that die, are told to stop, or come late."""

import os
import signal
import threading
import time
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from members import claiming, outbox
from members.models import Message
from members.tests.factories import create_user
from netvaerk.tests.faults import acts
from netvaerk.tests.servers import wait_until

pytestmark = pytest.mark.faults


def load(house):
    return (60, 4) if house.is_short else (600, 20)


def die(house, place, *, within=10, **told):
    """A load, sent by workers that die at `place`; counted when all is settled."""
    due, kills = load(house)
    marks = house.marks(kills, place, within=within)
    house.fill(due)
    house.worker(die=marks, **told)
    house.beat()
    started = time.monotonic()
    is_settled = house.settle(20 if told.get("without") else 120)
    return house.count(due), is_settled, time.monotonic() - started


@pytest.mark.parametrize(("row", "place", "within"), [("F1", "before connect", 3), ("F3", "between mails", 10)])
def test_killed_worker_loses_and_doubles_nothing(house, tell, row, place, within):
    # What a killed worker had in hand besides waits for half a lease: 1.5 s here, a minute and a half in the settings.
    count, is_settled, took = die(house, place, within=within)

    tell(row, f"killed {house.killed} times {place}: {count}; all sent within {took:.0f} s at a lease of 3 s")
    assert is_settled
    assert (count.lost, count.extra, count.unsettled) == (0, 0, 0)
    assert house.killed > 0


@pytest.mark.parametrize(("row", "place"), [("F2", "after 250"), ("F2", "before the note")])
def test_worker_killed_after_250_sends_that_one_mail_once_more(house, tell, row, place):
    count, is_settled, _took = die(house, place)

    tell(row, f"killed {house.killed} times {place}: {count}; bytes equal: {count.same_bytes}")
    assert is_settled
    assert house.killed > 0
    assert count.lost == 0
    assert count.extra <= house.killed
    assert count.most <= 2
    assert count.same_bytes


def test_noting_a_whole_batch_at_once_doubles_all_of_it(house, tell):
    house.fill(60)
    house.worker(die=house.marks(3, "between mails", least=4, within=12), without="noting each")
    house.beat()
    house.settle(40)
    count = house.count(60)

    tell("F3", f"control, noted when the batch is done: {count} of {house.killed} kills")
    assert count.extra > house.killed


def test_without_the_lease_a_killed_worker_leaves_mail_lying(house, tell):
    count, is_settled, _took = die(house, "before connect", within=3, without="lease")

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


def test_without_rows_to_find_an_emptied_redis_loses_the_queue(house, tell):
    """The control: no tick looks for what is due, so that only what lies in Redis is ever done."""
    if house.on_sqlite:
        pytest.skip("no Redis there")
    from members import outbox

    house.fill(20)
    outbox.nudge()
    house.redis.flush()
    house.worker()
    time.sleep(8)
    count = house.count(20)

    tell("F5", f"control, nothing but the queue: {count.unsettled} of 20 never sent after FLUSHALL")
    assert count.unsettled == 20


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


def test_deaf_worker_is_seen_and_without_cron_sends_nothing(house, tell):
    """Detection, and the control: a worker that is up and hears no tick, and no other way to send."""
    if house.on_sqlite:
        pytest.skip("no worker there")
    from members import deliveries
    from members.models import Heartbeat

    now = timezone.now()
    Heartbeat.objects.create(name="tick", beaten_at=now - timedelta(minutes=10))
    house.fill(10, due_at=now - timedelta(minutes=16))
    house.worker()
    time.sleep(8)
    count, told = house.count(10), deliveries.figures(timezone.now())

    tell("F7", f"control, no cron: {count.unsettled} of 10 unsent; seen: {len(deliveries.troubles(told, now))} alarm")
    assert count.unsettled == 10
    assert deliveries.is_tick_late(told)
    assert deliveries.is_due_late(told)


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


def written_at_once(times: int) -> int:
    """Four write the same news to the same ten people: how many rows beyond one per key."""
    people, doubles = [create_user() for _number in range(10)], 0
    now = timezone.now() + timedelta(days=1)
    for subject in range(times):
        rows = [outbox.Row("network_paused", subject, 0, person.pk, 0, now) for person in people]
        acts.at_once([lambda rows=rows: outbox.insert_rows(rows, now=now)] * 4)
        doubles += Message.objects.filter(subject_id=subject).count() - len(people)
    return doubles


def test_four_who_write_the_same_write_it_once(house, tell):
    doubles = written_at_once(5 if house.is_short else 25)

    tell("F19", f"four write the same rows at once: {doubles} doubles")
    assert doubles == 0


def test_without_the_unique_key_they_write_it_again(house, tell):
    with acts.without_constraint(Message, "one_message_per_key"):
        doubles = written_at_once(3)

    tell("F19", f"control, no unique key: {doubles} doubles of 30")
    assert doubles > 0


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
    given, twice = claim_all(house, lambda now: next(iter(claiming.claim(now, most=1)), None), due)

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
    before = Message.objects.values_list("fence", "sent_at").get()
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
    assert (message.fence, message.sent_at) == before
    assert count.most <= 2


def test_without_the_fence_one_who_comes_late_changes_the_row(house, tell):
    if house.on_sqlite:
        pytest.skip("cron's senders are not frozen")
    _arrived, before = outlived(house, without="fence")
    message = Message.objects.get()

    tell("F21", f"control, no fence: the row is changed afterwards: {(message.fence, message.sent_at) != before}")
    assert (message.fence, message.sent_at) != before


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


def test_work_carried_in_the_queue_goes_with_the_task_it_was_for(house, tell):
    """The control: had each mail been a task's argument, those of a task that is gone would be gone too."""
    if house.on_sqlite:
        pytest.skip("no queue there")
    sender = house.servers.run(
        "-c",
        "from netvaerk.tests.faults.worker import app;"
        "[app.send_task('members.tasks.send_one', args=[number]) for number in range(20)]",
    )
    assert sender.wait(30) == 0
    house.worker()
    house.beat()
    time.sleep(6)

    tell("F33", f"control, mails as arguments of a task that is gone: {20 - len(house.postmaster.letters)} of 20 lost")
    assert house.postmaster.letters == []
