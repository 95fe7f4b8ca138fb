"""An auditor with the whole database before them guesses who said what, and must do no better than by lot.

Every order that people leave behind (who signed in when, whose tick lies where) is laid against every order of the
answers (where they lie, their keys, their transaction numbers, how the release lists them). ROUNDS in the environment
sets how many rounds are simulated.
"""

import logging
import math
import os
import random
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from meetings import feedback, release
from meetings.models import FeedbackRound
from meetings.tests.factories import create_round
from members.models import AuditEvent, Message, User
from networks.tests.factories import create_membership, create_network

pytestmark = pytest.mark.django_db

ROUNDS = int(os.environ.get("ROUNDS", 30))
MEMBERS, ANSWERING = 8, 6
CHANCE = 1 / ANSWERING
OPENS = datetime(2027, 3, 2, 7, 0, tzinfo=UTC)
DAYS = timedelta(days=10)


class Auditor:
    """Counts, per way of guessing, how many answers were laid at the right door."""

    def __init__(self):
        self.right = Counter()
        self.tried = Counter()
        self.told_apart = 0

    def before_close(self, round):
        """The copy of the database taken in the last minute, with the keys to read it."""
        answers = {str(row.pk).replace("-", ""): row.answers for row in round.responses.all()}
        rows = _rows("meetings_feedbackresponse", "id", round.pk)
        ticks = _rows("meetings_feedbackinvitation", "user_id", round.pk)
        answered = set(round.invited.filter(has_answered=True).values_list("user", flat=True))
        self.people = _orders(ticks) | {"signed in": _signed_in(answered)}
        self.people = {name: [user for user in order if user in answered] for name, order in self.people.items()}
        for name, order in _orders(rows).items():
            self._guess(f"answers by {name}", [int(answers[key.replace("-", "")]["keep"]) for key in map(str, order)])

    def after_close(self, round):
        for key in ("keep", "change"):
            comments = round.release.results[key]["comments"]
            self._guess(f"comments on {key}", [int(comment) for comment in comments])
        pairs = zip(*(round.release.results[key]["comments"] for key in ("keep", "change")), strict=True)
        self._count("two comments as one person's", [one == other for one, other in pairs])
        self.told_apart += len(set(_letters(round).values())) > 1

    def _guess(self, by, order):
        for name, people in self.people.items():
            self._count(f"{by}, people by {name}", [a == b for a, b in zip(people, order, strict=True)])
            self._count(
                f"{by}, people by {name}, last first", [a == b for a, b in zip(people[::-1], order, strict=True)]
            )

    def _count(self, way, hits):
        self.right[way] += sum(hits)
        self.tried[way] += len(hits)

    def best(self):
        return max((self.right[way] / self.tried[way], way) for way in self.tried)


def _rows(table, key, round_pk):
    """Key, place on the disk and transaction number of each row: what the database notes by itself."""
    place, number = ("ctid", "xmin::text") if connection.vendor == "postgresql" else ("rowid", "0")
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {key}, {number} FROM {table} WHERE round_id = %s ORDER BY {place}", [round_pk])
        return cursor.fetchall()


def _orders(rows):
    return {
        "place": [key for key, _number in rows],
        "key": sorted((key for key, _number in rows), key=str),
        "transaction": [key for key, _number in sorted(rows, key=lambda row: int(row[1]))],
    }


def _signed_in(people):
    return list(User.objects.filter(pk__in=people).order_by("last_login").values_list("pk", flat=True))


def _letters(round):
    """What every person's messages about the round look like, without what is theirs by name."""
    letters = defaultdict(list)
    messages = Message.objects.filter(about="feedback", subject_id=round.pk).order_by("kind", "pk")
    for row in messages.values(
        "recipient", "kind", "state", "sent_at", "settled_at", "attempts", "last_error", "due_at"
    ):
        letters[row.pop("recipient")].append(tuple(row.values()))
    return {person: tuple(rows) for person, rows in letters.items()}


def simulate(rounds, caplog):
    """Rounds in one network: people sign in and answer in a random order, some after the reminder, some never."""
    caplog.set_level(logging.DEBUG)
    auditor = Auditor()
    network = create_network()
    users = [create_membership(network=network).leader.user for _number in range(MEMBERS)]
    for number in range(rounds):
        opens_at = OPENS + number * timedelta(days=12)
        round = create_round(
            network=network, state=FeedbackRound.State.DRAFT, opens_at=opens_at, closes_at=opens_at + DAYS
        )
        feedback.turn_rounds(opens_at)
        answering = random.sample(users, ANSWERING)
        for place, user in enumerate(answering):
            if place == ANSWERING // 2:
                _remind(round, opens_at + timedelta(days=8))
            moment = opens_at + timedelta(days=1 + place)
            User.objects.filter(pk=user.pk).update(last_login=moment)
            said = {"free_space": random.randint(1, 5), "keep": str(user.pk), "change": str(user.pk)}
            feedback.answer(round, user=user, answers=said, now=moment)
        auditor.before_close(round)
        feedback.turn_rounds(opens_at + DAYS)
        round = FeedbackRound.objects.select_related("release").get(pk=round.pk)
        auditor.after_close(round)
        assert not AuditEvent.objects.filter(actor__in=users).exists()
    written = " ".join(record.getMessage() for record in caplog.records)
    assert not any(user.email in written for user in users)
    return auditor


def _remind(round, now):
    """As the worker leaves the rows: sent to those who owe an answer, held back from the others."""
    reminders = Message.objects.filter(kind="feedback_reminder", subject_id=round.pk)
    owing = round.invited.filter(has_answered=False).values("user")
    reminders.filter(recipient__in=owing).update(state=Message.State.SENT, sent_at=now, settled_at=now)
    reminders.exclude(recipient__in=owing).update(state=Message.State.SUPPRESSED, settled_at=now)


def test_auditor_guesses_no_better_than_by_lot(caplog):
    auditor = simulate(ROUNDS, caplog)

    best, way = auditor.best()
    # A round guessed by lot has one hit, give or take one; few rounds are allowed their luck, a thousand get 2 points.
    luck = 4 * math.sqrt(ROUNDS) / (ROUNDS * ANSWERING)
    print(f"{ROUNDS} rounds: best of {len(auditor.tried)} ways guesses {best:.1%} ({way}); by lot {CHANCE:.1%}")
    assert best <= CHANCE + max(0.02, luck if ROUNDS < 1000 else 0)
    assert auditor.told_apart == 0


def test_auditor_sees_through_a_round_that_is_not_mixed(caplog, monkeypatch):
    monkeypatch.setattr(feedback._chance, "shuffle", lambda answers: None)
    monkeypatch.setattr(feedback, "_drawn", lambda round: [])

    best, way = simulate(5, caplog).best()

    assert best == 1, way


def test_auditor_sees_through_a_release_in_the_order_of_the_answers(caplog, monkeypatch):
    """Comments are shuffled once more at the close; here neither they nor the rows are."""
    monkeypatch.setattr(feedback, "_drawn", lambda round: [])
    monkeypatch.setattr(release._chance, "sample", lambda comments, k: comments)

    auditor = simulate(5, caplog)

    right = {way: auditor.right[way] / auditor.tried[way] for way in auditor.tried}
    assert right["two comments as one person's"] == 1


def test_auditor_tells_people_apart_when_the_reminders_stay(caplog, monkeypatch):
    def forget_the_answers_only(round):
        round.responses.all().delete()
        round.invited.all().delete()

    monkeypatch.setattr(feedback, "_forget", forget_the_answers_only)

    assert simulate(3, caplog).told_apart == 3
