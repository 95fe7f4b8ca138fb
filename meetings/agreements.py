"""Aftaler: what the group has agreed at its meetings, who does it, and by when. The members' alone."""

from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from meetings import days
from meetings.models import Agreement, Meeting
from meetings.models.agreement import AgreementQuerySet
from members import audit, outbox
from members.danish import wall_to_utc
from members.models import Message, User
from networks.conflicts import is_saved
from networks.models import Membership, Network
from networks.permissions import is_active_member, is_coordinator
from networks.refusal import Refused, require

DUE = "agreement_due"
REMINDED_AT = time(8)
SHOWN_AT_HOME = timedelta(days=14)

State = Agreement.State


# --- Who may, and when -----------------------------------------------------------------------------------------------


def takes_agreements(meeting: Meeting, now: datetime) -> bool:
    """From its beginning until it is closed."""
    is_on = meeting.state in (Meeting.State.CONVENED, Meeting.State.HELD)
    return is_on and not meeting.is_closed and meeting.starts_at <= now


def can_change(user: User, agreement: Agreement) -> bool:
    """Any member while the meeting is open; then only who does it and when, by those it rests on."""
    if not agreement.meeting.is_closed:
        return is_active_member(user, agreement.network)
    return agreement.is_open and rests_on(user, agreement)


def rests_on(user: User, agreement: Agreement) -> bool:
    """Its owner and the coordinator; the whole group's rests on each of them."""
    if not is_active_member(user, agreement.network):
        return False
    return agreement.owner_id == user.pk or agreement.is_everyones or is_coordinator(user, agreement.network)


# --- Reading ---------------------------------------------------------------------------------------------------------


def from_earlier(meeting: Meeting) -> AgreementQuerySet:
    """What is still open of what was agreed before `meeting`: it is taken up first."""
    earlier = meeting.network.agreements.open().filter(meeting__starts_at__lt=meeting.starts_at)
    return earlier.exclude(meeting=meeting).by_date()


def awaiting(user: User, today: date) -> AgreementQuerySet:
    """What `user` is to do before long: overdue, due within two weeks, or without a date."""
    return (
        Agreement.objects.open()
        .filter(owner=user, network__in=_networks_of(user))
        .filter(Q(due_on=None) | Q(due_on__lte=today + SHOWN_AT_HOME))
        .select_related("network")
        .by_date()
    )


def unowned_for(user: User) -> AgreementQuerySet:
    """Those `user`, as coordinator, should find somebody for."""
    theirs = Agreement.objects.unowned().filter(network__in=_networks_of(user, is_coordinator=True))
    return theirs.select_related("network").defer("text").order_by("network__sort_text", "pk")


def _networks_of(user: User, **membership):
    memberships = Membership.objects.active().filter(leader__user=user, leader__user__is_active=True, **membership)
    return memberships.values("network")


def stands(meeting: Meeting, *, text: str, **terms) -> bool:
    """Whether just this has been agreed at `meeting`; the words are ciphertext in the database."""
    return any(agreement.text == text for agreement in meeting.agreements.filter(**terms))


def members_of(network: Network) -> list[User]:
    """Those who can take something on."""
    users = User.objects.filter(is_active=True, posts__memberships__in=network.memberships.active())
    return list(users.distinct().order_by("sort_text", "pk"))


# --- Acts ------------------------------------------------------------------------------------------------------------


@transaction.atomic
def agree(
    meeting: Meeting,
    *,
    actor: User,
    text: str,
    owner: User | None,
    is_everyones: bool,
    now: datetime,
    due_on: date | None = None,
    form_key: UUID | None = None,
) -> Agreement:
    """Note an agreement. The same form sent twice makes one."""
    meeting = lock_meeting(meeting, actor)
    if form_key and (known := Agreement.objects.filter(form_key=form_key, meeting=meeting).first()):
        return known
    if not takes_agreements(meeting, now):
        raise Refused(_closed_or_not_begun(meeting))
    _require_one_who_does_it(meeting.network, owner, is_everyones)
    agreement = Agreement.objects.create(
        network=meeting.network,
        meeting=meeting,
        text=text,
        owner=owner,
        is_everyones=is_everyones,
        due_on=due_on,
        created_by=actor,
        created_at=now,
        **({"form_key": form_key} if form_key else {}),
    )
    _remind(agreement, now)
    audit.record(actor, "agree", agreement, now=now)
    return agreement


