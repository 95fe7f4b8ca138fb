"""One mail a week for those who want it so: what may wait is held back, gathered in one row, and sent with it.

A held row is bound to its gathering in one transaction, and from then on the gathering's state is its own: killed at
any moment, each news is in exactly one weekly mail. What it says is read anew when it is sent.
"""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, time, timedelta

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from members import kinds
from members.danish import COPENHAGEN, wall_to_utc
from members.kinds import Suppress
from members.mail import Mail, render_mail
from members.models import Message, User

logger = logging.getLogger(__name__)
State = Message.State

KIND = "digest"
SETTLED = (State.SENT, State.IN_DOUBT, State.FAILED, State.SUPPRESSED, State.SUPERSEDED)
MARGIN = timedelta(days=1)  # what would come less than a day before it is useless does not wait
WITH_DIGEST = "gathered in a weekly mail"


def register() -> None:
    kinds.register(KIND, build=build, label=_("Ugens nyheder"))


def next_moment(weekday: int, hour: int, after: datetime) -> datetime:
    """The next such hour on the wall that lies ahead."""
    wall = after.astimezone(COPENHAGEN)
    day = wall.date() + timedelta(days=(weekday - wall.weekday()) % 7)
    moment = wall_to_utc(day, time(hour))
    return moment if moment > after else wall_to_utc(day + timedelta(days=7), time(hour))


def hold(rows: Sequence, *, now: datetime) -> list:
    """The rows of an act, those of people who want one mail a week moved to it."""
    weekly = User.objects.filter(pk__in=[row.recipient_id for row in rows], wants_digest=True)
    chosen = {pk: when for pk, *when in weekly.values_list("pk", "digest_weekday", "digest_hour")}
    held = []
    for row in rows:
        if row.recipient_id in chosen:
            moment = next_moment(*chosen[row.recipient_id], max(now, row.due_at))
            if row.useless_after is None or moment + MARGIN < row.useless_after:
                row = row._replace(due_at=moment, is_held=True)
        held.append(row)
    return held


@transaction.atomic
def rearrange(user: User, *, now: datetime) -> None:
    """What waits follows its receiver's new choice: another hour, or at once."""
    waiting = Message.objects.filter(recipient=user, state=State.DUE, is_held=True, digest=None)
    if user.wants_digest:
        waiting.update(due_at=next_moment(user.digest_weekday, user.digest_hour, now))
    else:
        waiting.update(is_held=False, due_at=now)


# --- Gathering -------------------------------------------------------------------------------------------------------


def gather(now: datetime) -> int:
    """Bind what is due to a weekly mail, one per person. Two who do so at once make one."""
    due = Message.objects.filter(is_held=True, state=State.DUE, digest=None, due_at__lte=now)
    first: dict[int, int] = {}
    for recipient, pk in due.order_by("recipient", "pk").values_list("recipient", "pk"):
        first.setdefault(recipient, pk)
    return sum(_gather_for(recipient, pk, now) for recipient, pk in first.items())


@transaction.atomic
def _gather_for(recipient: int, first: int, now: datetime) -> bool:
    """The mail is named by the oldest news in it, which is in no other."""
    held = Message.objects.select_for_update().filter(
        recipient=recipient, is_held=True, state=State.DUE, digest=None, due_at__lte=now
    )
    bound = [message.pk for message in held.order_by("pk")]
    if first not in bound:
        return False
    mail, _created = Message.objects.get_or_create(
        kind=KIND, subject_id=first, recipient_id=recipient, defaults={"created_at": now, "due_at": now}
    )
    return bool(Message.objects.filter(pk__in=bound).update(digest=mail))


def follow() -> None:
    """Let what was gathered share the fate of its mail, also when the worker fell between the two."""
    left = Message.objects.filter(is_held=True, state=State.DUE, digest__state__in=SETTLED)
    for mail in Message.objects.filter(pk__in=left.values("digest")):
        mail.gathered.filter(state=State.DUE).update(
            state=mail.state,
            sent_at=mail.sent_at,
            settled_at=mail.settled_at,
            sent_to=mail.sent_to,
            copies=mail.copies,
            last_error="" if mail.state == State.SENT else WITH_DIGEST,
        )


def build(message: Message, now: datetime) -> Mail:
    """What is still true of each news in it: its subject and where it is read; in calendars, the meetings."""
    news: list[Mail] = []
    shown: list[Message] = []
    for held in message.gathered.filter(state=State.DUE).select_related("recipient").order_by("pk"):
        try:
            if held.useless_after and held.useless_after <= now:
                raise Suppress("too late")
            news.append(kinds.get(held.kind).build(held, now))
            shown.append(held)
        except Suppress as why:
            _set_aside(held, State.SUPPRESSED, why.reason, now)
        except Exception as problem:
            # One that cannot be built must not hold up the others; no traceback, since it could carry a text.
            logger.error("Message %s (%s) cannot be built: %s", held.pk, held.kind, type(problem).__name__)
            _set_aside(held, State.FAILED, type(problem).__name__, now)
    if not news:
        raise Suppress("nothing left to tell")
    mail = render_mail(
        "members/email/digest",
        {"news": news, "button_url": settings.SITE_URL + reverse("members:inbox")},
        recipient=message.recipient,
    )
    mail.calendar = _calendar(shown)
    return mail


def _set_aside(held: Message, state: str, reason: str, now: datetime) -> None:
    Message.objects.filter(pk=held.pk, state=State.DUE).update(state=state, settled_at=now, last_error=reason[:500])


def _calendar(shown: list[Message]) -> bytes | None:
    by_maker: dict[Callable, list[Message]] = {}
    for held in shown:
        if make := kinds.get(held.kind).calendar:
            by_maker.setdefault(make, []).append(held)
    for make, messages in by_maker.items():
        return make(messages)
    return None
