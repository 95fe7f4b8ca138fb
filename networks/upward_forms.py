"""Forms for what leaves the room by the group's own choice."""

from django import forms
from django.utils.translation import gettext_lazy as _

from members.fields import DanishDateField, LinkField, PlainCharField, PlainTextField, RowsField, WholeNumberField
from networks.conflicts import SeenMixin
from networks.models import Network, SupportRequest


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
    seen = WholeNumberField(required=False, widget=forms.HiddenInput)


class ReplyToMessageForm(forms.Form):
    text = PlainTextField(
        label=_("Svar til netværket"),
        help_text=_("Hvad gør I ved det, netværket siger, eller hvorfor gør I det ikke?"),
        max_length=3000,
        widget=forms.Textarea(attrs={"rows": 6}),
    )


class PolicyForm(forms.Form):
    title = PlainCharField(
        label=_("Hvad er i høring?"), max_length=200, widget=forms.TextInput(attrs={"class": "input-width-xl"})
    )
    text = PlainTextField(
        label=_("Det vil vi gerne vide"),
        help_text=_("Fortæl kort om udkastet, og hvad netværkene især skal svare på."),
        max_length=3000,
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    link = LinkField(
        label=_("Link til udkastet"),
        required=False,
        max_length=500,
        widget=forms.URLInput(attrs={"class": "input-width-xl"}),
    )
    deadline = DanishDateField(label=_("Frist"), help_text=_("Den sidste dag at svare. Fx 5.3.2027"))
    networks = RowsField(
        Network.objects.filter(state=Network.State.ACTIVE),
        label=_("Netværk, der skal svare"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Vælg mindst ét netværk.")},
    )
