"""Two at once, let go at the same instant. Each runs a few rounds, since luck can hide a race."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, time
from threading import Barrier

import pytest
from django.db import connection, transaction

from meetings import attendance, date_poll, planning, replies, scheduling
from meetings.date_poll import Time
from meetings.models import CalendarReply, Invitation, Meeting, MeetingPlan, Rsvp
from meetings.tests.calendar_mails import SAID, outlook
from meetings.tests.people import NOW, create_people
from meetings.tests.test_planning import draft
from members.models import Message, User
from members.tests.factories import create_leader
from networks.models import Membership, Network
from networks.signals import membership_started
from networks.tests.factories import create_membership

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 3


def at_once(*acts) -> list:
    """What each act gave back or raised."""
    barrier = Barrier(len(acts))

    def run(act):
        try:
            barrier.wait(10)
            return act()
        except Exception as problem:
            return problem
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def fresh(row):
    """As another request would have it: nothing shared, nothing remembered."""
    return type(row).objects.get(pk=row.pk)


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_two_publish_the_same_plan(_round):
    people = create_people()
    plan = draft(people)

    done = at_once(
        *[lambda: planning.publish(fresh(plan), actor=User.objects.get(pk=people.coordinator.pk), now=NOW)] * 2
    )

    assert sorted(done) == [False, True]
    assert Message.objects.filter(kind="plan_published").count() == 2
    assert Message.objects.filter(kind="meeting_invitation").count() == 4
    assert Invitation.objects.count() == 4


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_two_make_a_draft(_round):
    people = create_people()

    done = at_once(*[lambda: draft(people)] * 2)

    assert done[0] == done[1]
    assert (MeetingPlan.objects.count(), Meeting.objects.count()) == (1, 2)


def published() -> tuple:
    people = create_people()
    plan = draft(people, dates=[date(2027, 3, 4)])
    planning.publish(plan, actor=people.coordinator, now=NOW)
    return people, plan.meetings.get()


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_two_coordinators_move_the_same_meeting_to_different_days(_round):
    people, meeting = published()
    Membership.objects.filter(leader__user=people.member).update(is_coordinator=True)

    def move_to(day, coordinator):
        return lambda: scheduling.move(
            fresh(meeting),
            date=day,
            start_time=time(13),
            end_time=time(15),
            actor=User.objects.get(pk=coordinator.pk),
            now=NOW,
            seen_sequence=0,
        )

    done = at_once(move_to(date(2027, 3, 11), people.coordinator), move_to(date(2027, 3, 18), people.member))

    assert sorted(type(result) for result in done if result is not True) == [scheduling.Outdated]
    assert done.count(True) == 1
    assert (fresh(meeting).sequence, meeting.changes.count()) == (1, 1)


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_a_reply_while_the_meeting_is_cancelled(_round):
    people, meeting = published()

    reply, cancelled = at_once(
        lambda: attendance.reply(fresh(meeting), user=people.member, answer=Rsvp.Answer.ACCEPTED, now=NOW),
        lambda: scheduling.cancel(fresh(meeting), actor=people.coordinator, now=NOW),
    )

    assert cancelled is True
    assert isinstance(reply, Rsvp | attendance.RepliesClosed)
    assert fresh(meeting).state == Meeting.State.CANCELLED
    assert Rsvp.objects.count() == (1 if isinstance(reply, Rsvp) else 0)


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_a_reply_while_the_meeting_is_moved_never_counts_for_the_new_day(_round):
    people, meeting = published()

    reply, moved = at_once(
        lambda: attendance.reply(
            fresh(meeting), user=people.member, answer=Rsvp.Answer.ACCEPTED, now=NOW, seen_sequence=0
        ),
        lambda: scheduling.move(
            fresh(meeting),
            date=date(2027, 3, 11),
            start_time=time(13),
            end_time=time(15),
            actor=people.coordinator,
            now=NOW,
            seen_sequence=0,
        ),
    )

    assert moved is True
    assert isinstance(reply, Rsvp | attendance.RepliesClosed)
    assert not Rsvp.objects.filter(answer=Rsvp.Answer.ACCEPTED).exists()


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_a_newcomer_while_the_plan_is_published_gets_each_meeting_once(_round):
    people = create_people()
    plan = draft(people)
    leader = create_leader()

    def join():
        with transaction.atomic():
            network = Network.objects.select_for_update().get(pk=people.network.pk)
            membership = create_membership(network=network, leader=leader)
            membership_started.send(sender=Membership, membership=membership, actor=people.hr, now=NOW)
        return True

    done = at_once(join, lambda: planning.publish(fresh(plan), actor=people.coordinator, now=NOW))

    assert done == [True, True]
    assert Invitation.objects.filter(user=leader.user).count() == 2
    assert Message.objects.filter(kind="meeting_invitation", recipient=leader.user).count() == 2


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_a_newcomer_while_a_meeting_moves_ends_with_its_new_sequence(_round):
    people, meeting = published()
    leader = create_leader()

    def join():
        with transaction.atomic():
            membership = create_membership(network=people.network, leader=leader)
            membership_started.send(sender=Membership, membership=membership, actor=people.hr, now=NOW)
        return True

    done = at_once(
        join,
        lambda: scheduling.move(
            fresh(meeting),
            date=date(2027, 3, 11),
            start_time=time(13),
            end_time=time(15),
            actor=people.coordinator,
            now=NOW,
            seen_sequence=0,
        ),
    )

    assert done == [True, True]
    assert Invitation.objects.get(user=leader.user).sequence == 1


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_a_calendars_reply_while_the_meeting_is_moved_never_counts_for_the_new_day(_round):
    people, meeting = published()

    outcome, moved = at_once(
        lambda: replies.handle(outlook(meeting, people.member), now=SAID),
        lambda: scheduling.move(
            fresh(meeting),
            date=date(2027, 3, 11),
            start_time=time(13),
            end_time=time(15),
            actor=people.coordinator,
            now=NOW,
            seen_sequence=0,
        ),
    )

    assert moved is True
    assert outcome in (CalendarReply.Outcome.RECORDED, CalendarReply.Outcome.MOVED)
    assert not Rsvp.objects.filter(answer=Rsvp.Answer.ACCEPTED).exists()
    assert CalendarReply.objects.get().outcome == outcome


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_a_calendars_reply_while_the_meeting_is_cancelled(_round):
    people, meeting = published()

    outcome, cancelled = at_once(
        lambda: replies.handle(outlook(meeting, people.member), now=SAID),
        lambda: scheduling.cancel(fresh(meeting), actor=people.coordinator, now=NOW),
    )

    assert cancelled is True
    assert outcome in (CalendarReply.Outcome.RECORDED, CalendarReply.Outcome.CANCELLED)
    assert fresh(meeting).state == Meeting.State.CANCELLED
    assert Rsvp.objects.count() == (1 if outcome == CalendarReply.Outcome.RECORDED else 0)


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_the_same_mail_read_by_two_at_once_is_handled_once(_round):
    people, meeting = published()
    mail = outlook(meeting, people.member)

    outcomes = at_once(*[lambda: replies.handle(mail, now=SAID)] * 2)

    assert outcomes == [CalendarReply.Outcome.RECORDED] * 2
    assert (CalendarReply.objects.count(), Rsvp.objects.count()) == (1, 1)


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_two_coordinators_pick_different_dates(_round):
    people, meeting = published()
    membership = Membership.objects.get(leader__user=people.member)
    membership.is_coordinator = True
    membership.save()
    times = [Time(date(2027, 3, 11), time(13), time(15)), Time(date(2027, 3, 18), time(13), time(15))]
    poll = date_poll.ask(meeting, times, deadline=date(2027, 2, 10), actor=people.coordinator, now=NOW)
    first, second = poll.candidates.all()

    done = at_once(
        lambda: date_poll.pick(fresh(first), actor=people.coordinator, now=NOW),
        lambda: date_poll.pick(fresh(second), actor=people.member, now=NOW),
    )

    assert done.count(True) == 1
    assert [type(result) for result in done if result is not True] == [scheduling.NotPossible]
    assert (fresh(meeting).sequence, meeting.changes.count()) == (1, 1)
    assert fresh(meeting).date == fresh(poll).chosen.date


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_one_postpones_while_another_moves(_round):
    people, meeting = published()

    done = at_once(
        lambda: scheduling.postpone(
            fresh(meeting), actor=people.coordinator, now=NOW, seen_sequence=0, reason="Sygdom"
        ),
        lambda: scheduling.move(
            fresh(meeting),
            date=date(2027, 3, 11),
            start_time=time(13),
            end_time=time(15),
            actor=people.coordinator,
            now=NOW,
            seen_sequence=0,
        ),
    )

    assert done.count(True) == 1
    assert [type(result) for result in done if result is not True] == [scheduling.Outdated]
    assert (fresh(meeting).sequence, meeting.changes.count()) == (1, 1)
