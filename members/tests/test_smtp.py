"""A real SMTP server, well and ill: what is taken, and what each refusal means."""

import asyncio
import re
import smtplib
import socket
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.utils import parseaddr

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

from members import kinds, outbox, smtp
from members.mail import Mail
from members.mime import to_bytes
from members.models import Message
from members.tests.factories import create_user

NOW = datetime(2027, 3, 1, 8, 0, tzinfo=UTC)
State = Message.State


class Postmaster:
    """Keeps what it takes, and refuses by address or altogether. `can` are the extensions it says it knows."""

    def __init__(self, *can: str):
        self.can = can
        self.taken, self.heard = [], []
        self.connections = set()
        self.at_mail = self.at_data = None
        self.at_rcpt = {}
        self.at_rcpt_seconds = 0

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        session.host_name = hostname
        return [responses[0], *(f"250-{extension}" for extension in self.can), *responses[1:]]

    async def handle_MAIL(self, server, session, envelope, address, options):
        self.connections.add(session.peer)
        if answer := self.at_mail(server) if callable(self.at_mail) else self.at_mail:
            return answer
        envelope.mail_from = address
        return "250 ok"

    async def handle_RCPT(self, server, session, envelope, address, options):
        self.heard.append(address)
        await asyncio.sleep(self.at_rcpt_seconds)
        if address in self.at_rcpt:
            return self.at_rcpt[address]
        envelope.rcpt_tos.append(address)
        return "250 ok"

    async def handle_DATA(self, server, session, envelope):
        self.server = server
        if answer := self.at_data(envelope) if callable(self.at_data) else self.at_data:
            return answer
        assert [parseaddr(message_from_bytes(envelope.content)["To"])[1]] == envelope.rcpt_tos
        self.taken.append(envelope)
        return "250 taken"


class ByLength(SMTP):
    """Takes a text by its length too (RFC 3030)."""

    async def smtp_BDAT(self, arg):
        size, last = arg.split()
        self.envelope.content = await self._reader.readexactly(int(size))
        assert last == "LAST"
        if not self.envelope.rcpt_tos:
            return await self.push("503 5.5.1 nobody to send it to")
        status = await self._call_handler_hook("DATA")
        self._set_post_data_state()
        await self.push(status)


class House(Controller):
    def factory(self):
        return ByLength(self.handler, **self.SMTP_kwargs)


@pytest.fixture(params=["", "PIPELINING", "CHUNKING", "PIPELINING CHUNKING"], ids=lambda can: can or "plain")
def postmaster(settings, request):
    postmaster = Postmaster(*request.param.split())
    controller = House(postmaster, hostname="127.0.0.1", port=free_port())
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
    assert len(both) == (1 if "PIPELINING" in postmaster.can else 0)
    assert len(postmaster.taken) == 1


@pytest.fixture
def talk(monkeypatch):
    """The commands of each breath, the letters as TEXT."""
    said, send = [], smtplib.SMTP.send

    def note(line, text):
        told = text if isinstance(text, str) else text.decode("ascii")
        said.append(re.findall(r"(?im)^(mail|rcpt|data|bdat|rset|subject)\b", told))
        send(line, text)

    monkeypatch.setattr(smtplib.SMTP, "send", note)
    return lambda: [" ".join(breath).upper().replace("SUBJECT", "TEXT") for breath in said if breath]


BREATHS = {
    "": 3 * ["MAIL", "RCPT", "DATA", "TEXT"],
    "CHUNKING": 3 * ["MAIL", "RCPT", "BDAT TEXT"],
    "PIPELINING": [
        *("MAIL RCPT", "DATA", "TEXT"),
        *("MAIL RCPT", "DATA", "TEXT MAIL RCPT", "DATA", "TEXT"),
    ],
    "PIPELINING CHUNKING": [
        *("MAIL RCPT", "BDAT TEXT"),
        *("MAIL RCPT", "BDAT TEXT MAIL RCPT", "BDAT TEXT"),
    ],
}


def test_next_letter_is_addressed_with_the_text_of_this_one_where_the_server_hears_it(postmaster, talk):
    enqueue(3)  # the first is claimed alone, the other two together

    assert outbox.send_due(now=NOW) == {"sent": 3}

    assert talk() == BREATHS[" ".join(postmaster.can)]


def test_where_it_is_turned_off_one_command_is_said_at_a_time(postmaster, talk, settings):
    settings.MAIL_PIPELINING = False
    enqueue(3)

    assert outbox.send_due(now=NOW) == {"sent": 3}

    assert talk() == BREATHS[""]


