"""Enlarged, spaced out, still, in colours of one's own and without scripts: the same pages, with nothing lost."""

import re

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from meetings.models import Meeting
from netvaerk.tests.browser.chromium import DESK, PHONE
from netvaerk.tests.browser.conftest import person
from netvaerk.tests.browser.soundness import faults_of, overflow_of
from networks.models import Application, Network

pytestmark = pytest.mark.browser

# What people have open most, and what is most crowded.
PAGES = {
    "leder": ["/", "/netvaerk/", "/netvaerk/ledere-paa-tvaers/", "/moeder/", "/moeder/aarshjul/", "/konto/mine-data/"],
    "tovholder": ["/netvaerk/ledere-paa-tvaers/moeder/ny-plan/", "/netvaerk/ledere-paa-tvaers/roller/"],
    "hr": [
        "/opfoelgning/",
        "/netvaerk/nyt/",
        "/ledere/",
        "/ledere/roller/",
        "/netvaerk/skoleledernes-netvaerk/medlemmer/",
    ],
    "direktion": ["/status/", "/godkendelser/"],
}
HALF_OF_DESK = {"width": 640, "height": 450}  # what is left of a screen when all is twice as large
# WCAG 1.4.12, as its readers set it.
SPACED = """() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(`
        * { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important }
        p { margin-bottom: 2em !important }`);
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
}"""
# What can be used and read: words of the page's main part, and where its links and buttons lead.
CONTENT = """() => [...document.querySelectorAll("main :is(a, button, input, select, textarea, h1, h2, p)")]
    .filter(one => one.type !== "hidden" && one.checkVisibility({visibilityProperty: true}))
    .map(one => [one.tagName, one.name, one.getAttribute("href"), one.textContent.split(/\\s+/).join(" ")].join())"""
MOVING = """() => [...document.querySelectorAll("*")].flatMap(one => [null, "::before", "::after"].map(part => {
    const style = getComputedStyle(one, part);
    const moves = style.animationName !== "none" || style.transitionDuration.split(", ").some(time => time !== "0s");
    return moves || style.scrollBehavior === "smooth" ? one.outerHTML.slice(0, 80) : "";
})).filter(Boolean)"""
SET_IN_MOTION = """() => {
    document.documentElement.style.setProperty("scroll-behavior", "smooth");
    document.querySelector("h1").style.setProperty("transition", "opacity 1s");
}"""
# States and the place one is at: each told by a line or a frame where colours are taken away.
ONLY_BY_COLOUR = """() => [
    ...[...document.querySelectorAll(".state")]
        .filter(one => getComputedStyle(one).borderStyle === "none" || !one.textContent.trim()),
    ...[...document.querySelectorAll(".site-nav a[aria-current], .tabs a[aria-current]")].filter(one => {
        const other = [...one.closest("ul").querySelectorAll("a:not([aria-current])")][0];
        const looks = link => [getComputedStyle(link).borderBottomColor, getComputedStyle(link).fontWeight].join();
        return other && looks(one) === looks(other);
    }),
].map(one => one.outerHTML.slice(0, 120))"""


def opened(sit_down, screen=DESK, **options):
    """Each of the pages in turn."""
    for login, addresses in PAGES.items():
        page = sit_down(login, screen, **options)
        for address in addresses:
            assert page.goto(address).status == 200
            yield page, address


def test_nothing_is_lost_when_all_is_twice_as_large(sit_down):
    lost = []
    for page, address in opened(sit_down):
        large = page.evaluate(CONTENT)
        assert len(large) > 5
        page.set_viewport_size(HALF_OF_DESK)
        small = set(page.evaluate(CONTENT))
        lost += [f"{address}: {one}" for one in large if one not in small]
        lost += [f"{address} {fault}" for fault in overflow_of(page)]
        page.set_viewport_size(DESK)
    assert lost == []


@pytest.mark.parametrize("screen", [PHONE, DESK])
def test_text_may_be_spaced_out_without_loss(sit_down, screen):
    faults = []
    for page, address in opened(sit_down, screen):
        page.evaluate(SPACED)
        assert page.evaluate("getComputedStyle(document.querySelector('h1')).letterSpacing") != "normal"
        faults += [f"{address} {fault}" for fault in overflow_of(page)]
    assert faults == []


