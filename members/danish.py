"""Dates, times, numbers and names as Danes write them, and how they are read back.

Every text follows the active language: Danish, or British English. Aware datetimes are shown in Copenhagen time.
"""

import re
import unicodedata
from calendar import monthrange
from datetime import UTC, date, datetime, time
from decimal import ROUND_HALF_UP, Decimal, localcontext
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

COPENHAGEN = ZoneInfo("Europe/Copenhagen")
FIRST_YEAR, LAST_YEAR = 1900, 2200  # far from the ends of the calendar, where a change of zone overflows
NBSP = "\u00a0"

_DANISH_DAYS = ("mandag", "tirsdag", "onsdag", "torsdag", "fredag", "lørdag", "søndag")
_ENGLISH_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_DANISH_MONTHS = (
    "januar",
    "februar",
    "marts",
    "april",
    "maj",
    "juni",
    "juli",
    "august",
    "september",
    "oktober",
    "november",
    "december",
)
_ENGLISH_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_DANISH_SHORT_MONTHS = tuple(month if len(month) == 3 else f"{month[:3]}." for month in _DANISH_MONTHS)


def _is_english() -> bool:
    return (get_language() or "").startswith("en")


def wall(value):
    """An aware datetime as it reads on a clock in Copenhagen; anything else unchanged."""
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(COPENHAGEN)
    return value


def today(now: datetime | None = None) -> date:
    """The date in Copenhagen."""
    return wall(now or timezone.now()).date()


# --- Dates and times -------------------------------------------------------------------------------------------------


def full_date(value) -> str:
    """fredag den 5. marts 2027"""
    day = wall(value)
    if _is_english():
        return f"{_ENGLISH_DAYS[day.weekday()]} {day.day} {_ENGLISH_MONTHS[day.month - 1]} {day.year}"
    return f"{_DANISH_DAYS[day.weekday()]} den {day.day}. {_DANISH_MONTHS[day.month - 1]} {day.year}"


def compact_date(value) -> str:
    """5. mar. 2027"""
    day = wall(value)
    if _is_english():
        return f"{day.day} {_ENGLISH_MONTHS[day.month - 1][:3]} {day.year}"
    return f"{day.day}. {_DANISH_SHORT_MONTHS[day.month - 1]} {day.year}"


def short_day(value) -> str:
    """tor. 4. mar."""
    day = wall(value)
    if _is_english():
        return f"{_ENGLISH_DAYS[day.weekday()][:3]} {day.day} {_ENGLISH_MONTHS[day.month - 1][:3]}"
    return f"{_DANISH_DAYS[day.weekday()][:3]}. {day.day}. {_DANISH_SHORT_MONTHS[day.month - 1]}"


def table_date(value) -> str:
    """05.03.2027"""
    day = wall(value)
    separator = "/" if _is_english() else "."
    return f"{day.day:02}{separator}{day.month:02}{separator}{day.year}"


def month_name(value) -> str:
    """marts"""
    return (_ENGLISH_MONTHS if _is_english() else _DANISH_MONTHS)[wall(value).month - 1]


def clock(value) -> str:
    """13.00"""
    moment = wall(value)
    separator = ":" if _is_english() else "."
    return f"{moment.hour:02}{separator}{moment.minute:02}"


def time_range(start, end=None) -> str:
    """kl. 13.00–15.00, or kl. 13.00 without an end."""
    times = f"{clock(start)}–{clock(end)}" if end else clock(start)
    return times if _is_english() else f"kl. {times}"


def full_datetime_range(start, end=None) -> str:
    """fredag den 5. marts 2027 kl. 13.00–15.00; both days are written out when they differ."""
    start, end = wall(start), wall(end)
    joint = ", " if _is_english() else " "
    if end and end.date() != start.date():
        return f"{full_date(start)}{joint}{time_range(start)} – {full_date(end)}{joint}{time_range(end)}"
    return f"{full_date(start)}{joint}{time_range(start, end)}"


def week(value) -> str:
    """uge 9 (ISO weeks)"""
    number_of_week = wall(value).isocalendar().week
    return f"week {number_of_week}" if _is_english() else f"uge {number_of_week}"


def week_with_year(value, year: int | None = None) -> str:
    """uge 53 (2026) when the week is of another year than the one it is shown under (by default the date's own)."""
    day = wall(value)
    week_year = day.isocalendar().year
    return week(day) if week_year == int(year or day.year) else f"{week(day)} ({week_year})"


