"""What the members have written, for `netvaerk.seed`: members-only text in the amounts three years leave behind."""

import random
import uuid
from datetime import datetime, timedelta
from typing import NamedTuple

from meetings import questions, release
from meetings.models import (
    Agenda,
    AgendaItem,
    Agreement,
    FeedbackInvitation,
    FeedbackRelease,
    FeedbackResponse,
    FeedbackRound,
    LearningCard,
    Meeting,
    MeetingRole,
    Minutes,
    Topic,
    TopicKind,
    TopicMark,
)
from members.danish import today
from networks.models import Charter, CharterAnswer, Goal, ManagementMessage, Membership, Network

BATCH = 2000
YEAR = timedelta(days=365)
AGREEMENTS_A_MEETING = 2
CARDS_A_NETWORK = 6
WAITING_TOPICS = 5
ONE_IN_TEN = 10  # has a round under way, and has sent a word upward
TWO_IN_FIVE = 0.4  # of the results are shared

THEMES = (
    "Når to enheder skal dele den samme opgave",
    "Den svære samtale, før den bliver svær",
    "Hvordan vi prioriterer, når alt haster",
    "At lede dem, man ikke ser hver dag",
    "Overgange mellem afdelinger, set fra borgerens side",
    "Hvad vi gør, når sygefraværet stiger",
)
AGREEMENTS = (
    "Vi prøver hver især en ugentlig tavle i vores egen enhed og fortæller om det næste gang.",
    "Værten sender den tjekliste rundt, vi talte om, så alle kan bruge den før sommerferien.",
    "To og to besøger vi hinanden en formiddag og ser på, hvordan den anden holder sit ugemøde.",
    "Vi spørger vores medarbejdere, hvad der ville gøre overgangen lettere, og samler svarene.",
    "Alle tager en sag med, hvor samarbejdet gik godt, så vi kan se, hvad der gjorde forskellen.",
)
CARRIED_OVER = "Vi nåede ikke rundt om, hvordan vi følger op, når aftalen ikke bliver holdt. Det begynder vi med."
TOPICS = (
    ("Et ugemøde, som ingen savner", "Jeg har aflyst det tre gange, og ingen har spurgt. Hvad skal der i stedet?"),
    ("Må man sige nej til et projekt?", "Vi har fem i gang og folk til tre. Hvordan siger I det opad?"),
    ("Ros, der bliver hørt", "Jeg roser meget, men i trivselsmålingen står, at vi får for lidt anerkendelse."),
    ("Når den dygtigste vil gå", "Jeg vil gerne høre, hvad I har prøvet, og hvad I ville ønske, I havde sagt før."),
    ("Tværgående sager uden ejer", "De ligger hos os alle og derfor hos ingen. Hvem har fundet en god måde?"),
)
CARDS = (
    (
        "Overgange",
        "Borgere fortalte det samme tre gange, før de mødte den, der kunne hjælpe.",
        "Vi holdt et fælles møde på ti minutter, før sagen blev sendt videre, og skrev ned, hvad der var aftalt.",
        "Der gik to uger, før det føltes naturligt. Nu ringer færre for at høre, hvor langt sagen er.",
    ),
    (
        "Sygefravær",
        "Fraværet steg, og alle talte om det, undtagen med dem det handlede om.",
        "Samtalen blev lagt efter en uge i stedet for en måned og handlede om arbejdet, ikke om sygdommen.",
        "Flere kom tilbage på nedsat tid. To sagde, at de havde troet, ingen havde lagt mærke til dem.",
    ),
    (
        "Møder",
        "Vi brugte en time på orientering, som alle kunne have læst.",
        "Orienteringen blev skrevet dagen før, og mødet begyndte med det, der var svært.",
        "Mødet blev kortere, og de stille talte mere.",
    ),
)
RULES = (
    "Det, vi siger her, bliver her.\nVi kommer til tiden og bliver til slut.\n"
    "Vi spørger, før vi giver råd.\nVi holder telefonerne i tasken."
)
VALUES = "Nysgerrighed\nÅbenhed\nOmhu"
GOALS = (
    ("Færre sager falder mellem to stole", "Ingen borger skal fortælle det samme til mere end to af os."),
    ("Vi kender hinandens hverdag", "Alle har besøgt mindst to andre enheder."),
    ("Vi holder op med det, der ikke virker", "Hver af os har stoppet et møde eller en rapport."),
)
COMMENTS = (
    "Jeg går derfra med noget, jeg kan bruge i morgen.",
    "Vi må gerne være mere ærlige om det, der ikke lykkes.",
    "Det er det eneste møde i måneden, jeg glæder mig til.",
    "Jeg savner, at vi følger op på det, vi aftalte.",
)
WORD_UPWARD = "Vi bruger for megen tid på at finde ud af, hvem der ejer de tværgående sager. Giv dem én ejer hver."


