"""The library's two kinds of single sign-on, with what it leaves open closed: nonces, and answers used twice."""

import secrets

import jwt
from allauth.socialaccount.internal import jwtkit
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from allauth.socialaccount.providers.saml.provider import SAMLProvider
from allauth.socialaccount.providers.saml.utils import build_auth
from django.core.cache import cache
from django.http import HttpResponseRedirect
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from lxml import etree

# Signatures anyone can check and only the other end can make; never “none”, never one made of the shared secret.
ALGORITHMS = {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}
NAMES = {"saml": "urn:oasis:names:tc:SAML:2.0:assertion"}
CONFIRMED = "//saml:Assertion/saml:Subject/saml:SubjectConfirmation/saml:SubjectConfirmationData/@InResponseTo"
RELAY_STATE = "netvaerk"
LONGEST = 24 * 60 * 60  # seconds an assertion is remembered that says of itself that it holds for long


class Replayed(ValueError):
    """An answer that was given before, or to another question."""


# --- OpenID Connect --------------------------------------------------------------------------------------------------


class StrictAdapter(OpenIDConnectOAuth2Adapter):
    """Believes a signed token with the nonce we sent, and nothing else, however it came."""

    nonce = ""

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
        if claims.get("azp", app.client_id) != app.client_id:
            raise OAuth2Error("authorized party")
        self.check_nonce(claims)
        return claims

    def check_nonce(self, claims: dict) -> None:
        """The token must have been made for this very sign-in of this very browser."""
        if not self.nonce or not constant_time_compare(str(claims.get("nonce", "")), self.nonce):
            raise OAuth2Error("nonce")


class OpenIDConnect(OpenIDConnectProvider):
    """Sends a nonce, and lets no address add to what is asked for."""

    oauth2_adapter_class = StrictAdapter

    def redirect(self, request, process, next_url=None, data=None, **kwargs):
        nonce = secrets.token_urlsafe(24)
        kwargs["auth_params"] = self.get_auth_params() | {"nonce": nonce}
        return super().redirect(request, process, next_url, data, nonce=nonce, **kwargs)

    def get_scope_from_request(self, request):
        return self.get_scope()


class CallbackView(OAuth2CallbackView):
    def _get_state(self, request, provider):
        # The state is taken out of the session here, so neither it nor its nonce is good for a second answer.
        state, response = super()._get_state(request, provider)
        self.adapter.nonce = (state or {}).get("nonce", "")
        return state, response


# --- SAML ------------------------------------------------------------------------------------------------------------


class SAML(SAMLProvider):
    """Asks of the assertion what the library asks of the envelope around it, which nobody need have signed."""

    def redirect(self, request, process, next_url=None, data=None, **kwargs):
        auth = build_auth(request, self)
        # The library's own has an empty RelayState, which it signs and some providers then leave out of their sum.
        url = auth.login(return_to=RELAY_STATE)
        state_id = auth.get_last_request_id()
        self.stash_redirect_state(request, process, next_url, data, state_id=state_id, **kwargs)
        return HttpResponseRedirect(url)

    def sociallogin_from_response(self, request, data):
        asked = set(etree.fromstring(data.get_last_response_xml().encode()).xpath(CONFIRMED, namespaces=NAMES))
        if asked != {data.get_last_response_in_response_to()}:
            raise Replayed("an assertion that answers another question")
        login = super().sociallogin_from_response(request, data)
        login.assertion = (data.get_last_assertion_id(), data.get_last_assertion_not_on_or_after())
        return login


def use_once(sociallogin) -> None:
    """Remember a SAML assertion for as long as it is good, and refuse it the second time."""
    identifier, ends = getattr(sociallogin, "assertion", (None, None))
    if identifier is None:
        return
    seconds = max(60, min(LONGEST, int((ends or 0) - timezone.now().timestamp()) + 60))
    if not cache.add(f"saml:{sociallogin.account.provider}:{identifier}", True, seconds):
        raise Replayed("an assertion used before")
