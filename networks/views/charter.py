"""Pages of the charter, for the members alone."""

from functools import partial

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from members.requests import number
from networks import charter as room
from networks import differences, permissions, suggestions
from networks.charter import Text
from networks.charter_forms import ChangeCharterForm, ObjectionForm, ProposeCharterForm
from networks.conflicts import ChangedMeanwhile
from networks.models import Charter, CharterAnswer
from networks.permissions import get_room
from networks.refusal import Refused
from networks.room_permissions import get_charter
from networks.tabs import tabs
from networks.views.confirm import confirm, posted
from networks.views.saving import save_over


def _page(request, template: str, network, *, status: int = 200, **context):
    context |= {"network": network, "tabs": tabs(request.user, network, "charter"), "now": timezone.now()}
    return render(request, f"networks/{template}.html", context, status=status)


@never_cache
@require_safe
def charter(request, slug):
    """What holds now, what is proposed, and what has been."""
    network = get_room(request.user, slug)
    versions = list(network.charters.select_related("proposed_by"))
    for version in versions:
        version.network = network
    current = next((version for version in versions if version.is_in_effect), None)
    proposal = next((version for version in versions if version.is_open), None)
    answers = _own_answers(request.user, network, [current, proposal])
    mine = answers.get(current.pk) if current else None
    return _page(
        request,
        "charter",
        network,
        current=current,
        proposal=proposal,
        earlier=[version for version in versions if not (version.is_open or version.is_in_effect)],
        proposal_answer=answers.get(proposal.pk) if proposal else None,
        i_have_consented=mine is not None and mine.answer == CharterAnswer.Answer.CONSENTS,
        standing=room.standing(current) if current else None,
        can_work=room.can_work(request.user, network),
        is_coordinator=permissions.is_coordinator(request.user, network),
        four_fs=suggestions.FOUR_FS,
    )


@never_cache
@require_safe
def charter_version(request, slug, pk):
    """One version: what it changes, who has said what, and the reader's own answer."""
    version = get_charter(request.user, slug, pk)
    network = version.network
    before = _compared_with(version)
    return _page(
        request,
        "charter_version",
        network,
        version=version,
        before=before,
        rules=differences.lines(before.ground_rules if before else version.ground_rules, version.ground_rules),
        values=differences.lines(before.values if before else version.values, version.values),
        standing=room.standing(version),
        answer=_own_answers(request.user, network, [version]).get(version.pk),
        revisions=_revisions(version),
        can_work=room.can_work(request.user, network),
        can_change=room.can_change(request.user, version),
        can_withdraw=version.is_open and room.can_withdraw(request.user, version),
    )


def _own_answers(user, network, charters) -> dict[int, CharterAnswer]:
    membership = permissions.membership_of(user, network)
    chosen = [charter for charter in charters if charter is not None]
    return {answer.charter_id: answer for answer in membership.charter_answers.filter(charter__in=chosen)}


def _compared_with(version: Charter) -> Charter | None:
    """The agreement it would take the place of, or took the place of; for one that came to nothing, what held then."""
    if version.is_open:
        return room.in_effect(version.network)
    if version.effective_at is None:
        before = version.network.charters.filter(effective_at__lt=version.settled_at)
    else:
        before = version.network.charters.filter(effective_at__lt=version.effective_at)
    return before.order_by("-effective_at").first()


def _revisions(version: Charter) -> list:
    """Each change of the wording, latest first, with what it changed."""
    after = version
    revisions = list(version.revisions.select_related("changed_by"))
    for revision in revisions:
        revision.rules = differences.lines(revision.ground_rules, after.ground_rules)
        revision.values_changed = differences.lines(revision.values, after.values)
        after = revision
    return revisions


# --- Proposing and changing ------------------------------------------------------------------------------------------


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def propose_charter(request, slug):
    network = get_room(request.user, slug)
    if not room.can_work(request.user, network):
        raise PermissionDenied
    now = timezone.now()
    current, draft = room.in_effect(network), room.draft_of(request.user, network)
    source = _source(request, network) or draft or current
    initial = {"seen": current.pk if current else None}
    if source is not None:
        text = Text.of(source)
        initial |= vars(text) | {"note": source.note if source == draft else ""}
    form = ProposeCharterForm(posted(request), initial=initial, now=now)

    def propose(note, deadline, seen, **_fields):
        words = {"text": form.text(), "note": note, "actor": request.user, "now": now}
        try:
            return room.propose(network, deadline=deadline, seen=seen, **words)
        except ChangedMeanwhile as conflict:
            room.save_draft(network, **words)
            messages.warning(request, _("%(what)s Din tekst er gemt som kladde.") % {"what": conflict})
            raise

    saving = save_over(form, propose, version="pk")
    if saving.is_done:
        messages.success(request, _("Forslaget er stillet. De andre medlemmer har fået besked."))
        return redirect(saving.result) if saving.result.is_open else redirect("networks:charter", slug)
    if saving.conflict and saving.theirs.is_open:
        form.catch_up(form.cleaned_data["seen"])  # what it takes the place of is still what was read
    theirs = saving.theirs or room.proposal(network)
    if theirs is not None:
        theirs.network = network
    return _page(
        request,
        "charter_propose",
        network,
        form=form,
        current=current,
        draft=draft if source == draft else None,
        theirs=theirs,
        four_fs=suggestions.FOUR_FS,
        status=saving.status,
    )


