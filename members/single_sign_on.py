"""Signing in by the municipality's own sign-in: who is meant, and which roles their groups give.

Nobody is created by it. Nothing the other end tells is kept but the name it knows the person by, so a cpr-nummer
among its claims is never stored.
"""

import logging
from dataclasses import dataclass
from uuid import UUID

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount
from allauth.socialaccount.providers.base.constants import AuthProcess
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models.signals import pre_save
from django.shortcuts import redirect
from django.utils import timezone

from members import address_change, roles
from members.fields import clean_email, has_cpr
from members.models import ERASED_DOMAIN, Leader, Role, User
from members.sso_providers import use_once

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Claims:
    """What is read of all the other end says."""

    identifier: str
    email: str
    groups: frozenset[str]


def read(provider: str, data: dict) -> Claims:
    if provider == "saml":
        email, is_verified = _first(data, settings.SSO_EMAIL_CLAIM), True  # whoever signs the answer answers for it
    else:
        data = data.get("id_token", data)
        email = _first(data, settings.SSO_EMAIL_CLAIM)
        is_verified = settings.SSO_TRUST_EMAIL or data.get("email_verified") is True
    return Claims(
        identifier=_first(data, settings.SSO_IDENTIFIER_CLAIM),
        email=email if is_verified else "",
        groups=frozenset(map(str, _all(data, settings.SSO_GROUPS_CLAIM))),
    )


def _all(data: dict, name: str) -> list:
    value = data.get(name) if name else None
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _first(data: dict, name: str) -> str:
    values = _all(data, name)
    return str(values[0]).strip() if values else ""


def find(claims: Claims) -> User | None:
    """The person with that employee number in a post held now, else the one with that verified address."""
    people = User.objects.exclude(email__endswith=ERASED_DOMAIN)
    if claims.identifier:
        current = Leader.objects.filter(valid_to__isnull=True, employee_number=claims.identifier)
        if person := people.filter(posts__in=current).first():
            return person
    try:
        email = clean_email(claims.email)
    except ValidationError:
        return None
    return people.filter(email__iexact=email).first() if email else None


def names_a_cpr_number(uid: str) -> bool:
    """Whether the other end knows the person by it; in a UUID, as of Entra ID, such digits stand by chance alone."""
    try:
        UUID(uid)
    except ValueError:
        return has_cpr(uid)
    return False


def claimed_roles(claims: Claims) -> set[Role]:
    return {role for role, groups in role_groups().items() if groups & claims.groups}


def role_groups() -> dict[Role, frozenset[str]]:
    """Which groups of the other end give which role, as SSO_ROLES says."""
    return {
        Role(role): frozenset(group.strip() for group in groups.split("|") if group.strip())
        for role, groups in settings.SSO_ROLES.items()
    }


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    def is_open_for_signup(self, request, sociallogin):
        return False

    def pre_social_login(self, request, sociallogin):
        use_once(sociallogin)
        account = sociallogin.account
        data = getattr(account, "claims", None) or account.extra_data
        if sociallogin.state.get("process") != AuthProcess.LOGIN or names_a_cpr_number(account.uid):
            raise ImmediateHttpResponse(redirect("sso_stranger"))
        claims = read(account.provider, data)
        person = sociallogin.user if sociallogin.is_existing else find(claims)
        if person is None or person.is_erased:
            logger.info("Single sign-on of somebody who is not here.")
            raise ImmediateHttpResponse(redirect("sso_stranger"))
        now = timezone.now()
        if not sociallogin.is_existing:
            if address_change.is_waiting_for_single_sign_on(person.pk, now):
                raise ImmediateHttpResponse(redirect("sso_waiting"))
            account.extra_data = {}
            sociallogin.email_addresses = []
            sociallogin.connect(request, person)
        roles.follow_groups(person, claimed_roles(claims), governed=set(role_groups()), now=now)

    def on_authentication_error(self, request, provider, error=None, exception=None, extra_context=None):
        logger.warning("Single sign-on was refused: %s %s", error, type(exception).__name__ if exception else "")


def keep_no_claims(sender, instance, **_kwargs) -> None:
    """Whatever is saved of the other end's answer is nothing; what was in it is at hand until the sign-in is done."""
    instance.claims = instance.extra_data or getattr(instance, "claims", {})
    instance.extra_data = {}


pre_save.connect(keep_no_claims, sender=SocialAccount, dispatch_uid="members.single_sign_on.keep_no_claims")
