from datetime import date, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection

from meetings import agenda, room
from meetings.models import Agenda, AgendaItem, Meeting
from meetings.tests.factories import create_meeting
from meetings.tests.people import NOW, create_people
from members.danish import COPENHAGEN
from members.models import AuditEvent
from networks import readiness
from networks.conflicts import ChangedMeanwhile
from networks.models import Membership, Network
from networks.refusal import Refused

pytestmark = pytest.mark.django_db

Kind = AgendaItem.Kind
CANARY = "KANARIEFUGLEN SANG"


@pytest.fixture
def people():
    return create_people()


@pytest.fixture
def meeting(people):
    create_meeting(network=people.network, date=date(2027, 1, 7), state=Meeting.State.HELD)
    return create_meeting(network=people.network)


@pytest.fixture
def laid(people, meeting):
    agenda.lay_out(meeting, actor=people.member, now=NOW)
    return meeting


def kinds(meeting):
    return [item.kind for item in agenda.of(meeting).items]


def positions(meeting):
    return list(meeting.agenda_items.values_list("position", flat=True))


def item_of(meeting, kind):
    return meeting.agenda_items.get(kind=kind)


def add(meeting, people, **changes):
    return agenda.add(meeting, **{"actor": people.member, "title": CANARY, "minutes": 10, "now": NOW} | changes)


def change(item, actor, **changes):
    values = {"title": "", "minutes": item.minutes, "exercise": item.exercise, "responsible": None}
    return agenda.change(item, actor=actor, **values | {"seen": item.version, "now": NOW} | changes)


# --- Laying out ------------------------------------------------------------------------------------------------------


def test_until_someone_changes_it_the_agenda_is_a_proposal(people, meeting):
    plan = agenda.of(meeting)

    assert plan.is_proposed
    assert plan.begins_with_here_and_now
    assert not AgendaItem.objects.exists()


def test_laying_out_makes_it_the_members_own_once(people, meeting):
    proposed = kinds(meeting)

    agenda.lay_out(meeting, actor=people.member, now=NOW)
    agenda.lay_out(meeting, actor=people.coordinator, now=NOW)

    assert kinds(meeting) == proposed
    assert positions(meeting) == [1, 2, 3, 4, 5, 6]
    assert AuditEvent.objects.filter(verb="lay_out_agenda").count() == 1


def test_each_point_says_when_it_begins(laid):
    first, second, *_rest = agenda.of(laid).items

    assert first.begins_at == laid.starts_at
    assert second.begins_at == laid.starts_at + timedelta(minutes=first.minutes)


def test_the_sum_is_held_against_the_meetings_length(people, laid):
    assert (agenda.of(laid).spare, agenda.of(laid).over) == (0, 0)

    add(laid, people, minutes=25)

    assert (agenda.of(laid).spare, agenda.of(laid).over) == (-25, 25)


# --- Changing --------------------------------------------------------------------------------------------------------


def test_a_new_point_stands_before_those_that_end_the_meeting(people, laid):
    add(laid, people)

    assert kinds(laid)[-3:] == [Kind.OTHER, Kind.AGREEMENTS, Kind.CHECK_OUT]
    assert positions(laid) == [1, 2, 3, 4, 5, 6, 7]


def test_a_point_added_to_a_proposal_lays_it_out(people, meeting):
    add(meeting, people)

    assert len(kinds(meeting)) == 7


def test_an_exercise_needs_no_title_of_its_own(people, laid):
    item = add(laid, people, title="", exercise="speed-sparring")

    assert (item.kind, item.heading) == (Kind.EXERCISE, "Speedsparring")


def test_a_point_about_nothing_is_refused(people, laid):
    with pytest.raises(Refused):
        add(laid, people, title="")


def test_an_exercise_outside_the_catalogue_is_refused(people, laid):
    with pytest.raises(PermissionDenied):
        add(laid, people, exercise="dans")


@pytest.mark.parametrize("minutes", [0, 601])
def test_minutes_make_sense(people, laid, minutes):
    with pytest.raises(Refused):
        add(laid, people, minutes=minutes)


def test_an_agenda_has_an_end(people, laid):
    for number in range(24):
        add(laid, people, title=f"Punkt {number}")

    with pytest.raises(Refused):
        add(laid, people)


def test_only_a_member_can_be_responsible(people, laid):
    assert add(laid, people, responsible=people.coordinator).responsible == people.coordinator
    with pytest.raises(Refused):
        add(laid, people, title="Andet", responsible=people.other_leader)


def test_a_change_is_saved_over_the_version_that_was_read(people, laid):
    item = item_of(laid, Kind.THEME)
    change(item, people.member, title="Om at sige nej")

    with pytest.raises(ChangedMeanwhile) as conflict:
        change(item, people.member, title="Noget andet")

    assert conflict.value.current.title == "Om at sige nej"
    assert item_of(laid, Kind.THEME).heading == "Om at sige nej"


def test_an_empty_title_gives_the_usual_one_back(people, laid):
    item = change(item_of(laid, Kind.SPARRING), people.member, title="Vores egen")

    assert change(item, people.member, title="").heading == "Sparring"


def test_up_and_down_change_places(people, laid):
    before = kinds(laid)
    seen = agenda.of(laid).version

    agenda.move(item_of(laid, Kind.SPARRING), step=agenda.UP, actor=people.member, seen=seen, now=NOW)

    assert kinds(laid) == [*before[:2], before[3], before[2], *before[4:]]
    assert positions(laid) == [1, 2, 3, 4, 5, 6]


