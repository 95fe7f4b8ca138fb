"""The mails of this room. Each is built when it is sent, from what is true then, and not sent when it no longer is."""

from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from members import outbox
from members.danish import today
from members.models import Message, User
from members.outbox import Mail, Suppress
from networks import newcomers, subjects
from networks.models import Application, Decision, Membership, Network


def register() -> None:
    for kind, build, label, find in (
        ("approval_requested", approval_requested, _("Grundlag til godkendelse"), subjects.decisions),
        ("approval_decided", approval_decided, _("Svar på godkendelse"), subjects.decisions),
        ("coordinator_appointed", coordinator_appointed, _("Udpeget som tovholder"), subjects.memberships),
        (newcomers.KIND, member_joined, _("Nyt medlem"), subjects.memberships),
        ("membership_ended", membership_ended, _("Afmeldt af HR"), subjects.memberships),
        ("network_closed", network_closed, _("Netværk afsluttet"), subjects.networks),
    ):
        outbox.register(kind, build=build, label=label, subjects=find)
    for kind, build, label in (
        ("leave_noted", leave_noted, _("Orlov noteret")),
        ("leave_over", leave_over, _("Orlov slut")),
    ):
        outbox.register(kind, build=build, label=label, about="leave", subjects=subjects.memberships)
    for kind, build, label in (
        ("network_paused", network_paused, _("Netværk på pause")),
        ("network_resumed", network_resumed, _("Netværk genoptaget")),
    ):
        outbox.register(kind, build=build, label=label, about="network state", subjects=subjects.networks)
    for kind, build, label in (
        ("application_received", application_received, _("Ny tilmelding")),
        ("application_approved", application_approved, _("Tilmelding godkendt")),
        ("application_waitlisted", application_waitlisted, _("Tilmelding på venteliste")),
        ("application_rejected", application_rejected, _("Tilmelding afvist")),
        ("application_promoted", application_promoted, _("Plads til en fra ventelisten")),
        ("network_invitation", network_invitation, _("Invitation til netværk")),
        ("place_offered", place_offered, _("Plads tilbudt fra ventelisten")),
        ("offer_expired", offer_expired, _("Frist for tilbudt plads udløbet")),
    ):
        outbox.register(kind, build=build, label=label, about="application", subjects=subjects.applications)


# --- Approval --------------------------------------------------------------------------------------------------------


def approval_requested(message: Message, now: datetime) -> Mail:
    decision = _decision(message)
    network = decision.network
    if network.state != Network.State.SUBMITTED or decision != network.decisions.first():
        raise Suppress("decided already")
    _require(network.sponsor_id == message.recipient_id, "not the sponsor")
    return _mail(message, network, "networks:basis", decision=decision)


def approval_decided(message: Message, now: datetime) -> Mail:
    decision = _decision(message)
    _require(message.recipient.is_hr, "not in HR")
    return _mail(message, decision.network, "networks:basis", decision=decision, verdicts=Decision.Verdict)


# --- Sign-up ---------------------------------------------------------------------------------------------------------


def application_received(message: Message, now: datetime) -> Mail:
    application = _application(message, Application.State.PENDING, Application.State.WAITLISTED)
    _require(message.recipient.is_hr, "not in HR")
    return _mail(
        message,
        application.network,
        "networks:members",
        application=application,
        is_waiting=application.state == Application.State.WAITLISTED,
    )


def application_approved(message: Message, now: datetime) -> Mail:
    application = _application(message, Application.State.APPROVED)
    membership = application.network.memberships.inside().filter(leader=application.leader).first()
    _require(membership is not None, "not a member")
    return _mail(message, application.network, "networks:network", application=application, membership=membership)


def application_waitlisted(message: Message, now: datetime) -> Mail:
    application = _application(message, Application.State.WAITLISTED)
    return _mail(message, application.network, "networks:network", application=application)


def application_rejected(message: Message, now: datetime) -> Mail:
    application = _application(message, Application.State.REJECTED)
    return _mail(
        message,
        application.network,
        "networks:application",
        args=[application.pk],
        application=application,
        was_invited=application.terms_accepted_at is None,
    )


def application_promoted(message: Message, now: datetime) -> Mail:
    """One mail to the leader who moves up, another to whoever in HR decides."""
    application = _application(message, Application.State.PENDING)
    is_leader = application.leader.user_id == message.recipient_id
    _require(is_leader or message.recipient.is_hr, "not in HR")
    route = "networks:network" if is_leader else "networks:members"
    return _mail(message, application.network, route, application=application, is_leader=is_leader)


def network_invitation(message: Message, now: datetime) -> Mail:
    application = _application(message, Application.State.INVITED)
    _require(application.network.takes_members, "not open")
    return _mail(message, application.network, "networks:network", application=application)


