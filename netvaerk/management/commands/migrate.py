"""Django's own, but patient with a site that is in use."""

import time

from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import OperationalError, connections

LOCK_NOT_AVAILABLE = "55P03"
PAUSE_SECONDS = 2


class Command(migrate.Command):
    help = (
        f"{migrate.Command.help} On PostgreSQL a migration that waits for a table more than --lock-seconds lets go, "
        "since all who come after it wait with it; and tries again, --tries times."
    )

    def add_arguments(self, parser):
        super().add_arguments(parser)
        parser.add_argument("--lock-seconds", type=float, default=2)
        parser.add_argument("--tries", type=int, default=30)

    def handle(self, *args, lock_seconds=2, tries=30, **options):
        connection = connections[options["database"]]
        if connection.vendor != "postgresql":
            return super().handle(*args, **options)
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, false)", [f"{int(lock_seconds * 1000)}ms"])
        try:
            return self._try(connection, args, options, tries)
        finally:
            if not connection.in_atomic_block:
                connection.close()  # the next to use it waits as long as it likes

    def _try(self, connection, args, options, tries: int):
        for turn in range(1, tries + 1):
            try:
                return super().handle(*args, **options)
            except OperationalError as problem:
                if getattr(problem.__cause__, "pgcode", "") != LOCK_NOT_AVAILABLE:
                    raise
            if turn < tries:
                self.stdout.write(f"A table is in use: nothing was changed in this migration. Try {turn} of {tries}.")
                time.sleep(PAUSE_SECONDS)
        raise CommandError(
            "A table stayed in use, and the migration that needs it was left undone; those before it are done, and the "
            "site goes on. Run migrate again when the long job in the database is over."
        )
