"""What calendars answer by mail: taken as the member's answer, or set aside with the reason."""

import logging
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress

from meetings import attendance, invitations, replies, scheduling
from meetings.models import CalendarReply, Meeting, Rsvp
from meetings.tests.calendar_mails import SAID, apple, google, outlook
from meetings.tests.factories import create_meeting
from meetings.tests.people import NOW, create_people
from meetings.tests.test_scheduling import change_place, move
from networks.models import Membership

pytestmark = pytest.mark.django_db
Outcome = CalendarReply.Outcome
LATER = SAID + timedelta(hours=1)


@pytest.fixture
def people():
    return create_people()


@pytest.fixture
def meeting(people):
    return create_meeting(network=people.network)


def handle(mail, now=LATER, **more):
    return replies.handle(mail, now=now, **more)


def answer_of(person):
    return Rsvp.objects.filter(user=person).values_list("answer", flat=True).first()


# --- Taken -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("client", [outlook, google, apple])
@pytest.mark.parametrize(
    ("partstat", "answer"),
    [
        ("ACCEPTED", Rsvp.Answer.ACCEPTED),
        ("TENTATIVE", Rsvp.Answer.TENTATIVE),
        ("DECLINED", Rsvp.Answer.DECLINED),
    ],
)
def test_the_answer_of_each_client_is_recorded(people, meeting, client, partstat, answer):
    outcome = handle(client(meeting, people.member, partstat=partstat))

    assert outcome == Outcome.RECORDED
    rsvp = Rsvp.objects.get()
    assert (rsvp.meeting, rsvp.user, rsvp.answer, rsvp.answered_at) == (meeting, people.member, answer, SAID)


@pytest.mark.parametrize("client", [outlook, google, apple])
def test_an_answer_after_a_move_counts_for_the_new_day(people, meeting, client):
    move(meeting, people)
    meeting.refresh_from_db()

    assert handle(client(meeting, people.member, sequence=meeting.sequence)) == Outcome.RECORDED


def test_an_answer_to_the_text_before_a_new_place_still_counts(people, meeting):
    change_place(meeting, people)

    assert handle(outlook(meeting, people.member, sequence=0)) == Outcome.RECORDED


def test_an_answer_from_another_address_the_person_has_proved_counts(people, meeting):
    EmailAddress.objects.create(user=people.member, email="Mads@Privat.invalid", verified=True)

    assert handle(outlook(meeting, people.member, sender="mads@privat.invalid")) == Outcome.RECORDED


@pytest.mark.parametrize(
    "change",
    [
        (b'charset="utf-8"; method', b"charset=findes-ikke; method"),
        (b'text/calendar; charset="utf-8"; method=REPLY', b'application/octet-stream; name="meeting.ics"'),
        (b"\r\n", b"\n"),
    ],
    ids=["unknown charset", "made a file by a gateway", "bare line feeds"],
)
def test_what_gateways_do_to_a_mail_is_read_all_the_same(people, meeting, change):
    assert handle(outlook(meeting, people.member).replace(*change)) == Outcome.RECORDED


def test_a_mail_read_twice_is_handled_once(people, meeting):
    mail = outlook(meeting, people.member, message_id="en")
    handle(mail)
    attendance.reply(meeting, user=people.member, answer=Rsvp.Answer.DECLINED, now=LATER)

    assert handle(b"Received: once more\r\n" + mail) == Outcome.RECORDED
    assert CalendarReply.objects.count() == 1
    assert answer_of(people.member) == Rsvp.Answer.DECLINED


def test_mails_without_a_message_id_are_told_apart_by_what_they_are(people, meeting):
    mail = outlook(meeting, people.member).replace(b"Message-ID", b"X-Other")

    assert [handle(mail), handle(mail), handle(mail.replace(b"Accept-Language", b"X-A"))] == [Outcome.RECORDED] * 3
    assert CalendarReply.objects.count() == 2


# --- In what order ---------------------------------------------------------------------------------------------------


