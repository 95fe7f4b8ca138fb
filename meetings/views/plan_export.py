"""HTTP in, HTTP out: a plan to take along, on paper or into any calendar. Those who may read its dates get it."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from meetings import calendar, permissions, year
from members.danish import today
from networks.permissions import is_active_member


@never_cache
@require_safe
def print_plan(request, slug, pk):
    """One sheet with the wheel and the dates; what the meetings are about is on the members' sheet alone."""
    plan = permissions.get_plan(request.user, slug, pk)
    if plan.is_draft:
        return redirect(plan)
    is_member = is_active_member(request.user, plan.network)
    meetings = plan.meetings.published().order_by("starts_at", "pk")
    context = {
        "plan": plan,
        "network": plan.network,
        "meetings": list(meetings if is_member else meetings.defer("theme", "link")),
        "is_member": is_member,
        "year": year.of(plan.meetings.all(), start=plan.first_date, today=today(), with_links=False),
        "now": timezone.now(),
    }
    return render(request, "meetings/plan_print.html", context)


@require_safe
def plan_ics(request, slug, pk):
    plan = permissions.get_plan(request.user, slug, pk)
    if plan.is_draft:
        return redirect(plan)
    meetings = plan.meetings.published().select_related("network").defer("theme", "link").order_by("starts_at", "pk")
    response = HttpResponse(calendar.download(meetings), content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="moedeplan-{plan.first_date.isoformat()}.ics"'
    response["Cache-Control"] = "private, no-store"
    return response
