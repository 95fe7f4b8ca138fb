import unicodedata
from datetime import UTC, date, datetime, time, timedelta

import pytest
from icalendar import Calendar

from meetings import calendar
from meetings.models import Meeting, Rsvp
from meetings.tests.factories import create_meeting
from meetings.tests.people import create_people
from members.danish import COPENHAGEN, wall_to_utc

CHANGES_OF_CLOCK = [
    date(2026, 3, 29),
    date(2026, 10, 25),
    date(2027, 3, 28),
    date(2027, 10, 31),
    date(2028, 3, 26),
    date(2028, 10, 29),
]
NASTY = (
    "x\r\nATTENDEE:mailto:e@e",
    "x\rDTSTART:19990101",
    "nul\x00 \x07 bell",
    "line\u2028separator\u0085next",
    "æ" * 200,
    "🎉" * 100,
    "semi;comma,back\\slash",
    "quote\" and 'apostrophe'",
)


def entry(**changes) -> calendar.Entry:
    values = {
        "pk": 7,
        "uid": "7@ledernetvaerk.invalid",
        "sequence": 0,
        "state": Meeting.State.CONVENED,
        "starts_at": datetime(2027, 3, 4, 12, tzinfo=UTC),
        "ends_at": datetime(2027, 3, 4, 14, tzinfo=UTC),
        "place": "Biblioteket, mødelokale 2",
        "changed_at": datetime(2027, 2, 1, 9, tzinfo=UTC),
        "network__name": "Ledere på tværs",
    } | changes
    return calendar.Entry(**values)


def events(text: bytes) -> list:
    return list(Calendar.from_ical(text).events)


@pytest.fixture
def meeting(db):
    return create_meeting(network=create_people().network, theme="KANARIEFUGL")


# --- What it says ----------------------------------------------------------------------------------------------------


def test_request_carries_all_a_client_needs_and_one_attendee(meeting, settings):
    settings.DEFAULT_FROM_EMAIL = "Ledernetværk <moeder@kommune.invalid>"
    person = meeting.invitations.first().user

    parsed = Calendar.from_ical(calendar.request(meeting, to=person, sequence=4, answer=Rsvp.Answer.ACCEPTED))
    (event,) = parsed.events

    assert (parsed["METHOD"], event["UID"], event["SEQUENCE"], event["STATUS"]) == (
        "REQUEST",
        meeting.uid,
        4,
        "CONFIRMED",
    )
    assert (event.start, event.end) == (meeting.starts_at, meeting.ends_at)
    assert event["DTSTART"].params["TZID"] == "Europe/Copenhagen"
    assert event["DTSTAMP"].dt == meeting.changed_at
    assert event["ORGANIZER"] == "mailto:moeder@kommune.invalid"
    assert event["ATTENDEE"] == f"mailto:{person.email}"
    assert (event["ATTENDEE"].params["RSVP"], event["ATTENDEE"].params["PARTSTAT"]) == ("TRUE", "ACCEPTED")
    assert event["SUMMARY"] == "Ledernetværk: Ledere på tværs"
    assert event["LOCATION"] == meeting.place


@pytest.mark.parametrize(
    ("answer", "partstat"),
    [("no_reply", "NEEDS-ACTION"), ("accepted", "ACCEPTED"), ("tentative", "TENTATIVE"), ("declined", "DECLINED")],
)
def test_request_tells_the_calendar_what_has_been_answered(meeting, answer, partstat):
    person = meeting.invitations.first().user

    (event,) = events(calendar.request(meeting, to=person, sequence=0, answer=Rsvp.Answer(answer)))

    assert event["ATTENDEE"].params["PARTSTAT"] == partstat


def test_organizer_is_the_mailbox_that_answers_are_read_from(meeting, settings):
    settings.REPLY_ADDRESS = "svar@kommune.invalid"
    person = meeting.invitations.first().user

    (event,) = events(calendar.request(meeting, to=person, sequence=0))

    assert event["ORGANIZER"] == "mailto:svar@kommune.invalid"


def test_title_is_the_one_that_is_set(meeting, settings):
    person = meeting.invitations.first().user
    settings.CALENDAR_TITLE = "Netværksmøde"

    texts = [
        calendar.request(meeting, to=person, sequence=0),
        calendar.request(meeting, to=person, sequence=0, is_cancelled=True),
        calendar.download([meeting]),
    ]

    assert [events(text)[0]["SUMMARY"] for text in texts] == ["Netværksmøde", "Aflyst: Netværksmøde", "Netværksmøde"]
    assert not [text for text in texts if b"Ledere p" in text]
    settings.CALENDAR_TITLE = "Møde i {network}"
    assert calendar.title("Ledere på tværs") == "Møde i Ledere på tværs"


def test_cancellation_has_method_status_and_the_same_uid(meeting):
    person = meeting.invitations.first().user

    parsed = Calendar.from_ical(calendar.request(meeting, to=person, sequence=5, is_cancelled=True))
    (event,) = parsed.events

    assert (parsed["METHOD"], event["STATUS"], event["UID"], event["SEQUENCE"]) == (
        "CANCEL",
        "CANCELLED",
        meeting.uid,
        5,
    )


