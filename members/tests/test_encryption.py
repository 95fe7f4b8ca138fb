import base64
import io
import json
import traceback

import pytest
from cryptography.fernet import Fernet
from django import forms
from django.apps.registry import Apps
from django.core import serializers
from django.core.exceptions import FieldError
from django.core.management import call_command
from django.core.serializers.base import SerializationError
from django.db import connection, models
from django.db.migrations.writer import MigrationWriter
from hypothesis import given
from hypothesis import strategies as st

from members.encryption import (
    EncryptedJSONField,
    EncryptedTextField,
    FrirumKeyMissing,
    check_keys,
    decrypt,
    encrypt,
    new_key,
)

OLD, NEW, FOREIGN = new_key(), new_key(), new_key()
SECRET = "Kun os: hemmelig aftale med Åse"


class Note(models.Model):
    id = models.BigIntegerField(primary_key=True)
    text = EncryptedTextField(null=True)
    answers = EncryptedJSONField(null=True)

    class Meta:
        app_label = "encryption_tests"
        apps = Apps()
        db_table = "encryption_test_note"

    def __str__(self):
        return str(self.pk)


@pytest.fixture(autouse=True)
def _keys(settings):
    settings.FRIRUM_KEYS = [NEW, OLD]


@pytest.fixture
def _table(db):
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE encryption_test_note (id bigint PRIMARY KEY, text text NULL, answers text NULL)")


def raw(column="text", pk=1):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM encryption_test_note WHERE id = %s", [pk])
        return cursor.fetchone()[0]


# --- The cipher ------------------------------------------------------------------------------------------------------


@given(st.text())
def test_text_comes_back(text):
    token = encrypt(text)

    assert decrypt(token) == text
    assert token.isascii()


def test_same_text_never_looks_the_same():
    assert encrypt(SECRET) != encrypt(SECRET)


def test_ciphertext_does_not_tell_when_it_was_made():
    version_and_time = base64.urlsafe_b64decode(encrypt(SECRET))[:9]

    assert version_and_time == b"\x80" + bytes(8)


def test_first_key_writes_and_every_key_reads(settings):
    settings.FRIRUM_KEYS = [OLD]
    written_before = encrypt("før")
    settings.FRIRUM_KEYS = [NEW, OLD]
    written_after = encrypt("efter")

    assert (decrypt(written_before), decrypt(written_after)) == ("før", "efter")
    assert Fernet(NEW).decrypt(written_after).decode() == "efter"


def test_missing_key_says_so_and_nothing_more(settings):
    token = encrypt(SECRET)
    settings.FRIRUM_KEYS = [FOREIGN]

    with pytest.raises(FrirumKeyMissing) as error:
        decrypt(token)

    told = "".join(traceback.format_exception(error.value))
    assert str(error.value) == "Teksten kan ikke læses, fordi ingen af nøglerne i FRIRUM_KEYS passer til den."
    assert token not in told
    assert FOREIGN not in told
    assert error.value.__context__ is None


@pytest.mark.parametrize("damaged", ["", "klartekst", "gAAAAA==", "æ", SECRET])
def test_damaged_ciphertext_is_a_missing_key(damaged):
    with pytest.raises(FrirumKeyMissing):
        decrypt(damaged)


@pytest.mark.parametrize("keys", [[], ["not a key"], [NEW, "x"], [None]])
def test_unusable_keys_write_nothing(settings, keys):
    settings.FRIRUM_KEYS = keys

    with pytest.raises(FrirumKeyMissing) as error:
        encrypt(SECRET)

    assert SECRET not in "".join(traceback.format_exception(error.value))
    assert error.value.__context__ is None


def test_text_that_cannot_be_stored_is_not_quoted():
    with pytest.raises(ValueError) as error:
        encrypt(f"{SECRET}\ud800")

    assert SECRET not in str(error.value)
    assert error.value.__context__ is None


def test_new_key_is_fresh_and_fits(settings):
    assert new_key() != new_key()
    settings.FRIRUM_KEYS = [new_key()]
    assert decrypt(encrypt(SECRET)) == SECRET


# --- In the database -------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("_table")
def test_database_holds_only_ciphertext():
    Note.objects.create(id=1, text=SECRET, answers={"svar": [SECRET, 1, None, True]})

    note = Note.objects.get()
    assert note.text == SECRET
    assert note.answers == {"svar": [SECRET, 1, None, True]}
    assert "hemmelig" not in raw("text") + raw("answers")
    assert decrypt(raw("text")) == SECRET
    assert json.loads(decrypt(raw("answers"))) == note.answers


