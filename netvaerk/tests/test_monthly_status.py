"""Frozen figures of the whole: what may be shown, month beside month, and the pages that show it."""

import json
import os
import random
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from itertools import combinations

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from meetings.models import Attendance, Meeting
from meetings.tests.factories import create_meeting
from members.tests.factories import (
    create_board,
    create_hr,
    create_leader,
    create_political,
    create_system_admin,
    create_unit,
)
from netvaerk import gains, monthly_status, status, suppression
from netvaerk.models import MonthlyStatus
from netvaerk.monthly_status import Measured
from netvaerk.tests.pages import text_of
from netvaerk.tests.test_monthly import rank
from networks.models import Charter, Goal, ManagementMessage, Membership, Network, NetworkType
from networks.tests.factories import create_direction, create_membership, create_network

ORGANISATIONS = int(os.environ.get("ORGANISATIONS", 100))
NOW = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


def measured(**changes):
    values = {
        "active": 12,
        "inside": 120,
        "leaders": 300,
        "held": 80,
        "planned": 100,
        "present": 700,
        "registered": 900,
        "attending_people": 110,
        "attending_networks": 12,
        "ties": {},
        "areas": ("Børn", "Social"),
    }
    return Measured(**values | changes)


def publish(months):
    """What is frozen of each month, the latest first."""
    published = []
    for new in months:
        published.insert(0, monthly_status.release(new, published))
    return published


def shown(months, key):
    return [figures[key] for figures, _made in publish(months)][::-1]


# --- What may be shown -----------------------------------------------------------------------------------------------


def test_coverage_moves_only_when_five_have():
    steps = [120, 121, 124, 125, 127, 131]

    assert [made["coverage"][0] for _f, made in publish([measured(inside=n) for n in steps])][::-1] == [
        120,
        120,
        120,
        125,
        125,
        131,
    ]


@pytest.mark.parametrize("new", [measured(inside=4), measured(inside=297), measured(inside=40, leaders=99)])
def test_few_people_have_no_share(new):
    assert shown([new], "coverage") == [None]


@pytest.mark.parametrize(
    "new",
    [measured(registered=99, present=80), measured(attending_people=4), measured(attending_networks=2)],
)
def test_attendance_needs_many_registrations_of_several_networks(new):
    assert shown([new], "attendance") == [None]
    assert shown([measured()], "attendance") == [78]


def test_a_tie_needs_three_networks_and_five_people():
    new = measured(ties={"A|B": {1: 2, 2: 2, 3: 2}, "A|C": {1: 9, 2: 9}, "B|C": {}})

    assert shown([new], "ties") == [{"A|B": 3}]


def test_a_tie_moves_only_when_three_networks_have():
    def months(*numbers):
        return [measured(ties={"A|B": {n: 3 for n in range(number)}}) for number in numbers]

    assert shown(months(3, 4, 5, 6, 3, 2), "ties") == [{"A|B": n} for n in (3, 3, 3, 6, 3, 3)]


# --- The auditor: the matrix of every month, and the lines, as equations ----------------------------------------------

PAIRS = ["A|B", "A|C", "B|C"]


def organisation(chance):
    """Months in which tværfaglige networks come, change and go, and people with them."""
    networks = range(chance.randint(3, 9))
    ties = {pair: {} for pair in PAIRS}
    inside, months = chance.randint(20, 150), []
    for _month in range(chance.randint(1, 6)):
        for pair in PAIRS:
            for network in networks:
                if chance.random() < 0.3:
                    ties[pair][network] = chance.randint(2, 6)
                elif chance.random() < 0.15:
                    ties[pair].pop(network, None)
        inside = max(inside + chance.randint(-8, 8), 0)
        months.append(measured(inside=inside, ties={pair: dict(cell) for pair, cell in ties.items() if cell}))
    return months


