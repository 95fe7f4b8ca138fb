"""Upward by choice: support is asked of HR, and a message leaves the room when the coordinator sends it."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from members.models import AuditEvent, Message, User
from members.outbox import Suppress
from members.tests import factories as members
from networks import support, support_email, upward
from networks.conflicts import ChangedMeanwhile
from networks.models import ManagementMessage, Membership, Network, SupportRequest
from networks.refusal import Refused
from networks.tests.factories import NOW, create_membership, create_network
from networks.tests.test_capacity import all_at_once

CANARY = "Kanariefugl-2096"

pytestmark = pytest.mark.django_db


@pytest.fixture
def network(hr):
    return create_network(name="Ledere på tværs", slug="paa-tvaers", hr_contact=hr)


@pytest.fixture
def anne(network):
    """The coordinator."""
    return create_membership(network=network, is_coordinator=True).leader.user


@pytest.fixture
def bo(network):
    return create_membership(
        network=network, leader=members.create_leader(first_name="Bo", last_name="Brandt")
    ).leader.user


def ask(network, actor, *, need="money", text="Forplejning til et heldagsmøde") -> SupportRequest:
    return support.request_support(network, actor=actor, need=need, text=text, now=NOW)


def state_of(request) -> str:
    return SupportRequest.objects.get(pk=request.pk).state


# --- Støtteanmodning -------------------------------------------------------------------------------------------------


def test_hr_is_asked_takes_it_up_and_answers(network, anne, bo, hr):
    request = ask(network, anne)
    assert {message.recipient for message in Message.objects.filter(kind="support_requested")} == {hr}

    support.take_up(request, actor=hr, now=NOW)
    assert state_of(request) == "in_progress"
    support.settle(request, actor=hr, state="granted", answer="Ja, send regningen.", now=NOW)

    request.refresh_from_db()
    assert (request.state, request.answer, request.handled_by) == ("granted", "Ja, send regningen.", hr)
    assert {message.recipient for message in Message.objects.filter(kind="support_answered")} == {anne}
    assert list(AuditEvent.objects.order_by("pk").values_list("verb", flat=True)) == [
        "request_support",
        "take_up_support",
        "settle_support",
    ]


def test_all_of_hr_is_asked_when_the_contact_no_longer_works_there(network, anne, hr):
    other = members.create_hr()
    hr.role_assignments.all().delete()

    ask(network, anne)

    assert {message.recipient for message in Message.objects.filter(kind="support_requested")} == {other}


def test_only_the_coordinator_asks_and_only_hr_answers(network, anne, bo, hr, stranger, board):
    for actor in (bo, hr, stranger, board, network.sponsor):
        with pytest.raises(PermissionDenied):
            ask(network, actor)
    request = ask(network, anne)
    for actor in (anne, bo, stranger, board, network.sponsor):
        with pytest.raises(PermissionDenied):
            support.take_up(request, actor=actor, now=NOW)
        with pytest.raises(PermissionDenied):
            support.settle(request, actor=actor, state="granted", answer="Ja", now=NOW)
    assert state_of(request) == "new"


def test_support_is_asked_for_while_the_network_is_active(network, anne):
    Network.objects.update(state="paused")

    with pytest.raises(Refused):
        ask(network, anne)


def test_the_same_request_is_not_sent_twice(network, anne):
    ask(network, anne)

    with pytest.raises(Refused, match="allerede"):
        ask(network, anne)


@pytest.mark.parametrize(("state", "answer"), [("granted", " "), ("in_progress", "Ja"), ("noget", "Ja")])
def test_an_answer_says_yes_or_no_and_why(network, anne, hr, state, answer):
    request = ask(network, anne)

    with pytest.raises(Refused):
        support.settle(request, actor=hr, state=state, answer=answer, now=NOW)


def test_what_is_answered_is_not_answered_again(network, anne, hr):
    request = ask(network, anne)
    support.settle(request, actor=hr, state="declined", answer="Ikke i år.", now=NOW)

    with pytest.raises(Refused):
        support.settle(request, actor=hr, state="granted", answer="Jo.", now=NOW)
    with pytest.raises(Refused):
        support.take_up(request, actor=hr, now=NOW)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("_round", range(3))
def test_of_two_in_hr_who_answer_at_once_one_is_told(_round):
    hr, other = members.create_hr(), members.create_hr()
    network = create_network(hr_contact=hr)
    request = ask(network, create_membership(network=network, is_coordinator=True).leader.user)

    def answer(user, state):
        return support.settle(
            SupportRequest.objects.get(pk=request.pk),
            actor=User.objects.get(pk=user.pk),
            state=state,
            answer=state,
            now=NOW,
        )

    results = all_at_once([lambda: answer(hr, "granted"), lambda: answer(other, "declined")])

    assert sorted(type(result).__name__ for result in results) == ["Refused", "SupportRequest"]
    (kept,) = [result for result in results if isinstance(result, SupportRequest)]
    assert state_of(request) == kept.state
    assert Message.objects.filter(kind="support_answered").count() == 1


def test_mails_about_support_hold_none_of_its_text(network, anne, hr):
    request = ask(network, anne, text=f"Penge {CANARY}")
    asked = support_email.support_requested(Message.objects.get(kind="support_requested"), NOW)
    support.settle(request, actor=hr, state="granted", answer=f"Ja {CANARY}", now=NOW)
    answered = support_email.support_answered(Message.objects.get(kind="support_answered"), NOW)

    assert asked.subject == "Støtteanmodning fra Ledere på tværs"
    assert answered.subject == "Ledere på tværs: HR har svaret på jeres støtteanmodning"
    for mail in (asked, answered):
        assert CANARY not in mail.subject + mail.text + mail.html
    with pytest.raises(Suppress):
        support_email.support_requested(Message.objects.get(kind="support_requested"), NOW)


def test_the_pages_of_support(client, network, anne, bo, hr, stranger, board):
    client.force_login(anne)
    path = f"/netvaerk/{network.slug}/stoette/"
    assert client.post(f"{path}ny/", {"need": "", "text": ""}).status_code == 200
    assert client.post(f"{path}ny/", {"need": "speaker", "text": "En, der kan noget om fravær"})["Location"] == path
    request = SupportRequest.objects.get()
    client.force_login(hr)
    assert "beder om støtte: oplægsholder" in client.get("/").content.decode()
    assert "En, der kan noget om fravær" in client.get("/stoette/").content.decode()
    assert client.post(f"/stoette/{request.pk}/", {"state": "granted", "answer": ""}).status_code == 200
    client.post(f"/stoette/{request.pk}/tag-op/")
    client.post(f"/stoette/{request.pk}/", {"state": "granted", "answer": "Vi finder en."})
    assert "Vi finder en." in client.get(f"/stoette/{request.pk}/").content.decode()
    client.force_login(bo)
    assert "Vi finder en." in client.get(path).content.decode()
    assert client.get(f"{path}ny/").status_code == 403
    for user in (bo, stranger, board, network.sponsor):
        client.force_login(user)
        assert client.get("/stoette/").status_code == 403
        assert client.get(f"/stoette/{request.pk}/").status_code == 404
        assert client.post(f"/stoette/{request.pk}/", {"state": "declined", "answer": "x"}).status_code == 404
        assert client.post(f"/stoette/{request.pk}/tag-op/").status_code == 404
    for user in (hr, stranger, board, network.sponsor):
        client.force_login(user)
        assert client.get(path).status_code == 403
    assert state_of(request) == "granted"


def test_hrs_list_asks_the_same_few_questions_however_many_requests(client, network, anne, hr):
    client.force_login(hr)

    def queries(number) -> int:
        while SupportRequest.objects.count() < number:
            ask(network, anne, text=f"Nummer {SupportRequest.objects.count()}")
        client.get("/stoette/")
        with CaptureQueriesContext(connection) as asked:
            client.get("/stoette/")
        return len(asked)

    assert queries(1) == queries(3) == queries(50)


# --- Budskab til topledelsen -----------------------------------------------------------------------------------------


def write(network, actor, text=f"Vi mangler tid. {CANARY}") -> ManagementMessage:
    return upward.write(network, actor=actor, text=text, now=NOW)


def pages_of_others(client, network, hr, board) -> str:
    found = ""
    for user in (hr, board, members.create_political(), network.sponsor):
        client.force_login(user)
        paths = ["/", f"/netvaerk/{network.slug}/", f"/status/{network.slug}/"]
        if user != network.sponsor:
            paths.append("/status/")
        for path in paths:
            found += client.get(path).content.decode()
    return found


def test_a_message_is_the_members_own_until_it_is_sent(client, network, anne, bo, hr, board):
    message = write(network, bo)
    assert CANARY not in pages_of_others(client, network, hr, board)
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM networks_managementmessage")
        assert CANARY not in repr(cursor.fetchall())

    upward.send(message, actor=anne, seen=1, now=NOW)

    client.force_login(board)
    for path in ("/status/", f"/status/{network.slug}/"):
        page = client.get(path).content.decode()
        assert CANARY in page
        assert str(bo) not in page
    client.force_login(network.sponsor)
    assert CANARY in client.get(f"/status/{network.slug}/").content.decode()


def test_home_tells_the_board_of_a_new_message(client, network, anne, board, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    message = write(network, anne)
    client.force_login(board)
    assert "Budskab fra" not in client.get("/").content.decode()

    upward.send(message, actor=anne, seen=1, now=NOW)

    page = client.get("/").content.decode()
    assert "Budskab fra Ledere på tværs" in page
    assert CANARY not in page


def test_only_the_coordinator_sends_and_only_members_write(network, anne, bo, hr, stranger):
    on_leave = create_membership(network=network, state=Membership.State.ON_LEAVE).leader.user
    message = write(network, bo)
    with pytest.raises(PermissionDenied):
        upward.send(message, actor=bo, seen=1, now=NOW)
    for actor in (hr, stranger, network.sponsor, on_leave):
        for act in (
            lambda a=actor: write(network, a),
            lambda a=actor: upward.change(message, actor=a, text="x", seen=1, now=NOW),
            lambda a=actor: upward.send(message, actor=a, seen=1, now=NOW),
            lambda a=actor: upward.drop(message, actor=a, seen=1, now=NOW),
        ):
            with pytest.raises(PermissionDenied):
                act()
    assert not ManagementMessage.objects.get().is_sent


def test_what_is_sent_is_what_the_coordinator_read(network, anne, bo):
    message = write(network, bo)
    upward.change(message, actor=bo, text="Noget helt andet", seen=1, now=NOW)

    with pytest.raises(ChangedMeanwhile):
        upward.send(message, actor=anne, seen=1, now=NOW)
    assert not ManagementMessage.objects.get().is_sent


def test_what_is_sent_stays_as_it_was(network, anne):
    message = upward.send(write(network, anne), actor=anne, seen=1, now=NOW)

    for act in (
        lambda: upward.change(message, actor=anne, text="x", seen=1, now=NOW),
        lambda: upward.send(message, actor=anne, seen=1, now=NOW),
        lambda: upward.drop(message, actor=anne, seen=1, now=NOW),
    ):
        with pytest.raises(Refused, match="allerede sendt"):
            act()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("_round", range(3))
def test_a_change_and_the_sending_at_once_never_send_what_was_not_read(hr, _round):
    network = create_network(hr_contact=hr)
    anne = create_membership(network=network, is_coordinator=True).leader.user
    bo = create_membership(network=network).leader.user
    message = write(network, bo, "Læst")

    def act(verb, user, **words):
        fresh = ManagementMessage.objects.get(pk=message.pk)
        return verb(fresh, actor=User.objects.get(pk=user.pk), seen=1, now=NOW, **words)

    results = all_at_once([lambda: act(upward.send, anne), lambda: act(upward.change, bo, text="Ikke læst")])

    kept = ManagementMessage.objects.get()
    assert sum(isinstance(result, Refused) for result in results) == 1
    assert (kept.is_sent, kept.text) in [(True, "Læst"), (False, "Ikke læst")]


def test_the_pages_of_a_message(client, network, anne, bo, hr, stranger):
    path = f"/netvaerk/{network.slug}/budskab/"
    client.force_login(bo)
    assert client.post(f"{path}nyt/", {"text": ""}).status_code == 200
    assert client.post(f"{path}nyt/", {"text": "Vi mangler tid."})["Location"] == path
    message = ManagementMessage.objects.get()
    assert client.get(f"{path}{message.pk}/send/").status_code == 403
    client.post(f"{path}{message.pk}/ret/", {"text": "Vi mangler ro.", "seen": "1"})
    conflict = client.post(f"{path}{message.pk}/ret/", {"text": "Min tekst", "seen": "1"})
    assert conflict.status_code == 409
    assert "Vi mangler ro." in conflict.content.decode()
    assert "Min tekst" in conflict.content.decode()
    for user in (hr, stranger, network.sponsor):
        client.force_login(user)
        for end in ("", "nyt/", f"{message.pk}/ret/", f"{message.pk}/send/", f"{message.pk}/slet/"):
            assert client.get(f"{path}{end}").status_code == 403
    client.force_login(anne)
    assert "Vi mangler ro." in client.get(f"{path}{message.pk}/send/").content.decode()
    client.post(f"{path}{message.pk}/send/", {"seen": "1"})
    assert not ManagementMessage.objects.get().is_sent
    client.post(f"{path}{message.pk}/send/", {"seen": "2"})
    assert ManagementMessage.objects.get().is_sent
    assert "Delt med topledelsen" in client.get(path).content.decode()
    assert client.get(f"{path}{message.pk}/ret/").status_code == 403


def test_a_draft_is_dropped(client, network, anne):
    message = write(network, anne)
    client.force_login(anne)

    client.post(f"/netvaerk/{network.slug}/budskab/{message.pk}/slet/")

    assert not ManagementMessage.objects.exists()


def test_status_tells_how_many_goals_are_in_each_state(client, network, anne, board):
    from networks import goals

    goals.add(network, actor=anne, title=CANARY, measure="To", due_on=NOW.date(), now=NOW)
    client.force_login(board)

    page = client.get(f"/status/{network.slug}/").content.decode()

    assert "I gang" in page
    assert CANARY not in page
