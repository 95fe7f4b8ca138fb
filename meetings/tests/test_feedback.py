import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, connections, transaction

from meetings import feedback, questions
from meetings.models import FeedbackInvitation, FeedbackRelease, FeedbackResponse, FeedbackRound
from meetings.tests.factories import create_round
from members.models import AuditEvent, Message
from members.tests.factories import create_board, create_hr
from networks.models import Membership, Network
from networks.tests.factories import create_membership, create_network

NOW = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)
OPENS = datetime(2027, 3, 2, 7, 0, tzinfo=UTC)
CLOSES = datetime(2027, 3, 12, 15, 0, tzinfo=UTC)
LATER = CLOSES + timedelta(minutes=1)
ANSWER = {"free_space": 4, "keep": "Her og nu-runden"}


def create_group(members=6, **fields):
    """A network with its coordinator first among the members."""
    network = create_network(**fields)
    users = [create_membership(network=network, is_coordinator=number == 0).leader.user for number in range(members)]
    return network, users


def create_open_round(members=6, **fields):
    network, users = create_group(members)
    round = create_round(network=network, opens_at=OPENS, closes_at=CLOSES, question_set=questions.CURRENT, **fields)
    return round, users


def plan(network, actor, **changes):
    times = {"opens_at": OPENS, "closes_at": CLOSES, "now": NOW} | changes
    return feedback.plan_round(network, actor=actor, **times)


def answer(round, user, answers=ANSWER, now=OPENS + timedelta(days=1)):
    feedback.answer(round, user=user, answers=answers, now=now)


# --- Plan ------------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_coordinator_plans_a_round():
    network, (coordinator, *_others) = create_group()

    round = plan(network, coordinator)

    assert (round.state, round.opens_at, round.closes_at) == (FeedbackRound.State.DRAFT, OPENS, CLOSES)
    assert (round.question_set, round.anonymity_threshold) == ("pulse-2026-1", 5)
    assert not FeedbackInvitation.objects.exists()
    assert not Message.objects.exists()
    event = AuditEvent.objects.get()
    assert (event.actor, event.verb, event.subject_id, event.network_id) == (
        coordinator,
        "feedback_round_planned",
        round.pk,
        network.pk,
    )


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["member", "hr", "sponsor", "board", "coordinator of another"])
def test_only_the_coordinator_plans_a_round(who):
    network, users = create_group()
    _other, (other_coordinator, *_rest) = create_group()
    actor = {
        "member": users[1],
        "hr": create_hr(),
        "sponsor": network.sponsor,
        "board": create_board(),
        "coordinator of another": other_coordinator,
    }[who]

    with pytest.raises(PermissionDenied):
        plan(network, actor)

    assert not FeedbackRound.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(("members", "is_refused"), [(3, True), (4, True), (5, False)])
def test_round_that_could_never_reach_the_floor_is_refused(members, is_refused):
    network, (coordinator, *_others) = create_group(members)

    assert feedback.is_too_small(network) == is_refused
    if is_refused:
        with pytest.raises(feedback.RoundTooSmall):
            plan(network, coordinator)
    else:
        plan(network, coordinator)
    assert FeedbackRound.objects.count() == (not is_refused)


@pytest.mark.django_db
@pytest.mark.parametrize(("setting", "threshold"), [(1, 4), (4, 4), (5, 5), (7, 7)])
def test_no_setting_lowers_the_floor_under_four(settings, setting, threshold):
    settings.ANONYMITY_THRESHOLD = setting
    network, (coordinator, *_others) = create_group(8)

    assert plan(network, coordinator).anonymity_threshold == threshold


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("opens_at", "closes_at"),
    [
        (NOW - timedelta(seconds=1), CLOSES),
        (OPENS, OPENS + timedelta(days=1, hours=8)),
        (OPENS, OPENS + timedelta(days=61)),
        (CLOSES, OPENS),
    ],
    ids=["in the past", "too short", "too long", "backwards"],
)
def test_round_outside_the_limits_is_refused(opens_at, closes_at):
    network, (coordinator, *_others) = create_group()

    with pytest.raises(feedback.FeedbackRefused):
        plan(network, coordinator, opens_at=opens_at, closes_at=closes_at)

    assert not FeedbackRound.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("days", [2, 60])
