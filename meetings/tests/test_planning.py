from datetime import date, datetime, time, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from meetings import days, planning
from meetings.models import Invitation, Meeting, MeetingPlan
from meetings.tests.people import NOW, create_members, create_people
from members.danish import COPENHAGEN
from members.models import AuditEvent, Message
from networks.basis import NotReady
from networks.models import StrategicDirection

pytestmark = pytest.mark.django_db

THURSDAY = 3


@pytest.fixture
def people():
    return create_people()


def draft(people, *, dates=(date(2027, 3, 4), date(2027, 4, 1)), now=NOW, **season):
    values = {
        "name": "Forår 2027",
        "first_date": dates[0] if dates else date(2027, 3, 4),
        "weekdays": [THURSDAY],
        "interval_weeks": 4,
        "start_time": time(13),
        "end_time": time(15),
        "place": "Biblioteket",
        "link": "",
    } | season
    return planning.create_draft(people.network, actor=people.coordinator, now=now, dates=list(dates), **values)


# --- Which days ------------------------------------------------------------------------------------------------------


def test_propose_skips_public_holidays_and_says_which():
    proposals = planning.propose(date(2027, 3, 4), [THURSDAY], 3, number_of_meetings=3)

    assert proposals == [
        (date(2027, 3, 4), "", ""),
        (date(2027, 3, 25), "Skærtorsdag", ""),
        (date(2027, 4, 15), "", ""),
        (date(2027, 5, 6), "Kristi himmelfartsdag", ""),
        (date(2027, 5, 27), "", ""),
    ]


def test_propose_begins_on_the_first_such_weekday():
    assert planning.kept(planning.propose(date(2027, 3, 1), [THURSDAY], 1, number_of_meetings=1)) == [date(2027, 3, 4)]


def test_propose_until_a_date_includes_it():
    proposals = planning.propose(date(2027, 4, 1), [THURSDAY], 1, last_date=date(2027, 4, 15))

    assert planning.kept(proposals) == [date(2027, 4, 1), date(2027, 4, 8), date(2027, 4, 15)]


def test_propose_never_runs_on_for_ever():
    proposals = planning.propose(date(2027, 4, 1), [THURSDAY], 1, last_date=date(2099, 1, 1))

    assert len(planning.kept(proposals)) == planning.MAX_MEETINGS + 1


def test_store_bededag_is_an_ordinary_friday():
    assert days.public_holiday(date(2027, 4, 23)) == ""


@pytest.mark.parametrize("day", [date(2027, 12, 24), date(2027, 12, 31), date(2027, 6, 5), date(2027, 5, 1)])
def test_half_days_are_kept_with_a_warning(day):
    (proposal,) = planning.propose(day, [day.weekday()], 1, number_of_meetings=1)

    assert proposal.skipped == ""
    assert proposal.warning == days.half_day(day) != ""


# --- The draft -------------------------------------------------------------------------------------------------------


def test_create_draft_twice_gives_the_same_draft(people):
    first, second = draft(people), draft(people)

    assert first == second
    assert Meeting.objects.count() == 2


def test_adjust_changes_removes_and_adds(people):
    plan = draft(people)
    first, second = plan.meetings.order_by("date")
    row = {"start_time": time(9), "end_time": time(11), "place": "Skolen"}

    planning.adjust(
        plan,
        [
            {"meeting": first.pk, "date": date(2027, 3, 5), "remove": False, **row},
            {"meeting": second.pk, "date": None, "remove": True, **row},
            {"meeting": None, "date": date(2027, 5, 5), "remove": False, **row},
        ],
        actor=people.coordinator,
        now=NOW,
    )

    assert list(plan.meetings.order_by("date").values_list("date", "place")) == [
        (date(2027, 3, 5), "Skolen"),
        (date(2027, 5, 5), "Skolen"),
    ]


def test_adjust_leaves_other_plans_meetings_alone(people):
    plan, other = draft(people), draft(create_people(name="Andre"))
    strange = other.meetings.first()

    planning.adjust(
        plan,
        [{"meeting": strange.pk, "date": None, "start_time": None, "end_time": None, "place": "", "remove": True}],
        actor=people.coordinator,
        now=NOW,
    )

    assert other.meetings.count() == 2


def test_redraw_lays_the_dates_out_anew(people):
    plan = draft(people)

    planning.redraw(
        plan,
        actor=people.coordinator,
        now=NOW,
        dates=[date(2027, 4, 6)],
        name="Forår",
        first_date=date(2027, 4, 6),
        weekdays=[1],
        interval_weeks=2,
        start_time=time(8),
        end_time=time(9),
        place="",
        link="",
    )

    assert list(plan.meetings.values_list("date", "start_time")) == [(date(2027, 4, 6), time(8))]


def test_discard_leaves_nothing(people):
    plan = draft(people)

    planning.discard(plan, actor=people.coordinator, now=NOW)

    assert (MeetingPlan.objects.count(), Meeting.objects.count()) == (0, 0)


