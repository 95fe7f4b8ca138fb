"""The reply mailbox against a real server."""

import logging
import tempfile
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.urls import reverse

from meetings import replies, reply_mailbox
from meetings.models import CalendarReply, Rsvp
from meetings.tasks import read_replies
from meetings.tests.calendar_mails import SAID, apple, google, outlook
from meetings.tests.factories import create_meeting
from meetings.tests.people import create_members, create_people
from members.clock import database_now
from members.models import Heartbeat
from netvaerk.tests.dovecot import PASSWORD, Dovecot, lying_in

pytestmark = [pytest.mark.services, pytest.mark.django_db]
NOW = SAID + timedelta(hours=1)
SPAM = b"From: a@b.invalid\r\nSubject: =?utf-8?q?Kan_vi_rykke_m=C3=B8det=3F?=\r\n\r\nHej\r\n"


@pytest.fixture(scope="module")
def dovecot():
    with tempfile.TemporaryDirectory(prefix="netvaerk-dovecot-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        server = Dovecot(folder)
        yield server
        server.stop()


@pytest.fixture
def mailbox(dovecot, settings, monkeypatch):
    """The mailbox as a person sees it, empty, and the product told of it."""
    monkeypatch.setenv("SSL_CERT_FILE", str(dovecot.folder / "certificate.pem"))
    settings.REPLY_MAILBOX = dovecot.told
    # Mails arrive by the server's own clock; most tests have a clock of theirs.
    monkeypatch.setattr(reply_mailbox, "KEEP_MAILS", timedelta(days=36500))
    with reply_mailbox._open() as opened:
        for folder in opened.folder.list():
            opened.folder.set(folder.name)
            opened.delete(opened.uids())
        opened.folder.set("INBOX")
        yield opened


@pytest.fixture
def people():
    return create_people()


@pytest.fixture
def meeting(people):
    return create_meeting(network=people.network)


def read(now=NOW):
    return reply_mailbox.read(now=now)


def test_answers_of_three_clients_are_taken_and_the_rest_set_aside(mailbox, people, meeting):
    third = create_members(people.network, 1)[0]
    meeting = create_meeting(network=people.network, date=meeting.date + timedelta(days=7))  # the third's too
    for mail in (
        outlook(meeting, people.member, partstat="ACCEPTED"),
        SPAM,
        google(meeting, people.coordinator, partstat="DECLINED"),
        outlook(meeting, people.member, sender="ulla@udenfor.invalid"),
        apple(meeting, third, partstat="TENTATIVE"),
        outlook(meeting, people.member, method="COUNTER"),
    ):
        mailbox.append(mail)

    counts = read()

    assert counts == Counter(recorded=3, no_calendar=1, forged=1, not_a_reply=1)
    assert dict(Rsvp.objects.values_list("user", "answer")) == {
        people.member.pk: "accepted",
        people.coordinator.pk: "declined",
        third.pk: "tentative",
    }
    assert lying_in(mailbox) == {"INBOX": 0, "Behandlet": 3, "Lagt til side": 3}
    assert read(NOW + timedelta(minutes=1)) == Counter()


def test_a_reader_that_dies_before_it_moves_a_mail_does_not_take_it_twice(mailbox, people, meeting, monkeypatch):
    mailbox.append(outlook(meeting, people.member))
    with monkeypatch.context() as patch:
        patch.setattr("imap_tools.BaseMailBox.move", lambda *args: (_ for _ in ()).throw(OSError("cut off")))
        read()
    Rsvp.objects.update(answer=Rsvp.Answer.DECLINED)

    assert read(NOW + timedelta(minutes=1)) == Counter(recorded=1)
    assert lying_in(mailbox)["Behandlet"] == 1
    assert Rsvp.objects.get().answer == Rsvp.Answer.DECLINED
    assert CalendarReply.objects.count() == 1


def test_a_mail_too_big_is_set_aside_unread(mailbox, people, meeting):
    big = outlook(meeting, people.member) + b"--_000_AM0PR01_\r\n\r\n" + b"x" * reply_mailbox.MOST_BYTES
    mailbox.append(big)
    mailbox.append(outlook(meeting, people.coordinator))

    assert read() == Counter(too_big=1, recorded=1)


def test_a_poisonous_mail_holds_up_no_other(mailbox, people, meeting):
    nested = b"".join(b"Content-Type: multipart/mixed; boundary=%d\r\n\r\n--%d\r\n" % (n, n) for n in range(3000))
    mailbox.append(nested)
    mailbox.append(outlook(meeting, people.member))

    assert read() == Counter(malformed=1, recorded=1)


def test_a_mail_that_took_its_reader_down_comes_after_the_others(mailbox, people, meeting, monkeypatch):
    mailbox.append(SPAM)
    mailbox.append(outlook(meeting, people.member))

    def die_of_spam(raw, **kwargs):
        if raw == SPAM:
            raise OperationalError  # as hard as a kill: nothing is caught on its way
        return handle(raw, **kwargs)

    handle = replies.handle
    monkeypatch.setattr(replies, "handle", die_of_spam)
    with pytest.raises(OperationalError):
        read()
    with pytest.raises(OperationalError):
        read(NOW + 2 * reply_mailbox.TURN)

    assert Rsvp.objects.get().answer == Rsvp.Answer.ACCEPTED


def test_two_readers_at_once_are_one(mailbox, people, meeting):
    mailbox.append(outlook(meeting, people.member))
    assert reply_mailbox._take_turn(NOW)

    assert read(NOW + timedelta(seconds=1)) is None
    assert read(NOW + reply_mailbox.TURN + timedelta(seconds=1)) == Counter(recorded=1)


def test_two_readers_who_both_have_the_turn_do_no_harm(mailbox, people, meeting, monkeypatch):
    monkeypatch.setattr(reply_mailbox, "_take_turn", lambda now: True)
    for _turn in range(3):
        mailbox.append(outlook(meeting, people.member, message_id="samme"))
    fetch, inner = reply_mailbox._fetch, []

    def fetch_while_another_reads(box, uid):
        found = fetch(box, uid)
        if not inner:
            inner.append("begun")
            inner.append(read())
        return found

    monkeypatch.setattr(reply_mailbox, "_fetch", fetch_while_another_reads)
    read()

    assert inner[1] == Counter(recorded=3)
    assert (Rsvp.objects.count(), CalendarReply.objects.count()) == (1, 1)
    assert lying_in(mailbox)["INBOX"] == 0
    assert not Heartbeat.objects.filter(name="replies_trouble").exists()


def test_mails_are_gone_after_a_month(mailbox, monkeypatch):
    now = database_now()
    for days in (20, 40, 60):
        mailbox.append(SPAM + str(days).encode(), dt=now - timedelta(days=days))

    read(now)
    assert lying_in(mailbox)["Lagt til side"] == 3
    monkeypatch.setattr(reply_mailbox, "KEEP_MAILS", timedelta(days=30))
    read(now + timedelta(minutes=1))

    assert lying_in(mailbox)["Lagt til side"] == 1


# --- Trouble ---------------------------------------------------------------------------------------------------------


def test_a_server_that_is_down_is_told_of_and_tried_again(dovecot, mailbox, people, meeting, client, caplog):
    mailbox.append(outlook(meeting, people.member))
    now = database_now()
    meeting.date = (now + timedelta(days=30)).date()
    meeting.save()
    dovecot.stop()
    try:
        assert read(now) == Counter()
        assert read(now + timedelta(minutes=1)) == Counter()
        figures = reply_mailbox.figures(now + timedelta(minutes=1))
        client.force_login(people.hr)
        page = client.get(reverse("members:deliveries")).content.decode()
    finally:
        dovecot.start()

    assert figures == {"replies_age": None, "replies_trouble_age": 60}
    assert "Postkassen med kalendersvar har ikke kunnet læses siden" in page
    assert sum("cannot be read" in line for line in caplog.messages) == 1
    assert read(now + timedelta(minutes=2)) == Counter(recorded=1)
    assert reply_mailbox.figures(now + timedelta(minutes=2)) == {"replies_age": 0, "replies_trouble_age": None}


def test_a_wrong_password_is_trouble_and_is_never_written_anywhere(mailbox, settings, caplog):
    caplog.set_level(logging.DEBUG)
    settings.REPLY_MAILBOX |= {"PASSWORD": "forkert-kodeord"}

    read()

    assert Heartbeat.objects.get(name="replies_trouble").note == "MailboxLoginError"
    for secret in ("forkert-kodeord", PASSWORD, "hemmeligt", settings.REPLY_MAILBOX["USER"]):
        assert secret not in caplog.text
        assert not Heartbeat.objects.filter(note__contains=secret).exists()


def test_a_server_nobody_vouches_for_is_not_told_the_password(mailbox, monkeypatch):
    monkeypatch.delenv("SSL_CERT_FILE")

    read()

    assert Heartbeat.objects.get(name="replies_trouble").note == "SSLCertVerificationError"


# --- By clock and by hand --------------------------------------------------------------------------------------------


def test_the_tick_reads(mailbox, people, meeting):
    mailbox.append(SPAM)

    read_replies()

    assert CalendarReply.objects.get().outcome == "no_calendar"


def test_the_command_tells_what_it_did(mailbox, people, meeting, capsys):
    mailbox.append(SPAM)

    call_command("read_replies")

    assert capsys.readouterr().out.split("\n") == ["0 answers recorded, 1 mails set aside.", "  no_calendar: 1", ""]


def test_the_command_says_when_it_cannot(mailbox, settings):
    settings.REPLY_MAILBOX |= {"PASSWORD": "forkert"}

    with pytest.raises(CommandError):
        call_command("read_replies")


def test_hr_sees_counts_and_nothing_else(mailbox, people, meeting, client):
    for mail in (outlook(meeting, people.member), SPAM, SPAM + b"2"):
        mailbox.append(mail)
    read(database_now())
    client.force_login(people.hr)

    page = client.get(reverse("members:deliveries")).content.decode()
    tally = page[page.index("Svar fra kalendere") : page.index("</details>")]

    assert 'Mail uden kalendersvar</th><td class="number">2</td>' in tally
    assert people.member.email not in tally
