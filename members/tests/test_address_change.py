import re
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from members import address_change, roles
from members.bounces import is_refused
from members.leader_import import applying
from members.models import LeaderImport, Message, Role, RoleChange, User
from members.outbox import send_due
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
