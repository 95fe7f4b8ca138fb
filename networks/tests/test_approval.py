from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from members.models import AuditEvent, Message, Role, RoleAssignment
from networks import approval, steps
from networks.basis import NotReady
from networks.models import Decision, Network
from networks.refusal import Refused
from networks.tests.factories import NOW, create_direction, create_network

LATER = NOW + timedelta(hours=1)


@pytest.fixture
def draft(hr, sponsor):
    return create_network(state="draft", sponsor=sponsor, hr_contact=hr)


@pytest.fixture
def submitted(hr, sponsor):
    return create_network(state="submitted", sponsor=sponsor, hr_contact=hr)


def test_submit_asks_the_sponsor(draft, hr, sponsor):
    decision = approval.submit(draft, actor=hr, now=NOW)

    draft.refresh_from_db()
    assert draft.state == Network.State.SUBMITTED
    assert decision.verdict == Decision.Verdict.SUBMITTED
    assert list(Message.objects.values_list("kind", "subject_id", "recipient")) == [
        ("approval_requested", decision.pk, sponsor.pk)
    ]
    event = AuditEvent.objects.get()
    assert (event.actor, event.verb, event.network_id) == (hr, "basis_submitted", draft.pk)


@pytest.mark.parametrize(
    ("gap", "code"),
    [
        ({"purpose": " "}, "purpose"),
        ({"type": ""}, "type"),
        ({"type_reason": ""}, "type_reason"),
        ({"participation_terms": ""}, "participation_terms"),
        ({"governance": ""}, "governance"),
        ({"support": ""}, "governance"),
        ({"sponsor": None}, "anchoring"),
        ({"unit": None}, "anchoring"),
        ({"hr_contact": None}, "anchoring"),
        ({"direction": None}, "direction"),
    ],
)
def test_submit_refuses_what_is_incomplete(draft, hr, gap, code):
    for name, value in gap.items():
        setattr(draft, name, value)
    draft.save()

    with pytest.raises(NotReady) as refusal:
        approval.submit(draft, actor=hr, now=NOW)

    assert [lack.code for lack in refusal.value.lacks] == [code]
    draft.refresh_from_db()
    assert draft.state == Network.State.DRAFT
    assert not Message.objects.exists()


@pytest.mark.parametrize("goals", [[], [("Målet", "", "Sådan")], [("Målet", "Fordi", "")]])
def test_nobody_is_asked_to_approve_a_network_without_a_goal_that_says_why_and_how(hr, sponsor, goals):
    draft = create_network(state="draft", sponsor=sponsor, hr_contact=hr, goals=goals)

    with pytest.raises(NotReady) as refusal:
        approval.submit(draft, actor=hr, now=NOW)

    assert [(steps.step_of(lack).slug, lack.code) for lack in refusal.value.lacks] == [("maal", "goals")]


def test_a_goal_of_many_is_enough_when_it_says_why_and_how(hr, sponsor):
    goals = [("Et", "", ""), ("To", "Fordi", "Sådan")]
    draft = create_network(state="draft", sponsor=sponsor, hr_contact=hr, goals=goals)

    assert approval.submit(draft, actor=hr, now=NOW)


def test_a_basis_that_has_lost_its_goals_cannot_be_approved_only_returned(submitted, sponsor):
    submitted.goal_hierarchy.all().delete()

    with pytest.raises(NotReady, match="Målhierarkiet"):
        approval.approve(submitted, actor=sponsor, now=LATER)

    approval.return_for_changes(submitted, reason="Målene mangler.", actor=sponsor, now=LATER)


def test_submit_refuses_a_kurs_that_is_not_current(draft, hr):
    draft.direction = create_direction(state="draft")
    draft.save()

    with pytest.raises(NotReady):
        approval.submit(draft, actor=hr, now=NOW)


def test_submit_refuses_a_sponsor_from_hr(draft, hr):
    RoleAssignment.objects.create(user=draft.sponsor, role=Role.HR_ADMIN)

    with pytest.raises(NotReady):
        approval.submit(draft, actor=hr, now=NOW)


