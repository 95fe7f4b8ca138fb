"""What members bring to the group: written by one, wanted first by some, put on the agenda with one tap."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from meetings import agenda, room
from meetings.models import AgendaItem, Meeting, Topic, TopicKind, TopicMark
from members import audit
from members.models import User
from networks.conflicts import is_saved
from networks.models import Network
from networks.permissions import is_active_member, is_coordinator
from networks.refusal import Refused, require

MOST_WAITING = 60  # in one network: a pool nobody can look through helps nobody


# --- Reading ---------------------------------------------------------------------------------------------------------


def of_meeting(meeting: Meeting, user: User) -> list[Topic]:
    """Those brought to this meeting: what waits first, by marks; then what has been talked about."""
    found = meeting.topics.by_marks(user)
    return sorted(found, key=lambda topic: topic.discussed_at is not None)


def pool(network: Network, user: User, now: datetime) -> list[Topic]:
    """Those that wait for a meeting, among them what an earlier one did not reach."""
    found = list(network.topics.waiting().in_pool(now - room.RUNS_OVER).by_marks(user))
    for topic in found:
        topic.is_carried_over |= topic.meeting_id is not None
    return found


def can_work(user: User, network: Network) -> bool:
    return network.state == Network.State.ACTIVE and is_active_member(user, network)


def can_change(user: User, topic: Topic) -> bool:
    return topic.author_id == user.pk and topic.is_waiting


def can_withdraw(user: User, topic: Topic) -> bool:
    """Its author; the coordinator, when the author has gone."""
    if not topic.is_waiting:
        return False
    if topic.author_id == user.pk:
        return True
    author_is_here = topic.network.memberships.inside().filter(leader__user=topic.author_id).exists()
    return is_coordinator(user, topic.network) and not author_is_here


# --- Writing ---------------------------------------------------------------------------------------------------------


@transaction.atomic
def add(
    network: Network,
    *,
    actor: User,
    kind: TopicKind,
    title: str,
    now: datetime,
    text: str = "",
    meeting: Meeting | None = None,
) -> Topic:
    """Bring a topic to a meeting, until it is over, or to the pool. The same one sent twice is one."""
    network = _enter(network, actor)
    if meeting is not None:
        meeting = room.enter(meeting, actor=actor, now=now)
        require(meeting.network_id == network.pk)
    waiting = list(network.topics.waiting())
    twin = next((one for one in waiting if _is_twin(one, actor, meeting, kind, title, text)), None)
    if twin is not None:
        return twin
    if len(waiting) >= MOST_WAITING:
        raise Refused(_("Der venter allerede %(most)d emner. Tal om nogle af dem først.") % {"most": MOST_WAITING})
    topic = Topic.objects.create(
        network=network, meeting=meeting, author=actor, kind=kind, title=title, text=text, created_at=now
    )
    audit.record(actor, "add_topic", topic, now=now)
    return topic


def _is_twin(topic: Topic, author: User, meeting: Meeting | None, kind: str, title: str, text: str) -> bool:
    place = meeting.pk if meeting else None
    said = (topic.author_id, topic.meeting_id, topic.kind, topic.title, topic.text)
    return said == (author.pk, place, kind, title, text)


@transaction.atomic
def change(topic: Topic, *, actor: User, kind: TopicKind, title: str, text: str, seen: int, now: datetime) -> Topic:
    topic = _enter_topic(topic, actor)
    require(topic.author_id == actor.pk)
    _require_waiting(topic)
    if is_saved(topic, seen, _("Emnet er gemt et andet sted, mens du skrev."), kind=kind, title=title, text=text):
        return topic
    topic.kind, topic.title, topic.text = kind, title, text
    topic.version += 1
    topic.save()
    audit.record(actor, "change_topic", topic, now=now)
    return topic


@transaction.atomic
def withdraw(topic: Topic, *, actor: User, now: datetime) -> None:
    """Take it back: off the agendas it was on, and gone."""
    topic = _enter_topic(topic, actor)
    require(can_withdraw(actor, topic) or not topic.is_waiting)
    _require_waiting(topic)
    agenda.take_off(topic, actor=actor, now=now)
    audit.record(actor, "withdraw_topic", topic, now=now)
    topic.delete()


@transaction.atomic
def mark(topic: Topic, *, actor: User, wants: bool, now: datetime) -> None:
    """Say, or no longer say, that this is what one would like first. Not in hændelsesloggen: the members' own."""
    topic = _enter_topic(topic, actor)
    _require_waiting(topic)
    if wants:
        TopicMark.objects.get_or_create(topic=topic, user=actor)
    else:
        TopicMark.objects.filter(topic=topic, user=actor).delete()


