from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from meetings import agenda
from meetings.models import AgendaItem, Meeting
from meetings.tests.factories import create_meeting
from meetings.tests.people import create_people
from members.danish import today
from networks.models import Charter, Membership, Network

pytestmark = pytest.mark.django_db

Kind = AgendaItem.Kind
CANARY = "KANARIEFUGLEN SANG"


@pytest.fixture
def people():
    return create_people()


@pytest.fixture
def meeting(people):
    create_meeting(network=people.network, date=today() - timedelta(days=20), state=Meeting.State.HELD)
    return create_meeting(network=people.network, date=today() + timedelta(days=10))


@pytest.fixture
def laid(client, people, meeting):
    client.force_login(people.member)
    client.post(page("lay_out_agenda", meeting))
    return meeting


def page(route, meeting, *args):
    return reverse(f"meetings:{route}", args=[meeting.pk, *args])


def item_of(meeting, kind):
    return meeting.agenda_items.get(kind=kind)


def kinds(meeting):
    return [item.kind for item in agenda.of(meeting).items]


def point(**changes):
    return {"title": "Om at sige nej", "minutes": "10", "responsible": "", "exercise": "", "seen": "1"} | changes


# --- Who may ---------------------------------------------------------------------------------------------------------

EXPECTED = {"coordinator": 200, "member": 200, "hr": 403, "sponsor": 403}
ROLES = ("coordinator", "member", "hr", "sponsor", "board", "political", "system_admin", "other_leader")


@pytest.mark.parametrize("who", ROLES)
def test_pages_open_for_active_members_alone(client, people, laid, who):
    client.force_login(getattr(people, who))
    item = item_of(laid, Kind.THEME)

    for address in (page("agenda", laid), page("change_agenda_item", laid, item.pk)):
        assert client.get(address).status_code == EXPECTED.get(who, 404)
    for address in (
        page("new_agenda_item", laid),
        page("lay_out_agenda", laid),
        page("agenda_item_up", laid, item.pk),
        page("remove_agenda_item", laid, item.pk),
    ):
        if EXPECTED.get(who) != 200:
            assert client.post(address, point()).status_code == EXPECTED.get(who, 404)
    assert laid.agenda_items.count() == 6


def test_one_who_has_left_is_shut_out_at_once(client, people, laid):
    Membership.objects.filter(leader__user=people.member).update(state=Membership.State.LEFT)

    assert client.get(page("agenda", laid)).status_code == 404


@pytest.mark.parametrize("route", ["agenda_item_up", "agenda_item_down", "remove_agenda_item"])
def test_a_link_alone_changes_nothing(client, laid, route):
    assert client.get(page(route, laid, item_of(laid, Kind.THEME).pk)).status_code == 405
    assert client.get(page("lay_out_agenda", laid)).status_code == 405


def test_a_point_of_another_meeting_does_not_exist_here(client, people, laid):
    other = create_meeting(network=people.network, date=laid.date + timedelta(days=7))

    assert client.get(page("change_agenda_item", other, item_of(laid, Kind.THEME).pk)).status_code == 404


def test_a_network_at_rest_shows_the_agenda_and_changes_nothing(client, people, laid):
    Network.objects.filter(pk=people.network.pk).update(state=Network.State.PAUSED)

    said = client.get(laid.get_absolute_url()).content.decode()

    assert "Her og nu-runde" in said
    assert "Redigér dagsorden" not in said
    assert client.get(page("agenda", laid)).status_code == 403
    assert client.post(page("new_agenda_item", laid), point()).status_code == 403


# --- What it does ----------------------------------------------------------------------------------------------------


def test_the_meeting_shows_the_agenda_with_times(client, people, meeting):
    client.force_login(people.member)

    said = client.get(meeting.get_absolute_url()).content.decode()

    assert said.index("Her og nu-runde") < said.index("Sparring") < said.index("Check-ud")
    assert "13.00" in said
    assert "120 minutter og passer med mødets længde" in said
    assert "Tilpas dagsordenen" in said


def test_the_first_meeting_leads_to_the_ground_rules(client, people):
    first = create_meeting(network=people.network, date=today() + timedelta(days=10))
    client.force_login(people.member)

    said = client.get(first.get_absolute_url()).content.decode()

    assert "Kom godt i gang" in said
    assert "Hvad skal der til, for at vi tør sige det, som det er?" in said
    assert reverse("networks:charter", args=[people.network.slug]) in said


def test_a_group_that_has_met_is_not_told_how_to_begin(client, people):
    first = create_meeting(network=people.network, date=today() - timedelta(days=90), state=Meeting.State.HELD)
    client.force_login(people.member)

    said = client.get(first.get_absolute_url()).content.decode()

    assert "Hvad skal der til, for at vi tør sige det, som det er?" in said  # what was proposed to them still stands
    assert "Kom godt i gang" not in said
    assert "På det første møde taler I" not in said


