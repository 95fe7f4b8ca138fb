from datetime import date, timedelta

import pytest
from icalendar import Calendar

from meetings import attendance, invitations, planning, scheduling
from meetings.models import Meeting, Rsvp
from meetings.tests.people import NOW, create_people
from meetings.tests.test_planning import draft
from meetings.tests.test_scheduling import change_place, move
from members.building import build
from members.models import Message
from members.outbox import Suppress

pytestmark = pytest.mark.django_db


@pytest.fixture
def people():
    return create_people()


@pytest.fixture
def meeting(people):
    plan = draft(people, dates=[date(2027, 3, 4)], place="Biblioteket")
    planning.publish(plan, actor=people.coordinator, now=NOW)
    meeting = plan.meetings.get()
    meeting.theme = "KANARIEFUGL"
    meeting.save()
    return meeting


def message(people, kind, **values) -> Message:
    return Message.objects.filter(kind=kind, recipient=people.member, **values).order_by("pk").last()


def mark_sent(people):
    Message.objects.filter(recipient=people.member, state="due", due_at__lte=NOW).update(state="sent")


def event_of(mail):
    parsed = Calendar.from_ical(mail.calendar)
    assert parsed["METHOD"] == mail.calendar_method
    return parsed.events[0]


# --- What they say ---------------------------------------------------------------------------------------------------


def test_plan_mail_lists_the_meetings(people, meeting):
    mail = build(message(people, "plan_published"), NOW)

    assert mail.subject == "Mødeplan for Ledere på tværs: Forår 2027"
    assert "uge 9: torsdag den 4. marts 2027 kl. 13.00–15.00, Biblioteket" in mail.text
    assert "Du får også en kalenderindkaldelse til hvert møde." in mail.html
    assert mail.calendar is None


def test_invitation_says_what_and_when_and_carries_the_calendar(people, meeting, settings):
    mail = build(message(people, "meeting_invitation"), NOW)

    assert mail.subject == "Indkaldelse: Ledere på tværs, tor. 4. mar. kl. 13.00"
    assert f"{settings.SITE_URL}/moeder/svar/" in mail.text
    assert event_of(mail)["URL"] == f"{settings.SITE_URL}/moeder/{meeting.pk}/"
    assert (mail.calendar_method, event_of(mail)["SEQUENCE"]) == ("REQUEST", 0)
    assert event_of(mail)["ATTENDEE"] == f"mailto:{people.member.email}"


def test_change_mail_tells_from_and_to(people, meeting):
    mark_sent(people)
    move(meeting, people)

    mail = build(message(people, "meeting_changed"), NOW)

    assert mail.subject == "Flyttet: Ledere på tværs, nu tor. 11. mar. kl. 13.00"
    assert (
        "er flyttet fra torsdag den 4. marts 2027 kl. 13.00–15.00 til torsdag den 11. marts 2027 kl. 13.00–15.00."
        in mail.text
    )
    assert "Svar igen" in mail.text
    assert (mail.calendar_method, event_of(mail)["SEQUENCE"]) == ("REQUEST", 1)


def test_change_of_place_names_the_place_and_keeps_the_answer(people, meeting):
    attendance.reply(meeting, user=people.member, answer=Rsvp.Answer.ACCEPTED, now=NOW)
    mark_sent(people)
    change_place(meeting, people)

    mail = build(message(people, "meeting_changed"), NOW)

    assert mail.subject == "Nyt sted: Ledere på tværs, tor. 4. mar., Skolen"
    assert "Stedet er ændret fra Biblioteket til Skolen." in mail.text
    assert "Dit svar står ved magt." in mail.text
    assert event_of(mail)["ATTENDEE"].params["PARTSTAT"] == "ACCEPTED"