def test_submit_refuses_a_sponsor_who_has_left(draft, hr, sponsor):
    sponsor.is_active = False
    sponsor.save()

    with pytest.raises(NotReady):
        approval.submit(draft, actor=hr, now=NOW)


@pytest.mark.parametrize("who", ["sponsor", "board", "stranger"])
def test_submit_is_for_hr(draft, who, request):
    with pytest.raises(PermissionDenied):
        approval.submit(draft, actor=request.getfixturevalue(who), now=NOW)


@pytest.mark.parametrize("state", [s for s in Network.State if s not in Network.STATES_EDITABLE])
def test_submit_refuses_every_other_state(draft, hr, state):
    draft.state = state
    draft.save()

    with pytest.raises(Refused):
        approval.submit(draft, actor=hr, now=NOW)


def test_approve_by_the_sponsor(submitted, sponsor, hr):
    decision = approval.approve(submitted, actor=sponsor, now=NOW)

    submitted.refresh_from_db()
    assert submitted.state == Network.State.APPROVED
    assert submitted.approved_at == NOW
    assert list(Message.objects.values_list("kind", "subject_id", "recipient")) == [
        ("approval_decided", decision.pk, hr.pk)
    ]


@pytest.mark.parametrize("act", [approval.approve, approval.return_for_changes, approval.reject])
@pytest.mark.parametrize("who", ["hr", "board", "stranger"])
def test_deciding_is_for_the_named_sponsor_alone(submitted, act, who, request):
    reason = {} if act is approval.approve else {"reason": "Fordi"}

    with pytest.raises(PermissionDenied):
        act(submitted, actor=request.getfixturevalue(who), now=NOW, **reason)

    assert not Decision.objects.exists()


def test_a_sponsor_who_also_holds_an_hr_role_cannot_decide(submitted, sponsor):
    RoleAssignment.objects.create(user=sponsor, role=Role.HR_CONSULTANT)

    with pytest.raises(PermissionDenied):
        approval.approve(submitted, actor=sponsor, now=NOW)


def test_a_sponsor_who_has_left_cannot_decide(submitted, sponsor):
    sponsor.is_active = False

    with pytest.raises(PermissionDenied):
        approval.approve(submitted, actor=sponsor, now=NOW)


def test_approve_twice_is_refused(submitted, sponsor):
    approval.approve(submitted, actor=sponsor, now=NOW)

    with pytest.raises(Refused):
        approval.approve(submitted, actor=sponsor, now=LATER)

    assert Decision.objects.count() == 1


@pytest.mark.parametrize(("act", "state"), [(approval.return_for_changes, "returned"), (approval.reject, "rejected")])
def test_no_from_the_sponsor_keeps_its_reason(submitted, sponsor, act, state):
    act(submitted, reason="  Formålet er for bredt. ", actor=sponsor, now=NOW)

    submitted.refresh_from_db()
    assert submitted.state == state
    assert submitted.decisions.get().reason == "Formålet er for bredt."


@pytest.mark.parametrize("act", [approval.return_for_changes, approval.reject])
def test_no_from_the_sponsor_needs_a_reason(submitted, sponsor, act):
    with pytest.raises(Refused):
        act(submitted, reason=" ", actor=sponsor, now=NOW)

    submitted.refresh_from_db()
    assert submitted.state == Network.State.SUBMITTED


def test_a_returned_basis_can_be_sent_again_and_asks_again(submitted, sponsor, hr):
    approval.return_for_changes(submitted, reason="Ret formålet.", actor=sponsor, now=NOW)
    approval.submit(submitted, actor=hr, now=LATER)

    verdicts = list(submitted.decisions.values_list("verdict", flat=True))
    assert verdicts == [Decision.Verdict.SUBMITTED, Decision.Verdict.RETURNED]
    assert Message.objects.filter(kind="approval_requested", recipient=sponsor).count() == 1
