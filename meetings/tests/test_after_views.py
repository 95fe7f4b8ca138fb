"""Pages of agreements and of closing: who may open them, what they say, and that nothing typed is lost."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from meetings import closing
from meetings.models import Agreement, Meeting, Minutes
from meetings.tests.factories import create_agreement, create_meeting
from meetings.tests.people import create_people
from members.danish import COPENHAGEN
from networks.models import Membership
from networks.tests.factories import create_membership

pytestmark = pytest.mark.django_db

NOW = datetime(2027, 3, 4, 14, 30, tzinfo=UTC)
CANARY = "Kanariefugl-4410"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def people():
    return create_people(slug="paa-tvaers")


@pytest.fixture
def meeting(people):
    return create_meeting(network=people.network)


def page(client, user, path, status=200):
    client.force_login(user)
    response = client.get(path)
    assert response.status_code == status, (path, response.status_code)
    return response.content.decode()


def addresses(meeting, agreement):
    base = "/netvaerk/paa-tvaers/aftaler/"
    return [
        base,
        f"{base}{agreement.pk}/ret/",
        f"/moeder/{meeting.pk}/aftaler/ny/",
        f"/moeder/{meeting.pk}/afslut/",
        f"/moeder/{meeting.pk}/genaabn/",
    ]


# --- Who may ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "status"), [("hr", 403), ("sponsor", 403), ("board", {403, 404}), ("political", {403, 404})]
)
def test_those_around_the_network_read_nothing_of_it(client, people, meeting, who, status):
    agreement = create_agreement(meeting=meeting, text=CANARY, is_everyones=True)
    client.force_login(getattr(people, who))

    for address in addresses(meeting, agreement):
        response = client.get(address)
        assert response.status_code in ({status} if isinstance(status, int) else status), address
        assert CANARY not in response.content.decode()
    post = client.post(f"/netvaerk/paa-tvaers/aftaler/{agreement.pk}/gjort/")
    assert post.status_code in (403, 404)


def test_a_network_a_stranger_cannot_see_has_no_such_pages(client, people, meeting):
    agreement = create_agreement(meeting=meeting, is_everyones=True)
    people.network.access = "closed"
    people.network.save()

    for address in addresses(meeting, agreement):
        page(client, people.other_leader, address, status=404)


def test_who_leaves_loses_the_pages_at_once(client, people, meeting):
    create_agreement(meeting=meeting, text=CANARY, is_everyones=True)
    assert CANARY in page(client, people.member, "/netvaerk/paa-tvaers/aftaler/")

    Membership.objects.filter(leader__user=people.member).update(state=Membership.State.LEFT)

    assert client.get("/netvaerk/paa-tvaers/aftaler/").status_code in (403, 404)


def test_an_agreement_of_another_network_is_not_found_here(client, people, meeting):
    other = create_agreement(meeting=create_meeting(), is_everyones=True)

    page(client, people.member, f"/netvaerk/paa-tvaers/aftaler/{other.pk}/ret/", status=404)
    assert client.post(f"/netvaerk/paa-tvaers/aftaler/{other.pk}/gjort/").status_code == 404


def test_hr_pages_mails_feeds_and_the_log_hold_no_word(client, people, meeting):
    create_agreement(meeting=meeting, text=CANARY, is_everyones=True)
    closing.write(meeting, actor=people.coordinator, present=[], carried_over=CANARY, seen=0, now=NOW)

    for address in (
        "/",
        "/netvaerk/paa-tvaers/",
        "/netvaerk/paa-tvaers/moeder/",
        "/netvaerk/paa-tvaers/medlemmer/",
        "/beskeder/",
    ):
        assert CANARY not in page(client, people.hr, address)
    for user in (people.hr, people.member):
        client.force_login(user)
        assert CANARY not in client.get(f"/moeder/{meeting.pk}/kalender.ics").content.decode()
    with connection.cursor() as cursor:
        for table in ("meetings_agreement", "meetings_minutes", "members_auditevent", "members_message"):
            cursor.execute(f"SELECT * FROM {table}")
            assert CANARY not in repr(cursor.fetchall())


# --- Agreements ------------------------------------------------------------------------------------------------------


def test_a_member_notes_changes_and_settles_an_agreement(client, people, meeting):
    address = f"/moeder/{meeting.pk}/aftaler/ny/"
    assert "Kun netværkets medlemmer kan læse" in page(client, people.member, address)
    assert client.post(address, {"text": "", "who": ""}).status_code == 200

    written = {"text": "Ringe til Ribe", "who": str(people.member.pk), "due_on": "18.3.2027"}
    response = client.post(address, written)

    assert response["Location"] == f"/moeder/{meeting.pk}/"
    made = Agreement.objects.get()
    assert (made.text, made.owner, made.due_on) == ("Ringe til Ribe", people.member, date(2027, 3, 18))
    said = page(client, people.member, f"/moeder/{meeting.pk}/")
    assert "Ringe til Ribe" in said
    assert "senest 18. mar. 2027" in said
    base = f"/netvaerk/paa-tvaers/aftaler/{made.pk}/"
    client.post(f"{base}ret/", {"text": "Ringe til Ribe først", "who": "alle", "due_on": "", "seen": "1"})
    made.refresh_from_db()
    assert (made.text, made.is_everyones, made.due_on) == ("Ringe til Ribe først", True, None)
    response = client.post(f"{base}gjort/", {"next": "/"})
    assert response["Location"] == "/"
    assert client.post(f"{base}gjort/", {"next": "https://ond.example/"})["Location"] == "/netvaerk/paa-tvaers/aftaler/"
    said = page(client, people.member, "/netvaerk/paa-tvaers/aftaler/")
    assert "1 aftale er gjort eller faldet bort" in said


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ({"text": "010203-1234", "who": "alle"}, "cpr-nummer"),
        ({"text": "x", "who": ""}, "Vælg, hvem der gør det."),
        ({"text": "x", "who": "alle", "due_on": "1.3.2027"}, "ikke er passeret"),
        ({"text": "x", "who": "999999"}, "Vælg en af mulighederne."),
    ],
)
def test_what_cannot_be_noted_is_said_beside_what_was_typed(client, people, meeting, written, sentence):
    client.force_login(people.member)

    response = client.post(f"/moeder/{meeting.pk}/aftaler/ny/", written)

    assert response.status_code == 200
    assert sentence in response.content.decode()
    assert not Agreement.objects.exists()


def test_the_second_editor_sees_both_and_loses_nothing(client, people, meeting):
    made = create_agreement(meeting=meeting, text="Det der står", is_everyones=True)
    client.force_login(people.member)
    address = f"/netvaerk/paa-tvaers/aftaler/{made.pk}/ret/"
    client.post(address, {"text": "Skrevet af den første", "who": "alle", "seen": "1"})

    response = client.post(address, {"text": "Skrevet af den anden", "who": "alle", "seen": "1"})

    said = response.content.decode()
    assert response.status_code == 409
    assert "Skrevet af den første" in said
    assert "Skrevet af den anden" in said
    assert 'name="seen" value="2"' in said


def test_settling_is_by_post_alone(client, people, meeting):
    made = create_agreement(meeting=meeting, is_everyones=True)

    page(client, people.member, f"/netvaerk/paa-tvaers/aftaler/{made.pk}/gjort/", status=405)


def test_the_list_says_what_is_late_and_what_lacks_somebody(client, people, meeting):
    create_agreement(meeting=meeting, text="For sent", owner=people.member, due_on=date(2027, 3, 1))
    create_agreement(meeting=meeting, text="Ingens")

    said = page(client, people.member, "/netvaerk/paa-tvaers/aftaler/")

    assert said.index("For sent") < said.index("Ingens")
    assert "Fristen er gået" in said
    assert "Mangler en ansvarlig" in said


def test_the_lists_cost_no_more_for_many(client, people, meeting):
    def cost(address):
        client.force_login(people.member)
        client.get(address)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        return len(captured)

    following = create_meeting(network=people.network, date=date(2027, 4, 1))
    shown = ("/netvaerk/paa-tvaers/aftaler/", f"/moeder/{meeting.pk}/", f"/moeder/{following.pk}/")
    create_agreement(meeting=meeting, owner=people.member)
    create_agreement(meeting=meeting, owner=people.member, state=Agreement.State.DONE)
    before = [cost(address) for address in shown]
    for _number in range(15):
        member = create_membership(network=people.network).leader.user
        create_agreement(meeting=meeting, owner=member)
        create_agreement(meeting=meeting, owner=member, state=Agreement.State.DONE)

    assert [cost(address) for address in shown] == before
    assert max(before) <= 25


# --- Closing ---------------------------------------------------------------------------------------------------------


def closing_form(**others):
    blank = {f"aftale-{number}-{name}": "" for number in range(3) for name in ("text", "who", "due_on")}
    return {
        "aftale-TOTAL_FORMS": "3",
        "aftale-INITIAL_FORMS": "0",
        "was_held": "ja",
        "seen": "0",
        "carried_over": "",
        **blank,
        **others,
    }


def test_the_coordinator_closes_the_meeting_on_one_page(client, people, meeting):
    address = f"/moeder/{meeting.pk}/afslut/"
    assert "Afslut mødet" in page(client, people.coordinator, f"/moeder/{meeting.pk}/")
    assert "Blev mødet holdt?" in page(client, people.coordinator, address)
    first = {"aftale-0-text": "Ringe til Ribe", "aftale-0-who": str(people.member.pk), "aftale-0-due_on": "18.3.2027"}

    response = client.post(address, closing_form(present=[people.member.pk], carried_over="Runden om grænser", **first))

    assert response["Location"] == f"/moeder/{meeting.pk}/"
    said = page(client, people.member, f"/moeder/{meeting.pk}/")
    for words in ("Afholdt", "Ringe til Ribe", "Runden om grænser", "Afsluttet 4. mar. 2027 af Tove Holder"):
        assert words in said
    assert "Genåbn mødet" not in said
    assert "Genåbn mødet" in page(client, people.coordinator, f"/moeder/{meeting.pk}/")
    assert client.get(address)["Location"] == f"/moeder/{meeting.pk}/"
    response = client.post(address, closing_form(present=[people.member.pk], carried_over="Det jeg skrev"))
    assert "allerede afsluttet" in response.content.decode()
    assert "Det jeg skrev" in response.content.decode()


def test_a_meeting_that_ends_early_is_closed_without_being_asked_whether_it_was_held(client, people, meeting):
    address = f"/moeder/{meeting.pk}/afslut/"
    with time_machine.travel(meeting.starts_at + timedelta(minutes=50), tick=False):
        assert "Blev mødet holdt?" not in page(client, people.coordinator, address)
        written = closing_form(present=[people.member.pk])
        del written["was_held"]

        client.post(address, written)

    meeting.refresh_from_db()
    assert (meeting.state, meeting.is_closed) == (Meeting.State.HELD, True)


def test_what_was_typed_before_saying_it_was_not_held_does_not_stand_in_the_way(client, people, meeting):
    client.force_login(people.coordinator)
    half = {"aftale-0-text": "Ringe", "aftale-0-who": ""}

    client.post(f"/moeder/{meeting.pk}/afslut/", closing_form(was_held="nej", reason="Sne", **half))

    meeting.refresh_from_db()
    assert (meeting.state, Agreement.objects.count()) == (Meeting.State.CANCELLED, 0)


def test_a_meeting_none_of_the_present_members_were_invited_to_can_be_closed(client, people):
    meeting = create_meeting(network=people.network, date=date(2027, 3, 3), invite=False)
    address = f"/moeder/{meeting.pk}/afslut/"
    assert "var indkaldt til mødet" in page(client, people.coordinator, address)

    client.post(address, closing_form(carried_over="x"))

    meeting.refresh_from_db()
    assert meeting.is_closed


def test_saving_without_closing_keeps_it_and_makes_room_for_more(client, people, meeting):
    address = f"/moeder/{meeting.pk}/afslut/"
    client.force_login(people.coordinator)
    first = {"aftale-0-text": "Ringe til Ribe", "aftale-0-who": "alle"}

    response = client.post(address, closing_form(save="1", carried_over="Runden", **first))

    assert response["Location"] == address
    said = page(client, people.coordinator, address)
    assert "Ringe til Ribe" in said
    assert "Runden" in said
    meeting.refresh_from_db()
    assert not meeting.is_closed


def test_a_second_press_on_an_old_page_writes_nothing_more(client, people, meeting):
    address = f"/moeder/{meeting.pk}/afslut/"
    client.force_login(people.coordinator)
    written = closing_form(save="1", carried_over="Runden", **{"aftale-0-text": "Ringe", "aftale-0-who": "alle"})
    client.post(address, written)

    response = client.post(address, written)

    assert (response.status_code, response["Location"]) == (302, address)
    assert Agreement.objects.count() == 1


def test_the_closing_page_says_what_is_missing(client, people, meeting):
    address = f"/moeder/{meeting.pk}/afslut/"
    client.force_login(people.coordinator)

    nobody = client.post(address, closing_form(**{"aftale-0-text": "Ringe"})).content.decode()
    without_reason = client.post(address, closing_form(was_held="nej")).content.decode()

    assert "Vælg mindst én, der deltog." in nobody
    assert "Vælg, hvem der gør det." in nobody
    assert "hvorfor mødet ikke blev holdt" in without_reason
    assert not Minutes.objects.exists()


def test_a_meeting_not_held_needs_only_the_reason(client, people, meeting):
    client.force_login(people.coordinator)

    client.post(f"/moeder/{meeting.pk}/afslut/", closing_form(was_held="nej", reason="Sne"))

    meeting.refresh_from_db()
    assert (meeting.state, meeting.is_closed) == (Meeting.State.CANCELLED, True)
    said = page(client, people.coordinator, f"/moeder/{meeting.pk}/")
    assert "Sne" in said
    assert "Genåbn mødet" in said


def test_opening_again_asks_why_and_shows_it(client, people, meeting):
    closing.write(
        meeting,
        actor=people.coordinator,
        present=[people.member.pk],
        carried_over="",
        seen=0,
        is_closing=True,
        now=NOW,
    )
    address = f"/moeder/{meeting.pk}/genaabn/"
    assert "Hvad skal rettes?" in page(client, people.coordinator, address)
    assert client.post(address, {"reason": ""}).status_code == 200
    page(client, people.member, address, status=403)

    client.force_login(people.coordinator)
    client.post(address, {"reason": "Anne var der også"})

    assert "Genåbnet 4. mar. 2027 af Tove Holder: Anne var der også" in page(
        client, people.member, f"/moeder/{meeting.pk}/"
    )


def test_attendance_of_a_closed_meeting_cannot_be_opened(client, people, meeting):
    Meeting.objects.filter(pk=meeting.pk).update(state=Meeting.State.HELD, closed_at=NOW)
    client.force_login(people.coordinator)

    response = client.get(f"/moeder/{meeting.pk}/fremmoede/", follow=True)

    assert "Mødet er afsluttet. Genåbn det" in response.content.decode()
    assert "Ret fremmøde" not in response.content.decode()


def test_before_it_begins_a_meeting_shows_only_what_is_to_be_followed_up(client, people, meeting):
    create_agreement(meeting=meeting, text="Ringe til Ribe", owner=people.member)
    closing.write(
        meeting,
        actor=people.coordinator,
        present=[people.member.pk],
        carried_over="Runden om grænser",
        seen=0,
        is_closing=True,
        now=NOW,
    )
    following = create_meeting(network=people.network, date=date(2027, 4, 1))

    said = page(client, people.member, f"/moeder/{following.pk}/")

    assert "Aftaler fra sidst" in said
    assert "Ringe til Ribe" in said
    assert "Runden om grænser" in said
    assert "Det aftalte I" not in said
    assert "Afslut mødet" not in said
    page(client, people.member, f"/moeder/{following.pk}/aftaler/ny/", status=403)
    response = client.get(f"/moeder/{following.pk}/afslut/")
    assert response.status_code == 403
    with time_machine.travel(datetime(2027, 4, 1, 13, 30, tzinfo=COPENHAGEN) + timedelta(minutes=1), tick=False):
        assert "Notér en aftale" in page(client, people.member, f"/moeder/{following.pk}/")
