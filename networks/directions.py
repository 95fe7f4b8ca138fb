"""Kurs: written by HR or the executive board, in force once it is approved both politically and administratively."""

from datetime import date, datetime

from django.db import transaction
from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members import audit
from members.danish import today
from members.models import User
from networks import permissions
from networks.models import StrategicDirection
from networks.refusal import Refused, require


class Approval(TextChoices):
    POLITICAL = "political", gettext_lazy("Politisk")
    ADMINISTRATIVE = "administrative", gettext_lazy("Administrativt")


@transaction.atomic
def save_direction(direction: StrategicDirection, *, actor: User, now: datetime) -> StrategicDirection:
    """Keep a new or edited text. Editing one that awaits approval takes it back to a draft, approvals and all."""
    require(permissions.can_edit_directions(actor))
    is_new = direction.pk is None
    if not is_new and not _lock(direction).is_editable:
        raise Refused(_("En kurs, der har været gældende, kan ikke ændres. Skriv en ny."))
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
    direction.save(update_fields=["state"])
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
    direction.save()
    audit.record(actor, f"approve_direction_{kind}", direction, now=now)
    return direction


def _register(direction: StrategicDirection, kind: Approval, approver: str, approved_on: date | None) -> None:
    setattr(direction, f"{kind}_approver", approver)
    setattr(direction, f"{kind}_approved_on", approved_on)


def _lock(direction: StrategicDirection) -> StrategicDirection:
    return StrategicDirection.objects.select_for_update().get(pk=direction.pk)
