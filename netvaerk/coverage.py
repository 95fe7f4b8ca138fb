"""How many leaders are in a network, by area, level and field: three tables that may be read together.

They are frozen with the month's other figures, so that no two days' pages differ by one who joined in between.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, OuterRef
from django.utils.translation import gettext as _

from members.danish import danish_key
from members.models import Leader
from netvaerk import disclosure
from netvaerk.models import MonthlyStatus
from netvaerk.suppression import Row, Table
from networks.models import Membership, Network


@dataclass(frozen=True)
class Coverage:
    """How many leaders are in a network, split one way."""

    heading: str
    column: str
    table: Table


@dataclass(frozen=True)
class Tables:
    """The three ways, and when they were counted; None is just now."""

    splits: list[Coverage]
    counted_at: datetime | None = None

    @property
    def everyone(self) -> Row:
        return self.splits[0].table.total


def tables(frozen: MonthlyStatus | None) -> Tables:
    """The tables of the latest frozen month; counted now where none has been frozen yet."""
    if frozen is None or "split" not in frozen.figures:
        return Tables(_named(_count()))
    stored = [
        Table(tuple(Row(*row) for row in split["rows"]), Row(*split["total"])) for split in frozen.figures["split"]
    ]
    return Tables(_named(stored), frozen.computed_at)


def to_freeze() -> list[dict]:
    """What is so now, as it may be shown, for MonthlyStatus.figures["split"]."""
    return [{"rows": [_values(row) for row in table.rows], "total": _values(table.total)} for table in _count()]


def _values(row: Row) -> list:
    return [row.label, row.total, row.inside]


def _named(found: list[Table]) -> list[Coverage]:
    """With headings, and words for what has no name, in the reader's language."""
    names = (
        (_("Områder"), _("Område")),
        (_("Ledelsesniveauer"), _("Ledelsesniveau")),
        (_("Fagområder"), _("Fagområde")),
    )
    return [
        Coverage(
            heading,
            column,
            Table(
                tuple(Row(row.label or _("Ikke angivet"), row.total, row.inside) for row in table.rows),
                Row(_("I alt"), table.total.total, table.total.inside),
            ),
        )
        for (heading, column), table in zip(names, found, strict=True)
    ]


def _count() -> list[Table]:
    """By area, level and field, each in its own order. One query; the small counts are withheld."""
    seat = Membership.objects.inside().filter(leader=OuterRef("pk"), network__state=Network.State.ACTIVE)
    groups = list(
        Leader.objects.current()
        .annotate(is_inside=Exists(seat))
        .values("unit__area__name", "level__name", "level__rank", "field__name", "field__rank", "is_inside")
        .annotate(people=Count("pk"))
        .order_by()
    )
    by_area, by_level, by_field = disclosure.protect_together(_people(groups), 3)
    groups.sort(key=lambda group: danish_key(group["unit__area__name"] or ""))
    areas = _in_order(by_area, groups, "unit__area__name")
    groups.sort(key=lambda group: (group["level__rank"] is None, group["level__rank"], group["level__name"]))
    levels = _in_order(by_level, groups, "level__name")
    groups.sort(key=lambda group: (group["field__rank"] is None, group["field__rank"], group["field__name"]))
    return [areas, levels, _in_order(by_field, groups, "field__name")]


def _people(groups: list[dict]) -> dict[disclosure.Cell, int]:
    """How many leaders there are of each area, level and field, inside and outside."""
    people: dict[disclosure.Cell, int] = defaultdict(int)
    for group in groups:
        labels = tuple(group[key] or "" for key in ("unit__area__name", "level__name", "field__name"))
        people[labels, group["is_inside"]] += group["people"]
    return people


def _in_order(table: Table, groups: list[dict], key: str) -> Table:
    rows = {row.label: row for row in table.rows}
    return Table(tuple(rows[label] for label in dict.fromkeys(group[key] or "" for group in groups)), table.total)