def test_discard_refuses_a_published_plan(people):
    plan = draft(people)
    planning.publish(plan, actor=people.coordinator, now=NOW)

    with pytest.raises(planning.CannotPublish):
        planning.discard(plan, actor=people.coordinator, now=NOW)

    assert Meeting.objects.count() == 2


# --- Publishing ------------------------------------------------------------------------------------------------------


def sent(kind) -> set:
    return set(Message.objects.filter(kind=kind).values_list("subject_id", "recipient", "sequence"))


def test_publish_convenes_and_queues_one_plan_and_one_invitation_per_meeting_and_member(people):
    plan = draft(people)
    members = {people.coordinator.pk, people.member.pk}

    assert planning.publish(plan, actor=people.coordinator, now=NOW) is True

    meetings = set(plan.meetings.values_list("pk", flat=True))
    assert set(plan.meetings.values_list("state", flat=True)) == {Meeting.State.CONVENED}
    assert sent("plan_published") == {(plan.pk, user, 0) for user in members}
    assert sent("meeting_invitation") == {(meeting, user, 0) for meeting in meetings for user in members}
    assert set(Invitation.objects.values_list("meeting", "user")) == {(m, u) for m in meetings for u in members}
    assert AuditEvent.objects.filter(verb="convene", subject_id=plan.pk).count() == 1


def test_publish_queues_reminders_at_eight_on_the_wall(people, settings):
    settings.ANSWER_DAYS, settings.REMINDER_HOUR = [14, 2], 8
    plan = draft(people, dates=[date(2027, 4, 1)])  # summer time began on 28 March

    planning.publish(plan, actor=people.coordinator, now=NOW)

    due = Message.objects.filter(kind="answer_please", recipient=people.member).order_by("due_at")
    assert [(m.offset_minutes, m.due_at.astimezone(COPENHAGEN)) for m in due] == [
        (14 * 1440, datetime(2027, 3, 18, 8, tzinfo=COPENHAGEN)),
        (2 * 1440, datetime(2027, 3, 30, 8, tzinfo=COPENHAGEN)),
    ]
    assert {m.useless_after for m in due} == {plan.meetings.get().starts_at}


def test_publish_leaves_out_reminders_that_are_past_or_follow_within_a_day(people, settings):
    settings.ANSWER_DAYS, settings.REMINDER_HOUR = [14, 2], 8
    now = datetime(2027, 3, 1, 9, tzinfo=COPENHAGEN)  # the meeting is on 4 March: two days before is within a day

    planning.publish(draft(people, dates=[date(2027, 3, 4)], now=now), actor=people.coordinator, now=now)

    assert not Message.objects.filter(kind__in=("meeting_reminder", "answer_please")).exists()
    assert Message.objects.filter(kind="meeting_invitation").count() == 2


def test_publish_twice_does_nothing_more(people):
    plan = draft(people)
    planning.publish(plan, actor=people.coordinator, now=NOW)
    before = Message.objects.count()

    assert planning.publish(plan, actor=people.coordinator, now=NOW + timedelta(minutes=1)) is False

    assert Message.objects.count() == before
    assert plan.meetings.values_list("changed_at", flat=True).distinct().get() == NOW


def test_publish_waits_for_the_gate(people):
    plan = draft(people)
    people.network.direction.state = StrategicDirection.State.DRAFT
    people.network.direction.save()

    with pytest.raises(NotReady):
        planning.publish(plan, actor=people.coordinator, now=NOW)

    assert set(plan.meetings.values_list("state", flat=True)) == {Meeting.State.PLANNED}
    assert Message.objects.count() == 0


def test_publish_refuses_a_date_that_has_passed(people):
    plan = draft(people)

    with pytest.raises(planning.CannotPublish, match="er passeret"):
        planning.publish(plan, actor=people.coordinator, now=datetime(2027, 3, 4, 13, tzinfo=COPENHAGEN))


def test_publish_refuses_an_empty_draft(people):
    plan = draft(people)
    plan.meetings.all().delete()

    with pytest.raises(planning.CannotPublish):
        planning.publish(plan, actor=people.coordinator, now=NOW)


@pytest.mark.parametrize("who", ["member", "hr", "sponsor", "board", "system_admin", "other_leader"])
def test_only_the_coordinator_plans_and_publishes(people, who):
    plan, actor = draft(people), getattr(people, who)

    for act in (planning.publish, planning.discard):
        with pytest.raises(PermissionDenied):
            act(plan, actor=actor, now=NOW)
    with pytest.raises(PermissionDenied):
        planning.adjust(plan, [], actor=actor, now=NOW)

    assert Message.objects.count() == 0


def test_publish_tells_neither_those_on_leave_nor_the_inactive(people):
    away, gone = create_members(people.network, 2)
    people.network.memberships.filter(leader__user=away).update(state="on_leave")
    gone.is_active = False
    gone.save()

    planning.publish(draft(people), actor=people.coordinator, now=NOW)

    assert set(Message.objects.values_list("recipient", flat=True)) == {people.coordinator.pk, people.member.pk}
