"""An address that is refused three times gets no more mail until HR has acted."""

from datetime import UTC, datetime, timedelta

import pytest

from members import bounces, deliveries, kinds, outbox, smtp
from members.mail import Mail
from members.models import Message
from members.tests.factories import create_hr, create_user

NOW = datetime(2027, 3, 1, 8, 0, tzinfo=UTC)
State = Message.State


class Server:
    """Takes mail for all but one address."""

    def __init__(self, dead):
        self.dead, self.tries = dead, 0

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        pass

    def send(self, mail, mime, address, *, before_data):
        if address == self.dead:
            self.tries += 1
            raise smtp.Rejected(550, b"5.1.1 no such user")
        return 250 if before_data() else None


@pytest.fixture
def soeren(db):
    return create_user(first_name="Søren", last_name="Ærø", email="soeren@egebjerg-kommune.invalid")


@pytest.fixture
def server(soeren, monkeypatch):
    monkeypatch.setattr(kinds, "_kinds", {})
    outbox.register("news", build=lambda message, now: Mail("Nyt", "Hej\n"), label="Nyt")
    server = Server(soeren.email)
    monkeypatch.setattr(smtp, "open_relay", lambda: server)
    return server


def send_news(soeren, subject):
    outbox.enqueue("news", subject_id=subject, recipients=[soeren, create_user()], now=NOW)
    outbox.send_due(now=NOW)
    return Message.objects.get(subject_id=subject, recipient=soeren)


def test_two_refusals_stop_nothing(soeren, server):
    for subject in range(2):
        send_news(soeren, subject)

    assert not bounces.is_refused(soeren)


def test_after_three_refusals_nothing_more_is_tried_and_hr_is_told(soeren, server):
    for subject in range(3):
        send_news(soeren, subject)
    fourth = send_news(soeren, 4)

    assert server.tries == 3
    assert (fourth.state, fourth.last_error) == (State.SUPPRESSED, "address refused again and again")
    assert deliveries.reason_label(fourth) == "Adressen er afvist gang på gang"
    assert bounces.people() == [soeren]
    assert any("Søren Ærø" in sentence for sentence in deliveries.troubles(deliveries.figures(NOW), NOW))


def test_new_address_is_tried(soeren, server):
    for subject in range(3):
        send_news(soeren, subject)
    soeren.email = "soeren.aeroe@egebjerg-kommune.invalid"
    soeren.save()

    assert send_news(soeren, 4).state == State.SENT
    assert bounces.people() == []


@pytest.mark.parametrize("act", [deliveries.retry, deliveries.give_up])
def test_hr_lets_the_address_be_tried_again(soeren, server, act):
    for subject in range(3):
        failed = send_news(soeren, subject)
    server.dead = None

    act(failed, actor=create_hr(), now=NOW + timedelta(hours=1))

    assert send_news(soeren, 4).state == State.SENT
