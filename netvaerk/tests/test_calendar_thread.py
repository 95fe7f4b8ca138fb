"""One meeting from its first mail to its last, as the calendars of two people live it."""

from datetime import date, time, timedelta
from itertools import permutations

import pytest
from django.core import mail as mailbox
from icalendar import Calendar

from meetings import planning, scheduling
from meetings.tests.people import NOW, create_people
from meetings.tests.test_planning import draft
from members import outbox
from networks.models import Membership
from networks.signals import membership_ended, membership_started

pytestmark = pytest.mark.django_db(transaction=True)


class CalendarClient:
    """A calendar that follows RFC 5546: by UID the highest sequence holds, then the latest stamp (2.1.5)."""

    def __init__(self):
        self.held = {}

    def receive(self, calendar: Calendar) -> None:
        (event,) = calendar.events
        version = (event["SEQUENCE"], event["DTSTAMP"].dt)
        if event["UID"] in self.held and self.held[event["UID"]][0] >= version:
            return
        is_on = calendar["METHOD"] == "REQUEST"
        self.held[event["UID"]] = (version, is_on, event.start, event.end, event.get("LOCATION"))

    @property
    def shows(self) -> list[tuple]:
        return [(start, end, place) for _version, is_on, start, end, place in self.held.values() if is_on]


def calendar_mails(person) -> list[Calendar]:
    return [
        Calendar.from_ical(part.get_payload(decode=True))
        for letter in mailbox.outbox
        if person.email in letter.to
        for part in letter.message().walk()
        if part.get_content_type() == "text/calendar"
    ]


@pytest.fixture
def thread():
    """publish, move, new place, one leaves, one comes back, cancelled; each mail sent before the next act."""
    people = create_people()
    plan = draft(people, dates=[date(2027, 3, 4)], place="Biblioteket")
    hours = iter(range(100))
    states = []

    def step(act):
        now = NOW + timedelta(hours=next(hours))
        act(now)
        outbox.send_due(now=now + timedelta(minutes=10))
        states.append({person: len(calendar_mails(person)) for person in (people.member, people.coordinator)})

    step(lambda now: planning.publish(plan, actor=people.coordinator, now=now))
    meeting = plan.meetings.get()
    ends = {"start_time": time(13), "end_time": time(15), "actor": people.coordinator}
    step(lambda now: scheduling.move(meeting, date=date(2027, 3, 11), seen_sequence=0, now=now, **ends))
    step(
        lambda now: scheduling.change_place(
            meeting, place="Skolen", link="", actor=people.coordinator, seen_sequence=1, now=now
        )
    )
    membership = Membership.objects.get(leader__user=people.member)

    def leave(now):
        Membership.objects.filter(pk=membership.pk).update(state=Membership.State.LEFT)
        membership_ended.send(sender=Membership, membership=membership, actor=people.hr, now=now)

    def come_back(now):
        Membership.objects.filter(pk=membership.pk).update(state=Membership.State.ACTIVE)
        membership_started.send(sender=Membership, membership=membership, actor=people.hr, now=now)

    step(leave)
    step(come_back)
    step(lambda now: scheduling.cancel(meeting, actor=people.coordinator, now=now))
    return people, states


def test_sequences_rise_with_every_word(thread):
    people, states = thread

    told = {
        person: [(calendar["METHOD"], calendar.events[0]["SEQUENCE"]) for calendar in calendar_mails(person)]
        for person in (people.member, people.coordinator)
    }

    assert told[people.member] == [
        ("REQUEST", 0), ("REQUEST", 1), ("REQUEST", 2), ("CANCEL", 3), ("REQUEST", 4), ("CANCEL", 5),
    ]  # fmt: skip
    assert told[people.coordinator] == [("REQUEST", 0), ("REQUEST", 1), ("REQUEST", 2), ("CANCEL", 5)]
    assert [(state[people.member], state[people.coordinator]) for state in states] == [
        (1, 1), (2, 2), (3, 3), (4, 3), (5, 3), (6, 4),
    ]  # fmt: skip
    uids = {event["UID"] for person in told for calendar in calendar_mails(person) for event in calendar.events}
    assert len(uids) == 1


def test_after_each_step_the_calendar_shows_what_is_so(thread):
    people, _states = thread
    client, seen = CalendarClient(), []

    for calendar in calendar_mails(people.member):
        client.receive(calendar)
        seen.append([(start.isoformat(), place) for start, _end, place in client.shows])

    assert seen == [
        [("2027-03-04T13:00:00+01:00", "Biblioteket")],
        [("2027-03-11T13:00:00+01:00", "Biblioteket")],
        [("2027-03-11T13:00:00+01:00", "Skolen")],
        [],
        [("2027-03-11T13:00:00+01:00", "Skolen")],
        [],
    ]


@pytest.mark.parametrize("steps", [3, 4, 5, 6])
def test_each_calendar_ends_in_one_state_whatever_order_the_mails_arrive_in(thread, steps):
    people, _states = thread
    ends = set()

    for order in permutations(calendar_mails(people.member)[:steps]):
        client = CalendarClient()
        for calendar in order:
            client.receive(calendar)
            client.receive(calendar)  # a mail that comes twice changes nothing
        ends.add(tuple(client.held.items()))

    assert len(ends) == 1
