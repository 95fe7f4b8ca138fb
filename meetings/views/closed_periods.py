"""HTTP in, HTTP out: HR's lukkedage."""

from functools import partial

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from meetings import closed_periods as room
from meetings.closed_period_forms import ClosedPeriodForm, NewClosedPeriodForm
from meetings.models import ClosedPeriod
from members.danish import today
from members.permissions import hr_only
from networks.views.confirm import confirm, posted
from networks.views.saving import save_over

form_page = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@hr_only
def closed_periods(request):
    now = timezone.now()
    periods = room.with_meetings(ClosedPeriod.objects.all(), now=now)
    return render(
        request,
        "meetings/closed_periods.html",
        {
            "coming": [period for period in periods if period.last_date >= today(now)],
            "past": [period for period in reversed(periods) if period.last_date < today(now)],
        },
    )


@form_page
@hr_only
def new_closed_period(request):
    form = NewClosedPeriodForm(posted(request))
    if form.is_valid():
        values = {name: value for name, value in form.cleaned_data.items() if name != "seen"}
        added = room.add(actor=request.user, now=timezone.now(), **values)
        messages.success(
            request,
            ngettext("%(count)d periode er tilføjet.", "%(count)d perioder er tilføjet.", len(added))
            % {"count": len(added)}
            if added
            else _("Perioden stod der allerede."),
        )
        return redirect("meetings:closed_periods")
    return render(request, "meetings/closed_period_edit.html", {"form": form})


@form_page
@hr_only
def closed_period(request, pk):
    period = get_object_or_404(ClosedPeriod, pk=pk)
    names = ("kind", "name", "first_date", "last_date")
    initial = {name: getattr(period, name) for name in names} | {"seen": period.version}
    form = ClosedPeriodForm(posted(request), initial=initial)
    saving = save_over(form, partial(room.change, period, actor=request.user, now=timezone.now()))
    if saving.is_done:
        messages.success(request, _("Perioden er rettet."))
        return redirect("meetings:closed_periods")
    context = {"form": form, "period": period} | saving.shown
    return render(request, "meetings/closed_period_edit.html", context, status=saving.status)


@form_page
@hr_only
def remove_closed_period(request, pk):
    period = get_object_or_404(ClosedPeriod, pk=pk)
    return confirm(
        request,
        act=partial(room.remove, period, seen=period.version, actor=request.user, now=timezone.now()),
        back=reverse("meetings:closed_periods"),
        heading=_("Slet %(name)s?") % {"name": period.name},
        consequence=_(
            "Møder, der allerede er planlagt, bliver stående. Nye mødeplaner tager ikke længere hensyn til perioden."
        ),
        button=_("Slet"),
        done=_("Perioden er slettet."),
        is_warning=True,
    )
