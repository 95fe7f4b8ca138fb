"""Two at once, let go at the same instant, on what is decided before the meetings. A few rounds, since luck hides."""

from datetime import date, timedelta

import pytest

from members.models import AuditEvent, Message
from members.tests import factories as members
from networks import approval, consultation, directions
from networks.directions import Approval
from networks.models import Consultation, Decision, Network, StrategicDirection
from networks.refusal import Refused
from networks.tests.factories import NOW, TODAY, create_direction, create_network
from networks.tests.test_capacity import all_at_once

pytestmark = pytest.mark.django_db(transaction=True)

DEADLINE = date(2027, 3, 15)


@pytest.fixture(params=range(3), autouse=True)
def go(request):
    """Each goes a few times."""


def refusals(results) -> list:
    """Those refused; anything else that was raised is a fault."""
    faults = [result for result in results if isinstance(result, Exception) and not isinstance(result, Refused)]
    assert faults == []
    return [result for result in results if isinstance(result, Refused)]


def fresh(row):
    """As another request would have it."""
    return type(row).objects.get(pk=row.pk)


# --- Høring ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def hr():
    return members.create_hr()


@pytest.fixture
def asked():
    return members.create_leader().user


@pytest.fixture
def out(hr, asked):
    """In høring, and changed by HR since it was sent."""
    network = create_network(state="draft", hr_contact=hr)
    consultation.add_people(network, people=[asked, members.create_user()], actor=hr, now=NOW)
    out = consultation.consult(network, deadline=DEADLINE, actor=hr, now=NOW)
    Network.objects.filter(pk=network.pk).update(purpose="Noget andet end før.")
    return out


def test_a_reply_while_a_new_version_is_sent_is_kept_with_the_version_it_answers(out, hr, asked):
    results = all_at_once(
        [
            lambda: consultation.reply(fresh(out), text="Mit svar", actor=asked, now=NOW, seen=1),
            lambda: consultation.send_new_version(fresh(out), actor=hr, now=NOW),
        ]
    )

    assert refusals(results) == []
    mine = out.replies.get(user=asked)
    assert (mine.text, mine.version) == ("Mit svar", 1)
    assert [version.number for version in out.versions.all()] == [1, 2]
    assert Message.objects.filter(kind="consultation_revised", subject_id=out.pk).count() == 2


def test_a_new_version_is_sent_once_by_two(out, hr):
    results = all_at_once([lambda: consultation.send_new_version(fresh(out), actor=hr, now=NOW)] * 2)

    assert len(refusals(results)) == 1
    assert out.versions.count() == 2


def test_a_reply_while_it_closes_is_in_or_refused(out, hr, asked):
    results = all_at_once(
        [
            lambda: consultation.reply(fresh(out), text="Mit svar", actor=asked, now=NOW),
            lambda: consultation.close(fresh(out), actor=hr, now=NOW),
        ]
    )

    assert isinstance(results[1], Consultation)
    assert bool(out.replies.get(user=asked).replied_at) == (not refusals(results))
    assert fresh(out.network).state == Network.State.DRAFT


def test_two_send_the_same_draft_out_once(hr, asked):
    network = create_network(state="draft", hr_contact=hr)
    consultation.add_people(network, people=[asked], actor=hr, now=NOW)

    results = all_at_once([lambda: consultation.consult(fresh(network), deadline=DEADLINE, actor=hr, now=NOW)] * 2)

    assert len(refusals(results)) == 1
    assert Message.objects.filter(kind="consultation_opened").count() == 1


# --- Kurs ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def submitted():
    direction = create_direction(state="draft")
    directions.submit_direction(direction, actor=direction.owner, now=NOW)
    return direction


def approving(direction, kind, *, by="Byrådet"):
    board = members.create_board()
    return lambda: directions.approve_direction(
        fresh(direction), kind=kind, approver=by, approved_on=TODAY, actor=board, now=NOW
    )


def test_the_political_and_the_administrative_approval_at_once_both_count(submitted):
    results = all_at_once([approving(submitted, Approval.POLITICAL), approving(submitted, Approval.ADMINISTRATIVE)])

    assert refusals(results) == []
    direction = fresh(submitted)
    assert direction.is_fully_approved
    assert direction.state == StrategicDirection.State.CURRENT


def test_the_same_approval_by_two_is_registered_once(submitted):
    results = all_at_once(
        [
            approving(submitted, Approval.POLITICAL, by="Byrådet"),
            approving(submitted, Approval.POLITICAL, by="Økonomiudvalget"),
        ]
    )

    assert len(refusals(results)) == 1
    winner = next(result for result in results if not isinstance(result, Exception))
    assert fresh(submitted).political_approver == winner.political_approver
    assert AuditEvent.objects.filter(verb="approve_direction_political").count() == 1


def test_an_edit_while_it_is_approved_leaves_no_approval_of_another_text(submitted):
    edited = fresh(submitted)
    edited.solutions = "Noget nyt"
    results = all_at_once(
        [
            approving(submitted, Approval.POLITICAL),
            lambda: directions.save_direction(edited, actor=submitted.owner, now=NOW),
        ]
    )

    refusals(results)
    direction = fresh(submitted)
    assert (direction.state, direction.solutions) == (StrategicDirection.State.DRAFT, "Noget nyt")
    assert direction.political_approved_on is None


def test_a_new_kurs_sent_several_times_at_once_is_one(hr):
    def write():
        kurs = StrategicDirection(
            title="Ny kurs", solutions="Et", development="To", gains=["shared_focus"], owner=hr,
            valid_from=TODAY, valid_to=TODAY + timedelta(days=900), review_date=TODAY + timedelta(days=800),
        )  # fmt: skip
        return directions.save_direction(kurs, actor=fresh(hr), now=NOW)

    results = all_at_once([write] * 4)

    assert refusals(results) == []
    assert set(results) == {StrategicDirection.objects.get()}


# --- Approval --------------------------------------------------------------------------------------------------------


def test_two_decisions_at_once_make_one(hr):
    network = create_network(state="submitted", hr_contact=hr)
    sponsor = network.sponsor

    results = all_at_once(
        [
            lambda: approval.approve(fresh(network), actor=sponsor, now=NOW),
            lambda: approval.return_for_changes(fresh(network), reason="Mål mangler", actor=sponsor, now=NOW),
            lambda: approval.reject(fresh(network), reason="Nej", actor=sponsor, now=NOW),
        ]
    )

    assert len(refusals(results)) == 2
    decision = network.decisions.get()
    assert fresh(network).state == decision.verdict
    assert (fresh(network).approved_at is not None) == (decision.verdict == Decision.Verdict.APPROVED)
    assert Message.objects.filter(kind="approval_decided").count() == 1


def test_a_draft_is_sent_to_the_sponsor_once_by_two(hr):
    network = create_network(state="draft", hr_contact=hr)

    results = all_at_once([lambda: approval.submit(fresh(network), actor=hr, now=NOW + timedelta(minutes=1))] * 2)

    assert len(refusals(results)) == 1
    assert Message.objects.filter(kind="approval_requested").count() == 1
