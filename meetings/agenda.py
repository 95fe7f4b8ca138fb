"""The agenda: proposed from a template until the members make it their own, then theirs to change."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Subquery
from django.utils.translation import gettext as _

from meetings import agenda_template as template
from meetings import room
from meetings.models import Agenda, AgendaItem, Meeting, Topic
from members import audit
from members.encryption import showing_gaps
from members.models import User
from networks.conflicts import is_saved, says
from networks.exercises import BY_SLUG
from networks.models import Charter, Network
from networks.refusal import Refused, require

MOST_ITEMS = 30
MOST_MINUTES = 600
TOPIC_MINUTES = 15
UP, DOWN = -1, 1


# --- Reading ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Plan:
    """A meeting's agenda as it stands: its points, each with when it begins if all keep their time."""

    meeting: Meeting
    agenda: Agenda | None
    items: list[AgendaItem]

    @property
    def is_proposed(self) -> bool:
        """Nobody has made it their own yet."""
        return self.agenda is None

    @property
    def version(self) -> int:
        return self.agenda.version if self.agenda else 0

    @property
    def minutes(self) -> int:
        return sum(item.minutes for item in self.items)

    @property
    def length(self) -> int:
        return template.length(self.meeting)

    @property
    def spare(self) -> int:
        """Minutes left; less than nothing when the points take longer than the meeting."""
        return self.length - self.minutes

    @property
    def over(self) -> int:
        return max(-self.spare, 0)

    @property
    def begins_with_here_and_now(self) -> bool:
        return bool(self.items) and self.items[0].kind == AgendaItem.Kind.HERE_AND_NOW

    @property
    def asks_for_ground_rules(self) -> bool:
        return any(item.principle for item in self.items)


def of(meeting: Meeting) -> Plan:
    agenda = Agenda.objects.filter(meeting=meeting).first()
    items = list(_items(meeting)) if agenda else template.proposed(meeting)
    begins = meeting.starts_at
    for item in items:
        item.meeting, item.begins_at = meeting, begins
        begins += timedelta(minutes=item.minutes)
    return Plan(meeting, agenda, items)


def _items(meeting: Meeting):
    return AgendaItem.objects.filter(meeting=meeting).select_related("responsible", "topic")


def opening_of(network: Network, agreed: Charter | None, now: datetime) -> tuple[bool, str] | None:
    """Whether the next meeting begins with a her og nu-runde, by what is `agreed` where it has no agenda yet, and where
    that is seen. None without a meeting."""
    first = AgendaItem.objects.filter(meeting=OuterRef("pk")).order_by("position").values("kind")[:1]
    coming = network.meetings.upcoming(now).defer("theme", "link").annotate(first_kind=Subquery(first))
    meeting = coming.annotate(has_agenda=Exists(Agenda.objects.filter(meeting=OuterRef("pk")))).first()
    if meeting is None:
        return None
    if meeting.has_agenda:
        return meeting.first_kind == AgendaItem.Kind.HERE_AND_NOW, meeting.get_absolute_url()
    return template.opens_with_here_and_now(agreed), meeting.get_absolute_url()


# --- Changing --------------------------------------------------------------------------------------------------------


@transaction.atomic
def lay_out(meeting: Meeting, *, actor: User, now: datetime) -> Agenda:
    """Make the proposed agenda the members' own. Once: a second call gets the one there is."""
    return ensure(room.enter(meeting, actor=actor, now=now), actor=actor, now=now)


