import re
from datetime import timedelta

import pytest
import time_machine
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.models import SocialAccount, SocialLogin
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from members import address_change, roles
from members.bounces import is_refused
from members.leader_import import applying
from members.models import Leader, LeaderImport, Message, Role, RoleChange, User
from members.outbox import send_due
from members.single_sign_on import SocialAccountAdapter
from members.tests.factories import create_hr, create_leader

pytestmark = pytest.mark.django_db

NOW = timezone.now()


@pytest.fixture
def admin():
    return create_hr(role=Role.HR_ADMIN)


@pytest.fixture
def consultant():
    return create_hr()


@pytest.fixture
def leader():
    """Somebody who has been in."""
    post = create_leader(email="anne@demo.invalid", employee_number="4711")
    User.objects.filter(pk=post.user_id).update(last_login=NOW - timedelta(days=3))
    post.user.refresh_from_db()
    return post


def edit(client, post, **changes):
    page = client.get(post.get_absolute_url())
    form = page.context["form"]
    data = {name: form[name].value() or "" for name in form.fields} | changes
    return client.post(post.get_absolute_url(), data, follow=True)


def address(post):
    return User.objects.get(pk=post.user_id).email


def imported(actor, *, email="ny@demo.invalid", number="4711"):
    text = f"Navn;E-mail;Medarbejdernr.;Stilling;Enhed\nAnne Holm;{email};{number};Leder;Skole\n"
    received, _layout = applying.receive("l.csv", text.encode(), actor=actor, now=NOW)
    return received


def ask_for_reset(client, email, *, days=0.0):
    with time_machine.travel(timezone.now() + timedelta(days=days)):
        client.post(reverse("account_reset_password"), {"email": email})
    return Message.objects.filter(kind="password_reset").count()


# --- The person hears of it, where they were -------------------------------------------------------------------------


def told():
    send_due()
    return [
        (letter.to, bool(re.search("anne@demo.invalid til ny@demo.invalid", letter.body))) for letter in mail.outbox
    ]


def test_a_changed_address_is_told_at_the_old_one_and_written_down(client, consultant, leader):
    client.force_login(consultant)

    edit(client, leader, email="ny@demo.invalid")

    assert told() == [(["anne@demo.invalid"], True)]
    change = RoleChange.objects.get()
    assert (change.person, change.act, change.reason, change.changed_by) == (
        leader.user,
        "address",
        "anne@demo.invalid",
        consultant,
    )
    assert Message.objects.get(kind="address_changed").sent_to == "anne@demo.invalid"


def test_an_import_tells_it_too(consultant, leader):
    applying.apply(imported(consultant), actor=consultant, now=NOW)

    assert (address(leader), told()) == ("ny@demo.invalid", [(["anne@demo.invalid"], True)])


def test_what_leaves_the_address_alone_tells_nothing(client, consultant, leader):
    client.force_login(consultant)

    edit(client, leader, title="Ny titel")
    applying.apply(imported(consultant, email="anne@demo.invalid"), actor=consultant, now=NOW)

    assert (told(), RoleChange.objects.count()) == ([], 0)


def test_an_erased_persons_old_address_is_neither_kept_nor_written_to(leader, admin):
    address_change.note([(leader.user, "anne@demo.invalid")], actor=admin, now=NOW)
    RoleChange.objects.update(reason="")  # as erasure does

    assert told() == []


def test_an_old_address_that_is_gone_does_not_make_the_new_one_refused(leader, admin):
    User.objects.filter(pk=leader.user_id).update(email="ny@demo.invalid")
    Message.objects.bulk_create(
        Message(
            kind="address_changed",
            subject_id=number,
            recipient=leader.user,
            created_at=NOW,
            due_at=NOW,
            state=Message.State.FAILED,
            last_code=550,
            sent_to="anne@demo.invalid",
        )
        for number in range(5)
    )

    assert not is_refused(User.objects.get(pk=leader.user_id))


# --- A new address waits a day ---------------------------------------------------------------------------------------


