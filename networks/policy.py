"""Politik i høring: HR or the executive board asks chosen networks; what they answer is their own budskab."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q
from django.utils.translation import gettext as _

from members import audit, outbox
from members.danish import today
from members.models import User
from networks.models import ManagementMessage, Membership, Network, PolicyDraft
from networks.refusal import Refused, require


def can_ask(user: User) -> bool:
    return user.is_hr or user.is_executive_board


@transaction.atomic
def ask(
    *, title: str, text: str, link: str, deadline: date, networks: Iterable[Network], actor: User, now: datetime
) -> PolicyDraft:
    """Put the draft before each of `networks`; their coordinators are told."""
    require(can_ask(actor))
    chosen = [network for network in networks if network.state == Network.State.ACTIVE]
    if not chosen:
        raise Refused(_("Vælg mindst ét aktivt netværk."))
    if deadline <= today(now):
        raise Refused(_("Vælg en frist, der ligger efter i dag."))
    if PolicyDraft.objects.filter(title=title, text=text, deadline=deadline, asked_by=actor).exists():
        raise Refused(_("Det er allerede sendt i høring."))
    draft = PolicyDraft.objects.create(
        title=title, text=text, link=link, deadline=deadline, asked_by=actor, asked_at=now
    )
    draft.networks.set(chosen)
    coordinators = Membership.objects.active().filter(network__in=chosen, is_coordinator=True)
    told = sorted(set(coordinators.values_list("leader__user_id", flat=True)))
    audit.record(actor, "ask_about_policy", draft, now=now)
    outbox.enqueue("policy_asked", subject_id=draft.pk, recipients=told, now=now)
    return draft


def asked_of(network: Network, now: datetime) -> list[PolicyDraft]:
    """What this network has not begun to answer and still can, the nearest deadline first."""
    open_ones = network.policy_drafts.filter(deadline__gte=today(now))
    return list(open_ones.exclude(answers__network=network).order_by("deadline", "pk"))


def asked_of_coordinator(user: User, now: datetime):
    """Pairs of draft and network that `user` coordinates and that has not begun to answer."""
    if user.post is None:
        return []
    mine = Membership.objects.active().filter(
        leader__user=user, is_coordinator=True, network__state=Network.State.ACTIVE
    )
    asked = PolicyDraft.networks.through.objects.filter(
        network__in=mine.values("network"), policydraft__deadline__gte=today(now)
    )
    begun = ManagementMessage.objects.filter(policy=OuterRef("policydraft"), network=OuterRef("network"))
    pairs = asked.exclude(Exists(begun)).select_related("policydraft", "network")
    return [(one.policydraft, one.network) for one in pairs.order_by("policydraft__deadline", "pk")]


def for_list():
    """Every draft with how many networks were asked, and how many have sent an answer."""
    sent = Q(answers__sent_at__isnull=False)
    counted = PolicyDraft.objects.annotate(
        asked=Count("networks", distinct=True), answered=Count("answers", filter=sent, distinct=True)
    )
    return counted.order_by("-asked_at", "-pk")


def answers_to(draft: PolicyDraft):
    return ManagementMessage.objects.filter(policy=draft, sent_at__isnull=False).select_related("network")
