from datetime import date, datetime, time, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from members.models import AuditEvent, Message, Role
from members.outbox import Suppress
from members.tests import factories as members
from networks import basis, direction_email, directions, tasks
from networks.conflicts import ChangedMeanwhile
from networks.directions import Approval
from networks.models import Network, StrategicDirection
from networks.refusal import Refused
from networks.tests.factories import NOW, TODAY, create_direction, create_network

pytestmark = pytest.mark.django_db

State = StrategicDirection.State


def approve(direction, kind, actor, *, approver="Byrådet", approved_on=TODAY):
    return directions.approve_direction(
        direction, kind=kind, approver=approver, approved_on=approved_on, actor=actor, now=NOW
    )


@pytest.mark.parametrize("who", ["hr", "board"])
def test_submit_by_hr_or_the_board(who, request):
    direction = create_direction(state="draft")

    directions.submit_direction(direction, actor=request.getfixturevalue(who), now=NOW)

    direction.refresh_from_db()
    assert direction.state == State.SUBMITTED


def test_submit_is_not_for_others(stranger):
    with pytest.raises(PermissionDenied):
        directions.submit_direction(create_direction(state="draft"), actor=stranger, now=NOW)


@pytest.mark.parametrize("state", ["submitted", "current", "expired"])
def test_submit_refuses_every_other_state(hr, state):
    with pytest.raises(Refused):
        directions.submit_direction(create_direction(state=state), actor=hr, now=NOW)


def test_a_kurs_is_current_when_both_have_approved(board):
    direction = create_direction(state="submitted")

    approve(direction, Approval.POLITICAL, board)
    direction.refresh_from_db()
    assert direction.state == State.SUBMITTED

    approve(direction, Approval.ADMINISTRATIVE, board, approver="Kommunaldirektøren")
    direction.refresh_from_db()
    assert direction.state == State.CURRENT
    assert (direction.political_approver, direction.administrative_approver) == ("Byrådet", "Kommunaldirektøren")


@pytest.mark.parametrize("who", ["hr", "stranger"])
def test_approval_is_registered_by_the_board_alone(who, request):
    with pytest.raises(PermissionDenied):
        approve(create_direction(state="submitted"), Approval.POLITICAL, request.getfixturevalue(who))


def test_who_is_in_hr_too_approves_no_kurs_and_is_not_asked_to(client):
    both = members.create_board()
    direction = create_direction(state="submitted")
    client.force_login(both)
    address = reverse("networks:approve_direction", args=[direction.pk, Approval.POLITICAL])
    asked = [client.get(reverse(name)).content.decode() for name in ("home", "networks:approvals")]
    assert client.get(address).status_code == 200
    assert all(direction.title in page for page in asked)

    both.role_assignments.create(role=Role.HR_CONSULTANT)

    both = type(both).objects.get(pk=both.pk)
    with pytest.raises(PermissionDenied):
        approve(direction, Approval.POLITICAL, both)
    assert client.get(address).status_code == 403
    assert client.post(address, {"approver": "Byrådet", "approved_on": TODAY}).status_code == 403
    assert address not in client.get(direction.get_absolute_url()).content.decode()
    for name in ("home", "networks:approvals"):
        assert direction.get_absolute_url() not in client.get(reverse(name)).content.decode()


@pytest.mark.parametrize("state", ["draft", "current", "expired"])
def test_approval_refuses_every_other_state(board, state):
    with pytest.raises(Refused):
        approve(create_direction(state=state), Approval.POLITICAL, board)


def test_approval_twice_is_refused(board):
    direction = create_direction(state="submitted")
    approve(direction, Approval.POLITICAL, board)

    with pytest.raises(Refused):
        approve(direction, Approval.POLITICAL, board)


@pytest.mark.parametrize("bad", [{"approver": " "}, {"approved_on": TODAY + timedelta(days=1)}])
def test_approval_with_bad_input_is_refused(board, bad):
    with pytest.raises(Refused):
        approve(create_direction(state="submitted"), Approval.POLITICAL, board, **bad)


