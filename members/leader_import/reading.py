"""From a file's bytes to rows of text. What is no CSV or XLSX file, or could hurt, is refused by name."""

import csv
import io
import re
import warnings
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice
from pathlib import PurePath

import openpyxl
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.leader_import.columns import holds_cpr, recognised

MAX_UNPACKED = 50 * 1024 * 1024
MAX_RATIO = 100
MAX_PARTS = 1000
MAX_LINES = 1_048_576  # as many as Excel has
MAX_LEADERS = 20_000
MAX_COLUMNS = 60
MAX_CELL = 2000
HEADING_WITHIN = 10  # a title and a date may stand above the headings

_OTHER_FORMATS = {
    ".xls": gettext_lazy("et ældre Excel-ark (.xls)"),
    ".xlsm": gettext_lazy("et Excel-ark med makroer (.xlsm)"),
    ".xlsb": gettext_lazy("et binært Excel-ark (.xlsb)"),
    ".xltx": gettext_lazy("en Excel-skabelon (.xltx)"),
    ".xltm": gettext_lazy("en Excel-skabelon med makroer (.xltm)"),
    ".ods": gettext_lazy("et OpenDocument-ark (.ods)"),
    ".numbers": gettext_lazy("et Numbers-ark (.numbers)"),
    ".html": gettext_lazy("en webside (HTML)"),
    ".htm": gettext_lazy("en webside (HTML)"),
    ".xml": gettext_lazy("en XML-fil"),
    ".svg": gettext_lazy("et billede (SVG)"),
    ".json": gettext_lazy("en JSON-fil"),
    ".pdf": gettext_lazy("en PDF"),
    ".zip": gettext_lazy("en zip-fil"),
    ".doc": gettext_lazy("et Word-dokument"),
    ".docx": gettext_lazy("et Word-dokument"),
}
_CELL_ERRORS = {
    "#N/A",
    "#REF!",
    "#NAME?",
    "#VALUE!",
    "#DIV/0!",
    "#NULL!",
    "#NUM!",
    "#GETTING_DATA",
    "#SPILL!",
    "#CALC!",
}
_WORKBOOK = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"


class CannotRead(Exception):
    """The file as a whole cannot be used. The message is for HR and says what to do."""


class Unreadable(str):
    """A cell whose value would be a guess; `reason` says why."""

    reason: str

    def __new__(cls, shown: str, reason: str):
        cell = super().__new__(cls, shown)
        cell.reason = reason
        return cell


@dataclass(slots=True)
class Line:
    """One line of the file below its headings, by the number the file's own program shows."""

    number: int
    cells: list[str]


@dataclass
class Table:
    headings: list[str]
    lines: list[Line]
    description: str


def read(file_name: str, content: bytes) -> Table:
    """The table in the file; CannotRead with a sentence for HR when there is none."""
    if not content:
        raise CannotRead(_("Filen er tom. Vælg en fil med ledere."))
    if len(content) > settings.IMPORT_MAX_BYTES:
        raise CannotRead(too_big())
    _refuse_other_formats(file_name, content)
    if content.startswith(b"PK"):
        return _read_workbook(content)
    return _read_text(content)


