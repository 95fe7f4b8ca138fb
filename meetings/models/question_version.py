"""HR's own versions of the standard questions."""

from django.conf import settings
from django.db import models

from meetings.models.feedback import FeedbackRound


class QuestionVersion(models.Model):
    """What differs from the set that ships with the product. Never edited: each round names the version it asked."""

    kind = models.CharField(max_length=16, choices=FeedbackRound.Kind)
    number = models.PositiveIntegerField()
    version = models.CharField(
        max_length=40, unique=True, help_text="What rounds know it by; tells of its content, so that it can be kept."
    )
    texts = models.JSONField(
        default=dict, help_text="Key → wording, and the number of the version that gave the question its meaning."
    )
    left_out = models.JSONField(default=list, help_text="Keys of questions that are not asked.")
    added = models.JSONField(default=list, help_text="Statements of the municipality's own: key, wording, version.")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["kind", "-number"]
        constraints = [models.UniqueConstraint(fields=["kind", "number"], name="one_question_version_of_each_number")]

    def __str__(self):
        return self.version
