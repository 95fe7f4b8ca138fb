"""Pages of top management: the whole, and one network. HR may read them too; leaders may not."""

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from meetings.questions import SCALE
from netvaerk import monthly
from netvaerk import status as room
from networks import permissions


@require_safe
def status(request):
    user = request.user
    if not (user.is_hr or user.is_top_management):
        raise PermissionDenied
    now = timezone.now()
    context = {"overview": room.overview(now), "together": monthly.together(), "now": now, "shows_dates": user.is_hr}
    return render(request, "netvaerk/status.html", context)


@require_safe
def status_network(request, slug):
    user = request.user
    network = permissions.get_network(user, slug)
    if not (user.is_hr or user.is_top_management or permissions.is_sponsor(user, network)):
        raise PermissionDenied
    if network.is_in_design:
        raise Http404
    now = timezone.now()
    context = {
        "network": network,
        "status": room.of_network(network, now),
        "now": now,
        "can_see_overview": user.is_hr or user.is_top_management,
        "scale": SCALE.values(),
    }
    return render(request, "netvaerk/status_network.html", context)
