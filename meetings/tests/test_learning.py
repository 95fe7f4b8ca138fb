"""Udfordring og løsning: kept by the group, found again by the group, and by nobody else."""

import html
import uuid
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.html import strip_tags

from meetings import learning
from meetings.models import LearningCard
from meetings.tests.factories import create_meeting
from meetings.tests.people import create_people
from members.models import AuditEvent
from networks.conflicts import ChangedMeanwhile
from networks.models import Access, Membership
from networks.refusal import Refused

pytestmark = pytest.mark.django_db

NOW = datetime(2027, 3, 4, 14, 30, tzinfo=UTC)
BASE = "/netvaerk/paa-tvaers/erfaringer/"
CANARY = "Kanariefugl-6604"


def text_of(response) -> str:
    """What the page says, without its marks."""
    return " ".join(html.unescape(strip_tags(response.content.decode())).split())


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def people():
    return create_people(slug="paa-tvaers")


def keep(people, actor=None, **others):
    texts = {"theme": "Den svære samtale", "challenge": "Vi tøver", "tried": "At øve", "outcome": "Det hjalp"}
    return learning.keep(
        people.network, actor=actor or people.member, now=NOW, **{**texts, "shows_author": False, **others}
    )


def page(client, user, path=BASE, status=200):
    client.force_login(user)
    response = client.get(path)
    assert response.status_code == status, path
    return text_of(response)


# --- Who may ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["hr", "sponsor", "board", "political", "system_admin", "other_leader"])
def test_nobody_outside_reads_writes_or_deletes(client, people, who):
    card = keep(people, challenge=CANARY)
    client.force_login(getattr(people, who))

    for end in ("", "ny/", f"{card.pk}/", f"{card.pk}/ret/", f"{card.pk}/slet/", "?q=kanariefugl"):
        response = client.get(f"{BASE}{end}")
        assert response.status_code in (403, 404)
        assert CANARY not in response.content.decode()
    for end in ("ny/", f"{card.pk}/ret/", f"{card.pk}/slet/"):
        assert client.post(f"{BASE}{end}", {"theme": "x", "challenge": "x", "seen": "1"}).status_code in (403, 404)
    assert LearningCard.objects.get().challenge == CANARY
    with pytest.raises(PermissionDenied):
        keep(people, actor=getattr(people, who))


def test_strangers_of_a_closed_network_get_404_and_who_leaves_loses_it_at_once(client, people):
    card = keep(people)
    people.network.access = Access.CLOSED
    people.network.save()
    page(client, people.other_leader, status=404)
    page(client, people.hr, f"{BASE}{card.pk}/", status=403)
    page(client, people.member)

    Membership.objects.filter(leader__user=people.member).update(state=Membership.State.LEFT)

    page(client, people.member, f"{BASE}{card.pk}/", status=404)


def test_a_card_of_another_network_is_not_found_here(client, people):
    other = create_people(slug="en-anden", name="En anden")
    card = keep(other)

    page(client, people.member, f"{BASE}{card.pk}/", status=404)
    assert "Den svære samtale" not in page(client, people.member, f"{BASE}?tema={card.pk}")


def test_no_word_is_kept_in_the_clear_or_logged(people):
    card = keep(people, theme=CANARY, challenge=CANARY, tried=CANARY, outcome=CANARY)
    learning.delete(card, actor=people.member, now=NOW)
    keep(people, theme=CANARY, challenge=CANARY, tried=CANARY, outcome=CANARY)

    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM meetings_learningcard")
        assert CANARY not in repr(cursor.fetchall())
    assert {event.verb for event in AuditEvent.objects.all()} == {"keep_card", "delete_card"}
    assert CANARY not in repr(list(AuditEvent.objects.values()))


# --- Keeping ---------------------------------------------------------------------------------------------------------


def test_a_member_writes_a_card_from_a_meeting_with_its_theme(client, people):
    meeting = create_meeting(network=people.network, theme="At lede opad")
    address = f"{BASE}ny/?moede={meeting.pk}"
    client.force_login(people.member)
    assert 'value="At lede opad"' in client.get(address).content.decode()
    assert client.post(address, {"theme": "At lede opad", "challenge": ""}).status_code == 200

    response = client.post(address, {"theme": "At lede opad", "challenge": "Ingen begrundelse"})

    card = LearningCard.objects.get()
    assert response["Location"] == f"{BASE}{card.pk}/"
    assert (card.meeting, card.author, card.shows_author) == (meeting, people.member, False)
    said = page(client, people.coordinator, f"{BASE}{card.pk}/")
    assert "Netværket · 4. mar. 2027" in said
    assert "Mads Lem" not in said
    assert "Er ikke skrevet endnu." in said


def test_a_meeting_of_another_network_lends_no_theme(client, people):
    other = create_meeting(theme=CANARY)

    assert CANARY not in page(client, people.member, f"{BASE}ny/?moede={other.pk}")


