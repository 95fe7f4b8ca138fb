"""A passkey, made and used in a real browser with an authenticator of Chromium's own."""

import pytest
from playwright.sync_api import expect

from netvaerk.demo import PASSWORD
from netvaerk.tests.browser.soundness import faults_of

pytestmark = pytest.mark.browser


@pytest.fixture
def page_with_authenticator(sit_down, live_server):
    page = sit_down()
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return page


def test_a_passkey_is_made_and_opens_the_door_alone(page_with_authenticator, live_server):
    page = page_with_authenticator
    # A passkey belongs to a name, not to a number.
    here = live_server.url.replace("127.0.0.1", "localhost")
    page.goto(f"{here}/konto/log-ind/")
    page.get_by_label("E-mail").fill("leder@demo.invalid")
    page.get_by_label("Adgangskode").fill(PASSWORD)
    page.get_by_role("button", name="Log ind").click()
    expect(page.get_by_role("link", name="Min side").first).to_be_visible()

    page.goto(f"{here}/konto/totrin/noegler/ny/")
    page.get_by_label("Adgangskode").fill(PASSWORD)
    page.get_by_role("button", name="Bekræft").click()
    page.get_by_label("Navn på nøglen").fill("Min telefon")
    page.get_by_label("Log ind med nøglen alene").check()
    page.get_by_role("button", name="Opret nøgle").click()
    expect(page.get_by_role("heading", name="Nødkoder")).to_be_visible()

    page.get_by_role("button", name="Log af").click()
    page.goto(f"{here}/konto/log-ind/")
    page.get_by_role("button", name="Brug adgangsnøgle").click()
    expect(page.get_by_role("navigation", name="Hovedmenu")).to_be_visible()

    page.goto(f"{here}/konto/totrin/noegler/")
    expect(page.get_by_role("heading", name="Min telefon")).to_be_visible()
    assert faults_of(page) == []

    page.goto(f"{here}/konto/bekraeft/noegle/")
    expect(page.get_by_role("main").get_by_role("button").first).to_be_visible()
    assert faults_of(page) == []
