"""Another library reads what we write, and agrees with the one that wrote it."""

import json
import subprocess
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from icalendar import Calendar

from meetings import calendar, scheduling
from meetings.models import Meeting
from meetings.tests.factories import create_meeting
from meetings.tests.people import NOW, create_people
from meetings.tests.test_calendar import CHANGES_OF_CLOCK, NASTY, entry
from meetings.tests.test_scheduling import move
from members.danish import wall_to_utc

pytestmark = pytest.mark.services
PEER = Path(__file__).parent / "ical"


def by_ical_js(texts: list[bytes]) -> list[dict]:
    assert (PEER / "node_modules").exists(), "Run `make test-services`: it fetches ical.js."
    done = subprocess.run(
        ["node", PEER / "read.js"],
        input=json.dumps([text.decode() for text in texts]),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def by_icalendar(text: bytes) -> dict:
    parsed = Calendar.from_ical(text)

    def people(event, name):
        found = event.get(name, [])
        found = found if isinstance(found, list) else [found]
        return [[str(person), person.params.get("PARTSTAT")] for person in found]

    return {
        "method": parsed["METHOD"],
        "events": [
            {
                "uid": event["UID"],
                "sequence": event["SEQUENCE"],
                "stamp": int(event["DTSTAMP"].dt.timestamp()),
                "start": int(event.start.timestamp()),
                "end": int(event.end.timestamp()),
                "wall": [moment.replace(tzinfo=None).isoformat() for moment in (event.start, event.end)],
                "zone": event["DTSTART"].params["TZID"],
                "summary": event["SUMMARY"],
                "location": event.get("LOCATION"),
                "description": event["DESCRIPTION"],
                "status": event["STATUS"],
                "organizers": people(event, "ORGANIZER"),
                "attendees": people(event, "ATTENDEE"),
            }
            for event in parsed.events
        ],
    }


@pytest.mark.django_db
def test_invitation_change_and_cancellation_read_the_same():
    people = create_people()
    meeting = create_meeting(network=people.network)

    def text(**more):
        return calendar.request(meeting, to=people.member, sequence=meeting.sequence, **more)

    texts = [text()]
    move(meeting, people)
    meeting.refresh_from_db()
    texts.append(text(answer="tentative"))
    scheduling.cancel(meeting, actor=people.coordinator, now=NOW + timedelta(hours=1))
    meeting.refresh_from_db()
    texts.append(text(is_cancelled=True))

    found = by_ical_js(texts)

    assert found == [by_icalendar(text) for text in texts]
    assert [(one["method"], *(one["events"][0][name] for name in ("status", "sequence"))) for one in found] == [
        ("REQUEST", "CONFIRMED", 0),
        ("REQUEST", "CONFIRMED", 1),
        ("CANCEL", "CANCELLED", 2),
    ]
    assert found[1]["events"][0]["wall"] == ["2027-03-11T13:00:00", "2027-03-11T15:00:00"]
    assert found[1]["events"][0]["attendees"] == [[f"mailto:{people.member.email}", "TENTATIVE"]]


def test_sixteen_hundred_meetings_keep_their_wall_time_across_every_change_of_clock():
    """Five weeks on either side of each change in 2026–2028, read by the rules of our own VTIMEZONE."""
    walls = []
    for change in CHANGES_OF_CLOCK:
        days = [change + timedelta(days=offset) for offset in range(-33, 34)]
        walls += [(day, time(hour, minute)) for day in days for hour, minute in ((0, 30), (8, 0), (13, 15), (22, 45))]
    walls = walls[:1600]
    entries = [
        entry(pk=number, uid=f"{number}@x", starts_at=at, ends_at=at + timedelta(minutes=45))
        for number, at in enumerate(wall_to_utc(*wall) for wall in walls)
    ]

    text = calendar.feed(entries)
    (found,) = by_ical_js([text])

    assert len(found["events"]) == 1600
    assert found == by_icalendar(text)
    assert [event["wall"][0] for event in found["events"]] == [
        datetime.combine(day, at).isoformat() for day, at in walls
    ]
    assert [datetime.fromtimestamp(event["start"], UTC) for event in found["events"]] == [
        at.starts_at for at in entries
    ]


def test_feed_has_no_people_and_tells_what_is_off():
    text = calendar.feed([entry(), entry(pk=8, uid="8@x", state=Meeting.State.CANCELLED)])
    (found,) = by_ical_js([text])

    assert found == by_icalendar(text)
    assert found["method"] == "PUBLISH"
    assert [(event["status"], event["attendees"], event["organizers"]) for event in found["events"]] == [
        ("CONFIRMED", [], []),
        ("CANCELLED", [], []),
    ]


@pytest.mark.parametrize("nasty", NASTY)
def test_hostile_titles_read_the_same_and_are_one_event(nasty):
    text = calendar.feed([entry(network__name=nasty, place=nasty)])
    (found,) = by_ical_js([text])

    assert found == by_icalendar(text)
    assert len(found["events"]) == 1
    assert found["events"][0]["attendees"] == []
    assert datetime.fromtimestamp(found["events"][0]["start"], UTC).date() == date(2027, 3, 4)