def place_offered(message: Message, now: datetime) -> Mail:
    """A question, not a confirmation: the seat is held until a date."""
    application = _application(message, Application.State.INVITED)
    _require(application.is_offer and application.answer_by >= today(now), "too late")
    _require(application.network.takes_members, "not open")
    decline = settings.SITE_URL + reverse("networks:withdraw", args=[application.pk])
    return _mail(
        message, application.network, "networks:accept_invitation", application=application, decline_url=decline
    )


def offer_expired(message: Message, now: datetime) -> Mail:
    application = _application(message, Application.State.WITHDRAWN)
    _require(application.has_lapsed, "decided otherwise")
    again = application.network.applications.filter(leader=application.leader, state__in=Application.STATES_OPEN)
    _require(not again.exists(), "decided otherwise")
    return _mail(message, application.network, "networks:network", application=application)


# --- Members ---------------------------------------------------------------------------------------------------------


def coordinator_appointed(message: Message, now: datetime) -> Mail:
    membership = Membership.objects.select_related("network", "leader").filter(pk=message.subject_id).first()
    _require(membership is not None and membership.state == Membership.State.ACTIVE, "not a member")
    _require(membership.is_coordinator, "not coordinator")
    return _mail(message, membership.network, "networks:network", membership=membership)


def member_joined(message: Message, now: datetime) -> Mail:
    """To those who run the group: all who have come within some minutes, but for those who have gone again."""
    network = _membership(message).network
    _require(network.memberships.active().filter(leader__user=message.recipient_id).exists(), "not a member")
    people = newcomers.named_in(message, network)
    _require(bool(people), "not a member")
    return _mail(message, network, "networks:members", people=people)


def membership_ended(message: Message, now: datetime) -> Mail:
    membership = _membership(message)
    network = membership.network
    again = network.memberships.inside().filter(leader__user=message.recipient_id)
    _require(not membership.is_inside and not again.exists(), "a member again")
    return _mail(message, network, "networks:catalogue", args=[], membership=membership)


def leave_noted(message: Message, now: datetime) -> Mail:
    """To the member when HR has set the leave, to HR when the member has."""
    membership = _membership(message)
    is_own = membership.leader.user_id == message.recipient_id
    _require(membership.is_inside and membership.leave_to is not None, "no leave")
    _require(is_own or message.recipient.is_hr, "not in HR")
    return _mail(message, membership.network, "networks:network", membership=membership, is_own=is_own)


def leave_over(message: Message, now: datetime) -> Mail:
    membership = _membership(message)
    _require(membership.state == Membership.State.ACTIVE, "not a member")
    return _mail(message, membership.network, "networks:network", membership=membership)


def network_paused(message: Message, now: datetime) -> Mail:
    return _to_member(message, Network.State.PAUSED)


def network_resumed(message: Message, now: datetime) -> Mail:
    return _to_member(message, Network.State.ACTIVE)


def _to_member(message: Message, state) -> Mail:
    """About the network's state, while it is so."""
    network = Network.objects.filter(pk=message.subject_id, state=state).first()
    _require(network is not None, "decided otherwise")
    _require(network.memberships.active().filter(leader__user=message.recipient_id).exists(), "not a member")
    return _mail(message, network, "networks:network")


def _membership(message: Message) -> Membership:
    membership = Membership.objects.select_related("network", "leader__user").filter(pk=message.subject_id).first()
    _require(membership is not None, "gone")
    return membership


def network_closed(message: Message, now: datetime) -> Mail:
    network = Network.objects.filter(pk=message.subject_id, state=Network.State.CLOSED).first()
    _require(network is not None, "not closed")
    was_member = network.memberships.filter(
        leader__user=message.recipient_id, state=Membership.State.ENDED, left_on=today(network.closed_at)
    ).exists()
    route, args = ("networks:network", [network.slug]) if was_member else ("networks:catalogue", [])
    return _mail(message, network, route, args=args, was_member=was_member)


# --- Common ----------------------------------------------------------------------------------------------------------


def _require(is_so: bool, otherwise: str) -> None:
    if not is_so:
        raise Suppress(otherwise)


def _decision(message: Message) -> Decision:
    decision = Decision.objects.select_related("network").filter(pk=message.subject_id).first()
    _require(decision is not None, "gone")
    return decision


def _application(message: Message, *states: str) -> Application:
    """The application, if it is still in the state the mail is about."""
    applications = Application.objects.select_related("network", "leader__user", "leader__unit")
    application = applications.filter(pk=message.subject_id).first()
    _require(application is not None, "gone")
    _require(application.state in states, "decided otherwise")
    return application


def _mail(message: Message, network: Network, route: str, *, args: list | None = None, **context) -> Mail:
    recipient: User = message.recipient
    link = settings.SITE_URL + reverse(route, args=[network.slug] if args is None else args)
    return outbox.render_mail(
        f"networks/email/{message.kind}", {"network": network, "button_url": link, **context}, recipient=recipient
    )
