import os
import random
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import combinations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from meetings import feedback
from meetings.models import MonthlyFigures
from meetings.tests.factories import create_round
from members.tests.factories import create_board, create_unit
from netvaerk import monthly, monthly_status, suppression
from netvaerk.models import MonthlyStatus
from netvaerk.monthly import Part
from networks.tests.factories import create_membership, create_network

ORGANISATIONS = int(os.environ.get("ORGANISATIONS", 100))
NOW = datetime(2027, 3, 20, 9, 0, tzinfo=UTC)
OPENS = datetime(2027, 2, 1, 7, 0, tzinfo=UTC)


def share_a_round(*, area, rating, opens_at=OPENS, members=5):
    network = create_network(unit=area)
    users = [create_membership(network=network, is_coordinator=n == 0).leader.user for n in range(members)]
    round = create_round(network=network, opens_at=opens_at, closes_at=opens_at + timedelta(days=9))
    for user in users:
        feedback.answer(round, user=user, answers={"free_space": rating}, now=opens_at)
    feedback.turn_rounds(round.closes_at)
    return round, users[0]


@pytest.mark.django_db
def test_only_shared_results_count_and_only_from_three_networks(client):
    area = create_unit(name="Børn og unge")
    rounds = [share_a_round(area=area, rating=rating) for rating in (2, 3, 4)]
    assert monthly.freeze(NOW).figures == {}
    client.force_login(create_board())
    assert "For få netværk har delt" in client.get(reverse("netvaerk:status")).content.decode()

    for round, coordinator in rounds:
        feedback.share(round, actor=coordinator, now=NOW)
    assert monthly.freeze(NOW).figures == {}, "frozen until the month is over"

    figures = monthly.freeze(NOW + timedelta(days=20)).figures
    assert figures["free_space"]["whole"] == {"mean": 3.0, "people": 15, "networks": 3}
    page = client.get(reverse("netvaerk:status")).content.decode()
    assert "Hvad netværkene selv har delt" in page
    assert "3,0" in page


@pytest.mark.django_db
def test_one_network_more_changes_nothing_until_three_have_changed():
    area = create_unit(name="Børn og unge")

    def share(rating):
        round, coordinator = share_a_round(area=area, rating=rating)
        feedback.share(round, actor=coordinator, now=NOW)

    def mean(month):
        return monthly.freeze(NOW + timedelta(days=30 * month)).figures["free_space"]["whole"]["mean"]

    for rating in (3, 3, 3):
        share(rating)
    assert mean(0) == 3.0
    share(5)
    assert mean(1) == 3.0
    share(5)
    share(5)
    assert mean(2) == 4.0


@pytest.mark.django_db
def test_figures_are_frozen_once_a_month():
    first = monthly.freeze(NOW)

    assert monthly.freeze(NOW + timedelta(days=1)) == first
    assert MonthlyFigures.objects.count() == 1


def test_small_area_takes_another_with_it():
    groups = {"Børn": (30, 5), "Social": (20, 3), "Teknik": (5, 1)}

    assert suppression.protect_groups(groups) == {"Teknik", "Social"}
    assert suppression.protect_groups({"Børn": (30, 5), "Social": (20, 3)}) == set()


# --- The page ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def shared():
    area = create_unit(name="Børn og unge")
    for rating in (2, 3, 4):
        round, coordinator = share_a_round(area=area, rating=rating)
        feedback.share(round, actor=coordinator, now=NOW)
    return monthly.freeze(NOW)


def shown(client):
    """What the page shows of the one statement everybody answered, and all it has asked the database."""
    client.force_login(create_board())
    with CaptureQueriesContext(connection) as queries:
        together = client.get(reverse("netvaerk:status")).context["together"]
    line = together and [line.whole for line in together.lines]
    return line, " ".join(query["sql"] for query in queries)


@pytest.mark.django_db
def test_page_shows_what_was_frozen_with_the_month_and_reads_nothing_more(client, shared):
    monthly_status.freeze(NOW)

    line, asked = shown(client)

    assert line == [{"mean": 3.0, "people": 15, "networks": 3}]
    assert "netvaerk_monthlystatus" in asked
    assert ("meetings_monthlyfigures" in asked, "made_of" in asked) == (False, False)
    assert "made_of" not in MonthlyStatus.objects.get().figures["together"]["figures"]["free_space"]


