from functools import partial

from django.core.exceptions import PermissionDenied
from django.db.models import Max
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from networks import approval, permissions
from networks.forms import ReasonForm
from networks.models import Consultation, Decision, Network, StrategicDirection
from networks.permissions import get_network_as_hr, get_network_as_sponsor
from networks.views.confirm import confirm, posted


@require_safe
def approvals(request):
    """What awaits the sponsor, and what the executive board follows."""
    user = request.user
    if not permissions.can_see_approvals(user):
        raise PermissionDenied
    submitted = (
        Network.objects.filter(state=Network.State.SUBMITTED)
        .for_lists()
        .annotate(submitted_at=Max("decisions__decided_at"))
        .order_by("submitted_at", "pk")
    )
    decided = Decision.objects.filter(decided_by=user).exclude(verdict=Decision.Verdict.SUBMITTED)
    directions = StrategicDirection.objects.filter(state=StrategicDirection.State.SUBMITTED)
    context = {
        "mine": submitted.filter(sponsor=user),
        "others": submitted.exclude(sponsor=user) if user.is_executive_board else [],
        "directions": directions.order_by("valid_from") if permissions.can_approve_directions(user) else [],
        "has_consultations": Consultation.objects.visible_to(user).exists(),
        "decided": decided.select_related("network")[:10],
    }
    return render(request, "networks/approvals.html", context)


def _confirm(request, network: Network, act, **words):
    return confirm(
        request,
        act=partial(act, network, actor=request.user, now=timezone.now()),
        back=reverse("networks:basis", args=[network.slug]),
        network=network,
        **words,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def submit(request, slug):
    network = get_network_as_hr(request.user, slug)
    return _confirm(
        request,
        network,
        approval.submit,
        heading=_("Send grundlaget til godkendelse?"),
        consequence=_(
            "%(sponsor)s får besked og kan godkende, sende retur eller afvise. "
            "I mellemtiden kan grundlaget ikke ændres."
        )
        % {"sponsor": network.sponsor or _("Den ansvarlige chef")},
        button=_("Send til godkendelse"),
        done=_("Grundlaget er sendt til godkendelse."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def approve(request, slug):
    network = get_network_as_sponsor(request.user, slug)
    return _confirm(
        request,
        network,
        approval.approve,
        heading=_("Godkend grundlaget for %(network)s?") % {"network": network},
        consequence=_("Du står som ansvarlig chef for netværket. HR får besked og kan åbne for tilmelding."),
        button=_("Godkend"),
        done=_("Grundlaget er godkendt."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def return_for_changes(request, slug):
    network = get_network_as_sponsor(request.user, slug)
    return _confirm(
        request,
        network,
        approval.return_for_changes,
        heading=_("Send grundlaget for %(network)s retur?") % {"network": network},
        consequence=_("HR får besked, kan ændre grundlaget og sende det til dig igen."),
        button=_("Send retur"),
        done=_("Grundlaget er sendt retur til HR."),
        form=ReasonForm(posted(request)),
        audience=_("Netværkets medlemmer, HR og topledelsen kan læse begrundelsen i grundlaget."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def reject(request, slug):
    network = get_network_as_sponsor(request.user, slug)
    return _confirm(
        request,
        network,
        approval.reject,
        heading=_("Afvis grundlaget for %(network)s?") % {"network": network},
        consequence=_(
            "Netværket bliver ikke til noget. HR får besked. Vil du hellere have noget ændret, så send retur."
        ),
        button=_("Afvis"),
        done=_("Grundlaget er afvist."),
        form=ReasonForm(posted(request)),
        audience=_("HR og topledelsen kan læse begrundelsen i grundlaget."),
        is_warning=True,
    )
