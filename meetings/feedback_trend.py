"""What a result tells a group beside its numbers: where it is heading, what support it gives, what to take up."""

from dataclasses import dataclass, field
from datetime import datetime

from meetings import questions
from meetings.models import FeedbackRound
from networks.exercises import Exercise, suggested_for
from networks.types import TypeGuide, guide_to

MOST_ROUNDS = 6
LOW = 3.5  # under this a pitfall of the type is near enough to talk about
WIDTH, HEIGHT, MARGIN = 240, 72, 14
SUPPORT = ("informational", "emotional", "appraisal")
PITFALL = ("challenge", "conditions")


@dataclass(frozen=True)
class Point:
    closed_at: datetime
    mean: float | None
    x: float

    @property
    def y(self) -> float:
        return round(HEIGHT - MARGIN - (self.mean - 1) * (HEIGHT - 2 * MARGIN) / 4, 1)

    @property
    def text_y(self) -> float:
        return round(self.y - 7, 1)


@dataclass(frozen=True)
class Trend:
    """One question over the rounds. A round in which too few rated it leaves a gap."""

    question: questions.Question
    points: tuple[Point, ...]

    @property
    def seen(self) -> list[Point]:
        return [point for point in self.points if point.mean is not None]

    @property
    def ends(self) -> list[Point]:
        return [self.seen[0], self.seen[-1]]

    @property
    def line(self) -> str:
        return " ".join(f"{'L' if place else 'M'}{point.x} {point.y}" for place, point in enumerate(self.seen))


@dataclass(frozen=True)
class Support:
    question: questions.Question
    mean: float
    y: int

    @property
    def width(self) -> float:
        return round((self.mean - 1) * 60, 1)

    @property
    def text_y(self) -> int:
        return self.y + 13


@dataclass(frozen=True)
class Insight:
    rounds: list[FeedbackRound] = field(default_factory=list)
    trends: list[Trend] = field(default_factory=list)
    support: list[Support] = field(default_factory=list)
    type: TypeGuide | None = None
    exercises: list[Exercise] = field(default_factory=list)
    lowest: questions.Question | None = None

    @property
    def most(self) -> Support | None:
        """The support the group gives most of, when one stands out from the least."""
        most, least = max(self.support, key=_mean), min(self.support, key=_mean)
        return most if most.mean > least.mean else None

    @property
    def least(self) -> Support:
        return min(self.support, key=_mean)


def _mean(support: Support) -> float:
    return support.mean


def insight(round: FeedbackRound) -> Insight:
    """For the members of the round's network, from releases alone: nothing is computed of answers again."""
    if round.release.is_suppressed:
        return Insight()
    means = _means(round)
    asked = {question.key: question for question in questions.questions_of(round) if not question.is_open}
    rated = [question for key, question in asked.items() if means.get(key) is not None]
    rounds = _rounds_up_to(round)
    pitfall = next((means[key] for key in PITFALL if means.get(key) is not None), None)
    is_low = pitfall is not None and pitfall < LOW
    return Insight(
        rounds=rounds,
        trends=_trends(rounds, asked.values()),
        support=_support(asked, means),
        type=guide_to(round.network.type) if round.kind == FeedbackRound.Kind.NETWORK_PULSE else None,
        exercises=suggested_for(round.network.type) if is_low else [],
        lowest=min(rated, key=lambda question: means[question.key], default=None),
    )


def _means(round: FeedbackRound) -> dict[str, float | None]:
    return {key: result.get("mean") for key, result in round.release.results.items()}


def _by_identity(round: FeedbackRound) -> dict[str, float | None]:
    """A question that has been given another meaning begins a trend of its own."""
    means = _means(round)
    return {question.identity: means.get(question.key) for question in questions.get_set(round.question_set).questions}


def _rounds_up_to(round: FeedbackRound) -> list[FeedbackRound]:
    """Those of the same kind that showed something, oldest first."""
    earlier = round.network.feedback_rounds.filter(
        kind=round.kind, closed_at__lte=round.closed_at, release__is_suppressed=False
    )
    return list(earlier.select_related("release").order_by("-closed_at", "-pk")[:MOST_ROUNDS])[::-1]


def _trends(rounds: list[FeedbackRound], asked) -> list[Trend]:
    """Of the questions rated in at least two rounds. The group's own are left out: a number may stand for another."""
    step = (WIDTH - 2 * MARGIN) / max(len(rounds) - 1, 1)
    means = [_by_identity(round) for round in rounds]
    trends = [
        Trend(
            question,
            tuple(
                Point(round.closed_at, mean.get(question.identity), _at(place, step))
                for place, (round, mean) in enumerate(zip(rounds, means, strict=True))
            ),
        )
        for question in asked
        if not question.is_own
    ]
    return [trend for trend in trends if len(trend.seen) > 1]


def _at(place: int, step: float) -> float:
    return round(MARGIN + place * step, 1)


def _support(asked: dict, means: dict) -> list[Support]:
    """The profile, when all three kinds of support can be shown."""
    if any(means.get(key) is None for key in SUPPORT):
        return []
    return [Support(asked[key], means[key], 8 + 26 * place) for place, key in enumerate(SUPPORT)]
