"""The charter is the members' own: who may propose, how it comes to hold, and that nobody else reads a word of it."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection

from members import outbox
from members.models import AuditEvent, Message, User
from members.outbox import Suppress
from members.tests import factories as members
from networks import charter as room
from networks import charter_email, enrolment, lifecycle, tasks
from networks.charter import Text
from networks.conflicts import ChangedMeanwhile
from networks.models import Charter, CharterDraft, Membership, Network
from networks.refusal import Refused
from networks.suggestions import FOUR_FS
from networks.tests.factories import NOW, TODAY, create_application, create_membership, create_network
from networks.tests.test_capacity import all_at_once

CANARY = "Kanariefugl-7731"
RULES = f"Vi kommer til tiden.\nVi siger {CANARY} højt."
VALUES = "Ærlighed\nMod\nOmsorg"
TEXT = Text(RULES, VALUES)
OTHER = Text("Vi lytter, før vi svarer.", "Lethed\nMod\nOmsorg")
DEADLINE = TODAY + timedelta(days=14)

pytestmark = pytest.mark.django_db


@pytest.fixture
def network(hr):
    return create_network(name="Ledere på tværs", slug="paa-tvaers", hr_contact=hr)


@pytest.fixture
def people(network):
    """Anne is coordinator; Bo and Carl are members."""
    return [
        create_membership(
            network=network, leader=members.create_leader(first_name=name), is_coordinator=name == "Anne"
        ).leader.user
        for name in ("Anne", "Bo", "Carl")
    ]


def propose(network, actor, text=TEXT, *, seen=None, deadline=DEADLINE, now=NOW, **others) -> Charter:
    return room.propose(network, actor=actor, text=text, deadline=deadline, seen=seen, now=now, **others)


def consent(charter, *actors, now=NOW) -> Charter:
    for actor in actors:
        charter = room.consent(charter, actor=actor, seen=charter.revision, now=now)
    return charter


def agree(network, people, text=TEXT, **others) -> Charter:
    charter = consent(propose(network, people[0], text, **others), *people[1:])
    assert charter.is_in_effect
    return charter


def state_of(charter) -> str:
    return Charter.objects.get(pk=charter.pk).state


def told(kind) -> set[User]:
    return {message.recipient for message in Message.objects.filter(kind=kind, state=Message.State.DUE)}


# --- Proposing -------------------------------------------------------------------------------------------------------


def test_a_proposal_counts_its_proposer_and_asks_the_others(network, people):
    charter = propose(network, people[1])

    assert (charter.number, charter.state) == (1, "proposed")
    assert [answer.membership.leader.user for answer in room.standing(charter).consents] == [people[1]]
    assert told("charter_proposed") == {people[0], people[2]}


def test_only_active_members_propose(network, people, hr, sponsor, stranger, board):
    on_leave = create_membership(network=network, state=Membership.State.ON_LEAVE).leader.user

    for actor in (hr, sponsor, stranger, board, on_leave, network.sponsor):
        with pytest.raises(PermissionDenied):
            propose(network, actor)
    assert not Charter.objects.exists()


@pytest.mark.parametrize("state", ["enrolling", "paused"])
def test_nothing_is_proposed_while_the_network_is_not_active(network, people, state):
    Network.objects.update(state=state)

    with pytest.raises(Refused, match="aktivt"):
        propose(network, people[0])


@pytest.mark.parametrize("days", [0, 1, 61])
def test_a_deadline_gives_people_time_and_ends(network, people, days):
    with pytest.raises(Refused, match="Svarfristen"):
        propose(network, people[0], deadline=TODAY + timedelta(days=days))


def test_there_is_one_open_proposal_at_a_time(network, people):
    first = propose(network, people[0])

    with pytest.raises(ChangedMeanwhile) as conflict:
        propose(network, people[1], OTHER)

    assert conflict.value.current == first
    assert Charter.objects.get() == first


def test_one_who_wrote_on_top_of_an_older_agreement_is_told(network, people):
    agree(network, people)

    with pytest.raises(ChangedMeanwhile, match="trådt i kraft"):
        propose(network, people[1], OTHER, seen=None)


def test_a_proposal_of_the_same_text_is_refused(network, people):
    charter = agree(network, people)

    with pytest.raises(Refused, match="det samme"):
        propose(network, people[1], seen=charter.pk)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("_round", range(3))
def test_of_two_who_propose_at_once_one_is_told_and_nothing_is_lost(hr, _round):
    network = create_network(hr_contact=hr)
    people = [create_membership(network=network).leader.user for _ in range(3)]
    texts = [TEXT, OTHER]

    results = all_at_once(
        [
            lambda u=user.pk, t=text: propose(Network.objects.get(pk=network.pk), User.objects.get(pk=u), t)
            for user, text in zip(people, texts, strict=False)
        ]
    )

    (told,) = [result for result in results if isinstance(result, Exception)]
    (made,) = [result for result in results if isinstance(result, Charter)]
    assert isinstance(told, ChangedMeanwhile)
    assert told.current == made
    assert Charter.objects.count() == 1


# --- Taking effect ---------------------------------------------------------------------------------------------------


def test_the_charter_holds_when_the_last_member_consents(network, people):
    charter = consent(propose(network, people[0]), people[1])
    assert charter.is_open

    charter = consent(charter, people[2])

    assert charter.is_in_effect
    assert charter.effective_at == NOW
    assert told("charter_in_effect") == set(people)
    assert told("charter_proposed") == set()


def test_a_new_version_takes_the_place_of_the_one_before(network, people):
    first = agree(network, people)

    second = agree(network, people, OTHER, seen=first.pk)

    assert (second.number, state_of(first), state_of(second)) == (2, "replaced", "in_effect")
    assert room.in_effect(network) == second


def test_at_the_deadline_two_thirds_without_objection_are_enough(network, people):
    charter = consent(propose(network, people[0]), people[1])

    assert room.settle_due(now=NOW + timedelta(days=14)) == 0  # the last day is still a day to answer
    assert room.settle_due(now=NOW + timedelta(days=15)) == 1
    assert state_of(charter) == "in_effect"


def test_at_the_deadline_fewer_than_two_thirds_are_not_enough(network, people):
    charter = propose(network, people[0])

    assert room.settle_due(now=NOW + timedelta(days=15)) == 1
    assert state_of(charter) == "lapsed"
    assert room.settle_due(now=NOW + timedelta(days=15)) == 0


def test_all_members_hear_that_a_proposal_has_lapsed_and_that_the_old_agreement_holds(network, people):
    agree(network, people)
    charter = propose(network, people[1], OTHER, seen=room.in_effect(network).pk)
    room.settle_due(now=NOW + timedelta(days=15))
    room.settle_due(now=NOW + timedelta(days=16))

    assert told("charter_lapsed") == set(people)
    mail = charter_email.charter_lapsed(Message.objects.filter(kind="charter_lapsed").first(), NOW)
    assert mail.subject == "Ledere på tværs: forslaget til aftale er bortfaldet"
    assert "gælder stadig" in mail.text
    assert charter.rule_list[0] not in mail.text + mail.html
    assert f"/netvaerk/{network.slug}/aftale/" in mail.text


def test_a_first_proposal_that_lapses_leaves_no_agreement(network, people):
    propose(network, people[0])
    room.settle_due(now=NOW + timedelta(days=15))
    message = Message.objects.filter(kind="charter_lapsed").first()

    assert "I har ingen aftale endnu" in charter_email.charter_lapsed(message, NOW).text

    propose(network, people[0], now=NOW + timedelta(days=15), deadline=DEADLINE + timedelta(days=15))
    with pytest.raises(Suppress):
        charter_email.charter_lapsed(message, NOW)


def test_nobody_hears_of_a_lapse_when_a_proposal_is_settled_otherwise(network, people):
    agree(network, people)
    room.withdraw(propose(network, people[1], OTHER, seen=room.in_effect(network).pk), actor=people[1], now=NOW)

    assert told("charter_lapsed") == set()


def test_a_standing_objection_stops_it_at_the_deadline(network, people):
    create_membership(network=network)
    charter = consent(propose(network, people[0]), people[1], people[2])
    other = network.memberships.order_by("pk").last().leader.user
    room.object_to(charter, actor=other, reason="Ikke uden pauser.", seen=1, now=NOW)

    room.settle_due(now=NOW + timedelta(days=15))

    assert state_of(charter) == "lapsed"


def test_an_objection_taken_back_no_longer_stands(network, people):
    charter = propose(network, people[0])
    room.object_to(charter, actor=people[1], reason="Ikke uden pauser.", seen=1, now=NOW)

    charter = consent(charter, people[1], people[2])

    assert charter.is_in_effect
    assert {answer.reason for answer in charter.answers.all()} == {""}


def test_one_who_leaves_is_no_longer_waited_for(network, people):
    charter = consent(propose(network, people[0]), people[1])
    network.memberships.filter(leader__user=people[2]).update(state="left")

    assert room.settle_due(now=NOW) == 1
    assert state_of(charter) == "in_effect"


def test_an_objection_of_one_who_has_left_does_not_stand(network, people):
    charter = consent(propose(network, people[0]), people[1])
    room.object_to(charter, actor=people[2], reason="Nej.", seen=1, now=NOW)
    network.memberships.filter(leader__user=people[2]).update(state="left")

    assert room.settle_due(now=NOW) == 1
    assert state_of(charter) == "in_effect"


def test_time_stands_still_while_the_network_is_paused(network, people, hr):
    charter = consent(propose(network, people[0]), people[1])
    lifecycle.pause(network, actor=hr, now=NOW)

    assert room.settle_due(now=NOW + timedelta(days=15)) == 0
    assert state_of(charter) == "proposed"


def test_the_timetable_settles_by_the_clock_of_the_database(network, people):
    consent(propose(network, people[0]), people[1])
    Charter.objects.update(deadline=TODAY - timedelta(days=500))

    tasks.settle_charters()

    assert Charter.objects.get().is_in_effect


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("_round", range(3))
def test_the_last_two_who_consent_at_once_bring_it_into_effect_once(hr, _round):
    network = create_network(hr_contact=hr)
    people = [create_membership(network=network).leader.user for _ in range(3)]
    charter = propose(network, people[0])

    def answer(user):
        return room.consent(Charter.objects.get(pk=charter.pk), actor=User.objects.get(pk=user.pk), seen=1, now=NOW)

    results = all_at_once([lambda u=user: answer(u) for user in people[1:]])

    assert [result for result in results if isinstance(result, Exception)] == []
    assert state_of(charter) == "in_effect"
    assert AuditEvent.objects.filter(verb="charter_takes_effect").count() == 1
    assert Message.objects.filter(kind="charter_in_effect").count() == 3


# --- Answering -------------------------------------------------------------------------------------------------------


def test_consenting_twice_is_consenting_once(network, people):
    charter = propose(network, people[0])

    consent(charter, people[1], people[1])

    assert charter.answers.count() == 2


def test_an_answer_to_a_text_one_has_not_read_is_refused(network, people):
    charter = propose(network, people[0])
    room.change(charter, actor=people[0], text=OTHER, is_substance=True, seen=1, now=NOW)

    with pytest.raises(Refused, match="Læs det igen"):
        room.consent(charter, actor=people[1], seen=1, now=NOW)


def test_an_answer_to_what_is_settled_is_refused(network, people):
    charter = propose(network, people[0])
    room.withdraw(charter, actor=people[0], now=NOW)

    for act in (
        lambda: room.consent(charter, actor=people[1], seen=1, now=NOW),
        lambda: room.object_to(charter, actor=people[1], reason="Nej.", seen=1, now=NOW),
        lambda: room.withdraw(charter, actor=people[0], now=NOW),
    ):
        with pytest.raises(Refused, match="afgjort"):
            act()


def test_an_objection_needs_its_reason(network, people):
    charter = propose(network, people[0])

    with pytest.raises(Refused, match="hvad der skal til"):
        room.object_to(charter, actor=people[1], reason=" ", seen=1, now=NOW)


def test_only_members_answer(network, people, hr, stranger):
    charter = propose(network, people[0])

    for actor in (hr, stranger, network.sponsor):
        with pytest.raises(PermissionDenied):
            room.consent(charter, actor=actor, seen=1, now=NOW)
        with pytest.raises(PermissionDenied):
            room.object_to(charter, actor=actor, reason="Nej.", seen=1, now=NOW)


def test_one_who_joins_is_asked_to_accept_what_holds(network, people, hr, leader):
    charter = agree(network, people)
    Message.objects.all().delete()

    enrolment.enrol(network, leaders=[leader], actor=hr, now=NOW)

    assert told("charter_in_effect") == {leader.user}
    assert list(room.awaiting(leader.user)) == [charter]
    consent(charter, leader.user)
    assert list(room.awaiting(leader.user)) == []


def test_awaiting_tells_of_proposals_without_an_answer(network, people):
    charter = propose(network, people[0])

    assert list(room.awaiting(people[0])) == []
    assert list(room.awaiting(people[1])) == [charter]
    room.object_to(charter, actor=people[1], reason="Nej.", seen=1, now=NOW)
    assert list(room.awaiting(people[1])) == []


# --- Changing the text -----------------------------------------------------------------------------------------------


def test_mended_wording_keeps_every_yes_and_the_text_before(network, people):
    charter = consent(propose(network, people[0]), people[1])

    charter = room.change(charter, actor=people[0], text=OTHER, is_substance=False, seen=1, now=NOW)

    assert len(room.standing(charter).consents) == 2
    assert charter.revisions.get().ground_rules == RULES
    assert told("charter_changed") == {people[1], people[2]}
    assert consent(charter, people[2]).is_in_effect


def test_a_change_of_substance_asks_everyone_again_and_gives_them_time(network, people):
    charter = consent(propose(network, people[0]), people[1])
    late = NOW + timedelta(days=13)

    charter = room.change(charter, actor=people[0], text=OTHER, is_substance=True, seen=1, now=late)

    assert [answer.membership.leader.user for answer in room.standing(charter).consents] == [people[0]]
    assert charter.deadline == TODAY + timedelta(days=20)


def test_another_members_proposal_is_not_changed_or_withdrawn(network, people):
    charter = propose(network, people[1])

    with pytest.raises(PermissionDenied):
        room.change(charter, actor=people[0], text=OTHER, is_substance=False, seen=1, now=NOW)
    with pytest.raises(PermissionDenied):
        room.withdraw(charter, actor=people[0], now=NOW)


def test_the_coordinator_withdraws_for_a_proposer_who_has_left(network, people):
    charter = propose(network, people[1])
    network.memberships.filter(leader__user=people[1]).update(state="left")

    with pytest.raises(PermissionDenied):
        room.withdraw(charter, actor=people[2], now=NOW)
    room.withdraw(charter, actor=people[0], now=NOW)

    assert state_of(charter) == "withdrawn"


def test_any_member_mends_the_wording_of_what_holds_and_not_its_substance(network, people):
    charter = agree(network, people)

    with pytest.raises(Refused, match="Foreslå"):
        room.change(charter, actor=people[2], text=OTHER, is_substance=True, seen=1, now=NOW)
    with pytest.raises(Refused, match="mere end ordlyd"):
        room.change(charter, actor=people[2], text=Text(RULES, VALUES, False), is_substance=False, seen=1, now=NOW)
    charter = room.change(charter, actor=people[2], text=OTHER, is_substance=False, seen=1, now=NOW)

    assert charter.is_in_effect
    assert Text.of(charter) == OTHER
    assert len(room.standing(charter).consents) == 3


def test_of_two_who_mend_the_same_text_the_second_is_told(network, people):
    charter = agree(network, people)
    room.change(charter, actor=people[0], text=OTHER, is_substance=False, seen=1, now=NOW)

    with pytest.raises(ChangedMeanwhile) as conflict:
        room.change(charter, actor=people[1], text=TEXT, is_substance=False, seen=1, now=NOW)

    assert Text.of(conflict.value.current) == OTHER


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("_round", range(3))
def test_of_two_who_mend_at_once_one_is_told(hr, _round):
    network = create_network(hr_contact=hr)
    people = [create_membership(network=network).leader.user for _ in range(2)]
    charter = consent(propose(network, people[0]), people[1])
    texts = [OTHER, Text("Vi ringer til hinanden.", VALUES)]

    def mend(user, text):
        return room.change(
            Charter.objects.get(pk=charter.pk),
            actor=User.objects.get(pk=user.pk),
            text=text,
            is_substance=False,
            seen=1,
            now=NOW,
        )

    results = all_at_once([lambda p=pair: mend(*p) for pair in zip(people, texts, strict=True)])

    assert sorted(type(result).__name__ for result in results) == ["ChangedMeanwhile", "Charter"]
    assert charter.revisions.count() == 1


# --- Ground rules to applicants --------------------------------------------------------------------------------------


def test_ground_rules_stay_in_the_room_until_the_coordinator_shows_them(network, people, stranger, hr, board):
    agree(network, people)
    assert room.shown_ground_rules(stranger, network) == []

    with pytest.raises(PermissionDenied):
        room.show_ground_rules(network, actor=people[1], now=NOW)
    room.show_ground_rules(network, actor=people[0], now=NOW)

    assert room.shown_ground_rules(stranger, network) == RULES.splitlines()
    politician = members.create_political()
    assert [room.shown_ground_rules(user, network) for user in (hr, board, network.sponsor, politician)] == [[]] * 4


def test_any_member_takes_the_ground_rules_back(network, people, stranger):
    agree(network, people)
    room.show_ground_rules(network, actor=people[0], now=NOW)

    room.hide_ground_rules(network, actor=people[2], now=NOW)

    assert room.shown_ground_rules(stranger, network) == []


def test_ground_rules_of_a_closed_group_are_for_the_invited_alone(hr, stranger):
    network = create_network(hr_contact=hr, access="closed")
    people = [create_membership(network=network, is_coordinator=True).leader.user]
    propose(network, people[0])
    room.show_ground_rules(network, actor=people[0], now=NOW)
    invited = create_application(network=network, state="invited").leader.user

    assert room.shown_ground_rules(stranger, network) == []
    assert room.shown_ground_rules(invited, network) == RULES.splitlines()


def test_there_is_nothing_to_show_before_there_is_a_charter(network, people):
    with pytest.raises(Refused):
        room.show_ground_rules(network, actor=people[0], now=NOW)


# --- Mails -----------------------------------------------------------------------------------------------------------


def test_mails_tell_that_there_is_something_to_read_and_never_what_it_says(network, people):
    charter = propose(network, people[0], note=f"Fordi {CANARY}")
    room.object_to(charter, actor=people[1], reason=f"Nej, {CANARY}", seen=1, now=NOW)
    room.change(charter, actor=people[0], text=Text(OTHER.ground_rules, VALUES), is_substance=True, seen=1, now=NOW)
    sent = list(Message.objects.filter(recipient=people[1]))
    built = [getattr(charter_email, message.kind)(message, NOW) for message in sent]
    consent(Charter.objects.get(), people[1], people[2])
    message = Message.objects.filter(kind="charter_in_effect", recipient=people[1]).get()
    built.append(charter_email.charter_in_effect(message, NOW))

    assert [mail.subject for mail in built] == [
        "Ledere på tværs: forslag til jeres aftale",
        "Ledere på tværs: forslaget til aftale er ændret, svar igen",
        "Ledere på tværs: jeres aftale gælder nu",
    ]
    for mail in built:
        assert CANARY not in mail.subject + mail.text + mail.html
        assert "Lethed" not in mail.text
        assert f"/netvaerk/{network.slug}/aftale/" in mail.text


def test_mails_are_dropped_for_one_who_has_left_and_for_what_is_settled(network, people):
    charter = propose(network, people[0])
    to_bo, to_carl = (Message.objects.get(kind="charter_proposed", recipient=user) for user in people[1:])
    network.memberships.filter(leader__user=people[1]).update(state="left")

    with pytest.raises(Suppress):
        charter_email.charter_proposed(to_bo, NOW)
    Charter.objects.filter(pk=charter.pk).update(state="lapsed")
    with pytest.raises(Suppress):
        charter_email.charter_proposed(to_carl, NOW)


def test_every_kind_is_known_to_the_outbox():
    from members import kinds

    assert {"charter_proposed", "charter_changed", "charter_in_effect", "charter_lapsed"} <= {
        kind for kind, _label in kinds.labels()
    }
    assert outbox.register


# --- Pages -----------------------------------------------------------------------------------------------------------


def get(client, user, path, status=200) -> str:
    client.force_login(user)
    response = client.get(path)
    assert response.status_code == status, (path, response.status_code)
    return response.content.decode()


def form_of(text=TEXT, **others) -> dict:
    day = DEADLINE if "deadline" not in others else others.pop("deadline")
    return {
        "ground_rules": text.ground_rules,
        "values": text.values,
        "opens_with_here_and_now": "on",
        "deadline": day.strftime("%d.%m.%Y"),
        **others,
    }


@pytest.fixture
def _now(monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


@pytest.mark.usefixtures("_now")
def test_a_member_proposes_and_the_others_answer(client, network, people):
    client.force_login(people[1])
    path = f"/netvaerk/{network.slug}/aftale/"
    assert "I har ikke lavet en aftale endnu" in client.get(path).content.decode()

    response = client.post(f"{path}foreslaa/", form_of(free_space=["0"], value_picks=["0", "1"]))

    charter = Charter.objects.get()
    assert response["Location"] == charter.get_absolute_url()
    assert charter.rule_list == [
        *RULES.splitlines(),
        "Det, vi siger til hinanden, bliver her, medmindre vi udtrykkeligt aftaler andet.",
    ]
    assert len(charter.value_list) == 5
    page = get(client, people[0], charter.get_absolute_url())
    assert CANARY in page
    client.post(f"{path}{charter.pk}/ja/", {"seen": "1"})
    client.force_login(people[2])
    client.post(f"{path}{charter.pk}/indvending/", {"seen": "1", "reason": "Vi skal have pauser."})
    assert "Vi skal have pauser." in get(client, people[1], charter.get_absolute_url())
    client.force_login(people[2])
    assert client.post(f"{path}{charter.pk}/ja/", {"seen": "1"})["Location"] == path
    assert CANARY in get(client, people[0], path)


@pytest.mark.usefixtures("_now")
@pytest.mark.parametrize(
    ("others", "error"),
    [
        ({"values": "Mod\nOmsorg"}, "tre til fem værdier"),
        ({"values": "a\nb\nc\nd\ne\nf"}, "tre til fem værdier"),
        ({"ground_rules": " - "}, "mindst én spilleregel"),
        ({"deadline": TODAY}, "mellem to dage og to måneder"),
        ({"ground_rules": "Ring til 010190-1234"}, "cpr"),
    ],
)
def test_bad_input_is_told_and_kept(client, network, people, others, error):
    client.force_login(people[0])

    response = client.post(f"/netvaerk/{network.slug}/aftale/foreslaa/", form_of(**others))

    assert error in response.content.decode()
    assert "Vi kommer til tiden." in response.content.decode() or "ground_rules" in others
    assert not Charter.objects.exists()


@pytest.mark.usefixtures("_now")
def test_a_proposal_of_ticked_suggestions_alone_is_enough(client, network, people):
    client.force_login(people[0])
    path = f"/netvaerk/{network.slug}/aftale/foreslaa/"
    assert client.get(path).content.decode().count("(valgfrit)") == len(["note", "value_picks", *FOUR_FS])

    client.post(path, form_of(Text("", ""), feedback=["0"], value_picks=["0", "1", "2"]))

    charter = Charter.objects.get()
    assert charter.rule_list == ["Vi spørger, før vi giver råd."]
    assert len(charter.value_list) == 3


@pytest.mark.usefixtures("_now")
def test_the_second_proposer_sees_both_texts_and_finds_their_own_again(client, network, people):
    propose(network, people[0])
    client.force_login(people[1])
    path = f"/netvaerk/{network.slug}/aftale/foreslaa/"

    response = client.post(path, form_of(OTHER))

    page = response.content.decode()
    assert response.status_code == 409
    assert CANARY in page
    assert OTHER.ground_rules in page
    assert CharterDraft.objects.get().ground_rules == OTHER.ground_rules
    assert OTHER.ground_rules in client.get(path).content.decode()
    assert OTHER.ground_rules not in get(client, people[2], path)


@pytest.mark.usefixtures("_now")
def test_the_second_who_mends_sees_both_texts_and_can_save_again(client, network, people):
    charter = agree(network, people)
    room.change(charter, actor=people[0], text=OTHER, is_substance=False, seen=1, now=NOW)
    client.force_login(people[1])
    path = f"{charter.get_absolute_url()}ret/"
    mine = {"ground_rules": "Vi ringer til hinanden.", "values": VALUES, "seen": "1"}

    response = client.post(path, mine)

    page = response.content.decode()
    assert response.status_code == 409
    assert OTHER.ground_rules in page
    assert "Vi ringer til hinanden." in page
    assert 'name="seen" value="2"' in page
    assert client.post(path, mine | {"seen": "2"}).status_code == 302
    assert Charter.objects.get().ground_rules == "Vi ringer til hinanden."
    assert Charter.objects.get().revisions.count() == 2


def test_a_version_shows_what_it_changes(client, network, people):
    first = agree(network, people)
    second = propose(network, people[0], Text("Vi kommer til tiden hver gang.", VALUES), seen=first.pk)

    page = get(client, people[1], second.get_absolute_url())

    assert "<del>" in page
    assert "<ins>" in page
    assert "Version 1" not in page
    assert "version 1" in page


PAGES = ("", "foreslaa/", "vis-spilleregler/", "{pk}/", "{pk}/ret/", "{pk}/indvending/", "{pk}/traek-tilbage/")
READ_ONLY = ("", "{pk}/")
POSTS = ("skjul-spilleregler/", "{pk}/ja/")


def test_nobody_outside_the_room_opens_a_page_of_it(client, network, people, hr, board, stranger):
    charter = propose(network, people[0])
    closed = create_network(access="closed", hr_contact=hr)
    politician, administrator = members.create_political(), members.create_system_admin()
    on_leave = create_membership(network=network, state=Membership.State.ON_LEAVE).leader.user
    for path in (*PAGES, *POSTS):
        url = f"/netvaerk/{network.slug}/aftale/{path.format(pk=charter.pk)}"
        for user in (hr, board, stranger, network.sponsor, politician, on_leave):
            client.force_login(user)
            assert client.get(url).status_code == (405 if path in POSTS else 403), (user, url)
            assert client.post(url).status_code == (405 if path in READ_ONLY else 403), (user, url)
        client.force_login(stranger)
        assert client.get(url.replace(network.slug, closed.slug)).status_code == (405 if path in POSTS else 404)
        client.force_login(administrator)
        assert client.get(url).status_code in (403, 404, 405)
    assert state_of(charter) == "proposed"


def test_a_charter_is_not_read_through_another_network(client, network, people, hr):
    charter = propose(network, people[0])
    other = create_network(hr_contact=hr)
    member = create_membership(network=other).leader.user

    get(client, member, f"/netvaerk/{other.slug}/aftale/{charter.pk}/", 404)


def test_no_word_leaves_the_room(client, network, people, hr, board):
    charter = propose(network, people[0], note=f"Fordi {CANARY}")
    room.object_to(charter, actor=people[1], reason=f"Nej, {CANARY}", seen=1, now=NOW)
    room.save_draft(network, actor=people[2], text=TEXT, note=CANARY, now=NOW)
    room.change(charter, actor=people[0], text=OTHER, is_substance=False, seen=1, now=NOW)
    room.change(charter, actor=people[0], text=TEXT, is_substance=False, seen=2, now=NOW)
    politician = members.create_political()

    for user in (hr, board, politician, network.sponsor):
        for path in ("/", f"/netvaerk/{network.slug}/", f"/netvaerk/{network.slug}/grundlag/", "/netvaerk/"):
            assert CANARY not in get(client, user, path)
    for path in ("/status/", f"/status/{network.slug}/"):
        assert CANARY not in get(client, board, path)
    assert CANARY not in get(client, hr, "/beskeder/")
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table.startswith(("networks_", "members_")):
                cursor.execute(f'SELECT * FROM "{table}"')
                assert CANARY not in repr(cursor.fetchall()), table


def test_the_log_holds_verbs_and_ids(network, people):
    charter = agree(network, people)

    assert list(AuditEvent.objects.order_by("pk").values_list("verb", "subject_id", "network_id")) == [
        ("propose_charter", charter.pk, network.pk),
        ("consent_to_charter", charter.pk, network.pk),
        ("consent_to_charter", charter.pk, network.pk),
        ("charter_takes_effect", charter.pk, network.pk),
    ]


def test_the_page_asks_the_same_few_questions_however_many_members(client, network, people):
    charter = agree(network, people)
    client.force_login(people[0])
    urls = [f"/netvaerk/{network.slug}/aftale/", charter.get_absolute_url()]

    def count(url) -> int:
        from django.test.utils import CaptureQueriesContext

        client.get(url)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url).status_code == 200
        return len(queries)

    few = [count(url) for url in urls]
    network.size_max = 60
    network.save()
    for number in range(20):
        user = create_membership(network=network).leader.user
        consent(charter, user)
        Charter.objects.create(
            network=network, number=50 + number, state="lapsed", ground_rules="x", values="y", deadline=TODAY,
            proposed_by=user, proposed_at=NOW, settled_at=NOW,
        )  # fmt: skip
    assert [count(url) for url in urls] == few


def test_home_tells_of_what_awaits(client, network, people):
    propose(network, people[0])

    assert "Svar på forslaget til aftale i Ledere på tværs" in get(client, people[1], "/")
    assert "Svar på forslaget" not in get(client, people[0], "/")
