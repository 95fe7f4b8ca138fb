from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from meetings import feedback, feedback_trend, question_versions, questions
from meetings.models import FeedbackRound, QuestionVersion
from meetings.tests.factories import create_round
from members.models import AuditEvent, Role
from members.tests.factories import create_hr, create_leader
from networks.conflicts import ChangedMeanwhile
from networks.models import NetworkType
from networks.refusal import Refused
from networks.tests.factories import create_membership, create_network

pytestmark = pytest.mark.django_db

PULSE = FeedbackRound.Kind.NETWORK_PULSE
NOW = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def admin():
    return create_hr(role=Role.HR_ADMIN)


def publish(admin, kind=PULSE, **others):
    words = {"texts": {}, "left_out": [], "added": [], "is_rewording": True, "now": NOW, "actor": admin}
    words["seen"] = questions.current(kind).version
    return question_versions.publish(kind, **words | others)


def texts(asked) -> dict[str, str]:
    return {question.key: str(question.text) for question in asked}


# --- What is asked ---------------------------------------------------------------------------------------------------


def test_a_new_version_is_asked_from_now_on_and_earlier_rounds_keep_theirs(admin):
    network = create_network()
    earlier = feedback.create_round(network, kind=PULSE, opens_at=NOW, closes_at=NOW + 9 * DAY)

    publish(admin, texts={"commitment": "Alle giver, og alle får."}, left_out=["change"], added=[("", "Vi griner.")])

    later = feedback.create_round(network, kind=PULSE, opens_at=NOW + 20 * DAY, closes_at=NOW + 29 * DAY)
    before, after = (texts(questions.questions_of(round)) for round in (earlier, later))
    assert before == texts(questions.PULSE_2026_1.questions_for(network.type))
    assert after["commitment"] == "Alle giver, og alle får."
    assert "change" not in after
    assert after["added_2_1"] == "Vi griner."
    assert {key: text for key, text in after.items() if key in before and key != "commitment"} == {
        key: text for key, text in before.items() if key not in ("commitment", "change")
    }
    assert AuditEvent.objects.filter(verb="publish_questions", actor=admin).count() == 1


def test_the_next_version_builds_on_the_last(admin):
    publish(admin, texts={"commitment": "Alle giver."}, added=[("", "Vi griner."), ("", "Vi øver os.")])

    kept = [(one["key"], one["text"]) for one in question_versions.latest(PULSE).added]
    publish(admin, left_out=["keep"], added=kept[1:])

    asked = texts(questions.current(PULSE).questions)
    assert asked["commitment"] == "Alle giver."
    assert [key for key in asked if key.startswith("added")] == ["added_2_2"]
    assert "keep" not in asked
    assert questions.current(PULSE).number == 3


def test_a_question_left_out_comes_back_with_its_own_words(admin):
    publish(admin, left_out=["keep"])
    publish(admin, left_out=[])

    assert texts(questions.current(PULSE).questions) == texts(questions.PULSE_2026_1.questions)


def test_the_other_kinds_are_left_alone(admin):
    publish(admin, left_out=["keep"])

    assert questions.current(FeedbackRound.Kind.MEETING_PULSE) == questions.MEETING_2027_1


# --- What may be compared --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("is_rewording", "points"), [(True, 2), (False, 0)])
def test_a_trend_goes_on_through_another_wording_but_not_another_meaning(admin, is_rewording, points):
    network = create_network()
    users = [create_membership(network=network).leader.user for _number in range(5)]

    def hold(opens_at):
        version = questions.current(PULSE).version
        round = create_round(network=network, opens_at=opens_at, closes_at=opens_at + 9 * DAY, question_set=version)
        for user in users:
            feedback.answer(round, user=user, answers={"free_space": 4, "commitment": 3}, now=opens_at)
        feedback.turn_rounds(round.closes_at)
        round.refresh_from_db()
        return round

    hold(NOW)
    publish(admin, texts={"commitment": "Alle yder noget."}, is_rewording=is_rewording)
    trends = {trend.question.key: len(trend.seen) for trend in feedback_trend.insight(hold(NOW + 20 * DAY)).trends}

    assert trends.get("commitment", 0) == points
    assert trends["free_space"] == 2


def test_a_meaning_stays_the_same_through_later_versions(admin):
    publish(admin, texts={"commitment": "Andet."}, added=[("", "Vi griner.")], is_rewording=False)
    added = [(one["key"], one["text"]) for one in question_versions.latest(PULSE).added]
    publish(admin, left_out=["keep"], added=added, is_rewording=False)

    by_key = {question.key: question.since for question in questions.current(PULSE).questions}
    assert (by_key["commitment"], by_key["added_2_1"], by_key["free_space"]) == (2, 2, 0)


