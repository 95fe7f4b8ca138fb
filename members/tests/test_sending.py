"""Sending under fire: who gets a row, what a refusal means, and that nothing is lost or sent three times."""

import threading
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail as django_mail
from django.db import OperationalError, connection, transaction
from django.test.utils import CaptureQueriesContext

from members import building, claiming, kinds, outbox, sending, smtp
from members.mail import Mail
from members.mime import to_bytes
from members.models import Heartbeat, Message
from members.prepared import Prepared
from members.tests.factories import create_user

NOW = datetime(2027, 3, 1, 8, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
LEASE = timedelta(seconds=180)
State = Message.State


@pytest.fixture(autouse=True)
def registered(monkeypatch):
    """Two kinds about meetings and one about something else, built from nothing but the row."""
    monkeypatch.setattr(kinds, "_kinds", {})
    for kind in ("invitation", "cancellation"):
        outbox.register(kind, build=build, label=kind, about="meeting")
    outbox.register("news", build=build, label="news", about="network")


def build(message, now):
    return Mail(subject=f"{message.kind} {message.sequence}", text=f"Nummer {message.subject_id}\n")


def rebuild(build, kind="invitation"):
    outbox.register(kind, build=build, label=kind, about="meeting")


def enqueue(recipient=None, kind="invitation", **fields):
    recipient = recipient or create_user()
    outbox.enqueue(kind, **{"subject_id": 7, "recipients": [recipient], "now": NOW, **fields})
    return Message.objects.latest("pk")


class Server:
    """A mail server in this process: keeps what it takes, and answers as told."""

    addressed = ""

    def __init__(self):
        self.taken = []
        self.answers = {}
        self.answer_all = None
        self.tries = Counter()

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        pass

    def send(self, mail, data, address, *, before_data, following="", meanwhile=None):
        self.tries[address] += 1
        answer = self.answer_all or self.answers.get(address)
        if answer and not isinstance(answer, smtp.Uncertain):
            raise answer
        if not before_data():
            return None
        self.taken.append((address, data))
        if answer:
            raise answer
        return 250

    @property
    def subjects(self):
        return [data.split(b"\r\n", 1)[0].decode() for _address, data in self.taken]


@pytest.fixture
def server(monkeypatch):
    server = Server()
    monkeypatch.setattr(smtp, "open_relay", lambda: server)
    return server


def claim(now):
    """The one next message, or None."""
    return next(iter(claiming.claim(now, most=1)), None)


def reload(message):
    message.refresh_from_db()
    return message


# --- Through Django's own backends -----------------------------------------------------------------------------------


def test_send_due_sends_one_mail_to_each(db):
    people = [create_user(first_name="Søren", last_name="Ærø") for _number in range(3)]
    outbox.enqueue("invitation", subject_id=7, recipients=people, now=NOW)

    assert outbox.send_due(now=NOW) == Counter(sent=3)

    assert [letter.to for letter in django_mail.outbox] == [[person.email] for person in people]
    assert all(letter.subject == "invitation 0" for letter in django_mail.outbox)
    assert {(m.state, m.sent_at, m.last_code, m.sent_to) for m in Message.objects.all()} == {
        (State.SENT, NOW, 250, person.email) for person in people
    }
    assert outbox.send_due(now=NOW) == Counter()


def test_send_due_leaves_what_is_not_due(db):
    message = enqueue(due_at=NOW + MINUTE)

    assert outbox.send_due(now=NOW) == Counter()
    assert outbox.send_due(now=NOW + MINUTE) == Counter(sent=1)
    assert reload(message).dated_at == NOW + MINUTE


def test_send_due_keeps_to_its_limit(db):
    for number in range(3):
        enqueue(subject_id=number)

    assert outbox.send_due(now=NOW, limit=2) == Counter(sent=2)


def test_send_due_stops_when_told_to(db):
    for number in range(3):
        enqueue(subject_id=number)
    turns = iter([True, False])

    assert outbox.send_due(now=NOW, keep_going=lambda: next(turns)) == Counter(sent=1)


@pytest.mark.django_db(transaction=True)
def test_send_due_refuses_to_run_inside_a_transaction():
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        outbox.send_due(now=NOW)


@pytest.mark.django_db(transaction=True)
def test_send_due_holds_no_transaction_while_it_talks(server):
    enqueue()
    seen = []
    rebuild(lambda message, now: seen.append(connection.in_atomic_block) or build(message, now))

    outbox.send_due(now=NOW)

    assert seen == [False]


def test_send_due_uses_the_databases_clock(db, monkeypatch):
    message = enqueue(due_at=NOW)
    monkeypatch.setattr(sending, "database_now", lambda: NOW - MINUTE)
    assert outbox.send_due() == Counter()

    monkeypatch.setattr(sending, "database_now", lambda: NOW)
    assert outbox.send_due() == Counter(sent=1)
    assert timedelta() <= reload(message).sent_at - NOW < timedelta(minutes=1)


# --- Claiming --------------------------------------------------------------------------------------------------------


def test_claim_takes_the_most_urgent_then_the_longest_due(db):
    late = enqueue(subject_id=1, due_at=NOW - MINUTE)
    low = enqueue(subject_id=2, due_at=NOW - 9 * MINUTE, priority=Message.Priority.LOW)
    urgent = enqueue(subject_id=3, priority=Message.Priority.URGENT)
    later = enqueue(subject_id=4)

    assert [claim(NOW) for _number in range(5)] == [urgent, late, later, low, None]


def test_claim_sets_lease_fence_and_date(db):
    enqueue()

    message = claim(NOW)

    assert (message.state, message.fence, message.attempts) == (State.CLAIMED, 1, 1)
    assert (message.lease_until, message.dated_at) == (NOW + LEASE / 2, NOW)


def test_claim_lets_no_cancellation_overtake_an_earlier_invitation(db):
    anne = create_user()
    invitation = enqueue(anne, due_at=NOW)
    cancellation = enqueue(anne, "cancellation", sequence=1, priority=Message.Priority.URGENT)

    assert claim(NOW) == invitation
    assert claim(NOW) is None, "the invitation is still under way"
    Message.objects.filter(pk=invitation.pk).update(state=State.SENT)
    assert claim(NOW) == cancellation


@pytest.mark.parametrize("other", ["person", "subject", "about"])
def test_claim_waits_only_for_the_same_thing_and_person(db, other):
    anne = create_user()
    enqueue(anne)
    claim(NOW)
    later = enqueue(
        create_user() if other == "person" else anne,
        "news" if other == "about" else "cancellation",
        subject_id=8 if other == "subject" else 7,
        sequence=1,
    )

    assert claim(NOW) == later


def test_claim_does_not_wait_for_an_older_reminder_that_is_not_due(db):
    anne = create_user()
    enqueue(anne, due_at=NOW + timedelta(days=3), offset_minutes=60)
    change = enqueue(anne, sequence=1)

    assert claim(NOW) == change


@pytest.mark.django_db(transaction=True)
def test_claim_by_many_at_once_gives_each_row_to_one():
    people = [create_user() for _number in range(20)]
    outbox.enqueue("invitation", subject_id=7, recipients=people, now=NOW)
    barrier = threading.Barrier(4)
    claimed = []

    def work():
        try:
            barrier.wait(10)
            while message := claim(NOW):
                claimed.append(message.pk)
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _number in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)

    assert len(claimed) == len(set(claimed)) == 20
    assert set(Message.objects.values_list("fence", flat=True)) == {1}


