from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from meetings import feedback, questions
from meetings.models import Attendance, Meeting
from meetings.tests.factories import create_meeting, create_round
from members.tests.factories import (
    create_board,
    create_hr,
    create_leader,
    create_political,
    create_system_admin,
    create_unit,
)
from netvaerk import monthly_status, status, status_views
from networks.models import Membership, Network
from networks.tests.factories import create_direction, create_membership, create_network

NOW = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)
HELD, CONVENED, CANCELLED = Meeting.State.HELD, Meeting.State.CONVENED, Meeting.State.CANCELLED
PRESENT, ABSENT = Attendance.Presence.PRESENT, Attendance.Presence.ABSENT

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


def fill(network, members):
    return [create_membership(network=network).leader for _number in range(members)]


def hold(network, leaders, *, times=1, absent=0):
    """Meetings some weeks ago, where the first `absent` did not come."""
    for number in range(times):
        meeting = create_meeting(network=network, date=date(2026, 11, 5) + timedelta(weeks=number), state=HELD)
        for place, leader in enumerate(leaders):
            presence = ABSENT if place < absent else PRESENT
            Attendance.objects.create(meeting=meeting, user=leader.user, presence=presence)


def row_of(network):
    return next(row for row in status.overview(NOW).networks if row.pk == network.pk)


def page_of(client, user, network=None):
    client.force_login(user)
    url = reverse("netvaerk:status_network", args=[network.slug]) if network else reverse("netvaerk:status")
    return client.get(url)


# --- Who may ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "overview", "of_network"),
    [
        ("hr", 200, 200),
        ("board", 200, 200),
        ("political", 200, 200),
        ("sponsor", 403, 200),
        ("sponsor of another", 403, 403),
        ("member", 403, 403),
        ("coordinator", 403, 403),
        ("other leader", 403, 403),
        ("system", 403, 403),
        ("signed out", 302, 302),
    ],
)
def test_status_is_for_management_and_hr(client, who, overview, of_network):
    network = create_network()
    user = {
        "hr": create_hr,
        "board": create_board,
        "political": create_political,
        "sponsor": lambda: network.sponsor,
        "sponsor of another": lambda: create_network().sponsor,
        "member": lambda: create_membership(network=network).leader.user,
        "coordinator": lambda: create_membership(network=network, is_coordinator=True).leader.user,
        "other leader": lambda: create_leader().user,
        "system": create_system_admin,
        "signed out": lambda: None,
    }[who]()
    if user:
        client.force_login(user)

    assert client.get(reverse("netvaerk:status")).status_code == overview
    assert client.get(reverse("netvaerk:status_network", args=[network.slug])).status_code == of_network


@pytest.mark.parametrize("state", Network.STATES_IN_DESIGN)
def test_drafts_are_neither_listed_nor_found(client, state):
    network = create_network(state=state, name="Endnu en kladde")

    for user in (create_hr(), create_board(), create_political()):
        assert "Endnu en kladde" not in page_of(client, user).content.decode()
        assert page_of(client, user, network).status_code == 404


def test_status_changes_nothing_and_takes_no_posts(client):
    client.force_login(create_board())

    assert client.post(reverse("netvaerk:status")).status_code == 405


# --- The sentence and the figures -------------------------------------------------------------------------------------


def test_empty_house_says_so(client):
    assert status.overview(NOW).sentence == "Ingen netværk er aktive endnu."
    assert "Der er ingen godkendte netværk endnu." in page_of(client, create_political()).content.decode()


def test_sentence_of_a_small_municipality_counts_in_words_of_people():
    network = create_network(sponsor=create_hr())
    leaders = fill(network, 6)
    for _number in range(6):
        create_leader()
    hold(network, leaders, times=9)
    create_meeting(network=network, date=date(2027, 2, 4), state=CANCELLED)

    assert status.overview(NOW).sentence == (
        "1 netværk er aktivt; 6 ud af 12 ledere er med i et; 9 ud af 10 planlagte møder blev holdt."
    )


def test_sentence_of_a_larger_one_speaks_in_percentages():
    networks = [create_network(sponsor=create_hr()) for _number in range(2)]
    for network in networks:
        fill(network, 8)
        hold(network, [], times=10)
    create_meeting(network=network, date=date(2027, 2, 4), state=CANCELLED)
    for _number in range(8):
        create_leader()

    assert status.overview(NOW).sentence == (
        "2 netværk er aktive; 67\u00a0% af lederne er med i et; 95\u00a0% af de planlagte møder blev holdt."
    )


def test_every_figure_says_how_it_was_made(client):
    network = create_network()
    hold(network, fill(network, 6), times=4)

    for figures in (status.overview(NOW).figures, status.of_network(network, NOW).figures):
        assert len(figures) == 4
        assert all(figure.number and figure.label and figure.explanation for figure in figures)
    for page in (page_of(client, create_board()), page_of(client, create_board(), network)):
        assert page.content.decode().count("Sådan er tallet lavet") == 4
        assert "Opgjort mandag den 1. marts 2027 kl. 10.00" in page.content.decode()


