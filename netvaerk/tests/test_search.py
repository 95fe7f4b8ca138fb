"""Search: each finds what they may see, in Danish, and nothing of what the members have written."""

from datetime import date, datetime

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from meetings.models import Meeting
from meetings.tests.factories import create_meeting
from members.danish import COPENHAGEN
from members.tests.factories import (
    create_board,
    create_hr,
    create_leader,
    create_political,
    create_system_admin,
    create_unit,
)
from netvaerk.search import search
from netvaerk.tests.pages import text_of
from networks import permissions
from networks.models import Access, Charter, Goal, Membership, Network, StrategicDirection
from networks.tests.factories import create_direction, create_membership, create_network

pytestmark = pytest.mark.django_db

NOW = datetime(2027, 3, 1, 9, 0, tzinfo=COPENHAGEN)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


def found(text, user):
    """What `user` finds, by group."""
    return {group.key: [hit.title for hit in group.hits] for group in search(text, user=user, now=NOW).groups}


@pytest.fixture
def house():
    """A closed network with a member list of its own, an open one that shows its members, and a draft."""
    closed = create_network(name="Ærøs skoleledere", access=Access.CLOSED)
    inside = create_membership(network=closed, leader=create_leader(first_name="Åse", last_name="Sørensen"))
    create_membership(network=closed, leader=create_leader(first_name="Bodil", last_name="Kjær"), is_coordinator=True)
    create_meeting(network=closed, date=date(2027, 3, 4), place="Aabybro Bibliotek")
    create_meeting(network=closed, date=date(2027, 5, 6), state=Meeting.State.PLANNED, place="Aabybro Bibliotek")
    shown = create_network(name="Ledere på tværs", shows_member_list=True)
    create_membership(network=shown, leader=create_leader(first_name="Jørgen", last_name="Bækgaard"))
    create_meeting(network=shown, date=date(2027, 3, 11), place="Rådhuset")
    draft = create_network(name="Skoleudkast", state=Network.State.DRAFT)
    return {"closed": closed, "inside": inside.leader.user, "shown": shown, "draft": draft}


# --- Danish letters --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["Ærø", "aeroe", "ÆRØ", "skoleledere ærø", "A\u0308rø"])
def test_networks_are_found_however_the_letters_are_written(house, text):
    assert found(text, create_hr())["networks"] == ["Ærøs skoleledere"]


@pytest.mark.parametrize("text", ["Åse", "aase", "A\u030ase Soerensen", "sørensen"])
def test_people_are_found_however_the_letters_are_written(house, text):
    assert found(text, create_hr())["people"] == ["Åse Sørensen"]


@pytest.mark.parametrize("text", ["åbybro", "Aabybro", "bibliotek aaby", "4. marts 2027", "04.03.2027"])
def test_meetings_are_found_by_place_and_date(house, text):
    assert found(text, create_hr())["meetings"] == ["torsdag den 4. marts 2027 kl. 13.00–15.00"]


def test_meetings_are_found_by_network_and_what_lies_ahead_comes_first(house):
    create_meeting(network=house["closed"], date=date(2027, 2, 4), state=Meeting.State.HELD)

    assert found("ærøs", create_hr())["meetings"] == [
        "torsdag den 4. marts 2027 kl. 13.00–15.00",
        "torsdag den 4. februar 2027 kl. 13.00–15.00",
    ]


def test_a_word_of_the_name_comes_before_a_word_of_the_purpose():
    create_network(name="Alfa", purpose="Vi taler om trivsel.")
    create_network(name="Trivsel", purpose="Vi taler.")

    assert found("trivsel", create_hr())["networks"] == ["Trivsel", "Alfa"]


# --- Who finds what --------------------------------------------------------------------------------------------------


def test_a_member_finds_the_own_network_its_people_and_its_meetings(house):
    assert found("skole", house["inside"]) == {
        "networks": ["Ærøs skoleledere"],
        "meetings": ["torsdag den 4. marts 2027 kl. 13.00–15.00"],
    }
    assert found("kjær", house["inside"]) == {"people": ["Bodil Kjær"]}
    hit = search("Aabybro", user=house["inside"], now=NOW).groups[0].hits[0]
    assert hit.url == Meeting.objects.get(date=date(2027, 3, 4)).get_absolute_url()


def test_another_leader_finds_what_the_catalogue_shows_and_no_more(house):
    other = create_leader().user

    assert found("skole", other) == {}
    assert found("kjær", other) == {}
    assert found("bækgaard", other) == {"people": ["Jørgen Bækgaard"]}
    assert found("tværs", other)["networks"] == ["Ledere på tværs"]
    assert found("rådhuset", other) == {}


def test_the_sponsor_finds_people_and_dates_of_the_own_networks(house):
    sponsor = house["closed"].sponsor

    assert found("kjær", sponsor) == {"people": ["Bodil Kjær"]}
    (group,) = search("aabybro", user=sponsor, now=NOW).groups
    assert group.hits[0].url == reverse("meetings:plan_list", args=[house["closed"].slug])


def test_politicians_find_networks_and_kurs_and_never_a_person(house):
    political = create_political()

    assert found("skole", political) == {"networks": ["Ærøs skoleledere"]}
    for name in ("kjær", "bækgaard", "sørensen"):
        assert found(name, political) == {}
    assert found("rådhuset", political) == {}


def test_the_board_finds_no_person_of_a_network_that_keeps_its_list(house):
    assert found("kjær", create_board()) == {}
    assert found("aabybro", create_board()) == {}


