"""Browsers a person has signed in from before: however others guess at the password, the owner does not wait in line.

The mark says nothing but that somebody who knew the address's password was here. It opens no door.
"""

import hashlib
import secrets

from django.conf import settings
from django.contrib.auth.signals import user_logged_in
from django.core import signing
from django.urls import reverse
from django.utils.crypto import constant_time_compare

COOKIE = "kendt_enhed"
SALT = "members.known_devices"
LIFETIME = 180 * 24 * 60 * 60


def mark(email: str) -> str:
    return signing.dumps([_name(email), secrets.token_urlsafe(12)], salt=SALT)


def recognise(request, email: str) -> str:
    """What this browser is called among those the person has signed in from; empty for one they have not."""
    try:
        name, device = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=LIFETIME)
    except (signing.BadSignature, ValueError, TypeError):
        return ""
    return f"{name}:{device}" if constant_time_compare(str(name), _name(email)) else ""


def _name(email: str) -> str:
    return hashlib.sha256(email.strip().lower().encode()).hexdigest()


def note(sender, request, user, **_kwargs) -> None:
    if request is not None:
        request.has_signed_in = user.email


user_logged_in.connect(note, dispatch_uid="members.known_devices.note")


class KnownDeviceMiddleware:
    """Leave the mark with the answer to a sign-in. It is sent to the sign-in page alone."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if email := getattr(request, "has_signed_in", None):
            response.set_cookie(
                COOKIE,
                mark(email),
                max_age=LIFETIME,
                path=reverse("account_login"),
                secure=settings.SESSION_COOKIE_SECURE,
                httponly=True,
                samesite="Lax",
            )
        return response
