"""How many leaders are in a network, three ways, and frozen for a month at a time."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import translation

from members.models import Leader
from members.tests.factories import create_board, create_field, create_hr, create_leader, create_level, create_unit
from netvaerk import coverage, monthly_status
from netvaerk.suppression import Row
from netvaerk.tests.pages import text_of
from networks.tests.factories import create_membership, create_network

NOW = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


def test_coverage_counts_each_leader_once_and_only_active_networks():
    children, social = (create_unit(name=name) for name in ("Børn og unge", "Social"))
    schools = create_unit(name="Skoler", parent=children)
    active, other, paused = (create_network(sponsor=create_hr(), state=s) for s in ("active", "active", "paused"))
    for _number in range(6):
        leader = create_leader(unit=schools)
        create_membership(network=active, leader=leader)
        create_membership(network=other, leader=leader)
        create_leader(unit=children)
        create_leader(unit=social)
        create_membership(network=active, leader=create_leader(unit=social))
        create_membership(network=paused, leader=create_leader(unit=social))
    create_leader(unit=social, valid_to=date(2026, 12, 31))

    areas = coverage.tables(None).splits[0].table

    assert areas.rows == (Row("Børn og unge", 12, 6), Row("Social", 18, 6))
    assert areas.total == Row("I alt", 30, 12)


def test_coverage_is_split_by_level_and_field_in_their_own_order():
    network = create_network(sponsor=create_hr())
    for level, field in (("Leder", "Skole"), ("Chef", "Dagtilbud")):
        for _number in range(5):
            post = {
                "level": create_level(name=level),
                "field": create_field(name=field, rank=1 if field == "Dagtilbud" else 2),
            }
            create_membership(network=network, leader=create_leader(**post))
            create_leader(**post)

    _areas, levels, fields = coverage.tables(None).splits

    assert [(row.label, row.total, row.inside) for row in levels.table.rows] == [("Leder", 10, 5), ("Chef", 10, 5)]
    assert [row.label for row in fields.table.rows] == ["Dagtilbud", "Skole"]
    assert fields.heading == "Fagområder"


def test_leaders_without_level_or_field_stand_last_as_not_given():
    network = create_network(sponsor=create_hr())
    for _number in range(5):
        create_leader()
        create_membership(network=network)
    Leader.objects.filter(pk__in=[create_leader().pk for _number in range(5)]).update(level=None, field=None)

    _areas, levels, fields = coverage.tables(None).splits

    assert [row.label for row in levels.table.rows] == ["Leder", "Ikke angivet"]
    assert [row.label for row in fields.table.rows][-1] == "Ikke angivet"


def _some_inside_and_some_outside():
    network = create_network(sponsor=create_hr())
    for _number in range(6):
        create_membership(network=network)
        create_leader()
    return network


def test_the_month_shows_what_it_was_frozen_with():
    network = _some_inside_and_some_outside()
    frozen = monthly_status.freeze(NOW)
    create_membership(network=network)

    tables = coverage.tables(frozen)

    assert (tables.everyone.inside, tables.counted_at) == (6, NOW)
    assert coverage.tables(None).everyone.inside == 7
    assert coverage.tables(monthly_status.freeze(NOW + timedelta(days=31))).everyone.inside == 7


def test_the_page_says_when_the_tables_were_counted_and_does_not_move_within_the_month(client):
    network = _some_inside_and_some_outside()
    monthly_status.freeze(NOW)
    client.force_login(create_board())
    before = text_of(client.get(reverse("netvaerk:status")))
    create_membership(network=network)

    after = text_of(client.get(reverse("netvaerk:status")))

    assert "Talt op mandag den 1. marts 2027" in before
    table = before[before.index("Hvor mange ledere er med?") : before.index("Netværkene")]
    assert table in after


def test_a_month_that_is_past_has_no_tables_of_today():
    _some_inside_and_some_outside()

    past = monthly_status.freeze(NOW - timedelta(days=60), is_past=True)

    assert coverage.tables(past).counted_at is None


def test_frozen_tables_are_read_in_the_readers_language():
    _some_inside_and_some_outside()
    Leader.objects.update(field=None)
    frozen = monthly_status.freeze(NOW)

    with translation.override("en"):
        fields = coverage.tables(frozen).splits[2]

    assert (fields.table.total.label, fields.table.rows[0].label) == ("In all", "Not given")
