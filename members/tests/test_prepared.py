import pytest
from django.db import DataError, connection
from django.test.utils import CaptureQueriesContext

from members.prepared import Prepared

on_postgresql = pytest.mark.services  # what these say is said of PostgreSQL alone


@pytest.fixture
def shares():
    return Prepared("SELECT %(whole)s / %(parts)s, %(whole)s", whole="int", parts="int")


def words(ask):
    with CaptureQueriesContext(connection) as queries:
        found = ask()
    return found, [query["sql"].split()[0] for query in queries]


def test_values_stand_where_they_are_named(db, shares):
    assert shares.rows(whole=12, parts=4) == [(3, 12)]
    assert shares.rows(whole=8, parts=4) == [(2, 8)]


def test_nothing_is_nothing(db):
    assert Prepared("SELECT %(what)s IS NULL", what="text").rows(what=None) == [(True,)]


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_each_connection_plans_it_once(shares):
    for _connection in range(2):
        connection.close()
        asked = [words(lambda: shares.rows(whole=12, parts=4))[1] for _turn in range(3)]
        assert asked == [["PREPARE", "EXECUTE"], ["EXECUTE"], ["EXECUTE"]]


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_a_plan_that_another_session_keeps_is_done_without(shares):
    shares.rows(whole=12, parts=4)
    with connection.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")

    assert words(lambda: shares.rows(whole=12, parts=4)) == ([(3, 12)], ["EXECUTE", "SELECT"])


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_a_session_that_knows_it_from_another_is_asked_all_the_same(shares):
    connection.close()
    with connection.cursor() as cursor:
        cursor.execute(f"PREPARE {shares.name} AS SELECT 1")

    assert words(lambda: shares.rows(whole=8, parts=4)) == ([(2, 8)], ["PREPARE", "SELECT"])


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_what_is_wrong_with_the_statement_itself_is_told(shares):
    with pytest.raises(DataError):
        shares.rows(whole=12, parts=0)


def test_two_releases_whose_statements_differ_have_different_names(shares):
    assert shares.name != Prepared(shares.sql + " ", **shares.types).name