def test_a_forgotten_password_is_not_mailed_to_a_new_address_before_a_day_has_gone(client, consultant, leader):
    client.force_login(consultant)
    page = edit(client, leader, email="ny@demo.invalid")
    client.logout()

    assert "besked på den gamle adresse" in page.content.decode()
    assert ask_for_reset(client, "anne@demo.invalid") == 0
    assert ask_for_reset(client, "ny@demo.invalid", days=0.9) == 0
    assert ask_for_reset(client, "ny@demo.invalid", days=1.1) == 1


def test_without_the_wait_whoever_changed_the_address_is_in_at_once(client, consultant, leader, monkeypatch):
    monkeypatch.setattr(address_change, "is_waiting", lambda person, now: False)
    client.force_login(consultant)
    edit(client, leader, email="ny@demo.invalid")
    client.logout()

    assert ask_for_reset(client, "ny@demo.invalid") == 1


def test_somebody_who_has_never_been_in_need_not_wait(client, consultant):
    post = create_leader(email="anne@demo.invalid")
    client.force_login(consultant)
    edit(client, post, email="ny@demo.invalid")
    client.logout()

    assert ask_for_reset(client, "ny@demo.invalid") == 1


def test_a_key_asked_for_at_the_old_address_is_not_mailed_to_the_new_one(client, consultant, leader):
    assert ask_for_reset(client, "anne@demo.invalid") == 1  # and the mail server is slow
    client.force_login(consultant)
    edit(client, leader, email="ny@demo.invalid")

    send_due()

    assert [letter.to for letter in mail.outbox] == [["anne@demo.invalid"]]
    assert "adgangskode/ny/" not in mail.outbox[0].body
    assert Message.objects.get(kind="password_reset").last_error == "address just changed"


# --- Nor does anybody come by single sign-on as them ------------------------------------------------------------------


@pytest.fixture
def provider(settings):
    app = {"provider_id": "oidc", "name": "kommunens login", "client_id": "netvaerk", "secret": "x"}
    app["settings"] = {"server_url": "https://login.example"}
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [app]}}


def come_by_single_sign_on(rf, *, days=0.0, **claims):
    """Where somebody the municipality's sign-in vouches for is led; empty when they are let in."""
    account = SocialAccount(provider="oidc", uid="u-7", extra_data=claims | {"email_verified": True})
    login = SocialLogin(user=User(), account=account)
    login.state = {"process": "login"}
    try:
        with time_machine.travel(timezone.now() + timedelta(days=days)):
            SocialAccountAdapter().pre_social_login(rf.get("/"), login)
    except ImmediateHttpResponse as stopped:
        return stopped.response["Location"]
    return ""


@pytest.mark.usefixtures("provider")
@pytest.mark.parametrize("change", [{"email": "ny@demo.invalid"}, {"employee_number": "4712"}])
def test_a_new_address_or_number_opens_no_new_way_in_before_a_day_has_gone(rf, client, consultant, leader, change):
    client.force_login(consultant)
    edit(client, leader, **change)

    assert come_by_single_sign_on(rf, **change, days=0.9) == reverse("sso_waiting")
    assert not SocialAccount.objects.exists()
    assert come_by_single_sign_on(rf, **change, days=1.1) == ""
    assert SocialAccount.objects.get().user == leader.user


def test_nor_when_a_file_changed_the_number(rf, consultant, leader):
    received = imported(consultant, email="anne@demo.invalid", number="4712")
    applying.apply(received, actor=consultant, now=NOW)

    assert come_by_single_sign_on(rf, employee_number="4712") == reverse("sso_waiting")


@pytest.mark.usefixtures("provider")
def test_who_came_that_way_before_comes_still_and_who_was_never_in_need_not_wait(rf, client, consultant, leader):
    SocialAccount.objects.create(user=leader.user, provider="oidc", uid="u-1")
    new = create_leader(email="bo@demo.invalid")
    client.force_login(consultant)
    edit(client, leader, employee_number="4712")
    edit(client, new, employee_number="4713")

    assert come_by_single_sign_on(rf, employee_number="4713") == ""
    known = SocialLogin(user=leader.user, account=SocialAccount.objects.get(uid="u-1"))
    known.state = {"process": "login"}
    SocialAccountAdapter().pre_social_login(rf.get("/"), known)