@pytest.mark.django_db(transaction=True)
def test_claim_of_one_row_by_two_at_once_is_won_by_one():
    enqueue()
    barrier = threading.Barrier(2)
    claimed = []

    def work():
        try:
            barrier.wait(10)
            claimed.append(claim(NOW))
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _number in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)

    assert sorted(message is None for message in claimed) == [False, True]


# --- Leases and fences -----------------------------------------------------------------------------------------------


def test_abandoned_claim_is_free_again_when_its_lease_has_run_out(db, server):
    message = enqueue()
    claim(NOW)

    assert outbox.send_due(now=NOW + LEASE / 2) == Counter()
    assert outbox.send_due(now=NOW + LEASE / 2 + MINUTE) == Counter(freed=1, sent=1)
    assert (reload(message).attempts, message.copies) == (2, 1)


def test_claim_taken_after_the_clock_was_read_is_not_freed(db):
    """One worker reads the clock, another takes a row, and only then does the first free what was left."""
    message = enqueue()
    claimed = claim(NOW + timedelta(seconds=2))

    claiming.settle_abandoned(NOW, Counter())

    assert reload(message).state == State.CLAIMED
    assert message.fence == claimed.fence


def test_abandoned_claim_is_free_when_the_clock_was_put_back(db, server):
    enqueue()
    claim(NOW + timedelta(hours=1))

    assert outbox.send_due(now=NOW) == Counter(freed=1, sent=1)


