"""The municipality's own colours: a tiny style sheet from the settings, so that one compiled design serves everyone."""

import hashlib
import re

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.checks import Error, register
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import condition, require_safe

HEX_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
READABLE = 4.5  # WCAG 2.2 AA, text on white and white on the colour


def colour(name: str) -> str:
    """The colour in the setting `name`, refused unless it is a plain hex colour."""
    value = getattr(settings, name)
    if not HEX_COLOUR.fullmatch(value):
        raise ImproperlyConfigured(f"{name} must be a hex colour such as #1b5e4b, not {value!r}.")
    return value


def contrast_on_white(value: str) -> float:
    """WCAG contrast ratio between white and a hex colour."""
    channels = (int(value[start : start + 2], 16) / 255 for start in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)


def style_sheet() -> str:
    return f":root{{--brand:{colour('BRAND_COLOUR')};--brand-dark:{colour('BRAND_COLOUR_DARK')}}}\n"


def etag(request) -> str:
    return f'"{hashlib.sha256(style_sheet().encode()).hexdigest()[:16]}"'


@login_not_required
@require_safe
@cache_control(public=True, max_age=3600)
@condition(etag_func=etag)
def brand_css(request):
    return HttpResponse(style_sheet(), content_type="text/css; charset=utf-8")


@register
def check_brand_colours(app_configs, **kwargs):
    errors = []
    for name in ("BRAND_COLOUR", "BRAND_COLOUR_DARK"):
        try:
            ratio = contrast_on_white(colour(name))
        except ImproperlyConfigured as problem:
            errors.append(Error(str(problem), id="netvaerk.E001"))
            continue
        if ratio < READABLE:
            errors.append(
                Error(
                    f"{name} cannot be read on white: its contrast is {ratio:.1f}, and {READABLE} is needed.",
                    hint="Choose a darker shade of the municipality's colour.",
                    id="netvaerk.E002",
                )
            )
    return errors
