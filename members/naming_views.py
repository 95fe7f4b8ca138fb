"""Pages where an HR administrator names and orders levels and fields."""

from django.contrib import messages
from django.db.models import Count
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from members import naming, permissions
from members.models import LeadershipLevel, ProfessionalField
from members.naming_forms import LineFormSet
from members.requests import number


class Table:
    """One of the two lists on the page: what stands, and what is being typed."""

    def __init__(self, prefix: str, model, request):
        self.prefix, self.model = prefix, model
        self.rows = list(model.objects.annotate(leader_count=Count("leaders", distinct=True)))
        used = model.objects.filter(networks__isnull=False).values_list("pk", flat=True)
        self.used = set(used) | {row.pk for row in self.rows if row.leader_count}
        self.seen = naming.fingerprint(self.rows)
        self.refusal, self.is_stale = "", False
        self.is_sent = request.method == "POST" and request.POST.get("table") == prefix
        initial = [{"pk": row.pk, "name": row.name, "place": place} for place, row in enumerate(self.rows, start=1)]
        self.formset = LineFormSet(
            request.POST if self.is_sent else None,
            prefix=prefix,
            initial=initial,
            form_kwargs={"use_required_attribute": False},
        )

    def save(self, request) -> bool:
        if not (self.is_sent and self.formset.is_valid()):
            return False
        try:
            naming.save(
                self.model,
                self.formset.lines(),
                seen=request.POST.get("seen", ""),
                actor=request.user,
                now=timezone.now(),
            )
        except naming.NotSaved as refusal:
            self.refusal, self.is_stale = str(refusal), isinstance(refusal, naming.ChangedSince)
            return False
        return True

    def lines(self):
        """For the page: each form with the row it is about."""
        rows = {row.pk: row for row in self.rows}
        for form in self.formset:
            row = rows.get(number(str(form["pk"].value() or "")))
            yield {"form": form, "row": row, "is_free": row is not None and row.pk not in self.used}


@require_http_methods(["GET", "HEAD", "POST"])
@permissions.hr_administrators_only
def levels_and_fields(request):
    tables = {
        "levels": Table("levels", LeadershipLevel, request),
        "fields": Table("fields", ProfessionalField, request),
    }
    for table in tables.values():
        if table.save(request):
            messages.success(request, _("Gemt."))
            return redirect("members:levels_and_fields")
    return render(request, "members/levels_and_fields.html", tables)
