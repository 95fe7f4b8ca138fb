from datetime import date, datetime, time, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from meetings import attendance, planning, reconciliation, reminders
from meetings.models import Invitation, Meeting, Rsvp
from meetings.tests.people import NOW, create_members, create_people
from meetings.tests.test_planning import draft
from members.danish import COPENHAGEN, wall_to_utc
from members.models import Message, User

LONG_AGO = datetime(2026, 1, 1, tzinfo=COPENHAGEN)


def meeting_on(day: date, clock: time = time(13)) -> Meeting:
    return Meeting(date=day, starts_at=wall_to_utc(day, clock))


@pytest.fixture(autouse=True)
def _ordinary_reminders(settings):
    settings.REMINDER_DAYS, settings.REMINDER_HOUR = [14, 2], 8


# --- When ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change", [date(2026, 3, 29), date(2026, 10, 25), date(2027, 3, 28), date(2027, 10, 31), date(2028, 3, 26)]
)
@pytest.mark.parametrize("hour", [0, 8, 23])
def test_reminders_keep_their_hour_on_the_wall_over_a_change_of_clock(change, hour, settings):
    settings.REMINDER_HOUR = hour
    for offset in range(20):
        meeting = meeting_on(change + timedelta(days=offset - 3))

        dues = reminders.due_times(meeting, queued_at=LONG_AGO, now=LONG_AGO)

        assert [due.at.astimezone(COPENHAGEN).replace(tzinfo=None) for due in dues] == [
            datetime.combine(meeting.date - timedelta(days=days), time(hour)) for days in (14, 2)
        ]


@pytest.mark.parametrize(("change", "expected"), [(date(2026, 3, 29), 3), (date(2026, 10, 25), 2)])
def test_an_hour_that_is_missing_or_doubled_is_still_one_moment(change, expected, settings):
    settings.REMINDER_DAYS, settings.REMINDER_HOUR = [1], 2

    (due,) = reminders.due_times(meeting_on(change + timedelta(days=1)), queued_at=LONG_AGO, now=LONG_AGO)

    assert due.at.astimezone(COPENHAGEN).hour == expected


def test_reminders_that_are_past_are_left_out():
    meeting = meeting_on(date(2027, 3, 4))
    now = wall_to_utc(date(2027, 2, 18), time(8))

    dues = reminders.due_times(meeting, queued_at=LONG_AGO, now=now)

    assert [due.offset_minutes for due in dues] == [2 * 1440]


def test_no_reminder_within_a_day_of_the_invitation():
    meeting = meeting_on(date(2027, 3, 4))
    at = wall_to_utc(date(2027, 3, 2), time(8))

    def offsets(queued_at):
        return [due.offset_minutes for due in reminders.due_times(meeting, queued_at=queued_at, now=queued_at)]

    assert offsets(at - timedelta(days=1)) == [2 * 1440]
    assert offsets(at - timedelta(days=1) + timedelta(minutes=1)) == []


def test_no_reminder_after_the_start(settings):
    settings.REMINDER_DAYS = [0]

    assert reminders.due_times(meeting_on(date(2027, 3, 4), time(7)), queued_at=LONG_AGO, now=LONG_AGO) == []


@pytest.mark.parametrize(
    ("days", "hour", "expected"),
    [([14, 2, 0, 60], 8, []), ([-1], 8, ["meetings.E001"]), ([61], 8, ["meetings.E001"]), ([2], 24, ["meetings.E002"])],
)
def test_settings_that_make_no_sense_are_told_of_at_start(settings, days, hour, expected):
    settings.REMINDER_DAYS, settings.REMINDER_HOUR = days, hour

    assert [problem.id for problem in reminders.check_settings()] == expected


# --- Reconciling -----------------------------------------------------------------------------------------------------


@pytest.fixture
def people(db):
    people = create_people()
    planning.publish(draft(people), actor=people.coordinator, now=NOW)
    return people


def test_reconcile_finds_nothing_to_do_after_the_acts(people):
    before = Message.objects.count()

    assert reconciliation.reconcile(now=NOW + timedelta(hours=1)) == 0
    assert Message.objects.count() == before


def test_reconcile_does_not_bring_back_what_was_left_out_on_purpose(db):
    people = create_people()
    now = datetime(2027, 3, 1, 9, tzinfo=COPENHAGEN)
    plan = draft(people, dates=[date(2027, 3, 4)], now=now)
    planning.publish(plan, actor=people.coordinator, now=now)

    assert reconciliation.reconcile(now=now + timedelta(minutes=1)) == 0


def test_reconcile_gives_back_lost_reminders_and_invitations(people):
    newcomer = create_members(people.network, 1)[0]  # who joined without anyone being told
    lost = Message.objects.filter(kind="answer_please", recipient=people.member)
    number = lost.count()
    lost.delete()

    assert reconciliation.reconcile(now=NOW) == number + Meeting.objects.count()

    assert lost.all().count() == number
    assert Invitation.objects.filter(user=newcomer).count() == Meeting.objects.count()
    assert reconciliation.reconcile(now=NOW) == 0


