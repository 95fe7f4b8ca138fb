"""The charter: ground rules and values the members propose, answer and live by. Nobody else has a say or a look."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from members import audit, outbox
from members.danish import today
from members.models import User
from networks import permissions
from networks.conflicts import ChangedMeanwhile, says
from networks.models import Application, Charter, CharterAnswer, CharterDraft, CharterRevision, Membership, Network
from networks.refusal import Refused, require

SHORTEST, LONGEST, USUAL = timedelta(days=2), timedelta(days=60), timedelta(days=14)
TO_READ_A_CHANGE = timedelta(days=7)
FEWEST_VALUES, MOST_VALUES = 3, 5
OPEN, IN_EFFECT = Charter.State.PROPOSED, Charter.State.IN_EFFECT
KINDS_OF_PROPOSAL = ("charter_proposed", "charter_changed")


@dataclass(frozen=True)
class Text:
    """What a charter says."""

    ground_rules: str
    values: str
    opens_with_here_and_now: bool = True

    @classmethod
    def of(cls, charter: Charter | CharterRevision) -> "Text":
        return cls(charter.ground_rules, charter.values, charter.opens_with_here_and_now)


# --- Reading ---------------------------------------------------------------------------------------------------------


def in_effect(network: Network) -> Charter | None:
    return network.charters.filter(state=IN_EFFECT).first()


def proposal(network: Network) -> Charter | None:
    return network.charters.filter(state=OPEN).select_related("proposed_by").first()


def awaiting(user: User) -> QuerySet[Charter]:
    """Charters `user` has not answered: open proposals, and those in effect they have not said yes to."""
    mine = Membership.objects.active().filter(leader__user=user, network=OuterRef("network"))
    answered = CharterAnswer.objects.filter(
        charter=OuterRef("pk"), membership__leader__user=user, membership__state=Membership.State.ACTIVE
    )
    said_yes = answered.filter(answer=CharterAnswer.Answer.CONSENTS)
    charters = Charter.objects.filter(Exists(mine), network__state=Network.State.ACTIVE)
    awaits = charters.filter(~Exists(answered), state=OPEN) | charters.filter(~Exists(said_yes), state=IN_EFFECT)
    return awaits.select_related("network").order_by("network__sort_text", "-number")


@dataclass(frozen=True)
class Standing:
    """How an open proposal stands among those who are members now."""

    members: int
    consents: list[CharterAnswer]
    objections: list[CharterAnswer]

    @property
    def unanswered(self) -> int:
        return self.members - len(self.consents) - len(self.objections)

    @property
    def is_unanimous(self) -> bool:
        return self.members > 0 and len(self.consents) == self.members

    @property
    def carries_at_deadline(self) -> bool:
        return not self.objections and self.members > 0 and 3 * len(self.consents) >= 2 * self.members


def standing(charter: Charter) -> Standing:
    members = set(Membership.objects.active().filter(network=charter.network_id).values_list("pk", flat=True))
    answers = [
        answer
        for answer in charter.answers.select_related("membership__leader__user")
        if answer.membership_id in members
    ]
    return Standing(
        len(members),
        [answer for answer in answers if answer.answer == CharterAnswer.Answer.CONSENTS],
        [answer for answer in answers if answer.answer == CharterAnswer.Answer.OBJECTS],
    )


# --- Proposing -------------------------------------------------------------------------------------------------------


@transaction.atomic
def propose(
    network: Network, *, actor: User, text: Text, deadline: date, seen: int | None, now: datetime, note: str = ""
) -> Charter:
    """Put a new version before the members. `seen` is the charter in effect that the proposer has read, by its id."""
    network, membership = _enter(network, actor)
    other, current = proposal(network), in_effect(network)
    answer = {"proposed_by": actor, "note": note, "deadline": deadline, **asdict(text)}
    twin = other or (current if current is not None and current.pk != seen else None)
    if twin is not None and says(twin, **answer):
        return twin  # the same form sent twice
    if other is not None:
        raise ChangedMeanwhile(_("Der er allerede et forslag, som I er ved at tage stilling til."), other)
    if current is not None and current.pk != seen:
        raise ChangedMeanwhile(_("En ny aftale er trådt i kraft, mens du skrev."), current)
    if current is not None and Text.of(current) == text:
        raise Refused(_("Forslaget siger det samme som den aftale, der gælder."))
    _require_deadline(deadline, now)
    latest = network.charters.order_by("-number").values_list("number", flat=True).first() or 0
    charter = Charter.objects.create(
        network=network,
        number=latest + 1,
        note=note,
        deadline=deadline,
        proposed_by=actor,
        proposed_at=now,
        **asdict(text),
    )
    audit.record(actor, "propose_charter", charter, now=now)
    CharterDraft.objects.filter(membership=membership).delete()
    _answer(charter, membership, CharterAnswer.Answer.CONSENTS, now=now)
    _tell_others("charter_proposed", charter, actor=actor, now=now)
    _settle(charter, actor=actor, now=now)
    return charter


def draft_of(user: User, network: Network) -> CharterDraft | None:
    return CharterDraft.objects.filter(membership=permissions.membership_of(user, network)).first()


def save_draft(network: Network, *, actor: User, text: Text, note: str, now: datetime) -> CharterDraft:
    """Keep a text that could not be proposed, for its writer alone."""
    membership = permissions.membership_of(actor, network)
    require(membership is not None)
    values = asdict(text) | {"note": note, "saved_at": now}
    return CharterDraft.objects.update_or_create(membership=membership, defaults=values)[0]


@transaction.atomic
def change(charter: Charter, *, actor: User, text: Text, is_substance: bool, seen: int, now: datetime) -> Charter:
    """Mend the wording, which keeps every yes, or change the substance, which asks again. The old text is kept.

    The proposer changes an open proposal. Any member may mend the wording of what is in effect; a change of its
    substance is a proposal. `seen` is the revision the member has read.
    """
    charter, membership = _enter_charter(charter, actor)
    require(can_change(actor, charter))
    if charter.is_in_effect and is_substance:
        raise Refused(_("Den gældende aftale kan kun rettes i ordlyden. Foreslå en ny version i stedet."))
    if charter.revision != seen:
        if _was_last_changed_so(charter, text, is_substance=is_substance):
            return charter
        raise ChangedMeanwhile(_("En anden har rettet teksten, mens du skrev."), charter)
    if Text.of(charter) == text:
        raise Refused(_("Der er ikke ændret noget i teksten."))
    if charter.opens_with_here_and_now != text.opens_with_here_and_now and not is_substance:
        raise Refused(_("At begynde eller ikke begynde med en her og nu-runde er mere end ordlyd."))
    CharterRevision.objects.create(
        charter=charter,
        number=charter.revision,
        was_substance=is_substance,
        changed_by=actor,
        changed_at=now,
        **asdict(Text.of(charter)),
    )
    for name, value in asdict(text).items():
        setattr(charter, name, value)
    charter.revision += 1
    if is_substance:
        charter.substance_revision = charter.revision
        charter.deadline = max(charter.deadline, today(now) + TO_READ_A_CHANGE)
        charter.answers.all().delete()
        _answer(charter, membership, CharterAnswer.Answer.CONSENTS, now=now)
    charter.save(update_fields=[*asdict(text), "revision", "substance_revision", "deadline"])
    audit.record(actor, "change_charter" if is_substance else "reword_charter", charter, now=now)
    _tell_others("charter_changed", charter, actor=actor, now=now, sequence=charter.revision)
    return charter


@transaction.atomic
def withdraw(charter: Charter, *, actor: User, now: datetime) -> None:
    """The proposer takes an open proposal back; a coordinator may, when the proposer has gone."""
    charter, _membership = _enter_charter(charter, actor)
    require(can_withdraw(actor, charter))
    _require_open(charter)
    _close(charter, Charter.State.WITHDRAWN, "withdraw_charter", actor=actor, now=now)


# --- Answering -------------------------------------------------------------------------------------------------------


@transaction.atomic
def consent(charter: Charter, *, actor: User, seen: int, now: datetime) -> Charter:
    """Say yes: to a proposal, or on joining to what is in effect."""
    charter, membership = _enter_charter(charter, actor)
    _require_answerable(charter, seen)
    _answer(charter, membership, CharterAnswer.Answer.CONSENTS, now=now)
    audit.record(actor, "consent_to_charter", charter, now=now)
    if charter.is_open:
        _settle(charter, actor=actor, now=now)
    return charter


@transaction.atomic
def object_to(charter: Charter, *, actor: User, reason: str, seen: int, now: datetime) -> Charter:
    """Say no for now, and why: the members read it, and it stands until it is taken back."""
    charter, membership = _enter_charter(charter, actor)
    _require_open(charter)
    _require_answerable(charter, seen)
    if not reason.strip():
        raise Refused(_("Skriv, hvad der skal til, for at du kan sige ja."))
    _answer(charter, membership, CharterAnswer.Answer.OBJECTS, reason=reason, now=now)
    audit.record(actor, "object_to_charter", charter, now=now)
    return charter


def settle_due(*, now: datetime) -> int:
    """Let time do its part: what all have agreed to since someone left, and what has reached its deadline."""
    settled = 0
    for pk in Charter.objects.filter(state=OPEN, network__state=Network.State.ACTIVE).values_list("pk", flat=True):
        with transaction.atomic():
            charter = Charter.objects.select_related("network").get(pk=pk)
            Network.objects.lock(charter.network_id)
            charter.refresh_from_db()
            if charter.is_open:
                _settle(charter, actor=None, now=now)
                settled += not charter.is_open
    return settled


# --- Showing the ground rules ----------------------------------------------------------------------------------------


@transaction.atomic
def show_ground_rules(network: Network, *, actor: User, now: datetime) -> None:
    """The coordinator lets applicants read the ground rules, on the group's word."""
    network, membership = _enter(network, actor)
    require(membership.is_coordinator)
    charter = in_effect(network)
    if charter is None:
        raise Refused(_("I har ingen gældende aftale at vise endnu."))
    _set_shown(charter, True, "show_ground_rules", actor=actor, now=now)


