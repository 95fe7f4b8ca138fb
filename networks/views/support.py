"""Støtteanmodninger: the network's page and HR's."""

from functools import partial

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from members.permissions import hr_only
from networks import support as room
from networks.models import SupportRequest
from networks.permissions import get_room
from networks.refusal import Refused
from networks.tabs import tabs
from networks.upward_forms import SupportAnswerForm, SupportRequestForm
from networks.views.confirm import perform, posted


@require_safe
def network_support(request, slug):
    """What the network has asked for, and what HR said."""
    network = get_room(request.user, slug)
    context = {
        "network": network,
        "tabs": tabs(request.user, network, "support"),
        "requests": network.support_requests.select_related("requested_by"),
        "can_request": room.can_request(request.user, network),
    }
    return render(request, "networks/network_support.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def request_support(request, slug):
    network = get_room(request.user, slug)
    if not room.can_request(request.user, network):
        raise PermissionDenied
    form = SupportRequestForm(posted(request))
    if form.is_valid():
        try:
            room.request_support(network, actor=request.user, now=timezone.now(), **form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Støtteanmodningen er sendt til HR."))
            return redirect("networks:network_support", slug)
    context = {"network": network, "tabs": tabs(request.user, network, "support"), "form": form}
    return render(request, "networks/request_support.html", context)


@require_safe
@hr_only
def support_requests(request):
    """Every network's requests: those that wait for an answer first, the oldest on top."""
    requests = SupportRequest.objects.select_related("network", "handled_by")
    waiting = requests.filter(state__in=SupportRequest.STATES_OPEN).order_by("requested_at", "pk")
    answered = requests.exclude(state__in=SupportRequest.STATES_OPEN).order_by("-handled_at", "-pk")
    page = Paginator(answered, 25).get_page(request.GET.get("page"))
    return render(request, "networks/support_requests.html", {"waiting": waiting, "page_obj": page})


@require_http_methods(["GET", "HEAD", "POST"])
def support_request(request, pk):
    support = _request_of_hr(request.user, pk)
    form = SupportAnswerForm(posted(request))
    if form.is_valid():
        try:
            room.settle(support, actor=request.user, now=timezone.now(), **form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, str(refusal))
            support.refresh_from_db()
        else:
            messages.success(request, _("Svaret er sendt til netværket."))
            return redirect("networks:support_requests")
    return render(request, "networks/support_request.html", {"support": support, "form": form})


@require_POST
def take_up_support(request, pk):
    support = _request_of_hr(request.user, pk)
    return perform(
        request,
        act=partial(room.take_up, support, actor=request.user, now=timezone.now()),
        done=_("Netværket kan nu se, at anmodningen er under behandling."),
        to=support.get_absolute_url(),
    )


def _request_of_hr(user, pk: int) -> SupportRequest:
    if not user.is_hr:
        raise Http404
    found = SupportRequest.objects.select_related("network", "requested_by", "handled_by")
    return get_object_or_404(found, pk=pk)
