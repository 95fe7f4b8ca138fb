"""The pages that look across the house: home, and the few that anyone may read."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone, translation
from django.views.decorators.http import require_POST, require_safe

from members.requests import is_ours
from netvaerk import home as home_page
from netvaerk.personal_data import retention
from netvaerk.personal_data.rules import KINDS
from networks.models import NetworkType, StrategicDirection


@require_safe
def home(request):
    """Min side: what awaits the person who has just signed in, whatever their part."""
    return render(request, "netvaerk/home.html", home_page.content(request.user, now=timezone.now()))


@login_not_required
@require_safe
def about(request):
    direction = (
        StrategicDirection.objects.current(timezone.localdate()).first() if request.user.is_authenticated else None
    )
    return render(request, "netvaerk/about.html", {"NetworkType": NetworkType, "direction": direction})


@login_not_required
@require_safe
def privacy(request):
    context = {
        "anonymity_threshold": settings.ANONYMITY_THRESHOLD,
        "kinds": [(kind, [rule for rule in retention.RULES if rule.kind == kind.name]) for kind in KINDS],
        "data_protection_officer": settings.DATA_PROTECTION_OFFICER,
    }
    return render(request, "netvaerk/privacy.html", context)


@login_not_required
@require_safe
def accessibility(request):
    context = {
        "assessed_on": settings.ACCESSIBILITY_ASSESSED_ON,
        "method": settings.ACCESSIBILITY_METHOD,
        "problems": settings.ACCESSIBILITY_PROBLEMS,
        "statement_url": settings.ACCESSIBILITY_STATEMENT_URL,
    }
    return render(request, "netvaerk/accessibility.html", context)


@login_not_required
@require_POST
def set_language(request):
    """Speak Danish or English from now on: kept with the person when signed in, else in a cookie on this machine."""
    language = request.POST.get("language", "")
    following = request.POST.get("next", "")
    if not is_ours(request, following):
        following = "/"
    response = HttpResponseRedirect(following)
    if language in dict(settings.LANGUAGES):
        if request.user.is_authenticated:
            request.user.language = language
            request.user.save(update_fields=["language"])
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            language,
            max_age=365 * 24 * 60 * 60,
            samesite="Lax",
            httponly=True,
            secure=request.is_secure(),
        )
        translation.activate(language)
    return response
