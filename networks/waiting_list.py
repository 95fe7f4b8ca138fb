"""The waiting list: whose turn it is when a seat frees, and the offer that holds the seat meanwhile.

One rule: the line is kept in the order people signed up. Whoever HR has said yes to is offered the seat and has five
working days to accept it; whoever HR has not decided on is laid before HR first. Either way the seat is spoken for.
"""

from datetime import date, datetime, timedelta
from functools import lru_cache

from django.db import transaction
from django.db.models import Q

from members import audit, outbox
from members.danish import today
from members.models import User
from networks import composition
from networks.fit import Hierarchy
from networks.models import Application, Network
from networks.seats import free_seats

WORKING_DAYS_TO_ANSWER = 5


def promote_waiting(network: Network, *, actor: User | None, now: datetime) -> list[Application]:
    """Give each free seat to the next in line. Called by every act that frees a seat or a turn, network locked.

    Those who can no longer be members are passed over, and keep their place in case they can again.
    """
    if not moves_up(network):
        return []
    room = free_seats(network) - network.applications.filter(state=Application.State.PENDING).count()
    promoted = []
    for application in _line(network) if room > 0 else ():
        if len(promoted) == room:
            break
        if not _can_be_member(application):
            audit.record(actor, "pass_over_waiting", application, now=now)
        elif application.is_approved_in_line and not _doubts_since(application, network):
            _offer(application, actor=actor, now=now)
            promoted.append(application)
        else:
            _lay_before_hr(application, network, actor=actor, now=now)
            promoted.append(application)
    return promoted


def moves_up(network: Network) -> bool:
    """Whether a free seat goes to the line: not once sign-up is closed, nor while the network is paused or ended."""
    return network.takes_members and network.enrolment_closed_at is None


def place_in_line(application: Application) -> int:
    ahead = Q(created_at__lt=application.created_at) | Q(created_at=application.created_at, pk__lt=application.pk)
    waiting = Application.objects.filter(network=application.network_id, state=Application.State.WAITLISTED)
    return waiting.filter(ahead).count() + 1


def _line(network: Network):
    waiting = network.applications.filter(state=Application.State.WAITLISTED)
    return waiting.select_related("leader__user").order_by("created_at", "pk")


def _can_be_member(application: Application) -> bool:
    leader = application.leader
    is_inside = leader.memberships.inside().filter(network=application.network_id).exists()
    return leader.valid_to is None and leader.user.is_active and not is_inside


def _doubts_since(application: Application, network: Network) -> list:
    """What speaks against the leader that HR has not already answered with a reason."""
    if application.override_reason:
        return []
    inside = [membership.leader for membership in network.memberships.inside().select_related("leader__user")]
    return composition.concerns(network, application.leader, inside, Hierarchy())


def _offer(application: Application, *, actor: User | None, now: datetime) -> None:
    application.state = Application.State.INVITED
    application.answer_by = working_days_after(today(now), WORKING_DAYS_TO_ANSWER)
    application.save(update_fields=["state", "answer_by"])
    event = audit.record(actor, "offer_place", application, now=now)
    tell(application, "place_offered", [application.leader.user_id], event, now=now)


def _lay_before_hr(application: Application, network: Network, *, actor: User | None, now: datetime) -> None:
    application.state = Application.State.PENDING
    application.save(update_fields=["state"])
    event = audit.record(actor, "promote_waiting", application, now=now)
    tell(application, "application_promoted", [application.leader.user_id, network.hr_contact_id], event, now=now)


# --- Deadlines -------------------------------------------------------------------------------------------------------


def expire_offers(*, now: datetime) -> int:
    """Take back offers nobody answered in time and invitations to those who have left their post; the next moves up."""
    stale = _stale(now).filter(network__state__in=Network.STATES_TAKING_MEMBERS)
    networks = stale.order_by("network").values_list("network", flat=True).distinct()
    return sum(_expire_in(network, now=now) for network in list(networks))


@transaction.atomic
def _expire_in(network: int, *, now: datetime) -> int:
    network = Network.objects.lock(network)
    if not network.takes_members:
        return 0
    stale = list(_stale(now).filter(network=network).select_related("leader"))
    for application in stale:
        application.state, application.decided_by, application.decided_at = Application.State.WITHDRAWN, None, now
        application.save(update_fields=["state", "decided_by", "decided_at"])
        event = audit.record(None, "expire_offer", application, now=now)
        if application.has_lapsed:
            tell(application, "offer_expired", [application.leader.user_id], event, now=now)
    promote_waiting(network, actor=None, now=now)
    return len(stale)


def _stale(now: datetime):
    gone = Q(leader__valid_to__isnull=False) | Q(leader__user__is_active=False)
    return Application.objects.filter(Q(answer_by__lt=today(now)) | gone, state=Application.State.INVITED)


def renew_offers(network: Network, *, actor: User, now: datetime) -> None:
    """After a pause, in which nobody could accept, each offer gets its full time again."""
    offers = network.applications.filter(state=Application.State.INVITED, answer_by__isnull=False)
    for application in offers.select_related("leader"):
        _offer(application, actor=actor, now=now)


def working_days_after(day: date, number: int) -> date:
    """The `number`th day after `day` that is no weekend, no public holiday and none of the days town halls are shut."""
    while number:
        day += timedelta(days=1)
        number -= day.weekday() < 5 and day not in _holidays(day.year)
    return day


@lru_cache(maxsize=8)
def _holidays(year: int) -> frozenset[date]:
    import holidays  # here: only those who set a deadline need it, and it takes a while to load

    return frozenset(holidays.country_holidays("DK", years=year)) | {date(year, 12, 24), date(year, 12, 31)}


# --- Telling ---------------------------------------------------------------------------------------------------------


def tell(application: Application, kind: str, recipients, event, *, now: datetime) -> None:
    """Queue a mail about `application`. The event's number makes a second turn of the same application its own mail."""
    outbox.enqueue(
        kind,
        subject_id=application.pk,
        recipients=[recipient for recipient in dict.fromkeys(recipients) if recipient],
        sequence=event.pk,
        now=now,
    )
