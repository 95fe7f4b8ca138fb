"""The demo municipality."""

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from members.models import User
from netvaerk import demo


class Command(BaseCommand):
    help = "Fill an empty database with a municipality that shows every state. Refuses a database that holds people."

    def handle(self, *args, **options):
        if User.objects.exists():
            raise CommandError(
                "Databasen er ikke tom. Demokommunen lægges kun i en tom database, adskilt fra rigtige data."
            )
        counts = demo.build(now=timezone.now())
        for kind, count in counts.items():
            self.stdout.write(f"{kind}: {count}")
