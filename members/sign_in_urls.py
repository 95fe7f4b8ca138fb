"""The few doors of allauth that are open here. Addresses are HR's, so there is no page to change one."""

from allauth.account import views
from django.urls import path, re_path

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
]
