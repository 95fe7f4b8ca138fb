from fractions import Fraction
from itertools import combinations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from netvaerk.suppression import FLOOR, Row, Table, is_small, protect


def test_table_without_small_counts_is_shown_whole():
    table = protect({"Børn": (10, 20), "Social": (0, 8), "Teknik": (7, 0)}, total_label="I alt")

    assert table == Table(
        (Row("Børn", 30, 10), Row("Social", 8, 0), Row("Teknik", 7, 7)),
        Row("I alt", 45, 17),
    )
    assert not table.has_gaps


def test_small_count_takes_a_second_row_with_it():
    table = protect({"Børn": (10, 20), "Social": (3, 30), "Teknik": (12, 8)}, total_label="I alt")

    assert table.rows == (Row("Børn", 30, 10), Row("Social", 33), Row("Teknik", 20))
    assert table.total == Row("I alt", 83, 25)
    assert table.has_gaps


def test_few_outside_are_withheld_as_well_as_few_inside():
    table = protect({"Børn": (28, 2), "Social": (10, 30), "Teknik": (12, 8)})

    assert [row.inside for row in table.rows] == [None, 10, None]


def test_two_small_counts_that_sum_to_a_small_group_take_a_third_with_them():
    table = protect({"A": (1, 20), "B": (2, 20), "C": (15, 30), "D": (40, 60)})

    assert [row.inside for row in table.rows] == [None, None, None, 40]


def test_area_with_few_leaders_shows_not_even_how_many():
    table = protect({"Direktion": (1, 2), "Børn": (10, 20), "Social": (20, 30)})

    assert [row.total for row in table.rows] == [None, None, 50]


def test_few_inside_in_all_shows_how_many_leaders_there_are_and_no_more():
    table = protect({"Børn": (2, 20), "Social": (1, 30)})

    assert table == Table((Row("Børn", 22), Row("Social", 31)), Row("", 53))


def test_very_few_leaders_show_nothing():
    assert protect({"Børn": (2, 1)}) == Table((Row("Børn", None),), Row("", None))


def test_no_leaders_make_an_empty_table():
    assert protect({}) == Table((), Row("", 0, 0))


# --- The auditor: every published figure as an equation --------------------------------------------------------------

pairs = st.tuples(st.integers(0, 12), st.integers(0, 12))
tables = st.lists(pairs, min_size=1, max_size=5).map(lambda rows: {str(index): pair for index, pair in enumerate(rows)})


def equations(counts, table):
    """What a reader is told, as sums over the cells (row, column)."""
    labels = [label for label in counts if sum(counts[label])]
    cells = [(label, column) for label in labels for column in (0, 1)]
    told = []
    for row in table.rows:
        if row.total is not None:
            told.append({(row.label, 0), (row.label, 1)})
        if row.inside is not None:
            told += [{(row.label, 0)}, {(row.label, 1)}]
    if table.total.total is not None:
        told.append(set(cells))
    if table.total.inside is not None:
        told += [{cell for cell in cells if cell[1] == column} for column in (0, 1)]
    return cells, [[Fraction(cell in sum_) for cell in cells] for sum_ in told]


def reduced(rows):
    rows, basis = [list(row) for row in rows], []
    for row in rows:
        for pivot, base in basis:
            if row[pivot]:
                factor = row[pivot]
                row = [a - factor * b for a, b in zip(row, base, strict=True)]
        pivot = next((index for index, value in enumerate(row) if value), None)
        if pivot is not None:
            row = [value / row[pivot] for value in row]
            basis.append((pivot, row))
    return basis


def can_be_solved(target, basis):
    for pivot, base in basis:
        if target[pivot]:
            factor = target[pivot]
            target = [a - factor * b for a, b in zip(target, base, strict=True)]
    return not any(target)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(tables)
def test_no_small_group_can_be_worked_out_by_adding_and_subtracting(counts):
    table = protect(counts, total_label="I alt")
    cells, told = equations(counts, table)
    basis = reduced(told)
    # Cells nobody is in cannot hide anyone: a group with an empty cell is the group without it.
    held = [cell for cell in cells if counts[cell[0]][cell[1]]]

    for size in range(1, len(held) + 1):
        for group in combinations(held, size):
            if is_small(sum(counts[label][column] for label, column in group)):
                assert not can_be_solved([Fraction(cell in group) for cell in cells], basis), (counts, group)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(tables)
def test_every_withheld_split_could_be_several_things(counts):
    """Also for a reader who knows that no count is negative."""
    table = protect(counts)
    hidden = [row for row in table.rows if row.inside is None and row.total is not None]
    if table.total.inside is None or any(row.total is None for row in table.rows):
        return
    left = table.total.inside - sum(row.inside for row in table.rows if row.inside is not None)
    everyone = sum(row.total for row in hidden)

    for row in hidden:
        fewest = max(0, left - (everyone - row.total))
        most = min(row.total, left)
        assert left == 0 or everyone == left or most - fewest >= FLOOR, counts
