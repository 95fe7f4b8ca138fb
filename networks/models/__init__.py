"""What a network is: the kurs it serves, its frame, its approval, and who belongs to it."""

from networks.models.direction import OrganisationalGain, StrategicDirection
from networks.models.network import (
    Access,
    Application,
    Decision,
    Membership,
    Network,
    NetworkType,
    Participation,
    Reach,
    SizeClass,
)

__all__ = [
    "Access",
    "Application",
    "Decision",
    "Membership",
    "Network",
    "NetworkType",
    "OrganisationalGain",
    "Participation",
    "Reach",
    "SizeClass",
    "StrategicDirection",
]
