"""The auditor of /status/'s tables: every figure of all of them as an equation over who works where."""

import os
import random
from fractions import Fraction
from itertools import combinations

import pytest

from members.tests import factories as members
from netvaerk import coverage, disclosure, status
from netvaerk.disclosure import protect_together, told
from netvaerk.status import AttendanceCounts, NetworkRow
from netvaerk.suppression import FLOOR, Table, protect
from networks.tests.factories import create_membership, create_network

ORGANISATIONS = int(os.environ.get("ORGANISATIONS", 100))


def organisation(chance) -> dict:
    """People by area, level and field, inside and outside a network: small municipalities, where most groups are."""
    people = {}
    for _group in range(chance.randint(2, 9)):
        labels = (chance.choice("ABC"), chance.choice("lm"), chance.choice("xyz"))
        for is_inside in (True, False):
            people[labels, is_inside] = chance.choice((0, 1, 2, 3, 5, 6, 8, 14))
    return {cell: number for cell, number in people.items() if number}


def null_space(cells, sums):
    """Exact, and made another way than the house's own check: what vanishes on every figure told."""
    rows = [[Fraction(cell in one) for cell in cells] for one in sums]
    pivots = []
    for column in range(len(cells)):
        found = next((place for place in range(len(pivots), len(rows)) if rows[place][column]), None)
        if found is None:
            continue
        rows[len(pivots)], rows[found] = rows[found], rows[len(pivots)]
        top = rows[len(pivots)]
        top[:] = [value / top[column] for value in top]
        for place, row in enumerate(rows):
            if place != len(pivots) and row[column]:
                factor = row[column]
                row[:] = [a - factor * b for a, b in zip(row, top, strict=True)]
        pivots.append(column)
    free = [column for column in range(len(cells)) if column not in pivots]
    return [
        {cells[column]: 1} | {cells[pivot]: -rows[place][column] for place, pivot in enumerate(pivots)}
        for column in free
    ]


def solvable_groups(people, tables) -> list:
    cells = list(people)
    null = null_space(cells, told(people, tables))
    small = [cell for cell in cells if people[cell] < FLOOR]
    return [
        group
        for size in range(1, FLOOR)
        for group in combinations(small, size)
        if sum(people[cell] for cell in group) < FLOOR
        and all(sum(vector.get(cell, 0) for cell in group) == 0 for vector in null)
    ]


def apart(people) -> tuple[Table, ...]:
    """Each table protected by itself, as if nobody read the others."""
    return tuple(protect(disclosure._counts(people, place)) for place in range(3))


def test_no_small_group_can_be_worked_out_of_all_the_tables_together():
    shown = 0
    for seed in range(ORGANISATIONS):
        people = organisation(random.Random(seed))
        tables = protect_together(people, 3)
        shown += sum(row.inside is not None for table in tables for row in table.rows)
        assert not solvable_groups(people, tables), seed
    print(f"{ORGANISATIONS} organisations, {shown} rows with a split: no group under {FLOOR} people can be solved")
    assert shown > ORGANISATIONS


def test_auditor_finds_small_groups_when_each_table_is_protected_alone():
    found = [
        solvable_groups(people, apart(people))
        for people in (organisation(random.Random(seed)) for seed in range(ORGANISATIONS))
    ]

    assert sum(map(bool, found)) > ORGANISATIONS / 20


def test_the_house_and_the_auditor_agree_on_what_tells_of_few():
    for seed in range(ORGANISATIONS):
        people = organisation(random.Random(seed))
        is_found = bool(solvable_groups(people, apart(people)))
        assert disclosure.tells_of_few(people, told(people, apart(people))) == is_found, seed


def test_a_group_within_a_group_of_another_table_is_not_left_over():
    """All of level m work in field x, which holds two more: the difference would be those two."""
    people = {(("A", "m", "x"), True): 8, (("A", "m", "x"), False): 6, (("A", "l", "x"), True): 2}
    people |= {(("A", "l", "y"), True): 30, (("A", "l", "y"), False): 40}

    assert solvable_groups(people, apart(people))
    assert not solvable_groups(people, protect_together(people, 3))


def test_tables_that_tell_of_nobody_are_left_whole():
    people = {((area, level, "x"), inside): 20 for area in "AB" for level in "lm" for inside in (True, False)}

    assert protect_together(people, 3) == apart(people)


def test_a_large_municipality_is_checked_at_once():
    chance = random.Random(1)
    people = {
        ((f"area {a}", f"level {lv}", f"field {f}"), inside): chance.choice((0, 0, 1, 1, 2, 4, 9, 30))
        for a in range(8)
        for lv in range(4)
        for f in range(9)
        for inside in (True, False)
    }

    tables = protect_together(people, 3)

    held = {cell: number for cell, number in people.items() if number}
    assert not disclosure.tells_of_few(held, told(held, tables))


# --- Attendance ------------------------------------------------------------------------------------------------------


def row(present, registered, people) -> NetworkRow:
    counts = AttendanceCounts(present=present, registered=registered, people=people)
    values = dict.fromkeys(("slug", "name", "sort_text", "type", "state", "state_label", "area", "direction"), "")
    return NetworkRow(pk=1, direction_has_expired=False, size_max=12, attendance=counts, **values)


def test_attendance_of_few_is_in_no_figure_at_all():
    """So there is nothing to subtract: the whole is of exactly those networks whose own share is shown."""
    chance = random.Random(7)
    for _organisation in range(ORGANISATIONS):
        rows = [row(chance.randint(0, 20), chance.randint(20, 60), chance.randint(1, 9)) for _network in range(6)]
        rows += [row(chance.randint(0, 9), chance.randint(9, 19), 12)]
        shown = [one for one in rows if one.attendance.can_be_shown]
        hidden = [one for one in rows if one not in shown]
        assert all(one.attendance_text in ("–", "For få til at vise") for one in hidden)
        assert all(one.attendance.people >= FLOOR and one.attendance.registered >= 20 for one in shown)
        if shown:
            registered = sum(one.attendance.registered for one in shown)
            present = sum(one.attendance.present for one in shown)
            figure = status._attendance_figure([one.attendance for one in rows if one.attendance.can_be_shown])
            assert figure.number == status.percent(100 * present / registered)


# --- The page --------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_page_shows_the_tables_protected_together():
    """As above, from the database: two leaders of another level in a field would be left over."""
    area = members.create_unit(name="Børn")
    field, other = members.create_field(name="Skole"), members.create_field(name="Havne")
    chef, leder = members.create_level(name="Chef"), members.create_level(name="Leder")
    network = create_network(sponsor=members.create_leader(unit=area, field=other, level=leder).user)
    for level, of_field, inside, outside in ((chef, field, 8, 6), (leder, field, 2, 0), (leder, other, 30, 40)):
        for number in range(inside + outside):
            leader = members.create_leader(unit=area, field=of_field, level=level)
            if number < inside:
                create_membership(network=network, leader=leader)

    tables = [split.table for split in coverage.tables(None).splits]

    fields = {one.label: one for one in tables[2].rows}
    levels = {one.label: one for one in tables[1].rows}
    assert levels["Chef"].inside is None or fields["Skole"].inside is None
