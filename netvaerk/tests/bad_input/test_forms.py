"""Every bad input that can be typed, in every field it fits of every form there is."""

import re
from datetime import timedelta
from html import escape

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from meetings.closed_period_forms import DateLinesField
from members.fields import AskedField, DanishDateField, DanishTimeField, LinkField, PersonEmailField, PlainTextField
from netvaerk.tests.bad_input import rows, world
from netvaerk.tests.bad_input.rows import ROWS, Answer

# What frameworks say when nobody has said it better.
STIFF = re.compile(
    r"\b(Indtast|Marker|Denne værdi|Indsend|indsendt|gyldig URL|UUID|ManagementForm|Null-tegn|Ensure|Enter|Select|"
    r"This|Select|Invalid|valgmulighed|Sørg for|ugyldig\w* (værdi|valg))\b",
    re.IGNORECASE,
)
LONGEST_SHOWN = 3000
MOST_PER_KIND = 10  # alike fields of one form that are all tried; the first ones stand for the rest


def kind_of(field: forms.Field) -> str | None:
    """What is typed in it; None for what is only ticked."""
    if isinstance(field, forms.BooleanField | forms.FileField):
        return None
    if field.widget.is_hidden:
        return rows.HIDDEN if isinstance(field, forms.IntegerField) else rows.TOKEN
    if isinstance(field, forms.ChoiceField | forms.ModelChoiceField):
        return rows.CHOICE
    by_class = (
        (DanishDateField, rows.DATE),
        (DanishTimeField, rows.TIME),
        (PersonEmailField, rows.EMAIL),
        (LinkField, rows.LINK),
        (DateLinesField, rows.DATES),
        (PlainTextField, rows.TEXT),
        (forms.IntegerField, rows.NUMBER),
        (AskedField, rows.SEARCH),
    )
    for cls, kind in by_class:
        if isinstance(field, cls):
            return kind
    if world.is_ours(type(field)):
        return rows.LINE
    return rows.SEARCH


def typed_rows(kind: str):
    for row in ROWS:
        for kinds, typed, answer in row.typed:
            if kind in ((kinds,) if isinstance(kinds, str) else kinds):
                yield row, typed, answer


def every_field(house):
    """(as a view made it, name, kind) for every field that is typed in; alike ones of one form a few times."""
    for made_forms in house.forms.values():
        for made in made_forms:
            tried: dict = {}
            for name, field in world.fields_of(made).items():
                kind = kind_of(field)
                alike = kind, getattr(field, "max_length", None)
                tried[alike] = tried.get(alike, 0) + 1
                if kind and tried[alike] <= MOST_PER_KIND:
                    yield made, name, kind


def fault(made: world.Made, name: str, typed: str, expected: Answer) -> str:
    """What is wrong with the answer; "" if nothing is."""
    form = made.again({made.key(name): typed, **beside(made, name)})
    form.is_valid()
    field = form.fields[name]
    said = [str(message) for message in form.errors.get(name, [])]
    try:
        value = field.clean(typed)
    except ValidationError as error:
        value, refusal = None, error
    else:
        refusal = None
    is_empty_row = form.empty_permitted and not form.has_changed()
    if refusal and not said and not is_empty_row and not isinstance(form, forms.ModelForm):
        return "is refused by the field and not by the form"
    if wrong := next(filter(None, map(words_fault, said)), ""):
        return wrong
    if said and not field.widget.is_hidden and len(typed) <= LONGEST_SHOWN and not keeps(form, name, typed):
        return "does not show what was typed"
    return answer_fault(field, typed, value, refusal, expected)


def beside(made: world.Made, name: str) -> dict:
    """What has to stand there too: an hour without a day is nothing in some tables."""
    day = getattr(made.cls, "date_field", name)
    return {} if day == name else {made.key(day): f"{timezone.localdate() + timedelta(days=40):%d.%m.%Y}"}


def answer_fault(field, typed, value, refusal, expected: Answer) -> str:
    if expected.kind == "refused" and not refusal:
        return f"is taken, as {value!r:.80}"
    if expected.kind == "empty" and not (refusal or value in field.empty_values):
        return f"is taken for something: {value!r:.80}"
    if expected.kind in ("kept", "becomes"):
        wanted = typed if expected.kind == "kept" else expected.value
        if refusal:
            is_short = getattr(refusal, "code", "") in ("max_length", "max_value", "min_value")
            return "" if is_short else f"is refused: {refusal.messages}"
        stored = value.isoformat() if hasattr(value, "isoformat") else value
        if stored != wanted:
            return f"becomes {stored!r:.80} and not {wanted!r:.80}"
    return ""


