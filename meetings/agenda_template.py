"""The agenda a meeting begins with, fitted to its length. The members make of it what they want."""

from datetime import timedelta
from typing import NamedTuple

from meetings.models import AgendaItem, Meeting
from networks import charter
from networks.models import Charter, NetworkType

Kind = AgendaItem.Kind
STEP = 5  # minutes are given in fives where there is room for it


class Point(NamedTuple):
    """A point and its share of the time; a point with `at_most` takes no more minutes than that."""

    kind: str
    share: int
    at_most: int | None = None
    exercise: str = ""


OPENING = Point(Kind.HERE_AND_NOW, 10, at_most=15, exercise="her-og-nu-runde")
CLOSING = Point(Kind.CHECK_OUT, 10, at_most=15, exercise="check-ud")
FOUR_FS = tuple(Point(kind, 15) for kind in (Kind.FREE_SPACE, Kind.FLEXIBILITY, Kind.COMMITMENT, Kind.FEEDBACK))
GETTING_TO_KNOW = Point(Kind.EXERCISE, 30, exercise="relationsaabner")
SHARED_WORDS = Point(Kind.EXERCISE, 35, exercise="faelles-ordbog")
THEME = Point(Kind.THEME, 30)
EXERCISE = Point(Kind.EXERCISE, 25)
SPARRING = Point(Kind.SPARRING, 30, exercise="kollegial-sparring")
AGREEMENTS = Point(Kind.AGREEMENTS, 10, at_most=15)


def proposed(meeting: Meeting) -> list[AgendaItem]:
    """The points, not yet saved."""
    points = _points(meeting)
    minutes = fit(points, length(meeting))
    return [
        AgendaItem(meeting=meeting, position=position, kind=point.kind, minutes=number, exercise=point.exercise)
        for position, (point, number) in enumerate(zip(points, minutes, strict=True), start=1)
    ]


def opens_with_here_and_now(agreed: Charter | None) -> bool:
    """Unless the members have agreed not to."""
    return agreed is None or agreed.opens_with_here_and_now


def length(meeting: Meeting) -> int:
    return (meeting.ends_at - meeting.starts_at) // timedelta(minutes=1)


def _points(meeting: Meeting) -> list[Point]:
    number, is_mixed = _number(meeting), meeting.network.type == NetworkType.TVAERFAGLIG
    agreed = charter.in_effect(meeting.network)
    if number == 1 and agreed is None:
        middle = [*([GETTING_TO_KNOW] if is_mixed else []), *FOUR_FS]
    elif is_mixed and number == 1:
        middle = [GETTING_TO_KNOW, THEME, SPARRING]
    elif is_mixed and number == 2:
        middle = [SHARED_WORDS, THEME, SPARRING, AGREEMENTS]
    else:
        middle = [THEME, EXERCISE, SPARRING, *([AGREEMENTS] if number > 1 else [])]
    return [*([OPENING] if opens_with_here_and_now(agreed) else []), *middle, CLOSING]


def _number(meeting: Meeting) -> int:
    """Which of the network's meetings it is; those called off or put off do not count."""
    states = (Meeting.State.CONVENED, Meeting.State.HELD)
    return meeting.network.meetings.filter(state__in=states, starts_at__lt=meeting.starts_at).count() + 1


def fit(points: list[Point], total: int) -> list[int]:
    """Minutes for each point, by its share, that add up to `total`; none gets less than one."""
    step = STEP if total >= STEP * len(points) else 1
    shares = sum(point.share for point in points)
    minutes = [max(step, total * point.share // shares // step * step) for point in points]
    minutes = [min(given, point.at_most or given) for given, point in zip(minutes, points, strict=True)]
    growing = [place for place, point in enumerate(points) if point.at_most is None] or [0]
    left, turn = total - sum(minutes), 0
    while left >= step:
        minutes[growing[turn % len(growing)]] += step
        left, turn = left - step, turn + 1
    while left < 0 and max(minutes) > 1:
        longest = minutes.index(max(minutes))
        less = min(step, -left, minutes[longest] - 1)
        minutes[longest] -= less
        left += less
    minutes[growing[-1]] += max(left, 0)
    return minutes
