"""The strategic basis as it stood each time something was settled about it."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from networks.models.network import Network


class BasisVersion(models.Model):
    """`texts` goes from the name of each part of the basis to its words then."""

    class Occasion(models.TextChoices):
        SUBMITTED = "submitted", _("Sendt til godkendelse")
        APPROVED = "approved", _("Godkendt")
        CHANGED = "changed", _("Ændret")
        REVIEWED = "reviewed", _("Taget op igen")

    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="basis_versions")
    number = models.PositiveSmallIntegerField()
    occasion = models.CharField(max_length=10, choices=Occasion)
    note = models.TextField(blank=True)
    texts = models.JSONField(default=dict)
    kept_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    kept_at = models.DateTimeField()

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["network", "number"], name="one_basis_version_of_each_number"),
        ]

    def __str__(self):
        return f"{self.network} ({self.number})"
