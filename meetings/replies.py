"""What calendars answer by mail (iMIP, RFC 6047): judged, and recorded as the member's answer or set aside.

Nothing a mail says is kept but the answer itself: of each mail only a keyed hash, so that it is handled once.
"""

import hmac
import logging
import re
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import Message as Mime
from email.parser import BytesHeaderParser
from typing import NamedTuple

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError, transaction
from icalendar import vDDDTypes
from icalendar.parser import Contentlines

from meetings import attendance
from meetings.models import CalendarReply, Invitation, Meeting, Rsvp
from members.addresses import user_of

logger = logging.getLogger(__name__)
Outcome = CalendarReply.Outcome

MOST_CALENDAR_BYTES = 64_000
ANSWERS = {
    "ACCEPTED": Rsvp.Answer.ACCEPTED,
    "TENTATIVE": Rsvp.Answer.TENTATIVE,
    "DECLINED": Rsvp.Answer.DECLINED,
}


class SetAside(Exception):
    def __init__(self, outcome: Outcome):
        self.outcome = outcome


class Reply(NamedTuple):
    uid: str
    attendee: str
    answer: Rsvp.Answer
    sequence: int
    said_at: datetime


def handle(raw: bytes, *, now: datetime, is_whole: bool = True) -> Outcome:
    """Take one mail, once: a mail read again gives what became of it the first time."""
    with transaction.atomic():
        row, is_new = CalendarReply.objects.get_or_create(
            message_hash=_hash_of(raw), defaults={"outcome": Outcome.RECORDED, "handled_at": now}
        )
        if not is_new:
            return Outcome(row.outcome)
        try:
            if not is_whole:
                raise SetAside(Outcome.TOO_BIG)
            with transaction.atomic():
                _record(message_from_bytes(raw), now)
        except SetAside as why:
            row.outcome = why.outcome
        except (OperationalError, InterfaceError):
            raise  # the database is away: the mail stays where it is, for the next time
        except Exception as problem:
            # A mail nobody foresaw must not hold up the others; what it says is not for the log.
            logger.warning("A mail in the reply mailbox cannot be read: %s", type(problem).__name__)
            row.outcome = Outcome.MALFORMED
        row.save(update_fields=["outcome"])
    return Outcome(row.outcome)


def _hash_of(raw: bytes) -> str:
    """The same for every copy of a mail, and telling nothing to who does not hold the key."""
    identity = str(BytesHeaderParser().parsebytes(raw).get("Message-ID", "")).strip().encode(errors="replace") or raw
    return hmac.digest(settings.SECRET_KEY.encode(), b"calendar reply:" + identity, "sha256").hex()


def _record(mail: Mime, now: datetime) -> None:
    reply = read(mail)
    person = user_of(reply.attendee)
    if not _is_from(mail, reply, person):
        raise SetAside(Outcome.FORGED)
    meeting = Meeting.objects.published().select_related("network").defer("theme", "link").filter(uid=reply.uid).first()
    if meeting is None:
        raise SetAside(Outcome.UNKNOWN)
    if not Invitation.objects.filter(meeting=meeting, user=person, is_cancelled=False).exists():
        raise SetAside(Outcome.NOT_INVITED)
    try:
        attendance.reply(
            meeting,
            user=person,
            answer=reply.answer,
            now=now,
            seen_sequence=reply.sequence,
            said_at=reply.said_at,
        )
    except PermissionDenied:
        raise SetAside(Outcome.NOT_INVITED) from None
    except attendance.IsCancelled:
        raise SetAside(Outcome.CANCELLED) from None
    except attendance.HasBegun:
        raise SetAside(Outcome.BEGUN) from None
    except attendance.HasMoved:
        raise SetAside(Outcome.MOVED) from None
    except attendance.AnsweredSince:
        raise SetAside(Outcome.OUTDATED) from None


# --- Who says it -----------------------------------------------------------------------------------------------------


