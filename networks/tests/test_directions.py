from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from networks import directions
from networks.directions import Approval
from networks.models import StrategicDirection
from networks.refusal import Refused
from networks.tests.factories import NOW, TODAY, create_direction

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
