"""What a network does and what its members say of it, one file per concept."""

from meetings.models.agenda import Agenda, AgendaItem
from meetings.models.agreement import Agreement, Minutes, Reopening
from meetings.models.calendar_reply import CalendarReply
from meetings.models.closed_period import ClosedPeriod
from meetings.models.date_poll import DateAnswer, DateCandidate, DatePoll, DatePollInvitation
from meetings.models.feedback import (
    FeedbackInvitation,
    FeedbackRelease,
    FeedbackResponse,
    FeedbackRound,
    FeedbackSchedule,
    MonthlyFigures,
    SeasonSummary,
    ThemeFeedback,
    ThemeReply,
    TopicKind,
)
from meetings.models.learning_card import LearningCard
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
from meetings.models.moving_rule import MovingRule
from meetings.models.question_version import QuestionVersion
from meetings.models.reflection import Prompt, ReflectionNote
from meetings.models.reminders import ReminderChoice
from meetings.models.role import MeetingRole
from meetings.models.topic import Topic, TopicMark

__all__ = [
    "Agenda",
    "AgendaItem",
    "Agreement",
    "Attendance",
    "CalendarFeed",
    "CalendarReply",
    "ClosedPeriod",
    "DateAnswer",
    "DateCandidate",
    "DatePoll",
    "DatePollInvitation",
    "FeedbackInvitation",
    "FeedbackRelease",
    "FeedbackResponse",
    "FeedbackRound",
    "FeedbackSchedule",
    "Invitation",
    "LearningCard",
    "Meeting",
    "MeetingChange",
    "MeetingPlan",
    "MeetingQuerySet",
    "MeetingRole",
    "Minutes",
    "MonthlyFigures",
    "MovingRule",
    "Prompt",
    "QuestionVersion",
    "ReflectionNote",
    "ReminderChoice",
    "Reopening",
    "Rsvp",
    "SeasonSummary",
    "ThemeFeedback",
    "ThemeReply",
    "Topic",
    "TopicKind",
    "TopicMark",
    "new_uid",
]
