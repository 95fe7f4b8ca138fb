from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from netvaerk.backups import Trouble, archive, databases


class Command(BaseCommand):
    help = (
        "Prove that the newest backup in FOLDER can be put back: into a database made for it and dropped afterwards, "
        "with the keys at hand. The running site notices nothing. Says PASSED, or FAILED and an exit code."
    )

    def add_arguments(self, parser):
        parser.add_argument("folder", type=Path)

    def handle(self, *, folder, **options):
        try:
            place = archive.newest(folder)
            self.stdout.write(f"{place}:")
            with databases.current().scratch() as address:
                # Not one mail or task leaves the drill.
                told = databases.manage(
                    "restore",
                    str(place.resolve()),
                    DATABASE_URL=address,
                    EMAIL_URL="dummymail://",
                    CELERY_BROKER_URL="memory://",
                )
        except (Trouble, OSError) as trouble:
            raise CommandError(f"FAILED: {trouble}") from trouble
        self.stdout.write(told.stdout, ending="")
        if told.returncode:
            raise CommandError(told.stderr.strip().removeprefix("CommandError: ") or "FAILED")
