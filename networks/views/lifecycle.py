from functools import partial

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from networks import enrolment, season
from networks import lifecycle as room
from networks.member_forms import CapacityForm, EarlierMembersForm, FarewellForm
from networks.models import Access, Network
from networks.permissions import get_network_as_hr
from networks.views.confirm import confirm, posted


def _confirm(request, network: Network, act, **words):
    return confirm(
        request,
        act=partial(act, network, actor=request.user, now=timezone.now()),
        back=network.get_absolute_url(),
        network=network,
        **words,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def open_enrolment(request, slug):
    network = get_network_as_hr(request.user, slug)
    is_open = network.access == Access.OPEN
    earlier = season.earlier_leaders(network) if network.state == Network.State.APPROVED else []
    return _confirm(
        request,
        network,
        season.open_enrolment,
        heading=_("Åbn %(network)s for tilmelding?") % {"network": network},
        consequence=_("Netværket vises i kataloget, og lederne kan tilmelde sig. Du godkender tilmeldingerne.")
        if is_open
        else _("Du kan nu invitere ledere. Kun de inviterede kan se netværket i kataloget."),
        button=_("Åbn for tilmelding"),
        done=_what_opening_did,
        form=EarlierMembersForm(posted(request), network=network, number=len(earlier)) if earlier else None,
    )


def _what_opening_did(asked: season.Asked) -> str:
    """Who has been asked along from the season before, and who was not, so that HR can do something about it."""
    said = [_("Netværket er åbent for tilmelding.")]
    if asked.invited:
        number = len(asked.invited)
        said.append(
            ngettext("%(count)d tidligere medlem er inviteret.", "%(count)d tidligere medlemmer er inviteret.", number)
            % {"count": number}
        )
    if asked.without_seat:
        said.append(_("Der var ikke plads til %(names)s.") % {"names": _names(asked.without_seat)})
    if asked.in_doubt:
        said.append(
            _("Noget taler imod %(names)s. Inviter dem med en begrundelse, hvis de skal med.")
            % {"names": _names(asked.in_doubt)}
        )
    return " ".join(said)


def _names(leaders) -> str:
    return ", ".join(str(leader.user) for leader in leaders)


@require_http_methods(["GET", "HEAD", "POST"])
def close_enrolment(request, slug):
    network = get_network_as_hr(request.user, slug)
    return _confirm(
        request,
        network,
        enrolment.close_enrolment,
        heading=_("Luk %(network)s for tilmelding?") % {"network": network},
        consequence=_(
            "Ingen kan tilmelde sig, og ventelisten står stille, indtil du åbner igen. "
            "Pladser, der er tilbudt, holdes til deres frist, og du kan stadig invitere."
        ),
        button=_("Luk for tilmelding"),
        done=_("Netværket er lukket for tilmelding."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def change_capacity(request, slug):
    network = get_network_as_hr(request.user, slug)
    form = CapacityForm(posted(request), initial={"size_min": network.size_min, "size_max": network.size_max})
    return _confirm(
        request,
        network,
        room.change_capacity,
        heading=_("Hvor mange er %(network)s for?") % {"network": network},
        consequence=_(
            "Bliver der flere pladser, går de til ventelisten. Bliver der færre, er de, der er med, stadig med."
        ),
        button=_("Gem"),
        done=_("Størrelsen er ændret."),
        form=form,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def activate(request, slug):
    network = get_network_as_hr(request.user, slug)
    members = network.memberships.inside().count()
    consequence = ngettext(
        "Netværket overgår til sit ene medlem, som selv bestemmer mødeplan, dagsorden og spilleregler. "
        "HR kan derefter støtte, sætte på pause og afslutte, men ikke ændre i rammen.",
        "Netværket overgår til sine %(count)d medlemmer, som selv bestemmer mødeplan, dagsorden og spilleregler. "
        "HR kan derefter støtte, sætte på pause og afslutte, men ikke ændre i rammen.",
        members,
    ) % {"count": members}
    return _confirm(
        request,
        network,
        room.activate,
        heading=_("Start %(network)s?") % {"network": network},
        consequence=consequence,
        button=_("Start netværk"),
        done=_("Netværket er startet. Nu er det medlemmernes."),
        note=_("Netværket er mindre, end grundlaget lægger op til: mindst %(min)d medlemmer.")
        % {"min": network.size_min}
        if members < network.size_min
        else "",
    )


@require_http_methods(["GET", "HEAD", "POST"])
def pause(request, slug):
    network = get_network_as_hr(request.user, slug)
    return _confirm(
        request,
        network,
        room.pause,
        heading=_("Sæt %(network)s på pause?") % {"network": network},
        consequence=_(
            "Der kan ikke indkaldes til nye møder, og ingen kan tilmelde sig, før netværket genoptages. "
            "Medlemmerne får besked og beholder deres pladser, og møder, der er indkaldt, står ved magt."
        ),
        button=_("Sæt på pause"),
        done=_("Netværket er sat på pause."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def resume(request, slug):
    network = get_network_as_hr(request.user, slug)
    return _confirm(
        request,
        network,
        room.resume,
        heading=_("Genoptag %(network)s?") % {"network": network},
        consequence=_(
            "Medlemmerne får besked og kan igen indkalde til møder, og der kan igen komme nye medlemmer til."
        ),
        button=_("Genoptag"),
        done=_("Netværket er genoptaget."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def close(request, slug):
    network = get_network_as_hr(request.user, slug)
    members = network.memberships.inside().count()
    consequence = ngettext(
        "Netværkets ene medlem får besked, og kommende møder fjernes fra kalenderen.",
        "Alle %(count)d medlemmer får besked, og kommende møder fjernes fra deres kalender.",
        members,
    ) % {"count": members}
    if not members:
        consequence = _("Netværket har ingen medlemmer, så ingen får besked.")
    return _confirm(
        request,
        network,
        room.close,
        heading=_("Afslut %(network)s?") % {"network": network},
        consequence=consequence,
        note=_("Åbne tilmeldinger og ventelisten bortfalder. Netværket kan ikke startes igen."),
        form=FarewellForm(posted(request)),
        audience=_("Netværkets medlemmer og HR kan læse afskedshilsenen."),
        button=_("Afslut netværk"),
        done=_("Netværket er afsluttet."),
        is_warning=True,
    )
