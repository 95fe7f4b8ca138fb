"""Units, fields and levels: found by name, or made."""

from collections.abc import Iterable

from django.db.models import F

from members.danish import danish_key
from members.models import LeadershipLevel, OrgUnit, OrgUnitType, ProfessionalField

Path = tuple[str, ...]

PATH_SIGN = " › "


def name_key(name: str) -> str:
    """What two spellings of the same name share: capitals and spaces are set aside, letters never."""
    return " ".join(name.casefold().split())


def path_key(path: Path) -> Path:
    return tuple(map(name_key, path))


class Organisation:
    """All units, read at once, and found by the path of names that leads to them from the top."""

    def __init__(self):
        self.units = {unit.pk: unit for unit in OrgUnit.objects.select_related("type")}
        self._paths: dict[int, Path] = {}
        self._by_path = {path_key(self.path(unit)): unit for unit in self.units.values()}

    def path(self, unit: OrgUnit) -> Path:
        if unit.pk not in self._paths:
            above = self.path(self.units[unit.parent_id]) if unit.parent_id else ()
            self._paths[unit.pk] = (*above, unit.name)
        return self._paths[unit.pk]

    def label(self, unit: OrgUnit) -> str:
        """Børn og Unge › Dagtilbud Nord"""
        return PATH_SIGN.join(self.path(unit))

    def find(self, path: Path) -> OrgUnit | None:
        return self._by_path.get(path_key(path))

    def sorted(self) -> list[OrgUnit]:
        """All units in Danish order, each followed by those beneath it."""
        return sorted(self.units.values(), key=lambda unit: tuple(map(danish_key, self.path(unit))))

    def beneath(self, unit_id: int) -> set[int]:
        """The ids of a unit and of all beneath it."""
        children: dict[int | None, list[int]] = {}
        for unit in self.units.values():
            children.setdefault(unit.parent_id, []).append(unit.pk)
        found, waiting = set(), [unit_id]
        while waiting:
            found.add(waiting[-1])
            waiting += children.get(waiting.pop(), [])
        return found

    def missing(self, paths: Iterable[Path]) -> list[Path]:
        """The paths no unit has yet, also those on the way to a missing one; the shortest first, each once."""
        missing: dict[Path, Path] = {}
        for path in paths:
            for length in range(1, len(path) + 1):
                if self.find(path[:length]) is None:
                    missing.setdefault(path_key(path[:length]), path[:length])
        return sorted(missing.values(), key=lambda path: (len(path), tuple(map(danish_key, path))))

    def create(self, paths: Iterable[Path], *, type_names: dict[int, str]) -> None:
        """Make the units `missing` named; `type_names` says what a unit so many steps from the top is called."""
        by_depth: dict[int, list[Path]] = {}
        for path in paths:
            by_depth.setdefault(len(path), []).append(path)
        for depth, level in sorted(by_depth.items()):
            unit_type = _unit_type(type_names.get(depth, ""), depth)
            units = OrgUnit.objects.bulk_create([self._new_unit(path, unit_type) for path in level], batch_size=500)
            if depth == 1:
                top = [unit.pk for unit in units]
                for start in range(0, len(top), 500):
                    OrgUnit.objects.filter(pk__in=top[start : start + 500]).update(area=F("pk"))
            for path, unit in zip(level, units, strict=True):
                if depth == 1:
                    unit.area_id = unit.pk
                self.units[unit.pk] = unit
                self._paths[unit.pk] = path
                self._by_path[path_key(path)] = unit

    def _new_unit(self, path: Path, unit_type: OrgUnitType) -> OrgUnit:
        parent = self.find(path[:-1]) if len(path) > 1 else None
        return OrgUnit(name=path[-1], type=unit_type, parent=parent, area_id=parent and (parent.area_id or parent.pk))


def _unit_type(name: str, depth: int) -> OrgUnitType:
    name = name or "Enhed"
    known = {name_key(unit_type.name): unit_type for unit_type in OrgUnitType.objects.all()}
    return known.get(name_key(name)) or OrgUnitType.objects.create(name=name[:100], rank=depth)


class Names:
    """All fields, or all levels, found by name."""

    def __init__(self, model: type[ProfessionalField] | type[LeadershipLevel]):
        self.model = model
        self._by_name = {name_key(row.name): row for row in model.objects.all()}

    def find(self, name: str) -> ProfessionalField | LeadershipLevel | None:
        return self._by_name.get(name_key(name))

    def missing(self, names: Iterable[str]) -> list[str]:
        missing = {name_key(name): name for name in names if name and self.find(name) is None}
        return sorted(missing.values(), key=danish_key)

    def create(self, names: Iterable[str]) -> None:
        """Fields are put last; levels first, closest to the staff, until HR says otherwise."""
        last = max((row.rank for row in self._by_name.values()), default=0)
        for name in names:
            rank = 0 if self.model is LeadershipLevel else (last := last + 1)
            self._by_name[name_key(name)] = self.model.objects.create(name=name, rank=rank)
