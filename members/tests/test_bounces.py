"""An address that is refused three times gets no more mail until HR has acted."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from members import bounces, deliveries, kinds, outbox, smtp
from members.mail import Mail
from members.models import Message
from members.tests.factories import create_hr, create_leader, create_user

NOW = datetime(2027, 3, 1, 8, 0, tzinfo=UTC)
State = Message.State


class Server:
    """Takes mail for all but one address."""

    addressed = ""

    def __init__(self, dead):
        self.dead, self.tries = dead, 0

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        pass

    def send(self, mail, data, address, *, before_data, following="", meanwhile=None):
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


# --- What HR sees and does ------------------------------------------------------------------------------------------


@pytest.fixture
def refused_leader(db):
    leader = create_leader()
    old = datetime(2026, 1, 1, tzinfo=UTC)
    for number in range(3):
        Message.objects.create(
            kind="news",
            subject_id=number,
            recipient=leader.user,
            created_at=NOW,
            due_at=NOW,
            settled_at=NOW,
            useless_after=old if number == 0 else None,
            state=State.FAILED,
            last_code=550,
            sent_to=leader.user.email,
        )
    return leader


def test_hr_sees_on_the_persons_page_that_nothing_arrives_and_clears_it(client, refused_leader):
    client.force_login(create_hr())
    url = refused_leader.get_absolute_url()
    assert refused_leader.user.email in client.get(url).content.decode()
    assert "Mails til lederen kommer ikke frem" in client.get(url).content.decode()

    client.post(f"{url}adressen-er-rigtig/")

    assert "Mails til lederen kommer ikke frem" not in client.get(url).content.decode()
    states = dict(Message.objects.values_list("subject_id", "state"))
    assert states == {0: State.SUPPRESSED, 1: State.DUE, 2: State.DUE}  # the first is of no use any more


def test_a_leader_whose_mail_arrives_has_no_flag(client, db):
    client.force_login(create_hr())

    assert "kommer ikke frem" not in client.get(create_leader().get_absolute_url()).content.decode()


def test_only_hr_clears_and_only_by_post(client, refused_leader):
    url = f"{refused_leader.get_absolute_url()}adressen-er-rigtig/"
    client.force_login(refused_leader.user)
    assert client.post(url).status_code == 404
    client.force_login(create_hr())
    assert client.get(url).status_code == 405
    with pytest.raises(PermissionDenied):
        bounces.clear(refused_leader.user, actor=create_user(), now=NOW)

    assert bounces.is_refused(refused_leader.user)
