from collections import Counter
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from meetings import roles, rotation
from meetings.models import Attendance, Meeting, MeetingRole, Rsvp
from meetings.tests.factories import create_meeting
from meetings.tests.people import NOW, create_members, create_people
from members.danish import today
from members.tests.factories import create_leader
from networks.models import Membership
from networks.tests.factories import create_membership

pytestmark = pytest.mark.django_db

Role = MeetingRole.Role
FIRST = today(NOW) + timedelta(days=30)


@pytest.fixture
def people():
    return create_people()


def season(people, number):
    return [create_meeting(network=people.network, date=FIRST + timedelta(weeks=4 * week)) for week in range(number)]


def proposed(people):
    return [(turn.meeting.pk, turn.role, turn.user.pk) for row in rotation.propose(people.network, NOW) for turn in row]


def counts(people, role):
    return Counter(user for _meeting, one, user in proposed(people) if one == role)


def hold(people, weeks_ago, *, present, **holders):
    meeting = create_meeting(
        network=people.network, date=today(NOW) - timedelta(weeks=weeks_ago), state=Meeting.State.HELD
    )
    Attendance.objects.bulk_create(Attendance(meeting=meeting, user=user, presence="present") for user in present)
    for role, user in holders.items():
        MeetingRole.objects.create(meeting=meeting, role=role, user=user, taken_at=NOW)
    return meeting


@pytest.mark.parametrize(("members", "meetings"), [(3, 6), (5, 10), (7, 7), (9, 8), (12, 24)])
def test_each_role_goes_round_evenly(people, members, meetings):
    create_members(people.network, members - 2)
    season(people, meetings)

    for role in MeetingRole.ROTATING:
        turns = counts(people, role)
        everyone = [turns[pk] for pk in people.network.memberships.values_list("leader__user", flat=True)]
        assert max(everyone) - min(everyone) <= 1
    totals = Counter(user for _meeting, _role, user in proposed(people))
    assert max(totals.values()) - min(totals.values()) <= 3


def test_it_is_the_same_every_time_it_is_asked(people):
    create_members(people.network, 5)
    season(people, 6)

    assert proposed(people) == proposed(people)


def test_nobody_has_two_roles_at_a_meeting_while_another_has_none(people):
    create_members(people.network, 1)
    season(people, 4)

    for row in rotation.propose(people.network, NOW):
        assert len({turn.user for turn in row}) == 3


def test_past_seasons_count(people):
    others = create_members(people.network, 1)
    everyone = [people.member, people.coordinator, *others]
    for weeks in (60, 50, 40):
        hold(people, weeks, present=everyone, chair=people.coordinator)
    hold(people, 30, present=everyone, chair=others[0])
    [meeting] = season(people, 1)

    assert (meeting.pk, Role.CHAIR, people.member.pk) in proposed(people)


def test_a_meeting_called_off_was_nobodys_turn(people):
    off = hold(people, 30, present=[], chair=people.member)
    Meeting.objects.filter(pk=off.pk).update(state=Meeting.State.CANCELLED)
    hold(people, 20, present=[people.member, people.coordinator], chair=people.coordinator)
    hold(people, 10, present=[people.member, people.coordinator])
    season(people, 1)

    assert counts(people, Role.CHAIR) == {people.member.pk: 1}


def test_a_newcomer_is_not_made_to_catch_up(people):
    old = [people.member, people.coordinator, *create_members(people.network, 4)]
    for number in range(18):
        hold(people, 80 - 4 * number, present=old, chair=old[number % 6])
    newcomer = create_membership(network=people.network, leader=create_leader()).leader.user
    season(people, 7)

    assert counts(people, Role.CHAIR)[newcomer.pk] <= 2


def test_leave_of_absence_is_skipped_and_only_then(people):
    away = create_members(people.network, 1)[0]
    meetings = season(people, 3)
    Membership.objects.filter(leader__user=away).update(
        leave_from=meetings[0].date, leave_to=meetings[1].date - timedelta(days=1)
    )

    turns = proposed(people)

    assert not [turn for turn in turns if turn[0] == meetings[0].pk and turn[2] == away.pk]
    assert [turn for turn in turns if turn[0] == meetings[1].pk and turn[2] == away.pk]


def test_those_on_leave_now_those_who_left_and_those_who_declined_are_skipped(people):
    on_leave, left = create_members(people.network, 2)
    Membership.objects.filter(leader__user=on_leave).update(state=Membership.State.ON_LEAVE)
    Membership.objects.filter(leader__user=left).update(state=Membership.State.LEFT)
    [meeting] = season(people, 1)
    Rsvp.objects.create(meeting=meeting, user=people.member, answer=Rsvp.Answer.DECLINED)

    assert {user for _meeting, _role, user in proposed(people)} == {people.coordinator.pk}


def test_what_is_taken_already_stands_and_counts(people):
    create_members(people.network, 3)
    first, second = season(people, 2)
    roles.take(second, Role.CHAIR, actor=people.member, now=NOW)

    chairs = {meeting: user for meeting, role, user in proposed(people) if role == Role.CHAIR}

    assert chairs[second.pk] == people.member.pk
    assert chairs[first.pk] != people.member.pk


def test_without_members_who_can_the_role_stays_free(people):
    season(people, 1)
    Membership.objects.update(state=Membership.State.LEFT)

    assert [turn.user for row in rotation.propose(people.network, NOW) for turn in row] == [None] * 3


def test_accepting_gives_the_free_roles_and_leaves_the_others(people):
    [meeting] = season(people, 1)
    chosen = {(meeting.pk, Role.CHAIR): people.member, (meeting.pk, Role.HOST): people.member}
    roles.take(meeting, Role.HOST, actor=people.coordinator, now=NOW)

    with pytest.raises(PermissionDenied):
        rotation.accept(people.network, chosen, actor=people.member, now=NOW)

    assert rotation.accept(people.network, chosen, actor=people.coordinator, now=NOW) == (1, 1)
    assert {(seat.role, seat.user) for seat in meeting.roles.all()} == {
        ("chair", people.member),
        ("host", people.coordinator),
    }


def test_the_coordinator_accepts_on_the_page_and_may_change_it_first(client, people):
    create_members(people.network, 3)
    meeting = create_meeting(network=people.network, date=today() + timedelta(days=10))
    client.force_login(people.coordinator)
    address = reverse("meetings:rotation", args=[people.network.slug])
    form = client.get(address).context["form"]
    sent = {name: form[name].value() or "" for name in form.fields}
    assert len(sent) == 3

    client.post(address, sent | {f"{meeting.pk}-host": "", f"{meeting.pk}-chair": people.member.pk})

    given = dict(meeting.roles.values_list("role", "user"))
    assert given["chair"] == people.member.pk
    assert "host" not in given
    assert "focus" in given


def test_a_member_reads_the_proposal_and_has_no_button(client, people):
    create_meeting(network=people.network, date=today() + timedelta(days=10))
    client.force_login(people.member)

    said = client.get(reverse("meetings:rotation", args=[people.network.slug])).content.decode()

    assert "Forslag:" in said
    assert "Fordel rollerne sådan" not in said
