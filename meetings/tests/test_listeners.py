from datetime import date, timedelta

import pytest

from meetings import invitations, planning, scheduling
from meetings.models import Invitation, Meeting
from meetings.tests.factories import create_meeting
from meetings.tests.people import NOW, create_people
from meetings.tests.test_planning import draft
from members.models import Message
from members.tests.factories import create_leader
from networks import leave as leave_of_absence
from networks.models import Membership, Network
from networks.signals import membership_ended, membership_started, network_closed
from networks.tests.factories import create_membership

pytestmark = pytest.mark.django_db


@pytest.fixture
def people():
    return create_people()


@pytest.fixture
def meetings(people):
    """One of the past and two to come."""
    past = create_meeting(network=people.network, date=date(2027, 1, 7), state=Meeting.State.HELD)
    planning.publish(draft(people), actor=people.coordinator, now=NOW)
    return [past, *people.network.meetings.filter(state=Meeting.State.CONVENED).order_by("date")]


def join(people, leader=None, now=NOW) -> Membership:
    membership = create_membership(network=people.network, leader=leader or create_leader())
    membership_started.send(sender=Membership, membership=membership, actor=people.hr, now=now)
    return membership


def leave(membership, people, now=NOW):
    membership.state = Membership.State.LEFT
    membership.save()
    membership_ended.send(sender=Membership, membership=membership, actor=people.hr, now=now)


def open_for(user) -> set:
    waiting = Message.objects.filter(recipient=user, state__in=Message.OPEN_STATES)
    return set(waiting.values_list("kind", "subject_id", "sequence", "offset_minutes"))


def test_a_newcomer_gets_the_coming_meetings_and_their_reminders_only(people, meetings):
    _past, first, second = meetings

    user = join(people).leader.user

    assert open_for(user) == {
        (kind, meeting.pk, 0, offset)
        for meeting in (first, second)
        for kind, offset in (
            ("meeting_invitation", 0),
            ("answer_please", 7 * 1440),
            ("answer_please", 2 * 1440),
        )
    }


def test_a_newcomer_gets_a_moved_meeting_with_its_sequence(people, meetings):
    scheduling.move(
        meetings[1],
        date=date(2027, 3, 11),
        start_time=meetings[1].start_time,
        end_time=meetings[1].end_time,
        actor=people.coordinator,
        now=NOW,
        seen_sequence=0,
    )

    user = join(people).leader.user

    assert ("meeting_invitation", meetings[1].pk, 1, 0) in open_for(user)


def test_a_leaver_loses_the_coming_meetings_and_nobody_else_hears(people, meetings):
    membership = people.network.memberships.get(leader__user=people.member)
    others_before = open_for(people.coordinator)

    leave(membership, people)

    assert open_for(people.member) == {("meeting_cancelled", meeting.pk, 1, 0) for meeting in meetings[1:]}
    assert open_for(people.coordinator) == others_before
    held = dict(Invitation.objects.filter(user=people.member).values_list("meeting", "is_cancelled"))
    assert held == {meetings[0].pk: False, meetings[1].pk: True, meetings[2].pk: True}


def test_a_leave_of_absence_takes_the_meetings_and_the_return_gives_them_again(people, meetings):
    membership = people.network.memberships.get(leader__user=people.member)
    others_before = open_for(people.coordinator)
    leave_of_absence.take_leave(
        membership, leave_from=NOW.date(), leave_to=NOW.date() + timedelta(days=5), actor=people.member, now=NOW
    )
    assert open_for(people.member) == {("meeting_cancelled", meeting.pk, 1, 0) for meeting in meetings[1:]}
    assert invitations.active_users(people.network) != []
    assert people.member.pk not in invitations.active_users(people.network)

    leave_of_absence.turn_leaves(now=NOW + timedelta(days=6))

    latest = {key[:3] for key in open_for(people.member) if key[0] == "meeting_invitation"}
    assert latest == {("meeting_invitation", meeting.pk, 2) for meeting in meetings[1:]}
    assert open_for(people.coordinator) == others_before


def test_who_comes_back_gets_a_higher_sequence_and_new_reminders(people, meetings):
    membership = people.network.memberships.get(leader__user=people.member)
    leave(membership, people)
    join(people, leader=membership.leader, now=NOW + timedelta(hours=1))

    latest = {key for key in open_for(people.member) if key[0] != "meeting_cancelled"}
    assert latest == {
        (kind, meeting.pk, 2, offset)
        for meeting in meetings[1:]
        for kind, offset in (
            ("meeting_invitation", 0),
            ("answer_please", 7 * 1440),
            ("answer_please", 2 * 1440),
        )
    }


def test_a_change_after_someone_came_back_is_higher_than_all_they_have_seen(people, meetings):
    membership = people.network.memberships.get(leader__user=people.member)
    leave(membership, people)
    join(people, leader=membership.leader)

    scheduling.cancel(meetings[1], actor=people.coordinator, now=NOW)

    assert {key for key in open_for(people.member) if key[1] == meetings[1].pk and key[0] == "meeting_cancelled"} == {
        ("meeting_cancelled", meetings[1].pk, 3, 0)
    }
    assert ("meeting_cancelled", meetings[1].pk, 3, 0) in open_for(people.coordinator)


def test_a_leavers_cancellation_survives_a_later_move(people, meetings):
    leave(people.network.memberships.get(leader__user=people.member), people)

    scheduling.move(
        meetings[1],
        date=date(2027, 3, 11),
        start_time=meetings[1].start_time,
        end_time=meetings[1].end_time,
        actor=people.coordinator,
        now=NOW,
        seen_sequence=0,
    )

    assert ("meeting_cancelled", meetings[1].pk, 1, 0) in open_for(people.member)
    assert not [key for key in open_for(people.member) if key[0] == "meeting_changed"]


def test_a_closed_network_cancels_what_lies_ahead(people, meetings):
    network_closed.send(sender=Network, network=people.network, actor=people.hr, now=NOW)

    states = dict(people.network.meetings.values_list("pk", "state"))
    assert states == {
        meetings[0].pk: Meeting.State.HELD,
        meetings[1].pk: Meeting.State.CANCELLED,
        meetings[2].pk: Meeting.State.CANCELLED,
    }
    assert open_for(people.member) - {key for key in open_for(people.member) if key[0] == "plan_published"} == {
        ("meeting_cancelled", meeting.pk, 1, 0) for meeting in meetings[1:]
    }
