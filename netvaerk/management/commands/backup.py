from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from members.clock import database_now
from netvaerk.backups import Trouble, archive
from netvaerk.personal_data import erasure_list


class Command(BaseCommand):
    help = (
        "Write the database to FOLDER, sealed for the key in BACKUP_KEY, while the site runs; and delete backups older "
        "than --days. The keys in FRIRUM_KEYS are not in it: keep them elsewhere."
    )

    def add_arguments(self, parser):
        parser.add_argument("folder", type=Path)
        parser.add_argument("--days", type=int, default=30, help="how long backups are kept (30)")
        parser.add_argument("--unsealed", action="store_true", help="readable by all who can read the folder")

    def handle(self, *, folder, days, unsealed, **options):
        if not settings.BACKUP_KEY and not unsealed:
            raise CommandError(
                "BACKUP_KEY is not set. A backup holds names: let BACKUP_KEY be the file of a public GnuPG key whose "
                "private half lies elsewhere, or say --unsealed when the folder itself is encrypted."
            )
        key = None if unsealed else Path(settings.BACKUP_KEY)
        now = database_now()
        try:
            place = archive.write(folder, key=key, now=now)
            gone = archive.forget_old(folder, days=days, now=now)
        except (Trouble, OSError) as trouble:
            raise CommandError(str(trouble)) from trouble
        self.stdout.write(f"{place}: made. {len(gone)} older backups deleted.")
        try:
            erasure_list.complete(now=now)
        except erasure_list.Unwritable as trouble:
            raise CommandError(f"The backup was made. But {trouble}") from trouble
