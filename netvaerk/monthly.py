"""What all networks that have shared a result say together, frozen once a month.

Every figure is of at least five people in three networks, and so is every difference between two figures, in the same
month or in different ones: an area that would change by fewer keeps the question's figures of the month before.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from dateutil.relativedelta import relativedelta
from django.utils.translation import gettext as _

from meetings import questions
from meetings.models import FeedbackRound, MonthlyFigures
from members.danish import danish_key, today
from netvaerk import suppression
from netvaerk.models import MonthlyStatus

MONTHS_BACK = 12


@dataclass(frozen=True)
class Part:
    """What one network puts in: its latest shared round, as the release has it."""

    network: int
    round: int
    area: str
    people: int
    mean: float


def freeze(now: datetime) -> MonthlyFigures:
    """The figures of this month; made by the first who asks, and the same for all after."""
    month = today(now).replace(day=1)
    frozen = MonthlyFigures.objects.filter(month=month).first()
    if frozen:
        return frozen
    earlier = list(MonthlyFigures.objects.filter(month__lt=month).values_list("figures", flat=True))
    figures = compute(_parts(now), earlier)
    frozen, _created = MonthlyFigures.objects.get_or_create(
        month=month, defaults={"figures": figures, "computed_at": now}
    )
    return frozen


def compute(parts: dict[str, list[Part]], earlier: list[dict]) -> dict:
    """Per question the figures that may be shown. `earlier` are those of the months before, latest first."""
    figures = {}
    for key in {*parts, *(earlier[0] if earlier else ())}:
        new = _figures(parts.get(key, []))
        published = [month[key] for month in earlier if key in month]
        if any(_differ_by_few(new, old) for old in published):
            figures[key] = published[0]
        elif new["whole"]:
            figures[key] = new
    return figures


def _figures(parts: list[Part]) -> dict:
    areas = defaultdict(list)
    for part in parts:
        areas[part.area].append(part)
    groups = {area: _size(inside) for area, inside in areas.items()}
    is_shown = not suppression.is_few(*_size(parts)) and bool(parts)
    hidden = suppression.protect_groups(groups)
    return {
        "whole": _cell(parts) if is_shown else None,
        "areas": {area: _cell(inside) for area, inside in areas.items() if is_shown and area not in hidden},
        # Which rounds of which networks, and how many people: for next month's comparison, shown to nobody.
        "made_of": {area: [[p.network, p.round, p.people] for p in inside] for area, inside in areas.items()},
    }


def _size(parts: list[Part]) -> tuple[int, int]:
    return sum(part.people for part in parts), len(parts)


def _cell(parts: list[Part]) -> dict:
    people, networks = _size(parts)
    return {"mean": round(sum(p.mean * p.people for p in parts) / people, 1), "people": people, "networks": networks}


def _differ_by_few(new: dict, old: dict) -> bool:
    """Whether an area has changed, but by so few networks or people that the change tells of them."""
    for area in {*new["made_of"], *old["made_of"]}:
        before = {tuple(part) for part in old["made_of"].get(area, ())}
        after = {tuple(part) for part in new["made_of"].get(area, ())}
        for changed in (after - before, before - after):
            people = sum(count for _network, _round, count in changed)
            if suppression.is_few(people, len({network for network, _round, _count in changed})):
                return True
    return False


def _parts(now: datetime) -> dict[str, list[Part]]:
    """Each network's latest shared pulse of the last year, question by question."""
    since = now - relativedelta(months=MONTHS_BACK)
    rounds = (
        FeedbackRound.objects.filter(
            kind=FeedbackRound.Kind.NETWORK_PULSE,
            state=FeedbackRound.State.SHARED,
            closed_at__gte=since,
            release__is_suppressed=False,
        )
        .select_related("release", "network__unit__area")
        .order_by("closed_at", "pk")
    )
    latest = {round.network_id: round for round in rounds}
    parts = defaultdict(list)
    for round in latest.values():
        area = round.network.unit.area.name if round.network.unit else _("Ikke angivet")
        for question in questions.get_set(round.question_set).questions:
            result = round.release.results.get(question.key, {})
            if not question.is_open and result.get("mean") is not None:
                part = Part(round.network_id, round.pk, area, result["count"], result["mean"])
                parts[question.identity].append(part)
    return parts


# --- For the page ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    name: str
    whole: dict
    areas: list[tuple[str, dict | None]]


@dataclass(frozen=True)
class Together:
    """The frozen figures as a table: a line per question, a column per area that is shown for any of them."""

    computed_at: datetime
    areas: list[str]
    lines: list[Line]


def together(month: MonthlyStatus | None) -> Together | None:
    """The figures frozen with the month, else the latest; nothing while too few networks have shared."""
    shown = month.figures["together"] if month and "together" in month.figures else to_freeze()
    if shown is None:
        return None
    figures = shown["figures"]
    areas = sorted({area for figure in figures.values() for area in figure["areas"]}, key=danish_key)
    lines = [
        Line(question.name, figure["whole"], [(area, figure["areas"].get(area)) for area in areas])
        for question in questions.current(FeedbackRound.Kind.NETWORK_PULSE).questions
        if (figure := figures.get(question.identity))
    ]
    return Together(datetime.fromisoformat(shown["computed_at"]), areas, lines)


def to_freeze() -> dict | None:
    """The latest figures as they may be shown, for MonthlyStatus.figures["together"]: the page then reads one row."""
    frozen = MonthlyFigures.objects.first()
    if frozen is None or not frozen.figures:
        return None
    figures = {key: {part: figure[part] for part in ("whole", "areas")} for key, figure in frozen.figures.items()}
    return {"computed_at": frozen.computed_at.isoformat(), "figures": figures}
