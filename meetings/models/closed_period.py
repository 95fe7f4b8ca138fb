"""Days on which a network had better not meet: local, and kept by HR."""

from datetime import date

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class ClosedPeriodQuerySet(models.QuerySet):
    def within(self, first: date, last: date | None = None):
        """Those that touch the days from `first` to `last`, or all from `first` on."""
        periods = self.filter(last_date__gte=first)
        return periods.filter(first_date__lte=last) if last else periods


class ClosedPeriod(models.Model):
    """A school break, days when the house is closed, or a day the politicians meet."""

    class Kind(models.TextChoices):
        SCHOOL_BREAK = "school_break", _("Skoleferie")
        CLOSED = "closed", _("Lukket")
        POLITICAL = "political", _("Politisk møde")

    KINDS_SKIPPED = (Kind.SCHOOL_BREAK, Kind.CLOSED)

    kind = models.CharField(_("Hvad er det?"), max_length=12, choices=Kind)
    name = models.CharField(_("Navn"), max_length=100)
    first_date = models.DateField(_("Fra"))
    last_date = models.DateField(_("Til og med"))
    version = models.PositiveIntegerField(default=1)

    objects = ClosedPeriodQuerySet.as_manager()

    class Meta:
        ordering = ["first_date", "last_date", "pk"]
        verbose_name = _("lukkedage")
        verbose_name_plural = _("lukkedage")
        constraints = [
            models.CheckConstraint(
                condition=Q(last_date__gte=F("first_date")), name="a_period_ends_on_or_after_its_start"
            ),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("meetings:closed_period", args=[self.pk])

    @property
    def is_one_day(self) -> bool:
        return self.first_date == self.last_date

    @property
    def is_skipped(self) -> bool:
        """Whether a plan proposes other days instead."""
        return self.kind in self.KINDS_SKIPPED
