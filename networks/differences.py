"""What has changed between two wordings, line by line and word by word, for people to read."""

import re
from difflib import SequenceMatcher
from typing import NamedTuple

SAME, OLD, NEW = "same", "old", "new"
ALIKE = 0.5  # from here on a line counts as reworded; below, as one taken out and another put in


class Piece(NamedTuple):
    kind: str
    text: str


class Line(NamedTuple):
    """`kind` is "same", "old" (taken out), "new" (put in) or "changed", whose pieces tell what."""

    kind: str
    pieces: list[Piece]


def lines(before: str, after: str) -> list[Line]:
    """Every line of both, in the order of `after`, with what has gone standing where it stood."""
    old, new = before.splitlines(), after.splitlines()
    found = []
    for what, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what == "equal":
            found += [_whole(SAME, line) for line in new[c:d]]
        else:
            found += _replaced(old[a:b], new[c:d])
    return found


def has_changes(before: str, after: str) -> bool:
    return before.splitlines() != after.splitlines()


def _replaced(old: list[str], new: list[str]) -> list[Line]:
    pairs = list(zip(old, new, strict=False))
    if len(old) == len(new) and all(SequenceMatcher(None, *pair).ratio() >= ALIKE for pair in pairs):
        return [Line("changed", _pieces(*pair)) for pair in pairs]
    return [_whole(OLD, line) for line in old] + [_whole(NEW, line) for line in new]


def _whole(kind: str, line: str) -> Line:
    return Line(kind, [Piece(kind, line)])


def _pieces(before: str, after: str) -> list[Piece]:
    old, new = re.findall(r"\s+|\S+", before), re.findall(r"\s+|\S+", after)
    pieces = []
    for what, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what == "equal":
            pieces.append(Piece(SAME, "".join(new[c:d])))
            continue
        pieces += [Piece(kind, "".join(part)) for kind, part in ((OLD, old[a:b]), (NEW, new[c:d])) if part]
    return pieces
