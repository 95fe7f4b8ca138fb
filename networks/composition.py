"""Whether a group is put together so that it can work: what to watch for, why, and what HR can do about it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from members.models import Leader, OrgUnit
from networks.fit import Hierarchy
from networks.models import Network, NetworkType, Reach

FEWEST_TO_WEIGH = 4  # in a group of three, two from one area is chance


@dataclass(frozen=True)
class Concern:
    """One thing to think of. str() is what and why, in words for a list; `code` is for tests and for keeping count."""

    code: str
    what: str
    why: str
    do: str

    def __str__(self):
        return f"{self.what} {self.why}"


def concerns(network: Network, leader: Leader, members: Iterable[Leader], hierarchy: Hierarchy) -> list[Concern]:
    """What speaks against `leader` in `network` beside `members`. HR decides, and may go against it with a reason."""
    found = []
    fields = {field.pk for field in network.fields.all()}
    if fields and leader.field_id not in fields:
        found.append(
            Concern(
                "field",
                _("Kommer fra et andet fagområde end dem, netværket er for."),
                _why_field(network),
                _("Find et netværk inden for lederens eget fagområde, eller godkend med en begrundelse."),
            )
        )
    if network.level_id and leader.level_id != network.level_id:
        found.append(
            Concern(
                "level",
                _("Er ikke på niveauet %(level)s.") % {"level": network.level},
                _("Når niveauerne blandes, bliver det sværere at tale fortroligt."),
                _("Find et netværk på lederens eget niveau, eller godkend med en begrundelse."),
            )
        )
    if network.reach == Reach.LOCAL and network.unit_id and not hierarchy.is_under(leader, network.unit_id):
        found.append(
            Concern(
                "unit",
                _("Arbejder uden for %(unit)s, som netværket er for.") % {"unit": network.unit},
                _("Et lokalt netværk samler dem, der deler hverdag."),
                _("Find et bredt netværk eller et i lederens egen enhed."),
            )
        )
    for member in members:
        if member.pk == leader.pk:
            continue
        if hierarchy.is_over(leader, member):
            found.append(_managers_concern(_("Er chef for %(member)s, som er med.") % {"member": member.user}))
        elif hierarchy.is_over(member, leader):
            found.append(_managers_concern(_("Har %(member)s, som er med, som chef.") % {"member": member.user}))
    return found


def concerns_of_group(network: Network, leaders: list[Leader], hierarchy: Hierarchy) -> list[Concern]:
    """What to think of in the group as it stands. `leaders` are read with user, field, level and unit's area."""
    return [
        *_concerns_of_size(network, len(leaders)),
        *_concerns_of_sameness(network, leaders),
        *_concerns_of_managers(leaders, hierarchy),
        *_concerns_of_mix(network, leaders),
    ]


def _concerns_of_size(network: Network, number: int) -> list[Concern]:
    if number < network.size_min:
        return [
            Concern(
                "too_small",
                _("Netværket har %(number)d af de mindst %(least)d medlemmer.")
                % {"number": number, "least": network.size_min},
                _("Med for få bliver mødet skrøbeligt, så snart nogen melder afbud."),
                _("Inviter flere, der passer, eller læg netværket sammen med et andet."),
            )
        ]
    if number > network.size_max:
        return [
            Concern(
                "too_large",
                _("Netværket har %(number)d medlemmer, og der er plads til %(most)d.")
                % {"number": number, "most": network.size_max},
                _("I en stor gruppe får den enkelte mindre tid, og fortroligheden bliver mindre."),
                _("Tag ikke flere ind, og overvej at dele netværket i to."),
            )
        ]
    return []


def _concerns_of_sameness(network: Network, leaders: list[Leader]) -> list[Concern]:
    """A faglig network shares the field, a tværfaglig one the level."""
    found = []
    fields = {field.pk for field in network.fields.all()}
    others = [leader for leader in leaders if fields and leader.field_id not in fields]
    if others:
        found.append(
            Concern(
                "field",
                ngettext(
                    "%(names)s kommer fra et andet fagområde end dem, netværket er for.",
                    "%(names)s kommer fra andre fagområder end dem, netværket er for.",
                    len(others),
                )
                % {"names": _names(others)},
                _why_field(network),
                _("Tal med lederen om, hvorvidt netværket stadig er det rette."),
            )
        )
    others = [leader for leader in leaders if network.level_id and leader.level_id != network.level_id]
    if others:
        found.append(
            Concern(
                "level",
                _("%(names)s er ikke på niveauet %(level)s.") % {"names": _names(others), "level": network.level},
                _("Når niveauerne blandes, bliver det sværere at tale fortroligt."),
                _("Tal med lederen om, hvorvidt et andet netværk passer bedre."),
            )
        )
    return found


def _concerns_of_managers(leaders: list[Leader], hierarchy: Hierarchy) -> list[Concern]:
    by_pk = {leader.pk: leader for leader in leaders}
    return [
        _managers_concern(_("%(upper)s er chef for %(lower)s.") % {"upper": by_pk[upper].user, "lower": lower.user})
        for lower in leaders
        for upper in hierarchy.managers_over(lower)
        if upper in by_pk
    ]


