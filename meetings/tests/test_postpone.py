"""A meeting without a date: out of every calendar, and back under the same UID when it is given one."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar

from meetings import attendance, feeds, planning, scheduling
from meetings.listeners import withdraw_from_leaver
from meetings.models import Invitation, Meeting, Rsvp
from meetings.tests.factories import create_meeting
from meetings.tests.people import NOW, create_people
from meetings.tests.test_planning import draft
from members.building import build
from members.models import AuditEvent, Message
from members.outbox import Suppress
from members.tests.factories import create_leader
from networks.models import Membership, Network, StrategicDirection
from networks.tests.factories import create_membership

pytestmark = pytest.mark.django_db

ROLES = ("coordinator", "member", "hr", "sponsor", "board", "political", "system_admin", "other_leader")
NEW_DAY = {"date": date(2027, 4, 8), "start_time": time(9), "end_time": time(11)}


@pytest.fixture
def people():
    return create_people()


@pytest.fixture
def meeting(people):
    plan = draft(people, dates=[date(2027, 3, 4)])
    planning.publish(plan, actor=people.coordinator, now=NOW)
    return plan.meetings.get()


def postpone(meeting, people, **changes):
    values = {"actor": people.coordinator, "now": NOW, "seen_sequence": meeting.sequence, "reason": "Sygdom"} | changes
    return scheduling.postpone(meeting, **values)


def move(meeting, people, **changes):
    meeting.refresh_from_db()
    values = {**NEW_DAY, "actor": people.coordinator, "now": NOW, "seen_sequence": meeting.sequence} | changes
    return scheduling.move(meeting, **values)


def waiting(meeting, user) -> set:
    mine = Message.objects.filter(subject_id=meeting.pk, recipient=user, state__in=Message.OPEN_STATES, about="meeting")
    return set(mine.values_list("kind", "sequence"))


def last_mail(people, user=None):
    message = Message.objects.filter(recipient=user or people.member, about="meeting", state="due").order_by("due_at")
    return build(message.first(), NOW)


def event_of(mail):
    parsed = Calendar.from_ical(mail.calendar)
    return parsed["METHOD"], parsed.events[0]


# --- Without a date --------------------------------------------------------------------------------------------------


def test_postpone_leaves_one_mail_each_and_no_reminder(people, meeting):
    assert postpone(meeting, people) is True

    meeting.refresh_from_db()
    assert (meeting.state, meeting.sequence, meeting.date) == (Meeting.State.POSTPONED, 1, date(2027, 3, 4))
    for user in (people.member, people.coordinator):
        assert waiting(meeting, user) == {("meeting_postponed", 1)}
    assert meeting.changes.get().reason == "Sygdom"
    assert AuditEvent.objects.filter(verb="postpone").count() == 1


def test_the_mail_cancels_in_the_calendar_and_says_udsat(people, meeting):
    uid = meeting.uid
    postpone(meeting, people)

    mail = last_mail(people)
    method, event = event_of(mail)

    assert mail.subject == "Udsat: Ledere på tværs, tor. 4. mar. kl. 13.00"
    assert "Du får en ny indkaldelse, når der er en ny dato." in mail.text
    assert (method, event["UID"], event["SEQUENCE"], event["STATUS"]) == ("CANCEL", uid, 1, "CANCELLED")
    assert event["SUMMARY"] == "Udsat: Ledernetværk: Ledere på tværs"
    assert "Sygdom" not in mail.text + mail.html


def test_postponing_twice_is_once(people, meeting):
    postpone(meeting, people)

    assert postpone(meeting, people) is False
    assert meeting.changes.count() == 1


@pytest.mark.parametrize("state", [Meeting.State.HELD, Meeting.State.CANCELLED])
def test_what_is_over_or_off_is_not_postponed(people, state):
    meeting = create_meeting(network=people.network, state=state)

    with pytest.raises(scheduling.NotPossible):
        postpone(meeting, people)


def test_what_has_begun_is_not_postponed(people, meeting):
    with pytest.raises(scheduling.NotPossible):
        postpone(meeting, people, now=meeting.starts_at)

    assert postpone(meeting, people, now=meeting.starts_at - timedelta(minutes=1)) is True


def test_postpone_does_not_overwrite_what_another_has_changed(people, meeting):
    with pytest.raises(scheduling.Outdated):
        postpone(meeting, people, seen_sequence=7)


@pytest.mark.parametrize("who", ["member", "hr", "sponsor", "other_leader"])
def test_only_a_coordinator_postpones(people, meeting, who):
    with pytest.raises(PermissionDenied):
        postpone(meeting, people, actor=getattr(people, who))


def test_nothing_is_answered_nor_placed_meanwhile(people, meeting):
    postpone(meeting, people)
    meeting.refresh_from_db()

    with pytest.raises(attendance.RepliesClosed, match="udsat"):
        attendance.reply(meeting, user=people.member, answer=Rsvp.Answer.ACCEPTED, now=NOW)
    with pytest.raises(scheduling.NotPossible, match="udsat"):
        scheduling.change_place(meeting, place="Skolen", link="", actor=people.coordinator, now=NOW, seen_sequence=1)


def test_lists_keep_what_waits_for_a_date_among_the_coming(people, meeting):
    postpone(meeting, people)
    long_after = NOW + timedelta(days=365)

    assert list(Meeting.objects.not_over(long_after)) == [meeting]
    assert list(Meeting.objects.over(long_after)) == []
    assert list(Meeting.objects.upcoming(NOW)) == []


def test_the_feed_shows_it_as_off_until_its_old_time_has_passed(people, meeting):
    token = feeds.create(people.member, now=NOW)
    before = feeds.find(token, now=NOW)
    postpone(meeting, people)
    found = feeds.find(token, now=NOW)

    (event,) = Calendar.from_ical(feeds.text(found, now=NOW)).events
    assert (event["STATUS"], event["SEQUENCE"], event["UID"]) == ("CANCELLED", 1, meeting.uid)
    assert found.etag != before.etag
    later = meeting.ends_at + timedelta(minutes=1)
    assert Calendar.from_ical(feeds.text(feeds.find(token, now=later), now=later)).events == []


def test_a_network_that_closes_takes_what_is_postponed_along(people, meeting):
    postpone(meeting, people)

    assert scheduling.cancel_coming(people.network, actor=people.hr, now=NOW) == 1

    meeting.refresh_from_db()
    assert meeting.state == Meeting.State.CANCELLED


def test_a_postponed_meeting_can_be_given_up(people, meeting):
    postpone(meeting, people)
    meeting.refresh_from_db()

    assert scheduling.cancel(meeting, actor=people.coordinator, now=NOW) is True
    assert waiting(meeting, people.member) == {("meeting_cancelled", 2)}


# --- A new date ------------------------------------------------------------------------------------------------------


def test_a_new_date_convenes_again_with_the_same_uid_and_a_higher_sequence(people, meeting):
    attendance.reply(meeting, user=people.member, answer=Rsvp.Answer.ACCEPTED, now=NOW)
    uid = meeting.uid
    Message.objects.filter(kind="meeting_invitation").update(state="sent")
    postpone(meeting, people)
    Message.objects.filter(kind="meeting_postponed").update(state="sent")

    assert move(meeting, people, reason="Nu er alle raske") is True

    meeting.refresh_from_db()
    assert (meeting.state, meeting.uid, meeting.sequence) == (Meeting.State.CONVENED, uid, 2)
    assert meeting.rsvps.get().answer == Rsvp.Answer.NO_REPLY
    mail = last_mail(people)
    method, event = event_of(mail)
    assert (method, event["UID"], event["SEQUENCE"], event["STATUS"]) == ("REQUEST", uid, 2, "CONFIRMED")
    assert "er flyttet fra torsdag den 4. marts 2027 kl. 13.00–15.00 til torsdag den 8. april 2027" in mail.text
    assert {kind for kind, _sequence in waiting(meeting, people.member)} == {"meeting_changed", "answer_please"}
    assert [change.kind for change in meeting.changes.all()] == ["moved", "postponed"]


def test_the_mail_of_a_postponement_is_not_sent_once_there_is_a_date(people, meeting):
    postpone(meeting, people)
    stale = Message.objects.get(kind="meeting_postponed", recipient=people.member)
    move(meeting, people)
    stale.refresh_from_db()

    assert stale.state == Message.State.SUPERSEDED
    with pytest.raises(Suppress):
        build(stale, NOW)


def test_the_same_date_again_is_a_new_date(people, meeting):
    postpone(meeting, people)

    assert move(meeting, people, date=date(2027, 3, 4), start_time=time(13), end_time=time(15)) is True


def test_a_date_that_has_passed_is_refused_and_the_meeting_still_waits(people, meeting):
    postpone(meeting, people)

    with pytest.raises(scheduling.NotPossible):
        move(meeting, people, date=date(2027, 1, 4))

    meeting.refresh_from_db()
    assert meeting.is_postponed


def test_a_new_date_is_possible_long_after_the_old_one(people, meeting):
    postpone(meeting, people)

    assert move(meeting, people, now=datetime(2027, 4, 1, tzinfo=UTC)) is True


def test_no_new_date_while_the_gate_is_closed(people, meeting):
    postpone(meeting, people)
    StrategicDirection.objects.update(state=StrategicDirection.State.DRAFT)
    meeting = Meeting.objects.get(pk=meeting.pk)

    with pytest.raises(scheduling.NotPossible):
        move(meeting, people)


def test_who_came_meanwhile_is_invited_and_who_left_hears_nothing(people, meeting):
    postpone(meeting, people)
    newcomer = create_membership(network=people.network, leader=create_leader()).leader.user
    leaver = Membership.objects.get(network=people.network, leader__user=people.member)
    leaver.state = Membership.State.LEFT
    leaver.save()
    withdraw_from_leaver(membership=leaver, now=NOW)
    assert waiting(meeting, people.member) == {("meeting_postponed", 1)}, "it still has to leave the calendar"
    assert "Du får en ny indkaldelse" not in last_mail(people).text

    move(Meeting.objects.get(pk=meeting.pk), people)

    assert ("meeting_invitation", 2) in waiting(meeting, newcomer)
    assert {kind for kind, _sequence in waiting(meeting, people.member)} <= {"meeting_postponed"}
    assert Invitation.objects.get(user=people.member).is_cancelled
    assert (
        Calendar.from_ical(feeds.text(feeds.find(feeds.create(people.member, now=NOW), now=NOW), now=NOW)).events == []
    )


# --- The pages -------------------------------------------------------------------------------------------------------


@pytest.fixture
def soon(people):
    return create_meeting(network=people.network, date=timezone.localdate() + timedelta(days=10))


@pytest.mark.parametrize("who", ROLES)
def test_the_page_is_the_coordinators(client, people, soon, who):
    client.force_login(getattr(people, who))

    status = client.get(reverse("meetings:postpone", args=[soon.pk])).status_code

    assert status == {"coordinator": 200, "member": 403, "hr": 403, "sponsor": 403}.get(who, 404)


def test_a_coordinator_postpones_and_gives_a_new_date(client, people, soon):
    client.force_login(people.coordinator)
    url = reverse("meetings:postpone", args=[soon.pk])
    assert client.post(url, {"seen_sequence": "0", "reason": ""}).context["form"].errors.keys() == {"reason"}

    page = client.post(url, {"seen_sequence": "0", "reason": "Sygdom"}, follow=True).content.decode()
    assert "Mødet er udsat, og medlemmerne får besked." in page
    assert "Giv ny dato" in page

    to = timezone.localdate() + timedelta(days=30)
    moved = {
        "date": to.strftime("%d.%m.%Y"),
        "start_time": "9",
        "end_time": "11",
        "reason": "Raske",
        "seen_sequence": "1",
        "despite": f"{to:%d.%m.%Y} 09.00 11.00",
    }
    page = client.post(reverse("meetings:move", args=[soon.pk]), moved, follow=True).content.decode()
    assert "Mødet har fået en ny dato, og medlemmerne bliver indkaldt igen." in page
    soon.refresh_from_db()
    assert (soon.state, soon.date) == (Meeting.State.CONVENED, to)


@pytest.mark.parametrize("who", ["member", "hr"])
def test_lists_say_it_is_postponed_and_from_when(client, people, soon, who):
    scheduling.postpone(soon, actor=people.coordinator, now=timezone.now(), seen_sequence=0, reason="KANARIEFUGL")
    client.force_login(getattr(people, who))

    page = client.get(reverse("meetings:plan_list", args=[people.network.slug])).content.decode()

    assert "Udsat fra" in page
    assert "KANARIEFUGL" not in page
    assert Network.objects.count() == 1
