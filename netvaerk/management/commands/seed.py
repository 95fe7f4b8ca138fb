"""Bulk data for load tests and benchmarks."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from netvaerk.seed import fill


class Command(BaseCommand):
    help = "Add a large invented municipality. Fast and repeatable; for a test machine only (needs DEBUG or --yes)."

    def add_arguments(self, parser):
        parser.add_argument("--leaders", type=int, default=3000)
        parser.add_argument("--networks", type=int, default=300)
        parser.add_argument("--years", type=int, default=1)
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--yes", action="store_true", help="also when DEBUG is off")

    def handle(self, *args, leaders, networks, years, seed, yes, **options):
        if not (settings.DEBUG or yes):
            raise CommandError("seed fylder databasen med opdigtede data. Brug --yes, hvis det er meningen.")
        made = fill(leaders=leaders, networks=networks, years=years, seed=seed, now=timezone.now())
        for kind, count in made.items():
            self.stdout.write(f"{kind}: {count}")
