"""HTTP in, HTTP out: a network's plan."""

from datetime import date

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from meetings import history, permissions, planning, remarks, year
from meetings.clashes import Clashes
from meetings.days import Days
from meetings.forms import DraftFormSet, SeasonForm
from meetings.listing import COLUMNS as LIST_COLUMNS
from meetings.listing import rows, rows_of_values
from meetings.models import MeetingPlan
from members.danish import today
from networks import basis
from networks.permissions import get_network_as_coordinator, is_active_member, is_coordinator
from networks.tabs import tabs

form_page = require_http_methods(["GET", "HEAD", "POST"])


def _network_page(request, template, network, **context):
    context |= {"network": network, "tabs": tabs(request.user, network, current="meetings")}
    return render(request, template, context)


@require_safe
def plan_list(request, slug):
    now = timezone.now()
    network = permissions.get_network_with_dates(request.user, slug)
    is_member = is_active_member(request.user, network)
    coordinates = is_coordinator(request.user, network)
    user = request.user if is_member else None
    plans = network.plans.all() if coordinates else network.plans.filter(state=MeetingPlan.State.PUBLISHED)
    plans = list(plans)
    return _network_page(
        request,
        "meetings/plan_list.html",
        network,
        coming=rows(network.meetings.not_over(now), user=user, now=now, with_links=is_member),
        past=rows(network.meetings.over(now), user=user, with_links=is_member),
        draft=next((plan for plan in plans if plan.is_draft), None),
        plans=[plan for plan in plans if not plan.is_draft],
        is_member=is_member,
        is_coordinator=coordinates,
    )


@form_page
def new_plan(request, slug):
    now = timezone.now()
    network = get_network_as_coordinator(request.user, slug)
    draft = network.plans.filter(state=MeetingPlan.State.DRAFT).first()
    if draft:
        return redirect(draft)
    form = SeasonForm(request.POST or None, now=now, network=network)
    if form.is_valid():
        return redirect(planning.create_draft(network, actor=request.user, now=now, **form.season))
    return _network_page(request, "meetings/season.html", network, form=form, lacks=basis.lacks(network, today(now)))


@form_page
def edit_season(request, slug, pk):
    """Another rhythm for the draft."""
    now = timezone.now()
    plan = permissions.get_draft_as_coordinator(request.user, slug, pk)
    names = ("name", "first_date", "weekdays", "interval_weeks", "start_time", "end_time", "place", "link", "last_date")
    initial = {name: getattr(plan, name) for name in names}
    if plan.last_date is None:
        initial["number_of_meetings"] = plan.number_of_meetings
    form = SeasonForm(request.POST or None, now=now, network=plan.network, initial=initial)
    if form.is_valid():
        try:
            return redirect(planning.redraw(plan, actor=request.user, now=now, **form.season))
        except planning.CannotPublish as problem:
            form.add_error(None, str(problem))
    return _network_page(request, "meetings/season.html", plan.network, form=form, plan=plan)


@form_page
def plan(request, slug, pk):
    """A draft to adjust, or a published plan to read."""
    now = timezone.now()
    plan = permissions.get_plan(request.user, slug, pk)
    if not plan.is_draft:
        return _published(request, plan, now)
    return _draft(request, plan, now)


def _published(request, plan, now):
    is_member = is_active_member(request.user, plan.network)
    meetings = plan.meetings.published().order_by("starts_at", "pk")
    if is_member:
        meetings = meetings.with_answer_of(request.user)
    # Read once, for the list and for the wheel.
    found = list(meetings.values("sequence", *{*LIST_COLUMNS, *year.COLUMNS}, *(["my_answer"] if is_member else [])))
    is_changed = any(values["sequence"] for values in found)  # each change raises it
    return _network_page(
        request,
        "meetings/plan.html",
        plan.network,
        plan=plan,
        rows=rows_of_values(found, now=now, with_links=is_member),
        changes=history.changes_of(plan, with_reasons=is_member) if is_changed else [],
        is_member=is_member,
        year=year.of_values(found, start=plan.first_date, today=today(now), with_links=is_member),
    )


def _draft(request, plan, now):
    meetings = list(plan.meetings.order_by("starts_at", "pk").defer("theme", "link"))
    initial = [
        {name: getattr(meeting, name) for name in ("date", "start_time", "end_time", "place")} | {"meeting": meeting.pk}
        for meeting in meetings
    ]
    first, last = (meetings[0].date, meetings[-1].date) if meetings else (plan.first_date, plan.first_date)
    days = Days(min(first, plan.first_date), network=plan.network)
    formset = DraftFormSet(
        request.POST or None,
        initial=initial,
        form_kwargs={"now": now, "plan": plan, "days": days, "clashes": Clashes(plan.network, first, last)},
        prefix="dato",
        error_messages=_too_many(),
    )
    if request.method == "POST" and formset.is_valid():
        try:
            planning.adjust(plan, formset.rows, actor=request.user, now=now)
            if skipped := _iso_date(request.POST.get("bring_back", "")):
                planning.bring_back(plan, skipped, actor=request.user, now=now)
        except planning.CannotPublish as problem:
            messages.error(request, str(problem))
            return redirect(plan)
        if "publish" in request.POST:
            return redirect("meetings:publish_plan", plan.network.slug, plan.pk)
        messages.success(request, _("Kladden er gemt."))
        return redirect(plan)
    skipped = planning.skipped_by(plan, days)
    return _network_page(request, "meetings/draft.html", plan.network, plan=plan, formset=formset, skipped=skipped)


def _iso_date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _too_many() -> dict[str, str]:
    return {"too_many_forms": _("En mødeplan kan højst have %(limit)d møder.") % {"limit": planning.MAX_MEETINGS}}


@form_page
def publish_plan(request, slug, pk):
    now = timezone.now()
    plan = permissions.get_plan(request.user, slug, pk)
    permissions.require_coordinator(request.user, plan.network)
    if request.method == "POST":
        try:
            planning.publish(plan, actor=request.user, now=now)
        except (planning.CannotPublish, basis.NotReady) as problem:
            messages.error(request, str(problem))
            return redirect(plan)
        messages.success(request, _("Mødeplanen er offentliggjort, og medlemmerne får deres indkaldelser."))
        return redirect("meetings:plan_list", slug)
    if not plan.is_draft:
        return redirect(plan)
    times = list(plan.meetings.order_by("starts_at", "pk").values_list("date", "start_time", "end_time"))
    return _network_page(
        request,
        "meetings/publish.html",
        plan.network,
        plan=plan,
        meetings=len(times),
        remarked=remarks.found(plan.network, times),
        members=plan.network.memberships.active().count(),
        lacks=basis.lacks(plan.network, today(now)),
    )


@form_page
def discard_plan(request, slug, pk):
    plan = permissions.get_draft_as_coordinator(request.user, slug, pk)
    if request.method == "POST":
        try:
            planning.discard(plan, actor=request.user, now=timezone.now())
        except planning.CannotPublish as problem:
            messages.error(request, str(problem))
        else:
            messages.success(request, _("Kladden er kasseret."))
        return redirect("meetings:plan_list", slug)
    return _network_page(request, "meetings/discard.html", plan.network, plan=plan, meetings=plan.meetings.count())
