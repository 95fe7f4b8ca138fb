"""HTTP in, HTTP out: the year as a wheel, and week by week."""

from datetime import date, timedelta

from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from meetings import permissions, wheel, year
from meetings.models import Meeting
from members.danish import FIRST_YEAR, LAST_YEAR, today
from networks.permissions import is_active_member
from networks.tabs import tabs

WEEKS_SHOWN = 53
HALF_A_YEAR = timedelta(weeks=26)


@require_safe
def network_year(request, slug):
    network = permissions.get_network_with_dates(request.user, slug)
    is_member = is_active_member(request.user, network)
    start = _asked(request) or year.start_for([network.pk], today())
    context = _turning(start) | {
        "network": network,
        "tabs": tabs(request.user, network, current="meetings"),
        "year": year.of(network.meetings.all(), start=start, today=today(), with_links=is_member),
    }
    return render(request, "meetings/network_year.html", context)


@require_safe
def my_year(request):
    networks = year.my_networks(request.user)
    start = _asked(request) or year.start_for(networks, today())
    meetings = Meeting.objects.of_member(request.user)
    context = _turning(start) | {
        "has_networks": networks.exists(),
        "year": year.of(meetings, start=start, today=today(), with_links=True, numbered=True),
    }
    return render(request, "meetings/my_year.html", context)


@require_safe
def my_weeks(request):
    now = timezone.now()
    first = _asked(request) or today(now)
    context = {
        "weeks": year.weeks(Meeting.objects.of_member(request.user), first=first, number=WEEKS_SHOWN),
        "today": today(now),
        "earlier": first - HALF_A_YEAR,
        "later": first + HALF_A_YEAR,
    }
    return render(request, "meetings/my_weeks.html", context)


def _turning(start: date) -> dict[str, date]:
    return {
        "earlier": wheel.month_start(start, months=-wheel.MONTHS),
        "later": wheel.month_start(start, months=wheel.MONTHS),
    }


def _asked(request) -> date | None:
    """?fra=2027-08 or ?fra=2027-08-02; anything else is as if nothing was asked."""
    text = request.GET.get("fra", "")
    try:
        day = date.fromisoformat(text if len(text) > 7 else f"{text}-01")
    except ValueError:
        return None
    return day if FIRST_YEAR + 2 <= day.year <= LAST_YEAR - 2 else None