@transaction.atomic
def change(
    agreement: Agreement,
    *,
    actor: User,
    owner: User | None,
    is_everyones: bool,
    seen: int,
    now: datetime,
    due_on: date | None = None,
    text: str | None = None,
) -> Agreement:
    """Save over the version that was read, `seen`. The words themselves stand once the meeting is closed."""
    meeting = lock_meeting(agreement.meeting, actor)
    agreement = _locked(agreement, meeting)
    require(can_change(actor, agreement))
    answer = {"owner": owner, "is_everyones": is_everyones, "due_on": due_on}
    if text is not None:
        answer["text"] = text
    if is_saved(agreement, seen, _("En anden har gemt aftalen, mens du skrev."), **answer):
        return agreement
    if text is not None and text != agreement.text:
        if meeting.is_closed:
            raise Refused(_("Mødet er afsluttet, så teksten kan ikke ændres. Frist og ansvarlig kan stadig ændres."))
        agreement.text = text
    if (owner, is_everyones) != (agreement.owner, agreement.is_everyones):
        _require_one_who_does_it(meeting.network, owner, is_everyones)
    agreement.owner, agreement.is_everyones, agreement.due_on = owner, is_everyones, due_on
    return _save(agreement, "change_agreement", actor=actor, now=now)


@transaction.atomic
def settle(agreement: Agreement, *, actor: User, state: str, now: datetime) -> bool:
    """Done, no longer wanted, or open again; False when it is so already. The meeting may long be closed."""
    agreement = _locked(agreement)
    require(rests_on(actor, agreement))
    if agreement.state == state:
        return False
    agreement.state = State(state)
    agreement.settled_at = None if agreement.is_open else now
    _save(agreement, "settle_agreement", actor=actor, now=now)
    return True


@transaction.atomic
def release(network: Network, user: int, *, now: datetime) -> int:
    """One who has left is asked for nothing more: what they had open waits for the coordinator to find another."""
    if network.memberships.active().filter(leader__user=user).exists():
        return 0  # still here by another post
    left = list(Agreement.objects.select_for_update().filter(network=network, owner=user, state=State.OPEN))
    for agreement in left:
        agreement.owner = None
        agreement.version += 1
        agreement.save(update_fields=["owner", "version"])
        outbox.supersede(DUE, subject_id=agreement.pk, now=now)
    return len(left)


def lock_meeting(meeting: Meeting, actor: User) -> Meeting:
    """The meeting as it is now, held until the transaction ends, for one of its network's members."""
    # The network first, as whoever takes both does: a new row that names it would wait for them, and they for us.
    Network.objects.lock(meeting.network_id)
    meeting = Meeting.objects.select_for_update(of=("self",)).select_related("network").get(pk=meeting.pk)
    require(is_active_member(actor, meeting.network))
    return meeting


def _locked(agreement: Agreement, meeting: Meeting | None = None) -> Agreement:
    agreement = (
        Agreement.objects.select_for_update(of=("self",))
        .select_related("owner", "meeting", "network")
        .get(pk=agreement.pk)
    )
    if meeting is not None:
        agreement.meeting, agreement.network = meeting, meeting.network
    return agreement


def _require_one_who_does_it(network: Network, owner: User | None, is_everyones: bool) -> None:
    if is_everyones == (owner is not None) or (owner is not None and not is_active_member(owner, network)):
        raise Refused(_("Vælg et medlem af netværket eller hele gruppen."))


def _closed_or_not_begun(meeting: Meeting) -> str:
    if meeting.is_closed:
        return _("Mødet er afsluttet, så der kan ikke skrives flere aftaler. Tovholderen kan genåbne det.")
    if meeting.state == Meeting.State.CANCELLED:
        return _("Mødet er aflyst.")
    return _("Der kan skrives aftaler, når mødet er begyndt.")


def _save(agreement: Agreement, verb: str, *, actor: User, now: datetime) -> Agreement:
    agreement.version += 1
    agreement.save()
    outbox.supersede(DUE, subject_id=agreement.pk, now=now)
    _remind(agreement, now)
    audit.record(actor, verb, agreement, now=now)
    return agreement


# --- Reminding the owner ---------------------------------------------------------------------------------------------


def reminded_at(due_on: date) -> datetime:
    """At eight on the day it is due; when nobody is at work then, on the last working day before."""
    while due_on.weekday() >= 5 or days.public_holiday(due_on):
        due_on -= timedelta(days=1)
    return wall_to_utc(due_on, REMINDED_AT)


def remind_forgotten(now: datetime) -> int:
    """Reminders that should stand in the outbox and do not."""
    ahead = Agreement.objects.open().filter(owner__is_active=True, due_on__gt=now.date()).defer("text")
    there = set(Message.objects.filter(kind=DUE).values_list("subject_id", "sequence"))
    return sum(_remind(agreement, now) for agreement in ahead if (agreement.pk, agreement.version) not in there)


def _remind(agreement: Agreement, now: datetime) -> int:
    """Put its reminder in the outbox, one for each version; what is settled, past or nobody's has none."""
    if not agreement.is_open or agreement.owner_id is None or agreement.due_on is None:
        return 0
    at = reminded_at(agreement.due_on)
    if at <= now:
        return 0
    return outbox.enqueue(
        DUE,
        subject_id=agreement.pk,
        recipients=[agreement.owner_id],
        sequence=agreement.version,
        now=now,
        due_at=at,
        useless_after=at + timedelta(days=7),
    )
