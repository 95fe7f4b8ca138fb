"""Closed by default: every address asks for a login unless the table of access says that it is public."""

import pytest
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from netvaerk.tests.access import table

PUBLIC = table.public()
SAMPLES = {"slug": "findes-ikke", "pk": 1, "token": "t", "uidb36": "1", "key": "k", "page": 1, "name": "n"}


def routes(resolver=None, namespace=""):
    """(name, names of its parts) for every address of the site."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from routes(entry, inner)
        elif isinstance(entry, URLPattern):
            yield f"{namespace}{entry.name}", list(entry.pattern.converters or entry.pattern.regex.groupindex)


ROUTES = sorted((name, parts) for name, parts in routes())


def address(name, parts):
    return reverse(name, kwargs={part: SAMPLES.get(part, 1) for part in parts})


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "parts"), [pytest.param(*route, id=route[0]) for route in ROUTES])
def test_every_address_but_the_public_ones_asks_for_a_login(client, name, parts):
    url = address(name, parts)

    for response in (client.get(url), client.post(url)):
        goes_to_login = response.status_code == 302 and response["Location"].startswith(reverse("account_login"))
        if name in PUBLIC:
            assert response.status_code in (200, 302, 404, 405, 503)
        else:
            assert goes_to_login, f"{name} answered {response.status_code} to someone who is not signed in"
