"""What members type about how a meeting is moved."""

from django import forms
from django.utils.translation import gettext_lazy as _

from members.fields import PlainTextField, WholeNumberField
from networks.conflicts import SeenMixin


class MovingRuleForm(SeenMixin, forms.Form):
    text = PlainTextField(
        label=_("Sådan flytter vi et møde"),
        max_length=1000,
        help_text=_("Hvornår må et møde flyttes, og hvem bestemmer den nye dato?"),
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    seen = WholeNumberField(required=False, widget=forms.HiddenInput)
