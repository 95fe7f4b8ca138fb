"""What the members say of their network, and what may be shown of it."""

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from meetings.models.meeting import Meeting
from members.encryption import EncryptedJSONField, EncryptedTextField
from networks.models import Membership, Network


class FeedbackRoundQuerySet(models.QuerySet):
    def of_member(self, user):
        return self.filter(network__memberships__leader__user=user, network__memberships__state=Membership.State.ACTIVE)


class FeedbackRound(models.Model):
    """A time-limited set of questions to a network's members. Floor and frist only become stricter after opening."""

    class Kind(models.TextChoices):
        NETWORK_PULSE = "network_pulse", _("Netværkspuls")
        MEETING_PULSE = "meeting_pulse", _("Mødepuls")
        SEASON_REVIEW = "season_review", _("Sæsonevaluering")

    class State(models.TextChoices):
        DRAFT = "draft", _("Kladde")
        OPEN = "open", _("Åben")
        CLOSED = "closed", _("Lukket")
        SHARED = "shared", _("Delt")

    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="feedback_rounds")
    kind = models.CharField(max_length=16, choices=Kind, default=Kind.NETWORK_PULSE)
    state = models.CharField(max_length=8, choices=State, default=State.DRAFT)
    question_set = models.CharField(max_length=40, help_text="Which version of the questions was asked.")
    own_questions = EncryptedJSONField(
        null=True, blank=True, help_text="The group's own statements, as they were when the round was planned."
    )
    meeting = models.ForeignKey(
        Meeting,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="feedback_rounds",
        verbose_name=_("Møde"),
    )
    anonymity_threshold = models.PositiveSmallIntegerField()
    opens_at = models.DateTimeField(_("Åbner"))
    closes_at = models.DateTimeField(_("Lukker"))
    opened_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    progress_reached = models.BooleanField(default=False, help_text="Whether the floor was reached when last counted.")
    progress_on = models.DateField(
        null=True, blank=True, help_text="When that was counted: once a day, so nobody can follow along."
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = FeedbackRoundQuerySet.as_manager()

    class Meta:
        ordering = ["-opens_at", "-pk"]
        verbose_name = _("feedbackrunde")
        verbose_name_plural = _("feedbackrunder")
        constraints = [
            models.CheckConstraint(condition=Q(closes_at__gt=F("opens_at")), name="a_round_closes_after_it_opens"),
            models.CheckConstraint(condition=Q(anonymity_threshold__gte=4), name="anonymity_threshold_at_least_four"),
            models.UniqueConstraint(
                fields=["network", "kind"], condition=Q(state="open"), name="one_open_round_per_kind"
            ),
            models.UniqueConstraint(fields=["meeting", "kind"], name="one_round_of_a_kind_per_meeting"),
        ]

    def __str__(self):
        return f"{self.network}: {self.get_kind_display()}"

    def get_absolute_url(self):
        return reverse("meetings:feedback_round", args=[self.network.slug, self.pk])

    def takes_answers(self, now: datetime) -> bool:
        return self.state == self.State.OPEN and now < self.closes_at

    @property
    def is_over(self) -> bool:
        return self.state in (self.State.CLOSED, self.State.SHARED)

    @property
    def never_opened(self) -> bool:
        """Its time came, but there was nobody, or too few, to ask."""
        return self.is_over and self.opened_at is None


class FeedbackSchedule(models.Model):
    """When a network asks itself, set by its coordinator. The timetable plans the rounds from it."""

    class Cadence(models.TextChoices):
        NONE = "none", _("Ingen faste runder")
        MEETINGS = "meetings", _("Efter møder")
        QUARTERLY = "quarterly", _("Hvert kvartal")
        HALF_YEARLY = "half_yearly", _("Hvert halve år")
        YEARLY = "yearly", _("Hvert år")

    class Missed(models.TextChoices):
        LATE = "late", _("Den åbner senere end planlagt.")
        TOO_OLD = "too_old", _("Den næste ligger for tæt på.")
        TOO_FEW = "too_few", _("I var for få til at svare anonymt.")
        BUSY = "busy", _("I havde allerede en runde i den tid.")
        TOO_SHORT = "too_short", _("Der var for få dage at svare i.")

    network = models.OneToOneField(Network, on_delete=models.CASCADE, related_name="feedback_schedule")
    cadence = models.CharField(_("Hvor ofte"), max_length=12, choices=Cadence, default=Cadence.NONE)
    every_nth = models.PositiveSmallIntegerField(_("Efter hvert"), default=1, help_text="Of the meetings held.")
    next_on = models.DateField(
        null=True, blank=True, help_text="When the next round by the calendar opens, but for holidays."
    )
    length_days = models.PositiveSmallIntegerField(_("Antal dage"), default=10)
    opening_hour = models.PositiveSmallIntegerField(_("Åbner kl."), default=8)
    pauses_in_holidays = models.BooleanField(_("Hold pause i juli og fra 20. december til 3. januar"), default=True)
    own_questions = EncryptedJSONField(null=True, blank=True, help_text="Up to three statements of the group's own.")
    changed_at = models.DateTimeField(help_text="Meetings are counted from here.")
    missed_on = models.DateField(
        null=True, blank=True, help_text="The latest day by the calendar on which no round opened as it should."
    )
    missed_why = models.CharField(max_length=10, choices=Missed, blank=True)

    def __str__(self):
        return f"{self.network_id}: {self.cadence}"


class FeedbackInvitation(models.Model):
    """Who is asked, and whether they owe an answer. Serves the reminder alone; deleted when the round closes."""

    round = models.ForeignKey(FeedbackRound, on_delete=models.CASCADE, related_name="invited")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="feedback_invitations")
    has_answered = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["round", "user"], name="one_feedback_invitation_per_person")]

    def __str__(self):
        return f"{self.user_id}: {self.round_id}"


