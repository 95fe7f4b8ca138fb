"""Mine mål: pages with one reader."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from members.danish import today
from networks import personal_goals as room
from networks.permissions import get_room
from networks.personal_goals_forms import LookBackForm, PersonalGoalsForm
from networks.tabs import tabs
from networks.views.confirm import posted


def _page(request, template: str, network, **context):
    context |= {"network": network, "tabs": tabs(request.user, network, "personal_goals")}
    return render(request, f"networks/{template}.html", context)


@never_cache
@require_safe
def personal_goals(request, slug):
    network = get_room(request.user, slug)
    goals = room.of(request.user, network)
    awaits = goals is not None and goals.awaits(today(timezone.now()))
    return _page(request, "personal_goals", network, goals=goals, awaits=awaits)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def write_personal_goals(request, slug):
    network = get_room(request.user, slug)
    goals = room.of(request.user, network)
    form = PersonalGoalsForm(posted(request), initial={"text": goals.text} if goals else None)
    if form.is_valid():
        room.write(network, actor=request.user, now=timezone.now(), **form.cleaned_data)
        messages.success(request, _("Dine mål er gemt. Kun du kan læse dem."))
        return redirect("networks:personal_goals", slug)
    return _page(request, "personal_goals_edit", network, form=form)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def look_back_on_personal_goals(request, slug):
    network = get_room(request.user, slug)
    goals = room.of(request.user, network)
    if goals is None:
        raise Http404
    form = LookBackForm(posted(request), initial={"text": goals.looked_back})
    if form.is_valid():
        room.look_back(goals, actor=request.user, now=timezone.now(), **form.cleaned_data)
        messages.success(request, _("Dit tilbageblik er gemt. Kun du kan læse det."))
        return redirect("networks:personal_goals", slug)
    return _page(request, "personal_goals_look_back", network, form=form, goals=goals)
