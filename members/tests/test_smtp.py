"""A real SMTP server, well and ill: what is taken, and what each refusal means."""

import smtplib
import socket
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from aiosmtpd.controller import Controller

from members import kinds, outbox, smtp
from members.mail import Mail
from members.models import Message
from members.tests.factories import create_user

NOW = datetime(2027, 3, 1, 8, 0, tzinfo=UTC)
State = Message.State


class Postmaster:
    """Keeps what it takes, and refuses by address or altogether."""

    def __init__(self, *, hears_two_at_once: bool):
        self.hears_two_at_once = hears_two_at_once
        self.taken = []
        self.connections = set()
        self.at_mail = self.at_data = None
        self.at_rcpt = {}

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        session.host_name = hostname
        return [responses[0], *(["250-PIPELINING"] if self.hears_two_at_once else []), *responses[1:]]

    async def handle_MAIL(self, server, session, envelope, address, options):
        self.connections.add(session.peer)
        if self.at_mail:
            return self.at_mail
        envelope.mail_from = address
        return "250 ok"

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address in self.at_rcpt:
            return self.at_rcpt[address]
        envelope.rcpt_tos.append(address)
        return "250 ok"

    async def handle_DATA(self, server, session, envelope):
        if self.at_data:
            return self.at_data
        self.taken.append(envelope)
        return "250 taken"


@pytest.fixture(params=[False, True], ids=["one-by-one", "two-at-once"])
def postmaster(settings, request):
    postmaster = Postmaster(hears_two_at_once=request.param)
    controller = Controller(postmaster, hostname="127.0.0.1", port=free_port())
    controller.start()
    use(settings, controller.port)
    yield postmaster
    controller.stop()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def use(settings, port):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_TIMEOUT = 2


@pytest.fixture(autouse=True)
def invitation(db, monkeypatch):
    monkeypatch.setattr(kinds, "_kinds", {})
    outbox.register(
        "invitation", build=lambda message, now: Mail("Møde", "Hej\n.en linje\n"), label="Indkaldelse", about="meeting"
    )


def enqueue(number=1):
    people = [create_user() for _number in range(number)]
    outbox.enqueue("invitation", subject_id=7, recipients=people, now=NOW)
    return list(Message.objects.order_by("pk"))


def states():
    return list(Message.objects.order_by("pk").values_list("state", flat=True))


def test_three_mails_go_over_one_line_each_to_one_recipient(postmaster):
    messages = enqueue(3)

    assert outbox.send_due(now=NOW) == {"sent": 3}

    assert [envelope.rcpt_tos for envelope in postmaster.taken] == [[message.recipient.email] for message in messages]
    assert {envelope.mail_from for envelope in postmaster.taken} == {"ledernetvaerk@egebjerg-kommune.invalid"}
    assert len(postmaster.connections) == 1
    assert b"\r\n.en linje\r\n" in postmaster.taken[0].content


def test_sender_and_receiver_are_named_in_one_breath_where_the_server_says_so(postmaster, monkeypatch):
    sent, send = [], smtplib.SMTP.send
    monkeypatch.setattr(smtplib.SMTP, "send", lambda line, text: sent.append(text) or send(line, text))
    enqueue()

    outbox.send_due(now=NOW)

    both = [text for text in sent if "MAIL FROM:" in str(text) and "RCPT TO:" in str(text)]
    assert len(both) == (1 if postmaster.hears_two_at_once else 0)
    assert len(postmaster.taken) == 1


def test_an_address_with_a_line_break_is_never_spoken(postmaster):
    message = enqueue()[0]
    type(message.recipient).objects.filter(pk=message.recipient_id).update(email="a@b.invalid>\r\nRCPT TO:<c@d.invalid")

    assert outbox.send_due(now=NOW) == {"retry": 1}
    assert postmaster.taken == []


def test_one_unknown_recipient_of_three_stops_nobody(postmaster):
    messages = enqueue(3)
    postmaster.at_rcpt = {messages[1].recipient.email: "550 5.1.1 no such user"}

    assert outbox.send_due(now=NOW) == {"sent": 2, "failed": 1}

    messages[1].refresh_from_db()
    assert (messages[1].last_code, messages[1].last_error) == (550, "5.1.1 no such user")
    assert messages[1].copies == 0


