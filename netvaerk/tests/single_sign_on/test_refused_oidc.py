"""Answers of OpenID Connect that are refused; and that each of them opens the door once its guard is gone."""

from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from allauth.socialaccount.internal import jwtkit
from allauth.socialaccount.models import SocialAccount
from django.urls import reverse

from members import sso_providers
from members.tests.factories import create_leader
from netvaerk.tests.single_sign_on.answers import browser, is_in, oidc_answer, one_who

pytestmark = [pytest.mark.services, pytest.mark.django_db]

UNTRUE = ["audience", "party", "issuer", "expired", "early", "unsigned", "foreign", "shared", "altered"]
NONCES = ["nonce", "nonceless", "earlier"]


@pytest.fixture
def leader(db):
    return create_leader(employee_number="4711")


def ask(client, oidc, spoil=""):
    return client.get(oidc_answer(client, oidc, one_who(employee_number="4711"), spoil))


@pytest.mark.parametrize("spoil", [*UNTRUE, *NONCES, "missing"])
def test_a_spoiled_token_is_refused(client, oidc, leader, spoil):
    first = browser()
    ask(first, oidc)  # makes a good token of an earlier sign-in
    SocialAccount.objects.all().delete()

    page = ask(client, oidc, spoil)

    assert (page.status_code, is_in(client)) == (401, False)
    assert "kunne ikke godkendes" in page.content.decode()
    assert (is_in(first), SocialAccount.objects.exists()) == (True, False)


@pytest.mark.parametrize("spoil", UNTRUE)
def test_without_the_checks_of_the_token_each_of_them_comes_in(client, oidc, leader, spoil, monkeypatch):
    def believe(*, credential, **_kwargs):
        return jwt.decode(credential, options={"verify_signature": False}) | {"azp": "netvaerk"}

    monkeypatch.setattr(jwtkit, "verify_and_decode", believe)
    monkeypatch.setattr(sso_providers, "ALGORITHMS", sso_providers.ALGORITHMS | {"none", "HS256"})

    ask(client, oidc, spoil)

    assert is_in(client)


@pytest.mark.parametrize("spoil", NONCES)
def test_without_the_check_of_the_nonce_each_of_them_comes_in(client, oidc, leader, spoil, monkeypatch):
    ask(browser(), oidc)
    monkeypatch.setattr(sso_providers.StrictAdapter, "check_nonce", lambda self, claims: None)

    ask(client, oidc, spoil)

    assert is_in(client)


def test_each_question_has_a_nonce_of_its_own_and_no_address_chooses_it_or_asks_for_more(client, oidc):
    chosen = {"auth_params": "nonce=known&prompt=none&redirect_uri=https://evil.invalid/", "scope": "offline_access"}
    url = reverse("openid_connect_login", args=["oidc"])

    asked = [parse_qs(urlsplit(client.get(url, chosen)["Location"]).query) for _time in range(2)]

    assert len({question["nonce"][0] for question in asked} | {"known"}) == 3
    for question in asked:
        assert len(question["nonce"][0]) >= 32
        assert set(question["scope"][0].split()) == {"openid", "profile", "email"}
        assert question["redirect_uri"] == ["http://testserver/konto/sso/oidc/svar/"]
        assert "prompt" not in question


def test_a_state_that_is_wrong_or_missing_is_refused(client, oidc, leader):
    answer = oidc_answer(client, oidc, one_who(employee_number="4711"))
    path, _mark, query = answer.partition("?")
    parts = {name: values[0] for name, values in parse_qs(query).items()}

    wrong = client.get(path, parts | {"state": "another"})
    none = client.get(path, {name: value for name, value in parts.items() if name != "state"})

    assert (wrong.status_code, none.status_code, is_in(client)) == (401, 401, False)


def test_an_answer_is_refused_a_second_time_and_in_another_browser(client, oidc, leader):
    answer = oidc_answer(client, oidc, one_who(employee_number="4711"))
    thief = browser()

    thief.get(answer)
    client.get(answer)
    client.post(reverse("account_logout"))
    client.get(answer)

    assert (is_in(thief), is_in(client)) == (False, False)


def test_the_code_is_good_once_though_two_sign_ins_carry_it(client, oidc, leader):
    """A stolen code, put into an answer to the thief's own question."""
    stolen = parse_qs(urlsplit(oidc_answer(client, oidc, one_who(employee_number="4711"))).query)["code"][0]
    thief = browser()
    path, _mark, query = oidc_answer(thief, oidc, one_who(sub="thief")).partition("?")
    mine = {name: values[0] for name, values in parse_qs(query).items()}

    page = thief.get(path, mine | {"code": stolen})

    assert (page.status_code, is_in(thief)) == (401, False)
