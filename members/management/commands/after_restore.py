from django.core.management.base import BaseCommand

from members import restore
from members.clock import database_now


class Command(BaseCommand):
    help = "After a backup was put back: holds the mail it had as unsent, since it may have been sent; --yes sends it."

    def add_arguments(self, parser):
        parser.add_argument("--yes", action="store_true", help="send what is held")

    def handle(self, *, yes, **options):
        if yes:
            self.stdout.write(f"{restore.release(now=database_now())} messages will be sent.")
        else:
            held = restore.hold(now=database_now())
            self.stdout.write(f"{held} messages are held. Send them with: manage.py after_restore --yes")
