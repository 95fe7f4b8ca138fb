"""Aftaler: made at a meeting, followed up at the next, and the words nobody else's."""

import uuid
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from meetings import agreements, closing
from meetings.models import Agreement, Meeting
from meetings.tests.factories import create_agreement, create_meeting
from meetings.tests.people import create_members, create_people
from members.models import AuditEvent, Message
from members.outbox import Suppress
from members.tests.factories import create_leader
from networks import membership
from networks.conflicts import ChangedMeanwhile
from networks.models import Membership
from networks.refusal import Refused
from networks.tests.factories import create_membership

pytestmark = pytest.mark.django_db

NOW = datetime(2027, 3, 4, 14, 30, tzinfo=UTC)  # half an hour after the meeting
DUE = date(2027, 3, 18)  # a Thursday
State = Agreement.State


@pytest.fixture
def people():
    return create_people()


@pytest.fixture
def meeting(people):
    return create_meeting(network=people.network)


def agree(meeting, actor, **others):
    terms = {"text": "Ringe til Ribe", "owner": None, "is_everyones": True, "now": NOW} | others
    return agreements.agree(meeting, actor=actor, **terms)


def due_mails():
    mails = Message.objects.filter(kind=agreements.DUE).order_by("pk")
    return list(mails.values_list("recipient", "due_at", "sequence", "state"))


# --- Noting ----------------------------------------------------------------------------------------------------------


def test_any_member_notes_an_agreement_once_the_meeting_has_begun(people, meeting):
    with pytest.raises(Refused, match="når mødet er begyndt"):
        agree(meeting, people.member, now=meeting.starts_at - timedelta(seconds=1))

    made = agree(meeting, people.member, owner=people.coordinator, is_everyones=False, now=meeting.starts_at)

    assert (made.network, made.meeting, made.owner, made.state) == (people.network, meeting, people.coordinator, "open")


def test_the_same_form_sent_twice_makes_one(people, meeting):
    key = uuid.uuid4()

    first, second = (agree(meeting, people.member, form_key=key) for _ in range(2))

    assert first == second
    assert Agreement.objects.count() == 1


@pytest.mark.parametrize("who", ["hr", "sponsor", "board", "other_leader", "system_admin"])
def test_nobody_else_notes_one(people, meeting, who):
    with pytest.raises(PermissionDenied):
        agree(meeting, getattr(people, who))


def test_a_cancelled_or_closed_meeting_takes_none(people, meeting):
    cancelled = create_meeting(network=people.network, date=date(2027, 2, 25), state=Meeting.State.CANCELLED)
    Meeting.objects.filter(pk=meeting.pk).update(closed_at=NOW)

    with pytest.raises(Refused, match="aflyst"):
        agree(cancelled, people.member)
    with pytest.raises(Refused, match="genåbne"):
        agree(meeting, people.member)


def test_it_rests_on_a_member_or_on_all(people, meeting):
    for owner, is_everyones in ((people.other_leader, False), (None, False), (people.member, True)):
        with pytest.raises(Refused, match="Vælg et medlem"):
            agree(meeting, people.member, owner=owner, is_everyones=is_everyones)


# --- Changing and settling -------------------------------------------------------------------------------------------


def test_the_second_editor_is_told_and_nothing_is_overwritten(people, meeting):
    made = agree(meeting, people.member)
    terms = {"owner": None, "is_everyones": True, "seen": 1, "now": NOW}
    agreements.change(made, actor=people.member, text="Skrevet først", **terms)

    with pytest.raises(ChangedMeanwhile) as told:
        agreements.change(made, actor=people.coordinator, text="Skrevet bagefter", **terms)

    assert told.value.current.text == "Skrevet først"
    assert Agreement.objects.get().text == "Skrevet først"


