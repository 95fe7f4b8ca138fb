"""Hours at a quarter of the load: what grows, what stays open, and what is left undone."""

import itertools
import random
import statistics
import time

from netvaerk.benchmarks.report import note, private_memory, told
from netvaerk.benchmarks.stack import Site, Stack, children
from netvaerk.benchmarks.traffic import Visitor, drive, reads, writes

READS, WRITES = 5, 1.25  # a second: a quarter of the load
SLICE_SECONDS = 30
WARM_SLICES = 2
MOST_GROWTH = 0.05


def measure(stack: Stack, site: Site, visitors: list[Visitor], database: str, *, seconds: float) -> None:
    """In slices, and after each a look; the first ones, when workers fill their caches, do not count."""
    chance, errors, looks = random.Random(1), 0, []
    ends = time.monotonic() + seconds
    piece = min(SLICE_SECONDS, seconds / (WARM_SLICES + 3))
    acts = _mixed(reads(visitors, chance), writes(visitors, chance))
    for turn in itertools.count():
        answers = drive(acts, per_second=READS + WRITES, seconds=piece)
        errors += sum(answer.is_error for answer in answers)
        if turn >= WARM_SLICES:
            looks.append(_look(stack, site))
        if time.monotonic() >= ends and len(looks) >= 2:
            break
    backlog = _backlog(stack, database)
    note(f"{seconds / 3600:.2f} hours, {len(looks)} looks")
    third = max(1, len(looks) // 3)
    for place, what in enumerate(("web workers", "Celery workers")):
        before, after = (statistics.median(look[place] for look in part) for part in (looks[:third], looks[-third:]))
        growth = after / before - 1
        figure = f"{before:.0f} -> {after:.0f} MiB: {growth:+.1%}"
        told(f"endurance: memory of {what}", figure, f"<= {MOST_GROWTH:.0%} more", growth <= MOST_GROWTH)
    before, after = looks[0][2], max(look[2] for look in looks[-third:])
    told("endurance: open database connections", f"{before} -> {after}", "no more than at first", after <= before)
    told("endurance: due mails left", str(backlog), "0", backlog == 0)
    told("endurance: errors", str(errors), "0", errors == 0)


def _mixed(pages, forms):
    """Four pages to each form."""
    for turn in itertools.count():
        yield next(forms if turn % 5 == 4 else pages)


def _look(stack: Stack, site: Site) -> tuple[float, float, int]:
    celery = [pid for process in stack.workers for pid in [process.pid, *children(process.pid)]]
    return sum(site.memory()), sum(map(private_memory, celery)), stack.connections()


def _backlog(stack: Stack, database: str) -> int:
    """What should have left two minutes ago."""
    return int(
        stack.query(
            "SELECT count(*) FROM members_message WHERE state IN ('due', 'retry', 'claimed', 'data_sent') "
            "AND NOT is_held AND due_at < now() - interval '2 minutes'",
            stack.on(database),
        )
    )