def test_a_changed_number_is_told_and_written_down(client, consultant, leader):
    client.force_login(consultant)

    edit(client, leader, employee_number="4712")
    edit(client, leader, employee_number="")

    send_due()
    (letter,) = mail.outbox
    assert (letter.to, letter.subject) == (["anne@demo.invalid"], "Dit medarbejdernummer i Ledernetværk er ændret")
    assert "4712" not in letter.body
    change = RoleChange.objects.get()
    assert (change.person, change.act, change.reason) == (leader.user, "number", "4711")


def test_the_page_for_those_who_wait_says_what_to_do(client):
    page = client.get(reverse("sso_waiting"))

    assert "kan du logge ind med den imens" in page.content.decode()


# --- Nobody climbs by it ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("change", [{"email": "ny@demo.invalid"}, {"employee_number": "4712"}])
def test_a_consultant_does_not_take_over_somebody_with_a_role(client, consultant, admin, leader, change):
    roles.give(leader.user, Role.HR_ADMIN, reason="x", actor=admin, now=NOW)
    client.force_login(consultant)

    page = edit(client, leader, **change)

    leader.refresh_from_db()
    assert (page.status_code, address(leader), leader.employee_number) == (400, "anne@demo.invalid", "4711")
    assert "Kun en HR-administrator" in page.content.decode()


@pytest.mark.parametrize("values", [{}, {"email": "anne@demo.invalid", "number": "4712"}])
def test_nor_by_a_file(client, consultant, admin, leader, values):
    roles.give(leader.user, Role.EXECUTIVE_BOARD, reason="x", actor=admin, now=NOW)
    received = imported(consultant, **values)
    client.force_login(consultant)

    page = client.post(reverse("members:import_apply", args=[received.pk]), follow=True)

    leader.refresh_from_db()
    assert (address(leader), leader.employee_number) == ("anne@demo.invalid", "4711")
    assert LeaderImport.objects.get().state == LeaderImport.State.UPLOADED
    assert "Intet er ændret." in page.content.decode()
    assert "Kun en HR-administrator" in page.content.decode()


@pytest.mark.parametrize(("number", "is_refused"), [("4712", True), ("4711", False), ("", False)])
def test_nor_by_a_file_that_gives_them_a_post_with_a_new_number(client, consultant, admin, leader, number, is_refused):
    leader.valid_to = leader.valid_from
    leader.save()
    roles.give(leader.user, Role.HR_ADMIN, reason="x", actor=admin, now=NOW)
    User.objects.filter(pk=leader.user_id).update(first_name="Anne", last_name="Holm")
    received = imported(consultant, email="anne@demo.invalid", number=number)
    client.force_login(consultant)

    page = client.post(reverse("members:import_apply", args=[received.pk]), follow=True)

    assert Leader.objects.filter(valid_to__isnull=True, user=leader.user).exists() == (not is_refused)
    assert ("Kun en HR-administrator" in page.content.decode()) == is_refused


def test_without_the_guard_they_do(client, consultant, admin, leader, monkeypatch):
    monkeypatch.setattr(address_change, "require_right", lambda people, actor: None)
    roles.give(leader.user, Role.HR_ADMIN, reason="x", actor=admin, now=NOW)
    client.force_login(consultant)

    edit(client, leader, email="ny@demo.invalid")

    assert address(leader) == "ny@demo.invalid"


def test_an_administrator_does_and_a_consultant_their_own(client, consultant, admin, leader):
    roles.give(leader.user, Role.POLITICAL, reason="x", actor=admin, now=NOW)
    own = create_leader(user=consultant)
    client.force_login(admin)
    edit(client, leader, email="ny@demo.invalid")
    client.force_login(consultant)
    edit(client, own, email="mig@demo.invalid")

    assert (address(leader), address(own)) == ("ny@demo.invalid", "mig@demo.invalid")