def test_what_a_clock_put_forth_frees_is_due_when_it_is_right_again(db, server):
    message = enqueue()
    claimed = claiming.claim(NOW, most=1)[0]
    claimed.recipient = message.recipient
    assert claiming.note_hand_over(claimed, claimed.recipient.email, NOW)

    claiming.settle_abandoned(NOW + timedelta(hours=1), Counter())

    assert reload(message).state == State.RETRY
    assert outbox.send_due(now=NOW) == Counter(sent=1)


def test_a_claim_outlasts_a_whole_try(settings):
    assert settings.OUTBOX_LEASE_SECONDS / 2 > smtp.WHOLE_TRY_SECONDS + 2 * building.FRESH_SECONDS


def test_claim_abandoned_over_and_over_fails_in_the_open(db, server, settings):
    message = enqueue()
    now = NOW
    for _death in range(settings.OUTBOX_MAX_ATTEMPTS):
        assert claim(now)
        now += LEASE + MINUTE
        claiming.settle_abandoned(now, Counter())

    assert reload(message).state == State.FAILED
    assert server.taken == []


def test_late_mark_is_refused_by_the_fence(db, server):
    message = enqueue()
    slow = claim(NOW)
    assert outbox.send_due(now=NOW + LEASE + MINUTE)["sent"] == 1

    batch = sending._Batch(tell=lambda: NOW + LEASE + 2 * MINUTE)
    may_go = batch.note_hand_over(slow, slow.recipient.email)
    batch.settle(slow, State.FAILED)

    assert may_go is False
    assert batch.counts == Counter(outrun=1)
    assert reload(message).state == State.SENT


def test_late_mark_is_refused_while_another_worker_holds_the_row(db):
    message = enqueue()
    slow = claim(NOW)
    claiming.settle_abandoned(NOW + LEASE + MINUTE, Counter())
    quick = claim(NOW + LEASE + MINUTE)
    batch = sending._Batch(tell=lambda: NOW + LEASE + 2 * MINUTE)

    assert batch.note_hand_over(slow, slow.recipient.email) is False
    assert (reload(message).state, message.fence, message.copies) == (State.CLAIMED, quick.fence, 0)
    assert batch.note_hand_over(quick, quick.recipient.email) is True


def under_way(*, before=State.DATA_SENT, then=State.CLAIMED):
    """Two rows that one worker holds: the first has been taken by the server, the second is about to leave."""
    for number in range(2):
        enqueue(subject_id=number)
    first, second = claiming.claim(NOW, most=2)
    Message.objects.filter(pk=first.pk).update(state=before, copies=1, sent_to="a@b.invalid", last_error="once")
    Message.objects.filter(pk=second.pk).update(state=then, last_error="once")
    return first, second


LATER = NOW + MINUTE


@pytest.mark.parametrize("is_first_ours", [True, False])
@pytest.mark.parametrize("is_second_ours", [True, False])
def test_what_was_taken_and_what_leaves_are_noted_in_one_breath(db, is_first_ours, is_second_ours):
    first, second = under_way(
        before=State.DATA_SENT if is_first_ours else State.IN_DOUBT,
        then=State.CLAIMED if is_second_ours else State.SUPERSEDED,
    )
    others = Message.objects.get(pk=enqueue(subject_id=9).pk)

    ours = claiming.note_hand_over(second, second.recipient.email, LATER, before=claiming.Taken(first, 250, NOW))

    assert ours == ({first.pk} if is_first_ours else set()) | ({second.pk} if is_second_ours else set())
    fields = "state", "copies", "sent_to", "sent_at", "settled_at", "last_code", "last_error", "lease_until"
    held = first.lease_until
    assert Message.objects.values_list(*fields).get(pk=first.pk) == (
        (State.SENT, 1, "a@b.invalid", NOW, NOW, 250, "", None)
        if is_first_ours
        else (State.IN_DOUBT, 1, "a@b.invalid", None, None, None, "once", held)
    )
    assert Message.objects.values_list(*fields).get(pk=second.pk) == (
        (State.DATA_SENT, 1, second.recipient.email, None, None, None, "once", LATER + LEASE)
        if is_second_ours
        else (State.SUPERSEDED, 0, "", None, None, None, "once", held)
    )
    assert Message.objects.get(pk=others.pk).state == State.DUE


@pytest.mark.parametrize("whose", [0, 1])
def test_who_comes_late_with_one_of_two_changes_only_the_other(db, whose):
    pair = under_way()
    Message.objects.filter(pk=pair[whose].pk).update(fence=pair[whose].fence + 1)

    ours = claiming.note_hand_over(pair[1], pair[1].recipient.email, LATER, before=claiming.Taken(pair[0], 250, NOW))

    assert ours == {pair[1 - whose].pk}
    assert reload(pair[whose]).lease_until == NOW + LEASE / 2


