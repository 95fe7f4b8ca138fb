"""HTTP in, HTTP out: my meetings, one meeting, a network's plan, and the calendar."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseNotFound
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.cache import get_conditional_response
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from meetings import attendance, calendar, feeds, permissions, planning, scheduling
from meetings.forms import (
    AttendanceForm,
    CancelForm,
    DraftFormSet,
    MoveForm,
    PlaceForm,
    ReplyForm,
    SeasonForm,
    ThemeForm,
)
from meetings.listing import rows
from meetings.models import CalendarFeed, Meeting, MeetingPlan, Rsvp
from members import audit
from members.danish import full_date, today
from networks import basis
from networks.permissions import get_network_as_coordinator, is_active_member, is_coordinator
from networks.tabs import tabs

PAST_PER_PAGE = 50
form_page = require_http_methods(["GET", "HEAD", "POST"])

# --- My meetings -----------------------------------------------------------------------------------------------------


@require_safe
def mine(request):
    now = timezone.now()
    meetings = Meeting.objects.of_member(request.user)
    context = {"shows_past": request.GET.get("vis") == "tidligere"}
    if context["shows_past"]:
        context["page"] = Paginator(meetings.over(now), PAST_PER_PAGE).get_page(request.GET.get("page"))
        context["rows"] = rows(context["page"].object_list, user=request.user)
    else:
        context["rows"] = rows(meetings.not_over(now), user=request.user, now=now)
    return render(request, "meetings/mine.html", context)


# --- One meeting -----------------------------------------------------------------------------------------------------


@require_safe
def meeting(request, pk):
    now = timezone.now()
    meeting = permissions.get_meeting(request.user, pk)
    return render(
        request,
        "meetings/meeting.html",
        {
            "meeting": meeting,
            "network": meeting.network,
            "now": now,
            "my_rsvp": meeting.rsvps.filter(user=request.user).first(),
            "takes_replies": meeting.takes_replies(now),
            "answers": attendance.answers(meeting) if meeting.state != Meeting.State.HELD else [],
            "presence": attendance.presence(meeting) if meeting.state == Meeting.State.HELD else [],
            "changes": meeting.changes.select_related("changed_by"),
            "coordinators": meeting.network.memberships.active()
            .filter(is_coordinator=True)
            .select_related("leader__user"),
            "is_coordinator": is_coordinator(request.user, meeting.network),
            "can_record": attendance.can_record(meeting, now),
        },
    )


@require_POST
def reply(request, pk):
    meeting = permissions.get_meeting(request.user, pk)
    form = ReplyForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Vælg, om du deltager eller melder afbud."))
        return redirect(meeting)
    try:
        rsvp = attendance.reply(meeting, user=request.user, now=timezone.now(), **form.cleaned_data)
    except attendance.RepliesClosed as closed:
        messages.error(request, str(closed))
        return redirect(meeting)
    day = {"date": full_date(meeting.date)}
    if rsvp.answer == Rsvp.Answer.ACCEPTED:
        messages.success(request, _("Du har sagt ja til mødet %(date)s.") % day)
    else:
        messages.success(request, _("Du har meldt afbud til mødet %(date)s.") % day)
    return redirect(_safe_next(request) or meeting)


def _safe_next(request) -> str:
    target = request.POST.get("next", "")
    return target if url_has_allowed_host_and_scheme(target, {request.get_host()}, request.is_secure()) else ""


@form_page
def theme(request, pk):
    meeting = permissions.get_meeting(request.user, pk)
    form = ThemeForm(request.POST or None, initial={"theme": meeting.theme})
    if form.is_valid():
        meeting.theme = form.cleaned_data["theme"]
        meeting.save(update_fields=["theme"])
        audit.record(request.user, "set_theme", meeting, now=timezone.now())
        return redirect(meeting)
    return render(request, "meetings/theme.html", {"meeting": meeting, "form": form})


@form_page
def move(request, pk):
    now = timezone.now()
    meeting = permissions.get_meeting_as_coordinator(request.user, pk)
    form = MoveForm(
        request.POST or None,
        now=now,
        initial={
            "date": meeting.date,
            "start_time": meeting.start_time,
            "end_time": meeting.end_time,
            "seen_sequence": meeting.sequence,
        },
    )
    if form.is_valid():
        try:
            scheduling.move(meeting, actor=request.user, now=now, **form.cleaned_data)
        except scheduling.NotPossible as problem:
            form.add_error(None, str(problem))
        else:
            messages.success(request, _("Mødet er flyttet, og medlemmerne får besked."))
            return redirect(meeting)
    return _change_page(request, "meetings/move.html", meeting, form)


@form_page
def change_place(request, pk):
    meeting = permissions.get_meeting_as_coordinator(request.user, pk)
    form = PlaceForm(
        request.POST or None,
        initial={"place": meeting.place, "link": meeting.link, "seen_sequence": meeting.sequence},
    )
    if form.is_valid():
        try:
            scheduling.change_place(meeting, actor=request.user, now=timezone.now(), **form.cleaned_data)
        except scheduling.NotPossible as problem:
            form.add_error(None, str(problem))
        else:
            messages.success(request, _("Mødets sted er ændret, og medlemmerne får besked."))
            return redirect(meeting)
    return _change_page(request, "meetings/change_place.html", meeting, form)


@form_page
def cancel(request, pk):
    now = timezone.now()
    meeting = permissions.get_meeting_as_coordinator(request.user, pk)
    form = CancelForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            scheduling.cancel(meeting, actor=request.user, now=now, reason=form.cleaned_data["reason"])
        except scheduling.NotPossible as problem:
            form.add_error(None, str(problem))
        else:
            messages.success(request, _("Mødet er aflyst."))
            return redirect(meeting)
    return _change_page(request, "meetings/cancel.html", meeting, form, is_past=meeting.is_past(now))


def _change_page(request, template, meeting, form, **context):
    count = attendance.expected(meeting).count()
    return render(request, template, {"meeting": meeting, "form": form, "receivers": count, **context})


@form_page
def record_attendance(request, pk):
    now = timezone.now()
    meeting = permissions.get_meeting_as_coordinator(request.user, pk)
    if not attendance.can_record(meeting, now):
        messages.error(request, _("Fremmødet kan registreres, når mødet er begyndt."))
        return redirect(meeting)
    form = AttendanceForm(
        request.POST if request.method == "POST" else None,
        people=attendance.expected(meeting),
        initial={"present": attendance.proposed(meeting)},
    )
    if form.is_valid():
        attendance.record(meeting, present=form.cleaned_data["present"], actor=request.user, now=now)
        messages.success(request, _("Fremmødet er registreret."))
        return redirect(meeting)
    return render(request, "meetings/attendance.html", {"meeting": meeting, "form": form})


@require_safe
def download_ics(request, pk):
    meeting = permissions.get_meeting(request.user, pk)
    response = HttpResponse(calendar.download([meeting]), content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="moede-{meeting.date.isoformat()}.ics"'
    response["Cache-Control"] = "private, no-store"
    return response


# --- A network's plan ------------------------------------------------------------------------------------------------


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
    form = SeasonForm(request.POST or None, now=now)
    if form.is_valid():
        return redirect(planning.create_draft(network, actor=request.user, now=now, **form.season))
    return _network_page(request, "meetings/season.html", network, form=form, lacks=basis.lacks(network, today(now)))


@form_page
def edit_season(request, slug, pk):
    """Another rhythm for the draft."""
    now = timezone.now()
    plan = permissions.get_draft_as_coordinator(request.user, slug, pk)
    names = ("name", "first_date", "weekday", "interval_weeks", "start_time", "end_time", "place", "link")
    initial = {name: getattr(plan, name) for name in names} | {"number_of_meetings": plan.number_of_meetings}
    form = SeasonForm(request.POST or None, now=now, initial=initial)
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
        is_member = is_active_member(request.user, plan.network)
        meetings = plan.meetings.published().order_by("starts_at", "pk")
        user = request.user if is_member else None
        found = rows(meetings, user=user, now=now, with_links=is_member)
        return _network_page(request, "meetings/plan.html", plan.network, plan=plan, rows=found)
    initial = [
        {name: getattr(meeting, name) for name in ("date", "start_time", "end_time", "place")} | {"meeting": meeting.pk}
        for meeting in plan.meetings.order_by("starts_at", "pk").defer("theme")
    ]
    formset = DraftFormSet(
        request.POST or None,
        initial=initial,
        form_kwargs={"now": now, "plan": plan},
        prefix="dato",
        error_messages=_too_many(),
    )
    if request.method == "POST" and formset.is_valid():
        try:
            planning.adjust(plan, formset.rows, actor=request.user, now=now)
        except planning.CannotPublish as problem:
            messages.error(request, str(problem))
            return redirect(plan)
        if "publish" in request.POST:
            return redirect("meetings:publish_plan", slug, pk)
        messages.success(request, _("Kladden er gemt."))
        return redirect(plan)
    return _network_page(
        request, "meetings/draft.html", plan.network, plan=plan, formset=formset, skipped=planning.skipped_by(plan)
    )


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
    return _network_page(
        request,
        "meetings/publish.html",
        plan.network,
        plan=plan,
        meetings=plan.meetings.count(),
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


# --- Calendar --------------------------------------------------------------------------------------------------------


@never_cache
@form_page
def subscription(request):
    """Where one gets, replaces and ends one's secret calendar address. It is shown in the answer to the POST alone."""
    now = timezone.now()
    address = ""
    if request.method == "POST":
        if "revoke" in request.POST:
            feeds.revoke(request.user, now=now)
            messages.success(request, _("Abonnementet er slettet. Adressen virker ikke længere."))
            return redirect("meetings:subscription")
        address = settings.SITE_URL + reverse("meetings:feed", args=[feeds.create(request.user, now=now)])
    return render(
        request,
        "meetings/subscription.html",
        {
            "feed": CalendarFeed.objects.filter(user=request.user).first(),
            "address": address,
            "webcal": address.replace("https://", "webcal://").replace("http://", "webcal://"),
            "now": now,
        },
    )


@login_not_required
@require_safe
def feed(request, token):
    """The address is the key. Whatever is wrong with it, the answer is the same 404."""
    now = timezone.now()
    found = feeds.find(token, now=now)
    if found is None:
        return HttpResponseNotFound(_("Kalenderen findes ikke."), content_type="text/plain; charset=utf-8")
    feeds.note_use(found, now=now)
    response = get_conditional_response(request, etag=found.etag)
    if response is None:
        with translation.override(found.language):
            response = HttpResponse(feeds.text(found, now=now), content_type="text/calendar; charset=utf-8")
    response["ETag"] = found.etag
    response["Cache-Control"] = "private, no-cache"
    response["X-Robots-Tag"] = "noindex"
    return response