def test_answers_that_overtake_each_other_end_in_the_last_one_said(people, meeting):
    first = outlook(meeting, people.member, partstat="ACCEPTED", said_at=SAID)
    second = outlook(meeting, people.member, partstat="DECLINED", said_at=SAID + timedelta(minutes=5))
    third = outlook(meeting, people.member, partstat="TENTATIVE", said_at=SAID + timedelta(minutes=10))

    assert [handle(mail) for mail in (second, third, first)] == [Outcome.RECORDED, Outcome.RECORDED, Outcome.OUTDATED]
    assert answer_of(people.member) == Rsvp.Answer.TENTATIVE


def test_an_answer_on_the_page_is_not_undone_by_a_mail_said_before_it(people, meeting):
    attendance.reply(meeting, user=people.member, answer=Rsvp.Answer.DECLINED, now=SAID + timedelta(minutes=1))

    assert handle(outlook(meeting, people.member)) == Outcome.OUTDATED
    assert answer_of(people.member) == Rsvp.Answer.DECLINED


def test_a_clock_ahead_of_ours_does_not_shut_out_the_next_answer(people, meeting):
    handle(outlook(meeting, people.member, said_at=LATER + timedelta(days=400)))

    attendance.reply(meeting, user=people.member, answer=Rsvp.Answer.DECLINED, now=LATER + timedelta(minutes=1))

    assert answer_of(people.member) == Rsvp.Answer.DECLINED


def test_an_answer_to_a_day_the_meeting_has_left_is_set_aside(people, meeting):
    move(meeting, people)

    assert handle(outlook(meeting, people.member, sequence=0)) == Outcome.MOVED
    assert handle(apple(meeting, people.member, sequence=0)) == Outcome.MOVED
    assert not Rsvp.objects.exists()


# --- Who -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sender",
    ["ulla@udenfor.invalid", "{coordinator}", "{member}, ulla@udenfor.invalid", "{member}(<ulla@udenfor.invalid>"],
)
def test_an_answer_sent_by_someone_else_is_forged(people, meeting, sender):
    sender = sender.format(coordinator=people.coordinator.email, member=people.member.email)
    mail = outlook(meeting, people.member, sender="HER").replace(b'"Mads Lem" <HER>', sender.encode())

    assert handle(mail) == Outcome.FORGED
    assert not Rsvp.objects.exists()


def test_a_name_that_looks_like_the_attendees_address_does_not_help(people, meeting):
    mail = outlook(meeting, people.member, sender="ulla@udenfor.invalid")
    mail = mail.replace(b'From: "Mads Lem"', f'From: "{people.member.email}"'.encode())

    assert handle(mail) == Outcome.FORGED


def test_two_senders_are_none(people, meeting):
    mail = outlook(meeting, people.member)
    second = b"From: ulla@udenfor.invalid\r\n"

    assert handle(second + mail) == Outcome.FORGED
    assert (
        handle(mail.replace(b"To: ", second + b"To: ").replace(b"Message-ID: <", b"Message-ID: <x")) == Outcome.FORGED
    )


def test_a_sender_the_receiving_server_has_found_false_is_forged(people, meeting):
    told = "Authentication-Results: mail.kommune.invalid; spf=fail; dkim=none; dmarc=fail action=none"

    assert handle(outlook(meeting, people.member, more=[told])) == Outcome.FORGED


def test_an_address_not_proved_is_not_the_persons(people, meeting):
    EmailAddress.objects.create(user=people.member, email="mads@privat.invalid", verified=False)

    assert handle(outlook(meeting, people.member, sender="mads@privat.invalid")) == Outcome.FORGED


def test_a_lookalike_address_is_not_the_persons(people, meeting):
    lookalike = people.member.email.replace("m", "ṃ", 1).replace("i", "ı")

    assert handle(outlook(meeting, people.member, sender=lookalike, attendee=lookalike)) != Outcome.RECORDED


@pytest.mark.parametrize("who", ["other_leader", "hr", "sponsor"])
def test_who_is_not_invited_has_no_answer(people, meeting, who):
    assert handle(outlook(meeting, getattr(people, who))) == Outcome.NOT_INVITED


def test_who_has_left_has_no_answer(people, meeting):
    invitations.withdraw([meeting], people.member.pk, now=NOW)

    assert handle(outlook(meeting, people.member)) == Outcome.NOT_INVITED


