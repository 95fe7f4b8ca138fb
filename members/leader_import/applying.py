"""An import from upload to decision: keep the file, plan, and do it all at once or not at all."""

from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.db import transaction

from members import address_change, audit
from members.danish import today
from members.fields import harmless_line
from members.leader_import.columns import Layout, fingerprint
from members.leader_import.planning import Entry, Plan, make_plan
from members.leader_import.reading import Table, read
from members.models import ColumnMapping, Leader, LeaderImport, LeadershipLevel, ProfessionalField, User
from members.organisation import Names, Organisation

BATCH = 500
KEPT_FOR = timedelta(days=1)


class NotOpen(Exception):
    """The import has been decided, or its file has been dropped."""


class HasRefusedLines(Exception):
    """Some lines are refused, and nobody has said to go on without them."""

    def __init__(self, plan: Plan):
        super().__init__(plan)
        self.plan = plan


class HasChanged(Exception):
    """The file would now do something else than what was shown."""


# --- Before the decision ---------------------------------------------------------------------------------------------


def receive(file_name: str, content: bytes, *, actor: User | None, now: datetime) -> tuple[LeaderImport, Layout]:
    """Keep a file that can be read, with its columns as HR said last time or as their headings tell."""
    table = read(file_name, content)
    known = ColumnMapping.objects.filter(fingerprint=fingerprint(table.headings)).first()
    layout = Layout.from_values(table.headings, known.columns) if known else Layout.recognise(table.headings)
    leader_import = LeaderImport.objects.create(
        file_name=harmless_line(file_name)[-200:] or "-",
        content=content,
        columns=layout.values,
        rules=known.rules if known else {},
        is_remembered=known is not None,
        uploaded_by=actor,
        uploaded_at=now,
    )
    return leader_import, layout


def table_of(leader_import: LeaderImport) -> tuple[Table, Layout]:
    if leader_import.state != LeaderImport.State.UPLOADED or leader_import.content is None:
        raise NotOpen
    table = read(leader_import.file_name, bytes(leader_import.content))
    return table, Layout.from_values(table.headings, leader_import.columns)


def plan_of(leader_import: LeaderImport) -> Plan:
    table, layout = table_of(leader_import)
    return make_plan(table, layout, leader_import.rules)


@transaction.atomic
def remember_columns(leader_import: LeaderImport, layout: Layout, rules: dict, *, actor: User) -> None:
    """Read this file, and every later one with the same headings, in the way HR has said."""
    leader_import = LeaderImport.objects.select_for_update().get(pk=leader_import.pk)
    if leader_import.state != LeaderImport.State.UPLOADED:
        raise NotOpen
    leader_import.columns, leader_import.rules, leader_import.is_remembered = layout.values, rules, True
    leader_import.save(update_fields=["columns", "rules", "is_remembered"])
    ColumnMapping.objects.update_or_create(
        fingerprint=fingerprint(layout.headings),
        defaults={"columns": layout.values, "rules": rules, "updated_by": actor},
    )


# --- The decision ----------------------------------------------------------------------------------------------------


