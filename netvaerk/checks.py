"""What `check --deploy` says of a site that would run, and should not run like this."""

import os
from pathlib import Path

from django.conf import settings
from django.core.checks import Tags, Warning, register


@register(Tags.security, deploy=True)
def demo_names(app_configs, **kwargs):
    names = ("DEFAULT_FROM_EMAIL", "MAIL_DOMAIN", "CONTACT_EMAIL")
    return [
        Warning(f"{name} is the demo's.", hint="Set it: mail from an .invalid address is refused.", id="netvaerk.W001")
        for name in names
        if getattr(settings, name).rstrip(">").endswith(".invalid")
    ]


@register(Tags.security, deploy=True)
def password_to_the_mail_server(app_configs, **kwargs):
    is_encrypted = getattr(settings, "EMAIL_USE_TLS", False) or getattr(settings, "EMAIL_USE_SSL", False)
    if settings.EMAIL_HOST_PASSWORD and not is_encrypted:
        hint = "Begin EMAIL_URL with smtp+tls:// or smtp+ssl://."
        return [Warning("The password in EMAIL_URL is sent in the clear.", hint=hint, id="netvaerk.W002")]
    return []


@register(Tags.security, deploy=True)
def single_sign_on_in_the_clear(app_configs, **kwargs):
    providers = settings.SOCIALACCOUNT_PROVIDERS
    apps = [app["settings"] for provider in providers.values() for app in provider["APPS"]]
    addresses = [app.get("server_url") or app["idp"]["sso_url"] for app in apps]
    return [
        Warning(f"{address} is asked who people are, in the clear.", hint="Use https://.", id="netvaerk.W003")
        for address in addresses
        if not address.startswith("https://")
    ]


@register(Tags.security, deploy=True)
def list_of_erased(app_configs, **kwargs):
    folder = Path(settings.ERASURE_LIST).parent
    if not (folder.is_dir() and os.access(folder, os.W_OK)):
        hint = "After a restore it says whom to erase again. Best on another disk than the database's."
        return [Warning(f"ERASURE_LIST cannot be written in {folder}.", hint=hint, id="netvaerk.W004")]
    return []
