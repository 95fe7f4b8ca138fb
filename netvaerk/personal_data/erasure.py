"""Erasing a person: what stands in the way, what follows, and the act. HR administrators decide, after a dry run.

The person's row stays and is called “Tidligere medlem”, so that attendance stays a number, a signature stays a
signature and no other person's history falls apart.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from members import audit, roles, second_factor, session_life
from members.danish import today
from members.models import ERASED_DOMAIN, AuditEvent, Disposal, Role, RoleChange, User
from netvaerk.personal_data import erasure_list
from netvaerk.personal_data.rules import DELETED, counted, tables
from networks.models import Application, Membership, Network

RULE = "erasure"
REFERENCE = "Databeskyttelsesforordningen artikel 17"
OPEN_APPLICATIONS = (Application.State.PENDING, Application.State.WAITLISTED, Application.State.INVITED)


class Refused(Exception):
    """Something stands in the way; the sentences say what."""


@dataclass(frozen=True)
class Consequence:
    label: str
    count: int
    is_deleted: bool
    what: str


def obstacles(person: User, actor: User | None) -> list[str]:
    """What must be settled first, each as a sentence that says what to do."""
    found = []
    if person.is_erased:
        return [_("Personens oplysninger er allerede slettet.")]
    if actor is not None and person == actor:
        found.append(_("Du kan ikke slette dig selv. Bed en anden HR-administrator om det."))
    if person.posts.filter(valid_to__isnull=True).exists():
        found.append(_("Personen har en stilling som leder. Afslut stillingen først."))
    if Membership.objects.inside().filter(leader__user=person).exists():
        names = Network.objects.filter(memberships__in=Membership.objects.inside().filter(leader__user=person))
        found.append(_("Personen er med i %(networks)s. Afmeld personen først.") % {"networks": _list(names)})
    open_networks = Network.objects.exclude(state__in=[Network.State.CLOSED, Network.State.REJECTED])
    if sponsored := _list(open_networks.filter(sponsor=person)):
        found.append(_("Personen er ansvarlig chef for %(networks)s. Vælg en anden først.") % {"networks": sponsored})
    if contact := _list(open_networks.filter(hr_contact=person)):
        found.append(_("Personen er HR-kontakt for %(networks)s. Vælg en anden først.") % {"networks": contact})
    if person.is_active and set(roles.administrators().values_list("pk", flat=True)) == {person.pk}:
        found.append(_("Personen er den sidste HR-administrator. Giv først rollen til en anden."))
    return found


def _list(networks) -> str:
    return ", ".join(networks.order_by("sort_text").values_list("name", flat=True).distinct())


def consequences(person: User) -> list[Consequence]:
    """What erasure would do, table by table; counted now, changed nowhere."""
    found = []
    for table, count in counted(person).items():
        if count:
            is_deleted = table.erasure == DELETED
            found.append(Consequence(str(table.label), count, is_deleted, _what(table.model, is_deleted)))
    return sorted(found, key=lambda consequence: not consequence.is_deleted)


_SPECIAL = {
    "members.User": lambda: _("Navn, e-mail, telefon og adgangskode slettes. Navnet bliver “Tidligere medlem”."),
    "members.Leader": lambda: _("Titel og medarbejdernummer slettes. Enhed og periode bliver."),
    "meetings.Attendance": lambda: _("Bliver som tal."),
    "networks.CharterAnswer": lambda: _("Underskriften bliver som “Tidligere medlem”, begrundelsen slettes."),
    "members.AuditEvent": lambda: _("Rollen bliver, navnet slettes."),
    "members.RoleChange": lambda: _("Rolle og tidspunkt bliver, navn og begrundelse slettes."),
    "networks.Application": lambda: _("Afgørelse og tidspunkt bliver, navn og begrundelse slettes."),
    "networks.Membership": lambda: _("Perioden bliver, navn og begrundelse slettes."),
}


def _what(model: str, is_deleted: bool) -> str:
    if model in _SPECIAL:
        return _SPECIAL[model]()
    return _("Slettes.") if is_deleted else _("Bliver, men viser “Tidligere medlem”.")


@transaction.atomic
def erase(person: User, *, reason: str, actor: User | None, now: datetime) -> int:
    """Erase `person`; returns how many rows were deleted. `actor` is None for the command on the server."""
    if actor is None:
        roles.hold_administrators()
    else:
        roles.lock_administrators(actor)
    person = User.objects.select_for_update().get(pk=person.pk)
    if standing := obstacles(person, actor):
        raise Refused(" ".join(standing))
    deleted = _erase(person, reason=reason, actor=actor, now=now)
    transaction.on_commit(partial(erasure_list.note, {person.pk: now}))
    return deleted


@transaction.atomic
def repeat(person: User, *, erased_at: datetime, now: datetime) -> list[str]:
    """Erase again one whom a backup brought back, seats and post and all; returns what HR must settle after it."""
    person = User.objects.select_for_update().get(pk=person.pk)
    last_day = today(erased_at)
    person.posts.filter(valid_to__isnull=True).update(valid_to=last_day)
    Membership.objects.inside().filter(leader__user=person).update(
        state=Membership.State.ENDED, left_on=last_day, is_coordinator=False, leave_from=None, leave_to=None
    )
    left = obstacles(person, None)
    reason = _("Slettet igen, efter at en sikkerhedskopi blev lagt tilbage.")
    _erase(person, reason=reason, actor=None, now=now)
    return left


def _erase(person: User, *, reason: str, actor: User | None, now: datetime) -> int:
    role = _role_of(person)
    deleted = 0
    session_life.sign_out_everywhere(person)
    second_factor.reset(person)
    Application.objects.filter(leader__user=person, state__in=OPEN_APPLICATIONS).update(
        state=Application.State.WITHDRAWN
    )
    for table in tables():
        if table.erasure == DELETED:
            deleted += table.of(person).delete()[0]
        elif table.model != "members.User":
            table.empty(person)
    AuditEvent.objects.filter(actor=person).update(actor=None, actor_role=role)
    _forget_name(person)
    Disposal.objects.create(rule=RULE, reference=REFERENCE, reason=reason, count=1, disposed_by=actor, disposed_at=now)
    audit.record(actor, "erased person", person, now=now)
    return deleted


def _forget_name(person: User) -> None:
    person.first_name, person.last_name = "Tidligere", "medlem"
    person.email = f"{person.pk}{ERASED_DOMAIN}"
    person.phone, person.last_login, person.is_active = "", None, False
    person.wants_reminders = person.wants_digest = False
    person.set_unusable_password()
    person.save()


def _role_of(person: User) -> str:
    """What the log calls someone whose name is gone: the role with most rights held at any time, else leader."""
    held = set(person.role_assignments.values_list("role", flat=True))
    held |= set(person.role_changes.filter(act=RoleChange.Act.GIVEN).values_list("role", flat=True))
    order = (Role.SYSTEM_ADMIN, Role.HR_ADMIN, Role.HR_CONSULTANT, Role.EXECUTIVE_BOARD, Role.POLITICAL)
    return next((role.value for role in order if role in held), "leader")


def summary(found: list[Consequence]) -> str:
    count = sum(one.count for one in found if one.is_deleted)
    return ngettext("%(count)d oplysning slettes.", "%(count)d oplysninger slettes.", count) % {"count": count}
