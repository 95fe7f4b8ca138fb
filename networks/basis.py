"""The gate of promise 1: what a network must have in place before it opens and before any meeting is convened."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from networks.models import Network, NetworkType, StrategicDirection
from networks.refusal import Refused


@dataclass(frozen=True)
class Lack:
    """One thing that is missing: in words, who can supply it, and a short code for tests and links."""

    code: str
    what: str
    who: str


class NotReady(Refused):
    """The gate is closed. `lacks` says why; str() is a sentence for the person who asked."""

    def __init__(self, lacks: list[Lack]):
        self.lacks = lacks
        super().__init__(" ".join(f"{lack.what} {lack.who}" for lack in lacks))


def lacks_of_design(network: Network) -> list[Lack]:
    """What the strategic basis itself lacks before it can be sent to the sponsor."""
    hr = _("Det klarer HR i grundlaget.")
    found = []
    if not network.purpose.strip():
        found.append(Lack("purpose", _("Formålet er ikke skrevet."), hr))
    if not network.type:
        found.append(Lack("type", _("Netværkstypen er ikke valgt."), hr))
    elif not network.type_reason.strip():
        found.append(Lack("type_reason", _("Begrundelsen for netværkstypen mangler."), hr))
    if network.type == NetworkType.FAGLIG and not network.fields.exists():
        found.append(Lack("fields", _("Et fagligt netværk skal have et fagområde."), hr))
    if network.type == NetworkType.TVAERFAGLIG:
        if network.level_id is None:
            found.append(Lack("level", _("Et tværfagligt netværk skal have et ledelsesniveau."), hr))
        if network.fields.count() < 2:
            found.append(Lack("fields", _("Et tværfagligt netværk skal have mindst to fagområder."), hr))
    if not network.participation_terms.strip():
        found.append(Lack("participation_terms", _("Deltagerforholdene er ikke beskrevet."), hr))
    if not network.governance.strip() or not network.support.strip():
        found.append(Lack("governance", _("Styring og støtte er ikke beskrevet."), hr))
    if network.unit_id is None or network.sponsor_id is None or network.hr_contact_id is None:
        found.append(Lack("anchoring", _("Forankringen mangler: enhed, ansvarlig chef og kontakt i HR."), hr))
    elif not network.sponsor.is_active or network.sponsor.is_hr:
        found.append(Lack("anchoring", _("Den ansvarlige chef kan ikke godkende. Vælg en anden."), hr))
    if not network.goal_hierarchy.exclude(why="").exclude(how="").exists():
        found.append(Lack("goals", _("Målhierarkiet mangler mindst ét mål med svar på “Hvorfor?” og “Hvordan?”."), hr))
    return found


def lacks_of_direction(network: Network, today: date) -> list[Lack]:
    """Whether the network is tied to a kurs that is current on `today`."""
    if network.direction is None:
        return [
            Lack(
                "direction",
                _("Netværket er ikke knyttet til en kurs."),
                _("Bed HR om at knytte en gældende kurs til netværket."),
            )
        ]
    if network.direction.is_current(today):
        return []
    if network.direction.state_on(today) == StrategicDirection.State.EXPIRED:
        return [
            Lack(
                "direction",
                _("Netværkets kurs er udløbet."),
                _("Bed topledelsen om at forny kursen, eller HR om at knytte en ny."),
            )
        ]
    return [
        Lack(
            "direction",
            _("Netværkets kurs gælder ikke endnu."),
            _("Topledelsen skal godkende kursen politisk og administrativt."),
        )
    ]


def lacks(network: Network, today: date) -> list[Lack]:
    """All that stands between this network and a convened meeting; empty when the gate is open."""
    found = lacks_of_direction(network, today)
    if network.is_in_design:
        found += lacks_of_design(network)
        found.append(
            Lack(
                "approval",
                _("Grundlaget er ikke godkendt."),
                _("Den ansvarlige chef godkender det, når HR har sendt det til godkendelse."),
            )
        )
    elif network.state in (Network.State.PAUSED, Network.State.CLOSED):
        found.append(
            Lack("state", _("Netværket er ikke aktivt."), _("HR kan genoptage et netværk, der er sat på pause."))
        )
    elif network.state != Network.State.ACTIVE:
        found.append(
            Lack(
                "start", _("Netværket er ikke startet endnu."), _("HR starter netværket, når medlemmerne er på plads.")
            )
        )
    return found


def require_gate_open(network: Network, today: date) -> None:
    """Raise `NotReady` unless meetings may be convened on `today`."""
    found = lacks(network, today)
    if found:
        raise NotReady(found)
