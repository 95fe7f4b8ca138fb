"""The group hears who comes into its room: once, of all who come within some minutes."""

from collections import Counter
from datetime import timedelta
from email import message_from_bytes, policy

import pytest
from django.utils import translation

from members import outbox
from members.models import Leader, Message
from members.outbox import Suppress
from members.tests import factories as members
from networks import email, enrolment, membership
from networks.models import Membership
from networks.newcomers import KIND, LONGEST, SETTLING
from networks.tests.factories import NOW, TODAY, create_application, create_membership, create_network

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
PASSES = "Passer godt"


@pytest.fixture
def active():
    return create_network(state="active", name="På tværs", size_max=40)


@pytest.fixture
def coordinator(active):
    return create_membership(network=active, is_coordinator=True).leader.user


def leaders(*names):
    return [members.create_leader(user=members.create_user(first_name=name, last_name="Bo")) for name in names]


def enrol(network, people, hr, now=NOW):
    return enrolment.enrol(network, leaders=people, actor=hr, now=now, reason=PASSES)


def told():
    """Who is told, once for each mail."""
    return Counter(Message.objects.filter(kind=KIND).values_list("recipient", flat=True))


def mail_to(user, *, number=0):
    message = Message.objects.filter(kind=KIND, recipient=user).order_by("pk")[number]
    with translation.override(user.language):
        return email.member_joined(message, NOW)


def named(mail):
    """The names, as they stand in the text and in the HTML."""
    lines = [line.removeprefix("- ") for line in mail.text.splitlines() if line.startswith("- ")]
    assert [f"<li>{name}</li>" in mail.html for name in lines] == [True] * len(lines)
    assert mail.html.count("<li>") == len(lines)
    return lines


# --- Who is told -----------------------------------------------------------------------------------------------------


def test_coordinators_hear_who_comes_into_the_room(hr, leader, active, coordinator):
    second = create_membership(network=active, is_coordinator=True).leader.user
    create_membership(network=active)

    (came,) = enrol(active, [leader], hr)

    assert told() == {coordinator.pk: 1, second.pk: 1}
    mail = mail_to(second)
    assert mail.subject == "Nyt medlem i På tværs"
    assert "Lis Krog er nu med" in mail.text
    assert named(mail) == []
    Membership.objects.filter(pk=came.pk).update(state="ended")
    with pytest.raises(Suppress):
        mail_to(second)


def test_all_hear_it_where_nobody_is_coordinator_and_nobody_before_the_start(hr, network, leader, active):
    others = {create_membership(network=active).leader.user_id: 1 for _ in range(2)}

    enrol(network, [leader], hr)
    assert told() == {}
    enrol(active, [leader], hr)
    assert told() == others


def test_one_who_asked_and_one_who_was_invited_are_told_of_too(hr, leader, active, coordinator):
    asked = create_application(network=active, leader=leader)
    invited = create_application(network=active, state="invited")

    enrolment.approve_application(asked, actor=hr, now=NOW, reason=PASSES)
    enrolment.accept_invitation(active, actor=invited.leader.user, accepts_terms=True, now=NOW + MINUTE)

    assert told() == {coordinator.pk: 1}
    assert set(named(mail_to(coordinator))) == {str(leader.user), str(invited.leader.user)}


def test_one_who_has_left_the_network_is_not_told(hr, leader, active, coordinator):
    create_membership(network=active, is_coordinator=True)
    enrol(active, [leader], hr)
    membership.leave(active, actor=coordinator, now=NOW + MINUTE)

    with pytest.raises(Suppress, match="not a member"):
        mail_to(coordinator)


# --- Many at once ----------------------------------------------------------------------------------------------------


def test_twenty_who_come_at_once_are_one_mail(hr, active, coordinator):
    names = [f"Leder{number:02}" for number in range(20)]
    enrol(active, leaders(*reversed(names)), hr)

    assert told() == {coordinator.pk: 1}
    mail = mail_to(coordinator)
    assert mail.subject == "20 nye medlemmer i På tværs"
    assert "20 ledere er nu med i På tværs" in mail.text
    assert named(mail) == [f"{name} Bo" for name in names]
    assert "\n\n- Leder00 Bo\n- Leder01 Bo\n" in mail.text
    assert "- Leder19 Bo\n\nEr der nogen, I ikke kender" in mail.text


