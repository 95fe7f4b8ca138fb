"""What a file would change, worked out against the database without touching it."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from dataclasses import field as member

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.danish import fold
from members.fields import clean_email
from members.leader_import.columns import Column, Layout
from members.leader_import.reading import Table
from members.leader_import.rows import Problem, Row, RowReader, column_name
from members.models import Leader, LeadershipLevel, ProfessionalField, User
from members.organisation import PATH_SIGN, Names, Organisation, Path, name_key, path_key

DEEPEST_RULE = 4
RULE_DEPTH = 2


@dataclass(slots=True)
class Change:
    label: str
    old: str
    new: str


@dataclass(slots=True, eq=False)
class Entry:
    """One row that will make a new leader, change one, or leave one as it is."""

    row: Row
    leader: Leader | None = None
    user: User | None = None
    level: str = ""
    field: str = ""
    # Who the nearest manager becomes: another entry, a leader in the database, or nobody said.
    manager: "Entry | Leader | None" = None
    changes: list[Change] = member(default_factory=list)
    notes: list[str] = member(default_factory=list)

    @property
    def user_id(self) -> int | None:
        return self.leader.user_id if self.leader else self.user and self.user.pk

    @property
    def manager_id(self) -> int | None:
        """The key of the manager's post, once it has one."""
        post = self.manager.leader if isinstance(self.manager, Entry) else self.manager
        return post and post.pk

    @property
    def manager_name(self) -> str:
        if isinstance(self.manager, Entry):
            return self.manager.row.name
        return self.manager.user.get_full_name() if self.manager else ""

    @property
    def unit(self) -> str:
        return PATH_SIGN.join(self.row.path)


@dataclass
class Plan:
    layout: Layout
    rows: int = 0
    new: list[Entry] = member(default_factory=list)
    changed: list[Entry] = member(default_factory=list)
    unchanged: int = 0
    vacant: list[Row] = member(default_factory=list)
    gone: list[Leader] = member(default_factory=list)
    refused: list[Row] = member(default_factory=list)
    without_manager: list[Entry] = member(default_factory=list)
    new_units: list[Path] = member(default_factory=list)
    new_levels: list[str] = member(default_factory=list)
    new_fields: list[str] = member(default_factory=list)
    lacking: int = 0

    @property
    def changes_anything(self) -> bool:
        return bool(self.new or self.changed)

    @property
    def summary(self) -> dict[str, int]:
        """Counts only: what is kept when the file is gone."""
        return {
            "rows": self.rows,
            "new": len(self.new),
            "changed": len(self.changed),
            "unchanged": self.unchanged,
            "gone": len(self.gone),
            "vacant": len(self.vacant),
            "refused": len(self.refused),
            "new_units": len(self.new_units),
        }

    @property
    def digest(self) -> str:
        """Changes when anything the plan would do changes, so that what HR has seen is what is done."""
        parts = [
            [(e.row.number, e.row.email, e.user_id, e.level, e.field, e.manager_name) for e in self.new],
            [(e.row.number, e.leader.pk, [(c.label, c.old, c.new) for c in e.changes]) for e in self.changed],
            [row.number for row in self.refused],
            self.new_units,
        ]
        return hashlib.sha256(repr(parts).encode()).hexdigest()[:32]


def make_plan(table: Table, layout: Layout, rules: dict) -> Plan:
    return _Planner(table, layout, rules).plan()


