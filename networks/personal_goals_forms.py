"""Forms one leader fills in for nobody else."""

from django import forms
from django.utils.translation import gettext_lazy as _

from members.fields import PlainTextField


class PersonalGoalsForm(forms.Form):
    text = PlainTextField(
        label=_("Hvad vil du gerne have ud af netværket?"),
        help_text=_("Fx noget, du vil blive bedre til, turde eller forstå i din egen ledelse."),
        max_length=3000,
        widget=forms.Textarea(attrs={"rows": 8}),
    )


class LookBackForm(forms.Form):
    text = PlainTextField(
        label=_("Hvad blev det til?"),
        help_text=_("Hvad har du gjort anderledes? Hvad vil du tage med videre?"),
        max_length=3000,
        widget=forms.Textarea(attrs={"rows": 8}),
    )
    is_starting_over = forms.BooleanField(label=_("Vis mig målene igen om et år"), required=False)
