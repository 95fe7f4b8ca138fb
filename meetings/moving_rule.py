"""Sådan flytter vi et møde: what the members have agreed on, written and agreed to by any of them."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from meetings.models import MovingRule
from members import audit
from members.models import User
from networks.conflicts import is_saved
from networks.models import Network
from networks.permissions import is_active_member
from networks.refusal import Stale, require

SUGGESTION = gettext_lazy(
    "Vi flytter kun et møde, når under halvdelen kan komme.\n"
    "Tovholderen spørger alle, før en ny dato vælges.\n"
    "Den nye dato ligger højst tre uger fra den gamle."
)


def rule_of(network: Network) -> MovingRule | None:
    return MovingRule.objects.filter(network=network).first()


@transaction.atomic
def write(network: Network, *, text: str, seen: int, actor: User, now: datetime) -> MovingRule:
    """Put `text` in place of the version that was `seen` (0: none). Whoever writes it agrees; the others are asked."""
    rule = _entered(network, actor)
    if rule is None:
        rule = MovingRule(network=network, version=0)
    elif is_saved(rule, seen, _("En anden har rettet reglen, mens du skrev."), text=text) or rule.text == text:
        return rule
    rule.text, rule.changed_by, rule.changed_at = text, actor, now
    rule.version += 1
    rule.save()
    rule.agreed_by.set([actor])
    audit.record(actor, "write_moving_rule", rule, now=now)
    return rule


@transaction.atomic
def agree(network: Network, *, seen: int, actor: User, now: datetime) -> None:
    """Say yes to the very text that was read."""
    rule = _entered(network, actor)
    if rule is None or rule.version != seen:
        raise Stale(_("Reglen er ændret, siden du åbnede siden. Læs den igen."))
    if not rule.agreed_by.filter(pk=actor.pk).exists():
        rule.agreed_by.add(actor)
        audit.record(actor, "agree_to_moving_rule", rule, now=now)


def _entered(network: Network, actor: User) -> MovingRule | None:
    require(is_active_member(actor, network))
    Network.objects.lock(network.pk)
    return MovingRule.objects.select_for_update().filter(network=network).first()


def support_for(rule: MovingRule) -> tuple[list[User], int]:
    """Those of today's members who agree, and how many members there are."""
    members = User.objects.filter(posts__memberships__in=rule.network.memberships.active()).distinct()
    agree = list(members.filter(pk__in=rule.agreed_by.values("pk")).order_by("sort_text", "pk"))
    return agree, members.count()
