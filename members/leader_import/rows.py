"""From lines of text to rows about leaders, each cell cleaned and each fault noted beside its column."""

from dataclasses import dataclass
from dataclasses import field as member

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from members.fields import clean_email, clean_line, harmless_line
from members.leader_import.columns import Column, Layout
from members.leader_import.reading import Line, Table, Unreadable
from members.organisation import Path, name_key

LENGTHS = {
    Column.EMPLOYEE_NUMBER: 40,
    Column.FIRST_NAME: 100,
    Column.LAST_NAME: 100,
    Column.FULL_NAME: 200,
    Column.TITLE: 200,
    Column.PHONE: 40,
    Column.LEVEL: 100,
    Column.FIELD: 100,
    Column.LINE_MANAGER: 254,
}
UNIT_LENGTH = 200
_VACANT = {"vakant", "vacant", "ledig", "ubesat", "n.n.", "nn", "n n", "-", "–", "?"}


@dataclass(slots=True)
class Problem:
    """Why a line is refused: in which column, what stands there, and what is wrong with it."""

    column: str
    text: str
    value: str = ""

    def __str__(self):
        return f"{self.column}: “{self.value}”. {self.text}" if self.value else f"{self.column}: {self.text}"


@dataclass(slots=True, eq=False)
class Row:
    """What one line says about one leader."""

    number: int
    employee_number: str = ""
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    title: str = ""
    phone: str = ""
    path: Path = ()
    level: str = ""
    field: str = ""
    line_manager: str = ""
    is_vacant: bool = False
    problems: list[Problem] = member(default_factory=list)

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


class RowReader:
    """Reads the lines of a table by its layout."""

    def __init__(self, table: Table, layout: Layout):
        self.table, self.layout = table, layout
        self._seen: dict[tuple[int, str], str | Problem] = {}
        self._municipality = layout.place(Column.MUNICIPALITY)
        self._has_several_tops = self._municipality is not None and len(self._values(self._municipality)) > 1

    def rows(self) -> list[Row]:
        return [self._row(line) for line in self.table.lines]

    def _values(self, place: int) -> set[str]:
        cells = (line.cells[place] for line in self.table.lines if place < len(line.cells))
        return {name_key(cell) for cell in cells if cell.strip()}

    def _row(self, line: Line) -> Row:
        row = Row(line.number)
        cells = line.cells
        width = len(self.layout.headings)
        if len(cells) > width:
            row.problems.append(
                Problem(self.layout.name_of(width), _("Linjen har flere felter, end der er overskrifter."))
            )
        for column in (Column.EMPLOYEE_NUMBER, Column.TITLE, Column.PHONE, Column.LEVEL, Column.FIELD):
            setattr(row, column.value, self._cell(row, cells, self.layout.place(column)))
        row.line_manager = self._cell(row, cells, self.layout.place(Column.LINE_MANAGER))
        row.email = self._cell(row, cells, self.layout.place(Column.EMAIL))
        row.path = self._path(row, cells)
        self._name(row, cells)
        row.is_vacant = not row.name and not row.email and not row.employee_number and bool(row.path or row.title)
        if not row.is_vacant:
            self._note_what_is_missing(row)
        return row

    def _cell(self, row: Row, cells: list[str], place: int | None) -> str:
        """The cell as it is stored; "" with a problem noted when it cannot be."""
        if place is None or place >= len(cells) or not cells[place]:
            return ""
        raw = cells[place]
        key = (place, raw)
        if key not in self._seen:
            self._seen[key] = self._clean(raw, place)
        found = self._seen[key]
        if isinstance(found, Problem):
            row.problems.append(found)
            return ""
        return found

    def _clean(self, raw: str, place: int) -> str | Problem:
        column = self.layout.columns[place]
        name = self.layout.name_of(place)
        if isinstance(raw, Unreadable):
            return Problem(name, raw.reason, raw)
        try:
            if column == Column.EMAIL:
                return clean_email(raw)
            return clean_line(raw, max_length=LENGTHS.get(column, UNIT_LENGTH))
        except ValidationError as error:
            shown = "" if error.code == "cpr" else harmless_line(raw)[:60]
            return Problem(name, error.messages[0], shown)

    def _path(self, row: Row, cells: list[str]) -> Path:
        """The units from the top down; a unit named twice in a row is one, and a hole in the chain is a fault."""
        places = self.layout.unit_places
        if self._has_several_tops:
            places = [self._municipality, *places]
        faults = len(row.problems)
        names = [self._cell(row, cells, place) for place in places]
        if len(row.problems) > faults:
            return ()
        filled = [name for name in names if name]
        if names[: len(filled)] != filled:
            hole = places[names.index("")]
            text = _("Feltet er tomt, selv om enheden under det er udfyldt. Skriv alle enheder fra øverst til nederst.")
            row.problems.append(Problem(self.layout.name_of(hole), text))
            return ()
        if not filled and self._municipality is not None:
            filled = [name] if (name := self._cell(row, cells, self._municipality)) else []
        return tuple(
            name for place, name in enumerate(filled) if not place or name_key(name) != name_key(filled[place - 1])
        )

    def _name(self, row: Row, cells: list[str]) -> None:
        if (place := self.layout.place(Column.FULL_NAME)) is not None:
            name = self._cell(row, cells, place)
            row.first_name, row.last_name = split_name("" if name.lower() in _VACANT else name)
            return
        names = [self._cell(row, cells, self.layout.place(column)) for column in (Column.FIRST_NAME, Column.LAST_NAME)]
        if " ".join(filter(None, names)).lower() not in _VACANT:
            row.first_name, row.last_name = names

    def _note_what_is_missing(self, row: Row) -> None:
        if not row.email:
            self._note_missing(row, [Column.EMAIL], _("E-mail mangler."))
        if self.layout.has(Column.FULL_NAME):
            if not row.name:
                self._note_missing(row, [Column.FULL_NAME], _("Navn mangler."))
            elif not (row.first_name and row.last_name):
                self._note_missing(row, [Column.FULL_NAME], _("Skriv både fornavn og efternavn."))
        else:
            if not row.first_name:
                self._note_missing(row, [Column.FIRST_NAME], _("Fornavn mangler."))
            if not row.last_name:
                self._note_missing(row, [Column.LAST_NAME], _("Efternavn mangler."))
        if not row.path:
            units = [self.layout.columns[place] for place in self.layout.unit_places] or [Column.MUNICIPALITY]
            self._note_missing(row, units, _("Enhed mangler."))

    def _note_missing(self, row: Row, columns: list[Column], text: str) -> None:
        """Unless another fault of the same column already explains it."""
        names = [self.layout.name_of(self.layout.place(column)) for column in columns]
        if not any(problem.column in names for problem in row.problems):
            row.problems.append(Problem(names[0], text))


def split_name(name: str) -> tuple[str, str]:
    """First names and last name: the last word, or what stands before a comma, is the last name."""
    if "," in name:
        last, _comma, first = name.partition(",")
        return first.strip(), last.strip()
    first, _space, last = name.rpartition(" ")
    return (first, last) if first else (last, "")


def column_name(layout: Layout, column: Column) -> str:
    place = layout.place(column)
    return column.label if place is None else layout.name_of(place)
