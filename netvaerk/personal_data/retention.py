"""How long each kind is kept, on what ground, and disposal of what is past it: previewed, confirmed, written down.

Nothing here runs by itself. The days are settings, since Rigsarkivet decides for each municipality what may go.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, Max, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Length
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from meetings.models import (
    AgendaItem,
    Agreement,
    FeedbackRound,
    FeedbackSchedule,
    LearningCard,
    Meeting,
    MeetingChange,
    MeetingPlan,
    Minutes,
    MovingRule,
    Reopening,
    Rsvp,
    ThemeFeedback,
    Topic,
)
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
from networks.models import Application, Charter, CharterDraft, Goal, Membership, Network

YEAR = 365
ARCHIVES = _("Arkivloven og Rigsarkivets bestemmelser om bevaring og kassation i kommuner")


@dataclass(frozen=True)
class Part:
    """Rows that go with a rule's own, counted and written down too; of those that stay, `emptied` is what goes."""

    find: Callable[[datetime], QuerySet]
    emptied: tuple[str, ...] = ()

    def due(self, before: datetime) -> QuerySet:
        found = self.find(before)
        if self.emptied:
            # Ciphertext, of which nothing can be asked but how long it is.
            found = found.annotate(said=sum((Length(name) for name in self.emptied), Value(0))).filter(said__gt=0)
        return found

    def dispose(self, keys: list[int], model) -> None:
        if self.emptied:
            for some in _in_parts(keys):
                model._base_manager.filter(pk__in=some).update(**dict.fromkeys(self.emptied, ""))
        else:
            _delete(model, keys)


@dataclass(frozen=True)
class RetentionRule:
    """`kind` is the one of `rules.KINDS` it is about; `named` finds what it is known by to who is to confirm."""

    name: str
    kind: str
    label: str
    days: int
    counted_from: str
    reference: str
    find: Callable[[datetime], QuerySet]
    is_erasure: bool = False
    also: tuple[Part, ...] = ()
    named: Callable[[datetime], QuerySet] | None = None

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

    def due_also(self, now: datetime) -> list[tuple[Part, QuerySet]]:
        return [(part, part.due(self.cutoff(now))) for part in self.also]

    def count(self, now: datetime) -> int:
        """All that disposal would take now."""
        return self.due(now).count() + sum(found.count() for _part, found in self.due_also(now))


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


def _closed(before: datetime) -> QuerySet[Network]:
    return Network.objects.filter(state=Network.State.CLOSED, closed_at__lt=before)


def _of_closed(model, path: str) -> Callable[[datetime], QuerySet]:
    return lambda before: model.objects.filter(**{f"{path}__in": _closed(before)})


# What members wrote to one another. Their own reflections and goals are theirs to delete, what was sent out of the room
# is a case, and theme feedback has a rule of its own.
_ROOM = (
    Part(_of_closed(Agreement, "network")),
    Part(_of_closed(AgendaItem, "meeting__network")),
    Part(_of_closed(Minutes, "meeting__network")),
    Part(_of_closed(Reopening, "meeting__network")),
    Part(_of_closed(LearningCard, "network")),
    Part(_of_closed(MovingRule, "network")),
    Part(_of_closed(FeedbackRound, "network")),
    Part(_of_closed(FeedbackSchedule, "network")),
    Part(_of_closed(Charter, "network")),
    Part(_of_closed(CharterDraft, "membership__network")),
    Part(_of_closed(Goal, "network")),
    Part(_of_closed(Meeting, "network"), emptied=("theme", "link")),
    Part(_of_closed(MeetingPlan, "network"), emptied=("link",)),
    Part(_of_closed(MeetingChange, "meeting__network"), emptied=("reason",)),
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
        "rooms",
        "room",
        _("Det, der er skrevet i afsluttede netværks rum"),
        5 * YEAR,
        _("netværket blev afsluttet"),
        ARCHIVES,
        _of_closed(Topic, "network"),
        also=_ROOM,
        named=lambda before: _closed(before).order_by("sort_text", "pk"),
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
        also=(Part(lambda before: RoleChange.objects.filter(changed_at__lt=before)),),
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
    also = [(part, found.model, list(found.values_list("pk", flat=True))) for part, found in rule.due_also(now)]
    if len(due) + sum(len(keys) for _part, _model, keys in also) != expected:
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
    for part, model, keys in also:
        part.dispose(keys, model)
        disposal.count += len(keys)
    disposal.save(update_fields=["count"])
    audit.record(actor, f"disposed {rule.name}", disposal, now=now)
    return disposal.count


def _delete(model, keys: list) -> int:
    for some in _in_parts(keys):
        model._base_manager.filter(pk__in=some).delete()
    return len(keys)


def _in_parts(keys: list) -> Iterator[list]:
    """A database takes only so many in one question."""
    return (keys[start : start + 500] for start in range(0, len(keys), 500))


def _erase(rule: RetentionRule, keys: list[int], actor: User | None, now: datetime) -> int:
    """Who cannot be erased yet stays, for HR to look at."""
    erased = 0
    for person in User.objects.filter(pk__in=keys):
        if not erasure.obstacles(person, actor):
            erasure.erase(person, reason=str(rule.label), actor=actor, now=now)
            erased += 1
    return erased
