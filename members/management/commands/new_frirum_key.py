from django.core.management.base import BaseCommand

from members.encryption import new_key


class Command(BaseCommand):
    help = (
        "Print a fresh key for FRIRUM_KEYS. Put it first in the list, and keep the old ones: they still read old texts."
    )
    requires_system_checks = []  # works before there is any key

    def handle(self, **options):
        self.stdout.write(new_key())
