"""Budskaber til topledelsen, until they are sent: the members' own pages."""

from functools import partial

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from members.requests import number
from networks import policy
from networks import upward as room
from networks.conflicts import ChangedMeanwhile
from networks.models import ManagementMessage, Network, PolicyDraft
from networks.permissions import get_room
from networks.refusal import Refused
from networks.room_permissions import get_management_message
from networks.tabs import tabs
from networks.upward_forms import ManagementMessageForm
from networks.views.confirm import confirm, posted
from networks.views.saving import save_over


def _page(request, template: str, network: Network, *, status: int = 200, **context):
    context |= {
        "network": network,
        "tabs": tabs(request.user, network, "upward"),
        "can_work": room.can_work(request.user, network),
        "can_send": room.can_send(request.user, network),
    }
    return render(request, f"networks/{template}.html", context, status=status)


@never_cache
@require_safe
def management_messages(request, slug):
    network = get_room(request.user, slug)
    found = list(network.management_messages.select_related("written_by", "policy", "replied_by"))
    return _page(
        request,
        "management_messages",
        network,
        drafts=[message for message in found if not message.is_sent],
        sent=[message for message in found if message.is_sent],
        asked=policy.asked_of(network, timezone.now()),
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new_management_message(request, slug):
    network = get_room(request.user, slug)
    if not room.can_work(request.user, network):
        raise PermissionDenied
    asked = _policy_asked(request, network)
    form = ManagementMessageForm(posted(request))
    if form.is_valid():
        try:
            room.write(network, actor=request.user, text=form.cleaned_data["text"], policy=asked, now=timezone.now())
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Budskabet er gemt. Kun I kan læse det, indtil tovholderen sender det."))
            return redirect("networks:management_messages", slug)
    return _page(request, "management_message_edit", network, form=form, policy=asked)


def _policy_asked(request, network: Network) -> PolicyDraft | None:
    """What this is an answer to, when the network has been asked; anything else is not found."""
    if not request.GET.get("politik"):
        return None
    pk = number(request.GET["politik"])
    if pk is None:
        raise Http404
    return get_object_or_404(network.policy_drafts, pk=pk)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def change_management_message(request, slug, pk):
    message = _draft(request, slug, pk)
    form = ManagementMessageForm(posted(request), initial={"text": message.text, "seen": message.version})
    saving = save_over(form, partial(room.change, message, actor=request.user, now=timezone.now()))
    if saving.is_done:
        messages.success(request, _("Budskabet er rettet."))
        return redirect("networks:management_messages", slug)
    context = {"form": form, "policy": message.policy} | saving.shown
    return _page(request, "management_message_edit", message.network, status=saving.status, **context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def send_management_message(request, slug, pk):
    """Show the text once more: what is sent is what was read."""
    message = _draft(request, slug, pk)
    if not room.can_send(request.user, message.network):
        raise PermissionDenied
    if request.method == "POST":
        try:
            room.send(
                message,
                actor=request.user,
                seen=number(request.POST.get("seen")) or 0,
                now=timezone.now(),
            )
        except ChangedMeanwhile as conflict:
            messages.warning(request, str(conflict))
            return redirect(request.path)
        except Refused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("Budskabet er sendt og står på netværkets statusside."))
        return redirect("networks:management_messages", slug)
    return _page(request, "management_message_send", message.network, message=message)


@require_http_methods(["GET", "HEAD", "POST"])
def drop_management_message(request, slug, pk):
    message = _draft(request, slug, pk)
    return confirm(
        request,
        act=partial(room.drop, message, actor=request.user, seen=message.version, now=timezone.now()),
        back=reverse("networks:management_messages", args=[slug]),
        network=message.network,
        heading=_("Slet budskabet?"),
        consequence=_("Udkastet forsvinder for alle i netværket og kan ikke hentes tilbage."),
        button=_("Slet"),
        done=_("Budskabet er slettet."),
        is_warning=True,
    )


def _draft(request, slug: str, pk: int) -> ManagementMessage:
    message = get_management_message(request.user, slug, pk)
    if message.is_sent or not room.can_work(request.user, message.network):
        raise PermissionDenied
    return message
