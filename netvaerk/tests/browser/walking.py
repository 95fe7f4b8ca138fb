"""Which pages there are, and at which address whom can open them: read by links, without a browser.

Walking every link of every person takes seconds this way, and a browser is then sent only to pages that differ. Two
pages are the same when the same route has the same skeleton: the same elements with the same classes and roles in the
same places, however many rows a list has and whatever they say.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import urljoin

from django.db import transaction
from django.test import Client
from django.urls import Resolver404, get_resolver, resolve

from members.models import User
from netvaerk.tests.access.table import ONLY_IN_DEBUG
from netvaerk.tests.pages import forms_of

AT_MOST = 200  # pages for one person
# Routes that answer with something else than a page.
NOT_PAGES = {
    "brand_css",
    "meetings:download_ics",
    "meetings:download_reflection_log",
    "meetings:feed",
    "meetings:plan_ics",
    "meetings:running_standing",
    "mfa_download_recovery_codes",
    "netvaerk:export_followup",
    "netvaerk:export_outside",
    "netvaerk:health_live",
    "netvaerk:health_ready",
    "saml_metadata",
}
# Routes that only send one on, or are 404 until the municipality has set up what they belong to.
ONLY_LEAD_ON = {
    "account_set_password",  # everyone has a password, or none at all
    "mfa_login_webauthn",  # read by a script
    "openid_connect_callback",
    "openid_connect_login",
    "saml_acs",
    "saml_finish_acs",
    "saml_login",
    "saml_sls",
}
OF_THE_FRAME = ("/sprog/", "/konto/log-ud/")
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


@dataclass(frozen=True)
class Visit:
    """A page to look at. With `form`, what it says when that form of the page's main part is sent empty."""

    login: str
    route: str
    address: str
    form: int | None = None

    def __str__(self) -> str:
        return self.address if self.form is None else f"{self.address} (form {self.form} sent empty)"


def page_routes() -> set[str]:
    """Every route of the URLconf that may answer a GET with a page; steps of a step guide are routes of their own."""
    found = {name for name, pattern in _patterns(get_resolver()) if _answers_get(name, pattern)}
    return found - set(ONLY_IN_DEBUG.split())


def route_of(address: str) -> str | None:
    """The route an address of ours leads to; None when it is no page."""
    try:
        match = resolve(address.partition("?")[0])
    except Resolver404:
        return None
    if match.view_name in NOT_PAGES or address.endswith(".ics"):
        return None
    return " ".join([match.view_name, *([match.kwargs["step"]] if "step" in match.kwargs else [])])


def walk(login: str, start: str = "/") -> Iterator[tuple[Visit, frozenset]]:
    """Follow links from `start`, one for each route, as the person of that login; each with the skeleton it has."""
    client = browser_of(login)
    waiting, seen = [start], {route_of(start)}
    while waiting:
        assert len(seen) <= AT_MOST, f"{login} can reach more than {AT_MOST} pages: {waiting}"
        address = waiting.pop(0)
        response = client.get(address, follow=True)
        route = route_of(address)
        if "text/html" not in response.get("Content-Type", ""):
            continue
        html = response.content.decode()
        yield Visit(login, route, address), skeleton(html)
        yield from _refusals(client, login, route, address, response)
        for link in links(html):
            if (there := route_of(link)) and there not in seen:
                seen.add(there)
                waiting.append(link)


def unlike(walked: Iterable[tuple[Visit, frozenset]]) -> list[Visit]:
    """The first of each kind: a route's page with a skeleton, whoever meets it first."""
    first = {}
    for visit, bones in walked:
        first.setdefault((visit.route, visit.form is None, bones), visit)
    return list(first.values())


def browser_of(login: str) -> Client:
    client = Client()
    if login:
        client.force_login(User.objects.get(email=f"{login}@demo.invalid"))
    return client


def _refusals(client, login, route, address, response) -> Iterator[tuple[Visit, frozenset]]:
    """The page again for each of its forms that says what it lacks when sent empty. Nothing is kept of the trial."""
    here, choices = response.request["PATH_INFO"], _read(response.content.decode()).choices
    own = [
        form for form in forms_of(response) if form["method"].lower() == "post" and form["action"] not in OF_THE_FRAME
    ]
    for number, form in enumerate(own):
        empty = {name: "" for name in form["data"] if name not in {"csrfmiddlewaretoken", *choices}}
        if not empty:
            continue
        with transaction.atomic():
            answer = client.post(urljoin(here, form["action"]) if form["action"] else address, empty)
            transaction.set_rollback(True)
        if answer.status_code in (200, 400, 409, 422) and b"error-summary" in answer.content:
            yield Visit(login, route, address, number), skeleton(answer.content.decode())


def _patterns(resolver, prefix: str = "") -> Iterator:
    for pattern in resolver.url_patterns:
        if hasattr(pattern, "url_patterns"):
            yield from _patterns(pattern, f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix)
        else:
            yield prefix + pattern.name, pattern


def _answers_get(name: str, pattern) -> bool:
    return name not in NOT_PAGES | ONLY_LEAD_ON and not _is_post_only(pattern.callback)


def _is_post_only(view) -> bool:
    """Whether a decorator on the way in lets nothing but POST through."""
    while view is not None:
        if (code := getattr(view, "__code__", None)) and "request_method_list" in code.co_freevars:
            methods = view.__closure__[code.co_freevars.index("request_method_list")].cell_contents
            return "GET" not in methods
        view = getattr(view, "__wrapped__", None)
    return False


class _Page(HTMLParser):
    """The links of a page, the fields one chooses in, and the places the elements of its main part have."""

    def __init__(self):
        super().__init__()
        self.path, self.links, self.choices, self.places = [("", "")], [], set(), set()

    def handle_starttag(self, tag, attributes):
        said = {name: value or "" for name, value in attributes}
        if tag == "a" and said.get("href", "").startswith("/"):
            self.links.append(said["href"].partition("#")[0])
        if tag == "select" or said.get("type") in ("checkbox", "radio"):
            self.choices.add(said.get("name", ""))
        if tag != "main" and not self.path[-1][1]:
            return
        aria = sorted(name for name in said if name.startswith("aria-"))
        place = " ".join([self.path[-1][1], tag, *(said.get(name, "") for name in ("class", "role", "type")), *aria])
        self.places.add(place)
        if tag not in VOID:
            self.path.append((tag, place))

    def handle_endtag(self, tag):
        if any(tag == one for one, _place in self.path):
            while self.path.pop()[0] != tag:
                pass


def _read(html: str) -> _Page:
    page = _Page()
    page.feed(html)
    return page


def links(html: str) -> list[str]:
    return _read(html).links


def skeleton(html: str) -> frozenset:
    return frozenset(_read(html).places)