@transaction.atomic
def add(
    meeting: Meeting,
    *,
    actor: User,
    minutes: int,
    now: datetime,
    title: str = "",
    exercise: str = "",
    responsible: User | None = None,
    is_carried_over: bool = False,
    seen: int | None = None,
) -> AgendaItem:
    """One more point, before those that end the meeting. The same one sent twice from the agenda `seen` is one."""
    meeting = room.enter(meeting, actor=actor, now=now)
    agenda = Agenda.objects.filter(meeting=meeting).first()
    if agenda is not None and seen is not None and agenda.version != seen:
        answer = {"title": title, "minutes": minutes, "exercise": exercise, "responsible": responsible}
        with showing_gaps():  # a point that cannot be read is another point
            twin = next((item for item in _items(meeting) if says(item, **answer)), None)
        if twin is not None:
            return twin
    agenda = ensure(meeting, actor=actor, now=now)
    _require_sense(meeting, minutes, exercise, responsible)
    if not title and not exercise:
        raise Refused(_("Skriv, hvad punktet handler om, eller vælg en øvelse."))
    kind = AgendaItem.Kind.OTHER if title else AgendaItem.Kind.EXERCISE
    item = AgendaItem(
        meeting=meeting,
        kind=kind,
        title=title,
        minutes=minutes,
        exercise=exercise,
        responsible=responsible,
        is_carried_over=is_carried_over,
    )
    return _insert(agenda, item, actor=actor, now=now)


@transaction.atomic
def change(
    item: AgendaItem,
    *,
    actor: User,
    title: str,
    minutes: int,
    exercise: str,
    responsible: User | None,
    seen: int,
    now: datetime,
) -> AgendaItem:
    """Save over the version that was read, `seen`, and over no other. An empty title gives the usual one back."""
    agenda, item = _enter_item(item, actor, now)
    _require_sense(item.meeting, minutes, exercise, responsible)
    answer = {"title": title, "minutes": minutes, "exercise": exercise, "responsible": responsible}
    if is_saved(item, seen, _("En anden har gemt punktet, mens du skrev."), **answer):
        return item
    if not title and not exercise and item.kind == AgendaItem.Kind.OTHER:
        raise Refused(_("Skriv, hvad punktet handler om, eller vælg en øvelse."))
    item.title, item.minutes, item.exercise, item.responsible = title, minutes, exercise, responsible
    if item.kind == AgendaItem.Kind.OTHER and not title:
        item.kind = AgendaItem.Kind.EXERCISE
    item.version += 1
    item.save()
    _touch(agenda, "change_agenda", actor=actor, now=now)
    return item


@transaction.atomic
def move(item: AgendaItem, *, step: int, actor: User, seen: int, now: datetime) -> None:
    """One place up or down. `seen` is the version of the agenda the member has before them."""
    agenda, item = _enter_item(item, actor, now)
    _require_seen(agenda, seen)
    items = list(AgendaItem.objects.filter(meeting=item.meeting))
    place = items.index(item)
    if 0 <= place + step < len(items):
        items[place], items[place + step] = items[place + step], items[place]
        _renumber(items)
        _touch(agenda, "reorder_agenda", actor=actor, now=now)


@transaction.atomic
def remove(item: AgendaItem, *, actor: User, seen: int, now: datetime) -> None:
    agenda, item = _enter_item(item, actor, now)
    _require_seen(agenda, seen)
    _take_out(agenda, item, now)
    _touch(agenda, "remove_agenda_item", actor=actor, now=now)


def put_topic(meeting: Meeting, topic: Topic, *, actor: User, now: datetime) -> AgendaItem | None:
    """The topic as a point of this meeting, locked by the caller; None when it is one already."""
    agenda = ensure(meeting, actor=actor, now=now)
    if meeting.agenda_items.filter(topic=topic).exists():
        return None
    spare = of(meeting).spare
    item = AgendaItem(
        meeting=meeting,
        kind=AgendaItem.Kind.TOPIC,
        topic=topic,
        minutes=min(TOPIC_MINUTES, spare) if spare >= template.STEP else TOPIC_MINUTES,
        responsible=topic.author,
        is_carried_over=topic.is_carried_over,
    )
    return _insert(agenda, item, actor=actor, now=now)


def take_off(topic: Topic, *, actor: User, now: datetime) -> None:
    """The topic leaves the agendas it is on."""
    on_it = AgendaItem.objects.filter(topic=topic).values("meeting")
    for meeting in Meeting.objects.select_for_update().filter(pk__in=on_it).order_by("pk"):
        agenda = _agenda(meeting)
        _take_out(agenda, meeting.agenda_items.get(topic=topic), now)
        _touch(agenda, "remove_agenda_item", actor=actor, now=now)


