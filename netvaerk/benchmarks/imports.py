"""The import of a whole municipality's leaders, by the command that does what HR's page does."""

import csv
import io
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from openpyxl import Workbook

from netvaerk.benchmarks.report import told
from netvaerk.benchmarks.stack import Stack
from netvaerk.names import FIRST_NAMES, LAST_NAMES
from netvaerk.tests.servers import ROOT

HEADER = ("Medarbejdernr.", "Fornavn", "Efternavn", "E-mail", "Stilling", "Forvaltning", "Afdeling", "Arbejdssted",
          "Ledelsesniveau", "Fagområde", "Nærmeste leder (e-mail)")  # fmt: skip
MOST_SECONDS, MOST_MIB = 60, 256
NO_ADDRESS = "ingen adresse"


def measure(stack: Stack, *, rows: int) -> None:
    """Whole or not at all: first with one bad address near the end, then as it should be."""
    for kind in ("csv", "xlsx"):
        environment = stack.database(f"import_{kind}")
        with tempfile.TemporaryDirectory() as folder:
            spoilt, good = Path(folder) / f"spoilt.{kind}", Path(folder) / f"good.{kind}"
            spoilt.write_bytes(_file(kind, rows, bad=rows - 1))
            good.write_bytes(_file(kind, rows))
            code, said, _took, _peak = _import(spoilt, environment)
            kept = _leaders(stack, environment)
            # The heading is line 1.
            is_told = f"linje {rows}" in said and "E-mail" in said and NO_ADDRESS in said
            told(
                f"{kind.upper()} of {rows:,} rows with a bad one",
                f"{kept} saved, {'its line and column named' if is_told else 'the line is not named'}",
                "0 saved, line and column named",
                code != 0 and kept == 0 and is_told,
            )
            code, said, took, peak = _import(good, environment)
            kept = _leaders(stack, environment)
            told(
                f"{kind.upper()} of {rows:,} rows imported",
                f"{took:.1f} s, {peak:.0f} MB, {kept:,} saved",
                f"<= {MOST_SECONDS} s, {MOST_MIB} MB, all saved",
                code == 0 and kept == rows and took <= MOST_SECONDS and peak <= MOST_MIB,
            )


def _rows(number: int, bad: int | None):
    for turn in range(1, number + 1):
        address = NO_ADDRESS if turn == bad else f"leder{turn}@egebjerg-kommune.invalid"
        chief = "" if turn % 20 == 1 else f"leder{turn - (turn - 1) % 20}@egebjerg-kommune.invalid"
        yield (
            str(10_000 + turn), FIRST_NAMES[turn % len(FIRST_NAMES)], LAST_NAMES[turn % len(LAST_NAMES)], address,
            "Afdelingsleder", f"Forvaltning {turn % 6 + 1}", f"Afdeling {turn % 60 + 1}", f"Hus {turn % 90 + 1}",
            "Leder af medarbejdere", "Ældre og sundhed", chief,
        )  # fmt: skip


def _file(kind: str, number: int, bad: int | None = None) -> bytes:
    rows = [HEADER, *_rows(number, bad)]
    if kind == "csv":
        text = io.StringIO()
        csv.writer(text, delimiter=";").writerows(rows)
        return text.getvalue().encode("cp1252")
    book, file = Workbook(write_only=True), io.BytesIO()
    sheet = book.create_sheet("Ledere")
    for row in rows:
        sheet.append(row)
    book.save(file)
    return file.getvalue()


def _import(file: Path, environment: dict) -> tuple[int, str, float, float]:
    """How it ended, what it said, the seconds it took and the most memory it held, all of the process counted."""
    with tempfile.TemporaryFile() as heard:
        started = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "manage.py", "import_leaders", file],
            cwd=ROOT,
            env=os.environ | environment,
            stdout=heard,
            stderr=subprocess.STDOUT,
        )
        _pid, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        took = time.perf_counter() - started
        heard.seek(0)
        return process.returncode, heard.read().decode(errors="replace"), took, used.ru_maxrss / 1024


def _leaders(stack: Stack, environment: dict) -> int:
    return int(stack.query("SELECT count(*) FROM members_leader", environment))
