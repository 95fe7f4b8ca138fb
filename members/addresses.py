"""Whose an e-mail address is."""

from django.db.models import Q

from members.models import User


def user_of(address: str) -> User | None:
    """The active person who has this address, as HR knows it or as they have proved it to be theirs."""
    if not address.isascii():
        return None  # databases take some foreign letters for plain ones when they look past large and small
    proved = Q(emailaddress__email__iexact=address, emailaddress__verified=True)
    found = User.objects.filter(Q(email__iexact=address) | proved, is_active=True).distinct()[:2]
    return found[0] if len(found) == 1 else None
