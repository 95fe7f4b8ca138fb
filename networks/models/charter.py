"""What the members have agreed with each other. Every word of it is theirs alone, and unreadable in the database."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from members.encryption import EncryptedTextField
from networks.models.network import Network


class CharterText(models.Model):
    """One wording: ground rules and values, a line each."""

    ground_rules = EncryptedTextField(_("Spilleregler"))
    values = EncryptedTextField(_("Værdisæt"))
    opens_with_here_and_now = models.BooleanField(_("Vi begynder hvert møde med en her og nu-runde"), default=True)

    class Meta:
        abstract = True

    @property
    def rule_list(self) -> list[str]:
        return self.ground_rules.splitlines()

    @property
    def value_list(self) -> list[str]:
        return self.values.splitlines()


class Charter(CharterText):
    """One version of the agreement. It is the group's when the group has consented to it."""

    class State(models.TextChoices):
        PROPOSED = "proposed", _("Foreslået")
        IN_EFFECT = "in_effect", _("Gældende")
        REPLACED = "replaced", _("Afløst")
        LAPSED = "lapsed", _("Bortfaldet")
        WITHDRAWN = "withdrawn", _("Trukket tilbage")

    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="charters")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=State, default=State.PROPOSED)
    note = EncryptedTextField(_("Hvorfor?"), blank=True, default="")
    deadline = models.DateField(_("Svarfrist"))
    revision = models.PositiveIntegerField(default=1, help_text="Raised by every change of the text.")
    substance_revision = models.PositiveIntegerField(
        default=1, help_text="The latest change that asked everyone again."
    )
    shows_ground_rules = models.BooleanField(
        default=False, help_text="The group lets applicants read its ground rules."
    )
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    proposed_at = models.DateTimeField()
    effective_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["network", "number"], name="one_charter_of_each_number"),
            models.UniqueConstraint(
                fields=["network"], condition=Q(state="proposed"), name="one_open_charter_proposal_per_network"
            ),
            models.UniqueConstraint(
                fields=["network"], condition=Q(state="in_effect"), name="one_charter_in_effect_per_network"
            ),
        ]

    def __str__(self):
        return f"{self.network}: {self.number}"

    def get_absolute_url(self):
        return reverse("networks:charter_version", args=[self.network.slug, self.pk])

    @property
    def is_open(self) -> bool:
        return self.state == self.State.PROPOSED

    @property
    def is_in_effect(self) -> bool:
        return self.state == self.State.IN_EFFECT


class CharterRevision(CharterText):
    """A wording as it stood before it was changed, and who changed it."""

    charter = models.ForeignKey(Charter, on_delete=models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField()
    was_substance = models.BooleanField()
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["charter", "number"], name="one_wording_of_each_number"),
        ]

    def __str__(self):
        return f"{self.charter_id}: {self.number}"


class CharterDraft(CharterText):
    """A text one member has written and not proposed; nobody else reads it."""

    membership = models.OneToOneField("networks.Membership", on_delete=models.CASCADE, related_name="charter_draft")
    note = EncryptedTextField(blank=True, default="")
    saved_at = models.DateTimeField()

    def __str__(self):
        return f"{self.membership_id}"


class CharterAnswer(models.Model):
    """One member's yes or objection to a charter."""

    class Answer(models.TextChoices):
        CONSENTS = "consents", _("Siger ja")
        OBJECTS = "objects", _("Har en indvending")

    charter = models.ForeignKey(Charter, on_delete=models.CASCADE, related_name="answers")
    membership = models.ForeignKey("networks.Membership", on_delete=models.CASCADE, related_name="charter_answers")
    answer = models.CharField(max_length=8, choices=Answer)
    reason = EncryptedTextField(_("Begrundelse"), blank=True, default="")
    revision = models.PositiveIntegerField(help_text="The wording that was answered.")
    answered_at = models.DateTimeField()

    class Meta:
        ordering = ["answered_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["charter", "membership"], name="one_answer_per_member_and_charter"),
        ]

    def __str__(self):
        return f"{self.charter_id}: {self.membership_id}"