def _is_from(mail: Mime, reply: Reply, person) -> bool:
    """Whether the one who sent the mail is the one it answers for, and no server on its way has said otherwise."""
    if any("dmarc=fail" in str(result).lower() for result in mail.get_all("Authentication-Results", [])):
        return False
    sender = _sender(mail)
    if sender.lower() == reply.attendee.lower():
        return True
    return person is not None and user_of(sender) == person


def _sender(mail: Mime) -> str:
    """The one address of the one From; "" for anything that could be read in two ways."""
    lines = mail.get_all("From", [])
    if len(lines) != 1:
        return ""
    header = policy.default.header_factory("From", " ".join(str(lines[0]).split()))
    doubts = [defect for defect in header.defects if type(defect).__name__ != "ObsoleteHeaderDefect"]
    return header.addresses[0].addr_spec if len(header.addresses) == 1 and not doubts else ""


# --- What it says ----------------------------------------------------------------------------------------------------


def read(mail: Mime) -> Reply:
    """The reply in a mail, or SetAside.

    Only the four lines that matter are read: a stranger's time zones and recurrences are never computed.
    """
    method, event = _event(_calendar_text(mail))
    if method != "REPLY":
        raise SetAside(Outcome.NOT_A_REPLY)
    if sorted(set(event)) != sorted(event) or not {"UID", "ATTENDEE", "DTSTAMP"} <= set(event):
        raise SetAside(Outcome.MALFORMED)
    (attendee_params, attendee), (_params, uid) = event["ATTENDEE"], event["UID"]
    answer = ANSWERS.get(str(attendee_params.get("PARTSTAT", "")).upper())
    if answer is None:
        raise SetAside(Outcome.NOT_A_REPLY)
    sequence = event.get("SEQUENCE", ({}, "0"))[1].strip()
    said_at = vDDDTypes.from_ical(event["DTSTAMP"][1].strip())
    address = attendee.strip()
    if not re.fullmatch("[0-9]{1,9}", sequence) or not isinstance(said_at, datetime) or said_at.year < 2000:
        raise SetAside(Outcome.MALFORMED)
    if address.lower().startswith("mailto:"):
        address = address[len("mailto:") :]
    return Reply(uid.strip(), address, answer, int(sequence), said_at.replace(tzinfo=UTC))


def _event(text: str) -> tuple[str, dict[str, tuple[dict, str]]]:
    """The method, and the lines of the one event that tell whose reply it is, to what, and when."""
    method, event, inside = "", {}, []
    for line in Contentlines.from_ical(text):
        if not line.strip():
            continue
        name, params, value = line.parts()
        name = name.upper()
        if name == "BEGIN":
            inside.append(value.strip().upper())
        elif name == "END":
            inside.pop()
        elif inside == ["VCALENDAR"] and name == "METHOD":
            method = value.strip().upper()
        elif inside == ["VCALENDAR", "VEVENT"] and name in ("UID", "ATTENDEE", "DTSTAMP", "SEQUENCE"):
            if name in event:
                raise SetAside(Outcome.MALFORMED if method == "REPLY" else Outcome.NOT_A_REPLY)
            event[name] = (params, value)
    return method, event


def _calendar_text(mail: Mime) -> str:
    part = next(_calendar_parts(mail), None)
    if part is None:
        raise SetAside(Outcome.NO_CALENDAR)
    data = part.get_payload(decode=True) or b""
    if len(data) > MOST_CALENDAR_BYTES:
        raise SetAside(Outcome.TOO_BIG)
    try:
        return data.decode(part.get_content_charset() or "utf-8", "replace")
    except LookupError:
        return data.decode(errors="replace")


def _calendar_parts(mail: Mime):
    """The calendar parts of the mail itself, not of mails that lie within it: a bounce is no reply."""
    waiting = [mail]
    while waiting:
        part = waiting.pop(0)
        if part.get_content_maintype() == "multipart" and part.is_multipart():
            waiting += part.get_payload()
        elif part.get_content_type() in ("text/calendar", "application/ics") or _is_calendar_file(part):
            yield part


def _is_calendar_file(part: Mime) -> bool:
    """What some gateways make of a calendar part."""
    return str(part.get_filename("")).lower().endswith(".ics")
