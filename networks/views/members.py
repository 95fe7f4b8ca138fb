from functools import partial

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from networks import composition, fit, permissions, waiting_list
from networks import membership as room
from networks.models import Application, Network
from networks.tabs import tabs
from networks.views.confirm import confirm


@require_safe
def members(request, slug):
    user = request.user
    network = permissions.get_network(user, slug)
    if not permissions.can_open_members(user, network):
        raise PermissionDenied
    memberships = list(network.memberships.inside().for_lists())
    sees_names = permissions.can_see_members(user, network)
    sees_applications = permissions.can_see_applications(user, network)
    leaders = [membership.leader for membership in memberships]
    applications = _applications(network, leaders, with_concerns=user.is_hr) if sees_applications else []
    sees_composition = sees_applications and network.state != Network.State.CLOSED and bool(leaders)
    context = {
        "network": network,
        "tabs": tabs(user, network, "members"),
        "memberships": memberships if sees_names else [],
        "total": len(memberships),
        "sees_names": sees_names,
        "can_appoint": permissions.can_appoint_coordinator(user, network),
        "has_coordinator": any(membership.is_coordinator for membership in memberships),
        "own_user_id": user.pk,
        "sees_applications": sees_applications,
        "applications": applications,
        "someone_waits": any(application.state == Application.State.WAITLISTED for application in applications),
        "moves_up": waiting_list.moves_up(network),
        "sees_composition": sees_composition,
        "composition": composition.concerns_of_group(network, leaders, fit.Hierarchy()) if sees_composition else [],
        "is_full": not network.free_places,
        "has_own_part": any(member.is_coordinator and member.leader.user_id == user.pk for member in memberships),
        "may_take_back": user.is_hr and network.state not in Network.STATES_STARTED,
    }
    if not sees_names:
        context["areas"] = fit.counts_by([leader.area.name for leader in leaders])
        context["levels"] = fit.counts_by([str(leader.level or _("Intet niveau")) for leader in leaders])
    return render(request, "networks/members.html", context)


def _applications(network: Network, members: list, *, with_concerns: bool) -> list[Application]:
    applications = list(
        network.applications.filter(state__in=Application.STATES_OPEN)
        .select_related("leader__user", "leader__unit__area", "leader__field", "leader__level")
        .order_by("created_at", "pk")
    )
    if with_concerns and applications:
        hierarchy = fit.Hierarchy()
        for application in applications:
            application.concerns = composition.concerns(network, application.leader, members, hierarchy)
    place = 0
    for application in applications:
        if application.state == Application.State.WAITLISTED:
            place += 1
            application.place_in_line = place
    return applications


def _back(network: Network) -> str:
    return reverse("networks:members", args=[network.slug])


@require_http_methods(["GET", "HEAD", "POST"])
def leave(request, slug):
    network = permissions.get_network(request.user, slug)
    if not network.memberships.inside().filter(leader__user=request.user).exists():
        raise Http404
    return confirm(
        request,
        heading=_("Meld dig ud af %(network)s?") % {"network": network},
        consequence=_("Du mister adgangen til netværkets rum, og kommende møder fjernes fra din kalender."),
        note=_("Din plads går videre til en anden. Tag gerne afsked med de andre først."),
        button=_("Meld dig ud"),
        act=partial(room.leave, network, actor=request.user, now=timezone.now()),
        done=_("Du er meldt ud af %(network)s.") % {"network": network},
        back=network.get_absolute_url(),
        to=reverse("networks:catalogue"),
        is_warning=True,
        network=network,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def unenrol(request, slug, pk):
    network = permissions.get_network_as_hr(request.user, slug)
    membership = permissions.get_membership(network, pk)
    return confirm(
        request,
        heading=_("Afmeld %(leader)s fra %(network)s?") % {"leader": membership.user, "network": network},
        consequence=_("Lederen mister adgangen til netværkets rum, og kommende møder fjernes fra lederens kalender."),
        note=_("%(leader)s er den eneste tovholder. Medlemmerne skal udpege en ny.") % {"leader": membership.user}
        if room.is_indispensable(membership, network)
        else "",
        button=_("Afmeld"),
        act=partial(room.unenrol, membership, actor=request.user, now=timezone.now()),
        done=_("%(leader)s er afmeldt.") % {"leader": membership.user},
        back=_back(network),
        is_warning=True,
        network=network,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def appoint_coordinator(request, slug, pk):
    network = permissions.get_network(request.user, slug)
    if not permissions.can_appoint_coordinator(request.user, network):
        raise PermissionDenied
    membership = permissions.get_membership(network, pk)
    return confirm(
        request,
        heading=_("Udpeg %(leader)s som tovholder?") % {"leader": membership.user},
        consequence=_("En tovholder lægger mødeplanen og sørger for det praktiske. Der kan godt være flere."),
        button=_("Udpeg tovholder"),
        act=partial(room.appoint_coordinator, membership, actor=request.user, now=timezone.now()),
        done=_("%(leader)s er nu tovholder.") % {"leader": membership.user},
        back=_back(network),
        network=network,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def step_down(request, slug, pk):
    network = permissions.get_network(request.user, slug)
    if not (request.user.is_hr or permissions.is_active_member(request.user, network)):
        raise PermissionDenied
    membership = permissions.get_membership(network, pk)
    is_own = membership.leader.user_id == request.user.pk
    if not is_own and not (request.user.is_hr and network.state not in Network.STATES_STARTED):
        raise PermissionDenied
    return confirm(
        request,
        heading=_("Træd tilbage som tovholder?")
        if is_own
        else _("Skal %(leader)s ikke længere være tovholder?") % {"leader": membership.user},
        consequence=_("Medlemskabet fortsætter. En anden tovholder lægger mødeplanen."),
        button=_("Træd tilbage") if is_own else _("Fjern som tovholder"),
        act=partial(room.step_down_as_coordinator, membership, actor=request.user, now=timezone.now()),
        done=_("Du er ikke længere tovholder.") if is_own else _("Tovholderen er fjernet."),
        back=_back(network),
        network=network,
    )
