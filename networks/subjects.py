"""What messages of this floor are about, for those who may see it now."""

from collections.abc import Iterable

from django.urls import reverse

from members.kinds import Subject
from members.models import User
from networks import permissions
from networks.models import (
    Application,
    Charter,
    Consultation,
    Decision,
    ManagementMessage,
    Membership,
    Network,
    PolicyDraft,
    SupportRequest,
)


def networks(user: User, keys: Iterable[int]) -> dict[int, Subject]:
    return {
        network.pk: Subject(network.name, network.get_absolute_url())
        for network in Network.objects.visible_to(user).filter(pk__in=keys)
    }


def _in_networks(model, user: User, keys: Iterable[int]) -> dict[int, Subject]:
    """Things that belong to a network, named and read as it is."""
    found = model.objects.filter(pk__in=keys, network__in=Network.objects.visible_to(user)).select_related("network")
    return {thing.pk: Subject(thing.network.name, thing.network.get_absolute_url()) for thing in found}


def decisions(user: User, keys: Iterable[int]) -> dict[int, Subject]:
    return _in_networks(Decision, user, keys)


def memberships(user: User, keys: Iterable[int]) -> dict[int, Subject]:
    return _in_networks(Membership, user, keys)


def applications(user: User, keys: Iterable[int]) -> dict[int, Subject]:
    """One's own are read where they stand, also when the network is no longer in the catalogue."""
    own = Application.objects.filter(pk__in=keys, leader__user=user).select_related("network")
    mine = {
        application.pk: Subject(application.network.name, reverse("networks:application", args=[application.pk]))
        for application in own
    }
    return _in_networks(Application, user, set(keys) - set(mine)) | mine


def consultations(user: User, keys: Iterable[int]) -> dict[int, Subject]:
    found = Consultation.objects.visible_to(user).filter(pk__in=keys).select_related("network")
    return {
        consultation.pk: Subject(consultation.network.name, consultation.get_absolute_url()) for consultation in found
    }


def charters(user: User, keys: Iterable[int]) -> dict[int, Subject]:
    found = Charter.objects.filter(
        pk__in=keys, network__in=_rooms(user), network__state__in=Network.STATES_STARTED
    ).select_related("network")
    return {charter.pk: Subject(charter.network.name, charter.get_absolute_url()) for charter in found}


def support_requests(user: User, keys: Iterable[int]) -> dict[int, Subject]:
    """HR answers them in one place, members read the answer in another."""
    found = SupportRequest.objects.filter(pk__in=keys).select_related("network")
    if user.is_hr:
        return {request.pk: Subject(request.network.name, request.get_absolute_url()) for request in found}
    return {
        request.pk: Subject(request.network.name, reverse("networks:network_support", args=[request.network.slug]))
        for request in found.filter(network__in=_rooms(user))
    }


def sent_messages(user: User, keys: Iterable[int]) -> dict[int, Subject]:
    """For the executive board, which answers them."""
    if not user.is_executive_board:
        return {}
    found = ManagementMessage.objects.filter(pk__in=keys, sent_at__isnull=False).select_related("network").defer("text")
    return {
        message.pk: Subject(message.network.name, reverse("networks:reply_to_management_message", args=[message.pk]))
        for message in found
    }


def own_messages(user: User, keys: Iterable[int]) -> dict[int, Subject]:
    found = ManagementMessage.objects.filter(pk__in=keys, network__in=_rooms(user)).select_related("network")
    return {
        message.pk: Subject(message.network.name, reverse("networks:management_messages", args=[message.network.slug]))
        for message in found.defer("text", "reply")
    }


def policies(user: User, keys: Iterable[int]) -> dict[int, Subject]:
    """Each where a network of the person's own answers it."""
    found = PolicyDraft.networks.through.objects.filter(policydraft__in=keys, network__in=_rooms(user))
    return {
        one.policydraft_id: Subject(
            one.policydraft.title, reverse("networks:management_messages", args=[one.network.slug])
        )
        for one in found.select_related("policydraft", "network").order_by("network__sort_text")
    }


def directions(user: User, keys: Iterable[int]) -> dict[int, Subject]:
    found = permissions.visible_directions(user).filter(pk__in=keys)
    return {direction.pk: Subject(direction.title, direction.get_absolute_url()) for direction in found}


def _rooms(user: User):
    return Membership.objects.active().filter(leader__user=user, leader__user__is_active=True).values("network")
