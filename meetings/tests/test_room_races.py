"""Two members within a meeting at the same instant: agenda, topics and roles."""

import pytest

from meetings import agenda, roles, topics
from meetings.tests.people import NOW
from meetings.tests.test_races import ROUNDS, at_once, fresh, published
from members.models import User
from networks.refusal import Refused

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_two_reorder_the_agenda_and_one_is_told(_round):
    people, meeting = published()
    agenda.lay_out(meeting, actor=people.member, now=NOW)
    items = list(meeting.agenda_items.all())

    def move(item, step, actor):
        user = User.objects.get(pk=actor.pk)
        return lambda: agenda.move(fresh(item), step=step, actor=user, seen=1, now=NOW)

    done = at_once(move(items[1], agenda.UP, people.member), move(items[3], agenda.DOWN, people.coordinator))

    assert sorted(type(result) for result in done if result is not None) == [Refused]
    assert list(meeting.agenda_items.values_list("position", flat=True)) == list(range(1, len(items) + 1))
    assert fresh(meeting).agenda.version == 2


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_two_lay_the_agenda_out_once(_round):
    people, meeting = published()

    done = at_once(
        lambda: agenda.lay_out(fresh(meeting), actor=User.objects.get(pk=people.member.pk), now=NOW),
        lambda: agenda.lay_out(fresh(meeting), actor=User.objects.get(pk=people.coordinator.pk), now=NOW),
    )

    assert done[0] == done[1]
    positions = list(meeting.agenda_items.values_list("position", flat=True))
    assert positions == list(range(1, len(positions) + 1))


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_two_take_the_last_role(_round):
    people, meeting = published()

    def take(actor):
        user = User.objects.get(pk=actor.pk)
        return lambda: roles.take(fresh(meeting), "chair", actor=user, now=NOW)

    done = at_once(take(people.member), take(people.coordinator))

    assert sorted(type(result).__name__ for result in done) == ["MeetingRole", "Refused"]
    assert meeting.roles.count() == 1


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_a_topic_put_on_the_agenda_by_two_is_there_once(_round):
    people, meeting = published()
    topic = topics.add(people.network, actor=people.member, kind="value", title="Mod", meeting=meeting, now=NOW)

    def put(actor):
        user = User.objects.get(pk=actor.pk)
        return lambda: topics.put_on_agenda(fresh(topic), fresh(meeting), actor=user, now=NOW)

    done = at_once(put(people.member), put(people.coordinator))

    assert sorted(type(result).__name__ for result in done) == ["AgendaItem", "NoneType"]
    assert meeting.agenda_items.filter(topic=topic).count() == 1


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_a_topic_taken_back_while_it_is_put_on_the_agenda(_round):
    people, meeting = published()
    topic = topics.add(people.network, actor=people.member, kind="value", title="Mod", meeting=meeting, now=NOW)

    put, taken = at_once(
        lambda: topics.put_on_agenda(
            fresh(topic), fresh(meeting), actor=User.objects.get(pk=people.coordinator.pk), now=NOW
        ),
        lambda: topics.withdraw(topic, actor=User.objects.get(pk=people.member.pk), now=NOW),
    )

    assert taken is None
    assert put is None or type(put).__name__ in ("AgendaItem", "Refused", "DoesNotExist")
    assert not meeting.agenda_items.filter(kind="topic").exists()
