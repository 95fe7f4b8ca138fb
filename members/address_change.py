"""When HR changes what somebody is known by: the address they sign in with, or their employee number.

Who holds the address can choose a new password, and the municipality's sign-in knows a person by either. So HR
administrators alone change them for those with a role, and the person hears of it, at the old address when there is a
new one. For a day no forgotten password is mailed to a new address, and nobody comes by single sign-on for the first
time, whichever of the two was changed.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members import kinds, mail, outbox
from members.models import Message, RoleAssignment, RoleChange, User

KIND = "address_changed"
WAIT = timedelta(days=1)
NO_NUMBER = "–"


class Refused(Exception):
    """Only an HR administrator may; the sentence says for whom."""


def require_right(people: Iterable[User], actor: User | None) -> None:
    """`actor` is None for the command on the server."""
    if actor is None or actor.is_hr_admin:
        return
    people = {person.pk: person for person in people}
    held = RoleAssignment.objects.filter(user__in=people).exclude(user=actor).values_list("user", flat=True)
    if names := sorted({str(people[pk]) for pk in held}):
        raise Refused(
            _("%(names)s har en rolle. Kun en HR-administrator kan ændre e-mail og medarbejdernummer.")
            % {"names": ", ".join(names)}
        )


def note(changed: Iterable[tuple[User, str]], *, actor: User | None, now: datetime) -> None:
    """Write down each (person, address until now) and tell the person there."""
    _note(RoleChange.Act.ADDRESS, changed, actor, now)


def note_numbers(changed: Iterable[tuple[User, str]], *, actor: User | None, now: datetime) -> None:
    """Write down each (person, employee number until now) and tell the person, if they have ever been in."""
    known = [(person, old or NO_NUMBER) for person, old in changed if person.last_login]
    _note(RoleChange.Act.NUMBER, known, actor, now)


def _note(act: str, changed: Iterable[tuple[User, str]], actor: User | None, now: datetime) -> None:
    changes = RoleChange.objects.bulk_create(
        RoleChange(person=person, act=act, reason=old, changed_by=actor, changed_at=now) for person, old in changed
    )
    outbox.insert_rows([outbox.Row(KIND, change.pk, 0, change.person_id, 0, now) for change in changes], now=now)


def is_waiting(person: int, now: datetime) -> bool:
    """Whether someone who has signed in before got another address less than a day ago."""
    return _is_recent(person, [RoleChange.Act.ADDRESS], now)


def is_waiting_for_single_sign_on(person: int, now: datetime) -> bool:
    """The same, and whether they got another employee number."""
    return _is_recent(person, RoleChange.KNOWN_BY, now)


def _is_recent(person: int, acts: Iterable[str], now: datetime) -> bool:
    recent = RoleChange.objects.filter(person=person, act__in=acts, changed_at__gt=now - WAIT)
    return recent.filter(person__last_login__isnull=False).exists()


# --- The mail to the old address, or about a new number --------------------------------------------------------------


def build(message: Message, now: datetime) -> mail.Mail:
    change = RoleChange.objects.select_related("changed_by").filter(pk=message.subject_id).first()
    if change is None or not change.reason:
        raise kinds.Suppress("no longer there")
    if change.act == RoleChange.Act.NUMBER:
        context = {"by": change.changed_by, "button_url": settings.SITE_URL + "/"}
        return mail.render_mail("members/email/number_changed", context, recipient=message.recipient)
    context = {"new": message.recipient.email, "old": change.reason, "by": change.changed_by}
    context["button_url"] = settings.SITE_URL + "/"
    letter = mail.render_mail("members/email/address_changed", context, recipient=message.recipient)
    letter.address = change.reason
    return letter


def register() -> None:
    kinds.register(KIND, build=build, label=gettext_lazy("Ny e-mail eller nyt medarbejdernummer"))
