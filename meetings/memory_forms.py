"""Forms of the two memories: one's own log, and the group's cards."""

import uuid

from django import forms
from django.utils.translation import gettext_lazy as _

from members.fields import AskedField, PlainCharField, PlainTextField, WholeNumberField
from networks.conflicts import SeenMixin


class ReflectionForm(SeenMixin, forms.Form):
    text = PlainTextField(label=_("Din note"), max_length=10_000, widget=forms.Textarea(attrs={"rows": 10}))
    seen = WholeNumberField(required=False, widget=forms.HiddenInput)
    form_key = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["form_key"].initial = uuid.uuid4


class LearningCardForm(SeenMixin, forms.Form):
    theme = PlainCharField(
        label=_("Tema"),
        help_text=_("Et par ord at finde det på, fx “Den svære samtale”."),
        max_length=100,
        widget=forms.TextInput(attrs={"class": "input-width-xl", "list": "temaer", "autocomplete": "off"}),
    )
    challenge = PlainTextField(
        label=_("Udfordringen"),
        help_text=_("Hvad var svært? Skriv om sagen, ikke om personer: “en medarbejder”, “en institution”."),
        max_length=3000,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    tried = PlainTextField(
        label=_("Det prøvede vi"), required=False, max_length=3000, widget=forms.Textarea(attrs={"rows": 4})
    )
    outcome = PlainTextField(
        label=_("Det kom der ud af det"),
        help_text=_("Også det, der ikke virkede."),
        required=False,
        max_length=3000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    shows_author = forms.BooleanField(
        label=_("Vis mit navn på kortet"),
        help_text=_("Ellers står der “Netværket”."),
        required=False,
    )
    seen = WholeNumberField(required=False, widget=forms.HiddenInput)
    form_key = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, is_author: bool = True, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["form_key"].initial = uuid.uuid4
        if not is_author:
            del self.fields["shows_author"]


class CardSearchForm(forms.Form):
    q = AskedField(label=_("Søg i kortene"), required=False, max_length=200)
