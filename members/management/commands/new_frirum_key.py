from django.core.management.base import BaseCommand

from members.encryption import marks as in_use
from members.encryption import new_key


class Command(BaseCommand):
    help = (
        "Print a fresh key for FRIRUM_KEYS. Put it first in the list, and keep the old ones: they still read old texts."
    )
    requires_system_checks = []  # works before there is any key

    def add_arguments(self, parser):
        parser.add_argument(
            "--marks",
            action="store_true",
            help="tell instead what the keys in use are called in backups, in their order",
        )

    def handle(self, *, marks: bool, **options):
        self.stdout.write("\n".join(in_use()) if marks else new_key())