def test_several_changes_become_one_mail_from_the_last_known_to_now(people, meeting):
    mark_sent(people)
    move(meeting, people)
    meeting.refresh_from_db()
    move(meeting, people, date=date(2027, 3, 18))
    meeting.refresh_from_db()
    change_place(meeting, people)

    waiting = Message.objects.filter(kind="meeting_changed", recipient=people.member, state="due")
    mail = build(waiting.get(), NOW)

    assert mail.subject == "Flyttet: Ledere på tværs, nu tor. 18. mar. kl. 13.00"
    assert "fra torsdag den 4. marts 2027 kl. 13.00–15.00 til torsdag den 18. marts 2027" in mail.text
    assert "Stedet er ændret fra Biblioteket til Skolen." in mail.text
    assert event_of(mail)["SEQUENCE"] == 3


def test_change_before_the_invitation_was_sent_reads_as_an_invitation(people, meeting):
    move(meeting, people)

    mail = build(message(people, "meeting_changed"), NOW)

    assert mail.subject == "Indkaldelse: Ledere på tværs, tor. 11. mar. kl. 13.00"
    assert event_of(mail)["SEQUENCE"] == 1


def test_cancellation_mail(people, meeting):
    scheduling.cancel(meeting, actor=people.coordinator, now=NOW, reason="KANARIEFUGL")

    mail = build(message(people, "meeting_cancelled"), NOW)

    assert mail.subject == "Aflyst: Ledere på tværs, tor. 4. mar. kl. 13.00"
    assert (mail.calendar_method, event_of(mail)["STATUS"], event_of(mail)["UID"]) == (
        "CANCEL",
        "CANCELLED",
        meeting.uid,
    )


def test_leaver_is_told_it_is_only_theirs(people, meeting, settings):
    people.network.memberships.filter(leader__user=people.member).update(state="left")
    invitations.withdraw([meeting], people.member.pk, now=NOW)

    mail = build(message(people, "meeting_cancelled"), NOW)

    assert mail.subject == "Ude af kalenderen: Ledere på tværs, tor. 4. mar. kl. 13.00"
    assert mail.calendar_method == "CANCEL"
    assert f"/moeder/{meeting.pk}/" not in mail.text


def test_one_on_leave_is_told_the_meetings_come_back(people, meeting):
    people.network.memberships.filter(leader__user=people.member).update(state="on_leave")
    invitations.withdraw([meeting], people.member.pk, now=NOW)

    mail = build(message(people, "meeting_cancelled"), NOW)

    assert "Du har orlov fra Ledere på tværs" in mail.text
    assert "ikke længere medlem" not in mail.text + mail.html


def test_reminder_follows_what_one_has_answered(people, meeting):
    please = message(people, "answer_please", offset_minutes=2 * 1440)

    assert build(please, please.due_at).subject == "Svar venligst: Ledere på tværs, tor. 4. mar. kl. 13.00"
    assert "om 2 dage. Du har ikke svaret endnu." in build(please, please.due_at).text

    attendance.reply(meeting, user=people.member, answer=Rsvp.Answer.ACCEPTED, now=NOW)
    reminder = message(people, "meeting_reminder", offset_minutes=2 * 1440)
    assert build(reminder, reminder.due_at).subject == "Husk: Ledere på tværs, tor. 4. mar. kl. 13.00"
    with pytest.raises(Suppress, match="answered otherwise"):
        build(please, please.due_at)

    attendance.reply(meeting, user=people.member, answer=Rsvp.Answer.DECLINED, now=NOW)
    with pytest.raises(Suppress, match="answered otherwise"):
        build(reminder, reminder.due_at)


def test_english_speakers_get_their_own_calendar_text(people, meeting):
    people.member.language = "en"
    people.member.save()

    mail = build(message(people, "meeting_invitation"), NOW)

    assert "Thu 4 Mar" in mail.subject


