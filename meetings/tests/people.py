"""The people most tests of meetings need: one network, its coordinator, a member, and those outside."""

from dataclasses import dataclass
from datetime import UTC, datetime

from members.models import User
from members.tests.factories import create_board, create_hr, create_leader, create_political, create_system_admin
from networks.models import Network
from networks.tests.factories import create_membership, create_network

NOW = datetime(2027, 2, 1, 9, 0, tzinfo=UTC)


@dataclass
class People:
    network: Network
    coordinator: User
    member: User
    hr: User
    sponsor: User
    board: User
    political: User
    system_admin: User
    other_leader: User


def create_people(**network) -> People:
    network = create_network(name=network.pop("name", "Ledere på tværs"), **network)
    coordinator = create_leader(first_name="Tove", last_name="Holder")
    member = create_leader(first_name="Mads", last_name="Lem")
    create_membership(network=network, leader=coordinator, is_coordinator=True)
    create_membership(network=network, leader=member)
    return People(
        network=network,
        coordinator=coordinator.user,
        member=member.user,
        hr=network.hr_contact or create_hr(),
        sponsor=network.sponsor,
        board=create_board(),
        political=create_political(),
        system_admin=create_system_admin(),
        other_leader=create_leader(first_name="Ulla", last_name="Udenfor").user,
    )


def create_members(network, number: int) -> list[User]:
    return [create_membership(network=network, leader=create_leader()).leader.user for _ in range(number)]
