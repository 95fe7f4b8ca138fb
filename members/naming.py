"""The levels and fields leaders are sorted by: an HR administrator names them and puts them in order."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from members import audit
from members.models import LeadershipLevel, ProfessionalField, User

Named = LeadershipLevel | ProfessionalField


class NotSaved(Exception):
    """str() is a sentence for the person who asked."""


class ChangedSince(NotSaved):
    """Someone else has saved since the page was opened."""


@dataclass
class Line:
    """One row as it was typed; a new one has no `pk`."""

    name: str
    place: int
    pk: int | None = None
    is_removed: bool = False


def fingerprint(rows: Iterable[Named]) -> str:
    """What a page holds on to, to tell whether the rows are still those it showed."""
    shown = sorted((row.pk, row.name, row.rank) for row in rows)
    return hashlib.sha256(repr(shown).encode()).hexdigest()[:16]


def save(model: type[Named], lines: list[Line], *, seen: str, actor: User, now: datetime) -> None:
    """Give every row its name and its place from 1 upwards; drop what nobody uses, add what is new. All or nothing."""
    if not actor.is_hr_admin:
        raise PermissionDenied
    try:
        with transaction.atomic():
            _save(model, lines, seen=seen, actor=actor, now=now)
    except IntegrityError:
        raise NotSaved(_("To rækker ville få samme navn. Intet er ændret.")) from None


def _save(model, lines, *, seen, actor, now):
    rows = {row.pk: row for row in model.objects.select_for_update().order_by("pk")}
    if fingerprint(rows.values()) != seen:
        if [line.name for line in _kept(lines)] == [
            row.name for row in sorted(rows.values(), key=lambda row: row.rank)
        ]:
            return  # the same form sent twice
        raise ChangedSince(_("En anden har gemt ændringer, siden du åbnede siden. Det, du skrev, er ikke gemt endnu."))
    known = [line for line in lines if line.pk is None or line.pk in rows]
    for line in known:
        if line.is_removed and line.pk:
            row = rows[line.pk]
            if row.leaders.exists() or row.networks.exists():
                raise NotSaved(_("%(name)s er i brug og kan ikke slettes. Intet er ændret.") % {"name": row})
            audit.record(actor, f"delete_{model._meta.model_name}", row, now=now)
            row.delete()
    kept = _kept(known)
    renamed = [line for line in kept if line.pk and rows[line.pk].name != line.name]
    for line in renamed:  # out of the way first, so that two may change names with each other
        model.objects.filter(pk=line.pk).update(name=f"~{line.pk}")
    for rank, line in enumerate(kept, start=1):
        row = rows.get(line.pk) or model()
        if (row.name, row.rank) != (line.name, rank):
            verb = "edit" if row.pk else "create"
            row.name, row.rank = line.name, rank
            row.save()
            audit.record(actor, f"{verb}_{model._meta.model_name}", row, now=now)


def _kept(lines: Iterable[Line]) -> list[Line]:
    """Those that are to stand, in their order."""
    return sorted((line for line in lines if not line.is_removed), key=lambda line: line.place)