def solvable(published):
    """Groups of fewer than three networks of which a tie can be worked out, and groups of fewer than five people."""
    found = []
    for pair in PAIRS:
        told = [set(made["ties"][pair]) for _figures, made in published if pair in made["ties"]]
        unknown = sorted(set().union(*told)) if told else []
        rows = [[Fraction(one in figure) for one in unknown] for figure in told]
        whole = rank(rows) if rows else 0
        for size in (1, 2):
            for group in combinations(range(len(unknown)), size):
                without = [[row[i] for i in range(len(unknown)) if i not in group] for row in rows]
                if rows and rank(without) < whole:
                    found.append((pair, group))
    counts = [made["coverage"] for _figures, made in published if made["coverage"]]
    for one, other in combinations(counts, 2):
        found += [("coverage", one, other) for a, b in zip(one, other, strict=True) if 0 < abs(a - b) < 5]
    return found


def test_no_few_networks_or_people_can_be_worked_out_of_all_months():
    with_ties = 0
    for seed in range(ORGANISATIONS):
        published = publish(organisation(random.Random(seed)))
        with_ties += any(figures["ties"] for figures, _made in published)
        for figures, made in published:
            assert all(number >= 3 for number in figures["ties"].values())
            assert {pair: len(networks) for pair, networks in made["ties"].items()} == figures["ties"]
        assert solvable(published) == [], seed
    assert with_ties > ORGANISATIONS / 4


@pytest.mark.parametrize("guard", ["is_few", "is_small", "FEWEST_NETWORKS"])
def test_the_auditor_turns_red_when_a_guard_is_removed(monkeypatch, guard):
    if guard == "is_few":
        monkeypatch.setattr(monthly_status, "is_few", lambda people, networks: False)
    elif guard == "is_small":
        monkeypatch.setattr(monthly_status, "is_small", lambda count: False)
    else:
        monkeypatch.setattr(suppression, "FEWEST_NETWORKS", 0)

    assert any(solvable(publish(organisation(random.Random(seed)))) for seed in range(80))


# --- Measuring -------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_measuring_looks_back_by_dates():
    network = create_network(started_at=NOW - timedelta(days=300))
    create_network(state=Network.State.PAUSED, started_at=NOW - timedelta(days=300))
    closed = create_network(
        state=Network.State.CLOSED, started_at=NOW - timedelta(days=300), closed_at=NOW - timedelta(days=30)
    )
    joined, left = date(2026, 9, 1), date(2027, 1, 10)
    create_membership(network=network, joined_on=joined)
    create_membership(network=network, joined_on=joined, left_on=left, state=Membership.State.LEFT)
    create_membership(network=closed, joined_on=joined)

    def counted(moment):
        figures = monthly_status.measure(moment)
        return figures.active, figures.inside

    assert counted(NOW) == (1, 1)
    assert counted(NOW - timedelta(days=40)) == (2, 2)
    assert counted(datetime(2027, 1, 10, 9, 0, tzinfo=UTC)) == (2, 3)
    assert counted(datetime(2026, 8, 31, 9, 0, tzinfo=UTC)) == (2, 0)
    assert counted(NOW - timedelta(days=301)) == (0, 0)


@pytest.mark.django_db
def test_only_tvaerfaglige_networks_tie_areas():
    one, other = create_unit(name="Børn"), create_unit(name="Social")
    below = create_unit(name="Skoler", parent=one)
    for kind in NetworkType:
        network = create_network(type=kind, started_at=NOW - timedelta(days=9))
        for unit in (below, below, other):
            create_membership(
                network=network, leader=create_leader(unit=unit), joined_on=(NOW - timedelta(days=9)).date()
            )

    ties = monthly_status.measure(NOW).ties

    assert ties == {"Børn|Social": {Network.objects.get(type=NetworkType.TVAERFAGLIG).pk: 3}}


@pytest.mark.django_db
def test_a_month_is_frozen_once_and_the_months_behind_only_where_there_are_none():
    create_network(started_at=NOW - timedelta(days=100))

    monthly_status.backfill(now=NOW)
    months = list(MonthlyStatus.objects.values_list("month", flat=True))
    first = MonthlyStatus.objects.first()
    create_network(started_at=NOW)
    monthly_status.backfill(now=NOW + timedelta(days=3))

    assert months == [date(2027, 3, 1), date(2027, 2, 1), date(2027, 1, 1), date(2026, 12, 1)]
    assert MonthlyStatus.objects.count() == 4
    assert MonthlyStatus.objects.first().figures == first.figures


