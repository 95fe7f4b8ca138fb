from functools import partial

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from networks import basis_versions, permissions
from networks import review as room
from networks.forms import ReviewForm
from networks.tabs import tabs
from networks.views.confirm import confirm, posted


@require_safe
def version(request, slug, number):
    """The basis as it was kept, and what had changed since an earlier version: the one before, unless asked for."""
    network = permissions.get_network(request.user, slug)
    if not permissions.can_see_basis(request.user, network):
        raise PermissionDenied
    kept = {version.number: version for version in network.basis_versions.select_related("kept_by")}
    if number not in kept:
        raise Http404
    earlier = [version for version in kept.values() if version.number < number]
    asked = request.GET.get("siden", "")
    since = next((version for version in earlier if str(version.number) == asked), earlier[0] if earlier else None)
    parts = basis_versions.parts(kept[number], since)
    context = {
        "network": network,
        "tabs": tabs(request.user, network, "basis"),
        "version": kept[number],
        "earlier": earlier,
        "since": since,
        "parts": parts,
        "has_changes": any(part.lines for part in parts),
    }
    return render(request, "networks/basis_version.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def review(request, slug):
    network = permissions.get_network_as_hr(request.user, slug)
    return confirm(
        request,
        heading=_("Grundlaget for %(network)s er taget op igen") % {"network": network},
        consequence=_(
            "Tal først med tovholderen og den ansvarlige chef om, hvorvidt formål, mål og ramme stadig passer. "
            "Grundlaget gemmes, som det er, og kontakten i HR får besked, når det er tid igen."
        ),
        button=_("Notér, at det er taget op"),
        act=partial(room.take_up, network, actor=request.user, now=timezone.now()),
        done=_("Det er gemt, at grundlaget er taget op igen."),
        back=reverse("networks:basis", args=[slug]),
        form=ReviewForm(posted(request)),
        network=network,
    )
