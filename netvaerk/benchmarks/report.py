"""How a figure is told: beside its goal, and whether it was met; and which were not."""

import os
import statistics
from collections.abc import Sequence
from typing import NamedTuple

missed: list[str] = []


def told(what: str, figure: str, goal: str, is_met: bool) -> bool:
    """Print one figure, and remember it where the goal was missed."""
    if not is_met:
        missed.append(f"{what}: {figure} (goal {goal})")
    print(f"{what:<58} {figure:>34}   {goal:<34} {'ok' if is_met else 'MISSED'}", flush=True)
    return is_met


def note(sentence: str) -> None:
    print(f"({sentence})", flush=True)


def machine() -> None:
    """How busy the machine is with other things too: what a figure in milliseconds is worth."""
    note(f"load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


class Spread(NamedTuple):
    """Of times in milliseconds: the middle one, and what 95 and 99 of 100 stay under."""

    median: float
    p95: float
    p99: float

    @classmethod
    def of(cls, times: Sequence[float]) -> "Spread":
        if len(times) < 2:
            return cls(*[times[0] if times else 0.0] * 3)
        hundredths = statistics.quantiles(times, n=100, method="inclusive")
        return cls(statistics.median(times), hundredths[94], hundredths[98])

    def __str__(self):
        return f"{self.median:.0f} / {self.p95:.0f} / {self.p99:.0f} ms"


# --- Memory ----------------------------------------------------------------------------------------------------------


def forget_peak() -> float:
    """From here on the peak is of what follows."""
    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")
    return peak_memory()


def peak_memory() -> float:
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmHWM")) / 1024


def private_memory(pid: int) -> float:
    """What a process holds that it shares with no other, in MiB."""
    with open(f"/proc/{pid}/smaps_rollup") as file:
        return sum(int(line.split()[1]) for line in file if line.startswith("Private_")) / 1024