@pytest.mark.parametrize("change", [{"is_active": False}, {"email": "ny@egebjerg-kommune.invalid"}])
def test_receiver_who_has_gone_or_moved_stops_the_next_and_not_the_note_of_the_last(db, change):
    first, second = under_way()
    for message in (first, second):
        address = message.recipient.email
        type(message.recipient).objects.filter(pk=message.recipient_id).update(
            **{name: value if name == "is_active" else f"{message.pk}-{value}" for name, value in change.items()}
        )

    ours = claiming.note_hand_over(second, address, LATER, before=claiming.Taken(first, 250, NOW))

    assert ours == {first.pk}
    assert (reload(first).state, reload(second).state) == (State.SENT, State.CLAIMED)


class Ahead(Server):
    """A server that is told of the next letter together with the text of this one."""

    def __init__(self):
        super().__init__()
        self.addressed, self.announced = "", []
        self.order, self.built_meanwhile = [], []

    def send(self, mail, data, address, *, before_data, following="", meanwhile=None):
        self.announced.append(following)
        self.addressed = ""
        code = super().send(mail, data, address, before_data=before_data)
        before = len(self.order)
        meanwhile()
        self.built_meanwhile.append(len(self.order) - before)
        self.addressed = following
        return code


@pytest.fixture
def ahead(monkeypatch):
    server = Ahead()
    monkeypatch.setattr(smtp, "open_relay", lambda: server)
    return server


def notes_of(run):
    """The writes to the outbox after the claims, one sign each: h(and over), t(aken)."""
    with CaptureQueriesContext(connection) as queries:
        run()
    return "".join(
        "h" if "copies + 1" in said or said.startswith("EXECUTE") else "t"
        for said in (query["sql"].lstrip() for query in queries)
        if said.startswith("EXECUTE") or (said.startswith("UPDATE members_message") and "'sent'" in said)
    )


def test_a_letter_costs_one_note_where_the_next_is_under_way(db, ahead):
    several()

    notes = notes_of(lambda: outbox.send_due(now=NOW))

    assert notes == "ht" + "hht" + "hhhht"
    assert set(Message.objects.values_list("state", "copies", "last_code")) == {(State.SENT, 1, 250)}


def test_a_letter_is_noted_at_once_where_none_is_under_way(db, server):
    several()

    assert notes_of(lambda: outbox.send_due(now=NOW)) == 7 * "ht"


def test_next_letter_is_announced_by_its_own_address_and_none_that_cannot_be_built(db, ahead):
    messages = several()
    rebuild(lambda message, now: 1 / 0 if message.pk == messages[4].pk else build(message, now))

    outbox.send_due(now=NOW)

    address = [message.recipient.email for message in messages]
    assert ahead.announced == ["", address[2], "", "", address[6], ""]


def away():
    raise OperationalError("server closed the connection unexpectedly")


def stopping(messages, ahead, monkeypatch, how):
    """The third of several is taken; then something happens to the fourth, which is announced."""
    third, fourth = messages[3:5]
    if how == "refused":
        ahead.answers = {fourth.recipient.email: smtp.Rejected(550, b"5.1.1 no such user")}
    elif how == "away":
        ahead.answers = {fourth.recipient.email: smtp.RelayAway(421, b"4.3.2 closing")}
    elif how == "uncertain":
        ahead.answers = {fourth.recipient.email: smtp.Uncertain(None, "BrokenPipeError")}
    elif how == "superseded":
        send = ahead.send

        def and_supersede(mail, data, address, **kwargs):
            code = send(mail, data, address, **kwargs)
            if address == third.recipient.email:
                outbox.supersede("invitation", subject_id=fourth.subject_id, now=NOW, recipients=[fourth.recipient])
            return code

        ahead.send = and_supersede
    elif how == "stale":
        monkeypatch.setattr(building, "FRESH_SECONDS", -1)
    elif how == "database away":  # seen while the server reads the third
        rebuild(lambda message, now: away() if message == messages[5] else build(message, now))
    elif how == "unreadable":
        deliver = sending._Batch.deliver

        def fail_at_fourth(batch, letter, following):
            if letter.message == fourth:
                raise LookupError
            deliver(batch, letter, following)

        monkeypatch.setattr(sending._Batch, "deliver", fail_at_fourth)


