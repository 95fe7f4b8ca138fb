from functools import partial

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from members.logbooks import note_list
from members.models import Leader, ListRead
from members.requests import numbers
from networks import composition, fit, permissions, waiting_list
from networks import enrolment as room
from networks.forms import ReasonForm, TermsForm
from networks.models import Application, Network, Reach
from networks.refusal import Refused
from networks.views.confirm import confirm, posted

MOST_CANDIDATES = 50


# --- The leader ------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def apply(request, slug):
    network = permissions.get_network(request.user, slug)
    if _invitation(request.user, network):
        return redirect("networks:accept_invitation", slug)
    return _join(request, network, room.apply)


@require_http_methods(["GET", "HEAD", "POST"])
def accept_invitation(request, slug):
    network = permissions.get_network(request.user, slug)
    invitation = _invitation(request.user, network)
    if invitation is None:
        raise Http404
    return _join(request, network, room.accept_invitation, invitation=invitation)


def _invitation(user, network: Network) -> Application | None:
    return network.applications.filter(leader__user=user, state=Application.State.INVITED).first()


def _join(request, network: Network, act, *, invitation: Application | None = None):
    """The page where a leader reads the terms and says yes to them."""
    is_invited = invitation is not None
    form = TermsForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            result = act(network, actor=request.user, accepts_terms=True, now=timezone.now())
        except Refused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _what_happened(result, is_invited=is_invited))
        return redirect(network)
    context = {
        "network": network,
        "form": form,
        "is_invited": is_invited,
        "answer_by": invitation.answer_by if is_invited else None,
        "is_full": not is_invited and (not network.free_places or _someone_waits(network)),
        "can_apply": is_invited or (network.takes_applications and request.user.post is not None),
    }
    return render(request, "networks/apply.html", context)


def _someone_waits(network: Network) -> bool:
    return network.applications.filter(state=Application.State.WAITLISTED).exists()


def _what_happened(result, *, is_invited: bool) -> str:
    if is_invited:
        return _("Velkommen. Du er nu med i netværket.")
    if result.state == Application.State.WAITLISTED:
        return _("Du står på ventelisten. Du får besked, når der er en plads.")
    return _("Tak for din tilmelding. HR svarer dig på mail.")


@require_safe
def application(request, pk):
    """One's own request: its state, a reason if there is one, and what else would suit."""
    application = permissions.get_own_application(request.user, pk)
    is_visible = Network.objects.visible_to(request.user).filter(pk=application.network_id).exists()
    context = {
        "application": application,
        "network": application.network,
        "network_is_visible": is_visible,
        "is_open": application.state in Application.STATES_OPEN,
        "place": waiting_list.place_in_line(application) if application.state == Application.State.WAITLISTED else 0,
        "moves_up": waiting_list.moves_up(application.network),
        "fitting": [
            network for network in fit.fitting_networks(request.user)[:4] if network.pk != application.network_id
        ][:3],
    }
    return render(request, "networks/application.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request, pk):
    application = permissions.get_own_application(request.user, pk)
    is_invited = application.state == Application.State.INVITED
    back = reverse("networks:application", args=[pk])
    return confirm(
        request,
        heading=_("Sig nej tak til %(network)s?") % {"network": application.network}
        if is_invited
        else _("Træk din tilmelding til %(network)s tilbage?") % {"network": application.network},
        consequence=_("Pladsen går videre til en anden.")
        if is_invited
        else _("Du mister din plads i rækken. Du kan tilmelde dig igen senere, hvis der er plads."),
        button=_("Nej tak") if is_invited else _("Træk tilmelding tilbage"),
        act=partial(room.withdraw, application, actor=request.user, now=timezone.now()),
        done=_("Du har sagt nej tak.") if is_invited else _("Din tilmelding er trukket tilbage."),
        back=back,
        to=reverse("networks:catalogue"),
        network=application.network,
    )


# --- HR decides ------------------------------------------------------------------------------------------------------


@require_POST
def approve_application(request, pk):
    application = permissions.get_application_as_hr(request.user, pk)
    return _say_yes(
        request,
        application,
        room.approve_application,
        heading=_("Godkend %(leader)s?") % {"leader": application.leader.user},
        button=_("Godkend"),
        done=_("%(leader)s er nu med i netværket.") % {"leader": application.leader.user},
    )


@require_POST
def put_on_waiting_list(request, pk):
    application = permissions.get_application_as_hr(request.user, pk)
    return _say_yes(
        request,
        application,
        room.put_on_waiting_list,
        heading=_("Sig ja til %(leader)s på ventelisten?") % {"leader": application.leader.user},
        button=_("Sig ja"),
        done=_("%(leader)s får tilbudt en plads, når det er lederens tur.") % {"leader": application.leader.user},
    )


def _say_yes(request, application: Application, act, *, heading: str, button: str, done: str):
    """Do `act` at once when nothing speaks against the leader; otherwise ask HR why first."""
    network = application.network
    act = partial(act, application, actor=request.user, now=timezone.now())
    return _unless_in_doubt(request, network, act, heading=heading, button=button, said=lambda _done: done)


def _unless_in_doubt(request, network: Network, act, *, heading: str, button: str, said, hidden=()):
    form = ReasonForm(request.POST if "reason" in request.POST else None)
    back = reverse("networks:members", args=[network.slug])
    try:
        done = act(reason=form.cleaned_data["reason"] if form.is_bound and form.is_valid() else "")
    except room.NeedsReason as doubt:
        context = {"doubts": doubt.doubts, "form": form, "hidden": hidden, "heading": heading, "button": button}
        return render(request, "networks/override.html", context | {"network": network, "back": back})
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, said(done))
    return redirect(back)


