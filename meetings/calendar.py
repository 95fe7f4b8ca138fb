"""Meetings as iCalendar text (RFC 5545, 5546). Knows no HTTP and no mail, and nothing of what is inside a meeting.

The text carries time, place, the network's name and a link behind the login: never a theme or an agenda.
"""

from datetime import datetime, timedelta
from email.utils import parseaddr
from functools import lru_cache
from typing import NamedTuple

from django.conf import settings
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from icalendar import (
    Calendar,
    Event,
    Timezone,
    TimezoneDaylight,
    TimezoneStandard,
    vCalAddress,
    vDuration,
    vRecur,
    vText,
)
from icalendar.parser import Contentline

from meetings.models import Meeting, Rsvp
from members.danish import COPENHAGEN
from members.fields import harmless_line

REFRESH = timedelta(hours=1)
_END = b"END:VCALENDAR\r\n"
_EVENT_END = b"END:VEVENT\r\n"


class Entry(NamedTuple):
    """What a calendar is told of a meeting. The names are those of the columns it is read from."""

    pk: int
    uid: str
    sequence: int
    state: str
    starts_at: datetime
    ends_at: datetime
    place: str
    changed_at: datetime
    network__name: str

    @classmethod
    def of(cls, meeting: Meeting, *, sequence: int | None = None) -> "Entry":
        return cls(
            pk=meeting.pk,
            uid=meeting.uid,
            sequence=meeting.sequence if sequence is None else sequence,
            state=meeting.state,
            starts_at=meeting.starts_at,
            ends_at=meeting.ends_at,
            place=meeting.place,
            changed_at=meeting.changed_at,
            network__name=meeting.network.name,
        )


def title(network: str) -> str:
    """What a meeting is called where others may look over one's shoulder."""
    if settings.CALENDAR_TITLE:
        return settings.CALENDAR_TITLE.replace("{network}", network)
    return _("Ledernetværk: %(network)s") % {"network": network}


def request(meeting: Meeting, *, to, sequence: int, answer: str = Rsvp.Answer.NO_REPLY, is_cancelled=False) -> bytes:
    """The calendar part of a mail to one person: an invitation or update, or with `is_cancelled` its withdrawal."""
    asked = _asked(Entry.of(meeting, sequence=sequence), get_language(), settings.REPLY_ADDRESS, is_cancelled)
    attendee = _attendee(to, answer, is_cancelled)
    line = Contentline.from_parts("ATTENDEE", attendee.params, attendee).to_ical() + b"\r\n"
    return _calendar("CANCEL" if is_cancelled else "REQUEST", [asked + line + _EVENT_END])


def download(meetings) -> bytes:
    """A file with `meetings` for any calendar."""
    return _calendar("PUBLISH", [_published(Entry.of(meeting), get_language()) for meeting in meetings])


def feed(entries) -> bytes:
    """A subscription: no attendees, a name, and how often to come back."""
    language = get_language()
    return _calendar("PUBLISH", [_published(Entry(*entry), language) for entry in entries], is_feed=True)


# --- Pieces ----------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=4096)
def _published(entry: Entry, language: str) -> bytes:
    """One event's text. It follows from entry and language alone, so it is made once and kept until one changes."""
    return _event(entry, is_cancelled=entry.state in Meeting.STATES_OFF).to_ical()


@lru_cache(maxsize=1024)
def _asked(entry: Entry, language: str, answers_to: str, is_cancelled: bool) -> bytes:
    """All that stands in the event for everyone who is asked, up to who is."""
    event = _event(entry, is_cancelled=is_cancelled)
    event.add("organizer", _organizer(answers_to))
    return event.to_ical().removesuffix(_EVENT_END)


def _event(entry: Entry, *, is_cancelled: bool) -> Event:
    url = settings.SITE_URL + reverse("meetings:meeting", args=[entry.pk])
    summary = title(entry.network__name)
    if is_cancelled and entry.state == Meeting.State.POSTPONED:
        summary = _("Udsat: %(title)s") % {"title": summary}
    elif is_cancelled:
        summary = _("Aflyst: %(title)s") % {"title": summary}
    event = Event()
    event.add("uid", entry.uid)
    event.add("sequence", entry.sequence)
    event.add("dtstamp", entry.changed_at)
    event.add("last-modified", entry.changed_at)
    event.add("dtstart", entry.starts_at.astimezone(COPENHAGEN))
    event.add("dtend", entry.ends_at.astimezone(COPENHAGEN))
    event.add("summary", harmless_line(summary))
    more = _("Læs mere her: %(url)s") if is_cancelled else _("Læs om mødet, og svar her: %(url)s")
    event.add("description", more % {"url": url})
    event.add("url", url)
    if place := harmless_line(entry.place):
        event.add("location", place)
    event.add("status", "CANCELLED" if is_cancelled else "CONFIRMED")
    event.add("transp", "TRANSPARENT" if is_cancelled else "OPAQUE")
    return event


def _organizer(answers_to: str) -> vCalAddress:
    name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    organizer = vCalAddress(f"mailto:{answers_to or address}")
    if name:
        organizer.params["CN"] = vText(_quotable(name))
    return organizer


def _attendee(user, answer: str, is_cancelled: bool) -> vCalAddress:
    attendee = vCalAddress(f"mailto:{harmless_line(user.email)}")
    attendee.params["CN"] = vText(_quotable(user.get_full_name()))
    attendee.params["CUTYPE"] = vText("INDIVIDUAL")
    attendee.params["ROLE"] = vText("REQ-PARTICIPANT")
    attendee.params["PARTSTAT"] = vText("NEEDS-ACTION" if answer == Rsvp.Answer.NO_REPLY else answer.upper())
    attendee.params["RSVP"] = vText("FALSE" if is_cancelled else "TRUE")
    return attendee


def _quotable(name: str) -> str:
    """A parameter's value may hold no quotation mark (RFC 5545 3.1)."""
    return harmless_line(name).replace('"', "'")


def _calendar(method: str, events: list[bytes], *, is_feed: bool = False) -> bytes:
    return b"".join([_head(method, is_feed, get_language()), *events, _END])


@lru_cache(maxsize=32)
def _head(method: str, is_feed: bool, language: str) -> bytes:
    """All that stands before the first event, the time zone included."""
    calendar = Calendar()
    calendar.add("prodid", f"-//Ledernetværk//{settings.MAIL_DOMAIN}//DA")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method)
    if is_feed:
        calendar.add("x-wr-calname", _("Ledernetværk"))
        calendar.add("name", _("Ledernetværk"))
        calendar.add("x-wr-timezone", COPENHAGEN.key)
        calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
        calendar.add("x-published-ttl", vDuration(REFRESH))
    calendar.add_component(_time_zone())
    return calendar.to_ical().removesuffix(_END)


def _time_zone() -> Timezone:
    """Copenhagen by the rule of the EU: clocks change at 01.00 UTC on the last Sundays of March and October."""
    zone = Timezone()
    zone.add("tzid", COPENHAGEN.key)
    for component, name, offset_from, offset_to, month, clock in (
        (TimezoneStandard(), "CET", 2, 1, 10, 3),
        (TimezoneDaylight(), "CEST", 1, 2, 3, 2),
    ):
        component.add("tzname", name)
        component.add("tzoffsetfrom", timedelta(hours=offset_from))
        component.add("tzoffsetto", timedelta(hours=offset_to))
        component.add("dtstart", datetime(1996, month, 31 if month == 3 else 27, clock))
        component.add("rrule", vRecur({"FREQ": "YEARLY", "BYMONTH": month, "BYDAY": "-1SU"}))
        zone.add_component(component)
    return zone
