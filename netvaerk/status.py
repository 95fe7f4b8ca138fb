"""Figures for top management: how the networks fare, by number and never by name.

A handful of flat queries, however many networks there are. Every figure says in words how it was made.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Count, DateTimeField, F, Min, Q, Value
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from meetings import questions, release
from meetings.models import Attendance, FeedbackRound, Meeting, SeasonSummary
from members.danish import danish_key, number, percent, share_of, table_date, today
from netvaerk import coverage, suppression
from netvaerk.models import MonthlyStatus
from networks import goals, upward
from networks.models import Goal, ManagementMessage, Membership, Network, NetworkType, StrategicDirection

YEAR = timedelta(days=365)
FEWEST_PEOPLE = suppression.FLOOR
FEWEST_REGISTRATIONS = 20  # under that a share of those who came tells of single absences
LATEST_MESSAGES = 10
SMALL_GROUP = 20  # "8 ud af 10" rather than a percentage, as members.danish.share_of has it
STATE_ORDER = (
    Network.State.ACTIVE,
    Network.State.ENROLLING,
    Network.State.APPROVED,
    Network.State.PAUSED,
    Network.State.CLOSED,
)
SORT_COLUMNS = ("area", "members", "held", "attendance")
NOTHING, NEVER = Value(0), Value(None, DateTimeField())
STATES_WITH_MEMBERS = (Network.State.ACTIVE, Network.State.ENROLLING, Network.State.PAUSED)


@dataclass(frozen=True)
class Figure:
    number: str
    label: str
    explanation: str


@dataclass
class MeetingCounts:
    planned: int = 0
    held: int = 0
    coming: int = 0
    next_at: datetime | None = None


@dataclass
class AttendanceCounts:
    present: int = 0
    registered: int = 0
    people: int = 0

    @property
    def can_be_shown(self) -> bool:
        return self.people >= FEWEST_PEOPLE and self.registered >= FEWEST_REGISTRATIONS


@dataclass
class NetworkRow:
    """One network as a line of the table."""

    pk: int
    slug: str
    name: str
    sort_text: str
    type: str
    state: str
    state_label: str
    area: str
    direction: str
    direction_has_expired: bool
    size_max: int
    gains: frozenset[str] = frozenset()
    kurs_gains: frozenset[str] = frozenset()
    members: int = 0
    meetings: MeetingCounts = field(default_factory=MeetingCounts)
    attendance: AttendanceCounts = field(default_factory=AttendanceCounts)

    @property
    def capacity_text(self) -> str:
        if self.state not in STATES_WITH_MEMBERS:
            return "–"
        if suppression.is_small(self.members):
            return _("færre end %(floor)d af %(capacity)d") % {"floor": FEWEST_PEOPLE, "capacity": self.size_max}
        return _("%(members)d af %(capacity)d") % {"members": self.members, "capacity": self.size_max}

    @property
    def plan_text(self) -> str:
        return share_of(self.meetings.held, self.meetings.planned) if self.meetings.planned else "–"

    @property
    def attendance_text(self) -> str:
        if not self.attendance.registered:
            return "–"
        if not self.attendance.can_be_shown:
            return _("For få til at vise")
        return percent(100 * self.attendance.present / self.attendance.registered)

    @property
    def sort_values(self) -> dict:
        """What the columns are sorted by: what is shown, so that the order tells nothing that is withheld."""
        shows_members = self.state in STATES_WITH_MEMBERS and not suppression.is_small(self.members)
        counts = self.attendance
        return {
            "area": danish_key(self.area),
            "members": self.members if shows_members else -1,
            "held": self.meetings.held / self.meetings.planned if self.meetings.planned else -1,
            "attendance": round(100 * counts.present / counts.registered) if counts.can_be_shown else -1,
        }

    @property
    def next_text(self) -> str:
        return table_date(self.meetings.next_at) if self.meetings.next_at else "–"


@dataclass(frozen=True)
class Overview:
    sentence: str
    figures: list[Figure]
    networks: list[NetworkRow]
    coverage: coverage.Tables
    messages: list[ManagementMessage]


# --- The whole -------------------------------------------------------------------------------------------------------


def overview(now: datetime, frozen: MonthlyStatus | None = None) -> Overview:
    """The whole at `now`. How many leaders are in a network is of the month that is `frozen`, where one is."""
    rows = _rows(now)
    split = coverage.tables(frozen)
    active = sum(row.state == Network.State.ACTIVE for row in rows)
    everyone = split.everyone
    planned, held = sum(row.meetings.planned for row in rows), sum(row.meetings.held for row in rows)
    return Overview(
        sentence=_sentence(active, everyone, planned, held),
        figures=[
            _active_figure(active),
            _coverage_figure(split),
            _plan_figure(planned, held),
            _attendance_figure([row.attendance for row in rows if row.attendance.can_be_shown]),
        ],
        networks=rows,
        coverage=split,
        messages=list(upward.sent()[:LATEST_MESSAGES]),
    )


def _sentence(active: int, everyone: suppression.Row, planned: int, held: int) -> str:
    """The state of things in one sentence of whole clauses; what cannot be said is left out."""
    clauses = [
        ngettext("%(count)s netværk er aktivt", "%(count)s netværk er aktive", active) % {"count": number(active)}
        if active
        else _("Ingen netværk er aktive endnu")
    ]
    if active and everyone.total and everyone.inside is not None:
        words = {"part": number(everyone.inside), "whole": number(everyone.total)}
        if everyone.total < SMALL_GROUP:
            clauses.append(_("%(part)s ud af %(whole)s ledere er med i et") % words)
        else:
            clauses.append(_("%(share)s af lederne er med i et") % {"share": share_of(everyone.inside, everyone.total)})
    if planned:
        words = {"held": number(held), "planned": number(planned)}
        if planned < SMALL_GROUP:
            clauses.append(
                ngettext(
                    "%(held)s ud af %(planned)s planlagt møde blev holdt",
                    "%(held)s ud af %(planned)s planlagte møder blev holdt",
                    planned,
                )
                % words
            )
        else:
            clauses.append(_("%(share)s af de planlagte møder blev holdt") % {"share": share_of(held, planned)})
    return f"{'; '.join(clauses)}."


def _active_figure(active: int) -> Figure:
    return Figure(
        number(active),
        ngettext("aktivt netværk", "aktive netværk", active),
        _("Netværk, der er startet og hverken er sat på pause eller afsluttet."),
    )


def _coverage_figure(split: coverage.Tables) -> Figure:
    everyone = split.everyone
    shown = everyone.total and everyone.inside is not None
    return Figure(
        share_of(everyone.inside, everyone.total) if shown else _("Vises ikke"),
        _("ledere er med i et netværk"),
        _(
            "Ledere i kommunen, der er medlem af mindst ét aktivt netværk, ud af alle ledere, talt op hver måned. "
            "En leder i flere netværk tæller én gang, og orlov tæller med. Tal under 5 vises ikke."
        ),
    )


def _plan_figure(planned: int, held: int) -> Figure:
    return Figure(
        share_of(held, planned) if planned else "–",
        _("planlagte møder blev holdt"),
        _(
            "Møder i de seneste 12 måneder, hvis dato er passeret. Et møde er holdt, når netværket har registreret "
            "det. Aflyste og udsatte møder tæller som planlagt, men ikke holdt. Et flyttet møde tæller på sin nye dato."
        ),
    )


def _attendance_figure(shown: list[AttendanceCounts]) -> Figure:
    registered = sum(counts.registered for counts in shown)
    return Figure(
        percent(100 * sum(counts.present for counts in shown) / registered) if registered else _("Vises ikke"),
        _("fremmøde"),
        _(
            "Fremmødte ud af alle registrerede til afholdte møder i de seneste 12 måneder. Kun netværk med "
            "registreringer for mindst 5 personer og 20 fremmøder tæller med, så ingen enkelts fravær kan regnes ud."
        ),
    )


# --- One network -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class NetworkStatus:
    row: NetworkRow
    figures: list[Figure]
    feedback: FeedbackRound | None
    feedback_sections: list[release.ShownSection]
    summary: SeasonSummary | None = None
    goals: list[tuple[str, int]] = field(default_factory=list)
    messages: list[ManagementMessage] = field(default_factory=list)


def of_network(network: Network, now: datetime) -> NetworkStatus:
    """The same figures for one network, and the latest result it has shared itself."""
    (row,) = _rows(now, only=network)
    shared = (
        network.feedback_rounds.filter(state=FeedbackRound.State.SHARED, release__is_suppressed=False)
        .select_related("release")
        .first()
    )
    sections = []
    if shared:
        shared.network = network
        asked = questions.sections_of(shared, with_own=False)
        sections = release.sections(shared.release.results, asked, with_comments=False)
    summary = (
        SeasonSummary.objects.filter(round__network=network, round__state=FeedbackRound.State.SHARED)
        .order_by("-changed_at")
        .first()
    )
    counts = goals.state_counts([network]).get(network.pk, {})
    return NetworkStatus(
        row,
        _figures_of(row),
        shared,
        sections,
        summary,
        goals=[(state.label, counts[state]) for state in Goal.State if counts.get(state)],
        messages=list(upward.sent().filter(network=network)),
    )


def _figures_of(row: NetworkRow) -> list[Figure]:
    return [
        Figure(
            row.capacity_text,
            _("pladser er taget"),
            _("Medlemmer nu, også dem på orlov, ud af de pladser, netværket har. Tal under 5 vises ikke."),
        ),
        _plan_figure(row.meetings.planned, row.meetings.held),
        Figure(
            row.attendance_text,
            _("fremmøde"),
            _(
                "Fremmødte ud af alle registrerede til afholdte møder i de seneste 12 måneder. "
                "Vises, når der er registreringer for mindst 5 personer og 20 fremmøder."
            ),
        ),
        Figure(
            number(row.meetings.coming),
            ngettext("kommende møde", "kommende møder", row.meetings.coming),
            _("Møder, som medlemmerne er indkaldt til, og som ligger forude."),
        ),
    ]


# --- Queries ---------------------------------------------------------------------------------------------------------


def _rows(now: datetime, *, only: Network | None = None) -> list[NetworkRow]:
    """The networks that are approved, or that one, with all their counts, by state and name: two queries."""
    networks = Network.objects.exclude(state__in=Network.STATES_IN_DESIGN)
    if only is not None:
        networks = Network.objects.filter(pk=only.pk)
    day = today(now)
    types, states = _labels(NetworkType), _labels(Network.State)
    rows = {
        values["pk"]: _row(values, day, types, states)
        for values in networks.order_by().values(
            "pk",
            "slug",
            "name",
            "sort_text",
            "type",
            "state",
            "size_max",
            "unit__area__name",
            "direction__title",
            "direction__state",
            "direction__valid_to",
            "gains",
            "direction__gains",
        )
    }
    # What is counted of those that are not asked for is few, and left out sooner than the database could.
    for pk, what, *numbers, at in _counts_of_each(now, only):
        if pk in rows:
            _note(rows[pk], what, numbers, at)
    return sorted(rows.values(), key=_by_state_and_name)


def _of(only: Network | None, path: str) -> dict:
    return {} if only is None else {path: only}


def in_order(rows: list[NetworkRow], column: str) -> list[NetworkRow]:
    """Sorted by a column, numbers with the largest first; by state and name when it is none of them."""
    if column not in SORT_COLUMNS:
        return rows
    return sorted(rows, key=lambda row: row.sort_values[column], reverse=column != "area")


def lines(rows: list[NetworkRow], *, shows_dates: bool) -> list[dict]:
    """The rows as plain text, made once: what the table shows of each, and where it leads."""
    address = reverse("netvaerk:status_network", args=["0"]).replace("/0/", "/%s/")
    return [
        {
            "url": address % row.slug,
            "name": row.name,
            "type": row.type,
            "area": row.area,
            "state": row.state,
            "state_label": row.state_label,
            "direction": row.direction,
            "has_expired": row.direction_has_expired,
            "members": row.capacity_text,
            "held": row.plan_text,
            "attendance": row.attendance_text,
            "ahead": row.next_text if shows_dates else number(row.meetings.coming),
        }
        for row in rows
    ]


def _by_state_and_name(row: NetworkRow) -> tuple[int, str]:
    return _place(row.state), row.sort_text


def _place(state: str) -> int:
    return STATE_ORDER.index(state) if state in STATE_ORDER else len(STATE_ORDER)


def _labels(choices) -> dict[str, str]:
    """Said once for all rows."""
    return {value: str(label) for value, label in choices.choices}


def _row(values: dict, day, types: dict[str, str], states: dict[str, str]) -> NetworkRow:
    expired = values["direction__state"] == StrategicDirection.State.EXPIRED or (
        values["direction__valid_to"] is not None and values["direction__valid_to"] < day
    )
    return NetworkRow(
        pk=values["pk"],
        slug=values["slug"],
        name=values["name"],
        sort_text=values["sort_text"],
        type=types.get(values["type"], "–"),
        state=values["state"],
        state_label=states[values["state"]],
        area=values["unit__area__name"] or "–",
        direction=values["direction__title"] or "–",
        direction_has_expired=expired,
        size_max=values["size_max"],
        gains=frozenset(values["gains"]),
        kurs_gains=frozenset() if expired else frozenset(values["direction__gains"] or ()),
    )


def _note(row: NetworkRow, what: str, numbers: list[int], at: datetime | None) -> None:
    match what:
        case "members":
            row.members = numbers[0]
        case "meetings":
            row.meetings = MeetingCounts(*numbers, at)
        case "attendance":
            row.attendance = AttendanceCounts(*numbers)


def _counts_of_each(now: datetime, only: Network | None):
    """The key of a network, what is counted, three numbers and a time: in one query, as each is quicker than asking."""
    members = _counted("members", "network_id", Membership.objects.inside().filter(**_of(only, "network")), Count("pk"))
    # The meetings stand first: what a database gives for a time is read as the first of a union says.
    return _meetings(now, only).union(_attendance(now, only), members, all=True)


def _counted(what, network, found, first, second=NOTHING, third=NOTHING, at=NEVER):
    """What is found, counted by network, in the columns that all of them have."""
    columns = {"what": Value(what), "first": first, "second": second, "third": third, "at": at}
    return found.order_by().values(of=F(network)).annotate(**columns).values_list("of", *columns)


def _meetings(now: datetime, only: Network | None):
    past = Q(starts_at__gte=now - YEAR, ends_at__lte=now)
    coming = Q(state=Meeting.State.CONVENED, starts_at__gt=now)
    return _counted(
        "meetings",
        "network_id",
        Meeting.objects.published().filter(past | coming, **_of(only, "network")),
        Count("pk", filter=past),
        Count("pk", filter=past & Q(state=Meeting.State.HELD)),
        Count("pk", filter=coming),
        at=Min("starts_at", filter=coming),
    )


def _attendance(now: datetime, only: Network | None):
    """Who came to what was held within a year."""
    registered = Attendance.objects.filter(
        **_of(only, "meeting__network"),
        meeting__state=Meeting.State.HELD,
        meeting__starts_at__gte=now - YEAR,
        meeting__ends_at__lte=now,
    ).exclude(presence=Attendance.Presence.UNKNOWN)
    return _counted(
        "attendance",
        "meeting__network_id",
        registered,
        Count("pk", filter=Q(presence=Attendance.Presence.PRESENT)),
        Count("pk"),
        Count("user_id", distinct=True),
    )


def attendance_of_each(now: datetime):
    """By the key of its network: who came to what was held within a year."""
    for pk, _what, *numbers, _at in _attendance(now, None):
        yield pk, AttendanceCounts(*numbers)