def test_the_author_may_put_their_name_on_it_and_nobody_else(client, people):
    card = keep(people, shows_author=True)
    assert "Mads Lem" in page(client, people.coordinator, f"{BASE}{card.pk}/")
    assert "Vis mit navn" not in page(client, people.coordinator, f"{BASE}{card.pk}/ret/")

    texts = {"theme": "x", "challenge": "y", "tried": "", "outcome": ""}
    learning.change(card, actor=people.coordinator, seen=1, shows_author=False, now=NOW, **texts)

    card.refresh_from_db()
    assert (card.theme, card.shows_author) == ("x", True)


def test_the_same_form_sent_twice_makes_one(people):
    key = uuid.uuid4()

    assert keep(people, form_key=key) == keep(people, form_key=key)


def test_the_second_editor_sees_both(client, people):
    card = keep(people)
    client.force_login(people.member)
    written = {"theme": "Den svære samtale", "challenge": "Skrevet først", "seen": "1"}
    client.post(f"{BASE}{card.pk}/ret/", written)

    response = client.post(f"{BASE}{card.pk}/ret/", written | {"challenge": "Skrevet bagefter"})

    assert response.status_code == 409
    assert "Skrevet først" in text_of(response)
    assert "Skrevet bagefter" in text_of(response)
    with pytest.raises(ChangedMeanwhile):
        learning.change(card, actor=people.member, seen=1, now=NOW, theme="", challenge="", tried="", outcome="")


def test_author_and_coordinator_delete_and_no_other_member(client, people):
    mine, theirs = keep(people), keep(people, actor=people.coordinator)

    page(client, people.member, f"{BASE}{theirs.pk}/slet/", status=403)
    assert "Slet kortet?" in page(client, people.member, f"{BASE}{mine.pk}/slet/")
    client.post(f"{BASE}{mine.pk}/slet/")
    client.force_login(people.coordinator)
    client.post(f"{BASE}{theirs.pk}/slet/")

    assert not LearningCard.objects.exists()
    with pytest.raises(Refused, match="slettet af en anden"):
        learning.delete(mine, actor=people.member, now=NOW)


def test_there_is_a_bound_to_how_many(people, monkeypatch):
    monkeypatch.setattr(learning, "AT_MOST", 2)
    keep(people)
    keep(people)

    with pytest.raises(Refused, match="2 kort"):
        keep(people)


# --- Finding again ---------------------------------------------------------------------------------------------------


def test_search_finds_all_words_in_any_text_and_danish_letters_both_ways(client, people):
    keep(people, theme="Åbne døre", challenge="Ro til arbejdet", outcome="Bedre søvn")
    keep(people, theme="Lede opad", challenge="Ingen begrundelse")

    for words in ("åbne", "AABNE", "aabne soevn", "ro døre"):
        said = page(client, people.member, f"{BASE}?q={words}")
        assert "1 kort med" in said
        assert "Ro til arbejdet" in said
        assert "Ingen begrundelse" not in said
    assert "Ingen kort har alle ordene" in page(client, people.member, f"{BASE}?q=åbne begrundelse")


def test_themes_are_counted_in_danish_order_and_lead_by_number(client, people):
    first = keep(people, theme="Åbne døre")
    keep(people, theme="aabne døre")
    keep(people, theme="Zoner")

    assert [(theme.name, theme.count) for theme in learning.themes_of(learning.cards_of(people.network))] == [
        ("Zoner", 1),
        ("aabne døre", 2),
    ]
    said = page(client, people.member, f"{BASE}?tema={first.pk}")
    assert "2 kort om" in said
    client.force_login(people.member)
    assert "?tema=%C3%85" not in client.get(BASE).content.decode()
    for wrong in ("x", "999999", "9" * 30):
        page(client, people.member, f"{BASE}?tema={wrong}")


def test_an_empty_collection_points_onward(client, people):
    said = page(client, people.member)

    assert "I har ikke skrevet nogen kort endnu" in said
    assert "Skriv et kort" in said


def test_many_cards_cost_no_more_and_stand_on_pages(client, people):
    def cost(address):
        client.force_login(people.member)
        client.get(address)
        with CaptureQueriesContext(connection) as captured:
            client.get(address)
        return len(captured)

    keep(people)
    addresses = (BASE, f"{BASE}?q=samtale")
    before = [cost(address) for address in addresses]
    for number in range(45):
        learning.keep(
            people.network,
            actor=people.member,
            theme=f"Tema {number}",
            challenge="samtale",
            tried="",
            outcome="",
            shows_author=True,
            now=NOW + timedelta(minutes=number),
        )

    assert [cost(address) for address in addresses] == before
    assert "Side 2 af 3" in page(client, people.member, f"{BASE}?page=2")
