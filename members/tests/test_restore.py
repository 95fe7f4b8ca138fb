from datetime import timedelta

import pytest
from django.core import mail as post
from django.core.management import call_command
from django.utils import timezone

from members import kinds, outbox, restore, sending
from members.mail import Mail
from members.models import AuditEvent, Message
from members.tests.factories import create_user

pytestmark = pytest.mark.django_db
State = Message.State


@pytest.fixture(autouse=True)
def _news(monkeypatch):
    monkeypatch.setitem(kinds._kinds, "news", kinds.Kind("news", lambda message, now: Mail("Nyt", "Hej\n"), "Nyt"))


def news(subject, **fields):
    outbox.enqueue("news", subject_id=subject, recipients=[create_user()], now=timezone.now() - timedelta(hours=1))
    Message.objects.filter(subject_id=subject).update(**fields)


def test_what_a_backup_had_as_unsent_waits_for_an_operators_yes(capsys):
    news(1)
    news(2, state=State.SENT)
    news(3, state=State.DATA_SENT, lease_until=timezone.now())
    news(4, due_at=timezone.now() + timedelta(days=1))

    call_command("after_restore")
    sending.send_due()
    assert post.outbox == []
    assert dict(Message.objects.values_list("subject_id", "state")) == {
        1: "in_doubt",
        2: "sent",
        3: "in_doubt",
        4: "due",
    }

    call_command("after_restore", yes=True)
    sending.send_due()
    assert len(post.outbox) == 2
    assert capsys.readouterr().out.splitlines()[0].startswith("2 messages are held.")
    assert set(AuditEvent.objects.values_list("verb", flat=True)) == {"hold_restored", "release_restored"}


def test_yes_sends_nothing_that_was_in_doubt_before():
    news(1, state=State.IN_DOUBT, last_error="worker lost during hand-over")

    restore.hold(now=timezone.now())

    assert restore.release(now=timezone.now()) == 0