def _source(request, network) -> Charter | None:
    """An earlier version to begin from."""
    chosen = number(request.GET.get("fra"))
    return None if chosen is None else get_object_or_404(network.charters, pk=chosen)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def change_charter(request, slug, pk):
    version = get_charter(request.user, slug, pk)
    network = version.network
    if not (room.can_work(request.user, network) and room.can_change(request.user, version)):
        raise PermissionDenied
    initial = vars(Text.of(version)) | {"seen": version.revision}
    form = ChangeCharterForm(posted(request), initial=initial, charter=version)

    def change(seen, **_answers):
        said = {"text": form.text(), "is_substance": form.is_substance}
        room.change(version, actor=request.user, seen=seen, now=timezone.now(), **said)

    saving = save_over(form, change, version="revision")
    if saving.is_done:
        messages.success(request, _("Teksten er rettet. De andre medlemmer har fået besked."))
        return redirect(version)
    context = {"form": form, "version": version} | saving.shown
    return _page(request, "charter_change", network, status=saving.status, **context)


@require_http_methods(["GET", "HEAD", "POST"])
def withdraw_charter(request, slug, pk):
    version = get_charter(request.user, slug, pk)
    if not room.can_withdraw(request.user, version):
        raise PermissionDenied
    return confirm(
        request,
        act=partial(room.withdraw, version, actor=request.user, now=timezone.now()),
        back=version.get_absolute_url(),
        network=version.network,
        heading=_("Træk forslaget tilbage?"),
        consequence=_("Svarene indtil nu bortfalder. Teksten bliver stående i historikken og kan foreslås igen."),
        button=_("Træk forslaget tilbage"),
        done=_("Forslaget er trukket tilbage."),
        is_warning=True,
    )


# --- Answering -------------------------------------------------------------------------------------------------------


@require_POST
def consent_to_charter(request, slug, pk):
    version = get_charter(request.user, slug, pk)
    try:
        version = room.consent(
            version,
            actor=request.user,
            seen=number(request.POST.get("seen")) or 0,
            now=timezone.now(),
        )
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect(version)
    if version.is_in_effect:
        messages.success(request, _("Tak. Aftalen gælder, og du er med i den."))
        return redirect("networks:charter", slug)
    messages.success(request, _("Tak. Dit ja er noteret."))
    return redirect(version)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def object_to_charter(request, slug, pk):
    version = get_charter(request.user, slug, pk)
    if not version.is_open:
        messages.error(request, _("Forslaget er afgjort i mellemtiden."))
        return redirect(version)
    form = ObjectionForm(posted(request), initial={"seen": version.revision})
    if form.is_valid():
        try:
            room.object_to(version, actor=request.user, now=timezone.now(), **form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Din indvending er noteret. De andre medlemmer kan læse den."))
            return redirect(version)
    return _page(request, "charter_object", version.network, form=form, version=version)


# --- Showing the ground rules ----------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def show_ground_rules(request, slug):
    network = get_room(request.user, slug)
    if not permissions.is_coordinator(request.user, network):
        raise PermissionDenied
    back = _charter_url(network)
    return confirm(
        request,
        act=partial(room.show_ground_rules, network, actor=request.user, now=timezone.now()),
        back=back,
        network=network,
        heading=_("Vis spillereglerne for ansøgere?"),
        consequence=_(
            "Ledere, der har søgt, er inviteret eller kan tilmelde sig, kan læse jeres spilleregler på netværkets "
            "side. Værdisættet bliver hos jer. Gør det kun, hvis I er enige om det."
        ),
        button=_("Vis spilleregler"),
        done=_("Ansøgere kan nu læse jeres spilleregler."),
    )


@require_POST
def hide_ground_rules(request, slug):
    network = get_room(request.user, slug)
    try:
        room.hide_ground_rules(network, actor=request.user, now=timezone.now())
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Spillereglerne er igen kun for jer."))
    return redirect(_charter_url(network))


def _charter_url(network) -> str:
    return reverse("networks:charter", args=[network.slug])
