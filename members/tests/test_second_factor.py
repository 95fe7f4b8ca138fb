import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from members import roles
from members.models import Role
from members.tests.factories import create_board, create_hr, create_system_admin, create_user

pytestmark = pytest.mark.django_db

PASSWORD = "en lang og god adgangskode"


def code_of(secret, number=0):
    """One of the codes an app shows around now."""
    return format_hotp_value(hotp_value(secret, sorted(yield_hotp_counters_from_time())[number]))


def sign_in(client, user, password=PASSWORD):
    return client.post(reverse("account_login"), {"login": user.email, "password": password})


def confirm(client):
    """What touches the keys themselves asks for the password once more."""
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})


@pytest.fixture
def person():
    return create_user(email="anne@demo.invalid", password=PASSWORD)


@pytest.fixture
def secret(client, person):
    """The person has an app; `client` is signed in."""
    sign_in(client, person)
    confirm(client)
    page = client.get(reverse("mfa_activate_totp"))
    secret = page.context["form"].secret
    client.post(reverse("mfa_activate_totp"), {"code": code_of(secret)})
    return secret


def test_the_qr_code_is_markup_of_the_page_and_no_data_address(client, person):
    sign_in(client, person)
    confirm(client)

    html = client.get(reverse("mfa_activate_totp")).content.decode()

    assert re.search(r'<svg class="qr-code" role="img" aria-label="[^"]+"', html)
    assert ("data:" in html, "<?xml" in html, "style=" in html) == (False, False, False)


def test_an_app_is_added_and_asked_for_at_the_next_sign_in(client, person, secret):
    fresh = Client()

    first = sign_in(fresh, person)
    assert (first["Location"], "_auth_user_id" in fresh.session) == (reverse("mfa_authenticate"), False)
    wrong = fresh.post(reverse("mfa_authenticate"), {"code": "000000"})
    assert "_auth_user_id" not in fresh.session, wrong.status_code
    fresh.post(reverse("mfa_authenticate"), {"code": code_of(secret, number=1)})

    assert fresh.session["_auth_user_id"] == str(person.pk)


def test_a_used_code_opens_nothing_again(client, person, secret):
    code = code_of(secret, number=1)
    first, second = Client(), Client()
    for fresh in (first, second):
        sign_in(fresh, person)
        fresh.post(reverse("mfa_authenticate"), {"code": code})

    assert ("_auth_user_id" in first.session, "_auth_user_id" in second.session) == (True, False)


def test_a_recovery_code_works_once(client, person, secret):
    code = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()[0]
    first, second = Client(), Client()
    for fresh in (first, second):
        sign_in(fresh, person)
        fresh.post(reverse("mfa_authenticate"), {"code": code})

    assert ("_auth_user_id" in first.session, "_auth_user_id" in second.session) == (True, False)


def test_secrets_are_unreadable_in_the_database_and_survive_a_new_secret_key(person, secret, settings):
    stored = str(list(Authenticator.objects.values_list("data", flat=True)))
    assert secret not in stored

    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another key " * 6

    assert Authenticator.objects.get(type="totp").wrap().validate_code(code_of(secret, number=1))


def test_guessing_codes_is_stopped(client, person, secret):
    fresh = Client()
    sign_in(fresh, person)

    for _try in range(6):
        page = fresh.post(reverse("mfa_authenticate"), {"code": "000000"})

    assert "for mange" in page.content.decode()


@pytest.mark.parametrize(
    "name",
    [
        "mfa_index",
        "mfa_activate_totp",
        "mfa_deactivate_totp",
        "mfa_view_recovery_codes",
        "mfa_generate_recovery_codes",
        "mfa_list_webauthn",
        "mfa_add_webauthn",
    ],
)
@pytest.mark.parametrize("language", ["da", "en"])
def test_every_page_shows_in_both_languages(client, person, secret, name, language):
    person.language = language
    person.save()

    page = client.get(reverse(name), follow=True)

    assert page.status_code == 200
    assert f'<html lang="{language}">' in page.content.decode()


