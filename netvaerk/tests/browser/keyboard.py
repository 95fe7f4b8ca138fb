"""Someone who has no mouse: Tab, Shift+Tab, Enter, Space and the arrows, and nothing else.

At every stop on the way the person must see where they are: what has the focus is on the screen with nothing before
it, and looks otherwise than without the focus. The stops come in the order of the page, and none is a trap.
"""

import re

STOPS_AT_MOST = 150

# Where the focus is now: whether that is `target`, what there is to say against the place, and what it is.
STOP = """target => {
  const one = document.activeElement;
  if (!one || one === document.body) { window.lastStop = null; return {is: false, says: "", against: ""}; }
  const drawn = [one, one.parentElement, ...(one.labels || [])];
  const looks = () => JSON.stringify(drawn.map(element => [null, "::before", "::after"].map(part => {
    const style = getComputedStyle(element, part);
    const outline = style.outlineStyle === "none" ? "" : style.outlineWidth + style.outlineColor;
    return [outline, style.boxShadow, style.borderColor];
  })));
  const lit = looks();
  one.blur();
  const plain = looks();
  one.focus({preventScroll: true});
  // A choice is drawn by its label; what has the focus lies unseen under it.
  const seen = one.labels?.length && ["radio", "checkbox"].includes(one.type) ? one.labels[0] : one;
  const box = seen.getBoundingClientRect();
  const inside = (place, end) => Math.min(Math.max(place, 1), end - 2);
  const onTop = document.elementFromPoint(
    inside(box.x + box.width / 2, innerWidth), inside(box.y + box.height / 2, innerHeight)
  );
  const related = onTop && (seen.contains(onTop) || onTop.contains(seen) || one.contains(onTop));
  const last = window.lastStop;
  const goesBack = last?.isConnected && one !== last && window.forward
    && one.compareDocumentPosition(last) & Node.DOCUMENT_POSITION_FOLLOWING;
  window.lastStop = one;
  const against = [
    [lit === plain, "does not show that it has the focus"],
    [box.bottom <= 0 || box.top >= innerHeight || box.right <= 0 || box.left >= innerWidth, "is not on the screen"],
    [!related, "is covered"],
    [goesBack, "comes before the stop before it"],
  ].filter(([is]) => is).map(([_is, words]) => words).join(" and ");
  return {is: one === target, says: one.outerHTML.slice(0, 150), against};
}"""


class Keyboard:
    """Drives one page; `stops` are those made so far on the way to the latest target."""

    def __init__(self, page):
        self.page = page
        self.stops = []

    def go_to(self, target, *, backwards=False):
        """Tab to what is asked for, from where one is."""
        self.page.wait_for_load_state()
        element = target.element_handle()
        self.stops = []
        self.page.evaluate("forward => { window.forward = forward; window.lastStop = null; }", not backwards)
        for _press in range(STOPS_AT_MOST):
            self.page.keyboard.press("Shift+Tab" if backwards else "Tab")
            stop = self.page.evaluate(STOP, element)
            assert not stop["against"], f"{self.page.url}: {stop['says']} {stop['against']}"
            self.stops.append(stop["says"])
            if stop["is"]:
                return
        raise AssertionError(f"Tab never reached {target}; it came by {self.stops[-5:]}")

    def press(self, target, key="Enter"):
        self.go_to(target)
        self.page.keyboard.press(key)

    def write(self, target, words):
        """Over what stands there."""
        self.go_to(target)
        self.page.keyboard.press("Control+a")
        self.page.keyboard.press("Delete")
        for number, line in enumerate(words.split("\n")):
            if number:
                self.page.keyboard.press("Enter")
            self.page.keyboard.type(line)

    def tick(self, target):
        self.press(target, "Space")

    def pick(self, target):
        """One of a group of choices: Tab comes to the group, the arrows go through it."""
        name = target.get_attribute("name")
        group = self.page.locator(f"input[type=radio][name='{name}']")
        chosen = self.page.locator(f"input[type=radio][name='{name}']:checked")
        self.go_to(chosen if chosen.count() else group.first)
        if not chosen.count():
            self.page.keyboard.press("Space")
        for _press in range(group.count()):
            if target.evaluate("one => one === document.activeElement"):
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"The arrows never reached {target}")

    def choose(self, target, words):
        """An option of a list, with the arrows."""
        self.go_to(target)
        self.page.keyboard.press("Home")
        for _press in range(target.locator("option").count()):
            if re.fullmatch(words, target.evaluate("one => one.selectedOptions[0].textContent.trim()")):
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"No option {words!r} in {target}")
