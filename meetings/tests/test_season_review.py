from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.urls import reverse

from meetings import feedback, questions
from meetings.models import FeedbackRound, SeasonSummary
from meetings.tests.test_feedback import CLOSES, LATER, NOW, OPENS, create_group
from members.tests.factories import create_board, create_hr
from networks.models import OrganisationalGain

pytestmark = pytest.mark.django_db

KIND = FeedbackRound.Kind.SEASON_REVIEW


def review(answers=6):
    network, users = create_group(gains=[OrganisationalGain.CULTURAL_INTEGRATION])
    round = feedback.plan_round(network, actor=users[0], opens_at=OPENS, closes_at=CLOSES, now=NOW, kind=KIND)
    feedback.turn_rounds(OPENS)
    for user in users[:answers]:
        feedback.answer(round, user=user, answers={"purpose": 4, "cultural_integration": 5}, now=OPENS)
    feedback.turn_rounds(CLOSES)
    round.refresh_from_db()
    return round, users


def page(client, user, url):
    with time_machine.travel(LATER, tick=False):
        client.force_login(user)
        return client.get(url).content.decode()


def test_season_review_asks_of_purpose_goals_and_the_gains_that_were_chosen():
    round, _users = review()

    keys = [question.key for question in questions.questions_of(round)]

    assert keys[:3] == ["purpose", "goals", "values"]
    assert [key for key in keys if key in OrganisationalGain.values] == ["cultural_integration"]
    assert round.release.results["cultural_integration"]["mean"] == 5


def test_summary_is_the_members_own_until_it_is_shared(client):
    round, users = review()
    for actor in (users[1], create_hr()):
        with pytest.raises(PermissionDenied):
            feedback.summarise(round, text="Kanariefugl", actor=actor, now=LATER)
    feedback.summarise(round, text="Kanariefugl", actor=users[0], now=LATER)
    status = reverse("netvaerk:status_network", args=[round.network.slug])

    assert "Kanariefugl" in page(client, users[1], round.get_absolute_url())
    assert "Kanariefugl" not in page(client, create_board(), status)

    feedback.share(round, actor=users[0], now=LATER)

    assert "Kanariefugl" in page(client, create_board(), status)
    with pytest.raises(feedback.FeedbackRefused):
        feedback.summarise(round, text="Noget andet", actor=users[0], now=LATER)


def test_group_too_few_to_show_a_result_can_still_share_its_own_words(client):
    round, users = review(answers=3)
    with pytest.raises(feedback.FeedbackRefused):
        feedback.share(round, actor=users[0], now=LATER)

    feedback.summarise(round, text="Kanariefugl", actor=users[0], now=LATER)
    feedback.share(round, actor=users[0], now=LATER)

    shown = page(client, create_board(), round.get_absolute_url())
    assert "Kanariefugl" in shown
    assert "af 5" not in shown


def test_pulse_has_no_summary():
    network, users = create_group()
    round = feedback.plan_round(network, actor=users[0], opens_at=OPENS, closes_at=CLOSES, now=NOW)
    feedback.turn_rounds(OPENS)
    feedback.turn_rounds(CLOSES)

    with pytest.raises(feedback.FeedbackRefused):
        feedback.summarise(round, text="Kanariefugl", actor=users[0], now=LATER)


def test_summary_is_unreadable_in_the_database():
    round, users = review()
    feedback.summarise(round, text="Kanariefugl", actor=users[0], now=LATER)

    with connection.cursor() as cursor:
        cursor.execute("SELECT text FROM meetings_seasonsummary")
        assert "Kanariefugl" not in str(cursor.fetchall())


def test_coordinator_writes_the_summary_on_its_page(client):
    round, users = review()
    url = reverse("meetings:season_summary", args=[round.network.slug, round.pk])
    with time_machine.travel(datetime(2027, 3, 14, 9, 0, tzinfo=UTC) + timedelta(hours=1), tick=False):
        client.force_login(users[1])
        assert client.get(url).status_code == 403
        client.force_login(users[0])
        assert "Kun netværkets medlemmer kan læse" in client.get(url).content.decode()
        assert "Kanariefugl" in client.post(url, {"text": "Kanariefugl"}, follow=True).content.decode()
        share = client.get(reverse("meetings:share_feedback", args=[round.network.slug, round.pk]))
    assert "Jeres egen opsummering af året følger med" in share.content.decode()
    assert SeasonSummary.objects.get().text == "Kanariefugl"


def test_coordinator_plans_a_season_review_on_the_page(client):
    network, users = create_group()
    client.force_login(users[0])
    with time_machine.travel(NOW, tick=False):
        client.force_login(users[0])
        url = reverse("meetings:new_feedback_round", args=[network.slug])
        client.post(url, {"kind": "season_review", "opens_on": "5.3.2027", "closes_on": "15.3.2027"})
        assert (
            client.post(url, {"kind": "meeting_pulse", "opens_on": "5.4.2027", "closes_on": "15.4.2027"}).status_code
            == 200
        )

    assert FeedbackRound.objects.get().kind == KIND
