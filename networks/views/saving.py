"""Saving what may have been changed by someone else since the page was opened."""

from collections.abc import Callable
from typing import Any, NamedTuple

from networks.conflicts import ChangedMeanwhile
from networks.refusal import Refused


class Saving(NamedTuple):
    """How it went: what the act gave back, or what someone else has saved in the meantime, or neither yet."""

    is_done: bool = False
    result: Any = None
    conflict: ChangedMeanwhile | None = None

    @property
    def theirs(self):
        return self.conflict and self.conflict.current

    @property
    def shown(self) -> dict:
        """What a page needs to show both texts; see the tag `conflict`."""
        return {"theirs": self.theirs, "told": str(self.conflict or "")}

    @property
    def status(self) -> int:
        return 409 if self.conflict else 200


def save_over(form, act: Callable, *, version: str = "version") -> Saving:
    """Do `act` with the form's answers.

    The form keeps what was written, and carries on from the version that stands: saving once more is on purpose.
    """
    if not form.is_valid():
        return Saving()
    try:
        return Saving(is_done=True, result=act(**form.cleaned_data))
    except ChangedMeanwhile as conflict:
        form.catch_up(getattr(conflict.current, version))
        return Saving(conflict=conflict)
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return Saving()
