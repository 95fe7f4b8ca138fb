"""Personal goals: written by one leader, read by that leader, and brought back to them after a year."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from members.danish import today
from members.models import User
from networks import permissions
from networks.models import Membership, Network, PersonalGoals
from networks.refusal import require

YEAR = timedelta(days=365)


def of(user: User, network: Network) -> PersonalGoals | None:
    return PersonalGoals.objects.filter(membership=permissions.membership_of(user, network)).first()


def to_look_back_on(user: User, today: date) -> QuerySet[PersonalGoals]:
    """What a year has passed for, and its writer has not looked back on."""
    return (
        PersonalGoals.objects.filter(
            membership__leader__user=user,
            membership__state=Membership.State.ACTIVE,
            looked_back_on=None,
            look_back_on__lte=today,
        )
        .select_related("membership__network")
        .order_by("look_back_on", "pk")
    )


@transaction.atomic
def write(network: Network, *, actor: User, text: str, now: datetime) -> PersonalGoals:
    """Note the goals, or write them anew. Not logged: that one has goals is nobody else's business either."""
    membership = permissions.membership_of(actor, network)
    require(membership is not None)
    day = today(now)
    look_back_on = max(membership.joined_on + YEAR, day + timedelta(days=1))
    goals, is_new = PersonalGoals.objects.get_or_create(
        membership=membership, defaults={"text": text, "written_on": day, "look_back_on": look_back_on}
    )
    if not is_new:
        goals.text = text
        goals.save(update_fields=["text"])
    return goals


@transaction.atomic
def look_back(goals: PersonalGoals, *, actor: User, text: str, is_starting_over: bool, now: datetime) -> None:
    """Note what came of them; and, if wanted, come back to them in another year."""
    require(goals.membership.leader.user_id == actor.pk)
    day = today(now)
    goals.looked_back, goals.looked_back_on = text, day
    if is_starting_over:
        goals.looked_back_on, goals.look_back_on = None, day + YEAR
    goals.save(update_fields=["looked_back", "looked_back_on", "look_back_on"])
