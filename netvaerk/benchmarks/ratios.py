"""How fast the product is beside bare Django under the same server, on the same rows and in the same run."""

import re
import shutil
import statistics
import subprocess
import threading
import time
from dataclasses import dataclass, field

from netvaerk.benchmarks.report import Spread, note, told
from netvaerk.benchmarks.stack import BARE, SETTINGS, Stack
from netvaerk.benchmarks.traffic import UnexpectedAnswer, Visitor

LINES = 4  # open at once, from one thread
WORKERS = 2
ALONE = 40  # requests over one line, for what 95 of 100 stay under
MOST_P95 = 1.5
MOST_KB_A_ROW, MOST_MIB = 0.6, 95


@dataclass
class Target:
    """A page or feed of ours, the bare one with the same rows, and how much of its speed we are to reach."""

    name: str
    goal: float
    ours: Visitor
    our_path: str
    bare: Visitor
    bare_path: str
    headers: dict = field(default_factory=dict)
    status: int = 200
    is_page: bool = False
    rates: dict[str, list[float]] = field(default_factory=lambda: {"ours": [], "bare": []})
    alone: dict[str, list[float]] = field(default_factory=lambda: {"ours": [], "bare": []})

    @property
    def sides(self):
        return (("ours", self.ours, self.our_path), ("bare", self.bare, self.bare_path))

    def headers_for(self, who: str) -> dict:
        return {"If-None-Match": self.headers[who]} if self.headers else {}


def measure(stack: Stack, *, sizes: tuple[int, int], rounds: int, seconds: float) -> None:
    """`sizes` are how many networks the smaller and the larger municipality have."""
    towns = []
    for name, networks in zip(("small", "large"), sizes, strict=True):
        plans = _plan_sizes(sizes) if name == "small" else []
        made = stack.ask("people", "--networks", networks, "--leaders", networks * 8, "--years", 1, "--plans", *plans,
                         environment=stack.database(name))  # fmt: skip
        sites = [stack.site(stack.on(name), workers=WORKERS, settings=settings) for settings in (SETTINGS, BARE)]
        towns.append((made, *sites))
    targets = _targets(towns, sizes)
    for target in targets:
        _warm(target)
    how = "wrk -t1 -c4" if shutil.which("wrk") else "four lines from Python, since wrk is not installed"
    note(f"{how}, {WORKERS} sync workers each, {rounds} rounds of {seconds:g} s, medians")
    for _round in range(rounds):
        for target in targets:
            for side, visitor, path in target.sides:
                target.rates[side].append(rate(visitor, path, target.headers_for(side), target.status, seconds))
    for target in targets:
        _alone(target)
    for target in targets:
        _tell(target)
    _weigh(targets, _plan_sizes(sizes))
    memory = max(towns[0][1].memory())
    told("private memory of a web worker", f"{memory:.0f} MiB", f"<= {MOST_MIB} MiB", memory <= MOST_MIB)
    stack.stop(*(site.process for _made, *sites in towns for site in sites))