@transaction.atomic
def apply(
    leader_import: LeaderImport,
    *,
    actor: User | None,
    now: datetime,
    without_refused: bool = False,
    seen: str | None = None,
) -> Plan:
    """Do what the file says, once; with `seen`, only if that is still what was shown."""
    # Every waiting import is locked, not this one alone, so that two files never make the same unit at once.
    waiting = list(
        LeaderImport.objects.select_for_update()
        .filter(state=LeaderImport.State.UPLOADED)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    if leader_import.pk not in waiting:
        raise NotOpen
    leader_import.refresh_from_db()
    plan = plan_of(leader_import)
    if seen is not None and seen != plan.digest:
        raise HasChanged
    if plan.refused and not without_refused:
        raise HasRefusedLines(plan)
    moved, renumbered = _known_anew(plan, actor)
    _write(plan, now)
    address_change.note(moved, actor=actor, now=now)
    address_change.note_numbers(renumbered, actor=actor, now=now)
    _settle(leader_import, LeaderImport.State.APPLIED, plan.summary, now)
    audit.record(actor, "imported leaders", leader_import, now=now)
    return plan


def _known_anew(plan: Plan, actor: User | None) -> tuple[list[tuple[User, str]], list[tuple[User, str]]]:
    """Whose address the file changes and whose number, with those until now; refuses to for those with a role.

    A new post with a number its holder never had before is a changed number too: the municipality's sign-in goes by it.
    """
    known = [entry for entry in [*plan.new, *plan.changed] if entry.user or entry.leader]
    back = [entry.user for entry in known if not entry.leader]
    had = set(Leader.objects.filter(user__in=back).values_list("user", "employee_number"))
    moved, renumbered = [], []
    for entry in known:
        person, post, row = entry.user or entry.leader.user, entry.leader, entry.row
        old = post.employee_number if post else ""
        if person.email.lower() != row.email:
            moved.append((person, person.email))
        elif row.employee_number not in ("", old) and (person.pk, row.employee_number) not in had:
            renumbered.append((person, old))
    address_change.require_right([person for person, _old in [*moved, *renumbered]], actor)
    return moved, renumbered


@transaction.atomic
def dismiss(leader_import: LeaderImport, *, actor: User | None, now: datetime) -> None:
    leader_import = LeaderImport.objects.select_for_update().get(pk=leader_import.pk)
    if leader_import.state == LeaderImport.State.UPLOADED:
        _settle(leader_import, LeaderImport.State.DISMISSED, {}, now)
        audit.record(actor, "dismissed import", leader_import, now=now)


def drop_old_files(now: datetime) -> int:
    """Dismiss what nobody has decided within a day, and let go of its file."""
    old = LeaderImport.objects.filter(state=LeaderImport.State.UPLOADED, uploaded_at__lt=now - KEPT_FOR)
    return old.update(state=LeaderImport.State.DISMISSED, content=None)


def _settle(leader_import: LeaderImport, state: str, summary: dict, now: datetime) -> None:
    leader_import.state, leader_import.summary, leader_import.content = state, summary, None
    if state == LeaderImport.State.APPLIED:
        leader_import.applied_at = now
    leader_import.save(update_fields=["state", "summary", "content", "applied_at"])


# --- Writing ---------------------------------------------------------------------------------------------------------


def _write(plan: Plan, now: datetime) -> None:
    organisation, levels, fields = Organisation(), Names(LeadershipLevel), Names(ProfessionalField)
    organisation.create(plan.new_units, type_names=plan.layout.type_names)
    levels.create(plan.new_levels)
    fields.create(plan.new_fields)

    _free_addresses(entry for entry in [*plan.changed, *plan.new] if entry.user)
    _write_users(plan)
    before = {entry.leader.pk: _told(entry.leader) for entry in plan.changed}
    for entry in [*plan.new, *plan.changed]:
        post = entry.leader or Leader(user=entry.user, valid_from=today(now))
        row = entry.row
        post.unit = organisation.find(row.path)
        post.employee_number = row.employee_number or post.employee_number
        post.title = row.title or post.title
        post.level = levels.find(entry.level) if entry.level else post.level
        post.field = fields.find(entry.field) if entry.field else post.field
        post.fill_texts()
        entry.leader = post
    Leader.objects.bulk_create([entry.leader for entry in plan.new], batch_size=BATCH)
    before |= {entry.leader.pk: _told(entry.leader) for entry in plan.new}
    for entry in [*plan.new, *plan.changed]:
        if entry.manager is not None:
            entry.leader.line_manager_id = entry.manager_id
    # One statement per column and batch, for the posts where that column has changed: far quicker than all of each.
    for place, (name, *followers) in enumerate(_WRITTEN):
        posts = [entry.leader for entry in [*plan.new, *plan.changed]]
        changed = [post for post in posts if _told(post)[place] != before[post.pk][place]]
        Leader.objects.bulk_update(changed, [name, *followers], batch_size=BATCH)


_WRITTEN = (("unit",), ("employee_number",), ("title", "search_text"), ("level",), ("field",), ("line_manager",))


def _told(post: Leader) -> tuple:
    """The columns of `_WRITTEN` as they stand."""
    return (post.unit_id, post.employee_number, post.title, post.level_id, post.field_id, post.line_manager_id)


def _write_users(plan: Plan) -> None:
    changed, new = [], []
    for entry in [*plan.new, *plan.changed]:
        row = entry.row
        # Nobody knows a new person's password: they ask for one of their own, or come by single sign-on.
        user = entry.user or User(password=make_password(None))
        said = (row.email, row.first_name, row.last_name, row.phone or user.phone)
        if entry.user is None:
            new.append(user)
        elif said != (user.email, user.first_name, user.last_name, user.phone):
            changed.append(user)
        user.email, user.first_name, user.last_name, user.phone = said
        user.fill_texts()
        entry.user = user
    fields = ["email", "first_name", "last_name", "phone", "search_text", "sort_text"]
    User.objects.bulk_update(changed, fields, batch_size=BATCH)
    User.objects.bulk_create(new, batch_size=BATCH)


def _free_addresses(entries) -> None:
    """Let go of addresses that change, so that one person's can become another's in the same import."""
    moving: list[Entry] = [entry for entry in entries if entry.user.email.lower() != entry.row.email]
    for entry in moving:
        entry.user.email = f"{entry.user.pk}@moving.invalid"
    User.objects.bulk_update([entry.user for entry in moving], ["email"], batch_size=BATCH)
    # Old addresses kept by the sign-in library would still let their next holder ask for a new password.
    for start in range(0, len(moving), BATCH):
        EmailAddress.objects.filter(user__in=[entry.user.pk for entry in moving[start : start + BATCH]]).delete()
