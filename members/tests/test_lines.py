"""No more lines to the mail server than it can take, whoever dies with one in hand."""

from datetime import UTC, datetime, timedelta

import pytest

from members import lines, outbox, sending
from members.kinds import Kind, _kinds
from members.mail import Mail
from members.models import Heartbeat, Message
from members.tests.factories import create_user

NOW = datetime(2027, 3, 1, 8, 0, tzinfo=UTC)
LEASE = timedelta(seconds=180)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _three(settings):
    settings.MAIL_CONNECTIONS, settings.OUTBOX_LEASE_SECONDS = 3, LEASE.total_seconds()


def test_three_lines_and_no_fourth_until_one_is_given_back():
    held = [lines.take(NOW) for _number in range(4)]
    assert [line is not None for line in held] == [True, True, True, False]

    held[1].give_back(NOW)

    assert lines.take(NOW).name == held[1].name
    assert lines.take(NOW) is None


def test_a_line_that_died_is_free_when_its_lease_is_over():
    for _number in range(3):
        lines.take(NOW)

    assert lines.take(NOW + LEASE) is None
    assert lines.take(NOW + LEASE + timedelta(seconds=1)) is not None


def test_a_line_in_use_is_kept_beyond_its_first_lease():
    kept = lines.take(NOW)
    assert kept.keep(NOW + LEASE * 0.9)

    lines.take(NOW + LEASE), lines.take(NOW + LEASE)
    assert lines.take(NOW + LEASE * 1.5) is None


def test_who_comes_back_too_late_finds_the_line_lost():
    late = lines.take(NOW)
    for _number in range(3):
        lines.take(NOW + 2 * LEASE)

    assert late.keep(NOW + 2 * LEASE) is False
    late.give_back(NOW + 2 * LEASE)
    assert lines.take(NOW + 2 * LEASE) is None  # it has not given back what is another's


def test_a_clock_that_was_put_back_locks_no_line():
    for _number in range(3):
        lines.take(NOW + timedelta(hours=5))

    assert lines.take(NOW) is not None


def test_without_a_limit_there_is_always_a_line(settings):
    settings.MAIL_CONNECTIONS = 0

    assert all(lines.take(NOW).keep(NOW) for _number in range(9))
    assert not Heartbeat.objects.exists()


def test_nothing_is_claimed_without_a_line_and_all_is_sent_with_one(monkeypatch):
    monkeypatch.setitem(_kinds, "news", Kind("news", lambda message, now: Mail("Nyt", "Hej\n"), "Nyt"))
    outbox.enqueue("news", subject_id=1, recipients=[create_user()], now=NOW)
    held = [lines.take(NOW) for _number in range(3)]

    assert sending.send_due(now=NOW) == {}
    assert Message.objects.get().state == Message.State.DUE

    held[0].give_back(NOW)
    assert sending.send_due(now=NOW) == {"sent": 1}
    assert lines.take(NOW) is not None  # it was given back
