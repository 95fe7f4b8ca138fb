"""Two who save the same thing: the second is told, sees both texts and loses nothing."""

from django.db import models

from networks.refusal import Refused


class ChangedMeanwhile(Refused):
    """Someone else has saved since the page was opened. `current` is what stands now."""

    def __init__(self, sentence: str, current: models.Model):
        self.current = current
        super().__init__(sentence)


def says(current: models.Model, **answer) -> bool:
    return all(getattr(current, name) == value for name, value in answer.items())


def require_seen(current: models.Model, seen: int, told: str) -> None:
    """Stop one who has another version before them than the one that stands."""
    if current.version != seen:
        raise ChangedMeanwhile(told, current)


def is_saved(current: models.Model, seen: int, told: str, **answer) -> bool:
    """Whether just this `answer` has been saved since `seen`: the same form sent twice. Any other is told of."""
    if current.version != seen and says(current, **answer):
        return True
    require_seen(current, seen, told)
    return False


class SeenMixin:
    """For a form with the hidden field `seen`: which version its reader had before them."""

    def clean_seen(self):
        seen = self.cleaned_data["seen"]
        return 0 if seen is None else seen

    def catch_up(self, seen) -> None:
        """Keep what was written, and know of what has been read since."""
        self.data = self.data.copy()
        self.data[self.add_prefix("seen")] = seen
