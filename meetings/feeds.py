"""A person's secret calendar address. The database holds only a hash of it, and no log holds it at all."""

import hashlib
import logging
import re
import secrets
from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db import connection
from django.db.models import Q

from meetings import calendar
from meetings.models import CalendarFeed, Invitation, Meeting
from members import audit
from members.prepared import Prepared

TOKEN_BYTES = 32
USE_NOTED_EVERY = timedelta(hours=1)
FORMAT = 1  # raise it when the text of a feed changes for the same meetings


def create(user, *, now: datetime) -> str:
    """Give `user` a new address and end the old one at once. The token is returned here and never again."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    feed, _created = CalendarFeed.objects.update_or_create(
        user=user, defaults={"token_hash": hash_of(token), "created_at": now, "last_used_at": None}
    )
    audit.record(user, "subscribe", feed, now=now)
    return token


def revoke(user, *, now: datetime) -> None:
    feed = CalendarFeed.objects.filter(user=user).first()
    if feed:
        audit.record(user, "unsubscribe", feed, now=now)
        feed.delete()


def hash_of(token: str) -> str:
    """A fast hash is enough: there are 256 bits to guess."""
    return hashlib.sha256(token.encode()).hexdigest()


class Subscription(NamedTuple):
    """What one query tells of a feed before any meeting is read."""

    pk: int
    user: int
    language: str
    is_use_old: bool  # the last one that was noted
    count: int
    newest: datetime | str | None  # as the database writes it
    meetings: int
    sequences: int

    @property
    def etag(self) -> str:
        """Changes with what is in the feed: which meetings, and which version of each."""
        content = (
            FORMAT,
            settings.SITE_URL,
            settings.CALENDAR_TITLE,
            self.language,
            self.count,
            str(self.newest),
            int(self.meetings),
            int(self.sequences),
        )
        return f'"{hashlib.sha256(repr(content).encode()).hexdigest()[:32]}"'


def _in_feed(now: datetime) -> Q:
    """Which invitations a feed shows: those not taken back, and of meetings that are off those not over yet."""
    return Q(is_cancelled=False) & ~Q(meeting__state__in=Meeting.STATES_OFF, meeting__ends_at__lte=now)


# Calendars ask often: composing this as a query, or planning it, takes longer than the database needs for it.
_FIND = Prepared(
    f"""
SELECT feed.id, feed.user_id, owner.language, feed.last_used_at IS NULL OR feed.last_used_at <= %(noted_before)s,
    COUNT(shown.id), MAX(shown.changed_at), COALESCE(SUM(shown.id), 0), COALESCE(SUM(shown.sequence), 0)
FROM meetings_calendarfeed AS feed
JOIN members_user AS owner ON owner.id = feed.user_id
LEFT JOIN meetings_invitation AS held ON held.user_id = owner.id AND NOT held.is_cancelled
LEFT JOIN meetings_meeting AS shown ON shown.id = held.meeting_id
    AND NOT (shown.state IN ({", ".join(f"'{state}'" for state in Meeting.STATES_OFF)}) AND shown.ends_at <= %(now)s)
WHERE feed.token_hash = %(token_hash)s AND owner.is_active
GROUP BY feed.id, owner.language
""",  # noqa: S608  (the states are our own words)
    now="timestamptz",
    noted_before="timestamptz",
    token_hash="text",  # noqa: S106  (a type)
)


def find(token: str, *, now: datetime) -> Subscription | None:
    """The feed of this address; None for one that is unknown or ended, or whose owner may no longer sign in."""
    adapt = connection.ops.adapt_datetimefield_value
    rows = _FIND.rows(now=adapt(now), noted_before=adapt(now - USE_NOTED_EVERY), token_hash=hash_of(token))
    return Subscription(*rows[0]) if rows else None


def note_use(subscription: Subscription, *, now: datetime) -> None:
    """Remember the last use, to the hour: calendars come often."""
    if subscription.is_use_old:
        CalendarFeed.objects.filter(pk=subscription.pk).update(last_used_at=now)


def text(subscription: Subscription, *, now: datetime) -> bytes:
    entries = (
        Invitation.objects.filter(_in_feed(now), user=subscription.user)
        .order_by("meeting__starts_at", "meeting")
        .values_list(*(f"meeting__{name}" for name in calendar.Entry._fields))
    )
    return calendar.feed(entries)


class HideTokens(logging.Filter):
    """Keep secret addresses out of the log, whatever the answer to the request was."""

    _address = re.compile(r"(/kalender/)[^/\s]+(\.ics)|(/moeder/svar/)[^/\s]+")

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(
                self._address.sub(r"\1\3…\2", argument) if isinstance(argument, str) else argument
                for argument in record.args
            )
        return True
