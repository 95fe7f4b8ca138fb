"""Every page each person can reach by its links: it answers, fits a phone and a screen, and can be used by all.

One page of each address is opened, so that a network's page is tried once, not once for each network.
"""

from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import Resolver404, resolve
from django.utils import timezone

from meetings import reply_links
from meetings.models import Meeting
from members.models import User
from netvaerk.demo import LOGINS
from netvaerk.tests.browser.chromium import DESK, PHONE
from netvaerk.tests.browser.conftest import person

pytestmark = pytest.mark.browser

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
AT_MOST = 160  # pages for one person
HEAVIEST = 300_000  # bytes
OPEN_TO_ALL = {"netvaerk:about", "netvaerk:privacy", "netvaerk:accessibility"}  # looked at once, before signing in
NOT_PAGES = (
    "netvaerk:export_followup",
    "netvaerk:export_outside",
    "account_logout",
    "meetings:download_ics",
    "meetings:download_reflection_log",
    "netvaerk:health_live",
    "netvaerk:health_ready",
)

# What a page weighs when nothing of it has been seen before, as it was sent.
WEIGHT = """[...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
    .reduce((sum, entry) => sum + entry.encodedBodySize, 0)"""
TOO_WIDE = """[...document.querySelectorAll("body *")].filter(one => one.getBoundingClientRect().right > innerWidth + 1)
    .slice(0, 3).map(one => one.outerHTML.slice(0, 120))"""


@pytest.mark.parametrize("login", [address.partition("@")[0] for address, _who in LOGINS])
def test_every_page_a_person_can_reach_is_sound(sit_down, login):
    page = sit_down(login)
    seen = walk(page, "/", look=sound, but=OPEN_TO_ALL)
    assert len(seen) > 10
    assert not page.faults, "\n".join(page.faults)


def test_every_page_before_signing_in_is_sound(sit_down):
    page = sit_down()
    seen = walk(page, "/konto/log-ind/", look=sound)
    assert {"account_login", "account_reset_password"} | OPEN_TO_ALL <= seen
    assert not page.faults, "\n".join(page.faults)


def test_the_page_a_mail_leads_to_is_sound(sit_down):
    meeting = Meeting.objects.of_member(person("leder")).upcoming(timezone.now()).first()
    page = sit_down()
    open_page(page, urlsplit(reply_links.address(meeting, person("leder"))).path)
    sound(page)
    assert not page.faults, "\n".join(page.faults)


@pytest.mark.parametrize("login", ["tovholder", "hr"])
def test_the_pages_of_the_main_menu_are_sound_in_english(sit_down, login):
    User.objects.filter(email=f"{login}@demo.invalid").update(language=User.Language.ENGLISH)
    page = sit_down(login)
    page.goto("/")
    assert page.locator("html").get_attribute("lang") == "en"
    main_menu = [link.get_attribute("href") for link in page.locator("#hovedmenu a").all()]
    for address in main_menu:
        open_page(page, address)
        sound(page)
    assert not page.faults, "\n".join(page.faults)


def walk(page, start, *, look, but=frozenset()):
    """Follow links from `start`, one for each route, and `look` at each page. Returns the routes seen."""
    waiting, seen = [start], {route_of(start), *but}
    while waiting and len(seen) <= AT_MOST:
        open_page(page, waiting.pop(0))
        look(page)
        for link in page.locator("a[href^='/']").all():
            address = link.get_attribute("href").partition("#")[0]
            route = route_of(address)
            if route and route not in seen:
                seen.add(route)
                waiting.append(address)
    assert not waiting, f"more than {AT_MOST} pages: {waiting}"
    return seen


def route_of(address):
    try:
        route = resolve(address.partition("?")[0])
    except Resolver404:
        return None
    if route.view_name in NOT_PAGES or address.endswith(".ics"):
        return None
    return " ".join([route.view_name, *([route.kwargs["step"]] if "step" in route.kwargs else [])])


def open_page(page, address):
    page.faults = getattr(page, "faults", [])
    response = page.goto(address)
    if response.status != 200:
        page.faults.append(f"{address}: HTTP {response.status}")


def sound(page):
    for screen in (DESK, PHONE):
        page.set_viewport_size(screen)
        where = f"{page.url.partition('//')[2].partition('/')[2]} at {screen['width']}"
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            page.faults.append(f"/{where} scrolls sideways: {page.evaluate(TOO_WIDE)}")
        for found in Axe().run(page, options={"runOnly": {"type": "tag", "values": TAGS}}).response["violations"]:
            page.faults += [f"/{where} {found['id']}: {node['html'][:200]}" for node in found["nodes"]]
    weight = page.evaluate(WEIGHT)
    if weight > HEAVIEST:
        page.faults.append(f"/{where} weighs {weight:,} bytes")