def too_big() -> str:
    return _("Filen er for stor. Den må højst fylde %(size)d MB.") % {"size": settings.IMPORT_MAX_BYTES // 1024**2}


# --- Which kind of file ----------------------------------------------------------------------------------------------


def _refuse_other_formats(file_name: str, content: bytes) -> None:
    suffix = PurePath(file_name.strip().lower()).suffix
    start = content[:4096].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if content.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        if "EncryptedPackage".encode("utf-16-le") in content:
            raise _wrong_format(_("Filen er beskyttet med en adgangskode. Fjern koden."))
        raise _wrong_format(_is_a(_OTHER_FORMATS[".xls"]))
    if suffix in _OTHER_FORMATS:
        raise _wrong_format(_is_a(_OTHER_FORMATS[suffix]))
    if start.startswith(b"<?xml"):
        raise _wrong_format(_is_a(_OTHER_FORMATS[".xml"]))
    if start.startswith(b"<"):
        raise _wrong_format(_is_a(_OTHER_FORMATS[".html"]))
    if start.startswith(b"%pdf-"):
        raise _wrong_format(_is_a(_OTHER_FORMATS[".pdf"]))
    if suffix == ".xlsx" and not content.startswith(b"PK"):
        raise _wrong_format(_("Filen hedder .xlsx, men er ikke et Excel-ark."))
    if suffix not in (".xlsx", ".csv", ".txt", ".tsv", ".tab"):
        raise _wrong_format(_("Filens navn ender ikke på .xlsx eller .csv."))


def _is_a(kind) -> str:
    return _("Filen er %(kind)s.") % {"kind": kind}


def _wrong_format(why: str) -> CannotRead:
    return CannotRead(_("%(why)s Åbn den i dit regneark, og gem den som .xlsx eller .csv.") % {"why": why})


# --- XLSX ------------------------------------------------------------------------------------------------------------


def _read_workbook(content: bytes) -> Table:
    _check_package(content)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about styles and extensions, which are not read
        try:
            book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
            try:
                sheet = next((sheet for sheet in book.worksheets if sheet.sheet_state == "visible"), None)
                if sheet is None:
                    raise CannotRead(_("Filen har intet synligt ark. Vis arket med ledere, og gem filen igen."))
                sheet.reset_dimensions()  # what the file says of its own size may be wrong
                rows = sheet.iter_rows(max_col=MAX_COLUMNS + 1, values_only=True)
                return _table(_sheet_rows(rows), _("Excel-ark, fanen “%(sheet)s”") % {"sheet": sheet.title})
            finally:
                book.close()
        except CannotRead:
            raise
        except Exception as error:  # the library knows many ways to fail on a broken or hostile file
            raise CannotRead(
                _("Filen kan ikke læses som et Excel-ark. Åbn den i Excel, gem den igen som .xlsx, og prøv så.")
            ) from error


def _check_package(content: bytes) -> None:
    """Look at the package's list of contents before anything is unpacked."""
    broken = CannotRead(_("Filen er beskadiget og kan ikke åbnes. Gem den igen som .xlsx eller .csv."))
    try:
        package = zipfile.ZipFile(io.BytesIO(content))
        parts = package.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OverflowError, UnicodeError):
        raise broken from None
    unpacked = sum(part.file_size for part in parts)
    if len(parts) > MAX_PARTS or unpacked > MAX_UNPACKED or unpacked > MAX_RATIO * len(content):
        raise CannotRead(
            _("Filen fylder langt mere pakket ud, end en liste over ledere gør. Kopiér listen til et nyt, tomt ark.")
        )
    names = {part.filename.lower() for part in parts}
    if any(part.flag_bits & 1 for part in parts):
        raise _wrong_format(_("Filen er beskyttet med en adgangskode. Fjern koden."))
    if any(name.endswith("vbaproject.bin") for name in names):
        raise _wrong_format(_is_a(_OTHER_FORMATS[".xlsm"]))
    if "[content_types].xml" not in names:
        kind = ".ods" if "mimetype" in names else ".numbers" if any(n.endswith(".iwa") for n in names) else ".zip"
        raise _wrong_format(_is_a(_OTHER_FORMATS[kind]))
    try:
        types = package.read(next(part for part in parts if part.filename.lower() == "[content_types].xml"))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, ValueError):
        raise broken from None
    except Exception:  # a decompressor's own error, which each names differently
        raise broken from None
    if b"macroenabled" in types.lower():
        raise _wrong_format(_is_a(_OTHER_FORMATS[".xlsm"]))
    if _WORKBOOK not in types:
        raise _wrong_format(_("Filen er ikke et almindeligt Excel-ark."))


def _sheet_rows(rows: Iterable[tuple]) -> Iterator[tuple[int, list[str]]]:
    for number, row in enumerate(rows, start=1):
        if number > MAX_LINES:
            raise _too_many_lines()
        if row.count(None) < len(row):
            yield number, [_cell_text(value) for value in row]


def _cell_text(value) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        if value in _CELL_ERRORS:
            return Unreadable(value, _("Cellen viser en fejl fra regnearket (%(error)s).") % {"error": value})
        return value
    if isinstance(value, bool):
        return Unreadable(str(value), _("Cellen er sand eller falsk, ikke tekst."))
    if isinstance(value, int):
        return _number_text(value)
    if isinstance(value, float):
        whole = value.is_integer() and abs(value) < 1e15  # beyond this Excel has rounded the digits away
        return _number_text(int(value)) if whole else Unreadable(str(value), _("Cellen er et tal, som ikke er helt."))
    if isinstance(value, datetime | date | time | timedelta):
        return Unreadable(str(value), _("Cellen er en dato eller et klokkeslæt, ikke tekst. Skriv den som tekst."))
    return Unreadable(str(value), _("Cellen er ikke tekst."))


def _number_text(value: int) -> str:
    if abs(value) >= 10**15:
        return Unreadable(f"{value:.3e}", _("Tallet er for stort. Skriv det som tekst."))
    return str(value)


# --- CSV -------------------------------------------------------------------------------------------------------------

