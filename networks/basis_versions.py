"""The strategic basis in words, and the versions of it that are kept: read part by part, with what has changed."""

from datetime import datetime
from typing import NamedTuple

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.models import User
from networks import differences
from networks.models import BasisVersion, ConsultationVersion, Network
from networks.step_forms import stored_text

Version = BasisVersion | ConsultationVersion

# The parts of the basis as they are read in a høring, in the order of the steps.
PARTS = {
    "name": gettext_lazy("Netværkets navn"),
    "direction": gettext_lazy("Kurs"),
    "purpose": gettext_lazy("Formål"),
    "personal_outcomes": gettext_lazy("Personligt udbytte"),
    "personal_outcome_note": gettext_lazy("Mere om udbyttet"),
    "gains": gettext_lazy("Gevinster for kommunen"),
    "type": gettext_lazy("Netværkstype"),
    "type_reason": gettext_lazy("Hvorfor denne type?"),
    "reach": gettext_lazy("Rækkevidde"),
    "access": gettext_lazy("Adgang"),
    "participation": gettext_lazy("Deltagelse"),
    "size": gettext_lazy("Størrelse"),
    "term": gettext_lazy("Varighed"),
    "ends_on": gettext_lazy("Slutter den"),
    "meeting_form": gettext_lazy("Mødeform"),
    "tags": gettext_lazy("Stikord"),
    "fields": gettext_lazy("Fagområder"),
    "level": gettext_lazy("Ledelsesniveau"),
    "participation_terms": gettext_lazy("Deltagerforhold"),
    "time_needed": gettext_lazy("Tid"),
    "guests": gettext_lazy("Gæster"),
    "themes": gettext_lazy("Temaer"),
    "exercises": gettext_lazy("Øvelser"),
    "activities": gettext_lazy("Andre aktiviteter"),
    "rhythm": gettext_lazy("Mødernes rytme"),
    "governance": gettext_lazy("Styring"),
    "support": gettext_lazy("Støtte"),
    "unit": gettext_lazy("Forankret i"),
    "sponsor": gettext_lazy("Ansvarlig chef"),
    "goals": gettext_lazy("Målhierarki"),
    "review_date": gettext_lazy("Grundlaget tages op igen"),
}
# Parts picked from lists: what is kept of them are source texts, which can be said in the reader's language.
PICKED = {
    "personal_outcomes",
    "gains",
    "type",
    "reach",
    "access",
    "participation",
    "term",
    "meeting_form",
    "exercises",
}
# A version outlives the people in it: who was responsible stands in the decisions.
NOT_KEPT = {"sponsor"}


# --- In words --------------------------------------------------------------------------------------------------------


def texts_of(network: Network) -> dict[str, str]:
    """The basis in words as it stands now, parts without any left out. Always Danish: it is kept and compared."""
    with translation.override("da"):
        empty = stored_text(Network(), "purpose")
        texts = {name: _text(network, name) for name in PARTS}
    return {name: text for name, text in texts.items() if text and text != empty}


def _text(network: Network, name: str) -> str:
    if name == "size":
        return f"{network.size_min}–{network.size_max}"
    if name == "goals":
        rows = network.goal_hierarchy.all()
        return "\n".join(f"{row.rank}. " + " – ".join(filter(None, (row.goal, row.why, row.how))) for row in rows)
    return stored_text(network, name)


class Part(NamedTuple):
    """One part of a version to read: `lines` tell what changed, and are empty where nothing did."""

    label: str
    text: str
    lines: list


def parts(version: Version, since: Version | None) -> list[Part]:
    """`version` part by part, with what has changed since an earlier one."""
    found = []
    for name, label in PARTS.items():
        text = _shown(version, name)
        before = _shown(since, name) if since else text
        if text or before:
            changed = differences.lines(before, text) if differences.has_changes(before, text) else []
            found.append(Part(str(label), text, changed))
    return found


def _shown(version: Version, name: str) -> str:
    text = version.texts.get(name, "")
    return ", ".join(_(pick) for pick in text.split(", ")) if text and name in PICKED else text


# --- Kept versions ---------------------------------------------------------------------------------------------------


def keep(
    network: Network, occasion: BasisVersion.Occasion, *, actor: User, now: datetime, note: str = ""
) -> BasisVersion:
    """The basis as it stands. The caller holds the network's row, so no two get the same number."""
    latest = network.basis_versions.first()
    texts = {name: text for name, text in texts_of(network).items() if name not in NOT_KEPT}
    if latest and occasion == BasisVersion.Occasion.CHANGED and latest.texts == texts:
        return latest
    return network.basis_versions.create(
        number=latest.number + 1 if latest else 1,
        occasion=occasion,
        note=note,
        texts=texts,
        kept_by=actor,
        kept_at=now,
    )
