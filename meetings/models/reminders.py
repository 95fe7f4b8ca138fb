"""When a network has its members reminded of a meeting."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from networks.models import Network


class ReminderChoice(models.Model):
    """What the coordinator has chosen for the group, in days before a meeting. Without a row the settings decide."""

    network = models.OneToOneField(Network, on_delete=models.CASCADE, related_name="reminder_choice")
    days = models.JSONField(_("Påmindelse til dem, der deltager"), default=list)
    answer_days = models.JSONField(_("Svar venligst til dem, der ikke har svaret"), default=list)
    is_required = models.BooleanField(
        _("Gælder for alle medlemmer"), default=False, help_text=_("Så kan ingen vælge påmindelserne fra for sig selv.")
    )
    changed_at = models.DateTimeField()

    def __str__(self):
        return f"{self.network_id}"