def test_the_words_stand_once_the_meeting_is_closed_but_who_and_when_may_move(people, meeting):
    made = create_agreement(meeting=meeting, owner=people.member)
    third = create_members(people.network, 1)[0]
    Meeting.objects.filter(pk=meeting.pk).update(closed_at=NOW)
    made.refresh_from_db()
    terms = {"owner": people.coordinator, "is_everyones": False, "due_on": DUE, "seen": 1, "now": NOW}

    with pytest.raises(Refused, match="teksten kan ikke ændres"):
        agreements.change(made, actor=people.coordinator, text="Noget andet", **terms)
    with pytest.raises(PermissionDenied):
        agreements.change(made, actor=third, **terms)
    agreements.change(made, actor=people.member, **terms)

    made.refresh_from_db()
    assert (made.text, made.owner, made.due_on) == ("Sende skabelonen rundt", people.coordinator, DUE)


def test_owner_or_coordinator_settles_it_also_after_the_meeting_is_closed(people, meeting):
    third = create_members(people.network, 1)[0]
    Meeting.objects.filter(pk=meeting.pk).update(closed_at=NOW)
    for actor in (people.member, people.coordinator):
        made = create_agreement(meeting=meeting, owner=people.member)
        with pytest.raises(PermissionDenied):
            agreements.settle(made, actor=third, state=State.DONE, now=NOW)

        assert agreements.settle(made, actor=actor, state=State.DONE, now=NOW)
        assert not agreements.settle(made, actor=actor, state=State.DONE, now=NOW)

        made.refresh_from_db()
        assert (made.state, made.settled_at) == (State.DONE, NOW)


def test_what_is_everyones_is_settled_by_any_member(people, meeting):
    made = create_agreement(meeting=meeting, is_everyones=True)

    agreements.settle(made, actor=people.member, state=State.DROPPED, now=NOW)
    agreements.settle(made, actor=people.coordinator, state=State.OPEN, now=NOW)

    made.refresh_from_db()
    assert (made.state, made.settled_at) == (State.OPEN, None)


def test_the_next_meeting_takes_up_what_is_open_from_earlier_ones(people, meeting):
    late = create_agreement(meeting=meeting, owner=people.member, due_on=DUE)
    whenever = create_agreement(meeting=meeting, is_everyones=True)
    soon = create_agreement(meeting=meeting, owner=people.member, due_on=date(2027, 3, 10))
    create_agreement(meeting=meeting, owner=people.member, state=State.DONE)
    create_agreement(meeting=create_meeting(date=date(2027, 3, 3)), is_everyones=True)
    following = create_meeting(network=people.network, date=date(2027, 4, 1))
    create_agreement(meeting=following, is_everyones=True)

    assert list(agreements.from_earlier(following)) == [soon, late, whenever]


# --- The reminder ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("due_on", "at"),
    [
        (date(2027, 3, 18), datetime(2027, 3, 18, 7, tzinfo=UTC)),
        (date(2027, 4, 15), datetime(2027, 4, 15, 6, tzinfo=UTC)),  # summer time: eight on the wall all the same
        (date(2027, 3, 20), datetime(2027, 3, 19, 7, tzinfo=UTC)),  # a Saturday
        (date(2027, 3, 29), datetime(2027, 3, 24, 7, tzinfo=UTC)),  # 2. påskedag: back over påske to the Wednesday
    ],
)
def test_the_owner_is_reminded_at_eight_on_the_last_working_day(due_on, at):
    assert agreements.reminded_at(due_on) == at


def test_one_reminder_stands_for_an_agreement_and_follows_it(people, meeting):
    made = agree(meeting, people.member, owner=people.member, is_everyones=False, due_on=DUE)
    first = (people.member.pk, agreements.reminded_at(DUE), 1)
    assert due_mails() == [(*first, "due")]

    moved = DUE + timedelta(days=7)
    agreements.change(
        made, actor=people.member, owner=people.coordinator, is_everyones=False, due_on=moved, seen=1, now=NOW
    )
    second = (people.coordinator.pk, agreements.reminded_at(moved), 2)
    assert due_mails() == [(*first, "superseded"), (*second, "due")]

    agreements.settle(made, actor=people.coordinator, state=State.DONE, now=NOW)
    assert due_mails() == [(*first, "superseded"), (*second, "superseded")]

    agreements.settle(made, actor=people.coordinator, state=State.OPEN, now=NOW)
    assert due_mails()[2:] == [(people.coordinator.pk, agreements.reminded_at(moved), 4, "due")]