def test_limits_count_days_on_the_wall_also_across_summer_time(days):
    network, (coordinator, *_others) = create_group()
    day = feedback.today(OPENS)

    round = plan(
        network,
        coordinator,
        opens_at=feedback.opening_at(day, NOW),
        closes_at=feedback.closing_at(day + timedelta(days=days)),
    )

    assert feedback.wall(round.opens_at).hour == 8
    assert feedback.wall(round.closes_at).hour == 16


@pytest.mark.django_db
def test_second_round_in_the_same_period_is_refused():
    network, (coordinator, *_others) = create_group()
    plan(network, coordinator)

    with pytest.raises(feedback.FeedbackRefused, match=r"2\. mar\. 2027"):
        plan(network, coordinator, opens_at=OPENS + timedelta(days=5), closes_at=CLOSES + timedelta(days=5))

    plan(network, coordinator, opens_at=CLOSES, closes_at=CLOSES + timedelta(days=5))


@pytest.mark.django_db
@pytest.mark.parametrize("state", [Network.State.ENROLLING, Network.State.PAUSED, Network.State.CLOSED])
def test_network_that_is_not_active_plans_no_round(state):
    network, (coordinator, *_others) = create_group(state=state)

    with pytest.raises(feedback.FeedbackRefused):
        plan(network, coordinator)


def test_round_planned_for_today_opens_at_once_or_at_eight():
    day = feedback.today(NOW)

    assert feedback.opening_at(day, NOW) == NOW
    assert feedback.wall(feedback.opening_at(day, NOW - timedelta(hours=5))).hour == 8


@pytest.mark.django_db
def test_planned_round_can_be_dropped_and_an_open_one_cannot():
    network, (coordinator, member, *_others) = create_group()
    round = plan(network, coordinator)

    with pytest.raises(PermissionDenied):
        feedback.drop_round(round, actor=member, now=NOW)
    feedback.drop_round(round, actor=coordinator, now=NOW)

    assert not FeedbackRound.objects.exists()
    opened = create_round(network=network, question_set=questions.CURRENT)
    with pytest.raises(feedback.FeedbackRefused):
        feedback.drop_round(opened, actor=coordinator, now=NOW)
    assert FeedbackRound.objects.get() == opened


# --- Open ------------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_round_opens_by_the_timetable_and_once():
    network, users = create_group()
    round = plan(network, users[0])

    assert feedback.turn_rounds(OPENS - timedelta(seconds=1)) == {}
    assert feedback.turn_rounds(OPENS) == {"opened": 1}
    assert feedback.turn_rounds(OPENS) == {}

    round.refresh_from_db()
    assert (round.state, round.opened_at) == (FeedbackRound.State.OPEN, OPENS)
    assert set(round.invited.values_list("user", "has_answered")) == {(user.pk, False) for user in users}
    opened = Message.objects.filter(kind="feedback_opened", subject_id=round.pk)
    assert set(opened.values_list("recipient", "due_at")) == {(user.pk, OPENS) for user in users}
    assert AuditEvent.objects.filter(verb="feedback_round_opened", actor=None).count() == 1


@pytest.mark.django_db
def test_those_on_leave_and_those_who_have_left_are_not_asked():
    network, users = create_group()
    plan(network, users[0])
    for state in (Membership.State.ON_LEAVE, Membership.State.LEFT, Membership.State.ENDED):
        create_membership(network=network, state=state)
    users[5].is_active = False
    users[5].save()

    feedback.turn_rounds(OPENS)

    assert set(FeedbackInvitation.objects.values_list("user", flat=True)) == {user.pk for user in users[:5]}


@pytest.mark.django_db
@pytest.mark.parametrize("why", ["members left", "paused", "too late"])
def test_round_that_cannot_give_a_result_does_not_open(why):
    network, users = create_group(5)
    round = plan(network, users[0])
    now = OPENS
    if why == "members left":
        network.memberships.filter(leader__user=users[4]).update(state=Membership.State.LEFT)
    elif why == "paused":
        Network.objects.filter(pk=network.pk).update(state=Network.State.PAUSED)
    else:
        now = CLOSES

    assert feedback.turn_rounds(now) == {"not opened": 1}

    round.refresh_from_db()
    assert round.never_opened
    assert (round.release.is_suppressed, round.release.results) == (True, {})
    assert not Message.objects.exists()
    assert feedback.turn_rounds(LATER) == {}


