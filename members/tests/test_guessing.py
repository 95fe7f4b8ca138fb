"""Guessing at passwords and addresses: slowed down, without keeping the owner out and without telling who is here."""

import re
from datetime import timedelta
from functools import partial

import pytest
import time_machine
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from members import known_devices, sign_in
from members.models import Message, User
from members.tests.factories import create_user

pytestmark = pytest.mark.django_db

PASSWORD = "en lang og god adgangskode"


@pytest.fixture(autouse=True)
def _quick_hashes(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def wrong(client, email="anne@demo.invalid", address="10.0.0.1"):
    return client.post(
        reverse("account_login"), {"login": email, "password": "forkert kode 123"}, REMOTE_ADDR=address
    ).content.decode()


def test_guessing_is_stopped_also_when_redis_is_away(client, settings):
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"  # nothing listens there; throttles are the database's
    create_user(email="anne@demo.invalid", password=PASSWORD)

    pages = [wrong(client) for _guess in range(6)]

    assert ["for mange" in page for page in pages] == [False] * 5 + [True]


def test_a_flood_from_elsewhere_does_not_keep_the_owner_out(client):
    create_user(email="anne@demo.invalid", password=PASSWORD)
    for _guess in range(8):
        wrong(client, address="10.6.6.6")

    response = client.post(
        reverse("account_login"), {"login": "anne@demo.invalid", "password": PASSWORD}, REMOTE_ADDR="10.0.0.2"
    )

    assert response.status_code == 302


# A browser that has been in is let try though everybody else at the same address has used up all tries.


def right(client, address="10.0.0.1"):
    return client.post(
        reverse("account_login"), {"login": "anne@demo.invalid", "password": PASSWORD}, REMOTE_ADDR=address
    ).status_code


@pytest.fixture
def owner():
    """Her browser, signed out again."""
    create_user(email="anne@demo.invalid", password=PASSWORD)
    client = Client()
    assert right(client) == 302
    client.post(reverse("account_logout"))
    return client


def flood(settings):
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"login_failed": "8/m/ip,5/m/key"}
    for _guess in range(6):
        wrong(Client())
    for number in range(3):
        wrong(Client(), f"nr{number}@demo.invalid")


def test_a_flood_from_the_same_address_does_not_keep_the_owners_browser_out(owner, settings):
    flood(settings)

    assert right(Client()) == 200  # anyone else, even with the password, waits
    assert right(owner) == 302


def test_without_the_mark_the_owner_waits_and_for_no_more_than_a_minute(owner, settings):
    flood(settings)
    del owner.cookies[known_devices.COOKIE]

    assert right(owner) == 200
    with time_machine.travel(timezone.now() + timedelta(seconds=60)):
        assert right(owner) == 302


def test_the_owners_browser_has_a_limit_of_its_own(owner):
    pages = [wrong(owner) for _guess in range(11)]

    assert ["for mange" in page for page in pages] == [False] * 10 + [True]


@pytest.mark.parametrize("value", ["", "x", known_devices.mark("bo@demo.invalid"), "[1]:x:y"])
def test_a_mark_that_is_not_hers_gives_nothing(owner, value, settings):
    owner.cookies[known_devices.COOKIE] = value
    flood(settings)

    assert right(owner) == 200


def test_the_mark_is_for_the_sign_in_page_alone_and_names_nobody(owner):
    cookie = owner.cookies[known_devices.COOKIE]

    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == (reverse("account_login"), True, "Lax")
    assert "anne" not in cookie.value


@pytest.mark.parametrize(("proxies", "answer"), [(1, 302), (0, 200)], ids=["told", "not-told"])
def test_guesses_are_counted_by_who_calls_once_the_proxies_are_told(settings, proxies, answer):
    """Counted by the proxy's own address, one who guesses would slow down everybody behind it."""
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    create_user(email="anne@demo.invalid", password=PASSWORD)

    def call(password, came_from):
        return Client(headers={"x-forwarded-for": f"1.2.3.4, {came_from}"}).post(
            reverse("account_login"), {"login": "anne@demo.invalid", "password": password}
        )

    for _guess in range(6):
        call("forkert kode 123", "203.0.113.6")

    assert call(PASSWORD, "203.0.113.6").status_code == 200
    assert call(PASSWORD, "203.0.113.7").status_code == answer


