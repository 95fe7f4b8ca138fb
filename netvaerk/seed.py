"""Bulk data for load and benchmarks: a municipality of any size, the same every time for the same seed."""

import random
from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import connection, transaction

from meetings.models import Attendance, Invitation, Meeting, MeetingPlan, Rsvp
from members.danish import fold, today, wall_to_utc
from members.models import (
    Leader,
    LeadershipLevel,
    OrgUnit,
    OrgUnitType,
    ProfessionalField,
    Role,
    RoleAssignment,
    User,
    sort_text,
)
from netvaerk import seed_rooms
from netvaerk.names import FIRST_NAMES, LAST_NAMES
from networks.models import GoalHierarchy, Membership, Network, NetworkType, StrategicDirection

AREAS = (
    "Børn og Unge",
    "Sundhed og Omsorg",
    "Social og Arbejdsmarked",
    "Teknik og Miljø",
    "Kultur og Borgerservice",
    "Stab",
)
FIELDS = (
    "Dagtilbud",
    "Skole",
    "Ældre og sundhed",
    "Social og handicap",
    "Beskæftigelse",
    "Teknik og miljø",
    "Kultur og fritid",
)
MEETINGS_A_YEAR = 8
MEMBERS_OF_A_NETWORK = 8
BATCH = 2000
PURPOSE = "At dele erfaringer og få modspil fra ligestillede."


@transaction.atomic
def fill(*, leaders: int, networks: int, years: int, seed: int, now: datetime) -> dict[str, int]:
    """Add `leaders` people and `networks` active networks with `years` of meetings up to and a season beyond `now`.

    What the members have written comes along, in the amounts such years leave behind. Returns how many rows of each
    kind were made. Sign in as seed-hr@seed.invalid, seed-direktion@seed.invalid or seed-leder@seed.invalid with the
    password "netvaerk-demo".
    """
    chance = random.Random(seed)
    people = _people(leaders, chance, now)
    hr, board = _staff(now)
    made = _networks(networks, people, hr, board, chance, now)
    memberships = _memberships(made, people, chance, now)
    meetings = _meetings(made, hr, years, chance, now)
    answers = _answers(meetings, memberships, chance, now)
    of_network = _by_network(meetings)
    rooms = [seed_rooms.Room(network, memberships[network.pk], of_network[network.pk]) for network in made]
    written = seed_rooms.furnish(rooms, years=years, seed=seed, now=now)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # else the database plans its first pages as if it were empty still
    return {
        "leaders": len(people),
        "networks": len(made),
        "memberships": sum(map(len, memberships.values())),
        "meetings": len(meetings),
        "attendances": answers,
        **written,
    }


def _people(count: int, chance: random.Random, now: datetime) -> list[Leader]:
    unit_type, _ = OrgUnitType.objects.get_or_create(name="Enhed")
    units = []
    for area in AREAS:
        top, _ = OrgUnit.objects.get_or_create(name=area, parent=None, defaults={"type": unit_type})
        for number in range(1, 6):
            unit, _ = OrgUnit.objects.get_or_create(name=f"{area} {number}", parent=top, defaults={"type": unit_type})
            units.append(unit)
    fields = [ProfessionalField.objects.get_or_create(name=name)[0] for name in FIELDS]
    level, _ = LeadershipLevel.objects.get_or_create(name="Leder", defaults={"rank": 1})
    password = make_password("netvaerk-demo")
    users = []
    for number in range(count):
        first, last = chance.choice(FIRST_NAMES), chance.choice(LAST_NAMES)
        email = "seed-leder@seed.invalid" if number == 0 else f"leder{number}@seed.invalid"
        users.append(
            User(
                email=email,
                first_name=first,
                last_name=last,
                password=password,
            )
        )
    for user in users:
        user.fill_texts()
    users = User.objects.bulk_create(users, batch_size=BATCH)
    posts = [
        Leader(
            user=user,
            title="Leder",
            unit=units[number % len(units)],
            field=fields[number % len(fields)],
            level=level,
            valid_from=today(now) - timedelta(days=2000),
        )
        for number, user in enumerate(users)
    ]
    for post in posts:
        post.fill_texts()
    return Leader.objects.bulk_create(posts, batch_size=BATCH)