@transaction.atomic
def hide_ground_rules(network: Network, *, actor: User, now: datetime) -> None:
    """Any member may take them back into the room."""
    network, _membership = _enter(network, actor)
    charter = in_effect(network)
    if charter is not None:
        _set_shown(charter, False, "hide_ground_rules", actor=actor, now=now)


def shown_ground_rules(user: User, network: Network) -> list[str]:
    """The ground rules, for a leader who has applied, is invited or may apply, when the group shows them.

    Never for those whose part is to look from above or from outside, whatever post they hold.
    """
    if user.is_hr or user.is_top_management or permissions.is_sponsor(user, network):
        return []
    if permissions.is_active_member(user, network) or user.post is None:
        return []
    has_asked = network.applications.filter(leader__user=user, state__in=Application.STATES_OPEN).exists()
    if not network.takes_applications and not has_asked:
        return []
    charter = network.charters.filter(state=IN_EFFECT, shows_ground_rules=True).first()
    return charter.rule_list if charter else []


# --- Who may ---------------------------------------------------------------------------------------------------------


def can_work(user: User, network: Network) -> bool:
    """The room is worked in while the network is active; before the start there is none, afterwards it is read."""
    return network.state == Network.State.ACTIVE and permissions.is_active_member(user, network)


def can_change(user: User, charter: Charter) -> bool:
    if charter.is_in_effect:
        return permissions.is_active_member(user, charter.network)
    return charter.is_open and charter.proposed_by_id == user.pk