# --- The networks -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("members", "text"), [(0, "0 af 12"), (1, "færre end 5 af 12"), (4, "færre end 5 af 12"), (5, "5 af 12")]
)
def test_few_members_are_not_counted_out(members, text):
    network = create_network(size_max=12)
    fill(network, members)

    assert row_of(network).capacity_text == text


def test_members_on_leave_take_up_a_seat_and_former_ones_do_not():
    network = create_network()
    fill(network, 5)
    create_membership(network=network, state=Membership.State.ON_LEAVE)
    create_membership(network=network, state=Membership.State.LEFT)

    assert row_of(network).members == 6


def test_plan_counts_what_is_past_within_a_year_and_known_to_members():
    network = create_network()
    for day, state in (
        (date(2026, 2, 1), HELD),  # over a year ago
        (date(2026, 9, 3), HELD),
        (date(2026, 10, 1), CANCELLED),
        (date(2026, 11, 5), Meeting.State.POSTPONED),
        (date(2026, 12, 3), CONVENED),
        (date(2027, 1, 7), Meeting.State.PLANNED),
        (date(2027, 3, 4), CONVENED),
        (date(2027, 4, 8), CONVENED),
        (date(2027, 5, 6), CANCELLED),
    ):
        create_meeting(network=network, date=day, state=state)

    row = row_of(network)

    assert (row.meetings.held, row.meetings.planned, row.meetings.coming) == (1, 4, 2)
    assert (row.plan_text, row.next_text) == ("1 ud af 4", "04.03.2027")


@pytest.mark.parametrize(
    ("members", "times", "text"),
    [
        (4, 10, "For få til at vise"),
        (5, 3, "For få til at vise"),
        (5, 4, "80\u00a0%"),
        (6, 0, "–"),
    ],
)
def test_attendance_is_shown_from_five_people_and_twenty_registrations(members, times, text):
    network = create_network()
    hold(network, fill(network, members), times=times, absent=1)

    assert row_of(network).attendance_text == text


def test_attendance_in_all_leaves_out_what_is_too_small_to_show():
    shown, hidden = create_network(), create_network()
    hold(shown, fill(shown, 5), times=4, absent=1)
    hold(hidden, fill(hidden, 3), times=9, absent=3)

    assert status.overview(NOW).figures[3].number == "80\u00a0%"


def test_unregistered_attendance_counts_neither_way():
    network = create_network()
    leaders = fill(network, 5)
    hold(network, leaders, times=4)
    late = create_meeting(network=network, date=date(2027, 2, 4), state=HELD)
    Attendance.objects.create(meeting=late, user=leaders[0].user)

    assert row_of(network).attendance.registered == 20


def test_networks_stand_by_state_and_then_in_danish_order():
    for name, state in (
        ("Årets", Network.State.ACTIVE),
        ("Aarhus", Network.State.ACTIVE),
        ("Zoo", Network.State.ACTIVE),
        ("Borger", Network.State.CLOSED),
        ("Ældre", Network.State.ENROLLING),
    ):
        create_network(name=name, state=state)

    assert [row.name for row in status.overview(NOW).networks] == ["Zoo", "Årets", "Aarhus", "Ældre", "Borger"]


def test_columns_sort_by_what_is_shown_so_that_the_order_tells_nothing_withheld(client):
    names = {"Alfa": 3, "Beta": 1, "Gamma": 7, "Delta": 9}
    for name, members in names.items():
        fill(create_network(name=name, size_max=12), members)
    client.force_login(create_board())

    def shown(sort):
        return [row["name"] for row in client.get(reverse("netvaerk:status"), {"sort": sort}).context["rows"]]

    assert shown("members") == ["Delta", "Gamma", "Alfa", "Beta"]  # those under five stay in the order of names
    assert shown("members__leader") == shown("") == ["Alfa", "Beta", "Delta", "Gamma"]
    page = client.get(reverse("netvaerk:status"), {"sort": "members"}).content.decode()
    assert page.count('aria-sort="descending"') == 1


def test_many_networks_stand_on_several_pages_and_all_on_one_that_is_asked_for(client, monkeypatch):
    monkeypatch.setattr(status_views, "PER_PAGE", 2)
    for name, members in {"Alfa": 6, "Beta": 9, "Gamma": 7}.items():
        fill(create_network(name=name, size_max=12), members)
    client.force_login(create_board())

    def shown(**asked):
        response = client.get(reverse("netvaerk:status"), asked)
        return [row["name"] for row in response.context["rows"]], response.content.decode()

    names, page = shown(sort="members")
    assert names == ["Beta", "Gamma"]
    assert "3 netværk" in page
    assert 'href="?sort=members&amp;page=2#netvaerkene"' in page
    assert 'href="?sort=members&amp;vis=alle#netvaerkene"' in page
    assert shown(sort="members", page="2")[0] == shown(sort="members", page="99")[0] == ["Alfa"]
    names, page = shown(sort="members", vis="alle")
    assert names == ["Beta", "Gamma", "Alfa"]
    assert "page=" not in page
    printed = client.get(reverse("netvaerk:status_print")).content.decode()
    assert all(name in printed for name in ("Alfa", "Beta", "Gamma"))
    assert "vis=alle" not in printed


