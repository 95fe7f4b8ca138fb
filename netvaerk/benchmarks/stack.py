"""The real stack on this machine alone: PostgreSQL, Redis, a mail server, gunicorn, Celery workers and beat.

Settings as in production. All in a temporary folder and on free ports of 127.0.0.1, and all of it ends with the stack.
"""

import json
import os
import secrets
import subprocess
import sys
from contextlib import suppress

from netvaerk.benchmarks.report import private_memory
from netvaerk.tests.servers import ROOT, House, answers, free_port, wait_until

START_SECONDS = 60
SETTINGS, BARE = "netvaerk.benchmarks.settings", "netvaerk.benchmarks.bare_settings"


class Site:
    """Gunicorn with so many sync workers, the kind its documentation begins with."""

    def __init__(self, stack: "Stack", environment: dict, *, workers: int, settings: str = SETTINGS):
        self.port = free_port()
        self.process = stack.house.run(
            "-m", "gunicorn", "netvaerk.wsgi", "--bind", f"127.0.0.1:{self.port}", "--workers", workers,
            "--log-level", "error", "--worker-tmp-dir", stack.house.folder,
            **(environment | {"DJANGO_SETTINGS_MODULE": settings}),
        )  # fmt: skip
        if not wait_until(lambda: answers(self.port), seconds=START_SECONDS):
            raise RuntimeError(f"Gunicorn did not start:\n{stack.errors}")

    @property
    def workers(self) -> list[int]:
        return children(self.process.pid)

    def memory(self) -> list[float]:
        return [private_memory(pid) for pid in self.workers]


def children(pid: int) -> list[int]:
    listed = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True, check=False)
    return [int(child) for child in listed.stdout.split()]


class Stack:
    def __init__(self):
        self.house = House()
        self.environment = {
            **self.house.environment,
            "DEBUG": "off",
            "SECRET_KEY": secrets.token_urlsafe(60),
            "FRIRUM_KEYS": self._new_key(),
            "ALLOWED_HOSTS": "127.0.0.1",
            "SITE_URL": "https://127.0.0.1",
            "REQUIRE_MFA_FOR": "",
            "SESSION_MAX_HOURS": "48",  # for those who let it run for a day
            "DJANGO_SETTINGS_MODULE": SETTINGS,
            "BENCH_FOLDER": str(self.house.folder),
        }
        self.workers: list[subprocess.Popen] = []
        self.has_tables = False
        self.command("manage.py", "collectstatic", "--noinput", "--verbosity", "0")

    @staticmethod
    def _new_key() -> str:
        from cryptography.fernet import Fernet

        return Fernet.generate_key().decode()

    # --- Databases ---

    def database(self, name: str) -> dict:
        """The environment of a new database beside the others, with tables and nothing in them."""
        if not self.has_tables:
            self.command("manage.py", "migrate", "--verbosity", "0")
            self.command("manage.py", "createcachetable", "--verbosity", "0")
            self.query("CREATE DATABASE tables TEMPLATE postgres")
            self.has_tables = True
        self.query(f'CREATE DATABASE "{name}" TEMPLATE tables')
        return self.on(name)

    def on(self, name: str) -> dict:
        base, _slash, _name = self.house.postgres.url.rpartition("/")
        return {**self.environment, "DATABASE_URL": f"{base}/{name}"}

    def on_sqlite(self) -> dict:
        """As it is installed by default: a file, and a folder for a queue."""
        return {
            **self.environment,
            "DATABASE_URL": f"sqlite:///{self.house.folder / 'default.sqlite3'}",
            "CELERY_BROKER_URL": "filesystem://localhost/",
        }

    def connections(self) -> int:
        """Open to any of the databases, but for the one that asks."""
        return int(self.query("SELECT count(*) - 1 FROM pg_stat_activity WHERE backend_type = 'client backend'"))

    def query(self, statement: str, environment: dict | None = None) -> str:
        database = environment["DATABASE_URL"] if environment else self.house.postgres.url
        ran = subprocess.run(
            [self.house.postgres.bin / "psql", database.replace("postgres:", "postgresql:", 1), "-tAqc", statement],
            capture_output=True,
            text=True,
            check=True,
        )
        return ran.stdout.strip()

    # --- Processes ---

    def command(self, *words, environment: dict | None = None) -> str:
        """What a command of ours says; its complaint if it fails."""
        ran = subprocess.run(
            [sys.executable, *map(str, words)],
            cwd=ROOT,
            env=os.environ | (environment or self.environment),
            capture_output=True,
            text=True,
            check=False,
        )
        if ran.returncode:
            raise RuntimeError(f"{' '.join(map(str, words))}\n{ran.stdout[-2000:]}\n{ran.stderr[-4000:]}")
        return ran.stdout

    def ask(self, module: str, *words, environment: dict):
        """What one of our own modules tells in its last line."""
        said = self.command("-m", f"netvaerk.benchmarks.{module}", *words, environment=environment)
        return json.loads(said.strip().splitlines()[-1])

    def site(self, environment: dict, *, workers: int, settings: str = SETTINGS) -> Site:
        return Site(self, environment, workers=workers, settings=settings)

    def celery(self, environment: dict, *, workers: int) -> None:
        """So many workers, and beat."""
        quiet = ("--loglevel", "ERROR")
        self.workers = [
            self.house.run(
                "-m", "celery", "-A", "netvaerk", "worker", "--concurrency", workers, "--without-gossip",
                "--without-mingle", *quiet, **environment,
            ),
            self.house.run(
                "-m", "celery", "-A", "netvaerk", "beat", "-s", self.house.folder / f"beat{free_port()}", "--pidfile",
                "", *quiet, **environment,
            ),
        ]  # fmt: skip

    def stop(self, *processes: subprocess.Popen) -> None:
        for process in processes:
            self.house.kill(process)
            with suppress(ValueError):
                self.house.workers.remove(process)

    def stop_celery(self) -> None:
        self.stop(*self.workers)
        self.workers = []

    @property
    def errors(self) -> str:
        file = self.house.folder / "errors"
        return file.read_text(errors="replace")[-4000:] if file.exists() else ""

    def close(self) -> None:
        self.house.close()
