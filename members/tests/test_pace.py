"""So many mails a minute and a day, and no more, however many workers ask."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from members import deliveries, kinds, outbox, pace
from members.mail import Mail
from members.models import Message
from members.tests.factories import create_user

NOW = datetime(2027, 3, 1, 8, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def news(db, monkeypatch):
    monkeypatch.setattr(kinds, "_kinds", {})
    outbox.register("news", build=lambda message, now: Mail("Nyt", "Hej\n"), label="Nyt")


def due(number, **fields):
    outbox.enqueue("news", subject_id=7, recipients=[create_user() for _turn in range(number)], now=NOW, **fields)


def test_mails_are_spread_evenly_over_the_minute(settings):
    settings.MAIL_PER_MINUTE = 30
    due(100)

    sent = Counter()
    for second in range(60):
        sent += outbox.send_due(now=NOW + second * SECOND)

    assert sent == Counter(sent=30)


def test_no_place_is_taken_when_nothing_is_due(settings):
    settings.MAIL_PER_MINUTE = 1
    outbox.send_due(now=NOW)
    due(1)

    assert outbox.send_due(now=NOW) == Counter(sent=1)


def test_what_is_urgent_takes_the_first_place(settings):
    settings.MAIL_PER_MINUTE = 1
    due(2)
    due(1, offset_minutes=1, priority=Message.Priority.URGENT)

    outbox.send_due(now=NOW)

    assert Message.objects.get(state="sent").priority == Message.Priority.URGENT


def test_day_is_full_until_midnight_in_denmark(settings):
    settings.MAIL_PER_DAY = 5
    due(8)

    assert outbox.send_due(now=NOW) == Counter(sent=5)
    assert outbox.send_due(now=NOW + timedelta(hours=14)) == Counter()
    assert outbox.send_due(now=NOW + timedelta(hours=15)) == Counter(sent=3)


def test_hr_is_warned_at_four_fifths_of_a_day(settings):
    settings.MAIL_PER_DAY = 10
    due(8)
    outbox.send_due(now=NOW, limit=7)
    assert not pace.is_near_the_limit(NOW)

    outbox.send_due(now=NOW)

    assert any("8 af de 10" in sentence for sentence in deliveries.troubles(deliveries.figures(NOW), NOW))


def test_clock_that_was_put_back_does_not_stop_the_mail(settings):
    settings.MAIL_PER_MINUTE = 30
    due(2)
    outbox.send_due(now=NOW + timedelta(hours=1), limit=1)

    assert outbox.send_due(now=NOW) == Counter(sent=1)


@pytest.mark.parametrize("behind", [timedelta(milliseconds=1), timedelta(seconds=5)])
def test_worker_that_read_the_clock_before_another_took_its_place_waits_too(settings, behind):
    settings.MAIL_PER_MINUTE = 30
    assert pace.seconds_to_wait(NOW) == 0

    assert pace.seconds_to_wait(NOW - behind) == pytest.approx(2 + behind.total_seconds())


def test_without_a_limit_nothing_is_counted():
    due(3)

    assert outbox.send_due(now=NOW) == Counter(sent=3)
    assert pace.sent_today(NOW) == 0
