from functools import partial

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from members.danish import today
from networks import directions as room
from networks import permissions
from networks.forms import DirectionApprovalForm, DirectionForm
from networks.models import StrategicDirection
from networks.refusal import Refused
from networks.views.confirm import confirm, posted


@require_safe
def directions(request):
    day = today()
    found = list(permissions.visible_directions(request.user))
    for direction in found:
        direction.shown_state = direction.state_on(day)
    context = {
        "current": [direction for direction in found if direction.is_current(day)],
        "others": [direction for direction in found if not direction.is_current(day)],
        "can_edit": permissions.can_edit_directions(request.user),
    }
    return render(request, "networks/directions.html", context)


@require_safe
def direction(request, pk):
    user, day = request.user, today()
    direction = permissions.get_direction(user, pk)
    is_waiting = direction.state == StrategicDirection.State.SUBMITTED
    networks = direction.networks.visible_to(user).order_by("sort_text")
    context = {
        "direction": direction,
        "state": direction.state_on(day),
        "networks": networks,
        "can_edit": permissions.can_edit_directions(user) and direction.is_editable,
        "can_submit": permissions.can_edit_directions(user) and direction.state == StrategicDirection.State.DRAFT,
        "can_approve": permissions.can_approve_directions(user) and is_waiting,
        "is_waiting": is_waiting,
    }
    return render(request, "networks/direction.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def new_direction(request):
    if not permissions.can_edit_directions(request.user):
        raise PermissionDenied
    return _write(request, StrategicDirection(owner=request.user))


@require_http_methods(["GET", "HEAD", "POST"])
def edit_direction(request, pk):
    return _write(request, permissions.get_direction_to_edit(request.user, pk))


def _write(request, direction: StrategicDirection):
    form = DirectionForm(posted(request), instance=direction)
    if request.method == "POST" and form.is_valid():
        try:
            room.save_direction(form.instance, actor=request.user, now=timezone.now())
        except Refused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("Kladden er gemt."))
        return redirect(direction)
    return render(request, "networks/edit_direction.html", {"form": form, "direction": direction})


@require_http_methods(["GET", "HEAD", "POST"])
def submit_direction(request, pk):
    direction = permissions.get_direction_to_edit(request.user, pk)
    return confirm(
        request,
        heading=_("Send kursen til godkendelse?"),
        consequence=_(
            "Direktionen ser den under Godkendelser og registrerer den politiske og den administrative godkendelse."
        ),
        button=_("Send til godkendelse"),
        act=partial(room.submit_direction, direction, actor=request.user, now=timezone.now()),
        done=_("Kursen er sendt til godkendelse."),
        back=direction.get_absolute_url(),
        direction=direction,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def approve_direction(request, pk, kind):
    direction = permissions.get_direction(request.user, pk)
    if kind not in room.Approval.values:
        raise Http404
    if not permissions.can_approve_directions(request.user):
        raise PermissionDenied
    is_political = kind == room.Approval.POLITICAL
    return confirm(
        request,
        heading=_("Registrér politisk godkendelse") if is_political else _("Registrér administrativ godkendelse"),
        consequence=_(
            "Når kursen er godkendt både politisk og administrativt, er den gældende, og netværk kan bygge på den."
        ),
        button=_("Godkend"),
        act=partial(room.approve_direction, direction, kind=kind, actor=request.user, now=timezone.now()),
        done=_("Godkendelsen er registreret."),
        back=direction.get_absolute_url(),
        form=DirectionApprovalForm(posted(request), initial={"approved_on": today()}),
        direction=direction,
    )
