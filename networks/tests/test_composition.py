"""What to think of in a group: same field, same level, mix, managers and size, while designing and after."""

import pytest
from django.urls import reverse

from members.tests import factories as members
from networks import composition
from networks.fit import Hierarchy
from networks.models import Network
from networks.tests.factories import create_application, create_membership, create_network

pytestmark = pytest.mark.django_db


def codes(found) -> list[str]:
    return [concern.code for concern in found]


def of_group(network, *leaders) -> list[str]:
    return codes(composition.concerns_of_group(network, list(leaders), Hierarchy()))


@pytest.fixture
def mixed():
    """A tværfaglig network for chefs from two fields."""
    fields = [members.create_field(name="Dagtilbud"), members.create_field(name="Skole")]
    return create_network(type="tvaerfaglig", level=members.create_level(name="Chef"), fields=fields, size_min=3)


def chef(*, field="Dagtilbud", area=None, **fields):
    return members.create_leader(
        field=members.create_field(name=field), level=members.create_level(name="Chef"), unit=area, **fields
    )


def test_one_leader_of_another_field_level_and_place(mixed):
    mixed.unit, mixed.reach = members.create_unit(name="Nord"), "local"
    leader = members.create_leader(field=members.create_field(name="Borgerservice"))

    found = composition.concerns(mixed, leader, [], Hierarchy())

    assert codes(found) == ["field", "level", "unit"]
    assert all(concern.what and concern.why and concern.do for concern in found)
    assert "Er ikke på niveauet Chef." in str(found[1])


def test_one_leader_beside_a_manager_at_any_distance_also_where_data_runs_in_a_ring():
    top = members.create_leader(first_name="Tove")
    middle = members.create_leader(line_manager=top)
    low = members.create_leader(line_manager=middle)
    peer = members.create_leader()
    network = create_network()

    assert "Har Tove Holm, som er med, som chef." in str(composition.concerns(network, low, [top], Hierarchy())[0])
    assert "Er chef for" in str(composition.concerns(network, top, [low], Hierarchy())[0])
    top.line_manager = low
    top.save()
    assert len(composition.concerns(network, low, [low, top], Hierarchy())) == 1
    assert composition.concerns(network, peer, [top, middle, low], Hierarchy()) == []


def test_a_well_mixed_group_has_no_concerns(mixed):
    areas = [members.create_unit() for _ in range(2)]

    assert of_group(mixed, *(chef(field=field, area=area) for field in ("Dagtilbud", "Skole") for area in areas)) == []


@pytest.mark.parametrize(("number", "found"), [(2, ["too_small"]), (3, []), (5, []), (6, ["too_large"])])
def test_size_is_weighed_at_its_edges(number, found):
    network = create_network(size_min=3, size_max=5)

    assert of_group(network, *(members.create_leader() for _ in range(number))) == found


def test_others_in_the_group_are_named(mixed):
    odd = members.create_leader(first_name="Ole", last_name="Skæv", field=members.create_field(name="Borgerservice"))
    areas = [members.create_unit() for _ in range(3)]

    found = composition.concerns_of_group(
        mixed,
        [odd, *(chef(field=f, area=a) for f, a in zip(["Dagtilbud", "Skole", "Skole"], areas, strict=True))],
        Hierarchy(),
    )

    assert codes(found) == ["field", "level"]
    assert "Ole Skæv" in found[0].what


def test_a_manager_and_one_far_under_in_the_group(mixed):
    boss = chef(first_name="Bo")
    between = members.create_leader(line_manager=boss)
    low = chef(first_name="Lone", field="Skole", line_manager=between)

    found = composition.concerns_of_group(mixed, [boss, low, chef(field="Skole")], Hierarchy())

    assert [concern.what for concern in found] == ["Bo Holm er chef for Lone Holm."]


