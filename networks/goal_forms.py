"""Forms of the members' goals."""

from django import forms
from django.utils.translation import gettext_lazy as _

from members.fields import DanishDateField, PlainCharField, PlainTextField, WholeNumberField
from networks.conflicts import SeenMixin
from networks.models import Goal, Network


class GoalForm(SeenMixin, forms.Form):
    title = PlainCharField(
        label=_("Hvad vil I opnå?"), help_text=_("Skriv det, så I kan blive enige om, hvornår det er nået.")
    )
    measure = PlainTextField(
        label=_("Hvordan kan I se, at det er lykkedes?"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    due_on = DanishDateField(label=_("Hvornår?"))
    serves = forms.ModelChoiceField(
        label=_("Hænger sammen med"),
        help_text=_("Et mål i netværkets målhierarki."),
        queryset=None,
        required=False,
        empty_label=_("Intet bestemt"),
    )
    seen = WholeNumberField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, network: Network, **kwargs):
        super().__init__(*args, **kwargs)
        hierarchy = network.goal_hierarchy.all()
        self.fields["serves"].queryset = hierarchy
        if not hierarchy.exists():
            del self.fields["serves"]


class AssessGoalForm(SeenMixin, forms.Form):
    state = forms.ChoiceField(
        label=_("Hvordan gik det?"),
        choices=[
            *((state.value, state.label) for state in Goal.State if state != Goal.State.OPEN),
            Goal.State.choices[0],
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Vælg, hvor langt I er nået.")},
    )
    outcome = PlainTextField(
        label=_("Hvad skete der?"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    seen = WholeNumberField(widget=forms.HiddenInput)
