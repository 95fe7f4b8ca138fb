"""What a network does: its plan, its meetings, and who comes."""

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from members.danish import COPENHAGEN, wall_to_utc
from members.encryption import EncryptedTextField, Unreadable
from networks.models import Membership, Network


class MeetingPlan(models.Model):
    """A season of meetings: the fixed plan of a network, made by its coordinator and published in one act."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Kladde")
        PUBLISHED = "published", _("Offentliggjort")

    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="plans")
    name = models.CharField(_("Sæson"), max_length=100)
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    first_date = models.DateField(_("Fra"))
    weekdays = models.JSONField(_("Ugedage"), default=list, help_text="Monday is 0.")
    interval_weeks = models.PositiveSmallIntegerField(_("Hver"))
    number_of_meetings = models.PositiveSmallIntegerField(_("Antal møder"))
    last_date = models.DateField(_("Slutdato"), null=True, blank=True, help_text="Where the rhythm ends by a date.")
    start_time = models.TimeField(_("Fra kl."))
    end_time = models.TimeField(_("Til kl."))
    place = models.CharField(_("Sted"), max_length=200, blank=True)
    link = EncryptedTextField(_("Link til onlinemøde"), blank=True, default="")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-first_date", "-pk"]
        verbose_name = _("mødeplan")
        verbose_name_plural = _("mødeplaner")
        constraints = [
            models.UniqueConstraint(fields=["network"], condition=Q(state="draft"), name="one_draft_plan_per_network"),
        ]

    def __str__(self):
        return f"{self.network}: {self.name}"

    def get_absolute_url(self):
        return reverse("meetings:plan", args=[self.network.slug, self.pk])

    @property
    def is_draft(self) -> bool:
        return self.state == self.State.DRAFT


class MeetingQuerySet(models.QuerySet):
    def published(self):
        """Those the members know of."""
        return self.exclude(state=Meeting.State.PLANNED)

    def upcoming(self, now: datetime):
        """Convened and not over yet, soonest first."""
        return self.filter(state=Meeting.State.CONVENED, ends_at__gt=now).order_by("starts_at", "pk")

    def not_over(self, now: datetime):
        """What lies ahead or is going on, cancelled meetings too, and what waits for a new date; soonest first."""
        waiting = Q(state=Meeting.State.POSTPONED)
        return self.published().filter(waiting | Q(ends_at__gt=now)).order_by("starts_at", "pk")

    def over(self, now: datetime):
        """What has been, latest first."""
        done = self.published().exclude(state=Meeting.State.POSTPONED)
        return done.filter(ends_at__lte=now).order_by("-starts_at", "-pk")

    def of_member(self, user):
        """Published meetings of the networks where `user` is an active member."""
        memberships = Membership.objects.active().filter(leader__user=user, leader__user__is_active=True)
        return self.published().filter(network__in=memberships.values("network"))

    def with_answer_of(self, user):
        """Annotate `my_answer`, what `user` has said to each; None where nothing was."""
        return self.annotate(
            _my_rsvp=models.FilteredRelation("rsvps", condition=Q(rsvps__user=user)), my_answer=F("_my_rsvp__answer")
        )

    def for_lists(self):
        """With all a list shows. The theme stays unread: it belongs on the meeting's own page."""
        return self.select_related("network").defer("theme", "link").order_by("starts_at", "pk")


def new_uid() -> str:
    return f"{uuid.uuid4()}@{settings.MAIL_DOMAIN}"


class Meeting(models.Model):
    """One meeting. Date and times are what a clock on the wall in Copenhagen shows; the UTC instants follow from them.

    `uid` and `sequence` are its own in every calendar (RFC 5545 3.8.4.7, 3.8.7.4): the sequence rises only by a change
    that matters to a calendar.
    """

    class State(models.TextChoices):
        PLANNED = "planned", _("Planlagt")
        CONVENED = "convened", _("Indkaldt")
        POSTPONED = "postponed", _("Udsat")
        HELD = "held", _("Afholdt")
        CANCELLED = "cancelled", _("Aflyst")

    STATES_OFF = (State.POSTPONED, State.CANCELLED)  # what a calendar no longer shows as taking place

    network = models.ForeignKey(Network, on_delete=models.PROTECT, related_name="meetings")
    plan = models.ForeignKey(MeetingPlan, on_delete=models.PROTECT, related_name="meetings")
    uid = models.CharField(max_length=120, unique=True, default=new_uid, editable=False)
    sequence = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=10, choices=State, default=State.PLANNED)
    date = models.DateField(_("Dato"))
    start_time = models.TimeField(_("Fra kl."))
    end_time = models.TimeField(_("Til kl."))
    starts_at = models.DateTimeField(editable=False)
    ends_at = models.DateTimeField(editable=False)
    place = models.CharField(_("Sted"), max_length=200, blank=True)
    link = EncryptedTextField(_("Link til onlinemøde"), blank=True, default="")
    theme = EncryptedTextField(_("Mødetema"), blank=True, default="")
    changed_at = models.DateTimeField(
        help_text="The last calendar-relevant change: DTSTAMP, not the moment of sending."
    )
    held_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(
        null=True, blank=True, help_text="Since then what was said of it stands: attendance, agreements, referat."
    )

    objects = MeetingQuerySet.as_manager()

    class Meta:
        verbose_name = _("møde")
        verbose_name_plural = _("møder")
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="a_meeting_ends_after_it_begins"),
        ]
        indexes = [
            models.Index(fields=["network", "starts_at"], name="meetings_of_a_network"),
            models.Index(fields=["state", "starts_at"], name="meetings_by_state"),
        ]

    def __str__(self):
        return f"{self.network} {self.date}"

    def save(self, *args, **kwargs):
        self.starts_at = wall_to_utc(self.date, self.start_time)
        self.ends_at = wall_to_utc(self.date, self.end_time)
        if kwargs.get("update_fields"):
            kwargs["update_fields"] = {*kwargs["update_fields"], "starts_at", "ends_at"}
        super().save(*args, **kwargs)

    def get_absolute_url(self):
        return reverse("meetings:meeting", args=[self.pk])

    @property
    def starts_on_the_wall(self) -> datetime:
        return self.starts_at.astimezone(COPENHAGEN)

    @property
    def is_on(self) -> bool:
        return self.state == self.State.CONVENED

    @property
    def is_postponed(self) -> bool:
        """Out of every calendar until it is given a new date; `date` is the one it had."""
        return self.state == self.State.POSTPONED

    def can_be_moved(self, now: datetime) -> bool:
        return self.is_postponed or self.takes_replies(now)

    def takes_replies(self, now: datetime) -> bool:
        return self.is_on and now < self.starts_at

    @property
    def link_can_be_followed(self) -> bool:
        """Not where a sentence stands in its place, since no key fits it."""
        return bool(self.link) and not isinstance(self.link, Unreadable)

    @property
    def is_closed(self) -> bool:
        return self.closed_at is not None

    def is_past(self, now: datetime) -> bool:
        return self.ends_at <= now


