"""The doors of single sign-on, and what is said when they do not open."""

from allauth.account.internal.decorators import login_not_required
from allauth.socialaccount.helpers import render_authentication_error
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.views import OAuth2LoginView
from allauth.socialaccount.providers.saml import views as saml
from allauth.socialaccount.providers.saml.utils import get_app_or_404
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe
from lxml.etree import XMLSyntaxError
from onelogin.saml2.errors import OneLogin_Saml2_Error
from xmlsec import Error as XMLSecurityError

from members import single_sign_on
from members.permissions import hr_administrators_only
from members.sso_providers import CallbackView, StrictAdapter


@login_not_required
def oidc_login(request, provider_id: str):
    return _oidc(request, provider_id, OAuth2LoginView)


@login_not_required
def oidc_callback(request, provider_id: str):
    return _oidc(request, provider_id, CallbackView)


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
    get_app_or_404(request, organization_slug)
    if not is_signed(request):
        return render_authentication_error(request, provider=None)
    return _saml(request, organization_slug, saml.sls)


def is_signed(request) -> bool:
    """The library checks a signature where there is one; without one, any page could sign its visitors out of here."""
    return bool(request.GET.get("Signature"))


def _saml(request, organization_slug: str, view):
    """What is no answer at all, such as broken XML or one nobody here asked for, is refused like one that is wrong."""
    try:
        return view(request, organization_slug=organization_slug)
    except (XMLSyntaxError, XMLSecurityError, OneLogin_Saml2_Error, PermissionDenied, ValueError) as error:
        return render_authentication_error(request, provider=None, exception=error)


@login_not_required
@require_safe
def stranger(request):
    """For someone the municipality knows and HR has not put here."""
    return render(request, "socialaccount/stranger.html", {"sso_name": settings.SSO_NAME})


@login_not_required
@require_safe
def waiting(request):
    """For someone whose address or employee number HR has just changed: nobody else shall be quicker than they."""
    return render(request, "socialaccount/waiting.html", {"sso_name": settings.SSO_NAME})


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
