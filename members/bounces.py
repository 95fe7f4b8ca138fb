"""People whose address the mail server has refused again and again: nothing more is sent there until HR acts.

It stands in the failed messages themselves. A new address has none; and trying one of them again, or giving it up,
says that the address may be tried.
"""

from django.db.models import Count, F, QuerySet

from members.models import Message, User

STOP_AT = 3


def refusals() -> QuerySet[Message]:
    """Messages the mail server has refused for good, at the address their receiver still has."""
    return Message.objects.filter(state=Message.State.FAILED, last_code__gte=500, sent_to=F("recipient__email"))


def is_refused(user: User) -> bool:
    return refusals().filter(recipient=user).count() >= STOP_AT


def people() -> list[User]:
    """Those nothing is sent to for now."""
    often = refusals().values("recipient").annotate(number=Count("pk")).filter(number__gte=STOP_AT).order_by()
    return list(User.objects.filter(is_active=True, pk__in=often.values("recipient")).order_by("sort_text"))
