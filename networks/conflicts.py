"""Two who save the same thing: the second is told, sees both texts and loses nothing."""

from django.db import models

from networks.refusal import Refused


class ChangedMeanwhile(Refused):
    """Someone else has saved since the page was opened. `current` is what stands now."""

    def __init__(self, sentence: str, current: models.Model):
        self.current = current
        super().__init__(sentence)


class SeenMixin:
    """For a form with the hidden field `seen`: which version its reader had before them."""

    def catch_up(self, seen: int) -> None:
        """Keep what was written, and know of what has been read since."""
        self.data = self.data.copy()
        self.data[self.add_prefix("seen")] = seen
