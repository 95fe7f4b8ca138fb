"""A network's course from start to end, in HR's hands."""

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from members import audit, outbox
from members.danish import today
from members.models import User
from networks import basis_versions
from networks.basis import Lack, NotReady, lacks_of_direction
from networks.models import Application, BasisVersion, Membership, Network
from networks.refusal import Refused, require
from networks.signals import network_closed
from networks.waiting_list import promote_waiting, renew_offers

FEWEST_TO_START = 3
SIZE_LEAST, SIZE_MOST = 3, 60


def lacks_to_start(network: Network, today: date) -> list[Lack]:
    """What must be there before the members take over."""
    found = lacks_of_direction(network, today)
    members = network.memberships.active()
    missing = FEWEST_TO_START - members.count()
    if missing > 0:
        found.append(
            Lack(
                "members",
                ngettext("Netværket mangler %d medlem.", "Netværket mangler %d medlemmer.", missing) % missing,
                _("Godkend tilmeldinger, eller inviter ledere."),
            )
        )
    if not members.filter(is_coordinator=True).exists():
        found.append(Lack("coordinator", _("Netværket har ingen tovholder."), _("Udpeg en på siden Medlemmer.")))
    return found


@transaction.atomic
def activate(network: Network, *, actor: User, now: datetime) -> None:
    """Hand the network over to its members."""
    require(actor.is_hr)
    network = Network.objects.lock(network.pk)
    if network.state != Network.State.ENROLLING:
        raise Refused(_("Kun et netværk, der er åbent for tilmelding, kan startes."))
    lacks = lacks_to_start(network, today(now))
    if lacks:
        raise NotReady(lacks)
    network.started_at = now
    _change(network, Network.State.ACTIVE, "activate", actor=actor, now=now)


@transaction.atomic
def pause(network: Network, *, actor: User, now: datetime) -> None:
    require(actor.is_hr)
    network = Network.objects.lock(network.pk)
    if network.state != Network.State.ACTIVE:
        raise Refused(_("Kun et aktivt netværk kan sættes på pause."))
    event = _change(network, Network.State.PAUSED, "pause", actor=actor, now=now)
    _tell_members(network, "network_paused", event, now=now)


@transaction.atomic
def resume(network: Network, *, actor: User, now: datetime) -> None:
    require(actor.is_hr)
    network = Network.objects.lock(network.pk)
    if network.state != Network.State.PAUSED:
        raise Refused(_("Kun et netværk på pause kan genoptages."))
    event = _change(network, Network.State.ACTIVE, "resume", actor=actor, now=now)
    _tell_members(network, "network_resumed", event, now=now)
    renew_offers(network, actor=actor, now=now)
    # Seats may have been freed while nobody could move up.
    promote_waiting(network, actor=actor, now=now)


@transaction.atomic
def close(network: Network, *, actor: User, now: datetime, farewell: str = "") -> None:
    """End the network: memberships and open requests end with it, and all of them are told, with HR's farewell."""
    require(actor.is_hr)
    network = Network.objects.lock(network.pk)
    if network.state not in Network.STATES_CLOSABLE:
        raise Refused(_("Netværket kan ikke afsluttes i sin nuværende tilstand."))
    network.closed_at, network.farewell = now, farewell.strip()
    _change(network, Network.State.CLOSED, "close", actor=actor, now=now)
    members = network.memberships.inside()
    requests = network.applications.filter(state__in=Application.STATES_OPEN)
    told = list(members.values_list("leader__user_id", flat=True))
    told += list(requests.values_list("leader__user_id", flat=True))
    requests.update(state=Application.State.WITHDRAWN, decided_by=actor, decided_at=now)
    members.update(state=Membership.State.ENDED, left_on=today(now))
    outbox.enqueue("network_closed", subject_id=network.pk, recipients=dict.fromkeys(told), now=now)
    network_closed.send(sender=Network, network=network, actor=actor, now=now)


@transaction.atomic
def change_capacity(network: Network, *, size_min: int, size_max: int, actor: User, now: datetime) -> None:
    """How few and how many the network is for. Fewer seats remove nobody; more seats go to those who wait."""
    require(actor.is_hr)
    network = Network.objects.lock(network.pk)
    if network.state not in Network.STATES_CLOSABLE:
        raise Refused(
            _("Størrelsen ændres i grundlaget, indtil det er godkendt, og ikke efter netværket er afsluttet.")
        )
    if not SIZE_LEAST <= size_min <= size_max <= SIZE_MOST:
        raise Refused(
            _("Vælg mindst %(least)d og højst %(most)d, og lad det største tal være det sidste.")
            % {"least": SIZE_LEAST, "most": SIZE_MOST}
        )
    network.size_min, network.size_max = size_min, size_max
    network.save(update_fields=["size_min", "size_max"])
    basis_versions.keep(network, BasisVersion.Occasion.CHANGED, actor=actor, now=now)
    audit.record(actor, "change_capacity", network, now=now, network_id=network.pk)
    promote_waiting(network, actor=actor, now=now)


def _change(network: Network, state, verb: str, *, actor: User, now: datetime):
    network.state = state
    network.save(update_fields=["state", "started_at", "closed_at", "farewell"])
    return audit.record(actor, verb, network, now=now, network_id=network.pk)


def _tell_members(network: Network, kind: str, event, *, now: datetime) -> None:
    members = network.memberships.active().order_by("pk").values_list("leader__user_id", flat=True)
    outbox.enqueue(kind, subject_id=network.pk, recipients=members, sequence=event.pk, now=now)
