"""Closed by default: every address asks for a login unless it stands on this short list."""

import pytest
from django.urls import URLPattern, URLResolver, get_resolver, reverse

PUBLIC = {
    "account_inactive",
    "account_login",
    "account_logout",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
    "account_signup",
    "brand_css",
    "mfa_authenticate",  # the second step, after the password
    "mfa_login_webauthn",
    "meetings:feed",  # its token is the key
    "meetings:reply_link",  # so is its
    "netvaerk:about",
    "netvaerk:accessibility",
    "netvaerk:health_live",
    "netvaerk:health_ready",
    "netvaerk:privacy",
    "netvaerk:was",
    "openid_connect_callback",
    "openid_connect_login",
    "saml_acs",
    "saml_finish_acs",
    "saml_login",
    "saml_metadata",
    "saml_sls",
    "set_language",
    "socialaccount_login_cancelled",
    "sso_signed_out",
    "sso_stranger",
}
ONLY_IN_DEBUG = {"mailbox", "mailbox_letter"}
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
        if name in PUBLIC | ONLY_IN_DEBUG:
            assert response.status_code in (200, 302, 404, 405, 503)
        else:
            assert goes_to_login, f"{name} answered {response.status_code} to someone who is not signed in"


def test_the_public_list_names_only_addresses_that_exist():
    assert PUBLIC - {name for name, _parts in ROUTES} == set()
