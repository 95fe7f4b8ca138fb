from datetime import timedelta
from functools import cache

import pytest
import time_machine
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from members import roles
from members.deliveries import tidy
from members.devices import device_name
from members.models import Role, RoleAssignment, User
from members.session_life import SessionLifetimeMiddleware
from members.sign_in import Backend
from members.tests.factories import create_hr, create_user

pytestmark = pytest.mark.django_db

PASSWORD = "en lang og god adgangskode"
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36"


def signed_in(user, agent=CHROME):
    client = Client(headers={"user-agent": agent})
    client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    return client


@pytest.fixture
def person():
    return create_user(email="anne@demo.invalid", password=PASSWORD)


def is_in(client):
    return client.get("/").status_code == 200


def test_a_session_left_alone_ends(person, settings):
    settings.SESSION_IDLE_MINUTES = 30
    client, now = signed_in(person), timezone.now()

    with time_machine.travel(now + timedelta(minutes=29)):
        assert is_in(client)
    with time_machine.travel(now + timedelta(minutes=58)):
        assert is_in(client)  # counted from the click before
    with time_machine.travel(now + timedelta(minutes=89)):
        page = client.get("/", follow=True)

    assert page.redirect_chain[0][0].startswith(reverse("account_login"))
    assert "ikke har brugt siden et stykke tid" in page.content.decode()
    assert UserSession.objects.count() == 0


def test_one_who_was_saving_when_the_session_ended_is_told_that_nothing_was_saved(person, settings):
    settings.SESSION_IDLE_MINUTES = 30
    client, now = signed_in(person), timezone.now()

    with time_machine.travel(now + timedelta(minutes=31)):
        page = client.post(reverse("members:profile"), {}, follow=True)

    assert "Log ind igen. Det, du ville gemme, er ikke gemt." in page.content.decode()


def test_a_session_in_use_ends_when_it_is_old(person, settings):
    settings.SESSION_IDLE_MINUTES, settings.SESSION_MAX_HOURS = 60, 2
    client, now = signed_in(person), timezone.now()

    for minutes in (50, 100):
        with time_machine.travel(now + timedelta(minutes=minutes)):
            assert is_in(client)
    with time_machine.travel(now + timedelta(minutes=121)):
        assert not is_in(client)


def test_signing_in_gives_the_session_another_key(person):
    client = Client()
    client.get(reverse("account_login"))
    session = client.session
    session["set by"] = "somebody else"
    session.save()
    before = session.session_key
    client.cookies["sessionid"] = before

    client.post(reverse("account_login"), {"login": person.email, "password": PASSWORD})

    assert client.session.session_key != before
    assert not Session.objects.filter(session_key=before).exists()


@pytest.mark.parametrize("is_given", [True, False])
def test_other_roles_give_the_session_another_key_and_leave_the_rest(person, is_given):
    admin = create_hr(role=Role.HR_ADMIN)
    if not is_given:
        roles.give(person, Role.POLITICAL, reason="x", actor=admin, now=timezone.now())
    client = signed_in(person)
    client.get("/")
    before, thief = client.session.session_key, Client()
    thief.cookies["sessionid"] = before
    assert is_in(thief)

    change = roles.give if is_given else roles.take
    change(person, Role.POLITICAL, reason="x", actor=admin, now=timezone.now())
    assert is_in(client)

    after = client.session.session_key
    assert (after != before, is_in(thief), is_in(client)) == (True, False, True)
    assert list(UserSession.objects.values_list("session_key", flat=True)) == [after]
    client.get("/")
    assert client.session.session_key == after, "once for each change"


def test_without_the_new_key_whoever_knew_the_old_one_has_the_new_roles(person, monkeypatch):
    monkeypatch.setattr(SessionLifetimeMiddleware, "_rename", lambda self, request: None)
    client, thief = signed_in(person), Client()
    thief.cookies["sessionid"] = client.session.session_key

    roles.give(person, Role.POLITICAL, reason="x", actor=create_hr(role=Role.HR_ADMIN), now=timezone.now())
    client.get("/")

    assert is_in(thief)


# --- Who asks, and what they may, is read anew -----------------------------------------------------------------------


def is_hr_now(client):
    return client.get(reverse("members:leaders")).status_code == 200


def lose_the_role(person):
    roles.take(person, Role.HR_CONSULTANT, reason="x", actor=create_hr(role=Role.HR_ADMIN), now=timezone.now())


