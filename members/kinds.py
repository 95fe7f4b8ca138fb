"""The kinds of messages there are. Each app tells of its own when it starts."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from members.mail import Mail
    from members.models import Message, User


class Suppress(Exception):
    """Raised while building a mail that no longer helps: `Suppress("not a member")`."""

    @property
    def reason(self) -> str:
        return str(self) or "no longer relevant"


class Subject(NamedTuple):
    """What a message is about, as its receiver may see it now, and where."""

    name: str
    url: str


@dataclass(frozen=True)
class Kind:
    name: str
    write: "Callable[..., Mail]"
    label: str
    about: str = ""
    is_private: bool = False
    may_wait: bool = False
    calendar: "Callable[[list[Message]], bytes] | None" = None
    subjects: "Callable[[User, Iterable[int]], dict[int, Subject]] | None" = None
    read: "Callable[[list[Message]], Any] | None" = None

    def build(self, message: "Message", now: datetime, facts: Any = None) -> "Mail":
        """The mail as it should read now; Suppress when it no longer helps. `facts` may have been read with others'."""
        if self.read is None:
            return self.write(message, now)
        return self.write(message, now, self.read([message]) if facts is None else facts)


_kinds: dict[str, Kind] = {}
_reasons: dict[str, str] = {}


def register(
    kind: str,
    *,
    build: "Callable[..., Mail]",
    label: str,
    about: str = "",
    is_private: bool = False,
    may_wait: bool = False,
    calendar: "Callable[[list[Message]], bytes] | None" = None,
    subjects: "Callable[[User, Iterable[int]], dict[int, Subject]] | None" = None,
    read: "Callable[[list[Message]], Any] | None" = None,
) -> None:
    """Make `kind` known. Kinds about the same sort of thing name it in `about`, and are sent in order of sequence.

    A private kind is on no list of deliveries: whether it was sent would itself tell of its receiver. One that
    `may_wait` can stand in a weekly mail, `calendar` makes one file of several there. `subjects` tells what many
    messages are about, those alone that a person may still see.

    `build(message, now)` makes one mail. Where `read` finds what many messages need in a few queries, what it found
    is given as a third argument.
    """
    _kinds[kind] = Kind(kind, build, label, about, is_private, may_wait, calendar, subjects, read)


def explain(reasons: dict[str, str]) -> None:
    """Tell what people call the reasons an app gives with `Suppress`."""
    _reasons.update(reasons)


def reason_label(reason: str) -> str:
    """What people call it; nothing for a reason nobody has explained."""
    return str(_reasons.get(reason, ""))


def get(kind: str) -> Kind:
    try:
        return _kinds[kind]
    except KeyError:
        raise LookupError(f"No kind of message is called {kind!r}.") from None


def label(kind: str) -> str:
    """What people call it; the bare name for a kind that is no longer there."""
    return str(_kinds[kind].label) if kind in _kinds else kind


def reader(kind: str):
    """What reads for many messages of this kind at once, if anything does."""
    return _kinds[kind].read if kind in _kinds else None


def finder(kind: str):
    """What tells what messages of this kind are about, if anything does."""
    return _kinds[kind].subjects if kind in _kinds else None


def labels() -> list[tuple[str, str]]:
    """Every kind on the list of deliveries with its label, by label."""
    shown = ((kind.name, str(kind.label)) for kind in _kinds.values() if not kind.is_private)
    return sorted(shown, key=lambda pair: pair[1])


def private() -> list[str]:
    return [kind.name for kind in _kinds.values() if kind.is_private]
