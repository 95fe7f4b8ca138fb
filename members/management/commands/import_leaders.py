"""Import leaders from a file, as HR does it on the page."""

from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from members.leader_import import applying, summary
from members.leader_import.planning import Plan
from members.leader_import.reading import CannotRead, too_big
from members.models import LeaderImport


class Command(BaseCommand):
    help = "Imports leaders from a CSV or XLSX file: all of it, or nothing if a line is refused."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="Show what would change, and change nothing.")
        parser.add_argument("--without-refused", action="store_true", help="Import the rest when lines are refused.")

    def handle(self, *, file: Path, dry_run: bool, without_refused: bool, **options):
        now = timezone.now()
        try:
            content = self._content(file)
            leader_import, layout = applying.receive(file.name, content, actor=None, now=now)
        except OSError as error:
            raise CommandError(_("Filen kan ikke åbnes: %(error)s") % {"error": error}) from error
        except CannotRead as error:
            raise CommandError(str(error)) from error
        try:
            if problems := layout.problems():
                raise CommandError(
                    "\n".join([*problems, _("Hent filen ind på siden Ledere én gang, og vælg kolonnerne dér.")])
                )
            self._run(leader_import, dry_run=dry_run, without_refused=without_refused, now=now)
        finally:
            LeaderImport.objects.filter(pk=leader_import.pk, state=LeaderImport.State.UPLOADED).delete()

    def _content(self, file: Path) -> bytes:
        if file.stat().st_size > settings.IMPORT_MAX_BYTES:
            raise CannotRead(too_big())
        return file.read_bytes()

    def _run(self, leader_import, *, dry_run, without_refused, now):
        if dry_run:
            self._show(applying.plan_of(leader_import))
            self.stdout.write(_("Prøvekørsel: intet er ændret."))
            return
        try:
            plan = applying.apply(leader_import, actor=None, now=now, without_refused=without_refused)
        except applying.HasRefusedLines as refusal:
            self._show(refusal.plan)
            raise CommandError(
                _("Intet er importeret. Ret linjerne, eller brug --without-refused for at importere resten.")
            ) from None
        self._show(plan)
        self.stdout.write(self.style.SUCCESS(_("Importen er gennemført.")))

    def _show(self, plan: Plan):
        for line in summary.lines(plan):
            self.stdout.write(line)
