"""Udfordring og løsning: cards that keep what a group has learned. Read, searched and changed by its members alone."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from meetings.models import LearningCard, Meeting
from members import audit
from members.danish import danish_key, fold
from members.models import User
from networks.conflicts import is_saved
from networks.models import Network
from networks.permissions import is_active_member, is_coordinator
from networks.refusal import Refused, require

AT_MOST = 500  # the texts are ciphertext in the database, so a search reads each card; this bounds what it costs


class ThemeCount(NamedTuple):
    """A theme and how many cards it has. `card` is one of them: an address names it, never the theme itself."""

    name: str
    card: int
    count: int


# --- Reading ---------------------------------------------------------------------------------------------------------


def cards_of(network: Network) -> list[LearningCard]:
    """The latest first."""
    return list(network.learning_cards.select_related("author")[:AT_MOST])


def themes_of(cards: Iterable[LearningCard]) -> list[ThemeCount]:
    """In Danish order; the same theme written in two ways is one."""
    found: dict[str, list[LearningCard]] = {}
    for card in cards:
        found.setdefault(fold(card.theme), []).append(card)
    themes = [ThemeCount(group[0].theme, group[0].pk, len(group)) for group in found.values()]
    return sorted(themes, key=lambda theme: danish_key(theme.name))


def with_theme_of(cards: Iterable[LearningCard], card: int) -> list[LearningCard]:
    """Those that share their theme with the card of that number; none when it is not among them."""
    cards = list(cards)
    theme = next((fold(one.theme) for one in cards if one.pk == card), None)
    return [one for one in cards if fold(one.theme) == theme]


def search(cards: Iterable[LearningCard], words: str) -> list[LearningCard]:
    """The cards that hold every word, in any of their texts; Åse finds aase."""
    wanted = fold(words).split()
    return [
        card
        for card in cards
        if all(word in fold(f"{card.theme} {card.challenge} {card.tried} {card.outcome}") for word in wanted)
    ]


def can_delete(user: User, card: LearningCard) -> bool:
    return is_active_member(user, card.network) and (card.author_id == user.pk or is_coordinator(user, card.network))


# --- Acts ------------------------------------------------------------------------------------------------------------


@transaction.atomic
def keep(
    network: Network,
    *,
    actor: User,
    theme: str,
    challenge: str,
    tried: str,
    outcome: str,
    shows_author: bool,
    now: datetime,
    meeting: Meeting | None = None,
    form_key: UUID | None = None,
) -> LearningCard:
    """Write a card. The same form sent twice makes one."""
    network = Network.objects.lock(network.pk)
    require(is_active_member(actor, network))
    if form_key and (known := network.learning_cards.filter(form_key=form_key).first()):
        return known
    if network.learning_cards.count() >= AT_MOST:
        raise Refused(
            _("Netværket har %(most)d kort. Slet et, I ikke bruger, før du skriver et nyt.") % {"most": AT_MOST}
        )
    require(meeting is None or meeting.network_id == network.pk)
    card = LearningCard.objects.create(
        network=network,
        meeting=meeting,
        theme=theme,
        challenge=challenge,
        tried=tried,
        outcome=outcome,
        author=actor,
        shows_author=shows_author,
        created_at=now,
        **({"form_key": form_key} if form_key else {}),
    )
    audit.record(actor, "keep_card", card, now=now)
    return card


@transaction.atomic
def change(card: LearningCard, *, actor: User, seen: int, now: datetime, shows_author: bool | None = None, **texts):
    """Any member may make it better, saving over the version that was read; its author's name is the author's alone."""
    card = _locked(card, actor)
    answer = {name: texts[name] for name in ("theme", "challenge", "tried", "outcome")}
    if shows_author is not None and card.author_id == actor.pk:
        answer["shows_author"] = shows_author
    if is_saved(card, seen, _("En anden har gemt kortet, mens du skrev."), **answer):
        return card
    for name, value in answer.items():
        setattr(card, name, value)
    card.version += 1
    card.save()
    audit.record(actor, "change_card", card, now=now)
    return card


@transaction.atomic
def delete(card: LearningCard, *, actor: User, now: datetime) -> None:
    card = _locked(card, actor)
    require(can_delete(actor, card))
    audit.record(actor, "delete_card", card, now=now)
    card.delete()


def _locked(card: LearningCard, actor: User) -> LearningCard:
    network = card.network
    require(is_active_member(actor, network))
    current = LearningCard.objects.select_for_update().filter(pk=card.pk).first()
    if current is None:
        raise Refused(_("Kortet er slettet af en anden."))
    current.network = network
    return current
