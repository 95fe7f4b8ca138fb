"""Refleksionslog: one reader, wherever that person goes."""

import json
import uuid
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from meetings import reflection
from meetings.models import Attendance, Meeting, Prompt, ReflectionNote
from meetings.tests.factories import create_meeting
from meetings.tests.people import create_people
from members.models import AuditEvent, Message
from networks import membership
from networks.conflicts import ChangedMeanwhile
from networks.models import Membership

pytestmark = pytest.mark.django_db

NOW = datetime(2027, 3, 4, 14, 30, tzinfo=UTC)
CANARY = "Kanariefugl-9021"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def people():
    return create_people(slug="paa-tvaers")


@pytest.fixture
def meeting(people):
    return create_meeting(network=people.network, state=Meeting.State.HELD)


@pytest.fixture
def note(people, meeting):
    return reflection.write(people.member, text=CANARY, meeting=meeting, now=NOW)


def page(client, user, path="/refleksion/", status=200):
    client.force_login(user)
    response = client.get(path)
    assert response.status_code == status, path
    return response.content.decode()


# --- One reader ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["coordinator", "hr", "sponsor", "board", "political", "system_admin", "other_leader"])
def test_for_everybody_else_the_note_does_not_exist(client, people, note, who):
    other = getattr(people, who)

    assert CANARY not in page(client, other)
    for end in ("", "slet/"):
        page(client, other, f"/refleksion/{note.pk}/{end}", status=404)
        assert client.post(f"/refleksion/{note.pk}/{end}", {"text": "x", "seen": "1"}).status_code == 404
    assert CANARY not in client.get("/refleksion/hent/refleksionslog.txt").content.decode()
    client.post("/refleksion/slet-alt/")
    assert ReflectionNote.objects.get().text == CANARY


def test_no_word_and_no_trace_of_it_is_anywhere_else(client, people, meeting, note):
    reflection.change(note, user=people.member, text=f"{CANARY} igen", seen=1)

    for user in (people.coordinator, people.hr):
        for address in ("/", "/netvaerk/paa-tvaers/", "/netvaerk/paa-tvaers/moeder/"):
            assert CANARY not in page(client, user, address)
    assert CANARY not in page(client, people.coordinator, f"/moeder/{meeting.pk}/")
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM meetings_reflectionnote")
        assert CANARY not in repr(cursor.fetchall())
    assert not AuditEvent.objects.exists()
    assert not Message.objects.exists()


# --- Writing ---------------------------------------------------------------------------------------------------------


def test_each_meeting_brings_a_question_and_the_next_another(people):
    meetings = [create_meeting(network=people.network, date=date(2027, 1, day)) for day in range(1, 13)]
    asked = [reflection.prompt_for(meeting) for meeting in meetings]

    assert len(set(asked)) == len(Prompt)
    assert all(one != following for one, following in pairwise(asked))


def test_a_note_is_written_from_the_meeting_read_changed_and_deleted(client, people, meeting):
    said = page(client, people.member, f"/moeder/{meeting.pk}/")
    assert str(reflection.prompt_for(meeting).label) in said
    address = f"/refleksion/ny/?moede={meeting.pk}"
    assert "Kun du kan læse, hvad du skriver her." in page(client, people.member, address)
    assert client.post(address, {"text": ""}).status_code == 200

    client.post(address, {"text": "Spørge mere"})

    note = ReflectionNote.objects.get()
    assert (note.user, note.meeting, note.prompt) == (people.member, meeting, reflection.prompt_for(meeting))
    assert "Læs din note fra mødet" in page(client, people.member, f"/moeder/{meeting.pk}/")
    assert client.get(address)["Location"] == f"/refleksion/{note.pk}/"
    client.post(f"/refleksion/{note.pk}/", {"text": "Spørge endnu mere", "seen": "1"})
    assert "Spørge endnu mere" in page(client, people.member)
    assert "Slet noten?" in page(client, people.member, f"/refleksion/{note.pk}/slet/")
    client.post(f"/refleksion/{note.pk}/slet/")
    assert not ReflectionNote.objects.exists()


def test_a_note_need_not_be_about_a_meeting(client, people):
    client.force_login(people.other_leader)

    client.post("/refleksion/ny/", {"text": "En god uge"})

    assert "En god uge" in page(client, people.other_leader)
    assert ReflectionNote.objects.get().meeting is None


def test_a_note_is_only_on_a_meeting_one_may_open(client, people, meeting):
    for number in (meeting.pk, 999_999):
        assert client.get("/refleksion/ny/").status_code == 302  # not signed in
        client.force_login(people.other_leader)
        assert client.post(f"/refleksion/ny/?moede={number}", {"text": "x"}).status_code == 404
        client.logout()
    page(client, people.member, "/refleksion/ny/?moede=x", status=404)
    page(client, people.member, "/refleksion/ny/?moede=" + "9" * 40, status=404)


