"""What has happened to a season since it was published: every move, postponement and cancellation, from and to."""

from meetings.models import MeetingChange, MeetingPlan

KINDS = (MeetingChange.Kind.MOVED, MeetingChange.Kind.POSTPONED, MeetingChange.Kind.CANCELLED)


def changes_of(plan: MeetingPlan, *, with_reasons: bool) -> list[MeetingChange]:
    """Latest first. The reason is the members' own: for anyone else it is not even read."""
    changes = MeetingChange.objects.filter(meeting__plan=plan, kind__in=KINDS).select_related("meeting")
    changes = changes.defer("meeting__theme", "meeting__link", *(() if with_reasons else ("reason",)))
    return list(changes)
