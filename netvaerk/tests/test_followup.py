"""Opfølgning: what each rule says and when, who may look, and that nothing members-only comes along."""

import io
from datetime import UTC, date, datetime, timedelta

import openpyxl
import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from meetings.models import Attendance, FeedbackRelease, FeedbackRound, Meeting
from meetings.tests.factories import create_meeting, create_round
from members.danish import COPENHAGEN
from members.models import AuditEvent, Message, Role, RoleChange
from members.tests.factories import (
    create_board,
    create_field,
    create_hr,
    create_leader,
    create_level,
    create_political,
    create_system_admin,
    create_unit,
)
from netvaerk import export, followup, followup_email, followup_facts
from netvaerk.followup import State
from netvaerk.models import FollowUpLimits, SavedView
from netvaerk.tests.pages import text_of
from networks import posts
from networks.fit import Hierarchy
from networks.models import (
    Application,
    Charter,
    Decision,
    Goal,
    ManagementMessage,
    Membership,
    Network,
    NetworkType,
    Reach,
    SupportRequest,
)
from networks.tests.factories import (
    create_application,
    create_decision,
    create_direction,
    create_membership,
    create_network,
)

pytestmark = pytest.mark.django_db

NOW = datetime(2027, 3, 1, 9, 0, tzinfo=COPENHAGEN)  # a Monday
TODAY = NOW.date()


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


def on_track(*, members=5, started=date(2026, 3, 1), goal_due=date(2027, 6, 1), **fields):
    """A network no rule has anything to say about."""
    network = create_network(started_at=datetime.combine(started, NOW.timetz()), approved_at=NOW, **fields)
    for number in range(members):
        create_membership(network=network, is_coordinator=number == 0)
    for day in (date(2026, 12, 3), date(2027, 2, 4)):
        create_meeting(network=network, date=day, state=Meeting.State.HELD)
    create_meeting(network=network, date=date(2027, 3, 18))
    agree(network)
    add_goal(network, due_on=goal_due)
    return network


def agree(network, text="KANARIE spilleregel"):
    return Charter.objects.create(
        network=network,
        number=1,
        state=Charter.State.IN_EFFECT,
        ground_rules=text,
        values=text,
        deadline=TODAY,
        proposed_at=NOW,
    )


def add_goal(network, *, due_on, state=Goal.State.OPEN, text="KANARIE mål"):
    return Goal.objects.create(
        network=network, title=text, measure=text, outcome=text, due_on=due_on, state=state, created_at=NOW
    )


def line_of(network, now=NOW):
    return next(line for line in followup.lines(now) if line.facts.pk == network.pk)


def said_of(network, now=NOW):
    """The rules that spoke, each with its fact and since when."""
    return {finding.rule: (finding.fact, finding.since) for finding in line_of(network, now).findings}


# --- The rules -------------------------------------------------------------------------------------------------------


def test_a_network_that_does_as_planned_is_left_in_peace():
    line = line_of(on_track())

    assert (line.state, line.findings) == (State.ON_TRACK, [])


@pytest.mark.parametrize(("valid_to", "is_told"), [(date(2027, 2, 28), True), (date(2027, 3, 1), False)])
def test_an_expired_kurs_is_told_the_day_after(valid_to, is_told):
    network = on_track(direction=create_direction(valid_from=date(2025, 1, 1), valid_to=valid_to))

    assert said_of(network) == ({"kurs": ("Kursen er udløbet", date(2027, 3, 1))} if is_told else {})


def test_a_missing_kurs_and_an_incomplete_basis_are_told():
    network = on_track()
    Network.objects.filter(pk=network.pk).update(direction=None, governance="  ", review_date=date(2027, 2, 1))

    assert said_of(network) == {
        "kurs": ("Ingen kurs", TODAY),
        "basis": ("Grundlaget er ikke udfyldt. Grundlaget skulle tages op igen", TODAY),
    }


@pytest.mark.parametrize(
    ("who", "words"), [("sponsor", "Den ansvarlige chef er stoppet"), ("hr_contact", "Kontakten i HR er stoppet")]
)
def test_an_anchor_that_has_left_is_told(who, words):
    network = on_track()
    person = getattr(network, who)
    person.is_active = False
    person.save()

    assert said_of(network) == {"basis": (words, TODAY)}