def test_known_unknown_and_closed_addresses_get_the_same_words(client):
    create_user(email="anne@demo.invalid", password=PASSWORD)
    create_user(email="lukket@demo.invalid", password=PASSWORD, is_active=False)
    words = re.compile(r"<main.*?</main>", re.DOTALL)

    pages = {
        words.search(wrong(client, email, f"10.0.1.{n}"))[0].replace(email, "")
        for n, email in enumerate(["anne@demo.invalid", "lukket@demo.invalid", "ingen@demo.invalid"])
    }
    pages = {re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page) for page in pages}

    assert len(pages) == 1


@pytest.mark.parametrize(
    "look_alike",
    [
        "аnne@demo.invalid",
        "ANNE@demo.invalid\u200b",
        "anne@demo.invalıd",
        "ａnne@demo.invalid",
        "mıke@demo.invalid",
        "MİKE@demo.invalid",
    ],
)
def test_a_look_alike_address_gets_no_link_and_opens_nothing(client, look_alike):
    create_user(email="anne@demo.invalid", password=PASSWORD)
    create_user(email="mike@demo.invalid", password=PASSWORD)

    client.post(reverse("account_reset_password"), {"email": look_alike})
    client.post(reverse("account_login"), {"login": look_alike, "password": PASSWORD})

    assert Message.objects.count() == 0
    assert "_auth_user_id" not in client.session


# --- The work done ---------------------------------------------------------------------------------------------------


@pytest.fixture
def hashing(settings, monkeypatch):
    """How often a password is hashed in the way that takes time."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    calls = []
    for name in ("encode", "verify"):
        original = getattr(Argon2PasswordHasher, name)
        monkeypatch.setattr(
            Argon2PasswordHasher,
            name,
            lambda self, *args, original=original, **kwargs: calls.append(1) or original(self, *args, **kwargs),
        )
    return calls


def work_of(act, hashing):
    """Hashes made and kinds of statements run; how a transaction ends is no work of its own."""
    hashing.clear()
    with CaptureQueriesContext(connection) as queries:
        act()
    kinds = [query["sql"].split()[0] for query in queries]
    return len(hashing), [kind for kind in kinds if kind not in ("RELEASE", "ROLLBACK", "COMMIT")]


EVERYONE = ["anne@demo.invalid", "lukket@demo.invalid", "uden@demo.invalid", "ingen@demo.invalid"]


@pytest.fixture
def everyone(hashing):
    """With a password, closed, and not yet with a password; the fourth address is nobody's."""
    create_user(email="anne@demo.invalid", password=PASSWORD)
    create_user(email="lukket@demo.invalid", password=PASSWORD, is_active=False)
    User.objects.filter(pk=create_user(email="uden@demo.invalid").pk).update(password="!" + "x" * 40)
    wrong(Client(), "varm@demo.invalid", "10.9.9.9")  # what is made once per process is made


def test_a_wrong_password_takes_the_same_work_for_everyone(everyone, hashing):
    done = [
        work_of(lambda email=email, n=n: wrong(Client(), email, f"10.0.2.{n}"), hashing)
        for n, email in enumerate(EVERYONE)
    ]

    assert done[0][0] == 1
    assert done == [done[0]] * len(EVERYONE)


def asked_for_reset(hashing):
    url, done = reverse("account_reset_password"), []
    for number, email in enumerate(EVERYONE):
        ask = partial(Client().post, url, {"email": email}, REMOTE_ADDR=f"10.0.3.{number}")
        done.append(work_of(ask, hashing))
    return done


def test_a_forgotten_password_takes_the_same_work_for_everyone_and_mails_only_those_who_can_use_it(everyone, hashing):
    done = asked_for_reset(hashing)

    assert "INSERT" in done[0][1]
    assert done == [done[0]] * len(EVERYONE)
    assert set(Message.objects.values_list("recipient__email", flat=True)) == {EVERYONE[0], EVERYONE[2]}


def test_without_the_pretended_work_an_unknown_address_shows(everyone, hashing, monkeypatch):
    queue = sign_in.queue_reset
    monkeypatch.setattr(sign_in, "queue_reset", lambda user, now: user and queue(user, now))

    done = asked_for_reset(hashing)

    assert done[0] != done[3]


def test_the_broker_is_asked_for_an_unknown_address_too(client, monkeypatch, django_capture_on_commit_callbacks):
    asked = []
    monkeypatch.setattr("members.outbox.nudge", lambda: asked.append(1))
    create_user(email="anne@demo.invalid")

    for email in ("anne@demo.invalid", "ingen@demo.invalid"):
        with django_capture_on_commit_callbacks(execute=True):
            client.post(reverse("account_reset_password"), {"email": email})

    assert len(asked) == 2
