"""Personal data: every table has a rule, the export is whole and one's own, erasure and disposal do what they said."""

import io
import json
import zipfile
from datetime import date, timedelta
from threading import Barrier, Thread

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection, connections, models
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from meetings.models import Attendance, Rsvp
from meetings.tests.factories import create_meeting
from members import audit, roles
from members.logbooks import note_list
from members.models import AuditEvent, Disposal, Leader, ListRead, PersonalDataRead, Role, RoleChange, User
from members.tests.factories import (
    create_board,
    create_hr,
    create_leader,
    create_political,
    create_system_admin,
    create_user,
)
from netvaerk.personal_data import columns, erasure, export, retention, rules
from networks.models import Application, Membership, PersonalGoals, SupportRequest
from networks.tests.factories import create_application, create_membership, create_network

NOW = timezone.now()
WHY = "Bad selv om det den 3. marts"


# --- The table of rules ----------------------------------------------------------------------------------------------


def test_every_model_has_a_rule_or_a_reason_for_none():
    models = {model._meta.label for model in apps.get_models()}
    ruled = [table.model for table in rules.tables()]

    assert models - set(ruled) - set(rules.NOT_PERSONAL) == set()
    assert (set(ruled) | set(rules.NOT_PERSONAL)) - models == set(), "these models are gone"
    assert len(ruled) == len(set(ruled))
    assert set(ruled) & set(rules.NOT_PERSONAL) == set()


def test_a_model_that_points_at_a_person_cannot_be_called_impersonal():
    people = {"members.User", "members.Leader", "networks.Membership"}
    pointing = {
        model._meta.label
        for model in apps.get_models()
        if any(f.remote_field and f.related_model._meta.label in people for f in model._meta.get_fields() if f.concrete)
    }

    assert pointing & set(rules.NOT_PERSONAL) == set()


WORDS = (
    models.CharField,
    models.TextField,
    models.JSONField,
    models.BinaryField,
    models.FileField,
    models.GenericIPAddressField,
)


def words_of(model):
    """Columns that can hold words, and so say something of a person; not those that hold one of a few choices."""
    return {field.name for field in model._meta.concrete_fields if isinstance(field, WORDS) and not field.choices}


def unruled_columns():
    deleted = {table.model for table in rules.tables() if table.erasure == rules.DELETED}
    emptied = {table.model: set(table.emptied) for table in rules.tables()}
    found = {}
    for model in apps.get_models():
        label = model._meta.label
        ruled = emptied.get(label, set()) | set(columns.STAYING.get(label, ()))
        if label not in deleted and words_of(model) != ruled:
            found[label] = words_of(model) ^ ruled
    return found


def test_every_column_with_words_is_emptied_or_said_to_stay():
    assert unruled_columns() == {}
    assert not [label for label, names in columns.STAYING.items() if not names]


@pytest.mark.parametrize(
    ("label", "field"),
    [
        ("members.Leader", models.CharField(max_length=20)),
        ("networks.Membership", models.JSONField()),
        ("members.OrgUnit", models.EmailField()),
    ],
)
def test_a_new_column_with_words_fails_the_build(label, field, monkeypatch):
    meta = apps.get_model(label)._meta
    field.set_attributes_from_name("nickname")
    monkeypatch.setattr(type(meta), "concrete_fields", property(lambda self: _fields_of(self, meta, field)))

    assert unruled_columns() == {label: {"nickname"}}


def _fields_of(meta, grown, field):
    own = meta._get_fields(reverse=False)
    concrete = [f for f in own if getattr(f, "column", None) is not None]
    return [*concrete, field] if meta is grown else concrete


def test_a_new_model_fails_the_build(monkeypatch):
    monkeypatch.delitem(rules.NOT_PERSONAL, "members.OrgUnit")

    with pytest.raises(AssertionError, match="OrgUnit"):
        test_every_model_has_a_rule_or_a_reason_for_none()


# What stands on others' rows: the manager of a post is that post's, and who gave a role stands in its history.
POINTS_FROM_OTHERS = {"members.Leader": {"line_manager", "deputy"}, "members.RoleAssignment": {"given_by"}}


def test_every_column_that_points_at_a_person_leads_to_its_owner():
    people = {"members.User", "members.Leader", "networks.Membership"}
    for table in rules.tables():
        pointing = {
            field.name
            for field in table.class_._meta.concrete_fields
            if field.remote_field and field.related_model._meta.label in people
        }
        owners = {owner.partition("__")[0] for owner in table.owners}
        assert pointing - owners - POINTS_FROM_OTHERS.get(table.model, set()) == set(), table.model


