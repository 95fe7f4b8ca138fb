"""Every address of the site × every kind of person × GET and POST, against the table in `table.py`.

Beside the answer itself: what does not exist for a person looks to the last byte as if it never had, reading writes
nothing, and whoever is refused changes nothing.
"""

from collections.abc import Iterator

import pytest
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import translation

from members import audit
from netvaerk.tests.access import table
from netvaerk.tests.access.asking import BY_READING, DOORS, KINDS, TRIED, Answer, ask, expected
from netvaerk.tests.access.municipality import COLUMNS, NOW, POSTED, Municipality
from netvaerk.tests.test_doors import ROUTES
from netvaerk.tests.test_doors import address as sample_address
from networks.models import Access, Application, Membership, Network

pytestmark = pytest.mark.django_db


def what_is_not_there(town: Municipality, who: str, address: str) -> tuple:
    """What `who` is shown in this part of the house at an address that was never any."""
    part = address.split("/")[1]
    if (who, part) not in town.nothing:
        town.nothing[who, part] = ask(town, who, "GET", f"/{part}/findes/slet/ikke/").seen()
    return town.nothing[who, part]


NONE = 2_000_000_000
NUMBERS = ("pk", "item", "candidate", "number")


def elsewhere(arguments: dict) -> Iterator[dict]:
    """The same address without an object."""
    if "slug" in arguments:
        yield arguments | {"slug": "findes-ikke"}
    for part in NUMBERS:
        if part in arguments:
            yield arguments | {part: NONE}


def moved_home(town: Municipality, arguments: dict) -> tuple[dict, dict] | None:
    """For one who comes from the neighbours: the foreign object under an address of their own, and none there."""
    own = "slug" if "slug" in arguments else "pk"
    part = next((part for part in NUMBERS if part in arguments and part != own), None)
    if part is None:
        return None
    home = arguments | {own: town.objects["of_neighbours"][own]}
    return home, home | {part: NONE}


def faults(town: Municipality, row: str, parts: list[str]) -> list[str]:
    """Where the site answers otherwise than the table says."""
    name, arguments = row.partition("@")[0], town.arguments(row, parts)
    address = reverse(name, kwargs=arguments)
    found = []

    def look(who: str, method: str) -> None:
        data = POSTED.get(name, {}) if method == "POST" else None
        answer, wanted = ask(town, who, method, address, data), expected(row, method, who)
        told = f"{row}: {method} by {who}"
        if answer.word != wanted:
            found.append(f"{told} was answered {answer.word}, not {wanted}")
        may_write = answer.word == "ok" and (method == "POST" or answer.wrote <= BY_READING)
        if answer.wrote and not may_write:
            found.append(f"{told} ({answer.word}) wrote to {sorted(answer.wrote)}")
        if answer.word != "404" or method == "HEAD":
            return
        nothing = what_is_not_there(town, who, address)
        if answer.seen() != nothing:
            found.append(f"{told} does not look as if there were nothing")
        if who not in ("neighbour", "board"):
            return
        for missing in elsewhere(arguments):
            other = ask(town, who, method, reverse(name, kwargs=missing), data)
            if other.seen() != nothing:
                found.append(f"{told}: {missing} ({other.word}) does not look as what is hidden")
        if who == "neighbour" and (pair := moved_home(town, arguments)):
            foreign, none = (ask(town, who, method, reverse(name, kwargs=kwargs), data) for kwargs in pair)
            if foreign.word == "ok" or foreign.seen() != none.seen():
                found.append(f"{told}: {pair[0]} ({foreign.word}) does not look as {pair[1]} ({none.word})")

    for who in COLUMNS:
        look(who, "GET")
        look(who, "POST")
    reader = next((who for who in COLUMNS if expected(row, "GET", who) == "ok"), "member")
    for who, method in ((reader, "HEAD"), (reader, "PUT"), (reader, "DELETE"), ("neighbour", "DELETE")):
        look(who, method)
    return found


@pytest.mark.parametrize(("row", "parts"), [pytest.param(*door, id="-".join([door[0], *door[1]])) for door in TRIED])
def test_each_door_opens_to_those_it_is_for(town, row, parts):
    assert faults(town, row, parts) == []


def test_an_open_network_is_known_to_all_but_its_room_stays_shut(town):
    """Another leader sees what one sees who is invited to a closed one, but for the invitation."""
    Network.objects.filter(pk=town.network.pk).update(access=Access.OPEN)
    found = []

    for row, parts in TRIED:
        address = reverse(row.partition("@")[0], kwargs=town.arguments(row, parts))
        for method, kind in DOORS[row].items():
            wanted = "404" if kind == "own_invitation" else KINDS[kind]["invited"]
            word = ask(town, "neighbour", method, address, {} if method == "POST" else None).word
            if word != wanted:
                found.append(f"{row}: {method} was answered {word}, not {wanted}")

    assert found == []


# --- The rows --------------------------------------------------------------------------------------------------------


def test_every_address_has_a_row_and_every_row_an_address():
    assert {name for name, _parts in ROUTES} == table.routes_with_a_row()
    assert {row for row, _parts in TRIED} == set(DOORS)


def test_every_kind_of_door_is_somewhere():
    assert {kind for methods in DOORS.values() for kind in methods.values()} == set(KINDS)


# --- Doors that are no matter of roles -------------------------------------------------------------------------------


