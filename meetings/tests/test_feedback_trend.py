from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from meetings import feedback, feedback_trend
from meetings.models import FeedbackRound
from meetings.tests.factories import create_meeting, create_round
from meetings.tests.test_feedback import CLOSES, LATER, OPENS, create_group
from members.danish import today
from members.tests.factories import create_hr
from networks.models import NetworkType

pytestmark = pytest.mark.django_db


def hold_round(network, users, said, days=0, answers=6):
    opens_at = OPENS - timedelta(days=days)
    round = create_round(network=network, opens_at=opens_at, closes_at=opens_at + timedelta(days=10))
    for user in users[:answers]:
        feedback.answer(round, user=user, answers=said, now=opens_at)
    feedback.turn_rounds(round.closes_at)
    return FeedbackRound.objects.select_related("release", "network").get(pk=round.pk)


def page(client, user, round):
    with time_machine.travel(LATER, tick=False):
        client.force_login(user)
        return client.get(round.get_absolute_url()).content.decode()


def test_trend_follows_each_question_and_leaves_a_gap_where_too_few_answered(client):
    network, users = create_group()
    hold_round(network, users, {"free_space": 2, "goals": 3}, days=90)
    hold_round(network, users, {"free_space": 3}, days=60)
    hold_round(network, users, {"free_space": 1}, days=30, answers=3)
    round = hold_round(network, users, {"free_space": 5, "goals": 4})

    insight = feedback_trend.insight(round)

    assert [[point.mean for point in trend.points] for trend in insight.trends] == [[2, 3, 5], [3, None, 4]]
    text = page(client, users[1], round)
    assert "Udvikling over runderne" in text
    assert "Udviklingen som tabel" in text
    assert "Frirum: " in text


def test_trend_of_a_round_looks_back_and_never_ahead():
    network, users = create_group()
    first = hold_round(network, users, {"free_space": 2}, days=60)
    hold_round(network, users, {"free_space": 4}, days=30)

    assert feedback_trend.insight(first).trends == []


def test_trend_stays_with_the_members(client):
    network, users = create_group()
    hold_round(network, users, {"free_space": 2}, days=60)
    round = hold_round(network, users, {"free_space": 4})
    feedback.share(round, actor=users[0], now=LATER)

    text = page(client, create_hr(), round)

    assert "4,0 af 5" in text
    assert "Udvikling over runderne" not in text
    assert "2,0" not in text


def test_group_own_statement_is_in_no_trend():
    network, users = create_group()
    rounds = [hold_round(network, users, {"own_1": 4, "free_space": 3}, days=days) for days in (60, 0)]
    FeedbackRound.objects.update(own_questions=["Noget"])

    assert [trend.question.key for trend in feedback_trend.insight(rounds[-1]).trends] == ["free_space"]


@pytest.mark.parametrize(
    ("means", "sentence"),
    [((4, 3, 2), "I giver hinanden mest informationsstøtte og mindst bedømmelsesstøtte."), ((4, 4, 4), "lige meget")],
)
def test_support_profile_names_what_there_is_most_and_least_of(client, means, sentence):
    network, users = create_group()
    said = dict(zip(feedback_trend.SUPPORT, means, strict=True))

    text = page(client, users[1], hold_round(network, users, said))

    assert "Jeres støtteprofil" in text
    assert sentence in text


def test_support_profile_needs_all_three(client):
    network, users = create_group()

    assert "Jeres støtteprofil" not in page(client, users[1], hold_round(network, users, {"emotional": 4}))


@pytest.mark.parametrize(
    ("type", "key", "exercise"),
    [
        (NetworkType.FAGLIG, "challenge", "Kom ud af komfortzonen"),
        (NetworkType.TVAERFAGLIG, "conditions", "Relationsåbner"),
    ],
)
@pytest.mark.parametrize(("rating", "is_suggested"), [(3, True), (4, False)])
def test_low_score_on_the_pitfall_of_the_type_suggests_exercises(client, type, key, exercise, rating, is_suggested):
    network, users = create_group(type=type)

    text = page(client, users[1], hold_round(network, users, {key: rating, "free_space": 5}))

    assert "forcer og faldgruber" in text
    assert (exercise in text) == is_suggested
    assert (reverse("networks:exercises") + "#" in text) == is_suggested


def test_result_leads_to_a_topic_with_the_question_in_it(client):
    network, users = create_group()
    round = hold_round(network, users, {"free_space": 2, "goals": 4})
    meeting = create_meeting(network=network, date=today(CLOSES) + timedelta(days=14))

    text = page(client, users[1], round)

    assert "Tag det op på et møde" in text
    address = reverse("meetings:new_topic", args=[network.slug]) + f"?runde={round.pk}"
    assert address in text
    with time_machine.travel(CLOSES + timedelta(days=1), tick=False):
        client.force_login(users[1])
        form = client.get(address).context["form"]
    assert form.initial["meeting"] == meeting.pk
    assert "Hos os kan jeg sige min ærlige mening" in form.initial["text"]
    assert "„Hos os kan jeg sige min ærlige mening" in text


def test_result_takes_the_same_queries_however_many_rounds(client):
    network, users = create_group()
    counts = []
    for days in (300, 270, 240, 210, 180, 150, 120):
        round = hold_round(network, users, {"free_space": 4}, days=days)
        with CaptureQueriesContext(connection) as counted:
            page(client, users[1], round)
        counts.append(len(counted))

    # The first signs in; after that each round costs the same.
    assert len(set(counts[1:])) == 1, counts
    assert len(feedback_trend.insight(round).rounds) == feedback_trend.MOST_ROUNDS
