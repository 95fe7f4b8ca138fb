"""HTTP in, HTTP out: the calendar."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse, HttpResponseNotFound
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from meetings import feeds
from meetings.models import CalendarFeed

form_page = require_http_methods(["GET", "HEAD", "POST"])


@never_cache
@form_page
def subscription(request):
    """Where one gets, replaces and ends one's secret calendar address. It is shown in the answer to the POST alone."""
    now = timezone.now()
    address = ""
    if request.method == "POST":
        if "revoke" in request.POST:
            feeds.revoke(request.user, now=now)
            messages.success(request, _("Abonnementet er slettet. Adressen virker ikke længere."))
            return redirect("meetings:subscription")
        address = settings.SITE_URL + reverse("meetings:feed", args=[feeds.create(request.user, now=now)])
    return render(
        request,
        "meetings/subscription.html",
        {
            "feed": CalendarFeed.objects.filter(user=request.user).first(),
            "address": address,
            "webcal": address.replace("https://", "webcal://").replace("http://", "webcal://"),
            "now": now,
        },
    )


@login_not_required
@require_safe
def feed(request, token):
    """The address is the key. Whatever is wrong with it, the answer is the same 404."""
    now = timezone.now()
    found = feeds.find(token, now=now)
    if found is None:
        return HttpResponseNotFound(_("Kalenderen findes ikke."), content_type="text/plain; charset=utf-8")
    feeds.note_use(found, now=now)
    response = get_conditional_response(request, etag=found.etag)
    if response is None:
        with translation.override(found.language):
            response = HttpResponse(feeds.text(found, now=now), content_type="text/calendar; charset=utf-8")
    response["ETag"] = found.etag
    response["Cache-Control"] = "private, no-cache"
    response["X-Robots-Tag"] = "noindex"
    return response
