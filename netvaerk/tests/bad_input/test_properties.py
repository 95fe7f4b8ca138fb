"""Whatever is sent to a form, it answers; and what it takes, both databases can hold.

Few examples for each form by default; `BAD_INPUT_EXAMPLES=10000` tries as many as one has time for.
"""

import os

import pytest
from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict
from hypothesis import HealthCheck, find, given, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample

from netvaerk.tests.bad_input import world

EXAMPLES = int(os.environ.get("BAD_INPUT_EXAMPLES", "15"))

ANY_TEXT = st.text(st.characters(codec=None), max_size=60) | st.text(
    "ab1 .-:/\n\r\t\x00\u200d\u202e\u0301٣👩", max_size=40
)
NUMBERS = st.integers() | st.integers(-5, 70) | st.floats() | st.sampled_from([2**31, 2**31 - 1, 2**63, -1, "1e3", "٣"])
DATES = st.dates().map(str) | st.dates().map(lambda day: f"{day.day}.{day.month}.{day.year}") | st.times().map(str)
CODES = st.sampled_from(
    ["\ud800", "[]", "{}", "null", '["a", 1]', "[[[[", "true", "on", "\\u0000", "%00", "../", "'--", "1,2", "{1,2}"]
)
ANYTHING = st.one_of(ANY_TEXT, NUMBERS.map(str), DATES, CODES)
LISTS = st.lists(ANYTHING, max_size=4)
PROPERTY = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)


def sent(made: world.Made):
    """Strategy for what is sent: for each field nothing, one thing, several, or one of its own choices."""
    fields = {}
    for name, field in world.fields_of(made).items():
        values = LISTS
        if choices := [str(value) for value, _label in getattr(field, "choices", [])][:50]:
            values = values | st.lists(st.sampled_from(choices), max_size=3)
        fields[made.key(name)] = values
    return st.fixed_dictionaries({}, optional=fields)


def query(values: dict) -> QueryDict:
    data = QueryDict(mutable=True)
    for name, those in values.items():
        data.setlist(name, those)
    return data


def file_of(made: world.Made, data: QueryDict) -> dict:
    return {
        name: SimpleUploadedFile("x.csv", data.get(name, "").encode(errors="replace"))
        for name, field in world.fields_of(made).items()
        if isinstance(field, forms.FileField) and name in data
    }


def cannot_be_stored(value) -> bool:
    """What one of the two databases would refuse."""
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            return True
        return "\x00" in value
    if isinstance(value, int):
        return not -(2**31) <= value < 2**31
    if isinstance(value, list | tuple | set):
        return any(map(cannot_be_stored, value))
    if isinstance(value, dict):
        return any(map(cannot_be_stored, value.values()))
    return False


def check(made: world.Made, data: QueryDict) -> None:
    form = made.again(data, file_of(made, data) or None)
    form.is_valid()
    for bound in form:
        str(bound)
    unstorable = [name for name, value in form.cleaned_data.items() if cannot_be_stored(value)]
    assert unstorable == [], f"{made.cls.__qualname__} takes {data!r:.200}"


def _property(made: world.Made):
    @PROPERTY
    @given(values=sent(made))
    def answers(values):
        check(made, query(values))

    return answers


def test_every_form_answers_whatever_is_sent(house):
    for made_forms in house.forms.values():
        for made in made_forms[:1]:
            _property(made)()


@pytest.mark.parametrize("field", [forms.CharField(strip=False), forms.IntegerField()])
def test_a_field_of_the_framework_takes_what_a_database_refuses(field):
    """The negative control: the search finds what plain Django lets through."""

    class Unguarded(forms.Form):
        asked = field

    made = world.Made(Unguarded, (), {})

    def breaks(values):
        try:
            check(made, query(values))
        except AssertionError:
            return True
        return False

    try:
        found = find(sent(made), breaks, settings=settings(PROPERTY, max_examples=500))
    except NoSuchExample:
        found = None
    assert found
