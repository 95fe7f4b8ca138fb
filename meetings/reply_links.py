"""Links in mails by which one person answers about one meeting without signing in.

A link names the meeting and the person, never the time: after a move it shows the new time and asks again. It opens
nothing but the answer, and it ends with the meeting, or when the person is no longer invited.
"""

from datetime import datetime
from typing import NamedTuple

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse

from meetings.models import Invitation, Meeting
from members.models import User
from networks.permissions import is_active_member


class Invited(NamedTuple):
    meeting: Meeting
    user: User


def _signer() -> Signer:
    # Without a time: a mail that is sent again is the same bytes.
    return Signer(salt="meetings.reply_links", sep=".")


def address(meeting: Meeting, user: User) -> str:
    token = _signer().sign_object([meeting.pk, user.pk])
    return settings.SITE_URL + reverse("meetings:reply_link", args=[token])


def find(token: str, *, now: datetime) -> Invited | None:
    """Whose link this is; None for one that is no link of ours, or no longer opens anything."""
    try:
        meeting, user = _signer().unsign_object(token)
    except (BadSignature, ValueError, TypeError):
        return None
    invitation = (
        Invitation.objects.filter(meeting=meeting, user=user, is_cancelled=False, meeting__ends_at__gt=now)
        .exclude(meeting__state=Meeting.State.PLANNED)
        .select_related("meeting__network", "user")
        .defer("meeting__theme", "meeting__link")
        .first()
    )
    if invitation is None or not is_active_member(invitation.user, invitation.meeting.network):
        return None
    return Invited(invitation.meeting, invitation.user)
