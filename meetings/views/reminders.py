"""HTTP in, HTTP out: when a network's members are reminded."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from meetings import reminders
from meetings.reminder_forms import ReminderForm
from networks.permissions import get_network_as_coordinator
from networks.tabs import tabs


@require_http_methods(["GET", "HEAD", "POST"])
def choose(request, slug):
    network = get_network_as_coordinator(request.user, slug)
    choice = reminders.choices_of([network.pk]).get(network.pk, reminders.usual())
    form = ReminderForm(request.POST if request.method == "POST" else None, initial=choice._asdict())
    if form.is_valid():
        reminders.choose(network, actor=request.user, now=timezone.now(), **form.cleaned_data)
        messages.success(request, _("Påmindelserne er gemt og gælder for alle kommende møder."))
        return redirect("meetings:plan_list", slug)
    context = {"network": network, "tabs": tabs(request.user, network, current="meetings"), "form": form}
    return render(request, "meetings/reminders.html", context, status=400 if form.errors else 200)
