"""One mail as bytes, which are the same each time they are made (RFC 5322, 2045–2047)."""

import base64
import binascii
import hmac
import re
from collections.abc import Iterable
from email import message_from_bytes
from email.header import Header, decode_header, make_header
from email.message import Message as Mime
from email.policy import Compat32
from email.utils import format_datetime, formataddr, parseaddr
from functools import lru_cache

from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from members.mail import SUBJECT_LENGTH, Mail, one_line
from members.models import Message

LINE_LENGTH = 76
_POLICY = Compat32(linesep="\r\n")


def to_bytes(mail: Mail, message: Message, address: str) -> bytes:
    """The letter itself. Date, Message-ID and boundaries follow from the row, so a retry is the same bytes.

    All of it is plain ASCII in short lines: no relay has a reason to change a byte. It is put together here, since the
    library's parts parse and fold every header again, which takes longer than all else a mail costs; what needs to be
    encoded or folded, the library does.
    """
    identity = keyed_hash(message)
    headers = {
        "Subject": _encoded(_subject(mail.subject)),
        "From": _named(*_parsed(settings.DEFAULT_FROM_EMAIL)),
        "To": _named(message.recipient.get_full_name(), address),
        "Date": format_datetime(message.dated_at or message.created_at),
        "Message-ID": f"<{identity}@{settings.MAIL_DOMAIN}>",
        "List-Id": f"<beskeder.{settings.MAIL_DOMAIN}>",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "OOF, AutoReply",  # what Exchange heeds instead of Auto-Submitted
        "MIME-Version": "1.0",
        **{name: _encoded(one_line(value)) for name, value in mail.headers.items()},
    }
    return b"".join([*(_header(name, value) for name, value in headers.items()), *_body(mail, identity[:20])])


def keyed_hash(message: Message) -> str:
    """The same for every copy of a message, and telling nothing to who does not hold the key."""
    return hmac.digest(settings.SECRET_KEY.encode(), f"message:{message.key}".encode(), "sha256").hex()[:40]


def sender_address() -> str:
    """The bare address mail is sent from, and returned to."""
    return _parsed(settings.DEFAULT_FROM_EMAIL)[1]


_parsed = lru_cache(maxsize=8)(parseaddr)


def _body(mail: Mail, mark: str) -> list[bytes]:
    calendar = base64.encodebytes(mail.calendar or b"")
    ways = [_text(mail.text, "plain")]
    if mail.html:
        ways.append(_text(mail.html, "html"))
    if mail.calendar is not None and mail.calendar_method:
        # Outlook and Gmail show their buttons for this part, and only when the method is named here too.
        ways.append(_part(f'text/calendar; charset="utf-8"; method={mail.calendar_method}', "base64", calendar))
    body = _joined("alternative", f"=_{mark}_1", ways) if len(ways) > 1 else ways[0]
    if mail.calendar is None:
        return body
    attachment = _part("application/ics", "base64", calendar, 'attachment; filename="invite.ics"')
    return _joined("mixed", f"=_{mark}_0", [body, attachment])


def _text(text: str, subtype: str) -> list[bytes]:
    data = "\n".join(text.splitlines()).encode() + b"\n"
    return _part(f'text/{subtype}; charset="utf-8"', "quoted-printable", binascii.b2a_qp(data, istext=True))


def _part(content_type: str, encoding: str, payload: bytes, disposition: str = "") -> list[bytes]:
    headers = [_header("Content-Type", content_type), _header("Content-Transfer-Encoding", encoding)]
    if disposition:
        headers.append(_header("Content-Disposition", disposition))
    return [*headers, b"\r\n", payload.replace(b"\n", b"\r\n")]


def _joined(subtype: str, boundary: str, parts: Iterable[list[bytes]]) -> list[bytes]:
    edge = f"--{boundary}".encode("ascii")
    lines = [_header("Content-Type", f'multipart/{subtype}; boundary="{boundary}"'), b"\r\n"]
    for part in parts:
        lines += [edge, b"\r\n", *part, b"\r\n"]
    return [*lines, edge, b"--\r\n"]


# --- Headers ---------------------------------------------------------------------------------------------------------


def _header(name: str, value: str | Header) -> bytes:
    """What many letters share is written once."""
    return _folded(name, str(value), True) if isinstance(value, Header) else _line(name, value)


@lru_cache(maxsize=1024)
def _line(name: str, value: str) -> bytes:
    """Folded only where it must be."""
    if value.isascii() and value.isprintable() and len(name) + len(value) + 2 <= LINE_LENGTH:
        return f"{name}: {value}\r\n".encode("ascii")
    return _folded(name, value, False)


@lru_cache(maxsize=1024)
def _folded(name: str, value: str, is_encoded: bool) -> bytes:
    return _POLICY.fold_binary(name, Header(value, "utf-8") if is_encoded else value)


@lru_cache(maxsize=1024)
def _subject(text: str) -> str:
    return one_line(text, limit=SUBJECT_LENGTH)


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

    def __init__(self, mail: Mail, data: bytes, address: str):
        self.mime = message_from_bytes(data, policy=_POLICY)
        super().__init__(_subject(mail.subject), mail.text, settings.DEFAULT_FROM_EMAIL, [address])
        self.extra_headers = {name: str(make_header(decode_header(value))) for name, value in self.mime.items()}
        if mail.html:
            self.attach_alternative(mail.html, "text/html")
        if mail.calendar is not None:
            if mail.calendar_method:
                self.attach_alternative(mail.calendar.decode(), f"text/calendar; method={mail.calendar_method}")
            self.attach("invite.ics", mail.calendar, "application/ics")

    def message(self, *args, **kwargs) -> Mime:
        return self.mime