def test_a_basis_sent_back_is_told_since_it_came_back():
    network = create_network(state=Network.State.RETURNED)
    create_decision(network=network, verdict=Decision.Verdict.RETURNED, decided_at=NOW - timedelta(days=9))

    assert said_of(network) == {"basis": ("Grundlaget er sendt retur", date(2027, 2, 20))}


def test_a_network_without_coordinator_is_told_since_the_last_one_left():
    network = on_track()
    network.memberships.filter(is_coordinator=True).update(state=Membership.State.LEFT, left_on=date(2027, 2, 10))

    assert said_of(network) == {"coordinator": ("Ingen tovholder", date(2027, 2, 10))}


def test_a_coordinator_on_leave_is_none():
    network = on_track()
    network.memberships.filter(is_coordinator=True).update(state=Membership.State.ON_LEAVE)

    assert "coordinator" in said_of(network)


@pytest.mark.parametrize(("members", "is_told"), [(5, True), (6, False)])
def test_too_few_members(members, is_told):
    network = on_track(members=members, size_min=6)

    assert said_of(network) == ({"members": ("5 af mindst 6 medlemmer", date(2026, 3, 1))} if is_told else {})


@pytest.mark.parametrize(("days", "is_told"), [(90, False), (91, True)])
def test_silence_stalls_a_network(days, is_told):
    network = on_track()
    network.meetings.filter(state=Meeting.State.HELD).delete()
    last = TODAY - timedelta(days=days)
    create_meeting(network=network, date=last, state=Meeting.State.HELD)
    said = said_of(network)

    assert said == ({"silent": ("Intet møde holdt i 91 dage", last)} if is_told else {})
    if is_told:
        assert line_of(network).state == State.STALLED


def test_a_new_network_is_silent_only_since_its_start():
    network = on_track(started=TODAY - timedelta(days=40))
    network.meetings.all().delete()

    line = line_of(network)

    assert (line.state, line.findings, line.note) == (State.NO_DATA, [], "0 møder holdt det seneste år.")


@pytest.mark.parametrize(("day", "is_told"), [(date(2027, 4, 30), False), (date(2027, 5, 1), True)])
def test_no_meeting_ahead(day, is_told):
    network = on_track()
    network.meetings.filter(state=Meeting.State.CONVENED).delete()
    create_meeting(network=network, date=day, start_time=NOW.time())

    assert said_of(network) == ({"ahead": ("Intet møde de næste 60 dage", date(2027, 2, 4))} if is_told else {})


@pytest.mark.parametrize(
    ("states", "number"),
    [
        (["cancelled", "cancelled"], 2),
        (["cancelled", "cancelled", "cancelled"], 3),
        (["cancelled", "held", "cancelled"], 0),
        (["cancelled", "cancelled", "held"], 0),
        (["cancelled", "convened", "cancelled"], 0),
        (["cancelled"], 0),
    ],
)
def test_cancellations_count_only_in_a_row(states, number):
    network = on_track()
    for place, state in enumerate(states):
        day = date(2027, 2, 8) + timedelta(days=3 * place)
        create_meeting(network=network, date=day, state=state, changed_at=NOW - timedelta(days=50 - place))

    said = said_of(network)

    since = (NOW - timedelta(days=50)).date()  # when the first was called off, which may be long before its day
    expected = {"cancelled": (f"{number} aflysninger i træk", since)} if number else {}
    assert said == expected


def test_attendance_under_the_target_is_told_only_where_it_may_be_shown():
    shown, small = on_track(), on_track(members=4)
    for network in (shown, small):
        for number in range(6):
            meeting = create_meeting(
                network=network, date=date(2026, 6, 4) + timedelta(weeks=number), state=Meeting.State.HELD
            )
            for place, membership in enumerate(network.memberships.all()):
                Attendance.objects.create(
                    meeting=meeting, user=membership.leader.user, presence="absent" if place < 2 else "present"
                )

    assert said_of(shown) == {"attendance": ("Fremmødet er 60\u00a0%, målet er 70\u00a0%", date(2026, 3, 1))}
    assert "attendance" not in said_of(small)


def test_a_charter_and_goals_are_awaited_once_the_group_has_settled():
    new, old = on_track(started=TODAY - timedelta(days=59)), on_track(started=TODAY - timedelta(days=60))
    Charter.objects.all().delete()
    Goal.objects.all().delete()

    assert said_of(new) == {}
    since = TODAY - timedelta(days=60)
    assert said_of(old) == {"charter": ("Aftalen er ikke på plads", since), "goals": ("Ingen mål endnu", since)}


