from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from meetings import agenda, topics
from meetings.models import AgendaItem, Meeting, Topic, TopicKind, TopicMark
from meetings.tests.factories import create_meeting
from meetings.tests.people import NOW, create_members, create_people
from members.danish import today
from members.models import AuditEvent
from networks.conflicts import ChangedMeanwhile
from networks.models import Membership, Network
from networks.refusal import Refused
from networks.tests.factories import create_network

pytestmark = pytest.mark.django_db

CANARY = "KANARIEFUGLEN SANG"
ROLES = ("coordinator", "member", "hr", "sponsor", "board", "political", "system_admin", "other_leader")


@pytest.fixture
def people():
    return create_people()


@pytest.fixture
def meeting(people):
    return create_meeting(network=people.network)


@pytest.fixture
def topic(people, meeting):
    return add(people, meeting=meeting)


def add(people, **changes):
    values = {"actor": people.member, "kind": TopicKind.EXPERIENCE, "title": CANARY, "text": "", "now": NOW}
    return topics.add(people.network, **values | changes)


def change(topic, actor, **changes):
    values = {"kind": TopicKind.VALUE, "title": "Mod", "text": "", "seen": topic.version, "now": NOW}
    return topics.change(topic, actor=actor, **values | changes)


def titles(found):
    return [topic.title for topic in found]


# --- Bringing, changing, taking back ---------------------------------------------------------------------------------


def test_sent_twice_it_is_one(people, meeting):
    assert add(people, meeting=meeting) == add(people, meeting=meeting)
    assert Topic.objects.count() == 1
    assert add(people) != add(people, meeting=meeting)


def test_it_can_be_brought_while_the_meeting_is_going_on(people, meeting):
    assert add(people, meeting=meeting, now=meeting.starts_at + timedelta(hours=1)).meeting == meeting
    with pytest.raises(Refused):
        add(people, meeting=meeting, title="For sent", now=meeting.ends_at + timedelta(hours=4))


def test_a_meeting_of_another_network_takes_nothing(people, topic):
    other = create_meeting(network=create_network())
    with pytest.raises(PermissionDenied):
        add(people, meeting=other)
    with pytest.raises(PermissionDenied):
        topics.put_on_agenda(topic, other, actor=people.member, now=NOW)
    with pytest.raises(PermissionDenied):
        topics.bring_to(topic, other, actor=people.member, now=NOW)


def test_a_pool_has_an_end(people):
    Topic.objects.bulk_create(
        Topic(network=people.network, kind="value", title=f"Emne {number}", author=people.member, created_at=NOW)
        for number in range(topics.MOST_WAITING)
    )
    with pytest.raises(Refused):
        add(people)


def test_only_the_author_changes_it_and_not_over_another_window(people, topic):
    with pytest.raises(PermissionDenied):
        change(topic, people.coordinator)

    change(topic, people.member)
    with pytest.raises(ChangedMeanwhile) as conflict:
        change(topic, people.member, title="Ro")

    assert conflict.value.current.title == "Mod"


def test_taking_it_back_takes_it_off_the_agenda(people, meeting, topic):
    topics.put_on_agenda(topic, meeting, actor=people.coordinator, now=NOW)
    before = agenda.of(meeting)

    topics.withdraw(topic, actor=people.member, now=NOW)

    assert Topic.objects.count() == 0
    after = agenda.of(meeting)
    assert [item.position for item in after.items] == list(range(1, len(before.items)))
    assert after.version > before.version


def test_the_coordinator_takes_it_back_only_when_the_author_has_gone(people, topic):
    with pytest.raises(PermissionDenied):
        topics.withdraw(topic, actor=people.coordinator, now=NOW)
    Membership.objects.filter(leader__user=people.member).update(state=Membership.State.LEFT)

    topics.withdraw(topic, actor=people.coordinator, now=NOW)

    assert Topic.objects.count() == 0


