"""HTTP in, HTTP out: the answer by a link from a mail, signed in or not. Only POST writes: mail scanners open links."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from meetings import attendance, calendar, reply_links
from meetings.forms import ReplyForm
from meetings.models import MeetingChange, Rsvp
from members.danish import full_date


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def reply_link(request, token):
    """The link is the key to this one answer. Whatever is wrong with it, the page is the same."""
    now = timezone.now()
    found = reply_links.find(token, now=now)
    if found is None:
        return render(request, "meetings/reply_link_over.html", status=404)
    if request.user.is_authenticated and request.user != found.user:
        return render(request, "meetings/reply_link_others.html", status=403)
    with translation.override(_language(request, found.user)):
        if request.method == "POST":
            _answer(request, found, now)
            return redirect("meetings:reply_link", token=token)
        response = render(request, "meetings/reply_link.html", _context(found, now))
    response["X-Robots-Tag"] = "noindex"
    return response


def _language(request, user) -> str:
    """The one chosen on the page, or else the one the mail was in."""
    return request.LANGUAGE_CODE if settings.LANGUAGE_COOKIE_NAME in request.COOKIES else user.language


def _answer(request, found, now):
    form = ReplyForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Vælg, om du deltager eller melder afbud."))
        return
    try:
        rsvp = attendance.reply(found.meeting, user=found.user, now=now, **form.cleaned_data)
    except attendance.RepliesClosed as closed:
        messages.error(request, str(closed))
        return
    day = {"date": full_date(found.meeting.date)}
    if rsvp.answer == Rsvp.Answer.ACCEPTED:
        messages.success(request, _("Du har sagt ja til mødet %(date)s.") % day)
    else:
        messages.success(request, _("Du har meldt afbud til mødet %(date)s.") % day)


def _context(found, now) -> dict:
    meeting = found.meeting
    rsvp = meeting.rsvps.filter(user=found.user).first()
    return {
        "meeting": meeting,
        "title": calendar.title(meeting.network.name),
        "my_rsvp": rsvp,
        "takes_replies": meeting.takes_replies(now),
        "moved": meeting.changes.filter(kind=MeetingChange.Kind.MOVED).defer("reason").first(),
    }
