from django.core.paginator import Paginator
from django.shortcuts import render
from django.views.decorators.http import require_safe

from networks import fit
from networks.filters import CatalogueFilter
from networks.models import Application, Consultation, Membership, Network

PAGE_SIZE = 50


@require_safe
def catalogue(request):
    user = request.user
    networks = Network.objects.visible_to(user).with_places().for_lists()
    found = CatalogueFilter(request.GET, queryset=networks, user=user)
    page = Paginator(found.qs, PAGE_SIZE).get_page(request.GET.get("page"))
    _say_what_each_is_to(user, page.object_list)
    context = {
        "filter": found,
        "page": page,
        "networks": page.object_list,
        "has_consultations": user.is_hr or Consultation.objects.visible_to(user).exists(),
        "is_filtered": any(request.GET.get(name) for name in found.filters),
    }
    return render(request, "networks/catalogue.html", context)


def _say_what_each_is_to(user, networks) -> None:
    """Mark each network with the person's own part in it, or else why it would suit them."""
    mine = set(Membership.objects.inside().filter(leader__user=user).values_list("network_id", flat=True))
    open_applications = Application.objects.filter(leader__user=user, state__in=Application.STATES_OPEN)
    asked = {application.network_id: application for application in open_applications}
    above = fit.units_above(user.post)
    for network in networks:
        network.is_mine = network.pk in mine
        network.my_application = asked.get(network.pk)
        network.fit_reason = "" if network.is_mine else fit.reason_it_fits(network, user.post, above)
