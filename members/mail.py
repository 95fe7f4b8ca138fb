"""One mail to one person in words, made from templates in the receiver's language. `members.mime` makes it bytes."""

import re
import secrets
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.conf import settings
from django.template.context import make_context
from django.template.loader import get_template, render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.html import escape

from members.models import User

SUBJECT_LENGTH = 200
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


# What stands in a form where its receiver's own words go. Nobody can know them beforehand, so nobody can write them.
_NAME, _LINK = (f"{what}{secrets.token_hex(12)}" for what in ("name", "link"))


@dataclass(frozen=True)
class Form:
    """A mail that reads the same for several but for their name and the link under its button."""

    subject: str
    text: str
    html: str

    def fill(self, recipient: User, link: str) -> Mail:
        own = {_NAME: recipient.get_short_name(), _LINK: link}
        text, html = self.text, self.html
        for gap, words in own.items():
            text, html = text.replace(gap, words), html.replace(gap, escape(words))
        return Mail(subject=self.subject, text=text, html=html, url=link)


def render_form(template_base: str, context: Mapping, *, language: str) -> Form:
    """As `render_mail`, for receivers who share a language; its templates may use of them nothing but name and link."""
    mail = _render(template_base, {**context, "receiver_name": _NAME, "button_url": _LINK}, language)
    return Form(mail.subject, mail.text, mail.html)


def render_mail(template_base: str, context: Mapping, *, recipient: User) -> Mail:
    """`<base>_subject.txt`, `<base>.txt` and `<base>.html` in the recipient's language."""
    words = {"recipient": recipient, "receiver_name": recipient.get_short_name(), **context}
    return _render(template_base, words, recipient.language)


def _render(template_base: str, context: Mapping, language: str) -> Mail:
    with translation.override(language):
        words = {
            "municipality_name": settings.MUNICIPALITY_NAME,
            "contact_email": settings.CONTACT_EMAIL,
            "brand_colour": settings.BRAND_COLOUR,
            "site_url": settings.SITE_URL,
            "profile_url": settings.SITE_URL + reverse("members:profile"),
            "language": language,
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
