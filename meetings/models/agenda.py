"""What a meeting is spent on, and how far it has come."""

from django.conf import settings
from django.db import models
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from meetings.models.meeting import Meeting
from meetings.models.topic import Topic
from members.encryption import EncryptedTextField
from networks import exercises, suggestions

PRINCIPLES = {principle.key: principle for principle in suggestions.FOUR_FS}


class AgendaItem(models.Model):
    """One point of the agenda. What it is called follows from its kind, its exercise or its topic, unless renamed."""

    class Kind(models.TextChoices):
        HERE_AND_NOW = "here_and_now", _("Her og nu-runde")
        THEME = "theme", _("Tema")
        EXERCISE = "exercise", _("Øvelse")
        SPARRING = "sparring", _("Sparring")
        AGREEMENTS = "agreements", _("Aftaler fra sidst")
        CHECK_OUT = "check_out", _("Check-ud")
        TOPIC = "topic", _("Emne")
        FREE_SPACE = "free_space", _("Frirum")
        FLEXIBILITY = "flexibility", _("Fleksibilitet")
        COMMITMENT = "commitment", _("Forpligtelse")
        FEEDBACK = "feedback", _("Feedback")
        OTHER = "other", _("Andet")

    KINDS_AT_THE_END = (Kind.AGREEMENTS, Kind.CHECK_OUT)

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="agenda_items")
    position = models.PositiveSmallIntegerField(help_text="From 1, without gaps.")
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.OTHER)
    title = EncryptedTextField(_("Punkt"), blank=True, default="")
    minutes = models.PositiveSmallIntegerField(_("Minutter"))
    responsible = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("Ansvarlig"),
    )
    exercise = models.CharField(_("Øvelse"), max_length=40, blank=True)
    topic = models.ForeignKey(Topic, on_delete=models.CASCADE, null=True, blank=True, related_name="agenda_items")
    is_carried_over = models.BooleanField(default=False, help_text="Not reached at an earlier meeting.")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["position", "pk"]
        verbose_name = _("dagsordenspunkt")
        verbose_name_plural = _("dagsordenspunkter")
        constraints = [models.UniqueConstraint(fields=["meeting", "topic"], name="a_topic_once_on_an_agenda")]

    def __str__(self):
        return f"{self.meeting_id}: {self.position}"

    @property
    def heading(self) -> str:
        return self.title or self.usual_heading

    @property
    def usual_heading(self) -> str:
        """What it is called when nobody has called it anything else."""
        if self.topic is not None:
            return self.topic.title
        if self.kind == self.Kind.EXERCISE and self.chosen_exercise is not None:
            return str(self.chosen_exercise.name)
        return str(self.Kind(self.kind).label)

    @cached_property
    def chosen_exercise(self) -> exercises.Exercise | None:
        return exercises.BY_SLUG.get(self.exercise)

    @property
    def principle(self) -> suggestions.Principle | None:
        """Which of the four f's it asks about."""
        return PRINCIPLES.get(self.kind)


class Agenda(models.Model):
    """That a meeting's agenda is laid out, which version it has, and which point the meeting is at."""

    meeting = models.OneToOneField(Meeting, on_delete=models.CASCADE, related_name="agenda")
    version = models.PositiveIntegerField(default=1, help_text="Rises with every change, the meeting's course too.")
    laid_out_at = models.DateTimeField()
    current = models.ForeignKey(AgendaItem, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    current_since = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    def __str__(self):
        return f"{self.meeting_id}"

    @property
    def is_running(self) -> bool:
        return self.started_at is not None and self.ended_at is None
