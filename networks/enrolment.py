"""Sign-up: who asks for a place, who is invited, and who gets one.

Every act that takes or frees a seat first locks the network's row, then counts, then acts; so the limit holds however
many ask at once.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from members import audit
from members.danish import today
from members.models import Leader, User
from networks import composition
from networks.basis import NotReady, lacks_of_direction
from networks.fit import Hierarchy
from networks.models import Access, Application, Membership, Network
from networks.models.belonging import facts_of
from networks.newcomers import tell_the_group
from networks.refusal import Refused, require
from networks.seats import free_seats, require_seats
from networks.signals import membership_started
from networks.waiting_list import promote_waiting, tell


class NeedsReason(Refused):
    """Someone is not whom the network is meant for; HR may let them in all the same by saying why."""

    def __init__(self, doubts: list[tuple[Leader, list]]):
        self.doubts = doubts
        names = ", ".join(str(leader.user) for leader, _concerns in doubts)
        super().__init__(_("Skriv en begrundelse: Noget taler imod, at %(names)s er med.") % {"names": names})


# --- HR opens --------------------------------------------------------------------------------------------------------


@transaction.atomic
def open_enrolment(network: Network, *, actor: User, now: datetime) -> None:
    """From now on leaders can sign up, or, in a closed network, be invited. Opens again what was closed for a while."""
    require(actor.is_hr)
    network = Network.objects.lock(network.pk)
    is_again = network.takes_members and network.enrolment_closed_at is not None
    if network.state != Network.State.APPROVED and not is_again:
        raise Refused(_("Et netværk kan åbnes, når den ansvarlige chef har godkendt grundlaget."))
    lacks = lacks_of_direction(network, today(now))
    if lacks:
        raise NotReady(lacks)
    if not is_again:
        network.state = Network.State.ENROLLING
    network.enrolment_closed_at = None
    network.save(update_fields=["state", "enrolment_closed_at"])
    audit.record(actor, "open_enrolment", network, now=now, network_id=network.pk)
    promote_waiting(network, actor=actor, now=now)


@transaction.atomic
def close_enrolment(network: Network, *, actor: User, now: datetime) -> None:
    """Nobody signs up or moves up until it is opened again. Offers that are out stand; HR may still invite."""
    require(actor.is_hr)
    network = Network.objects.lock(network.pk)
    if not network.takes_applications:
        raise Refused(_("Netværket er ikke åbent for tilmelding."))
    network.enrolment_closed_at = now
    network.save(update_fields=["enrolment_closed_at"])
    audit.record(actor, "close_enrolment", network, now=now, network_id=network.pk)


# --- The leader ------------------------------------------------------------------------------------------------------


@transaction.atomic
def apply(network: Network, *, actor: User, accepts_terms: bool, now: datetime) -> Application:
    """Ask for a place. When none is free, or others wait already, the request joins the waiting list."""
    leader = _own_post(actor)
    network = Network.objects.lock(network.pk)
    if network.access != Access.OPEN:
        raise Refused(_("Netværket er lukket: man er med efter invitation."))
    if not network.takes_applications:
        raise Refused(_("Netværket er ikke åbent for tilmelding lige nu."))
    _require_terms(accepts_terms)
    if network.memberships.inside().filter(leader=leader).exists():
        raise Refused(_("Du er allerede med i netværket."))
    if network.applications.filter(leader=leader, state__in=Application.STATES_OPEN).exists():
        raise Refused(_("Du har allerede en tilmelding til netværket."))
    waits = free_seats(network) == 0 or network.applications.filter(state=Application.State.WAITLISTED).exists()
    application = network.applications.create(
        leader=leader,
        state=Application.State.WAITLISTED if waits else Application.State.PENDING,
        terms_accepted_at=now,
        created_at=now,
    )
    event = audit.record(actor, "apply", application, now=now)
    tell(application, "application_received", [network.hr_contact_id], event, now=now)
    if waits:
        # Those ahead may all have been passed over; then the turn is this one's at once.
        promote_waiting(network, actor=actor, now=now)
        application.refresh_from_db()
    if application.state == Application.State.WAITLISTED:
        tell(application, "application_waitlisted", [actor.pk], event, now=now)
    return application


@transaction.atomic
def accept_invitation(network: Network, *, actor: User, accepts_terms: bool, now: datetime) -> Membership:
    """The invited leader says yes; the seat was held by the invitation."""
    leader = _own_post(actor)
    network = Network.objects.lock(network.pk)
    application = network.applications.filter(leader=leader, state=Application.State.INVITED).first()
    if application is None:
        raise Refused(_("Invitationen gælder ikke længere. Spørg HR, hvis du gerne vil være med."))
    if not network.takes_members:
        raise Refused(_("Netværket tager ikke imod medlemmer lige nu. Din invitation gælder stadig."))
    if application.answer_by and application.answer_by < today(now):
        raise Refused(_("Fristen for at svare er udløbet, og pladsen går videre til den næste på ventelisten."))
    _require_terms(accepts_terms)
    application.terms_accepted_at = now
    (membership,) = _let_in([application], "accept_invitation", actor=actor, now=now)
    return membership


@transaction.atomic
def withdraw(application: Application, *, actor: User, now: datetime) -> None:
    """The leader takes the request back, or says no to an invitation."""
    network, application = _lock(application)
    require(application.leader.user_id == actor.pk)
    _require_open(application)
    _settle(application, Application.State.WITHDRAWN, "withdraw", actor=actor, now=now)
    promote_waiting(network, actor=actor, now=now)


# --- HR decides ------------------------------------------------------------------------------------------------------


@transaction.atomic
def approve_application(application: Application, *, actor: User, now: datetime, reason: str = "") -> Membership:
    """Let the leader in. `reason` is needed when something speaks against it."""
    require(actor.is_hr)
    network, application = _lock(application)
    if application.state != Application.State.PENDING:
        raise Refused(_("Tilmeldingen venter ikke på svar. Den er måske allerede behandlet."))
    _require_takes_members(network)
    _require_current_posts([application.leader])
    _require_another([application.leader], actor)
    require_seats(network, 1)
    _settle_doubts(network, [application], reason, actor=actor, now=now)
    (membership,) = _let_in([application], "approve_application", actor=actor, now=now)
    return membership


@transaction.atomic
def reject_application(application: Application, *, reason: str, actor: User, now: datetime) -> None:
    """No place, or no longer an invitation; the reason is shown to the leader on the network's page."""
    require(actor.is_hr)
    network, application = _lock(application)
    _require_open(application)
    if not reason.strip():
        raise Refused(_("Skriv en begrundelse, som lederen kan forstå."))
    application.reason = reason.strip()
    event = _settle(application, Application.State.REJECTED, "reject_application", actor=actor, now=now)
    tell(application, "application_rejected", [application.leader.user_id], event, now=now)
    promote_waiting(network, actor=actor, now=now)


