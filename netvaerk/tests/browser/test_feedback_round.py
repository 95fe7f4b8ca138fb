"""A feedback round from the mail's link to the result, on a phone, by keyboard alone, in both languages."""

import pytest
from django.utils import translation
from django.utils.translation import gettext
from playwright.sync_api import expect

from meetings import feedback
from meetings.models import FeedbackInvitation, FeedbackResponse, FeedbackRound
from members.models import User
from netvaerk.tests.browser.chromium import DESK, PHONE
from netvaerk.tests.browser.conftest import person
from netvaerk.tests.browser.soundness import faults_of
from netvaerk.tests.browser.test_journeys import tab_to

pytestmark = pytest.mark.browser

WORDS = "Den første runde. The first round."


@pytest.mark.parametrize("language", ["da", "en"])
def test_a_round_is_answered_and_read_by_keyboard(sit_down, language):
    User.objects.update(language=language)
    round = FeedbackRound.objects.get(state=FeedbackRound.State.OPEN)
    page = sit_down("leder", PHONE)

    page.goto("/")
    assert page.locator("html").get_attribute("lang") == language
    follow(page, round.get_absolute_url())
    expect(page.get_by_role("heading", name=said("Hvordan går det i netværket?", language))).to_be_visible()
    assert faults_of(page, screens=[DESK, PHONE]) == []
    fill_in(page, language)
    expect(page.get_by_role("main")).to_contain_text(said("Tak for dit svar", language))
    assert faults_of(page, screens=[DESK, PHONE]) == []
    assert FeedbackInvitation.objects.get(round=round, user=person("leder")).has_answered
    assert WORDS in FeedbackResponse.objects.get(round=round).answers.values()

    the_others_answer_and_it_closes(round)
    page.set_viewport_size(PHONE)
    page.goto("/")
    follow(page, f"/netvaerk/{round.network.slug}/")
    follow(page, f"/netvaerk/{round.network.slug}/feedback/")
    follow(page, round.get_absolute_url())
    expect(page.get_by_role("main")).to_contain_text(WORDS)
    assert page.locator("main table").count() >= 1
    assert faults_of(page, screens=[DESK, PHONE]) == []


def said(danish: str, language: str) -> str:
    with translation.override(language):
        words = gettext(danish)
    assert language == "da" or words != danish, f"{danish} is not said in English"
    return words


def fill_in(page, language):
    """First nothing at all, which is told; then a point of each scale, and a few words."""
    tab_to(page, said("Send svar", language))
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_contain_text(said("Svar på mindst ét spørgsmål, før du sender.", language))
    assert faults_of(page, screens=[DESK, PHONE]) == []
    for _group in range(page.locator("fieldset.scale").count()):
        tab_to(page, "", kind="radio")
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowRight")
    tab_to(page, "", kind="textarea")
    page.keyboard.type(WORDS)
    tab_to(page, said("Send svar", language))
    page.keyboard.press("Enter")


def follow(page, address, at_most=80):
    """Press Tab until a link to `address` has the focus, and then Enter."""
    for _press in range(at_most):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.getAttribute('href') || ''") == address:
            page.keyboard.press("Enter")
            page.wait_for_url(f"**{address}")
            return
    raise AssertionError(f"Tab never reached a link to {address}")


def the_others_answer_and_it_closes(round):
    for invited in round.invited.filter(has_answered=False).select_related("user"):
        answers = {"free_space": 4, "commitment": 3, "keep": WORDS}
        feedback.answer(round, user=invited.user, answers=answers, now=round.opened_at)
    feedback.turn_rounds(round.closes_at)
    assert FeedbackRound.objects.get(pk=round.pk).release.is_suppressed is False