def test_what_is_everyones_undated_or_past_reminds_nobody(people, meeting):
    agree(meeting, people.member, due_on=DUE)
    agree(meeting, people.member, owner=people.member, is_everyones=False)
    agree(meeting, people.member, owner=people.member, is_everyones=False, due_on=NOW.date())

    assert due_mails() == []


def test_the_sweep_puts_back_a_reminder_that_is_gone_and_finds_nothing_twice(people, meeting):
    agree(meeting, people.member, owner=people.member, is_everyones=False, due_on=DUE)
    assert agreements.remind_forgotten(NOW) == 0
    Message.objects.filter(kind=agreements.DUE).delete()

    assert (agreements.remind_forgotten(NOW), agreements.remind_forgotten(NOW)) == (1, 0)


def build(message, now=None):
    from members import kinds

    return kinds.get(message.kind).build(message, now or message.due_at)


def test_the_mail_says_that_there_is_something_to_do_and_nothing_of_what(people, meeting):
    agree(meeting, people.member, text="Kanariefugl-311", owner=people.member, is_everyones=False, due_on=DUE)

    mail = build(Message.objects.get(kind=agreements.DUE))

    assert mail.subject == "Du har en aftale at følge op på i Ledere på tværs"
    assert "Fristen er i dag." in mail.text
    assert f"/netvaerk/{people.network.slug}/aftaler/" in mail.text
    assert "Kanariefugl" not in f"{mail.subject}{mail.text}{mail.html}"


def test_the_mail_is_not_sent_when_it_no_longer_holds(people, meeting):
    made = agree(meeting, people.member, owner=people.member, is_everyones=False, due_on=DUE)
    message = Message.objects.get(kind=agreements.DUE)
    people.member.wants_reminders = False
    people.member.save()
    message.refresh_from_db()
    with pytest.raises(Suppress, match="wants no reminders"):
        build(message)
    Membership.objects.filter(leader__user=people.member).update(state=Membership.State.ON_LEAVE)
    with pytest.raises(Suppress, match="not a member"):
        build(message)
    Agreement.objects.update(version=2)
    with pytest.raises(Suppress, match="newer"):
        build(message)
    Agreement.objects.filter(pk=made.pk).update(state=State.DONE)
    with pytest.raises(Suppress, match="settled"):
        build(message)


# --- Leaving ---------------------------------------------------------------------------------------------------------


def test_what_a_leaver_had_open_waits_for_the_coordinator_to_find_another(people, meeting):
    open_one = agree(meeting, people.member, owner=people.member, is_everyones=False, due_on=DUE)
    done = create_agreement(meeting=meeting, owner=people.member, state=State.DONE)
    assert not agreements.unowned_for(people.coordinator).exists()

    membership.leave(people.network, actor=people.member, now=NOW)

    open_one.refresh_from_db()
    done.refresh_from_db()
    assert (open_one.owner, open_one.state, done.owner) == (None, State.OPEN, people.member)
    assert [state for *_rest, state in due_mails()] == ["superseded"]
    assert list(agreements.unowned_for(people.coordinator)) == [open_one]
    assert list(agreements.awaiting(people.member, DUE)) == []


def test_one_who_stays_by_another_post_keeps_what_they_had(people, meeting):
    made = create_agreement(meeting=meeting, owner=people.member)
    people.member.posts.update(valid_to=NOW.date())
    other_post = create_leader(user=people.member)
    create_membership(network=people.network, leader=other_post)

    first = people.network.memberships.exclude(leader=other_post).get(leader__user=people.member)
    membership.unenrol(first, actor=people.hr, now=NOW)

    made.refresh_from_db()
    assert made.owner == people.member


def test_no_word_of_it_is_logged(people, meeting):
    made = agree(meeting, people.member, text="Kanariefugl-311")
    agreements.settle(made, actor=people.member, state=State.DONE, now=NOW)
    closing.write(
        meeting, actor=people.coordinator, present=[people.member.pk], carried_over="Kanariefugl-312", seen=0, now=NOW
    )

    logged = list(AuditEvent.objects.values())
    assert {event["verb"] for event in logged} == {"agree", "settle_agreement", "record_attendance"}
    assert "Kanariefugl" not in repr(logged)
