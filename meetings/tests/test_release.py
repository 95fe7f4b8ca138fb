import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from meetings import release
from meetings.questions import CURRENT, PULSE_2026_1, SCALE, get_set
from networks.models import NetworkType

QUESTIONS = get_set(CURRENT).questions_for(NetworkType.FAGLIG)


def compute(answers, threshold=5):
    return release.compute(answers, QUESTIONS, threshold=threshold)


@pytest.mark.parametrize("answers", range(5))
def test_release_below_the_floor_keeps_nothing(answers):
    results = compute([{"free_space": 4, "keep": "Her og nu-runden"}] * answers)

    assert results == release.Results(None, {})
    assert results.is_suppressed


def test_release_at_the_floor_has_a_mean_and_no_distribution():
    results = compute([{"free_space": rating} for rating in (5, 4, 4, 3, 5)])

    assert results.answer_count == 5
    assert results.questions["free_space"] == {"count": 5, "mean": 4.2}


@pytest.mark.parametrize(("answers", "has_distribution"), [(7, False), (8, True)])
def test_release_has_a_distribution_from_eight(answers, has_distribution):
    results = compute([{"free_space": 4}] * (answers - 1) + [{"free_space": 2}])

    assert ("distribution" in results.questions["free_space"]) == has_distribution
    if has_distribution:
        assert results.questions["free_space"]["distribution"] == [0, 1, 0, 7, 0]


def test_question_that_few_rated_says_not_even_how_many():
    results = compute([{"free_space": 4, "goals": 3}] * 4 + [{"free_space": 5}] * 2)

    assert results.questions["free_space"]["count"] == 6
    assert results.questions["goals"] == {"count": None}


@pytest.mark.parametrize(("threshold", "answers", "is_suppressed"), [(3, 3, True), (1, 3, True), (1, 4, False)])
def test_no_threshold_goes_below_four(threshold, answers, is_suppressed):
    assert compute([{"free_space": 4}] * answers, threshold=threshold).is_suppressed == is_suppressed


def test_higher_threshold_holds_for_every_question():
    results = compute([{"free_space": 4, "goals": 3}] * 9 + [{"free_space": 4}], threshold=10)

    assert results.questions["free_space"]["count"] == 10
    assert results.questions["goals"] == {"count": None}


@pytest.mark.parametrize(
    ("threshold", "answers", "comments", "shown"),
    [(5, 5, 2, 0), (5, 5, 3, 3), (4, 4, 4, 0), (5, 8, 2, 0), (4, 5, 3, 3)],
)
def test_comments_need_five_answers_and_three_comments(threshold, answers, comments, shown):
    given_ = [{"free_space": 4, "keep": f"Nummer {number}"} for number in range(comments)]
    given_ += [{"free_space": 4}] * (answers - comments)

    results = compute(given_, threshold=threshold)

    assert len(results.questions["keep"]["comments"]) == shown


def test_comments_are_shuffled_for_each_question_by_itself():
    answers = [{"keep": number, "change": number} for number in range(1, 31)]

    kept, changed = (compute(answers).questions[key]["comments"] for key in ("keep", "change"))

    assert sorted(kept) == sorted(changed) == list(range(1, 31))
    assert kept != changed
    assert kept != list(range(1, 31))


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.fixed_dictionaries(
            {}, optional={"free_space": st.integers(1, 5), "goals": st.integers(1, 5), "keep": st.just("Kaffen")}
        ),
        max_size=12,
    ),
    st.integers(0, 8),
)
def test_release_never_shows_a_number_under_the_floor(answers, threshold):
    results = compute(answers, threshold=threshold)

    floor = max(threshold, 4)
    assert results.is_suppressed == (len(answers) < floor)
    for result in results.questions.values():
        count = result.get("count")
        assert count is None or count >= floor
        assert ("mean" in result) == (count is not None)
        assert "distribution" not in result or sum(result["distribution"]) == count >= 8
        assert not result.get("comments") or len(result["comments"]) >= 3


def test_shown_results_leave_out_comments_for_those_outside():
    answers = [{"free_space": 4, "keep": "Kaffen"}] * 8
    sections = PULSE_2026_1.sections_for(NetworkType.FAGLIG)

    outside = release.sections(compute(answers).questions, sections, with_comments=False)
    inside = release.sections(compute(answers).questions, sections, with_comments=True)

    assert [section.heading for section in outside] == [section.heading for section in inside][:-1]
    assert inside[-1].results[0].comments == ("Kaffen",) * 8
    assert "Kaffen" not in str(outside)


def test_shown_bars_are_as_high_as_their_counts():
    answers = [{"free_space": rating} for rating in (5, 5, 5, 5, 4, 4, 3, 3)]

    (section, *_others) = release.sections(
        compute(answers).questions, PULSE_2026_1.sections_for(NetworkType.FAGLIG), with_comments=True
    )

    shown = section.results[0]
    assert (shown.mean, shown.count, shown.meter) == (4.3, 8, 82.5)
    assert [(bar.step, bar.count, bar.height) for bar in shown.bars] == [
        (1, 0, 0.0),
        (2, 0, 0.0),
        (3, 2, 17.0),
        (4, 2, 17.0),
        (5, 4, 34.0),
    ]
    assert [bar.label for bar in shown.bars] == list(SCALE.values())


@pytest.mark.parametrize(
    ("network_type", "own", "others"),
    [(NetworkType.FAGLIG, "challenge", "conditions"), (NetworkType.TVAERFAGLIG, "conditions", "challenge")],
)
def test_each_type_is_asked_its_own_question(network_type, own, others):
    keys = [question.key for question in PULSE_2026_1.questions_for(network_type)]

    assert own in keys
    assert others not in keys
    assert keys[:4] == ["free_space", "flexibility", "commitment", "feedback"]
    assert len(keys) == 12