@transaction.atomic
def put_on_agenda(topic: Topic, meeting: Meeting, *, actor: User, now: datetime) -> AgendaItem | None:
    """Bring it to `meeting` and make it a point there; None when it is one already."""
    topic = _enter_topic(topic, actor)
    require(meeting.network_id == topic.network_id)
    meeting = room.enter(meeting, actor=actor, now=now)
    _require_waiting(topic)
    _bring(topic, meeting, actor=actor, now=now)
    return agenda.put_topic(meeting, topic, actor=actor, now=now)


@transaction.atomic
def bring_to(topic: Topic, meeting: Meeting | None, *, actor: User, now: datetime) -> Topic:
    """To another meeting, or to the pool with None. It leaves the agenda it was on."""
    topic = _enter_topic(topic, actor)
    _require_waiting(topic)
    if meeting is not None:
        require(meeting.network_id == topic.network_id)
        meeting = room.enter(meeting, actor=actor, now=now)
    _bring(topic, meeting, actor=actor, now=now)
    return topic


@transaction.atomic
def discuss(topic: Topic, *, actor: User, is_discussed: bool, now: datetime) -> Topic:
    """The group has talked about it; or has not after all."""
    topic = _enter_topic(topic, actor)
    if topic.is_waiting is is_discussed:
        topic.discussed_at = now if is_discussed else None
        topic.version += 1
        topic.save(update_fields=["discussed_at", "version"])
        audit.record(actor, "discuss_topic" if is_discussed else "reopen_topic", topic, now=now)
    return topic


def forget_marks(user: int, network: Network) -> None:
    """One who has left wants nothing first."""
    TopicMark.objects.filter(user=user, topic__network=network, topic__discussed_at__isnull=True).delete()


# --- Common ----------------------------------------------------------------------------------------------------------


def _bring(topic: Topic, meeting: Meeting | None, *, actor: User, now: datetime) -> None:
    if topic.meeting_id == (meeting.pk if meeting else None):
        return
    if topic.meeting is not None and topic.meeting.starts_at <= now:
        topic.is_carried_over = True  # the agenda of a meeting that has been stays as it was
    else:
        agenda.take_off(topic, actor=actor, now=now)
    topic.meeting = meeting
    topic.version += 1
    topic.save(update_fields=["meeting", "is_carried_over", "version"])
    audit.record(actor, "move_topic", topic, now=now)


def _enter(network: Network, actor: User) -> Network:
    network = Network.objects.lock(network.pk)
    require(is_active_member(actor, network))
    if network.state != Network.State.ACTIVE:
        raise Refused(_("Emner kan kun ændres, mens netværket er aktivt."))
    return network


def _enter_topic(topic: Topic, actor: User) -> Topic:
    network = _enter(topic.network, actor)
    current = Topic.objects.select_for_update().filter(pk=topic.pk).first()
    if current is None:
        raise Refused(_("Emnet er trukket tilbage."))
    current.network = network
    return current


def _require_waiting(topic: Topic) -> None:
    if not topic.is_waiting:
        raise Refused(_("I har talt om emnet."))