def release(user: int, meetings) -> None:
    """Nobody waits for one who has left."""
    AgendaItem.objects.filter(meeting__in=meetings, responsible=user).update(responsible=None)


# --- Common ----------------------------------------------------------------------------------------------------------


def ensure(meeting: Meeting, *, actor: User, now: datetime) -> Agenda:
    """The agenda of a meeting that is locked already."""
    agenda, is_new = Agenda.objects.get_or_create(meeting=meeting, defaults={"laid_out_at": now})
    if is_new:
        AgendaItem.objects.bulk_create(template.proposed(meeting))
        audit.record(actor, "lay_out_agenda", meeting, now=now)
    return agenda


def _enter_item(item: AgendaItem, actor: User, now: datetime) -> tuple[Agenda, AgendaItem]:
    meeting = room.enter(item.meeting, actor=actor, now=now)
    current = _items(meeting).filter(pk=item.pk).first()
    if current is None:
        raise Refused(_("Punktet er fjernet af en anden."))
    current.meeting = meeting
    return _agenda(meeting), current


def _agenda(meeting: Meeting) -> Agenda:
    agenda = Agenda.objects.get(meeting=meeting)
    agenda.meeting = meeting
    return agenda


def _require_seen(agenda: Agenda, seen: int) -> None:
    if agenda.version != seen:
        raise Refused(_("Dagsordenen er ændret, siden du åbnede siden. Se, hvordan den står nu, og prøv igen."))


def _require_sense(meeting: Meeting, minutes: int, exercise: str, responsible: User | None) -> None:
    if not 1 <= minutes <= MOST_MINUTES:
        raise Refused(_("Skriv et antal minutter fra 1 til %(most)d.") % {"most": MOST_MINUTES})
    require(not exercise or exercise in BY_SLUG)
    if responsible is not None and not meeting.network.memberships.active().filter(leader__user=responsible).exists():
        raise Refused(_("Den ansvarlige er ikke længere medlem af netværket."))


def _insert(agenda: Agenda, item: AgendaItem, *, actor: User, now: datetime) -> AgendaItem:
    items = list(AgendaItem.objects.filter(meeting=item.meeting))
    if len(items) >= MOST_ITEMS:
        raise Refused(_("En dagsorden kan højst have %(most)d punkter. Fjern et først.") % {"most": MOST_ITEMS})
    place = len(items)
    first = next((number for number, one in enumerate(items) if one.pk == agenda.current_id), -1) + 1
    while place > first and items[place - 1].kind in AgendaItem.KINDS_AT_THE_END:
        place -= 1
    item.position = place + 1
    _renumber([*items[:place], None, *items[place:]])
    item.save()
    _touch(agenda, "add_agenda_item", actor=actor, now=now)
    return item


def _take_out(agenda: Agenda, item: AgendaItem, now: datetime) -> None:
    """Without it; a meeting that was at this point goes on to the next, or stays at the one before."""
    items = list(AgendaItem.objects.filter(meeting=item.meeting))
    if agenda.current_id == item.pk:
        place = items.index(item)
        agenda.current = next(iter([*items[place + 1 : place + 2], *items[max(place - 1, 0) : place]]), None)
        agenda.current_since = now
    items.remove(item)
    item.delete()
    _renumber(items)


def _renumber(items: list[AgendaItem | None]) -> None:
    changed = []
    for position, item in enumerate(items, start=1):
        if item is not None and item.position != position:
            item.position = position
            changed.append(item)
    AgendaItem.objects.bulk_update(changed, ["position"])


def _touch(agenda: Agenda, verb: str, *, actor: User, now: datetime) -> None:
    agenda.version += 1
    agenda.save()
    audit.record(actor, verb, agenda.meeting, now=now)
