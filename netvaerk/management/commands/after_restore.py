from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from members import restore
from members.clock import database_now
from netvaerk.backups import afterwards
from netvaerk.personal_data import erasure_list


class Command(BaseCommand):
    help = (
        "After a backup was put back by other means than manage.py restore, before anyone is let in: holds the mail it "
        "had as unsent, since it may have been sent; ends all sessions; erases again who is on the list of erased. "
        "Later, --yes sends the mail that is held."
    )

    def add_arguments(self, parser):
        parser.add_argument("--yes", action="store_true", help="send what is held, and nothing else")
        parser.add_argument("--erased", type=Path, metavar="FILE", help="the list of erased; ERASURE_LIST without it")

    def handle(self, *, yes, erased, **options):
        if yes:
            self.stdout.write(f"{restore.release(now=database_now())} messages will be sent.")
            return
        if erased and not erased.is_file():
            raise CommandError(f"{erased} is not there.")
        settled = afterwards.settle(erasure_list.read(erased), now=database_now())
        self.stdout.write(f"{settled.held} messages are held. Send them with: manage.py after_restore --yes")
        self.stdout.write(f"{settled.sessions} sessions ended, {settled.erased} people erased again.")
        self.stdout.write(f"{settled.rounds} feedback rounds whose frist has passed ended without a result.")
        for sentence in settled.left:
            self.stdout.write(f"For HR: {sentence}")
