"""What an HR administrator writes when a role is given or taken."""

from django import forms
from django.utils.translation import gettext_lazy as _

from members.fields import AskedField, PersonEmailField, PlainCharField
from members.models import Role


class ReasonForm(forms.Form):
    reason = PlainCharField(
        label=_("Begrundelse"),
        max_length=300,
        help_text=_("Fx “Ny konsulent i HR fra 1. marts”. Begrundelsen står i historikken."),
    )


class GiveForm(ReasonForm):
    role = forms.ChoiceField(label=_("Rolle"))
    field_order = ["role", "reason"]

    def __init__(self, *args, roles, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [("", _("Vælg en rolle")), *roles]


class NewPersonForm(ReasonForm):
    first_name = PlainCharField(label=_("Fornavn"), max_length=100)
    last_name = PlainCharField(label=_("Efternavn"), max_length=100)
    email = PersonEmailField(label=_("E-mail"), help_text=_("Adressen er også det, personen logger ind med."))
    role = forms.ChoiceField(label=_("Rolle"), choices=[("", _("Vælg en rolle")), *Role.choices])
    field_order = ["first_name", "last_name", "email", "role", "reason"]


class SearchForm(forms.Form):
    q = AskedField(label=_("Navn eller e-mail"), max_length=100, required=False)
