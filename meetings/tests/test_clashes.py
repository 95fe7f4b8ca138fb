from datetime import date, time

import pytest

from meetings.clashes import Busy, Clashes, of_person
from meetings.models import Meeting
from meetings.tests.factories import create_meeting
from meetings.tests.people import create_members, create_people
from networks.models import Membership
from networks.tests.factories import create_membership, create_network

pytestmark = pytest.mark.django_db

DAY = date(2027, 3, 4)


@pytest.fixture
def people():
    return create_people()


@pytest.fixture
def other(people):
    """Another network, which the member of the first is in as well."""
    other = create_network(name="Hemmeligt netværk")
    create_membership(network=other, leader=people.member.posts.get())
    return other


def busy(people, start=13, end=15):
    return Clashes(people.network, DAY, DAY).busy(DAY, time(start), time(end))


def test_a_meeting_at_the_same_time_counts_each_person_once(people, other):
    create_meeting(network=other, date=DAY, start_time=time(14), end_time=time(16))
    create_meeting(network=other, date=DAY, start_time=time(12), end_time=time(13, 30))

    assert busy(people) == Busy(at_once=1, same_day=0)


def test_a_meeting_that_ends_when_this_begins_is_the_same_day_only(people, other):
    create_meeting(network=other, date=DAY, start_time=time(11), end_time=time(13))

    assert busy(people) == Busy(at_once=0, same_day=1)


def test_what_is_off_or_ones_own_or_of_one_who_has_left_does_not_count(people, other):
    create_meeting(network=other, date=DAY, state=Meeting.State.CANCELLED)
    create_meeting(network=other, date=DAY, state=Meeting.State.POSTPONED)
    create_meeting(network=other, date=DAY, state=Meeting.State.PLANNED)
    create_meeting(network=people.network, date=DAY)
    assert busy(people) == Busy(0, 0)

    create_meeting(network=other, date=DAY)
    assert busy(people) == Busy(1, 0)
    Membership.objects.filter(network=people.network, leader__user=people.member).update(state=Membership.State.LEFT)
    assert busy(people) == Busy(0, 0)


def test_words_name_neither_person_nor_network(people, other):
    create_meeting(network=other, date=DAY)

    assert busy(people).words == ["1 af jer har møde i et andet netværk på samme tid"]


def test_a_person_sees_their_own_by_name(people, other):
    create_meeting(network=other, date=DAY)

    (meeting,) = of_person(people.member, people.network, DAY, DAY)[DAY]

    assert meeting.network == other
    assert of_person(people.coordinator, people.network, DAY, DAY) == {}


def test_queries_are_flat(people, other, django_assert_num_queries):
    for number in (1, 2, 50):
        create_members(other, number)
        create_meeting(network=other, date=DAY)
        with django_assert_num_queries(2):
            busy(people)
