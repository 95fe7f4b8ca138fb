"""The house itself: settings that must hold, and no model change without its migration."""

import os
import subprocess
import sys

import pytest
from django.core.management import call_command

GOOD = {
    "DEBUG": "off",
    "SECRET_KEY": "k" * 60,
    "FRIRUM_KEYS": "dGVzdGluZy1rZXktdGhhdC1pcy0zMi1ieXRlcy1sb25nIQ==",
    "ALLOWED_HOSTS": "netvaerk.example",
    "SITE_URL": "https://netvaerk.example",
    "DATABASE_URL": "sqlite:///x.sqlite3",
    "EMAIL_URL": "smtp://localhost:25",
}


def start(*, code="import netvaerk.settings", **changes):
    """Read the settings in a fresh process with this environment."""
    environment = {"PATH": os.environ["PATH"], **GOOD, **changes}
    return subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=60)


def test_good_production_settings_start():
    assert start().stderr == ""


def test_production_stands_behind_one_proxy():
    assert start(code="import netvaerk.settings as s; print(s.ALLAUTH_TRUSTED_PROXY_COUNT)").stdout == "1\n"


@pytest.mark.parametrize(
    ("asked", "options"),
    [("", "-c jit=off"), ("?options=-c%20statement_timeout%3D5000", "-c statement_timeout=5000")],
    ids=["by itself", "as told"],
)
def test_postgresql_compiles_no_query_unless_told_otherwise(asked, options):
    code = "import netvaerk.settings as s; print(s.DATABASES['default']['OPTIONS']['options'])"

    assert start(code=code, DATABASE_URL=f"postgres://n:n@127.0.0.1:1/netvaerk{asked}").stdout == f"{options}\n"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY is not set"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY is too short"),
        ({"FRIRUM_KEYS": ""}, "FRIRUM_KEYS is not set"),
        ({"ALLOWED_HOSTS": ""}, "ALLOWED_HOSTS is not set"),
        ({"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS may not be *"),
        ({"SITE_URL": "http://netvaerk.example"}, "SITE_URL must begin with https://"),
        ({"DATABASE_URL": ""}, "DATABASE_URL is not set"),
        ({"EMAIL_URL": ""}, "EMAIL_URL is not set"),
        ({"ACCESSIBILITY_ASSESSED_ON": "5.3.2027"}, "Write a date as 2027-03-05"),
        ({"SSO_OIDC_SERVER_URL": "https://idp.example"}, "SSO_OIDC_CLIENT_ID, SSO_OIDC_CLIENT_SECRET is not set"),
        ({"SSO_SAML_SP_KEY": "x"}, "SSO_SAML_SP_CERTIFICATE and SSO_SAML_SP_KEY go together"),
        ({"SSO_SAML_ENCRYPTED": "on"}, "SSO_SAML_ENCRYPTED needs SSO_SAML_SP_CERTIFICATE"),
        ({"SSO_ROLES": "emperor=Alle"}, "SSO_ROLES names emperor"),
        ({"REQUIRE_MFA_FOR": "hr,everyone"}, "REQUIRE_MFA_FOR names everyone"),
    ],
)
def test_unsafe_production_settings_stop_the_start_and_say_how(changes, sentence):
    result = start(**changes)

    assert result.returncode != 0
    assert sentence in result.stderr


@pytest.mark.django_db
def test_no_model_has_changed_without_a_migration():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
