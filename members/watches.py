"""What the floors above add to HR's page of messages and to the monitor's numbers, when they start."""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple


class Tally(NamedTuple):
    """A small table on HR's page: counts, and nothing that leads to a person."""

    title: str
    text: str
    rows: list[tuple[str, int]]


class Watch(NamedTuple):
    figures: Callable[[datetime], dict[str, int | None]]
    troubles: Callable[[dict, datetime], list[str]]
    tally: Callable[[datetime], Tally | None]


_watches: list[Watch] = []


def register(watch: Watch) -> None:
    if watch not in _watches:
        _watches.append(watch)


def figures(now: datetime) -> dict[str, int | None]:
    return {name: number for watch in _watches for name, number in watch.figures(now).items()}


def troubles(told: dict, now: datetime) -> list[str]:
    return [sentence for watch in _watches for sentence in watch.troubles(told, now)]


def tallies(now: datetime) -> list[Tally]:
    return [tally for watch in _watches if (tally := watch.tally(now))]
