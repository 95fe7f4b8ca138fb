"""Readers of the environment that no library has."""

import base64
import binascii
from urllib.parse import unquote, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from django.core.exceptions import ImproperlyConfigured

PORTS = {"imaps": 993, "imap+tls": 143, "imap": 143}


def imap_url_config(url: str, *, is_development: bool) -> dict | None:
    """`imaps://user:password@host:993/INBOX` in its parts; None when empty. No message ever shows the password."""
    if not url:
        return None
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ImproperlyConfigured("REPLY_MAILBOX_URL cannot be read. " + _HOW) from None
    if parts.scheme not in PORTS or not parts.hostname or not parts.username or not parts.password:
        raise ImproperlyConfigured("REPLY_MAILBOX_URL is not whole. " + _HOW)
    if parts.scheme == "imap" and not is_development:
        raise ImproperlyConfigured("REPLY_MAILBOX_URL must be encrypted: use imaps:// or imap+tls://.")
    return {
        "SCHEME": parts.scheme,
        "HOST": parts.hostname,
        "PORT": port or PORTS[parts.scheme],
        "USER": unquote(parts.username),
        "PASSWORD": unquote(parts.password),
        "FOLDER": unquote(parts.path.lstrip("/")) or "INBOX",
    }


_HOW = "E.g. imaps://user:password@host/INBOX, with @ and : in user or password written as %40 and %3A."


def saml_key_pair(certificate: str, key: str, next_certificate: str = "") -> dict[str, str]:
    """What signs our questions to a SAML provider and opens its answers; empty when there is none.

    `next_certificate` is shown beside it in the metadata before it takes over. No message ever shows the key.
    """
    if not (certificate or key or next_certificate):
        return {}
    if not (certificate and key):
        raise ImproperlyConfigured("SSO_SAML_SP_CERTIFICATE and SSO_SAML_SP_KEY go together. " + _HOW_TO_MAKE)
    public = _certificate(certificate, "SSO_SAML_SP_CERTIFICATE").public_key()
    try:
        private = _read_key(key)
    except (ValueError, TypeError, binascii.Error):
        raise ImproperlyConfigured("SSO_SAML_SP_KEY is no private key without a password. " + _HOW_TO_MAKE) from None
    if not isinstance(private, RSAPrivateKey):
        raise ImproperlyConfigured("SSO_SAML_SP_KEY must be an RSA key. " + _HOW_TO_MAKE)
    if private.public_key() != public:
        raise ImproperlyConfigured("SSO_SAML_SP_KEY is not the key of SSO_SAML_SP_CERTIFICATE.")
    pair = {"x509cert": certificate, "private_key": key}
    if next_certificate:
        _certificate(next_certificate, "SSO_SAML_SP_CERTIFICATE_NEXT")
        pair["x509cert_new"] = next_certificate
    return pair


def _certificate(text: str, name: str) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(_pem(text, "CERTIFICATE"))
    except ValueError:
        raise ImproperlyConfigured(f"{name} is no certificate in PEM. " + _HOW_TO_MAKE) from None


def _read_key(text: str):
    return serialization.load_pem_private_key(_pem(text, "PRIVATE KEY"), password=None)


def _pem(text: str, what: str) -> bytes:
    """PEM as it is, or put around its bare base64."""
    if "-----BEGIN" in text:
        return text.strip().encode()
    der = base64.b64decode("".join(text.split()), validate=True)
    body = base64.encodebytes(der).decode()
    return f"-----BEGIN {what}-----\n{body}-----END {what}-----\n".encode()


_HOW_TO_MAKE = (
    "Make a pair with: openssl req -x509 -newkey rsa:3072 -nodes -days 1095 -subj /CN=netvaerk -keyout key.pem "
    "-out certificate.pem"
)
