"""What a monitor is told, and when it is alarmed."""

from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone

from members import sending
from members.models import Heartbeat, Message
from members.tests.factories import create_user
from netvaerk import health


@pytest.fixture
def ticking(db):
    sending.beat("tick", timezone.now())


def due(*, minutes, **fields):
    now = timezone.now()
    return Message.objects.create(
        kind="invitation",
        subject_id=Message.objects.count(),
        recipient=create_user(first_name="Hemmelig"),
        created_at=now,
        due_at=now - timedelta(minutes=minutes),
        **fields,
    )


def test_live_needs_no_database_and_no_sign_in(client):
    response = client.get("/sundhed/")

    assert (response.status_code, response.content) == (200, b"ok")
    assert "no-store" in response["Cache-Control"]


def test_ready_tells_numbers_only(client, ticking):
    due(minutes=3)
    due(minutes=3, state="failed", last_error="550 no such user")
    due(minutes=3, state="in_doubt")

    response = client.get("/sundhed/klar/")

    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]
    numbers = response.json()
    assert set(numbers) == {
        "database", "broker", "tick_age", "worker_age", "sweep_age", "sweep_difference",
        "unsent", "oldest_due_age", "failed", "in_doubt", "relay_trouble_age",
    }  # fmt: skip
    assert all(value is None or type(value) is int for value in numbers.values())
    assert [numbers[name] for name in ("database", "unsent", "failed", "in_doubt")] == [1, 1, 1, 1]
    assert 180 <= numbers["oldest_due_age"] < 240


def test_ready_tells_how_much_the_last_sweep_had_to_put_right(client, ticking):
    assert client.get("/sundhed/klar/").json()["sweep_difference"] is None

    sending.beat("sweep", timezone.now(), note="3")

    numbers = client.get("/sundhed/klar/").json()
    assert numbers["sweep_difference"] == 3
    assert numbers["sweep_age"] <= 5


def test_ready_alarms_when_the_clock_has_stopped(client, ticking):
    Heartbeat.objects.update(beaten_at=timezone.now() - timedelta(minutes=6))

    assert client.get("/sundhed/klar/").status_code == 503


def test_ready_alarms_when_the_clock_never_started(client, db):
    response = client.get("/sundhed/klar/")

    assert response.status_code == 503
    assert response.json()["tick_age"] is None


def test_ready_alarms_when_a_message_has_waited_too_long(client, ticking):
    message = due(minutes=16)
    assert client.get("/sundhed/klar/").status_code == 503

    message.useless_after = timezone.now()
    message.save()
    assert client.get("/sundhed/klar/").status_code == 200


def test_ready_alarms_when_the_database_is_away(client, monkeypatch):
    def away():
        raise OperationalError

    monkeypatch.setattr(health, "database_now", away)

    response = client.get("/sundhed/klar/")
    assert response.status_code == 503
    assert response.json()["database"] == 0


def test_ready_tells_of_an_absent_broker_without_alarm(client, ticking, monkeypatch):
    monkeypatch.setattr(health, "is_broker_reachable", lambda: False)

    response = client.get("/sundhed/klar/")
    assert (response.status_code, response.json()["broker"]) == (200, 0)


def test_health_pages_are_for_reading_only(client, ticking):
    assert client.post("/sundhed/").status_code == 405
    assert client.post("/sundhed/klar/").status_code == 405
