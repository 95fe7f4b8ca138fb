from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from members.danish import today
from networks import composition, directions, exercises, permissions, review, steps, types
from networks.models import Consultation, Network
from networks.step_forms import STEP_FORMS
from networks.tabs import tabs
from networks.views.confirm import posted
from networks.views.saving import save_over


@require_safe
def basis(request, slug):
    """The whole strategic basis to read, what it lacks, and every decision about it."""
    user = request.user
    network = permissions.get_network(user, slug)
    if not permissions.can_see_basis(user, network):
        raise PermissionDenied
    now = timezone.now()
    is_editable = permissions.can_edit_design(user, network)
    lacks = steps.lacks_by_step(network, now) if network.is_in_design else []
    context = {
        "exercises": exercises.chosen(network.exercises),
        "goals": network.goal_hierarchy.all(),
        "network": network,
        "tabs": tabs(user, network, "basis"),
        "guide": types.guide_to(network.type),
        "lacks": lacks,
        "decisions": network.decisions.select_related("decided_by"),
        "versions": network.basis_versions.defer("texts").select_related("kept_by"),
        "can_review": user.is_hr and network.state in review.STATES_REVIEWED,
        "can_edit": is_editable,
        "can_renew_kurs": user.is_hr and network.state in directions.STATES_UNDER_WAY,
        "consultations": _consultations(user, network),
        "can_consult": is_editable and network.state != Network.State.IN_CONSULTATION,
        "can_submit": is_editable and not lacks and network.state != Network.State.IN_CONSULTATION,
        "can_decide": permissions.can_decide(user, network) and network.state == Network.State.SUBMITTED,
    }
    return render(request, "networks/basis.html", context)


def _consultations(user, network: Network):
    """Each høring that has been sent, for those who may read it, with how many have answered."""
    sent = Consultation.objects.visible_to(user).filter(network=network)
    return sent.annotate(asked=Count("replies"), replied=Count("replies", filter=Q(replies__replied_at__isnull=False)))


@require_safe
def exercise_catalogue(request):
    """The exercises, for everyone who is signed in: nothing in them belongs to one network."""
    return render(request, "networks/exercises.html", {"exercises": exercises.EXERCISES})


@require_http_methods(["GET", "HEAD", "POST"])
def new(request):
    """The first step of a network that is not there yet, maybe begun from an earlier one; saving it makes the draft."""
    if not request.user.is_hr:
        raise PermissionDenied
    step = steps.STEPS[0]
    source = permissions.get_network(request.user, request.GET["fra"]) if request.GET.get("fra") else None
    is_next_season = source is not None and "saeson" in request.GET
    network = Network()
    form = STEP_FORMS[step.slug](posted(request), instance=network, initial=_first_step_of(source))
    if request.method == "POST" and form.is_valid():
        network = steps.create_draft(
            form, actor=request.user, now=timezone.now(), source=source, is_next_season=is_next_season
        )
        messages.success(request, _("Kladden er gemt. Du og dine kolleger kan vende tilbage til den når som helst."))
        return _go_on(request, network, step)
    context = _step_context(request, network, step, form, lacks=[])
    context |= {"source": source, "is_next_season": is_next_season}
    context |= {"earlier": Network.objects.visible_to(request.user).only("name", "slug", "sort_text")}
    return render(request, "networks/edit_basis.html", context)


def _first_step_of(source: Network | None) -> dict:
    """What a copy shows in its first step. A kurs that has run out is not taken along."""
    if source is None:
        return {}
    has_kurs = source.direction and source.direction.is_current(today())
    return {
        "direction": source.direction_id if has_kurs else None,
        "purpose": source.purpose,
        "personal_outcomes": source.personal_outcomes,
        "personal_outcome_note": source.personal_outcome_note,
        "gains": source.gains,
    }


@require_http_methods(["GET", "HEAD", "POST"])
def edit_basis(request, slug, step=""):
    network = permissions.get_network_as_hr(request.user, slug)
    now = timezone.now()
    lacks = steps.lacks_by_step(network, now)
    if not permissions.can_edit_design(request.user, network):
        messages.error(request, _("Grundlaget kan ikke ændres længere: det er sendt til godkendelse eller godkendt."))
        return redirect("networks:basis", slug)
    if not step:
        first = lacks[0][0] if lacks else steps.STEPS[0]
        return redirect("networks:edit_basis", slug, first.slug)
    if step not in steps.BY_SLUG:
        raise Http404
    step = steps.BY_SLUG[step]
    form = STEP_FORMS[step.slug](posted(request), instance=network)
    context = {}
    if step.slug == "type":
        suggestion = types.suggest(request.GET.dict())
        context = {"questions": types.QUESTIONS, "answers": request.GET.dict(), "suggestion": suggestion}
        context["suggested_guide"] = types.guide_to(suggestion.type) if suggestion else None
        if suggestion and not form.is_bound:
            form.follow(suggestion)

    def save(seen, **_fields):
        return steps.save_step(form, seen=seen, actor=request.user, now=now)

    saving = save_over(form, save)
    if saving.is_done:
        messages.success(request, _("Gemt."))
        return _go_on(request, network, step)
    if saving.conflict:
        context["differences"] = form.differences(saving.theirs)
    # Read anew: a form that was refused has already put its own words on the object in hand.
    shown = permissions.get_network(request.user, slug) if request.method == "POST" else network
    context |= _step_context(request, shown, step, form, lacks=lacks) | saving.shown
    return render(request, "networks/edit_basis.html", context, status=saving.status)


def _go_on(request, network: Network, step: steps.Step):
    """To the next step, or to the whole when this was the last or HR wants to stop here."""
    if "check" in request.POST and step.slug == "deltagere":
        return redirect(reverse("networks:edit_basis", args=[network.slug, step.slug]) + "#passer")
    following = steps.step_after(step)
    if following is None or "stop" in request.POST:
        return redirect("networks:basis", network.slug)
    return redirect("networks:edit_basis", network.slug, following.slug)


def _step_context(request, network: Network, step: steps.Step, form, *, lacks) -> dict:
    return {
        "network": network,
        "step": step,
        "number": steps.STEPS.index(step) + 1,
        "total": len(steps.STEPS),
        "form": form,
        "steps": steps.guide(network, [lack for _step, lack in lacks], step),
        "lacks": lacks,
        "type_guides": types.GUIDES if step.slug == "type" else (),
        "sizes": types.SIZES if step.slug == "ramme" else (),
        "prospects": composition.prospects(network) if step.slug == "deltagere" else None,
    }