@pytest.mark.parametrize(("from_one", "others", "found"), [(3, 3, []), (4, 2, ["area"]), (2, 1, [])])
def test_one_area_dominates_when_over_half_come_from_it(mixed, from_one, others, found):
    area = members.create_unit(name="Børn og Unge")
    below = members.create_unit(parent=area)
    leaders = [chef(field=["Dagtilbud", "Skole"][number % 2], area=below) for number in range(from_one)]
    leaders += [chef(field=["Skole", "Dagtilbud"][number % 2]) for number in range(others)]

    assert of_group(mixed, *leaders) == found


def test_one_field_dominates_also_in_a_local_network(mixed):
    mixed.reach, area = "local", members.create_unit()

    assert of_group(mixed, *(chef(area=area) for _ in range(3)), chef(field="Skole", area=area)) == ["mix"]


def test_a_faglig_network_may_well_come_from_one_area():
    area = members.create_unit()

    assert of_group(create_network(), *(members.create_leader(unit=area) for _ in range(6))) == []


# --- While designing -------------------------------------------------------------------------------------------------


def test_prospects_wait_for_type_and_field():
    assert composition.prospects(create_network(type="")) is None
    assert composition.prospects(create_network(fields=[])) is None


def test_prospects_count_those_who_fit_by_area():
    area = members.create_unit(name="Børn og Unge")
    unit = members.create_unit(parent=area)
    for _ in range(3):
        members.create_leader(unit=unit)
    members.create_leader(field=members.create_field(name="Skole"), unit=unit)
    members.create_leader(unit=members.create_unit(name="Stab"))
    members.create_leader(unit=unit, valid_to="2025-01-01")
    sponsor = members.create_leader(field=members.create_field(name="Skole")).user
    network = create_network(sponsor=sponsor)

    found = composition.prospects(network)

    assert (found.total, found.areas) == (4, [("Børn og Unge", 3), ("Stab", 1)])
    assert found.concerns == []
    network.reach, network.unit = "local", area
    assert composition.prospects(network).areas == [("Børn og Unge", 3)]


def test_prospects_warn_of_too_few_one_area_and_managers(mixed):
    area = members.create_unit()
    boss = chef(area=area)
    for _ in range(4):
        chef(area=area, line_manager=boss)
    mixed.size_min = 6

    assert codes(composition.prospects(mixed).concerns) == ["too_few", "area", "manager"]


def test_prospects_are_shown_at_the_step_of_participants(client, hr, sponsor):
    network = create_network(state="draft", sponsor=sponsor, hr_contact=hr, size_min=9)
    members.create_leader(unit=members.create_unit(name="Nordpolen"))
    client.force_login(hr)
    url = reverse("networks:edit_basis", args=[network.slug, "deltagere"])

    shown = client.get(url).content.decode()

    assert "Nordpolen" in shown
    assert "skal have mindst 9 medlemmer" in shown
    answer = {"fields": [network.fields.get().pk], "participation_terms": "Mød op.", "seen": network.version}
    assert client.post(url, answer | {"check": "1"}).url == f"{url}#passer"


# --- On the network's page -------------------------------------------------------------------------------------------


def test_the_group_is_weighed_for_hr_and_coordinator_alone(client, hr, sponsor, network):
    coordinator = create_membership(network=network, is_coordinator=True)
    member = create_membership(network=network)
    url = reverse("networks:members", args=[network.slug])

    for user, sees in ((hr, True), (coordinator.user, True), (member.user, False), (sponsor, False)):
        client.force_login(user)
        assert ("Netværket har 2 af de mindst 3 medlemmer." in client.get(url).content.decode()) == sees


def test_a_closed_network_is_not_weighed(client, hr):
    network = create_network(state=Network.State.CLOSED, hr_contact=hr)
    client.force_login(hr)

    assert "Sammensætning" not in client.get(reverse("networks:members", args=[network.slug])).content.decode()


def test_weighing_costs_the_same_for_many(client, hr, network, count_queries):
    client.force_login(hr)
    url = reverse("networks:members", args=[network.slug])
    counts = []
    for number in (1, 3, 30):
        while network.memberships.count() < number:
            create_membership(network=network)
            create_application(network=network)
        client.get(url)  # the first time notes who was shown
        counts.append(count_queries(lambda: client.get(url)))

    assert len(set(counts)) == 1
