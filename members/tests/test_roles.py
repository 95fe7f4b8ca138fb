from functools import partial
from threading import Barrier, Thread

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from members import roles
from members.leader_import import applying
from members.models import AuditEvent, Message, Role, RoleAssignment, RoleChange, User
from members.outbox import send_due
from members.tests.factories import (
    create_board,
    create_hr,
    create_leader,
    create_political,
    create_system_admin,
    create_user,
)

pytestmark = pytest.mark.django_db

WHY = "Ny opgave fra 1. marts"


@pytest.fixture
def admin():
    return create_hr(role=Role.HR_ADMIN)


def give(person, role, actor):
    return roles.give(person, role, reason=WHY, actor=actor, now=timezone.now())


def take(person, role, actor):
    return roles.take(person, role, reason=WHY, actor=actor, now=timezone.now())


def held(person):
    return set(User.objects.get(pk=person.pk).roles)


# --- The acts --------------------------------------------------------------------------------------------------------


def test_a_role_is_given_noted_and_told_to_the_person(admin):
    person = create_user(first_name="Poul")

    assert give(person, Role.POLITICAL, admin) is True

    assert held(person) == {Role.POLITICAL}
    change = RoleChange.objects.get()
    assert (change.person, change.act, change.role, change.reason, change.changed_by) == (
        person,
        "given",
        "political",
        WHY,
        admin,
    )
    event = AuditEvent.objects.get()
    assert (event.actor, event.verb, event.subject_id) == (admin, "gave role political", person.pk)
    send_due()
    (letter,) = mail.outbox
    assert (letter.to, "Politisk topledelse" in letter.subject, WHY in letter.body) == ([person.email], True, True)


def test_giving_what_is_held_changes_and_says_nothing(admin):
    person = create_board()

    assert give(person, Role.EXECUTIVE_BOARD, admin) is False

    assert (RoleChange.objects.count(), Message.objects.count()) == (0, 0)


def test_the_other_administrators_hear_of_a_new_one_however_it_came_about(admin):
    other, by_groups = create_hr(role=Role.HR_ADMIN), create_user()
    by_hand = create_user(first_name="Ny", last_name="Kollega")
    create_hr(role=Role.HR_ADMIN, is_active=False)

    give(by_hand, Role.POLITICAL, admin)
    give(by_hand, Role.HR_ADMIN, admin)
    roles.follow_groups(by_groups, {Role.HR_ADMIN}, governed={Role.HR_ADMIN}, now=timezone.now())

    told = Message.objects.filter(kind="new_administrator").order_by("subject_id", "recipient")
    of_hand, of_groups = RoleChange.objects.filter(role=Role.HR_ADMIN).order_by("pk").values_list("pk", flat=True)
    assert list(told.values_list("subject_id", "recipient")) == [
        (of_hand, other.pk),
        *((of_groups, pk) for pk in sorted([admin.pk, other.pk, by_hand.pk])),
    ]
    send_due()
    letters = [letter for letter in mail.outbox if letter.subject == f"{by_hand} er ny HR-administrator i Ledernetværk"]
    assert [letter.to for letter in letters] == [[other.email]]
    assert f"{admin} har givet {by_hand} rollen HR-administrator." in letters[0].body


def test_several_roles_stand_side_by_side(admin):
    person = create_board()

    give(person, Role.HR_CONSULTANT, admin)

    assert held(person) == {Role.EXECUTIVE_BOARD, Role.HR_CONSULTANT}


def test_a_role_is_taken(admin):
    person = create_hr()

    assert take(person, Role.HR_CONSULTANT, admin) is True

    assert held(person) == set()
    assert take(person, Role.HR_CONSULTANT, admin) is False


def test_nobody_gives_themselves_more(admin):
    with pytest.raises(roles.Refused):
        give(admin, Role.SYSTEM_ADMIN, admin)

    assert held(admin) == {Role.HR_ADMIN}


@pytest.mark.parametrize("create", [create_hr, create_board, create_political, create_system_admin, create_user])
def test_only_hr_administrators_give_and_take(create):
    actor, person = create(), create_board()

    for act in (give, take):
        with pytest.raises(PermissionDenied):
            act(person, Role.EXECUTIVE_BOARD, actor)
    with pytest.raises(PermissionDenied):
        roles.close_access(person, reason=WHY, actor=actor, now=timezone.now())


def test_an_administrator_whose_role_was_taken_meanwhile_can_no_longer_act(admin):
    other = create_hr(role=Role.HR_ADMIN)
    assert other.is_hr_admin  # read, and kept, before the role goes
    take(other, Role.HR_ADMIN, admin)

    with pytest.raises(PermissionDenied):
        take(admin, Role.HR_ADMIN, other)


