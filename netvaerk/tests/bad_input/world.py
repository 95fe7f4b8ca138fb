"""The whole house with people in it: every address they can reach, and every form that is laid before them."""

import inspect
import re
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, field
from datetime import timedelta
from html import unescape
from urllib.parse import urljoin

from django.apps import apps
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Model
from django.forms import BaseForm, Field
from django.forms.forms import DeclarativeFieldsMetaclass
from django.http import QueryDict
from django.test import Client
from django.urls import Resolver404, resolve
from django.utils import timezone

from members.models import User
from netvaerk.tests.pages import forms_of

OURS = ("members", "networks", "meetings", "netvaerk")
LINK = re.compile(r'href="(/[^"#]*)')
NOT_FOLLOWED = {"account_logout"}
OF_EACH = 1  # addresses of the same route that one person opens


def person(login: str) -> User:
    return User.objects.get(email=f"{login}@demo.invalid")


def signed_in(login: str) -> Client:
    client = Client()
    if login:
        client.force_login(person(login))
    return client


@contextmanager
def undone():
    """What happens inside never happened; what goes wrong still comes out."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def route_of(address: str) -> str | None:
    """The name of the route, with the step of a form that has several pages."""
    try:
        found = resolve(address.partition("?")[0])
    except Resolver404:
        return None
    words = [str(value) for name, value in sorted(found.kwargs.items()) if name in ("step", "kind")]
    return " ".join([found.view_name, *words])


# --- Forms -----------------------------------------------------------------------------------------------------------


def is_ours(cls: type) -> bool:
    return cls.__module__.partition(".")[0] in OURS and ".tests." not in cls.__module__


def form_classes() -> set[type]:
    """Every form of ours that is laid before people, those only built upon left out."""
    for app in OURS:
        apps.get_app_config(app)
    found, waiting = set(), [BaseForm]
    while waiting:
        children = waiting.pop().__subclasses__()
        waiting += children
        found |= {child for child in children if is_ours(child)}
    return found


@dataclass
class Made:
    """One form as a view made it, so that the same can be made again with something else typed."""

    cls: type
    args: tuple
    kwargs: dict
    fields: frozenset = frozenset()

    def again(self, data, files=None) -> BaseForm:
        names = list(inspect.signature(self.cls.__init__).parameters)[1:]
        kwargs = {name: value for name, value in self.kwargs.items() if name not in ("data", "files")}
        args = [None if _is_posted(value) else value for value in self.args]
        at = names.index("data") if "data" in names else 0
        if len(args) > at:
            args[at] = data
        else:
            kwargs["data"] = data
        if isinstance(kwargs.get("instance"), Model):
            kwargs["instance"] = copy(kwargs["instance"])  # a form fills in its instance
        if files is not None or "files" in self.kwargs or len(self.args) > at + 1:
            if len(args) > at + 1:
                args[at + 1] = files or {}
            else:
                kwargs["files"] = files or {}
        return self.cls(*args, **kwargs)

    def key(self, name: str) -> str:
        """What the field is called in what is sent."""
        prefix = self.kwargs.get("prefix")
        return f"{prefix}-{name}" if prefix else name


def fields_of(made: Made) -> dict[str, Field]:
    return made.again({}).fields


def _is_posted(value) -> bool:
    return isinstance(value, QueryDict) or (
        isinstance(value, dict) and any(isinstance(one, UploadedFile) for one in value.values())
    )


@contextmanager
def forms_noted(notes: dict):
    """Meanwhile every form of ours that is made is noted once for each set of fields it comes with."""
    plain = type.__call__

    def noting(cls, *args, **kwargs):
        form = plain(cls, *args, **kwargs)
        if is_ours(cls):
            made = Made(cls, args, dict(kwargs), frozenset(form.fields))
            known = notes.setdefault(cls, [])
            if made.fields not in [other.fields for other in known]:
                known.append(made)
        return form

    DeclarativeFieldsMetaclass.__call__ = noting
    try:
        yield notes
    finally:
        del DeclarativeFieldsMetaclass.__call__


# --- Pages -----------------------------------------------------------------------------------------------------------


@dataclass
class Post:
    """A form of a page: where it goes, and what it would send if nobody touched it."""

    page: str
    action: str
    data: dict


_DATES = ("date", "on", "deadline", "valid_from", "valid_to", "leave_from", "leave_to", "due_on", "ends_on")


def filled(post: Post) -> Post:
    """The same with something in what was empty: a day in what asks for a day, else a few words."""

    def something(name: str, values):
        values = values if isinstance(values, list) else [values]
        if any(values) or not values:
            return values
        last = name.rpartition("-")[2]
        is_date = last in _DATES or last.endswith(("_on", "_date"))
        return [f"{timezone.localdate() + timedelta(days=40):%d.%m.%Y}" if is_date else "Vi prøver det af sammen."]

    return Post(post.page, post.action, {name: something(name, values) for name, values in post.data.items()})


@dataclass
class Walk:
    """What one person came by: the pages that answered, and the forms on them."""

    login: str
    pages: dict = field(default_factory=dict)  # address -> status
    posts: dict = field(default_factory=dict)  # (route, names of the fields) -> Post


def walk(login: str, corners=()) -> Walk:
    """Follow every kind of link and look at every kind of form, also from the `corners` that no link leads to."""
    client, seen = signed_in(login), {}
    found = Walk(login)
    waiting = ["/" if login else "/konto/log-ind/", "/konto/profil/", *corners]
    while waiting:
        address = waiting.pop(0)
        response = client.get(address, follow=False)
        found.pages[address] = response.status_code
        links = []
        if response.status_code in (301, 302):
            links = [response["Location"]]
        elif response["Content-Type"].startswith("text/html"):
            text = response.content.decode()
            links = [unescape(link) for link in LINK.findall(text)]
            for form in forms_of(response):
                action = urljoin(address, form["action"]) if form["action"] else address
                if form["method"].lower() == "post":
                    data = {name: value for name, value in form["data"].items() if name != "csrfmiddlewaretoken"}
                    key = route_of(action), frozenset(data)
                    found.posts.setdefault(key, Post(address, action, data))
                elif route_of(action):
                    links.append(action)
        for link in links:
            route = route_of(link)
            if route is None or route in NOT_FOLLOWED:
                continue
            known = seen.setdefault(route, set())
            if link not in known and len(known) < OF_EACH:
                known.add(link)
                waiting.append(link)
    return found