# --- Refused ---------------------------------------------------------------------------------------------------------


def test_only_hr_administrators_publish():
    for actor in (create_hr(), create_leader().user):
        with pytest.raises(PermissionDenied):
            publish(actor, left_out=["keep"])


def test_nothing_changed_is_no_version(admin):
    with pytest.raises(Refused, match="ikke ændret"):
        publish(admin, texts=texts(questions.PULSE_2026_1.questions))


def test_the_second_of_two_is_told(admin):
    seen = questions.current(PULSE).version
    publish(admin, left_out=["keep"])

    with pytest.raises(ChangedMeanwhile):
        publish(admin, left_out=["change"], seen=seen)

    assert QuestionVersion.objects.count() == 1


def test_something_is_left_to_rate_for_both_types(admin):
    rated = [q.key for q in questions.PULSE_2026_1.questions if not q.is_open]

    with pytest.raises(Refused, match="mindst ét"):
        publish(admin, left_out=[key for key in rated if key != "challenge"])

    publish(admin, left_out=rated, added=[("", "Vi griner.")])
    assert questions.current(PULSE).questions_for(NetworkType.FAGLIG)[0].text == "Vi griner."


def test_no_more_than_three_are_added(admin):
    publish(admin, added=[("", f"Udsagn {number}") for number in range(5)])

    assert len(question_versions.latest(PULSE).added) == 3


# --- Pages -----------------------------------------------------------------------------------------------------------


def untouched(client) -> dict:
    form = client.get(reverse("meetings:edit_questions", args=[PULSE])).context["form"]
    values = {field.html_name: field.value() for field in form}
    return {name: value for name, value in values.items() if value not in (None, False)}


def test_an_administrator_edits_on_the_page(client, admin):
    client.force_login(admin)
    sets = reverse("meetings:question_sets")
    url = reverse("meetings:edit_questions", args=[PULSE])
    assert url in client.get(sets).content.decode()

    answer = untouched(client) | {"text_keep": "Hvad virker?", "out_change": "on", "added_1": "Vi griner."}
    page = client.post(url, answer, follow=True).content.decode()

    assert "Hvad virker?" in page
    assert "Vi griner." in page
    assert "Udgave 2" in page
    again = client.get(url).context["form"]
    assert (again["added_1"].value(), again["out_change"].value()) == ("Vi griner.", True)


def test_the_wording_edited_is_the_danish_one_also_for_an_english_reader(client, admin):
    admin.language = "en"
    admin.save()
    client.force_login(admin)

    answer = untouched(client)
    assert answer["text_keep"] == "Hvad skal I blive ved med?"
    client.post(reverse("meetings:edit_questions", args=[PULSE]), answer | {"out_change": "on"})

    assert question_versions.latest(PULSE).texts == {}


@pytest.mark.parametrize(
    "bad", [{"text_keep": ""}, {"text_keep": "x" * 201}, {"added_1": "Ring 010190-1234"}, {"change": "x"}, {}]
)
def test_bad_input_makes_no_version(client, admin, bad):
    client.force_login(admin)

    page = client.post(reverse("meetings:edit_questions", args=[PULSE]), untouched(client) | bad)

    assert page.status_code == 200
    assert not QuestionVersion.objects.exists()


def test_the_second_editor_sees_both_and_may_save_again(client, admin):
    client.force_login(admin)
    url = reverse("meetings:edit_questions", args=[PULSE])
    mine = untouched(client) | {"text_keep": "Mit spørgsmål?"}
    client.post(url, untouched(client) | {"text_change": "Deres spørgsmål?"})

    page = client.post(url, mine)

    assert page.status_code == 409
    assert "Deres spørgsmål?" in page.content.decode()
    assert "Mit spørgsmål?" in page.content.decode()
    client.post(url, mine | {"seen": page.context["form"]["seen"].value()})
    assert texts(questions.current(PULSE).questions)["keep"] == "Mit spørgsmål?"


def test_consultants_read_and_leaders_do_not(client):
    url = reverse("meetings:edit_questions", args=[PULSE])
    client.force_login(create_hr())
    assert client.get(url).status_code == 403
    assert url not in client.get(reverse("meetings:question_sets")).content.decode()
    client.force_login(create_leader().user)
    assert client.get(url).status_code == 403


def test_an_unknown_kind_is_not_found(client, admin):
    client.force_login(admin)

    assert client.get(reverse("meetings:edit_questions", args=["x"])).status_code == 404