def can_withdraw(user: User, charter: Charter) -> bool:
    if charter.proposed_by_id == user.pk:
        return True
    return permissions.is_coordinator(user, charter.network) and not _is_proposer_here(charter)


def _is_proposer_here(charter: Charter) -> bool:
    return charter.network.memberships.active().filter(leader__user=charter.proposed_by_id).exists()


# --- Common ----------------------------------------------------------------------------------------------------------


def _was_last_changed_so(charter: Charter, text: Text, *, is_substance: bool) -> bool:
    before = charter.revisions.order_by("-number").first()
    return Text.of(charter) == text and before is not None and before.was_substance == is_substance


def _enter(network: Network, actor: User) -> tuple[Network, Membership]:
    """The network locked, so that the members' acts on its charter wait in line, and the actor's seat in it."""
    network = Network.objects.lock(network.pk)
    membership = permissions.membership_of(actor, network)
    require(membership is not None)
    if network.state != Network.State.ACTIVE:
        raise Refused(_("Aftalen kan kun ændres, mens netværket er aktivt."))
    return network, membership


def _enter_charter(charter: Charter, actor: User) -> tuple[Charter, Membership]:
    network, membership = _enter(charter.network, actor)
    charter = Charter.objects.get(pk=charter.pk)
    charter.network = network
    return charter, membership


