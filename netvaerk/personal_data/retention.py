"""How long each kind is kept, on what ground, and disposal of what is past it: previewed, confirmed, written down.

Nothing here runs by itself. The days are settings, since Rigsarkivet decides for each municipality what may go.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, Max, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from meetings.models import Rsvp, ThemeFeedback
from members import audit, roles
from members.models import (
    ERASED_DOMAIN,
    AuditEvent,
    Disposal,
    Leader,
    ListRead,
    Message,
    PersonalDataRead,
    RoleChange,
    User,
)
from netvaerk.personal_data import erasure
from networks.models import Application, Membership

YEAR = 365
ARCHIVES = _("Arkivloven og Rigsarkivets bestemmelser om bevaring og kassation i kommuner")


@dataclass(frozen=True)
class RetentionRule:
    """`kind` is the one of `rules.KINDS` it is about; `also` finds what goes with it, counted and written down too."""

    name: str
    kind: str
    label: str
    days: int
    counted_from: str
    reference: str
    find: Callable[[datetime], QuerySet]
    is_erasure: bool = False
    also: Callable[[datetime], QuerySet] | None = None

    @property
    def kept_days(self) -> int:
        return settings.RETENTION_DAYS.get(self.name, self.days)

    @property
    def kept(self) -> str:
        """“2 år”, “90 dage”."""
        years, days = divmod(self.kept_days, YEAR)
        if days:
            return ngettext("%(count)d dag", "%(count)d dage", self.kept_days) % {"count": self.kept_days}
        return ngettext("%(count)d år", "%(count)d år", years) % {"count": years}

    def cutoff(self, now: datetime) -> datetime:
        return now - timedelta(days=self.kept_days)

    def due(self, now: datetime) -> QuerySet:
        return self.find(self.cutoff(now))

    def due_also(self, now: datetime) -> QuerySet | None:
        return self.also(self.cutoff(now)) if self.also else None

    def count(self, now: datetime) -> int:
        """All that disposal would take now."""
        also = self.due_also(now)
        return self.due(now).count() + (0 if also is None else also.count())


def _people(before: datetime) -> QuerySet[User]:
    """Those who held their last post before then, and have neither role nor seat. Who never held one is left alone."""
    inside = Membership.objects.inside().filter(leader__user=OuterRef("pk"))
    current = Leader.objects.filter(user=OuterRef("pk"), valid_to__isnull=True)
    return (
        User.objects.exclude(email__endswith=ERASED_DOMAIN)
        .annotate(last_day=Max("posts__valid_to"))
        .filter(~Exists(current), ~Exists(inside), role_assignments__isnull=True, last_day__lt=before.date())
        .order_by("sort_text", "pk")
    )


RULES = (
    RetentionRule(
        "people",
        "person",
        _("Personer, der ikke længere er ledere"),
        2 * YEAR,
        _("den sidste stilling sluttede"),
        _("Databeskyttelsesforordningen artikel 5, stk. 1, litra e"),
        _people,
        is_erasure=True,
    ),
    RetentionRule(
        "rsvps",
        "meetings",
        _("Svar på mødeindkaldelser"),
        2 * YEAR,
        _("mødet blev holdt"),
        ARCHIVES,
        lambda before: Rsvp.objects.filter(meeting__date__lt=before.date()),
    ),
    RetentionRule(
        "applications",
        "belonging",
        _("Tilmeldinger, der er afgjort"),
        5 * YEAR,
        _("tilmeldingen blev sendt"),
        ARCHIVES,
        lambda before: Application.objects.filter(created_at__lt=before).exclude(state__in=erasure.OPEN_APPLICATIONS),
    ),
    RetentionRule(
        "theme_feedback",
        "feedback",
        _("Temafeedback"),
        2 * YEAR,
        _("den blev bedt om"),
        _("Databeskyttelsesforordningen artikel 5, stk. 1, litra e"),
        lambda before: ThemeFeedback.objects.filter(created_at__lt=before),
    ),
    RetentionRule(
        "reads",
        "logs",
        _("Opslag på personer"),
        2 * YEAR,
        _("opslaget skete"),
        _("Databeskyttelsesforordningen artikel 5, stk. 1, litra e"),
        lambda before: PersonalDataRead.objects.filter(read_at__lt=before),
    ),
    RetentionRule(
        "lists",
        "logs",
        _("Lister, personer har stået på"),
        YEAR,
        _("listen blev set"),
        _("Databeskyttelsesforordningen artikel 5, stk. 1, litra e"),
        lambda before: ListRead.objects.filter(day__lt=before.date()),
    ),
    RetentionRule(
        "events",
        "logs",
        _("Hændelser og historik over roller"),
        5 * YEAR,
        _("det skete"),
        ARCHIVES,
        lambda before: AuditEvent.objects.filter(happened_at__lt=before),
        also=lambda before: RoleChange.objects.filter(changed_at__lt=before),
    ),
    RetentionRule(
        "messages",
        "messages",
        _("Mails, der ikke kom frem"),
        YEAR,
        _("mailen blev opgivet"),
        _("Databeskyttelsesforordningen artikel 5, stk. 1, litra e"),
        lambda before: Message.objects.filter(
            Q(settled_at__lt=before), state__in=[Message.State.FAILED, Message.State.IN_DOUBT]
        ),
    ),
)


def get(name: str) -> RetentionRule | None:
    return next((rule for rule in RULES if rule.name == name), None)


class Changed(Exception):
    """What is due is no longer what was shown."""


@transaction.atomic
def dispose(rule: RetentionRule, *, expected: int, actor: User | None, now: datetime) -> int:
    """Delete what `rule` says is due, if it still is the `expected` number. `actor` is None for the command."""
    if actor is not None:
        roles.lock_administrators(actor)
    due = list(rule.due(now).values_list("pk", flat=True))
    also = rule.due_also(now)
    due_also = [] if also is None else list(also.values_list("pk", flat=True))
    if len(due) + len(due_also) != expected:
        raise Changed
    if not expected:
        return 0
    disposal = Disposal.objects.create(
        rule=rule.name,
        reference=str(rule.reference),
        older_than=rule.cutoff(now),
        count=0,
        disposed_by=actor,
        disposed_at=now,
    )
    disposal.count = _erase(rule, due, actor, now) if rule.is_erasure else _delete(rule.due(now).model, due)
    if due_also:
        disposal.count += _delete(also.model, due_also)
    disposal.save(update_fields=["count"])
    audit.record(actor, f"disposed {rule.name}", disposal, now=now)
    return disposal.count


def _delete(model, keys: list[int]) -> int:
    for start in range(0, len(keys), 500):
        model._base_manager.filter(pk__in=keys[start : start + 500]).delete()
    return len(keys)


def _erase(rule: RetentionRule, keys: list[int], actor: User | None, now: datetime) -> int:
    """Who cannot be erased yet stays, for HR to look at."""
    erased = 0
    for person in User.objects.filter(pk__in=keys):
        if not erasure.obstacles(person, actor):
            erasure.erase(person, reason=str(rule.label), actor=actor, now=now)
            erased += 1
    return erased
