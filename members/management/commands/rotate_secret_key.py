from django.core.management.base import BaseCommand, CommandError

from members import second_factor


class Command(BaseCommand):
    help = (
        "Write the secrets behind people's apps for codes anew under SECRET_KEY. Put the new key there and the old one "
        "in SECRET_KEY_FALLBACKS, restart every process of the site, then run this; then they need the old one no more."
    )

    def handle(self, **options):
        rotated, unreadable = second_factor.rotate()
        self.stdout.write(f"{rotated} are under SECRET_KEY.")
        if unreadable:
            raise CommandError(
                f"{unreadable} fit no key and were left as they are: put the key they were made under back in "
                "SECRET_KEY_FALLBACKS, or let those people set up their app anew."
            )
