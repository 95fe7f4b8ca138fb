"""Politik i høring: what top management asks chosen networks before a policy is settled."""

from datetime import date

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from networks.models.network import Network


class PolicyDraft(models.Model):
    """A draft that networks are asked about. Each answers with a budskab of its own, as one voice."""

    title = models.CharField(_("Hvad er i høring?"), max_length=200)
    text = models.TextField(_("Det vil vi gerne vide"))
    link = models.URLField(_("Link til udkastet"), blank=True, max_length=500)
    deadline = models.DateField(_("Frist"))
    networks = models.ManyToManyField(Network, related_name="policy_drafts", verbose_name=_("Netværk"))
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()

    class Meta:
        ordering = ["-asked_at", "-pk"]
        verbose_name = _("politik i høring")
        verbose_name_plural = _("politikker i høring")

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("networks:policy_draft", args=[self.pk])

    def is_open(self, today: date) -> bool:
        return today <= self.deadline
