"""Pages of the cards: all of them, one, and what is done with it."""

from functools import partial

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from meetings import learning as room
from meetings.memory_forms import CardSearchForm, LearningCardForm
from meetings.models import LearningCard
from members.requests import number
from networks.refusal import Refused
from networks.room_permissions import get_room
from networks.tabs import tabs
from networks.views.confirm import confirm, posted
from networks.views.saving import save_over

form_page = require_http_methods(["GET", "HEAD", "POST"])
ON_A_PAGE = 20


def get_card(user, slug: str, pk: int) -> LearningCard:
    network = get_room(user, slug)
    card = get_object_or_404(network.learning_cards.select_related("author", "meeting"), pk=pk)
    card.network = network
    return card


def _page(request, template, network, *, status=200, **context):
    context |= {"network": network, "tabs": tabs(request.user, network, current="meetings")}
    return render(request, f"meetings/{template}.html", context, status=status)


@never_cache
@require_safe
def learning_cards(request, slug):
    """All cards, those of one theme, or those that hold the words searched for."""
    network = get_room(request.user, slug)
    cards = room.cards_of(network)
    form = CardSearchForm(request.GET)
    words = form.cleaned_data["q"] if form.is_valid() else ""
    theme = request.GET.get("tema", "")
    card = number(theme)
    found = cards if card is None else room.with_theme_of(cards, card)
    found = room.search(found, words) if words else found
    return _page(
        request,
        "learning_cards",
        network,
        form=form,
        words=words,
        has_any=bool(cards),
        themes=room.themes_of(cards),
        theme=found[0].theme if theme and found and found is not cards else "",
        is_filtered=bool(words or theme),
        count=len(found),
        page=Paginator(found, ON_A_PAGE).get_page(request.GET.get("page")),
    )


@never_cache
@require_safe
def learning_card(request, slug, pk):
    card = get_card(request.user, slug, pk)
    return _page(request, "learning_card", card.network, card=card, can_delete=room.can_delete(request.user, card))


@never_cache
@form_page
def new_learning_card(request, slug):
    """Empty, or begun with the theme of the meeting it comes from."""
    network = get_room(request.user, slug)
    meeting = _meeting(request, network)
    form = LearningCardForm(posted(request), initial={"theme": meeting.theme if meeting else ""})
    if form.is_valid():
        form.cleaned_data.pop("seen")
        try:
            card = room.keep(network, actor=request.user, meeting=meeting, now=timezone.now(), **form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Kortet er gemt. Alle i netværket kan finde det igen."))
            return redirect("meetings:learning_card", slug, card.pk)
    themes = room.themes_of(room.cards_of(network))
    return _page(request, "learning_card_edit", network, form=form, meeting=meeting, themes=themes)


@never_cache
@form_page
def change_learning_card(request, slug, pk):
    card = get_card(request.user, slug, pk)
    names = ("theme", "challenge", "tried", "outcome", "shows_author")
    form = LearningCardForm(
        posted(request),
        is_author=card.author_id == request.user.pk,
        initial={name: getattr(card, name) for name in names} | {"seen": card.version},
    )

    def change(form_key, **answer):
        return room.change(card, actor=request.user, now=timezone.now(), **answer)

    saving = save_over(form, change)
    if saving.is_done:
        messages.success(request, _("Kortet er rettet."))
        return redirect("meetings:learning_card", slug, pk)
    context = {"form": form, "card": card} | saving.shown
    return _page(request, "learning_card_edit", card.network, status=saving.status, **context)


@never_cache
@form_page
def delete_learning_card(request, slug, pk):
    card = get_card(request.user, slug, pk)
    if not room.can_delete(request.user, card):
        raise PermissionDenied
    return confirm(
        request,
        act=partial(room.delete, card, actor=request.user, now=timezone.now()),
        back=reverse("meetings:learning_card", args=[slug, pk]),
        to=reverse("meetings:learning_cards", args=[slug]),
        network=card.network,
        heading=_("Slet kortet?"),
        consequence=_("Kortet forsvinder for alle i netværket og kan ikke hentes tilbage."),
        button=_("Slet"),
        done=_("Kortet er slettet."),
        is_warning=True,
    )


def _meeting(request, network):
    """The meeting it comes from, when it is one of this network's."""
    chosen = number(request.GET.get("moede"))
    return None if chosen is None else network.meetings.published().filter(pk=chosen).first()
