"""Backups are sealed for a key that this machine does not hold: GnuPG, with the public half alone to write."""

import hashlib
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from netvaerk.backups import Trouble

SUFFIX = ".gpg"
CHUNK = 1 << 20


def write(path: Path, command: list, *, key: Path | None, environment: dict | None = None) -> Path:
    """Run `command` and keep what it says in `path`, sealed for `key`; what is not sealed never touches the disk."""
    path = path.with_name(path.name + SUFFIX) if key else path
    with tempfile.TemporaryDirectory() as home, path.open("xb") as file:
        path.chmod(0o600)
        source = _start(command, stdout=subprocess.PIPE if key else file, env=environment)
        ends = [(command[0], source)]
        if key:
            seal = [
                "gpg", "--homedir", home, "--batch", "--no-tty", "--quiet", "--no-autostart", "--trust-model", "always",
                "--recipient-file", str(key), "--encrypt",
            ]  # fmt: skip
            ends.append(("gpg", _start(seal, stdin=source.stdout, stdout=file)))
            source.stdout.close()
        for name, process in reversed(ends):
            if process.wait():
                raise Trouble(f"{name} failed (its own words are above). No backup was made.")
    return path


@contextmanager
def reading(path: Path) -> Iterator[IO[bytes]]:
    """What is in `path`, opened with the private key of whoever runs this."""
    if path.suffix != SUFFIX:
        with path.open("rb") as file:
            yield file
        return
    opener = _start(["gpg", "--quiet", "--decrypt", str(path)], stdout=subprocess.PIPE)
    try:
        with opener.stdout:
            yield opener.stdout
    finally:
        code = opener.wait()
    if code:
        raise Trouble(f"gpg could not open {path.name}. Is the private key of BACKUP_KEY at hand?")


def digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _start(command: list, **pipes) -> subprocess.Popen:
    program = shutil.which(str(command[0]))
    if program is None:
        raise Trouble(f"{command[0]} is not installed.")
    return subprocess.Popen([program, *map(str, command[1:])], **pipes)  # noqa: S603  (our own words, no shell)