def _managers_concern(what: str) -> Concern:
    return Concern(
        "manager",
        what,
        _("Det kan gøre det svært at tale frit."),
        _("Find et andet netværk til en af dem, eller tal det igennem med begge først."),
    )


def _concerns_of_mix(network: Network, leaders: list[Leader]) -> list[Concern]:
    """A tværfaglig network lives by its differences; a local one is from one area by choice."""
    if network.type != NetworkType.TVAERFAGLIG or len(leaders) < FEWEST_TO_WEIGH:
        return []
    why = _("Et tværfagligt netværk lever af, at medlemmerne ser forskelligt på tingene.")
    found = []
    if network.reach == Reach.BROAD:
        area, number = _largest(leader.area.name for leader in leaders)
        if number * 2 > len(leaders):
            what = _("%(number)d ud af %(total)d kommer fra %(area)s.") % {
                "number": number,
                "total": len(leaders),
                "area": area,
            }
            found.append(Concern("area", what, why, _("Inviter ledere fra andre områder, før I tager flere herfra.")))
    name, number = _largest(str(leader.field) for leader in leaders if leader.field_id)
    if number * 2 > len(leaders):
        what = _("%(number)d ud af %(total)d kommer fra fagområdet %(field)s.") % {
            "number": number,
            "total": len(leaders),
            "field": name,
        }
        found.append(Concern("mix", what, why, _("Inviter ledere fra de andre fagområder.")))
    return found


def _why_field(network: Network) -> str:
    if network.type == NetworkType.FAGLIG:
        return _("I et fagligt netværk deler medlemmerne fagets udfordringer.")
    return _("Netværket er sammensat, så bestemte fagområder mødes.")


def _largest(names: Iterable[str]) -> tuple[str, int]:
    counted = sorted(Counter(names).items(), key=lambda pair: (-pair[1], pair[0]))
    return counted[0] if counted else ("", 0)


def _names(leaders: list[Leader]) -> str:
    return ", ".join(str(leader.user) for leader in leaders)


# --- While designing -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Prospects:
    """Those the frame as it stands would fit: how many, from where, and what to think of. No names."""

    total: int
    areas: list[tuple[str, int]] = field(default_factory=list)
    concerns: list[Concern] = field(default_factory=list)


def prospects(network: Network) -> Prospects | None:
    """Who the saved frame fits; None until there is a type and a field to go by."""
    if not network.type or not network.fields.all():
        return None
    hierarchy = Hierarchy()
    leaders = Leader.objects.current().filter(field__in=network.fields.all())
    if network.level_id:
        leaders = leaders.filter(level=network.level_id)
    posts = list(leaders.only("pk", "unit_id"))
    if network.reach == Reach.LOCAL and network.unit_id:
        posts = [post for post in posts if hierarchy.is_under(post, network.unit_id)]
    names, areas = dict(OrgUnit.objects.values_list("pk", "name")), hierarchy.areas
    counted = Counter(names[areas.get(post.unit_id) or post.unit_id] for post in posts)
    by_area = sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))
    return Prospects(len(posts), by_area, _concerns_of_prospects(network, posts, by_area, hierarchy))


def _concerns_of_prospects(network: Network, posts: list[Leader], by_area, hierarchy: Hierarchy) -> list[Concern]:
    found = []
    if len(posts) < network.size_min:
        found.append(
            Concern(
                "too_few",
                ngettext(
                    "Kun %(number)d leder passer, og netværket skal have mindst %(least)d medlemmer.",
                    "Kun %(number)d ledere passer, og netværket skal have mindst %(least)d medlemmer.",
                    len(posts),
                )
                % {"number": len(posts), "least": network.size_min},
                _("Så kan netværket ikke blive til noget, selv om alle siger ja."),
                _("Vælg flere fagområder, et bredere netværk eller et lavere mindstetal."),
            )
        )
    if network.type == NetworkType.TVAERFAGLIG and network.reach == Reach.BROAD and len(posts) >= FEWEST_TO_WEIGH:
        area, number = by_area[0]
        if number * 2 > len(posts):
            found.append(
                Concern(
                    "area",
                    _("%(number)d ud af %(total)d, som passer, kommer fra %(area)s.")
                    % {"number": number, "total": len(posts), "area": area},
                    _("Et tværfagligt netværk lever af, at medlemmerne ser forskelligt på tingene."),
                    _("Vælg fagområder, så flere områder er med, eller inviter bevidst bredt."),
                )
            )
    fitting = {post.pk for post in posts}
    led = sum(not fitting.isdisjoint(hierarchy.managers_over(post)) for post in posts)
    if led:
        found.append(
            Concern(
                "manager",
                ngettext(
                    "%(number)d af dem har en chef, der også passer.",
                    "%(number)d af dem har en chef, der også passer.",
                    led,
                )
                % {"number": led},
                _("En leder og lederens egen chef i samme netværk gør det svært at tale frit."),
                _("Vælg ét ledelsesniveau, så chef og medarbejder ikke mødes her."),
            )
        )
    return found
