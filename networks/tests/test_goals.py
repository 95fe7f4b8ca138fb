"""Goals are the members': they set, change and judge them, nobody is overwritten, and others see counts alone."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from members.models import AuditEvent, User
from members.tests import factories as members
from networks import goals as room
from networks.conflicts import ChangedMeanwhile
from networks.models import Goal, GoalHierarchy, Membership, Network
from networks.refusal import Refused
from networks.tests.factories import NOW, TODAY, create_membership, create_network
from networks.tests.test_capacity import all_at_once

CANARY = "Kanariefugl-4410"
WHAT = {"title": f"Færre sygedage {CANARY}", "measure": f"Vi spørger hinanden {CANARY}", "due_on": TODAY}
OTHER = {"title": "Flere besøg", "measure": "To pr. år", "due_on": TODAY + timedelta(days=30)}

pytestmark = pytest.mark.django_db


@pytest.fixture
def network(hr):
    return create_network(name="Ledere på tværs", slug="paa-tvaers", hr_contact=hr)


@pytest.fixture
def anne(network):
    return create_membership(network=network).leader.user


@pytest.fixture
def bo(network):
    return create_membership(network=network).leader.user


@pytest.fixture
def goal(network, anne):
    return room.add(network, actor=anne, now=NOW, **WHAT)


def test_any_member_sets_changes_and_judges_a_goal(network, anne, bo):
    goal = room.add(network, actor=anne, now=NOW, **WHAT)
    goal = room.change(goal, actor=bo, seen=1, now=NOW, **OTHER)
    goal = room.assess(goal, actor=anne, state="partly", outcome="Ét besøg", seen=2, now=NOW)

    goal = Goal.objects.get()
    assert (goal.title, goal.state, goal.outcome, goal.version, goal.assessed_at) == (
        "Flere besøg",
        "partly",
        "Ét besøg",
        3,
        NOW,
    )
    assert list(AuditEvent.objects.order_by("pk").values_list("verb", flat=True)) == [
        "add_goal",
        "change_goal",
        "assess_goal",
    ]


def test_a_judgement_can_be_taken_back(goal, anne):
    goal = room.assess(goal, actor=anne, state="reached", outcome="", seen=1, now=NOW)
    goal = room.assess(goal, actor=anne, state="open", outcome="", seen=2, now=NOW)

    assert (goal.is_open, goal.assessed_at) == (True, None)


def test_nobody_but_active_members_touches_a_goal(network, goal, hr, board, stranger):
    on_leave = create_membership(network=network, state=Membership.State.ON_LEAVE).leader.user
    for actor in (hr, board, stranger, network.sponsor, on_leave):
        for act in (
            lambda a=actor: room.add(network, actor=a, now=NOW, **OTHER),
            lambda a=actor: room.change(goal, actor=a, seen=1, now=NOW, **OTHER),
            lambda a=actor: room.assess(goal, actor=a, state="reached", outcome="", seen=1, now=NOW),
            lambda a=actor: room.drop(goal, actor=a, seen=1, now=NOW),
        ):
            with pytest.raises(PermissionDenied):
                act()
    assert Goal.objects.get().version == 1


def test_goals_rest_while_the_network_is_paused(network, goal, anne):
    Network.objects.update(state="paused")

    with pytest.raises(Refused, match="aktivt"):
        room.change(goal, actor=anne, seen=1, now=NOW, **OTHER)


def test_the_second_who_saves_is_told_and_nothing_is_overwritten(goal, anne, bo):
    room.change(goal, actor=anne, seen=1, now=NOW, **OTHER)

    for act in (
        lambda: room.change(goal, actor=bo, seen=1, now=NOW, **WHAT),
        lambda: room.assess(goal, actor=bo, state="reached", outcome="", seen=1, now=NOW),
        lambda: room.drop(goal, actor=bo, seen=1, now=NOW),
    ):
        with pytest.raises(ChangedMeanwhile) as conflict:
            act()
        assert conflict.value.current.title == "Flere besøg"


def test_what_another_has_dropped_is_not_saved_into_nothing(goal, anne, bo):
    room.drop(goal, actor=anne, seen=1, now=NOW)

    with pytest.raises(Refused, match="slettet"):
        room.change(goal, actor=bo, seen=1, now=NOW, **OTHER)


def test_a_goal_serves_only_its_own_networks_hierarchy(network, anne, hr):
    foreign = GoalHierarchy.objects.create(network=create_network(hr_contact=hr), rank=1, goal="Andres mål")

    with pytest.raises(PermissionDenied):
        room.add(network, actor=anne, now=NOW, serves=foreign, **OTHER)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("_round", range(3))
def test_of_many_who_save_at_once_one_wins_and_the_others_are_told(hr, _round):
    network = create_network(hr_contact=hr)
    people = [create_membership(network=network).leader.user for _ in range(8)]
    goal = room.add(network, actor=people[0], now=NOW, **WHAT)

    def save(number):
        words = OTHER | {"title": f"Tekst {number}"}
        actor = User.objects.get(pk=people[number].pk)
        return room.change(Goal.objects.get(pk=goal.pk), actor=actor, seen=1, now=NOW, **words)

    results = all_at_once([lambda n=number: save(n) for number in range(8)])

    assert sorted(type(result).__name__ for result in results) == ["ChangedMeanwhile"] * 7 + ["Goal"]
    (saved,) = [result for result in results if isinstance(result, Goal)]
    assert Goal.objects.get().title == saved.title


@pytest.mark.django_db(transaction=True)
def test_the_same_answer_from_many_at_once_is_saved_once(hr):
    network = create_network(hr_contact=hr)
    anne = create_membership(network=network).leader.user

    added = all_at_once(
        [lambda: room.add(network, actor=User.objects.get(pk=anne.pk), now=NOW, **WHAT) for _press in range(6)]
    )
    (goal,) = set(added)

    def press():
        actor = User.objects.get(pk=anne.pk)
        return room.change(Goal.objects.get(pk=goal.pk), actor=actor, seen=1, now=NOW, **OTHER)

    assert set(all_at_once([press] * 6)) == {goal}
    assert Goal.objects.get().version == 2
    assert AuditEvent.objects.filter(verb="change_goal").count() == 1


def test_others_are_told_how_many_goals_there_are_in_each_state(network, goal, anne, hr):
    room.add(network, actor=anne, now=NOW, **OTHER)
    room.assess(goal, actor=anne, state="reached", outcome="", seen=1, now=NOW)
    empty = create_network(hr_contact=hr)

    assert room.state_counts([network, empty]) == {network.pk: {"open": 1, "reached": 1}}


# --- Pages -----------------------------------------------------------------------------------------------------------


FORM = {"title": "Flere besøg", "measure": "To pr. år", "due_on": "31.3.2027"}


def test_a_member_sets_a_goal_and_judges_it(client, network, anne):
    client.force_login(anne)
    path = f"/netvaerk/{network.slug}/maal/"
    assert "I har ingen mål i gang" in client.get(path).content.decode()

    assert client.post(f"{path}nyt/", FORM)["Location"] == path
    goal = Goal.objects.get()
    assert "Flere besøg" in client.get(path).content.decode()
    client.post(f"{path}{goal.pk}/status/", {"state": "not_reached", "outcome": "Der kom noget i vejen", "seen": "1"})

    page = client.get(path).content.decode()
    assert "Ikke opnået" in page
    assert "Der kom noget i vejen" in page
    client.post(f"{path}{goal.pk}/slet/")
    assert not Goal.objects.exists()


def test_a_goal_is_tied_to_the_hierarchy(client, network, anne):
    aim = GoalHierarchy.objects.create(network=network, rank=1, goal="Sammenhæng for børn")
    client.force_login(anne)

    client.post(f"/netvaerk/{network.slug}/maal/nyt/", FORM | {"serves": aim.pk})

    assert Goal.objects.get().serves == aim
    assert "Sammenhæng for børn" in client.get(f"/netvaerk/{network.slug}/maal/").content.decode()


@pytest.mark.parametrize(
    "bad", [{"title": ""}, {"measure": ""}, {"due_on": "32.1.2027"}, {"title": "Ring til 010190-1234"}]
)
def test_bad_input_is_told_and_kept(client, network, anne, bad):
    client.force_login(anne)

    response = client.post(f"/netvaerk/{network.slug}/maal/nyt/", FORM | bad)

    assert response.status_code == 200
    assert "error-summary" in response.content.decode()
    assert not Goal.objects.exists()


@pytest.mark.parametrize("page", ["ret", "status"])
def test_the_second_sees_both_texts_and_can_save_on_top(client, goal, network, anne, bo, page):
    room.change(goal, actor=anne, seen=1, now=NOW, **OTHER)
    client.force_login(bo)
    path = f"/netvaerk/{network.slug}/maal/{goal.pk}/{page}/"
    mine = {
        "title": "Min tekst",
        "measure": "Min måde",
        "due_on": "1.4.2027",
        "state": "partly",
        "outcome": "Min status",
    }

    response = client.post(path, mine | {"seen": "1"})

    text = response.content.decode()
    assert response.status_code == 409
    assert "Flere besøg" in text
    assert ("Min tekst" if page == "ret" else "Min status") in text
    assert 'name="seen" value="2"' in text
    assert client.post(path, mine | {"seen": "2"}).status_code == 302


def test_nobody_outside_the_room_opens_its_pages(client, network, goal, hr, board, stranger):
    closed = create_network(hr_contact=hr, access="closed")
    politician = members.create_political()
    for end in ("", "nyt/", f"{goal.pk}/ret/", f"{goal.pk}/status/", f"{goal.pk}/slet/"):
        for user in (hr, board, politician, network.sponsor, stranger):
            client.force_login(user)
            assert client.get(f"/netvaerk/{network.slug}/maal/{end}").status_code == 403
            assert client.post(f"/netvaerk/{network.slug}/maal/{end}", FORM).status_code == (403 if end else 405)
        client.force_login(stranger)
        assert client.get(f"/netvaerk/{closed.slug}/maal/{end}").status_code == 404
    assert Goal.objects.get().title == WHAT["title"]


def test_a_goal_is_not_reached_through_another_network(client, goal, hr):
    other = create_network(hr_contact=hr)
    client.force_login(create_membership(network=other).leader.user)

    assert client.get(f"/netvaerk/{other.slug}/maal/{goal.pk}/ret/").status_code == 404


def test_no_word_of_a_goal_leaves_the_room(client, network, goal, anne, hr, board):
    room.assess(goal, actor=anne, state="partly", outcome=CANARY, seen=1, now=NOW)
    for user in (hr, board, members.create_political(), network.sponsor):
        client.force_login(user)
        for path in ("/", f"/netvaerk/{network.slug}/", f"/netvaerk/{network.slug}/grundlag/"):
            assert CANARY not in client.get(path).content.decode()
    client.force_login(board)
    for path in ("/status/", f"/status/{network.slug}/"):
        assert CANARY not in client.get(path).content.decode()
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table.startswith(("networks_", "members_")):
                cursor.execute(f'SELECT * FROM "{table}"')
                assert CANARY not in repr(cursor.fetchall()), table


def test_the_list_asks_the_same_few_questions_however_many_goals(client, network, anne):
    client.force_login(anne)
    path = f"/netvaerk/{network.slug}/maal/"

    def queries(number) -> int:
        while Goal.objects.count() < number:
            room.add(network, actor=anne, now=NOW, **OTHER | {"title": f"Mål {Goal.objects.count()}"})
        client.get(path)
        with CaptureQueriesContext(connection) as asked:
            client.get(path)
        return len(asked)

    assert queries(1) == queries(3) == queries(50)
