"""One mail to one person: its words from templates, and its bytes, which are the same each time it is made."""

import base64
import binascii
import hmac
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.header import Header
from email.message import Message as Mime
from email.policy import compat32
from email.utils import format_datetime, formataddr, parseaddr

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.context import make_context
from django.template.loader import get_template, render_to_string
from django.urls import reverse
from django.utils import translation

from members.models import Message, User

SUBJECT_LENGTH = 200
# The modern policy parses and folds every header of every part, which takes longer than all else a mail costs.
_POLICY = compat32.clone(linesep="\r\n")
_BREAKS = re.compile(r"\n{3,}")


@dataclass
class Mail:
    subject: str
    text: str
    html: str = ""
    calendar: bytes | None = None
    calendar_method: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    url: str = ""
    address: str = ""  # where it goes, when not to the recipient's own: news that this has changed


# --- Words -----------------------------------------------------------------------------------------------------------


def render_mail(template_base: str, context: Mapping, *, recipient: User) -> Mail:
    """`<base>_subject.txt`, `<base>.txt` and `<base>.html` in the recipient's language."""
    with translation.override(recipient.language):
        words = {
            "recipient": recipient,
            "municipality_name": settings.MUNICIPALITY_NAME,
            "contact_email": settings.CONTACT_EMAIL,
            "brand_colour": settings.BRAND_COLOUR,
            "site_url": settings.SITE_URL,
            "profile_url": settings.SITE_URL + reverse("members:profile"),
            "language": recipient.language,
            **context,
        }
        return Mail(
            subject=one_line(_plain(f"{template_base}_subject.txt", words), limit=SUBJECT_LENGTH),
            text=_BREAKS.sub("\n\n", _plain(f"{template_base}.txt", words)).strip() + "\n",
            html=render_to_string(f"{template_base}.html", words),
            url=words.get("button_url", ""),
        )


def _plain(template_name: str, context: Mapping) -> str:
    """A template as plain text, where an & is an &."""
    return get_template(template_name).template.render(make_context(dict(context), autoescape=False))


def one_line(text: str, *, limit: int | None = None) -> str:
    """Fit for a header: no line breaks, no control or direction signs, no double spaces."""
    text = "".join(" " if unicodedata.category(sign) in ("Cc", "Zl", "Zp") else sign for sign in text)
    text = "".join(sign for sign in text if unicodedata.category(sign) not in ("Cf", "Cs"))
    return " ".join(text.split())[:limit].rstrip()


# --- Bytes -----------------------------------------------------------------------------------------------------------


def keyed_hash(message: Message) -> str:
    """The same for every copy of a message, and telling nothing to who does not hold the key."""
    return hmac.digest(settings.SECRET_KEY.encode(), f"message:{message.key}".encode(), "sha256").hex()[:40]


def sender_address() -> str:
    """The bare address mail is sent from, and returned to."""
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1]


def to_mime(mail: Mail, message: Message, address: str) -> Mime:
    """The letter itself. Date, Message-ID and boundaries follow from the row, so a retry is the same bytes.

    All of it is plain ASCII in short lines: no relay has a reason to change a byte.
    """
    identity = keyed_hash(message)
    mime = Mime(policy=_POLICY)
    mime["Subject"] = _encoded(one_line(mail.subject, limit=SUBJECT_LENGTH))
    mime["From"] = _named(*parseaddr(settings.DEFAULT_FROM_EMAIL))
    mime["To"] = _named(message.recipient.get_full_name(), address)
    mime["Date"] = format_datetime(message.dated_at or message.created_at)
    mime["Message-ID"] = f"<{identity}@{settings.MAIL_DOMAIN}>"
    mime["List-Id"] = f"<beskeder.{settings.MAIL_DOMAIN}>"
    mime["Auto-Submitted"] = "auto-generated"
    mime["X-Auto-Response-Suppress"] = "OOF, AutoReply"  # what Exchange heeds instead of Auto-Submitted
    mime["MIME-Version"] = "1.0"
    for name, value in mail.headers.items():
        mime[name] = _encoded(one_line(value))
    body = _body(mail, identity)
    for name, value in body.items():
        mime[name] = value
    mime.set_payload(body.get_payload())
    return mime


def _body(mail: Mail, identity: str) -> Mime:
    ways = [_text(mail.text, "plain")]
    if mail.html:
        ways.append(_text(mail.html, "html"))
    if mail.calendar is not None and mail.calendar_method:
        # Outlook and Gmail show their buttons for this part, and only when the method is named here too.
        ways.append(_base64(mail.calendar, f'text/calendar; charset="utf-8"; method={mail.calendar_method}'))
    body = _joined(ways, "alternative", f"=_{identity}_1") if len(ways) > 1 else ways[0]
    if mail.calendar is None:
        return body
    attachment = _base64(mail.calendar, "application/ics")
    attachment["Content-Disposition"] = 'attachment; filename="invite.ics"'
    return _joined([body, attachment], "mixed", f"=_{identity}_0")


def _part(content_type: str, encoding: str, payload: bytes) -> Mime:
    part = Mime(policy=_POLICY)
    part["Content-Type"] = content_type
    part["Content-Transfer-Encoding"] = encoding
    part.set_payload(payload.decode("ascii"))
    return part


def _text(text: str, subtype: str) -> Mime:
    data = "\n".join(text.splitlines()).encode() + b"\n"
    return _part(f'text/{subtype}; charset="utf-8"', "quoted-printable", binascii.b2a_qp(data, istext=True))


def _base64(data: bytes, content_type: str) -> Mime:
    return _part(content_type, "base64", base64.encodebytes(data))


def _joined(parts: list[Mime], subtype: str, boundary: str) -> Mime:
    whole = Mime(policy=_POLICY)
    whole["Content-Type"] = f'multipart/{subtype}; boundary="{boundary}"'
    whole.set_payload(parts)
    return whole


def _encoded(text: str) -> str | Header:
    """Text for a header, in encoded words wherever it could be read as anything but itself."""
    return text if text.isascii() and "=?" not in text else Header(text, "utf-8")


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
