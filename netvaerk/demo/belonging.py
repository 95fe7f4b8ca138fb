"""Who belongs, in the states that come along the way: an offer out, a leave, a post that ended, sign-up closed."""

from datetime import datetime, timedelta

from members import posts
from members.danish import today
from members.models import User
from networks import enrolment, leave, lifecycle
from networks.models import Application, Membership, Network

FAREWELL = (
    "Tak for to år, hvor I gjorde det lettere at spørge om hjælp. Ordningen med at følges ad på besøg fortsætter "
    "i centrene, og I er velkomne i netværkene på tværs."
)


def fill(staff: dict[str, User], *, now: datetime) -> None:
    hr = staff["hr"]
    _make_an_offer(hr, now)
    away = _ordinary_members("Dagtilbudsledere i hele kommunen")[0]
    gone = _ordinary_members("Ledere i socialområdet")[0]
    day = today(now)
    leave.take_leave(
        away,
        leave_from=day - timedelta(days=20),
        leave_to=day + timedelta(days=70),
        actor=away.leader.user,
        now=now - timedelta(days=25),
    )
    leave.turn_leaves(now=now - timedelta(days=20))
    posts.end_post(gone.leader, on=day - timedelta(days=6), actor=hr, now=now - timedelta(days=6))
    shut = Network.objects.get(name="Teamledere i teknik og miljø")
    enrolment.close_enrolment(shut, actor=hr, now=now - timedelta(days=30))
    Network.objects.filter(state=Network.State.CLOSED).update(farewell=FAREWELL)


def _make_an_offer(hr: User, now: datetime) -> None:
    """HR says yes to the first two in a full network's line, and makes room for one."""
    network = Network.objects.get(name="Plejens ledere")
    for application in network.applications.filter(state=Application.State.WAITLISTED).order_by("created_at")[:2]:
        enrolment.put_on_waiting_list(application, actor=hr, now=now - timedelta(days=4))
    lifecycle.change_capacity(
        network, size_min=network.size_min, size_max=network.size_max + 1, actor=hr, now=now - timedelta(days=1)
    )


def _ordinary_members(name: str) -> list[Membership]:
    """Those who neither sign in to the demo nor hold the coordinator's part."""
    members = Membership.objects.active().filter(network__name=name, is_coordinator=False)
    return list(members.exclude(leader__user__email__endswith="@demo.invalid").select_related("leader__user"))
