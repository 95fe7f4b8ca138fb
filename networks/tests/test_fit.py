import pytest

from members.tests import factories as members
from networks import fit
from networks.models import Network
from networks.tests.factories import create_application, create_membership, create_network

pytestmark = pytest.mark.django_db


def reason(network, leader) -> str:
    return fit.reason_it_fits(network, leader, fit.units_above(leader))


def test_a_faglig_network_fits_the_same_field():
    network = create_network(fields=[members.create_field(name="Dagtilbud")])

    same = members.create_leader(field=members.create_field(name="Dagtilbud"))
    other = members.create_leader(field=members.create_field(name="Skole"))

    assert reason(network, same) == "Passer til dig, fordi du er leder inden for Dagtilbud"
    assert reason(network, other) == ""
    assert reason(network, None) == ""


def test_a_tvaerfaglig_network_fits_the_same_level_from_its_fields():
    chef = members.create_level(name="Chef")
    fields = [members.create_field(name="Dagtilbud"), members.create_field(name="Skole")]
    network = create_network(type="tvaerfaglig", level=chef, fields=fields)

    fits = members.create_leader(level=chef, field=fields[1])
    lower = members.create_leader(level=members.create_level(name="Leder"), field=fields[1])
    outside = members.create_leader(level=chef, field=members.create_field(name="Borgerservice"))

    assert reason(network, fits) == "Passer til dig, fordi du er på niveauet Chef og kommer fra Skole"
    assert [reason(network, leader) for leader in (lower, outside)] == ["", ""]


def test_a_local_network_fits_those_in_its_unit_or_under_it():
    area = members.create_unit(name="Børn og Unge")
    below = members.create_unit(name="Nord", parent=members.create_unit(name="Dagtilbud", parent=area))
    network = create_network(unit=area, reach="local")

    assert reason(network, members.create_leader(unit=below))
    assert not reason(network, members.create_leader(unit=members.create_unit()))


def test_fitting_networks_leave_out_what_the_leader_is_in_or_has_asked_for():
    leader = members.create_leader()
    fits = create_network(state="enrolling")
    create_membership(network=create_network(), leader=leader)
    create_application(network=create_network(), leader=leader)
    full = create_network(size_max=3)
    for _ in range(3):
        create_membership(network=full)
    create_network(state="draft")
    create_network(state="paused")
    create_network(access="closed")

    assert fit.fitting_networks(leader.user) == [fits]


@pytest.mark.parametrize(
    ("names", "shown"),
    [
        ("", []),
        ("aaaaa", [("a", 5)]),
        ("aaaa", [("a", None)]),
        ("aaaaaabbbbbb", [("a", 6), ("b", 6)]),
        ("aaaaaabbbb", [("a", None), ("b", None)]),  # one hidden would follow from the total
        ("aaaaaaabbbbbbccc", [("a", 7), ("b", None), ("c", None)]),
        ("aaaaaabbbccc", [("a", 6), ("b", None), ("c", None)]),
    ],
)
def test_counts_hide_small_groups_and_what_would_give_them_away(names, shown):
    assert [(group.name, group.count) for group in fit.counts_by(list(names))] == shown


# --- Catalogue -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["ældre", "AELDRE", "aeldre på", "øst", "oest", "østers", "trivsel"])
def test_search_finds_danish_letters_either_way(text):
    network = create_network(name="Ældre på Østers", purpose="Bedre trivsel")

    assert list(Network.objects.matching(text)) == [network]
    assert not Network.objects.matching(text + " findes-ikke").exists()


def test_catalogue_filters_type_field_level_state_and_places(client, hr):
    skole = members.create_field(name="Skole")
    chef = members.create_level(name="Chef")
    a = create_network(name="A", state="enrolling", fields=[skole])
    b = create_network(name="B", type="tvaerfaglig", level=chef, fields=[skole, members.create_field()], size_max=3)
    for _ in range(3):
        create_membership(network=b)
    closed = create_network(name="C", state="closed")
    client.force_login(hr)

    def found(**filters):
        return [network.name for network in client.get("/netvaerk/", filters).context["networks"]]

    assert found() == ["A", "B"]
    assert found(type="faglig") == ["A"]
    assert found(field=skole.pk) == ["A", "B"]
    assert found(level=chef.pk) == ["B"]
    assert found(free="on") == ["A"]
    assert found(state="closed") == [closed.name]
    assert found(state="enrolling", q="a") == [a.name]
    assert found(type="rubbish", page="rubbish") == ["A", "B"]


def test_leaders_cannot_filter_by_state(client, stranger):
    create_network(state="closed")
    client.force_login(stranger)

    assert list(client.get("/netvaerk/", {"state": "closed"}).context["networks"]) == []


def test_networks_stand_in_danish_order():
    for name in ("Ørsted", "Aarhus", "Zebra", "Ældre", "Bo"):
        create_network(name=name)

    assert list(Network.objects.values_list("name", flat=True)) == ["Bo", "Zebra", "Ældre", "Ørsted", "Aarhus"]
