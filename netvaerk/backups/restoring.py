"""A backup put back into an empty database, and proof of what came of it, one finding after the other."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from members import encryption, key_rotation
from members.clock import database_now
from members.models import Message
from netvaerk.backups import Trouble, afterwards, archive, databases, sealing
from netvaerk.personal_data import erasure_list

SHOWN = 10


class Finding(NamedTuple):
    is_well: bool
    sentence: str


def restore(place: Path, *, erased: Path | None = None) -> Iterator[Finding]:
    """Put the backup back, bring it up to this release, prove it, and see that nothing of the past happens again."""
    manifest = archive.read(place)
    database = databases.current()
    if manifest.vendor != database.vendor:
        raise Trouble(f"The backup is of {manifest.vendor}, the database in DATABASE_URL is {database.vendor}.")
    with connection.cursor() as cursor:
        if connection.introspection.table_names(cursor):
            raise Trouble("The database in DATABASE_URL is not empty. A backup is only put into an empty one.")
    list_of_erased = _list_of_erased(manifest, erased)
    with sealing.reading(archive.dump_of(place)) as dump:
        database.read_in(dump)
    yield Finding(database.is_whole(), f"The backup of {manifest.made_at} was read in.")
    yield _rows(manifest.rows)
    if newer := _unknown_migrations():
        yield Finding(False, f"It is from a newer release: {_few(newer)} is not known here. Install that release.")
        return
    yield _migrate()
    yield _keys(manifest.keys)
    yield from _afterwards(list_of_erased, database_now())


def _list_of_erased(manifest: archive.Manifest, path: Path | None) -> dict[int, datetime]:
    if path and not path.is_file():
        raise Trouble(f"{path} is not there. It says who has been erased since the backup.")
    then = {int(pk): datetime.fromisoformat(moment) for pk, moment in manifest.erased.items()}
    return then | erasure_list.read(path)


def _rows(expected: dict[str, int]) -> Finding:
    with connection.cursor() as cursor:
        found = databases.count_rows(cursor, connection.introspection.table_names(cursor))
    wrong = [f"{name} {found.get(name, 'is missing')} for {number}" for name, number in expected.items()
             if found.get(name) != number]  # fmt: skip
    wrong += [f"{name} is new" for name in found.keys() - expected.keys()]
    if wrong:
        return Finding(False, f"Not the rows that were written: {_few(wrong)}.")
    return Finding(True, f"{sum(found.values())} rows in {len(found)} tables, each as many as were written.")


def _unknown_migrations() -> list[str]:
    loader = MigrationExecutor(connection).loader
    return [f"{app}.{name}" for app, name in loader.applied_migrations
            if app in loader.migrated_apps and (app, name) not in loader.disk_migrations
            and not any((app, name) in each.replaces for each in loader.disk_migrations.values())]  # fmt: skip


def _migrate() -> Finding:
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if not plan:
        return Finding(True, "The tables are those of this release.")
    call_command("migrate", interactive=False, verbosity=0)
    return Finding(True, f"{len(plan)} newer migrations were run.")


def _keys(written_with: list[str]) -> Finding:
    counted = sum((key_rotation.count(column) for column in key_rotation.columns()), Counter())
    if counted[0]:
        missing = [mark for mark in written_with if mark not in encryption.marks()] or ["of an older backup"]
        return Finding(
            False,
            f"{counted[0]} of {counted.total()} members-only texts fit no key in FRIRUM_KEYS. Missing, by its mark: "
            f"{_few(missing)}; manage.py new_frirum_key --marks shows the marks of those at hand.",
        )
    return Finding(True, f"All {counted.total()} members-only texts can be read with the keys at hand.")


def _afterwards(erased: dict[int, datetime], now: datetime) -> Iterator[Finding]:
    settled = afterwards.settle(erased, now=now)
    back = afterwards.came_back(erased)
    yield Finding(
        not back,
        f"{len(erased)} are on the list of erased; {settled.erased} came back with the backup and were erased again.",
    )
    for sentence in settled.left:
        yield Finding(True, f"For HR: {sentence}")
    unsent = Message.objects.filter(
        state__in=[*Message.OPEN_STATES, *Message.UNDER_WAY_STATES], due_at__lte=now
    ).count()
    yield Finding(
        not unsent,
        f"{settled.held} mails that may have been sent since are held, until manage.py after_restore --yes.",
    )
    yield Finding(
        True,
        f"{settled.sessions} sessions ended; {settled.rounds} feedback rounds past their frist ended without a result.",
    )


def _few(words: list[str]) -> str:
    more = len(words) - SHOWN
    return ", ".join(sorted(words)[:SHOWN]) + (f" and {more} more" if more > 0 else "")
