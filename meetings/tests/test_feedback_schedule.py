from datetime import UTC, date, datetime, time, timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.urls import reverse

from meetings import feedback, feedback_email, feedback_schedule, questions
from meetings.models import FeedbackRound, FeedbackSchedule, Meeting
from meetings.tests.factories import create_meeting, create_round
from meetings.tests.test_feedback import at_once, create_group
from members import outbox
from members.danish import today, wall
from members.models import AuditEvent, Message
from members.tests.factories import create_hr
from networks.models import Membership, Network

NOW = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)
FIRST = date(2027, 4, 6)
Cadence = FeedbackSchedule.Cadence

pytestmark = pytest.mark.django_db


def set_schedule(network, actor, now=NOW, **changes):
    values = {
        "cadence": Cadence.QUARTERLY,
        "every_nth": 1,
        "next_on": FIRST,
        "length_days": 10,
        "opening_hour": 9,
        "pauses_in_holidays": True,
        "own_questions": [],
    }
    return feedback_schedule.set_schedule(network, actor=actor, now=now, **(values | changes))


def at(day, hour=12):
    return datetime.combine(day, time(hour), tzinfo=UTC)


def hold(network, day):
    return create_meeting(network=network, date=day, state=Meeting.State.HELD, invite=False)


def test_only_the_coordinator_sets_the_schedule():
    network, users = create_group()

    for actor in (users[1], create_hr(), network.sponsor):
        with pytest.raises(PermissionDenied):
            set_schedule(network, actor)
    set_schedule(network, users[0])

    assert FeedbackSchedule.objects.get().next_on == FIRST
    assert AuditEvent.objects.get().verb == "feedback_schedule_set"


@pytest.mark.parametrize("first", [None, today(NOW), date(2027, 1, 1)])
def test_first_round_lies_after_today(first):
    network, users = create_group()

    with pytest.raises(feedback.FeedbackRefused):
        set_schedule(network, users[0], next_on=first)


def test_round_by_the_calendar_is_planned_two_weeks_ahead_and_once():
    network, users = create_group()
    set_schedule(network, users[0])
    soon = at(FIRST - timedelta(days=14))

    assert feedback_schedule.plan_due(soon - timedelta(days=1)) == 0
    assert [feedback_schedule.plan_due(soon) for _beat in range(3)] == [1, 0, 0]

    round = FeedbackRound.objects.get()
    assert (wall(round.opens_at).date(), wall(round.opens_at).hour) == (FIRST, 9)
    assert wall(round.closes_at).date() == FIRST + timedelta(days=10)
    assert (round.kind, round.state, round.anonymity_threshold) == ("network_pulse", "draft", 5)
    assert FeedbackSchedule.objects.get().next_on == date(2027, 7, 6)


@pytest.mark.parametrize(
    ("cadence", "days"),
    [
        (Cadence.QUARTERLY, ["2027-04-06", "2027-08-01", "2027-10-06", "2028-01-06"]),
        (Cadence.HALF_YEARLY, ["2027-04-06", "2027-10-06"]),
        (Cadence.YEARLY, ["2027-04-06"]),
        (Cadence.NONE, []),
    ],
)
def test_year_of_daily_beats_plans_what_the_cadence_says_outside_holidays(cadence, days):
    network, users = create_group()
    set_schedule(network, users[0], cadence=cadence)

    for day in range(0, 330, 5):
        feedback_schedule.plan_due(NOW + timedelta(days=day))

    opened = FeedbackRound.objects.order_by("opens_at").values_list("opens_at", flat=True)
    assert [str(today(moment)) for moment in opened] == days


@pytest.mark.parametrize(
    ("day", "pauses", "opens", "closes"),
    [
        (date(2027, 7, 1), True, date(2027, 8, 1), date(2027, 8, 11)),
        (date(2027, 6, 25), True, date(2027, 6, 25), date(2027, 8, 1)),
        (date(2027, 12, 18), True, date(2027, 12, 18), date(2028, 1, 4)),
        (date(2027, 12, 20), True, date(2028, 1, 4), date(2028, 1, 14)),
        (date(2027, 7, 1), False, date(2027, 7, 1), date(2027, 7, 11)),
    ],
)
def test_holidays_push_the_opening_and_the_frist(day, pauses, opens, closes):
    schedule = FeedbackSchedule(length_days=10, opening_hour=8, pauses_in_holidays=pauses)

    period = feedback_schedule.period_from(schedule, day)

    assert (wall(period.opens_at).date(), wall(period.closes_at).date()) == (opens, closes)


def missed_mail(now):
    message = Message.objects.get(kind="feedback_missed")
    return message, feedback_email.feedback_missed(message, now)


