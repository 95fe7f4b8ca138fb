"""What the headers do in a real browser. Every page's test hears it if the browser cannot read one of them."""

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import expect

from netvaerk.tests.browser.chromium import launch_options
from netvaerk.tests.browser.conftest import person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def keeping_browser(browser_type):
    """One that keeps whole pages to go back to, as people's do; Playwright's own is told not to."""
    browser = browser_type.launch(**launch_options(), ignore_default_args=["--disable-back-forward-cache"])
    yield browser
    browser.close()


def back_after_sign_out(browser, live_server):
    """The heading on the screen when the next one at the machine goes back."""
    context = browser.new_context(base_url=live_server.url, locale="da-DK")
    client = Client()
    client.force_login(person("leder"))
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
    page = context.new_page()
    page.goto("/konto/beskeder/")
    page.goto("/konto/log-ud/")
    page.locator("main form button").first.click()
    page.wait_for_url("**/konto/log-ind/**")
    page.evaluate("history.go(-2)")
    return page.locator("h1")


def test_going_back_after_sign_out_shows_the_sign_in_page(demo, keeping_browser, live_server):
    heading = back_after_sign_out(keeping_browser, live_server)

    expect(heading).to_have_text("Log ind")
    assert heading.page.url.endswith("/konto/log-ind/?next=/konto/beskeder/")


def test_without_being_told_the_browser_shows_what_it_kept(demo, keeping_browser, live_server, monkeypatch):
    monkeypatch.setattr("netvaerk.headers.is_sign_out", lambda request: False)

    expect(back_after_sign_out(keeping_browser, live_server)).to_have_text("Dine beskeder")
