"""Every address with whatever may stand behind it, and every form with whatever may be sent to it: no error of ours.

`BAD_INPUT_QUERIES=200` and `BAD_INPUT_POSTS=200` try as many as one has time for. Each one can be had again: the chance
that makes it begins at the address.
"""

import os
import random
import unicodedata
from urllib.parse import quote

import pytest
from django.core.handlers.wsgi import WSGIRequest
from django.http import QueryDict
from django.test import Client
from django.urls import reverse

from members.models import Leader
from netvaerk import home as home_page
from netvaerk.tests.bad_input import world
from netvaerk.tests.bad_input.conftest import PEOPLE
from netvaerk.tests.bad_input.rows import covers
from netvaerk.tests.pages import forms_of
from netvaerk.tests.test_doors import ROUTES

QUERIES = int(os.environ.get("BAD_INPUT_QUERIES", "4"))
POSTS = int(os.environ.get("BAD_INPUT_POSTS", "1"))

# fmt: off
NAMES = [
    "page", "sort", "q", "state", "next", "year", "month", "week", "id", "pk", "ids", "slug",
    "vis", "fra", "moede", "runde", "siden", "politik", "alle", "saeson", "tema", "kind", "rule", "type",
    "area", "level", "field", "enhed", "felt", "niveau", "_connector", "network__hr__x", "is_staff", "password",
    "_popup", "format", "lang", "csrf",
]
# fmt: on
# fmt: off
VALUES = [
    "", "0", "-1", "1", "abc", "1e9", "99999999999999999999", "-99999999999999999999", "2147483648", "1.5", "NaN",
    "%D9%A3", "%00", "%0d%0aSet-Cookie:x=1", "%ff%fe", "%", "%zz", "%u0041", "%ed%a0%80", "%c0%af", "%e2%80%ae",
    "%f0%9f%91%a9", "../../etc/passwd", "//evil.invalid", "javascript:alert(1)", "'--", "%22%3E%3Cscript%3E",
    "{{7*7}}", "%25s%25n", "[]", "{}", "null", "true", "OR", "AND", "2026-02-30", "0001-01-01", "9999-12-31",
    "2026-W99", "24:00", "31.12.99999", "x" * 5000, "%C3%A6" * 500, "9" * 5000, "password", "-created", "?",
    "__class__", "pk__in", "da", "en", "alle",
]
# fmt: on


def nasty_query(chance: random.Random, known: list[str]) -> str:
    parts = []
    for _number in range(chance.randint(1, 5)):
        name = chance.choice(known) if known and chance.random() < 0.6 else chance.choice(NAMES)
        name += chance.choice(["", "", "", "", "[]", "__in", "__gt", "%00", "."])
        value = chance.choice(VALUES)
        parts += [f"{name}={value}"] * (chance.choice([1, 1, 1, 2, 30]) if len(value) < 100 else 1)
    return chance.choice(["&", "&", "&", ";"]).join(parts)


class Reads:
    """Whether a page looks at what stands behind the question mark."""

    def __init__(self, monkeypatch):
        self.are_noted = False
        plain = WSGIRequest.GET

        def noting(request):
            self.are_noted = True
            return request.__dict__.get("GET") or plain.__get__(request, WSGIRequest)

        monkeypatch.setattr(WSGIRequest, "GET", property(noting))

    def of(self, client, address) -> bool:
        self.are_noted = False
        client.get(address)
        return self.are_noted


def failure(send) -> str:
    """What went wrong at our end; "" for any answer that is one."""
    try:
        with world.undone():
            response = send()
            if response.streaming:
                b"".join(response.streaming_content)
    except Exception as error:
        return f"{error!r:.200}"
    is_health = response.status_code == 503  # what watches the worker says that there is none
    return f"answers {response.status_code}" if response.status_code >= 500 and not is_health else ""


def names_asked_for(client, address) -> list[str]:
    """What the forms and links of a page put behind the question mark."""
    response = client.get(address)
    if not response.get("Content-Type", "").startswith("text/html"):
        return []
    names = {name for form in forms_of(response) if form["method"].lower() == "get" for name in form["data"]}
    for link in world.LINK.findall(response.content.decode()):
        names |= set(QueryDict(link.partition("?")[2].replace("&amp;", "&")))
    return sorted(names)


@covers(42, 43)
@pytest.mark.parametrize("login", PEOPLE)
def test_no_query_breaks_a_page(house, monkeypatch, login):
    reads, client = Reads(monkeypatch), world.signed_in(login)
    failures, reading = [], 0
    for address in house.walks[login].pages:
        path = address.partition("?")[0]
        if not reads.of(client, path):
            continue
        reading += 1
        chance, known = random.Random(path), names_asked_for(client, path)
        for _turn in range(QUERIES):
            query = nasty_query(chance, known)
            if said := failure(lambda path=path, query=query: client.get(path, QUERY_STRING=query)):
                failures.append(f"{path}?{query[:200]}: {said}")

    assert not failures, "\n".join(failures)
    assert reading >= (3 if login else 1)