# --- What is wanted first --------------------------------------------------------------------------------------------


def test_what_most_want_first_stands_first_and_the_oldest_among_equals(people, meeting):
    first, second, third = (add(people, meeting=meeting, title=title) for title in ("Et", "To", "Tre"))
    others = create_members(people.network, 2)
    for user in others:
        topics.mark(third, actor=user, wants=True, now=NOW)
    topics.mark(second, actor=others[0], wants=True, now=NOW)
    topics.mark(second, actor=others[0], wants=True, now=NOW)

    found = topics.of_meeting(meeting, others[0])

    assert [(topic.title, topic.marks_count, topic.has_my_mark) for topic in found] == [
        ("Tre", 2, True),
        ("To", 1, True),
        ("Et", 0, False),
    ]

    topics.mark(third, actor=others[0], wants=False, now=NOW)
    topics.mark(first, actor=people.member, wants=True, now=NOW)
    assert titles(topics.of_meeting(meeting, others[0])) == ["Et", "To", "Tre"]


def test_one_who_leaves_wants_nothing_first(people, topic):
    topics.mark(topic, actor=people.coordinator, wants=True, now=NOW)

    topics.forget_marks(people.coordinator.pk, people.network)

    assert not TopicMark.objects.exists()


# --- On the agenda, talked about, carried over -----------------------------------------------------------------------


def test_one_tap_puts_it_on_the_agenda_once(people, meeting, topic):
    item = topics.put_on_agenda(topic, meeting, actor=people.coordinator, now=NOW)

    assert (item.kind, item.heading, item.responsible) == (AgendaItem.Kind.TOPIC, CANARY, people.member)
    assert topics.put_on_agenda(topic, meeting, actor=people.coordinator, now=NOW) is None
    assert meeting.agenda_items.filter(topic=topic).count() == 1
    assert [item.kind for item in agenda.of(meeting).items][-1] == AgendaItem.Kind.CHECK_OUT


def test_from_the_pool_it_comes_to_the_meeting(people, meeting):
    topic = add(people)

    topics.put_on_agenda(topic, meeting, actor=people.member, now=NOW)

    assert titles(topics.of_meeting(meeting, people.member)) == [CANARY]
    assert topics.pool(people.network, people.member, NOW) == []


def test_moved_to_another_meeting_it_leaves_the_first_agenda(people, meeting, topic):
    later = create_meeting(network=people.network, date=date(2027, 4, 1))
    topics.put_on_agenda(topic, meeting, actor=people.member, now=NOW)

    topics.bring_to(topic, later, actor=people.member, now=NOW)

    assert not AgendaItem.objects.filter(topic=topic).exists()
    assert titles(topics.of_meeting(later, people.member)) == [CANARY]


def test_what_has_been_talked_about_rests_until_it_is_taken_up_again(people, meeting, topic):
    topics.discuss(topic, actor=people.coordinator, is_discussed=True, now=NOW)
    with pytest.raises(Refused):
        topics.mark(topic, actor=people.member, wants=True, now=NOW)
    with pytest.raises(Refused):
        topics.withdraw(topic, actor=people.member, now=NOW)

    topics.discuss(topic, actor=people.coordinator, is_discussed=False, now=NOW)

    topics.mark(topic, actor=people.member, wants=True, now=NOW)


def over(meeting):
    return meeting.ends_at + timedelta(hours=4)


@pytest.mark.parametrize(
    "end",
    [
        lambda meeting: {"closed_at": meeting.ends_at},
        lambda meeting: {"state": Meeting.State.CANCELLED},
        lambda meeting: {"date": date(2027, 1, 3), "ends_at": NOW - timedelta(days=29)},
    ],
)
def test_what_a_meeting_did_not_reach_waits_in_the_pool(people, meeting, topic, end):
    done = add(people, meeting=meeting, title="Talt om")
    topics.discuss(done, actor=people.member, is_discussed=True, now=NOW)
    assert topics.pool(people.network, people.member, NOW) == []

    Meeting.objects.filter(pk=meeting.pk).update(**({"starts_at": NOW - timedelta(days=30)} | end(meeting)))

    [carried] = topics.pool(people.network, people.member, NOW)
    assert (carried.title, carried.is_carried_over) == (CANARY, True)