# --- The pages -------------------------------------------------------------------------------------------------------


def municipality(*, networks=4, people=6):
    """Enough of everything to be shown: areas tied, meetings held, figures of two months."""
    units = [create_unit(name=name) for name in ("Børn og Unge", "Social", "Ældre")]
    direction, sponsor = create_direction(), create_leader(first_name="Chef", last_name="Chefsen").user
    for _number in range(networks):
        network = create_network(
            type=NetworkType.TVAERFAGLIG,
            started_at=NOW - timedelta(days=400),
            direction=direction,
            unit=units[0],
            sponsor=sponsor,
        )
        members = [
            create_membership(
                network=network,
                leader=create_leader(unit=units[n % 3], first_name="Kanariefugl", last_name=f"Sangfugl{n}"),
                is_coordinator=n == 0,
                joined_on=date(2026, 2, 1),
            )
            for n in range(people)
        ]
        for week in range(5):
            meeting = create_meeting(
                network=network,
                date=date(2026, 10, 1) + timedelta(weeks=week),
                state=Meeting.State.HELD,
                theme="Kanariefugl",
            )
            Attendance.objects.bulk_create(
                Attendance(meeting=meeting, user=member.leader.user, presence="present") for member in members
            )
        Goal.objects.create(
            network=network, title="Kanariefugl", measure="Kanariefugl", due_on=date(2027, 6, 1), created_at=NOW
        )
        Charter.objects.create(
            network=network,
            number=1,
            ground_rules="Kanariefugl",
            values="Kanariefugl",
            deadline=date(2027, 1, 1),
            proposed_at=NOW,
        )
        ManagementMessage.objects.create(network=network, text="Kanariefugl", written_at=NOW)
    monthly_status.backfill(now=NOW)


PRINT = "netvaerk:status_print"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("who", "status"),
    [
        (create_hr, 200),
        (create_board, 200),
        (create_political, 200),
        (create_system_admin, 403),
        (lambda: create_leader().user, 403),
        (lambda: create_membership(is_coordinator=True).leader.user, 403),
        (lambda: create_network().sponsor, 403),
    ],
)
def test_the_print_page_is_for_management_and_hr(client, who, status):
    client.force_login(who())
    assert client.get(reverse(PRINT)).status_code == status
    assert client.post(reverse(PRINT)).status_code == 405


@pytest.mark.django_db
@pytest.mark.parametrize("who", [create_hr, create_board, create_political])
def test_no_name_and_no_word_from_inside_is_on_status_or_in_print(client, who):
    municipality()
    client.force_login(who())

    for route in ("netvaerk:status", PRINT):
        page = client.get(reverse(route))
        assert "Børn og Unge" in text_of(page)
        for word in ("Kanariefugl", "Sangfugl", "Chefsen"):
            assert word not in text_of(page)


@pytest.mark.django_db
def test_the_page_and_the_print_say_the_same(client):
    municipality()
    client.force_login(create_board())
    page, printed = client.get(reverse("netvaerk:status")), client.get(reverse(PRINT))

    for key in ("trends", "mixing", "together", "gains"):
        assert page.context[key] == printed.context[key]
    assert page.context["overview"] == printed.context["overview"]
    assert page.context["mixing"].rows == [
        ("Børn og Unge", [None, 4, 4]),
        ("Social", [4, None, 4]),
        ("Ældre", [4, 4, None]),
    ]
    for response in (page, printed):
        assert "Børn og Unge – Social: 4" in response.content.decode()
    for figure in printed.context["overview"].figures:
        assert figure.explanation in text_of(printed)


@pytest.mark.django_db
def test_few_networks_tie_nothing_on_the_page(client):
    municipality(networks=2)
    client.force_login(create_political())

    assert "For få tværfaglige netværk binder de samme områder sammen" in text_of(client.get(reverse(PRINT)))


