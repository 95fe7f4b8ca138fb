"""What a network asks for and what it chooses to say upward."""

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from members.encryption import EncryptedTextField
from networks.models.network import Network
from networks.models.policy import PolicyDraft


class SupportRequest(models.Model):
    """The network asks HR for time, money, a speaker or a consultant. The members and HR read it."""

    class Need(models.TextChoices):
        TIME = "time", _("Tid")
        MONEY = "money", _("Penge")
        SPEAKER = "speaker", _("Oplægsholder")
        CONSULTANT = "consultant", _("Konsulent")

    class State(models.TextChoices):
        NEW = "new", _("Ny")
        IN_PROGRESS = "in_progress", _("Under behandling")
        GRANTED = "granted", _("Imødekommet")
        DECLINED = "declined", _("Afslået")

    STATES_OPEN = (State.NEW, State.IN_PROGRESS)

    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="support_requests")
    need = models.CharField(_("Hvad har I brug for?"), max_length=10, choices=Need)
    text = models.TextField(_("Beskriv det kort"))
    state = models.CharField(max_length=12, choices=State, default=State.NEW, db_index=True)
    answer = models.TextField(_("HR’s svar"), blank=True)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    requested_at = models.DateTimeField()
    handled_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    handled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-requested_at", "-pk"]
        verbose_name = _("støtteanmodning")
        verbose_name_plural = _("støtteanmodninger")

    def __str__(self):
        return f"{self.network}: {self.get_need_display()}"

    def get_absolute_url(self):
        """Where HR answers it."""
        return reverse("networks:support_request", args=[self.pk])

    @property
    def is_open(self) -> bool:
        return self.state in self.STATES_OPEN


class ManagementMessage(models.Model):
    """The group's own word to top management: the members' alone until the coordinator sends it."""

    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="management_messages")
    text = EncryptedTextField(_("Budskab"))
    version = models.PositiveIntegerField(default=1, help_text="Raised by every save: tells of a second editor.")
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    written_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    policy = models.ForeignKey(
        PolicyDraft,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="answers",
        help_text="The policy in høring that this answers.",
    )
    reply = EncryptedTextField(_("Topledelsens svar"), blank=True, default="")
    replied_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    replied_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["network", "policy"], name="one_answer_per_network_and_policy"),
        ]
        ordering = ["-sent_at", "-written_at", "-pk"]
        verbose_name = _("budskab til topledelsen")
        verbose_name_plural = _("budskaber til topledelsen")

    def __str__(self):
        return f"{self.network_id}: {self.pk}"

    @property
    def is_sent(self) -> bool:
        return self.sent_at is not None
