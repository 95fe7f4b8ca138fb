"""Damage, restore, proof: what comes back, what must not, and what is refused. On SQLite and on PostgreSQL."""

import json
import os
import shutil
import subprocess
import tempfile
import threading
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.utils import timezone

from meetings import feedback
from meetings.models import FeedbackResponse, FeedbackRound
from meetings.tests.factories import create_round
from members.models import Message, User
from members.tests.factories import create_leader, create_user
from netvaerk.backups import Trouble, afterwards, archive, databases, restoring, sealing
from netvaerk.personal_data import erasure, erasure_list
from networks.models import Membership, PersonalGoals
from networks.tests.factories import create_membership, create_network

NAME, TEXT = "Bodilbackup", "At turde bede om hjælp"
LOOK = """
import json
from django.contrib.sessions.models import Session
from meetings.models import *
from members.models import *
from networks.models import *
rounds = FeedbackRound.objects.values_list("state", "release__is_suppressed", "release__answer_count")
print(json.dumps({
    "names": sorted(User.objects.exclude(first_name="").values_list("first_name", flat=True)),
    "texts": [goals.text for goals in PersonalGoals.objects.all()],
    "inside": list(Membership.objects.inside().filter(leader__user__first_name="Tidligere").values_list("pk")),
    "mail": dict(Message.objects.values_list("subject_id", "state")),
    "sessions": Session.objects.count(),
    "rounds": list(rounds),
    "answers": FeedbackResponse.objects.count() + FeedbackInvitation.objects.count(),
}))
"""


@pytest.fixture(autouse=True)
def _list_of_ones_own(settings, tmp_path, monkeypatch):
    settings.ERASURE_LIST = str(tmp_path / "elsewhere" / "erased.txt")
    monkeypatch.setenv("ERASURE_LIST", settings.ERASURE_LIST)
    monkeypatch.setenv("FRIRUM_KEYS", ",".join(settings.FRIRUM_KEYS))


@pytest.fixture
def house(transactional_db):
    """A member with a text of their own, mail sent and unsent, someone signed in, and an open feedback round."""
    now = timezone.now()
    leader = create_leader(first_name=NAME, valid_from=date(2020, 1, 1))
    membership = create_membership(network=create_network(), leader=leader, joined_on=date(2021, 1, 1))
    PersonalGoals.objects.create(
        membership=membership, text=TEXT, written_on=date(2022, 1, 1), look_back_on=date(2023, 1, 1)
    )
    other = create_user(first_name="Anne")
    for subject, state in ((1, Message.State.SENT), (2, Message.State.DUE)):
        due = now - timedelta(hours=1)
        Message.objects.create(
            kind="network_paused", subject_id=subject, recipient=other, state=state, created_at=due, due_at=due
        )
    Client().force_login(other)
    round = create_round(network=membership.network, opens_at=now - timedelta(days=15))
    FeedbackResponse.objects.create(round=round, answers={})
    return leader


def write(folder, **more):
    return archive.write(folder, key=None, now=timezone.now(), **more)


def erase(leader):
    """As HR does, when the post has ended and the seat is given up."""
    Membership.objects.filter(leader=leader).update(state=Membership.State.LEFT, left_on=date(2026, 1, 1))
    type(leader).objects.filter(pk=leader.pk).update(valid_to=date(2026, 1, 1))
    erasure.erase(leader.user, reason="Har bedt om det", actor=None, now=timezone.now())


# --- Damage, restore, proof ------------------------------------------------------------------------------------------


def test_what_is_put_back_is_all_that_was_and_nothing_that_must_not_be(house, tmp_path, monkeypatch):
    write_out = sealing.write

    def while_others_work(path, *args, **kwargs):
        thread = threading.Thread(target=someone_joins)
        thread.start()
        thread.join()
        return write_out(path, *args, **kwargs)

    def someone_joins():
        create_user(first_name="Meanwhile")
        connection.close()

    with monkeypatch.context() as during:
        during.setattr(sealing, "write", while_others_work)
        place = write(tmp_path)
    erase(house)

    with databases.current().scratch() as address:
        told = databases.manage("restore", str(place), DATABASE_URL=address)
        seen = databases.manage("shell", "--verbosity", "0", "-c", LOOK, DATABASE_URL=address)
    found = json.loads(seen.stdout)

    assert told.returncode == 0, told.stdout + told.stderr
    assert told.stdout.splitlines()[-1] == "PASSED"
    assert "1 are on the list of erased; 1 came back with the backup and were erased again." in told.stdout
    assert "1 mails that may have been sent since are held" in told.stdout
    assert NAME not in found["names"]
    assert {"Anne", "Tidligere"} < set(found["names"])
    assert "Meanwhile" not in found["names"]  # the backup is one moment, whatever goes on
    assert (found["texts"], found["inside"]) == ([], [])
    assert found["mail"] == {"1": "sent", "2": "in_doubt"}
    assert found["sessions"] == 0
    assert (found["rounds"], found["answers"]) == ([["closed", True, None]], 0)
    assert erasure_list.read().keys() == {house.user_id}  # putting back writes nothing on it