def test_taken_to_the_next_meeting_it_is_from_last_time_and_the_old_agenda_stands(people, meeting, topic):
    topics.put_on_agenda(topic, meeting, actor=people.member, now=NOW)
    later = create_meeting(network=people.network, date=date(2027, 4, 1))

    item = topics.put_on_agenda(topic, later, actor=people.member, now=over(meeting))

    assert item.is_carried_over
    assert {one.meeting_id for one in AgendaItem.objects.filter(topic=topic)} == {meeting.pk, later.pk}


# --- Who and when ----------------------------------------------------------------------------------------------------

ACTS = [
    lambda topic, actor: topics.add(topic.network, actor=actor, kind="value", title="Nyt", now=NOW),
    lambda topic, actor: change(topic, actor),
    lambda topic, actor: topics.mark(topic, actor=actor, wants=True, now=NOW),
    lambda topic, actor: topics.put_on_agenda(topic, topic.meeting, actor=actor, now=NOW),
    lambda topic, actor: topics.bring_to(topic, None, actor=actor, now=NOW),
    lambda topic, actor: topics.discuss(topic, actor=actor, is_discussed=True, now=NOW),
    lambda topic, actor: topics.withdraw(topic, actor=actor, now=NOW),
]


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("who", ["hr", "sponsor", "board", "system_admin", "other_leader"])
def test_only_members_act(people, topic, act, who):
    with pytest.raises(PermissionDenied):
        act(Topic.objects.get(), getattr(people, who))


@pytest.mark.parametrize("act", ACTS)
def test_the_author_who_has_left_does_nothing_more(people, topic, act):
    Membership.objects.filter(leader__user=people.member).update(state=Membership.State.LEFT)

    with pytest.raises(PermissionDenied):
        act(Topic.objects.get(), people.member)


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("state", [Network.State.PAUSED, Network.State.CLOSED])
def test_a_network_at_rest_is_read_only(people, topic, act, state):
    Network.objects.filter(pk=people.network.pk).update(state=state)

    with pytest.raises(Refused):
        act(Topic.objects.get(), people.member)


def test_a_topic_someone_took_back_is_told(people, topic):
    Topic.objects.all().delete()

    with pytest.raises(Refused):
        topics.mark(topic, actor=people.member, wants=True, now=NOW)


# --- Pages -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def coming(people):
    create_meeting(network=people.network, date=today() - timedelta(days=20), state=Meeting.State.HELD)
    return create_meeting(network=people.network, date=today() + timedelta(days=10))


def page(route, network, *args):
    return reverse(f"meetings:{route}", args=[network.slug, *args])


def brought(**changes):
    return {"title": CANARY, "kind": "value", "text": "", "meeting": ""} | changes


@pytest.mark.parametrize("who", ROLES)
def test_pages_open_for_active_members_alone(client, people, who):
    topic = add(people, actor=people.member)
    expected = {"coordinator": 200, "member": 200, "hr": 403, "sponsor": 403, "board": 403}
    client.force_login(getattr(people, who))

    for route in ("topics", "new_topic"):
        status = client.get(page(route, people.network)).status_code
        assert (status == 200) is (expected.get(who) == 200)
        assert status in (200, 403, 404)
    own = client.get(page("change_topic", people.network, topic.pk)).status_code
    assert (own == 200) is (who == "member")
    for route in ("mark_topic", "discuss_topic", "put_topic_on_agenda", "bring_topic", "withdraw_topic"):
        if expected.get(who) != 200:
            assert client.post(page(route, people.network, topic.pk)).status_code in (403, 404)
    assert Topic.objects.filter(discussed_at=None, marks=None).count() == 1