def test_reconcile_keeps_the_wall_time_when_the_law_moves_the_clocks(people):
    meeting = Meeting.objects.order_by("date").first()
    right = meeting.starts_at
    reminder = Message.objects.filter(kind="answer_please", subject_id=meeting.pk).first()
    Meeting.objects.filter(pk=meeting.pk).update(starts_at=right - timedelta(hours=1))
    Message.objects.filter(pk=reminder.pk).update(due_at=reminder.due_at - timedelta(hours=1))

    assert reconciliation.reconcile(now=NOW) == 1

    meeting.refresh_from_db()
    assert meeting.starts_at == right
    assert Message.objects.get(pk=reminder.pk).due_at == reminder.due_at


def test_reconcile_costs_the_same_for_more_members(people, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(
        connection,
    ) as few:
        reconciliation.reconcile(now=NOW)
    create_members(people.network, 20)
    reconciliation.reconcile(now=NOW)

    with django_assert_num_queries(len(few)):
        reconciliation.reconcile(now=NOW)


# --- Chosen ----------------------------------------------------------------------------------------------------------


def offsets(user, kind="answer_please") -> set[int]:
    open_ones = Message.objects.filter(recipient=user, kind=kind, state__in=Message.OPEN_STATES)
    return {offset // 1440 for offset in open_ones.values_list("offset_minutes", flat=True)}


def choose(people, **chosen):
    values = {"days": [14, 2, 0], "answer_days": [7, 2], "is_required": False} | chosen
    reminders.choose(people.network, actor=people.coordinator, now=NOW, **values)


def test_who_has_not_answered_is_asked_and_who_comes_is_reminded_and_who_does_not_hears_nothing(people):
    meeting = Meeting.objects.order_by("date").last()
    about = Message.objects.filter(recipient=people.member, subject_id=meeting.pk, state__in=Message.OPEN_STATES)

    def kinds():
        return set(about.filter(kind__in=reminders.KINDS).values_list("kind", flat=True))

    assert kinds() == {"answer_please"}
    for answer, expected in (
        (Rsvp.Answer.ACCEPTED, {"meeting_reminder"}),
        (Rsvp.Answer.DECLINED, set()),
        (Rsvp.Answer.ACCEPTED, {"meeting_reminder"}),
    ):
        attendance.reply(meeting, user=people.member, answer=answer, now=NOW)
        assert kinds() == expected
    assert reconciliation.reconcile(now=NOW) == 0


def test_the_coordinators_choice_replans_what_lies_open_without_doubles(people):
    choose(people, answer_days=[10, 2])
    assert offsets(people.member) == {10, 2}
    choose(people, answer_days=[7])
    assert offsets(people.member) == {7}
    choose(people, answer_days=[10, 7])

    assert offsets(people.member) == {10, 7}
    assert reconciliation.reconcile(now=NOW) == 0


def test_what_was_sent_is_not_planned_again_by_a_new_choice(people):
    mine = Message.objects.filter(recipient=people.member, kind="answer_please", offset_minutes=7 * 1440)
    mine.update(state=Message.State.SENT)
    choose(people, answer_days=[2])
    choose(people, answer_days=[7, 2])

    assert set(mine.values_list("state", flat=True)) == {Message.State.SENT}
    assert offsets(people.member) == {2}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"reminder_amount": "fewer"}, {2}),
        ({"reminder_amount": "more"}, {7, 2, 1}),
        ({"wants_reminders": False}, set()),
    ],
)
def test_each_person_chooses_fewer_more_or_none(people, client, fields, expected):
    client.force_login(people.member)
    form = {"language": "da", "wants_reminders": "on"} | fields
    client.post("/konto/profil/", {name: value for name, value in form.items() if value})

    assert offsets(people.member) == expected
    assert offsets(people.coordinator) == {7, 2}
    assert reconciliation.reconcile(now=NOW) == 0


def test_nobody_goes_below_what_the_group_requires(people):
    User.objects.filter(pk=people.member.pk).update(wants_reminders=False)
    choose(people, is_required=True)

    assert offsets(people.member) == {7, 2}
    choose(people, is_required=False)
    assert offsets(people.member) == set()


def test_only_the_coordinator_chooses_for_the_group(people):
    for stranger in (people.member, people.hr, people.other_leader):
        with pytest.raises(PermissionDenied):
            reminders.choose(people.network, actor=stranger, days=[1], answer_days=[], is_required=False, now=NOW)


def test_reminders_page(people, client):
    url = f"/netvaerk/{people.network.slug}/moeder/paamindelser/"
    form = {"days": ["2", "0"], "answer_days": ["10"], "is_required": "on"}
    for stranger, status in ((people.member, 403), (people.hr, 403), (people.other_leader, 403)):
        client.force_login(stranger)
        assert client.get(url).status_code == status
        assert client.post(url, form).status_code == status
    client.force_login(people.coordinator)
    assert client.get(url).context["form"].initial["answer_days"] == (7, 2)

    assert client.post(url, form).status_code == 302
    assert client.post(url, {"days": ["900"]}).status_code == 400

    choice = people.network.reminder_choice
    assert (choice.days, choice.answer_days, choice.is_required) == ([2, 0], [10], True)
