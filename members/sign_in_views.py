"""Where one is signed in, and signing out of it."""

from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth import logout
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from members.devices import device_name
from members.session_life import sign_out_everywhere


@require_safe
def session_list(request):
    sessions = UserSession.objects.purge_and_list(request.user)
    for session in sessions:
        session.is_here = session.session_key == request.session.session_key
        session.device = device_name(session.user_agent)
    sessions.sort(key=lambda session: (not session.is_here, -session.last_seen_at.timestamp()))
    return render(request, "account/sessions.html", {"sessions": sessions})


@require_POST
def end_session(request, pk: int):
    session = get_object_or_404(UserSession, pk=pk, user=request.user)
    if session.session_key == request.session.session_key:
        return _out(request, session)
    session.end()
    messages.success(request, _("Enheden er logget af."))
    return redirect("account_sessions")


@require_POST
def end_all_sessions(request):
    count = sign_out_everywhere(request.user)
    logout(request)
    said = ngettext("Du er logget af %(count)d sted.", "Du er logget af %(count)d steder.", count) % {"count": count}
    messages.success(request, said)
    return redirect("account_login")


def _out(request, session):
    session.end()
    logout(request)
    return redirect("account_login")