def test_it_reads_in_english(hr, active, coordinator):
    coordinator.language = "en"
    coordinator.save()
    enrol(active, leaders("Ane", "Bea"), hr)

    mail = mail_to(coordinator)

    assert mail.subject == "2 new members in På tværs"
    assert "2 leaders are now in På tværs and can read what you write" in mail.text
    assert "If there is anyone you do not know" in mail.text
    assert named(mail) == ["Ane Bo", "Bea Bo"]


def test_those_who_come_together_are_not_told_of_each_other(hr, active):
    old = create_membership(network=active).leader.user_id
    enrol(active, leaders("Ane", "Bea"), hr)

    assert told() == {old: 1}


def test_those_who_come_within_minutes_are_one_mail_and_each_is_told_of_the_next(hr, active):
    old = create_membership(network=active).leader.user
    (ane,) = leaders("Ane")

    enrol(active, [ane], hr)
    enrol(active, leaders("Bea"), hr, NOW + 2 * MINUTE)

    assert told() == {old.pk: 1, ane.user_id: 1}
    assert named(mail_to(old)) == ["Ane Bo", "Bea Bo"]
    alone = mail_to(ane.user)
    assert alone.subject == "Nyt medlem i På tværs"
    assert "Bea Bo er nu med" in alone.text
    assert "Ane Bo" not in alone.text


def test_the_mail_waits_for_the_next_but_not_for_ever(hr, active, coordinator):
    due = []
    for minutes in (0, 4, 8, 12, 16, 19):
        enrol(active, leaders(f"Leder{minutes}"), hr, NOW + minutes * MINUTE)
        due.append(Message.objects.get(kind=KIND).due_at - NOW)

    assert due == [SETTLING, 9 * MINUTE, 13 * MINUTE, 17 * MINUTE, LONGEST, LONGEST]
    enrol(active, leaders("Sen"), hr, NOW + LONGEST)
    assert told() == {coordinator.pk: 2}


def test_one_who_comes_after_the_mail_is_due_has_a_mail_of_their_own(hr, active, coordinator):
    enrol(active, leaders("Ane", "Bea"), hr)
    enrol(active, leaders("Ida"), hr, NOW + SETTLING)

    assert told() == {coordinator.pk: 2}
    assert named(mail_to(coordinator)) == ["Ane Bo", "Bea Bo"]
    assert "Ida Bo er nu med" in mail_to(coordinator, number=1).text


@pytest.mark.parametrize("state", [state for state in Message.State if state != "due"])
def test_what_is_in_hand_or_done_is_not_joined(hr, active, coordinator, state):
    enrol(active, leaders("Ane"), hr)
    Message.objects.filter(kind=KIND).update(state=state)

    enrol(active, leaders("Bea"), hr, NOW + MINUTE)

    assert told() == {coordinator.pk: 2}
    assert ["Ane Bo" in mail_to(coordinator, number=number).text for number in (0, 1)] == [True, False]
    assert ["Bea Bo" in mail_to(coordinator, number=number).text for number in (0, 1)] == [False, True]


def test_another_network_and_another_receiver_have_their_own(hr, leader, active, coordinator):
    other = create_network(state="active", name="Et andet")
    create_membership(network=other, leader=coordinator.post, is_coordinator=True)
    second = create_membership(network=active)
    enrol(active, leaders("Ane"), hr)
    enrol(other, leaders("Bea"), hr)
    membership.appoint_coordinator(second, actor=coordinator, now=NOW)

    enrol(active, leaders("Ida"), hr, NOW + MINUTE)

    assert told() == {coordinator.pk: 2, second.leader.user_id: 1}
    assert named(mail_to(coordinator)) == ["Ane Bo", "Ida Bo"]
    assert "Bea Bo er nu med i Et andet" in mail_to(coordinator, number=1).text
    assert "Ida Bo er nu med" in mail_to(second.leader.user).text


