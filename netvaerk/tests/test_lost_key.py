"""When a key is gone: the rest of a page stands, an act stops before it harms, and the reader is told plainly."""

import logging

import pytest
from django.db import connection
from django.utils import timezone

from meetings.models import FeedbackRelease, FeedbackRound
from meetings.tests.factories import create_meeting, create_round
from members.encryption import new_key
from netvaerk.tests.pages import text_of
from networks import goals
from networks.models import Goal
from networks.tests.factories import NOW, TODAY, create_membership, create_network

pytestmark = pytest.mark.django_db

GAP = "Teksten kan ikke læses lige nu"


@pytest.fixture
def anne():
    network = create_network(slug="paa-tvaers")
    return create_membership(network=network, is_coordinator=True).leader.user


@pytest.fixture
def both(anne, settings):
    """One goal under a key that is gone, and one that can be read."""
    keys = settings.FRIRUM_KEYS
    network = anne.posts.get().memberships.get().network
    made = []
    for key, title in ((new_key(), "Det tabte mål"), (keys[0], "Et mål, der står")):
        settings.FRIRUM_KEYS = [key]
        made.append(goals.add(network, actor=anne, title=title, measure="Vi kan se det", due_on=TODAY, now=NOW))
    settings.FRIRUM_KEYS = keys
    return made


def stored(goal):
    with connection.cursor() as cursor:
        cursor.execute("SELECT title FROM networks_goal WHERE id = %s", [goal.pk])
        return cursor.fetchone()[0]


def test_a_list_shows_what_can_be_read_and_says_so_of_the_rest(client, anne, both):
    client.force_login(anne)

    said = text_of(client.get("/netvaerk/paa-tvaers/maal/"))

    assert "Et mål, der står" in said
    assert GAP in said
    assert "Det tabte mål" not in said


def test_an_act_on_a_text_that_cannot_be_read_changes_nothing(client, anne, both, caplog):
    lost, before = both[0], stored(both[0])
    client.force_login(anne)

    with caplog.at_level(logging.ERROR, logger="members.middleware"):
        response = client.post(
            f"/netvaerk/paa-tvaers/maal/{lost.pk}/ret/",
            {"title": f"{GAP}.", "measure": "x", "due_on": "1.4.2027", "seen": "1"},
        )

    assert response.status_code == 503
    assert GAP in text_of(response)
    assert "Intet er slettet, og intet er ændret." in text_of(response)
    assert stored(lost) == before
    assert [record.getMessage() for record in caplog.records if record.name == "members.middleware"] == [
        "No key in FRIRUM_KEYS fits a text in the database. Put back the key it was written with."
    ]
    assert Goal.objects.filter(network=lost.network).defer("title", "measure", "outcome").count() == 2


def test_a_page_made_of_what_cannot_be_read_says_so(client, anne, settings):
    network = anne.posts.get().memberships.get().network
    round = create_round(network=network, state=FeedbackRound.State.CLOSED)
    keys = settings.FRIRUM_KEYS
    settings.FRIRUM_KEYS = [new_key()]
    FeedbackRelease.objects.create(
        round=round, is_suppressed=False, invited_count=6, answer_count=6, results={"x": 1}, computed_at=NOW
    )
    settings.FRIRUM_KEYS = keys
    client.force_login(anne)

    response = client.get(round.get_absolute_url())

    assert response.status_code == 503
    assert GAP in text_of(response)


def test_ones_own_page_stands_though_the_groups_own_questions_cannot_be_read(client, anne, settings):
    network = anne.posts.get().memberships.get().network
    keys = settings.FRIRUM_KEYS
    settings.FRIRUM_KEYS = [new_key()]
    round = create_round(network=network, opens_at=timezone.now())
    FeedbackRound.objects.filter(pk=round.pk).update(own_questions=["Vi får talt om det"])
    settings.FRIRUM_KEYS = keys
    client.force_login(anne)

    response = client.get("/")

    assert response.status_code == 200
    assert round.get_absolute_url() in response.content.decode()


def test_a_link_that_cannot_be_read_is_no_link(client, anne, settings):
    keys = settings.FRIRUM_KEYS
    settings.FRIRUM_KEYS = [new_key()]
    meeting = create_meeting(network=anne.posts.get().memberships.get().network, link="https://skaerm.invalid/moede")
    settings.FRIRUM_KEYS = keys
    client.force_login(anne)

    response = client.get(meeting.get_absolute_url())

    assert GAP in text_of(response)
    assert f'href="{GAP}' not in response.content.decode()
