"""Refleksionslog: one leader's own notes. Written, read, taken along and erased by that person; never logged."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from meetings.models import Attendance, Meeting, Prompt, ReflectionNote
from members.models import User
from networks.conflicts import is_saved
from networks.models import Membership
from networks.refusal import Refused

ASKED_FOR = timedelta(days=14)
PROMPTS = list(Prompt)


def get_note(user: User, pk: int) -> ReflectionNote:
    """One's own; anybody else's does not exist, whoever asks."""
    return get_object_or_404(notes_of(user), pk=pk)


def notes_of(user: User) -> QuerySet[ReflectionNote]:
    return user.reflection_notes.select_related("meeting__network").defer("meeting__theme", "meeting__link")


def prompt_for(meeting: Meeting) -> Prompt:
    """The question of this meeting, the same for all; the next meeting brings the next one."""
    return PROMPTS[meeting.pk % len(PROMPTS)]


def note_on(meeting: Meeting, user: User) -> ReflectionNote | None:
    return user.reflection_notes.filter(meeting=meeting).defer("text").first()


def networks_open_to(user: User) -> set[int]:
    """Where the person is still a member: only there do their notes lead back to the meeting."""
    return set(Membership.objects.active().filter(leader__user=user).values_list("network", flat=True))


def asked_about(user: User, now: datetime) -> Meeting | None:
    """The last meeting `user` came to, while it is fresh and nothing is written of it."""
    meetings = (
        Meeting.objects.of_member(user)
        .filter(ends_at__lte=now, ends_at__gt=now - ASKED_FOR)
        .exclude(state=Meeting.State.CANCELLED)
        .exclude(attendances__in=Attendance.objects.filter(user=user, presence=Attendance.Presence.ABSENT))
        .annotate(has_note=Exists(user.reflection_notes.filter(meeting=OuterRef("pk"))))
    )
    last = meetings.select_related("network").defer("theme", "link").order_by("-ends_at", "-pk").first()
    return None if last is None or last.has_note else last


@transaction.atomic
def write(
    user: User, *, text: str, now: datetime, meeting: Meeting | None = None, form_key: UUID | None = None
) -> ReflectionNote:
    """A note, on a meeting or on its own. The same form sent twice makes one."""
    if form_key and (known := user.reflection_notes.filter(form_key=form_key).first()):
        return known
    return ReflectionNote.objects.create(
        user=user,
        meeting=meeting,
        prompt=prompt_for(meeting) if meeting else "",
        text=text,
        written_at=now,
        **({"form_key": form_key} if form_key else {}),
    )


@transaction.atomic
def change(note: ReflectionNote, *, user: User, text: str, seen: int) -> ReflectionNote:
    note = user.reflection_notes.select_for_update().filter(pk=note.pk).first()
    if note is None:
        raise Refused(_("Noten er slettet."))
    if is_saved(note, seen, _("Noten er gemt fra et andet vindue, mens du skrev."), text=text):
        return note
    note.text = text
    note.version += 1
    note.save(update_fields=["text", "version"])
    return note


def erase(user: User) -> int:
    """All of them, for good."""
    count, _kinds = user.reflection_notes.all().delete()
    return count


# --- To take along ---------------------------------------------------------------------------------------------------


def as_data(notes: QuerySet[ReflectionNote]) -> list[dict]:
    return [
        {
            "written": note.written_at.isoformat(),
            "meeting": note.meeting.date.isoformat() if note.meeting else None,
            "network": note.meeting.network.name if note.meeting else None,
            "prompt": str(note.question) or None,
            "text": note.text,
        }
        for note in notes
    ]
