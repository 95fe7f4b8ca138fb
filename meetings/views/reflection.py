"""Refleksionslog: pages with one reader. Anyone else's note does not exist here, whoever asks."""

import json

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from meetings import permissions
from meetings import reflection as room
from meetings.memory_forms import ReflectionForm
from meetings.models import Meeting
from members.requests import number
from networks.views.confirm import posted
from networks.views.saving import save_over

form_page = require_http_methods(["GET", "HEAD", "POST"])


@never_cache
@require_safe
def reflection_log(request):
    notes, open_to = list(room.notes_of(request.user)), room.networks_open_to(request.user)
    for note in notes:
        note.leads_back = note.meeting is not None and note.meeting.network_id in open_to
    context = {"notes": notes, "asked_about": room.asked_about(request.user, timezone.now())}
    if context["asked_about"]:
        context["prompt"] = room.prompt_for(context["asked_about"]).label
    return render(request, "meetings/reflection_log.html", context)


@never_cache
@form_page
def new_reflection_note(request):
    """On the meeting that is named, while one is a member of its network; or on nothing but what one thinks of."""
    meeting = _meeting(request)
    if meeting and request.method != "POST" and (note := room.note_on(meeting, request.user)):
        return redirect("meetings:reflection_note", note.pk)
    form = ReflectionForm(posted(request))
    if form.is_valid():
        cleaned = form.cleaned_data
        room.write(
            request.user, text=cleaned["text"], meeting=meeting, form_key=cleaned["form_key"], now=timezone.now()
        )
        messages.success(request, _("Din note er gemt. Kun du kan læse den."))
        return redirect("meetings:reflection_log")
    prompt = room.prompt_for(meeting).label if meeting else ""
    return render(request, "meetings/reflection_edit.html", {"form": form, "meeting": meeting, "prompt": prompt})


@never_cache
@form_page
def reflection_note(request, pk):
    note = room.get_note(request.user, pk)
    form = ReflectionForm(posted(request), initial={"text": note.text, "seen": note.version})

    def change(text, seen, form_key):
        return room.change(note, user=request.user, text=text, seen=seen)

    saving = save_over(form, change)
    if saving.is_done:
        messages.success(request, _("Din note er gemt. Kun du kan læse den."))
        return redirect("meetings:reflection_log")
    context = {"form": form, "note": note, "meeting": note.meeting, "prompt": note.question} | saving.shown
    return render(request, "meetings/reflection_edit.html", context, status=saving.status)


@never_cache
@form_page
def delete_reflection_note(request, pk):
    note = room.get_note(request.user, pk)
    if request.method == "POST":
        note.delete()
        messages.success(request, _("Noten er slettet."))
        return redirect("meetings:reflection_log")
    return render(request, "meetings/reflection_delete.html", {"note": note})


@never_cache
@form_page
def erase_reflection_log(request):
    count = request.user.reflection_notes.count()
    if request.method == "POST":
        room.erase(request.user)
        messages.success(
            request, ngettext("%(count)d note er slettet.", "%(count)d noter er slettet.", count) % {"count": count}
        )
        return redirect("meetings:reflection_log")
    if not count:
        return redirect("meetings:reflection_log")
    return render(request, "meetings/reflection_delete.html", {"count": count})


@never_cache
@require_safe
def download_reflection_log(request, form):
    """All of it, to keep elsewhere: as text to read, or as JSON for another program."""
    data = room.as_data(room.notes_of(request.user))
    if form == "json":
        body, kind = json.dumps(data, ensure_ascii=False, indent=2), "application/json"
    elif form == "txt":
        body = render_to_string("meetings/reflection_log.txt", {"notes": room.notes_of(request.user)})
        kind = "text/plain; charset=utf-8"
    else:
        raise Http404
    response = HttpResponse(body, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="refleksionslog.{form}"'
    return response


def _meeting(request) -> Meeting | None:
    if not request.GET.get("moede"):
        return None
    chosen = number(request.GET["moede"])
    if chosen is None:
        raise Http404
    return permissions.get_meeting(request.user, chosen)
