"""People whose address the mail server has refused again and again: nothing more is sent there until HR acts.

It stands in the failed messages themselves. A new address has none; and trying one of them again, or giving it up,
says that the address may be tried.
"""

from collections.abc import Iterable
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, F, Q, QuerySet

from members import audit
from members.models import Message, User

STOP_AT = 3


def refusals() -> QuerySet[Message]:
    """Messages the mail server has refused for good, at the address their receiver still has."""
    return Message.objects.filter(state=Message.State.FAILED, last_code__gte=500, sent_to=F("recipient__email"))


def is_refused(user: User) -> bool:
    return user.pk in refused_among([user.pk])


def refused_among(users: Iterable[int]) -> set[int]:
    return set(_often().filter(recipient__in=list(users)).values_list("recipient", flat=True))


def _often() -> QuerySet:
    """By receiver, those of them who have been refused often enough."""
    counted = refusals().values("recipient").annotate(number=Count("pk"))
    return counted.filter(number__gte=STOP_AT).order_by()


@transaction.atomic
def clear(user: User, *, actor: User, now: datetime) -> None:
    """HR says that the address is right after all: what is still of use is tried again, the rest is given up."""
    if not actor.is_hr:
        raise PermissionDenied
    refused = refusals().filter(recipient=user)
    of_use = refused.filter(Q(useless_after__isnull=True) | Q(useless_after__gt=now))
    free = {"fence": F("fence") + 1, "lease_until": None}
    of_use.update(state=Message.State.DUE, due_at=now, attempts=0, settled_at=None, **free)
    refused.update(state=Message.State.SUPPRESSED, settled_at=now, **free)
    audit.record(actor, "clear_refusals", user, now=now)


def people() -> list[User]:
    """Those nothing is sent to for now."""
    return list(User.objects.filter(is_active=True, pk__in=_often().values("recipient")).order_by("sort_text"))
