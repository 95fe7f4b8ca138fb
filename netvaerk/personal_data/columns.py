"""Columns with words that stay when a person is erased, each group with the reason why.

A new column with words in it fails the build until it stands here, or is emptied or deleted on erasure (`rules.py`).
"""

# The words of the house and of the organisation; nobody's.
_HOUSE = {
    "auth.Permission": ("name", "codename"),
    "auth.Group": ("name",),
    "contenttypes.ContentType": ("app_label", "model"),
    "members.OrgUnitType": ("name",),
    "members.OrgUnit": ("name",),
    "members.ProfessionalField": ("name",),
    "members.LeadershipLevel": ("name",),
    "members.Heartbeat": ("name", "note"),
    "meetings.ClosedPeriod": ("name",),
    "meetings.ReminderChoice": ("days", "answer_days"),
    "meetings.CalendarReply": ("message_hash",),
    "meetings.QuestionVersion": ("version", "texts", "left_out", "added"),
}
# Sessions end with the erasure; the tables of the library for single sign-on are empty.
_SIGN_IN = {
    "sessions.Session": ("session_key", "session_data"),
    "socialaccount.SocialApp": ("provider", "provider_id", "name", "client_id", "secret", "key", "settings"),
    "socialaccount.SocialToken": ("token", "token_secret"),
}
# What was done, in the system's own words; a reason for disposal is asked for without names.
_LOGS = {
    "members.AuditEvent": ("actor_role", "verb", "subject_type"),
    "members.RoleChange": ("role",),
    "members.ListRead": ("selection",),
    "members.Disposal": ("rule", "reference", "reason"),
    "members.ColumnMapping": ("fingerprint", "columns", "rules"),
    # The file itself goes when it is decided, or after a day.
    "members.LeaderImport": ("file_name", "content", "columns", "rules", "summary"),
}
# A network's frame and the cases about it: kept as Rigsarkivet says, and said in an office, not as a person.
_CASES = {
    "networks.StrategicDirection": (
        "title",
        "solutions",
        "development",
        "gains",
        "political_approver",
        "administrative_approver",
    ),
    "networks.DirectionDecision": ("approver",),
    "networks.Network": (
        "name",
        "slug",
        "search_text",
        "sort_text",
        "purpose",
        "personal_outcomes",
        "personal_outcome_note",
        "gains",
        "type_reason",
        "tags",
        "participation_terms",
        "time_needed",
        "guests",
        "themes",
        "exercises",
        "activities",
        "rhythm",
        "governance",
        "support",
        "farewell",
    ),
    "networks.Decision": ("reason",),
    "networks.BasisVersion": ("note", "texts"),
    "networks.Consultation": ("question",),
    "networks.ConsultationVersion": ("texts",),
    "networks.ConsultationReply": ("text",),
    "networks.GoalHierarchy": ("goal", "why", "how"),
    "networks.PolicyDraft": ("title", "text", "link"),
    "networks.SupportRequest": ("text", "answer"),
}
# The group's own: encrypted, read by its members alone, and not one person's to take away.
_ROOM = {
    "networks.Charter": ("ground_rules", "values", "note"),
    "networks.CharterRevision": ("ground_rules", "values"),
    "networks.Goal": ("title", "measure", "outcome"),
    "networks.ManagementMessage": ("text", "reply"),
    "meetings.Meeting": ("uid", "place", "link", "theme"),
    "meetings.MeetingPlan": ("name", "weekdays", "place", "link"),
    "meetings.MeetingChange": ("from_place", "to_place", "reason"),
    "meetings.Topic": ("title", "text"),
    "meetings.AgendaItem": ("title", "exercise"),
    "meetings.Agreement": ("text",),
    "meetings.Minutes": ("carried_over",),
    "meetings.Reopening": ("reason",),
    "meetings.LearningCard": ("theme", "challenge", "tried", "outcome"),
    "meetings.MovingRule": ("text",),
    "meetings.SeasonSummary": ("text",),
}
# Anonymous, or figures.
_FIGURES = {
    "meetings.FeedbackRound": ("question_set", "own_questions"),
    "meetings.FeedbackSchedule": ("own_questions",),
    "meetings.FeedbackResponse": ("answers",),
    "meetings.FeedbackRelease": ("results",),
    "meetings.MonthlyFigures": ("figures",),
    "netvaerk.MonthlyStatus": ("figures", "made_of"),
}
STAYING: dict[str, tuple[str, ...]] = _HOUSE | _SIGN_IN | _LOGS | _CASES | _ROOM | _FIGURES
