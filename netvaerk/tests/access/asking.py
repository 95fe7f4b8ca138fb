"""Asking for a page as one of the people of the small municipality, and what the table of access expects of it."""

import re
from http.cookies import SimpleCookie

from django.conf import settings
from django.db import connection, transaction
from django.urls import reverse

from netvaerk.tests.access import table
from netvaerk.tests.access.municipality import COLUMNS, Municipality
from netvaerk.tests.test_doors import ROUTES

KINDS, DOORS = table.kinds(), table.doors()
# Some addresses share a name, and stand on another object each.
TRIED = sorted((row, parts) for row in DOORS for name, parts in ROUTES if name == row.partition("@")[0])
TRIED = [(row, parts) for row, parts in TRIED if ("step" in parts) == row.endswith("@first_step")]

WRITING = re.compile(r'^(?:INSERT (?:OR \w+ )?INTO|UPDATE|DELETE FROM)\s+"?(\w+)', re.IGNORECASE)
SESSIONS = {"django_session", "usersessions_usersession"}  # noted whatever a click leads to
# What is noted of those who read: in HR the line the person concerned can see, and when a calendar last came by.
BY_READING = {"members_personaldataread", "members_listread", "members_listsighting", "meetings_calendarfeed"}
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="[^"]*"')
OUR_HEADERS = {"Content-Type", "Cache-Control", "Vary", "Expires", "Location", "X-Robots-Tag", "Allow"}


class Answer:
    """What a person got, and the tables written to on the way."""

    def __init__(self, response, wrote: set[str], address: str):
        self.response, self.wrote, self.address = response, wrote, address

    @property
    def word(self) -> str:
        status = self.response.status_code
        if status in (301, 302):
            location = self.response["Location"]
            if location.startswith(reverse(settings.LOGIN_URL)):
                return "login"
            return "ok" if location.startswith("/") and not location.startswith("//") else f"to {location}"
        # What was sent is refused at the field, or by what someone else has saved: whoever reads that may send.
        return "ok" if status in (200, 400, 409) else str(status)

    def seen(self) -> tuple:
        """All a person or a program can tell it by, without the address itself and what differs each time."""
        body = TOKEN.sub("", self.response.content.decode()).replace(self.address, "")
        headers = {name: value for name, value in self.response.items() if name in OUR_HEADERS}
        return self.response.status_code, headers, sorted(self.response.cookies), body


def ask(town: Municipality, who: str, method: str, address: str, data: dict | None = None) -> Answer:
    """One click by `who`, in a tab that has been open for a while; whatever it did is undone."""
    client, wrote = town.clients[who], set()

    def note(execute, sql, params, many, context):
        if found := WRITING.match(sql.lstrip()):
            wrote.add(found[1])
        return execute(sql, params, many, context)

    session = client.cookies.get(settings.SESSION_COOKIE_NAME)
    client.cookies = SimpleCookie({settings.SESSION_COOKIE_NAME: session.value} if session else {})
    with transaction.atomic(), connection.execute_wrapper(note):
        response = client.generic(method, address, **({} if data is None else _form(data)))
        transaction.set_rollback(True)
    if session:
        client.cookies = SimpleCookie({settings.SESSION_COOKIE_NAME: session.value})
    return Answer(response, wrote - SESSIONS, address)


def _form(data: dict) -> dict:
    body = "&".join(f"{name}={value}" for name, value in data.items())
    return {"data": body, "content_type": "application/x-www-form-urlencoded"}


def expected(row: str, method: str, who: str) -> str:
    column = COLUMNS[who]
    kind = DOORS[row].get("GET" if method == "HEAD" else method)
    if kind is None:  # not by this way, whoever asks: but first of all who it is
        is_public = KINDS[next(iter(DOORS[row].values()))]["signed_out"] == "ok"
        return "login" if column == "signed_out" and not is_public else "405"
    return KINDS[kind][column]
