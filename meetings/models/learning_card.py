"""Udfordring og løsning: what the group has learned, kept so that it can be found again."""

import uuid

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from meetings.models.meeting import Meeting
from members.encryption import EncryptedTextField
from networks.models import Network


class LearningCard(models.Model):
    """A challenge, what was tried and what came of it. Netværkets rum, and without names of third parties."""

    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="learning_cards")
    meeting = models.ForeignKey(
        Meeting, on_delete=models.SET_NULL, null=True, blank=True, related_name="learning_cards"
    )
    theme = EncryptedTextField(_("Tema"))
    challenge = EncryptedTextField(_("Udfordringen"))
    tried = EncryptedTextField(_("Det prøvede vi"), blank=True, default="")
    outcome = EncryptedTextField(_("Det kom der ud af det"), blank=True, default="")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    shows_author = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1, help_text="Raised by every save: tells of a second editor.")
    form_key = models.UUIDField(default=uuid.uuid4, unique=True, help_text="Of the form it was written in.")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("erfaringskort")
        verbose_name_plural = _("erfaringskort")
        indexes = [models.Index(fields=["network", "created_at"], name="cards_of_a_network")]

    def __str__(self):
        return f"{self.network_id}: {self.pk}"

    def get_absolute_url(self):
        return reverse("meetings:learning_card", args=[self.network.slug, self.pk])
