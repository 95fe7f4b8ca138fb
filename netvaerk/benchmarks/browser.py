"""A page on slow 4G: when the largest thing stands, what jumps, how soon a tap is answered, and what it all weighs."""

from playwright.sync_api import sync_playwright

from netvaerk.benchmarks.report import note, told
from netvaerk.benchmarks.stack import Site
from netvaerk.tests.browser.chromium import PHONE, launch_options

SLOW_4G = {"offline": False, "latency": 150, "downloadThroughput": 1_600_000 / 8, "uploadThroughput": 750_000 / 8}
MOST_LCP_MS, MOST_INP_MS, MOST_CLS, MOST_KB = 2500, 200, 0.1, 300
PATIENCE = 60_000
# Notes what the browser itself reports; asked for before the page's first byte.
WATCH = """
window.seen = {lcp: 0, cls: 0, inp: 0};
new PerformanceObserver(list => list.getEntries().forEach(entry => seen.lcp = entry.startTime))
  .observe({type: "largest-contentful-paint", buffered: true});
new PerformanceObserver(list => list.getEntries().forEach(entry => seen.cls += entry.hadRecentInput ? 0 : entry.value))
  .observe({type: "layout-shift", buffered: true});
new PerformanceObserver(list => list.getEntries().forEach(entry => seen.inp = Math.max(seen.inp, entry.duration)))
  .observe({type: "event", durationThreshold: 16, buffered: true});
"""


def measure(site: Site, visitors: list[dict]) -> None:
    who = {visitor["who"]: visitor for visitor in reversed(visitors)}
    leader = who["leder"]
    pages = (
        ("leder", "/"),
        ("leder", f"/netvaerk/{leader['slug']}/"),
        ("leder", f"/netvaerk/{leader['slug']}/moeder/plan/{leader['plan']}/"),
        ("leder", f"/moeder/{leader['coming'][0]}/"),
        ("leder", "/netvaerk/"),
        ("hr", "/opfoelgning/"),
        ("direktion", "/status/"),
    )
    note("a phone's screen, nothing kept from before, 150 ms and 1.6 Mbit/s as slow 4G has; INP is of three taps")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch_options())
        for role, page in pages:
            _tell(f"{page} ({role})", _seen(browser, site, who[role]["session"], page))
        browser.close()


def _seen(browser, site: Site, session: str, path: str) -> dict:
    address = f"http://127.0.0.1:{site.port}"
    context = browser.new_context(
        viewport=PHONE, locale="da-DK", extra_http_headers={"X-Forwarded-Proto": "https"}, base_url=address
    )
    context.set_default_timeout(PATIENCE)
    context.add_cookies([{"name": "sessionid", "value": session, "url": address}])
    page = context.new_page()
    weights, line = {}, context.new_cdp_session(page)
    line.send("Network.enable")
    line.send("Network.emulateNetworkConditions", SLOW_4G)
    line.on("Network.loadingFinished", lambda done: weights.__setitem__(done["requestId"], done["encodedDataLength"]))
    page.add_init_script(WATCH)
    answer = page.goto(path, wait_until="networkidle")
    assert answer.status == 200, path
    weight = sum(weights.values()) / 1000
    _tap(page)
    seen = page.evaluate("seen")
    context.close()
    return seen | {"kb": weight}


def _tap(page) -> None:
    """The menu open and shut, and a key: what every page has."""
    menu = page.locator("button[aria-controls]").first
    for _turn in range(2):
        menu.click()
        page.wait_for_timeout(100)
    page.keyboard.press("Tab")
    page.wait_for_timeout(200)


def _tell(what: str, seen: dict) -> None:
    told(
        f"slow 4G: {what}",
        f"LCP {seen['lcp'] / 1000:.1f} s, INP {seen['inp']:.0f} ms, CLS {seen['cls']:.2f}, {seen['kb']:.0f} kB",
        f"2.5 s, {MOST_INP_MS} ms, {MOST_CLS}, {MOST_KB} kB",
        seen["lcp"] <= MOST_LCP_MS and seen["inp"] <= MOST_INP_MS and seen["cls"] <= MOST_CLS and seen["kb"] <= MOST_KB,
    )
