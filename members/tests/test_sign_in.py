import re

import pytest
from django.core import mail
from django.urls import reverse

from members.models import Message
from members.outbox import send_due
from members.tests.factories import create_user

pytestmark = pytest.mark.django_db

PASSWORD = "en lang og god adgangskode"


def test_one_signs_in_with_address_and_password(client):
    create_user(email="anne@demo.invalid", password=PASSWORD)

    response = client.post(reverse("account_login"), {"login": "Anne@Demo.invalid", "password": PASSWORD})

    assert (response.status_code, response["Location"]) == (302, reverse("home"))


def test_a_deactivated_person_is_kept_out(client):
    user = create_user(email="anne@demo.invalid", password=PASSWORD, is_active=False)

    client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})

    assert "_auth_user_id" not in client.session


def test_nobody_signs_up_by_themselves(client):
    response = client.post(
        reverse("account_signup"), {"email": "ny@x.invalid", "password1": PASSWORD, "password2": PASSWORD}
    )

    assert response.status_code == 200
    assert "_auth_user_id" not in client.session


def test_a_forgotten_password_is_mailed_by_the_outbox_and_works_once(client):
    user = create_user(email="anne@demo.invalid")  # imported: has no password yet

    client.post(reverse("account_reset_password"), {"email": user.email})
    message = Message.objects.get(kind="password_reset")
    send_due()

    (sent,) = mail.outbox
    link = re.search(r"https?://[^/\s]+(/konto/adgangskode/ny/\S+)", sent.body).group(1)
    page = client.get(link, follow=True)
    form_url = page.redirect_chain[-1][0]
    client.post(form_url, {"password1": PASSWORD, "password2": PASSWORD})
    user.refresh_from_db()
    assert user.check_password(PASSWORD)
    assert (sent.to, message.last_error) == (["anne@demo.invalid"], "")
    client.post(reverse("account_logout"))
    again = client.get(link, follow=True)
    assert again.context["token_fail"]


def test_an_unknown_address_gets_the_same_answer_and_no_mail(client):
    create_user(email="anne@demo.invalid")

    known = client.post(reverse("account_reset_password"), {"email": "anne@demo.invalid"})
    unknown = client.post(reverse("account_reset_password"), {"email": "stranger@demo.invalid"})

    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    assert Message.objects.count() == 1


# --- Guessing --------------------------------------------------------------------------------------------------------


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


def signs_in_during_a_flood_through_the_proxy(client) -> bool:
    """Both come by the proxy; the one who guesses says to come from somewhere new each time."""
    create_user(email="anne@demo.invalid", password=PASSWORD)
    page, fields = reverse("account_login"), {"login": "anne@demo.invalid"}
    for guess in range(8):
        told = {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": f"10.0.9.{guess}, 10.6.6.6"}
        answer = client.post(page, fields | {"password": "forkert kode 123"}, **told)
    assert "for mange" in answer.content.decode()

    told = {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "10.0.0.2"}
    return client.post(page, fields | {"password": PASSWORD}, **told).status_code == 302


def test_behind_a_proxy_guesses_are_counted_by_who_asked_it(client, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1

    assert signs_in_during_a_flood_through_the_proxy(client)


def test_counted_by_the_proxys_address_a_flood_would_keep_the_owner_out(client, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 0

    assert not signs_in_during_a_flood_through_the_proxy(client)


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
    "look_alike", ["аnne@demo.invalid", "ANNE@demo.invalid\u200b", "anne@demo.invalıd", "ａnne@demo.invalid"]
)
def test_a_look_alike_address_gets_no_link_and_opens_nothing(client, look_alike):
    create_user(email="anne@demo.invalid", password=PASSWORD)

    client.post(reverse("account_reset_password"), {"email": look_alike})
    client.post(reverse("account_login"), {"login": look_alike, "password": PASSWORD})

    assert Message.objects.count() == 0
    assert "_auth_user_id" not in client.session
