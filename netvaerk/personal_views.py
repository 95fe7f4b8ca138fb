"""Pages about personal data: one's own, and what HR administrators do when it is to go."""

from allauth.core import ratelimit
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from members import audit
from members.danish import fold
from members.forms import posted
from members.logbooks import note_list, note_read
from members.models import ERASED_DOMAIN, Disposal, ListRead, PersonalDataRead, User
from members.permissions import hr_administrators_only
from members.requests import number
from members.role_forms import ReasonForm, SearchForm
from netvaerk.personal_data import erasure, export, retention
from netvaerk.personal_data.rules import KINDS, counted
from networks.models import Network

PER_PAGE = 50
LISTS_SHOWN = 100
EXAMPLES = 50
MOST_FOUND = 50


# --- One's own -------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def my_data(request):
    """What is held about oneself; a POST fetches all of it."""
    if request.method == "POST":
        if too_many := ratelimit.consume_or_429(request, action="data_export", user=request.user):
            return too_many
        now = timezone.now()
        content = export.archive(User.objects.get(pk=request.user.pk), now=now)
        audit.record(request.user, "fetched own data", request.user, now=now)
        response = HttpResponse(content, content_type="application/zip")
        response["Content-Disposition"] = 'attachment; filename="mine-data.zip"'
        response["Cache-Control"] = "no-store"
        return response
    held = counted(request.user)
    counts = [(kind, sum(held[table] for table in kind.tables)) for kind in KINDS]
    return render(request, "netvaerk/personal_data/mine.html", {"counts": counts})


@require_safe
def reads_of_me(request):
    reads = request.user.personal_data_reads.select_related("reader")
    lists = list(ListRead.objects.filter(sightings__person=request.user).select_related("reader")[: LISTS_SHOWN + 1])
    # Whose members one is or was among is no secret to them; whom a network has thought of asking is.
    mine = {read.network_id for read in lists if read.kind == ListRead.Kind.MEMBERS}
    names = dict(Network.objects.filter(pk__in=mine).values_list("pk", "name"))
    for read in lists:
        read.network_name = names.get(read.network_id, "")
    context = {
        "page": Paginator(reads, PER_PAGE).get_page(request.GET.get("page")),
        "lists": lists[:LISTS_SHOWN],
        "has_more_lists": len(lists) > LISTS_SHOWN,
    }
    return render(request, "netvaerk/personal_data/reads.html", context)


# --- For HR administrators -------------------------------------------------------------------------------------------


@require_safe
@hr_administrators_only
def overview(request):
    now = timezone.now()
    rules = [(rule, rule.cutoff(now), rule.count(now)) for rule in retention.RULES]
    log = Paginator(Disposal.objects.select_related("disposed_by"), PER_PAGE).get_page(request.GET.get("page"))
    for line in log:
        line.label = _rule_label(line.rule)
    return render(request, "netvaerk/personal_data/overview.html", {"rules": rules, "page": log})


def _rule_label(name: str) -> str:
    rule = retention.get(name)
    return str(rule.label) if rule else _("Sletning af en person")


@require_http_methods(["GET", "HEAD", "POST"])
@hr_administrators_only
def disposal(request, name: str):
    """What a rule says is due; deleted only when it is confirmed as it was shown."""
    rule = retention.get(name)
    if rule is None:
        raise Http404
    now = timezone.now()
    if request.method == "POST":
        expected = number(request.POST.get("expected"))
        try:
            count = retention.dispose(rule, expected=-1 if expected is None else expected, actor=request.user, now=now)
        except retention.Changed:
            messages.warning(request, _("Der er sket ændringer imens. Se listen igen, før du kasserer."))
            return redirect("netvaerk:disposal", name)
        said = ngettext("%(count)d oplysning er kasseret.", "%(count)d oplysninger er kasseret.", count)
        messages.success(request, said % {"count": count})
        return redirect("netvaerk:personal_data")
    due = rule.due(now)
    context = {"rule": rule, "cutoff": rule.cutoff(now), "count": rule.count(now), "people": []}
    if rule.named and context["count"]:
        context["named"] = rule.named(rule.cutoff(now))
    if rule.is_erasure:
        context["people"] = [(person, erasure.obstacles(person, request.user)) for person in due[:EXAMPLES]]
        _note_erasable(request, [person for person, _obstacles in context["people"]], is_search=False)
    return render(request, "netvaerk/personal_data/disposal.html", context)


@require_safe
@hr_administrators_only
def erasure_search(request):
    form = SearchForm(request.GET)
    words = fold(form.cleaned_data["q"]).split() if form.is_valid() else []
    people = User.objects.exclude(email__endswith=ERASED_DOMAIN).order_by("sort_text", "pk")
    for word in words:
        people = people.filter(search_text__contains=word)
    found = people[:MOST_FOUND] if words else []
    _note_erasable(request, found, is_search=True)
    return render(
        request, "netvaerk/personal_data/erasure_search.html", {"form": form, "people": found, "is_search": words}
    )


def _note_erasable(request, people, *, is_search: bool) -> None:
    note_list(
        ListRead.Kind.ERASURE,
        [person.pk for person in people],
        reader=request.user,
        now=timezone.now(),
        selection={"name": is_search},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@hr_administrators_only
def erase(request, pk: int):
    """The dry run; a POST with a reason does what it says."""
    person = get_object_or_404(User.objects.exclude(email__endswith=ERASED_DOMAIN), pk=pk)
    form = ReasonForm(posted(request))
    now = timezone.now()
    if form.is_valid():
        try:
            erasure.erase(person, reason=form.cleaned_data["reason"], actor=request.user, now=now)
        except erasure.Refused as refusal:
            messages.error(request, str(refusal))
            return redirect("netvaerk:erase", pk)
        messages.success(request, _("Personens oplysninger er slettet."))
        return redirect("netvaerk:personal_data")
    note_read(person, PersonalDataRead.Page.ERASURE, reader=request.user, now=now)
    found = erasure.consequences(person)
    context = {
        "person": person,
        "form": form,
        "obstacles": erasure.obstacles(person, request.user),
        "consequences": found,
        "summary": erasure.summary(found),
    }
    return render(request, "netvaerk/personal_data/erase.html", context, status=400 if form.errors else 200)