def relative_day(value, now=None) -> str:
    """i dag, i morgen, i går, om 3 dage, for 3 dage siden; `now` is a date or an aware datetime."""
    day, current = (item.date() if isinstance(item, datetime) else item for item in (wall(value), wall(now) or today()))
    days = (day - current).days
    if _is_english():
        near = {0: "today", 1: "tomorrow", -1: "yesterday"}
        return near.get(days) or (f"in {days} days" if days > 0 else f"{-days} days ago")
    near = {0: "i dag", 1: "i morgen", -1: "i går"}
    return near.get(days) or (f"om {days} dage" if days > 0 else f"for {-days} dage siden")


# --- Numbers ---------------------------------------------------------------------------------------------------------


def number(value, decimals: int | None = None) -> str:
    """1.234,5: one decimal if there is any, or as many as asked for."""
    return _number(value, decimals, _is_english())


@lru_cache(maxsize=4096)  # a page of figures holds the same ones again and again, and decimal arithmetic takes its time
def _number(value, decimals: int | None, is_english: bool) -> str:
    with localcontext(rounding=ROUND_HALF_UP):
        digits = format(Decimal(str(value)), f"z,.{1 if decimals is None else int(decimals)}f")
    if decimals is None:
        digits = digits.removesuffix(".0")
    return digits if is_english else digits.translate({ord(","): ".", ord("."): ","})


def percent(value, decimals: int = 0) -> str:
    """85 % with a space that does not break; `value` is in hundredths already."""
    return f"{number(value, decimals)}{'' if _is_english() else NBSP}%"


def share_of(part: int, whole: int) -> str:
    """8 ud af 10 in groups under 20, otherwise 85 %; never rounded to all or nothing when it is neither."""
    return _share_of(part, whole, _is_english())


@lru_cache(maxsize=4096)
def _share_of(part: int, whole: int, is_english: bool) -> str:
    if whole < 20:
        return f"{number(part)} {'out of' if is_english else 'ud af'} {number(whole)}"
    share = Decimal(part) * 100 / Decimal(whole)
    if 0 < share < 1:
        return f"under {percent(1)}"
    if 99 < share < 100:
        return f"over {percent(99)}"
    return percent(share)


# --- Letters ---------------------------------------------------------------------------------------------------------

_OWN_LETTERS = (("a\u030a", "å"), ("a\u0308", "æ"), ("o\u0308", "ø"), ("o\u030b", "ø"))
_NORDIC_AND_SLAVIC = str.maketrans({"ð": "d", "đ": "d", "þ": "th", "ł": "l", "œ": "ø"})
_SEARCH_AS = str.maketrans({"æ": "ae", "ø": "oe", "å": "aa"})
# The three characters that follow z in ASCII, so that plain comparison puts æ, ø and å last.
_SORT_AS = str.maketrans({"æ": "{", "ø": "|", "å": "}", "-": " ", "–": " ", "'": None, "’": None})
_Y_LIKE = str.maketrans("üÜűŰ", "yyyy")


def _letters(text: str) -> str:
    """Small letters without accents, with æ, ø and å (and their neighbours ä and ö) still letters of their own."""
    text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    for parts, letter in _OWN_LETTERS:
        text = text.replace(parts, letter)
    text = "".join(sign for sign in text if not unicodedata.combining(sign))
    return " ".join(text.translate(_NORDIC_AND_SLAVIC).split())


def danish_key(text: str) -> str:
    """What to sort names by: … z, æ, ø, å, with aa as å and case and accents set aside."""
    text = unicodedata.normalize("NFC", text).translate(_Y_LIKE)
    return " ".join(_letters(text).replace("aa", "å").translate(_SORT_AS).split())


def fold(text: str) -> str:
    """What to search in and by, so that Åse, aase and ÅSE find each other. Never for telling people apart."""
    return _letters(text).translate(_SEARCH_AS)


# --- Reading ---------------------------------------------------------------------------------------------------------

_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—−", "-"))
_ZERO_WIDTH = str.maketrans(dict.fromkeys("\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"))
_YEAR_FIRST = re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})")
_DAY_FIRST = re.compile(r"(?P<day>\d{1,2}) ?[./ -] ?(?P<month>\d{1,2}) ?[./ -] ?(?P<year>\d{4}|\d{2})")
# Some telephones offer digits alone for a field of numbers.
_DIGITS = re.compile(r"(?P<day>\d{2})(?P<month>\d{2})(?P<year>\d{4}|\d{2})")
_WRITTEN = re.compile(r"(?:den )?(?P<day>\d{1,2})\.? ?(?P<name>[a-z]+)\.? ?(?P<year>\d{4}|\d{2})")
_CLOCK = re.compile(r"(?:(?:klokken|kl)\.? ?)?(?P<hour>\d{1,2})(?:[.:]? ?(?P<minute>\d{2}))?")
_MONTH_NUMBERS = {
    form: number_of_month
    for names in (_DANISH_MONTHS, _ENGLISH_MONTHS)
    for number_of_month, name in enumerate(names, start=1)
    for form in (name.lower(), name.lower()[:3])
}