def test_goals_past_due_are_told_as_a_number():
    network = on_track(goal_due=date(2027, 2, 28))
    add_goal(network, due_on=date(2027, 1, 5), state=Goal.State.REACHED)

    assert said_of(network) == {"goals": ("1 mål er over tid og ikke gjort op", date(2027, 2, 28))}


def test_a_request_for_support_waits_working_days_only():
    network = on_track()
    asked = SupportRequest.objects.create(
        network=network, need="money", text="KANARIE", requested_at=NOW - timedelta(days=7)
    )
    assert said_of(network) == {}

    asked.requested_at = NOW - timedelta(days=10)
    asked.save()
    (finding,) = line_of(network).findings
    assert (finding.fact, finding.since) == ("Støtteanmodning uden svar", date(2027, 2, 19))
    assert finding.url == asked.get_absolute_url()


def test_an_application_may_wait_ten_working_days_and_holidays_are_none():
    network = on_track()
    asked = create_application(network=network, created_at=datetime(2027, 3, 22, 9, 0, tzinfo=COPENHAGEN))

    # Easter 2027: 25, 26 and 29 March. Without them the tenth working day would be 5 April.
    assert "application" not in said_of(network, datetime(2027, 4, 8, 9, 0, tzinfo=COPENHAGEN))
    said = said_of(network, datetime(2027, 4, 9, 9, 0, tzinfo=COPENHAGEN))
    assert said["application"] == ("1 tilmelding har ventet over 10 arbejdsdage", asked.created_at.date())


def test_a_turn_from_the_waiting_list_begins_the_wait_anew():
    network = on_track()
    asked = create_application(network=network, created_at=NOW - timedelta(days=200))
    AuditEvent.objects.create(
        verb="promote_waiting",
        subject_type=Application._meta.label_lower,
        subject_id=asked.pk,
        happened_at=NOW - timedelta(days=3),
    )

    assert "application" not in said_of(network)


def test_a_post_that_ended_is_told_until_hr_has_said_it_stays():
    network = on_track()
    membership = network.memberships.first()
    leader = membership.leader
    leader.valid_to = date(2027, 2, 20)
    leader.save()

    assert said_of(network) == {
        "post": ("1 medlem har skiftet eller forladt sin stilling", date(2027, 2, 20)),
    }
    posts.keep_despite_change(membership, reason="Bliver til sommer", actor=create_hr(), now=NOW)
    assert said_of(network) == {}


def test_the_quick_look_at_posts_agrees_with_the_thorough_one():
    """Thousands are asked by `fits`; HR's page of members asks `networks.posts`."""
    top = create_unit(name="Børn")
    inside, beside = create_unit(parent=top), create_unit(name="Teknik")
    school, care = create_field(name="Skole"), create_field(name="Ældre", rank=2)
    boss, leader = create_level(name="Chef"), create_level(name="Leder")
    checked = set()
    for reach in Reach:
        for level in (None, boss):
            network = create_network(reach=reach, unit=top, level=level, fields=[school])
            for unit in (inside, beside):
                for field in (school, care, None):
                    for own_level in (boss, leader):
                        create_membership(
                            network=network,
                            leader=create_leader(unit=unit, field=field or school, level=own_level),
                        )
                        if field is None:
                            latest = network.memberships.order_by("pk").last().leader
                            type(latest).objects.filter(pk=latest.pk).update(field=None)
    for facts in followup_facts.read(NOW):
        network = Network.objects.get(pk=facts.pk)
        hierarchy = Hierarchy()
        expected = 0
        for membership in network.memberships.select_related("leader"):
            found = posts.changes(network, membership, hierarchy)
            expected += bool(found)
            checked.add(bool(found))
        assert facts.changed == expected
    assert checked == {True, False}


def test_refused_mail_is_told_as_a_number():
    network = on_track()
    user = network.memberships.first().leader.user
    for number in range(3):
        Message.objects.create(
            kind="meeting_invitation",
            subject_id=number,
            recipient=user,
            created_at=NOW,
            due_at=NOW,
            state=Message.State.FAILED,
            last_code=550,
            sent_to=user.email,
        )

    (finding,) = line_of(network).findings
    assert finding.fact == "Mails til 1 medlem bliver afvist"
    assert finding.url == reverse("members:deliveries") + "?state=failed"


