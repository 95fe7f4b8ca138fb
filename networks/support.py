"""Støtteanmodning: what a network asks of HR, and what HR answers."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from members import audit, outbox
from members.models import Role, User
from networks import permissions
from networks.models import Network, SupportRequest
from networks.refusal import Refused, require

State = SupportRequest.State


def can_request(user: User, network: Network) -> bool:
    return network.state == Network.State.ACTIVE and permissions.is_coordinator(user, network)


@transaction.atomic
def request_support(network: Network, *, actor: User, need: str, text: str, now: datetime) -> SupportRequest:
    """The coordinator asks on the group's behalf."""
    network = Network.objects.lock(network.pk)
    require(permissions.is_coordinator(actor, network))
    if network.state != Network.State.ACTIVE:
        raise Refused(_("I kan bede om støtte, mens netværket er aktivt."))
    if network.support_requests.filter(need=need, text=text, state=State.NEW).exists():
        raise Refused(_("Den støtteanmodning er allerede sendt."))
    request = SupportRequest.objects.create(network=network, need=need, text=text, requested_by=actor, requested_at=now)
    audit.record(actor, "request_support", request, now=now)
    outbox.enqueue("support_requested", subject_id=request.pk, recipients=_hr_of(network), now=now)
    return request


@transaction.atomic
def take_up(request: SupportRequest, *, actor: User, now: datetime) -> SupportRequest:
    """HR is at it, and the network can see that."""
    require(actor.is_hr)
    request = SupportRequest.objects.select_for_update().get(pk=request.pk)
    if request.state != State.NEW:
        raise Refused(_("Støtteanmodningen er taget op af en anden i mellemtiden."))
    return _move(request, State.IN_PROGRESS, "take_up_support", actor=actor, now=now)


@transaction.atomic
def settle(request: SupportRequest, *, actor: User, state: str, answer: str, now: datetime) -> SupportRequest:
    """HR grants or declines, in words the network can use."""
    require(actor.is_hr)
    request = SupportRequest.objects.select_for_update().select_related("network").get(pk=request.pk)
    if not request.is_open:
        raise Refused(_("Støtteanmodningen er besvaret af en anden i mellemtiden."))
    if state not in (State.GRANTED, State.DECLINED):
        raise Refused(_("Vælg, om I kan imødekomme ønsket."))
    if not answer.strip():
        raise Refused(_("Skriv et svar til netværket."))
    request.answer = answer
    _move(request, State(state), "settle_support", actor=actor, now=now)
    told = set(request.network.memberships.active().filter(is_coordinator=True).values_list("leader__user", flat=True))
    outbox.enqueue("support_answered", subject_id=request.pk, recipients=sorted(told), now=now)
    return request


def _move(request: SupportRequest, state: str, verb: str, *, actor: User, now: datetime) -> SupportRequest:
    request.state, request.handled_by, request.handled_at = state, actor, now
    request.save(update_fields=["state", "answer", "handled_by", "handled_at"])
    audit.record(actor, verb, request, now=now)
    return request


def _hr_of(network: Network) -> list[int]:
    """The network's own contact in HR; all of HR when there is none."""
    contact = network.hr_contact
    if contact is not None and contact.is_active and contact.is_hr:
        return [contact.pk]
    hr = User.objects.filter(is_active=True, role_assignments__role__in=[Role.HR_CONSULTANT, Role.HR_ADMIN])
    return list(hr.order_by("pk").values_list("pk", flat=True).distinct())
