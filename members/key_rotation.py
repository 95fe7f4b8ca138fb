"""Members-only text under a new key: every encrypted column of every model, row by row, while the site runs."""

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from django.apps import apps
from django.db import models
from django.db.models import ExpressionWrapper, F, TextField, Value

from members.encryption import EncryptedTextField, decrypt, encrypt, key_number

BATCH = 200


class Column(NamedTuple):
    model: type[models.Model]
    name: str

    def __str__(self):
        return f"{self.model._meta.label}.{self.name}"


def columns(models_in_use=None) -> list[Column]:
    """Where members-only text lies. A new encrypted field is among them without being named anywhere."""
    models_in_use = models_in_use or apps.get_models(include_auto_created=True)
    return [
        Column(model, field.attname)
        for model in models_in_use
        if not model._meta.proxy
        for field in model._meta.local_concrete_fields
        if isinstance(field, EncryptedTextField)
    ]


def count(column: Column) -> Counter:
    """How many texts each key has written: 1 is the first in FRIRUM_KEYS, 0 is none of them."""
    return Counter(key_number(token) for _pk, token in _tokens(column))


def rotate(column: Column, *, meanwhile=None) -> Counter:
    """Write what is not under the first key anew under it. Begun again, it goes on with what is left.

    A row is changed only where its ciphertext still is what was read: a text someone saves meanwhile stays, and is
    under the first key already. `meanwhile` is called between reading a row and writing it.
    """
    done = Counter()
    for pk, token in _tokens(column):
        number = key_number(token)
        if number == 1:
            done["current"] += 1
        elif not number:
            done["unreadable"] += 1
        else:
            fresh = encrypt(decrypt(token))
            if meanwhile:
                meanwhile(pk)
            written = _raw(column).filter(pk=pk, _token=token).update(**{column.name: Value(fresh, TextField())})
            done["rotated" if written else "saved meanwhile"] += 1
    return done


def _tokens(column: Column) -> Iterator[tuple]:
    """Key and ciphertext of each row that holds a text, some rows at a time, in the order of the keys."""
    last = None
    while True:
        rows = _raw(column).exclude(_token="").order_by("pk")
        if last is not None:
            rows = rows.filter(pk__gt=last)
        batch = list(rows.values_list("pk", "_token")[:BATCH])
        yield from batch
        if len(batch) < BATCH:
            return
        last = batch[-1][0]


def _raw(column: Column):
    """The model's rows with `_token`, what really stands in the column."""
    as_it_is = ExpressionWrapper(F(column.name), output_field=TextField())
    return column.model._base_manager.annotate(_token=as_it_is).filter(_token__isnull=False)
