"""The whole under load: `make bench` starts the real stack, fills it with a large municipality and prints every figure.

All traffic is to 127.0.0.1, bounded in number and time. Ends with 1 when a goal is missed, and says which.
"""

import argparse
import os
import random
import signal
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass

from netvaerk.benchmarks import browser, endurance, imports, ratios, report
from netvaerk.benchmarks.report import Spread, note, told
from netvaerk.benchmarks.stack import Site, Stack
from netvaerk.benchmarks.traffic import Answer, Visitor, drive, reads, writes
from netvaerk.tests.servers import wait_until

WEB_WORKERS, CELERY_WORKERS = 4, 3
READS_A_SECOND, WRITES_A_SECOND = 20, 5
SLOWEST_PAGES = ("/status/", "/status/?vis=alle", "/status/udskriv/", "/opfoelgning/")
MOST_QUERIES = {"plan": 6, "page": 10, "any": 21}
MOST_SENDING_SECONDS = 150


@dataclass(frozen=True)
class Scale:
    """How large everything is."""

    town: dict
    few: dict
    many: dict
    ratios: tuple[int, int]
    ratio_rounds: int
    due_networks: int
    claims: int
    due_mails: int
    import_rows: int
    feed_events: int
    turns: int
    paced_seconds: int


FULL = Scale(
    town={"networks": 600, "leaders": 5000, "years": 3, "visitors": 50},
    few={"networks": 10, "leaders": 100, "years": 1},
    many={"networks": 1000, "leaders": 8000, "years": 1, "crowd": 1000},
    ratios=(100, 1000),
    ratio_rounds=5,
    due_networks=600,
    claims=1000,
    due_mails=4800,
    import_rows=5000,
    feed_events=500,
    turns=25,
    paced_seconds=90,
)
# So small that it says nothing of speed: whether everything still runs.
TINY = Scale(
    town={"networks": 12, "leaders": 96, "years": 1, "visitors": 6},
    few={"networks": 2, "leaders": 16, "years": 1},
    many={"networks": 6, "leaders": 48, "years": 1, "crowd": 12},
    ratios=(6, 12),
    ratio_rounds=1,
    due_networks=2,
    claims=20,
    due_mails=20,
    import_rows=12,
    feed_events=10,
    turns=2,
    paced_seconds=14,
)


class Run:
    """One run: the stack, and what several parts of it need, made when the first of them asks."""

    def __init__(self, stack: Stack, scale: Scale, asked):
        self.stack, self.scale, self.asked = stack, scale, asked
        self._town = self._site = None

    @property
    def town(self) -> dict:
        if self._town is None:
            started = time.perf_counter()
            self._town = people(self.stack, self.stack.database("town"), **self.scale.town,
                                plans=[self.scale.feed_events])  # fmt: skip
            note("{networks} networks, {leaders} people, {years} years".format(**self.scale.town)
                 + f" made in {time.perf_counter() - started:.0f} s")  # fmt: skip
        return self._town

    def open(self) -> Site:
        """The pages of the town, with workers and beat behind them; started for the first part that asks."""
        if self._site is None:
            made, on = self.town, self.stack.on("town")
            self._site = self.stack.site(on, workers=WEB_WORKERS)
            self.stack.celery(on, workers=CELERY_WORKERS)
            warm = drive(reads(self.visitors, random.Random(0)), per_second=10, seconds=6)
            note(f"{len(made['visitors'])} visitors, warmed up by {len(warm)} pages")
        return self._site

    @property
    def visitors(self) -> list[Visitor]:
        port = self.open().port
        return [Visitor(port, facts) for facts in self.town["visitors"]]

    @contextmanager
    def workers(self, **settings):
        """Celery with other settings for a while."""
        self.stack.stop_celery()
        self.stack.celery(self.stack.on("town") | settings, workers=CELERY_WORKERS)
        yield
        self.stack.stop_celery()
        self.stack.celery(self.stack.on("town"), workers=CELERY_WORKERS)


def people(stack: Stack, environment: dict, *, plans=(), **sizes) -> dict:
    words = [word for name, size in sizes.items() for word in (f"--{name}", size)]
    return stack.ask("people", *words, "--plans", *plans, environment=environment)


@contextmanager
def database(run: Run, name: str):
    """This process on one of the stack's databases, with Django's own means."""
    from django.db import connection

    connection.close()
    connection.settings_dict["NAME"] = name
    yield
    connection.close()


# --- The parts -------------------------------------------------------------------------------------------------------


