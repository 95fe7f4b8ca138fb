import pytest
from allauth.account.models import EmailAddress

from members.addresses import user_of
from members.tests.factories import create_user

pytestmark = pytest.mark.django_db


def test_an_address_is_the_persons_however_it_is_written():
    person = create_user(email="mads@kommune.invalid")
    create_user(email="mads@andre.invalid")

    assert user_of("Mads@Kommune.INVALID") == person
    assert user_of("mads_kommune.invalid") is None
    assert user_of("m%@kommune.invalid") is None


def test_an_address_that_is_proved_is_the_persons_too():
    person = create_user(email="mads@kommune.invalid")
    EmailAddress.objects.create(user=person, email="mads@privat.invalid", verified=True)
    EmailAddress.objects.create(user=create_user(), email="ulla@privat.invalid", verified=False)

    assert user_of("mads@privat.invalid") == person
    assert user_of("ulla@privat.invalid") is None


def test_an_address_two_could_claim_is_nobodys():
    create_user(email="faelles@kommune.invalid")
    EmailAddress.objects.create(user=create_user(), email="faelles@kommune.invalid", verified=True)

    assert user_of("faelles@kommune.invalid") is None


def test_who_may_not_sign_in_has_no_address():
    create_user(email="mads@kommune.invalid", is_active=False)

    assert user_of("mads@kommune.invalid") is None


@pytest.mark.parametrize("address", ["", "m\u0131ke@kommune.invalid", "\u212a@kommune.invalid"])
def test_letters_that_look_alike_are_not_the_same(address):
    create_user(email="mike@kommune.invalid")
    create_user(email="k@kommune.invalid")

    assert user_of(address) is None
