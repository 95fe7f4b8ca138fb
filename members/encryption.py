"""Model fields whose text is unreadable in the database. The keys live in settings.FRIRUM_KEYS, outside it."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django import forms
from django.conf import settings
from django.core.checks import Error, Tags, register
from django.core.exceptions import FieldError
from django.core.serializers.base import SerializationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext as _


class FrirumKeyMissing(Exception):
    """No key at hand fits. Its message never holds the text, the ciphertext or a key."""


def new_key() -> str:
    return Fernet.generate_key().decode()


@lru_cache(maxsize=8)
def _cipher(keys: tuple[str, ...]) -> MultiFernet:
    try:
        return MultiFernet([Fernet(key) for key in keys])
    except (ValueError, TypeError):
        pass  # raised below, outside the handler, so that no key rides along in the traceback
    raise FrirumKeyMissing(_("FRIRUM_KEYS mangler eller indeholder en nøgle, der ikke kan bruges."))


def encrypt(text: str) -> str:
    """Ciphertext under the first key."""
    try:
        data = text.encode()
    except UnicodeEncodeError:
        data = None
    if data is None:  # outside the handler: the error in there quotes the text
        raise ValueError(_("Teksten indeholder tegn, der ikke kan gemmes."))
    # A Fernet token says in the clear when it was made. Always 0: the time of an answer could give its author away.
    return _cipher(tuple(settings.FRIRUM_KEYS)).encrypt_at_time(data, current_time=0).decode()


def decrypt(token: str) -> str:
    """The text, read with whichever key fits."""
    try:
        return _cipher(tuple(settings.FRIRUM_KEYS)).decrypt(token.encode(errors="replace")).decode()
    except InvalidToken:
        pass
    raise FrirumKeyMissing(_("Teksten kan ikke læses, fordi ingen af nøglerne i FRIRUM_KEYS passer til den."))


def marks() -> list[str]:
    """What the keys can be told apart by, in their order: too little of each to be of use to anyone."""
    return [hashlib.sha256(key.encode()).hexdigest()[:8] for key in settings.FRIRUM_KEYS]


def key_number(token: str) -> int:
    """Which key of FRIRUM_KEYS wrote this: 1 for the first, 0 when none of them fits."""
    for number, key in enumerate(settings.FRIRUM_KEYS, start=1):
        try:
            Fernet(key).decrypt(token.encode(errors="replace"))
        except InvalidToken:
            continue
        return number
    return 0


# --- A lost key ------------------------------------------------------------------------------------------------------

_shows_gaps = ContextVar("shows_gaps", default=False)


class Unreadable(str):
    """The sentence that stands in a page for a text no key fits. It can be shown, never saved."""


@contextmanager
def showing_gaps() -> Iterator[None]:
    """Let one text that cannot be read not take the others of its page with it. For reading only."""
    before = _shows_gaps.set(True)
    try:
        yield
    finally:
        _shows_gaps.reset(before)


def _read(token: str) -> str:
    try:
        return decrypt(token)
    except FrirumKeyMissing:
        if not _shows_gaps.get():
            raise
    return Unreadable(_("Teksten kan ikke læses lige nu. Den er ikke slettet."))


# --- The fields ------------------------------------------------------------------------------------------------------


class EncryptedTextField(models.TextField):
    """Text that is ciphertext in the database. NULL and "" stay what they are. Only `isnull` can be asked about it."""

    def get_db_prep_value(self, value, connection, prepared=False):
        if isinstance(value, Unreadable):
            raise FrirumKeyMissing(_("En tekst, der ikke kan læses, kan heller ikke gemmes."))
        value = super().get_db_prep_value(value, connection, prepared)
        return encrypt(value) if value else value

    def from_db_value(self, value, expression, connection):
        return _read(value) if value else value

    def get_lookup(self, lookup_name):
        if lookup_name != "isnull":
            raise FieldError(f"{self.name} is encrypted: the database can only tell whether it is null.")
        return super().get_lookup(lookup_name)

    def get_transform(self, lookup_name):
        raise FieldError(f"{self.name} is encrypted: the database cannot look inside.")

    def value_to_string(self, obj):
        raise SerializationError(
            f"{self.model._meta.label}.{self.name} is encrypted and leaves by no dump in clear text."
        )


class EncryptedJSONField(EncryptedTextField):
    """Any JSON value, kept in the same way. None is NULL."""

    empty_strings_allowed = False

    def to_python(self, value):
        return value

    def get_prep_value(self, value):
        return None if value is None else json.dumps(value, cls=DjangoJSONEncoder)

    def from_db_value(self, value, expression, connection):
        return json.loads(decrypt(value)) if value else None

    def formfield(self, **kwargs):
        return models.Field.formfield(self, **{"form_class": forms.JSONField, **kwargs})


@register(Tags.security)
def check_keys(app_configs=None, **kwargs):
    """Say at start, not at the first minutes, that a key is missing or cannot be used."""
    keys = list(settings.FRIRUM_KEYS)
    hint = "Make one with: python manage.py new_frirum_key"
    if not keys:
        return [Error("FRIRUM_KEYS is empty.", hint=hint, id="members.E011")]
    return [
        Error(f"Key number {place} of FRIRUM_KEYS is not a Fernet key.", hint=hint, id="members.E012")
        for place, key in enumerate(keys, start=1)
        if not _is_key(key)
    ]


def _is_key(key) -> bool:
    try:
        Fernet(key)
    except (ValueError, TypeError):
        return False
    return True
