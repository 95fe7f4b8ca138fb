"""Pages of the members' goals."""

from functools import partial

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from members.danish import today
from networks import goals as room
from networks.goal_forms import AssessGoalForm, GoalForm
from networks.models import Goal, Network
from networks.permissions import get_room
from networks.room_permissions import get_goal
from networks.tabs import tabs
from networks.views.confirm import confirm, posted
from networks.views.saving import save_over


def _page(request, template: str, network: Network, *, status: int = 200, **context):
    context |= {
        "network": network,
        "tabs": tabs(request.user, network, "goals"),
        "can_work": room.can_work(request.user, network),
    }
    return render(request, f"networks/{template}.html", context, status=status)


@never_cache
@require_safe
def goals(request, slug):
    """The goals that are worked on, by date, and how the others went."""
    network = get_room(request.user, slug)
    found = list(network.goals.select_related("serves"))
    day = today(timezone.now())
    for goal in found:
        goal.is_late = goal.is_open and goal.due_on < day
    return _page(
        request,
        "goals",
        network,
        goals=[goal for goal in found if goal.is_open],
        assessed=sorted((goal for goal in found if not goal.is_open), key=lambda goal: goal.assessed_at, reverse=True),
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new_goal(request, slug):
    network = _workroom(request, slug)
    form = GoalForm(posted(request), network=network)

    def add(seen, **answer):
        return room.add(network, actor=request.user, now=timezone.now(), **answer)

    if save_over(form, add).is_done:
        messages.success(request, _("Målet er sat."))
        return redirect("networks:goals", slug)
    return _page(request, "goal_edit", network, form=form)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def change_goal(request, slug, pk):
    goal = _goal_to_work_on(request, slug, pk)
    initial = {name: getattr(goal, name) for name in ("title", "measure", "due_on", "serves")}
    form = GoalForm(posted(request), network=goal.network, initial=initial | {"seen": goal.version})
    return _save(request, goal, form, room.change, "goal_edit", _("Målet er rettet."))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def assess_goal(request, slug, pk):
    goal = _goal_to_work_on(request, slug, pk)
    state = {} if goal.is_open else {"state": goal.state}
    form = AssessGoalForm(posted(request), initial={"outcome": goal.outcome, "seen": goal.version, **state})
    return _save(request, goal, form, room.assess, "goal_assess", _("I har gjort status på målet."))


@require_http_methods(["GET", "HEAD", "POST"])
def drop_goal(request, slug, pk):
    goal = _goal_to_work_on(request, slug, pk)
    return confirm(
        request,
        act=partial(room.drop, goal, actor=request.user, seen=goal.version, now=timezone.now()),
        back=reverse("networks:goals", args=[slug]),
        network=goal.network,
        heading=_("Slet målet?"),
        consequence=_("Målet forsvinder for alle i netværket og kan ikke hentes tilbage."),
        button=_("Slet"),
        done=_("Målet er slettet."),
        is_warning=True,
    )


def _workroom(request, slug: str) -> Network:
    network = get_room(request.user, slug)
    if not room.can_work(request.user, network):
        raise PermissionDenied
    return network


def _goal_to_work_on(request, slug: str, pk: int) -> Goal:
    goal = get_goal(request.user, slug, pk)
    if not room.can_work(request.user, goal.network):
        raise PermissionDenied
    return goal


def _save(request, goal: Goal, form, act, template: str, done: str):
    """Save what was written, or show it beside what someone else has saved in the meantime."""
    saving = save_over(form, partial(act, goal, actor=request.user, now=timezone.now()))
    if saving.is_done:
        messages.success(request, done)
        return redirect("networks:goals", goal.network.slug)
    return _page(request, template, goal.network, form=form, goal=goal, status=saving.status, **saving.shown)
