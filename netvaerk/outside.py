"""Ledere uden netværk: who they are and where they sit. For HR alone, who keeps the list of leaders."""

from dataclasses import dataclass

from django import forms
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from members.danish import danish_key
from members.logbooks import note_list
from members.models import Leader, LeadershipLevel, ListRead, OrgUnit, ProfessionalField
from members.organisation import Organisation
from members.permissions import hr_only
from netvaerk import export
from networks.models import Membership, Network

PER_PAGE = 50


class OutsideFilter(forms.Form):
    area = forms.ModelChoiceField(None, label=gettext_lazy("Område"), required=False, empty_label=gettext_lazy("Alle"))
    level = forms.ModelChoiceField(
        LeadershipLevel.objects.all(),
        label=gettext_lazy("Ledelsesniveau"),
        required=False,
        empty_label=gettext_lazy("Alle"),
    )
    field = forms.ModelChoiceField(
        ProfessionalField.objects.all(),
        label=gettext_lazy("Fagområde"),
        required=False,
        empty_label=gettext_lazy("Alle"),
    )

    def __init__(self, data):
        super().__init__(data)
        self.fields["area"].queryset = OrgUnit.objects.filter(parent__isnull=True)
        self.is_valid()
        self.asked = {name: value for name, value in self.cleaned_data.items() if value}

    @property
    def query(self) -> str:
        return "&".join(f"{name}={value.pk}" for name, value in self.asked.items())

    def narrow(self, leaders: QuerySet[Leader]) -> QuerySet[Leader]:
        if area := self.asked.get("area"):
            leaders = leaders.filter(unit__area=area)
        if level := self.asked.get("level"):
            leaders = leaders.filter(level=level)
        if field := self.asked.get("field"):
            leaders = leaders.filter(field=field)
        return leaders


@dataclass
class Share:
    """One area, level or field: how many leaders it has, and how many of them are in no network."""

    label: str
    key: int | None
    total: int = 0
    outside: int = 0

    @property
    def part(self) -> float:
        return round(100 * self.outside / self.total, 1)


def with_seat() -> QuerySet[Leader]:
    """Every leader of today, with `is_inside`: a seat in a network that has not ended."""
    seat = Membership.objects.inside().filter(leader=OuterRef("pk")).exclude(network__state=Network.State.CLOSED)
    return Leader.objects.current().annotate(is_inside=Exists(seat))


def outside() -> QuerySet[Leader]:
    return with_seat().filter(is_inside=False)


def shares() -> list[tuple[str, str, list[Share]]]:
    """By area, level and field: the name of the filter, the heading, and the lines with most outside first."""
    columns = {
        "area": (_("Område"), "unit__area_id", "unit__area__name"),
        "level": (_("Ledelsesniveau"), "level_id", "level__name"),
        "field": (_("Fagområde"), "field_id", "field__name"),
    }
    found: dict[str, dict] = {name: {} for name in columns}
    values = [column for _label, key, label in columns.values() for column in (key, label)]
    for row in with_seat().order_by().values_list("is_inside", *values):
        for place, name in enumerate(columns):
            key, label = row[1 + 2 * place], row[2 + 2 * place]
            share = found[name].get(key)
            if share is None:
                share = found[name][key] = Share(label or _("Ikke angivet"), key)
            share.total += 1
            share.outside += not row[0]
    return [
        (name, heading, sorted(found[name].values(), key=lambda share: (-share.outside, danish_key(share.label))))
        for name, (heading, _key, _name) in columns.items()
    ]


# --- Pages -----------------------------------------------------------------------------------------------------------


@require_safe
@hr_only
def page(request):
    form = OutsideFilter(request.GET)
    organisation = Organisation()
    page = Paginator(form.narrow(outside()).for_lists(), PER_PAGE).get_page(request.GET.get("page"))
    for leader in page:
        leader.unit_label = organisation.label(organisation.units[leader.unit_id])
    _note(request, form, page)
    split = shares()
    everyone = split[0][2]
    context = {
        "filter": form,
        "page": page,
        "shares": split,
        "total": sum(share.total for share in everyone),
        "outside": sum(share.outside for share in everyone),
    }
    return render(request, "netvaerk/outside.html", context)


def _note(request, form: OutsideFilter, leaders, *, is_export: bool = False) -> None:
    people = [leader.user_id for leader in leaders]
    note_list(
        ListRead.Kind.OUTSIDE,
        people,
        reader=request.user,
        now=timezone.now(),
        selection=form.asked,
        is_export=is_export,
    )


@require_safe
@hr_only
def export_page(request, kind):
    if kind not in export.FORMATS:
        raise Http404
    form, organisation = OutsideFilter(request.GET), Organisation()
    header = [
        _("Navn"),
        _("E-mail"),
        _("Stilling"),
        _("Område"),
        _("Enhed"),
        _("Ledelsesniveau"),
        _("Fagområde"),
        _("I stillingen siden"),
    ]
    leaders = list(form.narrow(outside()).for_lists())
    _note(request, form, leaders, is_export=True)
    rows = (
        (
            leader.user.get_full_name(),
            leader.user.email,
            leader.title,
            leader.area.name,
            organisation.label(organisation.units[leader.unit_id]),
            leader.level and leader.level.name,
            leader.field and leader.field.name,
            leader.valid_from,
        )
        for leader in leaders
    )
    return export.respond(kind, "ledere-uden-netvaerk", header, rows)