def test_a_day_missed_by_the_clock_opens_once_and_late_while_it_still_helps():
    network, users = create_group()
    set_schedule(network, users[0])
    late = at(FIRST + timedelta(days=5))

    assert [feedback_schedule.plan_due(late) for _beat in range(3)] == [1, 0, 0]

    round = FeedbackRound.objects.get()
    assert today(round.opens_at) == FIRST + timedelta(days=7)
    assert FeedbackSchedule.objects.get().missed_why == "late"
    message, mail = missed_mail(late)
    assert message.recipient == users[0]
    assert "den 6. april 2027" in mail.text
    assert "den 13. april 2027" in mail.text
    feedback.drop_round(round, actor=users[0], now=late)
    with pytest.raises(outbox.Suppress):
        feedback_email.feedback_missed(message, late)


def test_a_day_missed_long_ago_is_not_made_up_for_and_the_coordinator_is_told(client):
    network, users = create_group()
    set_schedule(network, users[0])
    now = at(date(2027, 9, 1))

    assert [feedback_schedule.plan_due(now) for _beat in range(2)] == [0, 0]

    assert FeedbackSchedule.objects.get().next_on == date(2027, 10, 6)
    _message, mail = missed_mail(now)
    assert "den 6. juli 2027 bliver ikke til noget: Den næste ligger for tæt på." in mail.text
    assert "den 6. oktober 2027" in mail.text
    client.force_login(users[1])
    page = client.get(reverse("meetings:feedback", args=[network.slug])).content.decode()
    assert "den 6. juli 2027 åbnede ikke som planlagt" in page


def test_a_missed_day_does_not_take_the_next_with_it():
    """The clock comes back two weeks before the following round."""
    network, users = create_group()
    set_schedule(network, users[0], pauses_in_holidays=False)

    assert feedback_schedule.plan_due(at(date(2027, 6, 28))) == 1

    assert today(FeedbackRound.objects.get().opens_at) == date(2027, 7, 6)
    assert FeedbackSchedule.objects.get().missed_on is None


@pytest.mark.parametrize(("members", "why"), [(4, "too_few"), (6, "busy")])
def test_the_coordinator_hears_why_a_round_could_not_be_planned(members, why):
    network, users = create_group(members)
    set_schedule(network, users[0])
    if why == "busy":
        create_round(network=network, opens_at=at(FIRST), closes_at=at(FIRST + timedelta(days=3)))

    assert feedback_schedule.plan_due(at(FIRST - timedelta(days=3))) == 0

    assert FeedbackSchedule.objects.get().missed_why == why
    assert "bliver ikke til noget" in missed_mail(NOW)[1].text
    set_schedule(network, users[0], next_on=FIRST + timedelta(days=90))
    with pytest.raises(outbox.Suppress):
        missed_mail(NOW)


def test_nobody_but_the_coordinator_is_told_of_a_missed_round():
    network, users = create_group()
    set_schedule(network, users[0])
    feedback_schedule.plan_due(at(date(2027, 9, 1)))
    Membership.objects.filter(leader__user=users[0]).update(is_coordinator=False)

    with pytest.raises(outbox.Suppress):
        missed_mail(NOW)


def test_a_paused_network_catches_up_once_it_is_back():
    network, users = create_group()
    set_schedule(network, users[0])
    Network.objects.filter(pk=network.pk).update(state=Network.State.PAUSED)
    feedback_schedule.plan_due(at(FIRST))
    Network.objects.filter(pk=network.pk).update(state=Network.State.ACTIVE)

    assert feedback_schedule.plan_due(at(FIRST + timedelta(days=9))) == 1
    assert today(FeedbackRound.objects.get().opens_at) == FIRST + timedelta(days=11)


def test_the_date_of_the_first_round_is_not_called_optional(client):
    network, users = create_group()
    client.force_login(users[0])

    page = client.get(reverse("meetings:feedback_schedule", args=[network.slug])).content.decode()

    label = page[page.index("Første runde åbner den") :][:200]
    assert "(valgfrit)" not in label


def test_nothing_is_planned_for_a_network_that_is_paused_or_too_small_or_has_a_round():
    paused, users = create_group(state=Network.State.ACTIVE)
    set_schedule(paused, users[0])
    Network.objects.filter(pk=paused.pk).update(state=Network.State.PAUSED)
    small, users = create_group(4)
    set_schedule(small, users[0])
    busy, users = create_group()
    set_schedule(busy, users[0])
    create_round(network=busy, opens_at=at(FIRST), closes_at=at(FIRST + timedelta(days=3)))

    assert feedback_schedule.plan_due(at(FIRST - timedelta(days=3))) == 0


# --- After meetings --------------------------------------------------------------------------------------------------


