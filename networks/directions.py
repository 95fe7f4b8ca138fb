"""Kurs: written by HR or the executive board, in force once it is approved both politically and administratively."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members import audit, outbox
from members.danish import today
from members.models import Role, User
from networks import basis_versions, permissions
from networks.conflicts import is_saved, says
from networks.models import BasisVersion, DirectionDecision, Network, StrategicDirection
from networks.refusal import Refused, require

REVIEWED_DAYS_AHEAD = timedelta(days=30)
# Networks under way, which a kurs can be renewed for; before that it is chosen in the steps.
STATES_UNDER_WAY = (Network.State.APPROVED, Network.State.ENROLLING, Network.State.ACTIVE, Network.State.PAUSED)


WRITTEN = ("title", "solutions", "development", "gains", "valid_from", "valid_to", "review_date", "owner")


class Approval(TextChoices):
    POLITICAL = "political", gettext_lazy("Politisk")
    ADMINISTRATIVE = "administrative", gettext_lazy("Administrativt")


@transaction.atomic
def save_direction(
    direction: StrategicDirection, *, actor: User, now: datetime, seen: int | None = None
) -> StrategicDirection:
    """Keep a new or edited text, unless someone else has saved since the version that was `seen`; a new one once.

    Editing one that awaits approval takes it back to a draft, approvals and all.
    """
    require(permissions.can_edit_directions(actor))
    is_new = direction.pk is None
    answer = {name: getattr(direction, name) for name in WRITTEN} | {"state": StrategicDirection.State.DRAFT}
    if is_new:
        User.objects.select_for_update(no_key=True).get(pk=actor.pk)  # two presses at once wait for each other here
        written = StrategicDirection.objects.filter(state=StrategicDirection.State.DRAFT, title=direction.title)
        twin = next((one for one in written if says(one, **answer)), None)
        if twin is not None:
            return twin
    else:
        stored = _lock(direction)
        if not stored.is_editable:
            raise Refused(_("En kurs, der har været gældende, kan ikke ændres. Skriv en ny."))
        told = _("En anden har gemt ændringer, siden du åbnede siden. Din tekst er ikke gemt endnu.")
        if seen is not None and is_saved(stored, seen, told, **answer):
            return stored
        if stored.state == StrategicDirection.State.SUBMITTED:
            _note(stored, DirectionDecision.Verdict.TAKEN_BACK, actor=actor, now=now)
        direction.version = stored.version + 1
    direction.state = StrategicDirection.State.DRAFT
    for kind in Approval:
        _register(direction, kind, "", None)
    direction.save()
    audit.record(actor, "write_direction" if is_new else "edit_direction", direction, now=now)
    return direction


@transaction.atomic
def submit_direction(direction: StrategicDirection, *, actor: User, now: datetime) -> None:
    require(permissions.can_edit_directions(actor))
    direction = _lock(direction)
    if direction.state != StrategicDirection.State.DRAFT:
        raise Refused(_("Kursen er allerede sendt til godkendelse."))
    direction.state = StrategicDirection.State.SUBMITTED
    direction.version += 1
    direction.save(update_fields=["state", "version"])
    _note(direction, DirectionDecision.Verdict.SUBMITTED, actor=actor, now=now)
    audit.record(actor, "submit_direction", direction, now=now)


@transaction.atomic
def approve_direction(
    direction: StrategicDirection, *, kind: Approval, approver: str, approved_on: date, actor: User, now: datetime
) -> StrategicDirection:
    """The executive board registers who approved and when; with both approvals the kurs is current."""
    require(permissions.can_approve_directions(actor))
    direction = _lock(direction)
    if direction.state != StrategicDirection.State.SUBMITTED:
        raise Refused(_("Kursen venter ikke på godkendelse."))
    if getattr(direction, f"{kind}_approved_on"):
        raise Refused(_("Den godkendelse er allerede registreret."))
    if not approver.strip():
        raise Refused(_("Skriv, hvem der har godkendt kursen."))
    if approved_on > today(now):
        raise Refused(_("Datoen ligger i fremtiden. Skriv den dag, kursen blev godkendt."))
    _register(direction, kind, approver.strip(), approved_on)
    if direction.is_fully_approved:
        direction.state = StrategicDirection.State.CURRENT
    direction.version += 1
    direction.save()
    _note(direction, kind, approver=approver.strip(), approved_on=approved_on, actor=actor, now=now)
    audit.record(actor, f"approve_direction_{kind}", direction, now=now)
    return direction


# --- When a kurs runs out --------------------------------------------------------------------------------------------


@transaction.atomic
def renew_direction(network: Network, *, direction: StrategicDirection, actor: User, now: datetime) -> Network:
    """Tie a network that is under way to another kurs in force: the one part of its basis that changes after start."""
    require(actor.is_hr)
    network = Network.objects.lock(network.pk)
    if network.state not in STATES_UNDER_WAY:
        raise Refused(
            _("Kursen vælges i grundlaget, indtil det er godkendt, og kan ikke ændres, når netværket er slut.")
        )
    if not direction.is_current(today(now)):
        raise Refused(_("Vælg en kurs, der gælder i dag."))
    if network.direction_id == direction.pk:
        raise Refused(_("%(network)s bygger allerede på den kurs.") % {"network": network})
    network.direction = direction
    network.version += 1
    network.save(update_fields=["direction", "version"])
    basis_versions.keep(network, BasisVersion.Occasion.CHANGED, actor=actor, now=now)
    audit.record(actor, "renew_direction", network, now=now, network_id=network.pk)
    return network


@transaction.atomic
def renew_directions(
    networks: Iterable[Network], *, direction: StrategicDirection, actor: User, now: datetime
) -> list[Network]:
    """Several at once: all or none."""
    networks = list(networks)
    if not networks:
        raise Refused(_("Vælg mindst ét netværk."))
    return [renew_direction(network, direction=direction, actor=actor, now=now) for network in networks]


def needs_new_kurs(network: Network, today: date) -> bool:
    """Whether a network under way builds on a kurs that is not in force."""
    has_kurs = network.direction is not None and network.direction.is_current(today)
    return network.state in STATES_UNDER_WAY and not has_kurs


def without_current_kurs(direction: StrategicDirection, today: date):
    """The networks under way that build on `direction` after it has run out; none while it is in force."""
    if not direction.is_in_force_or_was or direction.valid_to >= today:
        return Network.objects.none()
    return direction.networks.filter(state__in=STATES_UNDER_WAY)


def tend(*, now: datetime) -> None:
    """The daily round: say which kurs has run out, and ask owners to look at those that soon will."""
    day = today(now)
    in_force = StrategicDirection.objects.filter(state=StrategicDirection.State.CURRENT)
    for direction in in_force.filter(valid_to__lt=day):
        _expire(direction, now=now)
    for direction in in_force.filter(valid_to__gte=day, review_date__lte=day + REVIEWED_DAYS_AHEAD):
        outbox.enqueue("direction_review", subject_id=direction.pk, recipients=_keepers(direction), now=now)


@transaction.atomic
def _expire(direction: StrategicDirection, *, now: datetime) -> None:
    direction = _lock(direction)
    if direction.state == StrategicDirection.State.CURRENT:
        direction.state = StrategicDirection.State.EXPIRED
        direction.save(update_fields=["state"])
        audit.record(None, "expire_direction", direction, now=now)


def _keepers(direction: StrategicDirection):
    """The owner; when the owner has left, HR's administrators."""
    if direction.owner.is_active:
        return [direction.owner]
    return User.objects.filter(is_active=True, role_assignments__role=Role.HR_ADMIN)


# --- Common steps ----------------------------------------------------------------------------------------------------


def _note(direction: StrategicDirection, verdict: str, *, approver="", approved_on=None, actor: User, now: datetime):
    direction.decisions.create(
        verdict=verdict, approver=approver, approved_on=approved_on, recorded_by=actor, recorded_at=now
    )


def _register(direction: StrategicDirection, kind: Approval, approver: str, approved_on: date | None) -> None:
    setattr(direction, f"{kind}_approver", approver)
    setattr(direction, f"{kind}_approved_on", approved_on)


def _lock(direction: StrategicDirection) -> StrategicDirection:
    return StrategicDirection.objects.select_for_update().get(pk=direction.pk)