@transaction.atomic
def put_on_waiting_list(application: Application, *, actor: User, now: datetime, reason: str = "") -> None:
    """HR says yes, and the leader is offered the next free place: for a request that meets a full network."""
    require(actor.is_hr)
    network, application = _lock(application)
    if application.state not in (Application.State.PENDING, Application.State.WAITLISTED):
        raise Refused(_("Tilmeldingen venter ikke på svar. Den er måske allerede behandlet."))
    if application.is_approved_in_line:
        raise Refused(_("HR har allerede sagt ja til tilmeldingen. Lederen får den næste ledige plads tilbudt."))
    if application.state == Application.State.PENDING and free_seats(network):
        raise Refused(_("Der er en ledig plads. Godkend eller afvis tilmeldingen."))
    _require_another([application.leader], actor)
    _settle_doubts(network, [application], reason, actor=actor, now=now)
    is_news = application.state == Application.State.PENDING
    event = _settle(application, Application.State.WAITLISTED, "put_on_waiting_list", actor=actor, now=now)
    if is_news:
        tell(application, "application_waitlisted", [application.leader.user_id], event, now=now)
    promote_waiting(network, actor=actor, now=now)


@transaction.atomic
def invite(
    network: Network, *, leaders: Iterable[Leader], actor: User, now: datetime, reason: str = ""
) -> list[Application]:
    """Ask each of `leaders` to join: all of them or none. An invitation holds its seat until it is answered."""
    require(actor.is_hr)
    network = Network.objects.lock(network.pk)
    leaders = _require_candidates(network, leaders, actor)
    for leader in leaders:
        _require_outside(network, leader)
    require_seats(network, len(leaders))
    invited = [Application(network=network, leader=leader, created_at=now) for leader in leaders]
    _settle_doubts(network, invited, reason, actor=actor, now=now)
    for application in invited:
        event = _settle(application, Application.State.INVITED, "invite", actor=actor, now=now)
        tell(application, "network_invitation", [application.leader.user_id], event, now=now)
    return invited


@transaction.atomic
def enrol(
    network: Network, *, leaders: Iterable[Leader], actor: User, now: datetime, reason: str = ""
) -> list[Membership]:
    """Make each of `leaders` a member on their behalf: all of them or none."""
    require(actor.is_hr)
    network = Network.objects.lock(network.pk)
    leaders = _require_candidates(network, leaders, actor)
    asked = {
        application.leader_id: application
        for application in network.applications.filter(leader__in=leaders, state__in=Application.STATES_OPEN)
    }
    for leader in leaders:
        _require_not_member(network, leader)
    holding = sum(application.state == Application.State.INVITED for application in asked.values())
    require_seats(network, len(leaders) - holding)
    applications = [
        asked.get(leader.pk) or Application(network=network, leader=leader, created_at=now) for leader in leaders
    ]
    _settle_doubts(network, applications, reason, actor=actor, now=now)
    started = _let_in(applications, "enrol", actor=actor, now=now)
    # Someone enrolled from the line may have left a turn behind that the next can take.
    promote_waiting(network, actor=actor, now=now)
    return started