@pytest.mark.django_db
def test_the_privacy_page_says_every_kind_to_everyone(client):
    html = client.get(reverse("netvaerk:privacy")).content.decode()

    for kind in rules.KINDS:
        for text in (kind.label, kind.what, kind.why, kind.ground, kind.kept, kind.readers):
            assert str(text) in html


@pytest.mark.django_db
def test_the_privacy_page_says_the_times_that_are_set(client, settings):
    settings.RETENTION_DAYS = {"rsvps": 4 * 365, "messages": 100}

    html = client.get(reverse("netvaerk:privacy")).content.decode()

    said = {rule.name: f"{rule.label}: {rule.kept}, efter at {rule.counted_from}." for rule in retention.RULES}
    assert [name for name, sentence in said.items() if sentence not in html] == []
    assert "Svar på mødeindkaldelser: 4 år, efter at mødet blev holdt." in html
    assert "Mails, der ikke kom frem: 100 dage, efter at mailen blev opgivet." in html
    assert {rule.kind for rule in retention.RULES} <= {kind.name for kind in rules.KINDS}


# --- People with a past ----------------------------------------------------------------------------------------------


@pytest.fixture
def admin(db):
    return create_hr(role=Role.HR_ADMIN)


@pytest.fixture
def gone(db):
    """Someone whose post ended long ago, with traces in every corner."""
    leader = create_leader(
        first_name="Bodil",
        last_name="Ravnkilde",
        email="bodil@egebjerg-kommune.invalid",
        title="Centerleder",
        employee_number="4711",
        valid_from=date(2018, 1, 1),
        valid_to=date(2020, 5, 31),
    )
    membership = create_membership(network=create_network(), leader=leader)
    Membership.objects.filter(pk=membership.pk).update(state=Membership.State.LEFT, left_on=date(2020, 5, 31))
    PersonalGoals.objects.create(
        membership=membership, text="At turde bede om hjælp", written_on=date(2019, 1, 1), look_back_on=date(2020, 1, 1)
    )
    meeting = create_meeting(network=membership.network, date=date(2020, 3, 5))
    Attendance.objects.create(meeting=meeting, user=leader.user, presence="present")
    Rsvp.objects.create(meeting=meeting, user=leader.user, answer="accepted", answered_at=NOW)
    audit.record(leader.user, "did something", leader, now=NOW)
    create_application(
        network=membership.network,
        leader=leader,
        state=Application.State.REJECTED,
        reason="Ravnkilde vil gerne bede om hjælp",
        override_reason="Bodil passer godt",
    )
    Membership.objects.filter(pk=membership.pk).update(kept_reason="Bodil bliver", kept_facts="Ravnkilde 4711")
    note_list(ListRead.Kind.LEADERS, [leader.user_id], reader=create_hr(), now=NOW, selection={"name": "Bodil"})
    return leader.user


# --- The export ------------------------------------------------------------------------------------------------------


def unpack(content):
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        return json.loads(file.read("mine-data.json")), file.read("mine-data.html").decode()


def test_the_export_holds_all_of_mine_in_both_forms_also_what_only_i_can_read(gone):
    data, page = unpack(export.archive(gone, now=NOW))

    assert data["data"]["private"]["networks.PersonalGoals"][0]["text"] == "At turde bede om hjælp"
    assert data["data"]["person"]["members.Leader"][0]["employee_number"] == "4711"
    assert {model for kind in data["data"].values() for model in kind} >= {
        "meetings.Attendance",
        "meetings.Rsvp",
        "members.AuditEvent",
        "networks.Membership",
    }
    for text in ("At turde bede om hjælp", "Centerleder", "4711", "bodil@egebjerg-kommune.invalid"):
        assert text in page


def test_the_export_holds_nothing_of_others_and_no_secret(gone):
    other = create_leader(first_name="Fremmed", last_name="Kanariefugl", title="Kanariechef")
    theirs = create_membership(network=create_network(), leader=other)
    PersonalGoals.objects.create(membership=theirs, text="kanarietekst", written_on=NOW, look_back_on=NOW)
    gone.set_password("en lang kanariekode")
    gone.save()

    data, page = unpack(export.archive(gone, now=NOW))

    said = json.dumps(data, ensure_ascii=False) + page
    assert ("anarie" in said, gone.password in said, "argon2" in said) == (False, False, False)


