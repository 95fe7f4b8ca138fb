"""How the roles came about, and who in HR has looked whom up."""

from datetime import datetime, timedelta

from members.logbooks import note_list
from members.models import Leader, ListRead, PersonalDataRead, Role, RoleAssignment, RoleChange, User

GIVEN = (
    ("system", Role.SYSTEM_ADMIN, 700, "Driver systemet for kommunen"),
    ("direktion", Role.EXECUTIVE_BOARD, 690, "Medlem af direktionen"),
    ("byraad", Role.POLITICAL, 400, "Formand for økonomiudvalget"),
)
LOOKED_UP = ((35, "leader"), (34, "leader"), (12, "roles"))


def tell(staff: dict[str, User], posts: dict[str, Leader], *, now: datetime) -> None:
    hr = staff["hr"]
    changes = [
        RoleChange(
            person=staff[name],
            act=RoleChange.Act.GIVEN,
            role=role,
            reason=reason,
            changed_by=hr,
            changed_at=now - timedelta(days=days),
        )
        for name, role, days, reason in GIVEN
    ]
    helped = posts["tovholder"].user
    for act, days, reason in (
        (RoleChange.Act.GIVEN, 200, "Hjælper HR med efterårets sæson"),
        (RoleChange.Act.TAKEN, 60, "Sæsonen er i gang"),
    ):
        changes.append(
            RoleChange(
                person=helped,
                act=act,
                role=Role.HR_CONSULTANT,
                reason=reason,
                changed_by=hr,
                changed_at=now - timedelta(days=days),
            )
        )
    RoleChange.objects.bulk_create(changes)
    RoleAssignment.objects.filter(user__in=[staff[name] for name, *_rest in GIVEN]).update(given_by=hr)
    PersonalDataRead.objects.bulk_create(
        PersonalDataRead(reader=hr, person=posts["leder"].user, page=page, read_at=now - timedelta(days=days))
        for days, page in LOOKED_UP
    )
    _tell_lists(hr, [post.user_id for post in posts.values()], posts["leder"], now=now)


def _tell_lists(hr: User, people: list[int], leader: Leader, *, now: datetime) -> None:
    """HR has looked through the leaders of the field, and the whole list once."""
    field = {"field": leader.field} if leader.field else {}
    note_list(ListRead.Kind.LEADERS, people, reader=hr, now=now - timedelta(days=35), selection=field)
    note_list(ListRead.Kind.LEADERS, people, reader=hr, now=now - timedelta(days=6))
