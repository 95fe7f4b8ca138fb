"""Who holds which role across the municipality, and who may sign in at all. HR administrators decide, with a reason.

Rights are read at each request, so what is done here holds from the person's next click.
"""

from datetime import datetime

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members import audit, kinds, mail, outbox, second_factor, session_life
from members.models import Message, Role, RoleAssignment, RoleChange, User

CHANGED_KIND = "role_changed"
NEW_ADMINISTRATOR_KIND = "new_administrator"
FROM_GROUPS = "Grupper i kommunens login"

# What each role opens, said where it is given.
OPENS = {
    Role.HR_CONSULTANT: gettext_lazy(
        "Opretter og følger netværk, behandler tilmeldinger og støtteanmodninger og holder listen over ledere."
    ),
    Role.HR_ADMIN: gettext_lazy(
        "Det samme som en HR-konsulent. Giver og fjerner desuden roller og sletter persondata."
    ),
    Role.EXECUTIVE_BOARD: gettext_lazy("Ser status på tværs, godkender kurs og kan være ansvarlig chef for netværk."),
    Role.POLITICAL: gettext_lazy("Ser status på tværs som tal, uden navne på medlemmer."),
    Role.SYSTEM_ADMIN: gettext_lazy("Driver systemet. Ser hverken netværkenes rum, ledere eller status."),
}


class Refused(Exception):
    """What was asked for would break a rule; the sentence says which."""


def administrators():
    """Those who can sign in and give roles."""
    return User.objects.filter(is_active=True, role_assignments__role=Role.HR_ADMIN)


def hold_administrators() -> list[int]:
    """Hold the list of HR administrators who can sign in still, until the transaction ends."""
    held = RoleAssignment.objects.filter(role=Role.HR_ADMIN).order_by("pk")
    holders = list(held.select_for_update(of=("self",)).values_list("user_id", flat=True))
    # Read after the lock: whoever came before us may have closed somebody's access, or taken the actor's own role.
    active = User.objects.select_for_update().filter(pk__in=holders, is_active=True).order_by("pk")
    return list(active.values_list("pk", flat=True))


def lock_administrators(actor: User) -> list[int]:
    """Hold the list, and see that `actor` is on it now. Call inside a transaction."""
    active = hold_administrators()
    if actor.pk not in active:
        raise PermissionDenied
    return active


def require_another(administrators: list[int], person: User) -> None:
    if set(administrators) <= {person.pk}:
        raise Refused(
            _("%(person)s er den sidste HR-administrator. Giv først rollen til en anden.") % {"person": person}
        )


@transaction.atomic
def give(person: User, role: str, *, reason: str, actor: User, now: datetime) -> bool:
    """Let `person` hold `role`; False when they did already. Nobody gives themselves anything."""
    lock_administrators(actor)
    person = User.objects.select_for_update().get(pk=person.pk)
    if person == actor:
        raise Refused(_("Du kan ikke give dig selv en rolle. Bed en anden HR-administrator om det."))
    if not person.is_active:
        raise Refused(_("%(person)s kan ikke logge ind. Åbn først adgangen.") % {"person": person})
    _assignment, is_new = RoleAssignment.objects.get_or_create(
        user=person, role=Role(role).value, defaults={"given_by": actor}
    )
    if is_new:
        audit.record(actor, f"gave role {role}", person, now=now)
        _note(RoleChange.Act.GIVEN, person, role=role, reason=reason, actor=actor, now=now)
    return is_new


@transaction.atomic
def take(person: User, role: str, *, reason: str, actor: User, now: datetime) -> bool:
    """Take `role` from `person`, oneself too; False when they did not hold it. One HR administrator always stays."""
    administrators = lock_administrators(actor)
    held = RoleAssignment.objects.filter(user=person, role=Role(role).value)
    if not held.exists():
        return False
    if role == Role.HR_ADMIN and person.is_active:
        require_another(administrators, person)
    held.delete()
    audit.record(actor, f"took role {role}", person, now=now)
    _note(RoleChange.Act.TAKEN, person, role=role, reason=reason, actor=actor, now=now)
    return True


@transaction.atomic
def close_access(person: User, *, reason: str, actor: User, now: datetime) -> bool:
    """Keep `person` out from now on; open pages of theirs stop working too. The roles stay, for when it is opened."""
    administrators = lock_administrators(actor)
    person = User.objects.select_for_update().get(pk=person.pk)
    if person == actor:
        raise Refused(_("Du kan ikke lukke din egen adgang."))
    if not person.is_active:
        return False
    require_another(administrators, person)
    person.is_active = False
    person.save(update_fields=["is_active"])
    session_life.sign_out_everywhere(person)
    audit.record(actor, "closed access", person, now=now)
    _note(RoleChange.Act.CLOSED, person, reason=reason, actor=actor, now=now)
    return True


@transaction.atomic
def open_access(person: User, *, reason: str, actor: User, now: datetime) -> bool:
    lock_administrators(actor)
    person = User.objects.select_for_update().get(pk=person.pk)
    if person.is_erased:
        raise Refused(_("Personens oplysninger er slettet."))
    if person.is_active:
        return False
    person.is_active = True
    person.save(update_fields=["is_active"])
    audit.record(actor, "opened access", person, now=now)
    _note(RoleChange.Act.OPENED, person, reason=reason, actor=actor, now=now)
    return True