@pytest.mark.django_db
def test_page_shows_the_latest_where_the_month_was_frozen_without(client, shared):
    month = monthly_status.freeze(NOW)
    del month.figures["together"]
    month.save()

    line, asked = shown(client)

    assert line == [{"mean": 3.0, "people": 15, "networks": 3}]
    assert "meetings_monthlyfigures" in asked


@pytest.mark.django_db
def test_month_frozen_before_anybody_shared_shows_nothing(client):
    monthly.freeze(NOW)
    monthly_status.freeze(NOW)

    assert shown(client)[0] is None


# --- The auditor: every figure of every month as an equation ----------------------------------------------------------


def organisation(chance):
    """Networks in areas, with months in which some share for the first time, share anew, or are too old to count."""
    areas = {number: chance.choice("ABCD") for number in range(chance.randint(3, 12))}
    holding, months, last = {}, [], 0
    for _month in range(chance.randint(1, 5)):
        for network, area in areas.items():
            if chance.random() < 0.4:
                last += 1
                holding[network] = Part(network, last, area, chance.randint(4, 9), 3.0)
            elif chance.random() < 0.15:
                holding.pop(network, None)
        months.append({"free_space": list(holding.values())})
    return months


def publish(months, compute=monthly.compute):
    published = []
    for parts in months:
        published.insert(0, compute(parts, published))
    return [month["free_space"] for month in published if "free_space" in month]


def equations(published):
    """Each figure as a sum over what single networks put in; an unknown for each round of each network."""
    unknown = sorted({tuple(part[:2]) for month in published for area in month["made_of"].values() for part in area})
    told = []
    for month in published:
        inside = {area: {tuple(part[:2]) for part in parts} for area, parts in month["made_of"].items()}
        told.append(set().union(*inside.values()))
        told += [inside[area] for area in month["areas"]]
    return unknown, [[Fraction(one in figure) for one in unknown] for figure in told]


def rank(rows):
    rows, found = [list(row) for row in rows], 0
    for column in range(len(rows[0]) if rows else 0):
        pivot = next((row for row in rows[found:] if row[column]), None)
        if pivot is None:
            continue
        rows.remove(pivot)
        rows.insert(found, pivot)
        for place in range(found + 1, len(rows)):
            factor = rows[place][column] / pivot[column]
            rows[place] = [a - factor * b for a, b in zip(rows[place], pivot, strict=True)]
        found += 1
    return found


def solvable_groups(published):
    """Groups under three networks of whom anything at all can be worked out by adding and subtracting figures."""
    unknown, told = equations(published)
    if not told:
        return []
    whole = rank(told)
    networks = sorted({network for network, _round in unknown})
    groups = [(one,) for one in networks] + list(combinations(networks, 2))
    return [
        group
        for group in groups
        if rank([[row[i] for i, one in enumerate(unknown) if one[0] not in group] for row in told]) < whole
    ]


def few_people(published):
    cells = [cell for month in published for cell in (month["whole"], *month["areas"].values())]
    return [cell for cell in cells if cell["people"] < 5 or cell["networks"] < 3]


def test_no_small_group_can_be_worked_out_of_all_that_is_published():
    shown = 0
    for seed in range(ORGANISATIONS):
        published = publish(organisation(random.Random(seed)))
        shown += bool(published)
        assert not few_people(published), seed
        assert not solvable_groups(published), seed
    print(f"{ORGANISATIONS} organisations, {shown} with figures: no group under 5 people or 3 networks can be solved")
    assert shown > ORGANISATIONS / 4


@pytest.mark.parametrize("guard", ["_differ_by_few", "protect_groups", "is_few"])
def test_auditor_finds_small_groups_when_a_guard_is_removed(monkeypatch, guard):
    if guard == "_differ_by_few":
        monkeypatch.setattr(monthly, "_differ_by_few", lambda new, old: False)
    elif guard == "protect_groups":
        alone = suppression.is_few
        few = lambda groups: {label for label, group in groups.items() if alone(*group)}  # noqa: E731
        monkeypatch.setattr(suppression, "protect_groups", few)
    else:
        monkeypatch.setattr(suppression, "is_few", lambda people, networks: False)

    found = [solvable_groups(publish(organisation(random.Random(seed)))) for seed in range(60)]

    assert any(found)
