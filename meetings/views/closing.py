"""Closing a meeting, and opening it again."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from meetings import after, agreements, attendance, permissions
from meetings import closing as room
from meetings.after_forms import AgreementRows, CloseForm, ReopenForm, who_choices
from members.danish import today
from networks.views.confirm import confirm, posted
from networks.views.saving import Saving, save_over

form_page = require_http_methods(["GET", "HEAD", "POST"])


@never_cache
@form_page
def close(request, pk):
    now = timezone.now()
    meeting = permissions.get_meeting_as_coordinator(request.user, pk)
    if not room.can_close(meeting, now) and request.method != "POST":
        messages.error(request, _("Mødet er afsluttet eller aflyst, eller det er ikke begyndt endnu."))
        return redirect(meeting)
    minutes, data = room.minutes_of(meeting), posted(request)
    is_closing = data is None or "save" not in data
    form = CloseForm(
        data,
        people=attendance.expected(meeting),
        asks_if_held=meeting.is_past(now) and (meeting.is_on or "was_held" in request.POST),
        is_closing=is_closing,
        initial={
            "present": attendance.proposed(meeting),
            "carried_over": minutes.carried_over,
            "seen": minutes.version,
        },
    )
    rows = AgreementRows(
        data, prefix="aftale", form_kwargs={"choices": who_choices(meeting.network), "today": today(now)}
    )

    def write(**_fields):
        _write(request, meeting, form, rows, is_closing=is_closing, now=now)

    saving = Saving()
    if form.is_valid() and (form.is_not_held or rows.is_valid()):
        saving = save_over(form, write)
    if saving.is_done:
        return redirect(meeting if is_closing else request.path)
    context = {
        "meeting": meeting,
        "network": meeting.network,
        "form": form,
        "rows": rows,
        "agreements": after.marked(meeting.agreements.by_date(), request.user, meeting.network, now),
        "topics": meeting.topics.waiting(),
        "follow_up": after.marked(agreements.from_earlier(meeting), request.user, meeting.network, now),
    }
    return render(request, "meetings/close.html", context | saving.shown, status=saving.status)


def _write(request, meeting, form, rows, *, is_closing: bool, now) -> None:
    if is_closing and form.is_not_held:
        room.close_as_not_held(meeting, actor=request.user, reason=form.cleaned_data["reason"], now=now)
        messages.success(request, _("Det er noteret, at mødet ikke blev holdt."))
        return
    room.write(
        meeting,
        actor=request.user,
        present=form.cleaned_data.get("present", []),
        carried_over=form.cleaned_data["carried_over"],
        seen=form.cleaned_data["seen"],
        new_agreements=rows.rows,
        is_closing=is_closing,
        now=now,
    )
    messages.success(
        request, _("Mødet er afsluttet.") if is_closing else _("Det er gemt. Mødet er ikke afsluttet endnu.")
    )


@never_cache
@form_page
def reopen(request, pk):
    meeting = permissions.get_meeting_as_coordinator(request.user, pk)
    form = ReopenForm(request.POST if request.method == "POST" else None)

    def act(reason):
        room.reopen(meeting, actor=request.user, reason=reason, now=timezone.now())

    return confirm(
        request,
        act=act,
        form=form,
        back=meeting.get_absolute_url(),
        network=meeting.network,
        heading=_("Genåbn mødet?"),
        consequence=_("Fremmøde, aftaler og det, I tager med, kan rettes igen, til du afslutter mødet."),
        audience=_("Kun netværkets medlemmer kan læse, hvad du skriver her."),
        button=_("Genåbn mødet"),
        done=_("Mødet er genåbnet."),
    )
