"""The figures of the whole, frozen month by month: lines over the years, and how networks tie areas together.

What is frozen may be shown as it stands, beside every other month: a share changes only when at least five people have
come or gone, and a tie between two areas only when at least three networks have. Otherwise it is last month's.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import combinations
from math import cos, pi, sin

from dateutil.relativedelta import relativedelta
from django.db.models import Count, Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from meetings.models import Attendance, Meeting
from members.danish import compact_date, danish_key, today
from members.models import Leader
from netvaerk import coverage, monthly, suppression
from netvaerk.models import MonthlyStatus
from netvaerk.suppression import is_few, is_small
from networks.models import Membership, Network, NetworkType

MONTHS_BACK = 24
MOST_MONTHS = 36
YEAR = timedelta(days=365)
ENOUGH_TO_SHARE_OUT = 100  # leaders or registrations under which a whole percentage would be a count in disguise
SIGN = "|"


@dataclass(frozen=True)
class Measured:
    """What is so at one moment, before anything is withheld."""

    active: int
    inside: int
    leaders: int
    held: int
    planned: int
    present: int
    registered: int
    attending_people: int
    attending_networks: int
    ties: dict[str, dict[int, int]]  # "Area|Area" → network → people of the two areas in it
    areas: tuple[str, ...]


def freeze(now: datetime, *, is_past: bool = False) -> MonthlyStatus:
    """The figures of this month; made by the first who asks, and the same for all after.

    Where people sit and what networks have shared is known of today alone: a month that `is_past` has no tables of it.
    """
    month = today(now).replace(day=1)
    frozen = MonthlyStatus.objects.filter(month=month).first()
    if frozen:
        return frozen
    earlier = list(MonthlyStatus.objects.filter(month__lt=month).values_list("figures", "made_of"))
    figures, made_of = release(measure(now), earlier)
    if not is_past:
        figures["split"] = coverage.to_freeze()
        figures["together"] = monthly.to_freeze()
    frozen, _is_new = MonthlyStatus.objects.get_or_create(
        month=month, defaults={"figures": figures, "made_of": made_of, "computed_at": now}
    )
    return frozen


def backfill(now: datetime) -> None:
    """Where nothing has been frozen yet: the months behind us, as far as dates tell of them, and then this one."""
    if not MonthlyStatus.objects.exists():
        first = _first_start()
        for back in range(MONTHS_BACK, 0, -1):
            then = now - relativedelta(months=back)
            if first and then >= first:
                freeze(then, is_past=True)
    freeze(now)


def _first_start() -> datetime | None:
    return (
        Network.objects.filter(started_at__isnull=False)
        .order_by("started_at")
        .values_list("started_at", flat=True)
        .first()
    )


# --- What may be shown -----------------------------------------------------------------------------------------------


def release(new: Measured, earlier: list[tuple[dict, dict]]) -> tuple[dict, dict]:
    """The figures to show, and what they are made of. `earlier` are those of the months before, latest first."""
    covered = _coverage(new, [made["coverage"] for _figures, made in earlier if made.get("coverage")])
    ties = _ties(new.ties, [made.get("ties", {}) for _figures, made in earlier])
    enough = new.registered >= ENOUGH_TO_SHARE_OUT and not is_few(new.attending_people, new.attending_networks)
    figures = {
        "active": new.active,
        "coverage": covered and _percent(covered[0], sum(covered)),
        "held": _percent(new.held, new.planned) if new.planned else None,
        "attendance": _percent(new.present, new.registered) if enough and new.attending_networks else None,
        "ties": {pair: len(networks) for pair, networks in ties.items()},
        "areas": sorted(new.areas, key=danish_key),
    }
    return figures, {"coverage": covered, "ties": ties}


def _percent(part: int, whole: int) -> int:
    return round(100 * part / whole)


def _coverage(new: Measured, earlier: list[list[int]]) -> list[int] | None:
    """Leaders inside and outside, kept as they were while the change would be of fewer than five."""
    pair = [new.inside, new.leaders - new.inside]
    if new.leaders < ENOUGH_TO_SHARE_OUT or any(map(is_small, pair)):
        return None
    moved = any(is_small(abs(now - then)) for old in earlier for now, then in zip(pair, old, strict=True))
    return earlier[0] if moved else pair


def _ties(new: dict[str, dict[int, int]], earlier: list[dict[str, list[int]]]) -> dict[str, list[int]]:
    """Per pair of areas the networks that tie them, where they are enough, and enough have changed since any month.

    Cells stand alone: no row or column is summed, and no network counts twice in a cell, so that there is nothing to
    subtract one cell from but the same cell of another month.
    """
    shown = {}
    for pair in {*new, *(earlier[0] if earlier else ())}:
        networks = new.get(pair, {})
        now = set(networks)
        published = [set(month[pair]) for month in earlier if pair in month]
        few = is_few(sum(networks.values()), len(now)) or not now
        changed = [part for then in published for part in (now - then, then - now) if part]
        if any(len(part) < suppression.FEWEST_NETWORKS for part in changed):
            if earlier and pair in earlier[0]:
                shown[pair] = earlier[0][pair]
        elif not few:
            shown[pair] = sorted(now)
    return shown


# --- Measuring -------------------------------------------------------------------------------------------------------


def measure(now: datetime) -> Measured:
    """What was so at `now`, also when that is some months ago: by the dates things began and ended."""
    day = today(now)
    running = Network.objects.filter(started_at__lte=now).filter(Q(closed_at__isnull=True) | Q(closed_at__gt=now))
    running = running.exclude(state__in=[Network.State.PAUSED, *Network.STATES_IN_DESIGN])
    inside = Membership.objects.filter(joined_on__lte=day, network__in=running.values("pk")).filter(
        Q(left_on__isnull=True) | Q(left_on__gte=day)
    )
    posts = Leader.objects.filter(valid_from__lte=day, user__is_active=True)
    posts = posts.filter(Q(valid_to__isnull=True) | Q(valid_to__gte=day))
    leaders = posts.aggregate(
        leaders=Count("pk"), inside=Count("pk", filter=Q(Exists(inside.filter(leader=OuterRef("pk")))))
    )
    past = Meeting.objects.published().filter(starts_at__gte=now - YEAR, ends_at__lte=now)
    meetings = past.aggregate(planned=Count("pk"), held=Count("pk", filter=Q(state=Meeting.State.HELD)))
    ties, areas = _measure_ties(inside)
    return Measured(active=running.count(), ties=ties, areas=areas, **leaders, **meetings, **_measure_attendance(now))


def _measure_attendance(now: datetime) -> dict[str, int]:
    registered = Attendance.objects.filter(
        meeting__state=Meeting.State.HELD, meeting__starts_at__gte=now - YEAR, meeting__ends_at__lte=now
    ).exclude(presence=Attendance.Presence.UNKNOWN)
    return registered.aggregate(
        registered=Count("pk"),
        present=Count("pk", filter=Q(presence=Attendance.Presence.PRESENT)),
        attending_people=Count("user_id", distinct=True),
        attending_networks=Count("meeting__network_id", distinct=True),
    )


def _measure_ties(inside) -> tuple[dict[str, dict[int, int]], tuple[str, ...]]:
    """Which tværfaglige networks hold members from both of two areas, and how many people of the two."""
    counted = (
        inside.filter(network__type=NetworkType.TVAERFAGLIG, leader__unit__area__isnull=False)
        .values_list("network_id", "leader__unit__area__name")
        .annotate(people=Count("leader", distinct=True))
        .order_by()
    )
    by_network: dict[int, dict[str, int]] = defaultdict(dict)
    for network, area, people in counted:
        by_network[network][area] = people
    ties: dict[str, dict[int, int]] = defaultdict(dict)
    for network, areas in by_network.items():
        for one, other in combinations(sorted(areas), 2):
            ties[f"{one}{SIGN}{other}"][network] = areas[one] + areas[other]
    return dict(ties), tuple({area for areas in by_network.values() for area in areas})


# --- For the page: the tie between areas -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Mixing:
    """The frozen ties as a matrix, and as places for a drawing."""

    computed_at: datetime
    areas: list[str]
    rows: list[tuple[str, list[int | None]]]  # an area, and per area the networks; None is too few or none
    nodes: list["Node"]
    edges: list["Edge"]

    @property
    def has_any(self) -> bool:
        return bool(self.edges)


@dataclass(frozen=True)
class Node:
    name: str
    number: int
    x: float
    y: float


@dataclass(frozen=True)
class Edge:
    one: Node
    other: Node
    networks: int
    width: float


CENTRE_X, CENTRE_Y, RADIUS = 180, 180, 140


def mixing(frozen: MonthlyStatus | None) -> Mixing | None:
    if frozen is None or len(frozen.figures["areas"]) < 2:
        return None
    areas, ties = frozen.figures["areas"], frozen.figures["ties"]
    nodes = [_node(name, number, len(areas)) for number, name in enumerate(areas)]

    def cell(one: str, other: str) -> int | None:
        return ties.get(SIGN.join(sorted((one, other)))) if one != other else None

    most = max(ties.values(), default=1)
    edges = [
        Edge(one, other, number, round(1.5 + 8.5 * number / most, 1))
        for one, other in combinations(nodes, 2)
        if (number := cell(one.name, other.name))
    ]
    rows = [(one, [cell(one, other) for other in areas]) for one in areas]
    return Mixing(frozen.computed_at, areas, rows, nodes, edges)


def _node(name: str, number: int, total: int) -> Node:
    angle = 2 * pi * number / total - pi / 2
    return Node(name, number + 1, round(CENTRE_X + RADIUS * cos(angle), 1), round(CENTRE_Y + RADIUS * sin(angle), 1))


# --- For the page: lines over time -----------------------------------------------------------------------------------

WIDTH, HEIGHT, MARGIN = 320, 120, 16
LEFT, RIGHT = 8, 40


@dataclass(frozen=True)
class Point:
    month: date
    value: int
    x: float
    y: float

    @property
    def name(self) -> str:
        return month_name(self.month)

    @property
    def text_y(self) -> float:
        return round(self.y + 4, 1)


@dataclass(frozen=True)
class Line:
    """One figure over the months. A month in which it could not be shown leaves a gap."""

    key: str
    is_share: bool
    points: list[Point]
    top: int

    @property
    def path(self) -> str:
        return " ".join(f"{'L' if place else 'M'}{point.x} {point.y}" for place, point in enumerate(self.points))

    @property
    def label(self) -> str:
        return str(LABELS[self.key])

    @property
    def first(self) -> Point:
        return self.points[0]

    @property
    def last(self) -> Point:
        return self.points[-1]


@dataclass(frozen=True)
class Trends:
    lines: list[Line]
    table: list[tuple[str, list[int | None]]]


LABELS = {
    "active": _("Aktive netværk"),
    "coverage": _("Ledere med i et netværk"),
    "held": _("Planlagte møder holdt"),
    "attendance": _("Fremmøde"),
}
KEYS = tuple(LABELS)


def trends(frozen: Iterable[MonthlyStatus]) -> Trends | None:
    """The frozen months, latest first, as lines; nothing until there are two to draw a line between."""
    months = list(frozen)[:MOST_MONTHS][::-1]
    if len(months) < 2:
        return None
    first, last = months[0].month, months[-1].month
    span = max(_months_between(first, last), 1)
    lines = []
    for key in KEYS:
        values = [(month.month, month.figures.get(key)) for month in months]
        values = [(month, value) for month, value in values if value is not None]
        if len(values) < 2:
            continue
        top = 100 if key != "active" else max(value for _month, value in values) or 1
        points = [
            Point(
                month,
                value,
                round(LEFT + (WIDTH - LEFT - RIGHT) * _months_between(first, month) / span, 1),
                round(HEIGHT - MARGIN - (HEIGHT - 2 * MARGIN) * value / top, 1),
            )
            for month, value in values
        ]
        lines.append(Line(key, key != "active", points, top))
    table = [(month_name(month.month), [month.figures.get(key) for key in KEYS]) for month in reversed(months)]
    return Trends(lines, table) if lines else None


def month_name(month: date) -> str:
    """nov. 2026"""
    return compact_date(month).partition(" ")[2]


def _months_between(first: date, last: date) -> int:
    return (last.year - first.year) * 12 + last.month - first.month
