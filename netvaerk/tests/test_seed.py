"""Bulk data: as it would be used, and the same every time."""

from datetime import UTC, datetime

import pytest
from django.db import connection, transaction
from django.test import Client

from meetings.models import (
    AgendaItem,
    Agreement,
    FeedbackRelease,
    FeedbackRound,
    Invitation,
    LearningCard,
    Meeting,
    Minutes,
    Rsvp,
    Topic,
)
from members.models import User
from netvaerk import seed
from networks.models import Charter, Goal, ManagementMessage

NOW = datetime(2026, 11, 11, 9, 30, tzinfo=UTC)
WRITTEN = (
    (Meeting, ("uid", "theme", "state", "date")),
    (Topic, ("title", "text", "kind", "created_at")),
    (AgendaItem, ("kind", "title", "minutes", "position")),
    (Agreement, ("text", "due_on", "state", "form_key")),
    (Minutes, ("carried_over",)),
    (LearningCard, ("theme", "challenge", "tried", "outcome", "form_key")),
    (Charter, ("ground_rules", "values", "shows_ground_rules")),
    (Goal, ("title", "measure", "outcome", "state")),
    (FeedbackRound, ("state", "opens_at", "closes_at")),
    (FeedbackRelease, ("answer_count", "results")),
    (ManagementMessage, ("text", "sent_at")),
    (Rsvp, ("answer", "answered_at")),
    (Invitation, ("queued_at",)),
)


class Undone(Exception):
    pass


def written(number: int) -> dict:
    """All that a seed writes, and nothing of it left behind."""
    found = {}
    try:
        with transaction.atomic():
            seed.fill(leaders=16, networks=2, years=1, seed=number, now=NOW)
            for model, fields in WRITTEN:
                found[model.__name__] = list(model.objects.order_by("pk").values_list(*fields))
            raise Undone
    except Undone:
        return found


@pytest.fixture
def seeded(db):
    seed.fill(leaders=90, networks=11, years=1, seed=1, now=NOW)


@pytest.mark.django_db
def test_same_seed_writes_the_same_and_another_does_not():
    first, again, other = written(1), written(1), written(2)

    assert all(first.values())
    assert first == again
    assert first["Meeting"] != other["Meeting"]
    assert first["Topic"] != other["Topic"]


def test_what_members_have_written_is_unreadable_in_the_database(seeded):
    with connection.cursor() as cursor:
        for table, column in (
            ("meetings_topic", "text"),
            ("meetings_agreement", "text"),
            ("meetings_learningcard", "tried"),
            ("meetings_meeting", "theme"),
            ("networks_charter", "ground_rules"),
        ):
            cursor.execute(f"SELECT {column} FROM {table}")
            assert all(text.startswith("gAAAAA") for (text,) in cursor.fetchall())


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("/", "Netværk 1"),
        ("/netvaerk/netvaerk-1/aftale/", "Vi spørger, før vi giver råd."),
        ("/netvaerk/netvaerk-1/maal/", "Vi kender hinandens hverdag"),
        ("/netvaerk/netvaerk-1/aftaler/", "Gjort"),
        ("/netvaerk/netvaerk-1/feedback/", "Netværkspuls"),
    ],
)
def test_pages_of_a_member_show_what_is_seeded(seeded, address, shown):
    client = Client()
    client.force_login(User.objects.get(email="seed-leder@seed.invalid"))

    assert shown in client.get(address).content.decode()


def test_each_page_of_a_seeded_room_can_be_opened(seeded):
    client = Client()
    client.force_login(User.objects.get(email="seed-leder@seed.invalid"))
    held = Meeting.objects.filter(network__slug="netvaerk-1", state=Meeting.State.HELD).latest("starts_at")
    ahead = Meeting.objects.filter(network__slug="netvaerk-1").latest("starts_at")
    round = FeedbackRound.objects.filter(network__slug="netvaerk-1", state=FeedbackRound.State.OPEN).get()
    over = FeedbackRound.objects.filter(network__slug="netvaerk-1").exclude(state=FeedbackRound.State.OPEN).first()
    room = "/netvaerk/netvaerk-1/"
    pages = (
        *(f"{room}{page}/" for page in ("emner", "erfaringer", "moeder", "medlemmer", "budskab", "roller")),
        *(meeting.get_absolute_url() for meeting in (held, ahead)),
        f"{ahead.get_absolute_url()}dagsorden/",
        round.get_absolute_url(),
        over.get_absolute_url(),
    )

    assert {page: client.get(page).status_code for page in pages} == dict.fromkeys(pages, 200)
