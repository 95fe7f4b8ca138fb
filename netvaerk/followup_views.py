"""HR's pages of Opfølgning: the list, its exports, the views one saves, and its limits."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from members.danish import danish_key, today
from members.permissions import hr_only
from netvaerk import export, followup_email
from netvaerk import followup as room
from netvaerk.followup import Line, State
from netvaerk.followup_forms import FollowUpFilter, LimitsForm, SavedViewForm
from netvaerk.models import FollowUpLimits, SavedView
from networks.views.confirm import posted
from networks.views.saving import save_over

PER_PAGE = 25


@require_safe
@hr_only
def followup(request):
    now = timezone.now()
    every, found = _find(request.GET, now)
    return render(request, "netvaerk/followup.html", _page(request, every, found, now))


def _find(data, now) -> tuple[list[Line], FollowUpFilter]:
    every = room.lines(now)
    return every, FollowUpFilter(data, areas=_areas(every))


def _areas(lines: list[Line]) -> list[tuple[int, str]]:
    names = {line.facts.area: line.facts.area_name for line in lines if line.facts.area}
    return sorted(names.items(), key=lambda pair: danish_key(pair[1]))


def _page(request, every: list[Line], found: FollowUpFilter, now, name_form=None) -> dict:
    lines = found.narrow(every)
    urgent = [line for line in lines if line.findings]
    views = list(SavedView.objects.filter(user=request.user))
    for view in views:
        view.is_current = view.query == found.query
    return {
        "now": now,
        "filter": found,
        "total": len(lines),
        "page": Paginator(urgent, PER_PAGE).get_page(request.GET.get("page")),
        "on_track": [line for line in lines if line.state == State.ON_TRACK],
        "no_data": [line for line in lines if line.state == State.NO_DATA],
        "counts": [(state, sum(line.state == state for line in every)) for state in State],
        "views": views,
        "can_save": bool(found.query) and not any(view.is_current for view in views),
        "name_form": name_form or SavedViewForm(user=request.user),
        "can_set_limits": request.user.is_hr_admin,
    }


@require_safe
@hr_only
def export_followup(request, kind):
    """One row for each thing to follow up; a network without any has one row of its own."""
    if kind not in export.FORMATS:
        raise Http404
    now = timezone.now()
    every, found = _find(request.GET, now)
    header = [
        _("Netværk"),
        _("Netværkstype"),
        _("Område"),
        _("Tilstand"),
        _("Årsag"),
        _("Siden"),
        _("Hvorfor det betyder noget"),
        _("Næste skridt"),
        _("Opgjort"),
    ]
    return export.respond(kind, "opfoelgning", header, _rows(found.narrow(every), now))


def _rows(lines: list[Line], now):
    day = today(now)
    for line in lines:
        network = (line.facts.name, line.type_label, line.facts.area_name, line.state.label)
        for finding in line.findings:
            yield (*network, finding.fact, finding.since, finding.reason, finding.button, day)
        if not line.findings:
            yield (*network, line.note, None, None, None, day)


# --- Saved views -----------------------------------------------------------------------------------------------------


@require_POST
@hr_only
def save_view(request):
    """Keep the filters under a name; a name used before gets the new filters."""
    now = timezone.now()
    every, found = _find(QueryDict(request.POST.get("query", "")[:1000]), now)
    form = SavedViewForm(request.POST, user=request.user)
    if not form.is_valid():
        return render(request, "netvaerk/followup.html", _page(request, every, found, now, form), status=400)
    SavedView.objects.update_or_create(
        user=request.user, name=form.cleaned_data["name"], defaults={"query": found.query}
    )
    messages.success(request, _("Visningen er gemt."))
    return redirect(f"{reverse('netvaerk:followup')}?{found.query}")


@require_POST
@hr_only
def drop_view(request, pk):
    view = get_object_or_404(SavedView, pk=pk, user=request.user)
    view.delete()
    messages.success(request, _("Visningen “%(name)s” er slettet.") % {"name": view.name})
    return redirect("netvaerk:followup")


@require_POST
@hr_only
def choose_weekly_mail(request):
    wants_mail = request.POST.get("wants") == "yes"
    followup_email.choose(request.user, wants_mail=wants_mail)
    messages.success(
        request,
        _("Du får opfølgningen som mail hver mandag kl. 8.")
        if wants_mail
        else _("Du får ikke længere mandagens mail."),
    )
    return redirect("members:profile" if request.POST.get("back") == "profile" else "netvaerk:followup")


# --- Limits ----------------------------------------------------------------------------------------------------------


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@hr_only
def followup_limits(request):
    """When a network needs HR: the administrators' to say, for everyone to read."""
    limits = FollowUpLimits.load()
    form = LimitsForm(posted(request), instance=limits, initial={"seen": limits.version})
    if request.method == "POST" and not request.user.is_hr_admin:
        raise PermissionDenied

    def change(seen, **values):
        return room.change_limits(values, seen=seen, actor=request.user, now=timezone.now())

    saving = save_over(form, change)
    if saving.is_done:
        messages.success(request, _("Grænserne er gemt og gælder med det samme."))
        return redirect("netvaerk:followup")
    stands = saving.theirs or FollowUpLimits.load()
    fields = form.visible_fields()
    if saving.conflict:  # what the two have said alike needs no comparing
        fields = [field for field in fields if getattr(stands, field.name) != form.cleaned_data[field.name]]
    values = [(field.label, getattr(stands, field.name)) for field in fields]
    context = {"form": form, "values": values, "can_set_limits": request.user.is_hr_admin} | saving.shown
    status = 400 if form.errors else saving.status
    return render(request, "netvaerk/followup_limits.html", context, status=status)
