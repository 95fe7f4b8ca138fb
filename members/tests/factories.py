"""People and posts for tests: plain functions that hold no surprises. What a test relies on, it spells out."""

from datetime import date
from itertools import count

from members.models import (
    Leader,
    LeadershipLevel,
    OrgUnit,
    OrgUnitType,
    ProfessionalField,
    Role,
    RoleAssignment,
    User,
)

_numbers = count(1)

LEVEL_RANKS = {"Leder": 1, "Chef": 2, "Strategisk chef": 3, "Direktør": 4}


def create_user(
    *,
    email: str | None = None,
    first_name: str = "Anne",
    last_name: str = "Holm",
    password: str | None = None,
    role: str | None = None,
    **fields,
) -> User:
    user = User.objects.create_user(
        email or f"person{next(_numbers)}@egebjerg-kommune.invalid",
        password,
        first_name=first_name,
        last_name=last_name,
        **fields,
    )
    if role:
        RoleAssignment.objects.create(user=user, role=role)
    return user


def create_hr(*, role: str = Role.HR_CONSULTANT, **fields) -> User:
    return create_user(**{"first_name": "Hanne", "last_name": "Ravn", **fields}, role=role)


def create_board(**fields) -> User:
    return create_user(**{"first_name": "Dorte", "last_name": "Bang", **fields}, role=Role.EXECUTIVE_BOARD)


def create_political(**fields) -> User:
    return create_user(**{"first_name": "Poul", "last_name": "Krogh", **fields}, role=Role.POLITICAL)


def create_system_admin(**fields) -> User:
    return create_user(**{"first_name": "Sigurd", "last_name": "Dam", **fields}, role=Role.SYSTEM_ADMIN)


def create_unit_type(*, name: str = "Afdeling", rank: int = 2) -> OrgUnitType:
    return OrgUnitType.objects.get_or_create(name=name, defaults={"rank": rank})[0]


def create_unit(
    *, name: str | None = None, parent: OrgUnit | None = None, type: OrgUnitType | None = None, **fields
) -> OrgUnit:
    return OrgUnit.objects.create(
        name=name or f"Enhed {next(_numbers)}", parent=parent, type=type or create_unit_type(), **fields
    )


def create_field(*, name: str = "Dagtilbud", rank: int = 1) -> ProfessionalField:
    """The field of that name: there is only ever one."""
    return ProfessionalField.objects.get_or_create(name=name, defaults={"rank": rank})[0]


def create_level(*, name: str = "Leder", rank: int | None = None) -> LeadershipLevel:
    """The level of that name: there is only ever one."""
    rank = LEVEL_RANKS.get(name, 1) if rank is None else rank
    return LeadershipLevel.objects.get_or_create(name=name, defaults={"rank": rank})[0]


def create_leader(
    *,
    user: User | None = None,
    email: str | None = None,
    first_name: str = "Anne",
    last_name: str = "Holm",
    unit: OrgUnit | None = None,
    field: ProfessionalField | None = None,
    level: LeadershipLevel | None = None,
    line_manager: Leader | None = None,
    title: str = "Daglig leder",
    employee_number: str = "",
    valid_from: date = date(2024, 1, 1),
    valid_to: date | None = None,
) -> Leader:
    """A person in a post. Field and level are filled in; a test that needs them empty sets them to None afterwards."""
    return Leader.objects.create(
        user=user or create_user(email=email, first_name=first_name, last_name=last_name),
        unit=unit or create_unit(),
        field=field or create_field(),
        level=level or create_level(),
        line_manager=line_manager,
        title=title,
        employee_number=employee_number,
        valid_from=valid_from,
        valid_to=valid_to,
    )