def test_the_same_form_sent_twice_makes_one(client, people):
    client.force_login(people.member)
    key = str(uuid.uuid4())

    for _time in range(2):
        client.post("/refleksion/ny/", {"text": "Spørge mere", "form_key": key})

    assert ReflectionNote.objects.count() == 1


def test_another_window_of_ones_own_is_not_overwritten(client, people, note):
    reflection.change(note, user=people.member, text="Fra det ene vindue", seen=1)
    with pytest.raises(ChangedMeanwhile):
        reflection.change(note, user=people.member, text="x", seen=1)
    client.force_login(people.member)

    response = client.post(f"/refleksion/{note.pk}/", {"text": "Fra det andet vindue", "seen": "1"})

    assert response.status_code == 409
    said = response.content.decode()
    assert "Fra det ene vindue" in said
    assert "Fra det andet vindue" in said


# --- Wherever one goes -----------------------------------------------------------------------------------------------


def test_the_log_survives_leaving_and_then_names_only_day_and_network(client, people, meeting, note):
    Meeting.objects.filter(pk=meeting.pk).update(place="Hemmeligt hus")
    assert f"/moeder/{meeting.pk}/" in page(client, people.member)

    membership.leave(people.network, actor=people.member, now=NOW)

    said = page(client, people.member)
    assert CANARY in said
    assert "Ledere på tværs, mødet 4. mar. 2027" in said
    assert f"/moeder/{meeting.pk}/" not in said
    assert "Hemmeligt hus" not in said
    page(client, people.member, f"/refleksion/{note.pk}/")
    people.member.posts.update(valid_to=date(2027, 3, 1))
    assert CANARY in page(client, people.member)


def test_the_log_can_be_taken_along(client, people, meeting, note):
    reflection.write(people.member, text="Uden møde <b>", now=NOW + timedelta(hours=1))
    client.force_login(people.member)

    text = client.get("/refleksion/hent/refleksionslog.txt")
    data = json.loads(client.get("/refleksion/hent/refleksionslog.json").content)

    assert text["Content-Disposition"] == 'attachment; filename="refleksionslog.txt"'
    assert "no-store" in text["Cache-Control"]
    said = text.content.decode()
    for words in (
        CANARY,
        "Uden møde <b>",
        "Ledere på tværs, mødet 4. mar. 2027",
        str(reflection.prompt_for(meeting).label),
    ):
        assert words in said
    assert [one["text"] for one in data] == ["Uden møde <b>", CANARY]
    assert data[1]["meeting"] == "2027-03-04"
    assert client.get("/refleksion/hent/refleksionslog.exe").status_code == 404


def test_erasing_all_asks_first_and_takes_ones_own_alone(client, people, note):
    other = reflection.write(people.coordinator, text="En andens", now=NOW)
    reflection.write(people.member, text="To", now=NOW)

    assert "Din log har 2 noter" in page(client, people.member, "/refleksion/slet-alt/")
    assert ReflectionNote.objects.count() == 3
    client.post("/refleksion/slet-alt/")

    assert list(ReflectionNote.objects.all()) == [other]
    assert client.get("/refleksion/slet-alt/")["Location"] == "/refleksion/"


# --- The gentle question ---------------------------------------------------------------------------------------------


def test_the_last_meeting_one_came_to_is_asked_about_while_it_is_fresh(people, meeting):
    assert reflection.asked_about(people.member, NOW) == meeting
    assert reflection.asked_about(people.hr, NOW) is None
    assert reflection.asked_about(people.member, NOW + timedelta(days=15)) is None
    Attendance.objects.create(meeting=meeting, user=people.coordinator, presence=Attendance.Presence.ABSENT)
    assert reflection.asked_about(people.coordinator, NOW) is None
    reflection.write(people.member, text="x", meeting=meeting, now=NOW)
    assert reflection.asked_about(people.member, NOW) is None


def test_a_meeting_of_a_network_one_has_left_is_not_asked_about(people, meeting):
    Membership.objects.filter(leader__user=people.member).update(state=Membership.State.LEFT)

    assert reflection.asked_about(people.member, NOW) is None


def test_the_log_costs_no_more_for_many_notes(client, people, note):
    def cost():
        client.force_login(people.member)
        client.get("/refleksion/")
        with CaptureQueriesContext(connection) as captured:
            client.get("/refleksion/")
        return len(captured)

    before = cost()
    for day in range(1, 21):
        other = create_meeting(network=people.network, date=date(2027, 1, day))
        reflection.write(people.member, text="x", meeting=other, now=NOW)

    assert cost() == before