def test_server_that_is_slow_over_receivers_is_not_told_ahead(postmaster, talk, monkeypatch):
    """The letter before would wait for its note as long as the server thinks about the next."""
    monkeypatch.setattr(smtp, "SLOW_SECONDS", 0.05)
    postmaster.at_rcpt_seconds = 0.1
    enqueue(3)

    assert outbox.send_due(now=NOW) == {"sent": 3}

    assert not [breath for breath in talk() if breath.startswith(("TEXT MAIL", "BDAT TEXT MAIL"))]


def test_letter_is_the_same_bytes_however_it_is_handed_over(postmaster, settings):
    enqueue()
    for settings.MAIL_PIPELINING in (True, False):
        Message.objects.update(state=State.DUE)
        outbox.send_due(now=NOW)

    first, again = postmaster.taken
    assert bytes(first.content) == bytes(again.content)
    assert b"\r\n.en linje\r\n" in first.content


@pytest.mark.parametrize("which", range(4))
@pytest.mark.parametrize("address", ["a@b.invalid>\r\nRCPT TO:<c@d.invalid", "a@b.invalid c@d.invalid", "å@b.invalid"])
def test_an_address_that_is_none_is_never_spoken_and_stops_nobody(postmaster, which, address):
    messages = enqueue(4)
    type(messages[which].recipient).objects.filter(pk=messages[which].recipient_id).update(email=address)

    assert outbox.send_due(now=NOW) == {"sent": 3, "retry": 1}
    others = [message.recipient.email for number, message in enumerate(messages) if number != which]
    assert [envelope.rcpt_tos for envelope in postmaster.taken] == [[other] for other in others]
    assert set(postmaster.heard) == set(others)


@pytest.mark.parametrize("which", range(4))
def test_one_unknown_recipient_of_four_stops_nobody(postmaster, which):
    messages = enqueue(4)
    postmaster.at_rcpt = {messages[which].recipient.email: "550 5.1.1 no such user"}

    assert outbox.send_due(now=NOW) == {"sent": 3, "failed": 1}

    messages[which].refresh_from_db()
    assert (messages[which].last_code, messages[which].last_error) == (550, "5.1.1 no such user")
    assert messages[which].copies == 0
    assert len(postmaster.connections) == 1


@pytest.mark.parametrize("which", range(4))
@pytest.mark.parametrize(("answer", "state"), [("552 5.3.4 too big", State.FAILED), ("452 4.2.2 full", State.RETRY)])
def test_one_refused_text_of_four_stops_nobody(postmaster, which, answer, state):
    messages = enqueue(4)
    refused = messages[which].recipient.email
    postmaster.at_data = lambda envelope: answer if refused in envelope.rcpt_tos else None

    assert outbox.send_due(now=NOW) == {"sent": 3, state: 1}

    assert len(postmaster.taken) == 3
    assert len(postmaster.connections) == 1


@pytest.mark.parametrize("which", range(4))
def test_line_dropped_at_one_text_of_four_stops_nobody(postmaster, which):
    messages = enqueue(4)
    dropped = messages[which].recipient.email

    def at_data(envelope):
        if dropped in envelope.rcpt_tos:
            postmaster.server.transport.abort()
            return "451 nobody hears this"

    postmaster.at_data = at_data

    assert outbox.send_due(now=NOW) == {"sent": 3, "retry": 1}
    assert [message.copies for message in Message.objects.order_by("pk")] == [1] * 4
    assert len(postmaster.taken) == 3
    assert len(postmaster.connections) == (2 if which < 3 else 1)


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


@pytest.mark.parametrize("answer", ["421 4.7.0 enough for one line", ""], ids=["421", "without a word"])
@pytest.mark.parametrize("after", range(1, 4))
def test_line_closed_by_the_server_between_mails_is_opened_again(postmaster, after, answer):
    enqueue(4)

    def at_mail(server):
        if len(postmaster.taken) == after and len(postmaster.connections) == 1:
            if not answer:
                server.transport.abort()
            return answer or "250 ok"

    postmaster.at_mail = at_mail

    assert outbox.send_due(now=NOW) == {"sent": 4}
    assert len(postmaster.taken) == 4
    assert len(postmaster.connections) == 2


@pytest.mark.parametrize("which", range(4))
def test_message_set_aside_at_the_last_moment_leaves_the_line_usable(postmaster, monkeypatch, which):
    messages = enqueue(4)
    address_letter = smtp.SmtpRelay._address_letter

    def cancelled_meanwhile(relay, address):
        address_letter(relay, address)
        if address == messages[which].recipient.email:
            outbox.supersede("invitation", subject_id=7, now=NOW, recipients=[messages[which].recipient])

    monkeypatch.setattr(smtp.SmtpRelay, "_address_letter", cancelled_meanwhile)

    assert outbox.send_due(now=NOW) == {"outrun": 1, "sent": 3}
    assert [state for number, state in enumerate(states()) if number != which] == ["sent"] * 3
    assert states()[which] == "superseded"
    assert len(postmaster.connections) == 1


