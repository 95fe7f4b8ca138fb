"""What top management asks networks and answers them: one reply, and one policy that is out."""

from datetime import datetime, timedelta

from members.danish import today
from members.models import User
from networks import policy, upward
from networks.models import Network


def ask_and_reply(staff: dict[str, User], *, now: datetime) -> None:
    board = staff["direktion"]
    network = Network.objects.get(slug="ledere-paa-tvaers")
    upward.reply(
        network.management_messages.filter(sent_at__isnull=False).latest("sent_at"),
        actor=board,
        text="God idé. I er med fra næste møde i digitaliseringsrådet. Meld jer hos Helle i HR.",
        now=now - timedelta(days=5),
    )
    draft = policy.ask(
        title="Ny fraværspolitik",
        text="Vi vil gøre det lettere at tale om fravær tidligt. Er samtalen på fjerdedagen til at nå for jer?",
        link="",
        deadline=today(now) + timedelta(days=18),
        networks=Network.objects.filter(slug__in=["ledere-paa-tvaers", "plejens-ledere", "doegnets-ledere"]),
        actor=board,
        now=now - timedelta(days=6),
    )
    answering = Network.objects.get(slug="plejens-ledere")
    coordinator = answering.memberships.active().filter(is_coordinator=True).select_related("leader__user").first()
    answer = upward.write(
        answering,
        actor=coordinator.leader.user,
        text="Fjerdedagen er til at nå om dagen, ikke i weekenden. Lad os aftale samtalen med den, der har vagten.",
        policy=draft,
        now=now - timedelta(days=3),
    )
    upward.send(answer, actor=coordinator.leader.user, seen=1, now=now - timedelta(days=2))
