"""Readers of the environment that no library has."""

from urllib.parse import unquote, urlsplit

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
