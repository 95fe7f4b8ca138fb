"""How fast the pages that look across the house are, beside a bare view in the same run: `make bench-pages`.

600 networks and three years of meetings, as `manage.py seed` makes them. The pages are asked for in turn, in one
process and without a server between, so that a busy machine slows all of them alike; the processor's own time is
printed too. DATABASE_URL names an empty
database to use instead of a temporary SQLite file.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time

from netvaerk.benchmarks import municipality, report

NETWORKS, LEADERS, YEARS, ROUNDS = 600, 5_000, 3, 25
PAGES = (  # who, where, at most so many milliseconds for 95 of 100
    ("hr", "/bare/", None),
    ("hr", "/", 200),
    ("leder", "/", 200),
    ("direktion", "/", 200),
    ("hr", "/opfoelgning/", 800),
    ("hr", "/opfoelgning/?state=attention&type=faglig", 800),
    ("hr", "/opfoelgning/eksport.xlsx", None),
    ("hr", "/opfoelgning/ledere-uden-netvaerk/", 800),
    ("direktion", "/status/", 800),
    ("hr", "/status/?vis=alle", 800),
    ("direktion", "/status/udskriv/", 800),
    ("direktion", "/status/netvaerk-1/", 200),
    ("hr", "/soeg/?q=holm", 200),
    ("leder", "/soeg/?q=holm", 200),
)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--networks", type=int, default=NETWORKS)
    asked.add_argument("--leaders", type=int, default=LEADERS)
    asked.add_argument("--count", action="store_true", help="only say how many queries each page takes")
    asked = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault("DEBUG", "on")
        os.environ.setdefault("DATABASE_URL", f"sqlite:///{folder}/pages.sqlite3")
        os.environ["DJANGO_SETTINGS_MODULE"] = "netvaerk.settings"
        prepare(asked)
        if asked.count:
            for who, page, _limit in PAGES:
                print(queries(client_of(who), page))
            return
        few = counted_with_few()
        is_within = measure(few)
    sys.exit(0 if is_within else 1)


def prepare(asked) -> None:
    import django

    django.setup()
    from django.conf import settings

    settings.ROOT_URLCONF = "netvaerk.benchmarks.bare"
    settings.ALLOWED_HOSTS = ["testserver"]
    settings.DEBUG = False
    municipality.seeded(leaders=asked.leaders, networks=asked.networks, years=YEARS, is_told=not asked.count)


def client_of(who: str):
    from django.test import Client

    from members.models import User

    client = Client()
    client.force_login(User.objects.get(email=f"seed-{who}@seed.invalid"))
    return client


def queries(client, page: str) -> int:
    from django.db import connection

    number = 0

    def count(execute, *arguments):
        nonlocal number
        number += 1
        return execute(*arguments)

    client.get(page)
    with connection.execute_wrapper(count):
        assert client.get(page).status_code == 200, page
    return number


def counted_with_few() -> list[int]:
    """The same pages with ten networks, in a process and a database of their own."""
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    told = subprocess.run(
        [sys.executable, "-m", "netvaerk.benchmarks.pages", "--count", "--networks", "10", "--leaders", "200"],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return [int(line) for line in told.stdout.split()]


def measure(few: list[int]) -> bool:
    clients = {who: client_of(who) for who in {who for who, _page, _limit in PAGES}}
    counts = [queries(clients[who], page) for who, page, _limit in PAGES]
    times: list[list[float]] = [[] for _page in PAGES]
    work: list[list[float]] = [[] for _page in PAGES]
    for _round in range(ROUNDS):
        for place, (who, page, _limit) in enumerate(PAGES):
            started, began = time.perf_counter(), time.process_time()
            clients[who].get(page)
            times[place].append(1000 * (time.perf_counter() - started))
            work[place].append(1000 * (time.process_time() - began))
    bare, is_within = statistics.median(times[0]), True
    report.machine()
    print(f"{'page':<54} {'median':>8} {'p95':>8} {'cpu':>8} {'x bare':>7} {'goal':>7}   queries with 10 and with 600")
    for place, (who, page, limit) in enumerate(PAGES):
        median, slow = statistics.median(times[place]), statistics.quantiles(times[place], n=20)[-1]
        is_flat = few[place] == counts[place]
        is_fine = is_flat and (limit is None or slow < limit)
        is_within &= is_fine
        print(
            f"{f'{page} ({who})':<54} {median:>5.0f} ms {slow:>5.0f} ms "
            f"{statistics.median(work[place]):>5.0f} ms {median / bare:>7.1f} "
            f"{f'{limit} ms' if limit else '':>7}   {few[place]} {counts[place]} {'' if is_fine else 'TOO MUCH'}",
            flush=True,
        )
    return is_within


if __name__ == "__main__":
    main()
