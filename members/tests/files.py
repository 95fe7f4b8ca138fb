"""Small files of leaders, made for one test each."""

import io
import zipfile
from pathlib import Path

import openpyxl

DATA = Path(__file__).parent / "data"

HEADINGS = [
    "Medarbejdernr.",
    "Fornavn",
    "Efternavn",
    "E-mail",
    "Stilling",
    "Forvaltning",
    "Afdeling",
    "Ledelsesniveau",
    "Fagområde",
    "Nærmeste leder (e-mail)",
]
OS2MO = ["root", "org", "sub org", "2xsub org", "3xsub org", "Ansvar", "Navn", "Telefon", "E-mail"]


def sample(name: str) -> bytes:
    return (DATA / name).read_bytes()


def line(
    number="1", first="Anne", last="Holm", email=None, title="Daglig leder", area="Børn og Unge", unit="Nord", **more
):
    """One line under HEADINGS. The address follows the name unless it is given."""
    if email is None:
        email = f"{first}.{last}@x.dk".lower()
    return [
        number,
        first,
        last,
        email,
        title,
        area,
        unit,
        more.get("level", "Leder"),
        more.get("field", "Dagtilbud"),
        more.get("manager", ""),
    ]


def csv_file(*lines, headings=HEADINGS, separator=";", encoding="utf-8", newline="\r\n") -> bytes:
    """Cells as they are: what needs quotes brings them along."""
    rows = [headings, *lines] if headings else lines
    return "".join(separator.join(row) + newline for row in rows).encode(encoding)


def xlsx_file(*lines, headings=HEADINGS, prepare=None) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in [headings, *lines] if headings else lines:
        sheet.append(row)
    if prepare:
        prepare(book)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def changed_zip(content: bytes, changes: dict[str, bytes], *, compress=zipfile.ZIP_DEFLATED) -> bytes:
    """The package with some of its parts replaced or added."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w", compress) as new:
        for part in old.infolist():
            if part.filename not in changes:
                new.writestr(part.filename, old.read(part))
        for name, data in changes.items():
            new.writestr(name, data)
    return file.getvalue()
