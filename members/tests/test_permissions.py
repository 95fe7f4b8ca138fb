"""Design §4: HR alone has a list of people. Everyone else is stopped, and strangers are told nothing."""

from datetime import UTC, datetime

import pytest
from django.urls import reverse

from members.leader_import import applying
from members.models import Leader, LeaderImport, Role, RoleAssignment
from members.tests.factories import (
    create_board,
    create_hr,
    create_leader,
    create_political,
    create_system_admin,
    create_user,
)
from members.tests.files import csv_file, line

pytestmark = pytest.mark.django_db

NOW = datetime(2027, 3, 5, 12, tzinfo=UTC)
LISTS = ["members:leaders", "members:import"]
ABOUT_ONE_IMPORT = ["import_preview", "import_columns", "import_rules"]
ACTS = ["import_apply", "import_dismiss"]


@pytest.fixture
def leader():
    return create_leader(first_name="Hemmelig", last_name="Leder")


@pytest.fixture
def leader_import():
    made, _layout = applying.receive("ledere.csv", csv_file(line()), actor=None, now=NOW)
    return made


def outsiders():
    return {
        "board": create_board,
        "political": create_political,
        "system administrator": create_system_admin,
        "leader": lambda: create_leader(first_name="Per").user,
        "somebody": create_user,
    }


@pytest.fixture(params=list(outsiders()))
def outsider(request, client):
    user = outsiders()[request.param]()
    client.force_login(user)
    return user


@pytest.mark.parametrize("name", LISTS)
def test_lists_are_forbidden_for_all_but_hr(client, outsider, leader, name):
    response = client.get(reverse(name))

    assert response.status_code == 403
    assert "Hemmelig" not in response.content.decode()


def test_leader_looks_like_nothing_to_all_but_hr(client, outsider, leader):
    found, missing = client.get(leader.get_absolute_url()), client.get(reverse("members:leader", args=[999_999]))

    assert found.status_code == missing.status_code == 404
    assert "Hemmelig" not in found.content.decode()


def test_no_one_sees_their_own_row_in_the_list(client):
    leader = create_leader()
    client.force_login(leader.user)

    assert client.get(leader.get_absolute_url()).status_code == 404


@pytest.mark.parametrize("name", ABOUT_ONE_IMPORT)
def test_imports_look_like_nothing_to_all_but_hr(client, outsider, leader_import, name):
    assert client.get(reverse(f"members:{name}", args=[leader_import.pk])).status_code == 404


@pytest.mark.parametrize("name", ACTS)
def test_acts_on_imports_are_closed_to_all_but_hr(client, outsider, leader_import, name):
    before = Leader.objects.count()

    assert client.post(reverse(f"members:{name}", args=[leader_import.pk])).status_code == 404
    leader_import.refresh_from_db()
    assert (leader_import.state, Leader.objects.count()) == ("uploaded", before)


def test_edits_are_closed_to_all_but_hr(client, outsider, leader):
    assert client.post(leader.get_absolute_url(), {"first_name": "Ny"}).status_code == 404
    assert client.post(reverse("members:end_post", args=[leader.pk]), {"on": "1.1.2026"}).status_code == 404
    leader.refresh_from_db()
    assert (leader.user.first_name, leader.valid_to) == ("Hemmelig", None)


def test_upload_is_closed_to_all_but_hr(client, outsider):
    assert client.post(reverse("members:import")).status_code == 403
    assert not LeaderImport.objects.exists()


def test_signed_out_are_asked_to_sign_in(client, leader, leader_import):
    addresses = [
        *map(reverse, LISTS),
        leader.get_absolute_url(),
        reverse("members:end_post", args=[leader.pk]),
        *(reverse(f"members:{name}", args=[leader_import.pk]) for name in [*ABOUT_ONE_IMPORT, *ACTS]),
        reverse("members:profile"),
    ]
    for address in addresses:
        for response in (client.get(address), client.post(address)):
            assert response.status_code == 302
            assert response.url.startswith(reverse("account_login"))


@pytest.mark.parametrize("name", ["end_post", *ACTS])
def test_acts_take_only_post(client, leader, leader_import, name):
    client.force_login(create_hr())
    pk = leader.pk if name == "end_post" else leader_import.pk

    assert client.get(reverse(f"members:{name}", args=[pk])).status_code == 405


def test_right_is_lost_with_the_role(client, leader):
    hr = create_hr()
    client.force_login(hr)
    assert client.get(leader.get_absolute_url()).status_code == 200

    RoleAssignment.objects.filter(user=hr, role=Role.HR_CONSULTANT).delete()

    assert client.get(leader.get_absolute_url()).status_code == 404


@pytest.mark.parametrize("pk", ["99999999999999999999", "0"])
def test_impossible_numbers_are_not_found(client, pk):
    client.force_login(create_hr())

    assert client.get(f"/ledere/{pk}/").status_code == 404
    assert client.get(f"/ledere/import/{pk}/").status_code == 404
