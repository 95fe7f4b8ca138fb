"""Who belongs to a network: the request for a place, and the place."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from members.models import Leader


def facts_of(leader: Leader) -> str:
    """What decides whether a post fits a network, to see later whether it has changed."""
    return f"{leader.pk}/{leader.unit_id}/{leader.field_id}/{leader.level_id}/{leader.valid_to or ''}"


class Application(models.Model):
    """A leader's request for a place, or HR's invitation to one."""

    class State(models.TextChoices):
        PENDING = "pending", _("Afventer")
        WAITLISTED = "waitlisted", _("På venteliste")
        INVITED = "invited", _("Inviteret")
        APPROVED = "approved", _("Godkendt")
        REJECTED = "rejected", _("Afvist")
        WITHDRAWN = "withdrawn", _("Trukket tilbage")

    STATES_OPEN = (State.PENDING, State.WAITLISTED, State.INVITED)

    network = models.ForeignKey("networks.Network", on_delete=models.CASCADE, related_name="applications")
    leader = models.ForeignKey(Leader, on_delete=models.CASCADE, related_name="applications")
    state = models.CharField(max_length=12, choices=State, default=State.PENDING)
    terms_accepted_at = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(_("Begrundelse"), blank=True)
    override_reason = models.TextField(
        blank=True, help_text="Why HR lets in someone the network is not meant for. HR alone reads it."
    )
    answer_by = models.DateField(
        null=True, blank=True, help_text="The last day to accept a place offered from the waiting list."
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["created_at", "pk"]
        verbose_name = _("tilmelding")
        verbose_name_plural = _("tilmeldinger")
        constraints = [
            models.UniqueConstraint(
                fields=["network", "leader"],
                condition=Q(state__in=["pending", "waitlisted", "invited"]),
                name="one_open_application_per_leader",
            ),
        ]

    def __str__(self):
        return f"{self.leader} → {self.network}"

    @property
    def is_offer(self) -> bool:
        """A place from the waiting list, held until `answer_by`; HR's own invitations have no deadline."""
        return self.state == self.State.INVITED and self.answer_by is not None

    @property
    def has_lapsed(self) -> bool:
        """Taken back by the timetable, since nobody answered the offer in time."""
        return self.state == self.State.WITHDRAWN and self.answer_by is not None and self.decided_by_id is None

    @property
    def is_approved_in_line(self) -> bool:
        """On the waiting list with HR's yes: the next free place is offered without asking HR again."""
        return self.state == self.State.WAITLISTED and self.decided_at is not None


class MembershipQuerySet(models.QuerySet):
    def active(self):
        """Those for whom Netværkets rum is open."""
        return self.filter(state=Membership.State.ACTIVE)

    def inside(self):
        """Those who take up a seat: active, or away for a while."""
        return self.filter(state__in=Membership.STATES_INSIDE)

    def for_lists(self):
        return self.select_related("leader__user", "leader__unit__area", "leader__field", "leader__level").order_by(
            "leader__user__sort_text", "pk"
        )


class Membership(models.Model):
    """A leader's place in a network, from a date and, once it has ended, to a date (inclusive)."""

    class State(models.TextChoices):
        ACTIVE = "active", _("Aktivt")
        ON_LEAVE = "on_leave", _("Orlov")
        LEFT = "left", _("Udmeldt")
        ENDED = "ended", _("Ophørt")

    STATES_INSIDE = (State.ACTIVE, State.ON_LEAVE)

    network = models.ForeignKey("networks.Network", on_delete=models.PROTECT, related_name="memberships")
    leader = models.ForeignKey(Leader, on_delete=models.PROTECT, related_name="memberships")
    state = models.CharField(max_length=10, choices=State, default=State.ACTIVE)
    is_coordinator = models.BooleanField(_("Tovholder"), default=False)
    joined_on = models.DateField()
    left_on = models.DateField(null=True, blank=True)
    leave_from = models.DateField(_("Orlov fra"), null=True, blank=True)
    leave_to = models.DateField(_("Orlov til og med"), null=True, blank=True)
    kept_reason = models.TextField(
        blank=True, help_text="Why the member stays although the post no longer fits. HR alone reads it."
    )
    kept_facts = models.CharField(
        max_length=100, blank=True, help_text="What the post was when that was decided: a new change asks again."
    )

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("medlemskab")
        verbose_name_plural = _("medlemskaber")
        constraints = [
            models.UniqueConstraint(
                fields=["network", "leader"],
                condition=Q(state__in=["active", "on_leave"]),
                name="one_seat_per_leader_and_network",
            ),
            models.CheckConstraint(
                condition=Q(leave_from__isnull=True, leave_to__isnull=True) | Q(leave_to__gte=F("leave_from")),
                name="a_leave_ends_after_it_begins",
            ),
        ]

    def __str__(self):
        return f"{self.leader.user} i {self.network}"

    @property
    def user(self):
        return self.leader.user

    @property
    def is_inside(self) -> bool:
        return self.state in self.STATES_INSIDE
