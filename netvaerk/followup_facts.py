"""What Opfølgning reads: a fixed number of flat queries, however many networks there are.

Process facts alone. Members-only text is never fetched: of an agreement that it is in effect, of goals how many there
are in which state, of a round whether it could show anything.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.db.models import Count, F, Max, Min, Q

from meetings.models import FeedbackRound, Meeting
from members import bounces
from members.danish import today
from members.models import AuditEvent, OrgUnit, Role, RoleAssignment
from netvaerk import status
from networks.models import (
    Application,
    Charter,
    Decision,
    Goal,
    Membership,
    Network,
    Reach,
    SupportRequest,
)
from networks.models.belonging import facts_of

STATES = (
    Network.State.RETURNED,
    Network.State.APPROVED,
    Network.State.ENROLLING,
    Network.State.ACTIVE,
    Network.State.PAUSED,
)
BACK = timedelta(days=400)  # meetings further back than this are only "over et år siden"
SOON = timedelta(days=30)
MeetingState = Meeting.State


class Post(NamedTuple):
    """A member's post, as far as it decides whether the seat still fits."""

    pk: int
    unit_id: int
    field_id: int | None
    level_id: int | None
    valid_to: date | None


@dataclass
class Facts:
    """One network, with all the rules ask of it."""

    pk: int
    slug: str
    name: str
    sort_text: str
    type: str
    state: str
    area: int | None
    area_name: str
    row: dict = field(repr=False)

    members: int = 0
    has_coordinator: bool = False
    coordinator_left: date | None = None
    changed: int = 0
    changed_since: date | None = None
    refused: int = 0
    returned_at: datetime | None = None
    fields: frozenset = frozenset()

    last_held: datetime | None = None
    next_at: datetime | None = None
    held: int = 0
    coming: int = 0
    cancelled_in_a_row: int = 0
    cancelled_since: datetime | None = None
    attendance: status.AttendanceCounts = field(default_factory=status.AttendanceCounts)

    has_charter: bool = False
    goals: int = 0
    goals_late: int = 0
    goal_due: date | None = None
    support: tuple[int, datetime] | None = None
    applications: list[datetime] = field(default_factory=list)
    rounds: list[tuple[datetime, bool]] = field(default_factory=list)

    @property
    def is_active(self) -> bool:
        return self.state == Network.State.ACTIVE

    @property
    def started_on(self) -> date | None:
        started = self.row["started_at"]
        return today(started) if started else None


def read(now: datetime) -> list[Facts]:
    """Every network from approval to its end, and those sent back to HR, in Danish order."""
    chosen = Network.objects.filter(state__in=STATES)
    found = _networks(chosen)
    _note_fields(found)
    _note_people(found)
    _note_returns(found)
    _note_meetings(found, now)
    for pk, counts in status.attendance_of_each(now):
        if pk in found:
            found[pk].attendance = counts
    agreed = Charter.objects.filter(state=Charter.State.IN_EFFECT, network__state__in=STATES)
    for pk in agreed.values_list("network_id", flat=True):
        found[pk].has_charter = True
    _note_goals(found, today(now))
    _note_requests(found)
    _note_rounds(found)
    hr = set(RoleAssignment.objects.filter(role__in=[Role.HR_CONSULTANT, Role.HR_ADMIN]).values_list("user", flat=True))
    for facts in found.values():
        facts.row["hr_contact_is_there"] = facts.row["hr_contact__is_active"] and facts.row["hr_contact_id"] in hr
    return list(found.values())


def read_meetings(now: datetime) -> list[Facts]:
    """The same networks with nothing but what their meetings tell: two queries."""
    found = _networks(Network.objects.filter(state__in=STATES))
    _note_meetings(found, now)
    return list(found.values())


def _networks(chosen) -> dict[int, Facts]:
    return {row["pk"]: _facts(row) for row in chosen.order_by("sort_text", "pk").values(*COLUMNS)}


COLUMNS = (
    "pk",
    "slug",
    "name",
    "sort_text",
    "type",
    "state",
    "unit_id",
    "unit__area_id",
    "unit__area__name",
    "level_id",
    "reach",
    "size_min",
    "purpose",
    "type_reason",
    "participation_terms",
    "governance",
    "support",
    "review_date",
    "approved_at",
    "started_at",
    "sponsor_id",
    "sponsor__is_active",
    "hr_contact_id",
    "hr_contact__is_active",
    "direction_id",
    "direction__state",
    "direction__valid_from",
    "direction__valid_to",
)


def _facts(row: dict) -> Facts:
    return Facts(
        pk=row["pk"],
        slug=row["slug"],
        name=row["name"],
        sort_text=row["sort_text"],
        type=row["type"],
        state=row["state"],
        area=row["unit__area_id"],
        area_name=row["unit__area__name"] or "",
        row=row,
    )


def _note_fields(found: dict[int, Facts]) -> None:
    fields = defaultdict(set)
    through = Network.fields.through.objects.filter(network__state__in=STATES)
    for network, professional in through.values_list("network_id", "professionalfield_id"):
        fields[network].add(professional)
    for pk, chosen in fields.items():
        if pk in found:
            found[pk].fields = frozenset(chosen)


