"""What the members do themselves: agreements, goals, and what they ask for and say upward."""

from datetime import datetime, timedelta

from members.danish import today
from members.models import User
from networks import charter, goals, personal_goals, suggestions, support, upward
from networks.charter import Text
from networks.models import Network


def live(*, now: datetime) -> None:
    across = Network.objects.get(name="Ledere på tværs")
    _agreement_in_effect(across, now)
    _goals(across, now)
    _support(across, now)
    _messages(across, now)
    _own_goals(across, now)
    _open_proposal(Network.objects.get(name="Dagtilbudsledere i hele kommunen"), now)


def _people(network: Network) -> list[User]:
    """Those of the room, a coordinator first."""
    members = network.memberships.active().select_related("leader__user").order_by("-is_coordinator", "pk")
    return [membership.leader.user for membership in members]


def _suggested() -> Text:
    rules = [str(principle.rules[0]) for principle in suggestions.FOUR_FS]
    return Text("\n".join(rules), "\n".join(str(value) for value in suggestions.VALUES[:3]))


def _agreement_in_effect(network: Network, now: datetime) -> None:
    """A first version all agreed to, then one with a rule more that took its place."""
    people, first = _people(network), _suggested()
    begun = now - timedelta(days=420)
    seen = None
    for text, day in (
        (first, begun),
        (Text(f"{first.ground_rules}\nVi skiftes til at være vært.", first.values), begun + timedelta(days=200)),
    ):
        proposed = charter.propose(
            network, actor=people[0], text=text, deadline=today(day) + charter.USUAL, seen=seen, now=day
        )
        for person in people[1:]:
            proposed = charter.consent(proposed, actor=person, seen=proposed.revision, now=day + timedelta(days=2))
        seen = proposed.pk
    charter.show_ground_rules(network, actor=people[0], now=begun + timedelta(days=210))


def _open_proposal(network: Network, now: datetime) -> None:
    """Some have said yes, one has an objection, and the one who signs in as leder has not answered."""
    people = _people(network)
    day = now - timedelta(days=3)
    proposed = charter.propose(
        network,
        actor=people[0],
        text=_suggested(),
        deadline=today(now) + timedelta(days=9),
        seen=None,
        note="Vi talte om det sidst. Her er det, jeg hørte, at vi var enige om.",
        now=day,
    )
    others = [person for person in people[1:] if person.email != "leder@demo.invalid"]
    for person in others[:4]:
        charter.consent(proposed, actor=person, seen=1, now=day + timedelta(days=1))
    charter.object_to(
        proposed,
        actor=others[4],
        reason="Jeg vil gerne have med, at vi må tage telefonen, når institutionen ringer.",
        seen=1,
        now=day + timedelta(days=2),
    )


def _goals(network: Network, now: datetime) -> None:
    people = _people(network)
    aims = list(network.goal_hierarchy.all())
    for number, (title, measure, days, state, outcome) in enumerate(
        (
            ("Alle har besøgt en leder fra en anden forvaltning", "Vi fortæller om besøget på næste møde", 90, "", ""),
            ("Vi tager en svær samtale, vi har skubbet foran os", "Hver har taget mindst én", 150, "", ""),
            (
                "Vi kender hinandens opgaver",
                "Vi kan sige i to sætninger, hvad de andre leder",
                -60,
                "reached",
                "Det kan vi. Relationsåbneren gjorde det meste.",
            ),
            (
                "Færre, men bedre møder i egne ledergrupper",
                "Hver har skåret et møde væk",
                -20,
                "partly",
                "Seks ud af ni har gjort det.",
            ),
        )
    ):
        goal = goals.add(
            network,
            actor=people[number % len(people)],
            title=title,
            measure=measure,
            due_on=today(now) + timedelta(days=days),
            serves=aims[number % len(aims)] if aims else None,
            now=now - timedelta(days=200),
        )
        if state:
            goals.assess(
                goal, actor=people[0], state=state, outcome=outcome, seen=1, now=now + timedelta(days=days + 5)
            )


def _support(network: Network, now: datetime) -> None:
    coordinator, hr = _people(network)[0], network.hr_contact
    first = support.request_support(
        network,
        actor=coordinator,
        need="speaker",
        text="En, der kan fortælle om at lede opad, til mødet om det i næste sæson.",
        now=now - timedelta(days=90),
    )
    support.settle(
        first,
        actor=hr,
        state="granted",
        answer="Vi har en, der kan. Skriv til mig med datoen.",
        now=now - timedelta(days=84),
    )
    support.request_support(
        network,
        actor=coordinator,
        need="money",
        text="Forplejning til et heldagsmøde i foråret for ni personer.",
        now=now - timedelta(days=2),
    )


def _messages(network: Network, now: datetime) -> None:
    people = _people(network)
    sent = upward.write(
        network,
        actor=people[1],
        text="Vi bruger meget tid på at oversætte mellem forvaltningernes systemer. "
        "Vi foreslår, at to af os er med, når snitfladerne tegnes om.",
        now=now - timedelta(days=12),
    )
    upward.send(sent, actor=people[0], seen=1, now=now - timedelta(days=9))
    upward.write(
        network,
        actor=people[2],
        text="Skal vi sige noget om, hvor tit fristerne flytter sig?",
        now=now - timedelta(days=1),
    )


def _own_goals(network: Network, now: datetime) -> None:
    """The one who signs in as leder wrote goals a year ago, and may look back."""
    leader = User.objects.get(email="leder@demo.invalid")
    personal_goals.write(
        network,
        actor=leader,
        text="Jeg vil turde sige det, når jeg er uenig med min egen chef.",
        now=now - timedelta(days=400),
    )