@pytest.mark.parametrize("how", ["refused", "away", "uncertain", "superseded", "stale", "unreadable", "database away"])
def test_what_was_taken_is_noted_whatever_becomes_of_the_next(db, ahead, monkeypatch, how):
    messages = several()
    stopping(messages, ahead, monkeypatch, how)

    try:
        counts = outbox.send_due(now=NOW)
    except (LookupError, OperationalError):
        counts = None

    taken = {address for address, _data in ahead.taken} - (
        {messages[4].recipient.email} if how == "uncertain" else set()
    )
    noted = set(Message.objects.filter(state=State.SENT).values_list("recipient__email", flat=True))
    assert noted == taken
    assert messages[3].recipient.email in noted
    assert counts is None or counts[State.SENT] == len(taken)


class PowerCut(BaseException):
    """The worker dies on the spot: nothing after this line runs."""


def power_cut(*args, **kwargs):
    raise PowerCut


def send_and_die(monkeypatch, *, at, how=power_cut, now=NOW):
    """Whether the worker got so far as to die there."""
    with monkeypatch.context() as patch:
        patch.setattr(sending._Batch, at, how)
        try:
            outbox.send_due(now=now)
        except PowerCut:
            return True
    return False


def test_crash_before_the_text_leaves_costs_nothing(db, server, monkeypatch):
    enqueue()
    assert send_and_die(monkeypatch, at="note_hand_over")

    outbox.send_due(now=NOW + LEASE + MINUTE)

    assert len(server.taken) == 1


def test_crash_between_the_servers_ok_and_our_note_gives_two_equal_copies_at_most(db, server, monkeypatch):
    message = enqueue()
    deaths, now = [], NOW
    for _number in range(3):
        deaths.append(send_and_die(monkeypatch, at="accept", now=now))
        now += LEASE + MINUTE
    outbox.send_due(now=now)

    assert deaths == [True, True, False]
    assert len(server.taken) == 2
    assert server.taken[0] == server.taken[1], "the same bytes to the same person"
    assert reload(message).state == State.IN_DOUBT


def test_crash_in_a_batch_touches_only_the_mail_in_hand(db, server, monkeypatch):
    for number in range(5):
        enqueue(subject_id=number)
    accept, accepted = sending._Batch.accept, []

    def die_at_third(batch, message, code):
        if len(accepted) == 2:
            raise PowerCut
        accepted.append(message)
        accept(batch, message, code)

    assert send_and_die(monkeypatch, at="accept", how=die_at_third)
    outbox.send_due(now=NOW + LEASE + MINUTE)

    assert Counter(Counter(address for address, _data in server.taken).values()) == Counter({1: 4, 2: 1})


def test_line_lost_after_the_text_is_tried_once_more_then_left_to_people(db, server):
    message = enqueue()
    server.answer_all = smtp.Uncertain(None, "SMTPServerDisconnected")

    assert outbox.send_due(now=NOW) == Counter(retry=1)
    assert outbox.send_due(now=NOW + 2 * MINUTE) == Counter(in_doubt=1)
    assert outbox.send_due(now=NOW + timedelta(days=1)) == Counter()
    assert len(server.taken) == 2
    assert server.taken[0] == server.taken[1]
    assert reload(message).last_error == "SMTPServerDisconnected"


def test_message_set_aside_after_it_was_claimed_is_not_sent(db, server):
    anne = create_user()
    message = enqueue(anne)

    def cancel_meanwhile(message, now):
        outbox.supersede("invitation", subject_id=7, now=now)
        outbox.enqueue("cancellation", subject_id=7, sequence=1, recipients=[anne], now=now)
        return build(message, now)

    rebuild(cancel_meanwhile)

    assert outbox.send_due(now=NOW) == Counter(outrun=1, sent=1)
    assert server.subjects == ["Subject: cancellation 1"]
    assert reload(message).state == State.SUPERSEDED


# --- Not sent on purpose ---------------------------------------------------------------------------------------------


def suppressed(message):
    outbox.send_due(now=NOW)
    message.refresh_from_db()
    return message.state, message.last_error


def test_suppressed_with_the_builders_reason(db, server):
    def build(message, now):
        raise outbox.Suppress("not a member")

    rebuild(build)

    assert suppressed(enqueue()) == (State.SUPPRESSED, "not a member")


def test_suppressed_for_someone_deactivated(db, server):
    assert suppressed(enqueue(create_user(is_active=False))) == (State.SUPPRESSED, "recipient is deactivated")


def test_suppressed_without_an_address(db, server):
    anne = create_user()
    message = enqueue(anne)
    type(anne).objects.filter(pk=anne.pk).update(email="")

    assert suppressed(message) == (State.SUPPRESSED, "recipient has no address")


def test_suppressed_when_it_is_of_no_use_any_more(db, server):
    message = enqueue(useless_after=NOW)

    assert suppressed(message) == (State.SUPPRESSED, "too late")
    assert server.taken == []
    assert message.settled_at == NOW


