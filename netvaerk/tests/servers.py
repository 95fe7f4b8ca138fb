"""Servers of one's own for trials: PostgreSQL, Redis and a mail server, in a temporary folder and on free ports.

Each can be stopped and started again, and all of them end with the house.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 30


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(is_so, *, seconds: float, pause: float = 0.05) -> bool:
    """Whether it came to be so within `seconds`."""
    ends = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > ends:
            return False
        time.sleep(pause)
    return True


def answers(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


class Postgres:
    def __init__(self, folder: Path):
        self.folder, self.port = folder / "pg", free_port()
        self.bin = max(Path("/usr/lib/postgresql").glob("*/bin"))
        self.url = f"postgres://netvaerk@127.0.0.1:{self.port}/postgres"
        self.folder.mkdir()
        if os.getuid() == 0:
            shutil.chown(self.folder, "postgres", "postgres")
        self._run("initdb", "-D", self.folder, "--auth=trust", "--encoding=UTF8", "--username=netvaerk")
        self.start()

    def _run(self, program: str, *args) -> None:
        # PostgreSQL refuses to run as root.
        user = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
        subprocess.run(
            [*user, self.bin / program, *args],
            cwd="/",
            check=True,
            stdout=subprocess.DEVNULL,
            timeout=START_SECONDS * 2,
        )

    def start(self) -> None:
        options = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1 -c max_connections=100"
        self._run("pg_ctl", "-D", self.folder, "-w", "-l", self.folder / "log", "-o", options, "start")

    def stop(self) -> None:
        """Without a word to anyone, as when the power goes."""
        self._run("pg_ctl", "-D", self.folder, "-w", "-m", "immediate", "stop")

    def restart(self) -> None:
        self.stop()
        self.start()


class Redis:
    def __init__(self, folder: Path):
        self.folder, self.port = folder, free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(
            ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", self.folder],
            stdout=subprocess.DEVNULL,
        )
        if not wait_until(lambda: answers(self.port), seconds=START_SECONDS):
            raise RuntimeError("Redis did not start.")

    def stop(self) -> None:
        self.process.kill()
        self.process.wait(START_SECONDS)

    def flush(self) -> None:
        subprocess.run(
            ["redis-cli", "-p", str(self.port), "FLUSHALL"],
            check=True,
            stdout=subprocess.DEVNULL,
            timeout=START_SECONDS,
        )


class Postmaster:
    """A mail server in its own process, as well or ill as it is told to be; it notes each letter before it answers."""

    def __init__(self, folder: Path):
        self.port = free_port()
        self.log, self.orders = folder / "letters", folder / "orders"
        self.log.touch()
        self.behave()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "netvaerk.tests.postmaster", str(self.port), self.log, self.orders], cwd=ROOT
        )
        if not wait_until(lambda: answers(self.port), seconds=START_SECONDS):
            raise RuntimeError("The mail server did not start.")

    def behave(self, **orders) -> None:
        new = self.orders.with_suffix(".new")
        new.write_text(json.dumps(orders))
        new.replace(self.orders)

    def clear(self) -> None:
        self.behave()
        os.truncate(self.log, 0)

    def events(self, name: str) -> list[dict]:
        # The server may be in the middle of a line: what has no end yet is read the next time.
        whole, _end, _begun = self.log.read_text().rpartition("\n")
        return [event for event in map(json.loads, whole.splitlines()) if event["event"] == name]

    @property
    def letters(self) -> list[dict]:
        return self.events("taken")

    def stop(self) -> None:
        self.process.kill()
        self.process.wait(START_SECONDS)


class House:
    """The servers, and the processes that work for it."""

    def __init__(self, *, on_sqlite: bool = False):
        self.folder = Path(tempfile.mkdtemp(prefix="netvaerk-house-"))
        self.folder.chmod(0o755)
        self.on_sqlite = on_sqlite
        self.postgres = None if on_sqlite else Postgres(self.folder)
        self.redis, self.postmaster = Redis(self.folder), Postmaster(self.folder)
        self.workers: list[subprocess.Popen] = []

    @property
    def environment(self) -> dict[str, str]:
        return {
            "DEBUG": "on",
            "DATABASE_URL": f"sqlite:///{self.folder / 'house.sqlite3'}" if self.on_sqlite else self.postgres.url,
            "CELERY_BROKER_URL": self.redis.url,
            "EMAIL_URL": f"smtp://127.0.0.1:{self.postmaster.port}",
        }

    def run(self, *command, **more) -> subprocess.Popen:
        """Start a process in a group of its own, so that it can be killed with all its children."""
        with (self.folder / "errors").open("ab") as errors:
            process = subprocess.Popen(
                [sys.executable, *map(str, command)],
                cwd=ROOT,
                env=os.environ | self.environment | more,
                start_new_session=True,
                stdout=subprocess.DEVNULL,
                stderr=errors,
            )
        self.workers.append(process)
        return process

    @staticmethod
    def kill(process: subprocess.Popen) -> None:
        """Like a machine that loses its power: no signal that can be heard."""
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(START_SECONDS)

    def send_home(self) -> None:
        for process in self.workers:
            self.kill(process)
        self.workers.clear()

    def close(self) -> None:
        self.send_home()
        self.postmaster.stop()
        self.redis.stop()
        if self.postgres:
            self.postgres.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
