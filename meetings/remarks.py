"""What speaks against a time without forbidding it: what kind of day it is, and who of the members is busy."""

from collections.abc import Iterable
from datetime import date, time
from typing import NamedTuple

from meetings.clashes import Clashes
from meetings.days import Days, Mark
from meetings.models import Meeting
from networks.models import Network


class Remarked(NamedTuple):
    """A time with what there is to say of it."""

    date: date
    start_time: time
    end_time: time
    marks: list[Mark]
    clashes: list[str]

    @property
    def key(self) -> str:
        """The time as a form carries it, to tell that its reader has been told of this one."""
        return f"{self.date:%d.%m.%Y} {self.start_time:%H.%M} {self.end_time:%H.%M}"


def found(
    network: Network, times: Iterable[tuple[date, time, time]], *, apart_from: Meeting | None = None
) -> list[Remarked]:
    """Those of the times that there is something to say of, in their order; four queries, whatever the number."""
    times = list(times)
    if not times:
        return []
    first, last = min(day for day, *_clock in times), max(day for day, *_clock in times)
    days = Days(first, last, network=network, apart_from=apart_from)
    clashes = Clashes(network, first, last)
    all_of_them = (
        Remarked(day, start, end, days.marks(day), clashes.busy(day, start, end).words) for day, start, end in times
    )
    return [one for one in all_of_them if one.marks or one.clashes]