def _tidy(text) -> str:
    text = unicodedata.normalize("NFKC", str(text or "")).translate(_ZERO_WIDTH).translate(_DASHES)
    return " ".join(text.lower().split())


def check_year(year: int) -> None:
    """Refuse years that nobody means and no clock can convert."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValueError(
            _("Årstallet skal ligge mellem %(first)d og %(last)d. Skriv datoen som dag, måned og år, fx 05.03.2027.")
            % {"first": FIRST_YEAR, "last": LAST_YEAR}
        )


def parse_date(text: str) -> date:
    """5.3.2027, 05-03-2027, 5/3 2027, 05.03.27, 5. marts 2027 or 2027-03-05; otherwise a ValueError that says why."""
    tidy = _tidy(text)
    match = next(filter(None, (form.fullmatch(tidy) for form in (_YEAR_FIRST, _DAY_FIRST, _DIGITS, _WRITTEN))), None)
    parts = match.groupdict() if match else {}
    month = int(parts["month"]) if "month" in parts else _MONTH_NUMBERS.get(parts.get("name"))
    if month is None:
        raise ValueError(_("Skriv datoen som dag, måned og år, fx 05.03.2027."))
    day, year = int(parts["day"]), int(parts["year"])
    if len(parts["year"]) == 2:
        year += 2000
    check_year(year)
    if not 1 <= month <= 12:
        raise ValueError(_("Måneden skal være fra 1 til 12. Skriv datoen som dag, måned og år, fx 05.03.2027."))
    days = monthrange(year, month)[1]
    if not 1 <= day <= days:
        name = (_ENGLISH_MONTHS if _is_english() else _DANISH_MONTHS)[month - 1]
        raise ValueError(
            _("Datoen findes ikke: %(month)s %(year)d har %(days)d dage.") % {"month": name, "year": year, "days": days}
        )
    return date(year, month, day)


def parse_time(text: str) -> time:
    """13.00, 13:00, 1300, 13, 9.30 or kl. 13.00; otherwise a ValueError that says why."""
    match = _CLOCK.fullmatch(_tidy(text))
    if not match:
        raise ValueError(_("Skriv klokkeslættet med timer og minutter, fx 13.00."))
    hour, minute = int(match["hour"]), int(match["minute"] or 0)
    if (hour, minute) == (24, 0):
        raise ValueError(_("Klokken går fra 00.00 til 23.59. Skriv 00.00 for midnat, og vælg den dato, der begynder."))
    if hour > 23 or minute > 59:
        raise ValueError(_("Klokkeslættet findes ikke. Klokken går fra 00.00 til 23.59."))
    return time(hour, minute)


# --- Summer and winter time ------------------------------------------------------------------------------------------


class WallTimeError(ValueError):
    """A time on the wall in Copenhagen that is not exactly one moment."""


class NonexistentTime(WallTimeError):
    """The clock is put forward past this time."""


class AmbiguousTime(WallTimeError):
    """The clock is put back over this time: it comes first in summer time, then in winter time (both in UTC)."""

    def __init__(self, message: str, first: datetime, second: datetime):
        super().__init__(message)
        self.first, self.second = first, second


def wall_to_utc(day: date, clock_time: time, *, fold: int | None = None) -> datetime:
    """The moment a clock in Copenhagen shows this; `fold` 0 or 1 picks which when the hour comes twice."""
    check_year(day.year)
    local = datetime.combine(day, clock_time.replace(tzinfo=None, fold=0), tzinfo=COPENHAGEN)
    first, second = local.astimezone(UTC), local.replace(fold=1).astimezone(UTC)
    if first > second:
        raise NonexistentTime(
            _("Kl. %(time)s findes ikke %(date)s, fordi uret stilles frem til sommertid. Vælg fx kl. %(instead)s.")
            % {"time": clock(local), "date": full_date(local), "instead": clock(first)}
        )
    if first < second and fold is None:
        raise AmbiguousTime(
            _(
                "Kl. %(time)s kommer to gange %(date)s, fordi uret stilles tilbage til vintertid. "
                "Vælg, om du mener første gang (sommertid) eller anden gang (vintertid)."
            )
            % {"time": clock(local), "date": full_date(local)},
            first,
            second,
        )
    return second if fold else first
