"""allauth's forms for passkeys, with names and hints in our words."""

from allauth.mfa.webauthn.forms import AddWebAuthnForm, EditWebAuthnForm
from django.utils.translation import gettext_lazy as _

from members.fields import PlainCharField


def _name_field(*, required: bool) -> PlainCharField:
    return PlainCharField(
        label=_("Navn på nøglen"), max_length=60, required=required, help_text=_("Fx “Min telefon” eller “Blå nøgle”.")
    )


class AddPasskeyForm(AddWebAuthnForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields = {"name": _name_field(required=False)} | {k: f for k, f in self.fields.items() if k != "name"}
        self.fields["passwordless"].label = _("Log ind med nøglen alene, uden adgangskode")
        self.fields["passwordless"].help_text = _("Kræver, at nøglen kender dig på fingeraftryk, ansigt eller pinkode.")


class EditPasskeyForm(EditWebAuthnForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["name"] = _name_field(required=True)
