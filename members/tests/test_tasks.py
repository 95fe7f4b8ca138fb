"""Clock and nudge: tasks that carry nothing, leave a trace of life, and whose broker may be away."""

import socket
import time
from datetime import timedelta

import pytest
from celery import Celery
from django.core.management import call_command
from django.utils import timezone

from members import kinds, outbox, tasks
from members.mail import Mail
from members.models import Heartbeat, Message
from members.tests.factories import create_user


@pytest.fixture(autouse=True)
def invitation(db, monkeypatch):
    monkeypatch.setattr(kinds, "_kinds", {})
    monkeypatch.setattr(outbox, "_quiet_until", 0.0)
    outbox.register("invitation", build=lambda message, now: Mail("Møde", "Hej\n"), label="Indkaldelse")


def enqueue(number=1):
    people = [create_user() for _number in range(number)]
    outbox.enqueue("invitation", subject_id=7, recipients=people, now=timezone.now() - timedelta(minutes=1))


def beats():
    return set(Heartbeat.objects.exclude(name__startswith="mail line").values_list("name", flat=True))


def test_tick_sends_what_is_due_and_leaves_its_beats():
    enqueue(2)

    tasks.send_due()

    assert set(Message.objects.values_list("state", flat=True)) == {"sent"}
    assert beats() == {"tick", "sender", "worker"}


def test_nudge_sends_but_is_no_tick():
    enqueue()

    tasks.send_now()

    assert Message.objects.get().state == "sent"
    assert beats() == {"sender", "worker"}


def test_beats_move_on():
    tasks.send_due()
    Heartbeat.objects.update(beaten_at=timezone.now() - timedelta(days=1))

    tasks.send_due()

    assert all(
        beat.beaten_at > timezone.now() - timedelta(minutes=1)
        for beat in Heartbeat.objects.exclude(name__startswith="mail line")
    )


def test_long_batch_goes_on_in_a_turn_of_its_own(monkeypatch):
    nudges = []
    monkeypatch.setattr(tasks, "TURN_SECONDS", 0)
    monkeypatch.setattr(outbox, "nudge", lambda: nudges.append(1))
    enqueue()

    tasks.send_due()

    assert Message.objects.get().state == "due"
    assert nudges == [1]


@pytest.mark.parametrize(("due", "asked"), [(3, 0), (4, 2), (9, 2)])
def test_full_batch_is_followed_by_the_next_at_once_and_not_at_the_next_tick(monkeypatch, settings, due, asked):
    nudges = []
    monkeypatch.setattr(outbox, "nudge", lambda: nudges.append(1))
    settings.OUTBOX_BATCH = 4
    enqueue(due)

    tasks.send_due()

    assert Message.objects.filter(state="sent").count() == min(due, 4)
    assert len(nudges) == asked


@pytest.mark.parametrize("task", [tasks.send_due, tasks.send_now, tasks.tidy])
def test_task_takes_no_arguments_and_keeps_no_result(task):
    with pytest.raises(TypeError):
        task("something")
    assert task.ignore_result


def test_broker_that_is_away_costs_an_act_next_to_nothing(settings, monkeypatch):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    monkeypatch.delenv("CELERY_BROKER_URL", raising=False)  # it would win over the argument
    away = Celery("away", broker=f"redis://127.0.0.1:{port}/0", set_as_current=False)
    away.conf.broker_transport_options = settings.CELERY_BROKER_TRANSPORT_OPTIONS
    monkeypatch.setattr(
        tasks.send_now, "apply_async", lambda **options: away.send_task("members.tasks.send_now", **options)
    )

    began = time.monotonic()
    outbox.nudge()
    took = time.monotonic() - began

    assert took < 2
    assert outbox._quiet_until > time.monotonic()


def test_send_due_by_hand_says_what_it_did(capsys):
    enqueue(3)

    call_command("send_due")
    call_command("send_due")

    assert capsys.readouterr().out == "sent 3\nNothing is due.\n"
    assert beats() == {"tick", "sender"}


def test_send_due_by_hand_sends_more_than_one_batch(settings, capsys):
    settings.OUTBOX_BATCH = 2
    enqueue(5)

    call_command("send_due")

    assert capsys.readouterr().out == "sent 5\n"