def test_who_has_been_in_hr_takes_nothing_of_others_with_them(gone):
    was_hr = create_hr(first_name="Tidl", last_name="Konsulent")
    network = Membership.objects.get(leader__user=gone).network
    SupportRequest.objects.create(
        network=network,
        need="money",
        text="Ravnkilde beder om hjælp",
        answer="Vi ringer",
        requested_by=gone,
        requested_at=NOW,
        handled_by=was_hr,
        handled_at=NOW,
    )
    Application.objects.filter(leader__user=gone).update(decided_by=was_hr, decided_at=NOW)
    RoleChange.objects.create(person=gone, act="address", reason="bodil@x.dk", changed_by=was_hr, changed_at=NOW)
    PersonalDataRead.objects.create(person=gone, reader=was_hr, page="leader", read_at=NOW)
    was_hr.role_assignments.all().delete()

    data, page = unpack(export.archive(was_hr, now=NOW))

    said = json.dumps(data, ensure_ascii=False) + page
    assert [word for word in ("Bodil", "Ravnkilde", "bodil", "hjælp") if word in said] == []
    assert data["data"]["belonging"]["networks.Application"] == [
        {"network": str(network), "state": "rejected", "decided_at": NOW.isoformat()}
    ]
    assert "Vi ringer" in said
    theirs = json.dumps(unpack(export.archive(gone, now=NOW))[0], ensure_ascii=False)
    assert [
        word for word in ("Ravnkilde beder om hjælp", "Ravnkilde vil gerne", "bodil@x.dk") if word not in theirs
    ] == []


def test_what_two_may_own_says_what_the_one_who_acted_is_told():
    told_all = {"networks.Network", "meetings.Agreement", "meetings.MovingRule", "networks.ManagementMessage"}
    shared = {table.model: table for table in rules.tables() if len(table.owners) > 1}

    assert {model for model, table in shared.items() if not table.acted} == told_all
    assert not [model for model in told_all if not shared[model].fields]


def test_what_is_held_is_counted_as_the_tables_are_in_one_question(client, gone):
    counted = {table: table.of(gone).count() for table in rules.tables()}

    with CaptureQueriesContext(connection) as asked:
        assert rules.counted(gone) == counted
    assert len(asked) == 1
    assert sum(counted.values()) > 5

    client.force_login(create_leader().user)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(reverse("netvaerk:my_data")).status_code == 200
    assert len(asked) <= 10


def test_the_file_is_fetched_by_post_by_oneself_and_noted(client, gone):
    client.force_login(gone)

    response = client.post(reverse("netvaerk:my_data"))

    data, _page = unpack(response.content)
    assert (response["Content-Type"], response["Cache-Control"]) == ("application/zip", "no-store")
    assert data["person"] == gone.email
    assert AuditEvent.objects.filter(actor=gone, verb="fetched own data").count() == 1


def test_fetching_again_and_again_is_stopped(client, gone):
    client.force_login(gone)

    codes = [client.post(reverse("netvaerk:my_data")).status_code for _time in range(6)]

    assert codes == [200] * 5 + [429]


def test_a_thousand_rows_take_no_more_queries_than_three(gone):
    def count():
        with CaptureQueriesContext(connection) as queries:
            export.archive(gone, now=NOW)
        return len(queries)

    network = create_network()
    counts = []
    for wanted in (3, 40):
        while Attendance.objects.filter(user=gone).count() < wanted:
            meeting = create_meeting(network=network, date=date(2020, 1, 1) + timedelta(Attendance.objects.count()))
            Attendance.objects.create(meeting=meeting, user=gone)
        counts.append(count())

    assert counts[0] == counts[1]


# --- Reads -----------------------------------------------------------------------------------------------------------


def test_a_person_sees_who_in_hr_has_looked_them_up(client, admin):
    leader = create_leader()
    hr = Client()
    hr.force_login(admin)
    hr.get(leader.get_absolute_url())
    hr.get(reverse("members:person_roles", args=[leader.user.pk]))
    hr.get(reverse("netvaerk:erase", args=[leader.user.pk]))
    client.force_login(leader.user)

    page = client.get(reverse("netvaerk:reads_of_me"))

    assert [read.page for read in page.context["page"]] == ["erasure", "roles", "leader"]
    assert str(admin) in page.content.decode()


def test_nobody_sees_the_reads_of_another_and_looking_at_oneself_is_not_noted(client, admin):
    PersonalDataRead.objects.create(reader=admin, person=create_user(), page="leader", read_at=NOW)
    client.force_login(admin)
    client.get(reverse("members:person_roles", args=[admin.pk]))

    assert list(client.get(reverse("netvaerk:reads_of_me")).context["page"]) == []


# --- Erasure ---------------------------------------------------------------------------------------------------------