def test_suppressed_when_its_use_ends_within_the_batch(db):
    enqueue(useless_after=NOW + MINUTE)
    message = claim(NOW)

    with pytest.raises(outbox.Suppress, match="too late"):
        building.build(message, NOW + MINUTE)


def test_address_is_read_at_sending(db, server):
    anne = create_user(email="old@egebjerg-kommune.invalid")
    enqueue(anne)
    anne.email = "new@egebjerg-kommune.invalid"
    anne.save()

    outbox.send_due(now=NOW)

    assert [address for address, _data in server.taken] == ["new@egebjerg-kommune.invalid"]


# --- Refusals --------------------------------------------------------------------------------------------------------


def test_deferred_mail_is_tried_after_1_5_15_60_and_120_minutes_and_then_fails(db, server, settings):
    message = enqueue()
    server.answer_all = smtp.Deferred(451, b"4.7.1 try again later")
    now, waits = NOW, []
    while reload(message).state != State.FAILED:
        outbox.send_due(now=now)
        if reload(message).state == State.RETRY:
            waits.append((message.due_at - now).total_seconds() / 60)
            now = message.due_at

    planned = [1, 5, 15, 60, 120, 120, 120, 120, 120]
    assert len(waits) == settings.OUTBOX_MAX_ATTEMPTS - 1 == len(planned)
    assert all(plan <= wait <= plan * 1.2 for plan, wait in zip(planned, waits, strict=True))
    assert server.tries.total() == settings.OUTBOX_MAX_ATTEMPTS
    assert (message.last_code, message.last_error) == (451, "4.7.1 try again later")


def test_deferred_mail_is_not_tried_past_its_use(db, server):
    message = enqueue(useless_after=NOW + 3 * MINUTE)
    server.answer_all = smtp.Deferred(450, b"4.2.0 greylisted")

    assert outbox.send_due(now=NOW) == Counter(retry=1)
    assert outbox.send_due(now=NOW + 2 * MINUTE) == Counter(suppressed=1)
    assert reload(message).last_error == "too late; 4.2.0 greylisted"


def test_one_refused_recipient_of_three_fails_alone_and_at_once(db, server):
    messages = [enqueue() for _number in range(3)]
    server.answers = {messages[1].recipient.email: smtp.Rejected(550, b"5.1.1 no such user")}

    assert outbox.send_due(now=NOW) == Counter(sent=2, failed=1)
    assert [reload(message).state for message in messages] == [State.SENT, State.FAILED, State.SENT]
    assert (messages[1].last_code, messages[1].last_error) == (550, "5.1.1 no such user")
    assert outbox.send_due(now=NOW + timedelta(days=1)) == Counter()


def test_server_that_refuses_us_stops_the_batch_and_is_told_of_once(db, server, caplog):
    messages = [enqueue() for _number in range(20)]
    server.answer_all = smtp.RelayRefuses(535, b"5.7.8 authentication failed")

    for minute in range(3):
        assert outbox.send_due(now=NOW + minute * MINUTE) == Counter(due=1)

    assert server.tries.total() == 3, "one try per tick, not one per mail"
    assert {reload(message).state for message in messages} == {State.DUE}
    assert {message.attempts for message in messages} == {0}
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert Heartbeat.objects.get(name="trouble").note == "535 5.7.8 authentication failed"

    server.answer_all = None
    assert outbox.send_due(now=NOW + 3 * MINUTE) == Counter(sent=20)
    assert not Heartbeat.objects.filter(name="trouble").exists()


def test_server_that_is_away_costs_no_message_its_tries(db, server):
    messages = [enqueue() for _number in range(3)]
    server.answer_all = smtp.RelayAway(None, "ConnectionRefusedError")

    for minute in range(60):
        outbox.send_due(now=NOW + minute * MINUTE)
    assert {reload(message).state for message in messages} <= {State.DUE, State.RETRY}
    assert server.tries.total() <= 60

    server.answer_all = None
    outbox.send_due(now=NOW + 62 * MINUTE)
    assert {reload(message).state for message in messages} == {State.SENT}


def test_server_that_refuses_everyone_is_taken_as_refusing_us(db, server, caplog):
    messages = [enqueue() for _number in range(20)]
    server.answer_all = smtp.Rejected(554, b"5.7.1 relay access denied")

    assert outbox.send_due(now=NOW) == Counter(retry=sending.REFUSALS_BEFORE_STOP)
    assert State.FAILED not in {reload(message).state for message in messages}
    assert len(caplog.records) == 1

    server.answer_all = None
    outbox.send_due(now=NOW + timedelta(hours=1))
    assert {reload(message).state for message in messages} == {State.SENT}


