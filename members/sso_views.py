"""The doors of single sign-on, and what is said when they do not open."""

import jwt
from allauth.account.internal.decorators import login_not_required
from allauth.socialaccount.helpers import render_authentication_error
from allauth.socialaccount.internal import jwtkit
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from allauth.socialaccount.providers.saml import views as saml
from django.conf import settings
from django.http import Http404
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe
from lxml.etree import XMLSyntaxError
from onelogin.saml2.errors import OneLogin_Saml2_Error

from members import single_sign_on
from members.permissions import hr_administrators_only

# Signatures anyone can check and only the other end can make; never “none”, never one made of the shared secret.
ALGORITHMS = {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}


class StrictAdapter(OpenIDConnectOAuth2Adapter):
    """Believes a signed token and nothing else, however it came."""

    def complete_login(self, request, app, token, **kwargs):
        if not kwargs["response"].get("id_token"):
            raise OAuth2Error("no id_token")
        return super().complete_login(request, app, token, **kwargs)

    def _decode_id_token(self, app, id_token):
        try:
            if jwt.get_unverified_header(id_token).get("alg") not in ALGORITHMS:
                raise OAuth2Error("algorithm")
            claims = jwtkit.verify_and_decode(
                credential=id_token,
                keys_url=self.openid_config["jwks_uri"],
                issuer=self.openid_config["issuer"],
                audience=app.client_id,
                lookup_kid=jwtkit.lookup_kid_jwk,
                verify_signature=True,
            )
        except (jwt.PyJWTError, KeyError, TypeError, ValueError) as error:
            raise OAuth2Error("id_token") from error
        if "exp" not in claims or "sub" not in claims:
            raise OAuth2Error("id_token")
        return claims


@login_not_required
def oidc_login(request, provider_id: str):
    return _oidc(request, provider_id, OAuth2LoginView)


@login_not_required
def oidc_callback(request, provider_id: str):
    return _oidc(request, provider_id, OAuth2CallbackView)


def _oidc(request, provider_id: str, view):
    try:
        return view.adapter_view(StrictAdapter(request, provider_id))(request)
    except SocialApp.DoesNotExist:
        raise Http404 from None


@csrf_exempt
@login_not_required
def saml_finish(request, organization_slug: str):
    return _saml(request, organization_slug, saml.finish_acs)


@csrf_exempt
@login_not_required
def saml_signed_out(request, organization_slug: str):
    return _saml(request, organization_slug, saml.sls)


def _saml(request, organization_slug: str, view):
    """What is no answer at all, such as broken XML or one that defines entities, is refused like one that is wrong."""
    try:
        return view(request, organization_slug=organization_slug)
    except (XMLSyntaxError, OneLogin_Saml2_Error, ValueError) as error:
        return render_authentication_error(request, provider=None, exception=error)


@login_not_required
@require_safe
def stranger(request):
    """For someone the municipality knows and HR has not put here."""
    return render(request, "socialaccount/stranger.html", {"sso_name": settings.SSO_NAME})


@login_not_required
@require_safe
def signed_out(request):
    context = {"sso_name": settings.SSO_NAME, "logout_url": settings.SSO_LOGOUT_URL}
    return render(request, "socialaccount/signed_out.html", context)


@require_safe
@hr_administrators_only
def mapping(request):
    """Which groups give which role, as the system is set up."""
    context = {
        "roles": sorted((role.label, sorted(groups)) for role, groups in single_sign_on.role_groups().items()),
        "claim": settings.SSO_GROUPS_CLAIM,
        "sso_name": settings.SSO_NAME,
    }
    return render(request, "members/role_groups.html", context)
