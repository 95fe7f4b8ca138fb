from functools import partial

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from members.logbooks import note_list
from members.models import Leader, ListRead
from networks import composition, fit, permissions, posts, waiting_list
from networks import leave as leave_room
from networks import membership as room
from networks.forms import ReasonForm
from networks.member_forms import LeaveForm
from networks.models import Application, Membership, Network
from networks.tabs import tabs
from networks.views.confirm import confirm, posted


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
    is_running = network.state != Network.State.CLOSED
    hierarchy = fit.Hierarchy() if user.is_hr and memberships and is_running else None
    changed = posts.note_changes(network, memberships, hierarchy) if hierarchy else []
    context = {
        "network": network,
        "tabs": tabs(user, network, "members"),
        "changed": [membership for membership in changed if not membership.is_kept],
        "kept": [membership for membership in changed if membership.is_kept],
        "with_new_post": _holders_of_a_new_post(changed),
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
    if user.is_hr and not permissions.is_active_member(user, network):
        people = [leader.user_id for leader in leaders if sees_names]
        people += [application.leader.user_id for application in applications]
        note_list(ListRead.Kind.MEMBERS, people, reader=user, now=timezone.now(), network_id=network.pk)
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


def _holders_of_a_new_post(changed: list[Membership]) -> set[int]:
    """The people whose post has ended and who hold another."""
    users = [membership.leader.user_id for membership in changed if membership.leader.valid_to]
    return set(Leader.objects.current().filter(user__in=users).values_list("user", flat=True)) if users else set()


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


# --- Leave of absence ------------------------------------------------------------------------------------------------


def _seat(user, slug: str, pk: int | None) -> Membership:
    """One's own seat, or for HR anyone's."""
    if pk is not None:
        return permissions.get_membership(permissions.get_network_as_hr(user, slug), pk)
    network = permissions.get_network(user, slug)
    membership = (
        network.memberships.inside().filter(leader__user=user).select_related("leader__user", "network").first()
    )
    if membership is None:
        raise Http404
    return membership


def _after_leave(membership: Membership, pk: int | None) -> str:
    return membership.network.get_absolute_url() if pk is None else _back(membership.network)


@require_http_methods(["GET", "HEAD", "POST"])
def take_leave(request, slug, pk=None):
    membership = _seat(request.user, slug, pk)
    is_away = membership.state == Membership.State.ON_LEAVE
    initial = {"leave_from": membership.leave_from, "leave_to": membership.leave_to}
    form = LeaveForm(posted(request), initial=initial)
    form.fields["leave_from"].disabled = is_away and membership.leave_from is not None
    words = {"leader": membership.user, "network": membership.network}
    return confirm(
        request,
        heading=_("Orlov fra %(network)s") % words if pk is None else _("Orlov til %(leader)s") % words,
        consequence=_(
            "Pladsen beholdes. Imens er netværkets rum lukket, og der kommer ingen indkaldelser og påmindelser. "
            "Når orloven slutter, kommer medlemmet med igen af sig selv."
        ),
        note=_("Orloven er begyndt. Du kan flytte den sidste dag.") if is_away else "",
        button=_("Gem orlov"),
        act=partial(leave_room.take_leave, membership, actor=request.user, now=timezone.now()),
        done=_("Orloven er gemt."),
        back=_after_leave(membership, pk),
        form=form,
        network=membership.network,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def end_leave(request, slug, pk=None):
    membership = _seat(request.user, slug, pk)
    is_away = membership.state == Membership.State.ON_LEAVE
    return confirm(
        request,
        heading=_("Slut på orloven nu?") if is_away else _("Drop orloven?"),
        consequence=_("Netværkets rum åbnes igen, og kommende møder kommer tilbage i kalenderen.")
        if is_away
        else _("Orloven er ikke begyndt. Medlemskabet fortsætter uden pause."),
        button=_("Afslut orlov") if is_away else _("Drop orlov"),
        act=partial(leave_room.end_leave, membership, actor=request.user, now=timezone.now()),
        done=_("Orloven er slut.") if is_away else _("Orloven er droppet."),
        back=_after_leave(membership, pk),
        network=membership.network,
    )


# --- A post that has changed -----------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def keep_despite_change(request, slug, pk):
    network = permissions.get_network_as_hr(request.user, slug)
    membership = permissions.get_membership(network, pk)
    found = posts.changes(network, membership, fit.Hierarchy())
    return confirm(
        request,
        heading=_("Skal %(leader)s fortsætte i %(network)s?") % {"leader": membership.user, "network": network},
        consequence=_(
            "Tal med lederen først. Medlemskabet fortsætter, og du bliver spurgt igen, hvis stillingen ændrer sig igen."
        ),
        note=" ".join(found),
        button=_("Lad fortsætte"),
        act=partial(posts.keep_despite_change, membership, actor=request.user, now=timezone.now()),
        done=_("%(leader)s fortsætter i netværket.") % {"leader": membership.user},
        back=_back(network),
        form=ReasonForm(posted(request)),
        audience=_("Kun HR kan læse begrundelsen."),
        network=network,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def move_to_post(request, slug, pk):
    network = permissions.get_network_as_hr(request.user, slug)
    membership = permissions.get_membership(network, pk)
    post = membership.user.post
    words = {"leader": membership.user, "post": f"{post.title}, {post.unit}" if post else ""}
    return confirm(
        request,
        heading=_("Flyt %(leader)s til den nye stilling?") % words,
        consequence=_("Medlemskabet følger med til stillingen: %(post)s.") % words
        if post
        else _("Lederen har ikke en ny stilling."),
        button=_("Flyt medlemskab"),
        act=partial(posts.move_to_post, membership, actor=request.user, now=timezone.now()),
        done=_("Medlemskabet er flyttet til den nye stilling."),
        back=_back(network),
        network=network,
    )
