"""Meetings, plans and rounds for tests. A test spells out what it relies on; the rest is ordinary."""

from datetime import UTC, date, datetime, time, timedelta

from meetings import questions
from meetings.models import Agreement, ClosedPeriod, FeedbackInvitation, FeedbackRound, Invitation, Meeting, MeetingPlan
from networks.tests.factories import create_network

NOW = datetime(2027, 2, 1, 9, 0, tzinfo=UTC)


def create_plan(
    *,
    network=None,
    name="Forår 2027",
    state=MeetingPlan.State.PUBLISHED,
    first_date=date(2027, 3, 4),
    interval_weeks=4,
    number_of_meetings=6,
    start_time=time(13, 0),
    end_time=time(15, 0),
    place="Biblioteket, mødelokale 2",
    link="",
    created_by=None,
    created_at=NOW,
) -> MeetingPlan:
    """A plan without meetings."""
    network = network or create_network()
    return MeetingPlan.objects.create(
        network=network,
        name=name,
        state=state,
        first_date=first_date,
        weekdays=[first_date.weekday()],
        interval_weeks=interval_weeks,
        number_of_meetings=number_of_meetings,
        start_time=start_time,
        end_time=end_time,
        place=place,
        link=link,
        created_by=created_by or network.created_by,
        created_at=created_at,
        published_at=created_at if state == MeetingPlan.State.PUBLISHED else None,
    )


def create_meeting(
    *,
    network=None,
    plan=None,
    date=date(2027, 3, 4),
    start_time=time(13, 0),
    end_time=time(15, 0),
    state=Meeting.State.CONVENED,
    place="Biblioteket, mødelokale 2",
    link="",
    theme="",
    sequence=0,
    changed_at=NOW,
    held_at=None,
    invite=True,
) -> Meeting:
    """A meeting; unless it is planned only, those who are active members already hold an invitation to it."""
    network = network or (plan.network if plan else create_network())
    plan = plan or network.plans.first() or create_plan(network=network, first_date=date)
    meeting = Meeting.objects.create(
        network=network,
        plan=plan,
        date=date,
        start_time=start_time,
        end_time=end_time,
        state=state,
        place=place,
        link=link,
        theme=theme,
        sequence=sequence,
        changed_at=changed_at,
        held_at=held_at,
    )
    if invite and state != Meeting.State.PLANNED:
        Invitation.objects.bulk_create(
            Invitation(meeting=meeting, user_id=user, sequence=sequence, queued_at=changed_at)
            for user in network.memberships.active().values_list("leader__user", flat=True)
        )
    return meeting


def create_round(
    *,
    network=None,
    state=FeedbackRound.State.OPEN,
    opens_at=NOW,
    closes_at=None,
    anonymity_threshold=5,
    question_set=questions.CURRENT,
    created_by=None,
    invite=True,
) -> FeedbackRound:
    """A round; when it is open, those who are active members already are asked."""
    network = network or create_network()
    closes_at = closes_at or opens_at + timedelta(days=14)
    was_opened = state != FeedbackRound.State.DRAFT
    was_closed = state in (FeedbackRound.State.CLOSED, FeedbackRound.State.SHARED)
    round = FeedbackRound.objects.create(
        network=network,
        state=state,
        question_set=question_set,
        anonymity_threshold=anonymity_threshold,
        opens_at=opens_at,
        closes_at=closes_at,
        opened_at=opens_at if was_opened else None,
        closed_at=closes_at if was_closed else None,
        created_by=created_by or network.created_by,
    )
    if invite and state == FeedbackRound.State.OPEN:
        FeedbackInvitation.objects.bulk_create(
            FeedbackInvitation(round=round, user_id=user)
            for user in network.memberships.active().values_list("leader__user", flat=True)
        )
    return round


def create_closed_period(
    *, kind=ClosedPeriod.Kind.SCHOOL_BREAK, name="Efterårsferie", first_date=date(2027, 10, 18), last_date=None
) -> ClosedPeriod:
    """A week or a day that HR keeps."""
    return ClosedPeriod.objects.create(kind=kind, name=name, first_date=first_date, last_date=last_date or first_date)


def create_agreement(
    *,
    meeting=None,
    text="Sende skabelonen rundt",
    owner=None,
    is_everyones=False,
    due_on=None,
    state=Agreement.State.OPEN,
    created_at=NOW,
) -> Agreement:
    meeting = meeting or create_meeting()
    return Agreement.objects.create(
        network=meeting.network,
        meeting=meeting,
        text=text,
        owner=owner,
        is_everyones=is_everyones,
        due_on=due_on,
        state=state,
        created_at=created_at,
        settled_at=None if state == Agreement.State.OPEN else created_at,
    )