def _note_people(found: dict[int, Facts]) -> None:
    """Who is inside, as numbers: members, a coordinator, posts that no longer fit, addresses that are refused."""
    parents = dict(OrgUnit.objects.values_list("pk", "parent_id"))
    refused = bounces.refusals().values("recipient").annotate(number=Count("pk")).filter(number__gte=bounces.STOP_AT)
    refused = set(refused.order_by().values_list("recipient", flat=True))
    columns = (
        "network_id",
        "state",
        "is_coordinator",
        "leader__user_id",
        "kept_reason",
        "kept_facts",
        *(f"leader__{name}" for name in ("pk", "unit_id", "field_id", "level_id", "valid_to")),
    )
    inside = Membership.objects.inside().filter(network__state__in=STATES).order_by()
    for network, state, is_coordinator, user, reason, kept, *post in inside.values_list(*columns):
        facts = found.get(network)
        if facts is None:
            continue
        post = Post(*post)
        facts.members += 1
        facts.has_coordinator |= is_coordinator and state == Membership.State.ACTIVE
        facts.refused += user in refused
        if not fits(facts, post, parents) and not (reason and kept == facts_of(post)):
            facts.changed += 1
            since = facts.changed_since
            facts.changed_since = min(filter(None, (since, post.valid_to)), default=None)
    left = Membership.objects.filter(is_coordinator=True, left_on__isnull=False, network__state__in=STATES)
    for network, day in left.values_list("network_id").annotate(Max("left_on")).order_by():
        if network in found:
            found[network].coordinator_left = day


def fits(facts: Facts, post: Post, parents: dict[int, int | None]) -> bool:
    """Whether the seat still fits the post: what `networks.posts.changes` says in words, for thousands at once."""
    if post.valid_to is not None:
        return False
    if facts.fields and post.field_id not in facts.fields:
        return False
    row = facts.row
    if row["level_id"] and post.level_id != row["level_id"]:
        return False
    return row["reach"] != Reach.LOCAL or not row["unit_id"] or _is_under(post.unit_id, row["unit_id"], parents)


def _is_under(unit: int | None, upper: int, parents: dict[int, int | None]) -> bool:
    passed = set()
    while unit and unit not in passed:
        if unit == upper:
            return True
        passed.add(unit)
        unit = parents.get(unit)
    return False


def _note_returns(found: dict[int, Facts]) -> None:
    returned = Decision.objects.filter(verdict=Decision.Verdict.RETURNED, network__state=Network.State.RETURNED)
    for network, moment in returned.values_list("network_id").annotate(Max("decided_at")).order_by():
        if network in found:
            found[network].returned_at = moment


def _note_meetings(found: dict[int, Facts], now: datetime) -> None:
    """The last held, the next convened, how many were held in a year, and cancellations with none held after them."""
    year_ago, soon = now - timedelta(days=365), now + SOON
    rows = (
        Meeting.objects.published()
        .filter(network__state=Network.State.ACTIVE, starts_at__gte=now - BACK)
        .order_by("network_id", "starts_at", "pk")
        .values_list("network_id", "state", "starts_at", "changed_at")
    )
    for network, state, starts_at, changed_at in rows:
        facts = found.get(network)
        if facts is None:
            continue
        if state == MeetingState.HELD:
            facts.last_held = starts_at
            facts.held += starts_at >= year_ago
            facts.cancelled_in_a_row = 0
        elif state == MeetingState.CANCELLED:
            if facts.cancelled_in_a_row == 0:
                facts.cancelled_since = changed_at  # a meeting may be called off long before its day
            facts.cancelled_in_a_row += 1
        elif facts.cancelled_in_a_row == 1:
            facts.cancelled_in_a_row = 0  # one, then a meeting that stands: not in a row
        if state == MeetingState.CONVENED and starts_at > now:
            facts.next_at = facts.next_at or starts_at
            facts.coming += starts_at < soon


def _note_goals(found: dict[int, Facts], day: date) -> None:
    late = Q(state=Goal.State.OPEN, due_on__lt=day)
    counted = (
        Goal.objects.filter(network__state=Network.State.ACTIVE)
        .values("network_id")
        .annotate(number=Count("pk"), late=Count("pk", filter=late), due=Min("due_on", filter=late))
        .order_by()
    )
    for row in counted:
        if row["network_id"] in found:
            facts = found[row["network_id"]]
            facts.goals, facts.goals_late, facts.goal_due = row["number"], row["late"], row["due"]


def _note_requests(found: dict[int, Facts]) -> None:
    """Oldest first: what the networks have asked for, and who has asked to be let in."""
    asked = SupportRequest.objects.filter(state__in=SupportRequest.STATES_OPEN).order_by("-requested_at", "-pk")
    for pk, network, moment in asked.values_list("pk", "network_id", "requested_at"):
        if network in found:
            found[network].support = (pk, moment)
    waiting = Application.objects.filter(state=Application.State.PENDING)
    # From the waiting list to HR's table the clock begins anew; that moment stands in the log.
    promoted = AuditEvent.objects.filter(
        verb="promote_waiting", subject_type=Application._meta.label_lower, subject_id__in=waiting.values("pk")
    )
    turned = dict(promoted.values_list("subject_id").annotate(Max("happened_at")).order_by())
    for pk, network, created_at in waiting.order_by("created_at").values_list("pk", "network_id", "created_at"):
        if network in found:
            found[network].applications.append(turned.get(pk, created_at))


def _note_rounds(found: dict[int, Facts]) -> None:
    rounds = FeedbackRound.objects.filter(
        kind=FeedbackRound.Kind.NETWORK_PULSE, release__isnull=False, network__state=Network.State.ACTIVE
    ).order_by(F("closed_at").desc(), "-pk")
    for network, closed_at, is_suppressed in rounds.values_list("network_id", "closed_at", "release__is_suppressed"):
        if network in found and len(found[network].rounds) < 2:
            found[network].rounds.append((closed_at, is_suppressed))