class Room(NamedTuple):
    """A network, its people, and its meetings in the order they take place."""

    network: Network
    memberships: list[Membership]
    meetings: list[Meeting]

    @property
    def users(self) -> list[int]:
        return [membership.leader.user_id for membership in self.memberships]

    def held(self) -> list[Meeting]:
        return [meeting for meeting in self.meetings if meeting.state == Meeting.State.HELD]


def furnish(rooms: list[Room], *, years: int, seed: int, now: datetime) -> dict[str, int]:
    """Write what the members of each room would have written. Returns how many rows of each kind were made."""
    chance = random.Random(f"rooms {seed}")
    _charters(rooms, chance, now)
    _goals(rooms, now)
    topics = _topics(rooms, chance, now)
    points = _agendas(rooms, topics, chance, now)
    agreements = _agreements(rooms, chance, now)
    cards = _cards(rooms, chance, now)
    rounds = _rounds(rooms, years, chance, now)
    _words_upward(rooms, now)
    return {
        "topics": len(topics),
        "agenda points": points,
        "agreements": agreements,
        "learning cards": cards,
        "feedback rounds": rounds,
    }


def key(chance: random.Random) -> uuid.UUID:
    return uuid.UUID(int=chance.getrandbits(128), version=4)


def theme(chance: random.Random) -> str:
    return chance.choice(THEMES)


def _charters(rooms: list[Room], chance: random.Random, now: datetime) -> None:
    made = Charter.objects.bulk_create(
        [
            Charter(
                network=room.network,
                number=1,
                state=Charter.State.IN_EFFECT,
                ground_rules=RULES,
                values=VALUES,
                deadline=today(now) - timedelta(days=300),
                shows_ground_rules=chance.random() < 0.5,
                proposed_by_id=room.users[0],
                proposed_at=now - timedelta(days=320),
                effective_at=now - timedelta(days=305),
                settled_at=now - timedelta(days=305),
            )
            for room in rooms
        ],
        batch_size=BATCH,
    )
    CharterAnswer.objects.bulk_create(
        [
            CharterAnswer(
                charter=charter,
                membership=membership,
                answer=CharterAnswer.Answer.CONSENTS,
                revision=1,
                answered_at=now - timedelta(days=310),
            )
            for charter, room in zip(made, rooms, strict=True)
            for membership in room.memberships
        ],
        batch_size=BATCH,
    )


def _goals(rooms: list[Room], now: datetime) -> None:
    states = (Goal.State.OPEN, Goal.State.REACHED, Goal.State.PARTLY)
    Goal.objects.bulk_create(
        [
            Goal(
                network=room.network,
                title=title,
                measure=measure,
                due_on=today(now) + timedelta(days=120 if state == Goal.State.OPEN else -60),
                state=state,
                outcome="" if state == Goal.State.OPEN else "Det tog længere tid end ventet, men det holder.",
                created_by_id=room.users[0],
                created_at=now - timedelta(days=300),
                assessed_at=None if state == Goal.State.OPEN else now - timedelta(days=50),
            )
            for room in rooms
            for (title, measure), state in zip(GOALS, states, strict=True)
        ],
        batch_size=BATCH,
    )


