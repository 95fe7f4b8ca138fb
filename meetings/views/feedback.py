"""Pages of the feedback room."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from meetings import feedback as room
from meetings import feedback_permissions, feedback_trend, questions, release
from meetings import feedback_schedule as schedule
from meetings.feedback_forms import AnswerForm, ExtendRoundForm, PlanRoundForm, ScheduleForm, SummaryForm
from meetings.models import FeedbackRound, FeedbackSchedule, SeasonSummary
from networks import permissions
from networks.models import Network
from networks.tabs import tabs


def _page(request, template: str, network, *, status: int = 200, **context):
    context |= {"network": network, "tabs": tabs(request.user, network, current="feedback"), "now": timezone.now()}
    return render(request, f"meetings/{template}.html", context, status=status)


@require_safe
def feedback(request, slug):
    """The network's rounds, latest first."""
    network = feedback_permissions.get_network(request.user, slug)
    is_member = permissions.is_active_member(request.user, network)
    known = feedback_permissions.known_rounds(request.user, network)
    rounds = list(known.select_related("release").defer("release__results"))
    answered = set()
    if is_member:
        answered = set(request.user.feedback_invitations.filter(has_answered=True).values_list("round_id", flat=True))
    for round in rounds:
        round.network = network
        round.awaits_me = is_member and round.state == FeedbackRound.State.OPEN and round.pk not in answered
        round.can_be_opened = feedback_permissions.can_open(request.user, round, network)
    return _page(
        request,
        "feedback",
        network,
        rounds=rounds,
        themes=network.theme_feedback.select_related("meeting", "focus_person") if is_member else (),
        can_bring_theme=is_member and network.state == Network.State.ACTIVE,
        schedule=FeedbackSchedule.objects.filter(network=network).first() if is_member else None,
        is_too_small=is_member and network.state == Network.State.ACTIVE and room.is_too_small(network),
        too_small_sentence=room.too_small_sentence(),
        guide=questions.CONVERSATION_GUIDE,
        is_member=is_member,
        can_plan=feedback_permissions.can_plan(request.user, network),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def new_feedback_round(request, slug):
    """The coordinator puts a round on the timetable, or is told why it would not work and what to do instead."""
    network = permissions.get_network_as_coordinator(request.user, slug)
    if not feedback_permissions.can_plan(request.user, network):
        raise PermissionDenied
    if room.is_too_small(network):
        return _page(request, "feedback_too_small", network, floor=room.threshold(), guide=questions.CONVERSATION_GUIDE)
    now = timezone.now()
    form = PlanRoundForm(request.POST if request.method == "POST" else None, now=now)
    if form.is_valid():
        try:
            round = room.plan_round(
                network,
                actor=request.user,
                opens_at=room.opening_at(form.cleaned_data["opens_on"], now),
                closes_at=room.closing_at(form.cleaned_data["closes_on"]),
                kind=form.cleaned_data["kind"],
                now=now,
            )
        except room.FeedbackRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Runden er planlagt. Medlemmerne får besked, når den åbner."))
            return redirect(round)
    return _page(
        request,
        "feedback_new",
        network,
        form=form,
        floor=room.threshold(),
        sets=[
            (asked.name, asked.sections_for(network.type, network.gains))
            for asked in map(questions.current, (FeedbackRound.Kind.NETWORK_PULSE, FeedbackRound.Kind.SEASON_REVIEW))
        ],
    )


@require_http_methods(["GET", "HEAD", "POST"])
def feedback_schedule(request, slug):
    """How often the group asks itself: the coordinator's settings."""
    network = permissions.get_network_as_coordinator(request.user, slug)
    now = timezone.now()
    current = FeedbackSchedule.objects.filter(network=network).first() or FeedbackSchedule(network=network)
    form = ScheduleForm(request.POST if request.method == "POST" else None, instance=current)
    if form.is_valid():
        try:
            schedule.set_schedule(network, actor=request.user, now=now, **form.cleaned_data)
        except room.FeedbackRefused as refusal:
            form.add_error("next_on", str(refusal))
        else:
            messages.success(request, _("Rytmen er gemt. Runder, der allerede er planlagt, står ved magt."))
            return redirect("meetings:feedback", slug)
    return _page(
        request,
        "feedback_schedule",
        network,
        form=form,
        floor=room.threshold(),
        is_too_small=room.is_too_small(network),
        guide=questions.CONVERSATION_GUIDE,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def extend_feedback(request, slug, pk):
    """A later frist; never an earlier one."""
    round = feedback_permissions.get_round_as_coordinator(request.user, slug, pk)
    form = ExtendRoundForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        closes_at = room.closing_at(form.cleaned_data["closes_on"])
        try:
            room.extend(round, closes_at=closes_at, actor=request.user, now=timezone.now())
        except room.RoundClosed as refusal:
            messages.warning(request, str(refusal))
            return redirect(round)
        except room.FeedbackRefused as refusal:
            form.add_error("closes_on", str(refusal))
        else:
            messages.success(request, _("Fristen er forlænget. Ingen får en ekstra mail."))
            return redirect(round)
    if round.is_over:
        return redirect(round)
    return _page(request, "feedback_extend", round.network, round=round, form=form)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def feedback_round(request, slug, pk):
    """One round: planned, to be answered, answered, or over with what it showed."""
    round = feedback_permissions.get_round(request.user, slug, pk)
    network = round.network
    if round.is_over:
        return _show_result(request, round)
    now = timezone.now()
    if round.state == FeedbackRound.State.DRAFT:
        return _page(
            request,
            "feedback_planned",
            network,
            round=round,
            sections=questions.sections_of(round),
            is_coordinator=permissions.is_coordinator(request.user, network),
        )
    invitation = round.invited.filter(user=request.user).first()
    if invitation is None or invitation.has_answered or not round.takes_answers(now):
        return _page(
            request,
            "feedback_waiting",
            network,
            round=round,
            has_answered=invitation is not None and invitation.has_answered,
            is_invited=invitation is not None,
            takes_answers=round.takes_answers(now),
            is_coordinator=permissions.is_coordinator(request.user, network),
        )
    asked = questions.sections_of(round)
    form = AnswerForm(request.POST if request.method == "POST" else None, sections=asked)
    if form.is_valid():
        return _take_answer(request, round, form, now)
    is_coordinator = permissions.is_coordinator(request.user, network)
    return _page(request, "feedback_answer", network, round=round, form=form, is_coordinator=is_coordinator)


def _take_answer(request, round, form, now):
    try:
        room.answer(round, user=request.user, answers=form.cleaned_data, now=now)
    except (room.RoundClosed, room.AlreadyAnswered) as refusal:
        messages.warning(request, str(refusal))
    except room.FeedbackRefused as refusal:
        form.add_error(None, str(refusal))
        return _page(request, "feedback_answer", round.network, round=round, form=form)
    return redirect(round)


def _show_result(request, round):
    network = round.network
    if request.method == "POST":
        messages.warning(request, _("Runden er lukket, så dit svar kunne ikke komme med."))
        return redirect(round)
    is_member = permissions.is_active_member(request.user, network)
    asked = questions.sections_of(round, with_own=is_member)
    now = timezone.now()
    return _page(
        request,
        "feedback_result",
        network,
        round=round,
        release=round.release,
        sections=release.sections(round.release.results, asked, with_comments=is_member),
        is_member=is_member,
        can_share=room.can_share(request.user, round),
        insight=feedback_trend.insight(round) if is_member else None,
        next_meeting=network.meetings.upcoming(now).first() if is_member else None,
        summary=SeasonSummary.objects.filter(round=round).first(),
        can_summarise=room.can_summarise(round) and permissions.is_coordinator(request.user, network),
        scale=questions.SCALE.values(),
        floor=round.anonymity_threshold,
        guide=questions.CONVERSATION_GUIDE,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def share_feedback(request, slug, pk):
    """Ask before a result leaves the network: it cannot be taken back."""
    round = feedback_permissions.get_round_as_coordinator(request.user, slug, pk)
    if request.method == "POST":
        try:
            room.share(round, actor=request.user, now=timezone.now())
        except room.FeedbackRefused as refusal:
            messages.warning(request, str(refusal))
        else:
            messages.success(request, _("Resultatet er delt med HR og topledelsen."))
        return redirect(round)
    if not round.is_over or not room.can_share(request.user, round):
        return redirect(round)
    has_summary = SeasonSummary.objects.filter(round=round).exists()
    return _page(request, "feedback_share", round.network, round=round, has_summary=has_summary)


@require_http_methods(["GET", "HEAD", "POST"])
def drop_feedback(request, slug, pk):
    """Ask before a planned round is taken off the timetable."""
    round = feedback_permissions.get_round_as_coordinator(request.user, slug, pk)
    if request.method == "POST":
        try:
            room.drop_round(round, actor=request.user, now=timezone.now())
        except room.FeedbackRefused as refusal:
            messages.warning(request, str(refusal))
            return redirect(round)
        messages.success(request, _("Runden er slettet. Ingen har fået besked om den."))
        return redirect("meetings:feedback", slug)
    if round.state != FeedbackRound.State.DRAFT:
        return redirect(round)
    return _page(request, "feedback_drop", round.network, round=round)


@require_http_methods(["GET", "HEAD", "POST"])
def season_summary(request, slug, pk):
    """The group's own words on its year, written down by its coordinator."""
    round = feedback_permissions.get_round_as_coordinator(request.user, slug, pk)
    if not room.can_summarise(round):
        return redirect(round)
    current = SeasonSummary.objects.filter(round=round).first()
    form = SummaryForm(
        request.POST if request.method == "POST" else None, initial={"text": current.text if current else ""}
    )
    if form.is_valid():
        try:
            room.summarise(round, text=form.cleaned_data["text"], actor=request.user, now=timezone.now())
        except room.FeedbackRefused as refusal:
            messages.warning(request, str(refusal))
        else:
            messages.success(request, _("Opsummeringen er gemt. Kun netværkets medlemmer kan læse den."))
        return redirect(round)
    return _page(request, "feedback_summary", round.network, round=round, form=form)
