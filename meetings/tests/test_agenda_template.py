from datetime import date, time, timedelta

import pytest

from meetings import agenda_template as template
from meetings.models import AgendaItem, Meeting
from meetings.tests.factories import create_meeting
from meetings.tests.people import NOW, create_people
from networks.models import Charter, NetworkType

pytestmark = pytest.mark.django_db

Kind = AgendaItem.Kind
FOUR_FS = [Kind.FREE_SPACE, Kind.FLEXIBILITY, Kind.COMMITMENT, Kind.FEEDBACK]
STANDARD = [Kind.HERE_AND_NOW, Kind.THEME, Kind.EXERCISE, Kind.SPARRING, Kind.AGREEMENTS, Kind.CHECK_OUT]


@pytest.fixture
def people():
    return create_people()


def agree(people, *, opens=True):
    Charter.objects.create(
        network=people.network,
        number=1,
        state=Charter.State.IN_EFFECT,
        ground_rules="Vi kommer til tiden.",
        values="Mod\nRo\nVenlighed",
        opens_with_here_and_now=opens,
        proposed_by=people.member,
        proposed_at=NOW,
        deadline=date(2027, 2, 10),
        effective_at=NOW,
    )


def kinds(meeting):
    return [item.kind for item in template.proposed(meeting)]


def exercises(meeting):
    return [item.exercise for item in template.proposed(meeting) if item.kind == Kind.EXERCISE]


def later(people, weeks, **changes):
    return create_meeting(network=people.network, date=date(2027, 3, 4) + timedelta(weeks=weeks), **changes)


def test_an_ordinary_meeting_begins_with_here_and_now_and_ends_with_check_out(people):
    agree(people)
    later(people, -4, state=Meeting.State.HELD)

    assert kinds(later(people, 0)) == STANDARD


def test_the_first_meeting_without_ground_rules_asks_the_four_fs_in_their_order(people):
    assert kinds(later(people, 0)) == [Kind.HERE_AND_NOW, *FOUR_FS, Kind.CHECK_OUT]


def test_with_ground_rules_the_first_meeting_is_an_ordinary_one_without_old_agreements(people):
    agree(people)

    assert kinds(later(people, 0)) == [kind for kind in STANDARD if kind != Kind.AGREEMENTS]


def test_the_second_meeting_does_not_ask_the_four_fs_again(people):
    later(people, 0)

    assert kinds(later(people, 4)) == STANDARD


@pytest.mark.parametrize("state", [Meeting.State.CANCELLED, Meeting.State.POSTPONED])
def test_a_meeting_called_off_or_put_off_was_not_the_first(people, state):
    later(people, 0, state=state)

    assert kinds(later(people, 4)) == [Kind.HERE_AND_NOW, *FOUR_FS, Kind.CHECK_OUT]


def test_a_mixed_network_gets_two_meetings_to_understand_each_other():
    people = create_people(type=NetworkType.TVAERFAGLIG)
    first, second, third = (later(people, weeks) for weeks in (0, 4, 8))

    assert [exercises(meeting) for meeting in (first, second, third)] == [["relationsaabner"], ["faelles-ordbog"], [""]]
    assert kinds(first)[2:6] == FOUR_FS


def test_a_group_that_has_agreed_not_to_open_so_does_not(people):
    agree(people, opens=False)

    assert Kind.HERE_AND_NOW not in kinds(later(people, 0))


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (time(13), time(15)),
        (time(13), time(15, 30)),
        (time(12), time(12, 45)),
        (time(9), time(16)),
        (time(13), time(13, 20)),
        (time(13), time(14, 57)),
        (time(13), time(13, 6)),
    ],
)
def test_the_minutes_add_up_to_the_meeting(people, start, end):
    for weeks in (0, 4):
        meeting = later(people, weeks, start_time=start, end_time=end)

        minutes = [item.minutes for item in template.proposed(meeting)]

        assert sum(minutes) == template.length(meeting)
        assert min(minutes) >= 1


def test_two_hours_are_given_in_fives_and_the_rounds_stay_short(people):
    later(people, -4)
    minutes = {item.kind: item.minutes for item in template.proposed(later(people, 0))}

    assert all(number % 5 == 0 for number in minutes.values())
    assert minutes[Kind.HERE_AND_NOW] <= 15
    assert minutes[Kind.CHECK_OUT] <= 15


def test_a_meeting_shorter_than_its_points_gives_each_a_minute(people):
    meeting = later(people, 0, end_time=time(13, 3))

    assert [item.minutes for item in template.proposed(meeting)] == [1] * 6
