"""What pages and feeds are measured against: one query, the same rows by a plain template, nothing counted or withheld.

Served by the product's own settings for `bench-pages`, and by those of a new Django project (`bare_settings`) for
`bench`, under the same server and on the same database.
"""

from functools import cache

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.template import engines
from django.urls import path
from django.utils.cache import get_conditional_response
from icalendar import Calendar, Event

from meetings.feeds import hash_of
from meetings.models import CalendarFeed, Invitation, Meeting
from netvaerk.urls import urlpatterns as pages
from networks.models import Network

NETWORKS = """<!DOCTYPE html><html lang="da"><title>{{ user }}</title><table>{% for network in networks %}<tr>
<td><a href="{{ network.get_absolute_url }}">{{ network.name }}</a></td><td>{{ network.unit.area }}</td>
<td>{{ network.get_type_display }}</td><td>{{ network.get_state_display }}</td><td>{{ network.direction }}</td>
</tr>{% endfor %}</table></html>"""
MEETINGS = """<!DOCTYPE html><html lang="da"><title>{{ user }}</title><table>{% for meeting in meetings %}<tr>
<td><a href="{{ meeting.get_absolute_url }}">{{ meeting.network.name }}</a></td>
<td>{{ meeting.date }} {{ meeting.start_time }}–{{ meeting.end_time }}</td>
<td>{{ meeting.place }}</td><td>{{ meeting.get_state_display }}</td>
</tr>{% endfor %}</table></html>"""


@cache
def _template(text: str):
    return engines["django"].from_string(text)


def networks(request):
    found = Network.objects.select_related("unit__area", "direction").order_by("sort_text", "pk")
    return HttpResponse(_template(NETWORKS).render({"networks": found}, request))


def plan(request, pk):
    found = Meeting.objects.filter(plan=pk).select_related("network").defer("theme", "link").order_by("starts_at", "pk")
    return HttpResponse(_template(MEETINGS).render({"meetings": found}, request))


@login_not_required
def feed(request, user):
    """The calendar library over the same events."""
    held = (
        Invitation.objects.filter(user=user).select_related("meeting__network").defer("meeting__theme", "meeting__link")
    )
    calendar = Calendar()
    calendar.add("prodid", "-//bare//")
    calendar.add("version", "2.0")
    for meeting in (invitation.meeting for invitation in held.order_by("meeting__starts_at", "meeting")):
        event = Event()
        event.add("uid", meeting.uid)
        event.add("sequence", meeting.sequence)
        event.add("dtstamp", meeting.changed_at)
        event.add("dtstart", meeting.starts_at)
        event.add("dtend", meeting.ends_at)
        event.add("summary", meeting.network.name)
        event.add("location", meeting.place)
        event.add("url", request.build_absolute_uri(meeting.get_absolute_url()))
        calendar.add_component(event)
    return HttpResponse(calendar.to_ical(), content_type="text/calendar")


@login_not_required
def unchanged(request, token):
    """Whose feed this is by one query, and that nothing in it has changed."""
    pk = CalendarFeed.objects.filter(token_hash=hash_of(token)).values_list("pk", flat=True).get()
    etag = f'"{pk}"'
    response = get_conditional_response(request, etag=etag) or HttpResponse()
    response["ETag"] = etag
    return response


urlpatterns = [
    path("bare/", networks, name="bare"),
    path("bare/plan/<int:pk>/", plan),
    path("bare/kalender/<int:user>/", feed),
    path("bare/kalender/<str:token>.ics", unchanged),
    *pages,
]
