"""Counts of people, shown so that no group of fewer than five can be read or worked out by subtraction.

A table counts, per row, those inside and outside something, with totals both ways. A small count is withheld, and with
it as much more as it takes to keep it unknown: a lone gap in a row or a column could be filled in from the total.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

FLOOR = 5


def is_small(count: int) -> bool:
    """Whether this counts a group one might recognise. Nobody is not a group."""
    return 0 < count < FLOOR


@dataclass(frozen=True)
class Row:
    """None is withheld. `inside` and `outside` are withheld together, since either follows from the other."""

    label: str
    total: int | None
    inside: int | None = None

    @property
    def outside(self) -> int | None:
        return None if self.inside is None else self.total - self.inside

    @property
    def share(self) -> float:
        """In hundredths, for a drawing."""
        return round(100 * self.inside / self.total, 1)


@dataclass(frozen=True)
class Table:
    rows: tuple[Row, ...]
    total: Row

    @property
    def has_gaps(self) -> bool:
        return any(row.inside is None for row in (*self.rows, self.total))


def protect(counts: Mapping[str, tuple[int, int]], *, total_label: str = "") -> Table:
    """The table of `counts` (label → inside, outside) with what may be known filled in."""
    counts = {label: pair for label, pair in counts.items() if sum(pair)}
    inside, outside = (sum(column) for column in zip(*counts.values(), strict=True)) if counts else (0, 0)
    if is_small(inside + outside):
        return Table(tuple(Row(label, None) for label in counts), Row(total_label, None))
    by_size = sorted(counts, key=lambda label: (sum(counts[label]), label))
    no_total = _widen(
        {label for label, pair in counts.items() if is_small(sum(pair))},
        by_size,
        lambda hidden: [sum(sum(counts[label]) for label in hidden)],
    )
    if is_small(inside) or is_small(outside):
        no_split = set(counts)
        total = Row(total_label, inside + outside)
    else:
        no_split = _widen(
            no_total | {label for label, pair in counts.items() if any(map(is_small, pair))},
            by_size,
            lambda hidden: [sum(column) for column in zip(*(counts[label] for label in hidden), strict=True)],
        )
        total = Row(total_label, inside + outside, inside)
    rows = (
        Row(
            label,
            None if label in no_total else sum(counts[label]),
            None if label in no_split else counts[label][0],
        )
        for label in counts
    )
    return Table(tuple(rows), total)


def _widen(hidden: set[str], order: list[str], sums: Callable[[set[str]], list[int]]) -> set[str]:
    """Withhold more rows, smallest first, until there are two and what they hide together is not small either."""
    hidden = set(hidden)
    for label in order:
        if not hidden or (len(hidden) > 1 and not any(map(is_small, sums(hidden)))):
            break
        hidden.add(label)
    return hidden


# --- Groups of networks ----------------------------------------------------------------------------------------------

FEWEST_NETWORKS = 3


def is_few(people: int, networks: int) -> bool:
    """Whether figures on this many could be traced to a network or a person. Nobody is not a group."""
    return bool(networks) and (people < FLOOR or networks < FEWEST_NETWORKS)


def protect_groups(groups: Mapping[str, tuple[int, int]]) -> set[str]:
    """The labels of `groups` (label → people, networks) to withhold when the whole of them is shown.

    What is withheld can be worked out together, by subtraction from the whole; so together it must not be few either.
    """
    hidden = {label for label, group in groups.items() if is_few(*group)}
    for label in sorted(groups, key=lambda label: (groups[label], label)):
        people, networks = (sum(groups[one][column] for one in hidden) for column in (0, 1))
        if not is_few(people, networks):
            break
        hidden.add(label)
    return hidden