@pytest.mark.django_db
@pytest.mark.parametrize(("days", "before"), [(10, 2), (3, 2), (2, 1)])
def test_reminder_is_fixed_two_days_before_or_one_in_a_short_round(days, before):
    network, users = create_group()
    day = feedback.today(OPENS)
    closes_at = feedback.closing_at(day + timedelta(days=days))
    plan(network, users[0], closes_at=closes_at)

    feedback.turn_rounds(OPENS)

    reminders = Message.objects.filter(kind="feedback_reminder")
    due = feedback.wall(reminders[0].due_at)
    assert (due.date(), due.hour) == (day + timedelta(days=days - before), 8)
    assert set(reminders.values_list("recipient", "useless_after")) == {(user.pk, closes_at) for user in users}


@pytest.mark.django_db
def test_one_broken_round_does_not_hold_up_the_others(caplog):
    broken, _users = create_open_round()
    FeedbackRound.objects.filter(pk=broken.pk).update(question_set="no such set")
    sound, _users = create_open_round()

    assert feedback.turn_rounds(LATER) == {"closed": 1, "failed": 1, "counted": 1}

    sound.refresh_from_db()
    assert sound.state == FeedbackRound.State.CLOSED
    assert caplog.messages == [f"Feedback round {broken.pk} was not turned: DoesNotExist"]


# --- Answer ----------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_answer_is_kept_without_the_person():
    round, users = create_open_round()

    answer(round, users[2])

    assert set(round.invited.filter(has_answered=True).values_list("user", flat=True)) == {users[2].pk}
    assert [response.answers for response in round.responses.all()] == [ANSWER]
    assert not AuditEvent.objects.exists()
    assert not Message.objects.exists()


def test_response_has_no_column_for_person_time_or_order():
    columns = {field.attname: type(field).__name__ for field in FeedbackResponse._meta.get_fields()}

    assert columns == {"id": "UUIDField", "round_id": "ForeignKey", "answers": "EncryptedJSONField"}


@pytest.mark.django_db
def test_answer_twice_is_refused_and_the_first_stands():
    round, users = create_open_round()
    answer(round, users[2])

    with pytest.raises(feedback.AlreadyAnswered):
        answer(round, users[2], {"free_space": 1})

    assert [response.answers for response in round.responses.all()] == [ANSWER]


@pytest.mark.django_db
@pytest.mark.parametrize("when", [CLOSES, CLOSES + timedelta(days=1)])
def test_answer_from_the_frist_on_is_refused_though_nobody_has_closed_yet(when):
    round, users = create_open_round()

    with pytest.raises(feedback.RoundClosed):
        answer(round, users[2], now=when)

    assert not round.responses.exists()
    assert not round.invited.filter(has_answered=True).exists()


@pytest.mark.django_db
def test_answer_to_a_closed_round_is_refused_even_by_a_slow_clock():
    round, users = create_open_round()
    feedback.turn_rounds(LATER)

    with pytest.raises(feedback.RoundClosed):
        answer(round, users[2])


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["joined later", "left", "stranger", "hr"])
def test_only_those_who_are_asked_and_still_members_answer(who):
    round, users = create_open_round()
    if who == "joined later":
        user = create_membership(network=round.network).leader.user
    elif who == "left":
        user = users[2]
        round.network.memberships.filter(leader__user=user).update(state=Membership.State.LEFT)
    else:
        user = create_hr() if who == "hr" else create_membership().leader.user

    with pytest.raises(PermissionDenied):
        answer(round, user)

    assert not round.responses.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("said", [{}, {"free_space": None, "keep": ""}, {"conditions": 4}, {"person": 7}])
def test_answer_with_nothing_in_it_is_refused_and_counts_for_nothing(said):
    round, users = create_open_round()

    with pytest.raises(feedback.FeedbackRefused):
        answer(round, users[2], said)

    assert not round.responses.exists()
    assert not round.invited.filter(has_answered=True).exists()


@pytest.mark.django_db
def test_only_what_was_asked_is_kept():
    round, users = create_open_round()

    answer(round, users[2], {**ANSWER, "user": users[2].pk, "conditions": 2})

    assert round.responses.get().answers == ANSWER


@pytest.mark.django_db
def test_every_answer_has_all_rows_written_anew():
    """Two copies of the database compared show neither which answer is new nor who ticked with it."""
    round, users = create_open_round(12)
    for number, user in enumerate(users[:11]):
        answer(round, user, {"keep": str(number)})
    before = dict(round.responses.values_list("id", "answers"))

    answer(round, users[11], {"keep": "11"})

    after = dict(round.responses.values_list("id", "answers"))
    assert not before.keys() & after.keys()
    assert sorted(int(said["keep"]) for said in after.values()) == list(range(12))