@pytest.mark.parametrize(
    ("suppressed", "is_told"), [([True], False), ([True, True], True), ([True, True, False], False)]
)
def test_two_pulses_under_the_floor_are_told_as_a_fact(suppressed, is_told):
    network = on_track()
    for number, few in enumerate(suppressed):
        opened = datetime(2026, 6, 1, 7, 0, tzinfo=UTC) + timedelta(days=40 * number)
        round = create_round(network=network, state=FeedbackRound.State.CLOSED, opens_at=opened)
        FeedbackRelease.objects.create(
            round=round,
            is_suppressed=few,
            invited_count=5,
            answer_count=None if few else 5,
            results={},
            computed_at=opened,
        )

    expected = {"pulse": ("For få svar på to målinger i træk", date(2026, 6, 15))} if is_told else {}
    assert said_of(network) == expected


@pytest.mark.parametrize("state", [Network.State.DRAFT, Network.State.SUBMITTED, Network.State.CLOSED])
def test_drafts_and_closed_networks_are_not_followed_up(state):
    network = create_network(state=state)

    assert network.pk not in {line.facts.pk for line in followup.lines(NOW)}


def test_those_that_have_come_to_a_halt_stand_first():
    fine, halted, needy = on_track(name="A"), on_track(name="Ø"), on_track(name="B")
    halted.meetings.filter(state=Meeting.State.HELD).delete()
    needy.memberships.update(is_coordinator=False)

    assert [line.facts.pk for line in followup.lines(NOW)] == [halted.pk, needy.pk, fine.pk]


def test_the_first_look_finds_the_same_that_have_come_to_a_halt():
    on_track()
    silent, cancelled = on_track(name="Ø"), on_track(name="A")
    silent.meetings.filter(state=Meeting.State.HELD).delete()
    for day in (date(2027, 2, 8), date(2027, 2, 11)):
        create_meeting(network=cancelled, date=day, state=Meeting.State.CANCELLED)

    look, lines = followup.first_look(NOW), followup.lines(NOW)

    stalled = [line for line in lines if line.state == State.STALLED]
    assert [line.facts.name for line in look.stalled] == ["A", "Ø"]
    assert {line.facts.pk for line in look.stalled} == {line.facts.pk for line in stalled}
    assert (look.states["active"], look.coming) == (3, 3)


# --- The page --------------------------------------------------------------------------------------------------------

PAGES = [
    ("netvaerk:followup", {}),
    ("netvaerk:followup_limits", {}),
    ("netvaerk:export_followup", {"kind": "xlsx"}),
    ("netvaerk:export_followup", {"kind": "csv"}),
    ("netvaerk:outside", {}),
    ("netvaerk:export_outside", {"kind": "xlsx"}),
    ("netvaerk:export_outside", {"kind": "csv"}),
]
ACTS = [
    ("netvaerk:save_view", {}),
    ("netvaerk:drop_view", {"pk": 1}),
    ("netvaerk:choose_weekly_mail", {}),
]
STRANGERS = {
    "board": create_board,
    "political": create_political,
    "system": create_system_admin,
    "leader": lambda: create_leader().user,
    "coordinator": lambda: create_membership(is_coordinator=True).leader.user,
    "sponsor": lambda: create_network().sponsor,
}


@pytest.mark.parametrize("who", STRANGERS)
@pytest.mark.parametrize(("route", "kwargs"), PAGES)
def test_only_hr_opens_follow_up_and_its_exports(client, who, route, kwargs):
    client.force_login(STRANGERS[who]())
    assert client.get(reverse(route, kwargs=kwargs)).status_code == 403

    client.force_login(create_hr())
    assert client.get(reverse(route, kwargs=kwargs)).status_code == 200


@pytest.mark.parametrize("who", STRANGERS)
@pytest.mark.parametrize(("route", "kwargs"), ACTS)
def test_only_hr_acts_and_only_by_post(client, who, route, kwargs):
    client.force_login(STRANGERS[who]())
    assert client.post(reverse(route, kwargs=kwargs)).status_code == 403

    client.force_login(create_hr())
    assert client.get(reverse(route, kwargs=kwargs)).status_code == 405