def test_no_calendar_text_tells_of_what_is_inside(meeting):
    person = meeting.invitations.first().user
    texts = [
        calendar.request(meeting, to=person, sequence=0),
        calendar.request(meeting, to=person, sequence=0, is_cancelled=True),
        calendar.download([meeting]),
    ]

    assert meeting.theme == "KANARIEFUGL"
    assert not [text for text in texts if b"KANARIEFUGL" in text]


def test_feed_is_published_without_people_and_says_how_often_to_come_back():
    text = calendar.feed([entry(), entry(pk=8, uid="8@x", state=Meeting.State.CANCELLED)])
    parsed = Calendar.from_ical(text)

    assert parsed["METHOD"] == "PUBLISH"
    assert parsed["X-WR-CALNAME"] == "Ledernetværk"
    assert parsed["REFRESH-INTERVAL"].dt == timedelta(hours=1)
    assert b"X-PUBLISHED-TTL:PT1H" in text
    assert b"ATTENDEE" not in text
    assert b"ORGANIZER" not in text
    assert [event["STATUS"] for event in parsed.events] == ["CONFIRMED", "CANCELLED"]
    assert parsed.events[1]["SUMMARY"] == "Aflyst: Ledernetværk: Ledere på tværs"


# --- Clean text ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("nasty", NASTY)
def test_no_text_leaves_an_extra_line(nasty):
    text = calendar.feed([entry(network__name=nasty, place=nasty)])
    plain = calendar.feed([entry()])

    assert _names(text) == _names(plain)
    assert len(events(text)) == 1


@pytest.mark.django_db
@pytest.mark.parametrize("nasty", NASTY)
def test_no_name_of_a_person_leaves_an_extra_line(nasty):
    meeting = create_meeting(network=create_people().network)
    person = meeting.invitations.first().user
    plain = calendar.request(meeting, to=person, sequence=0)
    person.first_name = nasty

    text = calendar.request(meeting, to=person, sequence=0)

    assert _names(text) == _names(plain)
    assert not _control_signs(text)
    assert events(text)[0]["ATTENDEE"] == f"mailto:{person.email}"


@pytest.mark.parametrize("nasty", NASTY)
@pytest.mark.parametrize("is_cancelled", [False, True])
def test_no_title_or_place_leaves_an_extra_line_in_a_mail(meeting, settings, nasty, is_cancelled):
    person = meeting.invitations.first().user
    plain = calendar.request(meeting, to=person, sequence=0, is_cancelled=is_cancelled)
    meeting.place = meeting.network.name = nasty
    settings.CALENDAR_TITLE = nasty + " {network}"

    text = calendar.request(meeting, to=person, sequence=0, is_cancelled=is_cancelled)

    assert _names(text) == _names(plain)
    assert not _control_signs(text)
    for line in text.split(b"\r\n"):
        assert len(line) <= 75
        line.decode()


@pytest.mark.parametrize("nasty", NASTY)
def test_lines_are_folded_at_75_octets_and_never_within_a_letter(nasty):
    for line in calendar.feed([entry(network__name=nasty, place=nasty)]).split(b"\r\n"):
        assert len(line) <= 75
        line.decode()
        assert not _control_signs(line)


def _control_signs(text: bytes) -> list[str]:
    plain = text.decode().replace("\r\n", "")
    return [sign for sign in plain if unicodedata.category(sign) in ("Cc", "Zl", "Zp")]


def _names(text: bytes) -> list[bytes]:
    """The property of every unfolded line."""
    unfolded = text.replace(b"\r\n ", b"")
    assert b"\r" not in unfolded.replace(b"\r\n", b"")
    return [line.split(b":")[0].split(b";")[0] for line in unfolded.split(b"\r\n")]


# --- Clocks ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("change", CHANGES_OF_CLOCK)
def test_wall_time_is_right_in_the_weeks_around_a_change_of_clock(change):
    days = [change + timedelta(days=offset) for offset in range(-9, 10)]
    walls = [(day, time(hour)) for day in days for hour in (0, 4, 8, 13, 23)]
    entries = [
        entry(pk=number, uid=f"{number}@x", starts_at=at, ends_at=at + timedelta(minutes=30))
        for number, at in enumerate(wall_to_utc(*wall) for wall in walls)
    ]

    found = events(calendar.feed(entries))

    assert [(event.start.date(), event.start.time()) for event in found] == walls
    assert [event.start for event in found] == [at.starts_at for at in entries]


def test_our_time_zone_agrees_with_the_worlds_own():
    """The VTIMEZONE we write, read as a client without a table of its own would read it."""
    parsed = Calendar.from_ical(calendar.feed([]))
    (zone,) = parsed.walk("VTIMEZONE")
    ours = zone.to_tz(lookup_tzid=False)
    moment = datetime(2026, 1, 1, 12)

    while moment.year < 2029:
        assert moment.replace(tzinfo=ours).utcoffset() == moment.replace(tzinfo=COPENHAGEN).utcoffset(), moment
        moment += timedelta(days=1)


# --- Speed -----------------------------------------------------------------------------------------------------------


def test_text_of_an_unchanged_meeting_is_made_once():
    calendar._published.cache_clear()
    entries = [entry(pk=number) for number in range(20)]

    first, second = calendar.feed(entries), calendar.feed(entries)

    assert first == second
    assert calendar._published.cache_info().misses == 20
