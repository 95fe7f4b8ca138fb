"""A folder of backups: one folder each, named by its moment, whole or not there, and gone after some days."""

import json
import re
import shutil
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from members import encryption
from netvaerk.backups import Trouble, databases, sealing
from netvaerk.personal_data import erasure_list

NAME = re.compile(r"netvaerk-(\d{8}T\d{6}Z)(\.part)?")
MOMENT = "%Y%m%dT%H%M%SZ"
DUMP, MANIFEST = "database.dump", "manifest.json"


@dataclass
class Manifest:
    """What a backup says of itself. It lies sealed beside the database: counts, too, tell something."""

    made_at: str
    vendor: str
    digest: str  # of the dump as it lies in the folder
    rows: dict[str, int]
    keys: list[str]  # marks of FRIRUM_KEYS; the keys themselves are in no backup
    erased: dict[str, str] = field(default_factory=dict)


def write(folder: Path, *, key: Path | None, now: datetime) -> Path:
    """Make a backup in `folder`; it has its name only when all of it is there."""
    if key and not key.is_file():
        raise Trouble(f"BACKUP_KEY is {key}, and there is no such file.")
    erased = erasure_list.known(now=now)
    folder.mkdir(parents=True, exist_ok=True)
    place = folder / f"netvaerk-{now.astimezone(UTC).strftime(MOMENT)}"
    part = place.with_name(place.name + ".part")
    part.mkdir(mode=0o700)
    try:
        database = databases.current()
        with database.moment() as (rows, command):
            dump = sealing.write(part / DUMP, command, key=key, environment=database.environment)
        manifest = Manifest(
            made_at=now.astimezone(UTC).isoformat(),
            vendor=database.vendor,
            digest=sealing.digest(dump),
            rows=rows,
            keys=encryption.marks(),
            erased={str(pk): moment.isoformat() for pk, moment in erased.items()},
        )
        sealing.write(part / MANIFEST, ["printf", "%s", json.dumps(asdict(manifest))], key=key)
        part.rename(place)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    return place


def read(place: Path) -> Manifest:
    """What the backup says of itself; one that is damaged or not whole is refused before anything is touched."""
    manifest, dump = _file(place, MANIFEST), _file(place, DUMP)
    with sealing.reading(manifest) as file:
        words = file.read()
    try:
        told = Manifest(**json.loads(words))
    except (ValueError, TypeError) as problem:
        raise Trouble(f"{manifest} cannot be read: it is damaged, or no backup of this product.") from problem
    if sealing.digest(dump) != told.digest:
        raise Trouble(f"{dump} is not what was written: it is damaged. Take an older backup.")
    return told


def dump_of(place: Path) -> Path:
    return _file(place, DUMP)


def _file(place: Path, name: str) -> Path:
    for path in (place / (name + sealing.SUFFIX), place / name):
        if path.is_file():
            return path
    raise Trouble(f"{place} holds no {name}: it is no backup, or not a whole one.")


def newest(folder: Path) -> Path:
    whole = sorted(path for path in _backups(folder) if path.suffix != ".part")
    if not whole:
        raise Trouble(f"There is no backup in {folder}.")
    return whole[-1]


def forget_old(folder: Path, *, days: int, now: datetime) -> list[Path]:
    """Delete backups older than `days`, never the newest; and what is left of those that were broken off."""
    oldest, kept = now - timedelta(days=days), newest(folder)
    gone = [path for path in _backups(folder) if path != kept and _moment(path) < oldest]
    gone += [path for path in _backups(folder) if path.suffix == ".part" and _moment(path) < now - timedelta(days=1)]
    for path in dict.fromkeys(gone):
        shutil.rmtree(path)
    return list(dict.fromkeys(gone))


def _backups(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if NAME.fullmatch(path.name) and path.is_dir()] if folder.is_dir() else []


def _moment(path: Path) -> datetime:
    return datetime.strptime(NAME.fullmatch(path.name)[1], MOMENT).replace(tzinfo=UTC)