def test_the_last_administrator_stays_by_whatever_way(admin):
    gone = create_hr(role=Role.HR_ADMIN, is_active=False)  # cannot sign in, so does not count

    with pytest.raises(roles.Refused):
        take(admin, Role.HR_ADMIN, admin)
    with pytest.raises(roles.Refused):
        roles.close_access(admin, reason=WHY, actor=admin, now=timezone.now())

    assert (held(admin), gone.is_active) == ({Role.HR_ADMIN}, False)


def test_one_of_two_administrators_may_step_down(admin):
    create_hr(role=Role.HR_ADMIN)

    assert take(admin, Role.HR_ADMIN, admin) is True


def test_an_import_without_the_administrator_leaves_role_and_access(admin):
    post = create_leader(user=admin)
    text = b"Navn;E-mail;Stilling;Enhed\nBo Dam;bo@egebjerg-kommune.invalid;Leder;Skole\n"
    received, _layout = applying.receive("l.csv", text, actor=admin, now=timezone.now())

    applying.apply(received, actor=admin, now=timezone.now())

    admin = User.objects.get(pk=post.user_id)
    assert (admin.is_active, admin.is_hr_admin) == (True, True)


def test_closed_access_shuts_open_pages_and_opens_again(client, admin):
    person = create_board()
    client.force_login(person)
    assert client.get("/").status_code == 200

    roles.close_access(person, reason=WHY, actor=admin, now=timezone.now())
    shut = client.get("/")
    roles.open_access(person, reason=WHY, actor=admin, now=timezone.now())

    assert shut.status_code == 302
    assert held(person) == {Role.EXECUTIVE_BOARD}
    assert [change.act for change in person.role_changes.all()] == ["opened", "closed"]


def test_a_closed_person_is_given_nothing(admin):
    with pytest.raises(roles.Refused):
        give(create_user(is_active=False), Role.POLITICAL, admin)


def test_a_mail_about_a_role_that_changed_back_is_not_sent(admin):
    person = create_user()
    give(person, Role.POLITICAL, admin)
    take(person, Role.POLITICAL, admin)

    send_due()

    assert [letter.subject for letter in mail.outbox] == [
        "Du har ikke længere rollen Politisk topledelse i Ledernetværk"
    ]