@pytest.mark.parametrize("route", ["mark_topic", "discuss_topic", "put_topic_on_agenda", "bring_topic"])
def test_a_link_alone_changes_nothing(client, people, route):
    client.force_login(people.member)

    assert client.get(page(route, people.network, add(people).pk)).status_code == 405


def test_a_member_brings_a_topic_to_a_meeting_and_it_goes_on_the_agenda(client, people, coming):
    client.force_login(people.member)
    assert client.get(page("new_topic", people.network) + f"?moede={coming.pk}").context["form"].initial == {
        "meeting": coming.pk
    }

    response = client.post(page("new_topic", people.network), brought(meeting=coming.pk), follow=True)
    assert CANARY in response.content.decode()
    topic = Topic.objects.get()
    client.post(page("mark_topic", people.network, topic.pk), {"wants": "1", "next": coming.get_absolute_url()})
    response = client.post(page("put_topic_on_agenda", people.network, topic.pk), follow=True)

    assert "Emnet står på dagsordenen." in response.content.decode()
    assert coming.agenda_items.get(topic=topic).heading == CANARY
    assert topic.marks.get().user == people.member


def test_an_address_from_elsewhere_is_not_followed(client, people, coming):
    client.force_login(people.member)
    topic = add(people)

    response = client.post(page("mark_topic", people.network, topic.pk), {"wants": "1", "next": "https://example.com/"})

    assert response.url.startswith(page("topics", people.network))


def test_what_cannot_be_kept_is_asked_for_again(client, people, coming):
    client.force_login(people.member)

    for wrong in (brought(title=""), brought(text="010190-1234"), brought(kind="andet"), brought(meeting="999999")):
        assert client.post(page("new_topic", people.network), wrong).context["form"].errors
    assert not Topic.objects.exists()


def test_two_windows_the_second_is_told_and_loses_nothing(client, people):
    topic = add(people)
    client.force_login(people.member)
    address = page("change_topic", people.network, topic.pk)
    client.post(address, brought(title="Først", seen="1"))

    response = client.post(address, brought(title="Derefter", seen="1"))

    assert response.status_code == 409
    said = response.content.decode()
    assert "Først" in said
    assert "Derefter" in said
    client.post(address, response.context["form"].data)
    topic.refresh_from_db()
    assert topic.title == "Derefter"


def test_nobody_else_finds_a_word_of_it(client, people, coming):
    topic = add(people, text=CANARY, meeting=None)
    topics.bring_to(topic, None, actor=people.member, now=NOW)
    with connection.cursor() as cursor:
        cursor.execute("SELECT title, text FROM meetings_topic")
        assert CANARY not in str(cursor.fetchall())
    assert CANARY not in str(list(AuditEvent.objects.values()))
    for who in ("hr", "sponsor", "board", "political", "system_admin", "other_leader"):
        client.force_login(getattr(people, who))
        for address in ("/", people.network.get_absolute_url(), page("plan_list", people.network)):
            assert CANARY not in client.get(address).content.decode()


@pytest.mark.parametrize("route", ["topics", "meeting"])
def test_the_page_asks_the_same_questions_of_1_topic_as_of_50(client, people, coming, route):
    address = coming.get_absolute_url() if route == "meeting" else page("topics", people.network)
    client.force_login(people.member)
    counts = []
    for number in (1, 49):
        for meeting in (coming, None):
            Topic.objects.bulk_create(
                Topic(
                    network=people.network,
                    meeting=meeting,
                    kind="value",
                    title=f"Emne {place}",
                    author=people.coordinator,
                    created_at=NOW,
                )
                for place in range(number)
            )
        client.get(address)
        with CaptureQueriesContext(connection) as captured:
            client.get(address)
        counts.append(len(captured))

    assert counts[0] == counts[1] <= 25
