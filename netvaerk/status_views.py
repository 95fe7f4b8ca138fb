"""Pages of top management: the whole, and one network. HR may read them too; leaders may not."""

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from meetings.questions import SCALE
from netvaerk import gains, monthly, monthly_status
from netvaerk import status as room
from netvaerk.models import MonthlyStatus
from networks import permissions

PER_PAGE = 100  # all of them weigh more than the rest of the page; they stand on a page of their own, and in print


@require_safe
def status(request):
    context = _overview(request.user)
    asked = request.GET.get("sort", "")
    context["sort"] = asked if asked in room.SORT_COLUMNS else ""
    rows = room.in_order(context["overview"].networks, asked)
    if request.GET.get("vis") != "alle":
        context["page"] = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
        rows = context["page"].object_list
    context["rows"] = room.lines(rows, shows_dates=context["shows_dates"])
    return render(request, "netvaerk/status.html", context)


@require_safe
def status_print(request):
    """The same on A4, for a committee: every figure explained, the date of the data, and no dates of meetings."""
    context = _overview(request.user) | {"shows_dates": False}
    context["rows"] = room.lines(context["overview"].networks, shows_dates=False)
    return render(request, "netvaerk/status_print.html", context)


def _overview(user) -> dict:
    if not (user.is_hr or user.is_top_management):
        raise PermissionDenied
    now = timezone.now()
    months = list(MonthlyStatus.objects.defer("made_of")[: monthly_status.MOST_MONTHS])
    latest = months[0] if months else None
    overview = room.overview(now, latest)
    return {
        "overview": overview,
        "together": monthly.together(latest),
        "now": now,
        "shows_dates": user.is_hr,
        "trends": monthly_status.trends(months),
        "mixing": monthly_status.mixing(latest),
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