def test_meeting_pulse_follows_a_held_meeting_and_closes_before_the_next():
    network, users = create_group()
    set_schedule(network, users[0], cadence=Cadence.MEETINGS, next_on=None)
    meeting = hold(network, date(2027, 3, 4))
    create_meeting(network=network, date=date(2027, 3, 11), invite=False)
    now = meeting.ends_at + timedelta(hours=1)

    assert [feedback_schedule.plan_due(now) for _beat in range(3)] == [1, 0, 0]

    round = FeedbackRound.objects.get()
    assert (round.kind, round.meeting, round.question_set) == ("meeting_pulse", meeting, "meeting-2027-1")
    assert today(round.opens_at) == date(2027, 3, 5)
    assert today(round.closes_at) == date(2027, 3, 10)
    assert len(questions.questions_of(round)) == 3


def test_meeting_registered_late_is_asked_about_from_the_day_after():
    network, users = create_group()
    set_schedule(network, users[0], cadence=Cadence.MEETINGS, next_on=None)
    hold(network, date(2027, 3, 4))

    assert feedback_schedule.plan_due(at(date(2027, 3, 8))) == 1
    assert today(FeedbackRound.objects.get().opens_at) == date(2027, 3, 8)


@pytest.mark.parametrize(("days_to_next", "planned"), [(2, 0), (3, 0), (4, 1)])
def test_meeting_pulse_that_would_be_too_short_is_left_out(days_to_next, planned):
    network, users = create_group()
    set_schedule(network, users[0], cadence=Cadence.MEETINGS, next_on=None)
    meeting = hold(network, date(2027, 3, 4))
    create_meeting(network=network, date=date(2027, 3, 4) + timedelta(days=days_to_next), invite=False)

    assert feedback_schedule.plan_due(meeting.ends_at) == planned


def test_every_third_meeting_is_counted_from_when_the_schedule_was_set():
    network, users = create_group()
    hold(network, date(2027, 2, 20))
    set_schedule(network, users[0], cadence=Cadence.MEETINGS, every_nth=3, next_on=None, length_days=3)

    planned = []
    for number in range(6):
        meeting = hold(network, date(2027, 3, 4) + timedelta(weeks=number))
        planned.append(feedback_schedule.plan_due(meeting.ends_at))

    assert planned == [0, 0, 1, 0, 0, 1]


@pytest.mark.parametrize("state", [Meeting.State.CONVENED, Meeting.State.CANCELLED, Meeting.State.POSTPONED])
def test_meeting_that_was_not_held_is_not_asked_about(state):
    network, users = create_group()
    set_schedule(network, users[0], cadence=Cadence.MEETINGS, next_on=None)
    create_meeting(network=network, date=date(2027, 3, 4), state=state, invite=False)

    assert feedback_schedule.plan_due(at(date(2027, 3, 5))) == 0


def test_old_meeting_is_not_asked_about():
    network, users = create_group()
    set_schedule(network, users[0], cadence=Cadence.MEETINGS, next_on=None)
    hold(network, date(2027, 3, 4))

    assert feedback_schedule.plan_due(at(date(2027, 3, 12))) == 0


@pytest.mark.django_db(transaction=True)
def test_four_beats_at_once_plan_a_round_once():
    network, users = create_group()
    set_schedule(network, users[0])
    other, others = create_group()
    set_schedule(other, others[0], cadence=Cadence.MEETINGS, next_on=None)
    hold(other, date(2027, 3, 22))

    planned = at_once(*[lambda: feedback_schedule.plan_due(at(date(2027, 3, 23)))] * 4)

    assert sum(planned) == 2
    assert FeedbackRound.objects.count() == 2


def test_broken_schedule_does_not_hold_up_the_others(monkeypatch):
    broken, users = create_group()
    set_schedule(broken, users[0])
    sound, users = create_group()
    set_schedule(sound, users[0])
    period_from = feedback_schedule.period_from

    def fail(schedule, day):
        if schedule.network_id == broken.pk:
            raise RuntimeError
        return period_from(schedule, day)

    monkeypatch.setattr(feedback_schedule, "period_from", fail)

    assert feedback_schedule.plan_due(at(FIRST)) == 1
    assert FeedbackRound.objects.get().network == sound


# --- The group's own questions ---------------------------------------------------------------------------------------


def test_own_questions_are_asked_as_they_were_when_the_round_was_planned():
    network, users = create_group()
    set_schedule(network, users[0], own_questions=["Vi holder tiden.", "", "Kaffen er god."])
    feedback_schedule.plan_due(at(FIRST - timedelta(days=3)))
    set_schedule(network, users[0], own_questions=["Noget andet"])
    round = FeedbackRound.objects.get()

    own = [question for question in questions.questions_of(round) if question.is_own]
    assert [(question.key, question.text) for question in own] == [
        ("own_1", "Vi holder tiden."),
        ("own_2", "Kaffen er god."),
    ]
    assert not any(q.is_own for section in questions.sections_of(round, with_own=False) for q in section.questions)