def _topics(rooms: list[Room], chance: random.Random, now: datetime) -> list[Topic]:
    """One for each meeting held this last year, and a handful that wait, with the marks of those who want them."""
    rows = []
    for room in rooms:
        talked_about = [meeting for meeting in room.held() if meeting.starts_at > now - YEAR]
        for meeting in [*talked_about, *[None] * WAITING_TOPICS]:
            title, text = chance.choice(TOPICS)
            rows.append(
                Topic(
                    network=room.network,
                    meeting=meeting,
                    kind=chance.choice(TopicKind.values),
                    title=title,
                    text=text,
                    author_id=chance.choice(room.users),
                    created_at=(meeting.starts_at if meeting else now) - timedelta(days=9),
                    discussed_at=meeting.ends_at if meeting else None,
                )
            )
    made = Topic.objects.bulk_create(rows, batch_size=BATCH)
    users = {room.network.pk: room.users for room in rooms}
    TopicMark.objects.bulk_create(
        [
            TopicMark(topic=topic, user_id=user)
            for topic in made
            if topic.discussed_at is None
            for user in users[topic.network_id]
            if chance.random() < 0.3
        ],
        batch_size=BATCH,
    )
    return made


def _agendas(rooms: list[Room], topics: list[Topic], chance: random.Random, now: datetime) -> int:
    """Laid out for the meetings of the last year and for the next one, with who has which part."""
    brought = {topic.meeting_id: topic for topic in topics if topic.meeting_id}
    agendas, points, roles = [], [], []
    for room in rooms:
        ahead = [meeting for meeting in room.meetings if meeting.starts_at > now][:1]
        for meeting in [meeting for meeting in room.held() if meeting.starts_at > now - YEAR] + ahead:
            agendas.append(Agenda(meeting=meeting, laid_out_at=meeting.starts_at - timedelta(days=8)))
            points += _points(meeting, brought.get(meeting.pk), room.users, chance)
            seats = zip(MeetingRole.ROTATING, chance.sample(room.users, k=min(3, len(room.users))), strict=False)
            roles += [
                MeetingRole(meeting=meeting, role=role, user_id=user, taken_at=meeting.starts_at - timedelta(days=8))
                for role, user in seats
            ]
    Agenda.objects.bulk_create(agendas, batch_size=BATCH)
    AgendaItem.objects.bulk_create(points, batch_size=BATCH)
    MeetingRole.objects.bulk_create(roles, batch_size=BATCH)
    return len(points)


def _points(meeting: Meeting, topic: Topic | None, users: list[int], chance: random.Random) -> list[AgendaItem]:
    Kind = AgendaItem.Kind
    kinds = [
        (Kind.HERE_AND_NOW, 10),
        (Kind.AGREEMENTS, 15),
        (Kind.SPARRING, 45),
        (Kind.OTHER, 15),
        (Kind.CHECK_OUT, 10),
    ]
    if topic:
        kinds.insert(3, (Kind.TOPIC, 25))
    return [
        AgendaItem(
            meeting=meeting,
            position=position,
            kind=kind,
            title="Nyt fra hver enhed" if kind == Kind.OTHER else "",
            minutes=minutes,
            responsible_id=chance.choice(users),
            topic=topic if kind == Kind.TOPIC else None,
        )
        for position, (kind, minutes) in enumerate(kinds, start=1)
    ]


def _agreements(rooms: list[Room], chance: random.Random, now: datetime) -> int:
    """Two from each meeting held, the latest meetings' still open; and a few words of what was carried over."""
    rows, minutes = [], []
    State = Agreement.State
    for room in rooms:
        held = room.held()
        for meeting in held:
            minutes.append(Minutes(meeting=meeting, carried_over=CARRIED_OVER, version=1, closed_by_id=room.users[0]))
            for number in range(AGREEMENTS_A_MEETING):
                is_open = meeting in held[-2:] and chance.random() < 0.7
                owner = chance.choice([None, *room.users])
                rows.append(
                    Agreement(
                        network=room.network,
                        meeting=meeting,
                        text=chance.choice(AGREEMENTS),
                        owner_id=owner,
                        is_everyones=owner is None,
                        due_on=None if number else meeting.date + timedelta(days=45),
                        state=State.OPEN if is_open else State.DONE if chance.random() < 0.9 else State.DROPPED,
                        form_key=key(chance),
                        created_by_id=room.users[0],
                        created_at=meeting.ends_at,
                        settled_at=None if is_open else meeting.ends_at + timedelta(days=30),
                    )
                )
    Minutes.objects.bulk_create(minutes, batch_size=BATCH)
    return len(Agreement.objects.bulk_create(rows, batch_size=BATCH))