def words_fault(message: str) -> str:
    if not message.strip():
        return "is refused without a word"
    if STIFF.search(message):
        return f"is refused in stiff words: {message}"
    if "%(" in message or not message.rstrip().endswith((".", "?", "!")):
        return f"is refused in half a sentence: {message}"
    return ""


def keeps(form, name: str, typed: str) -> bool:
    """Whether the field, as it is laid before the person again, still holds what they typed."""
    if kind_of(form.fields[name]) == rows.CHOICE:
        return True  # nothing is typed there
    shown = str(form[name])
    return escape(typed) in shown or escape(typed).replace("&#x27;", "&#39;") in shown


# Behind a link from a mail, or a key in one's hand: the sign-in has tests of its own.
ON_THE_WAY_IN = {"NewPasswordForm", "AddPasskeyForm", "EditPasskeyForm"}


def test_every_form_there_is_has_been_laid_before_somebody(house):
    abstract = {cls for cls in world.form_classes() if cls.__subclasses__() and cls not in house.forms}
    unseen = {cls.__qualname__ for cls in world.form_classes() - set(house.forms) - abstract}

    assert unseen <= ON_THE_WAY_IN
    assert all(world.is_ours(cls) for cls in world.form_classes())


def test_every_row_in_every_field_it_fits(house):
    faults, tried = [], set()
    for made, name, kind in every_field(house):
        for row, typed, expected in typed_rows(kind):
            tried.add(row.number)
            try:
                wrong = fault(made, name, typed, expected)
            except Exception as error:
                wrong = f"raises {error!r:.200}"
            if wrong:
                faults.append(f"{made.cls.__qualname__}.{name}, row {row.number}, {typed[:30]!a}: {wrong}")

    assert not faults, "\n".join(faults).encode(errors="replace").decode()
    assert tried == {row.number for row in ROWS if row.typed}


CPR = "010190-1234"
NO_PROSE = {  # what is typed here is looked up or checked, and kept nowhere as it stands
    "SearchForm.q",
    "DeliveryFilter.q",
    "CardSearchForm.q",
    "ResetForm.email",
}


def test_no_prose_takes_a_cpr_number(house):
    taken = set()
    for made, name, kind in every_field(house):
        if kind in (rows.LINE, rows.TEXT, rows.SEARCH):
            form = made.again({made.key(name): f"Hun har {CPR}"})
            form.is_valid()
            if not any("cpr" in str(message) for message in form.errors.get(name, [])):
                taken.add(f"{made.cls.__qualname__}.{name}")

    assert taken == NO_PROSE


def test_prose_is_cleaned_by_our_own_fields(house):
    """A plain CharField, URLField or IntegerField would store what ours refuse."""
    plain = {
        f"{made.cls.__qualname__}.{name}: {type(world.fields_of(made)[name]).__name__}"
        for made, name, kind in every_field(house)
        if not world.is_ours(type(world.fields_of(made)[name]))
        and kind not in (rows.CHOICE, rows.HIDDEN, rows.TOKEN)
        and f"{made.cls.__qualname__}.{name}" not in NO_PROSE
        and world.is_ours(made.cls)
    }

    assert plain == set()


@pytest.mark.parametrize(
    ("field", "typed", "expected"),
    [
        (forms.CharField(), "rapport\u202efdp.exe", rows.REFUSED),
        (forms.CharField(), "A\u030akjær", rows.becomes("Åkjær")),
        (forms.IntegerField(), "9" * 20, rows.REFUSED),
        (forms.URLField(assume_scheme="https"), "ftp://x.invalid", rows.REFUSED),
        (forms.DateField(), "0001-01-01", rows.REFUSED),
        (forms.IntegerField(), "-1", rows.REFUSED),
    ],
)
def test_a_field_of_the_framework_is_found_out(field, typed, expected):
    """The negative control: what plain Django does with the same inputs."""

    class Unguarded(forms.Form):
        asked = field

    assert fault(world.Made(Unguarded, (), {}), "asked", typed, expected)


def test_what_the_frameworks_say_is_found_out():
    assert words_fault("Indtast et heltal.")
    assert words_fault("Enter a whole number.")
    assert words_fault("")
    assert words_fault("Skriv højst %(limit)d tegn.")
    assert not words_fault("Skriv et helt tal.")
