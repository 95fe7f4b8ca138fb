from django.core.management.base import BaseCommand, CommandError

from meetings import reply_mailbox
from meetings.models import CalendarReply
from members.clock import database_now


class Command(BaseCommand):
    help = "Read the answers that calendars have sent to the mailbox in REPLY_MAILBOX_URL, as the timetable does."

    def handle(self, *args, **options):
        if not reply_mailbox.is_on():
            raise CommandError("REPLY_MAILBOX_URL is not set.")
        now = database_now()
        counts = reply_mailbox.read(now=now)
        if counts is None:
            self.stdout.write("Someone else is reading the mailbox.")
        elif reply_mailbox.figures(now)["replies_trouble_age"] is not None:
            raise CommandError("The mailbox cannot be read. What lies there waits.")
        else:
            recorded = counts.pop(CalendarReply.Outcome.RECORDED, 0)
            self.stdout.write(f"{recorded} answers recorded, {counts.total()} mails set aside.")
            for outcome, number in sorted(counts.items()):
                self.stdout.write(f"  {outcome}: {number}")
