from typing import NamedTuple

from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from members.danish import today
from networks import basis, charter, directions, fit, leave, lifecycle, permissions, readiness, types
from networks.models import Application, Network
from networks.permissions import has_room
from networks.tabs import tabs


class Action(NamedTuple):
    label: str
    url: str
    is_primary: bool = False


@require_safe
def network(request, slug):
    user, now = request.user, timezone.now()
    network = permissions.get_network(user, slug)
    membership = permissions.membership_of(user, network)
    application = _own_application(user, network) if membership is None else None
    lacks = _lacks(user, network, now)
    sees_dates = permissions.can_see_meeting_dates(user, network)
    context = {
        "network": network,
        "tabs": tabs(user, network, "overview"),
        "membership": membership,
        "own_leave": leave.own_leave(user, network),
        "sees_farewell": user.is_hr or _was_member(user, network),
        "application": application,
        "application_is_open": application is not None and application.state in Application.STATES_OPEN,
        "fit_reason": "" if membership else fit.reason_it_fits(network, user.post, fit.units_above(user.post)),
        "next_meeting": _next_meeting(network, now) if sees_dates else None,
        "sees_dates": sees_dates,
        "coordinators": _coordinators(network) if permissions.can_see_members(user, network) else [],
        "lacks": lacks,
        "guide": types.guide_to(network.type),
        "actions": hr_actions(network, is_ready=not lacks) if user.is_hr else [],
        "waiting_for_hr": network.applications.filter(state=Application.State.PENDING).count() if user.is_hr else 0,
        "sees_basis": permissions.can_see_basis(user, network),
        "needs_kurs": user.is_hr and directions.needs_new_kurs(network, today(now)),
        "ticks": readiness.ticks(network, now=now) if has_room(user, network) else [],
        "ground_rules": charter.shown_ground_rules(user, network),
    }
    return render(request, "networks/network.html", context)


def _was_member(user, network: Network) -> bool:
    return network.state == Network.State.CLOSED and network.memberships.filter(leader__user=user).exists()


def _own_application(user, network: Network) -> Application | None:
    return network.applications.filter(leader__user=user).order_by("-created_at", "-pk").first()


def _next_meeting(network: Network, now) -> dict | None:
    """When and where, and no more of the row: HR and the sponsor see this too, and its theme is the members' own."""
    # Read from below: the meetings app adds `meetings` to a network.
    coming = network.meetings.filter(state="convened", ends_at__gt=now).order_by("starts_at", "pk")
    return coming.values("pk", "starts_at", "ends_at", "place").first()


def _coordinators(network: Network) -> list:
    return list(network.memberships.active().filter(is_coordinator=True).for_lists())


def _lacks(user, network: Network, now) -> list:
    """What stands between the network and its meetings, for those who can do something about it."""
    if not permissions.can_see_meeting_dates(user, network) or network.state == Network.State.CLOSED:
        return []
    if network.state == Network.State.ENROLLING:
        return lifecycle.lacks_to_start(network, today(now))
    return basis.lacks(network, today(now))


def hr_actions(network: Network, *, is_ready: bool) -> list[Action]:
    """What HR can do with a network in its present state, the likely next step first."""
    state = Network.State(network.state)
    slug = [network.slug]
    invite = Action(_("Inviter ledere"), reverse("networks:candidates", args=slug))
    start = Action(_("Start netværk"), reverse("networks:activate", args=slug), is_primary=True)
    pause = Action(_("Sæt på pause"), reverse("networks:pause", args=slug))
    close = Action(_("Afslut netværk"), reverse("networks:close", args=slug))
    size = Action(_("Ændr størrelse"), reverse("networks:change_capacity", args=slug))
    again = Action(_("Begynd ny sæson"), f"{reverse('networks:new')}?fra={network.slug}&saeson=ny")
    sign_up = []
    if network.takes_applications:
        sign_up = [Action(_("Luk for tilmelding"), reverse("networks:close_enrolment", args=slug))]
    elif network.takes_members and network.enrolment_closed_at:
        sign_up = [Action(_("Åbn for tilmelding"), reverse("networks:open_enrolment", args=slug))]
    if network.is_editable:
        return [Action(_("Redigér grundlag"), reverse("networks:edit_basis", args=slug), is_primary=True)]
    return {
        Network.State.APPROVED: [
            Action(_("Åbn for tilmelding"), reverse("networks:open_enrolment", args=slug), is_primary=True),
            size,
            close,
        ],
        Network.State.ENROLLING: [
            *([start, invite] if is_ready else [invite._replace(is_primary=True)]),
            *sign_up,
            size,
            close,
        ],
        Network.State.ACTIVE: [invite, *sign_up, size, again, pause, close],
        Network.State.PAUSED: [
            Action(_("Genoptag"), reverse("networks:resume", args=slug), is_primary=True),
            size,
            close,
        ],
        Network.State.CLOSED: [again],
    }.get(state, [])
