"""Lists out of the house, as Danish Excel opens them, with no cell that a spreadsheet would take for a formula."""

import csv
import io
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date

from django.http import HttpResponse
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from members.danish import table_date

FORMATS = ("xlsx", "csv")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LONGEST = 32_000  # a cell holds 32,767 characters; what is cut is marked
# What begins a formula in one spreadsheet or another, also in full width, which some fold to the plain sign.
_STARTS = frozenset("=+-@|%\t\r\n\0＝＋－＠｜％﹦﹢﹣﹫−")
_LETTERS_ONLY = ("Cc", "Cs")
_NO_XML = "\ufffe\uffff"  # a sheet that holds one of these opens in no program


def safe(value) -> str | int | float:
    """A number as it is; a date as Danes write it; text with an apostrophe before whatever could start a formula."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, int | float):
        return value
    if isinstance(value, date):
        return table_date(value)
    raw = str(value)
    is_risky = _could_start_a_formula(raw)
    text = "".join(
        " " if sign in "\t\r\n" else sign
        for sign in raw
        if sign in "\t\r\n" or (unicodedata.category(sign) not in _LETTERS_ONLY and sign not in _NO_XML)
    )
    if len(text) > LONGEST:
        text = f"{text[:LONGEST]} …"
    return f"'{text}" if is_risky or _could_start_a_formula(text) else text


def _could_start_a_formula(text: str) -> bool:
    """Also behind the spaces, quotes and invisible signs that a spreadsheet may pass over."""
    if text[:1] in _STARTS and text:
        return True
    bare = text.lstrip(" \u00a0\u3000\"'`")
    bare = "".join(sign for sign in bare[:8] if unicodedata.category(sign) not in ("Cf", "Cc", "Zs", "Zl", "Zp"))
    return bare[:1] in _STARTS and bool(bare)


def respond(kind: str, name: str, header: Sequence[str], rows: Iterable[Sequence]) -> HttpResponse:
    """The rows as a file to download, called `name`."""
    content, content_type = (_xlsx(header, rows), XLSX) if kind == "xlsx" else (_csv(header, rows), "text/csv")
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    response["Cache-Control"] = "no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _csv(header: Sequence[str], rows: Iterable[Sequence]) -> bytes:
    """UTF-8 with its mark, semicolons and decimal commas: what Excel in Danish opens by a double click."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow([safe(name) for name in header])
    for row in rows:
        cells = (safe(value) for value in row)
        writer.writerow([str(cell).replace(".", ",") if isinstance(cell, float) else cell for cell in cells])
    return out.getvalue().encode("utf-8-sig")


def _xlsx(header: Sequence[str], rows: Iterable[Sequence]) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Ark1")
    sheet.freeze_panes = "A2"
    for place in range(len(header)):
        sheet.column_dimensions["ABCDEFGHIJKLMNOPQRSTUVWXYZ"[place]].width = 24
    sheet.append([_cell(sheet, name, is_bold=True) for name in header])
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _cell(sheet, value, *, is_bold: bool = False) -> WriteOnlyCell:
    """Text is set as text: left to itself, the library makes a live formula of what begins with an equals sign."""
    value = safe(value)
    cell = WriteOnlyCell(sheet, value)
    if isinstance(value, str):
        cell.data_type = "s"
        cell.number_format = "@"
    if is_bold:
        cell.font = Font(bold=True)
    return cell
