"""The second step of signing in: a code from an app, or a passkey. Some roles must have one."""

import base64
from functools import lru_cache

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.shortcuts import redirect
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from members.models import Role, User

# What REQUIRE_MFA_FOR may name.
GROUPS = {
    "hr": {Role.HR_CONSULTANT, Role.HR_ADMIN},
    "system": {Role.SYSTEM_ADMIN},
    "board": {Role.EXECUTIVE_BOARD},
    "political": {Role.POLITICAL},
}
SECRETS = ("secret", "seed")  # of an app for codes, and of recovery codes
WITH_SECRETS = (Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES)
SECOND_STEPS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def is_required_of(user: User) -> bool:
    groups = settings.REQUIRE_MFA_FOR
    return bool(groups) and any(user.roles & GROUPS[group] for group in groups)


def has_one(user: User) -> bool:
    return Authenticator.objects.filter(user=user, type__in=SECOND_STEPS).exists()


def reset(user: User) -> None:
    """Forget apps, passkeys and recovery codes, for someone who has lost them."""
    Authenticator.objects.filter(user=user).delete()


class RequireSecondFactorMiddleware:
    """Lead those whose role asks for a second step to the page where they set one up, and nowhere else."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        user = request.user
        if not user.is_authenticated or not getattr(view, "login_required", True):
            return None
        name = request.resolver_match.url_name or ""
        if name.startswith(("mfa_", "account_")) or not is_required_of(user) or has_one(user):
            return None
        if came_by_single_sign_on(request):  # its own second step is the municipality's matter
            return None
        messages.warning(request, _("Din rolle kræver totrinslogin. Vælg her, hvordan du vil bekræfte, at det er dig."))
        return redirect("mfa_index")


def came_by_single_sign_on(request) -> bool:
    records = request.session.get("account_authentication_methods", [])
    return any(record.get("method") == "socialaccount" for record in records)


class MFAAdapter(DefaultMFAAdapter):
    def get_totp_issuer(self):
        return f"Ledernetværk, {settings.MUNICIPALITY_NAME}"

    def _get_site_name(self):
        return self.get_totp_issuer()

    def build_totp_svg(self, url):
        """The code as markup of the page itself: the security policy lets no picture in by a data address."""
        svg = super().build_totp_svg(url)
        svg = svg[svg.index("<svg") :]
        name = format_html(' role="img" aria-label="{}"', _("QR-kode til din app"))
        return mark_safe(svg.replace("<svg", f'<svg class="qr-code"{name}', 1))  # noqa: S308  (made here, of a path)

    def generate_authenticator_name(self, user, type):
        number = Authenticator.objects.filter(user=user, type=type).count() + 1
        return pgettext("passkey", "Min nøgle %(number)d") % {"number": number}

    def encrypt(self, text):
        return _cipher(settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS).encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text):
        return _cipher(settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS).decrypt(encrypted_text.encode()).decode()


@lru_cache(maxsize=4)
def _cipher(*keys: str) -> MultiFernet:
    """Of SECRET_KEY, not of FRIRUM_KEYS: a new key for members-only text must lock nobody out."""

    def derived(key: str) -> Fernet:
        kdf = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"netvaerk second factor")
        return Fernet(base64.urlsafe_b64encode(kdf.derive(key.encode())))

    return MultiFernet([derived(key) for key in keys])


def rotate() -> tuple[int, int]:
    """Write every secret for codes anew under the first key; (how many, how many no key fits)."""
    cipher = _cipher(settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    rotated = unreadable = 0
    for pk in Authenticator.objects.filter(type__in=WITH_SECRETS).values_list("pk", flat=True):
        with transaction.atomic():
            one = Authenticator.objects.select_for_update().filter(pk=pk).first()
            if one is None:
                continue
            try:
                one.data |= {name: cipher.rotate(one.data[name]).decode() for name in SECRETS if name in one.data}
            except InvalidToken:
                unreadable += 1
                continue
            one.save(update_fields=["data"])
            rotated += 1
    return rotated, unreadable
