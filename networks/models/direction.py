"""The kurs: the direction top management sets, and the gains it pursues."""

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class OrganisationalGain(models.TextChoices):
    SHARED_FOCUS = "shared_focus", _("Fælles fokus på ledelsesopgaven")
    UNIFORM_STRUCTURE = "uniform_structure", _("Mere ensartet ledelsesstruktur")
    POLICY_BASIS = "policy_basis", _("Bedre grundlag for politikudvikling og -implementering")
    CULTURAL_INTEGRATION = "cultural_integration", _("Stærkere kulturel integration")


class StrategicDirectionQuerySet(models.QuerySet):
    def current(self, today: date):
        """Approved and within their period on `today`."""
        return self.filter(state=StrategicDirection.State.CURRENT, valid_from__lte=today, valid_to__gte=today)


class StrategicDirection(models.Model):
    """The direction political and administrative top management has set for a period (kurs)."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Kladde")
        SUBMITTED = "submitted", _("Til godkendelse")
        CURRENT = "current", _("Gældende")
        EXPIRED = "expired", _("Udløbet")

    title = models.CharField(_("Titel"), max_length=200)
    solutions = models.TextField(_("Løsninger"))
    development = models.TextField(_("Udvikling"))
    gains = models.JSONField(_("Gevinster"), default=list)
    valid_from = models.DateField(_("Gælder fra"))
    valid_to = models.DateField(_("Gælder til og med"))
    review_date = models.DateField(_("Tages op til fornyelse"))
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="owned_directions")
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    political_approver = models.CharField(_("Politisk godkendt af"), max_length=200, blank=True)
    political_approved_on = models.DateField(_("Politisk godkendt den"), null=True, blank=True)
    administrative_approver = models.CharField(_("Administrativt godkendt af"), max_length=200, blank=True)
    administrative_approved_on = models.DateField(_("Administrativt godkendt den"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1, help_text="Raised by every act: tells of a second editor.")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = StrategicDirectionQuerySet.as_manager()

    class Meta:
        ordering = ["-valid_from", "title"]
        verbose_name = _("kurs")
        verbose_name_plural = _("kursbeskrivelser")
        constraints = [
            models.CheckConstraint(condition=Q(valid_to__gte=F("valid_from")), name="a_direction_ends_after_it_begins"),
        ]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("networks:direction", args=[self.pk])

    @property
    def is_in_force_or_was(self) -> bool:
        return self.state in (self.State.CURRENT, self.State.EXPIRED)

    @property
    def is_fully_approved(self) -> bool:
        return bool(self.political_approved_on and self.administrative_approved_on)

    @property
    def is_editable(self) -> bool:
        """Until it is in force; what has been in force stays as it was read."""
        return self.state in (self.State.DRAFT, self.State.SUBMITTED)

    def is_current(self, today: date) -> bool:
        return self.state == self.State.CURRENT and self.valid_from <= today <= self.valid_to

    def state_on(self, today: date) -> "StrategicDirection.State":
        """The state to show: a current kurs whose period has passed is expired, whether or not anyone has said so."""
        if self.state == self.State.CURRENT and self.valid_to < today:
            return self.State.EXPIRED
        return self.State(self.state)

    @property
    def gain_labels(self) -> list[str]:
        return [OrganisationalGain(gain).label for gain in self.gains if gain in OrganisationalGain.values]


class DirectionDecision(models.Model):
    """A step on a kurs' way to being in force: who took it, and for an approval who approved and when. All are kept."""

    class Verdict(models.TextChoices):
        SUBMITTED = "submitted", _("Sendt til godkendelse")
        POLITICAL = "political", _("Godkendt politisk")
        ADMINISTRATIVE = "administrative", _("Godkendt administrativt")
        TAKEN_BACK = "taken_back", _("Taget tilbage og ændret")

    direction = models.ForeignKey(StrategicDirection, on_delete=models.CASCADE, related_name="decisions")
    verdict = models.CharField(max_length=14, choices=Verdict)
    approver = models.CharField(max_length=200, blank=True)
    approved_on = models.DateField(null=True, blank=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ["-recorded_at", "-pk"]

    def __str__(self):
        return f"{self.direction}: {self.get_verdict_display()}"
