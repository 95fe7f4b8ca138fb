from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from members.models import Message
from members.tests import factories as members
from networks import enrolment
from networks.basis import NotReady
from networks.models import Application, Membership, Network
from networks.refusal import Refused
from networks.seats import NetworkFull, seats_taken
from networks.signals import membership_started
from networks.tests.factories import NOW, TODAY, create_application, create_direction, create_membership, create_network

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(hours=1)
State = Application.State


def fill(network, *, leave=0):
    """Members enough that `leave` seats are left."""
    for _ in range(network.size_max - network.memberships.inside().count() - leave):
        create_membership(network=network)


def kinds() -> list[tuple[str, int]]:
    return list(Message.objects.order_by("pk").values_list("kind", "recipient"))


# --- Nobody in HR lets themselves in ---------------------------------------------------------------------------------


@pytest.fixture
def own(hr):
    return members.create_leader(user=hr)


@pytest.mark.parametrize("act", [enrolment.enrol, enrolment.invite])
def test_hr_neither_enrols_nor_invites_themselves(network, hr, own, leader, act):
    with pytest.raises(Refused, match="Bed en kollega"):
        act(network, leaders=[leader, own], actor=hr, now=NOW, reason="Jeg vil gerne")

    assert (Membership.objects.count(), Application.objects.count(), Message.objects.count()) == (0, 0, 0)


@pytest.mark.parametrize("is_full", [False, True])
def test_hr_does_not_say_yes_to_their_own_sign_up_and_a_colleague_does(network, hr, own, is_full):
    fill(network, leave=0 if is_full else 1)
    asked = enrolment.apply(network, actor=hr, accepts_terms=True, now=NOW)
    say_yes = enrolment.put_on_waiting_list if is_full else enrolment.approve_application

    with pytest.raises(Refused, match="Bed en kollega"):
        say_yes(asked, actor=hr, now=NOW, reason="Jeg vil gerne")
    asked.refresh_from_db()
    assert (asked.state, asked.decided_by) == (State.WAITLISTED if is_full else State.PENDING, None)

    say_yes(asked, actor=members.create_hr(), now=LATER, reason="Passer godt")
    asked.refresh_from_db()
    assert asked.decided_by != hr


# --- Opening ---------------------------------------------------------------------------------------------------------


def test_open_enrolment_of_an_approved_network(hr):
    network = create_network(state="approved")

    enrolment.open_enrolment(network, actor=hr, now=NOW)

    network.refresh_from_db()
    assert network.state == Network.State.ENROLLING


def test_open_enrolment_needs_a_current_kurs(hr):
    network = create_network(state="approved", direction=create_direction(valid_to=TODAY - timedelta(days=1)))

    with pytest.raises(NotReady):
        enrolment.open_enrolment(network, actor=hr, now=NOW)


@pytest.mark.parametrize("state", [state for state in Network.State if state != "approved"])
def test_open_enrolment_refuses_every_other_state(hr, state):
    with pytest.raises(Refused):
        enrolment.open_enrolment(create_network(state=state), actor=hr, now=NOW)


@pytest.mark.parametrize("who", ["sponsor", "board", "stranger"])
def test_open_enrolment_is_for_hr(who, request):
    with pytest.raises(PermissionDenied):
        enrolment.open_enrolment(create_network(state="approved"), actor=request.getfixturevalue(who), now=NOW)


# --- Applying --------------------------------------------------------------------------------------------------------


def apply(network, leader, now=NOW):
    return enrolment.apply(network, actor=leader.user, accepts_terms=True, now=now)


def test_apply_waits_for_hr_and_tells_them(network, leader, hr):
    application = apply(network, leader)

    assert (application.state, application.terms_accepted_at) == (State.PENDING, NOW)
    assert kinds() == [("application_received", hr.pk)]


def test_apply_twice_is_refused(network, leader):
    apply(network, leader)

    with pytest.raises(Refused, match="Du har allerede"):
        apply(network, leader, LATER)

    assert network.applications.count() == 1


def test_apply_by_a_member_is_refused(network, leader):
    create_membership(network=network, leader=leader)

    with pytest.raises(Refused, match="Du er allerede med"):
        apply(network, leader)


def test_apply_without_the_terms_is_refused(network, leader):
    with pytest.raises(Refused):
        enrolment.apply(network, actor=leader.user, accepts_terms=False, now=NOW)