def test_without_the_list_the_erased_would_be_back(house, tmp_path, monkeypatch):
    place = write(tmp_path)
    erase(house)
    Path(django_settings.ERASURE_LIST).unlink()

    with databases.current().scratch() as address:
        told = databases.manage("restore", str(place), DATABASE_URL=address)
        seen = databases.manage("shell", "--verbosity", "0", "-c", LOOK, DATABASE_URL=address)

    assert "0 are on the list of erased" in told.stdout
    assert NAME in json.loads(seen.stdout)["names"]
    assert json.loads(seen.stdout)["texts"] == [TEXT]


def test_a_missing_key_fails_the_proof_and_is_named(house, tmp_path):
    place = write(tmp_path)
    (mark,) = archive.read(place).keys

    with databases.current().scratch() as address:
        told = databases.manage("restore", str(place), DATABASE_URL=address, FRIRUM_KEYS=Fernet.generate_key().decode())

    assert told.returncode != 0
    assert "fit no key in FRIRUM_KEYS" in told.stdout
    assert mark in told.stdout
    assert "PASSED" not in told.stdout


def test_a_full_database_is_never_written_over(house, tmp_path):
    place = write(tmp_path)

    with pytest.raises(CommandError, match="is not empty"):
        call_command("restore", place)
    assert User.objects.filter(first_name=NAME).exists()


@pytest.mark.parametrize("damage", ["one byte", "cut short", "no manifest", "no dump", "other manifest"])
def test_a_broken_backup_is_refused(house, tmp_path, damage):
    place = write(tmp_path)
    dump, manifest = place / archive.DUMP, place / archive.MANIFEST
    assert archive.read(place).rows["members_user"] == User.objects.count()
    whole = dump.read_bytes()
    match damage:
        case "one byte":
            dump.write_bytes(whole[:-9] + bytes([whole[-9] ^ 1]) + whole[-8:])
        case "cut short":
            dump.write_bytes(whole[:-1])
        case "no manifest":
            manifest.unlink()
        case "no dump":
            dump.unlink()
        case "other manifest":
            manifest.write_text("{}")

    with pytest.raises(Trouble):
        archive.read(place)


def test_a_backup_that_fails_leaves_nothing_that_looks_like_one(house, tmp_path, monkeypatch):
    class Failing(type(databases.current())):
        def moment(self):
            from contextlib import nullcontext

            return nullcontext(({}, ["false"]))

    monkeypatch.setattr(databases, "current", Failing)

    with pytest.raises(Trouble, match="false failed"):
        write(tmp_path / "backups")
    assert list((tmp_path / "backups").iterdir()) == []


def test_rows_that_are_missing_or_too_many_are_found(house, tmp_path):
    rows = archive.read(write(tmp_path)).rows

    assert restoring._rows(rows).is_well
    assert not restoring._rows(rows | {"members_user": rows["members_user"] + 1}).is_well
    assert not restoring._rows({name: number for name, number in rows.items() if name != "members_user"}).is_well


@pytest.mark.django_db
def test_a_backup_of_a_newer_release_is_known():
    assert restoring._unknown_migrations() == []
    MigrationRecorder(connection).record_applied("members", "0999_from_the_future")

    assert restoring._unknown_migrations() == ["members.0999_from_the_future"]


# --- The erased stay erased ------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_whoever_has_the_number_anew_is_left_alone():
    person, now = create_user(first_name="Ny"), timezone.now()

    settled = afterwards.settle({person.pk: now - timedelta(days=1)}, now=now)

    assert settled.erased == 0
    assert User.objects.get(pk=person.pk).first_name == "Ny"


@pytest.mark.django_db
def test_what_hr_must_settle_after_it_is_told():
    leader = create_leader()
    network = create_network(sponsor=leader.user)
    create_membership(network=network, leader=leader)
    now = timezone.now()

    settled = afterwards.settle({leader.user_id: now + timedelta(hours=1)}, now=now)

    assert settled.erased == 1
    assert len(settled.left) == 1
    assert network.name in settled.left[0]
    assert User.objects.get(pk=leader.user_id).is_erased


def test_an_erasure_stands_on_the_list_once_it_is_done(house):
    erase(house)

    assert erasure_list.read().keys() == {house.user_id}


def test_a_list_that_cannot_be_written_stops_no_erasure_and_is_completed_later(house, settings, tmp_path, caplog):
    good = settings.ERASURE_LIST
    settings.ERASURE_LIST = str(tmp_path / "file" / "erased.txt")
    (tmp_path / "file").write_text("")
    erase(house)
    assert User.objects.get(pk=house.user_id).is_erased
    assert "ERASURE_LIST could not be written" in caplog.text
    with pytest.raises(CommandError, match="But ERASURE_LIST"):
        call_command("backup", tmp_path / "backups", unsealed=True)
    erased = archive.read(archive.newest(tmp_path / "backups")).erased

    settings.ERASURE_LIST = good
    erasure_list.complete(now=timezone.now())

    assert erased.keys() == {str(house.user_id)}
    assert erasure_list.read().keys() == {house.user_id}


