"""What the pages are measured against: a signed-in person, one query, the same rows, nothing counted or withheld."""

from django.http import HttpResponse
from django.template import engines
from django.urls import path

from netvaerk.urls import urlpatterns as pages
from networks.models import Network

ROWS = """<!DOCTYPE html><html lang="da"><title>{{ user }}</title><table>{% for network in networks %}<tr>
<td><a href="{{ network.get_absolute_url }}">{{ network.name }}</a></td><td>{{ network.unit.area }}</td>
<td>{{ network.get_type_display }}</td><td>{{ network.get_state_display }}</td><td>{{ network.direction }}</td>
</tr>{% endfor %}</table></html>"""


def bare(request):
    networks = Network.objects.select_related("unit__area", "direction").order_by("sort_text", "pk")
    return HttpResponse(engines["django"].from_string(ROWS).render({"networks": networks}, request))


urlpatterns = [path("bare/", bare, name="bare"), *pages]
