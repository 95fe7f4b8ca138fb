"""System checks of the ground floor: what would stop sign-in or mail is said before the first request."""

from django.conf import settings
from django.core.checks import Error, Tags, register


@register(Tags.security)
def anonymity_floor(app_configs, **kwargs):
    if settings.ANONYMITY_THRESHOLD < 4:
        return [Error("ANONYMITY_THRESHOLD must be at least 4.", id="members.E001")]
    return []