@pytest.mark.django_db
def test_stored_order_tells_nothing_of_who_came_when():
    round, users = create_open_round(12)
    for number, user in enumerate(users):
        answer(round, user, {"keep": str(number)})

    with connection.cursor() as cursor:
        physical = "ctid" if connection.vendor == "postgresql" else "rowid"
        cursor.execute(f"SELECT id FROM meetings_feedbackresponse ORDER BY {physical}")
        rows = [str(row[0]).replace("-", "") for row in cursor.fetchall()]
    said = {str(response.pk).replace("-", ""): int(response.answers["keep"]) for response in round.responses.all()}
    assert [said[row] for row in rows] != list(range(12))


@pytest.mark.django_db
@pytest.mark.services  # SQLite keeps no number of the transaction that wrote a row
def test_stored_rows_of_a_round_share_one_transaction_number():
    round, users = create_open_round(8)
    for user in users[:7]:
        answer(round, user)

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT xmin::text FROM meetings_feedbackresponse "
            "UNION SELECT DISTINCT xmin::text FROM meetings_feedbackinvitation"
        )
        assert len(cursor.fetchall()) == 1


@pytest.mark.django_db
def test_what_is_said_is_unreadable_in_the_database():
    round, users = create_open_round()
    answer(round, users[0], {"keep": "Kanariefugl"})

    with connection.cursor() as cursor:
        cursor.execute("SELECT answers FROM meetings_feedbackresponse")
        stored = str(cursor.fetchall())
    assert "Kanariefugl" not in stored
    assert "keep" not in stored


@pytest.mark.django_db
def test_answer_in_a_very_large_round_takes_no_more_writing_than_in_a_large_one(monkeypatch):
    monkeypatch.setattr(feedback, "MIXED_WITH", 3)
    round, users = create_open_round(9)
    for user in users[:8]:
        answer(round, user)
    before = set(round.responses.values_list("id", flat=True))

    answer(round, users[8])

    after = set(round.responses.values_list("id", flat=True))
    assert (len(before - after), len(after - before)) == (3, 4)


# --- Extend ----------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_extension_moves_the_reminder_and_mails_nobody_more():
    network, users = create_group()
    round = plan(network, users[0])
    feedback.turn_rounds(OPENS)
    before = set(Message.objects.values_list("pk", flat=True))

    feedback.extend(round, closes_at=CLOSES + timedelta(days=4), actor=users[0], now=OPENS + timedelta(days=2))

    reminders = Message.objects.filter(kind="feedback_reminder")
    assert set(Message.objects.values_list("pk", flat=True)) == before
    assert {feedback.today(message.due_at) for message in reminders} == {feedback.today(CLOSES) + timedelta(days=2)}
    assert set(reminders.values_list("useless_after", flat=True)) == {CLOSES + timedelta(days=4)}
    assert feedback.turn_rounds(CLOSES)["closed"] == 0
    assert feedback.turn_rounds(CLOSES + timedelta(days=4))["closed"] == 1
    assert AuditEvent.objects.filter(verb="feedback_round_extended", actor=users[0]).count() == 1


@pytest.mark.django_db
def test_extension_after_the_reminder_sends_no_second_one():
    network, users = create_group()
    round = plan(network, users[0])
    feedback.turn_rounds(OPENS)
    Message.objects.filter(kind="feedback_reminder").update(state=Message.State.SENT)
    before = set(Message.objects.values_list("pk", "due_at"))

    feedback.extend(round, closes_at=CLOSES + timedelta(days=9), actor=users[0], now=CLOSES - timedelta(hours=1))

    assert set(Message.objects.values_list("pk", "due_at")) == before


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("who", "closes_at", "now", "refusal"),
    [
        (1, CLOSES + timedelta(days=3), NOW, PermissionDenied),
        (0, CLOSES, NOW, feedback.FeedbackRefused),
        (0, CLOSES - timedelta(days=1), NOW, feedback.FeedbackRefused),
        (0, OPENS + timedelta(days=61), NOW, feedback.FeedbackRefused),
        (0, CLOSES + timedelta(days=3), CLOSES, feedback.RoundClosed),
    ],
    ids=["a member", "same", "shorter", "too long", "too late"],
)
def test_round_is_only_ever_made_longer_and_while_it_is_open(who, closes_at, now, refusal):
    round, users = create_open_round()

    with pytest.raises(refusal):
        feedback.extend(round, closes_at=closes_at, actor=users[who], now=now)

    round.refresh_from_db()
    assert round.closes_at == CLOSES


