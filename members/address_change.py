"""When HR changes the address somebody signs in with.

Who holds the address can choose a new password. So HR administrators alone change it for those with a role, the person
hears of it at the old address, and the new one waits a day before a forgotten password is mailed to it.
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
    changes = RoleChange.objects.bulk_create(
        RoleChange(person=person, act=RoleChange.Act.ADDRESS, reason=old, changed_by=actor, changed_at=now)
        for person, old in changed
    )
    outbox.insert_rows([outbox.Row(KIND, change.pk, 0, change.person_id, 0, now) for change in changes], now=now)


def is_waiting(person: int, now: datetime) -> bool:
    """Whether someone who has signed in before got another address less than a day ago."""
    recent = RoleChange.objects.filter(person=person, act=RoleChange.Act.ADDRESS, changed_at__gt=now - WAIT)
    return recent.filter(person__last_login__isnull=False).exists()


# --- The mail to the old address -------------------------------------------------------------------------------------


def build(message: Message, now: datetime) -> mail.Mail:
    change = RoleChange.objects.select_related("changed_by").filter(pk=message.subject_id).first()
    if change is None or not change.reason:
        raise kinds.Suppress("no longer there")
    context = {"new": message.recipient.email, "old": change.reason, "by": change.changed_by}
    context["button_url"] = settings.SITE_URL + "/"
    letter = mail.render_mail("members/email/address_changed", context, recipient=message.recipient)
    letter.address = change.reason
    return letter


def register() -> None:
    kinds.register(KIND, build=build, label=gettext_lazy("Ny e-mail til login"))
