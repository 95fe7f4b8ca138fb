"""Search across what one may see: networks, people, meetings and kurs.

Each group starts from what the person may see on its own pages. Names, purposes, titles and places are searched;
nothing the members have written for each other is.
"""

import unicodedata
from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from meetings.models import Meeting
from members.danish import fold, full_datetime_range, parse_date, today
from members.logbooks import note_list
from members.models import Leader, ListRead, User
from networks import permissions
from networks.models import Membership, Network, NetworkType, StrategicDirection

SHORTEST, LONGEST, MOST_WORDS, SHOWN = 2, 100, 8, 6
UNSEEN = ("Cc", "Cf", "Cs")  # signs nobody types on purpose


@dataclass(frozen=True)
class Hit:
    title: str
    url: str
    detail: str = ""
    state: str = ""
    state_label: str = ""


@dataclass(frozen=True)
class Group:
    key: str
    heading: str
    hits: list[Hit]
    total: int
    more: str = ""

    @property
    def hidden(self) -> int:
        return self.total - len(self.hits)


@dataclass(frozen=True)
class Answer:
    """What was found, or why nothing was looked for."""

    text: str
    groups: list[Group]
    problem: str = ""

    @property
    def total(self) -> int:
        return sum(group.total for group in self.groups)


def search(text: str, *, user: User, now) -> Answer:
    text = " ".join("".join(sign for sign in text if unicodedata.category(sign) not in UNSEEN).split())
    words = fold(text).split()
    if not words:
        return Answer(text, [])
    if len(text) > LONGEST or len(words) > MOST_WORDS:
        return Answer(text[:LONGEST], [], _("Det er meget at søge efter på én gang. Skriv nogle få ord."))
    if len("".join(words)) < SHORTEST:
        return Answer(text, [], _("Skriv mindst to bogstaver."))
    groups = [
        _networks(text, user),
        _people(text, words, user, now),
        _meetings(text, words, user, now),
        _directions(words, user, now),
    ]
    return Answer(text, [group for group in groups if group.total])


def _networks(text: str, user: User) -> Group:
    found = Network.objects.visible_to(user).matching(text).order_by("sort_text", "pk")
    word = fold(text)
    hits = [
        Hit(
            network.name,
            network.get_absolute_url(),
            NetworkType(network.type).label if network.type else "",
            network.state,
            network.get_state_display(),
        )
        for network in found.only("name", "slug", "type", "state")[: 3 * SHOWN]
    ]
    hits.sort(key=lambda hit: word not in fold(hit.title))  # a word of the name before a word of the purpose
    more = f"{reverse('networks:catalogue')}?{urlencode({'q': text})}"
    return Group("networks", _("Netværk"), hits[:SHOWN], found.count(), more)


# --- People ----------------------------------------------------------------------------------------------------------


def _people(text: str, words: list[str], user: User, now) -> Group:
    if user.is_hr:
        found = Leader.objects.current().matching(text).for_lists()
        shown = list(found[:SHOWN])
        hits = [Hit(str(leader.user), leader.get_absolute_url(), leader.title_and_unit) for leader in shown]
        people = [leader.user_id for leader in shown]
        note_list(ListRead.Kind.SEARCH, people, reader=user, now=now, selection={"name": True})
        more = f"{reverse('members:leaders')}?{urlencode({'q': text})}"
        return Group("people", _("Ledere"), hits, found.order_by().count(), more)
    return _members(words, user)


def _members(words: list[str], user: User) -> Group:
    """Those on the lists of members one may open: by name alone, each once, with the networks one may see them in."""
    found = Membership.objects.inside().filter(network__in=_with_names(user))
    for word in words:
        found = found.filter(leader__user__search_text__contains=word)
    found = found.select_related("leader__user", "network").order_by("leader__user__sort_text", "network__sort_text")
    people: dict[int, tuple[User, list[Network]]] = {}
    for membership in found:
        person = membership.leader.user
        name = fold(person.get_full_name())  # what is searched holds the address too, which is not for everyone
        if all(word in name for word in words):
            people.setdefault(person.pk, (person, []))[1].append(membership.network)
    hits = [
        Hit(
            str(person),
            reverse("networks:members", args=[networks[0].slug]),
            ", ".join(network.name for network in networks),
        )
        for person, networks in list(people.values())[:SHOWN]
    ]
    return Group("people", _("Medlemmer"), hits, len(people))