@pytest.mark.parametrize("held", [[], [Role.POLITICAL], [Role.HR_CONSULTANT, Role.POLITICAL, Role.SYSTEM_ADMIN]])
def test_a_person_is_read_with_all_their_roles_in_one_query(person, held):
    for role in held:
        RoleAssignment.objects.create(user=person, role=role)
    client = signed_in(person)
    client.get("/om/")

    with CaptureQueriesContext(connection) as queries:
        page = client.get("/om/")

    assert (page.context["user"], page.context["user"].roles) == (person, set(held))
    assert len([query for query in queries if '"members_' in query["sql"]]) == 1


def test_a_role_taken_is_gone_at_the_next_click(person):
    RoleAssignment.objects.create(user=person, role=Role.HR_CONSULTANT)
    client = signed_in(person)
    assert is_hr_now(client)

    lose_the_role(person)

    assert not is_hr_now(client)


def test_a_person_kept_from_one_click_to_the_next_would_keep_the_role(person, monkeypatch):
    RoleAssignment.objects.create(user=person, role=Role.HR_CONSULTANT)
    client, read = signed_in(person), Backend.get_user
    kept = cache(lambda pk: read(Backend(), pk))
    monkeypatch.setattr(Backend, "get_user", lambda self, pk: kept(pk))
    assert is_hr_now(client)

    lose_the_role(person)

    assert is_hr_now(client)


def test_who_is_deactivated_is_out_at_the_next_click_though_the_session_lives(person):
    client = signed_in(person)
    assert is_in(client)

    User.objects.filter(pk=person.pk).update(is_active=False)

    assert not is_in(client)
    assert Session.objects.exists()


def test_a_backend_that_asks_nothing_would_let_the_deactivated_stay(person, monkeypatch):
    monkeypatch.setattr(Backend, "user_can_authenticate", lambda self, user: True)
    client = signed_in(person)

    User.objects.filter(pk=person.pk).update(is_active=False)

    assert is_in(client)


def test_who_is_no_more_is_nobody(person):
    client = signed_in(person)

    User.objects.filter(pk=person.pk).delete()

    assert not is_in(client)


def test_a_click_in_the_same_minute_writes_nothing(person):
    client = signed_in(person)
    client.get(reverse("members:profile"))

    with CaptureQueriesContext(connection) as queries:
        client.get(reverse("members:profile"))

    assert [query["sql"] for query in queries if query["sql"].startswith("UPDATE")] == []


def test_the_list_names_devices_and_marks_this_one(person):
    other = signed_in(person, "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0) Version/17.0 Mobile Safari/604.1")
    here = signed_in(person)

    page = here.get(reverse("account_sessions"))

    assert [(s.device, s.is_here) for s in page.context["sessions"]] == [
        ("Chrome på Windows", True),
        ("Safari på iPhone", False),
    ]
    assert is_in(other)


def test_one_device_is_signed_out_from_another(person):
    lost, here = signed_in(person), signed_in(person)
    session = UserSession.objects.exclude(session_key=here.session.session_key).get()

    here.post(reverse("account_end_session", args=[session.pk]))

    assert (is_in(lost), is_in(here)) == (False, True)


def test_signing_out_everywhere_ends_all(person):
    clients = [signed_in(person) for _number in range(3)]

    page = clients[0].post(reverse("account_end_all_sessions"), follow=True)

    assert [is_in(client) for client in clients] == [False, False, False]
    assert "3 steder" in page.content.decode()


def test_nobody_ends_the_session_of_another(person):
    signed_in(person)
    stranger = Client()
    stranger.force_login(create_user())

    url = reverse("account_end_session", args=[UserSession.objects.get().pk])

    assert stranger.post(url).status_code == 404
    assert stranger.get(url).status_code == 405
    assert UserSession.objects.count() == 1


def test_the_nightly_tidying_forgets_devices_of_ended_sessions(person):
    signed_in(person)

    tidy(now=timezone.now() + timedelta(hours=11))
    assert UserSession.objects.count() == 1
    tidy(now=timezone.now() + timedelta(hours=13))

    assert UserSession.objects.count() == 0


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (CHROME, "Chrome på Windows"),
        (CHROME + " Edg/126.0", "Edge på Windows"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 14.5; rv:127.0) Gecko/20100101 Firefox/127.0", "Firefox på Mac"),
        ("Mozilla/5.0 (Linux; Android 14) Chrome/126.0 Mobile Safari/537.36", "Chrome på Android"),
        ("curl/8.0", "Ukendt enhed"),
        ("", "Ukendt enhed"),
    ],
)
def test_devices_have_names_people_know(agent, name):
    assert device_name(agent) == name
