"""Several tables of the same people: what they tell together, not only each by itself.

A reader may add and subtract rows of different tables, and may know who works where. So the tables are taken one by
one; from each new one rows are withheld until no group under the floor can be worked out of all that has been shown.
"""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import combinations

from netvaerk.suppression import FLOOR, Row, Table, protect

PRIME = 2**61 - 1
Cell = tuple[tuple[str, ...], bool]  # a label per table, and whether inside


def protect_together(people: Mapping[Cell, int], number_of_tables: int, *, total_label: str = "") -> tuple[Table, ...]:
    """One table per label of `people` (labels, is inside → how many), which together tell of no group too small."""
    held = tuple(sorted((cell, count) for cell, count in people.items() if count))
    return _protected(held, number_of_tables, total_label)


@lru_cache(maxsize=8)
def _protected(held: tuple, number_of_tables: int, total_label: str) -> tuple[Table, ...]:
    people = dict(held)
    tables: list[Table] = []
    for place in range(number_of_tables):
        table = protect(_counts(people, place), total_label=total_label)
        while tells_of_few(people, told(people, [*tables, table])):
            smaller = _without_smallest(table)
            if smaller is None:
                break
            table = smaller
        tables.append(table)
    return tuple(tables)


def _counts(people: Mapping[Cell, int], place: int) -> dict[str, tuple[int, int]]:
    counts: dict[str, tuple[int, int]] = {}
    for (labels, is_inside), number in people.items():
        inside, outside = counts.get(labels[place], (0, 0))
        counts[labels[place]] = (inside + number, outside) if is_inside else (inside, outside + number)
    return counts


def _without_smallest(table: Table) -> Table | None:
    """The table with one row less to read: first the splits go, smallest group first, then the numbers too."""
    with_split = [row for row in table.rows if row.inside is not None]
    with_number = [row for row in table.rows if row.total is not None]
    if not with_number:
        return None
    gone = min(with_split or with_number, key=lambda row: (row.total, row.label))
    less = Row(gone.label, gone.total if with_split else None)
    return Table(tuple(less if row is gone else row for row in table.rows), table.total)


def told(people: Mapping[Cell, int], tables: Sequence[Table]) -> list[set[Cell]]:
    """What the tables tell, each figure as the cells it is the sum of."""
    sums = []
    for place, table in enumerate(tables):
        for row in table.rows:
            cells = {cell for cell in people if cell[0][place] == row.label}
            sums += _sums(row, cells)
        sums += _sums(table.total, set(people))
    return sums


def _sums(row: Row, cells: set[Cell]) -> Iterable[set[Cell]]:
    if row.total is not None and row.inside is None:
        yield cells
    if row.inside is not None:
        yield {cell for cell in cells if cell[1]}
        yield {cell for cell in cells if not cell[1]}


# --- The check -------------------------------------------------------------------------------------------------------


def tells_of_few(people: Mapping[Cell, int], sums: Iterable[set[Cell]]) -> bool:
    """Whether adding and subtracting `sums` gives any group of cells with fewer people than the floor.

    A group can be worked out when its row depends on the rows told; then, and only then, its cells' marks, drawn at
    random among those that fit no row told, add up to nothing.
    """
    marks = _marks(list(people), sums)
    small = [(marks[cell], people[cell], index) for index, cell in enumerate(people) if people[cell] < FLOOR]
    alone = [(mark, size, {index}) for mark, size, index in small]
    pairs = [
        ((a[0] + b[0]) % PRIME, a[1] + b[1], a[2] | b[2]) for a, b in combinations(alone, 2) if a[1] + b[1] < FLOOR
    ]
    if any(mark == 0 for mark, _size, _cells in (*alone, *pairs)):
        return True
    # Three or four cells under five people are pairs with something that takes their marks away again.
    by_mark: dict[int, list] = {}
    for mark, size, cells in (*alone, *pairs):
        by_mark.setdefault(mark, []).append((size, cells))
    return any(
        size + more < FLOOR and not cells & others
        for mark, size, cells in pairs
        for more, others in by_mark.get(-mark % PRIME, ())
    )


def _marks(cells: list[Cell], sums: Iterable[set[Cell]]) -> dict[Cell, int]:
    """A number per cell, such that exactly the sums that follow from `sums` come to zero, but for a chance in 10^18."""
    reduced: list[tuple[Cell, dict[Cell, int]]] = []
    for one in sums:
        row = dict.fromkeys(one, 1)
        for pivot, base in reduced:
            _subtract(row, base, row.get(pivot, 0))
        if row:
            pivot = next(iter(row))
            inverse = pow(row[pivot], -1, PRIME)
            row = {cell: value * inverse % PRIME for cell, value in row.items()}
            for _pivot, base in reduced:
                _subtract(base, row, base.get(pivot, 0))
            reduced.append((pivot, row))
    pivots = {pivot for pivot, _row in reduced}
    marks = {cell: secrets.randbelow(PRIME) for cell in cells if cell not in pivots}
    for pivot, row in reduced:
        marks[pivot] = -sum(value * marks[cell] for cell, value in row.items() if cell != pivot) % PRIME
    return marks


def _subtract(row: dict[Cell, int], base: dict[Cell, int], factor: int) -> None:
    if factor:
        for cell, value in base.items():
            left = (row.get(cell, 0) - factor * value) % PRIME
            if left:
                row[cell] = left
            else:
                row.pop(cell, None)
