"""Opfølgning: which networks need HR, why, since when, and what the next step is."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from django.db import models, transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from members import audit
from members.models import User
from netvaerk.followup_facts import Facts, read, read_meetings
from netvaerk.followup_rules import HALTS, RULES, Ask, Finding
from netvaerk.models import FollowUpLimits
from networks.conflicts import is_saved
from networks.models import Network, NetworkType
from networks.refusal import require


class State(models.TextChoices):
    STALLED = "stalled", gettext_lazy("Gået i stå")
    ATTENTION = "attention", gettext_lazy("Kræver opmærksomhed")
    NO_DATA = "no_data", gettext_lazy("For lidt data")
    ON_TRACK = "on_track", gettext_lazy("Følger planen")


@dataclass(frozen=True)
class Line:
    """One network as HR sees it."""

    facts: Facts
    state: State
    findings: list[Finding] = field(default_factory=list)
    note: str = ""

    @property
    def url(self) -> str:
        return reverse("networks:network", args=[self.facts.slug])

    @property
    def type_label(self) -> str:
        return NetworkType(self.facts.type).label if self.facts.type else ""


def lines(now: datetime, limits: FollowUpLimits | None = None) -> list[Line]:
    """Every network HR looks after: those that have come to a halt first, then those that need attention."""
    ask = Ask(limits or FollowUpLimits.load(), now)
    found = [_line(facts, ask) for facts in read(now)]
    order = {state: place for place, state in enumerate(State)}
    found.sort(key=lambda line: (order[line.state], -len(line.findings), line.facts.sort_text))
    return found


@dataclass(frozen=True)
class FirstLook:
    """What HR's home page says of the whole: the networks that have come to a halt, and a few counts."""

    stalled: list[Line]
    states: Counter
    coming: int
    returned: list[Facts]
    approved: list[Facts]


def first_look(now: datetime) -> FirstLook:
    """From the meetings alone: three queries, where the whole list takes some fifteen."""
    found = read_meetings(now)
    ask = Ask(FollowUpLimits.load(), now)
    stalled = []
    for facts in found:
        findings = [finding for check in HALTS for finding in check(facts, ask)]
        if findings:
            stalled.append(Line(facts, State.STALLED, findings))
    return FirstLook(
        stalled,
        states=Counter(facts.state for facts in found),
        coming=sum(facts.coming for facts in found),
        returned=[facts for facts in found if facts.state == Network.State.RETURNED],
        approved=[facts for facts in found if facts.state == Network.State.APPROVED],
    )


def _line(facts: Facts, ask: Ask) -> Line:
    findings = [finding for rule in RULES for finding in rule.check(facts, ask)]
    findings.sort(key=lambda finding: not finding.is_stall)
    if findings:
        return Line(facts, State.STALLED if findings[0].is_stall else State.ATTENTION, findings)
    if facts.state == Network.State.PAUSED:
        return Line(facts, State.NO_DATA, note=_("Netværket er på pause."))
    if not facts.is_active:
        return Line(facts, State.NO_DATA, note=_("Netværket er ikke startet endnu."))
    if facts.held < ask.limits.fewest_meetings:
        held = ngettext("%(count)d møde holdt det seneste år.", "%(count)d møder holdt det seneste år.", facts.held) % {
            "count": facts.held
        }
        return Line(facts, State.NO_DATA, note=held)
    return Line(facts, State.ON_TRACK)


# --- The limits ------------------------------------------------------------------------------------------------------

LIMITS = (
    "settling_days",
    "silent_days",
    "ahead_days",
    "attendance_target",
    "application_days",
    "support_days",
    "fewest_meetings",
)


@transaction.atomic
def change_limits(values: dict[str, int], *, seen: int, actor: User, now: datetime) -> FollowUpLimits:
    """HR's administrators say when the page speaks up."""
    require(actor.is_hr_admin)
    FollowUpLimits.objects.get_or_create(pk=1)
    limits = FollowUpLimits.objects.select_for_update().get(pk=1)
    values = {name: values[name] for name in LIMITS}
    if is_saved(limits, seen, _("En anden har ændret grænserne, mens du skrev."), **values):
        return limits
    for name, value in values.items():
        setattr(limits, name, value)
    limits.version += 1
    limits.save()
    audit.record(actor, "change_follow_up_limits", limits, now=now)
    return limits