def test_apply_without_a_post_is_refused(network, hr):
    with pytest.raises(Refused, match="Kun ledere"):
        enrolment.apply(network, actor=hr, accepts_terms=True, now=NOW)


def test_apply_with_an_ended_post_is_refused(network):
    former = members.create_leader(valid_to=TODAY)

    with pytest.raises(Refused, match="Kun ledere"):
        apply(network, former)


def test_apply_to_a_closed_group_is_refused(leader):
    with pytest.raises(Refused, match="invitation"):
        apply(create_network(state="enrolling", access="closed"), leader)


@pytest.mark.parametrize("state", [state for state in Network.State if state not in Network.STATES_TAKING_MEMBERS])
def test_apply_is_refused_in_every_other_state(leader, state):
    with pytest.raises(Refused, match="ikke åbent"):
        apply(create_network(state=state), leader)


def test_apply_to_a_full_network_joins_the_waiting_list(network, leader, hr):
    fill(network)

    application = apply(network, leader)

    assert application.state == State.WAITLISTED
    assert kinds() == [("application_received", hr.pk), ("application_waitlisted", leader.user_id)]


def test_an_invitation_takes_up_a_seat(network, leader):
    fill(network, leave=1)
    create_application(network=network, state=State.INVITED)

    assert apply(network, leader).state == State.WAITLISTED


def test_a_member_on_leave_keeps_the_seat(network, leader):
    fill(network, leave=1)
    create_membership(network=network, state=Membership.State.ON_LEAVE)

    assert apply(network, leader).state == State.WAITLISTED


def test_nobody_passes_those_who_wait(network, leader):
    fill(network, leave=1)
    create_application(network=network, state=State.WAITLISTED)

    assert apply(network, leader).state == State.WAITLISTED


# --- HR decides ------------------------------------------------------------------------------------------------------


def test_approve_makes_a_member(network, leader, hr):
    started = []
    application = create_application(network=network, leader=leader)

    def listen(membership, actor, now, **_):
        started.append((membership.leader, actor, now))

    membership_started.connect(listen)
    try:
        membership = enrolment.approve_application(application, actor=hr, now=NOW)
    finally:
        membership_started.disconnect(listen)

    application.refresh_from_db()
    assert (application.state, application.decided_by) == (State.APPROVED, hr)
    assert (membership.state, membership.joined_on, membership.leader) == ("active", TODAY, leader)
    assert started == [(leader, hr, NOW)]
    assert kinds() == [("application_approved", leader.user_id)]


def test_approve_into_a_full_network_is_refused(network, hr):
    application = create_application(network=network)
    fill(network)

    with pytest.raises(NetworkFull):
        enrolment.approve_application(application, actor=hr, now=NOW)

    assert network.memberships.inside().count() == network.size_max


@pytest.mark.parametrize("state", [state for state in State if state != "pending"])
def test_approve_refuses_every_other_state(network, hr, state):
    application = create_application(network=network, state=state)

    with pytest.raises(Refused):
        enrolment.approve_application(application, actor=hr, now=NOW)


def test_approve_refuses_who_has_left_their_post(network, hr):
    former = members.create_leader(valid_to=TODAY)

    with pytest.raises(Refused):
        enrolment.approve_application(create_application(network=network, leader=former), actor=hr, now=NOW)


def test_approve_refuses_a_paused_network(hr):
    network = create_network(state="paused")

    with pytest.raises(Refused):
        enrolment.approve_application(create_application(network=network), actor=hr, now=NOW)


def test_reject_keeps_the_reason_out_of_the_mail_row(network, leader, hr):
    application = create_application(network=network, leader=leader)

    enrolment.reject_application(application, reason=" Andet niveau ", actor=hr, now=NOW)

    application.refresh_from_db()
    assert (application.state, application.reason) == (State.REJECTED, "Andet niveau")
    assert kinds() == [("application_rejected", leader.user_id)]


def test_reject_needs_a_reason(network, hr):
    with pytest.raises(Refused):
        enrolment.reject_application(create_application(network=network), reason=" ", actor=hr, now=NOW)


def test_reject_twice_is_refused(network, hr):
    application = create_application(network=network)
    enrolment.reject_application(application, reason="x", actor=hr, now=NOW)

    with pytest.raises(Refused):
        enrolment.reject_application(application, reason="x", actor=hr, now=LATER)


