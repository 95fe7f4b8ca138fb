"""What members bring to the group, and what they would rather talk about first."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Count, Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from meetings.models.feedback import TopicKind
from meetings.models.meeting import Meeting
from members.encryption import EncryptedTextField
from networks.models import Network


class TopicQuerySet(models.QuerySet):
    def waiting(self):
        """Not talked about yet."""
        return self.filter(discussed_at__isnull=True)

    def in_pool(self, over_before: datetime):
        """Brought to no meeting, or to one that is closed, called off or was over before then: it waits for another."""
        gone = Q(meeting__closed_at__isnull=False) | Q(meeting__state=Meeting.State.CANCELLED)
        return self.filter(Q(meeting=None) | gone | Q(meeting__ends_at__lte=over_before))

    def by_marks(self, user):
        """What most want first, oldest first among equals, with `marks_count` and whether `user` is one of them."""
        mine = TopicMark.objects.filter(topic=OuterRef("pk"), user=user)
        return (
            self.select_related("author")
            .annotate(marks_count=Count("marks"), has_my_mark=Exists(mine))
            .order_by("-marks_count", "created_at", "pk")
        )


class Topic(models.Model):
    """An experience, a value or an opinion one member wants to talk about, at one meeting or when it fits."""

    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="topics")
    meeting = models.ForeignKey(Meeting, on_delete=models.SET_NULL, null=True, blank=True, related_name="topics")
    kind = models.CharField(_("Hvad er det?"), max_length=10, choices=TopicKind)
    title = EncryptedTextField(_("Emne"))
    text = EncryptedTextField(_("Hvad vil du gerne tale om?"), blank=True, default="")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField()
    discussed_at = models.DateTimeField(null=True, blank=True)
    is_carried_over = models.BooleanField(default=False, help_text="Not reached at an earlier meeting.")
    version = models.PositiveIntegerField(default=1)

    objects = TopicQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "pk"]
        verbose_name = _("emne")
        verbose_name_plural = _("emner")

    def __str__(self):
        return f"{self.network_id}: {self.pk}"

    @property
    def is_waiting(self) -> bool:
        return self.discussed_at is None


class TopicMark(models.Model):
    """One member would like this first."""

    topic = models.ForeignKey(Topic, on_delete=models.CASCADE, related_name="marks")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["topic", "user"], name="one_mark_per_person")]

    def __str__(self):
        return f"{self.user_id}: {self.topic_id}"
