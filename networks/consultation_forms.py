"""What HR and those asked type in a høring."""

from django import forms
from django.utils.translation import gettext_lazy as _

from members.fields import DanishDateField, PlainTextField, WholeNumberField
from networks.forms import text_lines


class ConsultForm(forms.Form):
    deadline = DanishDateField(label=_("Frist"), help_text=_("Den sidste dag at svare. Fx 5.3.2027"))
    question = PlainTextField(
        label=_("Det vil vi gerne vide"),
        help_text=_("Fx om formålet er til at forstå, og om deltagerne er de rigtige."),
        required=False,
        max_length=1000,
        widget=text_lines(3),
    )


class DeadlineForm(forms.Form):
    deadline = DanishDateField(label=_("Ny frist"), help_text=_("Fx 5.3.2027"))


class ReplyForm(forms.Form):
    seen = WholeNumberField(min_value=1, widget=forms.HiddenInput, required=False)
    text = PlainTextField(label=_("Dit høringssvar"), max_length=5000, widget=text_lines(6))
