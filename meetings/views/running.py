"""HTTP in, HTTP out: mødevisning, the one calm screen while the members meet."""

from functools import partial

from django.contrib import messages
from django.http import JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from meetings import attendance, closing, permissions, roles, running
from meetings.forms import AttendanceForm
from meetings.models import Meeting
from members.requests import number
from networks import charter
from networks.permissions import is_coordinator
from networks.refusal import Refused


@never_cache
@require_safe
def show(request, pk):
    """Where the meeting is, for every member; buttons for who steers it."""
    now = timezone.now()
    meeting = permissions.get_meeting(request.user, pk)
    course = running.of(meeting, now)
    is_open = running.is_open(meeting, now)
    agreed = charter.in_effect(meeting.network)
    return render(
        request,
        "meetings/running.html",
        {
            "meeting": meeting,
            "network": meeting.network,
            "now": now,
            "course": course,
            "plan": course.plan,
            "is_open": is_open,
            "is_over": not is_open and (meeting.is_closed or meeting.is_past(now)),
            "can_steer": is_open and running.can_steer(request.user, meeting),
            "can_close": is_coordinator(request.user, meeting.network) and closing.can_close(meeting, now),
            "ground_rules": agreed.rule_list if agreed else [],
            "attendance": _attendance(request.user, meeting, now),
        },
    )


def _attendance(user, meeting: Meeting, now) -> AttendanceForm | None:
    """The ticks, for who may set them, once the meeting has begun."""
    if not (attendance.can_record(meeting, now) and roles.can_lead(user, meeting)):
        return None
    return AttendanceForm(
        people=attendance.expected(meeting), initial={"present": attendance.proposed(meeting)}, auto_id="fremmoede_%s"
    )


@never_cache
@require_safe
def standing(request, pk):
    """Which version a screen should show: asked now and then by those that are open."""
    meeting = permissions.get_meeting(request.user, pk)
    version = running.version_of(meeting)
    return JsonResponse({"version": version})


@require_POST
def start(request, pk):
    return _perform(request, pk, running.start)


@require_POST
def step(request, pk, way):
    seen = number(request.POST.get("seen")) or 0
    return _perform(request, pk, partial(running.step, way=way, seen=seen))


@require_POST
def end(request, pk):
    return _perform(request, pk, running.end)


def _perform(request, pk: int, act):
    meeting = permissions.get_meeting(request.user, pk)
    try:
        act(meeting, actor=request.user, now=timezone.now())
    except Refused as refusal:
        messages.warning(request, str(refusal))
    return redirect("meetings:running", pk)