def test_editing_one_that_awaits_approval_makes_it_a_draft_again(board, hr):
    direction = approve(create_direction(state="submitted"), Approval.POLITICAL, board)

    direction.title = "Ny titel"
    directions.save_direction(direction, actor=hr, now=NOW)

    direction.refresh_from_db()
    assert (direction.state, direction.political_approved_on) == (State.DRAFT, None)


@pytest.mark.parametrize("state", ["current", "expired"])
def test_what_has_been_in_force_is_never_edited(hr, state):
    direction = create_direction(state=state)

    with pytest.raises(Refused):
        directions.save_direction(direction, actor=hr, now=NOW)


def test_a_kurs_is_current_through_its_last_day(db):
    direction = create_direction(valid_from=date(2026, 1, 1), valid_to=TODAY)

    assert direction.is_current(TODAY)
    assert direction.state_on(TODAY) == State.CURRENT
    assert direction.state_on(TODAY + timedelta(days=1)) == State.EXPIRED
    assert list(StrategicDirection.objects.current(TODAY)) == [direction]
    assert not StrategicDirection.objects.current(TODAY + timedelta(days=1)).exists()


# --- History and two at once -----------------------------------------------------------------------------------------


def test_every_step_of_approval_is_kept(board, hr, client):
    direction = create_direction(state="draft")
    directions.submit_direction(direction, actor=hr, now=NOW)
    approve(direction, Approval.POLITICAL, board, approver="Det gamle byråd")
    direction.refresh_from_db()
    directions.save_direction(direction, actor=hr, now=NOW + timedelta(hours=1))
    directions.submit_direction(direction, actor=hr, now=NOW + timedelta(hours=2))

    assert list(direction.decisions.values_list("verdict", "approver")) == [
        ("submitted", ""),
        ("taken_back", ""),
        ("political", "Det gamle byråd"),
        ("submitted", ""),
    ]
    client.force_login(hr)
    assert "Det gamle byråd" in client.get(direction.get_absolute_url()).content.decode()


def test_the_second_of_two_who_write_is_told_and_loses_nothing(client, hr):
    direction = create_direction(state="draft", title="Før")
    client.force_login(hr)
    url = reverse("networks:edit_direction", args=[direction.pk])
    page = client.get(url).context["form"]
    answer = {name: page[name].value() for name in page.fields} | {
        "valid_from": "1.1.2026",
        "valid_to": "31.12.2029",
        "review_date": "1.9.2029",
    }
    client.post(url, answer | {"title": "Den førstes"})

    response = client.post(url, answer | {"title": "Den andens"})

    shown = response.content.decode()
    assert "En anden har gemt ændringer" in shown
    assert [label for label, _text in response.context["differences"]] == ["Titel"]
    assert "Den førstes" in shown
    assert "Den andens" in shown
    client.post(url, answer | {"title": "Den andens", "seen": response.context["form"]["seen"].value()})
    direction.refresh_from_db()
    assert direction.title == "Den andens"


def test_an_approval_given_meanwhile_stops_a_late_edit(board, hr):
    direction = create_direction(state="submitted")
    opened = StrategicDirection.objects.get(pk=direction.pk)
    approve(direction, Approval.POLITICAL, board)

    with pytest.raises(ChangedMeanwhile):
        directions.save_direction(opened, actor=hr, now=NOW, seen=opened.version)


def test_a_new_kurs_begins_from_an_earlier_one(client, hr):
    earlier = create_direction(title="Sammen", valid_to=date(2090, 12, 31))
    client.force_login(hr)
    url = reverse("networks:new_direction")

    shown = client.get(url, {"fra": earlier.pk}).context["form"]

    assert (shown["title"].value(), shown["valid_from"].value()) == ("Sammen", date(2091, 1, 1))
    assert [client.get(url, {"fra": bad}).status_code for bad in ("x", "9" * 30, "999999")] == [404, 404, 404]
    assert StrategicDirection.objects.count() == 1


# --- When a kurs runs out --------------------------------------------------------------------------------------------


def reviewed_in(days: int, **fields):
    return create_direction(review_date=TODAY + timedelta(days=days), **fields)