def _staff(now: datetime) -> tuple[User, User]:
    hr = User.objects.create_user("seed-hr@seed.invalid", "netvaerk-demo", first_name="Helle", last_name="Ravn")
    board = User.objects.create_user("seed-direktion@seed.invalid", "netvaerk-demo", first_name="Dan", last_name="Holm")
    RoleAssignment.objects.create(user=hr, role=Role.HR_ADMIN)
    RoleAssignment.objects.create(user=board, role=Role.EXECUTIVE_BOARD)
    return hr, board


def _networks(count: int, people: list[Leader], hr: User, board: User, chance: random.Random, now: datetime):
    day = today(now)
    direction = StrategicDirection.objects.create(
        title="Kurs for ledelse",
        solutions="Vi løser opgaverne sammen.",
        development="Vi udvikler ledelse på tværs.",
        gains=["shared_focus"],
        valid_from=day - timedelta(days=400),
        valid_to=day + timedelta(days=400),
        review_date=day + timedelta(days=300),
        owner=board,
        state=StrategicDirection.State.CURRENT,
        political_approver="Byrådet",
        political_approved_on=day - timedelta(days=400),
        administrative_approver="Direktionen",
        administrative_approved_on=day - timedelta(days=400),
    )
    fields = list(ProfessionalField.objects.filter(name__in=FIELDS))
    level = LeadershipLevel.objects.get(name="Leder")
    units = list(OrgUnit.objects.filter(parent__isnull=True, name__in=AREAS))
    offset = Network.objects.count()
    made = Network.objects.bulk_create(
        [
            Network(
                name=f"Netværk {offset + number + 1}",
                slug=f"netvaerk-{offset + number + 1}",
                state=Network.State.ACTIVE,
                direction=direction,
                purpose=PURPOSE,
                search_text=fold(f"Netværk {offset + number + 1} {PURPOSE}"),
                sort_text=sort_text(f"Netværk {offset + number + 1}"),
                gains=["shared_focus"],
                type=NetworkType.FAGLIG if number % 2 else NetworkType.TVAERFAGLIG,
                type_reason="Valgt efter behov.",
                size_min=4,
                size_max=12,
                level=level,
                participation_terms="Du deltager i alle møder.",
                governance="Status en gang om året.",
                support="En konsulent ved behov.",
                unit=units[number % len(units)],
                sponsor=board,
                hr_contact=hr,
                created_by=hr,
                created_at=now - timedelta(days=1200),
                approved_at=now - timedelta(days=1190),
                started_at=now - timedelta(days=1180),
            )
            for number in range(count)
        ],
        batch_size=BATCH,
    )
    through = Network.fields.through
    through.objects.bulk_create(
        [
            through(network_id=network.pk, professionalfield_id=fields[(number + step) % len(fields)].pk)
            for number, network in enumerate(made)
            for step in range(1 if network.type == NetworkType.FAGLIG else 3)
        ],
        batch_size=BATCH,
    )
    goals = [
        GoalHierarchy(network=network, rank=1, goal="Bedre overgange", why="Borgerne mærker dem", how="En sag pr. møde")
        for network in made
    ]
    GoalHierarchy.objects.bulk_create(goals, batch_size=BATCH)
    return made


def _memberships(networks, people, chance: random.Random, now: datetime) -> dict[int, list[Membership]]:
    rows = []
    for number, network in enumerate(networks):
        seats = min(MEMBERS_OF_A_NETWORK, len(people))
        members = [people[(number * seats + step) % len(people)] for step in range(seats)]
        rows += [
            Membership(
                network=network,
                leader=leader,
                is_coordinator=position == 0,
                joined_on=today(now) - timedelta(days=chance.randrange(200, 1100)),
            )
            for position, leader in enumerate(members)
        ]
    by_network: dict[int, list[Membership]] = {}
    for membership in Membership.objects.bulk_create(rows, batch_size=BATCH):
        by_network.setdefault(membership.network_id, []).append(membership)
    return by_network


