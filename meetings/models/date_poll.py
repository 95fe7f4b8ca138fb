"""A question to the members: when can you come instead?"""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from meetings.models.meeting import Meeting
from members.danish import wall_to_utc


class DatePoll(models.Model):
    """Some times to choose among, asked of a network's members for one meeting."""

    class State(models.TextChoices):
        OPEN = "open", _("Åben")
        SETTLED = "settled", _("Afgjort")
        DROPPED = "dropped", _("Opgivet")

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="date_polls")
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    deadline = models.DateField(_("Svarfrist"))
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    asked_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)
    chosen = models.ForeignKey("DateCandidate", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["meeting"], condition=Q(state="open"), name="one_open_date_poll_per_meeting"
            ),
        ]

    def __str__(self):
        return f"{self.meeting_id}: {self.state}"

    def get_absolute_url(self):
        return reverse("meetings:new_date", args=[self.meeting_id])

    @property
    def is_open(self) -> bool:
        return self.state == self.State.OPEN


class DateCandidate(models.Model):
    """One of the times: on the wall in Copenhagen, and the instants that follow."""

    poll = models.ForeignKey(DatePoll, on_delete=models.CASCADE, related_name="candidates")
    date = models.DateField(_("Dato"))
    start_time = models.TimeField(_("Fra kl."))
    end_time = models.TimeField(_("Til kl."))
    starts_at = models.DateTimeField(editable=False)
    ends_at = models.DateTimeField(editable=False)

    class Meta:
        ordering = ["starts_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["poll", "starts_at"], name="one_candidate_per_time"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="a_candidate_ends_after_it_begins"),
        ]

    def __str__(self):
        return f"{self.poll_id}: {self.date}"

    def save(self, *args, **kwargs):
        self.starts_at = wall_to_utc(self.date, self.start_time)
        self.ends_at = wall_to_utc(self.date, self.end_time)
        super().save(*args, **kwargs)


class DatePollInvitation(models.Model):
    """Who is asked, and whether they have answered."""

    poll = models.ForeignKey(DatePoll, on_delete=models.CASCADE, related_name="invited")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="date_polls")
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["poll", "user"], name="one_date_question_per_person")]

    def __str__(self):
        return f"{self.user_id}: {self.poll_id}"


class DateAnswer(models.Model):
    """What one member says of one time."""

    class Answer(models.TextChoices):
        YES = "yes", _("Ja")
        IF_NEEDED = "if_needed", _("Om nødvendigt")
        NO = "no", _("Nej")

    candidate = models.ForeignKey(DateCandidate, on_delete=models.CASCADE, related_name="answers")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    answer = models.CharField(max_length=9, choices=Answer)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["candidate", "user"], name="one_answer_per_person_and_time")]

    def __str__(self):
        return f"{self.user_id}: {self.candidate_id}"
