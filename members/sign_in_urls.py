"""The few doors of allauth that are open here. Addresses are HR's, so there is no page to change one."""

from allauth.account import views
from allauth.mfa.base import views as second_step
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as app
from allauth.mfa.webauthn import views as passkey
from allauth.socialaccount import views as social
from allauth.socialaccount.providers.saml import views as saml
from django.urls import path, re_path

from members import sign_in_views, sso_views

urlpatterns = [
    path("konto/log-ind/", views.login, name="account_login"),
    path("konto/log-ud/", views.logout, name="account_logout"),
    path("konto/lukket/", views.account_inactive, name="account_inactive"),
    path("konto/opret/", views.signup, name="account_signup"),
    path("konto/bekraeft/", views.reauthenticate, name="account_reauthenticate"),
    path("konto/adgangskode/", views.password_change, name="account_change_password"),
    path("konto/adgangskode/vaelg/", views.password_set, name="account_set_password"),
    path("konto/adgangskode/glemt/", views.password_reset, name="account_reset_password"),
    path("konto/adgangskode/glemt/sendt/", views.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^konto/adgangskode/ny/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        views.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "konto/adgangskode/ny/faerdig/",
        views.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    # Two steps
    path("konto/log-ind/trin-2/", second_step.authenticate, name="mfa_authenticate"),
    path("konto/log-ind/noegle/", passkey.login_webauthn, name="mfa_login_webauthn"),
    path("konto/bekraeft/kode/", second_step.reauthenticate, name="mfa_reauthenticate"),
    path("konto/bekraeft/noegle/", passkey.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path("konto/totrin/", second_step.index, name="mfa_index"),
    path("konto/totrin/app/", app.activate_totp, name="mfa_activate_totp"),
    path("konto/totrin/app/fjern/", app.deactivate_totp, name="mfa_deactivate_totp"),
    path("konto/totrin/koder/", recovery.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("konto/totrin/koder/nye/", recovery.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("konto/totrin/koder/hent/", recovery.download_recovery_codes, name="mfa_download_recovery_codes"),
    path("konto/totrin/noegler/", passkey.list_webauthn, name="mfa_list_webauthn"),
    path("konto/totrin/noegler/ny/", passkey.add_webauthn, name="mfa_add_webauthn"),
    path("konto/totrin/noegler/<int:pk>/", passkey.edit_webauthn, name="mfa_edit_webauthn"),
    path("konto/totrin/noegler/<int:pk>/fjern/", passkey.remove_webauthn, name="mfa_remove_webauthn"),
    # Where one is signed in
    path("konto/enheder/", sign_in_views.session_list, name="account_sessions"),
    path("konto/enheder/<int:pk>/log-af/", sign_in_views.end_session, name="account_end_session"),
    path("konto/enheder/log-af/", sign_in_views.end_all_sessions, name="account_end_all_sessions"),
    # The municipality's own sign-in
    path("konto/sso/<slug:provider_id>/", sso_views.oidc_login, name="openid_connect_login"),
    path("konto/sso/<slug:provider_id>/svar/", sso_views.oidc_callback, name="openid_connect_callback"),
    path("konto/saml/<slug:organization_slug>/", saml.login, name="saml_login"),
    path("konto/saml/<slug:organization_slug>/svar/", saml.acs, name="saml_acs"),
    path("konto/saml/<slug:organization_slug>/svar/videre/", sso_views.saml_finish, name="saml_finish_acs"),
    path("konto/saml/<slug:organization_slug>/log-af/", sso_views.saml_signed_out, name="saml_sls"),
    path("konto/saml/<slug:organization_slug>/metadata/", saml.metadata, name="saml_metadata"),
    path("konto/log-ind/afbrudt/", social.login_cancelled, name="socialaccount_login_cancelled"),
    path("konto/log-ind/ukendt/", sso_views.stranger, name="sso_stranger"),
    path("konto/log-ind/om-et-doegn/", sso_views.waiting, name="sso_waiting"),
    path("konto/logget-af/", sso_views.signed_out, name="sso_signed_out"),
]
