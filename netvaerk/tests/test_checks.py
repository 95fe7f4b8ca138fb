import pytest

from netvaerk import checks


@pytest.fixture(autouse=True)
def _in_order(settings, tmp_path):
    settings.DEFAULT_FROM_EMAIL = "Ledernetværk <ledernetvaerk@kommune.example>"
    settings.MAIL_DOMAIN, settings.CONTACT_EMAIL = "kommune.example", "hr@kommune.example"
    settings.EMAIL_HOST_PASSWORD, settings.EMAIL_USE_TLS = "hemmelig", True
    settings.ERASURE_LIST = str(tmp_path / "erased.txt")
    settings.SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {"APPS": [{"settings": {"server_url": "https://idp.example"}}]}
    }


def found() -> list[str]:
    all_checks = (
        checks.demo_names,
        checks.password_to_the_mail_server,
        checks.single_sign_on_in_the_clear,
        checks.list_of_erased,
    )
    return [warning.id for check in all_checks for warning in check(None)]


def test_a_site_in_order_is_told_nothing():
    assert found() == []


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("MAIL_DOMAIN", "ledernetvaerk.egebjerg-kommune.invalid", "W001"),
        ("DEFAULT_FROM_EMAIL", "Ledernetværk <x@egebjerg-kommune.invalid>", "W001"),
        ("EMAIL_USE_TLS", False, "W002"),
        ("SOCIALACCOUNT_PROVIDERS", {"saml": {"APPS": [{"settings": {"idp": {"sso_url": "http://i"}}}]}}, "W003"),
        ("ERASURE_LIST", "/findes/ikke/erased.txt", "W004"),
    ],
)
def test_what_is_unsafe_is_told(settings, name, value, told):
    setattr(settings, name, value)

    assert found() == [f"netvaerk.{told}"]
