"""The group's own rule for when and how a meeting is moved."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from members.encryption import EncryptedTextField
from networks.models import Network


class MovingRule(models.Model):
    """Sådan flytter vi et møde: for the members alone. A new text asks everyone anew whether they agree."""

    network = models.OneToOneField(Network, on_delete=models.CASCADE, related_name="moving_rule")
    text = EncryptedTextField(_("Sådan flytter vi et møde"))
    version = models.PositiveIntegerField(default=1)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    changed_at = models.DateTimeField()
    agreed_by = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="+")

    def __str__(self):
        return f"{self.network_id}"
