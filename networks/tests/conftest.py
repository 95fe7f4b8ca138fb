import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from members.tests import factories as members
from networks.tests.factories import create_network


@pytest.fixture
def hr(db):
    return members.create_hr()


@pytest.fixture
def board(db):
    return members.create_board()


@pytest.fixture
def leader(db):
    """A leader post outside every network."""
    return members.create_leader(first_name="Lis", last_name="Krog")


@pytest.fixture
def stranger(db):
    return members.create_leader(first_name="Ib", last_name="Fremmed").user


@pytest.fixture
def sponsor(db):
    return members.create_leader(first_name="Sofie", last_name="Lund", level=members.create_level(name="Chef")).user


@pytest.fixture
def network(hr, sponsor):
    """Open for sign-up, with room."""
    return create_network(state="enrolling", sponsor=sponsor, hr_contact=hr)


@pytest.fixture
def count_queries(db):
    """How many queries a call costs."""

    def count(call) -> int:
        with CaptureQueriesContext(connection) as captured:
            call()
        return len(captured)

    return count