def test_waiting_list_for_one_who_met_a_full_network(network, hr):
    application = create_application(network=network)
    fill(network)

    enrolment.put_on_waiting_list(application, actor=hr, now=NOW)

    application.refresh_from_db()
    assert application.state == State.WAITLISTED


def test_waiting_list_is_not_for_a_network_with_room(network, hr):
    with pytest.raises(Refused):
        enrolment.put_on_waiting_list(create_application(network=network), actor=hr, now=NOW)


@pytest.mark.parametrize("who", ["sponsor", "board", "stranger"])
@pytest.mark.parametrize(
    ("act", "more"),
    [
        (enrolment.approve_application, {}),
        (enrolment.reject_application, {"reason": "x"}),
        (enrolment.put_on_waiting_list, {}),
    ],
)
def test_deciding_on_applications_is_for_hr(network, who, act, more, request):
    with pytest.raises(PermissionDenied):
        act(create_application(network=network), actor=request.getfixturevalue(who), now=NOW, **more)


def test_deciding_is_not_for_the_coordinator(network):
    coordinator = create_membership(network=network, is_coordinator=True)

    with pytest.raises(PermissionDenied):
        enrolment.approve_application(create_application(network=network), actor=coordinator.user, now=NOW)


# --- Invitations and enrolment on behalf -----------------------------------------------------------------------------


def test_invite_holds_a_seat_each(network, hr, leader):
    other = members.create_leader()

    invited = enrolment.invite(network, leaders=[leader, other, leader], actor=hr, now=NOW)

    assert [application.state for application in invited] == [State.INVITED, State.INVITED]
    assert enrolment.free_seats(network) == network.size_max - 2
    assert kinds() == [("network_invitation", leader.user_id), ("network_invitation", other.user_id)]


@pytest.mark.parametrize("act", [enrolment.invite, enrolment.enrol])
def test_all_or_none_when_there_is_not_room_for_all(network, hr, act):
    fill(network, leave=1)

    with pytest.raises(NetworkFull, match="kun 1 ledig plads"):
        act(network, leaders=[members.create_leader(), members.create_leader()], actor=hr, now=NOW)

    assert network.memberships.inside().count() == network.size_max - 1
    assert not network.applications.exists()


@pytest.mark.parametrize("act", [enrolment.invite, enrolment.enrol])
def test_nobody_chosen_is_refused(network, hr, act):
    with pytest.raises(Refused, match="mindst én"):
        act(network, leaders=[], actor=hr, now=NOW)


@pytest.mark.parametrize("act", [enrolment.invite, enrolment.enrol])
@pytest.mark.parametrize("who", ["sponsor", "board", "stranger"])
def test_inviting_is_for_hr(network, leader, act, who, request):
    with pytest.raises(PermissionDenied):
        act(network, leaders=[leader], actor=request.getfixturevalue(who), now=NOW)


@pytest.mark.parametrize("act", [enrolment.invite, enrolment.enrol])
@pytest.mark.parametrize("state", ["approved", "paused", "closed", "draft"])
def test_inviting_is_refused_while_no_members_are_taken(hr, leader, act, state):
    with pytest.raises(Refused):
        act(create_network(state=state), leaders=[leader], actor=hr, now=NOW)


def test_invite_refuses_one_who_is_already_in_or_asked(network, hr):
    member = create_membership(network=network)
    applicant = create_application(network=network)

    for leader in (member.leader, applicant.leader):
        with pytest.raises(Refused, match="allerede"):
            enrolment.invite(network, leaders=[leader], actor=hr, now=NOW)


def test_invite_refuses_who_has_left_their_post(network, hr):
    with pytest.raises(Refused):
        enrolment.invite(network, leaders=[members.create_leader(valid_to=TODAY)], actor=hr, now=NOW)


def test_enrol_answers_an_open_application(network, hr):
    application = create_application(network=network, state=State.WAITLISTED)

    enrolment.enrol(network, leaders=[application.leader], actor=hr, now=NOW)

    application.refresh_from_db()
    assert application.state == State.APPROVED
    assert network.memberships.inside().get().leader == application.leader


