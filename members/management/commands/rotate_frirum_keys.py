from collections import Counter

from django.core.management.base import BaseCommand, CommandError

from members import key_rotation


class Command(BaseCommand):
    help = (
        "Write all members-only text anew under the first key of FRIRUM_KEYS. Put the new key first, restart every "
        "process of the site, then run this; it may be stopped and begun again, and the site may run meanwhile. When "
        "nothing is left under an older key, that key can be taken out of the list."
    )

    def add_arguments(self, parser):
        parser.add_argument("--dry-run", action="store_true", help="Only count the texts by the key they are under.")

    def handle(self, *, dry_run, **options):
        for column in key_rotation.columns() if not dry_run else ():
            done = key_rotation.rotate(column)
            if done["rotated"] or options["verbosity"] > 1:
                self.stdout.write(f"{column}: {done['rotated']} rotated")
        left = self._count()
        if left[0]:
            raise CommandError(
                f"{left[0]} texts fit no key in FRIRUM_KEYS. They were left as they are: put back the key they were "
                "written with, at the end of the list, and run this again."
            )
        older = left.total() - left[1]
        if older and not dry_run:
            raise CommandError(f"{older} texts are still under an older key: run this again.")
        self.stdout.write(
            f"{older} texts are under an older key. Nothing was changed."
            if dry_run
            else "Every text is under the first key. Older keys can be taken out of FRIRUM_KEYS."
        )

    def _count(self) -> Counter:
        """Say how many texts of each column are under which key."""
        in_all = Counter()
        for column in key_rotation.columns():
            found = key_rotation.count(column)
            in_all += found
            if found:
                self.stdout.write(f"{column}: {_in_words(found)}")
        self.stdout.write(f"In all: {_in_words(in_all)}")
        return in_all


def _in_words(found: Counter) -> str:
    words = [f"{number} under key {key}" for key, number in sorted(found.items()) if key]
    if found[0]:
        words.append(f"{found[0]} under no key at hand")
    return ", ".join(words) or "no text"
