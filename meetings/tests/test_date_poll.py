"""Choosing a new date: asked, answered by each, and settled by one pick."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from meetings import date_poll, scheduling
from meetings.date_poll import Time
from meetings.models import DateAnswer, DatePoll, DatePollInvitation, Meeting
from meetings.scheduling import NotPossible
from meetings.tests.factories import create_closed_period, create_meeting
from meetings.tests.people import NOW, create_members, create_people
from members.building import build
from members.danish import today
from members.models import AuditEvent, Message
from members.outbox import Suppress
from members.tests.factories import create_leader
from networks.models import Membership
from networks.tests.factories import create_membership, create_network

pytestmark = pytest.mark.django_db

ROLES = ("coordinator", "member", "hr", "sponsor", "board", "political", "system_admin", "other_leader")
TIMES = [Time(date(2027, 3, 11), time(13), time(15)), Time(date(2027, 3, 16), time(9), time(11))]
DEADLINE = date(2027, 2, 10)


@pytest.fixture
def people():
    return create_people()


@pytest.fixture
def meeting(people):
    return create_meeting(network=people.network, date=date(2027, 3, 4))


@pytest.fixture
def poll(people, meeting):
    return ask(meeting, people)


def ask(meeting, people, **changes):
    values = {"deadline": DEADLINE, "actor": people.coordinator, "now": NOW} | changes
    return date_poll.ask(meeting, values.pop("times", TIMES), **values)


def answer(poll, user, *said, now=NOW):
    keys = poll.candidates.values_list("pk", flat=True)
    date_poll.answer(poll, answers=dict(zip(keys, said, strict=True)), user=user, now=now)


def pick(poll, people, number=0, **changes):
    values = {"actor": people.coordinator, "now": NOW} | changes
    return date_poll.pick(list(poll.candidates.all())[number], **values)


# --- Asking ----------------------------------------------------------------------------------------------------------


def test_ask_writes_to_every_member_and_plans_one_reminder(people, poll):
    due = dict(Message.objects.filter(recipient=people.member, about="date_poll").values_list("kind", "due_at"))

    assert due == {
        "date_poll_opened": NOW,
        "date_poll_reminder": datetime(2027, 2, 9, 7, tzinfo=UTC),  # 8 on the wall
    }
    assert set(DatePollInvitation.objects.values_list("user", flat=True)) == {people.coordinator.pk, people.member.pk}
    assert AuditEvent.objects.filter(verb="ask_for_date").count() == 1


def test_ask_twice_gives_the_same_question(people, meeting, poll):
    assert ask(meeting, people, times=[*TIMES, Time(date(2027, 3, 18), time(9), time(11))]) == poll
    assert poll.candidates.count() == 2


def test_a_short_deadline_brings_no_reminder(people, meeting):
    ask(meeting, people, deadline=date(2027, 2, 2))

    assert not Message.objects.filter(kind="date_poll_reminder").exists()


@pytest.mark.parametrize("count", [0, 1, 9])
def test_from_two_to_eight_times(people, meeting, count):
    with pytest.raises(NotPossible):
        ask(meeting, people, times=[Time(date(2027, 3, 10 + n), time(9), time(10)) for n in range(count)])


@pytest.mark.parametrize("state", [Meeting.State.HELD, Meeting.State.CANCELLED])
def test_nothing_is_asked_of_what_is_over(people, state):
    with pytest.raises(NotPossible):
        ask(create_meeting(network=people.network, state=state), people)


@pytest.mark.parametrize("who", ["member", "hr", "sponsor", "other_leader"])
def test_only_a_coordinator_asks_picks_and_drops(people, meeting, poll, who):
    actor = getattr(people, who)

    for act in (
        lambda: ask(create_meeting(network=people.network), people, actor=actor),
        lambda: pick(poll, people, actor=actor),
        lambda: date_poll.drop(poll, actor=actor, now=NOW),
    ):
        with pytest.raises(PermissionDenied):
            act()


# --- Answering -------------------------------------------------------------------------------------------------------


def test_the_last_answer_counts_and_settles_what_is_owed(people, poll):
    assert date_poll.owed_by(people.member) == [poll]

    answer(poll, people.member, "yes", "no")
    answer(poll, people.member, "no", "if_needed")

    assert list(DateAnswer.objects.order_by("candidate").values_list("answer", flat=True)) == ["no", "if_needed"]
    assert date_poll.owed_by(people.member) == []
    assert date_poll.owed_by(people.coordinator) == [poll]


def test_every_time_is_answered(people, poll):
    first = poll.candidates.first()

    with pytest.raises(NotPossible):
        date_poll.answer(poll, answers={first.pk: "yes"}, user=people.member, now=NOW)


def test_a_newcomer_may_answer_and_a_stranger_may_not(people, poll):
    newcomer = create_membership(network=people.network, leader=create_leader()).leader.user
    answer(poll, newcomer, "yes", "yes")

    with pytest.raises(PermissionDenied):
        answer(poll, people.other_leader, "yes", "yes")
    with pytest.raises(PermissionDenied):
        answer(poll, people.hr, "yes", "yes")


def test_one_who_has_left_is_out_of_the_table_and_owes_nothing(people, poll):
    answer(poll, people.member, "yes", "yes")
    Membership.objects.filter(leader__user=people.member).update(state=Membership.State.LEFT)

    (column, _other) = date_poll.columns(poll, user=people.coordinator)

    assert [person for _kind, _label, group in column.groups for person in group] == []
    assert column.missing == [people.coordinator]
    assert date_poll.owed_by(people.member) == []


def test_columns_show_the_best_and_each_ones_own_clashes(people, poll):
    other = create_network(name="Hemmeligt netværk")
    create_membership(network=other, leader=people.member.posts.get())
    create_meeting(network=other, date=date(2027, 3, 11), start_time=time(14), end_time=time(16))
    create_closed_period(name="Byrådsmøde", kind="political", first_date=date(2027, 3, 16))
    answer(poll, people.member, "no", "if_needed")

    for_member = date_poll.columns(poll, user=people.member)
    for_coordinator = date_poll.columns(poll, user=people.coordinator)

    assert [column.is_best for column in for_member] == [False, True]
    assert [[meeting.network for meeting in column.mine] for column in for_member] == [[other], []]
    assert [column.busy for column in for_member] == [[], []]
    assert for_coordinator[0].busy == ["1 af jer har møde i et andet netværk på samme tid"]
    assert for_coordinator[0].mine == []
    assert [mark.text for mark in for_coordinator[1].marks] == ["Byrådsmøde"]


# --- Mail ------------------------------------------------------------------------------------------------------------


def mail(poll, user, kind="date_poll_opened", now=NOW):
    return build(Message.objects.get(kind=kind, subject_id=poll.pk, recipient=user), now)


def test_the_mail_lists_the_times_and_leads_to_the_page(people, meeting, poll):
    text = mail(poll, people.member)

    assert text.subject == "Hvornår kan du? Ledere på tværs, svar senest ons. 10. feb."
    assert "- torsdag den 11. marts 2027, kl. 13.00–15.00" in text.text
    assert reverse("meetings:new_date", args=[meeting.pk]) in text.html


def test_the_reminder_leaves_those_alone_who_have_answered(people, poll):
    before = datetime(2027, 2, 9, 7, tzinfo=UTC)
    assert "Du har ikke svaret endnu" in mail(poll, people.member, "date_poll_reminder", before).text

    answer(poll, people.member, "yes", "yes")

    with pytest.raises(Suppress):
        mail(poll, people.member, "date_poll_reminder", before)


def test_the_reminder_heeds_the_persons_choice(people, poll):
    people.member.wants_reminders = False
    people.member.save()

    with pytest.raises(Suppress):
        mail(poll, people.member, "date_poll_reminder")


@pytest.mark.parametrize("end", ["pick", "drop", "move", "cancel", "leave"])
def test_no_mail_once_the_question_is_closed(people, meeting, poll, end):
    if end == "pick":
        pick(poll, people)
    elif end == "drop":
        date_poll.drop(poll, actor=people.coordinator, now=NOW)
    elif end == "move":
        at = {"date": date(2027, 3, 18), "start_time": time(9), "end_time": time(11)}
        scheduling.move(meeting, actor=people.coordinator, now=NOW, seen_sequence=0, **at)
    elif end == "cancel":
        scheduling.cancel(meeting, actor=people.coordinator, now=NOW)
    else:
        Membership.objects.filter(leader__user=people.member).update(state=Membership.State.LEFT)

    for kind in ("date_poll_opened", "date_poll_reminder"):
        with pytest.raises(Suppress):
            mail(poll, people.member, kind)
    poll.refresh_from_db()
    assert poll.is_open is (end == "leave")


# --- Picking ---------------------------------------------------------------------------------------------------------


def test_pick_moves_the_meeting_with_the_same_uid_and_closes_the_question(people, meeting, poll):
    uid = meeting.uid

    assert pick(poll, people, 1) is True

    meeting.refresh_from_db()
    poll.refresh_from_db()
    assert (meeting.date, meeting.start_time, meeting.uid, meeting.sequence) == (date(2027, 3, 16), time(9), uid, 1)
    assert (poll.state, poll.chosen.date) == (DatePoll.State.SETTLED, date(2027, 3, 16))
    assert meeting.changes.get().reason == "Valgt blandt de tidspunkter, medlemmerne svarede på"
    assert Message.objects.filter(kind="meeting_changed", sequence=1).count() == 2


def test_pick_gives_a_postponed_meeting_its_date(people, meeting):
    scheduling.postpone(meeting, actor=people.coordinator, now=NOW, seen_sequence=0, reason="Sygdom")
    poll = ask(meeting, people)

    pick(poll, people)

    meeting.refresh_from_db()
    assert (meeting.state, meeting.date) == (Meeting.State.CONVENED, date(2027, 3, 11))


def test_a_question_stays_open_when_the_meeting_is_postponed_meanwhile(people, meeting, poll):
    scheduling.postpone(meeting, actor=people.coordinator, now=NOW, seen_sequence=0, reason="Sygdom")

    assert pick(poll, people) is True


def test_pick_twice_is_once_and_another_is_refused(people, poll):
    pick(poll, people)

    assert pick(poll, people) is False
    with pytest.raises(NotPossible):
        pick(poll, people, 1)


def test_a_time_that_has_passed_is_not_picked_and_nothing_changes(people, meeting, poll):
    with pytest.raises(NotPossible):
        pick(poll, people, now=datetime(2027, 3, 12, tzinfo=UTC))

    poll.refresh_from_db()
    assert poll.is_open


# --- The pages -------------------------------------------------------------------------------------------------------


@pytest.fixture
def ahead(people):
    return create_meeting(network=people.network, date=today() + timedelta(days=20))


@pytest.fixture
def running(people, ahead):
    times = [Time(today() + timedelta(days=days), time(9), time(11)) for days in (25, 26)]
    return ask(ahead, people, times=times, deadline=today() + timedelta(days=5), now=timezone.now())


@pytest.mark.parametrize("who", ROLES)
def test_the_page_is_the_members(client, people, running, who):
    client.force_login(getattr(people, who))
    meeting = running.meeting
    first = running.candidates.first()

    seen = {
        route: client.get(reverse(f"meetings:{route}", args=[meeting.pk, *args])).status_code
        for route, *args in (("new_date",), ("pick_new_date", first.pk), ("drop_date_poll",))
    }
    seen["answer"] = client.post(reverse("meetings:answer_new_date", args=[meeting.pk])).status_code

    if who == "coordinator":
        assert set(seen.values()) == {200}
    elif who == "member":
        assert seen == {"new_date": 200, "pick_new_date": 403, "drop_date_poll": 403, "answer": 200}
    else:
        assert set(seen.values()) == {403 if who in ("hr", "sponsor") else 404}


def asked(meeting, *days, **changes):
    data = {"tid-TOTAL_FORMS": 8, "tid-INITIAL_FORMS": 8}
    for number in range(8):
        day = today() + timedelta(days=days[number]) if number < len(days) else None
        data |= {
            f"tid-{number}-date": day.strftime("%d.%m.%Y") if day else "",
            f"tid-{number}-start_time": "13.00",
            f"tid-{number}-end_time": "15.00",
        }
    return data | {"deadline": (today() + timedelta(days=5)).strftime("%d.%m.%Y")} | changes


def test_a_coordinator_asks_members_answer_and_one_is_picked(client, people, ahead):
    url = reverse("meetings:new_date", args=[ahead.pk])
    client.force_login(people.coordinator)
    assert client.get(url).status_code == 200
    page = client.post(url, asked(ahead, 25, 26), follow=True).content.decode()
    assert "Medlemmerne er spurgt og får en mail." in page
    poll = DatePoll.objects.get()
    first, second = poll.candidates.all()

    client.force_login(people.member)
    assert "Se tidspunkter og svar" in client.get(ahead.get_absolute_url()).content.decode()
    assert f'href="{url}"' in client.get(reverse("home")).content.decode()
    to = reverse("meetings:answer_new_date", args=[ahead.pk])
    page = client.post(to, {f"tid_{first.pk}": "no"})
    assert "Svar på dette tidspunkt." in page.content.decode()
    page = client.post(to, {f"tid_{first.pk}": "no", f"tid_{second.pk}": "yes"}, follow=True).content.decode()
    assert "Passer flest" in page

    client.force_login(people.coordinator)
    client.post(to, {f"tid_{first.pk}": "yes", f"tid_{second.pk}": "yes"})
    assert "Vælg en ny dato for mødet i Ledere på tværs" in client.get(reverse("home")).content.decode()
    picked = reverse("meetings:pick_new_date", args=[ahead.pk, second.pk])
    assert client.get(picked).status_code == 200
    for _click in range(2):
        assert client.post(picked).status_code == 302
    ahead.refresh_from_db()
    assert (ahead.date, ahead.sequence) == (second.date, 1)


@pytest.mark.parametrize(
    ("days", "changes", "told"),
    [
        ([25], {}, "Vælg mindst to tidspunkter at spørge om."),
        ([], {}, "Vælg mindst to tidspunkter at spørge om."),
        ([25, 25], {}, "Det samme tidspunkt står der to gange."),
        ([25, -3], {}, "Datoen er passeret."),
        ([25, 26], {"deadline": "1.1.2020"}, "Svarfristen er passeret."),
        ([3, 26], {}, "Svarfristen skal ligge før det første tidspunkt"),
        ([25, 26], {"tid-1-end_time": "12.00"}, "Mødet skal slutte, efter at det er begyndt."),
    ],
)
def test_asking_says_what_does_not_fit(client, people, ahead, days, changes, told):
    client.force_login(people.coordinator)

    page = client.post(reverse("meetings:new_date", args=[ahead.pk]), asked(ahead, *days, **changes))

    assert told in page.content.decode()
    assert not DatePoll.objects.exists()


def test_a_member_without_a_question_is_told_so(client, people, ahead):
    client.force_login(people.member)

    page = client.get(reverse("meetings:new_date", args=[ahead.pk]))

    assert "Der bliver ikke spurgt om en ny dato for mødet lige nu." in page.content.decode()


def test_a_candidate_of_another_meeting_is_not_there(client, people, running):
    other = create_people(name="Andre")
    strange = ask(
        create_meeting(network=other.network, date=today() + timedelta(days=9)),
        other,
        times=[Time(today() + timedelta(days=days), time(9), time(11)) for days in (25, 26)],
        now=timezone.now(),
    )
    client.force_login(people.coordinator)

    url = reverse("meetings:pick_new_date", args=[running.meeting_id, strange.candidates.first().pk])

    assert client.post(url).status_code == 404


def test_the_page_costs_the_same_whatever_the_number_of_members(client, people, running):
    costs = []
    for number in (1, 3, 50):
        for user in create_members(people.network, number):
            answer(running, user, "yes", "no", now=timezone.now())
        client.force_login(people.coordinator)
        with CaptureQueriesContext(connection) as captured:
            client.get(reverse("meetings:new_date", args=[running.meeting_id]))
        costs.append(len(captured))

    assert len(set(costs)) == 1, costs


def test_a_postponed_meeting_waits_on_the_coordinators_home_until_someone_is_asked(people, ahead):
    scheduling.postpone(ahead, actor=people.coordinator, now=timezone.now(), seen_sequence=0, reason="Sygdom")
    assert date_poll.waiting_for(people.coordinator, timezone.now()) == [(ahead, None)]
    assert date_poll.waiting_for(people.member, timezone.now()) == []

    poll = ask(ahead, people, deadline=today() + timedelta(days=1), now=timezone.now())
    assert date_poll.waiting_for(people.coordinator, timezone.now()) == []
    assert date_poll.waiting_for(people.coordinator, timezone.now() + timedelta(days=3)) == [(ahead, poll)]