@pytest.mark.django_db
def test_round_is_not_extended_into_the_next():
    network, users = create_group()
    round = plan(network, users[0])
    plan(network, users[0], opens_at=CLOSES + timedelta(days=1), closes_at=CLOSES + timedelta(days=9))

    with pytest.raises(feedback.FeedbackRefused, match="allerede en runde"):
        feedback.extend(round, closes_at=CLOSES + timedelta(days=5), actor=users[0], now=NOW)


# --- Progress --------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_progress_is_renewed_once_a_day_and_not_when_someone_answers():
    network, users = create_group(8)
    round = plan(network, users[0])
    feedback.turn_rounds(OPENS)

    def progress(now):
        feedback.turn_rounds(now)
        round.refresh_from_db()
        return round.progress_reached, round.progress_on

    for user in users[:4]:
        answer(round, user)
    tomorrow = OPENS + timedelta(days=1)
    assert progress(OPENS + timedelta(hours=9)) == (False, feedback.today(OPENS))
    assert progress(tomorrow) == (False, feedback.today(tomorrow))
    answer(round, users[4])
    assert progress(tomorrow + timedelta(hours=9)) == (False, feedback.today(tomorrow))
    assert progress(tomorrow + timedelta(days=1)) == (True, feedback.today(tomorrow) + timedelta(days=1))


# --- Close -----------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(("answers", "is_suppressed"), [(3, True), (4, True), (5, False), (7, False), (8, False)])
def test_round_closes_once_and_lets_go_of_every_answer(answers, is_suppressed):
    round, users = create_open_round(9)
    for user in users[:answers]:
        answer(round, user)

    assert feedback.turn_rounds(CLOSES - timedelta(seconds=1))["closed"] == 0
    assert feedback.turn_rounds(CLOSES) == {"closed": 1}
    assert feedback.turn_rounds(LATER) == {}

    round.refresh_from_db()
    assert (round.state, round.closed_at) == (FeedbackRound.State.CLOSED, CLOSES)
    assert not FeedbackResponse.objects.exists()
    assert not FeedbackInvitation.objects.exists()
    release = FeedbackRelease.objects.get()
    assert release.invited_count == 9
    assert (release.is_suppressed, release.answer_count) == (is_suppressed, None if is_suppressed else answers)
    assert bool(release.results) != is_suppressed
    closed = Message.objects.filter(kind="feedback_closed", subject_id=round.pk)
    assert set(closed.values_list("recipient", flat=True)) == {user.pk for user in users}


@pytest.mark.django_db
def test_nothing_tells_after_the_close_who_was_reminded():
    network, users = create_group()
    round = plan(network, users[0])
    feedback.turn_rounds(OPENS)
    other, _others = create_group()
    plan(other, _others[0])
    feedback.turn_rounds(OPENS)

    feedback.turn_rounds(CLOSES)

    assert not Message.objects.filter(kind="feedback_reminder").exists()
    assert Message.objects.filter(kind="feedback_opened", subject_id=round.pk).count() == 6


@pytest.mark.django_db
def test_answer_of_one_who_left_still_counts():
    round, users = create_open_round(5)
    for user in users:
        answer(round, user)
    round.network.memberships.filter(leader__user=users[4]).update(state=Membership.State.LEFT)

    feedback.turn_rounds(LATER)

    assert FeedbackRelease.objects.get().answer_count == 5
    assert not Message.objects.filter(kind="feedback_closed", recipient=users[4]).exists()


@pytest.mark.django_db
def test_lowering_the_setting_after_the_opening_releases_nothing(settings):
    round, users = create_open_round(6)
    for user in users[:4]:
        answer(round, user)
    settings.ANONYMITY_THRESHOLD = 4

    feedback.turn_rounds(LATER)

    assert FeedbackRelease.objects.get().is_suppressed