def test_own_questions_are_rated_released_and_kept_from_those_outside(client):
    network, users = create_group()
    set_schedule(network, users[0], own_questions=["Kanariefuglen synger."])
    feedback_schedule.plan_due(at(FIRST - timedelta(days=3)))
    round = FeedbackRound.objects.get()
    feedback.turn_rounds(round.opens_at)
    for user in users:
        feedback.answer(round, user=user, answers={"free_space": 4, "own_1": 5}, now=round.opens_at)
    feedback.turn_rounds(round.closes_at)
    feedback.share(round, actor=users[0], now=round.closes_at)

    def page(user):
        client.force_login(user)
        return client.get(round.get_absolute_url()).content.decode()

    assert "Kanariefuglen synger." in page(users[1])
    hr = create_hr()
    assert "4,0 af 5" in page(hr)
    assert "Kanariefuglen" not in page(hr)
    client.force_login(hr)
    status = client.get(reverse("netvaerk:status_network", args=[network.slug])).content.decode()
    assert "4,0 af 5" in status
    assert "Kanariefuglen" not in status


def test_own_questions_are_unreadable_in_the_database():
    network, users = create_group()
    set_schedule(network, users[0], own_questions=["Kanariefuglen synger."])

    with connection.cursor() as cursor:
        cursor.execute("SELECT own_questions FROM meetings_feedbackschedule")
        assert "Kanariefugl" not in str(cursor.fetchall())


# --- Pages -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


def test_coordinator_sets_the_schedule_on_its_page(client, clock):
    network, users = create_group()
    url = reverse("meetings:feedback_schedule", args=[network.slug])
    client.force_login(users[1])
    assert client.get(url).status_code == 403
    client.force_login(users[0])
    assert client.get(url).status_code == 200

    values = {
        "cadence": "quarterly",
        "every_nth": "1",
        "length_days": "7",
        "opening_hour": "9",
        "own_1": "Vi holder tiden.",
    }
    refused = client.post(url, values)
    assert "Skriv, hvornår den første runde skal åbne." in refused.content.decode()
    response = client.post(url, values | {"next_on": "6.4.2027"}, follow=True)

    schedule = FeedbackSchedule.objects.get()
    assert (schedule.next_on, schedule.length_days, schedule.opening_hour) == (FIRST, 7, 9)
    assert (schedule.own_questions, schedule.pauses_in_holidays) == (["Vi holder tiden."], False)
    assert "hvert kvartal" in response.content.decode()
    assert "tirsdag den 6. april 2027" in response.content.decode()


@pytest.mark.parametrize("field", ["length_days", "every_nth", "opening_hour", "cadence"])
@pytest.mark.parametrize("value", ["", "0", "-1", "99", "1e3", "abc", "2147483648"])
def test_schedule_refuses_what_is_out_of_range(client, clock, field, value):
    network, users = create_group()
    client.force_login(users[0])
    values = {"cadence": "quarterly", "every_nth": "1", "length_days": "7", "opening_hour": "9", "next_on": "6.4.2027"}

    response = client.post(reverse("meetings:feedback_schedule", args=[network.slug]), values | {field: value})

    assert response.status_code == 200
    assert not FeedbackSchedule.objects.exists()


def test_network_that_is_too_small_is_told_and_offered_a_conversation(client, clock):
    network, users = create_group(4)
    client.force_login(users[0])

    for name in ("feedback", "feedback_schedule"):
        page = client.get(reverse(f"meetings:{name}", args=[network.slug])).content.decode()
        assert "Tag samtalen i stedet" in page

    Membership.objects.filter(leader__user=users[0]).update(is_coordinator=False)
    assert client.get(reverse("meetings:feedback_schedule", args=[network.slug])).status_code == 403


def test_coordinator_extends_a_round_on_its_page(client, clock):
    network, users = create_group()
    round = create_round(network=network, opens_at=NOW - timedelta(days=1), closes_at=NOW + timedelta(days=5))
    url = reverse("meetings:extend_feedback", args=[network.slug, round.pk])
    client.force_login(users[1])
    assert client.post(url, {"closes_on": "12.3.2027"}).status_code == 403
    client.force_login(users[0])
    assert "Forlæng fristen" in client.get(round.get_absolute_url()).content.decode()

    assert "Fristen kan kun blive længere." in client.post(url, {"closes_on": "2.3.2027"}).content.decode()
    page = client.post(url, {"closes_on": "12.3.2027"}, follow=True).content.decode()

    round.refresh_from_db()
    assert today(round.closes_at) == date(2027, 3, 12)
    assert "Ingen får en ekstra mail." in page