def test_enrol_one_whose_invitation_holds_the_last_seat(network, hr, leader):
    fill(network, leave=1)
    enrolment.invite(network, leaders=[leader], actor=hr, now=NOW)

    enrolment.enrol(network, leaders=[leader], actor=hr, now=LATER)

    assert network.memberships.inside().count() == network.size_max


def test_accept_invitation_turns_the_held_seat_into_a_membership(network, hr, leader):
    fill(network, leave=1)
    enrolment.invite(network, leaders=[leader], actor=hr, now=NOW)

    membership = enrolment.accept_invitation(network, actor=leader.user, accepts_terms=True, now=LATER)

    assert membership.state == Membership.State.ACTIVE
    assert network.applications.get().terms_accepted_at == LATER
    assert seats_taken(network) == network.size_max


def test_accept_invitation_twice_is_refused(network, hr, leader):
    enrolment.invite(network, leaders=[leader], actor=hr, now=NOW)
    enrolment.accept_invitation(network, actor=leader.user, accepts_terms=True, now=NOW)

    with pytest.raises(Refused):
        enrolment.accept_invitation(network, actor=leader.user, accepts_terms=True, now=LATER)


def test_accept_without_invitation_is_refused(network, leader):
    create_application(network=network, leader=leader)

    with pytest.raises(Refused):
        enrolment.accept_invitation(network, actor=leader.user, accepts_terms=True, now=NOW)


# --- Withdrawing and moving up ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", Application.STATES_OPEN)
def test_withdraw_ends_an_open_application(network, leader, state):
    application = create_application(network=network, leader=leader, state=state)

    enrolment.withdraw(application, actor=leader.user, now=NOW)

    application.refresh_from_db()
    assert application.state == State.WITHDRAWN


def test_withdraw_is_ones_own(network, leader, hr):
    application = create_application(network=network)

    for actor in (leader.user, hr):
        with pytest.raises(PermissionDenied):
            enrolment.withdraw(application, actor=actor, now=NOW)


def test_withdraw_twice_is_refused(network, leader):
    application = create_application(network=network, leader=leader)
    enrolment.withdraw(application, actor=leader.user, now=NOW)

    with pytest.raises(Refused):
        enrolment.withdraw(application, actor=leader.user, now=LATER)


@pytest.fixture
def line(network):
    """A network full but for one seat that an invitation holds, and two who wait."""
    fill(network, leave=1)
    create_application(network=network, state=State.INVITED)
    return [
        create_application(network=network, state=State.WAITLISTED, created_at=NOW + timedelta(minutes=minute))
        for minute in (1, 2)
    ]


def states(applications) -> list[str]:
    return [Application.objects.get(pk=application.pk).state for application in applications]


def test_a_declined_invitation_lets_the_first_move_up(network, line, hr):
    invitation = network.applications.get(state=State.INVITED)

    enrolment.withdraw(invitation, actor=invitation.leader.user, now=LATER)

    assert states(line) == [State.PENDING, State.WAITLISTED]
    assert kinds() == [("application_promoted", line[0].leader.user_id), ("application_promoted", hr.pk)]


def test_a_withdrawn_invitation_lets_the_first_move_up(network, line, hr):
    invitation = network.applications.get(state=State.INVITED)

    enrolment.reject_application(invitation, reason="x", actor=hr, now=LATER)

    assert states(line) == [State.PENDING, State.WAITLISTED]


def test_the_next_moves_up_when_the_first_is_rejected(network, line, hr):
    invitation = network.applications.get(state=State.INVITED)
    enrolment.withdraw(invitation, actor=invitation.leader.user, now=LATER)

    enrolment.reject_application(line[0], reason="x", actor=hr, now=LATER)

    assert states(line) == [State.REJECTED, State.PENDING]


def test_one_who_has_left_their_post_is_passed_over(network, line):
    Application.objects.get(pk=line[0].pk).leader.__class__.objects.filter(pk=line[0].leader_id).update(valid_to=TODAY)
    invitation = network.applications.get(state=State.INVITED)

    enrolment.withdraw(invitation, actor=invitation.leader.user, now=LATER)

    assert states(line) == [State.WAITLISTED, State.PENDING]


def test_nobody_moves_up_while_no_seat_is_free(network, line):
    enrolment.withdraw(line[0], actor=line[0].leader.user, now=LATER)

    assert states(line) == [State.WITHDRAWN, State.WAITLISTED]