def test_who_is_on_leave_has_no_answer(people, meeting):
    Membership.objects.filter(leader__user=people.member).update(state="on_leave")

    assert handle(outlook(meeting, people.member)) == Outcome.NOT_INVITED


def test_who_can_no_longer_sign_in_has_no_answer(people, meeting):
    people.member.is_active = False
    people.member.save()

    assert handle(outlook(meeting, people.member)) == Outcome.NOT_INVITED


# --- To what ---------------------------------------------------------------------------------------------------------


def test_an_unknown_meeting(people, meeting):
    assert handle(outlook(meeting, people.member, uid="findes-ikke@andre.invalid")) == Outcome.UNKNOWN


def test_a_draft_is_unknown(people):
    meeting = create_meeting(network=people.network, state=Meeting.State.PLANNED)

    assert handle(outlook(meeting, people.member)) == Outcome.UNKNOWN


def test_a_cancelled_meeting(people, meeting):
    scheduling.cancel(meeting, actor=people.coordinator, now=NOW)

    assert handle(outlook(meeting, people.member, sequence=9)) == Outcome.CANCELLED


def test_a_meeting_that_has_begun(people, meeting):
    assert handle(outlook(meeting, people.member), now=meeting.starts_at) == Outcome.BEGUN


# --- What is no answer -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["REQUEST", "COUNTER", "CANCEL", "PUBLISH", "REFRESH", "DECLINECOUNTER", ""])
def test_other_methods_are_no_reply(people, meeting, method):
    assert handle(outlook(meeting, people.member, method=method)) == Outcome.NOT_A_REPLY


@pytest.mark.parametrize("partstat", ["NEEDS-ACTION", "DELEGATED", "JA", ""])
def test_other_answers_are_no_reply(people, meeting, partstat):
    assert handle(outlook(meeting, people.member, partstat=partstat)) == Outcome.NOT_A_REPLY


@pytest.mark.parametrize(
    "mail",
    [
        b"",
        b"\x00\xff\xfe",
        b"From: a@b.dk\r\nSubject: Kan vi rykke m=F8det?\r\n\r\nHej\r\n",
        b"From: a@b.dk\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\nno boundary at all",
        b"From: a@b.dk\r\nAuto-Submitted: auto-replied\r\nContent-Type: text/plain\r\n\r\nJeg er p\xe5 ferie",
    ],
)
def test_a_mail_without_a_calendar(mail):
    assert handle(mail) == Outcome.NO_CALENDAR


def test_a_bounce_of_our_own_invitation_is_no_answer(people, meeting):
    inner = outlook(meeting, people.member)
    bounce = (
        b"From: MAILER-DAEMON@kommune.invalid\r\nMessage-ID: <bounce@kommune.invalid>\r\n"
        b"Content-Type: multipart/report; boundary=r\r\n\r\n--r\r\nContent-Type: text/plain\r\n\r\nUndeliverable\r\n"
        b"--r\r\nContent-Type: message/rfc822\r\n\r\n" + inner + b"\r\n--r--\r\n"
    )

    assert handle(bounce) == Outcome.NO_CALENDAR


