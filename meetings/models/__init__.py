"""What a network does and what its members say of it, one file per concept."""

from meetings.models.feedback import (
    FeedbackInvitation,
    FeedbackRelease,
    FeedbackResponse,
    FeedbackRound,
    FeedbackSchedule,
)
from meetings.models.meeting import (
    Attendance,
    CalendarFeed,
    Invitation,
    Meeting,
    MeetingChange,
    MeetingPlan,
    MeetingQuerySet,
    Rsvp,
    new_uid,
)

__all__ = [
    "Attendance",
    "CalendarFeed",
    "FeedbackInvitation",
    "FeedbackRelease",
    "FeedbackResponse",
    "FeedbackRound",
    "FeedbackSchedule",
    "Invitation",
    "Meeting",
    "MeetingChange",
    "MeetingPlan",
    "MeetingQuerySet",
    "Rsvp",
    "new_uid",
]