def canaries():
    """One network with a word of its own in everything its members alone may read."""
    network = on_track(goal_due=date(2027, 1, 1))
    person = network.memberships.first().leader.user
    meeting = create_meeting(network=network, date=date(2027, 2, 11), state=Meeting.State.CANCELLED, theme="KANARIE")
    create_meeting(network=network, date=date(2027, 2, 18), state=Meeting.State.CANCELLED, theme="KANARIE")
    meeting.changes.create(
        kind="cancelled",
        sequence=1,
        from_date=meeting.date,
        from_start_time=meeting.start_time,
        from_end_time=meeting.end_time,
        to_date=meeting.date,
        to_start_time=meeting.start_time,
        to_end_time=meeting.end_time,
        reason="KANARIE",
        changed_by=person,
        changed_at=NOW,
    )
    ManagementMessage.objects.create(network=network, text="KANARIE", written_at=NOW)
    return network


def test_nothing_members_only_is_on_the_page_in_exports_or_in_the_mail(client):
    network = canaries()
    network.memberships.all()[1].leader.user.__class__.objects.filter(
        pk__in=network.memberships.values("leader__user")
    ).update(last_name="KANARIE")
    hr = create_hr()
    client.force_login(hr)

    bodies = [client.get(reverse("netvaerk:followup")).content.decode()]
    bodies.append(client.get(reverse("netvaerk:export_followup", args=["csv"])).content.decode())
    book = openpyxl.load_workbook(
        io.BytesIO(client.get(reverse("netvaerk:export_followup", args=["xlsx"])).content), read_only=True
    )
    bodies.append(repr([[cell.value for cell in row] for row in book.active]))
    mail = followup_email.weekly(weekly_message(hr), NOW)
    bodies += [mail.subject, mail.text, mail.html]

    for body in bodies:
        assert "KANARIE" not in body
    assert all(str(network) in body for body in [*bodies[:3], mail.text, mail.html])


def test_filters_narrow_and_nonsense_asks_for_nothing(client):
    area = create_unit(name="Social")
    one = on_track(name="Et", unit=area, type=NetworkType.TVAERFAGLIG)
    two = on_track(name="To")
    one.memberships.update(is_coordinator=False)
    client.force_login(create_hr())

    def shown(**asked):
        return [line.facts.name for line in client.get(reverse("netvaerk:followup"), asked).context["page"]]

    two.memberships.update(is_coordinator=False)
    assert shown() == ["Et", "To"]
    assert shown(type="tvaerfaglig") == ["Et"]
    assert shown(area=area.pk) == ["Et"]
    assert shown(rule="coordinator", type="faglig") == ["To"]
    assert shown(rule="kurs") == []
    assert shown(state="on_track") == []
    assert shown(state="x", rule="'; DROP", area="99999999999999999999", _connector="OR") == ["Et", "To"]


def test_queries_are_the_same_from_one_network_to_fifty(client):
    client.force_login(create_hr())
    counts = {}
    direction, unit = create_direction(), create_unit()
    sponsor, contact = create_leader().user, create_hr()
    for number in (1, 3, 50):
        while Network.objects.count() < number:
            network = create_network(direction=direction, unit=unit, sponsor=sponsor, hr_contact=contact)
            create_membership(network=network, leader=create_leader(unit=unit))
            create_meeting(network=network, state=Meeting.State.HELD, date=date(2026, 9, 3), invite=False)
            create_application(network=network, leader=create_leader(unit=unit), created_at=NOW - timedelta(days=60))
        for page in ("netvaerk:followup", "netvaerk:outside"):
            client.get(reverse(page))  # the first look at a list is written down
            with CaptureQueriesContext(connection) as queries:
                assert client.get(reverse(page)).status_code == 200
            counts.setdefault(page, set()).add(len(queries))

    assert {page: len(seen) for page, seen in counts.items()} == dict.fromkeys(counts, 1), counts
    assert max(counts["netvaerk:followup"]) <= 25


# --- Saved views -----------------------------------------------------------------------------------------------------


def test_a_view_is_kept_as_the_page_itself_would_write_it(client):
    on_track()
    client.force_login(hr := create_hr())

    client.post(
        reverse("netvaerk:save_view"),
        {"name": "Tværfaglige", "query": "type=tvaerfaglig&state=x&next=//evil.dk&<script>=1"},
    )
    assert list(SavedView.objects.values_list("user", "name", "query")) == [(hr.pk, "Tværfaglige", "type=tvaerfaglig")]
    client.post(reverse("netvaerk:save_view"), {"name": "Tværfaglige", "query": "state=stalled"})
    assert list(SavedView.objects.values_list("query", flat=True)) == ["state=stalled"]
    page = client.get(reverse("netvaerk:followup"), {"state": "stalled"})
    assert 'href="/opfoelgning/?state=stalled" aria-current="true">Tværfaglige' in page.content.decode()


