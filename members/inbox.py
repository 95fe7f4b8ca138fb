"""A person's own messages in the house: what they were about and where, made anew from what they may see now."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone

from members import digest, kinds
from members.deliveries import KEEP_ROWS
from members.kinds import Subject
from members.models import Message, User

# What has left the outbox; also what the mail server would not take, since this is the other way to hear of it.
SHOWN = (Message.State.SENT, Message.State.IN_DOUBT, Message.State.FAILED)


@dataclass(frozen=True)
class Line:
    message: Message
    kind: str
    subject: Subject | None
    is_new: bool
    is_closed: bool

    @property
    def at(self) -> datetime:
        return self.message.sent_at or self.message.due_at


def messages_of(user: User) -> QuerySet[Message]:
    """Newest first, for as long as they are kept. The weekly mail itself is left out: what it told of stands here."""
    since = timezone.now() - KEEP_ROWS
    mine = Message.objects.filter(recipient=user, state__in=SHOWN, due_at__gt=since).exclude(kind=digest.KIND)
    return mine.order_by("-due_at", "-pk")


def unread(user: User) -> int:
    return new_among(messages_of(user), user).count()


def new_among(messages: QuerySet[Message], user: User) -> QuerySet[Message]:
    return messages.filter(settled_at__gt=user.messages_read_at) if user.messages_read_at else messages


def mark_read(user: User, *, until: datetime) -> None:
    """All that had come when the list was shown."""
    newest = until if user.messages_read_at is None else max(until, user.messages_read_at)
    User.objects.filter(pk=user.pk).update(messages_read_at=newest)


def lines(messages: list[Message], user: User) -> list[Line]:
    """What the page shows. Each sort of thing is fetched once, whatever the number of messages."""
    wanted = defaultdict(set)
    for message in messages:
        if find := kinds.finder(message.kind):
            wanted[find].add(message.subject_id)
    found = {find: find(user, keys) for find, keys in wanted.items()}
    return [_line(message, found.get(kinds.finder(message.kind)), user.messages_read_at) for message in messages]


def _line(message: Message, found: dict[int, Subject] | None, read_at: datetime | None) -> Line:
    subject = found.get(message.subject_id) if found is not None else None
    return Line(
        message,
        kinds.label(message.kind),
        subject,
        is_new=read_at is None or (message.settled_at or message.due_at) > read_at,
        is_closed=found is not None and subject is None,
    )
