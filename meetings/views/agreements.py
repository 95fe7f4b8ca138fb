"""Pages of the agreements: the group's list, a new one at a meeting, and what becomes of each."""

from functools import partial

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from meetings import after, permissions
from meetings import agreements as room
from meetings.after_forms import EVERYONE, AgreementForm, who_choices
from meetings.models import Agreement
from members.danish import today
from members.requests import is_ours
from networks.room_permissions import get_room
from networks.tabs import tabs
from networks.views.confirm import perform, posted
from networks.views.saving import Saving, save_over

form_page = require_http_methods(["GET", "HEAD", "POST"])
SETTLED_SHOWN = 100


def get_agreement(user, slug: str, pk: int) -> Agreement:
    network = get_room(user, slug)
    agreement = get_object_or_404(network.agreements.select_related("owner", "meeting"), pk=pk)
    agreement.network = agreement.meeting.network = network
    return agreement


@never_cache
@require_safe
def agreements(request, slug):
    """What is open, by date, and folded below it what has been settled."""
    network, now = get_room(request.user, slug), timezone.now()
    settled = network.agreements.exclude(state=Agreement.State.OPEN).select_related("owner", "meeting")
    context = {
        "network": network,
        "tabs": tabs(request.user, network, current="meetings"),
        "agreements": after.marked(network.agreements.open().by_date(), request.user, network, now),
        "settled": after.marked(settled.order_by("-settled_at", "-pk")[:SETTLED_SHOWN], request.user, network, now),
    }
    return render(request, "meetings/agreements.html", context)


@never_cache
@form_page
def new_agreement(request, pk):
    meeting, now = permissions.get_meeting(request.user, pk), timezone.now()
    if not room.takes_agreements(meeting, now):
        raise PermissionDenied
    back = came_from(request, meeting.get_absolute_url())
    form = AgreementForm(posted(request), choices=who_choices(meeting.network), today=today(now))

    def agree(form_key, **_fields):
        return room.agree(meeting, actor=request.user, form_key=form_key, now=now, **form.terms)

    saving = save_over(form, agree)
    if saving.is_done:
        messages.success(request, _("Aftalen er noteret."))
        return redirect(back)
    return _form_page(request, meeting, form, back, saving)


@never_cache
@form_page
def change_agreement(request, slug, pk):
    agreement, now = get_agreement(request.user, slug, pk), timezone.now()
    if not room.can_change(request.user, agreement):
        raise PermissionDenied
    back = came_from(request, reverse("meetings:agreements", args=[slug]))
    who = EVERYONE if agreement.is_everyones else str(agreement.owner_id or "")
    initial = {"text": agreement.text, "who": who, "due_on": agreement.due_on, "seen": agreement.version}
    form = AgreementForm(
        posted(request),
        choices=who_choices(agreement.network),
        today=today(now),
        text_stands=agreement.meeting.is_closed,
        initial=initial,
    )

    def change(seen, **_fields):
        return room.change(agreement, actor=request.user, seen=seen, now=now, **form.terms)

    saving = save_over(form, change)
    if saving.is_done:
        messages.success(request, _("Aftalen er rettet."))
        return redirect(back)
    return _form_page(request, agreement.meeting, form, back, saving, agreement=agreement)


@require_POST
def settle_agreement(request, slug, pk, state):
    agreement = get_agreement(request.user, slug, pk)
    done = {
        Agreement.State.DONE: _("Aftalen er gjort."),
        Agreement.State.DROPPED: _("Aftalen er faldet bort."),
        Agreement.State.OPEN: _("Aftalen er i gang igen."),
    }[state]
    act = partial(room.settle, agreement, actor=request.user, state=state, now=timezone.now())
    return perform(request, act=act, done=done, to=came_from(request, reverse("meetings:agreements", args=[slug])))


def came_from(request, usual: str) -> str:
    """Where to go back to: an address of this site that the page before has named, else the `usual` one."""
    target = request.POST.get("next") or request.GET.get("next", "")
    return target if is_ours(request, target) else usual


def _form_page(request, meeting, form, back, saving: Saving, *, agreement=None):
    context = {
        "meeting": meeting,
        "network": meeting.network,
        "form": form,
        "back": back,
        "agreement": agreement,
    }
    return render(request, "meetings/agreement_edit.html", context | saving.shown, status=saving.status)
