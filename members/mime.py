"""One mail as bytes, which are the same each time they are made (RFC 5322, 2045–2047)."""

import base64
import binascii
import hmac
import re
from email.header import Header
from email.message import Message as Mime
from email.policy import Compat32
from email.utils import format_datetime, formataddr, parseaddr
from functools import lru_cache

from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from members.mail import SUBJECT_LENGTH, Mail, one_line
from members.models import Message

LINE_LENGTH = 76
_EOL = b"\r\n"


class _Plain(Compat32):
    """The modern policy parses and folds every header of every part, which takes longer than all else a mail costs.

    Here only those are folded that need it, and those many letters share only once.
    """

    def fold_binary(self, name, value):
        if isinstance(value, Header):
            return _folded(name, str(value), True)
        if value.isascii() and value.isprintable() and len(name) + len(value) + 2 <= LINE_LENGTH:
            return f"{name}: {value}\r\n".encode("ascii")
        return _folded(name, value, False)


@lru_cache(maxsize=1024)
def _folded(name: str, value: str, is_encoded: bool) -> bytes:
    return Compat32.fold_binary(_POLICY, name, Header(value, "utf-8") if is_encoded else value)


_POLICY = _Plain(linesep="\r\n")


def to_bytes(mime: Mime) -> bytes:
    """As the library's generator writes it, which goes through every part line by line and takes ten times as long."""
    lines: list[bytes] = []
    _write(mime, lines)
    return b"".join(lines)


def _write(part: Mime, lines: list[bytes]) -> None:
    lines += [_POLICY.fold_binary(name, value) for name, value in part.raw_items()]
    lines.append(_EOL)
    if not part.is_multipart():
        lines.append(part.get_payload().encode("ascii").replace(b"\n", _EOL))
        return
    boundary = b"--" + part.get_boundary().encode("ascii")
    for inner in part.get_payload():
        lines += [boundary, _EOL]
        _write(inner, lines)
        lines.append(_EOL)
    lines += [boundary, b"--", _EOL]


def keyed_hash(message: Message) -> str:
    """The same for every copy of a message, and telling nothing to who does not hold the key."""
    return hmac.digest(settings.SECRET_KEY.encode(), f"message:{message.key}".encode(), "sha256").hex()[:40]


def sender_address() -> str:
    """The bare address mail is sent from, and returned to."""
    return _parsed(settings.DEFAULT_FROM_EMAIL)[1]


_parsed = lru_cache(maxsize=8)(parseaddr)


def to_mime(mail: Mail, message: Message, address: str) -> Mime:
    """The letter itself. Date, Message-ID and boundaries follow from the row, so a retry is the same bytes.

    All of it is plain ASCII in short lines: no relay has a reason to change a byte.
    """
    identity = keyed_hash(message)
    mime = Mime(policy=_POLICY)
    mime["Subject"] = _encoded(_subject(mail.subject))
    mime["From"] = _named(*_parsed(settings.DEFAULT_FROM_EMAIL))
    mime["To"] = _named(message.recipient.get_full_name(), address)
    mime["Date"] = format_datetime(message.dated_at or message.created_at)
    mime["Message-ID"] = f"<{identity}@{settings.MAIL_DOMAIN}>"
    mime["List-Id"] = f"<beskeder.{settings.MAIL_DOMAIN}>"
    mime["Auto-Submitted"] = "auto-generated"
    mime["X-Auto-Response-Suppress"] = "OOF, AutoReply"  # what Exchange heeds instead of Auto-Submitted
    mime["MIME-Version"] = "1.0"
    for name, value in mail.headers.items():
        mime[name] = _encoded(one_line(value))
    body = _body(mail, identity[:20])
    for name, value in body.items():
        mime[name] = value
    mime.set_payload(body.get_payload())
    return mime


@lru_cache(maxsize=1024)
def _subject(text: str) -> str:
    return one_line(text, limit=SUBJECT_LENGTH)


def _body(mail: Mail, mark: str) -> Mime:
    calendar = base64.encodebytes(mail.calendar or b"")
    ways = [_text(mail.text, "plain")]
    if mail.html:
        ways.append(_text(mail.html, "html"))
    if mail.calendar is not None and mail.calendar_method:
        # Outlook and Gmail show their buttons for this part, and only when the method is named here too.
        ways.append(_part(f'text/calendar; charset="utf-8"; method={mail.calendar_method}', "base64", calendar))
    body = _joined(ways, "alternative", f"=_{mark}_1") if len(ways) > 1 else ways[0]
    if mail.calendar is None:
        return body
    attachment = _part("application/ics", "base64", calendar)
    attachment["Content-Disposition"] = 'attachment; filename="invite.ics"'
    return _joined([body, attachment], "mixed", f"=_{mark}_0")


def _part(content_type: str, encoding: str, payload: bytes) -> Mime:
    part = Mime(policy=_POLICY)
    part["Content-Type"] = content_type
    part["Content-Transfer-Encoding"] = encoding
    part.set_payload(payload.decode("ascii"))
    return part


def _text(text: str, subtype: str) -> Mime:
    data = "\n".join(text.splitlines()).encode() + b"\n"
    return _part(f'text/{subtype}; charset="utf-8"', "quoted-printable", binascii.b2a_qp(data, istext=True))


def _joined(parts: list[Mime], subtype: str, boundary: str) -> Mime:
    whole = Mime(policy=_POLICY)
    whole["Content-Type"] = f'multipart/{subtype}; boundary="{boundary}"'
    whole.set_payload(parts)
    return whole


def _encoded(text: str) -> str | Header:
    """Text for a header, in encoded words wherever it could be read as anything but itself."""
    return text if text.isascii() and "=?" not in text else Header(text, "utf-8")


@lru_cache(maxsize=1024)
def _named(name: str, address: str) -> str:
    """A name without the signs that could make it look like another address."""
    name = one_line(re.sub(r'[<>@"\\]', " ", name), limit=100)
    encoded = _encoded(name)
    return formataddr((name, address)) if encoded is name else f"{encoded.encode()} <{address}>"


class Letter(EmailMultiAlternatives):
    """The same letter for Django's own mail backends (memory, files, console)."""

    def __init__(self, mail: Mail, mime: Mime, address: str):
        super().__init__(str(mime["Subject"]), mail.text, settings.DEFAULT_FROM_EMAIL, [address])
        self.mime = mime
        self.extra_headers = {name: str(value) for name, value in mime.items()}
        if mail.html:
            self.attach_alternative(mail.html, "text/html")
        if mail.calendar is not None:
            if mail.calendar_method:
                self.attach_alternative(mail.calendar.decode(), f"text/calendar; method={mail.calendar_method}")
            self.attach("invite.ics", mail.calendar, "application/ics")

    def message(self, *args, **kwargs):
        return self.mime
