"""Each mail is built from what is true when it is sent, in the recipient's language, and not when it no longer is."""

import pytest

from members.models import Message
from members.outbox import Suppress
from members.tests import factories as members
from networks import approval, email, enrolment, lifecycle, membership, waiting_list
from networks.models import Application, Decision, Network
from networks.tests.factories import NOW, create_application, create_membership, create_network

pytestmark = pytest.mark.django_db


def mail(kind: str, recipient=None):
    messages = Message.objects.filter(kind=kind).order_by("-pk")
    message = (messages.filter(recipient=recipient) if recipient else messages).first()
    built = getattr(email, kind)(message, NOW)
    assert built.subject
    assert "{" not in built.subject + built.text
    assert "{%" not in built.html
    return built


def test_approval_requested_leads_the_sponsor_to_the_basis(hr, sponsor):
    draft = create_network(state="draft", sponsor=sponsor, hr_contact=hr, name="R&D <b>")
    approval.submit(draft, actor=hr, now=NOW)

    built = mail("approval_requested")

    assert built.subject == "Til godkendelse: R&D <b>"
    assert f"/netvaerk/{draft.slug}/grundlag/" in built.text
    assert "R&amp;D &lt;b&gt;" in built.html


def test_approval_requested_is_dropped_once_decided(hr, sponsor):
    draft = create_network(state="draft", sponsor=sponsor, hr_contact=hr)
    approval.submit(draft, actor=hr, now=NOW)
    approval.approve(draft, actor=sponsor, now=NOW)

    with pytest.raises(Suppress):
        mail("approval_requested")


def test_approval_requested_is_dropped_when_another_has_become_sponsor(hr, sponsor):
    draft = create_network(state="draft", sponsor=sponsor, hr_contact=hr)
    approval.submit(draft, actor=hr, now=NOW)
    Network.objects.update(sponsor=members.create_leader().user)

    with pytest.raises(Suppress):
        mail("approval_requested")


@pytest.mark.parametrize(
    ("act", "subject"),
    [(approval.approve, "Godkendt: "), (approval.return_for_changes, "Sendt retur: "), (approval.reject, "Afvist: ")],
)
def test_approval_decided_says_what_but_never_why(hr, sponsor, act, subject):
    network = create_network(state="submitted", sponsor=sponsor, hr_contact=hr)
    reason = {} if act is approval.approve else {"reason": "Fortrolig grund"}
    act(network, actor=sponsor, now=NOW, **reason)

    built = mail("approval_decided")

    assert built.subject == subject + network.name
    assert "Fortrolig grund" not in built.text + built.html
    assert Decision.objects.get().reason == reason.get("reason", "")


def test_application_mails_follow_the_applications_state(network, leader, hr):
    application = enrolment.apply(network, actor=leader.user, accepts_terms=True, now=NOW)
    assert "Lis Krog" in mail("application_received").text

    enrolment.approve_application(application, actor=hr, now=NOW)
    assert mail("application_approved").subject == f"Du er med i {network.name}"
    with pytest.raises(Suppress):
        mail("application_received")

    membership.leave(network, actor=leader.user, now=NOW)
    with pytest.raises(Suppress):
        mail("application_approved")


def test_a_place_on_the_waiting_list_does_not_read_as_a_yes(network, leader):
    for _ in range(network.size_max):
        create_membership(network=network)
    application = enrolment.apply(network, actor=leader.user, accepts_terms=True, now=NOW)

    built = mail("application_waitlisted")

    assert built.subject == f"På venteliste: {network.name}"
    assert "du er ikke med endnu" in built.text
    assert "Ny på ventelisten" in mail("application_received").subject
    enrolment.withdraw(application, actor=leader.user, now=NOW)
    with pytest.raises(Suppress):
        mail("application_waitlisted")


def test_rejection_holds_no_reason_and_leads_to_it(network, leader, hr):
    application = create_application(network=network, leader=leader, terms_accepted_at=NOW)
    enrolment.reject_application(application, reason="Fortrolig grund", actor=hr, now=NOW)

    built = mail("application_rejected")

    assert "Fortrolig grund" not in built.text + built.html
    assert f"/tilmeldinger/{application.pk}/" in built.text


def test_a_withdrawn_invitation_says_so(network, leader, hr):
    (application,) = enrolment.invite(network, leaders=[leader], actor=hr, now=NOW)
    assert network.purpose in mail("network_invitation").text
    enrolment.reject_application(application, reason="x", actor=hr, now=NOW)

    assert "er trukket tilbage" in mail("application_rejected").subject
    with pytest.raises(Suppress):
        mail("network_invitation")


def test_an_invitation_is_dropped_when_the_network_no_longer_takes_members(network, leader, hr):
    enrolment.invite(network, leaders=[leader], actor=hr, now=NOW)
    Network.objects.update(state="paused")

    with pytest.raises(Suppress):
        mail("network_invitation")


def test_promotion_reads_differently_to_the_leader_and_to_hr(network, hr):
    waiting = create_application(network=network, state="waitlisted")
    waiting_list.promote_waiting(network, actor=hr, now=NOW)

    to_leader = mail("application_promoted", waiting.leader.user)
    to_hr = mail("application_promoted", hr)

    assert to_leader.subject == f"Der er blevet en plads i {network.name}"
    assert to_hr.subject == f"Plads til en fra ventelisten: {network.name}"
    assert str(waiting.leader.user) in to_hr.text


@pytest.mark.parametrize("kind", ["application_received", "application_promoted"])
def test_mails_to_hr_stop_when_the_contact_leaves_hr(network, leader, hr, kind):
    if kind == "application_received":
        enrolment.apply(network, actor=leader.user, accepts_terms=True, now=NOW)
    else:
        create_application(network=network, leader=leader, state="waitlisted")
        waiting_list.promote_waiting(network, actor=hr, now=NOW)
    hr.role_assignments.all().delete()

    with pytest.raises(Suppress):
        mail(kind, hr)


def test_coordinator_appointed_is_dropped_after_stepping_down(hr):
    network = create_network(state="enrolling", hr_contact=hr)
    member = create_membership(network=network)
    membership.appoint_coordinator(member, actor=hr, now=NOW)
    assert mail("coordinator_appointed").subject == f"Du er tovholder i {network.name}"

    membership.step_down_as_coordinator(member, actor=hr, now=NOW)
    with pytest.raises(Suppress):
        mail("coordinator_appointed")


def test_network_closed_thanks_members_and_tells_the_others(hr):
    network = create_network(hr_contact=hr)
    member = create_membership(network=network)
    waiting = create_application(network=network, state="waitlisted")
    lifecycle.close(network, actor=hr, now=NOW)

    assert "Tak for det, du har bidraget med" in mail("network_closed", member.user).text
    assert "fjernes fra din kalender" in mail("network_closed", member.user).text
    assert "din tilmelding er derfor bortfaldet" in mail("network_closed", waiting.leader.user).text
    assert "kalender" not in mail("network_closed", waiting.leader.user).text


def test_a_mail_about_what_is_gone_is_dropped(network, leader, hr):
    enrolment.apply(network, actor=leader.user, accepts_terms=True, now=NOW)
    Application.objects.all().delete()

    with pytest.raises(Suppress):
        mail("application_received")
