"""Every row of the table is proved by a test that runs."""

import importlib
import inspect
import pkgutil

import pytest

import netvaerk.tests.bad_input as package
from netvaerk.tests.bad_input.rows import NUMBERS, ROWS


def written_here():
    for module in pkgutil.iter_modules(package.__path__):
        if module.name.startswith("test_"):
            yield from inspect.getmembers(
                importlib.import_module(f"{package.__name__}.{module.name}"), inspect.isfunction
            )


def test_the_table_has_every_number_once():
    assert [row.number for row in ROWS] == sorted(NUMBERS)


def test_every_row_is_run():
    marked = {
        number for name, test in written_here() if name.startswith("test_") for number in getattr(test, "covers", ())
    }
    typed = {row.number for row in ROWS if row.typed}
    elsewhere = {row.number for row in ROWS if row.where}

    assert NUMBERS - marked - typed - elsewhere == set()
    assert marked <= NUMBERS


def test_the_tests_elsewhere_are_there_and_run():
    for row in ROWS:
        for where in filter(None, [row.where, *row.also]):
            module, _dot, name = where.rpartition(".")
            test = getattr(importlib.import_module(module), name)
            marks = {mark.name for mark in getattr(test, "pytestmark", [])}
            assert not marks & {"skip", "skipif", "xfail", "services", "faults", "browser"}, where


def test_a_row_without_a_test_is_found(monkeypatch):
    """The negative control."""
    for name, test in written_here():
        if name.startswith("test_") and 70 in getattr(test, "covers", ()):
            monkeypatch.setattr(test, "covers", frozenset())

    with pytest.raises(AssertionError, match="70"):
        test_every_row_is_run()