def test_many_dead_addresses_at_the_head_do_not_block_the_rest(db, server):
    dead = [enqueue(due_at=NOW - MINUTE) for _number in range(12)]
    alive = enqueue()
    server.answers = {message.recipient.email: smtp.Rejected(550, b"5.1.1 no such user") for message in dead}

    for minute in range(8):
        outbox.send_due(now=NOW + minute * MINUTE)

    assert reload(alive).state == State.SENT


def test_poisoned_message_is_set_aside_after_five_tries_and_others_flow(db, server):
    def fall(message, now):
        if message.subject_id == 13:
            raise ValueError("secret text")
        return build(message, now)

    rebuild(fall)
    poisoned, well = enqueue(subject_id=13), enqueue(subject_id=14)
    now = NOW
    for _try in range(10):
        outbox.send_due(now=now)
        now += timedelta(hours=3)

    assert reload(well).state == State.SENT
    assert (reload(poisoned).state, poisoned.attempts, poisoned.last_error) == (State.FAILED, 5, "ValueError")


def test_message_of_a_kind_nobody_knows_waits_then_fails(db, server):
    message = enqueue()
    Message.objects.update(kind="gossip")

    assert outbox.send_due(now=NOW) == Counter(retry=1)
    assert reload(message).last_error == "LookupError"


def test_each_mail_costs_two_notes_and_a_share_of_what_is_read_together(db, server):
    for number in range(60):
        enqueue(subject_id=number)

    def queries(limit):
        with CaptureQueriesContext(connection) as captured:
            outbox.send_due(now=NOW, limit=limit)
        return len(captured)

    queries(1)  # which makes the places of the lines
    one, three, fifty = queries(1), queries(3), queries(50)

    assert three - one == 2 * 2 + 3, "hand-over and note for each; claim, recipients and refusals for both"
    assert fifty - one == 49 * 2 + 5 * 3, "in handfuls of 1, 2, 4, 8, 16 and the rest"


# --- Several in hand -------------------------------------------------------------------------------------------------


def several(number=7):
    """More than one is in hand from the second on: 1, 2, 4."""
    return [enqueue(subject_id=turn, due_at=NOW - (number - turn) * MINUTE) for turn in range(number)]


def test_claim_takes_several_in_order_and_leaves_the_rest(db):
    messages = several(5)
    urgent = enqueue(subject_id=9, priority=Message.Priority.URGENT)

    assert claiming.claim(NOW, most=3) == [urgent, *messages[:2]]
    assert claiming.claim(NOW, most=9) == messages[2:]
    assert claiming.claim(NOW, most=9) == []


def test_claim_of_several_takes_no_two_of_which_one_must_wait(db):
    anne = create_user()
    invitation = enqueue(anne)
    enqueue(anne, "cancellation", sequence=1, priority=Message.Priority.URGENT)

    assert claiming.claim(NOW, most=9) == [invitation]


def in_hand(monkeypatch, change):
    """Let something happen when the first mail that is claimed together with others is handed over."""
    messages, done = several(), []

    class Meanwhile(Server):
        def send(self, mail, data, address, *, before_data, following="", meanwhile=None):
            code = super().send(mail, data, address, before_data=before_data)
            if address == messages[1].recipient.email and not done:
                done.append(change(messages[2]))
            return code

    server = Meanwhile()
    monkeypatch.setattr(smtp, "open_relay", lambda: server)
    return messages, server


def deactivate(message):
    type(message.recipient).objects.filter(pk=message.recipient_id).update(is_active=False)


def move_address(message):
    type(message.recipient).objects.filter(pk=message.recipient_id).update(email="ny@egebjerg-kommune.invalid")


def test_one_who_leaves_while_others_in_hand_are_sent_gets_nothing(db, monkeypatch):
    messages, server = in_hand(monkeypatch, deactivate)

    assert outbox.send_due(now=NOW) == Counter(sent=6, due=1, suppressed=1)
    assert reload(messages[2]).state == State.SUPPRESSED
    assert messages[2].recipient.email not in [address for address, _data in server.taken]


def test_a_new_address_is_used_though_the_mail_was_built_for_the_old_one(db, monkeypatch):
    messages, server = in_hand(monkeypatch, move_address)

    assert outbox.send_due(now=NOW) == Counter(sent=7, due=1)
    addresses = [address for address, _data in server.taken]
    assert "ny@egebjerg-kommune.invalid" in addresses
    assert messages[2].recipient.email not in addresses
    assert (reload(messages[2]).attempts, messages[2].copies) == (1, 1)


