import re
from datetime import timedelta
from threading import Barrier, Thread

import pytest
import time_machine
from allauth.account.forms import ResetPasswordKeyForm
from django.core import mail
from django.db import connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from members import sign_in_forms
from members.models import Message, User
from members.outbox import send_due
from members.tests.factories import create_user

pytestmark = pytest.mark.django_db

PASSWORD = "en lang og god adgangskode"


@pytest.fixture(autouse=True)
def _quick_hashes(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


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


# --- The link for a new password -------------------------------------------------------------------------------------


def link_to(user):
    """The page a fresh mail leads to."""
    Client().post(reverse("account_reset_password"), {"email": user.email})
    mail.outbox.clear()
    send_due()
    return re.search(r"https?://[^/\s]+(/konto/adgangskode/ny/\S+)", mail.outbox[-1].body)[1]


def opens(link):
    """The form behind the link, in a browser of its own; None when the link is dead."""
    client = Client()
    page = client.get(link, follow=True)
    return None if page.context.get("token_fail") else (client, page.redirect_chain[-1][0])


def test_a_link_lives_for_an_hour():
    link = link_to(create_user())
    now = timezone.localtime()  # the library reckons by the clock on the wall

    with time_machine.travel(now + timedelta(minutes=59)):
        assert opens(link)
    with time_machine.travel(now + timedelta(minutes=61)):
        assert opens(link) is None


@pytest.mark.parametrize("what", ["password", "email", "sign-in"])
def test_a_link_is_dead_once_password_or_address_has_changed_or_the_person_has_been_in(what):
    user = create_user(email="anne@demo.invalid", password=PASSWORD)
    link = link_to(user)
    assert opens(link)

    if what == "password":
        user.set_password("en helt anden adgangskode")
        user.save()
    elif what == "email":
        User.objects.filter(pk=user.pk).update(email="ny@demo.invalid")
    else:
        Client().post(reverse("account_login"), {"login": user.email, "password": PASSWORD})

    assert opens(link) is None


@pytest.mark.parametrize("link", ["/konto/adgangskode/ny/1-x/", "/konto/adgangskode/ny/zzzzzzzzzz-set-password/"])
def test_a_link_that_is_cut_or_made_up_gets_the_neutral_page(client, link):
    page = client.get(link, follow=True)

    assert (page.status_code, page.context["token_fail"]) == (200, True)


def use_at_once(link, *, browsers=20):
    """Which new passwords were taken, and how many answers came: the same link in each browser, sent in one moment."""
    forms, line, answers = [opens(link) for _browser in range(browsers)], Barrier(browsers), []

    def send(number, client, url):
        try:
            password = f"en ny og lang adgangskode {number}"
            line.wait()
            answer = client.post(url, {"password1": password, "password2": password})
            answers.append((password, answer.get("Location")))
        finally:
            connections.close_all()

    threads = [Thread(target=send, args=(number, *form)) for number, form in enumerate(forms)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    done = reverse("account_reset_password_from_key_done")
    return [password for password, location in answers if location == done], len(answers)


@pytest.mark.django_db(transaction=True)
def test_of_twenty_uses_of_a_link_in_one_moment_one_succeeds(settings):
    settings.ACCOUNT_RATE_LIMITS = False
    user = create_user(password=PASSWORD)

    succeeded, answered = use_at_once(link_to(user))

    user.refresh_from_db()
    assert (len(succeeded), answered) == (1, 20)
    assert user.check_password(succeeded[0])


@pytest.mark.django_db(transaction=True)
def test_with_the_librarys_own_form_more_than_one_succeeds(settings, monkeypatch):
    settings.ACCOUNT_RATE_LIMITS = False
    monkeypatch.setattr(sign_in_forms.NewPasswordForm, "save", _after_all_are_checked(Barrier(2)))

    succeeded, _answered = use_at_once(link_to(create_user(password=PASSWORD)), browsers=2)

    assert len(succeeded) == 2


def _after_all_are_checked(line):
    def save(form):
        line.wait()
        ResetPasswordKeyForm.save(form)

    return save


def test_a_new_password_gives_all_tries_back(client):
    user = create_user(email="anne@demo.invalid", password=PASSWORD)
    link = link_to(user)
    data = {"login": user.email, "password": PASSWORD + " 2"}
    for _guess in range(6):
        client.post(reverse("account_login"), data)
    browser, url = opens(link)

    browser.post(url, {"password1": PASSWORD + " 2", "password2": PASSWORD + " 2"})

    assert client.post(reverse("account_login"), data).status_code == 302
