"""Form fields for what people type, and the same cleaning as plain functions for what is imported."""

import re
import unicodedata
from calendar import monthrange
from datetime import date, datetime
from urllib.parse import urlsplit

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.danish import check_year, parse_date, parse_time, wall
from members.requests import DIGITS

LINE_LENGTH = 200
TEXT_LENGTH = 10_000
EMAIL_LENGTH = 254
LINK_LENGTH = 2000
MARKS_PER_LETTER = 8
LARGEST_NUMBER = 2**31 - 1

_LINE_BREAKS = re.compile("\r\n|[\n\r\v\f\u0085\u2028\u2029]")
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
_CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f]")
_BROKEN = re.compile(
    "[\ud800-\udfff\ufffd\ufdd0-\ufdef"
    + "".join(chr(plane << 16 | end) for plane in range(17) for end in (0xFFFE, 0xFFFF))
    + "]"
)
# Nothing to see and nothing to say: zero-width, soft hyphen, byte order and direction marks, tag characters.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u180b-\u180e\u200b\u200c\u200e\u200f\u2060-\u2065\u206a-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
# A joiner is kept where it holds an emoji together.
_PICTURE = "\u2190-\u2bff\ufe0f\U0001f000-\U0001faff"
_LOOSE_JOINER = re.compile(f"(?<![{_PICTURE}])\u200d|\u200d(?![{_PICTURE}])")
_BLANK_LETTERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
_DASH = "[-\u2010-\u2015\u2043\u2212]"
# Six digits and four, however they are held apart; or day, month and year apart as well, and then the four after a dash
# or all with spaces, which no date with a time of day is.
_CPR = re.compile(
    rf"(?<!\d)(?:(\d{{2}})(\d{{2}})\d{{2}}\s{{0,3}}(?:{_DASH}|[./_])?\s{{0,3}}\d{{4}}"
    rf"|(\d{{2}})(?P<apart>[./]|{_DASH})(\d{{2}})(?P=apart)\d{{2}}\s{{0,3}}{_DASH}\s{{0,3}}\d{{4}}"
    r"|(\d{2}) (\d{2}) \d{2} \d{4})(?!\d)"
)
_REPLACEMENT = 60  # added to the day of a number given to someone who has none


# --- Plain words -----------------------------------------------------------------------------------------------------


def clean_line(text, *, max_length: int = LINE_LENGTH, refuse_cpr: bool = True, allow_digits: bool = True) -> str:
    """One line as it is stored, "" for nothing to see; a ValidationError in plain words for what cannot be stored."""
    line = _LINE_BREAKS.sub(" ", str(text or "")).replace("\t", " ")
    line = " ".join(_plain(line).split())
    return _checked(line, max_length=max_length, refuse_cpr=refuse_cpr, allow_digits=allow_digits)


def clean_text(text, *, max_length: int = TEXT_LENGTH, refuse_cpr: bool = True) -> str:
    """Several lines as they are stored, with \\n between them."""
    text = _plain(_LINE_BREAKS.sub("\n", str(text or "")).replace("\t", " "))
    text = "\n".join(line.rstrip() for line in text.split("\n")).strip("\n")
    return _checked(text, max_length=max_length, refuse_cpr=refuse_cpr)


def harmless_line(text) -> str:
    """One line for a header, a calendar or a spreadsheet: what would be refused in a form is left out instead."""
    line = _LINE_BREAKS.sub(" ", str(text or "")).replace("\t", " ")
    for unwanted in (_BIDI, _CONTROL, _BROKEN, _INVISIBLE):
        line = unwanted.sub("", line)
    return " ".join(unicodedata.normalize("NFC", line).split())


def harmless_name(text) -> str:
    """A person's or network's name beside an address in a mail header, without the signs an address is made of."""
    return " ".join(re.sub(r'[<>@:;,"\\()\[\]]', " ", harmless_line(text)).split())


def _plain(text: str) -> str:
    """NFC without invisible signs; refuses what is broken or turns text around."""
    if _BROKEN.search(text):
        raise ValidationError(_("Teksten indeholder tegn, der er gået i stykker. Skriv dem igen."), code="broken")
    if _CONTROL.search(text):
        raise ValidationError(_("Teksten indeholder styretegn, som ikke kan gemmes. Skriv den igen."), code="control")
    if _BIDI.search(text):
        raise ValidationError(
            _("Teksten indeholder skjulte tegn, der vender skriveretningen. Skriv den igen uden at kopiere."),
            code="bidi",
        )
    text = _LOOSE_JOINER.sub("", _INVISIBLE.sub("", text))
    return unicodedata.normalize("NFC", text)


