"""How long a session lives: so long after the last click, and so long in all. Both are settings.

Its key changes at sign-in, as Django does, and when the person's roles have changed.
"""

from datetime import datetime, timedelta

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.signals import user_logged_in
from django.utils import timezone
from django.utils.translation import gettext as _

from members.models import User

KEY = "lifetime"  # [when it began, when it was last used], in whole seconds
ROLES = "roles"
NOTE_EVERY = 60  # seconds: each click need not write


def begin(sender, request, user, **_kwargs) -> None:
    if request is not None:
        now = int(timezone.now().timestamp())
        request.session[KEY] = [now, now]
        request.session[ROLES] = sorted(user.roles)


user_logged_in.connect(begin, dispatch_uid="members.session_life.begin")


def sign_out_everywhere(user: User) -> int:
    """End every session of `user`; returns how many there were."""
    sessions = list(UserSession.objects.filter(user=user))
    for session in sessions:
        session.end()
    return len(sessions)


def forget_ended(now: datetime) -> int:
    """Drop what was noted of the devices of sessions that can no longer be alive: their addresses above all."""
    oldest = now - timedelta(hours=settings.SESSION_MAX_HOURS)
    return UserSession.objects.filter(created_at__lt=oldest).delete()[0]


class SessionLifetimeMiddleware:
    """Sign out a session left alone too long or grown too old, and say so on the sign-in page."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.user.is_authenticated:
            self._look_after(request, int(timezone.now().timestamp()))
        return self.get_response(request)

    def _look_after(self, request, now: int) -> None:
        began, seen = request.session.get(KEY) or (now, 0)
        if now - began >= settings.SESSION_MAX_HOURS * 3600:
            self._end(request, _("Du er logget af, fordi det er længe siden, du loggede ind. Log ind igen."))
        elif seen and now - seen >= settings.SESSION_IDLE_MINUTES * 60:
            self._end(request, _("Du er logget af, fordi du ikke har brugt siden et stykke tid. Log ind igen."))
        elif now - seen >= NOTE_EVERY:
            request.session[KEY] = [began, now]
            UserSession.objects.filter(session_key=request.session.session_key).update(last_seen_at=timezone.now())
        if request.user.is_authenticated and request.session.get(ROLES) != sorted(request.user.roles):
            self._rename(request)

    def _rename(self, request) -> None:
        """A session with other rights than before gets another key: who knew the old one has no part in them."""
        old = request.session.session_key
        request.session[ROLES] = sorted(request.user.roles)
        request.session.cycle_key()
        UserSession.objects.filter(session_key=old).update(session_key=request.session.session_key)

    def _end(self, request, why: str) -> None:
        UserSession.objects.filter(session_key=request.session.session_key).delete()
        logout(request)
        if request.method == "POST":
            why += " " + _("Det, du ville gemme, er ikke gemt.")
        messages.info(request, why)
