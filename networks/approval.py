"""Approval of a network's strategic basis: HR sends it, the named sponsor and nobody else decides."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from members import audit, outbox
from members.danish import today
from members.models import User
from networks import basis_versions, permissions
from networks.basis import NotReady, lacks_of_design, lacks_of_direction
from networks.models import BasisVersion, Decision, Network
from networks.refusal import Refused, require


@transaction.atomic
def submit(network: Network, *, actor: User, now: datetime) -> Decision:
    """HR sends the finished basis to the sponsor."""
    require(actor.is_hr)
    network = Network.objects.lock(network.pk)
    if not network.is_editable:
        raise Refused(_("Grundlaget er allerede sendt til godkendelse eller afgjort."))
    if network.consultations.filter(opened_at__isnull=False, closed_at__isnull=True).exists():
        raise Refused(_("Grundlaget er i høring. Luk høringen, før du sender grundlaget til godkendelse."))
    lacks = lacks_of_submission(network, now)
    if lacks:
        raise NotReady(lacks)
    decision = _decide(network, Network.State.SUBMITTED, Decision.Verdict.SUBMITTED, "", actor=actor, now=now)
    basis_versions.keep(network, BasisVersion.Occasion.SUBMITTED, actor=actor, now=now)
    outbox.enqueue("approval_requested", subject_id=decision.pk, recipients=[network.sponsor_id], now=now)
    return decision


def lacks_of_submission(network: Network, now: datetime):
    """What HR must supply before the sponsor is asked."""
    return lacks_of_direction(network, today(now)) + lacks_of_design(network)


@transaction.atomic
def approve(network: Network, *, actor: User, now: datetime) -> Decision:
    network = _lock_for_decision(network, actor=actor)
    lacks = lacks_of_design(network)
    if lacks:
        raise NotReady(lacks)
    network.approved_at = now
    basis_versions.keep(network, BasisVersion.Occasion.APPROVED, actor=actor, now=now)
    return _answer(network, Network.State.APPROVED, Decision.Verdict.APPROVED, "", actor=actor, now=now)


@transaction.atomic
def return_for_changes(network: Network, *, reason: str, actor: User, now: datetime) -> Decision:
    network = _lock_for_decision(network, actor=actor)
    _require_reason(reason)
    return _answer(network, Network.State.RETURNED, Decision.Verdict.RETURNED, reason, actor=actor, now=now)


@transaction.atomic
def reject(network: Network, *, reason: str, actor: User, now: datetime) -> Decision:
    network = _lock_for_decision(network, actor=actor)
    _require_reason(reason)
    return _answer(network, Network.State.REJECTED, Decision.Verdict.REJECTED, reason, actor=actor, now=now)


def _lock_for_decision(network: Network, *, actor: User) -> Network:
    network = Network.objects.lock(network.pk)
    require(permissions.can_decide(actor, network))
    if network.state != Network.State.SUBMITTED:
        raise Refused(_("Grundlaget venter ikke på godkendelse. Der er måske allerede taget stilling til det."))
    return network


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise Refused(_("Skriv en begrundelse, så HR ved, hvad der skal til."))


def _answer(network: Network, state, verdict, reason: str, *, actor: User, now: datetime) -> Decision:
    decision = _decide(network, state, verdict, reason.strip(), actor=actor, now=now)
    outbox.enqueue("approval_decided", subject_id=decision.pk, recipients=[network.hr_contact_id], now=now)
    return decision


def _decide(network: Network, state, verdict, reason: str, *, actor: User, now: datetime) -> Decision:
    network.state = state
    network.version += 1
    network.save(update_fields=["state", "version", "approved_at"])
    audit.record(actor, f"basis_{verdict}", network, now=now, network_id=network.pk)
    return network.decisions.create(verdict=verdict, reason=reason, decided_by=actor, decided_at=now)