def test_the_dry_run_changes_nothing_and_lists_what_follows(client, admin, gone):
    client.force_login(admin)

    page = client.get(reverse("netvaerk:erase", args=[gone.pk]))

    found = {one.label: (one.count, one.is_deleted) for one in page.context["consequences"]}
    assert (found["Egne mål"], found["Fremmøde"], found["Svar på invitation"]) == ((1, True), (1, False), (1, True))
    assert page.context["obstacles"] == []
    assert User.objects.get(pk=gone.pk).email == gone.email


def test_erasure_leaves_number_signature_and_role_and_nothing_else(client, admin, gone):
    roles.give(create_user(), Role.POLITICAL, reason="x", actor=admin, now=NOW)
    RoleChange.objects.create(
        person=gone, act="given", role="hr_consultant", reason="Bodil er ny", changed_by=admin, changed_at=NOW
    )
    client.force_login(admin)

    client.post(reverse("netvaerk:erase", args=[gone.pk]), {"reason": WHY})

    person = User.objects.get(pk=gone.pk)
    assert (str(person), person.phone, person.is_active, person.has_usable_password()) == (
        "Tidligere medlem",
        "",
        False,
        False,
    )
    assert Attendance.objects.filter(user=person).count() == 1
    assert (Rsvp.objects.count(), PersonalGoals.objects.count()) == (0, 0)
    assert AuditEvent.objects.get(verb="did something").actor_role == "hr_consultant"
    assert not AuditEvent.objects.filter(actor=person).exists()
    line = Disposal.objects.get()
    assert (line.rule, line.count, line.disposed_by, line.reason) == ("erasure", 1, admin, WHY)


def test_no_word_of_the_erased_is_left_in_the_database(admin, gone):
    RoleChange.objects.create(
        person=gone, act="given", role="political", reason="Bodil", changed_by=admin, changed_at=NOW
    )

    erasure.erase(gone, reason=WHY, actor=admin, now=NOW)

    left = []
    for model in apps.get_models():
        for row in model._base_manager.all().values():
            left += [
                (model, row) for word in ("Bodil", "Ravnkilde", "bodil", "4711", "bede om hjælp") if word in str(row)
            ]
    assert left == []


def test_what_stands_in_the_way_is_said_and_stops_the_act(client, admin):
    leader = create_leader()
    network = create_network(sponsor=leader.user)
    create_membership(network=network, leader=leader)
    client.force_login(admin)

    page = client.get(reverse("netvaerk:erase", args=[leader.user.pk]))
    assert len(page.context["obstacles"]) == 3
    client.post(reverse("netvaerk:erase", args=[leader.user.pk]), {"reason": WHY})

    assert not User.objects.get(pk=leader.user.pk).is_erased


def test_nobody_erases_themselves_the_last_administrator_or_anyone_twice(admin, gone):
    with pytest.raises(erasure.Refused):
        erasure.erase(admin, reason=WHY, actor=admin, now=NOW)
    with pytest.raises(erasure.Refused):
        erasure.erase(admin, reason=WHY, actor=None, now=NOW)
    erasure.erase(gone, reason=WHY, actor=admin, now=NOW)
    with pytest.raises(erasure.Refused):
        erasure.erase(gone, reason=WHY, actor=admin, now=NOW)


@pytest.mark.django_db(transaction=True)
def test_of_two_administrators_erased_in_one_moment_by_the_command_one_stays():
    for _round in range(5):
        User.objects.filter(role_assignments__role=Role.HR_ADMIN).update(is_active=False)
        both, line = [create_hr(role=Role.HR_ADMIN) for _number in range(2)], Barrier(2)

        def go(person, line=line):
            try:
                line.wait()
                erasure.erase(person, reason=WHY, actor=None, now=NOW)
            except erasure.Refused:
                pass
            finally:
                connections.close_all()

        threads = [Thread(target=go, args=(person,)) for person in both]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert roles.administrators().count() == 1


def test_the_erased_is_found_nowhere_and_not_let_in_again(client, admin, gone):
    erasure.erase(gone, reason=WHY, actor=admin, now=NOW)
    client.force_login(admin)

    with pytest.raises(roles.Refused):
        roles.open_access(User.objects.get(pk=gone.pk), reason=WHY, actor=admin, now=NOW)
    assert list(client.get(reverse("members:roles"), {"q": "tidligere"}).context["people"]) == []
    assert client.get(reverse("netvaerk:erase", args=[gone.pk])).status_code == 404


# --- Retention -------------------------------------------------------------------------------------------------------