def test_a_line_cut_short_takes_no_other_with_it(settings):
    erasure_list.note({1: datetime(2027, 1, 1, tzinfo=UTC)})
    with open(settings.ERASURE_LIST, "a") as file:
        file.write("2 2027-01-")
    erasure_list.note({3: datetime(2027, 1, 3, tzinfo=UTC)})

    assert erasure_list.read().keys() == {1, 3}


# --- Feedback --------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_round_still_open_goes_on_after_a_restore():
    now = timezone.now()
    create_round(opens_at=now)

    assert feedback.end_restored(now) == 0
    assert FeedbackRound.objects.get().state == FeedbackRound.State.OPEN


# --- The folder ------------------------------------------------------------------------------------------------------


def test_backups_are_gone_after_their_days_and_nothing_else_is(tmp_path):
    now = datetime(2027, 3, 31, 2, tzinfo=UTC)
    for name in (
        "netvaerk-20270228T020000Z", "netvaerk-20270301T020000Z", "netvaerk-20270330T020000Z",
        "netvaerk-20270329T020000Z.part", "netvaerk-20270331T015900Z.part", "somebody-elses", "netvaerk-old",
    ):  # fmt: skip
        (tmp_path / name).mkdir()

    archive.forget_old(tmp_path, days=30, now=now)

    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "netvaerk-20270301T020000Z", "netvaerk-20270330T020000Z", "netvaerk-20270331T015900Z.part", "netvaerk-old",
        "somebody-elses",
    ]  # fmt: skip
    assert archive.newest(tmp_path).name == "netvaerk-20270330T020000Z"


def test_the_newest_is_kept_however_old(tmp_path):
    (tmp_path / "netvaerk-20200101T000000Z").mkdir()

    assert archive.forget_old(tmp_path, days=30, now=timezone.now()) == []


def test_a_backup_is_not_made_readable_by_oversight(house, tmp_path, settings):
    settings.BACKUP_KEY = ""
    with pytest.raises(CommandError, match="BACKUP_KEY is not set"):
        call_command("backup", tmp_path / "backups")
    settings.BACKUP_KEY = str(tmp_path / "missing.asc")
    with pytest.raises(CommandError, match="no such file"):
        call_command("backup", tmp_path / "backups")


# --- Sealed ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def key(monkeypatch, settings):
    """A key pair; the machine's own GnuPG is left alone. The folder is short, for the agent's socket lies in it."""
    home = tempfile.mkdtemp(prefix="gpg")
    monkeypatch.setenv("GNUPGHOME", home)
    gpg = ["gpg", "--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase", ""]
    subprocess.run([*gpg, "--quick-generate-key", "backup@egebjerg-kommune.invalid"], check=True, timeout=60)
    public = Path(home) / "public.asc"
    with public.open("wb") as file:
        subprocess.run(["gpg", "--armor", "--export"], check=True, stdout=file, timeout=60)
    settings.BACKUP_KEY = str(public)
    yield public
    subprocess.run(["gpgconf", "--kill", "gpg-agent"], check=False, timeout=60)
    shutil.rmtree(home, ignore_errors=True)


@pytest.mark.services
def test_a_sealed_backup_passes_the_drill_and_only_with_its_key(house, key, tmp_path, capsys, monkeypatch):
    folder = tmp_path / "backups"
    call_command("backup", folder)
    call_command("restore_drill", folder)
    said = capsys.readouterr().out

    assert said.splitlines()[-1] == "PASSED"
    assert "FAILED" not in said
    (place,) = folder.iterdir()
    laid_down = b"".join(path.read_bytes() for path in place.iterdir())
    assert sorted(path.name for path in place.iterdir()) == ["database.dump.gpg", "manifest.json.gpg"]
    assert NAME.encode() not in laid_down
    assert {oct(path.stat().st_mode)[-3:] for path in place.iterdir()} == {"600"}
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE 'netvaerk_drill_%'")
            assert cursor.fetchall() == []

    monkeypatch.setenv("GNUPGHOME", str(tmp_path))
    with pytest.raises(Trouble, match="private key"):
        archive.read(place)


@pytest.mark.services
def test_the_keys_to_members_only_text_are_in_no_backup(house, tmp_path, settings):
    place = write(tmp_path)
    if connection.vendor == "postgresql":
        plain = subprocess.run(
            ["pg_restore", "-f", "-", place / archive.DUMP], check=True, capture_output=True, timeout=60
        ).stdout
    else:
        plain = (place / archive.DUMP).read_bytes()
    laid_down = plain + (place / archive.MANIFEST).read_bytes()

    assert NAME.encode() in laid_down  # hence the seal
    assert TEXT.encode() not in laid_down
    assert not any(key.encode() in laid_down for key in settings.FRIRUM_KEYS)
    assert os.environ["FRIRUM_KEYS"].encode() not in laid_down
