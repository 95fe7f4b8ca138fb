"""Writing to the outbox: one row per key, in the act's own transaction, and a nudge that may fail."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction

from members import kinds, outbox, tasks
from members.models import Message
from members.tests.factories import create_user

NOW = datetime(2027, 3, 1, 8, 0, tzinfo=UTC)
State = Message.State


@pytest.fixture(autouse=True)
def invitation(monkeypatch):
    monkeypatch.setattr(kinds, "_kinds", {})
    outbox.register("invitation", build=lambda message, now: None, label="Indkaldelse", about="meeting")


@pytest.fixture
def nudges(monkeypatch):
    """Every nudge that reached the broker; nothing is quiet from an earlier test."""
    sent = []
    monkeypatch.setattr(outbox, "_quiet_until", 0.0)
    monkeypatch.setattr(tasks.send_now, "apply_async", lambda **options: sent.append(options))
    return sent


def enqueue(recipients, **fields):
    return outbox.enqueue("invitation", **{"subject_id": 7, "recipients": recipients, "now": NOW, **fields})


def test_enqueue_writes_one_due_row_per_recipient(db):
    anne, bo = create_user(), create_user()

    written = enqueue([anne, bo.pk, anne], sequence=2, priority=Message.Priority.URGENT)

    assert written == 2
    assert list(
        Message.objects.order_by("pk").values_list("recipient", "state", "due_at", "sequence", "priority", "about")
    ) == [(anne.pk, State.DUE, NOW, 2, 0, "meeting"), (bo.pk, State.DUE, NOW, 2, 0, "meeting")]


def test_enqueue_twice_writes_once(db):
    anne, bo = create_user(), create_user()
    enqueue([anne])

    assert enqueue([anne, bo]) == 1
    assert enqueue([anne, bo]) == 0
    assert Message.objects.count() == 2


def test_enqueue_tells_sequence_and_offset_apart(db):
    anne = create_user()

    assert [enqueue([anne]), enqueue([anne], sequence=1), enqueue([anne], offset_minutes=60)] == [1, 1, 1]


def test_enqueue_refuses_a_kind_nobody_knows(db):
    with pytest.raises(LookupError, match="gossip"):
        outbox.enqueue("gossip", subject_id=7, recipients=[create_user()], now=NOW)


def test_enqueue_goes_with_the_act_it_belongs_to(db):
    anne = create_user()

    def act():
        with transaction.atomic():
            enqueue([anne])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        act()

    assert not Message.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_enqueue_at_the_same_moment_leaves_one_row():
    anne = create_user()
    barrier = threading.Barrier(4)

    def write():
        barrier.wait(10)
        enqueue([anne], due_at=NOW + timedelta(days=1))
        connection.close()

    writers = [threading.Thread(target=write) for _number in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(30)

    assert Message.objects.count() == 1


def test_enqueue_costs_the_same_for_one_and_for_forty(db, django_assert_num_queries):
    people = [create_user() for _number in range(40)]
    with django_assert_num_queries(1):
        enqueue(people[:1])
    with django_assert_num_queries(1):
        enqueue(people)


def test_supersede_sets_aside_what_is_open_or_claimed_only(db):
    people = {state: create_user() for state in State}
    enqueue(people.values())
    for state, person in people.items():
        Message.objects.filter(recipient=person).update(state=state)

    number = outbox.supersede("invitation", subject_id=7, now=NOW)

    untouched = {State.DATA_SENT, State.SENT, State.IN_DOUBT, State.SUPPRESSED, State.FAILED}
    assert number == 3
    for state, person in people.items():
        message = Message.objects.get(recipient=person)
        assert message.state == (state if state in untouched else State.SUPERSEDED)


def test_supersede_can_be_for_some_people(db):
    anne, bo = create_user(), create_user()
    enqueue([anne, bo])

    assert outbox.supersede(["invitation"], subject_id=7, recipients=[anne], now=NOW) == 1
    assert Message.objects.get(recipient=bo).state == State.DUE


# --- The nudge -------------------------------------------------------------------------------------------------------


def test_nudge_comes_once_per_transaction_and_after_it(db, nudges, django_capture_on_commit_callbacks):
    anne = create_user()

    with django_capture_on_commit_callbacks(execute=True):
        enqueue([anne])
        enqueue([anne], sequence=1)
        assert nudges == []

    assert len(nudges) == 1


def test_nudge_is_not_sent_for_what_is_due_later(db, nudges, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        enqueue([create_user()], due_at=NOW + timedelta(days=2))

    assert nudges == []


def test_nudge_raises_nothing_when_the_broker_is_away(db, monkeypatch, django_capture_on_commit_callbacks):
    tries = []

    def away(**options):
        tries.append(options)
        raise ConnectionRefusedError

    monkeypatch.setattr(outbox, "_quiet_until", 0.0)
    monkeypatch.setattr(tasks.send_now, "apply_async", away)

    with django_capture_on_commit_callbacks(execute=True):
        enqueue([create_user()])
    outbox.nudge()

    assert Message.objects.count() == 1
    assert len(tries) == 1, "while the broker is away, only the first one waits for it"
