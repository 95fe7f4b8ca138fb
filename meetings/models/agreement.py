"""What a meeting leaves behind for the group: what was agreed, and a few words of what is carried over."""

import uuid
from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from meetings.models.meeting import Meeting
from members.encryption import EncryptedTextField
from networks.models import Network


class AgreementQuerySet(models.QuerySet):
    def open(self):
        return self.filter(state=Agreement.State.OPEN)

    def by_date(self):
        """The soonest first; what has no date stands last."""
        return self.select_related("owner", "meeting").order_by(
            models.F("due_on").asc(nulls_last=True), "created_at", "pk"
        )

    def unowned(self):
        """Open ones whose owner has left the group."""
        return self.open().filter(owner=None, is_everyones=False)


class Agreement(models.Model):
    """What, who and when, as agreed at a meeting. Netværkets rum."""

    class State(models.TextChoices):
        OPEN = "open", _("I gang")
        DONE = "done", _("Gjort")
        DROPPED = "dropped", _("Faldet bort")

    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="agreements")
    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="agreements")
    text = EncryptedTextField(_("Hvad er aftalt?"))
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="agreements"
    )
    is_everyones = models.BooleanField(default=False, help_text="The whole group's: no single owner.")
    due_on = models.DateField(_("Hvornår?"), null=True, blank=True)
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    version = models.PositiveIntegerField(
        default=1, help_text="Raised by every save: tells of a second editor, and which reminder counts."
    )
    form_key = models.UUIDField(default=uuid.uuid4, unique=True, help_text="Of the form it was written in.")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)

    objects = AgreementQuerySet.as_manager()

    class Meta:
        verbose_name = _("aftale")
        verbose_name_plural = _("aftaler")
        constraints = [
            models.CheckConstraint(condition=Q(is_everyones=False) | Q(owner=None), name="an_owner_or_everyone"),
        ]
        indexes = [
            models.Index(fields=["network", "state"], name="agreements_of_a_network"),
            models.Index(fields=["owner", "state"], name="agreements_of_a_person"),
        ]

    def __str__(self):
        return f"{self.network_id}: {self.pk}"

    @property
    def is_open(self) -> bool:
        return self.state == self.State.OPEN

    @property
    def is_unowned(self) -> bool:
        return self.owner_id is None and not self.is_everyones

    def is_late(self, today: date) -> bool:
        return self.is_open and self.due_on is not None and self.due_on < today


class Minutes(models.Model):
    """Referat: beside the agreements, a few words of what is carried over to next time. Nothing else is kept."""

    meeting = models.OneToOneField(Meeting, on_delete=models.CASCADE, related_name="minutes")
    carried_over = EncryptedTextField(_("Med til næste gang"), blank=True, default="")
    version = models.PositiveIntegerField(default=0, help_text="Raised by every save: tells of a second editor.")
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("referat")
        verbose_name_plural = _("referater")

    def __str__(self):
        return f"{self.meeting_id}"


class Reopening(models.Model):
    """A closed meeting was opened again: by whom, and why."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="reopenings")
    reason = EncryptedTextField(_("Hvorfor?"))
    reopened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    reopened_at = models.DateTimeField()

    class Meta:
        ordering = ["-reopened_at", "-pk"]

    def __str__(self):
        return f"{self.meeting_id}"