@pytest.mark.parametrize("change", [deactivate, move_address])
def test_without_a_last_look_it_would_go_to_them(db, monkeypatch, change):
    asked = claiming._HAND_OVER
    blind = Prepared(asked.sql.replace("is_active AND email =", "'' <>"), **asked.types)
    monkeypatch.setattr(claiming, "_HAND_OVER", blind)
    messages, server = in_hand(monkeypatch, change)

    outbox.send_due(now=NOW)

    assert messages[2].recipient.email in [address for address, _data in server.taken]


def test_what_was_read_too_long_ago_is_given_back_and_read_anew(db, server, monkeypatch):
    monkeypatch.setattr(building, "FRESH_SECONDS", -1)
    messages, built = several(), Counter()
    rebuild(lambda message, now: built.update([message.subject_id]) or build(message, now))

    assert outbox.send_due(now=NOW) == Counter(sent=7)
    assert {(reload(message).attempts, message.copies, message.state) for message in messages} == {(1, 1, State.SENT)}
    assert built.total() > 7, "a mail that had to wait was built for nothing"


def built_after(server):
    """How many letters the server had when each mail was built."""
    several()
    order = server.order = []
    rebuild(lambda message, now: order.append(len(server.taken)) or build(message, now))
    outbox.send_due(now=NOW)
    return order


def test_what_was_read_together_is_not_built_for_all_at_once(db, server):
    """Of those claimed together (1, 2, 4) the second is built before the first leaves, as it is announced with it."""
    assert built_after(server) == [0, *(1, 1), *(3, 3, 4, 5)]


def test_one_more_mail_is_built_while_the_server_reads(db, ahead):
    assert built_after(ahead) == [0, *(1, 1), *(3, 3, 4, 5)]
    assert ahead.built_meanwhile == [0, *(0, 0), *(1, 1, 0, 0)]


def test_server_that_goes_away_leaves_all_in_hand_as_they_were(db, server):
    messages = several()
    Message.objects.filter(pk=messages[2].pk).update(state=State.RETRY, attempts=3)
    server.answers = {messages[1].recipient.email: smtp.RelayAway(421, b"4.3.2 shutting down")}

    assert outbox.send_due(now=NOW) == Counter(sent=1, retry=1)
    assert [(reload(message).state, message.attempts) for message in messages[1:4]] == [
        (State.RETRY, 0), (State.RETRY, 3), (State.DUE, 0),
    ]  # fmt: skip
    assert {message.lease_until for message in messages} == {None}


def test_worker_told_to_stop_gives_back_what_it_holds(db, server):
    messages = several()
    turns = iter([True, True, False, False])

    assert outbox.send_due(now=NOW, keep_going=lambda: next(turns)) == Counter(sent=2)
    assert [reload(message).state for message in messages] == [State.SENT] * 2 + [State.DUE] * 5
    assert {message.attempts for message in messages[2:]} == {0}


def test_paced_mail_is_taken_one_at_a_time(db, server, settings, monkeypatch):
    settings.MAIL_PER_DAY = 100
    several()
    taken, claim_some = [], claiming.claim
    monkeypatch.setattr(claiming, "claim", lambda now, *, most: taken.append(most) or claim_some(now, most=most))

    assert outbox.send_due(now=NOW) == Counter(sent=7)
    assert set(taken) == {1}


def test_facts_that_cannot_be_read_together_are_read_for_each(db, server):
    """One at fault is no other's trouble, also where they are read at once."""

    def read(messages):
        if any(message.subject_id == 2 for message in messages):
            raise ValueError("poisoned")
        return len(messages)

    outbox.register(
        "invitation", build=lambda message, now, facts: build(message, now), label="x", about="meeting", read=read
    )
    messages = several()

    assert outbox.send_due(now=NOW) == Counter(sent=6, retry=1)
    assert reload(messages[2]).last_error == "ValueError"


def test_retry_is_the_same_bytes(db):
    message = enqueue(create_user(first_name="Åse", last_name="Bjørn"))
    claimed = claim(NOW)
    mail = Mail("Flyttet: Møde", "Hej\n", "<p>Hej</p>", calendar=b"BEGIN:VCALENDAR\r\n", calendar_method="REQUEST")

    first = to_bytes(mail, claimed, "a@b.invalid")
    Message.objects.update(state=State.DUE, due_at=NOW + MINUTE)
    again = claim(NOW + 5 * MINUTE)

    assert again.pk == message.pk
    assert to_bytes(mail, again, "a@b.invalid") == first