@pytest.mark.parametrize(("days", "count"), [(31, 0), (30, 1), (0, 1), (-400, 1)])
def test_the_owner_is_reminded_near_the_review_date(days, count):
    direction = reviewed_in(days)

    directions.tend(now=NOW)

    assert Message.objects.filter(kind="direction_review", recipient=direction.owner).count() == count


def test_the_owner_is_reminded_once():
    reviewed_in(10)

    for day in range(3):
        directions.tend(now=NOW + timedelta(days=day))

    assert Message.objects.count() == 1


@pytest.mark.parametrize("state", ["draft", "submitted", "expired"])
def test_only_a_kurs_in_force_is_to_be_reviewed(state):
    reviewed_in(10, state=state)

    directions.tend(now=NOW)

    assert not Message.objects.exists()


def test_hr_administrators_are_reminded_when_the_owner_has_left(hr):
    admin = members.create_hr(role=Role.HR_ADMIN)
    reviewed_in(10, owner=members.create_board(is_active=False))

    directions.tend(now=NOW)

    assert list(Message.objects.values_list("recipient", flat=True)) == [admin.pk]


def test_the_reminder_says_what_builds_on_it_and_is_dropped_when_it_is_over():
    direction = reviewed_in(10, title="Sammen om ledelse")
    create_network(direction=direction)
    create_network(direction=direction, state="closed")
    directions.tend(now=NOW)
    message = Message.objects.get()

    built = direction_email.direction_review(message, NOW)

    assert built.subject == "Kursen skal tages op: Sammen om ledelse"
    assert "1 netværk bygger på den." in built.text
    assert direction.get_absolute_url() in built.text
    with pytest.raises(Suppress):
        direction_email.direction_review(message, NOW + timedelta(days=3000))
    StrategicDirection.objects.update(owner=members.create_board())
    with pytest.raises(Suppress):
        direction_email.direction_review(message, NOW)


def test_a_kurs_is_expired_the_day_after_its_last():
    direction = create_direction(valid_to=TODAY)

    directions.tend(now=NOW)
    direction.refresh_from_db()
    assert direction.state == State.CURRENT

    next_day = datetime.combine(TODAY + timedelta(days=1), time(0, 1), tzinfo=NOW.tzinfo)
    directions.tend(now=next_day)
    directions.tend(now=next_day)
    direction.refresh_from_db()
    assert direction.state == State.EXPIRED
    assert AuditEvent.objects.filter(verb="expire_direction").count() == 1


def test_the_timetable_tends_every_kurs():
    direction = create_direction(valid_from=date(2020, 1, 1), valid_to=date(2020, 12, 31))

    tasks.tend_directions()

    direction.refresh_from_db()
    assert direction.state == State.EXPIRED


@pytest.fixture
def run_out(hr):
    """A network under way whose kurs has run out."""
    expired = create_direction(title="Den gamle", valid_to=TODAY - timedelta(days=1), state="expired")
    return create_network(direction=expired, hr_contact=hr)


def test_renewal_opens_the_gate_again(run_out, hr):
    following = create_direction(title="Den nye")
    assert [lack.code for lack in basis.lacks(run_out, TODAY)] == ["direction"]

    directions.renew_direction(run_out, direction=following, actor=hr, now=NOW)

    run_out.refresh_from_db()
    assert basis.lacks(run_out, TODAY) == []
    assert AuditEvent.objects.filter(verb="renew_direction", network_id=run_out.pk).count() == 1
    with pytest.raises(Refused, match="allerede"):
        directions.renew_direction(run_out, direction=following, actor=hr, now=NOW)


@pytest.mark.parametrize("who", ["board", "sponsor", "stranger"])
def test_renewal_is_for_hr(run_out, who, request):
    actor = request.getfixturevalue(who)

    with pytest.raises(PermissionDenied):
        directions.renew_direction(run_out, direction=create_direction(), actor=actor, now=NOW)


@pytest.mark.parametrize("state", [state for state in Network.State if state not in directions.STATES_UNDER_WAY])
def test_renewal_is_for_networks_under_way(run_out, hr, state):
    Network.objects.update(state=state)

    with pytest.raises(Refused):
        directions.renew_direction(run_out, direction=create_direction(), actor=hr, now=NOW)


