"""What every page's frame needs to know."""

from django.conf import settings
from django.templatetags.static import static

from members.models import User
from netvaerk import navigation


def site(request):
    user = getattr(request, "user", None)
    return {
        "municipality_name": settings.MUNICIPALITY_NAME,
        "municipality_logo": static(settings.MUNICIPALITY_LOGO) if settings.MUNICIPALITY_LOGO else "",
        "contact_email": settings.CONTACT_EMAIL,
        "contact_phone": settings.CONTACT_PHONE,
        "icons": static("vendor/dkfds/icons.svg"),
        # Called by the templates that show them, so that other pages pay nothing.
        "navigation": lambda: navigation.items(user, request) if user else [],
        "debug_demo": is_demo,
    }


def is_demo() -> bool:
    """Whether this is a developer's machine holding the demo municipality, whose logins may then be shown."""
    return settings.DEBUG and User.objects.filter(email="hr@demo.invalid").exists()
