"""Høring: HR sends a draft to chosen people, they reply, HR may send a new version, and closes it."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, Subquery
from django.utils.translation import gettext as _

from members import audit, outbox
from members.danish import today, wall_to_utc
from members.models import User
from networks.basis_versions import texts_of
from networks.models import Consultation, ConsultationReply, ConsultationVersion, Network
from networks.refusal import Refused, require

REMINDED_DAYS_BEFORE = 2
MORNING = time(8, 0)
TIMED_KINDS = ("consultation_reminder", "consultation_due")


def has_unsent_changes(consultation: Consultation) -> bool:
    """Whether HR has changed the draft since those asked last got it."""
    return consultation.versions.last().texts != texts_of(consultation.network)


# --- Preparing -------------------------------------------------------------------------------------------------------


def unfinished(network: Network) -> Consultation | None:
    return network.consultations.unfinished().first()


@transaction.atomic
def add_people(network: Network, *, people: Iterable[User], actor: User, now: datetime) -> list[ConsultationReply]:
    """Choose whom to ask; while it is out, they are asked at once."""
    require(actor.is_hr)
    network = _lock_editable(network)
    people = [person for person in people if person.is_active]
    if not people:
        raise Refused(_("Vælg mindst én person."))
    consultation, _is_new = network.consultations.unfinished().get_or_create(network=network)
    known = set(consultation.replies.values_list("user", flat=True))
    added = [consultation.replies.create(user=person) for person in people if person.pk not in known]
    audit.record(actor, "choose_for_consultation", consultation, now=now)
    if consultation.is_open:
        _ask(consultation, added, now=now)
    return added


@transaction.atomic
def remove_person(reply: ConsultationReply, *, actor: User, now: datetime) -> None:
    """Leave someone out again, before anything is sent."""
    require(actor.is_hr)
    consultation = Consultation.objects.select_for_update().get(pk=reply.consultation_id)
    if consultation.opened_at:
        raise Refused(_("Høringen er sendt. Den, der er spurgt, kan ikke tages ud igen."))
    audit.record(actor, "leave_out_of_consultation", consultation, now=now)
    reply.delete()


@transaction.atomic
def consult(network: Network, *, deadline: date, question: str = "", actor: User, now: datetime) -> Consultation:
    """Send the draft i høring to those chosen."""
    require(actor.is_hr)
    network = _lock_editable(network)
    consultation = unfinished(network)
    if consultation is None or not consultation.replies.exists():
        raise Refused(_("Vælg, hvem der skal høres, før du sender."))
    if consultation.opened_at:
        raise Refused(_("Grundlaget er allerede i høring."))
    if not network.purpose.strip():
        raise Refused(_("Skriv formålet, før grundlaget sendes i høring."))
    _require_ahead(deadline, now)
    consultation.deadline, consultation.question, consultation.opened_at = deadline, question.strip(), now
    consultation.save()
    network.state = Network.State.IN_CONSULTATION
    network.save(update_fields=["state"])
    _keep_version(consultation, 1, actor=actor, now=now)
    audit.record(actor, "consult", consultation, now=now)
    _ask(consultation, consultation.replies.all(), now=now)
    _tell_when_due(consultation, now=now)
    return consultation


# --- While it is out -------------------------------------------------------------------------------------------------


@transaction.atomic
def reply(
    consultation: Consultation, *, text: str, actor: User, now: datetime, seen: int | None = None
) -> ConsultationReply:
    """What one of those asked thinks of version `seen`. It may be changed until HR closes the høring."""
    consultation = _lock_open(consultation)
    mine = consultation.replies.filter(user=actor).first() if actor.is_active else None
    require(mine is not None)
    if not text.strip():
        raise Refused(_("Skriv dit svar. Har du ingen bemærkninger, så skriv det."))
    latest = consultation.versions.last().number
    # A version sent while the answer was written is not what was answered.
    mine.text, mine.replied_at, mine.version = text.strip(), now, min(seen or latest, latest)
    mine.save()
    audit.record(actor, "reply_to_consultation", consultation, now=now)
    outbox.supersede("consultation_reminder", subject_id=consultation.pk, recipients=[actor.pk], now=now)
    return mine


@transaction.atomic
def send_new_version(consultation: Consultation, *, actor: User, now: datetime) -> ConsultationVersion:
    """Let those asked read the draft as HR has changed it. Their replies stand, and may be changed."""
    require(actor.is_hr)
    consultation = _lock_open(consultation)
    if not has_unsent_changes(consultation):
        raise Refused(_("Grundlaget er ikke ændret, siden det sidst blev sendt."))
    version = _keep_version(consultation, consultation.versions.last().number + 1, actor=actor, now=now)
    audit.record(actor, "send_new_version", consultation, now=now)
    outbox.enqueue(
        "consultation_revised",
        subject_id=consultation.pk,
        recipients=_people(consultation.replies.all()),
        sequence=version.number,
        now=now,
    )
    return version


@transaction.atomic
def move_deadline(consultation: Consultation, *, deadline: date, actor: User, now: datetime) -> Consultation:
    require(actor.is_hr)
    consultation = _lock_open(consultation)
    _require_ahead(deadline, now)
    if deadline == consultation.deadline:
        raise Refused(_("Det er allerede fristen."))
    consultation.deadline = deadline
    consultation.save(update_fields=["deadline"])
    audit.record(actor, "move_consultation_deadline", consultation, now=now)
    outbox.supersede(TIMED_KINDS, subject_id=consultation.pk, now=now)
    _remind(consultation, consultation.replies.filter(replied_at__isnull=True), now=now)
    _tell_when_due(consultation, now=now)
    return consultation


@transaction.atomic
def close(consultation: Consultation, *, actor: User, now: datetime) -> Consultation:
    """No more replies; the draft is HR's again, to finish and send to the sponsor."""
    require(actor.is_hr)
    network = Network.objects.lock(consultation.network_id)
    consultation = _lock_open(consultation)
    consultation.closed_at = now
    consultation.save(update_fields=["closed_at"])
    network.state = Network.State.DRAFT
    network.save(update_fields=["state"])
    audit.record(actor, "close_consultation", consultation, now=now)
    outbox.supersede(("consultation_opened", "consultation_revised", *TIMED_KINDS), subject_id=consultation.pk, now=now)
    return consultation