@require_http_methods(["GET", "HEAD", "POST"])
def reject_application(request, pk):
    application = permissions.get_application_as_hr(request.user, pk)
    is_invited = application.state == Application.State.INVITED
    words = {"leader": application.leader.user, "network": application.network}
    return confirm(
        request,
        heading=_("Træk invitationen til %(leader)s tilbage?") % words
        if is_invited
        else _("Afvis tilmeldingen fra %(leader)s?") % words,
        consequence=_("Lederen får besked på mail og kan læse begrundelsen på sin side om tilmeldingen."),
        button=_("Træk tilbage") if is_invited else _("Afvis"),
        act=partial(room.reject_application, application, actor=request.user, now=timezone.now()),
        done=_("Invitationen er trukket tilbage.") if is_invited else _("Tilmeldingen er afvist."),
        back=reverse("networks:members", args=[application.network.slug]),
        form=ReasonForm(posted(request)),
        audience=_("Kun lederen selv og HR kan læse begrundelsen."),
        is_warning=True,
        network=application.network,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def candidates(request, slug):
    """Find leaders, see who fits, and invite or enrol those chosen."""
    network = permissions.get_network_as_hr(request.user, slug)
    if not network.takes_members:
        messages.error(request, _("Netværket tager ikke imod medlemmer lige nu."))
        return redirect(network)
    if request.method == "POST":
        return _invite_or_enrol(request, network)
    text = request.GET.get("q", "")[:100].strip()
    everyone = "alle" in request.GET
    found = _candidates(network, text, everyone=everyone, user=request.user)
    note_list(
        ListRead.Kind.CANDIDATES,
        [leader.user_id for leader in found[:MOST_CANDIDATES]],
        reader=request.user,
        now=timezone.now(),
        network_id=network.pk,
        selection={"name": bool(text)},
    )
    context = {
        "network": network,
        "q": text,
        "everyone": everyone,
        "candidates": found[:MOST_CANDIDATES],
        "is_cut": len(found) > MOST_CANDIDATES,
        "free": network.free_places,
    }
    return render(request, "networks/candidates.html", context)


def _candidates(network: Network, text: str, *, everyone: bool, user) -> list[Leader]:
    """Leaders outside the network but `user`, those it is for unless `everyone`, each with what speaks against."""
    leaders = (
        Leader.objects.current()
        .for_lists()
        .matching(text)
        .exclude(user=user)
        .exclude(memberships__in=network.memberships.inside())
        .exclude(applications__in=network.applications.filter(state__in=Application.STATES_OPEN))
    )
    if not everyone:
        fields = [field.pk for field in network.fields.all()]
        leaders = leaders.filter(field__in=fields) if fields else leaders
        leaders = leaders.filter(level=network.level) if network.level_id else leaders
        if network.reach == Reach.LOCAL and network.unit_id:
            leaders = leaders.filter(unit__in=fit.units_under(network.unit_id))
    found = list(leaders[: MOST_CANDIDATES + 1])
    inside = [membership.leader for membership in network.memberships.inside().select_related("leader__user")]
    hierarchy = fit.Hierarchy()
    for leader in found:
        leader.concerns = composition.concerns(network, leader, inside, hierarchy)
    return found


def _invite_or_enrol(request, network: Network):
    chosen = numbers(request.POST.getlist("leader"))
    leaders = list(Leader.objects.filter(pk__in=chosen).select_related("user"))
    if not leaders:
        messages.error(request, _("Vælg mindst én leder."))
        return redirect("networks:candidates", network.slug)
    is_enrolment = "enrol" in request.POST
    act = room.enrol if is_enrolment else room.invite

    def said(done):
        if is_enrolment:
            words = ngettext("%(count)d leder er tilmeldt.", "%(count)d ledere er tilmeldt.", len(done))
        else:
            words = ngettext("%(count)d leder er inviteret.", "%(count)d ledere er inviteret.", len(done))
        return words % {"count": len(done)}

    return _unless_in_doubt(
        request,
        network,
        partial(act, network, leaders=leaders, actor=request.user, now=timezone.now()),
        heading=_("Tilmeld alligevel?") if is_enrolment else _("Inviter alligevel?"),
        button=_("Tilmeld") if is_enrolment else _("Inviter"),
        said=said,
        hidden=[("leader", leader.pk) for leader in leaders] + ([("enrol", 1)] if is_enrolment else []),
    )
