"""Every address of the house with real things of a network in it, and the people who come to see."""

from collections.abc import Iterator
from datetime import timedelta

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from meetings import feeds, reply_links
from meetings.models import (
    AgendaItem,
    Agreement,
    CalendarFeed,
    ClosedPeriod,
    DateCandidate,
    FeedbackRound,
    Invitation,
    LearningCard,
    Meeting,
    MeetingPlan,
    ReflectionNote,
    ThemeFeedback,
    Topic,
)
from members.danish import today
from members.models import Leader, LeaderImport, Message, Role, RoleAssignment, User
from netvaerk.models import SavedView
from netvaerk.tests.test_doors import ROUTES
from networks import leave, membership
from networks.models import (
    Application,
    BasisVersion,
    Charter,
    Consultation,
    Goal,
    ManagementMessage,
    Membership,
    Network,
    PolicyDraft,
    StrategicDirection,
    SupportRequest,
)

# What a number in an address stands for: the first of these whose word is in the route's name.
THINGS = (
    ("agenda_item", Meeting),
    ("date_poll", Meeting),
    ("pick_new_date", Meeting),
    ("theme_feedback", ThemeFeedback),
    ("feedback", FeedbackRound),
    ("season_summary", FeedbackRound),
    ("topic", Topic),
    ("learning_card", LearningCard),
    ("new_agreement", Meeting),
    ("agreement", Agreement),
    ("closed_period", ClosedPeriod),
    ("reflection_note", ReflectionNote),
    ("plan", MeetingPlan),
    ("edit_season", MeetingPlan),
    ("meetings:", Meeting),
    ("charter", Charter),
    ("goal", Goal),
    ("management_message", ManagementMessage),
    ("direction", StrategicDirection),
    ("send_new_version", Consultation),
    ("remove_from_consultation", User),
    ("consultation", Consultation),
    ("policy_draft", PolicyDraft),
    ("support", SupportRequest),
    ("application", Application),
    ("waiting_list", Application),
    ("networks:withdraw", Application),
    ("networks:", Membership),
    ("members:import", LeaderImport),
    ("members:retry", Message),
    ("members:give_up", Message),
    ("members:leader", Leader),
    ("members:clear_refusals", User),
    ("members:end_post", Leader),
    ("netvaerk:drop_view", SavedView),
    ("", User),
)
WORDS = {
    "provider_id": "oidc",
    "organization_slug": "saml",
    "uidb36": "1",
    "key": "k",
    "name": "n",
    "role": "hr_admin",
    "step": "formaal",
}
SPREAD = {"kind": ("xlsx", "csv"), "form": ("txt", "csv", "json")}
# Where what is asked for changes what is shown.
QUERIES = {
    "netvaerk:search": ("?q=netværk", "?q=møde", "?q=zq"),
    "networks:catalogue": ("?q=netværk&state=active", "?page=2"),
    "members:leaders": ("?q=a",),
    "members:deliveries": ("?state=sent",),
    "meetings:mine": ("?filter=past",),
    "meetings:network_year": ("?year=2026",),
    "netvaerk:followup": ("?state=stalled",),
}
# Pages that show another side of a meeting that is over; the others are asked about the one ahead.
ALSO_OVER = {"meetings:meeting", "meetings:agenda", "meetings:close", "meetings:running", "meetings:new_date"}
# These end the visit, or leave the house.
NOT_VISITED = {"account_logout", "account_end_all_sessions", "account_end_session", "set_language"}


# --- Addresses -------------------------------------------------------------------------------------------------------


def thing(route: str) -> type:
    return next(model for word, model in THINGS if word in route)


def of_network(model: type, network: Network):
    """The rows of this kind that belong to the network; all, where they belong to none."""
    names = {field.name for field in model._meta.get_fields()}
    if model is DateCandidate:
        return model.objects.filter(poll__meeting__network=network)
    if model is AgendaItem:
        return model.objects.filter(meeting__network=network)
    return model.objects.filter(network=network) if "network" in names else model.objects.all()


def some(model: type, network: Network) -> list[int]:
    """A few that differ: for a meeting one that was held, one ahead; for what is sent or shared one of each sort."""
    rows = of_network(model, network).order_by("pk")
    if model is Meeting:
        laid_out = rows.filter(agenda_items__isnull=False, state=Meeting.State.CONVENED)
        sorts = [laid_out, rows.filter(reopenings__isnull=False), rows.filter(state=Meeting.State.HELD)]
    elif model is MeetingPlan:
        sorts = [rows.filter(state=state) for state in MeetingPlan.State]
    elif model is ManagementMessage:
        sorts = [rows.filter(sent_at=None), rows.exclude(sent_at=None)]
    elif model is FeedbackRound:
        sorts = [rows.filter(state=state) for state in FeedbackRound.State]
    else:
        sorts = [rows]
    found = [row.pk for row in (sort.last() for sort in sorts) if row is not None]
    return found or [row.pk for row in rows[:1]] or [1]