def test_few_networks_need_no_pages(client):
    fill(create_network(), 6)

    page = page_of(client, create_board()).content.decode()

    assert "vis=alle" not in page
    assert "Næste side" not in page


def test_expired_direction_is_told():
    expired = create_direction(valid_from=date(2024, 1, 1), valid_to=date(2027, 2, 28))

    assert row_of(create_network(direction=expired)).direction_has_expired
    assert not row_of(create_network()).direction_has_expired


def test_few_leaders_in_a_network_are_withheld_on_the_page_and_in_the_sentence(client):
    area = create_unit(name="Teknik")
    network = create_network(sponsor=create_hr())
    for _number in range(3):
        create_membership(network=network, leader=create_leader(unit=area))
    for _number in range(9):
        create_leader(unit=area)

    overview = status.overview(NOW)

    assert overview.sentence == "1 netværk er aktivt."
    assert overview.figures[1].number == "Vises ikke"
    page = page_of(client, create_political()).content.decode()
    assert "3 ud af 12" not in page
    assert "Tal under 5 vises ikke." in page


# --- One network ------------------------------------------------------------------------------------------------------


def test_network_shows_what_it_is_for_and_how_it_is_anchored(client):
    network = create_network(direction=create_direction(title="Fælles om børnene"))

    page = page_of(client, create_board(), network).content.decode()

    for text in (network.purpose, "Fælles om børnene", network.governance, network.support, str(network.unit)):
        assert text in page


def share_a_round(network, *, answers=6):
    users = [membership.user for membership in network.memberships.all()]
    opens_at = datetime(2027, 2, 1, 7, 0, tzinfo=UTC)
    round = create_round(
        network=network, opens_at=opens_at, closes_at=opens_at + timedelta(days=9), question_set=questions.CURRENT
    )
    for user in users[:answers]:
        feedback.answer(round, user=user, answers={"free_space": 4, "keep": "Kanariefugl"}, now=opens_at)
    feedback.turn_rounds(NOW)
    return round


def test_feedback_is_shown_only_when_the_group_has_shared_it_and_without_comments(client):
    network = create_network()
    fill(network, 7)
    coordinator = create_membership(network=network, is_coordinator=True).user
    round = share_a_round(network)

    assert "4,0 af 5" not in page_of(client, create_board(), network).content.decode()

    feedback.share(round, actor=coordinator, now=NOW)
    page = page_of(client, create_board(), network).content.decode()
    assert "4,0 af 5" in page
    assert "Kanariefugl" not in page
    assert "ud af 8" not in page


def test_no_page_of_status_names_a_member(client):
    network = create_network(name="Ledere på tværs", sponsor=create_hr(first_name="Kirsten", last_name="Lund"))
    for number in range(6):
        leader = create_leader(first_name=f"Navn{number}", last_name=f"Efternavn{number}", title=f"Stilling{number}")
        create_membership(network=network, leader=leader, is_coordinator=number == 0)
        hold(network, [leader])

    for user in (create_board(), create_political(), create_hr()):
        for page in (page_of(client, user), page_of(client, user, network)):
            html = page.content.decode()
            assert "Ledere på tværs" in html
            for word in ("Navn", "Efternavn", "Stilling"):
                assert f"{word}1" not in html


def test_only_hr_sees_the_date_of_the_next_meeting(client):
    network = create_network()
    create_meeting(network=network, date=date(2027, 3, 4))

    assert "04.03.2027" in page_of(client, create_hr()).content.decode()
    for user in (create_board(), create_political()):
        assert "04.03.2027" not in page_of(client, user).content.decode()


# --- Speed ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", [create_board, create_political, create_hr])
def test_status_takes_the_same_queries_however_many_networks(client, who):
    user = who()
    counts = {}
    sponsor, unit, direction = create_hr(), create_unit(), create_direction()
    monthly_status.freeze(NOW)
    for number in (1, 3, 50):
        while Network.objects.count() < number:
            network = create_network(sponsor=sponsor, hr_contact=sponsor, unit=unit, direction=direction)
            create_membership(network=network, leader=create_leader(unit=unit))
            create_meeting(network=network, state=HELD, date=date(2027, 2, 4), invite=False)
        client.force_login(user)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse("netvaerk:status")).status_code == 200
        counts[number] = len(queries)

    assert set(counts.values()) == {6}, counts