def test_a_point_is_added_and_the_keyboard_goes_on_from_it(client, laid):
    response = client.post(page("new_agenda_item", laid), point())

    assert response.url == f"{page('agenda', laid)}#punkt-{item_of(laid, Kind.OTHER).pk}"
    assert "10 minutter længere end mødet" in client.get(response.url).content.decode()


def test_a_point_that_is_wrong_is_asked_for_again(client, laid):
    for wrong in (point(title=""), point(minutes="0"), point(minutes="x"), point(title="Om 010190-1234")):
        assert client.post(page("new_agenda_item", laid), wrong).context["form"].errors
    assert laid.agenda_items.count() == 6


def test_only_members_can_be_chosen(client, people, laid):
    response = client.post(page("new_agenda_item", laid), point(responsible=people.other_leader.pk))
    assert "responsible" in response.context["form"].errors

    client.post(page("new_agenda_item", laid), point(responsible=people.coordinator.pk))
    assert item_of(laid, Kind.OTHER).responsible == people.coordinator


def test_the_second_editor_is_told_and_loses_nothing(client, people, laid):
    theme = item_of(laid, Kind.THEME)
    client.post(page("change_agenda_item", laid, theme.pk), point(title="Først"))

    response = client.post(page("change_agenda_item", laid, theme.pk), point(title="Derefter"))

    said = response.content.decode()
    assert response.status_code == 409
    assert "En anden har gemt punktet" in said
    assert "Først" in said
    assert "Derefter" in said
    assert item_of(laid, Kind.THEME).heading == "Først"

    client.post(page("change_agenda_item", laid, theme.pk), response.context["form"].data)
    assert item_of(laid, Kind.THEME).heading == "Derefter"


@pytest.mark.parametrize("seen", ["", "-1", "x", "9" * 5000])
def test_a_version_that_is_no_number_of_ours_moves_nothing(client, laid, seen):
    before = kinds(laid)

    moved = client.post(page("agenda_item_down", laid, item_of(laid, Kind.HERE_AND_NOW).pk), {"seen": seen})

    assert moved.status_code == 302
    assert kinds(laid) == before


def test_the_second_to_reorder_is_told(client, laid):
    before = kinds(laid)
    client.post(page("agenda_item_down", laid, item_of(laid, Kind.HERE_AND_NOW).pk), {"seen": "1"})
    after = kinds(laid)

    response = client.post(
        page("agenda_item_down", laid, item_of(laid, Kind.HERE_AND_NOW).pk), {"seen": "1"}, follow=True
    )

    assert after != before
    assert kinds(laid) == after
    assert "Dagsordenen er ændret, siden du åbnede siden." in response.content.decode()


def test_a_usual_title_left_as_it_is_stays_usual(client, laid):
    client.post(page("change_agenda_item", laid, item_of(laid, Kind.SPARRING).pk), point(title="Sparring"))

    assert item_of(laid, Kind.SPARRING).title == ""


def test_texts_are_shown_and_not_run(client, laid):
    client.post(page("new_agenda_item", laid), point(title="<b>Fed</b>"))

    said = client.get(laid.get_absolute_url()).content.decode()

    assert "&lt;b&gt;Fed&lt;/b&gt;" in said
    assert "<b>Fed" not in said


def test_nobody_else_finds_a_word_of_it(client, people, laid):
    client.post(page("new_agenda_item", laid), point(title=CANARY))
    network = people.network
    addresses = [
        "/",
        network.get_absolute_url(),
        reverse("meetings:plan_list", args=[network.slug]),
        laid.get_absolute_url(),
        reverse("members:deliveries"),
        reverse("netvaerk:status"),
    ]
    for who in ("hr", "sponsor", "board", "political", "system_admin", "other_leader"):
        client.force_login(getattr(people, who))
        for address in addresses:
            assert CANARY not in client.get(address).content.decode()


# --- Flat ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("route", ["meeting", "agenda"])
def test_the_page_asks_the_same_questions_of_3_points_as_of_30(client, people, laid, route):
    Charter.objects.all().delete()
    client.get(page(route, laid))
    counts = []
    for _round in range(2):
        with CaptureQueriesContext(
            connection,
        ) as captured:
            client.get(page(route, laid))
        counts.append(len(captured))
        AgendaItem.objects.bulk_create(
            AgendaItem(
                meeting=laid, position=number, title=f"Punkt {number}", minutes=1, responsible=people.coordinator
            )
            for number in range(7, 31)
        )

    assert counts[0] == counts[1] <= 25
