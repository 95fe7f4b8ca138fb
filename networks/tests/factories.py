"""Plain makers of networks and all that belongs to them. What a test relies on, the test spells out."""

from datetime import date, datetime
from itertools import count

from members.danish import COPENHAGEN
from members.tests import factories as members
from networks.models import (
    Access,
    Application,
    Decision,
    Membership,
    Network,
    NetworkType,
    OrganisationalGain,
    StrategicDirection,
)

NOW = datetime(2027, 3, 1, 9, 0, tzinfo=COPENHAGEN)
TODAY = NOW.date()
_numbers = count(1)


def create_direction(
    *,
    title="Sammenhæng for børn og unge",
    state=StrategicDirection.State.CURRENT,
    valid_from=date(2026, 1, 1),
    valid_to=date(2029, 12, 31),
    review_date=date(2029, 9, 1),
    owner=None,
    gains=(OrganisationalGain.SHARED_FOCUS,),
):
    approved = state in (StrategicDirection.State.CURRENT, StrategicDirection.State.EXPIRED)
    return StrategicDirection.objects.create(
        title=title,
        solutions="Tidlig indsats tæt på familierne.",
        development="Ledere, der lærer af hinanden på tværs.",
        gains=list(gains),
        valid_from=valid_from,
        valid_to=valid_to,
        review_date=review_date,
        owner=owner or members.create_board(),
        state=state,
        political_approver="Økonomiudvalget" if approved else "",
        political_approved_on=date(2025, 12, 1) if approved else None,
        administrative_approver="Kommunaldirektør Hanne Friis" if approved else "",
        administrative_approved_on=date(2025, 12, 2) if approved else None,
    )


def create_network(
    *,
    name=None,
    slug=None,
    state=Network.State.ACTIVE,
    type=NetworkType.FAGLIG,
    fields=None,
    level=None,
    access=Access.OPEN,
    size_min=3,
    size_max=12,
    direction=None,
    sponsor=None,
    hr_contact=None,
    unit=None,
    goals=(("Bedre samtaler", "Medarbejderne mærker dem", "Vi øver os på hvert møde"),),
    now=NOW,
    **others,
):
    """A network whose strategic basis is complete; overwrite what the test is about."""
    number = next(_numbers)
    hr_contact = hr_contact or members.create_hr()
    approved = state not in Network.STATES_IN_DESIGN
    started = state in (Network.State.ACTIVE, Network.State.PAUSED, Network.State.CLOSED)
    values = {
        "direction": direction or create_direction(),
        "purpose": "At lederne bliver klogere på den svære samtale.",
        "gains": [OrganisationalGain.SHARED_FOCUS],
        "type_reason": "Udfordringerne er fagspecifikke.",
        "participation_terms": "Du deltager i alle møder og bringer selv emner op.",
        "themes": "Den svære samtale\nTrivsel",
        "activities": "Her og nu-runde\nKollegial sparring",
        "rhythm": "Hver sjette uge",
        "governance": "Netværket melder antal møder tilbage én gang om året.",
        "support": "Mødetid er arbejdstid.",
        "unit": unit or members.create_unit(),
        "sponsor": sponsor or members.create_leader().user,
        "level": level,
        "created_by": hr_contact,
        "created_at": now,
        "approved_at": now if approved else None,
        "started_at": now if started else None,
        "closed_at": now if state == Network.State.CLOSED else None,
    } | others
    network = Network.objects.create(
        name=name or f"Netværk {number}",
        slug=slug or f"netvaerk-{number}",
        state=state,
        type=type,
        access=access,
        size_min=size_min,
        size_max=size_max,
        hr_contact=hr_contact,
        **values,
    )
    network.fields.set([members.create_field()] if fields is None else fields)
    for rank, (goal, why, how) in enumerate(goals, start=1):
        network.goal_hierarchy.create(rank=rank, goal=goal, why=why, how=how)
    return network


def create_membership(
    *, network=None, leader=None, is_coordinator=False, state=Membership.State.ACTIVE, joined_on=TODAY, left_on=None
):
    return Membership.objects.create(
        network=network or create_network(),
        leader=leader or members.create_leader(),
        is_coordinator=is_coordinator,
        state=state,
        joined_on=joined_on,
        left_on=left_on,
    )


def create_application(*, network=None, leader=None, state=Application.State.PENDING, created_at=NOW, **others):
    return Application.objects.create(
        network=network or create_network(),
        leader=leader or members.create_leader(),
        state=state,
        created_at=created_at,
        **others,
    )


def create_decision(*, network, verdict=Decision.Verdict.SUBMITTED, decided_by=None, decided_at=NOW, reason=""):
    return Decision.objects.create(
        network=network,
        verdict=verdict,
        decided_by=decided_by or network.hr_contact,
        decided_at=decided_at,
        reason=reason,
    )
