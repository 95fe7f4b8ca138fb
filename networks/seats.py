"""How many seats a network has, and who holds them: members (active or on leave) and those with an open invitation.

The answer can be trusted only while the network's row is locked.
"""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from networks.models import Application, Network
from networks.refusal import Refused


class NetworkFull(Refused):
    """No seat is left for what was asked."""


def seats_taken(network: Network) -> int:
    invited = network.applications.filter(state=Application.State.INVITED).count()
    return network.memberships.inside().count() + invited


def free_seats(network: Network) -> int:
    return max(network.size_max - seats_taken(network), 0)


def require_seats(network: Network, wanted: int) -> None:
    free = free_seats(network)
    if wanted <= free:
        return
    if free == 0:
        raise NetworkFull(_("Alle pladser i netværket er optaget."))
    raise NetworkFull(
        ngettext(
            "Der er kun %(free)d ledig plads i netværket. Vælg færre.",
            "Der er kun %(free)d ledige pladser i netværket. Vælg færre.",
            free,
        )
        % {"free": free}
    )