class _Planner:
    def __init__(self, table: Table, layout: Layout, rules: dict):
        self.layout, self.rules = layout, rules
        self.rows = RowReader(table, layout).rows()
        self.people = [row for row in self.rows if not row.is_vacant]
        self.organisation = Organisation()
        self.levels, self.fields = Names(LeadershipLevel), Names(ProfessionalField)
        self.entries: dict[int, Entry] = {row.number: Entry(row) for row in self.people}

        posts = Leader.objects.filter(valid_to__isnull=True).select_related(
            "user", "level", "field", "line_manager__user"
        )
        self.posts = {post.pk: post for post in posts.defer("search_text", "user__search_text")}
        self.post_of_user = {post.user_id: post for post in self.posts.values()}
        self.post_by_number = {
            _number(post.employee_number): post for post in self.posts.values() if post.employee_number
        }
        self.users = {user.email.lower(): user for user in User.objects.exclude(pk__in=self._users_with_posts())}
        self.users |= {post.user.email.lower(): post.user for post in self.posts.values()}

    @staticmethod
    def _users_with_posts():
        return Leader.objects.filter(valid_to__isnull=True).values("user_id")

    def plan(self) -> Plan:
        self._refuse_doubles()
        self._match()
        self._find_managers()
        while self._refuse_taken_addresses() or self._refuse_circles():
            pass
        self._drop_refused_managers()
        return self._sorted_out()

    # --- Rows against each other -------------------------------------------------------------------------------------

    def _refuse(self, row: Row, column: Column, text: str, value: str = "") -> None:
        row.problems.append(Problem(column_name(self.layout, column), text, value))

    def _refuse_all(self, rows: Iterable[Row], column: Column, text: Callable[[str], str], value: str) -> None:
        rows = list(rows)
        for row in rows:
            others = _lines(other.number for other in rows if other is not row)
            self._refuse(row, column, text(others), value)

    def _refuse_doubles(self) -> None:
        by_email, by_number = defaultdict(list), defaultdict(list)
        for row in self.people:
            by_email[row.email].append(row)
            by_number[_number(row.employee_number)].append(row)
        self.rows_by_email, self.rows_by_number = by_email, by_number
        for column, groups in ((Column.EMAIL, by_email), (Column.EMPLOYEE_NUMBER, by_number)):
            groups.pop("", None)
            for value, rows in groups.items():
                if len(rows) > 1:
                    self._refuse_all(rows, column, _same_value, value)

    # --- Rows against the database -----------------------------------------------------------------------------------

    def _match(self) -> None:
        """Tie each row to the person it is about: by employee number first, then by address."""
        claimed = set()
        for row in self.people:
            if post := self.post_by_number.get(_number(row.employee_number)):
                self._tie(row, post, post.user, Column.EMPLOYEE_NUMBER)
                claimed.add(post.user_id)
        former = self._former_posts()
        for row in self.people:
            entry = self.entries[row.number]
            if entry.leader:
                continue
            user = self.users.get(row.email)
            if user and (user.pk not in claimed or name_key(user.get_full_name()) == name_key(row.name)):
                self._tie(row, self.post_of_user.get(user.pk), user, Column.EMAIL)
            elif (ended := former.get(_number(row.employee_number))) and ended.user_id not in claimed:
                self._tie(row, None, ended.user, Column.EMPLOYEE_NUMBER)
        tied = defaultdict(list)
        for entry in self.entries.values():
            if entry.user_id:
                tied[entry.user_id].append(entry.row)
        self.tied_users = set(tied)
        self.entry_by_post = {entry.leader.pk: entry for entry in self.entries.values() if entry.leader}
        for rows in tied.values():
            if len(rows) > 1 and len({row.email for row in rows}) > 1:
                self._refuse_all(rows, Column.EMPLOYEE_NUMBER, _same_person, "")

    def _former_posts(self) -> dict[str, Leader]:
        """The last post of those who hold none now, by employee number."""
        wanted = {_number(row.employee_number) for row in self.people} - set(self.post_by_number) - {""}
        if not wanted:
            return {}
        ended = Leader.objects.filter(valid_to__isnull=False).exclude(employee_number="").select_related("user")
        return {
            _number(post.employee_number): post
            for post in ended.exclude(user__in=self._users_with_posts()).order_by("valid_to", "pk")
        }

    def _tie(self, row: Row, post: Leader | None, user: User, column: Column) -> None:
        entry = self.entries[row.number]
        entry.leader, entry.user = post, user
        known = post or Leader.objects.filter(user=user).exclude(employee_number="").order_by("-valid_from").first()
        number = _number(known.employee_number) if known else ""
        agree = (bool(number) and number == _number(row.employee_number)) + (user.email.lower() == row.email)
        if row.name and row.email and agree + _share_a_name(row, user) < 2:
            text = _(
                "Tilhører %(name)s i dag, og ellers ligner linjen ikke. Er det samme person, så ret navn eller e-mail "
                "på lederens side først. Er det en anden, så ret linjen, eller giv %(name)s en anden e-mail først."
            )
            value = row.email if column == Column.EMAIL else row.employee_number
            self._refuse(row, column, text % {"name": user.get_full_name()}, value)
        elif not user.is_active:
            self._refuse(row, column, _("Personen er spærret. Bed systemadministratoren om at åbne for adgangen igen."))

    def _refuse_taken_addresses(self) -> bool:
        """Refuse rows whose address belongs to someone else who is not about to give it up."""
        found = False
        gives_up = {
            entry.user_id
            for entry in self.entries.values()
            if entry.user_id and not entry.row.problems and entry.row.email != entry.user.email.lower()
        }
        for entry in self._accepted():
            holder = self.users.get(entry.row.email)
            if holder and holder.pk != entry.user_id and holder.pk not in gives_up:
                text = _("E-mailen tilhører %(name)s.") % {"name": holder.get_full_name()}
                self._refuse(entry.row, Column.EMAIL, text, entry.row.email)
                found = True
        return found

    def _accepted(self) -> list[Entry]:
        return [entry for entry in self.entries.values() if not entry.row.problems]

    # --- Line managers -----------------------------------------------------------------------------------------------

    def _find_managers(self) -> None:
        for row in self.people:
            if not row.line_manager:
                continue
            try:
                self._find_manager(self.entries[row.number], row.line_manager)
            except ValidationError as error:
                self._refuse(row, Column.LINE_MANAGER, error.messages[0], row.line_manager)

    def _find_manager(self, entry: Entry, said: str) -> None:
        if "@" in said:
            address = clean_email(said)
            rows = self.rows_by_email.get(address, [])
            user = self.users.get(address)
            post = self.post_of_user.get(user.pk) if user and user.is_active else None
        else:
            rows = self.rows_by_number.get(_number(said), [])
            post = self.post_by_number.get(_number(said))
        if len(rows) == 1:
            entry.manager = self.entries[rows[0].number]
        elif post:
            entry.manager = self.entry_by_post.get(post.pk, post)
        elif rows:
            self._note_no_manager(entry, rows)
        else:
            raise ValidationError(_("Findes hverken i filen eller blandt lederne. Ret den, eller lad feltet stå tomt."))

    @staticmethod
    def _allowed_manager(entry: Entry) -> Entry | Leader | None:
        """The manager the row names; where that one's own line is refused, as the database has them, or nobody."""
        manager = entry.manager
        return manager.leader if isinstance(manager, Entry) and manager.row.problems else manager

    def _manager_node(self, entry: Entry):
        """Who stands above `entry` when all accepted rows are in: an entry or a post's key."""
        manager = self._allowed_manager(entry)
        if isinstance(manager, Entry):
            return manager
        if manager is not None:
            return self._node_of_post(manager.pk)
        return self._node_of_post(entry.leader.line_manager_id) if entry.leader else None

    def _node_of_post(self, pk: int | None):
        return self._accepted_by_post.get(pk, pk)

    def _refuse_circles(self) -> bool:
        accepted = self._accepted()
        self._accepted_by_post = {entry.leader.pk: entry for entry in accepted if entry.leader}
        done = set()
        found = False
        for start in accepted:
            trail, node = {}, start
            while node is not None and node not in done and node not in trail:
                trail[node] = len(trail)
                node = self._manager_node(node) if isinstance(node, Entry) else self._manager_of_post(node)
            if node is not None and node in trail:
                found |= self._refuse_circle([step for step in trail if trail[step] >= trail[node]])
            done.update(trail)
        return found

    def _manager_of_post(self, pk: int):
        post = self.posts.get(pk)
        return self._node_of_post(post.line_manager_id) if post else None

    def _refuse_circle(self, circle: list) -> bool:
        said = [node for node in circle if isinstance(node, Entry) and self._allowed_manager(node)]
        if len(circle) == 1 and said:
            self._refuse(said[0].row, Column.LINE_MANAGER, _("Lederen står som sin egen nærmeste leder."))
            return True
        names = " → ".join(self._node_name(node) for node in [*circle, circle[0]])
        for node in said:
            text = _("Nærmeste leder går i ring: %(names)s. Ret en af dem.") % {"names": names}
            self._refuse(node.row, Column.LINE_MANAGER, text, node.row.line_manager)
        return bool(said)

    def _node_name(self, node) -> str:
        if isinstance(node, Entry):
            return _("linje %(line)d (%(name)s)") % {"line": node.row.number, "name": node.row.name}
        return self.posts[node].user.get_full_name()

    def _drop_refused_managers(self) -> None:
        """Where a manager's own line is refused: the manager as the database has them, or none yet."""
        for entry in self._accepted():
            named, entry.manager = entry.manager, self._allowed_manager(entry)
            if named is not None and entry.manager is None:
                self._note_no_manager(entry, [named.row])

    @staticmethod
    def _note_no_manager(entry: Entry, refused: list[Row]) -> None:
        if not (entry.leader and entry.leader.line_manager_id):
            lines = _lines(row.number for row in refused)
            text = _("Får ingen nærmeste leder endnu, fordi %(lines)s er afvist.") % {"lines": lines}
            entry.notes.append(text)

    def _names(self, row: Row, user: User) -> tuple[str, str]:
        """The name as it is and as the row has it, written so that a difference shows."""
        old, new = f"{user.first_name} {user.last_name}", row.name
        if name_key(old) != name_key(new):
            return old, new
        if self.layout.has(Column.FULL_NAME):
            row.first_name, row.last_name = user.first_name, user.last_name  # where to part a name is a guess
        return f"{user.last_name}, {user.first_name}", f"{row.last_name}, {row.first_name}"

    # --- The result --------------------------------------------------------------------------------------------------

    def _sorted_out(self) -> Plan:
        plan = Plan(self.layout, rows=len(self.rows))
        plan.vacant = [row for row in self.rows if row.is_vacant and not row.problems]
        plan.refused = [row for row in self.rows if row.problems]
        accepted = self._accepted()
        for entry in accepted:
            self._fill_from_rules(entry)
            if entry.leader is None:
                plan.new.append(entry)
            elif self._note_changes(entry):
                plan.changed.append(entry)
            else:
                plan.unchanged += 1
        to_do = [*plan.new, *plan.changed]
        plan.without_manager = [entry for entry in to_do if entry.notes]
        plan.gone = sorted(
            (post for post in self.posts.values() if post.user.is_active and post.user_id not in self.tied_users),
            key=lambda post: (post.user.sort_text, post.pk),
        )
        plan.new_units = self.organisation.missing(entry.row.path for entry in to_do)
        plan.new_levels = self.levels.missing(entry.level for entry in to_do)
        plan.new_fields = self.fields.missing(entry.field for entry in to_do)
        plan.lacking = sum(1 for entry in accepted if self._lacks(entry))
        return plan

    def _fill_from_rules(self, entry: Entry) -> None:
        """The file's own level and field; where it has none, the rule's, but never over what is already there."""
        row, post = entry.row, entry.leader
        entry.level, entry.field = row.level, row.field
        if not entry.level and not (post and post.level_id):
            entry.level = self._known(self.levels, level_by_rule(self.rules, row.path))
        if not entry.field and not (post and post.field_id):
            entry.field = self._known(self.fields, field_by_rule(self.rules, row.path))

    @staticmethod
    def _known(names: Names, name: str) -> str:
        found = names.find(name)
        return found.name if found else ""

    @staticmethod
    def _lacks(entry: Entry) -> bool:
        post = entry.leader
        return not ((entry.level or (post and post.level_id)) and (entry.field or (post and post.field_id)))

    def _note_changes(self, entry: Entry) -> list[Change]:
        """What the row says that the database does not. An empty cell says nothing."""
        row, post, user = entry.row, entry.leader, entry.leader.user
        pairs = (
            (Column.EMPLOYEE_NUMBER.label, post.employee_number, row.employee_number),
            (gettext_lazy("Navn"), *self._names(row, user)),
            (Column.EMAIL.label, user.email, row.email),
            (Column.TITLE.label, post.title, row.title),
            (Column.PHONE.label, user.phone, row.phone),
        )
        entry.changes = [Change(str(label), old, new) for label, old, new in pairs if new and old != new]
        unit = self.organisation.find(row.path)
        if unit is None or unit.pk != post.unit_id:
            old_unit = self.organisation.label(self.organisation.units[post.unit_id])
            entry.changes.append(Change(_("Enhed"), old_unit, entry.unit))
        for label, old, new in (
            (Column.LEVEL.label, post.level, entry.level),
            (Column.FIELD.label, post.field, entry.field),
        ):
            if new and (old is None or name_key(old.name) != name_key(new)):
                entry.changes.append(Change(str(label), old.name if old else "", new))
        if entry.manager is not None and (entry.manager_id is None or entry.manager_id != post.line_manager_id):
            old_manager = post.line_manager.user.get_full_name() if post.line_manager else ""
            entry.changes.append(Change(_("Nærmeste leder"), old_manager, entry.manager_name))
        return entry.changes


