"""HR's import of leaders: choose a file, say what its columns hold, look, decide."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import IntegrityError
from django.http import HttpRequest
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from members import address_change, permissions
from members.forms import ColumnsForm, RulesForm, UploadForm, posted
from members.leader_import import applying, summary
from members.leader_import.columns import Column, Layout
from members.leader_import.planning import Plan, make_plan
from members.leader_import.reading import CannotRead
from members.logbooks import note_list
from members.models import LeaderImport, ListRead

ROWS_PER_PAGE = 200
IMPORTS_SHOWN = 10

GROUPS = {
    "refused": gettext_lazy("Afviste"),
    "new": gettext_lazy("Nye"),
    "changed": gettext_lazy("Ændrede"),
    "gone": gettext_lazy("Ikke i filen"),
    "vacant": gettext_lazy("Ledige stillinger"),
}


@require_http_methods(["GET", "HEAD", "POST"])
@permissions.hr_only
def upload(request: HttpRequest):
    form = UploadForm(posted(request), request.FILES or None)
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            leader_import, layout = applying.receive(file.name, file.read(), actor=request.user, now=timezone.now())
        except CannotRead as error:
            form.add_error("file", str(error))
        else:
            needs_asking = not (leader_import.is_remembered or layout.is_complete) or layout.problems()
            return redirect("members:import_columns" if needs_asking else "members:import_preview", leader_import.pk)
    imports = LeaderImport.objects.defer("content").select_related("uploaded_by")[:IMPORTS_SHOWN]
    for leader_import in imports:
        leader_import.counts = summary.counts(leader_import.summary) if leader_import.summary else []
    context = {"form": form, "imports": imports}
    return render(request, "members/import.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def columns(request: HttpRequest, pk: int):
    leader_import = permissions.get_import(request.user, pk)
    try:
        table, layout = applying.table_of(leader_import)
        form = ColumnsForm(posted(request), table=table, layout=layout)
        if form.is_valid():
            applying.remember_columns(leader_import, form.layout, leader_import.rules, actor=request.user)
            asks_rules = _lacks(form.layout) and not leader_import.rules
            return redirect("members:import_rules" if asks_rules else "members:import_preview", pk)
    except applying.NotOpen:
        return redirect(leader_import)
    context = {"leader_import": leader_import, "form": form, "table": table}
    return render(request, "members/import_columns.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def rules(request: HttpRequest, pk: int):
    leader_import = permissions.get_import(request.user, pk)
    try:
        table, layout = applying.table_of(leader_import)
        if layout.problems():
            return redirect("members:import_columns", pk)
        if not _lacks(layout):
            return redirect(leader_import)
        form = RulesForm(posted(request), table=table, layout=layout, rules=leader_import.rules)
        if form.is_valid():
            applying.remember_columns(leader_import, layout, form.rules, actor=request.user)
            return redirect(leader_import)
    except applying.NotOpen:
        return redirect(leader_import)
    context = {"leader_import": leader_import, "form": form}
    return render(request, "members/import_rules.html", context, status=400 if form.errors else 200)


def _lacks(layout: Layout) -> bool:
    return not (layout.has(Column.LEVEL) and layout.has(Column.FIELD))


@require_http_methods(["GET", "HEAD"])
def preview(request: HttpRequest, pk: int):
    leader_import = permissions.get_import(request.user, pk)
    try:
        table, layout = applying.table_of(leader_import)
        if layout.problems():
            return redirect("members:import_columns", pk)
        plan = make_plan(table, layout, leader_import.rules)
    except applying.NotOpen:
        counts = summary.counts(leader_import.summary) if leader_import.summary else []
        return render(request, "members/import_done.html", {"leader_import": leader_import, "counts": counts})
    return _show_plan(request, leader_import, plan, table)


def _show_plan(request, leader_import: LeaderImport, plan: Plan, table):
    rows = {name: getattr(plan, name) for name in GROUPS}
    shown = request.GET.get("vis")
    if not rows.get(shown):
        shown = next((name for name in GROUPS if rows[name]), "")
    page = Paginator(rows.get(shown, []), ROWS_PER_PAGE).get_page(request.GET.get("page"))
    people = [getattr(line, "user_id", None) for line in page]  # a refused line is nobody yet
    note_list(ListRead.Kind.IMPORT, people, reader=request.user, now=timezone.now())
    context = {
        "leader_import": leader_import,
        "plan": plan,
        "counts": summary.counts(plan.summary),
        "table": table,
        "lacks_columns": _lacks(plan.layout),
        "groups": [(name, label, len(rows[name]), name == shown) for name, label in GROUPS.items() if rows[name]],
        "shown": shown,
        "page": page,
        "to_do": len(plan.new) + len(plan.changed),
    }
    return render(request, "members/import_preview.html", context)


@require_POST
def apply(request: HttpRequest, pk: int):
    leader_import = permissions.get_import(request.user, pk)
    try:
        plan = applying.apply(
            leader_import,
            actor=request.user,
            now=timezone.now(),
            without_refused="without_refused" in request.POST,
            seen=request.POST.get("seen"),
        )
    except applying.NotOpen:
        return redirect(leader_import)  # a second click: the first one's result is shown
    except address_change.Refused as refusal:
        messages.error(request, _("Intet er ændret. %(reason)s") % {"reason": refusal})
        return redirect(leader_import)
    except applying.HasRefusedLines:
        messages.error(request, _("Intet er ændret, for nogle linjer er afvist. Ret dem, eller indlæs uden dem."))
        return redirect(leader_import)
    except (applying.HasChanged, IntegrityError):
        messages.warning(
            request,
            _("Intet er ændret, for lederne er blevet rettet, siden du så listen. Se den igen, før du går videre."),
        )
        return redirect(leader_import)
    messages.success(
        request, _("Lederne er indlæst: %(counts)s.") % {"counts": ", ".join(summary.counts(plan.summary))}
    )
    return redirect("members:leaders")


@require_POST
def dismiss(request: HttpRequest, pk: int):
    leader_import = permissions.get_import(request.user, pk)
    applying.dismiss(leader_import, actor=request.user, now=timezone.now())
    messages.info(request, _("Filen er slettet igen. Intet er ændret."))
    return redirect("members:import")