# --- Share -----------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_coordinator_shares_a_result_and_it_is_noted():
    round, users = create_open_round()
    for user in users:
        answer(round, user)
    feedback.turn_rounds(LATER)

    for actor in (users[1], create_hr(), round.network.sponsor):
        with pytest.raises(PermissionDenied):
            feedback.share(round, actor=actor, now=LATER)
    feedback.share(round, actor=users[0], now=LATER)
    feedback.share(round, actor=users[0], now=LATER)

    round.refresh_from_db()
    assert round.state == FeedbackRound.State.SHARED
    assert AuditEvent.objects.filter(verb="feedback_round_shared", actor=users[0]).count() == 1


@pytest.mark.django_db
def test_there_is_nothing_to_share_before_the_close_or_under_the_floor():
    round, users = create_open_round()

    with pytest.raises(feedback.FeedbackRefused):
        feedback.share(round, actor=users[0], now=NOW)
    feedback.turn_rounds(LATER)
    with pytest.raises(feedback.FeedbackRefused):
        feedback.share(round, actor=users[0], now=LATER)


# --- At the same time ------------------------------------------------------------------------------------------------


def at_once(*acts):
    """Run the acts in threads that start together; what each returned or raised, in order."""
    barrier = threading.Barrier(len(acts))
    outcomes = [None] * len(acts)

    def run(place, act):
        try:
            barrier.wait(timeout=10)
            outcomes[place] = act()
        except Exception as error:
            outcomes[place] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return outcomes


@pytest.mark.django_db(transaction=True)
def test_four_beats_at_once_open_and_close_a_round_once():
    network, users = create_group()
    plan(network, users[0])

    opened = at_once(*[lambda: feedback.turn_rounds(OPENS)] * 4)
    closed = at_once(*[lambda: feedback.turn_rounds(CLOSES)] * 4)

    assert sum(counts["opened"] for counts in opened) == 1
    assert sum(counts["closed"] for counts in closed) == 1
    assert FeedbackRelease.objects.count() == 1
    assert Message.objects.filter(kind="feedback_opened").count() == 6
    assert Message.objects.filter(kind="feedback_closed").count() == 6
    assert sum(counts["failed"] for counts in opened + closed) == 0


@pytest.mark.django_db(transaction=True)
def test_one_person_answering_four_times_at_once_is_counted_once():
    round, users = create_open_round()

    outcomes = at_once(*[lambda: answer(round, users[0])] * 4)

    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["AlreadyAnswered"] * 3 + ["NoneType"]
    assert round.responses.count() == 1


@pytest.mark.django_db(transaction=True)
def test_all_answering_at_once_are_all_counted():
    round, users = create_open_round(8)

    outcomes = at_once(*[lambda user=user: answer(round, user, {"keep": user.email}) for user in users])

    assert outcomes == [None] * 8
    assert {response.answers["keep"] for response in round.responses.all()} == {user.email for user in users}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", range(4))
def test_answer_during_the_close_is_in_or_refused_and_never_half(turn):
    round, users = create_open_round(8)
    for user in users[:5]:
        answer(round, user)

    closing, other, *answering = at_once(
        *[lambda: feedback.turn_rounds(CLOSES)] * 2,
        *[lambda user=user: answer(round, user, now=CLOSES - timedelta(seconds=1)) for user in users[5:]],
    )

    accepted = answering.count(None)
    assert closing["closed"] + other["closed"] == 1
    assert all(outcome is None or isinstance(outcome, feedback.RoundClosed) for outcome in answering)
    assert FeedbackRelease.objects.get().answer_count == 5 + accepted
    assert not FeedbackResponse.objects.exists()
    assert not FeedbackInvitation.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_close_that_fails_halfway_leaves_everything_as_it_was(monkeypatch):
    round, users = create_open_round()
    for user in users:
        answer(round, user)

    def fail(*args, **kwargs):
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr(feedback.outbox, "enqueue", fail)
        assert feedback.turn_rounds(CLOSES)["failed"] == 1
    assert (round.responses.count(), round.invited.count()) == (6, 6)
    assert not FeedbackRelease.objects.exists()

    assert feedback.turn_rounds(LATER)["closed"] == 1
    assert FeedbackRelease.objects.get().answer_count == 6


@pytest.mark.django_db
def test_database_refuses_a_floor_under_four():
    round, _users = create_open_round()

    with pytest.raises(Exception, match="anonymity_threshold_at_least_four"), transaction.atomic():
        FeedbackRound.objects.filter(pk=round.pk).update(anonymity_threshold=3)