@pytest.mark.parametrize(
    "following",
    [{"state": "draft"}, {"state": "submitted"}, {"valid_from": TODAY + timedelta(days=1)}, {"state": "expired"}],
)
def test_renewal_takes_a_kurs_in_force(run_out, hr, following):
    with pytest.raises(Refused):
        directions.renew_direction(run_out, direction=create_direction(**following), actor=hr, now=NOW)


def test_several_are_renewed_together_or_not_at_all(run_out, hr):
    following = create_direction()
    closed = create_network(direction=run_out.direction, state="closed")

    with pytest.raises(Refused):
        directions.renew_directions([run_out, closed], direction=following, actor=hr, now=NOW)
    with pytest.raises(Refused):
        directions.renew_directions([], direction=following, actor=hr, now=NOW)
    assert not following.networks.exists()
    directions.renew_directions([run_out], direction=following, actor=hr, now=NOW)
    assert list(following.networks.all()) == [run_out]


@pytest.fixture
def long_gone(hr):
    """As `run_out`, by the clock of the pages."""
    expired = create_direction(valid_from=date(2020, 1, 1), valid_to=date(2020, 12, 31), review_date=date(2020, 9, 1))
    return create_network(direction=expired, hr_contact=hr, name="Ladt i stikken")


def test_hr_sees_which_networks_a_kurs_has_left_and_what_to_do(client, long_gone, hr, board):
    link = reverse("networks:renew_direction", args=[long_gone.slug])
    client.force_login(hr)
    assert link in client.get(long_gone.get_absolute_url()).content.decode()
    assert "Netværk uden en gældende kurs" in client.get(long_gone.direction.get_absolute_url()).content.decode()
    client.force_login(board)
    assert link not in client.get(long_gone.get_absolute_url()).content.decode()
    assert "Netværk uden en gældende kurs" not in client.get(long_gone.direction.get_absolute_url()).content.decode()


def test_hr_renews_one_on_its_page(client, long_gone, hr):
    client.force_login(hr)
    url = reverse("networks:renew_direction", args=[long_gone.slug])
    assert "Der er ingen anden gældende kurs." in client.get(url).content.decode()
    following = create_direction(valid_to=date(2090, 1, 1))

    bad = client.post(url, {"direction": long_gone.direction_id})
    assert bad.context["form"].errors
    assert client.post(url, {"direction": following.pk}).url == long_gone.get_absolute_url()

    long_gone.refresh_from_db()
    assert long_gone.direction == following
    assert "Mangler en gældende kurs" not in client.get(long_gone.get_absolute_url()).content.decode()


def test_hr_renews_all_of_a_kurs_at_once(client, long_gone, hr, sponsor):
    following = create_direction(valid_to=date(2090, 1, 1))
    other = create_network(direction=long_gone.direction)
    url = reverse("networks:renew_directions", args=[long_gone.direction_id])
    client.force_login(sponsor)
    assert client.get(url).status_code == 403
    client.force_login(hr)
    assert client.get(url).status_code == 200

    client.post(url, {"direction": following.pk, "networks": [long_gone.pk]})

    assert list(following.networks.all()) == [long_gone]
    other.refresh_from_db()
    assert other.direction != following


def test_those_who_keep_a_kurs_see_that_its_review_is_near(client, hr, stranger):
    direction = create_direction(valid_to=date(2090, 1, 1), review_date=date(2026, 2, 1))

    for user, sees in ((hr, True), (direction.owner, True), (stranger, False)):
        client.force_login(user)
        assert ("Skriv en ny i god tid" in client.get(direction.get_absolute_url()).content.decode()) == sees


def test_the_page_of_a_kurs_costs_the_same_for_many(client, long_gone, hr, board, count_queries):
    client.force_login(hr)
    counts = []
    for number in (1, 3, 30):
        while long_gone.direction.networks.count() < number:
            create_network(direction=long_gone.direction)
        long_gone.direction.decisions.create(verdict="submitted", recorded_by=board, recorded_at=NOW)
        counts.append(count_queries(lambda: client.get(long_gone.direction.get_absolute_url())))

    assert len(set(counts)) == 1
