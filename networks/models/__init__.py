"""What a network is: the kurs it serves, its frame, its approval, and who belongs to it."""

from networks.models.basis_version import BasisVersion
from networks.models.belonging import Application, Membership
from networks.models.charter import Charter, CharterAnswer, CharterDraft, CharterRevision
from networks.models.consultation import Consultation, ConsultationReply, ConsultationVersion
from networks.models.direction import DirectionDecision, OrganisationalGain, StrategicDirection
from networks.models.goal import Goal
from networks.models.goal_hierarchy import GoalHierarchy
from networks.models.network import (
    Access,
    Decision,
    MeetingForm,
    Network,
    NetworkType,
    Participation,
    PersonalOutcome,
    Reach,
    SizeClass,
    Term,
)
from networks.models.personal_goals import PersonalGoals
from networks.models.policy import PolicyDraft
from networks.models.upward import ManagementMessage, SupportRequest

__all__ = [
    "Access",
    "Application",
    "BasisVersion",
    "Charter",
    "CharterAnswer",
    "CharterDraft",
    "CharterRevision",
    "Consultation",
    "ConsultationReply",
    "ConsultationVersion",
    "Decision",
    "DirectionDecision",
    "Goal",
    "GoalHierarchy",
    "ManagementMessage",
    "MeetingForm",
    "Membership",
    "Network",
    "NetworkType",
    "OrganisationalGain",
    "Participation",
    "PersonalGoals",
    "PersonalOutcome",
    "PolicyDraft",
    "Reach",
    "SizeClass",
    "StrategicDirection",
    "SupportRequest",
    "Term",
]
