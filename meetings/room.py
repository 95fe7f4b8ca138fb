"""When the members may work on what is inside a meeting: before it, during it, and a little after."""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from meetings.models import Meeting
from members.models import User
from networks.models import Network
from networks.permissions import is_active_member
from networks.refusal import Refused, require

RUNS_OVER = timedelta(hours=3)  # a meeting may, and what was said at the end is noted on the way out
STATES_OPEN = (Meeting.State.CONVENED, Meeting.State.HELD)  # held already, once the attendance is ticked


def is_open(meeting: Meeting, now: datetime) -> bool:
    return (
        meeting.network.state == Network.State.ACTIVE
        and meeting.state in STATES_OPEN
        and not meeting.is_closed
        and now < meeting.ends_at + RUNS_OVER
    )


def can_work(user: User, meeting: Meeting, now: datetime) -> bool:
    return is_open(meeting, now) and is_active_member(user, meeting.network)


def enter(meeting: Meeting, *, actor: User, now: datetime) -> Meeting:
    """The meeting locked, so that what members do within it waits in line; for active members, while it is open."""
    meeting = Meeting.objects.select_for_update().get(pk=meeting.pk)
    require(is_active_member(actor, meeting.network))
    if meeting.network.state != Network.State.ACTIVE:
        raise Refused(_("Det kan kun ændres, mens netværket er aktivt."))
    if meeting.state == Meeting.State.CANCELLED:
        raise Refused(_("Mødet er aflyst."))
    if meeting.is_closed:
        raise Refused(_("Mødet er afsluttet. Tovholderen kan genåbne det."))
    if not is_open(meeting, now):
        raise Refused(_("Mødet er slut, så det kan ikke længere ændres."))
    return meeting