def owed_by(user: User):
    """What `user` has been asked and not yet answered, the nearest deadline first."""
    return (
        ConsultationReply.objects.filter(
            user=user,
            replied_at__isnull=True,
            consultation__opened_at__isnull=False,
            consultation__closed_at__isnull=True,
        )
        .select_related("consultation__network")
        .order_by("consultation__deadline", "pk")
    )


def for_list(user: User):
    """Each høring `user` may read, with how many were asked and have answered, and whether and when `user` has."""
    mine = ConsultationReply.objects.filter(consultation=OuterRef("pk"), user=user)
    return (
        Consultation.objects.visible_to(user)
        .select_related("network")
        .annotate(
            asked=Count("replies"),
            replied=Count("replies", filter=Q(replies__replied_at__isnull=False)),
            my_asking=Exists(mine),
            my_reply=Subquery(mine.values("replied_at")[:1]),
        )
    )


# --- Common steps ----------------------------------------------------------------------------------------------------


def _lock_editable(network: Network) -> Network:
    network = Network.objects.lock(network.pk)
    if not network.is_editable:
        raise Refused(_("Grundlaget kan ikke sendes i høring længere: det er sendt til godkendelse eller godkendt."))
    return network


def _lock_open(consultation: Consultation) -> Consultation:
    consultation = Consultation.objects.select_for_update().get(pk=consultation.pk)
    if not consultation.is_open:
        raise Refused(_("Høringen er lukket."))
    return consultation


def _require_ahead(deadline: date, now: datetime) -> None:
    if deadline <= today(now):
        raise Refused(_("Vælg en frist, der ligger efter i dag."))


def _keep_version(consultation: Consultation, number: int, *, actor: User, now: datetime) -> ConsultationVersion:
    texts = texts_of(consultation.network)
    return consultation.versions.create(number=number, texts=texts, sent_by=actor, sent_at=now)


def _ask(consultation: Consultation, replies: Iterable[ConsultationReply], *, now: datetime) -> None:
    recipients = _people(replies)
    outbox.enqueue("consultation_opened", subject_id=consultation.pk, recipients=recipients, now=now)
    _remind(consultation, replies, now=now)


def _remind(consultation: Consultation, replies: Iterable[ConsultationReply], *, now: datetime) -> None:
    """One reminder each, some days before; the day it is about makes a moved deadline its own reminder."""
    due_at = wall_to_utc(consultation.deadline - timedelta(days=REMINDED_DAYS_BEFORE), MORNING)
    if due_at > now:
        outbox.enqueue(
            "consultation_reminder",
            subject_id=consultation.pk,
            recipients=_people(replies),
            sequence=consultation.deadline.toordinal(),
            due_at=due_at,
            useless_after=wall_to_utc(consultation.deadline + timedelta(days=1), time(0, 0)),
            now=now,
        )


def _tell_when_due(consultation: Consultation, *, now: datetime) -> None:
    """HR hears the morning after the deadline how many have answered."""
    if consultation.network.hr_contact_id:
        outbox.enqueue(
            "consultation_due",
            subject_id=consultation.pk,
            recipients=[consultation.network.hr_contact_id],
            sequence=consultation.deadline.toordinal(),
            due_at=wall_to_utc(consultation.deadline + timedelta(days=1), MORNING),
            now=now,
        )


def _people(replies: Iterable[ConsultationReply]) -> list[int]:
    return [reply.user_id for reply in replies]
