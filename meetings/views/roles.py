"""HTTP in, HTTP out: who does what at the meetings."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from meetings import roles as acts
from meetings import rotation
from meetings.models import MeetingRole
from meetings.role_forms import AssignRolesForm, RotationForm
from meetings.topics import can_work
from meetings.views.agenda import workroom
from meetings.views.back import back
from networks.permissions import is_coordinator
from networks.refusal import Refused
from networks.room_permissions import get_room
from networks.tabs import tabs
from networks.views.confirm import posted

form_page = require_http_methods(["GET", "HEAD", "POST"])


@require_POST
def take_role(request, pk):
    return _perform(request, pk, acts.take)


@require_POST
def give_role_back(request, pk):
    return _perform(request, pk, acts.give_back)


def _perform(request, pk: int, act):
    meeting = workroom(request, pk)
    role = request.POST.get("role")
    if role not in MeetingRole.Role.values:
        raise Http404
    try:
        act(meeting, role, actor=request.user, now=timezone.now())
    except Refused as refusal:
        messages.error(request, str(refusal))
    return back(request, meeting, anchor="#roller")


@never_cache
@form_page
def assign_roles(request, pk):
    meeting = workroom(request, pk)
    if not is_coordinator(request.user, meeting.network):
        raise PermissionDenied
    form = AssignRolesForm(posted(request), meeting=meeting, seats=acts.of(meeting))
    if form.is_valid():
        now = timezone.now()
        rows = list(form.rows())
        try:
            # First those who give up a role, so that two can change places.
            for role, user, seen in sorted(rows, key=lambda row: row[1] is not None):
                acts.assign(meeting, role, user, actor=request.user, seen=seen, now=now)
        except Refused as refusal:
            messages.error(request, str(refusal))
            return redirect("meetings:assign_roles", pk)
        messages.success(request, _("Rollerne er fordelt."))
        return redirect(meeting)
    return render(request, "meetings/roles.html", {"meeting": meeting, "network": meeting.network, "form": form})


@never_cache
@form_page
def rotation_plan(request, slug):
    """Whose turn it is at the coming meetings, and who has had which roles until now. The coordinator accepts."""
    now = timezone.now()
    network = get_room(request.user, slug)
    coordinates = is_coordinator(request.user, network) and can_work(request.user, network)
    if request.method == "POST" and not coordinates:
        raise PermissionDenied
    rows = rotation.propose(network, now)
    form = RotationForm(posted(request), network=network, rows=rows)
    if form.is_valid():
        given, left = rotation.accept(network, form.chosen, actor=request.user, now=now)
        if given:
            text = ngettext("%(count)d rolle er fordelt.", "%(count)d roller er fordelt.", given)
            messages.success(request, text % {"count": given})
        if left:
            text = ngettext(
                "%(count)d rolle var besat i mellemtiden og er uændret.",
                "%(count)d roller var besat i mellemtiden og er uændrede.",
                left,
            )
            messages.warning(request, text % {"count": left})
        return redirect("meetings:rotation", slug)
    for turns in rows:
        for turn in turns:
            turn.field = form[turn.box] if turn.box else None
    context = {
        "network": network,
        "tabs": tabs(request.user, network, "meetings"),
        "rows": rows,
        "form": form,
        "is_coordinator": coordinates,
        "has_proposals": any(turn.is_proposed for turns in rows for turn in turns),
        "contributions": acts.contributions(network, now),
        "roles": list(MeetingRole.Role),
        "rotating": list(MeetingRole.ROTATING),
    }
    return render(request, "meetings/rotation.html", context)
