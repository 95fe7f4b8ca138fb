"""What the pages that look across the house keep of their own."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _


def _limit(label: str, default: int, most: int, help_text: str, *, least: int = 1) -> models.PositiveSmallIntegerField:
    return models.PositiveSmallIntegerField(
        label,
        default=default,
        validators=[MinValueValidator(least), MaxValueValidator(most)],
        help_text=help_text,
    )


class FollowUpLimits(models.Model):
    """When Opfølgning speaks up. One row, HR's own: what is late differs from municipality to municipality."""

    settling_days = _limit(
        _("Ro i begyndelsen, dage"), 60, 365, _("Så længe et nyt netværk har til aftale, mål og mødeplan."), least=0
    )
    silent_days = _limit(_("Dage uden møde bagud"), 90, 730, _("Netværket er gået i stå, når der er gået længere."))
    ahead_days = _limit(_("Dage uden møde forude"), 60, 365, _("Så langt frem skal der være indkaldt til et møde."))
    attendance_target = _limit(_("Mål for fremmøde, procent"), 70, 100, _("Over de seneste 12 måneder."))
    application_days = _limit(
        _("Svar på en tilmelding, arbejdsdage"), 10, 60, _("Helligdage og weekender tæller ikke med.")
    )
    support_days = _limit(
        _("Svar på en støtteanmodning, arbejdsdage"), 5, 60, _("Helligdage og weekender tæller ikke med.")
    )
    fewest_meetings = _limit(
        _("Møder, før tallene siger noget"), 2, 12, _("Med færre holdte møder på et år er der for lidt data.")
    )
    version = models.PositiveIntegerField(default=1, help_text="Raised by every save: tells of a second editor.")

    def __str__(self):
        return f"{self.version}"

    @classmethod
    def load(cls) -> "FollowUpLimits":
        """The municipality's own, or those to begin with."""
        return cls.objects.first() or cls(pk=1)


class SavedView(models.Model):
    """A choice of filters one person comes back to."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_views")
    name = models.CharField(_("Navn"), max_length=60)
    query = models.CharField(max_length=300, blank=True, help_text="As the page itself would write it.")

    class Meta:
        ordering = ["name", "pk"]
        constraints = [models.UniqueConstraint(fields=["user", "name"], name="one_saved_view_of_each_name")]

    def __str__(self):
        return self.name


class WeeklyMailRefusal(models.Model):
    """Someone in HR who does not want Monday's mail."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="weekly_mail_refusal")

    def __str__(self):
        return f"{self.user_id}"


class MonthlyStatus(models.Model):
    """The figures of the whole, frozen month by month, for lines over the years and for the tie between areas.

    Frozen so that no two pages differ by few; a figure that would is last month's. `figures` may be shown as it
    stands; `made_of` is for the next month's comparison and shown to nobody.
    """

    month = models.DateField(unique=True)
    figures = models.JSONField()
    made_of = models.JSONField(default=dict)
    computed_at = models.DateTimeField()

    class Meta:
        ordering = ["-month"]

    def __str__(self):
        return f"{self.month:%Y-%m}"
