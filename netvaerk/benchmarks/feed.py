"""How fast a calendar feed of 500 meetings is, cold, warm and unchanged: `make bench-feed`.

On SQLite in a temporary folder, or on the database in DATABASE_URL, which must be empty.
"""

import os
import statistics
import sys
import tempfile
import time

from netvaerk.benchmarks import municipality, report
from netvaerk.benchmarks.municipality import NOW

MEETINGS, TURNS = 500, 100
MOST_MS = 200
MOST_COLD_MS = 1000  # once in a process, and then of each meeting as it changes


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="netvaerk-feed-") as folder:
        os.environ.setdefault("DATABASE_URL", f"sqlite:///{folder}/feed.sqlite3")
        os.environ["DJANGO_SETTINGS_MODULE"] = "netvaerk.settings"
        import django

        django.setup()
        from django.conf import settings
        from django.core.management import call_command
        from django.db import connection

        settings.DEBUG = False  # or Django remembers every query
        call_command("migrate", verbosity=0)
        print(f"{MEETINGS} meetings on {connection.vendor}, {TURNS} turns each")
        is_within = measure(feed_of_many())
        connection.close()
    sys.exit(0 if is_within else 1)


def feed_of_many() -> str:
    from django.urls import reverse

    from meetings import feeds
    from meetings.tests.factories import create_plan
    from networks.tests.factories import create_membership

    membership = create_membership()
    user, plan = membership.leader.user, create_plan(network=membership.network)
    municipality.called_to(user, plan, MEETINGS)
    return reverse("meetings:feed", args=[feeds.create(user, now=NOW)])


def measure(url: str) -> bool:
    from django.test import Client

    from meetings import calendar

    client = Client()

    def get(**headers):
        started, used = time.perf_counter(), time.process_time()
        response = client.get(url, headers=headers)
        return (time.perf_counter() - started) * 1000, (time.process_time() - used) * 1000, response

    def cold():
        calendar._published.cache_clear()
        return get()

    response = get()[-1]
    assert response.content.count(b"BEGIN:VEVENT") == MEETINGS
    unchanged = get(**{"If-None-Match": response["ETag"]})[-1]
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    return all([
        within("cold, each text made anew", [cold()[:2] for _turn in range(TURNS // 5)], limit=MOST_COLD_MS),
        within("warm, as a process serves it", [get()[:2] for _turn in range(TURNS)]),
        within("unchanged, 304", [get(**{"If-None-Match": response["ETag"]})[:2] for _turn in range(TURNS)]),
    ])  # fmt: skip


def within(what: str, times: list[tuple[float, float]], *, limit: int = MOST_MS) -> bool:
    """By the clock on the wall, which is what a calendar waits for; and what our processor did of it."""
    wall, used = zip(*times, strict=True)
    spread = report.Spread.of(wall)
    return report.told(
        what, f"{spread}, {statistics.median(used):.1f} ms ours", f"p95 < {limit} ms", spread.p95 < limit
    )


if __name__ == "__main__":
    main()