def _cards(rooms: list[Room], chance: random.Random, now: datetime) -> int:
    rows = []
    for room in rooms:
        for number in range(CARDS_A_NETWORK):
            about, challenge, tried, outcome = chance.choice(CARDS)
            rows.append(
                LearningCard(
                    network=room.network,
                    meeting=chance.choice(room.held() or [None]),
                    theme=about,
                    challenge=challenge,
                    tried=tried,
                    outcome=outcome,
                    author_id=chance.choice(room.users),
                    shows_author=chance.random() < 0.5,
                    form_key=key(chance),
                    created_at=now - timedelta(days=60 * number + 5),
                )
            )
    return len(LearningCard.objects.bulk_create(rows, batch_size=BATCH))


# --- Feedback --------------------------------------------------------------------------------------------------------


def _rounds(rooms: list[Room], years: int, chance: random.Random, now: datetime) -> int:
    """A pulse a year that is over, every network's; and one under way in every tenth of them."""
    version = questions.current(FeedbackRound.Kind.NETWORK_PULSE).version
    over = []
    for room in rooms:
        for back in range(years):
            closes = now - YEAR * back - timedelta(days=chance.randrange(20, 120))
            is_shared = back == 0 and chance.random() < TWO_IN_FIVE
            over.append(
                _round(room, version, closes, FeedbackRound.State.SHARED if is_shared else FeedbackRound.State.CLOSED)
            )
    under_way = [
        _round(room, version, now + timedelta(days=6), FeedbackRound.State.OPEN) for room in rooms[::ONE_IN_TEN]
    ]
    made = FeedbackRound.objects.bulk_create([*over, *under_way], batch_size=BATCH)
    people = {room.network.pk: room.users for room in rooms}
    asked = questions.questions_of(made[0]) if made else []
    FeedbackRelease.objects.bulk_create(
        [_release(round, asked, len(people[round.network_id]), chance) for round in made if round.is_over],
        batch_size=BATCH,
    )
    _under_way([round for round in made if not round.is_over], asked, people, chance)
    return len(made)


def _round(room: Room, version: str, closes: datetime, state: str) -> FeedbackRound:
    opened = closes - timedelta(days=10)
    is_open = state == FeedbackRound.State.OPEN
    return FeedbackRound(
        network=room.network,
        state=state,
        question_set=version,
        anonymity_threshold=5,
        opens_at=opened,
        closes_at=closes,
        opened_at=opened,
        closed_at=None if is_open else closes,
        progress_on=today(opened) if is_open else None,
        created_by_id=room.users[0],
    )


def _said(asked, chance: random.Random) -> dict:
    return {question.key: chance.choice((2, 3, 4, 4, 5)) for question in asked if not question.is_open}


def _release(round: FeedbackRound, asked, members: int, chance: random.Random) -> FeedbackRelease:
    said = [_said(asked, chance) for _member in range(members)]
    results = release.compute(
        said, [question for question in asked if not question.is_open], threshold=round.anonymity_threshold
    )
    if not results.is_suppressed:
        for question in asked:
            if question.is_open:
                results.questions[question.key] = {"comments": chance.sample(COMMENTS, k=len(COMMENTS))}
    return FeedbackRelease(
        round=round,
        is_suppressed=results.is_suppressed,
        invited_count=members,
        answer_count=results.answer_count,
        results=results.questions,
        computed_at=round.closed_at,
    )


def _under_way(rounds: list[FeedbackRound], asked, people: dict[int, list[int]], chance: random.Random) -> None:
    invited, responses = [], []
    for round in rounds:
        answered = set(chance.sample(people[round.network_id], k=len(people[round.network_id]) // 2))
        invited += [
            FeedbackInvitation(round=round, user_id=user, has_answered=user in answered)
            for user in people[round.network_id]
        ]
        responses += [FeedbackResponse(id=key(chance), round=round, answers=_said(asked, chance)) for _user in answered]
    FeedbackInvitation.objects.bulk_create(invited, batch_size=BATCH)
    FeedbackResponse.objects.bulk_create(responses, batch_size=BATCH)


def _words_upward(rooms: list[Room], now: datetime) -> None:
    ManagementMessage.objects.bulk_create(
        [
            ManagementMessage(
                network=room.network,
                text=WORD_UPWARD,
                written_by_id=room.users[0],
                written_at=now - timedelta(days=number + 2),
                sent_at=now - timedelta(days=number + 1),
            )
            for number, room in enumerate(rooms[::ONE_IN_TEN])
        ],
        batch_size=BATCH,
    )
