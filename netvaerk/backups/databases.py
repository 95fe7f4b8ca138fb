"""How each database is written out and read in again, by its own programs, and what is counted in it."""

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from django.db import connection, transaction

from netvaerk.backups import Trouble

PG_OPTIONS = {"sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT", "sslcert": "PGSSLCERT", "sslkey": "PGSSLKEY"}


def count_rows(cursor, names: list[str]) -> dict[str, int]:
    counts = {}
    for name in sorted(names):
        cursor.execute(f"SELECT COUNT(*) FROM {connection.ops.quote_name(name)}")  # noqa: S608  (the database's names)
        counts[name] = cursor.fetchone()[0]
    return counts


def current():
    return SQLite() if connection.vendor == "sqlite" else PostgreSQL()


class PostgreSQL:
    vendor = "postgresql"

    @property
    def environment(self) -> dict[str, str]:
        """The way in, where other users of the machine do not see it as they do a command's words."""
        told = connection.settings_dict
        places = {"HOST": "PGHOST", "PORT": "PGPORT", "USER": "PGUSER", "PASSWORD": "PGPASSWORD", "NAME": "PGDATABASE"}
        found = {name: str(told[key]) for key, name in places.items() if told.get(key)}
        options = told.get("OPTIONS", {})
        return os.environ | found | {name: str(options[key]) for key, name in PG_OPTIONS.items() if options.get(key)}

    @contextmanager
    def moment(self) -> Iterator[tuple[dict[str, int], list[str]]]:
        """One moment of the database: its counts, and the command that writes out that very moment, while all work."""
        with transaction.atomic(durable=True), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            cursor.execute("SELECT pg_export_snapshot()")
            (snapshot,) = cursor.fetchone()
            counts = count_rows(cursor, connection.introspection.table_names(cursor))
            yield counts, ["pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}"]

    def read_in(self, dump: IO[bytes]) -> None:
        """All of it or nothing."""
        name = connection.settings_dict["NAME"]
        command = ["pg_restore", "--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges", "-d", name]
        program = shutil.which(command[0])
        if program is None:
            raise Trouble("pg_restore is not installed.")
        connection.close()
        if subprocess.run([program, *command[1:]], stdin=dump, env=self.environment, check=False).returncode:  # noqa: S603
            raise Trouble("pg_restore failed (its own words are above). The database was left empty.")

    def is_whole(self) -> bool:
        return True  # it checks itself while it reads in

    @contextmanager
    def scratch(self) -> Iterator[str]:
        """The address of a new, empty database beside this one, for as long as it is needed."""
        name = f"netvaerk_drill_{uuid.uuid4().hex[:8]}"
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {name} TEMPLATE template0")
        try:
            yield urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()
        finally:
            with connection.cursor() as cursor:
                cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


class SQLite:
    vendor = "sqlite"
    environment = None

    @contextmanager
    def moment(self) -> Iterator[tuple[dict[str, int], list[str]]]:
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder) / "copy"
            with connection.cursor() as cursor:
                cursor.execute("VACUUM INTO %s", [str(copy)])
            with closing(sqlite3.connect(copy)) as database:
                cursor = database.cursor()
                cursor.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
                counts = count_rows(cursor, [name for (name,) in cursor.fetchall()])
            yield counts, ["cat", str(copy)]

    def read_in(self, dump: IO[bytes]) -> None:
        path = Path(connection.settings_dict["NAME"])
        connection.close()
        for rest in ("", "-wal", "-shm"):
            path.with_name(path.name + rest).unlink(missing_ok=True)
        with path.open("xb") as file:
            path.chmod(0o640)
            shutil.copyfileobj(dump, file)

    def is_whole(self) -> bool:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA integrity_check")
            return cursor.fetchall() == [("ok",)]

    @contextmanager
    def scratch(self) -> Iterator[str]:
        with tempfile.TemporaryDirectory() as folder:
            yield f"sqlite:///{folder}/drill.sqlite3"


def manage(*words: str, **environment: str) -> subprocess.CompletedProcess:
    """Another manage.py with an environment of its own; what it says is heard here."""
    manage_py = Path(__file__).resolve().parents[2] / "manage.py"
    return subprocess.run(  # noqa: S603  (our own)
        [sys.executable, str(manage_py), *words],
        env=os.environ | environment,
        check=False,
        text=True,
        capture_output=True,
    )
