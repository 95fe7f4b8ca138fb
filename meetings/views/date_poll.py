"""HTTP in, HTTP out: choosing a new date together."""

from datetime import timedelta
from functools import partial

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from meetings import date_poll as room
from meetings import invitations, permissions
from meetings.date_poll_forms import CandidateFormSet, DateAnswerForm, DeadlineForm
from meetings.models import DateCandidate
from meetings.scheduling import NotPossible
from members.danish import full_date, time_range, today
from networks.permissions import is_coordinator

form_page = require_http_methods(["GET", "HEAD", "POST"])


@form_page
def new_date(request, pk):
    """Where the coordinator asks, and all answer and see what the others have said."""
    now = timezone.now()
    meeting = permissions.get_meeting(request.user, pk)
    if poll := room.open_poll(meeting):
        return _answers(request, meeting, poll)
    if is_coordinator(request.user, meeting.network) and meeting.can_be_moved(now):
        return _ask(request, meeting, now)
    return render(request, "meetings/date_poll_none.html", {"meeting": meeting})


def _ask(request, meeting, now):
    posted = request.POST if request.method == "POST" else None
    times = {"start_time": meeting.start_time, "end_time": meeting.end_time}
    formset = CandidateFormSet(
        posted, initial=[times] * room.MOST, form_kwargs={"now": now, "meeting": meeting}, prefix="tid"
    )
    form = DeadlineForm(posted, now=now, initial={"deadline": today(now) + timedelta(days=7)})
    if posted is not None and formset.is_valid() & form.is_valid():
        form.check_before(formset.times)
        if form.is_valid():
            try:
                room.ask(meeting, formset.times, deadline=form.cleaned_data["deadline"], actor=request.user, now=now)
            except NotPossible as problem:
                form.add_error(None, str(problem))
            else:
                messages.success(request, _("Medlemmerne er spurgt og får en mail."))
                return redirect("meetings:new_date", meeting.pk)
    context = {
        "meeting": meeting,
        "formset": formset,
        "form": form,
        "members": len(invitations.active_users(meeting.network)),
    }
    return render(request, "meetings/date_poll_ask.html", context)


def _answers(request, meeting, poll, form=None, status=200):
    poll.meeting = meeting
    columns = form.columns if form else room.columns(poll, user=request.user)
    context = {
        "meeting": meeting,
        "poll": poll,
        "columns": columns,
        "form": form or DateAnswerForm(columns=columns),
        "has_answered": all(column.my_answer for column in columns),
        "is_coordinator": is_coordinator(request.user, meeting.network),
        "is_late": poll.deadline < today(timezone.now()),
    }
    return render(request, "meetings/date_poll.html", context, status=status)


@require_POST
def answer_new_date(request, pk):
    meeting = permissions.get_meeting(request.user, pk)
    poll = room.open_poll(meeting)
    if poll is None:
        messages.error(request, _("Der er allerede valgt en ny dato, eller spørgsmålet er trukket tilbage."))
        return redirect(meeting)
    poll.meeting = meeting
    form = DateAnswerForm(request.POST, columns=room.columns(poll, user=request.user))
    if not form.is_valid():
        return _answers(request, meeting, poll, form)
    try:
        room.answer(poll, answers=form.answers, user=request.user, now=timezone.now())
    except NotPossible as problem:
        messages.error(request, str(problem))
        return redirect(meeting)
    messages.success(request, _("Tak for dit svar. Du kan ændre det, indtil der er valgt en dato."))
    return redirect("meetings:new_date", pk)


@form_page
def pick_new_date(request, pk, candidate):
    meeting = permissions.get_meeting_as_coordinator(request.user, pk)
    candidate = get_object_or_404(DateCandidate.objects.select_related("poll"), pk=candidate, poll__meeting=meeting)
    candidate.poll.meeting = meeting
    return _confirm(
        request,
        meeting,
        act=partial(room.pick, candidate, actor=request.user, now=timezone.now()),
        done=_("Mødet har fået en ny dato, og medlemmerne bliver indkaldt igen."),
        heading=_("Vælg %(date)s %(time)s?")
        % {"date": full_date(candidate.date), "time": time_range(candidate.start_time, candidate.end_time)},
        consequence=_("Alle medlemmer får en ny indkaldelse og skal svare på mødet igen."),
        button=_("Vælg tidspunktet"),
    )


@form_page
def drop_date_poll(request, pk):
    meeting = permissions.get_meeting_as_coordinator(request.user, pk)
    poll = room.open_poll(meeting)
    if poll is None:
        return redirect(meeting)
    poll.meeting = meeting
    return _confirm(
        request,
        meeting,
        act=partial(room.drop, poll, actor=request.user, now=timezone.now()),
        done=_("Spørgsmålet er trukket tilbage."),
        heading=_("Træk spørgsmålet tilbage?"),
        consequence=_("Svarene kan ikke længere ses, og mødet bliver stående, som det er. Ingen får besked."),
        button=_("Træk tilbage"),
    )


def _confirm(request, meeting, *, act, done, **context):
    if request.method == "POST":
        try:
            act()
        except NotPossible as problem:
            messages.error(request, str(problem))
        else:
            messages.success(request, done)
        return redirect(meeting)
    return render(request, "meetings/date_poll_confirm.html", {"meeting": meeting, **context})
