"""What is decided before the meetings: goals, exercises and a draft that is out for høring."""

from datetime import datetime, timedelta

from members.danish import today
from members.models import Leader, User
from networks import consultation
from networks.models import GoalHierarchy, Network, NetworkType

GOALS = {
    NetworkType.FAGLIG: (
        ("Lederne løser de svære sager bedre", "Borgerne mærker det, når faget ledes godt", "En sag på hvert møde"),
        ("Ny politik bliver til praksis", "Kursen skal kunne ses i hverdagen", "Hver prøver noget af til næste møde"),
    ),
    NetworkType.TVAERFAGLIG: (
        ("Lederne kender hinanden på tværs", "Opgaver går på tværs, før vi gør", "Relationsåbner på de første møder"),
        ("Færre snitflader i hverdagen", "Det er en del af kursen", "To områder mødes om én overgang ad gangen"),
    ),
}
EXERCISES = {
    NetworkType.FAGLIG: ["her-og-nu-runde", "kollegial-sparring", "ud-af-komfortzonen", "check-ud"],
    NetworkType.TVAERFAGLIG: ["her-og-nu-runde", "relationsaabner", "faelles-ordbog", "check-ud"],
}


def set_goals(network: Network) -> None:
    """The målhierarki, without which no sponsor is asked."""
    GoalHierarchy.objects.bulk_create(
        GoalHierarchy(network=network, rank=rank, goal=goal, why=why, how=how)
        for rank, (goal, why, how) in enumerate(GOALS[network.type], start=1)
    )


def fill(staff: dict[str, User], posts: dict[str, Leader], *, now: datetime) -> None:
    """Complete what the networks were designed with, and send one draft i høring."""
    Network.objects.filter(type_reason="").update(activities="")
    networks = list(Network.objects.exclude(type_reason=""))
    for network in networks:
        network.exercises = EXERCISES[network.type]
        network.activities = "Studietur til en anden kommune"
        network.time_needed = "To timer pr. møde og en times forberedelse"
        network.guests = "Højst to gange om året, og kun når alle har sagt ja."
        network.review_date = today(now) + timedelta(days=200)
    Network.objects.bulk_update(networks, ["exercises", "activities", "time_needed", "guests", "review_date"])
    _consult(staff, posts, now)


def _consult(staff: dict[str, User], posts: dict[str, Leader], now: datetime) -> None:
    """Two have been asked besides a chef: one has answered, one is waited for, and HR has sent a new version."""
    network = Network.objects.get(name="Ledere af ledere")
    hr, sent = staff["hr"], now - timedelta(days=6)
    chef = Leader.objects.current().filter(level__name="Chef").order_by("pk").first()
    asked = [posts["leder"].user, posts["tovholder"].user, chef.user]
    consultation.add_people(network, people=asked, actor=hr, now=sent)
    out = consultation.consult(
        network,
        deadline=today(now) + timedelta(days=5),
        question="Er formålet til at forstå? Og er det de rigtige, der er tænkt med?",
        actor=hr,
        now=sent,
    )
    consultation.reply(
        out,
        text="Formålet er godt. Tolv er mange, hvis vi skal kunne tale fortroligt, så sæt gerne tallet ned.",
        actor=posts["tovholder"].user,
        now=now - timedelta(days=4),
    )
    network.refresh_from_db()
    network.size_max = 10
    network.purpose += " Vi mødes for at blive klogere, ikke for at blive enige."
    network.version += 1
    network.save()
    consultation.send_new_version(out, actor=hr, now=now - timedelta(days=3))
