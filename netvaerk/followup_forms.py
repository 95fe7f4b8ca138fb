"""Filters of Opfølgning, the views a person saves of it, and its limits."""

from urllib.parse import urlencode

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.fields import PlainCharField, WholeNumberField
from netvaerk.followup import LIMITS, Line, State
from netvaerk.followup_rules import RULES
from netvaerk.models import FollowUpLimits, SavedView
from networks.conflicts import SeenMixin
from networks.models import NetworkType

MOST_VIEWS = 20


class FollowUpFilter(forms.Form):
    """What stands in the address; what is not a choice asks for nothing."""

    state = forms.ChoiceField(label=gettext_lazy("Tilstand"), required=False)
    rule = forms.ChoiceField(label=gettext_lazy("Årsag"), required=False)
    type = forms.ChoiceField(label=gettext_lazy("Netværkstype"), required=False)
    area = forms.TypedChoiceField(label=gettext_lazy("Område"), required=False, coerce=int, empty_value=None)

    def __init__(self, data, *, areas: list[tuple[int, str]]):
        super().__init__(data)
        everything = ("", _("Alle"))
        self.fields["state"].choices = [everything, *State.choices]
        self.fields["rule"].choices = [everything, *((rule.code, rule.label) for rule in RULES)]
        self.fields["type"].choices = [everything, *NetworkType.choices]
        self.fields["area"].choices = [everything, *areas]
        self.is_valid()
        self.asked = {name: value for name, value in self.cleaned_data.items() if value}

    @property
    def query(self) -> str:
        """The filters as this page itself would write them, and nothing else of what was sent."""
        return urlencode(self.asked)

    def narrow(self, lines: list[Line]) -> list[Line]:
        state, rule, kind, area = (self.asked.get(name) for name in ("state", "rule", "type", "area"))
        return [
            line
            for line in lines
            if (not state or line.state == state)
            and (not rule or any(finding.rule == rule for finding in line.findings))
            and (not kind or line.facts.type == kind)
            and (not area or line.facts.area == area)
        ]


class SavedViewForm(forms.Form):
    name = PlainCharField(label=gettext_lazy("Gem valget som"), max_length=60)

    def __init__(self, data=None, *, user):
        super().__init__(data)
        self.user = user

    def clean_name(self):
        name = self.cleaned_data["name"]
        mine = SavedView.objects.filter(user=self.user)
        if not mine.filter(name=name).exists() and mine.count() >= MOST_VIEWS:
            raise forms.ValidationError(
                _("Du har %(most)d gemte visninger. Slet en, før du gemmer en ny.") % {"most": MOST_VIEWS}
            )
        return name


class LimitsForm(SeenMixin, forms.ModelForm):
    seen = WholeNumberField(widget=forms.HiddenInput)

    class Meta:
        model = FollowUpLimits
        fields = LIMITS
        field_classes = dict.fromkeys(LIMITS, WholeNumberField)
