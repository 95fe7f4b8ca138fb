"""Municipalities to measure on: as `manage.py seed` makes them, with a year of meetings and no reminder, or crowded."""

import time
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock

from netvaerk.benchmarks.report import note

NOW = datetime.now(UTC)


def seeded(*, leaders: int, networks: int, years: int, is_told: bool = True) -> None:
    """Tables, and in them what `manage.py seed` makes, with the months behind it frozen as they would have been."""
    from django.core.management import call_command
    from django.utils import timezone

    from netvaerk import monthly_status, seed

    started, now = time.perf_counter(), timezone.now()
    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    seed.fill(leaders=leaders, networks=networks, years=years, seed=1, now=now)
    monthly_status.backfill(now=now)
    if is_told:
        note(f"{networks} networks x {years} years made in {time.perf_counter() - started:.0f} s")


def convened(*, networks: int, meetings_each: int, members: int) -> None:
    """Networks with a year of convened meetings, every member invited, and not one reminder planned."""
    from meetings.models import Invitation, Meeting
    from meetings.tests.factories import create_plan
    from members.danish import wall_to_utc
    from members.models import Leader, User
    from members.tests.factories import create_board, create_hr, create_unit
    from networks.models import Membership
    from networks.tests.factories import create_direction, create_network

    unit, hr, direction = create_unit(), create_hr(), create_direction(owner=create_board())
    people = []
    for number in range(networks * members):
        person = User(email=f"leder{number}@egebjerg-kommune.invalid", first_name="Anne", last_name=f"Holm {number}")
        person.fill_texts()
        people.append(person)
    people = User.objects.bulk_create(people)
    posts = Leader.objects.bulk_create(
        Leader(user=person, unit=unit, title="Leder", valid_from=date(2024, 1, 1)) for person in people
    )
    start = (NOW + timedelta(days=40)).date()
    meetings, belonging, holders = [], [], []
    for number in range(networks):
        network = create_network(direction=direction, hr_contact=hr, sponsor=hr, unit=unit)
        mine = slice(number * members, (number + 1) * members)
        belonging += [Membership(network=network, leader=post, joined_on=date(2026, 1, 1)) for post in posts[mine]]
        plan = create_plan(network=network, first_date=start, number_of_meetings=meetings_each)
        for turn in range(meetings_each):
            day = start + timedelta(weeks=4 * turn)
            meeting = Meeting(
                network=network, plan=plan, date=day, start_time=clock(13), end_time=clock(15),
                starts_at=wall_to_utc(day, clock(13)), ends_at=wall_to_utc(day, clock(15)),
                state=Meeting.State.CONVENED, place="Biblioteket", changed_at=NOW,
            )  # fmt: skip
            meetings.append(meeting)
            holders.append(people[mine])
    Membership.objects.bulk_create(belonging)
    Meeting.objects.bulk_create(meetings, batch_size=2_000)
    queued = NOW - timedelta(days=10)
    Invitation.objects.bulk_create(
        Invitation(meeting=meeting, user=user, sequence=0, queued_at=queued)
        for meeting, users in zip(meetings, holders, strict=True)
        for user in users
    )


def called_to(user, plan, number: int) -> None:
    """So many more meetings in a plan, one a day from the new year, and `user` called to each."""
    from meetings.models import Invitation, Meeting
    from members.danish import wall_to_utc

    first = date(NOW.year, 1, 1)
    days = [first + timedelta(days=turn) for turn in range(number)]
    meetings = Meeting.objects.bulk_create(
        Meeting(
            network_id=plan.network_id, plan=plan, date=day, start_time=clock(13), end_time=clock(15),
            starts_at=wall_to_utc(day, clock(13)), ends_at=wall_to_utc(day, clock(15)),
            state=Meeting.State.CONVENED, place="Biblioteket, mødelokale 2", changed_at=NOW,
        )
        for day in days
    )  # fmt: skip
    Invitation.objects.bulk_create(Invitation(meeting=meeting, user=user, queued_at=NOW) for meeting in meetings)


def crowd(network, number: int) -> None:
    """So many more rows on each list of one network's room."""
    from meetings.models import Agreement, LearningCard, MeetingPlan, Topic
    from networks.models import Goal

    user = network.memberships.active().earliest("pk").leader.user
    meeting = network.meetings.filter(state="held").latest("starts_at")
    turns = range(number)
    Topic.objects.bulk_create(
        Topic(network=network, kind="experience", title=f"Emne {turn}", author=user, created_at=NOW) for turn in turns
    )
    Agreement.objects.bulk_create(
        Agreement(network=network, meeting=meeting, text=f"Aftale {turn}", owner=user, created_at=NOW) for turn in turns
    )
    LearningCard.objects.bulk_create(
        LearningCard(network=network, theme="Møder", challenge=f"Kort {turn}", author=user, created_at=NOW)
        for turn in turns
    )
    Goal.objects.bulk_create(
        Goal(network=network, title=f"Mål {turn}", measure="Ja", due_on=NOW.date(), created_at=NOW) for turn in turns
    )
    called_to(user, MeetingPlan.objects.get(network=network), number)