class MeetingChange(models.Model):
    """What a meeting's date, time or place was before, and why it was changed."""

    class Kind(models.TextChoices):
        MOVED = "moved", _("Flyttet")
        PLACE = "place", _("Nyt sted")
        POSTPONED = "postponed", _("Udsat")
        CANCELLED = "cancelled", _("Aflyst")

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="changes")
    kind = models.CharField(max_length=10, choices=Kind)
    sequence = models.PositiveIntegerField(help_text="The meeting's calendar sequence from this change on.")
    from_date = models.DateField()
    from_start_time = models.TimeField()
    from_end_time = models.TimeField()
    from_place = models.CharField(max_length=200, blank=True)
    to_date = models.DateField()
    to_start_time = models.TimeField()
    to_end_time = models.TimeField()
    to_place = models.CharField(max_length=200, blank=True)
    reason = EncryptedTextField(_("Begrundelse"), blank=True, default="")
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ["-changed_at", "-pk"]

    def __str__(self):
        return f"{self.get_kind_display()}: {self.meeting_id}"


class Invitation(models.Model):
    """Which version of a meeting a member's calendar holds, so that a cancellation reaches all who do and no others.

    The sequence is the person's own: it follows the meeting's, and rises alone when one person leaves or comes back.
    """

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="invitations")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="meeting_invitations")
    is_cancelled = models.BooleanField(default=False, help_text="Taken back from this person, who left the network.")
    sequence = models.PositiveIntegerField(default=0, help_text="Of the last calendar text queued to this person.")
    queued_at = models.DateTimeField(help_text="When that was: no reminder follows within a day of it.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["meeting", "user"], name="one_invitation_per_person")]

    def __str__(self):
        return f"{self.user_id}: {self.meeting_id}"


class Rsvp(models.Model):
    """A member's answer before the meeting. No row, or NO_REPLY after a move, is "ikke besvaret"."""

    class Answer(models.TextChoices):
        NO_REPLY = "no_reply", _("Ikke besvaret")
        ACCEPTED = "accepted", _("Deltager")
        TENTATIVE = "tentative", _("Måske")  # said by a calendar only: the pages ask for yes or no
        DECLINED = "declined", _("Afbud")

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="rsvps")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="rsvps")
    answer = models.CharField(max_length=10, choices=Answer, default=Answer.NO_REPLY)
    previous_answer = models.CharField(
        max_length=10, choices=Answer, blank=True, help_text="Before the meeting was moved."
    )
    answered_at = models.DateTimeField(null=True, blank=True)

    # To these the question still stands: they see the buttons as they who have not said, and are reminded to answer.
    UNDECIDED = (Answer.NO_REPLY, Answer.TENTATIVE)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["meeting", "user"], name="one_answer_per_person")]

    def __str__(self):
        return f"{self.user_id}: {self.meeting_id}"


class Attendance(models.Model):
    """Who came. By name for the members; for everyone else only as a number."""

    class Presence(models.TextChoices):
        PRESENT = "present", _("Deltog")
        ABSENT = "absent", _("Udeblev")
        UNKNOWN = "unknown", _("Ikke registreret")

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="attendances")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="attendances")
    presence = models.CharField(max_length=8, choices=Presence, default=Presence.UNKNOWN)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["meeting", "user"], name="one_attendance_per_person")]

    def __str__(self):
        return f"{self.user_id}: {self.meeting_id}"


class CalendarFeed(models.Model):
    """A person's secret calendar address. Only a hash of the token is kept; the address is shown once."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="calendar_feed")
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self):
        return f"{self.user_id}"