@pytest.mark.usefixtures("_table")
def test_every_way_of_writing_encrypts():
    Note.objects.bulk_create([Note(id=1, text="a"), Note(id=2, text="b")])
    Note.objects.filter(pk=1).update(text=SECRET, answers=[1])
    second = Note.objects.get(pk=2)
    second.text = SECRET
    Note.objects.bulk_update([second], ["text"])

    assert decrypt(raw(pk=1)) == decrypt(raw(pk=2)) == SECRET
    assert decrypt(raw("answers")) == "[1]"
    assert list(Note.objects.order_by("pk").values_list("text", flat=True)) == [SECRET, SECRET]


@pytest.mark.usefixtures("_table")
def test_null_and_empty_stay_what_they_are():
    Note.objects.create(id=1, text=None, answers=None)
    Note.objects.create(id=2, text="", answers="")
    Note.objects.create(id=3, text="x", answers={})

    assert (raw(pk=1), raw("answers", pk=1), raw(pk=2)) == (None, None, "")
    assert list(Note.objects.order_by("pk").values_list("text", "answers")) == [(None, None), ("", ""), ("x", {})]
    assert list(Note.objects.filter(text__isnull=True).values_list("pk", flat=True)) == [1]
    assert Note.objects.filter(answers__isnull=False).count() == 2


@pytest.mark.usefixtures("_table")
def test_reading_without_the_key_names_no_content(settings):
    Note.objects.create(id=1, text=SECRET)
    token = raw()
    settings.FRIRUM_KEYS = [FOREIGN]

    with pytest.raises(FrirumKeyMissing) as error:
        Note.objects.get()

    assert token not in str(error.value)
    assert Note.objects.defer("text").get().pk == 1


@pytest.mark.parametrize("field", ["text", "answers"])
@pytest.mark.parametrize(
    "lookup",
    [
        "",
        "__exact",
        "__iexact",
        "__contains",
        "__icontains",
        "__startswith",
        "__in",
        "__gt",
        "__regex",
        "__lower",
        "__svar",
    ],
)
def test_no_question_reaches_inside(field, lookup):
    value = ["x"] if lookup == "__in" else "x"

    with pytest.raises(FieldError, match="encrypted"):
        Note.objects.filter(**{field + lookup: value})
    with pytest.raises(FieldError, match="encrypted"):
        Note.objects.exclude(**{field + lookup: value})


@pytest.mark.parametrize("field", ["text", "answers"])
def test_no_detour_reaches_inside(field):
    with pytest.raises(FieldError, match="encrypted"):
        Note.objects.filter(**{f"{field}__lower__exact": "x"})


@pytest.mark.parametrize("format_name", ["json", "xml", "python"])
def test_dump_refuses_clear_text(format_name):
    for note in (Note(id=1, text=SECRET), Note(id=1, answers=[SECRET])):
        with pytest.raises(SerializationError, match="no dump"):
            serializers.serialize(format_name, [note])


def test_numbers_become_text():
    assert Note._meta.get_field("text").to_python(5) == "5"


def test_migration_names_the_field_and_no_key():
    for field in (EncryptedTextField(blank=True), EncryptedJSONField(default=list)):
        written, imports = MigrationWriter.serialize(field)

        assert written.startswith(f"members.encryption.{type(field).__name__}(")
        assert imports >= {"import members.encryption"}
        assert NEW not in written
        assert OLD not in written


def test_form_fields_fit_the_content():
    assert isinstance(EncryptedTextField().formfield().widget, forms.Textarea)
    assert isinstance(EncryptedJSONField().formfield(), forms.JSONField)


# --- At start --------------------------------------------------------------------------------------------------------


def test_check_is_content_with_good_keys():
    assert check_keys() == []


def test_check_reports_missing_keys(settings):
    settings.FRIRUM_KEYS = []

    assert [error.id for error in check_keys()] == ["members.E011"]


def test_check_reports_bad_keys_by_place_only(settings):
    settings.FRIRUM_KEYS = [NEW, "klippet-over", None]

    errors = check_keys()

    assert [error.msg for error in errors] == [
        "Key number 2 of FRIRUM_KEYS is not a Fernet key.",
        "Key number 3 of FRIRUM_KEYS is not a Fernet key.",
    ]
    assert "klippet-over" not in str(errors)


def test_command_prints_a_key_that_fits(settings):
    settings.FRIRUM_KEYS = []
    printed = io.StringIO()
    call_command("new_frirum_key", stdout=printed)

    settings.FRIRUM_KEYS = [printed.getvalue().strip()]
    assert decrypt(encrypt(SECRET)) == SECRET
