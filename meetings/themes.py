"""A meeting's theme: any member's to write, and nobody's to write over unseen."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from meetings import room
from meetings.models import Meeting
from members import audit
from members.models import User
from networks.conflicts import ChangedMeanwhile


@transaction.atomic
def set_theme(meeting: Meeting, theme: str, *, actor: User, seen: str, now: datetime) -> bool:
    """Write it over `seen`, the theme the member read, and over no other; False when it says so already."""
    meeting = room.enter(meeting, actor=actor, now=now)
    if meeting.theme == theme:
        return False
    if meeting.theme != seen:
        raise ChangedMeanwhile(_("En anden har skrevet et tema, mens du skrev."), meeting)
    meeting.theme = theme
    meeting.save(update_fields=["theme"])
    audit.record(actor, "set_theme", meeting, now=now)
    return True
