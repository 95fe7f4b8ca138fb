"""Which organisational gains the networks pursue, and how many networks pursue each."""

from collections.abc import Iterable
from dataclasses import dataclass

from netvaerk.status import NetworkRow
from networks.models import Network, OrganisationalGain


@dataclass(frozen=True)
class Gain:
    label: str
    networks: int
    active: int
    is_in_kurs: bool

    @property
    def share(self) -> float:
        return round(100 * self.networks / self.active, 1) if self.active else 0


def pursued(rows: Iterable[NetworkRow]) -> list[Gain]:
    """Each of the four, the most pursued first; `is_in_kurs` where a kurs the networks build on pursues it too."""
    active = [row for row in rows if row.state == Network.State.ACTIVE]
    wanted = frozenset().union(*(row.kurs_gains for row in active))
    found = [
        Gain(gain.label, sum(gain.value in row.gains for row in active), len(active), gain.value in wanted)
        for gain in OrganisationalGain
    ]
    return sorted(found, key=lambda gain: -gain.networks)