def test_a_view_is_ones_own(client):
    client.force_login(create_hr())
    client.post(reverse("netvaerk:save_view"), {"name": "Min", "query": "state=stalled"})
    view = SavedView.objects.get()
    client.force_login(other := create_hr())

    assert "Min</a>" not in client.get(reverse("netvaerk:followup")).content.decode()
    assert client.post(reverse("netvaerk:drop_view", args=[view.pk])).status_code == 404
    client.force_login(view.user)
    assert client.post(reverse("netvaerk:drop_view", args=[view.pk])).status_code == 302
    assert not SavedView.objects.exists()
    assert other


@pytest.mark.parametrize("name", ["", "   ", "x" * 61, "\x00", "010190-1234"])
def test_a_view_needs_a_plain_name(client, name):
    client.force_login(create_hr())
    response = client.post(reverse("netvaerk:save_view"), {"name": name, "query": "state=stalled"})

    assert response.status_code == 400
    assert not SavedView.objects.exists()


# --- Limits ----------------------------------------------------------------------------------------------------------

VALUES = {
    "settling_days": 10,
    "silent_days": 20,
    "ahead_days": 30,
    "attendance_target": 80,
    "application_days": 4,
    "support_days": 3,
    "fewest_meetings": 1,
}


def test_an_administrator_changes_the_limits_and_the_page_follows(client):
    network = on_track()
    client.force_login(create_hr(role=Role.HR_ADMIN))
    assert said_of(network) == {}

    response = client.post(reverse("netvaerk:followup_limits"), VALUES | {"seen": 1, "ahead_days": 5})

    assert response.status_code == 302
    assert said_of(network)["ahead"] == ("Intet møde de næste 5 dage", date(2027, 2, 4))
    assert AuditEvent.objects.get().verb == "change_follow_up_limits"


def test_a_consultant_reads_the_limits_and_changes_none(client):
    client.force_login(create_hr())

    assert "HR-administratorer kan ændre" in text_of(client.get(reverse("netvaerk:followup_limits")))
    assert client.post(reverse("netvaerk:followup_limits"), VALUES | {"seen": 1}).status_code == 403
    assert not FollowUpLimits.objects.exists()


def test_the_second_to_save_the_limits_is_told_and_loses_nothing(client):
    client.force_login(create_hr(role=Role.HR_ADMIN))
    client.post(reverse("netvaerk:followup_limits"), VALUES | {"seen": 1})

    late = client.post(reverse("netvaerk:followup_limits"), VALUES | {"seen": 1, "silent_days": 77})

    assert late.status_code == 409
    assert 'value="77"' in late.content.decode()
    said = text_of(late)
    assert said.count("Det gælder nu") == 1  # the heading of what stands, not of the warning too
    assert said.count("Dage uden møde bagud") == 2  # compared, and its field
    assert said.count("Dage uden møde forude") == 1  # the two agree on it
    assert FollowUpLimits.objects.get().silent_days == 20
    again = client.post(reverse("netvaerk:followup_limits"), VALUES | {"seen": 2, "silent_days": 77})
    assert again.status_code == 302
    assert FollowUpLimits.objects.get().silent_days == 77


@pytest.mark.parametrize("value", ["-1", "0", "9999", "1e3", "x", "", "2147483648"])
def test_limits_have_bounds(client, value):
    client.force_login(create_hr(role=Role.HR_ADMIN))

    response = client.post(reverse("netvaerk:followup_limits"), VALUES | {"seen": 1, "silent_days": value})

    assert response.status_code == 400
    assert not FollowUpLimits.objects.exists()


# --- Monday's mail ---------------------------------------------------------------------------------------------------


def weekly_message(user):
    return Message(kind=followup_email.KIND, subject_id=1, recipient=user, created_at=NOW, due_at=NOW)


