"""What may be disposed of by now, and, only with --confirm, disposal of it."""

from django.core.management.base import BaseCommand
from django.utils import timezone

from netvaerk.personal_data import retention


class Command(BaseCommand):
    help = "Count what each retention rule says is due; with --confirm, delete it and write it in the kassationslog."

    def add_arguments(self, parser):
        parser.add_argument("--rule", choices=[rule.name for rule in retention.RULES], help="this rule only")
        parser.add_argument("--confirm", action="store_true", help="delete; without it nothing is changed")

    def handle(self, *args, rule, confirm, **options):
        now = timezone.now()
        for each in retention.RULES:
            if rule and each.name != rule:
                continue
            due = each.count(now)
            line = f"{each.name}: {due} fra før {each.cutoff(now):%Y-%m-%d} ({each.reference})"
            if confirm and due:
                done = retention.dispose(each, expected=due, actor=None, now=now)
                line += f": {done} kasseret"
            self.stdout.write(line)
        if not confirm:
            self.stdout.write("Intet er ændret. Kassér med --confirm.")
