"""What people type about who belongs, and about a network's course."""

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from members.fields import DanishDateField, PlainTextField, WholeNumberField
from networks.lifecycle import SIZE_LEAST, SIZE_MOST


class CapacityForm(forms.Form):
    size_min = WholeNumberField(label=_("Mindst"), min_value=SIZE_LEAST, max_value=SIZE_MOST)
    size_max = WholeNumberField(label=_("Højst"), min_value=SIZE_LEAST, max_value=SIZE_MOST)

    def clean(self):
        cleaned = super().clean()
        least, most = cleaned.get("size_min"), cleaned.get("size_max")
        if least and most and most < least:
            self.add_error("size_max", _("Vælg et tal, der er mindst lige så stort som det første."))
        return cleaned


class FarewellForm(forms.Form):
    farewell = PlainTextField(
        label=_("Afskedshilsen"),
        help_text=_("Fx hvad netværket har givet, og hvor medlemmerne kan gå hen nu."),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class EarlierMembersForm(forms.Form):
    invites_earlier = forms.BooleanField(required=False, initial=True)

    def __init__(self, *args, network, number: int, **kwargs):
        super().__init__(*args, **kwargs)
        words = {"number": number, "network": network.continues, "seats": network.size_max}
        field = self.fields["invites_earlier"]
        field.label = (
            ngettext(
                "Inviter det ene medlem fra %(network)s", "Inviter de %(number)d medlemmer fra %(network)s", number
            )
            % words
        )
        field.help_text = (
            _(
                "De får en mail og svarer selv. Der er %(seats)d pladser, og de, der har været med længst, kommer "
                "først. Den, som noget taler imod, må du invitere bagefter med en begrundelse."
            )
            % words
        )


class LeaveForm(forms.Form):
    leave_from = DanishDateField(label=_("Orlov fra"), help_text=_("Fx 1.8.2027"))
    leave_to = DanishDateField(label=_("Orlov til og med"))

    def clean(self):
        cleaned = super().clean()
        first, last = cleaned.get("leave_from"), cleaned.get("leave_to")
        if first and last and last < first:
            self.add_error("leave_to", _("Orloven skal slutte efter den dag, den begynder."))
        return cleaned
