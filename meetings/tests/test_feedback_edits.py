"""Whatever is done to a round on its way, nothing under the floor comes out of it.

SEQUENCES in the environment sets how many random histories are lived through, ANSWERS how large the large round is.
"""

import os
import random
import time
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from types import SimpleNamespace

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from meetings import feedback, questions
from meetings.models import FeedbackRelease, FeedbackResponse, FeedbackRound
from meetings.tests.factories import create_round
from networks.models import Membership, Network
from networks.tests.factories import create_membership, create_network

pytestmark = pytest.mark.django_db

SEQUENCES = int(os.environ.get("SEQUENCES", 60))
ANSWERS = int(os.environ.get("ANSWERS", 1000))
OPENS = datetime(2027, 3, 2, 7, 0, tzinfo=UTC)
CLOSES = OPENS + timedelta(days=10)
DAY = timedelta(days=1)
REFUSALS = (feedback.FeedbackRefused, PermissionDenied)


class History:
    """One round, and what people do to it in a random order."""

    def __init__(self, network, users, settings, chance):
        self.network, self.users, self.settings, self.chance = network, users, settings, chance
        settings.ANONYMITY_THRESHOLD = chance.choice((1, 4, 5, 6))
        self.floor = max(settings.ANONYMITY_THRESHOLD, 4)
        self.round = create_round(
            network=network,
            state=FeedbackRound.State.DRAFT,
            opens_at=OPENS,
            closes_at=CLOSES,
            anonymity_threshold=self.floor,
        )
        self.accepted = []
        feedback.turn_rounds(OPENS)

    def live(self):
        moments = sorted(OPENS + self.chance.random() * 14 * DAY for _step in range(self.chance.randint(4, 16)))
        acts = (self.answer, self.answer, self.answer, self.change_member, self.extend, self.change_settings)
        acts += (self.tick, self.share, self.drop, self.lower, self.pause)
        for now in moments:
            try:
                self.chance.choice(acts)(now)
            except REFUSALS:
                continue
        for days in (10, 20, 40, 80):
            feedback.turn_rounds(OPENS + days * DAY)

    def answer(self, now):
        said = {"free_space": self.chance.randint(1, 5), "keep": "Ord" if self.chance.random() < 0.5 else ""}
        feedback.answer(self.round, user=self.chance.choice(self.users), answers=said, now=now)
        self.accepted.append(said)

    def change_member(self, now):
        state = self.chance.choice([Membership.State.LEFT, Membership.State.ON_LEAVE, Membership.State.ACTIVE])
        others = self.network.memberships.filter(is_coordinator=False)
        others.filter(leader__user=self.chance.choice(self.users)).update(state=state)

    def extend(self, now):
        to = self.round.closes_at + self.chance.randint(-5, 20) * DAY
        feedback.extend(self.round, closes_at=to, actor=self.users[0], now=now)

    def change_settings(self, now):
        self.settings.ANONYMITY_THRESHOLD = self.chance.randint(0, 9)

    def tick(self, now):
        feedback.turn_rounds(now)

    def share(self, now):
        feedback.share(self.round, actor=self.users[0], now=now)

    def drop(self, now):
        feedback.drop_round(self.round, actor=self.users[0], now=now)

    def lower(self, now):
        """A round that was loaded and saved anew must not carry a lower floor along."""
        feedback.plan_round(self.network, actor=self.users[0], opens_at=now, closes_at=now + 9 * DAY, now=now)

    def pause(self, now):
        state = self.chance.choice([Network.State.ACTIVE, Network.State.PAUSED])
        Network.objects.filter(pk=self.network.pk).update(state=state)


def test_no_history_of_edits_releases_anything_under_the_floor(monkeypatch):
    settings = SimpleNamespace(ANONYMITY_THRESHOLD=5, REMINDER_HOUR=8)
    monkeypatch.setattr(feedback, "settings", settings)
    network = create_network()
    users = [create_membership(network=network, is_coordinator=number == 0).leader.user for number in range(9)]
    shown = 0
    for seed in range(SEQUENCES):
        network.memberships.update(state=Membership.State.ACTIVE)
        Network.objects.filter(pk=network.pk).update(state=Network.State.ACTIVE)
        history = History(network, users, settings, random.Random(seed))
        history.live()

        release = FeedbackRelease.objects.get(round=history.round)
        answers = len(history.accepted)
        assert release.is_suppressed == (answers < history.floor), seed
        assert release.answer_count == (None if release.is_suppressed else answers), seed
        if release.is_suppressed:
            assert release.results == {}, seed
        else:
            shown += 1
            comments = sum(bool(said["keep"]) for said in history.accepted)
            assert len(release.results["keep"]["comments"]) == (comments if comments >= 3 and answers >= 5 else 0)
            assert ("distribution" in release.results["free_space"]) == (answers >= 8), seed
        FeedbackRound.objects.all().delete()
    print(f"{SEQUENCES} histories: {shown} released at or over the floor, none under")
    assert 0 < shown < SEQUENCES


def test_large_round_is_closed_and_shown_in_seconds(client):
    network = create_network()
    users = [create_membership(network=network).leader.user for _number in range(6)]
    round = create_round(network=network, opens_at=OPENS, closes_at=CLOSES)
    asked = questions.get_set(round.question_set).questions_for(network.type)
    said = {question.key: "Her og nu-runden" if question.is_open else 4 for question in asked}
    FeedbackResponse.objects.bulk_create([FeedbackResponse(round=round, answers=said) for _number in range(ANSWERS)])

    moments = [time.perf_counter()]
    feedback.answer(round, user=users[0], answers=said, now=OPENS)
    moments.append(time.perf_counter())
    assert feedback.turn_rounds(CLOSES)["closed"] == 1
    moments.append(time.perf_counter())
    client.force_login(users[1])
    page = client.get(reverse("meetings:feedback_round", args=[network.slug, round.pk]))
    moments.append(time.perf_counter())

    one, closed, shown = (after - before for before, after in pairwise(moments))
    print(f"{ANSWERS} answers: one more in {one:.2f} s, closed in {closed:.2f} s, shown in {shown:.2f} s")
    assert FeedbackRelease.objects.get().answer_count == ANSWERS + 1
    assert page.status_code == 200
    assert one < 1
    assert closed + shown < 10
