"""What an address or a form asks for."""

import pytest
from django.test import RequestFactory

from members.requests import is_ours, number, numbers


@pytest.mark.parametrize(("text", "expected"), [("0", 0), ("12", 12), ("007", 7), ("9" * 18, 10**18 - 1)])
def test_a_number_is_read(text, expected):
    assert number(text) == expected


@pytest.mark.parametrize("text", [None, "", " 1", "-1", "+1", "1.0", "1e3", "x", "٣", "²", "9" * 19, "9" * 5000, "1\n"])
def test_what_is_no_number_of_ours_is_none(text):
    assert number(text) is None


def test_of_many_only_the_numbers_are_left():
    assert numbers(["1", "x", "", "22", "9" * 30]) == [1, 22]


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("/moeder/", True),
        ("http://testserver/moeder/", True),
        ("", False),
        ("//evil.invalid/", False),
        ("/\\evil.invalid", False),
        ("https://evil.invalid/", False),
        ("javascript:alert(1)", False),
    ],
)
def test_only_an_address_of_this_site_is_ours(address, expected):
    assert is_ours(RequestFactory().get("/"), address) is expected


def test_a_secure_page_does_not_lead_to_one_that_is_not():
    assert not is_ours(RequestFactory().get("/", secure=True), "http://testserver/moeder/")