def _anyhow(names: str):
    chosen = [route for route in ROUTES if route[0] in names.split()]
    return pytest.mark.parametrize(("name", "parts"), [pytest.param(*route, id=route[0]) for route in chosen])


def _both_ways(town, who: str, address: str) -> list[Answer]:
    return [ask(town, who, "GET", address), ask(town, who, "POST", address, {})]


@_anyhow(table.OPEN_ANYHOW + table.ONLY_IN_DEBUG)
def test_how_one_signs_in_asks_nobody_to_have_done_so(town, name, parts):
    for who in ("signed_out", "inactive", "member", "hr_admin"):
        for answer in _both_ways(town, who, sample_address(name, parts)):
            assert answer.response.status_code in (200, 302, 404, 405, 503), (who, answer.word)
            assert not answer.wrote - {"throttles"}, (who, answer.wrote)


@_anyhow(table.SIGNED_IN_ANYHOW)
def test_ones_own_keys_are_kept_behind_the_login(town, name, parts):
    for who in COLUMNS:
        for answer in _both_ways(town, who, sample_address(name, parts)):
            if COLUMNS[who] == "signed_out":
                assert (answer.word, answer.wrote) == ("login", set()), who
            else:
                assert answer.response.status_code in (200, 302, 403, 404, 405), (who, answer.word)


@_anyhow(table.ANOTHERS_KEY)
def test_a_key_of_somebody_else_is_as_if_it_did_not_exist(town, name, parts):
    key, none = (reverse(name, args=[pk]) for pk in (town.objects["key"]["pk"], 2_000_000_000))

    for who in COLUMNS:
        for found, missing in zip(_both_ways(town, who, key), _both_ways(town, who, none), strict=True):
            if COLUMNS[who] == "signed_out":
                assert (found.word, missing.word) == ("login", "login")
            else:
                assert found.response.status_code in (302, 404)
                assert found.seen()[0] == missing.seen()[0]
                assert found.seen()[2:] == missing.seen()[2:]
                assert not found.wrote


# --- Without a guard the matrix is red -------------------------------------------------------------------------------


def _everyone(*_args, **_kwargs):
    return True


def _of_anyone(user, pk):
    return get_object_or_404(Application.objects.select_related("network", "leader"), pk=pk)


def _of_any_network(network, pk):
    return get_object_or_404(Membership, pk=pk)


def _in_another_tongue(user, slug):
    """A 404 that differs by one thing: which language it is in."""
    if Network.objects.filter(slug=slug).exists():
        translation.activate("en")
    raise Http404


def _noting_who_came(user, slug):
    audit.record(user, "came by", user, now=NOW)
    raise Http404


@pytest.mark.parametrize(
    ("guard", "instead", "row", "told"),
    [
        ("django.contrib.auth.middleware.LoginRequiredMiddleware.handle_no_permission", lambda *_args: None,
         "networks:exercises", "by signed_out was answered ok, not login"),
        ("django.contrib.auth.backends.ModelBackend.user_can_authenticate", _everyone,
         "networks:exercises", "by inactive was answered ok, not login"),
        ("members.models.User.is_hr", True, "netvaerk:followup", "by member was answered ok, not 403"),
        ("members.models.User.is_hr_admin", True, "members:roles", "by hr was answered ok, not 403"),
        ("members.models.User.is_top_management", True, "netvaerk:status", "by sponsor was answered ok, not 403"),
        ("networks.models.network.NetworkQuerySet.visible_to", lambda networks, user: networks,
         "networks:network", "by ex_member was answered ok, not 404"),
        ("networks.permissions.can_see_basis", _everyone, "networks:basis", "by away was answered ok, not 403"),
        ("networks.permissions.has_room", _everyone, "networks:goals", "by hr was answered ok, not 403"),
        ("networks.permissions.can_decide", _everyone, "networks:approve", "by board was answered ok, not 403"),
        ("networks.permissions.get_membership", _of_any_network,
         "networks:appoint_coordinator", "GET by neighbour: {'slug': 'naboerne', "),
        ("networks.permissions.get_own_application", _of_anyone,
         "networks:withdraw", "by neighbour was answered ok, not 404"),
        ("meetings.permissions.can_see_meeting_dates", _everyone,
         "meetings:plan_list", "by political was answered ok, not 403"),
        ("meetings.permissions.is_active_member", _everyone,
         "meetings:download_ics", "by neighbour was answered ok, not 404"),
        ("meetings.permissions.require_coordinator", lambda *_args: None,
         "meetings:cancel", "by member was answered ok, not 403"),
        ("meetings.feedback_permissions.known_rounds", lambda user, network: network.feedback_rounds.all(),
         "meetings:feedback_round@planned_round", "by hr was answered 403, not 404"),
        ("networks.views.goals.get_room", _in_another_tongue,
         "networks:goals", "GET by neighbour does not look as if there were nothing"),
        ("networks.views.goals.get_room", _noting_who_came,
         "networks:goals", "GET by neighbour (404) wrote to ['members_auditevent']"),
    ],
)  # fmt: skip
def test_without_a_guard_the_matrix_is_red(town, monkeypatch, guard, instead, row, told):
    parts = next(parts for name, parts in TRIED if name == row)
    monkeypatch.setattr(guard, instead)

    assert any(told in fault for fault in faults(town, row, parts))


def test_an_address_without_a_row_is_told():
    names = {name for name, _parts in ROUTES} | {"meetings:secret_minutes"}

    assert names - table.routes_with_a_row() == {"meetings:secret_minutes"}
