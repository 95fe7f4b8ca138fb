"""What is decided before the meetings: goals, exercises and a draft that is out for høring."""

from datetime import datetime, timedelta

from members.danish import today
from members.models import Leader, User
from networks import approval, consultation, review
from networks.models import GoalHierarchy, Network, NetworkType
from networks.models import PersonalOutcome as Outcome

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

OUTCOMES = {
    NetworkType.FAGLIG: (Outcome.SPARRING, Outcome.INSPIRATION, Outcome.COLLEAGUES),
    NetworkType.TVAERFAGLIG: (Outcome.MIRRORING, Outcome.TESTING, Outcome.SELF_INSIGHT),
}
OUTCOME_NOTES = {
    NetworkType.FAGLIG: "Du går hjem med noget, du kan bruge i dit eget hus i næste uge.",
    NetworkType.TVAERFAGLIG: "Du får øje på din egen ledelse, når andre undrer sig over den.",
}


def complete(network: Network, now: datetime) -> None:
    """What a sponsor is asked about beside the frame: outcomes, activities, and the målhierarki."""
    network.personal_outcomes = list(OUTCOMES[network.type])
    network.personal_outcome_note = OUTCOME_NOTES[network.type]
    network.exercises = EXERCISES[network.type]
    network.activities = "Studietur til en anden kommune"
    network.time_needed = "To timer pr. møde og en times forberedelse"
    network.guests = "Højst to gange om året, og kun når alle har sagt ja."
    network.review_date = today(now) + timedelta(days=200)
    network.save()
    GoalHierarchy.objects.bulk_create(
        GoalHierarchy(network=network, rank=rank, goal=goal, why=why, how=how)
        for rank, (goal, why, how) in enumerate(GOALS[network.type], start=1)
    )


def send_again(network: Network, staff: dict[str, User], now: datetime) -> None:
    """The sponsor asked for more the first time; HR has reworded it, and the sponsor can see what changed."""
    approval.return_for_changes(
        network,
        reason="Formålet må gerne sige, hvad der er anderledes om et år.",
        actor=staff["direktion"],
        now=now - timedelta(days=2),
    )
    network.refresh_from_db()
    network.purpose += " Om et år har vi ført mindst to af dem ud i livet."
    network.save(update_fields=["purpose"])
    row = network.goal_hierarchy.first()
    row.how += ", og opfølgning på det næste"
    row.save(update_fields=["how"])
    approval.submit(network, actor=staff["hr"], now=now)


def fill(staff: dict[str, User], posts: dict[str, Leader], *, now: datetime) -> None:
    """Take one basis up again, and send a draft i høring."""
    review.take_up(
        Network.objects.get(name="Ledere på tværs"),
        review_date=today(now) + timedelta(days=200),
        note="Tovholderen og den ansvarlige chef er enige om, at formålet stadig passer.",
        actor=staff["hr"],
        now=now - timedelta(days=165),
    )
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
