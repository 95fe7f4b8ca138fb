"""A form with more fields than its own changes what the form changes, and not one column more."""

import re
from collections import Counter
from contextlib import contextmanager

import pytest
import time_machine
from django.apps import apps
from django.db import connection
from django.http import QueryDict
from django.utils import timezone

from members.models import Role, User
from netvaerk.tests.bad_input import world
from netvaerk.tests.bad_input.rows import covers
from netvaerk.tests.pages import forms_of

SMUGGLED = "indsmuglet"
SMUGGLED_NUMBER = 918273
FEWEST_WRITES = {"hr": 8, "tovholder": 8, "leder": 8}  # forms that are whole enough to change something
WRITES = ("INSERT", "UPDATE", "DELETE")
NOT_OURS = ("django_session", "usersessions", "throttles", "SAVEPOINT")
VALID = {"role": Role.HR_ADMIN.value, "is_staff": "on", "is_superuser": "on", "is_active": "on", "state": "active"}
COLUMN = re.compile(r'"(\w+)"')


def every_column() -> dict[str, str]:
    """A value for each field of each model of ours: keys as numbers, what is chosen as one of the choices."""
    extras = {}
    for model in apps.get_models():
        if model._meta.app_label in world.OURS:
            for field in model._meta.get_fields():
                if field.concrete:
                    is_number = field.is_relation or field.get_internal_type().endswith("IntegerField")
                    value = str(SMUGGLED_NUMBER) if is_number else SMUGGLED
                    for name in {field.name, getattr(field, "attname", field.name)}:
                        extras.setdefault(name, VALID.get(name, value))
    return extras


@contextmanager
def writes_noted():
    """The statements that write, with what they write."""
    noted: list[tuple[str, str]] = []

    def note(execute, sql, params, many, context):
        if sql.startswith(WRITES) and not any(table in sql for table in NOT_OURS):
            noted.append((sql, repr(params)))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield noted


def columns_of(noted) -> Counter:
    """Which statements on which columns; how many rows at a time does not matter."""
    return Counter(sql.partition(" ")[0] + " " + " ".join(sorted(set(COLUMN.findall(sql)))) for sql, _params in noted)


def sent(client, post, extras) -> tuple[Counter, str]:
    data = QueryDict(mutable=True)
    for name, value in post.data.items():
        data.setlist(name, value if isinstance(value, list) else [value])
    for name, value in extras.items():
        data.setdefault(name, value)
    with world.undone(), writes_noted() as noted:
        client.post(post.action, data.urlencode(), content_type="application/x-www-form-urlencoded")
    return columns_of(noted), " ".join(params for _sql, params in noted)


def own_names(client, post) -> set[str]:
    """All that the page's own form asks for, also what is not ticked."""
    response = client.get(post.page)
    return {name for form in forms_of(response) for name in form["data"]} if response.status_code == 200 else set()


@covers(44)
@pytest.mark.parametrize("login", ["hr", "direktion", "tovholder", "leder", "ny"])
def test_no_form_changes_more_than_its_own(house, login):
    client, extras = world.signed_in(login), every_column()
    assert len(extras) > 150
    faults, written = [], 0
    with time_machine.travel(timezone.now(), tick=False):
        for post in house.walks[login].posts.values():
            if "log-ud" in post.action:
                continue
            filled = world.filled(post)
            own = own_names(client, post) | set(filled.data)
            others = {name: value for name, value in extras.items() if name not in own}
            plain, _values = sent(client, filled, {})
            more, values = sent(client, filled, others)
            written += bool(plain)
            if more != plain:
                faults.append(f"{post.action}: {more - plain} and not {plain - more}")
            elif SMUGGLED in values or str(SMUGGLED_NUMBER) in values:
                faults.append(f"{post.action} stores it: {values[:300]}")

    assert not faults, "\n".join(faults)
    assert written >= FEWEST_WRITES.get(login, 0)


def test_a_view_that_takes_what_it_is_sent_is_found(house, monkeypatch):
    """The negative control: a profile form that stores every name it is sent."""
    from members.forms import ProfileForm

    plain_save = ProfileForm.save

    def careless(form, *, now):
        user = plain_save(form, now=now)
        User.objects.filter(pk=user.pk).update(**{n: form.data[n] for n in ("phone",) if n in form.data})
        return user

    monkeypatch.setattr(ProfileForm, "save", careless)
    client = world.signed_in("leder")
    post = next(post for post in house.walks["leder"].posts.values() if post.action == "/konto/profil/")

    plain, _values = sent(client, post, {})
    more, values = sent(client, post, {"phone": SMUGGLED})

    assert more != plain
    assert SMUGGLED in values