@pytest.mark.django_db(transaction=True)
def test_two_administrators_taking_each_others_role_leave_one():
    for _round in range(10):
        RoleAssignment.objects.all().delete()
        first, second = create_hr(role=Role.HR_ADMIN), create_hr(role=Role.HR_ADMIN)
        line, outcomes = Barrier(2), []

        def act(actor, person, line=line, outcomes=outcomes):
            try:
                line.wait()
                outcomes.append(take(person, Role.HR_ADMIN, actor))
            except (PermissionDenied, roles.Refused) as error:
                outcomes.append(type(error).__name__)
            finally:
                connections.close_all()

        threads = [Thread(target=act, args=pair) for pair in ((first, second), (second, first))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert sorted(map(str, outcomes)) == ["PermissionDenied", "True"]
        assert roles.administrators().count() == 1


@pytest.mark.django_db(transaction=True)
def test_stepping_down_while_being_closed_leaves_one():
    first, second = create_hr(role=Role.HR_ADMIN), create_hr(role=Role.HR_ADMIN)
    line = Barrier(2)

    def run(act):
        try:
            line.wait()
            act()
        except (PermissionDenied, roles.Refused):
            pass
        finally:
            connections.close_all()

    acts = (
        lambda: take(first, Role.HR_ADMIN, first),
        lambda: roles.close_access(second, reason=WHY, actor=first, now=timezone.now()),
    )
    threads = [Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert roles.administrators().count() >= 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("other", ["closed", "taken"])
def test_groups_that_take_the_role_while_the_other_administrator_goes_leave_one(other):
    for _round in range(5):
        RoleAssignment.objects.all().delete()
        first, second = create_hr(role=Role.HR_ADMIN), create_hr(role=Role.HR_ADMIN)
        RoleAssignment.objects.filter(user=first).update(is_from_groups=True)
        line, now = Barrier(2), timezone.now()

        def run(act, line=line):
            try:
                line.wait()
                act()
            except (PermissionDenied, roles.Refused):
                pass
            finally:
                connections.close_all()

        goes = {
            "closed": partial(roles.close_access, second, reason=WHY, actor=first, now=now),
            "taken": partial(roles.take, second, Role.HR_ADMIN, reason=WHY, actor=first, now=now),
        }[other]
        follows = partial(roles.follow_groups, first, set(), governed={Role.HR_ADMIN}, now=now)
        threads = [Thread(target=run, args=(act,)) for act in (goes, follows)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert roles.administrators().count() == 1


# --- The pages -------------------------------------------------------------------------------------------------------


def addresses(person):
    return [
        reverse("members:roles"),
        reverse("members:new_person"),
        reverse("members:person_roles", args=[person.pk]),
        reverse("members:take_role", args=[person.pk, "executive_board"]),
        reverse("members:close_access", args=[person.pk]),
        reverse("members:open_access", args=[person.pk]),
    ]


@pytest.mark.parametrize("create", [create_hr, create_board, create_political, create_system_admin, create_user])
def test_the_pages_are_shut_to_all_but_hr_administrators(client, create):
    person = create_board()
    client.force_login(create())

    assert {client.get(url).status_code for url in addresses(person)} == {403}
    assert client.post(reverse("members:give_role", args=[person.pk]), {}).status_code == 403


def test_the_pages_open_to_hr_administrators(client, admin):
    client.force_login(admin)

    assert {client.get(url).status_code for url in addresses(create_board())} == {200}
    assert client.get(reverse("members:person_roles", args=[987654])).status_code == 404
    assert client.get(reverse("members:take_role", args=[admin.pk, "emperor"])).status_code == 404


def test_a_person_is_found_and_given_a_role_on_the_page(client, admin):
    person = create_user(first_name="Åse", last_name="Østergaard")
    client.force_login(admin)

    found = client.get(reverse("members:roles"), {"q": "aase oester"})
    assert [user.pk for user in found.context["people"]] == [person.pk]
    response = client.post(
        reverse("members:give_role", args=[person.pk]), {"role": "hr_consultant", "reason": WHY}, follow=True
    )

    assert held(person) == {Role.HR_CONSULTANT}
    assert WHY in response.content.decode()


@pytest.mark.parametrize(
    "data",
    [
        {"role": "hr_consultant", "reason": ""},
        {"role": "emperor", "reason": WHY},
        {"role": "", "reason": WHY},
        {"role": "hr_consultant", "reason": "010190-1234"},
        {"role": "hr_consultant", "reason": "x" * 301},
    ],
)
def test_a_role_needs_a_name_and_a_reason(client, admin, data):
    person = create_user()
    client.force_login(admin)

    response = client.post(reverse("members:give_role", args=[person.pk]), data)

    assert (response.status_code, held(person)) == (400, set())


def test_a_refusal_is_said_on_the_page(client, admin):
    client.force_login(admin)

    response = client.post(reverse("members:take_role", args=[admin.pk, "hr_admin"]), {"reason": WHY}, follow=True)

    assert "den sidste HR-administrator" in response.content.decode()
    assert held(admin) == {Role.HR_ADMIN}


def test_stepping_down_on_the_page_ends_the_right_to_it(client, admin):
    create_hr(role=Role.HR_ADMIN)
    client.force_login(admin)

    client.post(reverse("members:take_role", args=[admin.pk, "hr_admin"]), {"reason": WHY})

    assert client.get(reverse("members:roles")).status_code == 403


def test_the_session_of_the_demoted_goes_on_with_fewer_rights(client, admin):
    consultant = create_hr()
    client.force_login(consultant)
    assert client.get(reverse("members:leaders")).status_code == 200

    take(consultant, Role.HR_CONSULTANT, admin)

    assert client.get(reverse("members:leaders")).status_code == 403
    assert client.get("/").status_code == 200


def test_a_person_on_no_list_is_created_with_a_role(client, admin):
    client.force_login(admin)
    data = {"first_name": "Poul", "last_name": "Krogh", "email": "Poul@x.dk", "role": "political", "reason": WHY}

    client.post(reverse("members:new_person"), data)
    again = client.post(reverse("members:new_person"), data)

    person = User.objects.get(email="poul@x.dk")
    assert (held(person), person.has_usable_password(), again.status_code) == ({Role.POLITICAL}, False, 400)


def test_the_list_takes_as_many_queries_for_fifty_as_for_one(client, admin):
    client.force_login(admin)
    counts = []
    for wanted in (1, 3, 30):
        while RoleChange.objects.count() < wanted:
            give(create_user(), Role.POLITICAL, admin)
        client.get(reverse("members:roles"))  # the first time notes who was shown
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("members:roles"))
        counts.append(len(queries))

    assert counts[0] == counts[1] == counts[2]