CALENDAR = (
    "BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\nUID:{uid}\r\nATTENDEE;PARTSTAT=ACCEPTED:mailto:{email}\r\n"
    "DTSTAMP:20270201T100000Z\r\nSEQUENCE:0\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


def bare(meeting, person, *change) -> bytes:
    text = CALENDAR.format(uid=meeting.uid, email=person.email)
    return (f"From: {person.email}\r\nContent-Type: text/calendar; charset=utf-8\r\n\r\n").encode() + (
        text.replace(*change) if change else text
    ).encode()


@pytest.mark.parametrize(
    "change",
    [
        ("UID:", "NO-UID:"),
        ("DTSTAMP:", "NO-DTSTAMP:"),
        ("ATTENDEE", "NO-ATTENDEE"),
        ("20270201T100000Z", "i går"),
        ("20270201T100000Z", "00010101T000000Z"),
        ("20270201T100000Z", "20270201"),
        ("20270201T100000Z", "P1D"),
        ("SEQUENCE:0", "SEQUENCE:-1"),
        ("SEQUENCE:0", "SEQUENCE:99999999999999999999"),
        ("SEQUENCE:0", "SEQUENCE:٣"),
        ("SEQUENCE:0", "SEQUENCE:0\r\nSEQUENCE:1"),
        ("SEQUENCE:0", "ATTENDEE;PARTSTAT=DECLINED:mailto:ulla@udenfor.invalid"),
        ("END:VEVENT", "END:VEVENT\r\nBEGIN:VEVENT\r\nUID:x\r\nEND:VEVENT"),
        ("END:VCALENDAR", "END:VCALENDAR\r\nEND:VCALENDAR"),
        ("METHOD:REPLY", "METHOD:REPLY\r\nno colon in this line"),
        ("UID:", "UID:\x00"),
    ],
)
def test_a_malformed_answer_is_set_aside(people, meeting, change):
    assert handle(bare(meeting, people.member)) == Outcome.RECORDED
    Rsvp.objects.all().delete()

    assert handle(bare(meeting, people.member, *change)) in (Outcome.MALFORMED, Outcome.UNKNOWN)
    assert not Rsvp.objects.exists()


def test_a_line_outside_the_event_is_not_taken_for_its_own(people, meeting):
    aside = "BEGIN:VALARM\r\nUID:x\r\nATTENDEE;PARTSTAT=DECLINED:mailto:u@udenfor.invalid\r\nEND:VALARM\r\nEND:VEVENT"

    assert handle(bare(meeting, people.member, "END:VEVENT", aside)) == Outcome.RECORDED


def test_a_hostile_time_zone_is_never_computed(people, meeting):
    zone = (
        "BEGIN:VTIMEZONE\r\nTZID:x\r\nBEGIN:STANDARD\r\nDTSTART:00010101T000000\r\nRRULE:FREQ=SECONDLY\r\n"
        "TZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\nBEGIN:VEVENT\r\n"
        "DTSTART;TZID=x:20270304T130000\r\nRRULE:FREQ=SECONDLY"
    )

    assert handle(bare(meeting, people.member, "BEGIN:VEVENT", zone)) == Outcome.RECORDED


def test_a_mail_too_big_is_not_opened(people, meeting):
    assert handle(outlook(meeting, people.member), is_whole=False) == Outcome.TOO_BIG


def test_a_calendar_too_big_is_not_opened(people, meeting):
    much = "X-MUCH:" + "æ" * replies.MOST_CALENDAR_BYTES + "\r\nEND:VEVENT"

    assert handle(bare(meeting, people.member, "END:VEVENT", much)) == Outcome.TOO_BIG


@pytest.mark.parametrize(
    "mail",
    [
        b"".join(b"Content-Type: multipart/mixed; boundary=%d\r\n\r\n--%d\r\n" % (n, n) for n in range(3000)),
        b"From: " + b"(" * 20_000 + b"\r\nContent-Type: text/calendar\r\n\r\n" + CALENDAR.encode(),
        b"From: a@b.dk\r\nContent-Type: text/calendar\r\n\r\n" + b"BEGIN:" * 10_000,
        b"From: a@b.dk\r\nContent-Type: text/calendar\r\n\r\nA" + b';"' * 30_000 + b":x",
        b"From: a@b.dk\r\nContent-Type: text/calendar\r\n\r\n" + b"\r\n " * 20_000,
    ],
    ids=["nested", "comments", "begins", "quotes", "folds"],
)  # fmt: skip
def test_a_poisonous_mail_is_set_aside(mail):
    assert handle(mail) in (Outcome.MALFORMED, Outcome.NO_CALENDAR, Outcome.NOT_A_REPLY)


# --- What is kept ----------------------------------------------------------------------------------------------------


def test_nothing_of_a_mail_is_kept_but_that_it_was_there(people, meeting, caplog):
    caplog.set_level(logging.DEBUG)
    handle(outlook(meeting, people.member, message_id="hemmelig"))
    handle(bare(meeting, people.member, "DTSTAMP:2", "DTSTAMP:hemmelig"))

    for row in CalendarReply.objects.values():
        assert set(row) == {"id", "message_hash", "outcome", "handled_at"}
        assert "hemmelig" not in str(row)
    assert people.member.email not in caplog.text
    assert "hemmelig" not in caplog.text
