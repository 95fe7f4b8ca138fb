"""Pages of top management: the whole, and one network. HR may read them too; leaders may not."""

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from meetings.questions import SCALE
from netvaerk import gains, monthly, monthly_status
from netvaerk import status as room
from netvaerk.models import MonthlyStatus
from networks import permissions


@require_safe
def status(request):
    context = _overview(request.user)
    asked = request.GET.get("sort", "")
    context["sort"] = asked if asked in room.SORT_COLUMNS else ""
    context["rows"] = room.in_order(context["rows"], asked)
    return render(request, "netvaerk/status.html", context)


@require_safe
def status_print(request):
    """The same on A4, for a committee: every figure explained, the date of the data, and no dates of meetings."""
    return render(request, "netvaerk/status_print.html", _overview(request.user) | {"shows_dates": False})


def _overview(user) -> dict:
    if not (user.is_hr or user.is_top_management):
        raise PermissionDenied
    now = timezone.now()
    months = list(MonthlyStatus.objects.all()[: monthly_status.MOST_MONTHS])
    overview = room.overview(now, months[0] if months else None)
    return {
        "overview": overview,
        "rows": overview.networks,
        "together": monthly.together(),
        "now": now,
        "shows_dates": user.is_hr,
        "trends": monthly_status.trends(months),
        "mixing": monthly_status.mixing(months[0] if months else None),
        "gains": gains.pursued(overview.networks),
    }


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
