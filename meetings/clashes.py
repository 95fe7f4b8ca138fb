"""When members are at another network's meeting. To others only a number: neither who nor which network."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date, time
from typing import NamedTuple

from django.utils.translation import ngettext

from meetings.models import Meeting
from members.danish import WallTimeError, wall_to_utc
from networks.models import Membership, Network


class Busy(NamedTuple):
    """How many are at another meeting at that time, and how many more on that day."""

    at_once: int
    same_day: int

    @property
    def words(self) -> list[str]:
        said = []
        if self.at_once:
            said.append(
                ngettext(
                    "%(count)d af jer har møde i et andet netværk på samme tid",
                    "%(count)d af jer har møde i et andet netværk på samme tid",
                    self.at_once,
                )
                % {"count": self.at_once}
            )
        if self.same_day:
            said.append(
                ngettext(
                    "%(count)d af jer har møde i et andet netværk samme dag",
                    "%(count)d af jer har møde i et andet netværk samme dag",
                    self.same_day,
                )
                % {"count": self.same_day}
            )
        return said


class Clashes:
    """What the active members of a network have elsewhere from `first` to `last`: two queries, whatever the number."""

    def __init__(self, network: Network, first: date, last: date):
        users = Membership.objects.active().filter(network=network).values("leader__user")
        self._by_day = _meetings(users, first, last, apart_from=network)

    def busy(self, day: date, start: time | None, end: time | None) -> Busy:
        there = self._by_day.get(day, ())
        if not there:
            return Busy(0, 0)
        on_the_day = {user for user, *_rest in there}
        try:
            starts_at, ends_at = wall_to_utc(day, start), wall_to_utc(day, end)
        except (WallTimeError, TypeError):
            return Busy(0, len(on_the_day))
        at_once = {user for user, meeting in there if meeting.starts_at < ends_at and starts_at < meeting.ends_at}
        return Busy(len(at_once), len(on_the_day - at_once))


def of_person(user, network: Network, first: date, last: date) -> dict[date, list[Meeting]]:
    """What one person has in their other networks, day by day, with names: for that person alone."""
    found = _meetings([user.pk], first, last, apart_from=network)
    return {day: [meeting for _user, meeting in there] for day, there in found.items()}


def _meetings(
    users: Collection, first: date, last: date, *, apart_from: Network
) -> dict[date, list[tuple[int, Meeting]]]:
    members = defaultdict(set)
    for network, user in (
        Membership.objects.active()
        .filter(leader__user__in=users, leader__user__is_active=True)
        .exclude(network=apart_from)
        .values_list("network", "leader__user")
    ):
        members[network].add(user)
    by_day = defaultdict(list)
    coming = Meeting.objects.filter(
        network__in=members, state__in=(Meeting.State.CONVENED, Meeting.State.HELD), date__range=(first, last)
    )
    for meeting in coming.for_lists():
        by_day[meeting.date] += [(user, meeting) for user in members[meeting.network_id]]
    return dict(by_day)
