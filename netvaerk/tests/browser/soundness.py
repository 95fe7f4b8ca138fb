"""What every page must be: usable by all as far as axe can tell, no wider than the screen, light, its words whole.

Time is saved where nothing is lost by it. Axe's script is put into a page once, not for each width. What is shown at
390 px is mostly what is shown at 320 px, so there only what depends on places is tried again, unless other elements are
shown.
"""

from axe_playwright_python.base import AXE_SCRIPT

from netvaerk.tests.browser.chromium import DESK, NARROW, PHONE

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
# What axe reads from where things are, rather than from what they are.
OF_PLACES = ["target-size", "color-contrast", "scrollable-region-focusable"]
HEAVIEST = 300_000  # bytes

# What a page weighs when nothing of it has been seen before, as it was sent.
WEIGHT = """[...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
    .reduce((sum, entry) => sum + entry.encodedBodySize, 0)"""
TOO_WIDE = """[...document.querySelectorAll("body *")].filter(one => one.getBoundingClientRect().right > innerWidth + 1)
    .slice(0, 3).map(one => one.outerHTML.slice(0, 120))"""
# Texts that do not fit in a box of theirs that hides what is too much.
CUT_OFF = """[...document.querySelectorAll("body *")].filter(one => {
    const style = getComputedStyle(one);
    if (one.closest(".sr-only, .skipnav, svg, select, input") || style.clipPath !== "none") return false;
    const hides = axis => ["hidden", "clip"].includes(style["overflow" + axis]);
    const isCut = (hides("X") && one.scrollWidth > one.clientWidth + 1)
        || (hides("Y") && one.scrollHeight > one.clientHeight + 1);
    return isCut && one.checkVisibility({visibilityProperty: true});
}).slice(0, 3).map(one => one.outerHTML.slice(0, 120))"""
# Words of a common length that stand on two lines; a longer one may. What is kept for screen readers alone is no line.
BROKEN = """() => {
    const found = [], texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const isHidden = one => one && (getComputedStyle(one).position === "absolute" && one.clientWidth <= 1
        || isHidden(one.parentElement));
    for (let text; text = texts.nextNode();) {
        if (isHidden(text.parentElement)) continue;
        for (const word of text.data.matchAll(/(?<![@.\\p{L}])\\p{L}{2,20}(?![@.\\p{L}])/gu)) {
            const range = document.createRange();
            range.setStart(text, word.index);
            range.setEnd(text, word.index + word[0].length);
            if (new Set([...range.getClientRects()].map(one => one.top)).size > 1) found.push(word[0]);
        }
    }
    return found;
}"""
SHOWN = """[...document.querySelectorAll("body *")]
    .map(one => one.checkVisibility({visibilityProperty: true}) ? 1 : 0).join("")"""
# What can have the focus and does not look otherwise for it; its label or what is drawn in its place may show it.
UNLIT = """() => {
    document.activeElement?.blur();
    const drawn = one => [one, one.parentElement, ...(one.labels || [])];
    const looks = one => JSON.stringify(drawn(one).map(element => [null, "::before", "::after"].map(part => {
        const style = getComputedStyle(element, part);
        const outline = style.outlineStyle === "none" ? "" : style.outlineWidth + style.outlineColor;
        return [outline, style.boxShadow, style.borderColor];
    })));
    const all = [...document.querySelectorAll("a[href], button, input, select, textarea, summary")]
        .filter(one => one.type !== "hidden" && !one.disabled && one.checkVisibility({visibilityProperty: true}));
    const plain = all.map(looks);
    const isUnlit = (one, number) => { one.focus({preventScroll: true}); return looks(one) === plain[number]; };
    const unlit = all.filter(isUnlit);
    document.activeElement?.blur();
    return unlit.slice(0, 3).map(one => one.outerHTML.slice(0, 120));
}"""
RUN = """async options => (await axe.run(options)).violations
    .flatMap(found => found.nodes.map(node => `${found.id}: ${node.html.slice(0, 200)}`))"""


def faults_of(page, *, screens=(NARROW, PHONE, DESK), but=()) -> list[str]:
    """What is wrong with the page as it stands, at each width; `but` are rules of axe that need not be asked again."""
    where = "/" + page.url.partition("//")[2].partition("/")[2]
    found, shown_before = [], None
    page.evaluate(AXE_SCRIPT)
    for screen in screens:
        page.set_viewport_size(screen)
        at = f"{where} at {screen['width']}"
        found += [f"{at} {fault}" for fault in overflow_of(page) + broken_words_of(page)]
        shown = page.evaluate(SHOWN)
        options = {"resultTypes": ["violations"], "rules": {rule: {"enabled": False} for rule in but}}
        if shown == shown_before:
            options["runOnly"] = {"type": "rule", "values": [rule for rule in OF_PLACES if rule not in but]}
        else:
            options["runOnly"] = {"type": "tag", "values": TAGS}
        found += [f"{at} {fault}" for fault in page.evaluate(RUN, options)]
        shown_before = shown
    page.keyboard.press("Tab")  # from here on by keyboard, as a browser sees it
    found += [f"{where} {html} does not show that it has the focus" for html in page.evaluate(UNLIT)]
    weight = page.evaluate(WEIGHT)
    if weight > HEAVIEST:
        found.append(f"{where} weighs {weight:,} bytes")
    return found


def overflow_of(page) -> list[str]:
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        return [f"scrolls sideways: {page.evaluate(TOO_WIDE)}"]
    return [f"cuts off: {page.evaluate(CUT_OFF)}"] if page.evaluate(CUT_OFF) else []


def broken_words_of(page) -> list[str]:
    return [f"breaks {word}" for word in page.evaluate(BROKEN)]
