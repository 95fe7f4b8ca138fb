import base64
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.x509.oid import NameOID
from django.core.exceptions import ImproperlyConfigured
from django.views.debug import SafeExceptionReporterFilter

from netvaerk.environment import imap_url_config, saml_key_pair


def test_a_mailbox_in_its_parts():
    assert imap_url_config("imaps://moeder%40kommune.dk:hem%3Amelig%2F@imap.kommune.dk", is_development=False) == {
        "SCHEME": "imaps",
        "HOST": "imap.kommune.dk",
        "PORT": 993,
        "USER": "moeder@kommune.dk",
        "PASSWORD": "hem:melig/",
        "FOLDER": "INBOX",
    }


def test_port_and_folder_can_be_told():
    told = imap_url_config("imap+tls://u:p@host:1143/INBOX/Svar%20her", is_development=False)

    assert (told["PORT"], told["FOLDER"]) == (1143, "INBOX/Svar her")


def test_no_mailbox():
    assert imap_url_config("", is_development=False) is None


@pytest.mark.parametrize(
    "url", ["imaps://host", "imaps://user@host", "https://u:hemmelig@host", "imaps://u:hemmelig@host:port", "hemmelig"]
)
def test_a_mailbox_not_whole_stops_the_start_without_showing_the_password(url):
    with pytest.raises(ImproperlyConfigured) as told:
        imap_url_config(url, is_development=True)

    assert "hemmelig" not in str(told.value)


def test_no_error_page_shows_the_password(settings):
    settings.REPLY_MAILBOX = imap_url_config("imaps://u:hemmelig@host", is_development=False)

    shown = SafeExceptionReporterFilter().get_safe_settings()

    assert shown["REPLY_MAILBOX"]["HOST"] == "host"
    assert "hemmelig" not in str(shown)


def test_an_unencrypted_mailbox_is_for_development_only():
    assert imap_url_config("imap://u:p@localhost", is_development=True)["PORT"] == 143
    with pytest.raises(ImproperlyConfigured):
        imap_url_config("imap://u:p@localhost", is_development=False)


# --- The key for SAML ------------------------------------------------------------------------------------------------


def key_pair(key=None):
    key = key or rsa.generate_private_key(public_exponent=65537, key_size=2048)
    algorithm = hashes.SHA256() if isinstance(key, rsa.RSAPrivateKey) else None
    name, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "us")]), datetime.now(UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
    made = made.not_valid_before(now).not_valid_after(now + timedelta(days=1)).sign(key, algorithm)
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return made.public_bytes(serialization.Encoding.PEM).decode(), pem.decode()


def bare(pem):
    return "".join(pem.splitlines()[1:-1])


def test_no_key_is_none():
    assert saml_key_pair("", "") == {}


def test_a_key_and_its_certificate_are_read_as_pem_and_as_bare_base64():
    certificate, key = key_pair()
    following, _key = key_pair()

    assert saml_key_pair(certificate, key) == {"x509cert": certificate, "private_key": key}
    assert saml_key_pair(bare(certificate), bare(key), bare(following)) == {
        "x509cert": bare(certificate),
        "private_key": bare(key),
        "x509cert_new": bare(following),
    }


@pytest.mark.parametrize(
    "spoil", ["no key", "no certificate", "only the next", "another's", "broken", "not a key", "not RSA"]
)
def test_a_pair_that_is_none_stops_the_start_without_showing_the_key(spoil):
    certificate, key = key_pair()
    other, _key = key_pair()
    hidden = base64.b64encode(b"hemmelig").decode()
    pair = {
        "no key": (certificate, "", ""),
        "no certificate": ("", key, ""),
        "only the next": ("", "", certificate),
        "another's": (other, key, ""),
        "broken": (certificate[:100], key, ""),
        "not a key": (certificate, hidden, ""),
        "not RSA": key_pair(ed25519.Ed25519PrivateKey.generate()),
    }[spoil]

    with pytest.raises(ImproperlyConfigured) as told:
        saml_key_pair(*pair)

    assert "SSO_SAML_SP" in str(told.value)
    assert (bare(key) in str(told.value), hidden in str(told.value)) == (False, False)