class FeedbackResponse(models.Model):
    """One anonymous answer: a random key, a round, and what was said. No person, no time, no order.

    Every new answer has all of the round's rows written anew in random order (`meetings.feedback`), so that neither
    keys, row numbers nor transaction numbers tell them apart. Deleted when the release has been computed.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    round = models.ForeignKey(FeedbackRound, on_delete=models.CASCADE, related_name="responses")
    answers = EncryptedJSONField()

    class Meta:
        indexes = [models.Index(fields=["round", "id"], name="responses_of_a_round_by_key")]

    def __str__(self):
        return f"{self.round_id}"


class FeedbackRelease(models.Model):
    """All that is ever shown of a round, computed once when it closed and never again."""

    round = models.OneToOneField(FeedbackRound, on_delete=models.CASCADE, related_name="release")
    is_suppressed = models.BooleanField(help_text="Too few answers: nothing was kept.")
    invited_count = models.PositiveSmallIntegerField()
    answer_count = models.PositiveSmallIntegerField(null=True, help_text="Not kept when suppressed.")
    results = EncryptedJSONField(help_text="Per question: mean, distribution where allowed, shuffled comments.")
    computed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(is_suppressed=True, answer_count__isnull=True)
                | Q(is_suppressed=False, answer_count__gte=4),
                name="a_suppressed_release_keeps_no_count",
            ),
        ]

    def __str__(self):
        return f"{self.round_id}"


class SeasonSummary(models.Model):
    """What the group itself says of its year. For the members, until they share the round with top management."""

    round = models.OneToOneField(FeedbackRound, on_delete=models.CASCADE, related_name="summary")
    text = EncryptedTextField(_("Jeres opsummering"))
    changed_at = models.DateTimeField()

    def __str__(self):
        return f"{self.round_id}"


class TopicKind(models.TextChoices):
    EXPERIENCE = "experience", _("Erfaring")
    VALUE = "value", _("Værdi")
    OPINION = "opinion", _("Holdning")


class ThemeFeedback(models.Model):
    """A theme that one member brings before a meeting. The others write to that person, by name."""

    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="theme_feedback")
    meeting = models.ForeignKey(
        Meeting, on_delete=models.CASCADE, related_name="theme_feedback", verbose_name=_("Møde")
    )
    focus_person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="theme_feedback")
    kind = models.CharField(_("Hvad bringer du?"), max_length=10, choices=TopicKind)
    theme = EncryptedTextField(_("Tema"))
    question = EncryptedTextField(_("Dit spørgsmål til de andre"))
    created_at = models.DateTimeField()
    shared_at = models.DateTimeField(null=True, blank=True, help_text="When the focus person let the group read along.")

    class Meta:
        ordering = ["-meeting__starts_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["meeting", "focus_person"], name="one_theme_per_person_and_meeting")
        ]

    def __str__(self):
        return f"{self.focus_person_id}: {self.meeting_id}"

    def get_absolute_url(self):
        return reverse("meetings:theme_feedback", args=[self.network.slug, self.pk])


class ThemeReply(models.Model):
    """What one member writes to the focus person."""

    theme_feedback = models.ForeignKey(ThemeFeedback, on_delete=models.CASCADE, related_name="replies")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="theme_replies")
    text = EncryptedTextField(_("Dit svar"))
    written_at = models.DateTimeField()

    class Meta:
        ordering = ["written_at", "pk"]
        constraints = [models.UniqueConstraint(fields=["theme_feedback", "author"], name="one_reply_per_person")]

    def __str__(self):
        return f"{self.author_id}: {self.theme_feedback_id}"


class MonthlyFigures(models.Model):
    """What top management sees of all shared results together, frozen for a month so that no two pages differ by few.

    Only of what networks have shared themselves. Each question tells what it was made of, so that the next month can
    see whether it would differ from this one by too small a group.
    """

    month = models.DateField(unique=True)
    figures = models.JSONField(help_text="Per question: the whole and each area, where they may be shown.")
    computed_at = models.DateTimeField()

    class Meta:
        ordering = ["-month"]

    def __str__(self):
        return f"{self.month:%Y-%m}"