def test_disposal_is_previewed_confirmed_and_written_down(client, admin, gone):
    client.force_login(admin)
    url = reverse("netvaerk:disposal", args=["rsvps"])

    page = client.get(url)
    assert page.context["count"] == 1
    assert "1 kan kasseres, fordi mødet blev holdt før" in page.content.decode()
    assert "Kasser 1 oplysning</button>" in page.content.decode()
    assert Rsvp.objects.count() == 1
    client.post(url, {"expected": "1"})
    assert "kan kasseres" not in client.get(url).content.decode()

    assert Rsvp.objects.count() == 0
    line = Disposal.objects.get()
    assert (line.rule, line.count, line.disposed_by) == ("rsvps", 1, admin)


def test_the_history_of_roles_is_counted_and_written_down_with_the_events(client, admin, gone):
    old = NOW - timedelta(days=6 * 365)
    AuditEvent.objects.update(happened_at=old)
    events = AuditEvent.objects.count()
    for _time in range(2):
        RoleChange.objects.create(
            person=gone, act="given", role="political", reason="Ny", changed_by=admin, changed_at=old
        )
    client.force_login(admin)
    url = reverse("netvaerk:disposal", args=["events"])

    assert client.get(url).context["count"] == events + 2
    client.post(url, {"expected": events})
    assert RoleChange.objects.count() == 2
    client.post(url, {"expected": events + 2})

    assert (RoleChange.objects.count(), Disposal.objects.get().count) == (0, events + 2)


def test_the_history_of_roles_goes_also_when_it_is_all_there_is(admin, gone):
    AuditEvent.objects.all().delete()
    old = NOW - timedelta(days=6 * 365)
    RoleChange.objects.create(person=gone, act="given", role="political", reason="Ny", changed_by=admin, changed_at=old)

    assert retention.dispose(retention.get("events"), expected=1, actor=admin, now=NOW) == 1
    assert (RoleChange.objects.count(), Disposal.objects.get().count) == (0, 1)


@pytest.mark.parametrize("expected", ["2", "0", "", "en"])
def test_what_is_not_as_it_was_shown_is_not_disposed_of(client, admin, gone, expected):
    client.force_login(admin)

    client.post(reverse("netvaerk:disposal", args=["rsvps"]), {"expected": expected})

    assert (Rsvp.objects.count(), Disposal.objects.count()) == (1, 0)


def test_people_long_gone_are_erased_and_those_in_use_are_not(admin, gone):
    recent = create_leader(valid_from=date(2020, 1, 1), valid_to=timezone.localdate() - timedelta(days=30))
    again = create_leader(user=create_user(), valid_from=date(2015, 1, 1), valid_to=date(2016, 1, 1))
    create_leader(user=again.user)
    politician = create_political()
    rule = retention.get("people")

    assert list(rule.due(NOW)) == [gone]
    retention.dispose(rule, expected=1, actor=admin, now=NOW)

    erased = set(User.objects.filter(email__endswith="@slettet.invalid"))
    assert erased == {gone}
    assert {recent.user, again.user, politician} & erased == set()


def test_the_days_are_a_setting(gone, settings):
    settings.RETENTION_DAYS = {"rsvps": 50 * 365}

    assert retention.get("rsvps").due(NOW).count() == 0


def test_the_command_counts_and_deletes_only_when_told_to(gone, capsys):
    call_command("dispose")
    assert (Rsvp.objects.count(), "rsvps: 1" in capsys.readouterr().out) == (1, True)

    call_command("dispose", rule="rsvps", confirm=True)

    assert (Rsvp.objects.count(), Leader.objects.filter(employee_number="4711").count()) == (0, 1)
    assert Disposal.objects.get().disposed_by is None


def pages(person):
    yield reverse("netvaerk:personal_data")
    yield reverse("netvaerk:disposal", args=["people"])
    yield reverse("netvaerk:erasure_search")
    yield reverse("netvaerk:erase", args=[person.pk])


@pytest.mark.parametrize("create", [create_hr, create_board, create_political, create_system_admin, create_user])
def test_the_pages_of_hr_administrators_are_shut_to_others(client, gone, create):
    client.force_login(create())

    assert {client.get(url).status_code for url in pages(gone)} == {403}
    assert {client.post(url, {"reason": WHY, "expected": "1"}).status_code for url in list(pages(gone))[1::2]} == {403}
    assert not User.objects.get(pk=gone.pk).is_erased


def test_the_pages_open_to_hr_administrators_in_both_languages(client, admin, gone):
    client.force_login(admin)
    for language in ("da", "en"):
        User.objects.filter(pk=admin.pk).update(language=language)
        assert {client.get(url).status_code for url in pages(gone)} == {200}
    assert client.get(reverse("netvaerk:disposal", args=["nothing"])).status_code == 404