def test_the_system_administrator_finds_what_any_stranger_does(house):
    assert found("skole", create_system_admin()) == {}
    assert found("kjær", create_system_admin()) == {}


def test_drafts_are_for_hr(house):
    assert found("skoleudkast", create_hr()) == {"networks": ["Skoleudkast"]}
    for user in (create_board(), create_political(), house["inside"]):
        assert found("skoleudkast", user) == {}


def test_a_former_member_finds_nothing_more(house):
    Membership.objects.filter(leader__user=house["inside"]).update(state=Membership.State.LEFT)

    assert found("skole", house["inside"]) == {}
    assert found("kjær", house["inside"]) == {}
    assert found("aabybro", house["inside"]) == {}


def test_a_kurs_in_draft_is_not_found_by_a_leader():
    create_direction(title="Nærhed", state=StrategicDirection.State.DRAFT)
    create_direction(title="Nærvær")

    assert found("nær", create_leader().user)["directions"] == ["Nærvær"]
    assert sorted(found("naer", create_hr())["directions"]) == ["Nærhed", "Nærvær"]


def test_an_address_finds_a_person_for_hr_alone(house):
    email = house["inside"].email.partition("@")[0]

    assert found(email, create_hr())["people"] == ["Åse Sørensen"]
    assert found(email, house["inside"]) == {}


def test_who_may_be_found_by_name_is_who_may_be_read_by_name(house):
    """The set for all networks at once agrees with the rule for one."""
    users = [house["inside"], house["closed"].sponsor, create_board(), create_political(), create_leader().user]
    for user in users:
        for network in (house["closed"], house["shown"]):
            visible = Network.objects.visible_to(user).filter(pk=network.pk).exists()
            may = visible and permissions.can_see_members(user, Network.objects.get(pk=network.pk))
            name = "kjær" if network == house["closed"] else "bækgaard"
            assert bool(found(name, user).get("people")) == may, (user, network)


def test_nothing_members_have_written_is_found(house):
    network = house["closed"]
    Meeting.objects.filter(network=network).update(theme="Kanariefugl")
    Goal.objects.create(network=network, title="Kanariefugl", measure="Kanariefugl", due_on=NOW.date(), created_at=NOW)
    Charter.objects.create(
        network=network,
        number=1,
        ground_rules="Kanariefugl",
        values="Kanariefugl",
        deadline=NOW.date(),
        proposed_at=NOW,
    )

    for user in (house["inside"], create_hr(), create_board(), network.sponsor):
        assert found("kanariefugl", user) == {}


# --- What is typed ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", ""),
        ("   ", ""),
        ("\x00", ""),
        ("\u200b", ""),
        ("a", "Skriv mindst to bogstaver."),
        ("x" * 101, "Det er meget at søge efter på én gang. Skriv nogle få ord."),
        ("a b c d e f g h i", "Det er meget at søge efter på én gang. Skriv nogle få ord."),
    ],
)
def test_too_little_and_too_much_are_answered_in_words(client, text, says):
    client.force_login(create_hr())
    response = client.get(reverse("netvaerk:search"), {"q": text})

    assert response.status_code == 200
    assert response.context["said"] == says
    assert response.context["answer"].groups == []


@pytest.mark.parametrize("text", ["%", "%%", "__", "'; DROP", "<script>", "\\", "½½", "😀😀", "\udc80x", "a" * 90])
def test_signs_are_looked_for_as_they_are(client, house, text):
    client.force_login(create_hr())
    response = client.get(
        reverse("netvaerk:search"), {"q": text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")}
    )

    assert response.status_code == 200
    assert response.context["answer"].groups == []
    assert b"<script>" not in response.content.partition(b"<main")[2]


def test_the_page_groups_and_counts_and_points_on(client, house):
    for number in range(11):
        create_network(name=f"Skole {number}", unit=house["closed"].unit, direction=house["closed"].direction)
    client.force_login(create_hr())

    page = client.get(reverse("netvaerk:search"), {"q": "skole"})

    assert "13 resultater" not in text_of(page)
    assert "Netværk 13" in text_of(page)
    assert 'href="/netvaerk/?q=skole">Se alle 13' in page.content.decode()
    assert "Intet fundet for “xyzzy”." in text_of(client.get(reverse("netvaerk:search"), {"q": "xyzzy"}))


def test_every_page_has_the_search_for_those_signed_in(client):
    client.force_login(create_leader().user)
    assert 'action="/soeg/"' in client.get("/").content.decode()
    client.logout()
    assert 'action="/soeg/"' not in client.get(reverse("netvaerk:about")).content.decode()


@pytest.mark.parametrize("who", [create_hr, lambda: create_leader().user, create_board])
def test_search_costs_the_same_however_much_there_is(client, who):
    user = who()
    client.force_login(user)
    unit, direction, sponsor = create_unit(), create_direction(title="Skole"), create_leader().user
    counts = set()
    for number in (1, 3, 50):
        while Network.objects.count() < number:
            network = create_network(
                name=f"Skole {Network.objects.count()}",
                unit=unit,
                direction=direction,
                sponsor=sponsor,
                hr_contact=sponsor,
                shows_member_list=True,
            )
            create_membership(network=network, leader=create_leader(last_name="Skole", unit=unit))
            create_meeting(network=network, invite=False)
        client.get(reverse("netvaerk:search"), {"q": "skole"})  # the first time notes who was shown
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse("netvaerk:search"), {"q": "skole"}).status_code == 200
        counts.add(len(queries))

    assert len(counts) == 1
    assert max(counts) <= 20