# --- Rules -----------------------------------------------------------------------------------------------------------


def rule_key(path: Path) -> str:
    return PATH_SIGN.join(path_key(path))


def field_by_rule(rules: dict, path: Path) -> str:
    """The field HR has chosen for the unit, or for the one above it."""
    fields = rules.get("fields", {})
    for length in range(min(len(path), RULE_DEPTH), 0, -1):
        if name := fields.get(rule_key(path[:length])):
            return name
    return ""


def level_by_rule(rules: dict, path: Path) -> str:
    """The level HR has chosen for leaders so many steps from the top."""
    return rules.get("levels", {}).get(str(min(len(path), DEEPEST_RULE)), "")


# --- Words -----------------------------------------------------------------------------------------------------------


def _number(text: str) -> str:
    return text.casefold()


def _share_a_name(row: Row, user: User) -> bool:
    return bool(set(fold(row.name).split()) & set(fold(user.get_full_name()).split()))


def _lines(numbers: Iterable[int]) -> str:
    numbers = [str(number) for number in numbers]
    if len(numbers) == 1:
        return _("linje %(line)s") % {"line": numbers[0]}
    return _("linje %(lines)s og %(last)s") % {"lines": ", ".join(numbers[:-1]), "last": numbers[-1]}


def _same_value(others: str) -> str:
    return _("Står også i %(lines)s. En leder må kun stå i filen én gang.") % {"lines": others}


def _same_person(others: str) -> str:
    return _("Er samme person som %(lines)s. En leder må kun stå i filen én gang.") % {"lines": others}