# --- Common steps ----------------------------------------------------------------------------------------------------


def _lock(application: Application) -> tuple[Network, Application]:
    """Network first, then application: the same order everywhere, so that nobody waits in a ring."""
    network = Network.objects.lock(application.network_id)
    return network, Application.objects.select_for_update().get(pk=application.pk)


def _own_post(actor: User) -> Leader:
    if actor.post is None:
        raise Refused(
            _("Kun ledere med en stilling i kommunen kan være med i et netværk. Spørg HR, hvis det ikke passer.")
        )
    return actor.post


def _require_terms(accepts_terms: bool) -> None:
    if not accepts_terms:
        raise Refused(_("Sæt flueben ved, at du går med til deltagerforholdene."))


def _require_takes_members(network: Network) -> None:
    if not network.takes_members:
        raise Refused(_("Netværket tager ikke imod medlemmer lige nu."))


def _require_candidates(network: Network, leaders: Iterable[Leader], actor: User) -> list[Leader]:
    leaders = list({leader.pk: leader for leader in leaders}.values())
    if not leaders:
        raise Refused(_("Vælg mindst én leder."))
    _require_takes_members(network)
    _require_current_posts(leaders)
    _require_another(leaders, actor)
    return leaders


def _require_another(leaders: Iterable[Leader], actor: User) -> None:
    """Nobody in HR gives themselves a seat: it opens the members' room, which is closed to HR."""
    if any(leader.user_id == actor.pk for leader in leaders):
        raise Refused(_("Du kan ikke give dig selv en plads. Bed en kollega i HR om det."))


def _require_current_posts(leaders: list[Leader]) -> None:
    current = Leader.objects.current().filter(pk__in=[leader.pk for leader in leaders]).count()
    if current != len(leaders):
        raise Refused(_("En af lederne har ikke længere sin stilling og kan ikke blive medlem."))


def _require_not_member(network: Network, leader: Leader) -> None:
    if network.memberships.inside().filter(leader=leader).exists():
        raise Refused(_("%(leader)s er allerede med i netværket.") % {"leader": leader.user})


def _require_outside(network: Network, leader: Leader) -> None:
    _require_not_member(network, leader)
    if network.applications.filter(leader=leader, state__in=Application.STATES_OPEN).exists():
        raise Refused(_("%(leader)s har allerede en tilmelding eller invitation.") % {"leader": leader.user})


def _settle_doubts(network: Network, applications: list[Application], reason: str, *, actor: User, now) -> None:
    """Where something speaks against a leader, HR's reason is kept with the application; without one it stops here."""
    inside = [membership.leader for membership in network.memberships.inside().select_related("leader__user")]
    beside = inside + [application.leader for application in applications]
    hierarchy = Hierarchy()
    doubts = [
        (application, composition.concerns(network, application.leader, beside, hierarchy))
        for application in applications
        if not application.override_reason
    ]
    doubts = [(application, concerns) for application, concerns in doubts if concerns]
    if doubts and not reason.strip():
        raise NeedsReason([(application.leader, concerns) for application, concerns in doubts])
    for application, _concerns in doubts:
        application.override_reason = reason.strip()
        application.save()
        audit.record(actor, "override_composition", application, now=now)


def _require_open(application: Application) -> None:
    if application.state not in Application.STATES_OPEN:
        raise Refused(_("Tilmeldingen er allerede afgjort."))


def _settle(application: Application, state, verb: str, *, actor: User, now: datetime):
    application.state = state
    application.decided_by = actor
    application.decided_at = now
    application.save()
    return audit.record(actor, verb, application, now=now)


def _let_in(applications: list[Application], verb: str, *, actor: User, now: datetime) -> list[Membership]:
    """The one place where a membership begins. Those who come together are told of in one mail."""
    came = [_seat(application, verb, actor=actor, now=now) for application in applications]
    tell_the_group(came[0].network, came, now=now)
    return came


def _seat(application: Application, verb: str, *, actor: User, now: datetime) -> Membership:
    event = _settle(application, Application.State.APPROVED, verb, actor=actor, now=now)
    membership = Membership.objects.create(
        network_id=application.network_id,
        leader=application.leader,
        joined_on=today(now),
        kept_reason=application.override_reason,
        kept_facts=facts_of(application.leader) if application.override_reason else "",
    )
    membership_started.send(sender=Membership, membership=membership, actor=actor, now=now)
    tell(application, "application_approved", [application.leader.user_id], event, now=now)
    return membership