@pytest.mark.django_db
def test_pages_show_the_frozen_month_whatever_has_happened_since(client):
    municipality()
    client.force_login(create_board())
    before = client.get(reverse("netvaerk:status")).context["mixing"]
    Membership.objects.all().delete()

    assert client.get(reverse("netvaerk:status")).context["mixing"] == before


@pytest.mark.django_db
def test_kept_pieces_of_the_page_follow_what_they_say(client):
    """The lines, the map and the tables of coverage: what is frozen here is changed as nothing but a test does."""
    municipality()
    client.force_login(create_board())
    pages = ("netvaerk:status", PRINT)
    before = {route: text_of(client.get(reverse(route))) for route in pages}

    for month in MonthlyStatus.objects.all():
        figures = {name: _renamed(value, "Ældre", "Omsorg") for name, value in month.figures.items() if name != "split"}
        if "split" in month.figures:
            figures["split"] = _renamed(month.figures["split"], "Social", "Handicap")
        MonthlyStatus.objects.filter(pk=month.pk).update(figures=figures | {"active": 98_765})

    after = {route: text_of(client.get(reverse(route))) for route in pages}
    for route in pages:
        for word in ("Omsorg", "98.765", "Handicap"):
            assert (word in before[route], word in after[route]) == (False, True), (route, word)


def _renamed(figures, one, other):
    return json.loads(json.dumps(figures, ensure_ascii=False).replace(one, other))


@pytest.mark.django_db
def test_kept_pieces_of_the_page_speak_the_readers_language(client):
    municipality()
    board = create_board()
    client.force_login(board)
    danish = text_of(client.get(reverse("netvaerk:status")))
    board.language = "en"
    board.save()

    english = text_of(client.get(reverse("netvaerk:status")))

    for word in ("Udviklingen", "Hvor mange ledere er med?", "Hvordan binder netværkene områderne sammen?"):
        assert word in danish
        assert word not in english


@pytest.mark.django_db
def test_an_empty_house_has_no_lines_and_no_map(client):
    client.force_login(create_board())

    page = client.get(reverse("netvaerk:status"))

    assert page.context["trends"] is None
    assert page.context["mixing"] is None


def test_lines_leave_a_gap_where_nothing_may_be_shown():
    months = [
        MonthlyStatus(month=date(2027, month, 1), figures={"active": month, "coverage": None if month == 2 else 30})
        for month in (3, 2, 1)
    ]

    active, coverage = monthly_status.trends(months).lines

    assert [(point.month.month, point.value) for point in coverage.points] == [(1, 30), (3, 30)]
    assert [point.x for point in active.points] == [8, 144, 280]
    assert active.last.name == "mar. 2027"
    assert monthly_status.trends(months[:1]) is None


@pytest.mark.django_db
def test_gains_are_counted_over_the_active():
    create_network(gains=["shared_focus", "policy_basis"], direction=create_direction(gains=["policy_basis"]))
    expired = create_direction(gains=["shared_focus"], valid_to=date(2027, 2, 1))
    create_network(gains=["shared_focus"], direction=expired)
    create_network(gains=["policy_basis"], state=Network.State.CLOSED)

    found = {
        gain.label: (gain.networks, gain.is_in_kurs)
        for gain in gains.pursued(status.overview(NOW).networks)
        if gain.networks
    }

    assert found == {
        "Fælles fokus på ledelsesopgaven": (2, False),
        "Bedre grundlag for politikudvikling og -implementering": (1, True),
    }


@pytest.mark.django_db
def test_print_takes_the_same_queries_however_many_networks(client):
    client.force_login(create_board())
    counts = []
    municipality(networks=1)
    for _time in range(2):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse(PRINT)).status_code == 200
        counts.append(len(queries))
        unit, direction, sponsor = create_unit(), create_direction(), create_hr()
        for _number in range(20):
            create_membership(network=create_network(unit=unit, direction=direction, sponsor=sponsor))

    assert counts == [6, 6]
