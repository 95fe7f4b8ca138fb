"""Personal goals have one reader, and come back to that reader after a year."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection

from members.models import AuditEvent
from networks import personal_goals as room
from networks.models import PersonalGoals
from networks.tests.factories import NOW, TODAY, create_membership, create_network

CANARY = "Kanariefugl-5583"

pytestmark = pytest.mark.django_db


@pytest.fixture
def network(hr):
    return create_network(name="Ledere på tværs", slug="paa-tvaers", hr_contact=hr)


@pytest.fixture
def anne(network):
    return create_membership(network=network, is_coordinator=True).leader.user


@pytest.fixture
def goals(network, anne):
    return room.write(network, actor=anne, text=f"Turde mere {CANARY}", now=NOW)


def test_goals_come_back_a_year_after_joining(goals, anne):
    assert list(room.to_look_back_on(anne, TODAY + timedelta(days=364))) == []
    assert list(room.to_look_back_on(anne, TODAY + timedelta(days=365))) == [goals]

    room.look_back(goals, actor=anne, text="Det gjorde jeg", is_starting_over=False, now=NOW + timedelta(days=366))

    assert list(room.to_look_back_on(anne, TODAY + timedelta(days=800))) == []


def test_goals_come_back_again_when_their_writer_wants_it(goals, anne):
    room.look_back(goals, actor=anne, text="Næsten", is_starting_over=True, now=NOW)

    assert list(room.to_look_back_on(anne, TODAY + timedelta(days=365))) == [goals]


def test_goals_are_written_anew_in_place(network, goals, anne):
    room.write(network, actor=anne, text="Noget andet", now=NOW)

    assert [goals.text for goals in PersonalGoals.objects.all()] == ["Noget andet"]


def test_only_a_member_writes_and_only_the_writer_looks_back(network, goals, hr, stranger):
    other = create_membership(network=network).leader.user

    for actor in (hr, stranger, network.sponsor):
        with pytest.raises(PermissionDenied):
            room.write(network, actor=actor, text="x", now=NOW)
    for actor in (hr, other):
        with pytest.raises(PermissionDenied):
            room.look_back(goals, actor=actor, text="x", is_starting_over=False, now=NOW)


def test_the_writer_alone_reads_them(client, network, goals, anne, hr, board):
    path = f"/netvaerk/{network.slug}/mine-maal/"
    other = create_membership(network=network, is_coordinator=True).leader.user
    client.force_login(anne)
    assert CANARY in client.get(path).content.decode()
    assert CANARY in client.get(f"{path}ret/").content.decode()
    client.force_login(other)
    for end in ("", "ret/"):
        assert CANARY not in client.get(f"{path}{end}").content.decode()
    assert client.get(f"{path}tilbageblik/").status_code == 404
    for user in (hr, board, network.sponsor):
        client.force_login(user)
        for end in ("", "ret/", "tilbageblik/"):
            assert client.get(f"{path}{end}").status_code == 403


def test_the_pages_write_and_look_back(client, network, anne, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    path = f"/netvaerk/{network.slug}/mine-maal/"
    client.force_login(anne)
    assert "Skriv dine mål" in client.get(path).content.decode()
    assert client.post(f"{path}ret/", {"text": ""}).status_code == 200
    client.post(f"{path}ret/", {"text": "Turde mere"})
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW + timedelta(days=366))
    client.force_login(anne)
    home = client.get("/").content.decode()
    assert "Se tilbage på dine mål i Ledere på tværs" in home
    assert "Turde mere" not in home
    client.post(f"{path}tilbageblik/", {"text": "Det gjorde jeg"})
    assert "Det gjorde jeg" in client.get(path).content.decode()
    assert "Se tilbage på dine mål" not in client.get("/").content.decode()


def test_no_word_is_kept_in_the_clear_and_none_is_logged(network, goals, anne):
    room.look_back(goals, actor=anne, text=CANARY, is_starting_over=False, now=NOW)

    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM networks_personalgoals")
        assert CANARY not in repr(cursor.fetchall())
    assert not AuditEvent.objects.exists()