@covers(41)
@pytest.mark.parametrize("login", ["hr", "tovholder"])
def test_no_key_in_an_address_breaks_it(house, login):
    client, failures = world.signed_in(login), []
    for name, parts in ROUTES:
        if not parts:
            continue
        for number, word in ((10**19, "findes-ikke"), (2**63, "__class__")):
            samples = {part: number if part in ("pk", "item", "candidate", "number") else word for part in parts}
            if "uidb36" in samples:
                samples["uidb36"] = "zzzzzzzzzzzzzzzz"
            address = reverse(name, kwargs=samples)
            for method in (client.get, client.post):
                if said := failure(lambda method=method, address=address: method(address)):
                    failures.append(f"{method.__name__} {address[:80]}: {said}")

    assert not failures, "\n".join(failures)


@covers(41)
def test_a_key_that_is_none_is_not_found():
    client = world.signed_in("hr")
    for address in (
        "/ledere/99999999999999999999/",
        "/moeder/99999999999999999999/",
        "/ledere/../",
        "/ledere/%00/",
        "/netvaerk/%00/",
        "/netvaerk/..%2f..%2fetc/",
        "/moeder/-1/",
        "/moeder/1.5/",
        "/kalender/%ff%fe.ics",
        "/moeder/svar/%00/",
        "/moeder/svar/" + quote("æ" * 300) + "/",
    ):
        assert client.get(address).status_code == 404, address


@covers(42)
def test_a_page_that_does_not_exist_is_the_first_or_the_last():
    client = world.signed_in("hr")
    first, last = client.get("/ledere/").context["page"], client.get("/ledere/?page=999999").context["page"]

    assert [client.get("/ledere/", {"page": page}).context["page"].number for page in ("abc", "1e9", "", "٣x")] == [
        1
    ] * 4
    assert last.number == first.paginator.num_pages > 1
    assert client.get("/ledere/?page=-1").context["page"].number == last.number
    assert client.get("/ledere/?page=9999999999999999999999").context["page"].number == last.number
    assert client.get("/status/?sort=password").status_code == 200


@covers(43)
def test_filters_nobody_offers_find_nothing_more():
    client = world.signed_in("leder")
    plain = client.get("/netvaerk/").content
    asked = client.get(
        "/netvaerk/", QUERY_STRING="_connector=OR&network__hr__x=1&state=draft&is_staff=1&pk__gt=0"
    ).content

    assert shown(asked) == shown(plain)


def shown(content: bytes) -> list[str]:
    return sorted(set(world.LINK.findall(content.decode().split("<main", 1)[1])))


@covers(1)
def test_a_name_written_in_two_ways_is_found_by_both():
    person = Leader.objects.current().select_related("user").first().user
    person.first_name, person.last_name = "Søren", "Åkjær-Ærø"
    person.save()
    client = world.signed_in("hr")

    for text in ("Søren Åkjær", unicodedata.normalize("NFD", "Søren Åkjær"), "soeren aakjaer", "SØREN ÅKJÆR"):
        assert person.get_full_name() in client.get("/ledere/", {"q": text}).content.decode(), text


def garbage(chance: random.Random, data: dict) -> str:
    pairs = []
    for name, values in data.items():
        if chance.random() < 0.5:
            those = [quote(value) for value in (values if isinstance(values, list) else [values])]
        else:
            those = [chance.choice(VALUES)[:200] for _number in range(chance.choice([0, 1, 1, 1, 3]))]
        pairs += [f"{quote(name)}={value}" for value in those]
    pairs += [f"{chance.choice(NAMES)}={chance.choice(VALUES)[:200]}"]
    return "&".join(pairs)


@pytest.mark.parametrize("login", PEOPLE)
def test_no_answer_to_a_form_breaks_it(house, login):
    client, failures = world.signed_in(login), []
    for post in house.walks[login].posts.values():
        chance = random.Random(post.action)
        for _turn in range(POSTS):
            body = garbage(chance, post.data)
            if said := failure(
                lambda post=post, body=body: client.post(
                    post.action, body, content_type="application/x-www-form-urlencoded"
                )
            ):
                failures.append(f"POST {post.action} {body[:300]}: {said}")

    assert not failures, "\n".join(failures)
    assert len(house.walks[login].posts) >= (2 if login else 1)


@pytest.mark.parametrize("content_type", ["application/json", "multipart/form-data; boundary=x"])
def test_a_body_that_is_no_form_breaks_nothing(house, content_type):
    failures = []
    for login in ("tovholder", "hr"):
        client = world.signed_in(login)
        for post in house.walks[login].posts.values():
            for body in (b'{"a": "\\ud800", "b": null}', b"\xff\xfe\x00"):
                if said := failure(
                    lambda post=post, body=body, client=client: client.generic("POST", post.action, body, content_type)
                ):
                    failures.append(f"{post.action} {body!r}: {said}")

    assert not failures, "\n".join(failures)


def test_a_page_that_breaks_is_found(house, monkeypatch):
    """The negative control, for a query and for a form."""

    def breaks(user, *, now):
        raise OverflowError("too large")

    monkeypatch.setattr(home_page, "content", breaks)
    client = Client()
    client.force_login(world.person("hr"))

    assert "OverflowError" in failure(lambda: client.get("/"))
    assert failure(lambda: client.get("/om/")) == ""
