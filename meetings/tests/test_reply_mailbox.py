"""Without a mailbox nothing is read, and nothing is said of one. Against a real server: netvaerk/tests."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command

from meetings import reply_mailbox
from meetings.models import CalendarReply
from meetings.tests.people import NOW
from members.models import Heartbeat

pytestmark = pytest.mark.django_db


@pytest.fixture
def told(settings):
    settings.REPLY_MAILBOX = {
        "SCHEME": "imaps",
        "HOST": "h",
        "PORT": 1,
        "USER": "u",
        "PASSWORD": "p",
        "FOLDER": "INBOX",
    }


def test_without_a_mailbox_nothing_happens():
    assert reply_mailbox.read(now=NOW) is None
    assert reply_mailbox.figures(NOW) == {}
    assert reply_mailbox.tally(NOW) is None
    assert not Heartbeat.objects.exists()
    with pytest.raises(CommandError, match="REPLY_MAILBOX_URL"):
        call_command("read_replies")


def test_the_turn_is_one_readers_until_it_is_given_back_or_runs_out(told):
    assert reply_mailbox._take_turn(NOW)
    assert not reply_mailbox._take_turn(NOW + timedelta(minutes=4))
    assert reply_mailbox._take_turn(NOW + timedelta(minutes=6))
    reply_mailbox._end_turn(NOW + timedelta(minutes=7))
    assert reply_mailbox._take_turn(NOW + timedelta(minutes=7))


def test_a_turn_from_before_the_clock_was_put_back_holds_nobody_up(told):
    assert reply_mailbox._take_turn(NOW + timedelta(days=1))

    assert reply_mailbox._take_turn(NOW)


def test_the_tally_counts_the_last_month_by_outcome(told):
    for number, (outcome, days) in enumerate([("recorded", 1), ("recorded", 2), ("forged", 3), ("moved", 31)]):
        CalendarReply.objects.create(message_hash=str(number), outcome=outcome, handled_at=NOW - timedelta(days=days))

    assert reply_mailbox.tally(NOW).rows == [
        ("Registreret som svar", 2),
        ("Afsenderen er en anden end den, der svares for", 1),
    ]
