"""Links to meetings on screen become unreadable where they stood in the clear, and back."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from meetings.models import Meeting
from meetings.tests.factories import create_meeting, create_plan
from networks.tests.factories import create_network

BEFORE, AFTER = [("meetings", "0015_meeting_roles")], [("meetings", "0016_links_unreadable")]
LINKS = ["https://skaerm.invalid/et", "", "https://skaerm.invalid/to"]


def migrate(target) -> None:
    executor = MigrationExecutor(connection)
    executor.loader.build_graph()
    executor.migrate(target)


def in_the_column() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT link FROM meetings_meeting ORDER BY id")
        return [link for (link,) in cursor.fetchall()]


@pytest.mark.django_db(transaction=True)
def test_links_become_unreadable_and_readable_again():
    network = create_network()
    plan = create_plan(network=network)
    for link in LINKS:
        create_meeting(network=network, plan=plan, link=link)
    before = in_the_column()

    try:
        migrate(BEFORE)
        plain = in_the_column()
    finally:
        migrate(AFTER)

    assert plain == LINKS
    assert [link.startswith("gAAAA") for link in before] == [True, False, True]
    assert [link.startswith("gAAAA") for link in in_the_column()] == [True, False, True]
    assert list(Meeting.objects.order_by("pk").values_list("link", flat=True)) == LINKS