def test_no_mail_tells_of_what_is_inside(people, meeting):
    mark_sent(people)
    texts = [build(m, NOW) for m in Message.objects.filter(recipient=people.coordinator)]
    move(meeting, people, reason="KANARIEFUGL")
    meeting.refresh_from_db()
    texts.append(build(message(people, "meeting_changed"), NOW))
    scheduling.cancel(meeting, actor=people.coordinator, now=NOW, reason="KANARIEFUGL")
    texts.append(build(message(people, "meeting_cancelled"), NOW))

    assert Meeting.objects.get().theme == "KANARIEFUGL"
    for mail in texts:
        assert "KANARIEFUGL" not in f"{mail.subject}{mail.text}{mail.html}{mail.calendar}"


def test_names_with_line_breaks_stay_within_the_subject(people, meeting):
    people.network.name = "x\r\nBcc: e@e.invalid"
    people.network.save()

    mail = build(message(people, "meeting_invitation"), NOW)

    assert mail.subject == "Indkaldelse: x Bcc: e@e.invalid, tor. 4. mar. kl. 13.00"


# --- When they are not sent ------------------------------------------------------------------------------------------


def test_reminder_asks_those_who_have_said_maybe(people, meeting):
    attendance.reply(meeting, user=people.member, answer=Rsvp.Answer.TENTATIVE, now=NOW)
    reminder = message(people, "answer_please")

    mail = build(reminder, reminder.due_at)

    assert mail.subject == "Svar venligst: Ledere på tværs, tor. 4. mar. kl. 13.00"
    assert not Message.objects.filter(kind="meeting_reminder", recipient=people.member).exists()
    assert "Du har svaret måske." in mail.text
    assert "Du har svaret måske." in mail.html


def test_answers_to_a_calendar_mail_go_to_the_reply_mailbox(people, meeting, settings):
    mail = build(message(people, "meeting_invitation"), NOW)
    assert "Reply-To" not in mail.headers
    assert "Et svar i din kalender når ikke frem hertil." in mail.text
    settings.REPLY_ADDRESS = "svar@kommune.invalid"

    mail = build(message(people, "meeting_invitation"), NOW)

    assert mail.headers["Reply-To"] == "svar@kommune.invalid"
    assert "Du kan også svare i din kalender." in mail.text
    assert "Du kan også svare i din kalender." in mail.html
    assert event_of(mail)["ORGANIZER"] == "mailto:svar@kommune.invalid"


@pytest.mark.parametrize("kind", ["meeting_invitation", "answer_please", "plan_published"])
@pytest.mark.parametrize("reason", ["left", "inactive"])
def test_nothing_goes_to_who_is_no_longer_there(people, meeting, kind, reason):
    waiting = message(people, kind)
    if reason == "left":
        people.network.memberships.filter(leader__user=people.member).update(state="left")
    else:
        people.member.is_active = False
        people.member.save()

    with pytest.raises(Suppress):
        build(Message.objects.get(pk=waiting.pk), NOW)


@pytest.mark.parametrize("kind", ["meeting_invitation", "answer_please"])
def test_nothing_goes_out_of_a_meeting_that_was_moved_cancelled_or_has_begun(people, meeting, kind):
    waiting = message(people, kind)

    with pytest.raises(Suppress):
        build(waiting, meeting.starts_at)
    move(meeting, people)
    with pytest.raises(Suppress):
        build(waiting, NOW)
    scheduling.cancel(meeting, actor=people.coordinator, now=NOW)
    with pytest.raises(Suppress):
        build(waiting, NOW)


def test_cancellation_is_not_sent_while_the_meeting_is_on(people, meeting):
    stray = Message.objects.create(
        kind="meeting_cancelled",
        about="meeting",
        subject_id=meeting.pk,
        recipient=people.member,
        created_at=NOW,
        due_at=NOW,
    )

    with pytest.raises(Suppress, match="meeting is on"):
        build(stray, NOW)


def test_who_wants_no_reminders_gets_invitations_still(people, meeting):
    waiting = message(people, "answer_please")
    waiting.recipient.wants_reminders = False
    waiting.recipient.save()

    with pytest.raises(Suppress, match="not chosen"):
        build(waiting, NOW + timedelta(days=1))
    assert build(message(people, "meeting_invitation"), NOW).subject.startswith("Indkaldelse")