def _require_open(charter: Charter) -> None:
    if not charter.is_open:
        raise Refused(_("Forslaget er afgjort i mellemtiden."))


def _require_answerable(charter: Charter, seen: int) -> None:
    if not (charter.is_open or charter.is_in_effect):
        raise Refused(_("Forslaget er afgjort i mellemtiden."))
    if seen < charter.substance_revision:
        raise Refused(_("Forslaget er ændret, siden du læste det. Læs det igen, før du svarer."))


def _require_deadline(deadline: date, now: datetime) -> None:
    if not today(now) + SHORTEST <= deadline <= today(now) + LONGEST:
        raise Refused(_("Svarfristen skal ligge mellem to dage og to måneder fra i dag."))


def _answer(charter: Charter, membership: Membership, answer: str, *, now: datetime, reason: str = "") -> None:
    CharterAnswer.objects.update_or_create(
        charter=charter,
        membership=membership,
        defaults={"answer": answer, "reason": reason, "revision": charter.revision, "answered_at": now},
    )


def _settle(charter: Charter, *, actor: User | None, now: datetime) -> None:
    stand = standing(charter)
    is_over = today(now) > charter.deadline
    if stand.is_unanimous or (is_over and stand.carries_at_deadline):
        _take_effect(charter, actor=actor, now=now)
    elif is_over:
        _close(charter, Charter.State.LAPSED, "lapse_charter", actor=None, now=now)
        outbox.enqueue("charter_lapsed", subject_id=charter.pk, recipients=_members_of(charter), now=now)


def _take_effect(charter: Charter, *, actor: User | None, now: datetime) -> None:
    before = in_effect(charter.network)
    if before is not None:
        before.state, before.settled_at = Charter.State.REPLACED, now
        before.save(update_fields=["state", "settled_at"])
        charter.shows_ground_rules = before.shows_ground_rules
        outbox.supersede("charter_in_effect", subject_id=before.pk, now=now)
    charter.state, charter.effective_at = IN_EFFECT, now
    charter.save(update_fields=["state", "effective_at", "shows_ground_rules"])
    audit.record(actor, "charter_takes_effect", charter, now=now)
    outbox.supersede(KINDS_OF_PROPOSAL, subject_id=charter.pk, now=now)
    outbox.enqueue("charter_in_effect", subject_id=charter.pk, recipients=_members_of(charter), now=now)


def _close(charter: Charter, state: str, verb: str, *, actor: User | None, now: datetime) -> None:
    charter.state, charter.settled_at = state, now
    charter.save(update_fields=["state", "settled_at"])
    audit.record(actor, verb, charter, now=now)
    outbox.supersede(KINDS_OF_PROPOSAL, subject_id=charter.pk, now=now)


def _set_shown(charter: Charter, is_shown: bool, verb: str, *, actor: User, now: datetime) -> None:
    if charter.shows_ground_rules != is_shown:
        charter.shows_ground_rules = is_shown
        charter.save(update_fields=["shows_ground_rules"])
        audit.record(actor, verb, charter, now=now)


def _members_of(charter: Charter) -> Iterable[int]:
    return charter.network.memberships.active().values_list("leader__user_id", flat=True)


def _tell_others(kind: str, charter: Charter, *, actor: User, now: datetime, sequence: int = 0) -> None:
    others = [user for user in _members_of(charter) if user != actor.pk]
    outbox.enqueue(kind, subject_id=charter.pk, recipients=others, sequence=sequence, now=now)


def welcome(membership: Membership, *, now: datetime) -> None:
    """Tell one who has joined of the charter, and of the proposal, that await their answer."""
    kinds = {IN_EFFECT: "charter_in_effect", OPEN: "charter_proposed"}
    for charter in membership.network.charters.filter(state__in=kinds):
        outbox.enqueue(
            kinds[charter.state],
            subject_id=charter.pk,
            recipients=[membership.leader.user_id],
            sequence=membership.pk,
            now=now,
        )
