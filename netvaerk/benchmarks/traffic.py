"""People who use the site: so many a second, whether it keeps up or not, each with cookies and real forms."""

import http.client
import itertools
import random
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urlencode

from lxml import html

TIMEOUT = 30
HANDS = 24  # requests under way at once, at most


@dataclass
class Answer:
    """What became of one request. `took` counts from when it should have left: waiting in line is waiting."""

    what: str
    took: float
    problem: str = ""

    @property
    def is_error(self) -> bool:
        return bool(self.problem)


@dataclass
class Visitor:
    """A browser's side of HTTP. Each request has a connection of its own, as gunicorn's sync workers close them."""

    port: int
    facts: dict
    cookies: dict = field(default_factory=dict)
    topics: int = 0

    def __post_init__(self):
        self.cookies["sessionid"] = self.facts.get("session", "")
        self.lock = threading.Lock()  # a person does one thing at a time

    def __getattr__(self, name: str):
        try:
            return self.facts[name]
        except KeyError:
            raise AttributeError(name) from None

    def ask(self, path: str, data: dict | None = None, **headers) -> tuple[int, bytes, dict]:
        headers = {
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items() if value),
            "X-Forwarded-Proto": "https",  # as the proxy before it says
            "Referer": f"https://127.0.0.1:{self.port}/",
            **headers,
        }
        body = None
        if data is not None:
            body = urlencode(data, doseq=True)
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT)
        try:
            line.request("GET" if data is None else "POST", path, body, headers)
            answer = line.getresponse()
            content = answer.read()
            for cookie in answer.headers.get_all("Set-Cookie", ()):
                name, _is, rest = cookie.partition("=")
                self.cookies[name] = rest.partition(";")[0]
            return answer.status, content, dict(answer.headers)
        finally:
            line.close()

    def read(self, path: str) -> str:
        """What is wrong with the page; nothing when it is there."""
        status, content, _headers = self.ask(path)
        return "" if status == 200 and b"</html>" in content else f"{path}: {status}"

    def forms(self, path: str) -> list:
        status, content, _headers = self.ask(path)
        if status != 200:
            raise UnexpectedAnswer(f"{path}: {status}")
        return html.fromstring(content, base_url=path).forms

    def submit(self, path: str, form, **fields) -> str:
        """Send the form as it stands in the page, but for these fields. A form that is taken is answered by 302."""
        values = dict(form.form_values()) | fields
        status, _content, _headers = self.ask(form.get("action") or path, values)
        return "" if status == 302 else f"POST {form.get('action') or path}: {status}"


class UnexpectedAnswer(Exception):
    pass


# --- Reading ---------------------------------------------------------------------------------------------------------

LEADER_PAGES: tuple[tuple[int, str, Callable[[Visitor], str]], ...] = (  # how often, what, where
    (20, "home", lambda leader: "/"),
    (14, "my meetings", lambda leader: "/moeder/"),
    (20, "a meeting", lambda leader: f"/moeder/{random.choice(leader.coming + leader.held)}/"),
    (10, "a network", lambda leader: f"/netvaerk/{leader.slug}/"),
    (8, "a plan", lambda leader: f"/netvaerk/{leader.slug}/moeder/plan/{leader.plan}/"),
    (6, "the catalogue", lambda leader: "/netvaerk/"),
    (5, "topics", lambda leader: f"/netvaerk/{leader.slug}/emner/"),
    (5, "agreements", lambda leader: f"/netvaerk/{leader.slug}/aftaler/"),
    (4, "learning cards", lambda leader: f"/netvaerk/{leader.slug}/erfaringer/"),
    (4, "members", lambda leader: f"/netvaerk/{leader.slug}/medlemmer/"),
    (4, "messages", lambda leader: "/konto/beskeder/"),
)
HR_PAGES = (
    (5, "home of HR", lambda hr: "/"),
    (3, "follow-up", lambda hr: "/opfoelgning/"),
    (3, "leaders", lambda hr: "/ledere/"),
    (3, "the catalogue", lambda hr: "/netvaerk/"),
    (3, "a network", lambda hr: f"/netvaerk/{hr.slug}/"),
    (2, "search", lambda hr: "/soeg/?q=holm"),
)
BOARD_PAGES = (
    (3, "home of the board", lambda board: "/"),
    (2, "status", lambda board: "/status/"),
    (3, "status of one", lambda board: f"/status/{board.slug}/"),
)
PAGES = {"leder": LEADER_PAGES, "hr": HR_PAGES, "direktion": BOARD_PAGES}


