"""Walls stand where rows are fetched: what a person may not read is not even asked of the database."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from meetings.tests.factories import create_meeting
from members.tests.factories import create_hr


@pytest.mark.django_db
def test_overview_reads_no_theme_from_the_database_for_hr(client):
    meeting = create_meeting(date=timezone.localdate() + timedelta(days=7), theme="Den svære samtale")
    client.force_login(create_hr())

    with CaptureQueriesContext(connection) as captured:
        page = client.get(meeting.network.get_absolute_url()).content.decode()

    assert "Biblioteket, mødelokale 2" in page
    assert [query["sql"] for query in captured if '"theme"' in query["sql"]] == []
