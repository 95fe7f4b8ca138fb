"""What is shown of a round: computed once, when it closes, and never again.

Pure arithmetic over answers that nobody's name is tied to. What stays under a floor is left out here, so that nothing
that may not be shown is ever kept.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from meetings.questions import SCALE, Question, Section

HARD_FLOOR = 4  # no setting goes below this
FLOOR_FOR_DISTRIBUTION = 8
FLOOR_FOR_COMMENTS = 5
FEWEST_COMMENTS = 3

_chance = random.SystemRandom()


@dataclass(frozen=True)
class Results:
    """`answer_count` is None and `questions` empty when there were too few answers."""

    answer_count: int | None = None
    questions: dict = field(default_factory=dict)

    @property
    def is_suppressed(self) -> bool:
        return self.answer_count is None


def floor(threshold: int) -> int:
    return max(threshold, HARD_FLOOR)


def compute(answers: Sequence[dict], questions: Sequence[Question], *, threshold: int) -> Results:
    """All that may be shown of `answers`, each a dict from question key to a rating or a text."""
    fewest = floor(threshold)
    if len(answers) < fewest:
        return Results()
    results = {}
    for question in questions:
        given = [answer[question.key] for answer in answers if answer.get(question.key)]
        if question.is_open:
            results[question.key] = _comments(given, answers=len(answers), fewest=fewest)
        else:
            results[question.key] = _ratings(given, fewest=fewest)
    return Results(len(answers), results)


def _ratings(ratings: list[int], *, fewest: int) -> dict:
    """Mean from the floor, the whole distribution from eight; of fewer, not even how many."""
    if len(ratings) < fewest:
        return {"count": None}
    tenths = (20 * sum(ratings) + len(ratings)) // (2 * len(ratings))  # halves go up
    result = {"count": len(ratings), "mean": tenths / 10}
    if len(ratings) >= max(FLOOR_FOR_DISTRIBUTION, fewest):
        result["distribution"] = [ratings.count(step) for step in SCALE]
    return result


def _comments(comments: list[str], *, answers: int, fewest: int) -> dict:
    """In a new random order for each question, so that no two can be put together as one person's."""
    if answers < max(FLOOR_FOR_COMMENTS, fewest) or len(comments) < FEWEST_COMMENTS:
        return {"comments": []}
    return {"comments": _chance.sample(comments, k=len(comments))}


# --- For the pages ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Bar:
    """How many chose one step of the scale, and where its bar stands in a drawing 100 wide and 48 high."""

    step: int
    label: str
    count: int
    most: int

    @property
    def x(self) -> int:
        return 20 * self.step - 18

    @property
    def middle(self) -> int:
        return self.x + 8

    @property
    def height(self) -> float:
        return round(34 * self.count / self.most, 1)

    @property
    def y(self) -> float:
        return round(48 - self.height, 1)

    @property
    def text_y(self) -> float:
        return round(self.y - 3, 1)


@dataclass(frozen=True)
class Shown:
    """One question's result as a page shows it. `mean` is None when too few rated it."""

    question: Question
    mean: float | None = None
    count: int | None = None
    bars: tuple[Bar, ...] = ()
    comments: tuple[str, ...] = ()

    @property
    def meter(self) -> float:
        """The mean on a scale from 0 to 100, where 1 is 0 and 5 is 100."""
        return round((self.mean - 1) * 25, 1)


@dataclass(frozen=True)
class ShownSection:
    heading: str
    is_open: bool
    results: tuple[Shown, ...]

    @property
    def has_distribution(self) -> bool:
        return any(result.bars for result in self.results)


def sections(results: dict, asked: Sequence[Section], *, with_comments: bool) -> list[ShownSection]:
    """The kept `results` in the order of the questions; without comments for those outside the network."""
    return [
        ShownSection(
            section.heading, section.is_open, tuple(_shown(q, results.get(q.key, {})) for q in section.questions)
        )
        for section in asked
        if with_comments or not section.is_open
    ]


def _shown(question: Question, result: dict) -> Shown:
    if question.is_open:
        return Shown(question, comments=tuple(result.get("comments", ())))
    spread = result.get("distribution", ())
    bars = tuple(Bar(step, SCALE[step], count, max(spread)) for step, count in enumerate(spread, start=1))
    return Shown(question, result.get("mean"), result.get("count"), bars)