def test_the_first_cannot_go_up(people, laid):
    before, seen = kinds(laid), agenda.of(laid).version

    agenda.move(item_of(laid, Kind.HERE_AND_NOW), step=agenda.UP, actor=people.member, seen=seen, now=NOW)

    assert (kinds(laid), agenda.of(laid).version) == (before, seen)


def test_the_second_to_move_or_remove_is_told(people, laid):
    seen = agenda.of(laid).version
    agenda.remove(item_of(laid, Kind.THEME), actor=people.member, seen=seen, now=NOW)
    after = kinds(laid)

    with pytest.raises(Refused):
        agenda.remove(item_of(laid, Kind.SPARRING), actor=people.member, seen=seen, now=NOW)
    with pytest.raises(Refused):
        agenda.move(item_of(laid, Kind.SPARRING), step=agenda.UP, actor=people.member, seen=seen, now=NOW)

    assert kinds(laid) == after


def test_what_is_removed_leaves_no_gap(people, laid):
    agenda.remove(item_of(laid, Kind.THEME), actor=people.member, seen=1, now=NOW)

    assert positions(laid) == [1, 2, 3, 4, 5]


def test_a_point_someone_removed_cannot_be_changed(people, laid):
    item = item_of(laid, Kind.THEME)
    agenda.remove(item_of(laid, Kind.THEME), actor=people.member, seen=1, now=NOW)

    with pytest.raises(Refused):
        change(item, people.member)


# --- Who and when ----------------------------------------------------------------------------------------------------

ACTS = [
    lambda meeting, actor, now: agenda.lay_out(meeting, actor=actor, now=now),
    lambda meeting, actor, now: agenda.add(meeting, actor=actor, title="Nyt", minutes=5, now=now),
    lambda meeting, actor, now: change(meeting.agenda_items.first(), actor, title="Nyt", now=now),
    lambda meeting, actor, now: agenda.move(meeting.agenda_items.first(), step=1, actor=actor, seen=1, now=now),
    lambda meeting, actor, now: agenda.remove(meeting.agenda_items.first(), actor=actor, seen=1, now=now),
]


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("who", ["hr", "sponsor", "board", "system_admin", "other_leader"])
def test_only_members_touch_it(people, laid, act, who):
    with pytest.raises(PermissionDenied):
        act(laid, getattr(people, who), NOW)


@pytest.mark.parametrize("act", ACTS)
def test_one_who_has_left_touches_nothing(people, laid, act):
    Membership.objects.filter(leader__user=people.member).update(state=Membership.State.LEFT)

    with pytest.raises(PermissionDenied):
        act(laid, people.member, NOW)


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("state", [Network.State.PAUSED, Network.State.CLOSED])
def test_a_network_at_rest_is_read_only(people, laid, act, state):
    Network.objects.filter(pk=people.network.pk).update(state=state)

    with pytest.raises(Refused):
        act(laid, people.member, NOW)


@pytest.mark.parametrize("act", ACTS)
def test_a_meeting_called_off_is_read_only(people, laid, act):
    Meeting.objects.filter(pk=laid.pk).update(state=Meeting.State.CANCELLED)

    with pytest.raises(Refused):
        act(laid, people.member, NOW)


@pytest.mark.parametrize("act", ACTS)
def test_it_is_open_until_a_while_after_the_meeting(people, laid, act):
    last = laid.ends_at + room.RUNS_OVER

    with pytest.raises(Refused):
        act(laid, people.member, last)
    act(laid, people.member, last - timedelta(seconds=1))


def test_it_stays_open_when_attendance_is_ticked_on_the_way(people, laid):
    Meeting.objects.filter(pk=laid.pk).update(state=Meeting.State.HELD)

    add(laid, people, now=datetime(2027, 3, 4, 14, tzinfo=COPENHAGEN))

    assert len(kinds(laid)) == 7


# --- Secrecy and readiness -------------------------------------------------------------------------------------------


def test_the_text_is_unreadable_in_the_database_and_absent_from_the_log(people, laid):
    add(laid, people)

    with connection.cursor() as cursor:
        cursor.execute("SELECT title FROM meetings_agendaitem")
        assert CANARY not in str(cursor.fetchall())
    assert CANARY not in str(list(AuditEvent.objects.values()))


def test_the_next_meeting_begins_with_here_and_now_until_the_members_move_it(people, meeting):
    yes = (True, meeting.get_absolute_url())
    assert agenda.opening_of(people.network, None, NOW) == yes
    agenda.lay_out(meeting, actor=people.member, now=NOW)
    assert agenda.opening_of(people.network, None, NOW) == yes

    agenda.move(item_of(meeting, Kind.HERE_AND_NOW), step=agenda.DOWN, actor=people.member, seen=1, now=NOW)

    assert agenda.opening_of(people.network, None, NOW) == (False, meeting.get_absolute_url())
    tick = readiness.ticks(people.network, now=NOW)[0]
    assert (tick.key, tick.is_ready, tick.url) == ("here_and_now", False, meeting.get_absolute_url())


@pytest.mark.parametrize("has_agenda", [False, True])
def test_how_the_next_meeting_begins_is_one_query(people, meeting, django_assert_num_queries, has_agenda):
    if has_agenda:
        agenda.lay_out(meeting, actor=people.member, now=NOW)

    with django_assert_num_queries(1):
        agenda.opening_of(people.network, None, NOW)


def test_without_a_coming_meeting_the_agreement_decides(people):
    assert agenda.opening_of(people.network, None, NOW) is None
    assert readiness.ticks(people.network, now=NOW)[0].is_ready is False


def test_removing_a_meeting_takes_its_agenda_along(people, laid):
    laid.invitations.all().delete()
    laid.delete()

    assert (Agenda.objects.count(), AgendaItem.objects.count()) == (0, 0)
