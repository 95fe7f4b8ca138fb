"""How fast mail may leave: so many a minute, evenly spread, and so many a day, for all workers together.

A municipal relay may take thirty a minute and shut the door at the thirty-first. The count stands in the database, so
that workers on several machines keep one pace. What is urgent goes first, since claims are taken in that order.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from members.danish import today
from members.models import Heartbeat

NEXT = "pace"
DAY = "mails today"
WARN_AT = 0.8
A_MINUTE = 60


def is_kept() -> bool:
    return bool(settings.MAIL_PER_MINUTE or settings.MAIL_PER_DAY)


def seconds_to_wait(now: datetime) -> float | None:
    """Take the next place in the line of mails: 0 when it is free now, the wait until it is, None till tomorrow."""
    if not is_kept():
        return 0
    with transaction.atomic():
        Heartbeat.objects.bulk_create([Heartbeat(name=NEXT, beaten_at=now)], ignore_conflicts=True)
        place = Heartbeat.objects.select_for_update().get(name=NEXT)  # all workers pass here one by one
        sent = sent_today(now)
        if settings.MAIL_PER_DAY and sent >= settings.MAIL_PER_DAY:
            return None
        gap = timedelta(seconds=A_MINUTE / settings.MAIL_PER_MINUTE) if settings.MAIL_PER_MINUTE else timedelta()
        wait = (place.beaten_at - now).total_seconds()
        # Another worker may have taken the place before this one since `now` was read, and so be a little ahead; a
        # place a minute further off than that was set by a clock that has since been put back.
        if 0 < wait <= gap.total_seconds() + A_MINUTE:
            return wait
        place.beaten_at = now + gap
        place.save(update_fields=["beaten_at"])
        Heartbeat.objects.update_or_create(name=DAY, defaults={"beaten_at": now, "note": str(sent + 1)})
    return 0


def sent_today(now: datetime) -> int:
    """How many mails have been let through since midnight in Denmark; counted only while there is a limit."""
    count = Heartbeat.objects.filter(name=DAY).first()
    return int(count.note) if count and today(count.beaten_at) == today(now) else 0


def is_near_the_limit(now: datetime) -> bool:
    return bool(settings.MAIL_PER_DAY) and sent_today(now) >= WARN_AT * settings.MAIL_PER_DAY