def due_rows(run: Run) -> None:
    """The reminders of a year, and how fast they are claimed, with nobody else at work."""
    from netvaerk.benchmarks import outbox

    run.stack.database("outbox")
    with database(run, "outbox"):
        outbox.due_rows(networks=run.scale.due_networks)
        outbox.claims(run.scale.claims)


def import_leaders(run: Run) -> None:
    imports.measure(run.stack, rows=run.scale.import_rows)


def queries(run: Run) -> None:
    """The same pages with few rows and with many."""
    few, many = (
        (people(run.stack, run.stack.database(name), **sizes), run.stack.ask("queries", environment=run.stack.on(name)))
        for name, sizes in (("few", run.scale.few), ("many", run.scale.many))
    )
    grown = [f"{page}: {few[1][page]} -> {count}" for page, count in many[1].items() if count > few[1][page]]
    for sentence in grown:
        note(f"grows: {sentence}")
    words = "{networks} networks, {crowd} rows in a room".format(**run.scale.many)
    told(
        f"queries of {len(few[1])} pages, few rows and many", f"{len(grown)} of them grow", f"none ({words})", not grown
    )
    most, page = max((count, page) for page, count in many[1].items())
    told("queries of any page", f"at most {most}: {page}", f"<= {MOST_QUERIES['any']}", most <= MOST_QUERIES["any"])
    for what, sign in (("plan", "/plan/"), ("status", "/status/")):
        count = next(count for page, count in many[1].items() if sign in page)
        told(f"queries of the {what} page", str(count), "<= 6", count <= MOST_QUERIES["plan"])


def management_pages(run: Run) -> None:
    board = next(visitor for visitor in run.visitors if visitor.who == "hr")
    for page in SLOWEST_PAGES:
        answers = drive(_again(page, board), per_second=2, seconds=run.scale.turns / 2)
        spread, errors = Spread.of([answer.took for answer in answers]), _errors(answers)
        told(
            f"{page}, all networks", f"{spread}, {errors} errors", "p95 <= 800 ms, 0", spread.p95 <= 800 and not errors
        )


def _again(page: str, visitor: Visitor):
    while True:
        yield page, lambda: visitor.read(page)


def reading(run: Run) -> None:
    acts = reads(run.visitors, random.Random(1))
    answers = drive(acts, per_second=run.asked.reads, seconds=run.asked.minutes * 60)
    spread, errors = Spread.of([answer.took for answer in answers]), _errors(answers)
    told(
        f"reading, {len(run.town['visitors'])} users, {run.asked.reads:g} req/s, {run.asked.minutes:g} min",
        f"{spread}, {errors} errors",
        "<= 100 / 300 / 1000 ms, 0",
        spread.median <= 100 and spread.p95 <= 300 and spread.p99 <= 1000 and not errors,
    )
    _by_kind(answers)


def writing(run: Run) -> None:
    acts = writes(run.visitors, random.Random(2))
    answers = drive(acts, per_second=run.asked.writes, seconds=run.asked.minutes * 60)
    spread, errors = Spread.of([answer.took for answer in answers]), _errors(answers)
    told(f"writing, {run.asked.writes:g} forms/s, each with its page read first", f"{spread}, {errors} errors",
         "p95 <= 500 ms, 0", spread.p95 <= 500 and not errors)  # fmt: skip
    _by_kind(answers)


def _errors(answers: list[Answer]) -> int:
    found = [answer.problem for answer in answers if answer.is_error]
    for problem in list(dict.fromkeys(found))[:5]:
        note(problem)
    return len(found)


def _by_kind(answers: list[Answer]) -> None:
    """Which of them are slow."""
    kinds: dict[str, list[float]] = {}
    for answer in answers:
        kinds.setdefault(answer.what, []).append(answer.took)
    report.machine()
    for what, times in sorted(kinds.items(), key=lambda kind: -Spread.of(kind[1]).median):
        print(f"    {what:<28} {Spread.of(times)}  x {len(times)}", flush=True)


def sending(run: Run) -> None:
    """All of a Monday morning's reminders through a relay that takes what it is given."""
    from netvaerk.benchmarks import outbox

    run.open()
    number = run.scale.due_mails
    with due(run) as house:
        started = time.time()
        outbox.fill(number, state="due")
        nudge(run)
        wait_until(lambda: len(house.letters) >= number, seconds=MOST_SENDING_SECONDS, pause=1)
        arrived = house.letters
    took = (arrived[-1]["at"] - started) if arrived else MOST_SENDING_SECONDS
    rate, doubles = len(arrived) / took, len(arrived) - len({letter["id"] for letter in arrived})
    told(f"{number:,} due at once, {CELERY_WORKERS} workers, free relay",
         f"{len(arrived):,} in {took:.0f} s, {rate:.0f}/s, {doubles} twice", "all <= 2 min, >= 40/s, 0 twice",
         len(arrived) == number and took <= 120 and rate >= 40 and not doubles)  # fmt: skip


