"""What one leader hopes to get from a network. Theirs alone."""

from datetime import date

from django.db import models
from django.utils.translation import gettext_lazy as _

from members.encryption import EncryptedTextField


class PersonalGoals(models.Model):
    """A member's own goals on joining, and a year later what became of them. Nobody else ever reads either."""

    membership = models.OneToOneField("networks.Membership", on_delete=models.CASCADE, related_name="personal_goals")
    text = EncryptedTextField(_("Mine mål"))
    looked_back = EncryptedTextField(_("Hvad blev det til?"), blank=True, default="")
    written_on = models.DateField()
    look_back_on = models.DateField(help_text="When they are brought back to their writer.")
    looked_back_on = models.DateField(null=True, blank=True)

    class Meta:
        verbose_name = _("personlige mål")
        verbose_name_plural = _("personlige mål")

    def __str__(self):
        return f"{self.membership_id}"

    def awaits(self, today: date) -> bool:
        return self.looked_back_on is None and self.look_back_on <= today