@pytest.mark.parametrize(
    ("now", "due"),
    [
        (datetime(2027, 3, 27, 9, 0, tzinfo=COPENHAGEN), datetime(2027, 3, 29, 6, 0, tzinfo=UTC)),  # into summer time
        (datetime(2027, 10, 30, 9, 0, tzinfo=COPENHAGEN), datetime(2027, 11, 1, 7, 0, tzinfo=UTC)),  # and out of it
        (datetime(2027, 3, 1, 7, 59, tzinfo=COPENHAGEN), datetime(2027, 3, 1, 7, 0, tzinfo=UTC)),
        (datetime(2027, 3, 1, 8, 0, tzinfo=COPENHAGEN), None),
        (datetime(2027, 3, 3, 8, 0, tzinfo=COPENHAGEN), None),
    ],
)
def test_the_mail_is_planned_for_monday_at_eight_on_the_wall(now, due):
    hr = create_hr()

    followup_email.plan(now=now)
    followup_email.plan(now=now)

    rows = list(Message.objects.filter(kind=followup_email.KIND).values_list("recipient", "due_at"))
    assert rows == ([(hr.pk, due)] if due else [])


def test_each_in_hr_gets_one_and_nobody_else():
    both = create_hr()
    both.role_assignments.create(role=Role.HR_ADMIN)
    create_board()
    create_hr(is_active=False)
    refuses = create_hr()
    followup_email.choose(refuses, wants_mail=False)

    followup_email.plan(now=NOW - timedelta(days=1))

    assert list(Message.objects.values_list("recipient", flat=True)) == [both.pk]


def test_administrators_hear_of_what_is_due_for_disposal_and_by_itself_once_a_month():
    admin, consultant = create_hr(role=Role.HR_ADMIN), create_hr()
    second_monday = NOW + timedelta(days=7)
    network = on_track()
    for number in range(2):
        RoleChange.objects.create(
            person=consultant, act="given", role=f"{number}", reason="Ny", changed_at=NOW - timedelta(days=2000)
        )

    alone = followup_email.weekly(weekly_message(admin), NOW)
    assert alone.subject == "Opfølgning: persondata kan kasseres"
    assert "2 oplysninger er blevet for gamle og kan kasseres. " in alone.text
    assert reverse("netvaerk:personal_data") in alone.text
    assert reverse("netvaerk:personal_data") in alone.html
    for who, when in ((admin, second_monday), (consultant, NOW)):
        with pytest.raises(followup_email.Suppress, match="nothing to follow up"):
            followup_email.weekly(weekly_message(who), when)

    network.memberships.update(is_coordinator=False)
    assert "for gamle" in followup_email.weekly(weekly_message(admin), second_monday).text
    assert "for gamle" not in followup_email.weekly(weekly_message(consultant), second_monday).text


def test_the_mail_is_skipped_when_there_is_nothing_and_when_it_is_not_wanted():
    hr = create_hr()
    with pytest.raises(followup_email.Suppress, match="nothing to follow up"):
        followup_email.weekly(weekly_message(hr), NOW)
    network = on_track()
    with pytest.raises(followup_email.Suppress, match="nothing to follow up"):
        followup_email.weekly(weekly_message(hr), NOW)

    network.memberships.update(is_coordinator=False)
    mail = followup_email.weekly(weekly_message(hr), NOW)
    assert mail.subject == "Opfølgning: 1 netværk kræver opmærksomhed"
    assert "- Ingen tovholder (siden 1. mar. 2026)" in mail.text

    followup_email.choose(hr, wants_mail=False)
    with pytest.raises(followup_email.Suppress, match="said no"):
        followup_email.weekly(weekly_message(hr), NOW)
    with pytest.raises(followup_email.Suppress, match="not in HR"):
        followup_email.weekly(weekly_message(create_board()), NOW)


def test_the_mail_is_chosen_and_refused_on_the_page(client):
    client.force_login(hr := create_hr())

    client.post(reverse("netvaerk:choose_weekly_mail"), {"wants": "no"})
    assert not followup_email.wants(hr)
    assert "Send mig mandagens mail" in text_of(client.get(reverse("netvaerk:followup")))
    back = client.post(reverse("netvaerk:choose_weekly_mail"), {"wants": "yes", "back": "profile"})
    assert back["Location"] == reverse("members:profile")
    assert followup_email.wants(hr)
    assert "Stop mandagens mail" in text_of(client.get(reverse("members:profile")))
    client.force_login(create_board())
    assert "mandagens mail" not in text_of(client.get(reverse("members:profile")))


# --- Leaders without a network ---------------------------------------------------------------------------------------


