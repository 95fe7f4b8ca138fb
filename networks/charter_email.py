"""Mails about the charter. They say that there is something to read, and never a word of what it says."""

from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from members import outbox
from members.models import Message
from members.outbox import Mail, Suppress
from networks import subjects
from networks.models import Charter


def register() -> None:
    outbox.register(
        "charter_proposed", build=charter_proposed, label=_("Forslag til aftale"), subjects=subjects.charters
    )
    outbox.register("charter_changed", build=charter_changed, label=_("Aftale rettet"), subjects=subjects.charters)
    outbox.register(
        "charter_in_effect",
        build=charter_in_effect,
        label=_("Aftale trådt i kraft"),
        subjects=subjects.charters,
        may_wait=True,
    )
    outbox.register(
        "charter_lapsed",
        build=charter_lapsed,
        label=_("Forslag til aftale bortfaldet"),
        subjects=subjects.charters,
        may_wait=True,
    )


def charter_proposed(message: Message, now: datetime) -> Mail:
    charter = _charter(message, Charter.State.PROPOSED)
    return _mail(message, charter, charter.get_absolute_url())


def charter_changed(message: Message, now: datetime) -> Mail:
    charter = _charter(message, Charter.State.PROPOSED, Charter.State.IN_EFFECT)
    if charter.revision != message.sequence:
        raise Suppress("decided otherwise")
    asks_again = charter.is_open and charter.substance_revision == charter.revision
    return _mail(message, charter, charter.get_absolute_url(), asks_again=asks_again)


def charter_in_effect(message: Message, now: datetime) -> Mail:
    charter = _charter(message, Charter.State.IN_EFFECT)
    has_consented = charter.answers.filter(
        membership__leader__user=message.recipient_id, membership__state="active", answer="consents"
    ).exists()
    return _mail(
        message, charter, reverse("networks:charter", args=[charter.network.slug]), has_consented=has_consented
    )


def charter_lapsed(message: Message, now: datetime) -> Mail:
    """Superfluous once the members have a new proposal before them, or have agreed on one."""
    charter = _charter(message, Charter.State.LAPSED)
    if charter.network.charters.filter(number__gt=charter.number).exists():
        raise Suppress("decided otherwise")
    holds = charter.network.charters.filter(state=Charter.State.IN_EFFECT).exists()
    return _mail(message, charter, reverse("networks:charter", args=[charter.network.slug]), holds=holds)


def _charter(message: Message, *states: str) -> Charter:
    """The charter, if it is still in such a state and the recipient belongs to those whose it is."""
    charter = Charter.objects.select_related("network").filter(pk=message.subject_id).first()
    if charter is None:
        raise Suppress("gone")
    if charter.state not in states:
        raise Suppress("decided otherwise")
    if not charter.network.memberships.active().filter(leader__user=message.recipient_id).exists():
        raise Suppress("not a member")
    return charter


def _mail(message: Message, charter: Charter, path: str, **context) -> Mail:
    context |= {
        "network": charter.network,
        "number": charter.number,
        "is_open": charter.is_open,
        "deadline": charter.deadline,
        "button_url": settings.SITE_URL + path,
    }
    return outbox.render_mail(f"networks/email/{message.kind}", context, recipient=message.recipient)
