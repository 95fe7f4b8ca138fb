"""The rules of Opfølgning: each looks at one network's facts and the limits, and says nothing or one thing.

A rule is HR's reminder, not a verdict: what to do about it is settled with the network.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from members.danish import percent, today
from netvaerk.followup_facts import Facts
from netvaerk.models import FollowUpLimits
from networks.models import Network, StrategicDirection
from networks.waiting_list import working_days_after

TOO_FEW_TWICE = 2


@dataclass(frozen=True)
class Finding:
    """One thing about one network: the fact, since when, why it matters, and where the next step is taken."""

    rule: str
    fact: str
    reason: str
    button: str
    route: str
    args: tuple
    since: date | None = None
    is_stall: bool = False
    query: str = ""

    @property
    def url(self) -> str:
        return reverse(self.route, args=self.args) + self.query


@dataclass(frozen=True)
class Ask:
    """What every rule needs besides the facts."""

    limits: FollowUpLimits
    now: datetime
    _late: dict = field(default_factory=dict)

    @property
    def today(self) -> date:
        return today(self.now)

    def is_settled(self, facts: Facts) -> bool:
        """Whether the group has had the time a new one needs."""
        started = facts.started_on
        return started is not None and (self.today - started).days >= self.limits.settling_days

    def is_late(self, since: datetime, working_days: int) -> bool:
        """Whether more than so many working days have passed since."""
        key = (today(since), working_days)
        if key not in self._late:
            self._late[key] = working_days_after(*key) < self.today
        return self._late[key]


def _silent(facts: Facts, ask: Ask):
    started = facts.started_on
    if not facts.is_active or started is None:
        return
    since = max(filter(None, (started, facts.last_held and today(facts.last_held))))
    days = (ask.today - since).days
    if days <= ask.limits.silent_days:
        return
    yield Finding(
        "silent",
        _("Intet møde holdt i %(days)d dage") % {"days": days}
        if facts.last_held
        else _("Intet møde holdt endnu")
        if days < 365
        else _("Intet møde holdt i over et år"),
        _("Et netværk, der ikke mødes, går i glemmebogen. Ring til tovholderen, og hør, hvad der skal til."),
        _("Se møder"),
        "meetings:plan_list",
        (facts.slug,),
        since,
        is_stall=True,
    )


def _cancelled(facts: Facts, ask: Ask):
    if facts.is_active and facts.cancelled_in_a_row >= TOO_FEW_TWICE:
        yield Finding(
            "cancelled",
            _("%(count)d aflysninger i træk") % {"count": facts.cancelled_in_a_row},
            _("Når flere møder aflyses efter hinanden, passer rytmen eller tidspunktet sjældent. Tal med tovholderen."),
            _("Se møder"),
            "meetings:plan_list",
            (facts.slug,),
            today(facts.cancelled_since),
            is_stall=True,
        )


def _no_kurs(facts: Facts, ask: Ask):
    row = facts.row
    if facts.state == Network.State.RETURNED:
        return
    state, valid_to = row["direction__state"], row["direction__valid_to"]
    is_expired = state == StrategicDirection.State.EXPIRED or (valid_to is not None and valid_to < ask.today)
    is_current = state == StrategicDirection.State.CURRENT and row["direction__valid_from"] <= ask.today
    if is_current and not is_expired:
        return
    if row["direction_id"] is None:
        fact, since = _("Ingen kurs"), row["approved_at"] and today(row["approved_at"])
    elif is_expired:
        fact, since = _("Kursen er udløbet"), min(valid_to + timedelta(days=1), ask.today)
    else:
        fact, since = _("Kursen gælder ikke endnu"), row["approved_at"] and today(row["approved_at"])
    yield Finding(
        "kurs",
        fact,
        _("Uden en gældende kurs kan netværket ikke indkalde til nye møder."),
        _("Knyt til en kurs"),
        "networks:renew_direction",
        (facts.slug,),
        since,
    )


def _basis(facts: Facts, ask: Ask):
    row = facts.row
    why = _("Grundlaget er det, netværket bygger på, og det, du og tovholderen kan vise frem.")
    if facts.state == Network.State.RETURNED:
        yield Finding(
            "basis",
            _("Grundlaget er sendt retur"),
            _("Den ansvarlige chef har skrevet hvorfor. Ret det, og send det igen."),
            _("Se grundlag"),
            "networks:basis",
            (facts.slug,),
            facts.returned_at and today(facts.returned_at),
        )
        return
    lacks = []
    texts = ("purpose", "type_reason", "participation_terms", "governance", "support")
    if any(not row[name].strip() for name in texts) or not row["type"] or not facts.fields:
        lacks.append(_("Grundlaget er ikke udfyldt"))
    if row["unit_id"] is None or row["sponsor_id"] is None or row["hr_contact_id"] is None:
        lacks.append(_("Forankringen mangler"))
    elif not row["sponsor__is_active"]:
        lacks.append(_("Den ansvarlige chef er stoppet"))
    elif not row["hr_contact_is_there"]:
        lacks.append(_("Kontakten i HR er stoppet"))
    since = row["approved_at"] and today(row["approved_at"])
    if row["review_date"] and row["review_date"] < ask.today:
        since = row["review_date"] if not lacks else since
        lacks.append(_("Grundlaget skulle tages op igen"))
    if lacks:
        yield Finding("basis", ". ".join(lacks), why, _("Se grundlag"), "networks:basis", (facts.slug,), since)


def _no_coordinator(facts: Facts, ask: Ask):
    if facts.is_active and not facts.has_coordinator:
        yield Finding(
            "coordinator",
            _("Ingen tovholder"),
            _("Uden en tovholder bliver der ikke indkaldt til møder. Medlemmerne vælger selv: bed dem pege på en."),
            _("Se medlemmer"),
            "networks:members",
            (facts.slug,),
            facts.coordinator_left or facts.started_on,
        )


def _too_few(facts: Facts, ask: Ask):
    least = facts.row["size_min"]
    if facts.is_active and facts.members < least:
        yield Finding(
            "members",
            _("%(members)d af mindst %(least)d medlemmer") % {"members": facts.members, "least": least},
            _("Med for få bliver mødet skrøbeligt, så snart nogen melder afbud."),
            _("Invitér ledere"),
            "networks:candidates",
            (facts.slug,),
            facts.started_on,
        )


def _none_ahead(facts: Facts, ask: Ask):
    horizon = ask.now + timedelta(days=ask.limits.ahead_days)
    if not facts.is_active or not ask.is_settled(facts) or (facts.next_at and facts.next_at <= horizon):
        return
    last = facts.last_held and today(facts.last_held)
    yield Finding(
        "ahead",
        _("Intet møde de næste %(days)d dage") % {"days": ask.limits.ahead_days},
        _("En fast mødeplan holder netværket i gang. Tovholderen lægger den; tilbyd din hjælp."),
        _("Se møder"),
        "meetings:plan_list",
        (facts.slug,),
        last or facts.started_on,
    )


def _attendance(facts: Facts, ask: Ask):
    counts = facts.attendance
    if not facts.is_active or not counts.can_be_shown:
        return
    share = 100 * counts.present / counts.registered
    if share < ask.limits.attendance_target:
        yield Finding(
            "attendance",
            _("Fremmødet er %(share)s, målet er %(target)s")
            % {"share": percent(share), "target": percent(ask.limits.attendance_target)},
            _("Hør tovholderen, om tid, sted eller indhold skal laves om. Hvem der kom, er netværkets eget."),
            _("Se status"),
            "netvaerk:status_network",
            (facts.slug,),
            ask.today - timedelta(days=365),
        )


def _charter(facts: Facts, ask: Ask):
    if facts.is_active and not facts.has_charter and ask.is_settled(facts):
        yield Finding(
            "charter",
            _("Aftalen er ikke på plads"),
            _("Spilleregler og værdisæt er det, trygheden hviler på. De er gruppens egne: mind dem om det."),
            _("Se netværket"),
            "networks:network",
            (facts.slug,),
            facts.started_on,
        )


def _goals(facts: Facts, ask: Ask):
    if not facts.is_active:
        return
    late = facts.goals_late
    if not late and (facts.goals or not ask.is_settled(facts)):
        return
    yield Finding(
        "goals",
        ngettext("%(count)d mål er over tid og ikke gjort op", "%(count)d mål er over tid og ikke gjort op", late)
        % {"count": late}
        if late
        else _("Ingen mål endnu"),
        _("Medlemmerne sætter selv deres mål og afgør, om de er nået. Du kan minde dem om at gøre det."),
        _("Se status"),
        "netvaerk:status_network",
        (facts.slug,),
        facts.goal_due if late else facts.started_on,
    )


def _support(facts: Facts, ask: Ask):
    if facts.support and ask.is_late(facts.support[1], ask.limits.support_days):
        yield Finding(
            "support",
            _("Støtteanmodning uden svar"),
            _("Netværket venter på dig for at komme videre."),
            _("Læs og svar"),
            "networks:support_request",
            (facts.support[0],),
            today(facts.support[1]),
        )


def _applications(facts: Facts, ask: Ask):
    late = [moment for moment in facts.applications if ask.is_late(moment, ask.limits.application_days)]
    if late:
        yield Finding(
            "application",
            ngettext(
                "%(count)d tilmelding har ventet over %(days)d arbejdsdage",
                "%(count)d tilmeldinger har ventet over %(days)d arbejdsdage",
                len(late),
            )
            % {"count": len(late), "days": ask.limits.application_days},
            _("Den, der har meldt sig, ved ikke, om der er en plads."),
            _("Se tilmeldinger"),
            "networks:members",
            (facts.slug,),
            today(min(late)),
        )


def _posts(facts: Facts, ask: Ask):
    if facts.changed:
        yield Finding(
            "post",
            ngettext(
                "%(count)d medlem har skiftet eller forladt sin stilling",
                "%(count)d medlemmer har skiftet eller forladt deres stilling",
                facts.changed,
            )
            % {"count": facts.changed},
            _("Stillingen passer ikke længere til netværket. Aftal med lederen, om pladsen stadig er den rette."),
            _("Tag stilling"),
            "networks:members",
            (facts.slug,),
            facts.changed_since,
        )


def _mail(facts: Facts, ask: Ask):
    if facts.refused:
        yield Finding(
            "mail",
            ngettext(
                "Mails til %(count)d medlem bliver afvist", "Mails til %(count)d medlemmer bliver afvist", facts.refused
            )
            % {"count": facts.refused},
            _("Der sendes ikke mere til adressen, før den er rettet."),
            _("Se beskeder"),
            "members:deliveries",
            (),
            query="?state=failed",
        )


def _pulse(facts: Facts, ask: Ask):
    if facts.is_active and len(facts.rounds) == TOO_FEW_TWICE and all(few for _closed, few in facts.rounds):
        yield Finding(
            "pulse",
            _("For få svar på to målinger i træk"),
            _("Et lille eller travlt netværk får mere ud af en samtale end af et skema. Foreslå det."),
            _("Se netværket"),
            "networks:network",
            (facts.slug,),
            today(facts.rounds[-1][0]),
        )


@dataclass(frozen=True)
class Rule:
    code: str
    label: str
    check: Callable[[Facts, Ask], Iterable[Finding]]


RULES = (
    Rule("silent", gettext_lazy("Intet møde bagud"), _silent),
    Rule("cancelled", gettext_lazy("Aflysninger i træk"), _cancelled),
    Rule("kurs", gettext_lazy("Kurs mangler eller er udløbet"), _no_kurs),
    Rule("basis", gettext_lazy("Grundlag mangler noget"), _basis),
    Rule("coordinator", gettext_lazy("Ingen tovholder"), _no_coordinator),
    Rule("members", gettext_lazy("For få medlemmer"), _too_few),
    Rule("application", gettext_lazy("Tilmelding venter"), _applications),
    Rule("support", gettext_lazy("Støtteanmodning venter"), _support),
    Rule("post", gettext_lazy("Stilling skiftet eller ophørt"), _posts),
    Rule("mail", gettext_lazy("Mail bliver afvist"), _mail),
    Rule("ahead", gettext_lazy("Intet møde forude"), _none_ahead),
    Rule("attendance", gettext_lazy("Fremmøde under målet"), _attendance),
    Rule("charter", gettext_lazy("Aftale mangler"), _charter),
    Rule("goals", gettext_lazy("Mål mangler eller er over tid"), _goals),
    Rule("pulse", gettext_lazy("For få svar i feedback"), _pulse),
)

# What a network can have come to a halt by, as far as its meetings tell.
HALTS = (_silent, _cancelled)
