"""A freed seat goes to the line: offered to whoever HR has said yes to, laid before HR for the others."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from members.models import AuditEvent, Leader, Message
from members.outbox import Suppress
from members.tests import factories as members
from networks import email, enrolment, lifecycle, membership, waiting_list
from networks.models import Application, Network
from networks.refusal import Refused
from networks.seats import seats_taken
from networks.tests.factories import NOW, TODAY, create_application, create_membership, create_network

pytestmark = pytest.mark.django_db

State = Application.State
LATER = NOW + timedelta(hours=1)
DEADLINE = date(2027, 3, 8)  # five working days after Monday the 1st
OVERDUE = NOW + timedelta(days=8)


@pytest.fixture
def network(hr, sponsor):
    """Full: three members."""
    network = create_network(sponsor=sponsor, hr_contact=hr, size_max=3)
    for _ in range(3):
        create_membership(network=network)
    return network


def create_line(network, hr, *, number=2, approved=True):
    decided = {"decided_by": hr, "decided_at": NOW} if approved else {}
    return [
        create_application(
            network=network, state=State.WAITLISTED, created_at=NOW + timedelta(minutes=minute), **decided
        )
        for minute in range(number)
    ]


def states(applications) -> list[str]:
    return [Application.objects.get(pk=application.pk).state for application in applications]


def someone_leaves(network):
    membership.leave(network, actor=network.memberships.inside().first().user, now=NOW)


def offer(network, hr, number=2):
    """The first in line holds an offer."""
    line = create_line(network, hr, number=number)
    someone_leaves(network)
    return line


# --- Deadlines -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "deadline"),
    [
        (date(2027, 3, 1), date(2027, 3, 8)),
        (date(2027, 3, 5), date(2027, 3, 12)),
        (date(2027, 3, 6), date(2027, 3, 12)),
        (date(2027, 3, 24), date(2027, 4, 5)),  # over Easter
        (date(2026, 12, 23), date(2027, 1, 5)),  # over Christmas and New Year
    ],
)
def test_the_deadline_is_five_working_days_on(day, deadline):
    assert waiting_list.working_days_after(day, 5) == deadline


# --- Whose turn it is ------------------------------------------------------------------------------------------------


def test_whom_hr_said_yes_to_is_offered_the_seat(network, hr):
    line = offer(network, hr)

    assert states(line) == [State.INVITED, State.WAITLISTED]
    assert Application.objects.get(pk=line[0].pk).answer_by == DEADLINE
    assert list(Message.objects.values_list("kind", "recipient")) == [("place_offered", line[0].leader.user_id)]
    assert seats_taken(network) == 3


def test_whom_hr_has_not_decided_on_is_laid_before_hr(network, hr):
    line = create_line(network, hr, approved=False)

    someone_leaves(network)

    assert states(line) == [State.PENDING, State.WAITLISTED]


def unenrol(network, hr):
    membership.unenrol(network.memberships.first(), actor=hr, now=NOW)


def decline(network, hr):
    Network.objects.update(size_max=4)
    invited = create_application(network=network, state=State.INVITED)
    enrolment.withdraw(invited, actor=invited.leader.user, now=NOW)


def take_back(network, hr):
    Network.objects.update(size_max=4)
    enrolment.reject_application(
        create_application(network=network, state=State.INVITED), reason="x", actor=hr, now=NOW
    )


def let_lapse(network, hr):
    Network.objects.update(size_max=4)
    create_application(network=network, state=State.INVITED, answer_by=TODAY - timedelta(days=1))
    waiting_list.expire_offers(now=NOW)


def lose_the_post(network, hr):
    Network.objects.update(size_max=4)
    former = members.create_leader(valid_to=TODAY)
    create_application(network=network, state=State.INVITED, leader=former)
    waiting_list.expire_offers(now=NOW)


def leave(network, hr):
    someone_leaves(network)


@pytest.mark.parametrize("way", [leave, unenrol, decline, take_back, let_lapse, lose_the_post])
def test_every_way_a_seat_frees_brings_one_offer(network, hr, way):
    line = create_line(network, hr)

    way(network, hr)

    assert states(line) == [State.INVITED, State.WAITLISTED]


def test_a_leave_of_absence_frees_no_seat(network, hr):
    line = create_line(network, hr)
    network.memberships.filter(pk=network.memberships.first().pk).update(state="on_leave")

    assert waiting_list.promote_waiting(network, actor=hr, now=NOW) == []
    assert states(line) == [State.WAITLISTED] * 2


@pytest.mark.parametrize("change", [{"state": "paused"}, {"state": "closed"}, {"enrolment_closed_at": NOW}])
def test_no_offer_is_made_where_nobody_can_sign_up(network, hr, change):
    line = create_line(network, hr)
    Network.objects.update(**change)

    someone_leaves(network)

    assert states(line) == [State.WAITLISTED] * 2


def test_those_who_cannot_be_members_are_passed_over_and_that_is_noted(network, hr):
    gone, asleep, inside, _last = line = create_line(network, hr, number=4)
    Leader.objects.filter(pk=gone.leader_id).update(valid_to=TODAY)
    asleep.leader.user.__class__.objects.filter(pk=asleep.leader.user_id).update(is_active=False)
    create_membership(network=network, leader=inside.leader)
    Network.objects.update(size_max=5)
    network.refresh_from_db()

    waiting_list.promote_waiting(network, actor=hr, now=NOW)

    assert states(line) == [State.WAITLISTED] * 3 + [State.INVITED]
    noted = AuditEvent.objects.filter(verb="pass_over_waiting").values_list("subject_id", flat=True)
    assert set(noted) == {gone.pk, asleep.pk, inside.pk}


def test_one_whose_post_no_longer_fits_goes_by_hr_again(network, hr):
    first, second = create_line(network, hr)
    Leader.objects.filter(pk=first.leader_id).update(field=members.create_field(name="Et andet fag"))

    someone_leaves(network)

    assert states([first, second]) == [State.PENDING, State.WAITLISTED]


def test_who_left_does_not_slip_back_into_line(network, hr):
    line = create_line(network, hr, number=1)
    gone = network.memberships.first()
    old = create_application(network=network, leader=gone.leader, state=State.APPROVED, created_at=NOW - timedelta(9))

    membership.leave(network, actor=gone.user, now=NOW)
    again = enrolment.apply(network, actor=gone.user, accepts_terms=True, now=LATER)

    assert states([old, line[0], again]) == [State.APPROVED, State.INVITED, State.WAITLISTED]


def test_an_application_behind_one_who_is_gone_has_its_turn_at_once(network, hr, leader):
    line = create_line(network, hr, number=1)
    Leader.objects.filter(pk=line[0].leader_id).update(valid_to=TODAY)
    someone_leaves(network)

    application = enrolment.apply(network, actor=leader.user, accepts_terms=True, now=LATER)

    assert application.state == State.PENDING
    assert not Message.objects.filter(kind="application_waitlisted").exists()


# --- HR says yes in advance ------------------------------------------------------------------------------------------


def test_hr_says_yes_to_one_in_line(network, hr):
    (application,) = create_line(network, hr, number=1, approved=False)

    enrolment.put_on_waiting_list(application, actor=hr, now=NOW)
    someone_leaves(network)

    assert states([application]) == [State.INVITED]


def test_hr_says_yes_once(network, hr):
    (application,) = create_line(network, hr, number=1)

    with pytest.raises(Refused, match="allerede sagt ja"):
        enrolment.put_on_waiting_list(application, actor=hr, now=NOW)


@pytest.mark.parametrize("who", ["sponsor", "board", "stranger"])
def test_only_hr_says_yes(network, hr, who, request):
    (application,) = create_line(network, hr, number=1, approved=False)

    with pytest.raises(PermissionDenied):
        enrolment.put_on_waiting_list(application, actor=request.getfixturevalue(who), now=NOW)


# --- The answer ------------------------------------------------------------------------------------------------------


def test_an_offer_accepted_on_its_last_day_is_a_membership(network, hr):
    line = offer(network, hr)
    last_day = NOW + timedelta(days=7)

    enrolment.accept_invitation(network, actor=line[0].leader.user, accepts_terms=True, now=last_day)

    assert states(line) == [State.APPROVED, State.WAITLISTED]
    assert waiting_list.expire_offers(now=OVERDUE) == 0


def test_an_offer_cannot_be_accepted_after_its_deadline(network, hr):
    line = offer(network, hr)

    with pytest.raises(Refused, match="Fristen"):
        enrolment.accept_invitation(network, actor=line[0].leader.user, accepts_terms=True, now=OVERDUE)


def test_an_offer_nobody_answered_goes_to_the_next_once(network, hr):
    line = offer(network, hr, number=3)

    assert waiting_list.expire_offers(now=OVERDUE) == 1
    assert waiting_list.expire_offers(now=OVERDUE) == 0

    assert states(line) == [State.WITHDRAWN, State.INVITED, State.WAITLISTED]
    assert Message.objects.filter(kind="offer_expired", recipient=line[0].leader.user).count() == 1
    assert Application.objects.get(pk=line[0].pk).has_lapsed


def test_hrs_own_invitation_has_no_deadline(network, hr, leader):
    Network.objects.update(size_max=4)
    enrolment.invite(network, leaders=[leader], actor=hr, now=NOW)

    assert waiting_list.expire_offers(now=NOW + timedelta(days=300)) == 0


def test_offers_wait_out_a_pause_and_get_their_time_again(network, hr):
    line = offer(network, hr)
    lifecycle.pause(network, actor=hr, now=NOW)

    assert waiting_list.expire_offers(now=OVERDUE) == 0
    lifecycle.resume(network, actor=hr, now=OVERDUE)

    assert states(line) == [State.INVITED, State.WAITLISTED]
    assert Application.objects.get(pk=line[0].pk).answer_by == date(2027, 3, 16)
    assert Message.objects.filter(kind="place_offered").count() == 2


# --- What people read ------------------------------------------------------------------------------------------------


def build(kind, now=NOW):
    return getattr(email, kind)(Message.objects.filter(kind=kind).latest("pk"), now)


def test_the_offer_does_not_read_as_a_yes(network, hr):
    line = offer(network, hr)

    mail = build("place_offered")

    assert mail.subject == f"Plads til dig i {network.name}, svar senest 8. mar. 2027"
    assert "Du er ikke med endnu" in mail.text
    assert f"/netvaerk/{network.slug}/tilmelding/accepter/" in mail.text
    assert f"/tilmeldinger/{line[0].pk}/traek-tilbage/" in mail.text
    assert f'/tilmeldinger/{line[0].pk}/traek-tilbage/"' in mail.html  # behind words: an address wider than a phone
    assert "tillykke" not in mail.text.lower()


def test_a_stale_offer_is_not_sent(network, hr):
    offer(network, hr)
    with pytest.raises(Suppress):
        build("place_offered", OVERDUE)

    waiting_list.expire_offers(now=OVERDUE)

    assert "Fristen er gået" in build("offer_expired").subject


def test_the_leader_sees_place_and_reason(client, network, hr):
    _first, second = create_line(network, hr)
    client.force_login(second.leader.user)

    page = client.get(reverse("networks:application", args=[second.pk])).content.decode()

    assert "Nr. 2 på ventelisten" in page
    assert "alle pladser er optaget" in page
    assert "HR har sagt ja til dig" in page


def test_the_leader_says_yes_and_no_to_an_offer(client, network, hr):
    first, second = offer(network, hr)
    client.force_login(first.leader.user)
    assert "Der er blevet en plads til dig" in client.get(network.get_absolute_url()).content.decode()

    client.post(reverse("networks:withdraw", args=[first.pk]))
    client.force_login(second.leader.user)
    Application.objects.filter(pk=second.pk).update(answer_by=date(2099, 1, 1))
    client.post(reverse("networks:accept_invitation", args=[network.slug]), {"accepts_terms": "on"})

    assert states([first, second]) == [State.WITHDRAWN, State.APPROVED]


def test_the_rule_stands_on_hrs_page(client, network, hr):
    create_line(network, hr, approved=False)
    client.force_login(hr)

    page = client.get(reverse("networks:members", args=[network.slug])).content.decode()

    assert "har fem arbejdsdage til at svare" in page
    assert page.count("Sig ja<") == 2


# --- Against the frame, with a reason --------------------------------------------------------------------------------


@pytest.fixture
def misfit():
    return members.create_leader(first_name="Mia", field=members.create_field(name="Et helt andet fag"))


def let_in(network, leader, hr, way, **reason):
    if way == "approve":
        application = create_application(network=network, leader=leader)
        return enrolment.approve_application(application, actor=hr, now=NOW, **reason)
    act = enrolment.enrol if way == "enrol" else enrolment.invite
    return act(network, leaders=[leader], actor=hr, now=NOW, **reason)


@pytest.mark.parametrize("way", ["approve", "enrol", "invite"])
def test_against_the_frame_takes_a_reason_that_is_kept(hr, misfit, way):
    network = create_network(hr_contact=hr)
    with pytest.raises(enrolment.NeedsReason, match="Mia"):
        let_in(network, misfit, hr, way)
    network.applications.all().delete()

    let_in(network, misfit, hr, way, reason=" Skifter fag til sommer. ")

    assert network.applications.get().override_reason == "Skifter fag til sommer."
    assert AuditEvent.objects.filter(verb="override_composition", actor=hr).count() == 1


@pytest.mark.parametrize("way", ["approve", "enrol", "invite"])
def test_no_reason_lifts_the_limit(network, hr, misfit, way):
    with pytest.raises(Refused, match="optaget"):
        let_in(network, misfit, hr, way, reason="Vi vil så gerne.")


def test_a_manager_and_their_report_at_once_take_a_reason(hr):
    network = create_network(hr_contact=hr)
    manager = members.create_leader()
    report = members.create_leader(line_manager=manager)

    with pytest.raises(enrolment.NeedsReason):
        enrolment.enrol(network, leaders=[manager, report], actor=hr, now=NOW)


def test_hr_is_asked_why_and_only_hr_reads_the_answer(client, hr, misfit):
    network = create_network(hr_contact=hr)
    application = create_application(network=network, leader=misfit)
    client.force_login(hr)
    url = reverse("networks:approve_application", args=[application.pk])

    asked = client.post(url)
    assert "Kommer fra et andet fagområde" in asked.content.decode()
    assert "Skriv" in client.post(url, {"reason": "010190-1234"}).content.decode()
    assert states([application]) == [State.PENDING]

    client.post(url, {"reason": "Skifter fag til sommer."})
    assert states([application]) == [State.APPROVED]


def test_hr_enrols_many_with_a_reason(client, hr, misfit, leader):
    network = create_network(hr_contact=hr)
    client.force_login(hr)
    url = reverse("networks:candidates", args=[network.slug])
    chosen = {"leader": [misfit.pk, leader.pk], "enrol": "1"}

    asked = client.post(url, chosen)
    assert f'name="leader" value="{leader.pk}"' in asked.content.decode()
    client.post(url, chosen | {"reason": "Skifter fag til sommer."})

    assert network.memberships.count() == 2
    kept = dict(network.applications.values_list("leader", "override_reason"))
    assert kept == {misfit.pk: "Skifter fag til sommer.", leader.pk: ""}
