"""Who lives in the demo: the leaders of HR's own file, and the seven people one can sign in as."""

from datetime import datetime, timedelta
from pathlib import Path

from django.contrib.auth.hashers import make_password

from members.danish import today
from members.models import Leader, LeadershipLevel, OrgUnit, ProfessionalField, Role, RoleAssignment, User

PASSWORD = "netvaerk-demo"  # noqa: S105  (meant to be known; only where `demo` has run)
LEADERS_FILE = Path(__file__).parent / "leaders.csv"

LOGINS = (
    ("hr@demo.invalid", "HR-administrator"),
    ("direktion@demo.invalid", "direktion, ansvarlig chef for netværk"),
    ("byraad@demo.invalid", "politisk topledelse"),
    ("tovholder@demo.invalid", "tovholder i et tværfagligt netværk"),
    ("leder@demo.invalid", "medlem af to netværk"),
    ("ny@demo.invalid", "leder uden netværk"),
    ("system@demo.invalid", "systemadministrator"),
)

STAFF = (
    ("hr@demo.invalid", "Helle", "Ravn", Role.HR_ADMIN),
    ("direktion@demo.invalid", "Birgitte", "Holm", Role.EXECUTIVE_BOARD),
    ("byraad@demo.invalid", "Torben", "Skov", Role.POLITICAL),
    ("system@demo.invalid", "Ida", "Nowak", Role.SYSTEM_ADMIN),
)

# address, first and last name, title, unit, field
POSTS = (
    ("tovholder@demo.invalid", "Mette", "Østergaard", "Centerleder, Åhaven", "Plejecentre", "Ældre og sundhed"),
    ("leder@demo.invalid", "Jonas", "Bæk", "Daglig leder, Egehuset", "Dagtilbud Nord", "Dagtilbud"),
    ("ny@demo.invalid", "Sofie", "Åkjær-Lund", "Teamleder, Borgerservice", "Borgerservice", "Borgerservice"),
)


def create_staff(*, now: datetime) -> dict[str, User]:
    """The people with a role across the municipality, by the first part of their address."""
    staff = {}
    for email, first_name, last_name, role in STAFF:
        user = _create(email, first_name, last_name)
        RoleAssignment.objects.create(user=user, role=role)
        staff[email.partition("@")[0]] = user
    return staff


def create_posts(*, now: datetime) -> dict[str, Leader]:
    """The three leaders one can sign in as, by the first part of their address; units and fields are the file's."""
    posts = {}
    for email, first_name, last_name, title, unit, field in POSTS:
        unit = OrgUnit.objects.get(name=unit)
        posts[email.partition("@")[0]] = Leader.objects.create(
            user=_create(email, first_name, last_name),
            title=title,
            unit=unit,
            field=ProfessionalField.objects.get(name=field),
            level=LeadershipLevel.objects.get(name="Leder"),
            line_manager=Leader.objects.filter(unit=unit, level__name__endswith="hef").first(),
            valid_from=today(now) - timedelta(days=900),
        )
    return posts


def _create(email: str, first_name: str, last_name: str) -> User:
    # One hash for all: it is the same, known password, and hashing is slow on purpose.
    return User.objects.create(email=email, first_name=first_name, last_name=last_name, password=_hash())


_hashes: dict[str, str] = {}


def _hash() -> str:
    if PASSWORD not in _hashes:
        _hashes[PASSWORD] = make_password(PASSWORD)
    return _hashes[PASSWORD]
