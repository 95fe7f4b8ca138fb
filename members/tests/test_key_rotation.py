"""A new key: every text comes under it, nothing saved meanwhile is lost, and a key that is gone is told of plainly."""

import io
import re

import pytest
from django.apps import apps
from django.apps.registry import Apps
from django.core.management import CommandError, call_command
from django.db import connection, models, transaction

from members import key_rotation
from members.encryption import (
    EncryptedJSONField,
    EncryptedTextField,
    FrirumKeyMissing,
    Unreadable,
    encrypt,
    key_number,
    new_key,
    showing_gaps,
)

OLD, NEW, FOREIGN = new_key(), new_key(), new_key()
SECRET = "Kanariefugl-7719"


class Leaf(models.Model):
    text = EncryptedTextField(null=True)
    answers = EncryptedJSONField(null=True)

    class Meta:
        app_label = "rotation_tests"
        apps = Apps()
        db_table = "rotation_test_leaf"

    def __str__(self):
        return str(self.pk)


TEXT, ANSWERS = key_rotation.columns([Leaf])


@pytest.fixture
def leaves(db, settings):
    """Three rows under the old key, one without text, one empty; then the new key is put first."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE rotation_test_leaf (id bigint PRIMARY KEY, text text NULL, answers text NULL)")
    settings.FRIRUM_KEYS = [OLD]
    for number in (1, 2, 3):
        Leaf.objects.create(id=number, text=f"{SECRET} {number}", answers={"svar": number})
    Leaf.objects.create(id=4, text=None)
    Leaf.objects.create(id=5, text="")
    settings.FRIRUM_KEYS = [NEW, OLD]


def raw(number):
    with connection.cursor() as cursor:
        cursor.execute("SELECT text FROM rotation_test_leaf WHERE id = %s", [number])
        return cursor.fetchone()[0]


def put(number, token):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE rotation_test_leaf SET text = %s WHERE id = %s", [token, number])


@pytest.mark.usefixtures("leaves")
def test_every_text_comes_under_the_first_key(settings):
    assert (dict(key_rotation.count(TEXT)), dict(key_rotation.count(ANSWERS))) == ({2: 3}, {2: 3})

    assert dict(key_rotation.rotate(TEXT)) == dict(key_rotation.rotate(ANSWERS)) == {"rotated": 3}

    settings.FRIRUM_KEYS = [NEW]
    assert dict(key_rotation.count(TEXT)) == {1: 3}
    assert [leaf.text for leaf in Leaf.objects.order_by("pk")] == [f"{SECRET} {n}" for n in (1, 2, 3)] + [None, ""]
    assert Leaf.objects.get(pk=2).answers == {"svar": 2}


@pytest.mark.usefixtures("leaves")
def test_begun_again_it_goes_on_with_what_is_left(monkeypatch):
    monkeypatch.setattr(key_rotation, "BATCH", 2)

    class Killed(Exception):
        pass

    def kill(pk):
        if pk == 3:
            raise Killed

    with pytest.raises(Killed):
        key_rotation.rotate(TEXT, meanwhile=kill)
    first = raw(1)

    assert dict(key_rotation.rotate(TEXT)) == {"current": 2, "rotated": 1}
    assert raw(1) == first
    assert dict(key_rotation.rotate(TEXT)) == {"current": 3}


@pytest.mark.usefixtures("leaves")
def test_what_is_saved_meanwhile_stays():
    def save(pk):
        if pk == 2:
            Leaf.objects.filter(pk=2).update(text="skrevet imens")

    assert dict(key_rotation.rotate(TEXT, meanwhile=save)) == {"rotated": 2, "saved meanwhile": 1}

    assert Leaf.objects.get(pk=2).text == "skrevet imens"
    assert key_number(raw(2)) == 1


@pytest.mark.usefixtures("leaves")
def test_text_no_key_fits_is_left_as_it_is(settings):
    settings.FRIRUM_KEYS = [FOREIGN]
    lost = encrypt(SECRET)
    put(2, lost)
    settings.FRIRUM_KEYS = [NEW, OLD]

    assert dict(key_rotation.rotate(TEXT)) == {"rotated": 2, "unreadable": 1}
    assert raw(2) == lost


def test_every_encrypted_field_of_every_model_is_covered():
    told = {str(column) for column in key_rotation.columns()}
    there = {
        f"{model._meta.label}.{field.attname}"
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.concrete_fields
        if isinstance(field, EncryptedTextField)
    }

    assert told == there
    assert {"networks.Goal.title", "meetings.FeedbackResponse.answers", "meetings.Meeting.theme"} <= told
    assert [str(column) for column in key_rotation.columns([Leaf])] == [
        "rotation_tests.Leaf.text",
        "rotation_tests.Leaf.answers",
    ]


@pytest.mark.django_db
def test_every_column_can_be_counted_and_rotated():
    for column in key_rotation.columns():
        assert not key_rotation.count(column)
        assert not key_rotation.rotate(column)


# --- The command -----------------------------------------------------------------------------------------------------


def run(*arguments) -> str:
    said = io.StringIO()
    call_command("rotate_frirum_keys", *arguments, stdout=said)
    return said.getvalue()


@pytest.fixture
def only_leaves(leaves, monkeypatch):
    monkeypatch.setattr(key_rotation, "columns", lambda: [TEXT, ANSWERS])


@pytest.mark.usefixtures("only_leaves")
def test_the_dry_run_counts_by_key_and_changes_nothing():
    before = raw(1)

    said = run("--dry-run")

    assert "rotation_tests.Leaf.text: 3 under key 2" in said
    assert "In all: 6 under key 2" in said
    assert "6 texts are under an older key. Nothing was changed." in said
    assert raw(1) == before


@pytest.mark.usefixtures("only_leaves")
def test_the_command_rotates_all_and_says_that_old_keys_may_go():
    said = run()

    assert "rotation_tests.Leaf.text: 3 rotated" in said
    assert "In all: 6 under key 1" in said
    assert "Every text is under the first key." in said
    assert not re.search(f"{SECRET}|gAAAA|{OLD}|{NEW}", said)


@pytest.mark.usefixtures("only_leaves")
def test_the_command_ends_in_error_while_a_text_fits_no_key(settings):
    settings.FRIRUM_KEYS = [NEW]

    with pytest.raises(CommandError, match="6 texts fit no key"):
        run()


# --- A key that is gone ----------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("leaves")
def test_a_list_shows_a_gap_for_the_one_text_that_cannot_be_read(settings):
    settings.FRIRUM_KEYS = [FOREIGN]
    put(2, encrypt(SECRET))
    settings.FRIRUM_KEYS = [OLD]

    with showing_gaps():
        found = list(Leaf.objects.filter(pk__lte=3).order_by("pk"))

    gap = "Teksten kan ikke læses lige nu. Den er ikke slettet."
    assert [leaf.text for leaf in found] == [f"{SECRET} 1", gap, f"{SECRET} 3"]
    with pytest.raises(FrirumKeyMissing):
        list(Leaf.objects.all())


@pytest.mark.usefixtures("leaves")
def test_a_gap_is_never_saved(settings):
    settings.FRIRUM_KEYS = [FOREIGN]
    before = raw(1)
    with showing_gaps():
        leaf = Leaf.objects.defer("answers").get(pk=1)

    assert isinstance(leaf.text, Unreadable)
    with pytest.raises(FrirumKeyMissing), transaction.atomic():
        leaf.save(update_fields=["text"])
    with pytest.raises(FrirumKeyMissing), transaction.atomic():
        Leaf.objects.filter(pk=1).update(text=leaf.text)
    assert raw(1) == before
