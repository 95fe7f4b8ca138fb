"""All that is held about one person, as a file they can read and one a machine can."""

import io
import json
import zipfile
from collections import defaultdict
from datetime import date, datetime, time

from django.db import models
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from members import kinds as message_kinds
from members.danish import COPENHAGEN, clock, full_date
from members.encryption import showing_gaps
from members.models import Message, User
from netvaerk.personal_data.field_labels import label_of
from netvaerk.personal_data.rules import KINDS, SECRETS, Table

# What the name of a row is made of, so that naming a thousand takes one query.
NAMED_BY = {
    "members.Leader": ("user", "unit"),
    "members.ListRead": ("reader",),
    "networks.Membership": ("network", "leader__user"),
    "networks.Charter": ("network",),
    "networks.Consultation": ("network",),
    "meetings.Meeting": ("network",),
    "meetings.MeetingPlan": ("network",),
    "meetings.DateCandidate": ("poll__meeting__network",),
    "meetings.DatePoll": ("meeting__network",),
    "meetings.FeedbackRound": ("network",),
    "meetings.ThemeFeedback": ("network",),
}


def archive(person: User, *, now: datetime) -> bytes:
    """A zip with the same content twice: mine-data.html to read, mine-data.json to move."""
    with showing_gaps():
        kinds = everything(person)
    data = {
        "person": person.email,
        "made_at": now.astimezone(COPENHAGEN).isoformat(timespec="seconds"),
        "data": {kind["name"]: {t["model"]: [r["raw"] for r in t["rows"]] for t in kind["tables"]} for kind in kinds},
    }
    page = render_to_string("netvaerk/personal_data/export.html", {"person": person, "kinds": kinds, "now": now})
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("mine-data.html", page)
        file.writestr("mine-data.json", json.dumps(data, ensure_ascii=False, indent=1))
    return buffer.getvalue()


def everything(person: User) -> list[dict]:
    found = []
    for kind in KINDS:
        tables = [_read(table, person) for table in kind.tables]
        found.append({"name": kind.name, "kind": kind, "tables": [table for table in tables if table["rows"]]})
    return found


def _read(table: Table, person: User) -> dict:
    fields = _fields(table)
    rows = list(table.of(person).order_by("pk"))
    names = _names(fields, rows)
    # What others have written, or HR about them, is theirs to fetch: rights to read it may have been taken since.
    acted = [field for field in fields if field.name in table.acted]
    about = set(table.about(person).values_list("pk", flat=True)) if acted else set()
    shown = {row.pk: fields if not acted or row.pk in about else acted for row in rows}
    return {
        "model": table.model,
        "label": table.label,
        "rows": [
            {
                "raw": {field.name: _raw(row, field, names) for field in shown[row.pk]},
                "shown": [(label_of(field), _shown(row, field, names)) for field in shown[row.pk]],
            }
            for row in rows
        ],
    }


def _fields(table: Table) -> list[models.Field]:
    meta = table.class_._meta
    if table.fields:
        return [field for field in map(meta.get_field, table.fields) if field.concrete]
    return [field for field in meta.concrete_fields if field.name not in SECRETS and not field.primary_key]


def _names(fields, rows) -> dict[tuple, str]:
    """What the rows these point to are called."""
    wanted = defaultdict(set)
    for field in fields:
        if field.remote_field:
            wanted[field.related_model] |= {getattr(row, field.attname) for row in rows} - {None}
    names = {}
    for model, keys in wanted.items():
        named_by = NAMED_BY.get(model._meta.label, ())
        things = model._base_manager.select_related(*named_by) if named_by else model._base_manager
        names |= {(model, thing.pk): str(thing) for thing in things.filter(pk__in=keys)}
    return names


def _value(row, field, names):
    value = getattr(row, field.attname)
    if value is not None and field.remote_field:
        return names.get((field.related_model, value), str(value))
    if field.model is Message and field.name == "kind":
        return message_kinds.label(value)
    return value


def _raw(row, field, names):
    value = _value(row, field, names)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return value if isinstance(value, str | int | float | bool | list | dict | None) else str(value)


def _shown(row, field, names) -> str:
    value = _value(row, field, names)
    if field.choices and not field.remote_field:
        return str(dict(field.flatchoices).get(value, value))
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return _("Ja") if value else _("Nej")
    if isinstance(value, datetime):
        return f"{full_date(value)} {clock(value)}"
    if isinstance(value, date):
        return full_date(value)
    if isinstance(value, time):
        return f"{value:%H.%M}"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "–"
    return str(value)