def _checked(text: str, *, max_length: int, refuse_cpr: bool, allow_digits: bool = True) -> str:
    if not any(_is_visible(sign) for sign in text):
        return ""
    if len(text) > max_length:
        raise ValidationError(
            _("Skriv højst %(limit)d tegn. Teksten er på %(length)d tegn."),
            code="max_length",
            params={"limit": max_length, "length": len(text)},
        )
    if _has_stacked_marks(text):
        raise ValidationError(_("Teksten har for mange accenter oven på samme bogstav. Skriv den igen."), code="marks")
    if not allow_digits and any(sign.isdigit() for sign in text):
        raise ValidationError(_("Skriv uden tal."), code="digits")
    if refuse_cpr and has_cpr(text):
        raise ValidationError(
            _("Teksten ser ud til at indeholde et cpr-nummer. Fjern det. Skriv aldrig cpr-numre her."), code="cpr"
        )
    return text


def _is_visible(sign: str) -> bool:
    # Letters, numbers, signs and spacing marks; what is neither assigned nor private shows as a box.
    return unicodedata.category(sign) not in ("Zs", "Zl", "Zp", "Cc", "Cf", "Mn", "Me") and sign not in _BLANK_LETTERS


def _has_stacked_marks(text: str) -> bool:
    if text.isascii():
        return False
    marks = 0
    for sign in unicodedata.normalize("NFD", text):
        marks = marks + 1 if unicodedata.category(sign) in ("Mn", "Me") else 0
        if marks > MARKS_PER_LETTER:
            return True
    return False


def has_cpr(text: str) -> bool:
    """Whether ten digits stand together that begin with a day and a month."""
    for match in _CPR.finditer(unicodedata.normalize("NFKC", text)):
        day, month = (int(found) for found in match.groups() if found and found.isdecimal())
        day -= _REPLACEMENT if day > _REPLACEMENT else 0
        if 1 <= month <= 12 and 1 <= day <= monthrange(2000, month)[1]:
            return True
    return False


# --- Addresses -------------------------------------------------------------------------------------------------------

_ATOM = r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_EMAIL = re.compile(rf"(?P<local>{_ATOM}(?:\.{_ATOM})*)@(?:{_LABEL}\.)+(?=[a-z])[a-z0-9-]{{2,63}}(?<!-)")
_HOST = re.compile(r"[^\W_](?:[\w-]{0,61}[^\W_])?(?:\.[^\W_](?:[\w-]{0,61}[^\W_])?)*\.?|\[[0-9a-f:.]+\]", re.IGNORECASE)
_BARE_HOST = re.compile(r"[^\W_][\w-]*(?:\.[^\W_][\w-]*)+(?:[/?#].*)?")


def clean_email(text) -> str:
    """One address in small letters, "" for none; only the kind that every mail server delivers to."""
    address = _LOOSE_JOINER.sub("", _INVISIBLE.sub("", str(text or ""))).strip()
    if not address:
        return ""
    if re.search(r"[\s,;]", address) or address.count("@") > 1:
        raise ValidationError(_("Skriv én e-mailadresse uden mellemrum, fx navn@kommune.dk."), code="several")
    if not address.isascii():  # before lower(), which turns some foreign letters into plain ones
        raise ValidationError(
            _("E-mailadressen må ikke indeholde æ, ø, å eller andre særlige bogstaver."), code="not_ascii"
        )
    address = address.lower()
    if len(address.partition("@")[0]) > 64 or len(address) > EMAIL_LENGTH:
        raise ValidationError(
            _("E-mailadressen er for lang. Delen før @ må højst være på 64 tegn, hele adressen på 254."),
            code="max_length",
        )
    if not _EMAIL.fullmatch(address):
        raise ValidationError(_("Skriv en hel e-mailadresse, fx navn@kommune.dk."), code="invalid")
    return address


def clean_link(text, *, max_length: int = LINK_LENGTH) -> str:
    """A web address with http or https, "" for none; https:// is put before one that lacks it."""
    link = str(text or "").strip()
    if not link:
        return ""
    if _BARE_HOST.fullmatch(link):
        link = f"https://{link}"
    message = _("Skriv en hel webadresse, der begynder med https://, fx https://www.kommune.dk.")
    if len(link) > max_length:
        raise ValidationError(
            _("Webadressen er for lang. Den må højst være på %(limit)d tegn."),
            code="max_length",
            params={"limit": max_length},
        )
    if "\\" in link or any(not sign.isprintable() or sign.isspace() for sign in link) or _BROKEN.search(link):
        raise ValidationError(message, code="invalid")
    try:
        parts = urlsplit(link)
        parts.port  # noqa: B018 (reading it checks it)
    except ValueError:
        raise ValidationError(message, code="invalid") from None
    if parts.scheme not in ("http", "https"):
        raise ValidationError(message, code="invalid")
    if "@" in parts.netloc:
        raise ValidationError(
            _("Webadressen må ikke indeholde et brugernavn foran værten. Fjern det, der står før @."), code="user_info"
        )
    if not _HOST.fullmatch(parts.netloc.rpartition(":")[0] if parts.port is not None else parts.netloc.rstrip(":")):
        raise ValidationError(message, code="invalid")
    return link