def reads(visitors: list[Visitor], chance: random.Random) -> Iterator[tuple[str, Callable[[], str]]]:
    """One page after another, by anyone of them."""
    while True:
        visitor = chance.choice(visitors)
        pages = PAGES[visitor.who]
        _weight, what, where = chance.choices(pages, [weight for weight, _what, _where in pages])[0]
        yield what, lambda visitor=visitor, where=where: visitor.read(where(visitor))


# --- Writing ---------------------------------------------------------------------------------------------------------

MOST_TOPICS = 30  # of one visitor; a network takes only so many that wait


class Timed(str):
    """What was wrong with a POST, and how long it alone took."""

    took: float


def writes(visitors: list[Visitor], chance: random.Random) -> Iterator[tuple[str, Callable[[], str]]]:
    """A page with a form, and then the form: answers most of all."""
    leaders = [visitor for visitor in visitors if visitor.who == "leder" and visitor.coming]
    acts = ((40, "an answer", answer), (15, "a topic", topic), (15, "a goal", goal), (15, "an agreement", agreement),
            (15, "a profile", profile))  # fmt: skip
    for leader in itertools.cycle(chance.sample(leaders, k=len(leaders))):
        _weight, what, act = chance.choices(acts, [weight for weight, _what, _act in acts])[0]
        yield what, lambda act=act, leader=leader: _one_at_a_time(act, leader)


def _one_at_a_time(act, leader: Visitor) -> str:
    with leader.lock:
        return act(leader)


def _submit(visitor: Visitor, path: str, form, **fields) -> Timed:
    started = time.perf_counter()
    problem = Timed(visitor.submit(path, form, **fields))
    problem.took = time.perf_counter() - started
    return problem


def _find(visitor: Visitor, path: str, is_it: Callable) -> tuple[str, object]:
    found = next((form for form in visitor.forms(path) if is_it(form)), None)
    if found is None:
        raise UnexpectedAnswer(f"{path}: the form is not there")
    return path, found


def _leads_to(*ends: str) -> Callable:
    return lambda form: (form.get("action") or "").endswith(ends)


def _asks_for(name: str) -> Callable:
    return lambda form: name in form.fields


def answer(leader: Visitor) -> Timed:
    path = f"/moeder/{random.choice(leader.coming)}/"
    return _submit(leader, *_find(leader, path, _leads_to("/svar/")), answer=random.choice(("accepted", "declined")))


def topic(leader: Visitor) -> Timed:
    if leader.topics >= MOST_TOPICS:
        return agreement(leader)
    leader.topics += 1
    page = _find(leader, f"/netvaerk/{leader.slug}/emner/nyt/", _asks_for("title"))
    return _submit(leader, *page, title="Når alt haster", text="Hvordan vælger I fra?", kind="experience")


def goal(leader: Visitor) -> Timed:
    _status, content, _headers = leader.ask(f"/netvaerk/{leader.slug}/maal/")
    links = html.fromstring(content).xpath("//a[contains(@href, '/maal/') and contains(@href, '/ret/')]/@href")
    page = _find(leader, links[0], _asks_for("measure"))
    return _submit(leader, *page, title=f"Vi kender hinandens hverdag {random.randrange(1000)}")


def agreement(leader: Visitor) -> Timed:
    """Done, or taken up again: there and back, so that there is always one."""
    page = _find(leader, f"/netvaerk/{leader.slug}/aftaler/", _leads_to("/gjort/", "/genoptag/"))
    return _submit(leader, *page)


def profile(leader: Visitor) -> Timed:
    page = _find(leader, "/konto/profil/", _asks_for("digest_weekday"))
    return _submit(leader, *page, digest_weekday=str(random.randrange(5)))


# --- Driving ---------------------------------------------------------------------------------------------------------


def drive(acts: Iterator[tuple[str, Callable[[], str]]], *, per_second: float, seconds: float) -> list[Answer]:
    """Begin an act every so often, also when those before it have not ended, and gather what became of them."""
    number, answers = max(1, round(per_second * seconds)), []
    turns, lock, begins = iter(range(number)), threading.Lock(), time.perf_counter() + 0.2

    def work() -> None:
        while True:
            with lock:
                turn = next(turns, None)
                if turn is None:
                    return
                what, act = next(acts)
            due = begins + turn / per_second
            time.sleep(max(0, due - time.perf_counter()))
            answers.append(_done(what, act, due))

    hands = [threading.Thread(target=work, daemon=True) for _number in range(HANDS)]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    return answers


def _done(what: str, act: Callable[[], str], due: float) -> Answer:
    try:
        problem = act()
    except (OSError, http.client.HTTPException, UnexpectedAnswer, IndexError) as error:
        problem = f"{what}: {type(error).__name__} {error}"
    took = problem.took if isinstance(problem, Timed) else time.perf_counter() - due
    return Answer(what, took * 1000, str(problem))