def test_leaders_without_network_are_listed_counted_and_narrowed(client):
    north, south = create_unit(name="Nord"), create_unit(name="Syd")
    below = create_unit(name="Nordskolen", parent=north)
    create_leader(last_name="Uden", unit=below)
    create_leader(last_name="Sydlig", unit=south)
    inside = create_leader(last_name="Inde", unit=below)
    create_membership(network=create_network(sponsor=create_hr(), unit=south), leader=inside)
    ended = create_leader(last_name="Tidligere", unit=below)
    create_membership(network=create_network(state=Network.State.CLOSED, sponsor=create_hr(), unit=south), leader=ended)
    create_leader(last_name="Gået", unit=below, valid_to=date(2027, 1, 1))
    client.force_login(create_hr())

    page = client.get(reverse("netvaerk:outside"))
    assert [leader.user.last_name for leader in page.context["page"]] == ["Sydlig", "Tidligere", "Uden"]
    areas = {share.label: (share.outside, share.total) for share in page.context["shares"][0][2]}
    assert areas == {"Nord": (2, 3), "Syd": (1, 1)}
    narrowed = client.get(reverse("netvaerk:outside"), {"area": north.pk, "level": "x"})
    assert [leader.user.last_name for leader in narrowed.context["page"]] == ["Tidligere", "Uden"]
    csv = client.get(reverse("netvaerk:export_outside", args=["csv"]), {"area": south.pk}).content.decode("utf-8-sig")
    assert "Sydlig" in csv
    assert "Uden" not in csv.partition("\r\n")[2]


# --- Exports ---------------------------------------------------------------------------------------------------------

PAYLOADS = [
    sign + rest
    for sign in ("=", "+", "-", "@", "\t=", "\r=", "\n=", "＝", "＋", "－", "＠", "|", "%", "−")
    for rest in ("1+1", 'HYPERLINK("http://evil.dk";"Klik")', "cmd|' /C calc'!A0")
] + [" =1+1", "\u00a0=1+1", '"=1+1', "'=1+1", "\u200b=1+1", "\ufeff=1+1", "\x00=1+1", "\x01=1+1", "﹢1", "-"]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_export_holds_a_live_formula(payload):
    assert len(PAYLOADS) >= 40
    csv = export.respond("csv", "x", [payload], [[payload, 1]]).content.decode("utf-8-sig")
    for cell in (cell for row in csv.strip("\r\n").split("\r\n") for cell in row.split(";")[:1]):
        assert cell.startswith("\"'"), cell
    book = openpyxl.load_workbook(io.BytesIO(export.respond("xlsx", "x", [payload], [[payload, 1]]).content))
    for row in book.active.iter_rows():
        assert row[0].data_type == "s"
        assert row[0].number_format == "@"
        assert row[0].value.startswith("'")


def test_a_name_that_is_a_formula_is_text_in_every_export(client):
    on_track(name="=1+1", members=0)
    create_leader(first_name="=cmd", last_name="|' /C calc'!A0", title="@SUM(A1)")
    client.force_login(create_hr())

    for route in ("netvaerk:export_followup", "netvaerk:export_outside"):
        book = openpyxl.load_workbook(io.BytesIO(client.get(reverse(route, args=["xlsx"])).content))
        cells = [cell for row in book.active.iter_rows() for cell in row]
        assert all(cell.data_type != "f" for cell in cells)
        csv = client.get(reverse(route, args=["csv"])).content.decode("utf-8-sig")
        assert '"=' not in csv
        assert '"@' not in csv


def test_csv_opens_in_a_danish_excel():
    content = export.respond("csv", "navn", ["Område"], [["Ærø", 1.5, date(2027, 3, 1), None]]).content

    assert content.startswith(b"\xef\xbb\xbf")
    assert content.decode("utf-8-sig") == '"Område"\r\n"Ærø";"1,5";"01.03.2027";""\r\n'


def test_export_says_no_to_other_formats_and_is_a_download(client):
    client.force_login(create_hr())

    assert client.get("/opfoelgning/eksport.html").status_code == 404
    response = client.get(reverse("netvaerk:export_followup", args=["xlsx"]))
    assert response["Content-Disposition"] == 'attachment; filename="opfoelgning.xlsx"'
    assert response["Cache-Control"] == "no-store"


def test_a_long_or_broken_text_makes_no_error():
    content = export.respond("xlsx", "x", ["A"], [["x" * 40_000], ["a\x0b\x00b\ud800"]]).content
    rows = [row[0].value for row in openpyxl.load_workbook(io.BytesIO(content)).active.iter_rows()]

    assert rows[1].endswith(" …")
    assert rows[2] == "ab"
