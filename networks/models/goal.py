"""What the members want to reach. In their own words, for them alone; others see how many there are in each state."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from members.encryption import EncryptedTextField
from networks.models.network import Network


class Goal(models.Model):
    """What, how the group will know, and by when."""

    class State(models.TextChoices):
        OPEN = "open", _("I gang")
        REACHED = "reached", _("Opnået")
        PARTLY = "partly", _("Delvist opnået")
        NOT_REACHED = "not_reached", _("Ikke opnået")

    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="goals")
    title = EncryptedTextField(_("Hvad vil I opnå?"))
    measure = EncryptedTextField(_("Hvordan kan I se, at det er lykkedes?"))
    due_on = models.DateField(_("Hvornår?"))
    serves = models.ForeignKey(
        "networks.GoalHierarchy",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="goals",
        verbose_name=_("Hænger sammen med"),
    )
    state = models.CharField(max_length=12, choices=State, default=State.OPEN)
    outcome = EncryptedTextField(_("Hvad skete der?"), blank=True, default="")
    version = models.PositiveIntegerField(default=1, help_text="Raised by every save: tells of a second editor.")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField()
    assessed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["due_on", "pk"]
        verbose_name = _("mål")
        verbose_name_plural = _("mål")

    def __str__(self):
        return f"{self.network_id}: {self.pk}"

    @property
    def tone(self) -> str:
        """How the state is coloured."""
        return {Goal.State.REACHED: "good", Goal.State.PARTLY: "attention"}.get(self.state, "neutral")

    @property
    def is_open(self) -> bool:
        return self.state == self.State.OPEN