def _plan_sizes(sizes: tuple[int, int]) -> list[int]:
    """Meetings of the smaller plan and feed, of the larger plan, and of the larger feed."""
    small, large = sizes
    return [small // 2, large // 2, small, large]


def _targets(towns, sizes: tuple[int, int]) -> list[Target]:
    made, ours, bare = towns[0]
    found = []
    for plan, goal in zip(made["plans"][:2], (0.8, 1.0), strict=True):
        found.append(
            Target(f"plan page, {plan['size']} rows", goal, Visitor(ours.port, plan), plan["page"],
                   Visitor(bare.port, plan), f"/bare/plan/{plan['plan']}/", is_page=True)
        )  # fmt: skip
    for (town, our_site, bare_site), networks, goal in zip(towns, sizes, (0.8, 1.0), strict=True):
        board = next(visitor for visitor in town["visitors"] if visitor["who"] == "hr")
        found.append(
            Target(f"status page, {networks} networks", goal, Visitor(our_site.port, board), "/status/?vis=alle",
                   Visitor(bare_site.port, board), "/bare/", is_page=True)
        )  # fmt: skip
    nobody = Visitor(ours.port, {}), Visitor(bare.port, {})
    for feed, goal in zip(made["plans"][2:], (2.5, 4.0), strict=True):
        found.append(
            Target(f"calendar feed, {feed['size']} events", goal, nobody[0], f"/kalender/{feed['token']}.ics",
                   nobody[1], f"/bare/kalender/{feed['user']}/")
        )  # fmt: skip
    feed = made["plans"][2]
    paths = f"/kalender/{feed['token']}.ics", f"/bare/kalender/{feed['token']}.ics"
    tags = {
        side: visitor.ask(path)[2]["ETag"] for side, visitor, path in zip(("ours", "bare"), nobody, paths, strict=True)
    }
    found.append(
        Target("calendar feed unchanged, 304", 0.5, nobody[0], paths[0], nobody[1], paths[1], headers=tags, status=304)
    )
    return found


def _warm(target: Target) -> None:
    """Every worker has seen it; and it is what it should be."""
    for side, visitor, path in target.sides:
        for _turn in range(6 * WORKERS):
            status, _content, _headers = visitor.ask(path, **target.headers_for(side))
            if status != target.status:
                raise UnexpectedAnswer(f"{target.name}, {side}: {path} answers {status}")


def rate(visitor: Visitor, path: str, headers: dict, status: int, seconds: float) -> float:
    """Requests a second over four lines."""
    wrk = shutil.which("wrk")
    if not wrk:
        return _rate_by_hand(visitor, path, headers, seconds)
    headers = {"X-Forwarded-Proto": "https", "Cookie": f"sessionid={visitor.cookies['sessionid']}", **headers}
    ran = subprocess.run(
        [wrk, "-t1", f"-c{LINES}", f"-d{max(1, round(seconds))}s",
         *(word for name, value in headers.items() for word in ("-H", f"{name}: {value}")),
         f"http://127.0.0.1:{visitor.port}{path}"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    if refused := re.search(r"Non-2xx or 3xx responses: \d+", ran.stdout):
        raise UnexpectedAnswer(f"{path}: {refused[0]}")
    return float(re.search(r"Requests/sec:\s+([\d.]+)", ran.stdout)[1])


def _rate_by_hand(visitor: Visitor, path: str, headers: dict, seconds: float) -> float:
    """As many as four lines bring, each asking again as soon as it has its answer."""
    ends, counts = time.perf_counter() + seconds, []

    def ask() -> None:
        count = 0
        while time.perf_counter() < ends:
            visitor.ask(path, **headers)
            count += 1
        counts.append(count)

    lines = [threading.Thread(target=ask) for _line in range(LINES)]
    for line in lines:
        line.start()
    for line in lines:
        line.join()
    return sum(counts) / seconds


def _alone(target: Target) -> None:
    for _turn in range(ALONE):
        for side, visitor, path in target.sides:
            started = time.perf_counter()
            visitor.ask(path, **target.headers_for(side))
            target.alone[side].append((time.perf_counter() - started) * 1000)


def _tell(target: Target) -> None:
    ours, bare = (statistics.median(target.rates[side]) for side in ("ours", "bare"))
    share = ours / bare if bare else 0.0  # a machine so busy that nothing came in time proves nothing
    figure = f"{ours:.1f}/s beside {bare:.1f}/s: {share:.2f}"
    told(f"{target.name}, of bare Django", figure, f">= {target.goal:g}", share >= target.goal)
    if target.is_page:
        ours, bare = (Spread.of(target.alone[side]).p95 for side in ("ours", "bare"))
        figure = f"{ours:.0f} ms beside {bare:.0f} ms: {ours / bare:.2f}"
        told(f"{target.name}, p95 over one line", figure, f"<= {MOST_P95}", ours / bare <= MOST_P95)


def _weigh(targets: list[Target], sizes: list[int]) -> None:
    few, many = (len(target.ours.ask(target.our_path)[1]) for target in targets[:2])
    a_row = (many - few) / (sizes[1] - sizes[0]) / 1000
    told("HTML of one more row on a plan page", f"{a_row:.2f} kB", f"<= {MOST_KB_A_ROW} kB", a_row <= MOST_KB_A_ROW)