@transaction.atomic
def reset_second_factor(person: User, *, reason: str, actor: User, now: datetime) -> bool:
    """For someone who has lost phone and recovery codes: HR knows who asks, and signs them out everywhere."""
    lock_administrators(actor)
    if person == actor:
        raise Refused(_("Du kan ikke nulstille dit eget totrinslogin her. Bed en anden HR-administrator om det."))
    if not second_factor.has_one(person):
        return False
    second_factor.reset(person)
    session_life.sign_out_everywhere(person)
    audit.record(actor, "reset second factor", person, now=now)
    _note(RoleChange.Act.RESET, person, reason=reason, actor=actor, now=now)
    return True


@transaction.atomic
def follow_groups(person: User, claimed: set[Role], *, governed: set[Role], now: datetime) -> None:
    """Give the roles the person's groups at the municipality's sign-in give, and take those they gave before.

    A role an HR administrator gave is theirs to take. The last HR administrator stays, whatever the groups say.
    """
    if not person.is_active:
        return
    # Also when no group gives any role any more: what they gave before goes.
    if not governed and not RoleAssignment.objects.filter(user=person, is_from_groups=True).exists():
        return
    administrators = hold_administrators()
    held = {assignment.role: assignment for assignment in RoleAssignment.objects.filter(user=person)}
    for role in sorted(claimed & governed):
        if role not in held:
            RoleAssignment.objects.create(user=person, role=role, is_from_groups=True)
            audit.record(None, f"gave role {role}", person, now=now)
            _note(RoleChange.Act.GIVEN, person, role=role, reason=FROM_GROUPS, actor=None, now=now)
    for role, assignment in held.items():
        if not assignment.is_from_groups or role in claimed:
            continue
        if role == Role.HR_ADMIN and set(administrators) <= {person.pk}:
            continue
        assignment.delete()
        audit.record(None, f"took role {role}", person, now=now)
        _note(RoleChange.Act.TAKEN, person, role=role, reason=FROM_GROUPS, actor=None, now=now)


@transaction.atomic
def create_person(*, email: str, first_name: str, last_name: str, role: str, reason: str, actor: User, now: datetime):
    """Someone who is on no list of leaders, such as a politician, with the role they come for."""
    lock_administrators(actor)
    if User.objects.filter(email__iexact=email).exists():
        raise Refused(_("Der er allerede en person med den e-mail. Søg efter adressen, og giv rollen dér."))
    person = User.objects.create_user(email, first_name=first_name, last_name=last_name)
    audit.record(actor, "created person", person, now=now)
    give(person, role, reason=reason, actor=actor, now=now)
    return person


def _note(act, person: User, *, reason: str, actor: User | None, now: datetime, role: str = "") -> None:
    change = RoleChange.objects.create(
        person=person, act=act, role=role, reason=reason, changed_by=actor, changed_at=now
    )
    if role and person != actor and person.is_active:
        outbox.enqueue(CHANGED_KIND, subject_id=change.pk, recipients=[person], now=now)
    if role == Role.HR_ADMIN and act == RoleChange.Act.GIVEN:
        # Two who help each other can give all there is; so nobody becomes an administrator without the others' knowing.
        others = administrators().exclude(pk__in=[person.pk, actor.pk if actor else None])
        outbox.enqueue(NEW_ADMINISTRATOR_KIND, subject_id=change.pk, recipients=list(others), now=now)


# --- The mail to the one it is about, and to the other administrators ------------------------------------------------


def build_changed(message: Message, now: datetime) -> mail.Mail:
    change = RoleChange.objects.select_related("changed_by").filter(pk=message.subject_id).first()
    if change is None:
        raise kinds.Suppress("no longer there")
    later = RoleChange.objects.filter(person=message.recipient, role=change.role, pk__gt=change.pk)
    if later.exists():
        raise kinds.Suppress("changed again")
    context = {
        "change": change,
        "role": Role(change.role),
        "is_given": change.act == RoleChange.Act.GIVEN,
        "opens": OPENS[Role(change.role)],
        "is_from_groups": change.changed_by is None,
        "button_url": settings.SITE_URL + "/",
    }
    return mail.render_mail("members/email/role_changed", context, recipient=message.recipient)


def build_new_administrator(message: Message, now: datetime) -> mail.Mail:
    change = RoleChange.objects.select_related("changed_by", "person").filter(pk=message.subject_id).first()
    if change is None:
        raise kinds.Suppress("no longer there")
    if not message.recipient.is_hr_admin:
        raise kinds.Suppress("not in HR")
    url = settings.SITE_URL + reverse("members:person_roles", args=[change.person_id])
    context = {"change": change, "button_url": url}
    return mail.render_mail("members/email/new_administrator", context, recipient=message.recipient)


def register() -> None:
    kinds.register(NEW_ADMINISTRATOR_KIND, build=build_new_administrator, label=gettext_lazy("Ny HR-administrator"))
    kinds.register(CHANGED_KIND, build=build_changed, label=gettext_lazy("Ny eller fjernet rolle"))
    kinds.explain({"changed again": gettext_lazy("Rollen er ændret igen")})
