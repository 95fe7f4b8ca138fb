"""What the demo's meetings have left behind: agreements, closed meetings and one that waits, private notes, cards."""

from datetime import datetime, timedelta

from meetings import agreements, attendance, closing, learning, reflection
from meetings.models import Agreement, Meeting
from members.danish import today
from members.models import User
from networks.models import Network

State = Agreement.State

# What was agreed, by whom (a place among the members, None for all), due in how many days from today, and how it went.
LONG_AGO = (
    ("Prøve at begynde ugemødet med en her og nu-runde", None, -40, State.DONE),
    ("Sende skabelonen til den svære samtale til de andre", 1, -45, State.DONE),
    ("Undersøge, om vi kan låne lokalet på Rådhuset", 2, -42, State.DROPPED),
)
LAST_TIME = (
    ("Ringe til en kollega fra gruppen, før næste svære samtale", None, None, State.OPEN),
    ("Spørge forvaltningen, om vi må låne en mødefacilitator", 0, -2, State.OPEN),
    ("Finde to artikler om at lede opad", "leder", 3, State.OPEN),
    ("Lave et forslag til, hvordan vi modtager nye medlemmer", 3, 20, State.OPEN),
)
JUST_NOW = (("Dele mine tre spørgsmål til medarbejdersamtalen", "leder", 9, State.OPEN),)

CARRIED_OVER = "Vi nåede ikke runden om grænser for tilgængelighed.\nBegynd med den næste gang."

CARDS = (
    (
        "Den svære samtale",
        "En medarbejder leverer ikke længere, men er vellidt, og resten af gruppen dækker over det.",
        "At skrive tre konkrete eksempler ned før samtalen og begynde med dem. At aftale det næste møde, inden vi gik.",
        "Samtalen blev kort og ordentlig. Det hjalp at sige det svære i den første sætning.",
        True,
    ),
    (
        "Den svære samtale",
        "Jeg udskyder samtalen, fordi jeg er bange for, at den ender i en konflikt.",
        "At øve den første sætning højt med en fra netværket i telefonen.",
        "Ti minutters øvelse var nok. Det er sætning nummer to, der er svær.",
        False,
    ),
    (
        "Lede opad",
        "Beslutninger kommer fra direktionen uden begrundelse, og jeg skal forklare dem.",
        "At spørge: “Hvad er det vigtigste, I gerne vil opnå?” før jeg går videre med dem.",
        "Tre ud af fire gange fik jeg et svar, jeg kunne bruge. Den fjerde gang vidste de det ikke selv.",
        True,
    ),
    (
        "Forandringer, der trætter",
        "Den tredje omlægning på to år. Folk siger ja og gør som før.",
        "At fortælle, hvad der ikke ændrer sig. At lade gruppen vælge rækkefølgen.",
        "Rækkefølgen betød mere, end vi troede. Det er deres plan nu.",
        False,
    ),
    (
        "Samarbejde på tværs",
        "To forvaltninger venter på hinanden i samme borgerforløb.",
        "Et fast kvarter om ugen mellem de to teamledere.",
        "",
        False,
    ),
)
NOTES = (
    "Jeg talte for længe og spurgte for lidt. Næste gang stiller jeg ét spørgsmål, før jeg siger min mening.",
    "Det ramte mig, da en sagde, at man godt må være i tvivl højt. Det gør jeg aldrig over for min egen gruppe.",
)


def fill(*, now: datetime) -> None:
    across = Network.objects.get(name="Ledere på tværs")
    held = list(across.meetings.filter(state=Meeting.State.HELD).order_by("-starts_at")[:3])
    waiting, last, earlier = held
    _agree(waiting, JUST_NOW, now)
    for meeting, agreed, carried_over in ((earlier, LONG_AGO, ""), (last, LAST_TIME, CARRIED_OVER)):
        made = _agree(meeting, agreed, now)
        closing.write(
            meeting,
            actor=_coordinator(across),
            present=attendance.proposed(meeting),
            carried_over=carried_over,
            seen=0,
            is_closing=True,
            now=meeting.ends_at + timedelta(hours=2),
        )
        for agreement, (_text, _who, days, state) in zip(made, agreed, strict=True):
            if state != State.OPEN:
                settled = now + timedelta(days=days - 1)
                agreements.settle(agreement, actor=_coordinator(across), state=state, now=settled)
    # The rest of the past was closed the day after.
    past = Meeting.objects.filter(state=Meeting.State.HELD, closed_at=None).exclude(pk=waiting.pk)
    for meeting in past.only("pk", "ends_at"):
        meeting.closed_at = meeting.ends_at + timedelta(days=1)
        Meeting.objects.filter(pk=meeting.pk).update(closed_at=meeting.closed_at)
    _cards(across, now)
    _notes(User.objects.get(email="leder@demo.invalid"), [last, earlier], now)


def _coordinator(network: Network) -> User:
    return network.memberships.active().filter(is_coordinator=True).select_related("leader__user").first().leader.user


def _agree(meeting: Meeting, agreed, now: datetime) -> list[Agreement]:
    people = agreements.members_of(meeting.network)
    leader = next(person for person in people if person.email == "leder@demo.invalid")
    coordinator = _coordinator(meeting.network)
    people.remove(coordinator)
    people.insert(0, coordinator)
    return [
        agreements.agree(
            meeting,
            actor=coordinator,
            text=text,
            owner=None if who is None else leader if who == "leder" else people[who],
            is_everyones=who is None,
            due_on=None if days is None else today(now) + timedelta(days=days),
            now=meeting.ends_at,
        )
        for text, who, days, _state in agreed
    ]


def _cards(network: Network, now: datetime) -> None:
    people = agreements.members_of(network)
    for number, (theme, challenge, tried, outcome, shows_author) in enumerate(CARDS):
        learning.keep(
            network,
            actor=people[number % len(people)],
            theme=theme,
            challenge=challenge,
            tried=tried,
            outcome=outcome,
            shows_author=shows_author,
            now=now - timedelta(days=200 - 37 * number),
        )


def _notes(leader: User, meetings: list[Meeting], now: datetime) -> None:
    for meeting, text in zip(meetings, NOTES, strict=True):
        reflection.write(leader, text=text, meeting=meeting, now=meeting.ends_at + timedelta(hours=5))
    reflection.write(
        leader,
        text="Halvåret går på hæld. Jeg er blevet bedre til at spørge, og jeg siger stadig ja til for meget.",
        now=now - timedelta(days=12),
    )
