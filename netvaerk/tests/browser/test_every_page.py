"""Every page there is, in both languages: it answers, fits a small phone, a phone and a desk, and is usable by all.

A walk by links without a browser (walking.py) finds the pages of each person; what no link leads to in
the demo is brought about (netvaerk/tests/off_the_path.py). A browser then opens one of each kind: a route is opened
again for another person only when its main part is built otherwise. English pages are the Danish ones with other words,
so they are opened at the same addresses, and not asked about colours once more, which takes axe most of its time.
"""

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.utils import timezone
from playwright.sync_api import expect

from members.models import User
from netvaerk.demo import LOGINS, PASSWORD
from netvaerk.tests import off_the_path
from netvaerk.tests.browser import walking
from netvaerk.tests.browser.chromium import DESK
from netvaerk.tests.browser.conftest import person
from netvaerk.tests.browser.soundness import faults_of, overflow_of

pytestmark = pytest.mark.browser

PEOPLE = ["", *(address.partition("@")[0] for address, _who in LOGINS)]
LANGUAGES = ["da", "en"]
# Looked at by tests of their own, for they take more than an address.
ON_THE_WAY_IN = {"mfa_authenticate"}
WITH_A_PASSKEY = {"mfa_reauthenticate_webauthn"}  # test_passkeys.py
PRINTED = {"netvaerk:status_print", "meetings:print_plan", "meetings:my_year", "meetings:network_year"}
A4 = {"width": 718, "height": 1000}  # CSS pixels between the margins
EMPTY = """number => {
    const form = [...document.querySelectorAll("form[method=post]")]
        .filter(form => !["/sprog/", "/konto/log-ud/"].includes(form.getAttribute("action")))[number];
    form.noValidate = true;
    for (const one of form.elements) {
        if (["checkbox", "radio"].includes(one.type)) one.checked = false;
        else if (one.tagName !== "BUTTON" && one.name !== "csrfmiddlewaretoken") one.value = "";
    }
    form.requestSubmit();
}"""


@pytest.fixture(scope="session")
def known():
    """What the walk has found; the demo is laid out with the same keys each time, so that it holds for all tests."""
    return []


@pytest.fixture
def pages(demo, known):
    if not known:
        walked = [found for login in PEOPLE for found in walking.walk(login, "/" if login else "/konto/log-ind/")]
        known += walking.unlike(walked)
    return known


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("login", PEOPLE)
def test_every_page_a_person_can_reach_is_sound(sit_down, pages, login, language):
    page = speak(sit_down(login), login, language)
    own = [visit for visit in pages if visit.login == login]
    assert own
    assert [fault for visit in own for fault in look(page, visit, language)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_no_link_leads_to_is_sound(sit_down, demo, language):
    faults, browsers = [], {}
    for visit in off_the_path.visits(timezone.now()):
        if visit.login not in browsers:
            opened = sit_down(visit.login, has_confirmed=visit.login == "leder")
            browsers[visit.login] = speak(opened, visit.login, language)
        faults += look(browsers[visit.login], visit, language)
    assert faults == []


def test_no_page_is_left_out(pages):
    off = off_the_path.visits(timezone.now())
    seen = {visit.route.partition(" ")[0] for visit in [*pages, *off]}
    assert walking.page_routes() - seen == ON_THE_WAY_IN | WITH_A_PASSKEY
    by_links = {visit.route.partition(" ")[0] for visit in pages}
    assert {"networks:pause", "meetings:publish_plan"} <= walking.page_routes() - by_links  # it would have been noticed


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("status", "raised"), [(400, SuspiciousOperation), (403, PermissionDenied), (500, ZeroDivisionError)]
)
def test_a_page_that_says_something_went_wrong_is_sound(sit_down, monkeypatch, language, status, raised):
    page = speak(sit_down("leder"), "leder", language)

    def fail(*args, **kwargs):
        raise raised

    monkeypatch.setattr("netvaerk.home.content", fail)
    assert look(page, walking.Visit("leder", "home", "/"), language, status=status) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_missing_and_what_came_too_often_is_said_soundly(sit_down, settings, language):
    page = speak(sit_down(), "", language)
    assert look(page, walking.Visit("", "", "/findes-ikke/"), language, status=404) == []

    settings.ACCOUNT_RATE_LIMITS = {"reset_password": "1/h/ip"}
    for _time in range(2):
        page.goto("/konto/adgangskode/glemt/")
        page.locator("main [type=email]").fill("ny@demo.invalid")
        page.locator("main [type=submit]").click()
        page.wait_for_load_state()
    assert said(page, 429)
    assert faults_of(page) == []

    page.goto("/konto/log-ind/")
    page.locator("main [name=login]").fill("leder@demo.invalid")
    page.locator("main [name=password]").fill(PASSWORD)
    page.context.clear_cookies(name=settings.CSRF_COOKIE_NAME)
    page.locator("main [type=submit]").first.click()
    page.wait_for_load_state()
    assert said(page, 403)
    assert faults_of(page) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_second_step_at_sign_in_is_sound(sit_down, demo, language):
    off_the_path.with_an_app(person("leder"))
    page = speak(sit_down(), "", language)
    page.goto("/konto/log-ind/")
    page.locator("main [name=login]").fill("leder@demo.invalid")
    page.locator("main [name=password]").fill(PASSWORD)
    page.locator("main [type=submit]").first.click()
    expect(page.locator("main [name=code]")).to_be_visible()
    assert faults_of(page) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_single_sign_on_shows_is_sound(sit_down, settings, language):
    provider = {
        "provider_id": "oidc",
        "name": settings.SSO_NAME,
        "client_id": "netvaerk",
        "secret": "hemmelig",
        "settings": {"server_url": "https://login.invalid", "fetch_userinfo": False},
    }
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [provider]}}
    page = speak(sit_down(), "", language)
    assert look(page, walking.Visit("", "account_login", "/konto/log-ind/"), language) == []
    expect(page.locator("main a[href^='/konto/sso/oidc/']")).to_be_visible()
    assert look(page, walking.Visit("", "", "/konto/sso/oidc/svar/?code=1&state=2"), language, status=401) == []


def speak(page, login, language):
    """What one has chosen is kept with the person, and with the machine for those who are not signed in."""
    if login:
        User.objects.filter(pk=person(login).pk).update(language=language)
    page.context.add_cookies([{"name": "django_language", "value": language, "url": page.context.site}])
    return page


def look(page, visit, language, *, status=200) -> list[str]:
    response = page.goto(visit.address)
    if response.status != status:
        return [f"{visit}: HTTP {response.status}"]
    if visit.form is not None:
        with page.expect_navigation():
            page.evaluate(EMPTY, visit.form)
        if not page.locator(".error-summary").count():
            return [f"{visit} does not say what is missing"]
        status = 400
    if status != 200:
        said(page, status)
    faults = faults_of(page, but=() if language == "da" else ("color-contrast",))
    if page.locator("html").get_attribute("lang") != language:
        faults.append(f"{visit} is not in {language}")
    if visit.route in PRINTED:
        page.emulate_media(media="print")
        page.set_viewport_size(A4)
        faults += [f"{visit} printed {fault}" for fault in overflow_of(page)]
        page.emulate_media(media="screen")
    page.set_viewport_size(DESK)
    return faults


def said(page, status) -> bool:
    """Whether the browser noticed the status, which it takes for a complaint; here it is what was asked for."""
    noticed = [one for one in page.complaints if f"the server responded with a status of {status}" in one]
    page.complaints[:] = [one for one in page.complaints if one not in noticed]
    return bool(noticed)
