"""The steps in which HR designs a network, and what each still lacks."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from members import audit
from members.danish import fold
from members.models import User
from networks.approval import lacks_of_submission
from networks.conflicts import require_seen
from networks.models import Network
from networks.refusal import Refused, require

RESERVED_SLUGS = {"nyt"}


@dataclass(frozen=True)
class Step:
    slug: str
    title: str
    lack_codes: frozenset[str] = field(default_factory=frozenset)


STEPS = (
    Step("kurs", _("Kurs og formål"), frozenset({"direction", "purpose"})),
    Step("type", _("Netværkstype"), frozenset({"type", "type_reason"})),
    Step("ramme", _("Ramme")),
    Step("deltagere", _("Deltagere"), frozenset({"fields", "level", "participation_terms"})),
    Step("temaer", _("Temaer og aktiviteter")),
    Step("styring", _("Styring og støtte"), frozenset({"governance"})),
    Step("forankring", _("Forankring"), frozenset({"anchoring"})),
    Step("maal", _("Målhierarki"), frozenset({"goals"})),
)
# What a copy takes along from an earlier network, beside the first step, fields and goals. Dates and people in HR stay.
COPIED = (
    "type",
    "type_reason",
    "reach",
    "access",
    "participation",
    "size_min",
    "size_max",
    "meeting_form",
    "tags",
    "level",
    "participation_terms",
    "time_needed",
    "guests",
    "shows_member_list",
    "themes",
    "exercises",
    "activities",
    "rhythm",
    "governance",
    "support",
    "unit",
    "sponsor",
)
BY_SLUG = {step.slug: step for step in STEPS}


class GuideLine(NamedTuple):
    """One line of the step guide."""

    step: Step
    url: str
    is_current: bool
    is_done: bool


def guide(network: Network, lacks, current: Step | None = None) -> list[GuideLine]:
    missing = {lack.code for lack in lacks}
    return [
        GuideLine(
            step,
            reverse("networks:edit_basis", args=[network.slug, step.slug]) if network.pk else "",
            step == current,
            bool(network.pk) and not missing & step.lack_codes and _has_content(network, step),
        )
        for step in STEPS
    ]


def _has_content(network: Network, step: Step) -> bool:
    """Themes are no condition, but an empty step is not called done."""
    if step.slug == "temaer":
        return bool(network.themes.strip() or network.activities.strip() or network.exercises)
    return True


def lacks_by_step(network: Network, now: datetime):
    """Pairs of step and lack, for a list where each line leads to where it is mended."""
    return [(step_of(lack), lack) for lack in lacks_of_submission(network, now)]


def step_of(lack) -> Step:
    return next((step for step in STEPS if lack.code in step.lack_codes), STEPS[0])


def step_after(step: Step) -> Step | None:
    index = STEPS.index(step) + 1
    return STEPS[index] if index < len(STEPS) else None


@transaction.atomic
def create_draft(
    form, *, actor: User, now: datetime, source: Network | None = None, is_next_season: bool = False
) -> Network:
    """A new network from the first step's form, with the frame of `source` where one is copied.

    The same form sent twice makes one.
    """
    require(actor.is_hr)
    network = form.instance
    User.objects.select_for_update(no_key=True).get(pk=actor.pk)  # two presses at once wait for each other here
    mine = Network.objects.filter(
        created_by=actor, state=Network.State.DRAFT, continues=source if is_next_season else None
    )
    twin = next((draft for draft in mine if form.stands_in(draft)), None)
    if twin is not None:
        return twin
    if source:
        for name in COPIED:
            setattr(network, name, getattr(source, name))
        if is_next_season:
            network.continues = source
    network.slug = free_slug(network.name)
    network.hr_contact = actor
    network.created_by = actor
    network.created_at = now
    form.save()
    if source:
        network.fields.set(source.fields.all())
        for row in source.goal_hierarchy.all():
            network.goal_hierarchy.create(rank=row.rank, goal=row.goal, why=row.why, how=row.how)
    audit.record(actor, "copy_network" if source else "create_network", network, now=now, network_id=network.pk)
    return network


@transaction.atomic
def save_step(form, *, seen: int, actor: User, now: datetime) -> Network:
    """Keep one step, unless the network has been saved by someone else since the version that was `seen`."""
    require(actor.is_hr)
    stored = Network.objects.lock(form.instance.pk)
    if not stored.is_editable:
        raise Refused(_("Grundlaget kan ikke ændres længere: det er sendt til godkendelse eller godkendt."))
    if stored.version != seen and form.stands_in(stored):
        return stored  # the same form sent twice
    require_seen(stored, seen, _("En anden har gemt ændringer, siden du åbnede siden. Din tekst er ikke gemt endnu."))
    network = form.instance
    network.version = seen + 1
    network.save(update_fields=[*form.own_columns(), "version"])
    form.save_m2m()
    audit.record(actor, "edit_basis", network, now=now, network_id=network.pk)
    return network


def free_slug(name: str) -> str:
    """An address from the name, with a number when it is taken."""
    base = slugify(fold(name))[:120] or "netvaerk"
    taken = set(Network.objects.filter(slug__startswith=base).values_list("slug", flat=True)) | RESERVED_SLUGS
    slug, number = base, 2
    while slug in taken:
        slug, number = f"{base}-{number}", number + 1
    return slug
