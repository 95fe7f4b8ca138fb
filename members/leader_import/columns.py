"""What each column of a layout holds: recognised by its heading, or said by HR and remembered."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.danish import fold

MAX_DEPTH = 8


class Column(models.TextChoices):
    """What a column can hold. Units are told apart by how far they are from the top."""

    IGNORED = "", gettext_lazy("Bruges ikke")
    EMPLOYEE_NUMBER = "employee_number", gettext_lazy("Medarbejdernr.")
    FIRST_NAME = "first_name", gettext_lazy("Fornavn")
    LAST_NAME = "last_name", gettext_lazy("Efternavn")
    FULL_NAME = "full_name", gettext_lazy("Fulde navn")
    EMAIL = "email", gettext_lazy("E-mail")
    TITLE = "title", gettext_lazy("Stilling")
    PHONE = "phone", gettext_lazy("Telefon")
    MUNICIPALITY = "municipality", gettext_lazy("Kommunen som helhed")
    UNIT_1 = "unit_1", gettext_lazy("Enhed, øverste niveau")
    UNIT_2 = "unit_2", gettext_lazy("Enhed, 2. niveau")
    UNIT_3 = "unit_3", gettext_lazy("Enhed, 3. niveau")
    UNIT_4 = "unit_4", gettext_lazy("Enhed, 4. niveau")
    UNIT_5 = "unit_5", gettext_lazy("Enhed, 5. niveau")
    UNIT_6 = "unit_6", gettext_lazy("Enhed, 6. niveau")
    UNIT_7 = "unit_7", gettext_lazy("Enhed, 7. niveau")
    UNIT_8 = "unit_8", gettext_lazy("Enhed, 8. niveau")
    LEVEL = "level", gettext_lazy("Ledelsesniveau")
    FIELD = "field", gettext_lazy("Fagområde")
    LINE_MANAGER = "line_manager", gettext_lazy("Nærmeste leder (e-mail eller medarbejdernr.)")


UNITS = [Column(f"unit_{depth}") for depth in range(1, MAX_DEPTH + 1)]

_HEADINGS = {
    Column.EMPLOYEE_NUMBER: (
        "medarbejdernr medarbejdernummer medarbejderid medarbejdernrid tjenestenr tjenestenummer loennr loennummer "
        "ansaettelsesnr ansaettelsesnummer personalenr personalenummer mnr employeenumber employeeno employeeid "
        "personnelnumber staffnumber staffid"
    ),
    Column.FIRST_NAME: "fornavn fornavne firstname givenname forename",
    Column.LAST_NAME: "efternavn efternavne lastname surname familyname",
    Column.FULL_NAME: (
        "navn fuldenavn fuldtnavn ledernavn lederensnavn personnavn medarbejdernavn name fullname leadername"
    ),
    Column.EMAIL: (
        "email emailadresse mail mailadresse epost epostadresse arbejdsmail arbejdsemail emailaddress workemail upn"
    ),
    Column.TITLE: "stilling stillingsbetegnelse titel jobtitel stillingstitel title jobtitle position",
    Column.PHONE: (
        "telefon telefonnr telefonnummer tlf tlfnr mobil mobilnr mobilnummer mobiltelefon phone phonenumber mobile"
    ),
    Column.MUNICIPALITY: "root rod kommune municipality",
    Column.LEVEL: "ledelsesniveau lederniveau niveau leadershiplevel managementlevel level",
    Column.FIELD: "fagomraade fag fagfelt faglighed professionalfield field profession",
    Column.LINE_MANAGER: (
        "naermesteleder naermestelederemail naermestelederemailadresse naermesteledermail naermestelederepost "
        "naermesteledermedarbejdernr naermesteledermedarbejdernummer naermesteledernr leder lederemail ledermail "
        "ledermedarbejdernr overordnet overordnetemail chefemail personaleleder personalelederemail linemanager "
        "linemanageremail linemanagernumber manager manageremail reportsto"
    ),
}
_BY_HEADING = {heading: column for column, headings in _HEADINGS.items() for heading in headings.split()}

# How far from the top a unit with this name is likely to be, compared with the others in the same layout.
_UNIT_RANKS = {
    heading: rank
    for rank, headings in enumerate(
        (
            "direktoeromraade forvaltning forvaltningsomraade magistrat magistratsafdeling org department directorate",
            "omraade fagafdeling center fagcenter suborg area division centre",
            "afdeling stab sektion section",
            "enhed organisation organisationsenhed orgenhed unit organisationalunit",
            "arbejdssted arbejdsplads institution tjenestested sted workplace worksite",
            "team gruppe group",
        )
    )
    for heading in headings.split()
}
_SUB_ORG = re.compile(r"(\d)xsuborg")
_COMMON_TYPES = {
    "direktoeromraade",
    "forvaltning",
    "omraade",
    "center",
    "afdeling",
    "institution",
    "arbejdssted",
    "team",
}


def heading_key(heading: str) -> str:
    """A heading without capitals, spaces and signs: "E-mail" and "EMAIL" are the same."""
    return re.sub(r"[\W_]", "", fold(heading))


def fingerprint(headings: list[str]) -> str:
    """The same for two files with the same columns in the same order."""
    return hashlib.sha256("\n".join(map(heading_key, headings)).encode()).hexdigest()


def holds_cpr(heading: str) -> bool:
    return heading_key(heading) in ("cpr", "cprnr", "cprnummer", "personnummer", "personnr")


def recognised(cells: Iterable[str]) -> int:
    """How many of the cells read as headings."""
    return sum(1 for cell in cells if len(cell) <= 60 and _is_heading(heading_key(cell)))


def _is_heading(key: str) -> bool:
    return key in _BY_HEADING or key in _UNIT_RANKS or bool(_SUB_ORG.fullmatch(key))


def _unit_rank(key: str) -> float | None:
    if deeper := _SUB_ORG.fullmatch(key):
        return 1 + int(deeper[1]) / 10  # below "sub org", in their own order
    return _UNIT_RANKS.get(key)


@dataclass
class Layout:
    """The columns of a file and what each of them holds, in the file's order."""

    headings: list[str]
    columns: list[Column] = field(default_factory=list)

    @classmethod
    def recognise(cls, headings: list[str]) -> "Layout":
        keys = [heading_key(heading) for heading in headings]
        columns = [_BY_HEADING.get(key, Column.IGNORED) for key in keys]
        ranked = sorted(
            (rank, place)
            for place, key in enumerate(keys)
            if columns[place] == Column.IGNORED and (rank := _unit_rank(key)) is not None
        )
        for unit, (_rank, place) in zip(UNITS, ranked, strict=False):
            columns[place] = unit
        return cls(headings, columns)

    @classmethod
    def from_values(cls, headings: list[str], values: list[str]) -> "Layout":
        """As it was saved; what is not understood is not used."""
        known = [Column(value) if value in Column.values else Column.IGNORED for value in values]
        return cls(headings, (known + [Column.IGNORED] * len(headings))[: len(headings)])

    @property
    def values(self) -> list[str]:
        return [column.value for column in self.columns]

    def place(self, column: Column) -> int | None:
        return self.columns.index(column) if column in self.columns else None

    def has(self, column: Column) -> bool:
        return column in self.columns

    @property
    def unit_places(self) -> list[int]:
        """The columns of units from the top down."""
        return [self.columns.index(unit) for unit in UNITS if unit in self.columns]

    @property
    def type_names(self) -> dict[int, str]:
        """What units so many steps from the top are called, where the heading is a word for it."""
        return {
            depth: self.headings[place] if heading_key(self.headings[place]) in _COMMON_TYPES else ""
            for depth, place in enumerate(self.unit_places, start=1)
        }

    @property
    def ignored(self) -> list[str]:
        return [
            name for name, column in zip(self.headings, self.columns, strict=True) if name and column == Column.IGNORED
        ]

    def name_of(self, place: int) -> str:
        """E-mail (kolonne D)"""
        letter = (
            chr(ord("A") + place) if place < 26 else f"{chr(ord('A') + place // 26 - 1)}{chr(ord('A') + place % 26)}"
        )
        heading = self.headings[place] if place < len(self.headings) else ""
        if not heading:
            return _("kolonne %(letter)s") % {"letter": letter}
        return _("%(heading)s (kolonne %(letter)s)") % {"heading": heading, "letter": letter}

    def problems(self) -> list[str]:
        """Why the file cannot be read in this way yet, in plain words."""
        problems = []
        for column, count in Counter(self.columns).items():
            if count > 1 and column != Column.IGNORED:
                names = [self.name_of(place) for place, other in enumerate(self.columns) if other == column]
                problems.append(
                    _("Flere kolonner er sat til “%(column)s”: %(names)s. Vælg én af dem.")
                    % {"column": column.label, "names": ", ".join(names)}
                )
        if not self.has(Column.EMAIL):
            problems.append(_("Vælg den kolonne, der indeholder e-mail."))
        if not self.has(Column.FULL_NAME) and not (self.has(Column.FIRST_NAME) and self.has(Column.LAST_NAME)):
            problems.append(_("Vælg kolonner med fornavn og efternavn, eller en kolonne med det fulde navn."))
        if not self.unit_places and not self.has(Column.MUNICIPALITY):
            problems.append(_("Vælg mindst én kolonne med den enhed, lederen hører til."))
        return problems

    @property
    def is_complete(self) -> bool:
        """Whether nothing needs to be asked: every column is understood, and none is missing."""
        return (
            not self.problems()
            and not self.ignored
            and self.has(Column.LEVEL)
            and self.has(Column.FIELD)
            and bool(self.unit_places)
        )
