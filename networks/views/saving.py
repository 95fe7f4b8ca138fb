"""Saving what may have been changed by someone else since the page was opened."""

from collections.abc import Callable

from networks.conflicts import ChangedMeanwhile
from networks.refusal import Refused


def save_over(form, act: Callable, *, version: str = "version") -> tuple[bool, object | None]:
    """Do `act` with the form's answers. Whether it is saved, and what someone else has saved in the meantime.

    The form keeps what was written, and carries on from the version that stands: saving once more is on purpose.
    """
    if not form.is_valid():
        return False, None
    try:
        act(**form.cleaned_data | {"seen": form.cleaned_data["seen"] or 0})
    except ChangedMeanwhile as conflict:
        form.catch_up(getattr(conflict.current, version))
        return False, conflict.current
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return False, None
    return True, None
