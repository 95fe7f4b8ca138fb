"""The målhierarki: the goals a network is set up to serve, in order of weight, each answering why and how."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from networks.models.network import Network


class GoalHierarchy(models.Model):
    """One goal of the målhierarki. Rank 1 weighs most; the network's own goals may point to one of these."""

    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="goal_hierarchy")
    rank = models.PositiveSmallIntegerField()
    goal = models.CharField(_("Mål"), max_length=200)
    why = models.TextField(_("Hvorfor?"), blank=True)
    how = models.TextField(_("Hvordan?"), blank=True)

    class Meta:
        ordering = ["rank", "pk"]
        verbose_name = _("mål i målhierarkiet")
        verbose_name_plural = _("målhierarki")

    def __str__(self):
        return self.goal