# --- The fields ------------------------------------------------------------------------------------------------------


class _CleanedField(forms.CharField):
    """A text field cleaned by a function above. The browser never cuts what is too long: the error says so."""

    longest = LINE_LENGTH

    def __init__(self, *, max_length=None, **kwargs):
        kwargs.pop("strip", None)
        super().__init__(strip=False, **kwargs)
        self.max_length = max_length or self.longest

    def to_python(self, value):
        value = super().to_python(value)
        return value if value in self.empty_values else self.clean_value(value) or self.empty_value

    def clean_value(self, value: str) -> str:
        """Each kind of field's own: the text as it is kept, or a ValidationError in plain Danish."""
        raise NotImplementedError


class PlainCharField(_CleanedField):
    """One line of plain words."""

    def __init__(self, *, refuse_cpr=True, allow_digits=True, **kwargs):
        self.refuse_cpr, self.allow_digits = refuse_cpr, allow_digits
        super().__init__(**kwargs)

    def clean_value(self, value):
        return clean_line(value, max_length=self.max_length, refuse_cpr=self.refuse_cpr, allow_digits=self.allow_digits)


class PlainTextField(_CleanedField):
    """Several lines of plain words."""

    widget = forms.Textarea
    longest = TEXT_LENGTH

    def __init__(self, *, refuse_cpr=True, **kwargs):
        self.refuse_cpr = refuse_cpr
        super().__init__(**kwargs)

    def clean_value(self, value):
        return clean_text(value, max_length=self.max_length, refuse_cpr=self.refuse_cpr)


class AskedField(forms.CharField):
    """Words to look for or to compare with, never kept: what no database can be asked for is left out."""

    def to_python(self, value):
        return super().to_python(value).encode("utf-8", "ignore").decode()


class RowsField(forms.ModelMultipleChoiceField):
    """Rows to pick by their keys; a key no database has room for is nobody's, as any other that is not offered."""

    def clean(self, value):
        for key in value if isinstance(value, list | tuple) else ():
            if isinstance(key, str) and len(key) > DIGITS:
                raise ValidationError(self.error_messages["invalid_choice"], "invalid_choice", {"value": key})
        return super().clean(value)


class PersonEmailField(_CleanedField):
    """A person's mail address, which is also what they sign in with."""

    widget = forms.EmailInput(attrs={"spellcheck": "false"})
    longest = EMAIL_LENGTH

    def clean_value(self, value):
        return clean_email(value)


class WholeNumberField(forms.IntegerField):
    """A whole number that every database can hold, refused in words a colleague would use."""

    default_error_messages = {
        "invalid": gettext_lazy("Skriv et helt tal."),
        "min_value": gettext_lazy("Skriv et tal på mindst %(limit_value)d."),
        "max_value": gettext_lazy("Skriv et tal på højst %(limit_value)d."),
    }

    def __init__(self, *, min_value=0, max_value=LARGEST_NUMBER, **kwargs):
        super().__init__(min_value=min_value, max_value=max_value, **kwargs)

    def widget_attrs(self, widget):
        """No browser is told a limit that only a database has."""
        attrs = super().widget_attrs(widget)
        if self.max_value == LARGEST_NUMBER:
            attrs.pop("max", None)
        return attrs


class LinkField(_CleanedField):
    """A link others will press."""

    widget = forms.URLInput(attrs={"autocomplete": "off", "spellcheck": "false"})
    longest = LINK_LENGTH

    def clean_value(self, value):
        return clean_link(value, max_length=self.max_length)


class DanishDateField(forms.DateField):
    """A date in any form Danes write; shown as 05.03.2027."""

    widget = forms.DateInput(format="%d.%m.%Y", attrs={"inputmode": "numeric", "autocomplete": "off"})

    def to_python(self, value):
        if isinstance(value, str):
            value = value.strip()
        if value in self.empty_values:
            return None
        try:
            if isinstance(value, datetime):
                value = wall(value).date()
            if isinstance(value, date):
                check_year(value.year)
                return value
            return parse_date(value)
        except ValueError as error:
            raise ValidationError(str(error), code="invalid") from None


class DanishTimeField(forms.TimeField):
    """A time in any form Danes write; shown as 13.00."""

    widget = forms.TimeInput(format="%H.%M", attrs={"inputmode": "numeric", "autocomplete": "off"})

    def to_python(self, value):
        if isinstance(value, str):
            value = value.strip()
            if not value:
                return None
            try:
                return parse_time(value)
            except ValueError as error:
                raise ValidationError(str(error), code="invalid") from None
        return super().to_python(value)
