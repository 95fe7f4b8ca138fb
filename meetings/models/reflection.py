"""Refleksionslog: what one leader writes after a meeting, to themselves."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from meetings.models.meeting import Meeting
from members.encryption import EncryptedTextField


class Prompt(models.TextChoices):
    """A question to begin with; each meeting brings one."""

    MIRROR = "mirror", _("Hvad hørte du i dag, som du kan spejle din egen ledelse i?")
    DIFFERENTLY = "differently", _("Hvad vil du gøre anderledes i den kommende uge?")
    SURPRISE = "surprise", _("Hvad overraskede dig, og hvad siger det om det, du plejer at tage for givet?")
    OWN_PART = "own_part", _("Hvilken del af det, der er svært, har du selv en andel i?")
    UNSAID = "unsaid", _("Hvad fik du ikke sagt, og hvad holdt dig tilbage?")
    GIVE = "give", _("Hvad gav du de andre i dag, og hvad tog du selv med hjem?")
    VALUE = "value", _("Hvilken værdi stod du på, da du sidst traf et svært valg?")
    STRENGTH = "strength", _("Hvor lykkedes du som leder siden sidst, og hvordan bar du dig ad?")
    QUESTION = "question", _("Hvilket spørgsmål fra mødet bliver du ved med at vende tilbage til?")
    COURAGE = "courage", _("Hvad ville du turde, hvis du vidste, at de andre bakkede dig op?")


class ReflectionNote(models.Model):
    """The person's own, whatever post or network they have; nobody else ever reads it."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="reflection_notes")
    meeting = models.ForeignKey(
        Meeting, on_delete=models.SET_NULL, null=True, blank=True, related_name="reflection_notes"
    )
    prompt = models.CharField(max_length=16, blank=True)
    text = EncryptedTextField(_("Din note"))
    version = models.PositiveIntegerField(default=1, help_text="Raised by every save: tells of a second window.")
    form_key = models.UUIDField(default=uuid.uuid4, unique=True, help_text="Of the form it was written in.")
    written_at = models.DateTimeField()

    class Meta:
        ordering = ["-written_at", "-pk"]
        verbose_name = _("refleksionsnote")
        verbose_name_plural = _("refleksionsnoter")

    def __str__(self):
        return f"{self.pk}"

    @property
    def question(self) -> str:
        """What it answers; nothing for a note of its own."""
        return Prompt(self.prompt).label if self.prompt in Prompt.values else ""
