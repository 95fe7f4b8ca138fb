"""HTTP in, HTTP out: one meeting."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from meetings import (
    after,
    agenda,
    attendance,
    calendar,
    date_poll,
    moving_rule,
    permissions,
    roles,
    room,
    running,
    scheduling,
    topics,
)
from meetings.forms import (
    AttendanceForm,
    CancelForm,
    MoveForm,
    PlaceForm,
    PostponeForm,
    ReplyForm,
)
from meetings.models import Meeting, Rsvp
from meetings.views.back import back
from members.danish import full_date
from members.requests import is_ours
from networks.permissions import is_coordinator

form_page = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
def meeting(request, pk):
    now = timezone.now()
    meeting = permissions.get_meeting(request.user, pk)
    plan = agenda.of(meeting)
    return render(
        request,
        "meetings/meeting.html",
        {
            "meeting": meeting,
            "network": meeting.network,
            "now": now,
            "my_rsvp": meeting.rsvps.filter(user=request.user).first(),
            "takes_replies": meeting.takes_replies(now),
            "answers": attendance.answers(meeting) if meeting.state != Meeting.State.HELD else [],
            "presence": attendance.presence(meeting) if meeting.state == Meeting.State.HELD else [],
            "changes": meeting.changes.select_related("changed_by"),
            "coordinators": meeting.network.memberships.active()
            .filter(is_coordinator=True)
            .select_related("leader__user"),
            "is_coordinator": is_coordinator(request.user, meeting.network),
            "can_record": attendance.can_record(meeting, now),
            "can_work": room.can_work(request.user, meeting, now),
            "plan": plan,
            "date_poll": date_poll.open_poll(meeting),
            "running": running.Course(plan, now) if running.is_open(meeting, now) else None,
            "seats": roles.of(meeting) if meeting.state != Meeting.State.CANCELLED else [],
            **_topics(request.user, plan, now),
            "after": after.of(meeting, request.user, now),
        },
    )


def _topics(user, plan: agenda.Plan, now) -> dict:
    """What has been brought to the meeting, and how much waits in the pool."""
    meeting = plan.meeting
    found = topics.of_meeting(meeting, user)
    on_agenda = {item.topic_id for item in plan.items}
    for topic in found:
        topic.is_mine, topic.is_on_agenda = topic.author_id == user.pk, topic.pk in on_agenda
    pool = topics.pool(meeting.network, user, now) if room.is_open(meeting, now) else []
    return {"topics": found, "pool": pool, "has_begun": meeting.starts_at <= now}


@require_POST
def reply(request, pk):
    meeting = permissions.get_meeting(request.user, pk)
    form = ReplyForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Vælg, om du deltager eller melder afbud."))
        return redirect(meeting)
    try:
        rsvp = attendance.reply(meeting, user=request.user, now=timezone.now(), **form.cleaned_data)
    except attendance.RepliesClosed as closed:
        messages.error(request, str(closed))
        return redirect(meeting)
    day = {"date": full_date(meeting.date)}
    if rsvp.answer == Rsvp.Answer.ACCEPTED:
        messages.success(request, _("Du har sagt ja til mødet %(date)s.") % day)
    else:
        messages.success(request, _("Du har meldt afbud til mødet %(date)s.") % day)
    return redirect(_safe_next(request) or meeting)


def _safe_next(request) -> str:
    target = request.POST.get("next", "")
    return target if is_ours(request, target) else ""


@form_page
def move(request, pk):
    now = timezone.now()
    meeting = permissions.get_meeting_as_coordinator(request.user, pk)
    form = MoveForm(
        request.POST or None,
        now=now,
        meeting=meeting,
        initial={
            "date": None if meeting.is_postponed else meeting.date,
            "start_time": meeting.start_time,
            "end_time": meeting.end_time,
            "seen_sequence": meeting.sequence,
        },
    )
    if form.is_valid() and not form.unheard:
        try:
            scheduling.move(meeting, actor=request.user, now=now, **form.cleaned_data)
        except scheduling.NotPossible as problem:
            form.add_error(None, str(problem))
        else:
            messages.success(
                request,
                _("Mødet har fået en ny dato, og medlemmerne bliver indkaldt igen.")
                if meeting.is_postponed
                else _("Mødet er flyttet, og medlemmerne får besked."),
            )
            return redirect(meeting)
    return _change_page(request, "meetings/move.html", meeting, form, rule=moving_rule.rule_of(meeting.network))


@form_page
def postpone(request, pk):
    now = timezone.now()
    meeting = permissions.get_meeting_as_coordinator(request.user, pk)
    form = PostponeForm(request.POST or None, initial={"seen_sequence": meeting.sequence})
    if form.is_valid():
        try:
            scheduling.postpone(meeting, actor=request.user, now=now, **form.cleaned_data)
        except scheduling.NotPossible as problem:
            form.add_error(None, str(problem))
        else:
            messages.success(request, _("Mødet er udsat, og medlemmerne får besked."))
            return redirect(meeting)
    return _change_page(request, "meetings/postpone.html", meeting, form, rule=moving_rule.rule_of(meeting.network))


@form_page
def change_place(request, pk):
    meeting = permissions.get_meeting_as_coordinator(request.user, pk)
    form = PlaceForm(
        request.POST or None,
        initial={"place": meeting.place, "link": meeting.link, "seen_sequence": meeting.sequence},
    )
    if form.is_valid():
        try:
            scheduling.change_place(meeting, actor=request.user, now=timezone.now(), **form.cleaned_data)
        except scheduling.NotPossible as problem:
            form.add_error(None, str(problem))
        else:
            messages.success(request, _("Mødets sted er ændret, og medlemmerne får besked."))
            return redirect(meeting)
    return _change_page(request, "meetings/change_place.html", meeting, form)


@form_page
def cancel(request, pk):
    now = timezone.now()
    meeting = permissions.get_meeting_as_coordinator(request.user, pk)
    form = CancelForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            scheduling.cancel(meeting, actor=request.user, now=now, reason=form.cleaned_data["reason"])
        except scheduling.NotPossible as problem:
            form.add_error(None, str(problem))
        else:
            messages.success(request, _("Mødet er aflyst."))
            return redirect(meeting)
    return _change_page(request, "meetings/cancel.html", meeting, form, is_past=meeting.is_past(now))


def _change_page(request, template, meeting, form, **context):
    count = attendance.expected(meeting).count()
    return render(request, template, {"meeting": meeting, "form": form, "receivers": count, **context})


@form_page
def record_attendance(request, pk):
    now = timezone.now()
    meeting = permissions.get_meeting(request.user, pk)
    if not roles.can_lead(request.user, meeting):
        raise PermissionDenied
    if not attendance.can_record(meeting, now):
        messages.error(
            request,
            _("Mødet er afsluttet. Genåbn det, hvis fremmødet skal rettes.")
            if meeting.is_closed
            else _("Fremmødet kan registreres, når mødet er begyndt."),
        )
        return redirect(meeting)
    form = AttendanceForm(
        request.POST if request.method == "POST" else None,
        people=attendance.expected(meeting),
        initial={"present": attendance.proposed(meeting)},
    )
    if form.is_valid():
        attendance.record(meeting, present=form.cleaned_data["present"], actor=request.user, now=now)
        messages.success(request, _("Fremmødet er registreret."))
        return back(request, meeting)
    return render(request, "meetings/attendance.html", {"meeting": meeting, "form": form})


@require_safe
def download_ics(request, pk):
    meeting = permissions.get_meeting(request.user, pk)
    response = HttpResponse(calendar.download([meeting]), content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="moede-{meeting.date.isoformat()}.ics"'
    response["Cache-Control"] = "private, no-store"
    return response
