"""Høring: a draft of the strategic basis before those who are asked what they think of it."""

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from networks.models.network import Network


class ConsultationQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Those sent out: for HR, the sponsor and whoever was asked. Those under preparation are HR's alone."""
        sent = self.filter(opened_at__isnull=False)
        if user.is_hr:
            return sent
        if not user.is_active:
            return sent.none()
        asked = ConsultationReply.objects.filter(user=user).values("consultation")
        return sent.filter(Q(network__sponsor=user) | Q(pk__in=asked))

    def unfinished(self):
        """Under preparation, or out for reply."""
        return self.filter(closed_at__isnull=True)


class Consultation(models.Model):
    """One round of asking. HR chooses who and until when, sends it, and closes it."""

    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="consultations")
    question = models.TextField(_("Det vil vi gerne vide"), blank=True)
    deadline = models.DateField(_("Frist"), null=True, blank=True)
    opened_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = ConsultationQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("høring")
        verbose_name_plural = _("høringer")
        constraints = [
            models.UniqueConstraint(
                fields=["network"], condition=Q(closed_at__isnull=True), name="one_unfinished_consultation_per_network"
            ),
        ]

    def __str__(self):
        return f"{self._meta.verbose_name}: {self.network}"

    def get_absolute_url(self):
        return reverse("networks:consultation", args=[self.pk])

    @property
    def is_open(self) -> bool:
        """Whether replies are taken: also after the deadline, until HR closes it."""
        return self.opened_at is not None and self.closed_at is None

    def is_late(self, today: date) -> bool:
        return self.is_open and self.deadline < today


class ConsultationVersion(models.Model):
    """The basis as those asked have read it. `texts` goes from the name of each part to its words."""

    consultation = models.ForeignKey(Consultation, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField()
    texts = models.JSONField(default=dict)
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    sent_at = models.DateTimeField()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["consultation", "number"], name="one_consultation_version_of_each_number"),
        ]

    def __str__(self):
        return f"{self.consultation} ({self.number})"


class ConsultationReply(models.Model):
    """One person asked, and what they answered, to which version, when. Not answered while `replied_at` is empty."""

    consultation = models.ForeignKey(Consultation, on_delete=models.CASCADE, related_name="replies")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="consultation_replies")
    text = models.TextField(_("Høringssvar"), blank=True)
    version = models.PositiveSmallIntegerField(null=True, blank=True)
    replied_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("høringssvar")
        verbose_name_plural = _("høringssvar")
        constraints = [
            models.UniqueConstraint(fields=["consultation", "user"], name="one_consultation_reply_per_person"),
        ]

    def __str__(self):
        return f"{self.user}: {self.consultation}"