def test_names_as_long_as_they_may_be_fit_the_smallest_phone_and_the_desk(sit_down):
    Network.objects.filter(slug="ledere-paa-tvaers").update(
        name="Netværk for ledere og stedfortrædere i dagtilbud, skoler, socialpsykiatri og beskæftigelsesområdet i Nord"
    )
    for login in PAGES:
        user = person(login)
        user.first_name = "Anne-Katrine Wilhelmine Christiane"
        user.last_name = "Schønemann-Rosenkrantz af Ravnsborgstorpegårdsvænge"
        user.save()
    meeting = Meeting.objects.filter(network__slug="ledere-paa-tvaers").upcoming(timezone.now()).first()
    faults = []
    for screen in ({"width": 320, "height": 640}, DESK):
        for page, address in opened(sit_down, screen):
            faults += [f"{address} at {screen['width']} {fault}" for fault in overflow_of(page)]
            expect(page.get_by_role("button", name="Log af")).to_be_in_viewport()
        page = sit_down("leder", screen)
        for address in (meeting.get_absolute_url(), f"{meeting.get_absolute_url()}visning/"):
            page.goto(address)
            faults += [f"{address} at {screen['width']} {fault}" for fault in overflow_of(page)]
    assert faults == []


def test_nothing_moves_for_those_who_ask_for_stillness(sit_down):
    for page, address in opened(sit_down, reduced_motion="reduce"):
        assert page.evaluate(MOVING) == [], address
    page.evaluate(SET_IN_MOTION)
    assert page.evaluate(MOVING) == []

    lively = sit_down("leder")
    lively.goto("/")
    lively.evaluate(SET_IN_MOTION)
    assert len(lively.evaluate(MOVING)) == 2  # the measure itself


def test_states_and_places_are_told_without_colour(sit_down):
    states = 0
    for page, address in opened(sit_down, forced_colors="active"):
        assert page.evaluate(ONLY_BY_COLOUR) == [], address
        states += page.locator(".state").count()
    assert states > 10


def test_what_is_unsound_is_noticed(sit_down):
    """The measures themselves: a page with one fault of each kind."""
    page = sit_down("leder")
    page.goto("/netvaerk/")
    assert faults_of(page) == []
    page.evaluate("""() => { document.querySelector("main").insertAdjacentHTML("beforeend", `
        <p class="pale">Bleg</p><button class="tiny">a</button><button class="tiny">b</button>
        <div class="wide">Bred</div><p class="cut">Her står mere, end der er plads til</p>
        <button class="unlit">Mørk</button>`);
        const sheet = new CSSStyleSheet();
        sheet.replaceSync(`.pale { color: #ccc } .tiny { width: 9px; height: 9px; padding: 0; font-size: 6px }
            .cut { width: 4rem; height: 2rem; overflow: hidden } .unlit:focus { outline: none; box-shadow: none }`);
        document.adoptedStyleSheets = [sheet];
    }""")
    found = "\n".join(faults_of(page))
    for words in ("color-contrast", "target-size", "cuts off", "does not show that it has the focus"):
        assert words in found, f"{words} was not noticed in:\n{found}"
    page.evaluate("document.querySelector('main .wide').style.setProperty('width', '2000px')")
    assert "scrolls sideways" in "\n".join(faults_of(page))


# --- Without scripts -------------------------------------------------------------------------------------------------


def test_the_journeys_go_on_without_javascript(sit_down):
    page = sit_down("ny", PHONE, java_script_enabled=False)
    page.goto("/netvaerk/")
    page.get_by_role("main").get_by_label("Søg").fill("nye")
    page.get_by_role("main").get_by_role("button", name="Vis").click()
    page.get_by_role("link", name="Nye ledere på tværs").first.click()
    page.get_by_role("main").get_by_role("link", name="Tilmeld dig").click()
    page.get_by_role("main").get_by_role("button", name="Tilmeld dig").click()
    expect(page.locator(".error-summary")).to_be_visible()
    page.get_by_role("checkbox").check()
    page.get_by_role("main").get_by_role("button", name="Tilmeld dig").click()
    assert Application.objects.get(leader__user=person("ny")).state == Application.State.PENDING

    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    expect(page.get_by_role("button", name="Use a passkey")).to_be_hidden()


def test_all_that_can_be_read_with_javascript_can_be_read_without(sit_down):
    """A counter of characters left is all a script may add."""
    without = {address: words(page) for page, address in opened(sit_down, java_script_enabled=False)}
    for page, address in opened(sit_down):
        counters = page.locator("main .form-limit .form-hint").all_inner_texts()
        counters = [re.sub(r"\d", "#", counter) for counter in counters]
        said = [line for line in words(page) if not any(line in counter for counter in counters)]
        assert [line for line in said if line not in without[address]] == [], address


def words(page) -> list[str]:
    """Line by line, without figures, since the clock goes on meanwhile."""
    lines = [re.sub(r"\d", "#", line).strip() for line in page.get_by_role("main").inner_text().splitlines()]
    return [line for line in lines if line]