def test_another_persons_key_cannot_be_touched(client, person):
    key = Authenticator.objects.create(user=create_user(), type="webauthn", data={"name": "n", "credential": {}})
    sign_in(client, person)
    confirm(client)

    for name in ("mfa_edit_webauthn", "mfa_remove_webauthn"):
        assert client.get(reverse(name, args=[key.pk])).status_code == 404


# --- Required of some roles ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("create", [create_hr, create_system_admin])
def test_a_role_that_must_is_led_to_set_it_up(client, settings, create):
    settings.REQUIRE_MFA_FOR = ["hr", "system"]
    client.force_login(create())

    assert client.get("/")["Location"] == reverse("mfa_index")
    assert client.post(reverse("members:give_role", args=[1]))["Location"] == reverse("mfa_index")
    assert client.get(reverse("mfa_index")).status_code == 200
    assert client.get(reverse("netvaerk:privacy")).status_code == 200


def test_other_roles_are_not_asked(client, settings):
    settings.REQUIRE_MFA_FOR = ["hr", "system"]
    client.force_login(create_board())

    assert client.get("/").status_code == 200


def test_a_role_given_today_asks_from_the_next_click(client, settings):
    settings.REQUIRE_MFA_FOR = ["hr"]
    person = create_user()
    client.force_login(person)
    assert client.get("/").status_code == 200

    admin = create_hr(role=Role.HR_ADMIN)
    roles.give(person, Role.HR_CONSULTANT, reason="Ny", actor=admin, now=timezone.now())

    assert client.get("/")["Location"] == reverse("mfa_index")


def test_with_a_second_step_the_house_is_open(client, settings, person, secret):
    settings.REQUIRE_MFA_FOR = ["hr"]
    roles.give(person, Role.HR_CONSULTANT, reason="Ny", actor=create_hr(role=Role.HR_ADMIN), now=timezone.now())

    assert client.get("/").status_code == 200


# --- Lost ------------------------------------------------------------------------------------------------------------


def test_an_administrator_resets_what_is_lost_and_signs_the_person_out(client, person, secret):
    admin = create_hr(role=Role.HR_ADMIN)
    theirs = Client()
    theirs.force_login(admin)
    url = reverse("members:reset_second_factor", args=[person.pk])

    theirs.post(url, {"reason": "Ny telefon, set i receptionen"})

    assert not Authenticator.objects.filter(user=person).exists()
    assert client.get("/").status_code == 302
    assert sign_in(Client(), person)["Location"] == reverse("home")
    assert [change.act for change in person.role_changes.all()] == ["reset"]


def test_nobody_resets_their_own_and_consultants_reset_nobodys(client, person, secret):
    admin = create_hr(role=Role.HR_ADMIN)
    with pytest.raises(roles.Refused):
        roles.reset_second_factor(admin, reason="x", actor=admin, now=timezone.now())
    consultant = Client()
    consultant.force_login(create_hr())

    url = reverse("members:reset_second_factor", args=[person.pk])

    assert consultant.post(url, {"reason": "x"}).status_code == 403
    assert Authenticator.objects.filter(user=person).exists()


def test_a_new_secret_key_takes_over_the_secrets_for_codes(settings):
    user = create_user()
    TOTP.activate(user, "JBSWY3DPEHPK3PXP")
    codes = RecoveryCodes.activate(user).get_unused_codes()
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "n" * 60, [settings.SECRET_KEY]

    call_command("rotate_secret_key")
    settings.SECRET_KEY_FALLBACKS = []

    app, recovery = (Authenticator.objects.get(user=user, type=type) for type in ("totp", "recovery_codes"))
    assert app.wrap().validate_code(code_of("JBSWY3DPEHPK3PXP"))
    assert recovery.wrap().get_unused_codes() == codes


def test_a_secret_no_key_fits_is_told_and_left(settings):
    TOTP.activate(create_user(), "JBSWY3DPEHPK3PXP")
    before = Authenticator.objects.get().data
    settings.SECRET_KEY = "n" * 60

    with pytest.raises(CommandError, match="1 fit no key"):
        call_command("rotate_secret_key")
    assert Authenticator.objects.get().data == before
