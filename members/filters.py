"""Finding leaders in the list."""

import django_filters
from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from members.danish import fold
from members.fields import AskedField
from members.models import Leader, LeadershipLevel, ProfessionalField
from members.organisation import Organisation

SHOWN_DEPTH = 2


class AskedFilter(django_filters.CharFilter):
    field_class = AskedField


class LeaderFilter(django_filters.FilterSet):
    q = AskedFilter(
        method="search",
        label=_("Søg"),
        max_length=200,
        widget=forms.TextInput(
            attrs={"type": "search", "autocomplete": "off", "placeholder": _("Navn, stilling eller enhed")}
        ),
    )
    unit = django_filters.TypedChoiceFilter(method="within_unit", label=_("Enhed"), coerce=int)
    level = django_filters.ModelChoiceFilter(
        queryset=LeadershipLevel.objects.all(), label=_("Ledelsesniveau"), empty_label=_("Alle")
    )
    field = django_filters.ModelChoiceFilter(
        queryset=ProfessionalField.objects.all(), label=_("Fagområde"), empty_label=_("Alle")
    )
    without_network = django_filters.BooleanFilter(
        method="only_without_network", label=_("Uden netværk"), widget=forms.CheckboxInput
    )
    lacking = django_filters.BooleanFilter(
        method="only_lacking", label=_("Mangler niveau eller fagområde"), widget=forms.CheckboxInput
    )

    class Meta:
        model = Leader
        fields = []

    def __init__(self, *args, organisation: Organisation, **kwargs):
        super().__init__(*args, **kwargs)
        self.organisation = organisation
        chosen = str(self.data.get("unit", ""))
        self.filters["unit"].extra["choices"] = [("", _("Alle"))] + [
            (unit.pk, organisation.label(unit))
            for unit in organisation.sorted()
            if len(organisation.path(unit)) <= SHOWN_DEPTH or str(unit.pk) == chosen
        ]

    def search(self, leaders, name, value):
        """Every word is in the name, the address, the title or the unit's name; æ/ae, ø/oe and å/aa are found alike."""
        for word in fold(value).split():
            units = [unit.pk for unit in self.organisation.units.values() if word in fold(unit.name)]
            leaders = leaders.filter(
                Q(user__search_text__contains=word) | Q(search_text__contains=word) | Q(unit__in=units)
            )
        return leaders

    def within_unit(self, leaders, name, value):
        return leaders.filter(unit__in=self.organisation.beneath(value))

    def only_without_network(self, leaders, name, value):
        """Networks live a floor above, so their members are asked about through the way back from there."""
        return leaders.exclude(memberships__state__in=["active", "on_leave"]) if value else leaders

    def only_lacking(self, leaders, name, value):
        return leaders.filter(Q(level__isnull=True) | Q(field__isnull=True)) if value else leaders
