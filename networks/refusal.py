"""When an act cannot be done: who may not is told by 403, what does not fit now by a sentence."""

from django.core.exceptions import PermissionDenied


class Refused(Exception):
    """The act does not fit the state of things. str() is a sentence for the person who asked."""


class Stale(Refused):
    """Someone else has saved since the page was opened; nothing was written."""


def require(is_allowed: bool) -> None:
    """Raise `PermissionDenied` unless the actor may."""
    if not is_allowed:
        raise PermissionDenied
