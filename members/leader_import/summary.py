"""A plan in words: the counts for a page, and the whole of it as lines for the command."""

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import ngettext_lazy

from members.danish import number
from members.leader_import.planning import Plan
from members.organisation import PATH_SIGN


def counts(summary: dict[str, int]) -> list[str]:
    """["12 nye", "3 ændrede", "297 uændrede"]; nothing for what there is none of, apart from new and changed."""

    def words(key, text, *, always=False):
        count = summary.get(key, 0)
        return [text % {"amount": count, "count": number(count)}] if count or always else []

    return [
        *words("new", ngettext_lazy("%(count)s ny", "%(count)s nye", "amount"), always=True),
        *words("changed", ngettext_lazy("%(count)s ændret", "%(count)s ændrede", "amount"), always=True),
        *words("unchanged", ngettext_lazy("%(count)s uændret", "%(count)s uændrede", "amount")),
        *words("refused", ngettext_lazy("%(count)s afvist linje", "%(count)s afviste linjer", "amount")),
        *words("vacant", ngettext_lazy("%(count)s ledig stilling", "%(count)s ledige stillinger", "amount")),
        *words("gone", ngettext_lazy("%(count)s ikke i filen", "%(count)s ikke i filen", "amount")),
    ]


def lines(plan: Plan) -> Iterator[str]:
    yield ", ".join(counts(plan.summary)) + "."
    if plan.new_units:
        yield _("Nye enheder: %(names)s") % {"names": "; ".join(map(PATH_SIGN.join, plan.new_units))}
    if plan.new_levels:
        yield _("Nye ledelsesniveauer: %(names)s") % {"names": ", ".join(plan.new_levels)}
    if plan.new_fields:
        yield _("Nye fagområder: %(names)s") % {"names": ", ".join(plan.new_fields)}
    for entry in plan.changed:
        changes = "; ".join(f"{change.label}: {change.old or '–'} → {change.new}" for change in entry.changes)
        yield _("Ændres, linje %(line)d: %(name)s. %(changes)s") % {
            "line": entry.row.number,
            "name": entry.row.name,
            "changes": changes,
        }
    for entry in plan.without_manager:
        yield _("Bemærk, linje %(line)d: %(name)s. %(note)s") % {
            "line": entry.row.number,
            "name": entry.row.name,
            "note": " ".join(entry.notes),
        }
    for row in plan.vacant:
        yield _("Ledig stilling, linje %(line)d: %(unit)s") % {
            "line": row.number,
            "unit": PATH_SIGN.join(filter(None, [*row.path, row.title])),
        }
    for post in plan.gone:
        yield _("Ikke i filen: %(name)s, %(email)s") % {"name": post.user.get_full_name(), "email": post.user.email}
    for row in plan.refused:
        for problem in row.problems:
            yield _("Afvist, linje %(line)d, %(problem)s") % {"line": row.number, "problem": problem}
