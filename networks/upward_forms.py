"""Forms for what leaves the room by the group's own choice."""

from django import forms
from django.utils.translation import gettext_lazy as _

from members.fields import PlainTextField
from networks.conflicts import SeenMixin
from networks.models import SupportRequest


class SupportRequestForm(forms.Form):
    need = forms.ChoiceField(
        label=_("Hvad har I brug for?"),
        choices=SupportRequest.Need.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Vælg, hvad I har brug for.")},
    )
    text = PlainTextField(
        label=_("Beskriv det kort"),
        help_text=_("Hvad skal det bruges til, og hvornår?"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
    )


class SupportAnswerForm(forms.Form):
    state = forms.ChoiceField(
        label=_("Kan I imødekomme ønsket?"),
        choices=[
            (SupportRequest.State.GRANTED.value, _("Ja, vi imødekommer det")),
            (SupportRequest.State.DECLINED.value, _("Nej, vi afslår det")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Vælg, om I kan imødekomme ønsket.")},
    )
    answer = PlainTextField(
        label=_("Svar til netværket"),
        help_text=_("Skriv, hvad der sker nu, eller hvorfor det ikke kan lade sig gøre."),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
    )


class ManagementMessageForm(SeenMixin, forms.Form):
    text = PlainTextField(
        label=_("Budskab"),
        help_text=_("Hvad skal topledelsen vide, og hvad foreslår I?"),
        max_length=3000,
        widget=forms.Textarea(attrs={"rows": 8}),
    )
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)
