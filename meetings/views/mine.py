"""HTTP in, HTTP out: my meetings."""

from django.core.paginator import Paginator
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from meetings.listing import rows
from meetings.models import Meeting

PAST_PER_PAGE = 50


@require_safe
def mine(request):
    now = timezone.now()
    meetings = Meeting.objects.of_member(request.user)
    context = {"shows_past": request.GET.get("vis") == "tidligere"}
    if context["shows_past"]:
        context["page"] = Paginator(meetings.over(now), PAST_PER_PAGE).get_page(request.GET.get("page"))
        context["rows"] = rows(context["page"].object_list, user=request.user)
    else:
        context["rows"] = rows(meetings.not_over(now), user=request.user, now=now)
    return render(request, "meetings/mine.html", context)