def narrow_relay(run: Run) -> None:
    """Thirty a minute: what is urgent overtakes. And a day's cap that is never passed."""
    from members.models import Message
    from netvaerk.benchmarks import outbox

    run.open()
    seconds, urgent = run.scale.paced_seconds, 5
    with due(run) as house, run.workers(MAIL_PER_MINUTE="30"):
        outbox.fill(3 * seconds, state="due")
        nudge(run)
        wait_until(lambda: house.letters, seconds=MOST_SENDING_SECONDS)
        begun = time.time()
        ahead = list(Message.objects.order_by("-pk").values_list("pk", flat=True)[:urgent])
        Message.objects.filter(pk__in=ahead).update(priority=Message.Priority.URGENT)
        time.sleep(seconds)
        run.stack.stop_celery()
        arrived = house.letters
        sent = list(Message.objects.filter(pk__in=ahead, state="sent").values_list("sent_at", flat=True))
        last = max((at.timestamp() - begun for at in sent), default=0)
    most = seconds / 2 + 2
    told(f"30 a minute for {seconds} s, {3 * seconds} due", f"{len(arrived)} sent", f"<= {most:.0f}",
         0 < len(arrived) <= most)  # fmt: skip
    told(f"{urgent} urgent ones behind them", f"{len(sent)} sent, the last after {last:.0f} s", "all <= 5 min",
         len(sent) == urgent and last <= 300)  # fmt: skip
    note(f"at that pace {run.scale.due_mails:,} mails take {run.scale.due_mails / 30:.0f} minutes")
    cap = 12
    with due(run) as house, run.workers(MAIL_PER_DAY=str(cap)):
        outbox.fill(2 * cap, state="due")
        nudge(run)
        wait_until(lambda: len(house.letters) >= cap, seconds=MOST_SENDING_SECONDS)
        time.sleep(3)
        nudge(run)
        time.sleep(3)
        arrived = len(house.letters)
        left = Message.objects.filter(state="due").count()
    told(f"{2 * cap} due, {cap} a day", f"{arrived} sent, {left} wait", f"{cap} sent, {cap} wait",
         (arrived, left) == (cap, cap))  # fmt: skip


@contextmanager
def due(run: Run):
    """An empty outbox and an empty mail server, and nothing of it left behind."""
    from members.models import Heartbeat, Message

    with database(run, "town"):
        Message.objects.all().delete()
        Heartbeat.objects.all().delete()
        run.stack.house.postmaster.clear()
        yield run.stack.house.postmaster
        Message.objects.all().delete()
        Heartbeat.objects.all().delete()


def nudge(run: Run) -> None:
    """As a commit does."""
    from members import outbox

    outbox.nudge()


def calendar_feed(run: Run) -> None:
    """Calendars that come by, most to hear that nothing has changed; halfway one meeting is moved."""
    run.open()
    feed = run.town["plans"][0]
    path, calendars = (
        f"/kalender/{feed['token']}.ics",
        [Visitor(run.open().port, {"etag": ""}) for _number in range(20)],
    )
    is_due, told_unchanged, current = [], [], []

    def fetch(calendar: Visitor) -> str:
        with calendar.lock:
            known = calendar.facts["etag"]
            status, content, headers = calendar.ask(path, **({"If-None-Match": known} if known else {}))
            calendar.facts["etag"] = headers.get("ETag", "")
        is_due.append(known == calendar.facts["etag"])
        told_unchanged.append(status == 304)
        is_whole = content.count(b"BEGIN:VEVENT") == run.scale.feed_events
        return "" if status == 304 or (status == 200 and is_whole) else f"{path[:10]}: {status}"

    def fetches():
        while True:
            for calendar in calendars:
                yield "the feed", lambda calendar=calendar: fetch(calendar)

    acts = fetches()
    cold = drive(acts, per_second=5, seconds=len(calendars) / 5)
    is_due.clear(), told_unchanged.clear()
    for _half in range(2):
        current += drive(acts, per_second=5, seconds=run.scale.turns / 2)
        with database(run, "town"):
            move_last(feed["plan"])
    spread, errors = Spread.of([answer.took for answer in cold + current]), _errors(cold + current)
    share = sum(told_unchanged) / max(1, sum(is_due))
    told(f"calendar feed, {run.scale.feed_events} events, 18,000 an hour", f"{spread}, {errors} errors",
         "p95 <= 200 ms, 0", spread.p95 <= 200 and not errors)  # fmt: skip
    told("of those unchanged, answered by 304", f"{share:.0%} of {sum(is_due)}", ">= 90 %", share >= 0.9)


