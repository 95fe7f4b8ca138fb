"""What HR types about lukkedage."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from meetings.closed_periods import LONGEST_DAYS
from meetings.models import ClosedPeriod
from members.danish import parse_date
from members.fields import DanishDateField, PlainCharField, PlainTextField, WholeNumberField
from networks.conflicts import SeenMixin

MOST_DATES = 60


class DateLinesField(PlainTextField):
    """Days, one to a line."""

    def clean(self, value):
        days = []
        for line in super().clean(value).splitlines():
            if not line.strip():
                continue
            try:
                days.append(parse_date(line.strip()))
            except ValueError as error:
                raise ValidationError(f"{line.strip()}: {error}", code="invalid") from None
        if len(days) > MOST_DATES:
            raise ValidationError(_("Skriv højst %(limit)d datoer ad gangen."), params={"limit": MOST_DATES})
        return days


class ClosedPeriodForm(SeenMixin, forms.Form):
    kind = forms.ChoiceField(
        label=_("Hvad er det?"),
        choices=ClosedPeriod.Kind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Vælg, hvad det er.")},
    )
    name = PlainCharField(
        label=_("Navn"),
        max_length=100,
        help_text=_("Fx Efterårsferie eller Byrådsmøde"),
        widget=forms.TextInput(attrs={"class": "input-width-l"}),
    )
    first_date = DanishDateField(label=_("Fra"), help_text=_("Fx 18.10.2027"))
    last_date = DanishDateField(label=_("Til og med"), required=False, help_text=_("Tomt betyder én dag."))
    seen = WholeNumberField(required=False, widget=forms.HiddenInput)

    def clean(self):
        cleaned = super().clean()
        first = cleaned.get("first_date")
        last = cleaned.get("last_date") or first
        if first and "last_date" not in self.errors:
            cleaned["last_date"] = last
            if last < first:
                self.add_error("last_date", _("Slutdatoen ligger før startdatoen."))
            elif (last - first).days >= LONGEST_DAYS:
                self.add_error("last_date", _("En periode kan højst være på %(days)d dage.") % {"days": LONGEST_DAYS})
        return cleaned


class NewClosedPeriodForm(ClosedPeriodForm):
    more_dates = DateLinesField(
        label=_("Flere dage med samme navn"),
        required=False,
        max_length=2000,
        help_text=_("Én dato på hver linje. Praktisk til årets byrådsmøder."),
        widget=forms.Textarea(attrs={"rows": 4, "class": "input-width-l"}),
    )
