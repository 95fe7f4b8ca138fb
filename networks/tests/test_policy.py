"""What top management asks networks, and what it answers them."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from members.danish import today
from members.models import AuditEvent, Message
from members.outbox import Suppress
from members.tests import factories as members
from networks import policy, upward, upward_email
from networks.models import ManagementMessage, Network, PolicyDraft
from networks.refusal import Refused
from networks.tests.factories import NOW, TODAY, create_membership, create_network
from networks.tests.test_capacity import all_at_once

pytestmark = pytest.mark.django_db

DEADLINE = TODAY + timedelta(days=14)
CANARY = "Kanariefugl-5150"


@pytest.fixture
def network(hr):
    return create_network(name="Ledere på tværs", slug="paa-tvaers", hr_contact=hr)


@pytest.fixture
def anne(network):
    """The coordinator."""
    return create_membership(network=network, is_coordinator=True).leader.user


@pytest.fixture
def bo(network):
    return create_membership(network=network).leader.user


def ask(actor, *networks, deadline=DEADLINE, title="Ny fraværspolitik") -> PolicyDraft:
    return policy.ask(
        title=title, text="Er den til at leve med?", link="", deadline=deadline, networks=networks, actor=actor, now=NOW
    )


def send(network, anne, *, about=None, text=CANARY) -> ManagementMessage:
    message = upward.write(network, actor=anne, text=text, policy=about, now=NOW)
    return upward.send(message, actor=anne, seen=1, now=NOW)


def told(kind):
    return {message.recipient for message in Message.objects.filter(kind=kind)}


# --- Politik i høring ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["hr", "board"])
def test_networks_are_asked_and_answer_with_one_voice(request, network, anne, bo, who):
    draft = ask(request.getfixturevalue(who), network)

    assert told("policy_asked") == {anne}
    assert policy.asked_of(network, NOW) == [draft]
    answer = send(network, anne, about=draft)
    assert list(policy.answers_to(draft)) == [answer]
    assert policy.asked_of(network, NOW) == []
    found = policy.for_list().get()
    assert (found.asked, found.answered) == (1, 1)
    assert AuditEvent.objects.filter(verb="ask_about_policy").count() == 1


def test_only_hr_and_the_board_ask(network, anne, stranger, sponsor):
    for actor in (anne, stranger, sponsor, members.create_political()):
        with pytest.raises(PermissionDenied):
            ask(actor, network)


def test_a_question_needs_an_active_network_and_time_to_answer(board, network):
    paused = create_network(state="paused", hr_contact=network.hr_contact)
    for networks, deadline in (((), DEADLINE), ((paused,), DEADLINE), ((network,), TODAY)):
        with pytest.raises(Refused):
            ask(board, *networks, deadline=deadline)


def test_the_same_question_sent_twice_is_asked_once(board, network):
    ask(board, network)

    with pytest.raises(Refused):
        ask(board, network)


def test_a_network_gives_one_answer_and_only_to_what_it_was_asked_in_time(board, network, anne, bo):
    draft = ask(board, network)
    other = ask(board, create_network(hr_contact=network.hr_contact), title="Noget andet")
    upward.write(network, actor=bo, text="Udkast", policy=draft, now=NOW)

    for actor, about, now in (
        (anne, draft, NOW),
        (anne, other, NOW),
        (bo, ask(board, network, title="Tredje"), NOW + timedelta(days=20)),
    ):
        with pytest.raises(Refused):
            upward.write(network, actor=actor, text="Svar", policy=about, now=now)


def test_a_coordinator_sees_what_is_asked_until_the_answer_is_begun(board, network, anne, bo):
    draft = ask(board, network, create_network(hr_contact=network.hr_contact))

    assert policy.asked_of_coordinator(anne, NOW) == [(draft, network)]
    assert policy.asked_of_coordinator(bo, NOW) == []
    assert policy.asked_of_coordinator(anne, NOW + timedelta(days=20)) == []
    upward.write(network, actor=bo, text="Udkast", policy=draft, now=NOW)
    assert policy.asked_of_coordinator(anne, NOW) == []


@pytest.mark.django_db(transaction=True)
def test_two_members_begin_one_answer(board, network, anne, bo):
    draft = ask(board, network)

    results = all_at_once(
        [lambda u=u: upward.write(network, actor=u, text="Svar", policy=draft, now=NOW) for u in (anne, bo)]
    )

    assert sum(isinstance(result, Refused) for result in results) == 1
    assert draft.answers.count() == 1


def test_the_mail_goes_only_to_coordinators_who_have_not_begun(board, network, anne):
    draft = ask(board, network)
    message = Message.objects.get(kind="policy_asked")
    assert "Ny fraværspolitik" in upward_email.policy_asked(message, NOW).text

    upward.write(network, actor=anne, text="Svar", policy=draft, now=NOW)
    with pytest.raises(Suppress):
        upward_email.policy_asked(message, NOW)


# --- The reply -------------------------------------------------------------------------------------------------------


def test_the_board_hears_of_a_message_and_its_reply_reaches_the_members(network, anne, bo, board):
    message = send(network, anne)
    assert board in told("management_message_sent")
    assert all(user.is_executive_board for user in told("management_message_sent"))
    upward.reply(message, actor=board, text="  Det gør vi.  ", now=NOW)

    message.refresh_from_db()
    assert (message.reply, message.replied_by) == ("Det gør vi.", board)
    assert told("management_message_answered") == {anne, bo}
    for kind in ("management_message_sent", "management_message_answered"):
        queued = Message.objects.filter(kind=kind).first()
        if kind == "management_message_sent":
            with pytest.raises(Suppress):
                upward_email.management_message_sent(queued, NOW)
            continue
        mail = upward_email.management_message_answered(queued, NOW)
        assert CANARY not in mail.text + mail.html
        assert "Det gør vi" not in mail.text + mail.html


def test_only_the_board_replies_once_and_only_to_what_is_sent(network, anne, bo, hr, board):
    draft = upward.write(network, actor=anne, text="Udkast", now=NOW)
    with pytest.raises(Refused):
        upward.reply(draft, actor=board, text="Svar", now=NOW)
    message = send(network, anne)
    for actor in (anne, hr, network.sponsor, members.create_political()):
        with pytest.raises(PermissionDenied):
            upward.reply(message, actor=actor, text="Svar", now=NOW)
    with pytest.raises(Refused):
        upward.reply(message, actor=board, text=" ", now=NOW)
    upward.reply(message, actor=board, text="Svar", now=NOW)
    with pytest.raises(Refused, match="svaret i mellemtiden"):
        upward.reply(message, actor=members.create_board(), text="Andet svar", now=NOW)


@pytest.mark.django_db(transaction=True)
def test_of_two_replies_at_once_one_stands(network, anne, board):
    message = send(network, anne)
    other = members.create_board()

    results = all_at_once(
        [lambda u=u: upward.reply(message, actor=u, text=f"Svar {u.pk}", now=NOW) for u in (board, other)]
    )

    assert sum(isinstance(result, Refused) for result in results) == 1
    assert Message.objects.filter(kind="management_message_answered").count() == 1


# --- Pages -----------------------------------------------------------------------------------------------------------


def test_the_whole_way_on_the_pages(client, network, anne, bo, board):
    deadline = today() + timedelta(days=20)
    client.force_login(board)
    assert "/politik/" in client.get("/kurs/").content.decode()
    client.post(
        "/politik/ny/",
        {
            "title": "Ny fraværspolitik",
            "text": "Hvad siger I?",
            "link": "https://kommune.invalid/udkast",
            "deadline": f"{deadline.day}.{deadline.month}.{deadline.year}",
            "networks": [network.pk],
        },
    )
    draft = PolicyDraft.objects.get()
    assert "Ledere på tværs" in client.get(draft.get_absolute_url()).content.decode()

    client.force_login(bo)
    room = f"/netvaerk/{network.slug}/budskab/"
    assert "I er spurgt om Ny fraværspolitik" in client.get(room).content.decode()
    assert "Hvad siger I?" in client.get(f"{room}nyt/?politik={draft.pk}").content.decode()
    client.post(f"{room}nyt/?politik={draft.pk}", {"text": CANARY})
    message = ManagementMessage.objects.get(policy=draft)
    client.force_login(board)
    assert CANARY not in client.get(draft.get_absolute_url()).content.decode()
    upward.send(message, actor=anne, seen=1, now=timezone.now())

    status = client.get(f"/status/{network.slug}/").content.decode()
    assert f"/budskaber/{message.pk}/svar/" in status
    assert CANARY in client.get(draft.get_absolute_url()).content.decode()
    client.post(f"/budskaber/{message.pk}/svar/", {"text": "Tak, vi retter det."})
    assert "Tak, vi retter det." in client.get(f"/status/{network.slug}/").content.decode()
    client.force_login(bo)
    assert "Tak, vi retter det." in client.get(room).content.decode()


def test_who_may_open_what(client, network, anne, bo, hr, board, stranger):
    draft = ask(board, network)
    unsent = upward.write(network, actor=bo, text="Udkast", now=NOW)
    message = send(network, anne)
    for user, policies, reply in ((hr, 200, 403), (board, 200, 200), (bo, 403, 403), (stranger, 403, 403)):
        client.force_login(user)
        for path in ("/politik/", "/politik/ny/", draft.get_absolute_url()):
            assert client.get(path).status_code == policies, (user, path)
        assert client.get(f"/budskaber/{message.pk}/svar/").status_code == reply
        if reply == 200:
            assert client.get(f"/budskaber/{unsent.pk}/svar/").status_code == 404
    client.force_login(bo)
    other = ask(board, create_network(hr_contact=hr), title="Andet")
    for wrong in (other.pk, "x", "9" * 30):
        assert client.get(f"/netvaerk/{network.slug}/budskab/nyt/?politik={wrong}").status_code == 404


@pytest.mark.parametrize("bad", [{"networks": []}, {"deadline": "1.1.2020"}, {"link": "javascript:x"}, {"title": ""}])
def test_bad_input_asks_nobody(client, network, board, bad):
    client.force_login(board)
    day = today() + timedelta(days=9)
    good = {"title": "T", "text": "Hvad?", "deadline": f"{day.day}.{day.month}.{day.year}", "networks": [network.pk]}

    assert client.post("/politik/ny/", good | bad).status_code == 200
    assert not PolicyDraft.objects.exists()


def test_the_list_costs_the_same_for_one_and_for_many(client, network, board, count_queries):
    client.force_login(board)
    ask(board, network)
    client.get("/politik/")
    one = count_queries(lambda: client.get("/politik/"))
    for number in range(5):
        ask(board, network, title=f"Nr. {number}")

    assert count_queries(lambda: client.get("/politik/")) == one
    assert Network.objects.filter(policy_drafts__isnull=False).distinct().count() == 1