def move_last(plan: int) -> None:
    """As far as a feed can see."""
    from django.db.models import F
    from django.utils import timezone

    from meetings.models import Meeting

    last = Meeting.objects.filter(plan=plan).latest("starts_at")
    Meeting.objects.filter(pk=last.pk).update(sequence=F("sequence") + 1, changed_at=timezone.now())


def in_a_browser(run: Run) -> None:
    run.open()
    browser.measure(run.open(), run.town["visitors"])


def beside_bare(run: Run) -> None:
    ratios.measure(run.stack, sizes=run.scale.ratios, rounds=run.scale.ratio_rounds, seconds=run.asked.seconds)


def on_sqlite(run: Run) -> None:
    """As it is installed by default: a file, no Redis, ten people."""
    environment = run.stack.on_sqlite()
    made = people(run.stack, environment, **run.scale.few | {"networks": max(10, run.scale.few["networks"])},
                  visitors=10)  # fmt: skip
    site = run.stack.site(environment, workers=2)
    worker = run.stack.house.run(
        "-m", "celery", "-A", "netvaerk", "worker", "--beat", "--concurrency", 1, "--loglevel", "ERROR",
        "-s", run.stack.house.folder / "beat-default", **environment,
    )  # fmt: skip
    visitors, chance = [Visitor(site.port, facts) for facts in made["visitors"]], random.Random(3)
    drive(reads(visitors, chance), per_second=5, seconds=4)
    pages, forms = reads(visitors, chance), writes(visitors, chance)

    def mixed():
        while True:
            yield next(pages)
            yield next(forms)

    answers = drive(mixed(), per_second=4, seconds=run.asked.minutes * 60)
    spread, errors = Spread.of([answer.took for answer in answers]), _errors(answers)
    told("SQLite, 10 users, 2 pages/s and 2 writes/s", f"{spread}, {errors} errors", "p95 <= 500 ms, 0",
         spread.p95 <= 500 and not errors)  # fmt: skip
    run.stack.stop(site.process, worker)


def for_hours(run: Run) -> None:
    if not run.asked.hours:
        return
    run.open()
    endurance.measure(run.stack, run.open(), run.visitors, "town", seconds=run.asked.hours * 3600)


PARTS = {
    "import": import_leaders,  # first: a process that is started counts its starter's memory as its own peak
    "due": due_rows,
    "queries": queries,
    "reading": reading,
    "writing": writing,
    "pages": management_pages,
    "feed": calendar_feed,
    "browser": in_a_browser,
    "sending": sending,
    "relay": narrow_relay,
    "endurance": for_hours,
    "sqlite": on_sqlite,
    "bare": beside_bare,
}


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--minutes", type=float, default=1, help="of reading, and of writing, and of SQLite")
    asked.add_argument("--hours", type=float, default=0, help="of endurance at a quarter of the load")
    asked.add_argument("--only", default=",".join(PARTS), help=f"some of {', '.join(PARTS)}")
    asked.add_argument("--reads", type=float, default=READS_A_SECOND)
    asked.add_argument("--writes", type=float, default=WRITES_A_SECOND)
    asked.add_argument("--seconds", type=float, default=2, help="of each look at a page beside bare Django")
    asked.add_argument("--tiny", action="store_true", help="only whether everything runs")
    asked = asked.parse_args()
    chosen = asked.only.split(",")
    if unknown := set(chosen) - set(PARTS):
        sys.exit(f"There is no {', '.join(sorted(unknown))}; there is {', '.join(PARTS)}.")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that what was started ends too
    started, stack = time.perf_counter(), Stack()
    try:
        os.environ |= stack.database("outbox_of_nobody")
        import django

        django.setup()
        run = Run(stack, TINY if asked.tiny else FULL, asked)
        report.machine()
        for name in chosen:
            PARTS[name](run)
        report.machine()
        note(f"all in {time.perf_counter() - started:.0f} s")
    except Exception:
        print(stack.errors, file=sys.stderr)
        raise
    finally:
        stack.close()
    if report.missed:
        print("Missed:", *report.missed, sep="\n  ")
        sys.exit(1)


if __name__ == "__main__":
    main()
