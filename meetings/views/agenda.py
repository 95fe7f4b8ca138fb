"""HTTP in, HTTP out: a meeting's agenda and theme."""

from functools import partial

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from meetings import agenda as acts
from meetings import permissions, room, themes
from meetings.agenda_forms import AgendaItemForm
from meetings.forms import ThemeForm
from meetings.models import Meeting
from members.requests import number
from networks.refusal import Refused
from networks.views.confirm import posted
from networks.views.saving import save_over

form_page = require_http_methods(["GET", "HEAD", "POST"])


def workroom(request, pk: int) -> Meeting:
    """The meeting, for a member who may work on it now; what cannot be changed any more is 403."""
    meeting = permissions.get_meeting(request.user, pk)
    if not room.can_work(request.user, meeting, timezone.now()):
        raise PermissionDenied
    return meeting


@never_cache
@require_safe
def agenda(request, pk):
    """The agenda, to be changed."""
    return _edit_page(request, workroom(request, pk), AgendaItemForm)


def _edit_page(request, meeting: Meeting, form, status: int = 200):
    plan = acts.of(meeting)
    if isinstance(form, type):
        minutes = max(min(plan.spare, acts.TOPIC_MINUTES), 0) or 10
        form = form(meeting=meeting, initial={"minutes": minutes, "seen": plan.version})
    context = {"meeting": meeting, "network": meeting.network, "plan": plan, "form": form}
    return render(request, "meetings/agenda.html", context, status=status)


@require_POST
def lay_out_agenda(request, pk):
    meeting = workroom(request, pk)
    try:
        acts.lay_out(meeting, actor=request.user, now=timezone.now())
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect(meeting)
    return redirect("meetings:agenda", pk)


@never_cache
@form_page
def new_agenda_item(request, pk):
    meeting = workroom(request, pk)
    if request.method != "POST":
        return redirect(reverse("meetings:agenda", args=[pk]) + "#nyt-punkt")
    form = AgendaItemForm(request.POST, meeting=meeting)
    saving = save_over(form, partial(acts.add, meeting, actor=request.user, now=timezone.now()))
    if saving.is_done:
        messages.success(request, _("Punktet står på dagsordenen."))
        return _back_to(saving.result)
    return _edit_page(request, meeting, form)


@never_cache
@form_page
def change_agenda_item(request, pk, item):
    meeting = workroom(request, pk)
    item = _item(meeting, item)
    form = AgendaItemForm(posted(request), meeting=meeting, item=item)
    saving = save_over(form, partial(acts.change, item, actor=request.user, now=timezone.now()))
    if saving.is_done:
        messages.success(request, _("Punktet er gemt."))
        return _back_to(item)
    context = {"meeting": meeting, "network": meeting.network, "item": item, "form": form} | saving.shown
    return render(request, "meetings/agenda_item.html", context, status=saving.status)


@require_POST
def move_agenda_item(request, pk, item, step):
    item = _item(workroom(request, pk), item)
    _perform(request, partial(acts.move, item, step=step))
    return _back_to(item)


@require_POST
def remove_agenda_item(request, pk, item):
    item = _item(workroom(request, pk), item)
    if _perform(request, partial(acts.remove, item)):
        messages.success(request, _("Punktet er taget af dagsordenen."))
    return redirect("meetings:agenda", pk)


@never_cache
@form_page
def theme(request, pk):
    meeting = workroom(request, pk)
    form = ThemeForm(posted(request), initial={"theme": meeting.theme, "seen": meeting.theme})
    act = partial(themes.set_theme, meeting, actor=request.user, now=timezone.now())
    saving = save_over(form, act, version="theme")
    if saving.is_done:
        return redirect(meeting)
    return render(
        request, "meetings/theme.html", {"meeting": meeting, "form": form} | saving.shown, status=saving.status
    )


def _item(meeting: Meeting, pk: int):
    item = get_object_or_404(meeting.agenda_items.select_related("topic"), pk=pk)
    item.meeting = meeting
    return item


def _back_to(item):
    """To its place on the page, so that the keyboard goes on from there."""
    return redirect(reverse("meetings:agenda", args=[item.meeting_id]) + f"#punkt-{item.pk}")


def _perform(request, act) -> bool:
    try:
        act(actor=request.user, seen=number(request.POST.get("seen")) or 0, now=timezone.now())
    except Refused as refusal:
        messages.error(request, str(refusal))
        return False
    return True
