"""The kinds of messages there are. Each app tells of its own when it starts."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from members.mail import Mail
    from members.models import Message


class Suppress(Exception):
    """Raised while building a mail that no longer helps: `Suppress("not a member")`."""

    @property
    def reason(self) -> str:
        return str(self) or "no longer relevant"


@dataclass(frozen=True)
class Kind:
    name: str
    build: "Callable[[Message, datetime], Mail]"
    label: str
    about: str = ""
    is_private: bool = False


_kinds: dict[str, Kind] = {}
_reasons: dict[str, str] = {}


def register(
    kind: str,
    *,
    build: "Callable[[Message, datetime], Mail]",
    label: str,
    about: str = "",
    is_private: bool = False,
) -> None:
    """Make `kind` known. Kinds about the same sort of thing name it in `about`, and are sent in order of sequence.

    A private kind is on no list of deliveries: whether it was sent would itself tell of its receiver.
    """
    _kinds[kind] = Kind(kind, build, label, about, is_private)


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


def labels() -> list[tuple[str, str]]:
    """Every kind on the list of deliveries with its label, by label."""
    shown = ((kind.name, str(kind.label)) for kind in _kinds.values() if not kind.is_private)
    return sorted(shown, key=lambda pair: pair[1])


def private() -> list[str]:
    return [kind.name for kind in _kinds.values() if kind.is_private]
