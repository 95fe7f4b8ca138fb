from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from netvaerk.backups import Trouble, restoring


class Command(BaseCommand):
    help = (
        "Put BACKUP into the empty database of DATABASE_URL, prove that all of it is there, and see that mail is not "
        "sent again and the erased stay erased. Says PASSED, or FAILED and an exit code."
    )

    def add_arguments(self, parser):
        parser.add_argument("backup", type=Path, help="one folder that manage.py backup has made")
        parser.add_argument("--erased", type=Path, metavar="FILE", help="the list of erased; ERASURE_LIST without it")

    def handle(self, *, backup, erased, **options):
        is_well = True
        try:
            for finding in restoring.restore(backup, erased=erased):
                self.stdout.write(f"{'ok' if finding.is_well else 'FAILED':<7} {finding.sentence}")
                is_well &= finding.is_well
        except (Trouble, OSError) as trouble:
            raise CommandError(f"FAILED: {trouble}") from trouble
        if not is_well:
            raise CommandError("FAILED: see above. Let nobody in before it is mended.")
        self.stdout.write("PASSED")