# --- What has changed before it is sent ------------------------------------------------------------------------------


def test_who_has_left_again_is_not_named(hr, active, coordinator):
    ane, bea, ida = enrol(active, leaders("Ane", "Bea", "Ida"), hr)

    membership.leave(active, actor=ane.leader.user, now=NOW + MINUTE)
    assert named(mail_to(coordinator)) == ["Bea Bo", "Ida Bo"]
    membership.leave(active, actor=ida.leader.user, now=NOW + MINUTE)
    assert mail_to(coordinator).subject == "Nyt medlem i På tværs"
    assert "Bea Bo er nu med" in mail_to(coordinator).text
    membership.leave(active, actor=bea.leader.user, now=NOW + MINUTE)
    with pytest.raises(Suppress, match="not a member"):
        mail_to(coordinator)


def test_who_has_left_and_come_again_is_named_once(hr, active, coordinator):
    ane, bea = leaders("Ane", "Bea")
    enrol(active, [ane, bea], hr)
    membership.leave(active, actor=ane.user, now=NOW + MINUTE)
    enrol(active, [ane], hr, NOW + 2 * MINUTE)

    assert named(mail_to(coordinator)) == ["Ane Bo", "Bea Bo"]


def test_one_who_comes_with_two_posts_is_named_once(hr, active, coordinator):
    (ane,) = leaders("Ane")
    enrol(active, [ane, *leaders("Bea")], hr)
    Leader.objects.filter(pk=ane.pk).update(valid_to=TODAY)
    enrol(active, [members.create_leader(user=ane.user)], hr, NOW + MINUTE)

    assert named(mail_to(coordinator)) == ["Ane Bo", "Bea Bo"]


def test_a_newcomer_is_not_told_of_themself(hr, active, coordinator):
    """A coordinator who leaves and is back within minutes has a message from before that covers their own return."""
    create_membership(network=active, is_coordinator=True)
    enrol(active, leaders("Ane"), hr)
    membership.leave(active, actor=coordinator, now=NOW + MINUTE)
    enrol(active, [coordinator.post], hr, NOW + 2 * MINUTE)

    mail = mail_to(coordinator)

    assert mail.subject == "Nyt medlem i På tværs"
    assert "Ane Bo er nu med" in mail.text
    assert str(coordinator) not in mail.text


# --- Sent ------------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_it_is_sent_when_the_minutes_are_over(hr, active, coordinator, mailoutbox):
    enrol(active, leaders("Ane", "Bea"), hr)

    def subjects():
        return [mail.subject for mail in mailoutbox if coordinator.email in mail.to]

    outbox.send_due(now=NOW + SETTLING - MINUTE)
    assert subjects() == []
    outbox.send_due(now=NOW + SETTLING)
    outbox.send_due(now=NOW + 2 * SETTLING)
    assert subjects() == ["2 nye medlemmer i På tværs"]


@pytest.mark.django_db(transaction=True)
def test_rows_from_before_there_was_one_mail_for_many_tell_of_one_each(hr, active, coordinator, mailoutbox):
    """Earlier each newcomer had a row of their own, due at once."""
    came = [create_membership(network=active, leader=leader) for leader in leaders("Ane", "Bea")]
    for newcomer in came:
        outbox.enqueue(KIND, subject_id=newcomer.pk, recipients=[coordinator], now=NOW)

    enrol(active, leaders("Ida"), hr, NOW)
    outbox.send_due(now=NOW + SETTLING)

    texts = [_text(mail) for mail in mailoutbox if coordinator.email in mail.to]
    assert [[name for name in ("Ane", "Bea", "Ida") if f"{name} Bo er nu med" in text] for text in texts] == [
        ["Ane"],
        ["Bea"],
        ["Ida"],
    ]


def _text(mail):
    return message_from_bytes(mail.message().as_bytes(), policy=policy.default).get_body(("plain",)).get_content()
