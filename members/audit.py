"""Hændelseslog: who did what, when."""

from datetime import datetime

from django.db import models

from members.models import AuditEvent, User


def record(actor: User | None, verb: str, subject: models.Model, *, now: datetime, network_id: int | None = None):
    """Note that `actor` (None for the timetable) did `verb` to `subject`: ids and verbs, never a text."""
    return AuditEvent.objects.create(
        actor=actor,
        verb=verb,
        subject_type=subject._meta.label_lower,
        subject_id=subject.pk if isinstance(subject.pk, int) else None,
        network_id=network_id if network_id is not None else getattr(subject, "network_id", None),
        happened_at=now,
    )
