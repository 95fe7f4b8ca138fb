"""What members say within a meeting leaves it by no mail, feed, file, log or page for others."""

from datetime import date

import pytest
from django.urls import reverse
from icalendar import Calendar

from meetings import agenda, calendar, planning, roles, running, scheduling, topics
from meetings.tests.people import NOW, create_people
from meetings.tests.test_planning import draft
from meetings.tests.test_scheduling import move
from members.building import build
from members.models import AuditEvent, Message

pytestmark = pytest.mark.django_db

CANARY = "KANARIEFUGLEN SANG"


@pytest.fixture
def people():
    return create_people()


@pytest.fixture
def meeting(people):
    """With something to leak: a point, a topic on the agenda and in the pool, a role, and a start."""
    plan = draft(people, dates=[date(2027, 3, 4)], place="Biblioteket")
    planning.publish(plan, actor=people.coordinator, now=NOW)
    meeting = plan.meetings.get()
    agenda.add(meeting, actor=people.member, title=f"{CANARY} et", minutes=5, now=NOW)
    for title, place in ((f"{CANARY} to", meeting), (f"{CANARY} tre", None)):
        brought = {"kind": "value", "title": title, "text": CANARY, "meeting": place}
        topic = topics.add(people.network, actor=people.member, now=NOW, **brought)
        topics.mark(topic, actor=people.coordinator, wants=True, now=NOW)
    topics.put_on_agenda(meeting.topics.get(), meeting, actor=people.member, now=NOW)
    roles.take(meeting, "chair", actor=people.coordinator, now=NOW)
    return meeting


def test_no_mail_carries_it(people, meeting):
    built = [build(message, NOW) for message in Message.objects.all()]
    move(meeting, people)
    meeting.refresh_from_db()
    built += [build(message, NOW) for message in Message.objects.filter(kind="meeting_changed")]
    scheduling.cancel(meeting, actor=people.coordinator, now=NOW)
    built += [build(message, NOW) for message in Message.objects.filter(kind="meeting_cancelled")]

    assert len(built) > 4
    for mail in built:
        everything = f"{mail.subject} {mail.text} {mail.html} {(mail.calendar or b'').decode()}"
        assert CANARY not in everything


def test_no_calendar_carries_it(people, meeting):
    [event] = Calendar.from_ical(calendar.download([meeting])).events

    assert CANARY not in str(event)


def test_the_log_says_that_and_not_what(people, meeting):
    running.start(meeting, actor=people.coordinator, now=meeting.starts_at)

    verbs = set(AuditEvent.objects.values_list("verb", flat=True))

    assert {"lay_out_agenda", "add_agenda_item", "add_topic", "take_role", "start_meeting"} <= verbs
    assert "mark_topic" not in verbs  # who wants what first is the members' own
    assert CANARY not in str(list(AuditEvent.objects.values()))


@pytest.mark.parametrize("who", ["hr", "sponsor", "board", "political", "system_admin", "other_leader"])
def test_no_page_of_others_carries_it(client, people, meeting, who):
    slug = people.network.slug
    client.force_login(getattr(people, who))
    addresses = [
        "/",
        people.network.get_absolute_url(),
        meeting.get_absolute_url(),
        reverse("meetings:running", args=[meeting.pk]),
        reverse("meetings:running_standing", args=[meeting.pk]),
        reverse("meetings:agenda", args=[meeting.pk]),
        *(reverse(f"meetings:{name}", args=[slug]) for name in ("plan_list", "topics", "rotation", "feedback")),
        reverse("members:deliveries"),
        reverse("netvaerk:status"),
    ]
    for address in addresses:
        assert CANARY not in client.get(address).content.decode(errors="replace")