def _meetings(networks, hr: User, years: int, chance: random.Random, now: datetime) -> list[Meeting]:
    first = today(now) - timedelta(days=365 * max(years - 1, 0) + 180)
    per_network = MEETINGS_A_YEAR * years
    step = timedelta(days=365 // MEETINGS_A_YEAR)
    plans = MeetingPlan.objects.bulk_create(
        [
            MeetingPlan(
                network=network,
                name="Sæson",
                state=MeetingPlan.State.PUBLISHED,
                first_date=first,
                weekdays=[first.weekday()],
                interval_weeks=6,
                number_of_meetings=min(per_network, 60),
                start_time=time(13),
                end_time=time(15),
                place="Rådhuset",
                created_by=hr,
                created_at=now - timedelta(days=1100),
                published_at=now - timedelta(days=1100),
            )
            for network in networks
        ],
        batch_size=BATCH,
    )
    rows = []
    for plan in plans:
        start = first + timedelta(days=chance.randrange(0, 28))
        rows += [_meeting(plan, _weekday(start + step * number), chance, now) for number in range(per_network)]
    for meeting in rows:
        meeting.uid = f"{seed_rooms.key(chance)}@{settings.MAIL_DOMAIN}"
        meeting.theme = seed_rooms.theme(chance)
    return Meeting.objects.bulk_create(rows, batch_size=BATCH)


def _by_network(meetings: list[Meeting]) -> dict[int, list[Meeting]]:
    found: dict[int, list[Meeting]] = {}
    for meeting in meetings:
        found.setdefault(meeting.network_id, []).append(meeting)
    return found


def _weekday(day: date) -> date:
    return day + timedelta(days=(7 - day.weekday()) % 7) if day.weekday() > 4 else day


def _meeting(plan: MeetingPlan, day: date, chance: random.Random, now: datetime) -> Meeting:
    meeting = Meeting(
        network_id=plan.network_id,
        plan=plan,
        state=Meeting.State.CONVENED,
        date=day,
        start_time=plan.start_time,
        end_time=plan.end_time,
        starts_at=wall_to_utc(day, plan.start_time),
        ends_at=wall_to_utc(day, plan.end_time),
        place=plan.place,
        changed_at=plan.published_at,
    )
    if meeting.ends_at < now:
        meeting.state = Meeting.State.HELD if chance.random() < 0.9 else Meeting.State.CANCELLED
        meeting.held_at = meeting.ends_at if meeting.state == Meeting.State.HELD else None
        meeting.closed_at = meeting.held_at
    return meeting


def _answers(meetings, memberships, chance: random.Random, now: datetime) -> int:
    """Who was called to each meeting, what they answered, and of those that are held, who came."""
    attendances = [
        Attendance(
            meeting=meeting,
            user_id=membership.leader.user_id,
            presence=Attendance.Presence.PRESENT if chance.random() < 0.85 else Attendance.Presence.ABSENT,
        )
        for meeting in meetings
        if meeting.state == Meeting.State.HELD
        for membership in memberships[meeting.network_id]
    ]
    Attendance.objects.bulk_create(attendances, batch_size=BATCH)
    called = [
        (meeting, membership.leader.user_id) for meeting in meetings for membership in memberships[meeting.network_id]
    ]
    Invitation.objects.bulk_create(
        [Invitation(meeting=meeting, user_id=user, queued_at=meeting.changed_at) for meeting, user in called],
        batch_size=BATCH,
    )
    Rsvp.objects.bulk_create(
        [
            Rsvp(
                meeting=meeting,
                user_id=user,
                answer=Rsvp.Answer.ACCEPTED if chance.random() < 0.8 else Rsvp.Answer.DECLINED,
                answered_at=min(now, meeting.starts_at - timedelta(days=3)),
            )
            for meeting, user in called
            if chance.random() < (0.9 if meeting.starts_at < now else 0.6)
        ],
        batch_size=BATCH,
    )
    return len(attendances)
