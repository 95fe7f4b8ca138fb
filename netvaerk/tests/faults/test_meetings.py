"""Meetings that move, end or lose a member while their mail is on its way; and clocks that go wrong."""

import random
import re
import time
from datetime import date, timedelta
from email import message_from_string, policy
from itertools import pairwise

import pytest
from django.db import connection, transaction
from django.utils import timezone

from meetings import invitations, reconciliation, reminders, scheduling
from meetings.models import Meeting
from meetings.tests.factories import create_meeting
from members import outbox
from members.danish import COPENHAGEN
from members.models import Message, User
from netvaerk.tests.servers import wait_until
from networks.models import Membership
from networks.signals import membership_ended, membership_started
from networks.tests.factories import create_membership, create_network

pytestmark = pytest.mark.faults
MEMBERS = 12


@pytest.fixture(autouse=True)
def kept(house):
    house.postmaster.behave(keep=True, slow=0.05)


def convened(*, days=30, members=MEMBERS):
    """A network with a meeting that everyone is to be invited to now."""
    now = timezone.now()
    network = create_network()
    memberships = [create_membership(network=network, is_coordinator=turn == 0) for turn in range(members)]
    day = now.astimezone(COPENHAGEN).date() + timedelta(days=days)
    meeting = create_meeting(network=network, date=day, invite=False, changed_at=now)
    with transaction.atomic():
        invitations.invite([meeting], [membership.leader.user_id for membership in memberships], now=now)
    return meeting, memberships


def work(house, **told):
    house.worker(concurrency=2, **told)
    house.beat()


def due_settled(house, seconds=60):
    """All that is due by now is settled; what lies ahead waits."""

    def is_settled():
        connection.close()
        due = Message.objects.filter(due_at__lte=timezone.now()) | Message.objects.exclude(lease_until=None)
        return not due.filter(state__in=["due", "retry", "claimed", "data_sent"]).exists()

    return wait_until(is_settled, seconds=seconds, pause=0.3)


def calendars(letters):
    """What each person was told, in order of arrival: (method, sequence, uid, start, at)."""
    told = {}
    for letter in letters:
        mime = message_from_string(letter["text"], policy=policy.default)
        for part in mime.walk():
            if part.get_content_type() == "text/calendar":
                text = part.get_content().replace("\r\n ", "")
                words = [
                    re.search(rf"^{name}[^:]*:(.*?)\r?$", text, re.M)[1]
                    for name in ("METHOD", "SEQUENCE", "UID", "DTSTART")
                ]
                told.setdefault(letter["to"], []).append((words[0], int(words[1]), *words[2:], letter["at"]))
    return told


def inversions(told):
    return sum(earlier[1] > later[1] for mails in told.values() for earlier, later in pairwise(mails))


def moved_under_way(house, moves, **told):
    meeting, memberships = convened()
    actor = memberships[0].leader.user
    work(house, **told)
    assert house.arrived(2)
    for _turn in range(moves):
        meeting.refresh_from_db()
        scheduling.move(
            meeting, date=meeting.date + timedelta(days=1), start_time=meeting.start_time, end_time=meeting.end_time,
            actor=actor, now=timezone.now(), seen_sequence=meeting.sequence,
        )  # fmt: skip
        time.sleep(random.uniform(0, 0.6))
    Message.objects.filter(state="due", kind=invitations.CHANGED).update(due_at=timezone.now())
    is_settled = due_settled(house)
    meeting.refresh_from_db()
    told = calendars(house.postmaster.letters)
    wrong = sum(mails[-1][1] != meeting.sequence for mails in told.values())
    return is_settled, told, wrong


def test_meeting_moved_while_its_mail_is_on_its_way(house, tell):
    moves = 3 if house.is_short else 8
    is_settled, told, wrong = moved_under_way(house, moves)

    tell(
        "F22",
        f"moved {moves} times under way: wrong last state {wrong} of {len(told)}, order inversions {inversions(told)}",
    )
    assert is_settled
    assert (len(told), wrong, inversions(told)) == (MEMBERS, 0, 0)


def test_without_order_an_old_time_comes_last(house, tell, monkeypatch):
    monkeypatch.setattr(outbox, "supersede", lambda *_args, **_more: 0)
    _is_settled, told, wrong = moved_under_way(house, 6, without="order")

    tell("F22", f"control, neither order nor replacing: wrong last state {wrong}, inversions {inversions(told)}")
    assert wrong + inversions(told) > 0


