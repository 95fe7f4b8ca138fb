"""Who a network is for: why it suits one leader, and who stands over whom."""

from collections import Counter
from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import gettext as _

from members.models import Leader, OrgUnit
from networks.models import Application, Network, NetworkType, Reach

FEWEST_TO_SHOW = 5


def reason_it_fits(network: Network, leader: Leader | None, units_above: set[int]) -> str:
    """Why it suits the leader, or nothing. `units_above` are the leader's unit and every unit over it."""
    if leader is None or not network.type:
        return ""
    if network.reach == Reach.LOCAL and network.unit_id not in units_above:
        return ""
    if all(field.pk != leader.field_id for field in network.fields.all()):
        return ""
    return _reason(network, leader)


def _reason(network: Network, leader: Leader) -> str:
    """Why it suits one whose field is among the network's."""
    if network.type == NetworkType.FAGLIG:
        return _("Passer til dig, fordi du er leder inden for %(field)s") % {"field": leader.field}
    if network.type == NetworkType.TVAERFAGLIG and leader.level_id and leader.level_id == network.level_id:
        return _("Passer til dig, fordi du er på niveauet %(level)s og kommer fra %(field)s") % {
            "level": network.level,
            "field": leader.field,
        }
    return ""


def fitting_networks(user, *, at_most: int | None = None) -> list[Network]:
    """Networks with a free place that suit the post `user` holds and are new to them, each with `fit_reason`."""
    leader = user.post
    if leader is None or leader.field_id is None:
        return []
    above = units_above(leader)
    # What `reason_it_fits` asks of each is asked of all at once: the database sorts out those it would pass over.
    suits = Q(type=NetworkType.FAGLIG) | Q(type=NetworkType.TVAERFAGLIG, level__isnull=False, level=leader.level_id)
    near = ~Q(reach=Reach.LOCAL) | Q(unit__in=above)
    networks = Network.objects.visible_to(user).with_free_places().select_related("level")
    networks = networks.filter(suits, near, fields=leader.field_id)
    networks = networks.exclude(memberships__in=leader.memberships.inside()).exclude(
        applications__in=leader.applications.filter(state__in=Application.STATES_OPEN)
    )
    found = list(networks[:at_most])
    for network in found:
        network.fit_reason = _reason(network, leader)
    return found


def units_above(leader: Leader | None) -> set[int]:
    """The unit of `leader` and every unit over it, for local networks."""
    found = set()
    if leader is None:
        return found
    parents = dict(OrgUnit.objects.values_list("pk", "parent_id"))
    unit = leader.unit_id
    while unit and unit not in found:
        found.add(unit)
        unit = parents.get(unit)
    return found


def units_under(unit: int) -> set[int]:
    """`unit` and all the units below it."""
    children: dict[int, list[int]] = {}
    for child, parent in OrgUnit.objects.values_list("pk", "parent_id"):
        children.setdefault(parent, []).append(child)
    found, waiting = set(), [unit]
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting += children.get(one, ())
    return found


# --- Who stands over whom --------------------------------------------------------------------------------------------


class Hierarchy:
    """Who leads whom, and which unit is under which, read once for a whole list."""

    def __init__(self):
        self.managers = dict(Leader.objects.current().values_list("pk", "line_manager_id"))
        units = OrgUnit.objects.values_list("pk", "parent_id", "area_id")
        self.parents = {unit: parent for unit, parent, _area in units}
        self.areas = {unit: area for unit, _parent, area in units}

    def managers_over(self, leader: Leader) -> set[int]:
        """The line manager of `leader`, that one's own, and so on; never `leader`, also where data runs in a ring."""
        return _chain(self.managers.get(leader.pk), self.managers) - {leader.pk}

    def is_over(self, upper: Leader, lower: Leader) -> bool:
        """Whether `upper` is the line manager of `lower`, at any distance."""
        return upper.pk in self.managers_over(lower)

    def is_under(self, leader: Leader, unit_id: int | None) -> bool:
        return unit_id in _chain(leader.unit_id, self.parents)


def _chain(start: int | None, above: dict) -> set[int]:
    passed = set()
    while start and start not in passed:
        passed.add(start)
        start = above.get(start)
    return passed


# --- Counts without names --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class GroupCount:
    """How many members a group has; None when the number is hidden because it, or another through it, is too small."""

    name: str
    count: int | None
    is_few: bool = False


def counts_by(names: list[str]) -> list[GroupCount]:
    """`names` counted, with every count under five hidden, and so that no hidden one follows from the total."""
    counted = sorted(Counter(names).items(), key=lambda pair: (-pair[1], pair[0]))
    few = {name for name, count in counted if count < FEWEST_TO_SHOW}
    hidden = set(few)
    if len(few) == 1 and len(counted) > 1:
        smallest_shown = min((pair for pair in counted if pair[0] not in few), key=lambda pair: pair[1])
        hidden.add(smallest_shown[0])
    return [GroupCount(name, None if name in hidden else count, name in few) for name, count in counted]