def addresses(network: Network, *, is_first: bool = True) -> Iterator[tuple[str, str]]:
    """(route, address) with the things of one network; those that name nothing of it only with `is_first`."""
    for route, parts in ROUTES:
        if route in NOT_VISITED or not (is_first or _is_about(route, parts)):
            continue
        for filled in _filled(route, parts, network):
            address = reverse(route, kwargs=filled)
            yield route, address
            for query in QUERIES.get(route, ()):
                yield route, address + query


def _is_about(route: str, parts: list[str]) -> bool:
    if "slug" in parts or route == "meetings:reply_link":
        return True
    model = thing(route) if "pk" in parts else None
    return model is not None and (model is Meeting or "network" in {field.name for field in model._meta.get_fields()})


def _filled(route: str, parts: list[str], network: Network) -> list[dict]:
    ways = [{}]
    for part in parts:
        ways = [way | {part: value} for way in ways for value in _values(route, part, network, way)]
    return ways


def _values(route: str, part: str, network: Network, so_far: dict) -> list:
    if part == "slug":
        return [network.slug]
    if part == "pk":
        found = some(thing(route), network)
        return found[:1] if thing(route) is Meeting and route not in ALSO_OVER else found
    if part == "item":
        own = AgendaItem.objects.filter(meeting=so_far["pk"]).order_by("pk").first()
        return [own.pk if own else some(AgendaItem, network)[0]]
    if part == "candidate":
        return some(DateCandidate, network)[:1]
    if part == "number":
        return [of_network(BasisVersion, network).count() or 1]
    if part == "token":
        return [_token(route, network)]
    if route == "meetings:edit_questions":
        return ["network_pulse"]
    if route == "networks:approve_direction":
        return ["political"]
    if route == "netvaerk:disposal":
        return ["messages"]
    return list(SPREAD.get(part, (WORDS.get(part, "x"),)))


def _token(route: str, network: Network) -> str:
    if route == "meetings:feed":
        user = User.objects.get(email="leder@demo.invalid")
        CalendarFeed.objects.filter(user=user).delete()
        return feeds.create(user, now=timezone.now())
    upcoming = Invitation.objects.filter(meeting__network=network, is_cancelled=False, meeting__state="convened")
    invitation = upcoming.filter(meeting__starts_at__gt=timezone.now()).select_related("meeting", "user").first()
    if invitation is None:
        return "findes-ikke"
    return reply_links.address(invitation.meeting, invitation.user).rstrip("/").rpartition("/")[2]


# --- People ----------------------------------------------------------------------------------------------------------


class Visitor:
    """Somebody at a browser of their own, signed in since before whatever has changed for them."""

    def __init__(self, name: str, user: User | None = None):
        self.name, self.user = name, user
        self.client = Client(raise_request_exception=False)
        if user is not None:
            self.client.force_login(user)

    def __repr__(self):
        return self.name


def visitors(network: Network, other: Network) -> list[Visitor]:
    """One of each sort; those whose place in `network` is about to end have a tab open from before."""
    now = timezone.now()
    found = [Visitor("signed out")]
    for login in ("hr", "direktion", "byraad", "tovholder", "leder", "ny", "system"):
        found.append(Visitor(login, User.objects.get(email=f"{login}@demo.invalid")))
    inside = network.memberships.filter(state="active", is_coordinator=False).select_related("leader__user")
    gone, away, closed, *_rest = inside.exclude(leader__user__email__contains="@demo").order_by("pk")
    found += [
        Visitor("has left", gone.leader.user),
        Visitor("on leave", away.leader.user),
        Visitor("inactive", closed.leader.user),
        Visitor("member of another network", other.memberships.get(state="active", is_coordinator=True).leader.user),
    ]
    membership.leave(network, actor=gone.leader.user, now=now)
    ends = today(now) + timedelta(days=60)
    leave.take_leave(away, leave_from=today(now), leave_to=ends, actor=away.leader.user, now=now)
    User.objects.filter(pk=closed.leader.user_id).update(is_active=False)
    without = Leader.objects.current().filter(memberships=None, user__role_assignments=None).order_by("pk")
    consultant, sponsor = (leader.user for leader in without.exclude(user__email__contains="@demo")[:2])
    RoleAssignment.objects.create(user=consultant, role=Role.HR_CONSULTANT)
    Network.objects.filter(pk=network.pk).update(sponsor=sponsor)
    return [*found, Visitor("HR consultant", consultant), Visitor("sponsor", sponsor)]