def cancelled_under_way(house, **told):
    meeting, memberships = convened()
    with transaction.atomic():
        # Those who have not answered are asked once more, at once.
        Message.objects.filter(kind=reminders.ANSWER, subject_id=meeting.pk).update(due_at=timezone.now())
    work(house, **told)
    assert house.arrived(MEMBERS // 2)
    scheduling.cancel(meeting, actor=memberships[0].leader.user, now=timezone.now())
    committed = time.time()
    is_settled = due_settled(house)
    letters = house.postmaster.letters
    told = calendars(letters)
    stale = sum(
        letter["at"] > committed
        and "METHOD:CANCEL" not in str(calendars([letter]))
        and "CANCEL" not in str(calendars([letter]))
        for letter in letters
    )
    return is_settled, told, stale


def test_meeting_cancelled_while_its_mail_is_on_its_way(house, tell):
    is_settled, told, stale = cancelled_under_way(house)
    last = sum(mails[-1][0] == "CANCEL" for mails in told.values())
    uids = {mail[2] for mails in told.values() for mail in mails}

    tell(
        "F23",
        f"cancelled under way: {stale} other mails after it, from 2 workers; last is CANCEL for {last} of {len(told)}",
    )
    assert is_settled
    assert last == len(told)
    assert len(uids) == 1
    assert stale <= 2
    assert inversions(told) == 0


def test_without_rereading_reminders_follow_the_cancellation(house, tell, monkeypatch):
    monkeypatch.setattr(outbox, "supersede", lambda *_args, **_more: 0)
    _is_settled, _told, stale = cancelled_under_way(house, without="order")

    tell("F23", f"control, neither replaced nor read again: {stale} other mails after the cancellation")
    assert stale > 2


def left_under_way(house, **told):
    _meeting, memberships = convened(members=30)
    leaver, retired, moved = (membership.leader.user for membership in memberships[-3:])
    work(house, **told)
    assert house.arrived(2)
    now = timezone.now()
    with transaction.atomic():
        memberships[-3].state, memberships[-3].left_on = Membership.State.LEFT, date(2026, 1, 1)
        memberships[-3].save()
        if not told:
            membership_ended.send(sender=Membership, membership=memberships[-3], actor=None, now=now)
    User.objects.filter(pk=retired.pk).update(is_active=False)
    address = f"new{time.monotonic_ns()}@egebjerg-kommune.invalid"
    User.objects.filter(pk=moved.pk).update(email=address)
    due_settled(house)
    kinds = {letter["to"]: calendars([letter]) for letter in house.postmaster.letters}
    to_leaver = [told[0] for told in kinds.get(leaver.email, {}).get(leaver.email, [])]
    return to_leaver, retired.email in kinds, moved.email in kinds, address in kinds


def test_member_who_leaves_retires_or_moves_address_under_way(house, tell):
    to_leaver, to_retired, to_old, to_new = left_under_way(house)

    tell(
        "F24",
        f"left under way: invitations {to_leaver.count('REQUEST')}; deactivated: {int(to_retired)}; "
        f"old address {int(to_old)}, new {int(to_new)}",
    )
    assert "REQUEST" not in to_leaver
    assert (to_retired, to_old, to_new) == (False, False, True)


def test_without_rereading_one_who_left_is_invited(house, tell):
    to_leaver, _retired, _old, _new = left_under_way(house, without="rereading")

    tell("F24", f"control, not read again: {to_leaver.count('REQUEST')} invitation to one who has left")
    assert "REQUEST" in to_leaver


def test_newcomer_gets_the_invitation_and_no_backlog(house, tell):
    meeting, _memberships = convened(days=10)
    work(house)
    assert due_settled(house)
    before = len(house.postmaster.letters)
    newcomer = create_membership(network=meeting.network)
    with transaction.atomic():
        membership_started.send(sender=Membership, membership=newcomer, actor=None, now=timezone.now())
    assert due_settled(house)
    new = house.postmaster.letters[before:]

    tell("F25", f"joined after the invitations: {len(new)} mail, to the newcomer alone")
    assert [letter["to"] for letter in new] == [newcomer.leader.user.email]


def test_without_leaving_out_the_past_a_newcomer_gets_a_backlog(house, tell, monkeypatch):
    meeting, _memberships = convened(days=5)
    work(house, without="rereading")
    assert due_settled(house)
    before = len(house.postmaster.letters)
    newcomer = create_membership(network=meeting.network)
    now = timezone.now()
    monkeypatch.setattr(
        reminders,
        "due_times",
        lambda meeting, *, days, **_more: [
            reminders.Due(reminders.minutes(number), min(now, reminders.due_at(meeting.date, number)))
            for number in days
        ],
    )
    with transaction.atomic():
        membership_started.send(sender=Membership, membership=newcomer, actor=None, now=now)
    due_settled(house)
    new = len(house.postmaster.letters) - before

    tell("F25", f"control, the past not left out: {new} mails to the newcomer")
    assert new > 1


def after_three_days(house, **told):
    """Nothing was sent for three days: reminders of past meetings, of coming ones, and a cancellation, all due."""
    now, day = timezone.now(), timedelta(days=1)
    house.fill(300, due_at=now - 3 * day, useless_after=now - day)
    house.fill(60, due_at=now - 2 * day, useless_after=now + day)
    urgent = house.fill(10, priority=Message.Priority.URGENT, useless_after=now + day)
    house.worker(concurrency=1, **told)
    house.beat()
    house.settle(90)
    urgent_addresses = set(User.objects.filter(pk__in=urgent).values_list("email", flat=True))
    return [letter["to"] in urgent_addresses for letter in house.postmaster.letters]


def test_three_days_away_sends_what_still_helps_the_urgent_first(house, tell):
    order = after_three_days(house)

    tell(
        "F26",
        f"down three days, 370 due: {len(order)} sent, {len(order) - 70} past, urgent first: {all(order[:10])}",
    )
    assert len(order) == 70
    assert all(order[:10])


def test_without_an_end_of_use_the_past_is_sent(house, tell):
    order = after_three_days(house, without="end of use")

    tell("F26", f"control, no end of use: {len(order) - 70} mails about what has passed")
    assert len(order) > 70


def clocks_wrong(house, **told):
    now = timezone.now()
    house.fill(10, due_at=now + timedelta(hours=1))
    house.fill(10)
    for clock in (7200, -7200):
        house.worker(concurrency=1, clock=clock, **told)
    house.beat()
    house.arrived(10, seconds=30)
    time.sleep(3)
    return len(house.postmaster.letters) - 10


def test_workers_with_wrong_clocks_send_nothing_early(house, tell):
    if house.on_sqlite:
        pytest.skip("the database's clock is the machine's")
    early = clocks_wrong(house)

    tell("F16", f"workers two hours fast and slow: {early} sent early")
    assert early == 0
    assert house.count(20).extra == 0


def test_trusting_the_workers_clock_sends_early(house, tell):
    if house.on_sqlite:
        pytest.skip("the database's clock is the machine's")
    early = clocks_wrong(house, without="the database's clock")

    tell("F16", f"control, each its own clock: {early} of 10 sent an hour early")
    assert early > 0


def test_databases_clock_that_steps_forth_and_back_doubles_nothing(house, tell):
    step = house.folder / "step"
    step.write_text("0")
    house.fill(100)
    house.worker(step=str(step))
    house.beat()
    assert house.arrived(5)
    for seconds in ("3600", "0"):
        step.write_text(seconds)
        time.sleep(1)
    is_settled = house.settle(60)
    count = house.count(100)

    tell("F16", f"the database's clock an hour forth and back: {count}")
    assert is_settled
    assert count.lost == 0
    assert count.most <= 2


CHANGES = [date(2026, 3, 29), date(2026, 10, 25), date(2027, 3, 28), date(2027, 10, 31)]


def test_reminders_around_the_change_of_clocks_keep_the_wall_time(house, tell):
    wrong, wrong_by_hours, meetings = 0, 0, 0
    for change in CHANGES:
        for turn in range(-50, 50):
            day, days = change + timedelta(days=turn // 4), random.choice((0, 1, 2, 14))
            at = reminders.due_at(day, days).astimezone(COPENHAGEN)
            meetings += 1
            wrong += (at.date(), at.hour, at.minute) != (day - timedelta(days=days), 8, 0)
            by_hours = (reminders.due_at(day, 0) - timedelta(hours=24 * days)).astimezone(COPENHAGEN)
            wrong_by_hours += by_hours.hour != 8

    tell(
        "F17",
        f"around four changes of clocks: {wrong} wrong of {meetings}; control, 24 hours back: {wrong_by_hours} wrong",
    )
    assert wrong == 0
    assert wrong_by_hours > 0


def test_law_that_moves_a_clock_is_followed_by_the_sweep(house, tell):
    meeting, _memberships = convened()
    right = meeting.starts_at
    Meeting.objects.filter(pk=meeting.pk).update(
        starts_at=right - timedelta(hours=1), ends_at=meeting.ends_at - timedelta(hours=1)
    )
    reconciliation.reconcile(now=timezone.now())
    meeting.refresh_from_db()
    again = reconciliation.reconcile(now=timezone.now())

    tell("F18", f"zone rule moved: {int(meeting.starts_at != right)} wrong after one sweep, {again} left for the next")
    assert (meeting.starts_at, again) == (right, 0)
