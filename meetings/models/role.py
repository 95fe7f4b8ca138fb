"""Who does what at a meeting."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from meetings.models.meeting import Meeting


class MeetingRole(models.Model):
    """One part at one meeting, and the member who has it. A part nobody has taken has no row."""

    class Role(models.TextChoices):
        HOST = "host", _("Vært")
        CHAIR = "chair", _("Mødeleder")
        FOCUS = "focus", _("Fokusperson")
        SPARRING = "sparring", _("Sparringspartner")

    ROTATING = (Role.HOST, Role.CHAIR, Role.FOCUS)

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="roles")
    role = models.CharField(max_length=8, choices=Role)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="meeting_roles")
    taken_at = models.DateTimeField()

    class Meta:
        verbose_name = _("mødets rolle")
        verbose_name_plural = _("mødets roller")
        constraints = [models.UniqueConstraint(fields=["meeting", "role"], name="one_person_per_role_and_meeting")]

    def __str__(self):
        return f"{self.meeting_id}: {self.role}"
