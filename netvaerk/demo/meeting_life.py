"""What the members have made of their meetings: agendas, topics and roles, and a meeting that begins today."""

from datetime import datetime, time, timedelta

from meetings import agenda, attendance, roles, scheduling, topics
from meetings.models import AgendaItem, Meeting, MeetingRole, Rsvp, TopicKind
from members.danish import COPENHAGEN, today
from members.models import User
from networks.models import Network

SHOWN = "ledere-paa-tvaers"
TOPICS = (
    (
        TopicKind.EXPERIENCE,
        "Da jeg lukkede et team ned",
        "Jeg troede, at de vidste det. Det gjorde de ikke. Hvordan siger I noget svært i god tid?",
        5,
        True,
    ),
    (
        TopicKind.OPINION,
        "Vi holder for mange møder, der bare orienterer",
        "Jeg tror, at halvdelen kunne være en mail. Er det bare mig?",
        3,
        True,
    ),
    (TopicKind.VALUE, "Åbne døre eller ro til at arbejde", "", 1, True),
    (
        TopicKind.EXPERIENCE,
        "Min første måned som chef for gamle kolleger",
        "Jeg vil gerne høre, hvad I gjorde de første uger.",
        2,
        False,
    ),
    (TopicKind.OPINION, "Skal vi måle på sygefravær hver uge?", "", 0, False),
)


def live(*, now: datetime) -> None:
    for network in Network.objects.filter(state=Network.State.ACTIVE):
        people = _people(network)
        meeting = network.meetings.upcoming(now).first()
        if meeting is None:
            continue
        if network.slug == SHOWN:
            meeting = _held_today(meeting, people, now)
            _bring(meeting, people, TOPICS, now)
        else:
            _bring(meeting, people, TOPICS[len(people) % 3 :][:2], now)
        _agenda(meeting, people, now)
        _roles(network, meeting, people, now)


def _roles(network: Network, meeting: Meeting, people: list[User], now: datetime) -> None:
    """They have gone round for as long as there have been meetings; the next ones are shared out half-way."""
    past = list(network.meetings.filter(state=Meeting.State.HELD).order_by("starts_at"))
    MeetingRole.objects.bulk_create(
        MeetingRole(meeting=held, role=role, user=people[(2 * place + turn) % len(people)], taken_at=held.starts_at)
        for place, held in enumerate(past)
        for turn, role in enumerate(MeetingRole.ROTATING)
        if (place + turn) % 4
    )
    roles.take(meeting, MeetingRole.Role.CHAIR, actor=people[0], now=now - timedelta(days=2))
    if len(people) > 2:
        roles.take(meeting, MeetingRole.Role.FOCUS, actor=people[1], now=now - timedelta(days=2))


def _people(network: Network) -> list[User]:
    members = network.memberships.active().select_related("leader__user").order_by("-is_coordinator", "pk")
    return [membership.leader.user for membership in members]


def _held_today(meeting: Meeting, people: list[User], now: datetime) -> Meeting:
    """Moved to later today, or late in the evening to the next morning, so that Mødevisning can be tried at once."""
    begins = (now + timedelta(minutes=90)).astimezone(COPENHAGEN).replace(minute=0, second=0, microsecond=0)
    if begins.hour > 20 or begins.date() != today(now):
        begins = datetime.combine(today(now) + timedelta(days=1), time(9), COPENHAGEN)
    ends = begins + timedelta(hours=2)
    moved = now - timedelta(days=3)
    scheduling.move(
        meeting,
        date=begins.date(),
        start_time=begins.time(),
        end_time=ends.time(),
        actor=people[0],
        now=moved,
        seen_sequence=meeting.sequence,
        reason="Flere af os var på kursus på det gamle tidspunkt.",
    )
    for place, user in enumerate(people):
        if not user.email.endswith("@demo.invalid"):
            answer = Rsvp.Answer.DECLINED if place == 4 else Rsvp.Answer.ACCEPTED
            attendance.reply(meeting, user=user, answer=answer, now=moved + timedelta(hours=place))
    meeting.refresh_from_db()
    return meeting


def _bring(meeting: Meeting, people: list[User], brought, now: datetime) -> None:
    for place, (kind, title, text, marks, is_for_meeting) in enumerate(brought):
        topic = topics.add(
            meeting.network,
            actor=people[(place + 1) % len(people)],
            kind=kind,
            title=title,
            text=text,
            meeting=meeting if is_for_meeting else None,
            now=now - timedelta(days=9 - place),
        )
        for user in people[:marks]:
            topics.mark(topic, actor=user, wants=True, now=now - timedelta(days=2))


def _agenda(meeting: Meeting, people: list[User], now: datetime) -> None:
    written = now - timedelta(days=2)
    agenda.lay_out(meeting, actor=people[0], now=written)
    responsible = {AgendaItem.Kind.HERE_AND_NOW: people[0], AgendaItem.Kind.THEME: people[1 % len(people)]}
    exercise = meeting.agenda_items.filter(kind=AgendaItem.Kind.EXERCISE, exercise="").first()
    if exercise is not None:
        _change(exercise, people, written, exercise="speed-sparring")
    for kind, user in responsible.items():
        item = meeting.agenda_items.filter(kind=kind).first()
        if item is not None:
            _change(item, people, written, responsible=user)
    wanted = next((one for one in topics.of_meeting(meeting, people[0]) if one.marks_count > 2), None)
    sparring = meeting.agenda_items.filter(kind=AgendaItem.Kind.SPARRING).first()
    if wanted is not None and sparring is not None:
        _change(sparring, people, written, minutes=max(sparring.minutes - 15, 5))
        topics.put_on_agenda(wanted, meeting, actor=people[0], now=written)


def _change(item: AgendaItem, people: list[User], now: datetime, **changes) -> None:
    values = {name: getattr(item, name) for name in ("title", "minutes", "exercise", "responsible")}
    agenda.change(item, actor=people[0], seen=item.version, now=now, **values | changes)