def announced_to_another(relay, messages):
    """What was announced is not what comes: it was taken back, or given to another worker, meanwhile."""
    mail, letters = Mail("Møde", "Hej\n"), {}
    for message in messages:
        letters[message.recipient.email] = to_bytes(mail, message, message.recipient.email)
    anne, bo, carl = letters
    return [
        relay.send(mail, letters[anne], anne, before_data=lambda: True, following=bo),
        relay.send(mail, letters[carl], carl, before_data=lambda: True, following=bo),
        relay.send(mail, letters[bo], bo, before_data=lambda: True),
    ]


def test_letter_whose_line_is_addressed_to_another_goes_to_its_own_receiver(postmaster):
    anne, bo, carl = messages = enqueue(3)

    with smtp.open_relay() as relay:
        assert announced_to_another(relay, messages) == [250, 250, 250]

    expected = [[message.recipient.email] for message in (anne, carl, bo)]
    assert [envelope.rcpt_tos for envelope in postmaster.taken] == expected


@pytest.mark.parametrize("postmaster", ["PIPELINING", "PIPELINING CHUNKING"], indirect=True)
def test_without_taking_the_announcement_back_it_would_go_to_another(postmaster, monkeypatch):
    """The control. This server refuses a letter that is written to another than it is sent to."""
    monkeypatch.setattr(smtp.SmtpRelay, "_reset", lambda relay, after=None: None)

    with smtp.open_relay() as relay, pytest.raises(smtp.Rejected, match="AssertionError"):
        announced_to_another(relay, enqueue(3))


def test_what_can_be_done_meanwhile_is_done_while_the_server_reads(postmaster, monkeypatch):
    order, send, getreply = [], smtplib.SMTP.send, smtplib.SMTP.getreply
    monkeypatch.setattr(smtplib.SMTP, "send", lambda line, text: order.append("said") or send(line, text))
    monkeypatch.setattr(smtplib.SMTP, "getreply", lambda line: order.append("heard") or getreply(line))
    message = enqueue()[0]
    address = message.recipient.email

    with smtp.open_relay() as relay:
        letter = to_bytes(Mail("Møde", "Hej\n"), message, address)
        relay.send(
            Mail("Møde", "Hej\n"),
            letter,
            address,
            before_data=lambda: order.append("noted") or True,
            meanwhile=lambda: order.append("meanwhile"),
        )
        after = order[order.index("noted") :]

    asks_first = [] if "CHUNKING" in postmaster.can else ["said", "heard"]
    assert after == ["noted", *asks_first, "said", "meanwhile", "heard"]


def test_line_is_not_used_again_when_nobody_knows_how_far_the_talk_has_come(postmaster):
    mail = Mail("Møde", "Hej\n")
    message = enqueue()[0]
    address = message.recipient.email
    letter = to_bytes(mail, message, address)

    def fail():
        raise LookupError

    with smtp.open_relay() as relay:
        with pytest.raises(LookupError):
            relay.send(mail, letter, address, before_data=fail)
        assert relay.send(mail, letter, address, before_data=lambda: True) == 250

    assert [envelope.rcpt_tos for envelope in postmaster.taken] == [[address]]
    assert len(postmaster.connections) == 2


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


def test_server_that_says_yes_to_everything_has_taken_nothing(settings):
    """An OK where it should ask for the text: it and we are out of step."""

    def agree(line):
        line.sendall(b"220 here\r\n")
        for _command in line.makefile("rb"):
            line.sendall(b"250 ok\r\n")

    enqueue()
    with speaking(settings, agree):
        outbox.send_due(now=NOW)

    assert list(Message.objects.values_list("state", "copies", "last_code")) == [(State.RETRY, 0, 250)]


def test_line_dropped_at_the_text_leaves_the_next_letter_undoubted(settings):
    """It was addressed in the same breath, and nothing more."""
    heard = []

    def take_and_drop(line):
        file = line.makefile("rb")
        line.sendall(b"220 here\r\n")
        for command in file:
            word = command[:4].upper()
            if word == b"EHLO":
                line.sendall(b"250-here\r\n250-PIPELINING\r\n250 CHUNKING\r\n")
            elif word == b"BDAT":
                heard.append(file.read(int(command.split()[1])))
                if len(heard) == 2:
                    file.close()
                    return
                line.sendall(b"250 taken\r\n")
            else:
                line.sendall(b"250 ok\r\n")

    enqueue(3)
    with speaking(settings, take_and_drop):
        outbox.send_due(now=NOW)

    rows = Message.objects.order_by("pk").values_list("state", "copies")
    assert list(rows) == [(State.SENT, 1), (State.RETRY, 1), (State.RETRY, 0)]


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
