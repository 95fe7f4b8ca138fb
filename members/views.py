"""Pages about people: the list of leaders, one leader, and what each person sees of themselves."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import IntegrityError
from django.db.models import Count, Q
from django.http import HttpRequest
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from members import address_change, bounces, inbox, permissions, posts
from members.filters import LeaderFilter
from members.forms import EndPostForm, LeaderForm, ProfileForm, posted
from members.leader_import import summary
from members.logbooks import note_list, note_read
from members.models import Leader, LeaderImport, LeadershipLevel, ListRead, PersonalDataRead, User
from members.organisation import Organisation

LEADERS_PER_PAGE = 50
MANAGERS_SUGGESTED = 200


@require_safe
@permissions.hr_only
def leader_list(request: HttpRequest):
    organisation = Organisation()
    networks = Count("memberships", filter=Q(memberships__state__in=["active", "on_leave"]))
    everyone = Leader.objects.current().for_lists().annotate(network_count=networks)
    found = LeaderFilter(request.GET, everyone, organisation=organisation)
    page = Paginator(found.qs, LEADERS_PER_PAGE).get_page(request.GET.get("page"))
    for leader in page:
        leader.unit_label = organisation.label(organisation.units[leader.unit_id])
    _note_leaders(request, page, found, organisation)
    last = LeaderImport.objects.filter(state=LeaderImport.State.APPLIED).select_related("uploaded_by")
    last_import = last.defer("content").order_by("-applied_at").first()
    context = {
        "filter": found,
        "is_filtered": any(found.form.cleaned_data.values()) if found.form.is_valid() else False,
        "page": page,
        "last_import": last_import,
        "last_counts": summary.counts(last_import.summary) if last_import else [],
        "unplaced": LeadershipLevel.objects.filter(rank=0) if request.user.is_hr_admin else [],
    }
    return render(request, "members/leaders.html", context)


def _note_leaders(request, page, found: LeaderFilter, organisation: Organisation) -> None:
    chosen = found.form.cleaned_data if found.form.is_valid() else {}
    selection = {"name": bool(chosen.get("q"))} | {
        name: chosen.get(name) for name in ("level", "field", "without_network", "lacking")
    }
    if unit := organisation.units.get(chosen.get("unit")):
        selection["unit"] = organisation.label(unit)
    people = [leader.user_id for leader in page]
    note_list(ListRead.Kind.LEADERS, people, reader=request.user, now=timezone.now(), selection=selection)


@require_http_methods(["GET", "HEAD", "POST"])
def leader(request: HttpRequest, pk: int):
    leader = permissions.get_leader(request.user, pk)
    organisation = Organisation()
    form = LeaderForm(posted(request), leader=leader, organisation=organisation)
    if form.is_valid() and _edit(request, form, leader):
        messages.success(request, _("Oplysningerne er gemt."))
        if "email" in form.changed_data and leader.user.last_login:
            messages.info(
                request,
                _("Personen får besked på den gamle adresse. En glemt adgangskode kan sendes til den nye om et døgn."),
            )
        return redirect(leader)
    note_read(leader.user, PersonalDataRead.Page.LEADER, reader=request.user, now=timezone.now())
    return _show_leader(request, leader, organisation, form=form, status=400 if form.errors else 200)


def _edit(request, form: LeaderForm, leader: Leader) -> bool:
    try:
        posts.edit_post(leader, form.cleaned_data, actor=request.user, now=timezone.now())
    except address_change.Refused as refusal:
        form.add_error(None, str(refusal))
        return False
    except IntegrityError:  # someone else took the address or number between the form's question and the answer
        form.add_error(None, _("E-mailen eller medarbejdernummeret er netop givet til en anden. Prøv igen."))
        return False
    return True


@require_POST
def clear_refusals(request: HttpRequest, pk: int):
    leader = permissions.get_leader(request.user, pk)
    bounces.clear(leader.user, actor=request.user, now=timezone.now())
    messages.success(request, _("Adressen er i brug igen, og beskederne bliver prøvet om lidt."))
    return redirect(leader)


@require_POST
def end_post(request: HttpRequest, pk: int):
    leader = permissions.get_leader(request.user, pk)
    now = timezone.now()
    form = EndPostForm(request.POST, leader=leader, now=now)
    if form.is_valid():
        posts.end_post(leader, on=form.cleaned_data["on"], actor=request.user, now=now)
        messages.success(request, _("Stillingen er afsluttet."))
        return redirect(leader)
    return _show_leader(request, leader, Organisation(), end_form=form, status=400)


def _show_leader(request, leader: Leader, organisation: Organisation, *, form=None, end_form=None, status=200):
    can_edit = permissions.can_edit_leader(request.user, leader)
    managers = Leader.objects.current().filter(reports__valid_to__isnull=True, reports__isnull=False)
    context = {
        "leader": leader,
        "unit_label": organisation.label(organisation.units[leader.unit_id]),
        "memberships": leader.memberships.select_related("network").order_by("-joined_on", "-pk"),
        "can_edit": can_edit,
        "form": form or LeaderForm(leader=leader, organisation=organisation),
        "end_form": end_form or EndPostForm(leader=leader, now=timezone.now()),
        "is_refused": leader.valid_to is None and bounces.is_refused(leader.user),
        "report_count": leader.reports.filter(valid_to__isnull=True).count(),
        "managers": managers.select_related("user").order_by("user__sort_text").distinct()[:MANAGERS_SUGGESTED]
        if can_edit
        else [],
    }
    return render(request, "members/leader.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest):
    form = ProfileForm(posted(request), instance=User.objects.get(pk=request.user.pk))
    if form.is_valid():
        user = form.save(now=timezone.now())
        translation.activate(user.language)
        messages.success(request, _("Dine valg er gemt."))
        return redirect("members:profile")
    context = {
        "form": form,
        "post": request.user.post,
        "unread": inbox.unread(request.user),
    }
    return render(request, "members/profile.html", context, status=400 if form.errors else 200)