_SEPARATORS = {";": gettext_lazy("semikolon"), ",": gettext_lazy("komma"), "\t": gettext_lazy("tabulator")}
_SEP_LINE = re.compile(r'"?sep=([;,\t])"?[;,\t]*(?:\r\n|\n|\r|$)', re.IGNORECASE)


def _read_text(content: bytes) -> Table:
    text, encoding = _decode(content)
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise CannotRead(_("Linje %(line)d indeholder et nultegn, som ikke kan gemmes. Fjern det.") % {"line": line})
    skipped = 0
    if said := _SEP_LINE.match(text):
        separator, text, skipped = said[1], text[said.end() :], 1
    else:
        separator = _separator(text)
    description = _("CSV, %(encoding)s, %(separator)s mellem felterne") % {
        "encoding": encoding,
        "separator": _SEPARATORS[separator],
    }
    return _table(_csv_rows(text, separator, skipped), description)


def _decode(content: bytes) -> tuple[str, str]:
    if content.startswith((b"\xff\xfe\0\0", b"\0\0\xfe\xff")):
        raise CannotRead(_("Filen er gemt som UTF-32. Gem den som CSV UTF-8."))
    if content.startswith(b"\xef\xbb\xbf"):
        encodings = [("utf-8-sig", "UTF-8")]
    elif content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = [("utf-16", "UTF-16")]
    elif b"\0" in content[:200]:
        # Without its mark UTF-16 reads as rubbish in Windows-1252, and no error tells.
        raise CannotRead(_("Filen er gemt som UTF-16 uden mærke eller er ikke tekst. Gem den som CSV UTF-8."))
    else:
        encodings = [("utf-8", "UTF-8"), ("cp1252", "Windows-1252")]
    for codec, name in encodings:
        try:
            return content.decode(codec), name
        except UnicodeDecodeError:
            continue
    raise CannotRead(_("Filens bogstaver kan ikke læses. Gem den som CSV UTF-8."))


def _separator(text: str) -> str:
    """The sign that parts most fields in the first lines."""
    start = [line for line in islice(io.StringIO(text, newline=""), 200) if line.strip(" \t\r\n;,")][:HEADING_WITHIN]

    def fields(separator: str) -> tuple[int, int]:
        try:
            rows = list(csv.reader(start, delimiter=separator))
        except csv.Error:
            return 0, 0
        return max((recognised(row) for row in rows), default=0), max(map(len, rows), default=0)

    return max(_SEPARATORS, key=fields)


def _csv_rows(text: str, separator: str, skipped: int) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    line = skipped + 1
    try:
        for row in reader:
            yield line, row
            line = reader.line_num + skipped + 1
    except csv.Error as error:
        raise CannotRead(
            _(
                "Linje %(line)d kan ikke læses: et citationstegn er åbnet uden at blive lukket, står midt i et felt, "
                "eller feltet er for langt."
            )
            % {"line": line}
        ) from error


# --- Both ------------------------------------------------------------------------------------------------------------


def _too_many_lines() -> CannotRead:
    return CannotRead(_("Filen har for mange linjer. Slet de tomme linjer under listen."))


def _table(rows: Iterable[tuple[int, list[str]]], description: str) -> Table:
    """The headings, which may have a title above them, and the lines below that say anything."""
    lines: list[Line] = []
    for number, row in rows:
        if number > MAX_LINES:
            raise _too_many_lines()
        while row and not row[-1].strip():
            row.pop()
        if not row:
            continue
        if len(row) > MAX_COLUMNS:
            raise CannotRead(
                _("Linje %(line)d har over %(limit)d felter. Slet de kolonner, der ikke bruges.")
                % {"line": number, "limit": MAX_COLUMNS}
            )
        if any(len(cell) > MAX_CELL for cell in row):
            raise CannotRead(
                _("Linje %(line)d har et felt på over %(limit)d tegn. Ret det, og prøv igen.")
                % {"line": number, "limit": MAX_CELL}
            )
        lines.append(Line(number, row))
        if len(lines) > MAX_LEADERS:
            raise CannotRead(_("Filen har over %(limit)d ledere. Del den i flere filer.") % {"limit": MAX_LEADERS})
    if not lines:
        raise CannotRead(_("Filen er tom. Vælg en fil med ledere."))
    heading = max(lines[:HEADING_WITHIN], key=lambda line: recognised(line.cells))
    if recognised(heading.cells) < 2:
        heading = lines[0]
    if any(map(holds_cpr, heading.cells)):
        raise CannotRead(_("Filen har en kolonne med cpr-numre. Slet den, og gem filen igen, før du henter den ind."))
    below = lines[lines.index(heading) + 1 :]
    if not below:
        raise CannotRead(_("Filen har overskrifter, men ingen ledere under dem."))
    return Table([" ".join(cell.split()) for cell in heading.cells], below, description)