def _with_names(user: User) -> QuerySet[Network]:
    """The networks whose members `user` may read by name: `networks.permissions.can_see_members`, for all at once."""
    mine = Q(
        pk__in=Membership.objects.active().filter(leader__user=user, leader__user__is_active=True).values("network")
    )
    by_name = mine if user.is_political else mine | Q(sponsor=user) | Q(shows_member_list=True)
    return Network.objects.visible_to(user).filter(by_name).exclude(state__in=Network.STATES_IN_DESIGN).values("pk")


# --- Meetings --------------------------------------------------------------------------------------------------------


def _meetings(text: str, words: list[str], user: User, now) -> Group:
    """By network, place or date, what lies ahead first. The theme is the members' own and never searched."""
    visible = _visible_meetings(user)
    found = visible.filter(_about(text, words, visible))
    ahead, past = found.filter(ends_at__gt=now), found.filter(ends_at__lte=now)
    meetings = [
        *ahead.select_related("network").defer("theme", "link").order_by("starts_at", "pk")[:SHOWN],
        *past.select_related("network").defer("theme", "link").order_by("-starts_at", "-pk")[:SHOWN],
    ][:SHOWN]
    inside = set(Membership.objects.active().filter(leader__user=user).values_list("network", flat=True))
    hits = [
        Hit(
            full_datetime_range(meeting.starts_at, meeting.ends_at),
            meeting.get_absolute_url()
            if meeting.network_id in inside
            else reverse("meetings:plan_list", args=[meeting.network.slug]),
            " · ".join(filter(None, [meeting.network.name, meeting.place])),
            meeting.state,
            meeting.get_state_display(),
        )
        for meeting in meetings
    ]
    return Group("meetings", _("Møder"), hits, found.count())


def _visible_meetings(user: User) -> QuerySet[Meeting]:
    """Those whose date and place `user` may read: `networks.permissions.can_see_meeting_dates`, for all at once."""
    if user.is_hr:
        return Meeting.objects.published()
    inside = Membership.objects.active().filter(leader__user=user, leader__user__is_active=True)
    networks = Network.objects.filter(Q(pk__in=inside.values("network")) | Q(sponsor=user))
    return Meeting.objects.published().filter(network__in=networks.values("pk"))


def _about(text: str, words: list[str], visible: QuerySet[Meeting]) -> Q:
    """Every word in the network's name or the place; or the text is a date. Places are few, and folded here."""
    places = {place: fold(place) for place in visible.order_by().values_list("place", flat=True).distinct() if place}
    names = dict(
        Network.objects.filter(pk__in=visible.order_by().values("network")).order_by().values_list("pk", "name")
    )
    names = {pk: fold(name) for pk, name in names.items()}
    about = Q()
    for word in words:
        about &= Q(network__in=[pk for pk, name in names.items() if word in name]) | Q(
            place__in=[place for place, folded in places.items() if word in folded]
        )
    try:
        return about | Q(date=parse_date(text))
    except ValueError:
        return about


# --- Kurs ------------------------------------------------------------------------------------------------------------


def _directions(words: list[str], user: User, now) -> Group:
    """There are few, so they are read and folded here."""
    day = today(now)
    found = [
        direction
        for direction in permissions.visible_directions(user)
        if all(word in fold(f"{direction.title} {direction.solutions} {direction.development}") for word in words)
    ]
    hits = []
    for direction in found[:SHOWN]:
        state = direction.state_on(day)
        hits.append(
            Hit(direction.title, direction.get_absolute_url(), "", state, StrategicDirection.State(state).label)
        )
    return Group("directions", _("Kurs"), hits, len(found))


# --- The page --------------------------------------------------------------------------------------------------------


@require_safe
def page(request):
    answer = search(request.GET.get("q", ""), user=request.user, now=timezone.now())
    return render(request, "netvaerk/search.html", {"answer": answer, "said": _said(answer)})


def _said(answer: Answer) -> str:
    """The outcome in a sentence, for the eye and for a screen reader."""
    if answer.problem or not answer.text:
        return answer.problem
    if not answer.total:
        return _("Intet fundet for “%(text)s”.") % {"text": answer.text}
    return ngettext("%(count)d resultat for “%(text)s”", "%(count)d resultater for “%(text)s”", answer.total) % {
        "count": answer.total,
        "text": answer.text,
    }
