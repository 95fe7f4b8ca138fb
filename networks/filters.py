"""Search and filters of the catalogue."""

import django_filters
from django import forms
from django.utils.translation import gettext_lazy as _

from members.filters import AskedFilter
from members.models import LeadershipLevel, ProfessionalField
from networks.models import Network, NetworkType


class CatalogueFilter(django_filters.FilterSet):
    q = AskedFilter(label=_("Søg"), method="search", max_length=100)
    type = django_filters.ChoiceFilter(label=_("Netværkstype"), choices=NetworkType, empty_label=_("Alle"))
    field = django_filters.ModelChoiceFilter(
        label=_("Fagområde"), field_name="fields", queryset=ProfessionalField.objects.all(), empty_label=_("Alle")
    )
    level = django_filters.ModelChoiceFilter(
        label=_("Ledelsesniveau"), queryset=LeadershipLevel.objects.all(), empty_label=_("Alle")
    )
    state = django_filters.ChoiceFilter(label=_("Tilstand"), choices=Network.State, empty_label=_("Ikke afsluttede"))
    free = django_filters.BooleanFilter(
        label=_("Kun med ledige pladser"), method="only_free", widget=forms.CheckboxInput
    )

    class Meta:
        model = Network
        fields = ()

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        if not (user.is_hr or user.is_top_management):
            del self.filters["state"]

    def search(self, networks, _name, text):
        return networks.matching(text)

    def only_free(self, networks, _name, wanted):
        return networks.with_free_places() if wanted else networks

    def filter_queryset(self, queryset):
        found = super().filter_queryset(queryset)
        return found if self.form.cleaned_data.get("state") else found.exclude(state=Network.State.CLOSED)
