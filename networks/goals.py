"""The members' goals: set by them, changed by them, and judged by them."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction
from django.db.models import Count
from django.utils.translation import gettext as _

from members import audit
from members.encryption import showing_gaps
from members.models import User
from networks import permissions
from networks.conflicts import is_saved, require_seen, says
from networks.models import Goal, GoalHierarchy, Network
from networks.refusal import Refused, require

State = Goal.State
VERDICTS = (State.REACHED, State.PARTLY, State.NOT_REACHED)


def can_work(user: User, network: Network) -> bool:
    return network.state == Network.State.ACTIVE and permissions.is_active_member(user, network)


def state_counts(networks: Iterable[Network | int]) -> dict[int, Counter]:
    """How many goals of each network are in each state: all that HR, sponsor and top management see of them."""
    counts: dict[int, Counter] = {}
    goals = Goal.objects.filter(network__in=networks).order_by()
    for network, state, number in goals.values_list("network", "state").annotate(Count("pk")):
        counts.setdefault(network, Counter())[state] = number
    return counts


@transaction.atomic
def add(
    network: Network,
    *,
    actor: User,
    title: str,
    measure: str,
    due_on: date,
    now: datetime,
    serves: GoalHierarchy | None = None,
) -> Goal:
    """Set a goal. The same form sent twice sets one."""
    network = _enter(network, actor)
    _require_own(serves, network)
    answer = {"title": title, "measure": measure, "due_on": due_on, "serves": serves}
    with showing_gaps():  # a goal that cannot be read is another goal
        own = list(network.goals.filter(created_by=actor, state=State.OPEN))
    twin = next((goal for goal in own if says(goal, **answer)), None)
    if twin is not None:
        return twin
    goal = Goal.objects.create(
        network=network,
        created_by=actor,
        created_at=now,
        **answer,
    )
    audit.record(actor, "add_goal", goal, now=now)
    return goal


@transaction.atomic
def change(
    goal: Goal,
    *,
    actor: User,
    title: str,
    measure: str,
    due_on: date,
    seen: int,
    now: datetime,
    serves: GoalHierarchy | None = None,
) -> Goal:
    """Save over the version that was read, `seen`, and over no other."""
    goal = _enter_goal(goal, actor)
    _require_own(serves, goal.network)
    if is_saved(goal, seen, _changed(), title=title, measure=measure, due_on=due_on, serves=serves):
        return goal
    goal.title, goal.measure, goal.due_on, goal.serves = title, measure, due_on, serves
    return _save(goal, "change_goal", actor=actor, now=now)


@transaction.atomic
def assess(goal: Goal, *, actor: User, state: str, outcome: str, seen: int, now: datetime) -> Goal:
    """The group says how it went, or that it is at it again."""
    goal = _enter_goal(goal, actor)
    if is_saved(goal, seen, _changed(), state=state, outcome=outcome):
        return goal
    goal.state, goal.outcome = State(state), outcome
    goal.assessed_at = now if goal.state in VERDICTS else None
    return _save(goal, "assess_goal", actor=actor, now=now)


@transaction.atomic
def drop(goal: Goal, *, actor: User, seen: int, now: datetime) -> None:
    goal = _enter_goal(goal, actor)
    require_seen(goal, seen, _changed())
    audit.record(actor, "drop_goal", goal, now=now)
    goal.delete()


def _enter(network: Network, actor: User) -> Network:
    network = Network.objects.lock(network.pk)
    require(permissions.is_active_member(actor, network))
    if network.state != Network.State.ACTIVE:
        raise Refused(_("Mål kan kun ændres, mens netværket er aktivt."))
    return network


def _enter_goal(goal: Goal, actor: User) -> Goal:
    network = _enter(goal.network, actor)
    current = Goal.objects.select_for_update().filter(pk=goal.pk).first()
    if current is None:
        raise Refused(_("Målet er slettet af en anden."))
    current.network = network
    return current


def _changed() -> str:
    return _("En anden har gemt målet, mens du skrev.")


def _require_own(serves: GoalHierarchy | None, network: Network) -> None:
    require(serves is None or serves.network_id == network.pk)


def _save(goal: Goal, verb: str, *, actor: User, now: datetime) -> Goal:
    goal.version += 1
    goal.save()
    audit.record(actor, verb, goal, now=now)
    return goal