@pytest.mark.parametrize(
    ("at", "answer", "expected"),
    [
        ("mail", "451 4.3.0 later", ["retry", "due"]),
        ("mail", "530 5.7.0 not you", ["due", "due"]),
        ("data", "452 4.2.2 full", ["retry", "retry"]),
        ("data", "421 4.3.2 closing", ["retry", "retry"]),
    ],
)
def test_refusal_of_all_keeps_every_mail(postmaster, at, answer, expected):
    enqueue(2)
    setattr(postmaster, f"at_{at}", answer)

    outbox.send_due(now=NOW)
    assert states() == expected

    setattr(postmaster, f"at_{at}", None)
    outbox.send_due(now=NOW + timedelta(minutes=2))
    assert states() == ["sent", "sent"]
    assert len(postmaster.taken) == 2


def test_line_closed_by_the_server_between_mails_is_opened_again(postmaster, monkeypatch):
    enqueue(2)
    send = smtp.SmtpRelay._hand_over

    def send_and_hang_up(relay, data):
        code = send(relay, data)
        relay.smtp.sock.shutdown(socket.SHUT_RDWR)
        return code

    monkeypatch.setattr(smtp.SmtpRelay, "_hand_over", send_and_hang_up)

    assert outbox.send_due(now=NOW) == {"sent": 2}
    assert len(postmaster.connections) == 2


def test_message_set_aside_at_the_last_moment_leaves_the_line_usable(postmaster, monkeypatch):
    messages = enqueue(2)
    address_letter = smtp.SmtpRelay._address_letter

    def cancelled_meanwhile(relay, address):
        address_letter(relay, address)
        if address == messages[0].recipient.email:
            outbox.supersede("invitation", subject_id=7, now=NOW, recipients=[messages[0].recipient])

    monkeypatch.setattr(smtp.SmtpRelay, "_address_letter", cancelled_meanwhile)

    assert outbox.send_due(now=NOW) == {"outrun": 1, "sent": 1}
    assert states() == ["superseded", "sent"]
    assert len(postmaster.connections) == 1


def test_nobody_listening_keeps_every_mail(settings):
    use(settings, free_port())
    enqueue(3)

    assert outbox.send_due(now=NOW) == {"retry": 1}
    assert states() == ["retry", "due", "due"]
    assert Message.objects.order_by("pk").first().last_error == "ConnectionRefusedError"


@contextmanager
def speaking(settings, script):
    """A server that greets, or fails to, as `script` says."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(10)

    def serve():
        line, _peer = listener.accept()
        with line:
            line.settimeout(10)
            script(line)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    use(settings, listener.getsockname()[1])
    try:
        yield
    finally:
        thread.join(15)
        listener.close()


def test_server_that_hangs_holds_the_worker_for_its_timeout_only(settings):
    released = threading.Event()
    enqueue()

    with speaking(settings, lambda line: released.wait(10)):
        began = time.monotonic()
        outbox.send_due(now=NOW)
        took = time.monotonic() - began
        released.set()

    assert took < settings.EMAIL_TIMEOUT + 2
    assert states() == ["retry"]


def test_server_that_drips_is_cut_off_by_the_whole_deadline(settings, monkeypatch):
    monkeypatch.setattr(smtp, "WHOLE_TRY_SECONDS", 3)
    enqueue()

    def drip(line):
        try:
            for _second in range(100):
                line.sendall(b"2")
                time.sleep(0.1)
        except OSError:
            pass  # the other end has hung up, as it should

    with speaking(settings, drip):
        began = time.monotonic()
        outbox.send_due(now=NOW)
        took = time.monotonic() - began

    assert took < 5
    assert states() == ["retry"]


def test_line_dropped_after_the_text_leaves_the_mail_in_doubt(settings):
    heard = []

    def take_and_drop(line):
        file = line.makefile("rb")
        line.sendall(b"220 here\r\n")
        for command in file:
            if command.upper().startswith(b"DATA"):
                line.sendall(b"354 go on\r\n")
                for text in file:
                    if text == b".\r\n":
                        heard.append("all of it")
                        file.close()
                        return
            line.sendall(b"250 ok\r\n")

    enqueue()
    for minutes in (0, 2):
        with speaking(settings, take_and_drop):
            outbox.send_due(now=NOW + timedelta(minutes=minutes))

    message = Message.objects.get()
    assert (message.state, message.copies, len(heard)) == (State.IN_DOUBT, 2, 2)
