from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from threading import Barrier

import pytest
from allauth.account.models import EmailAddress
from django.core.management import CommandError, call_command
from django.db import connection
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from members.leader_import import applying, summary
from members.leader_import.columns import Layout
from members.leader_import.planning import make_plan
from members.leader_import.reading import CannotRead, read
from members.leader_import.rows import split_name
from members.models import (
    AuditEvent,
    ColumnMapping,
    Leader,
    LeaderImport,
    LeadershipLevel,
    Message,
    OrgUnit,
    ProfessionalField,
    User,
)
from members.tests.factories import create_field, create_hr, create_leader, create_level, create_unit, create_user
from members.tests.files import DATA, HEADINGS, OS2MO, csv_file, line, sample, xlsx_file

pytestmark = pytest.mark.django_db

NOW = datetime(2027, 3, 5, 12, tzinfo=UTC)


def plan_of(*lines, headings=HEADINGS, rules=None):
    table = read("ledere.csv", csv_file(*lines, headings=headings))
    return make_plan(table, Layout.recognise(table.headings), rules or {})


def bring_in(content, name="ledere.csv", *, rules=None, actor=None, **more):
    leader_import, _layout = applying.receive(name, content, actor=actor, now=NOW)
    if rules:
        leader_import.rules = rules
        leader_import.save()
    return applying.apply(leader_import, actor=actor, now=NOW, **more)


def bring_in_lines(*lines, **more):
    return bring_in(csv_file(*lines), **more)


def refusals(plan) -> dict[int, str]:
    return {row.number: " ".join(map(str, row.problems)) for row in plan.refused}


def everything() -> list[tuple]:
    """All an import can write, in an order of its own."""
    return sorted(
        Leader.objects.values_list(
            "employee_number",
            "user__email",
            "user__first_name",
            "user__last_name",
            "user__phone",
            "title",
            "unit__name",
            "unit__parent__name",
            "unit__area__name",
            "level__name",
            "field__name",
            "line_manager__user__email",
            "valid_from",
            "valid_to",
            "user__search_text",
            "search_text",
        ),
        key=str,
    )


# --- The sample ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["ledere.csv", "ledere.xlsx"])
def test_sample_brings_in_every_leader(name):
    plan = bring_in(sample(name), name)

    assert plan.summary == {
        "rows": 312,
        "new": 312,
        "changed": 0,
        "unchanged": 0,
        "gone": 0,
        "vacant": 0,
        "refused": 0,
        "new_units": 154,
    }
    assert Leader.objects.current().count() == 312
    assert Leader.objects.filter(line_manager=None).count() == 1
    assert Leader.objects.filter(level__name="Direktør").count() == 7
    assert set(OrgUnit.objects.filter(parent=None).values_list("name", flat=True)) == {
        "Børn og Unge",
        "Direktionen",
        "Kultur og Borgerservice",
        "Social og Arbejdsmarked",
        "Stab",
        "Sundhed og Omsorg",
        "Teknik og Miljø",
    }
    assert ProfessionalField.objects.count() == 9  # those of the sample are those everyone starts with
    assert LeadershipLevel.objects.count() == 4


def test_both_formats_of_the_sample_give_the_same():
    """Windows-1252 has no dotless ı, so the CSV file writes Yilmaz where the sheet has Yılmaz."""
    bring_in(sample("ledere.csv"))
    from_csv = everything()
    Leader.objects.update(line_manager=None)
    Leader.objects.all().delete()
    User.objects.all().delete()

    bring_in(sample("ledere.xlsx"), "ledere.xlsx")

    assert [[str(value).replace("ı", "i") for value in row] for row in everything()] == [
        [str(value) for value in row] for row in from_csv
    ]


@pytest.mark.parametrize("name", ["ledere.csv", "ledere.xlsx"])
def test_running_twice_changes_nothing(name):
    bring_in(sample(name), name)
    before = everything(), User.objects.count(), OrgUnit.objects.count()

    plan = bring_in(sample(name), name)

    assert plan.summary["unchanged"] == 312
    assert not plan.changes_anything
    assert (everything(), User.objects.count(), OrgUnit.objects.count()) == before


def test_new_people_cannot_sign_in_before_they_have_chosen_a_password():
    bring_in_lines(line())

    assert not User.objects.get().has_usable_password()


def test_bulk_written_texts_are_those_a_save_would_write():
    bring_in_lines(line(first="Åse", last="Ærø", email="aase@x.dk", title="Øverste chef"))
    leader = Leader.objects.select_related("user").get()
    written = leader.search_text, leader.user.search_text, leader.user.sort_text

    leader.save()
    leader.user.save()

    assert written == (leader.search_text, leader.user.search_text, leader.user.sort_text)


# --- What a line changes ---------------------------------------------------------------------------------------------


def test_changes_are_told_before_they_are_made():
    bring_in_lines(line("1"), line("2", "Per", "Bang"))

    plan = plan_of(
        line("1", email="anne.ny@x.dk", title="Chef, Nord", unit="Syd", level="Chef", field="Skole"),
        line("2", "Per", "Bang", manager="anne.ny@x.dk"),
    )

    assert [[(change.label, change.old, change.new) for change in entry.changes] for entry in plan.changed] == [
        [
            ("E-mail", "anne.holm@x.dk", "anne.ny@x.dk"),
            ("Stilling", "Daglig leder", "Chef, Nord"),
            ("Enhed", "Børn og Unge › Nord", "Børn og Unge › Syd"),
            ("Ledelsesniveau", "Leder", "Chef"),
            ("Fagområde", "Dagtilbud", "Skole"),
        ],
        [("Nærmeste leder", "", "Anne Holm")],
    ]
    assert everything()[0][1:2] == ("anne.holm@x.dk",)


def test_new_post_and_address_keep_the_person_and_the_password():
    bring_in_lines(line("1"))
    user = User.objects.get()
    user.set_password("hemmelig-og-lang")
    user.save()
    EmailAddress.objects.create(user=user, email=user.email)

    bring_in_lines(line("1", email="anne.ny@x.dk", unit="Syd", title="Chef"))

    leader = Leader.objects.get()
    assert (leader.user_id, leader.user.email, leader.unit.name, leader.title) == (
        user.pk,
        "anne.ny@x.dk",
        "Syd",
        "Chef",
    )
    assert leader.user.check_password("hemmelig-og-lang")
    assert not EmailAddress.objects.exists()


def test_person_without_a_number_is_known_by_address():
    bring_in_lines(line("", email="anne@x.dk"))

    plan = bring_in_lines(line("77", last="Bang", email="ANNE@x.dk"))

    assert plan.summary["changed"] == 1
    leader = Leader.objects.get()
    assert (leader.employee_number, leader.user.last_name) == ("77", "Bang")


def test_empty_cells_change_nothing():
    bring_in_lines(line("1"), line("2", "Per", "Bang", manager="anne.holm@x.dk"))

    plan = bring_in_lines(line("1"), line("", "Per", "Bang", title="", level="", field="", manager=""))

    assert not plan.changes_anything


def test_leaders_not_in_the_file_are_listed_and_kept():
    bring_in_lines(line("1"), line("2", "Per", "Bang"))

    plan = bring_in_lines(line("1"))

    assert [leader.user.first_name for leader in plan.gone] == ["Per"]
    assert Leader.objects.current().count() == 2


def test_refused_line_still_counts_as_being_in_the_file():
    bring_in_lines(line("1"))

    assert plan_of(line("1", email="ikke en adresse")).gone == []


def test_vacant_posts_are_listed_and_not_made():
    plan = bring_in_lines(line("1"), line("", "", "", "", "Souschef"), line("", "Vakant", "", "", "Vikar"))

    assert [(row.number, row.title) for row in plan.vacant] == [(3, "Souschef"), (4, "Vikar")]
    assert Leader.objects.count() == 1


def test_someone_who_already_signs_in_gets_a_post():
    hr = create_hr(email="anne.holm@x.dk", first_name="Anne", last_name="Holm")

    bring_in_lines(line("1"))

    assert hr.post.title == "Daglig leder"
    assert hr.is_hr


def test_someone_who_comes_back_is_the_same_person():
    ended = create_leader(
        email="anne@x.dk", employee_number="1", valid_from=date(2020, 1, 1), valid_to=date(2024, 1, 1)
    )

    bring_in_lines(line("1", email="anne.ny@x.dk"))

    assert list(ended.user.posts.order_by("pk").values_list("valid_to", flat=True)) == [date(2024, 1, 1), None]


def test_new_levels_and_fields_are_made_once_and_told():
    plan = bring_in_lines(
        line("1", level="Souschef", field="Havn og  kyst"),
        line("2", "Per", "Bang", level="souschef", field="HAVN OG KYST"),
    )

    assert (plan.new_levels, plan.new_fields) == (["souschef"], ["HAVN OG KYST"])
    assert Leader.objects.values("level", "field").distinct().count() == 1


def test_units_are_matched_by_path_and_made_where_they_are_missing():
    bring_in_lines(line("1", area="Børn  og unge", unit="Nord"), line("2", "Per", "Bang", area="Kultur", unit="Nord"))
    plan = bring_in_lines(line("3", "Ib", "Dam", area="BØRN OG UNGE", unit="nord"))

    assert plan.new_units == []
    assert OrgUnit.objects.filter(name="Nord").count() == 2
    nord = Leader.objects.get(employee_number="3").unit
    assert (nord.parent.name, nord.area.name, nord.type.name) == ("Børn og unge", "Børn og unge", "Afdeling")
    assert nord.area.area_id == nord.area_id


def test_unit_named_twice_in_a_row_is_one():
    bring_in_lines(line(area="Stab", unit="Stab"))

    assert list(OrgUnit.objects.values_list("name", flat=True)) == ["Stab"]


# --- What is refused -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ({"email": "ikke en adresse"}, "E-mail (kolonne D): “ikke en adresse”."),
        ({"email": "ø@x.dk"}, "E-mail (kolonne D)"),
        ({"email": "a@x.dk,b@x.dk"}, "E-mail (kolonne D)"),
        ({"email": ""}, "E-mail (kolonne D): E-mail mangler."),
        ({"first": "", "email": "x@x.dk"}, "Fornavn (kolonne B): Fornavn mangler."),
        ({"last": "", "email": "x@x.dk"}, "Efternavn (kolonne C): Efternavn mangler."),
        ({"area": "", "unit": ""}, "Forvaltning (kolonne F): Enhed mangler."),
        ({"area": ""}, "Forvaltning (kolonne F): Feltet er tomt"),
        ({"title": "x" * 201}, "Stilling (kolonne E)"),
        ({"unit": "x" * 201}, "Afdeling (kolonne G)"),
        ({"level": "x" * 101}, "Ledelsesniveau (kolonne H)"),
        ({"field": "x" * 101}, "Fagområde (kolonne I)"),
        ({"number": "x" * 41}, "Medarbejdernr. (kolonne A)"),
        ({"first": "A\u202ebc"}, "Fornavn (kolonne B)"),
        ({"title": "Leder 010170-1234"}, "Stilling (kolonne E): Teksten ser ud til at indeholde et cpr-nummer"),
        ({"manager": "ukendt@x.dk"}, "Nærmeste leder (e-mail) (kolonne J): “ukendt@x.dk”. Findes hverken"),
        ({"manager": "999"}, "Findes hverken"),
        ({"manager": "skæv@@x.dk"}, "Nærmeste leder (e-mail) (kolonne J)"),
        ({"manager": "anne.holm@x.dk"}, "sin egen nærmeste leder"),
    ],
)
def test_line_is_refused_with_its_column_and_why(bad, said):
    plan = plan_of(line("1", "Ib", "Dam"), line(**{"number": "2", "email": "anne.holm@x.dk", **bad}))

    assert list(refusals(plan)) == [3]
    assert said in refusals(plan)[3]
    assert len(plan.new) == 1


def test_cpr_number_is_not_shown_back():
    assert "0101701234" not in refusals(plan_of(line("0101701234")))[2]


def test_line_with_more_fields_than_headings_is_refused():
    assert "flere felter" in refusals(plan_of([*line(manager="x@x.dk"), "ekstra"]))[2]


def test_double_address_is_refused_with_both_lines_named():
    plan = plan_of(line("1", email="a@x.dk"), line("2", "Per", "Bang", email="A@X.dk"), line("3", "Ib", "Dam"))

    assert "Står også i linje 3." in refusals(plan)[2]
    assert "Står også i linje 2." in refusals(plan)[3]
    assert len(plan.new) == 1


def test_double_number_is_refused_with_all_lines_named():
    plan = plan_of(line("1"), line("1", "Per", "Bang"), line("1", "Ib", "Dam"))

    assert "Står også i linje 3 og 4." in refusals(plan)[2]


def test_two_lines_about_the_same_person_are_refused():
    bring_in_lines(line("1", email="anne@x.dk"))

    plan = plan_of(line("1", email="anne.ny@x.dk"), line("", email="anne@x.dk"))

    assert "Er samme person som linje 3." in refusals(plan)[2]
    assert "Er samme person som linje 2." in refusals(plan)[3]


def test_circle_of_managers_is_refused_with_every_line_named():
    plan = plan_of(
        line("1", manager="per.bang@x.dk"),
        line("2", "Per", "Bang", manager="ib.dam@x.dk"),
        line("3", "Ib", "Dam", manager="anne.holm@x.dk"),
        line("4", "Bo", "Friis", manager="ib.dam@x.dk"),
    )

    assert sorted(refusals(plan)) == [2, 3, 4]
    assert "linje 2 (Anne Holm) → linje 3 (Per Bang) → linje 4 (Ib Dam) → linje 2 (Anne Holm)" in refusals(plan)[2]
    assert [entry.notes for entry in plan.new] == [["Får ingen nærmeste leder endnu, fordi linje 4 er afvist."]]


def test_circle_through_leaders_outside_the_file_is_refused():
    bring_in_lines(line("1"), line("2", "Per", "Bang", manager="anne.holm@x.dk"))

    plan = plan_of(line("1", manager="per.bang@x.dk"))

    assert "linje 2 (Anne Holm) → Per Bang → linje 2 (Anne Holm)" in refusals(plan)[2]


def test_circle_with_what_a_refused_line_leaves_standing_is_refused():
    bring_in_lines(line("1", manager="per.bang@x.dk"), line("2", "Per", "Bang"))

    plan = plan_of(line("1", title="x" * 300), line("2", "Per", "Bang", manager="anne.holm@x.dk"))

    assert sorted(refusals(plan)) == [2, 3]
    assert "går i ring" in refusals(plan)[3]


def test_circle_with_the_manager_a_line_keeps_is_refused():
    """Ib names a manager whose line is refused, keeps Bo from before, and Bo would now be under Ib."""
    bring_in_lines(line("3", "Ib", "Dam", manager="5"), line("5", "Bo", "Friis"))

    plan = plan_of(
        line("1", title="x" * 300), line("3", "Ib", "Dam", manager="1"), line("5", "Bo", "Friis", manager="3")
    )

    assert sorted(refusals(plan)) == [2, 4]
    assert "går i ring" in refusals(plan)[4]


def test_managers_may_change_places():
    bring_in_lines(line("1", manager="per.bang@x.dk"), line("2", "Per", "Bang"), line("3", "Ib", "Dam"))

    plan = bring_in_lines(
        line("1", manager="ib.dam@x.dk"), line("2", "Per", "Bang", manager="anne.holm@x.dk"), line("3", "Ib", "Dam")
    )

    assert plan.refused == []
    assert Leader.objects.get(employee_number="2").line_manager.employee_number == "1"


def test_manager_is_found_by_number_too_and_outside_the_file():
    boss = create_leader(employee_number="B-77")

    bring_in_lines(line("1", manager="b-77"), line("2", "Per", "Bang", manager="1"))

    assert Leader.objects.get(employee_number="1").line_manager == boss
    assert Leader.objects.get(employee_number="2").line_manager.employee_number == "1"


def test_double_manager_is_never_guessed_at():
    bring_in_lines(line("1"), line("2", "Per", "Bang"), line("3", "Ib", "Dam"))

    plan = plan_of(
        line("1", email="per.bang@x.dk"), line("2", "Per", "Bang"), line("3", "Ib", "Dam", manager="per.bang@x.dk")
    )

    (entry,) = plan.changed
    assert entry.manager_name == "Per Bang"


def test_manager_with_double_lines_and_nobody_in_the_database_is_left_out():
    plan = plan_of(
        line("1", email="x@x.dk"), line("2", "Per", "Bang", "x@x.dk"), line("3", "Ib", "Dam", manager="x@x.dk")
    )

    (entry,) = plan.new
    assert entry.manager is None
    assert entry.notes == ["Får ingen nærmeste leder endnu, fordi linje 2 og 3 er afvist."]


# --- Who is who ------------------------------------------------------------------------------------------------------


def test_address_of_another_person_is_refused():
    create_user(email="optaget@x.dk", first_name="Ib", last_name="Dam")
    bring_in_lines(line("1"))

    assert "E-mailen tilhører Ib Dam." in refusals(plan_of(line("1", email="optaget@x.dk")))[2]


def test_shared_address_does_not_hand_one_persons_account_to_another():
    bring_in_lines(line("", email="leder.nord@x.dk"))

    plan = plan_of(line("", "Per", "Bang", "leder.nord@x.dk"))

    assert "Tilhører Anne Holm i dag" in refusals(plan)[2]


def test_reused_number_does_not_hand_one_persons_account_to_another():
    bring_in_lines(line("1"))

    assert "Tilhører Anne Holm i dag" in refusals(plan_of(line("1", "Per", "Bang")))[2]


def test_blocked_person_is_not_let_in_by_a_file():
    create_user(email="anne.holm@x.dk", is_active=False)

    assert "spærret" in refusals(plan_of(line("1")))[2]


def test_two_people_may_swap_addresses():
    bring_in_lines(line("1", email="a@x.dk"), line("2", "Per", "Bang", "b@x.dk"))

    bring_in_lines(line("1", email="b@x.dk"), line("2", "Per", "Bang", "a@x.dk"))

    assert dict(Leader.objects.values_list("employee_number", "user__email")) == {"1": "b@x.dk", "2": "a@x.dk"}


def test_new_person_may_take_an_address_another_gives_up():
    bring_in_lines(line("1", email="nord@x.dk"))
    anne = User.objects.get()

    bring_in_lines(line("1", email="anne@x.dk"), line("2", "Per", "Bang", "nord@x.dk"))

    assert Leader.objects.get(employee_number="2").user != anne
    assert Leader.objects.get(user=anne).user.email == "anne@x.dk"


def test_address_is_not_taken_from_one_whose_own_line_is_refused():
    bring_in_lines(line("1", email="nord@x.dk"))

    plan = plan_of(line("1", email="anne@x.dk", title="x" * 300), line("2", "Per", "Bang", "nord@x.dk"))

    assert sorted(refusals(plan)) == [2, 3]


# --- One name column, no level or field (OS2mo) ----------------------------------------------------------------------

DIRECTOR = ["Egebjerg Kommune", "Børn og Unge", "", "", "", "MUS", "Åse Sørensen Ærø", "+45 12 34 56 78", "aase@x.dk"]
HEAD = ["Egebjerg Kommune", "Børn og Unge", "Skoler", "", "", "MUS", "Per Bang", "", "per@x.dk"]
VACANT = ["Egebjerg Kommune", "Børn og Unge", "Skoler", "Øster Skole", "", "MUS", "", "", ""]
RULES = {
    "levels": {"1": "Direktør", "2": "Chef", "4": "Leder"},
    "fields": {"børn og unge": "Dagtilbud", "børn og unge › skoler": "Skole"},
}


def os2mo(*lines):
    return csv_file(*lines, headings=OS2MO)


def test_os2mo_export_is_read():
    plan = bring_in(os2mo(DIRECTOR, HEAD, VACANT))

    assert plan.summary["vacant"] == 1
    assert plan.lacking == 2
    aase = Leader.objects.get(user__email="aase@x.dk")
    assert (aase.user.first_name, aase.user.last_name, aase.user.phone) == ("Åse Sørensen", "Ærø", "+45 12 34 56 78")
    assert (aase.unit.name, aase.unit.parent, aase.level, aase.field) == ("Børn og Unge", None, None, None)
    assert list(Leader.objects.get(user__email="per@x.dk").unit.parent.children.values_list("name", flat=True)) == [
        "Skoler"
    ]


def test_leader_of_the_municipality_itself_belongs_to_it():
    bring_in(os2mo(["Egebjerg Kommune", "", "", "", "", "", "Ib Dam", "", "ib@x.dk"], HEAD))

    assert Leader.objects.get(user__email="ib@x.dk").unit.name == "Egebjerg Kommune"


def test_several_roots_are_units_themselves():
    plan = bring_in(os2mo(HEAD, ["Museet", "Drift", "", "", "", "", "Ib Dam", "", "ib@x.dk"]))

    assert plan.new_units[:2] == [("Egebjerg Kommune",), ("Museet",)]


def test_rules_fill_what_the_layout_lacks():
    bring_in(os2mo(DIRECTOR, HEAD), rules=RULES)

    assert list(Leader.objects.order_by("pk").values_list("level__name", "field__name")) == [
        ("Direktør", "Dagtilbud"),
        ("Chef", "Skole"),
    ]


def test_rules_never_change_what_is_filled_by_hand():
    bring_in(os2mo(DIRECTOR, HEAD), rules=RULES)
    Leader.objects.update(field=create_field(name="Kultur og fritid"), level=create_level(name="Strategisk chef"))

    assert not bring_in(os2mo(DIRECTOR, HEAD), rules=RULES).changes_anything


def test_rule_with_a_name_that_no_longer_exists_is_passed_over():
    plan = bring_in(os2mo(HEAD), rules={"levels": {"2": "Findes ikke"}, "fields": {}})

    assert (plan.new_levels, Leader.objects.get().level) == ([], None)


def test_name_in_one_piece_does_not_undo_how_it_was_parted():
    bring_in_lines(line("1", "Åse", "Sørensen Ærø", "aase@x.dk", unit=""))

    plan = plan_of(DIRECTOR, headings=OS2MO)

    assert [change.label for entry in plan.changed for change in entry.changes] == ["Telefon"]


@pytest.mark.parametrize(
    ("name", "parted"),
    [
        ("Anne Holm", ("Anne", "Holm")),
        ("Anne Marie van Holm", ("Anne Marie van", "Holm")),
        ("Holm, Anne Marie", ("Anne Marie", "Holm")),
        ("Anne", ("Anne", "")),
        ("", ("", "")),
    ],
)
def test_name_is_parted_at_the_last_word_or_the_comma(name, parted):
    assert split_name(name) == parted


def test_lone_first_name_is_refused():
    plan = plan_of(["K", "B", "", "", "", "", "Anne", "", "a@x.dk"], headings=OS2MO)

    assert "Skriv både fornavn og efternavn." in refusals(plan)[2]


# --- The decision ----------------------------------------------------------------------------------------------------

BAD = line("2", "Per", "Bang", email="skidt")


def test_one_refused_line_of_many_stops_all():
    lines = [line(str(number), last=f"Holm{number}") for number in range(1000)]
    lines[999] = line("999", email="skidt")

    with pytest.raises(applying.HasRefusedLines) as caught:
        bring_in_lines(*lines)

    assert list(refusals(caught.value.plan)) == [1001]
    assert (Leader.objects.count(), User.objects.count(), OrgUnit.objects.count()) == (0, 0, 0)
    assert LeaderImport.objects.get().state == LeaderImport.State.UPLOADED


def test_without_the_refused_lines_the_rest_goes_in():
    bring_in_lines(line("1"), BAD, line("3", "Ib", "Dam", manager="1"), without_refused=True)

    assert Leader.objects.count() == 2
    assert LeaderImport.objects.get().summary["refused"] == 1


def test_leader_of_a_refused_new_manager_goes_in_without_one():
    bad_boss = line("2", "Per", "Bang", title="x" * 300)

    plan = bring_in_lines(bad_boss, line("3", "Ib", "Dam", manager="2"), without_refused=True)

    assert Leader.objects.get().line_manager is None
    assert [entry.row.number for entry in plan.without_manager] == [3]


def test_import_is_done_once():
    hr = create_hr()
    leader_import, _layout = applying.receive("ledere.csv", csv_file(line()), actor=hr, now=NOW)
    applying.apply(leader_import, actor=hr, now=NOW)

    with pytest.raises(applying.NotOpen):
        applying.apply(leader_import, actor=hr, now=NOW)

    leader_import.refresh_from_db()
    assert (leader_import.state, leader_import.content, leader_import.applied_at) == ("applied", None, NOW)
    assert [(event.actor, event.verb, event.subject_id) for event in AuditEvent.objects.all()] == [
        (hr, "imported leaders", leader_import.pk)
    ]


def test_import_stops_when_the_world_has_changed_since_it_was_shown():
    leader_import, _layout = applying.receive("ledere.csv", csv_file(line("1")), actor=None, now=NOW)
    seen = applying.plan_of(leader_import).digest
    create_leader(email="anne.holm@x.dk", employee_number="1")

    with pytest.raises(applying.HasChanged):
        applying.apply(leader_import, actor=None, now=NOW, seen=seen)


def test_dismissed_import_lets_go_of_the_file_and_cannot_be_done():
    leader_import, _layout = applying.receive("ledere.csv", csv_file(line()), actor=None, now=NOW)
    applying.dismiss(leader_import, actor=None, now=NOW)

    with pytest.raises(applying.NotOpen):
        applying.apply(leader_import, actor=None, now=NOW)

    leader_import.refresh_from_db()
    assert (leader_import.state, leader_import.content, Leader.objects.count()) == ("dismissed", None, 0)


def test_files_nobody_decides_on_are_dropped_after_a_day():
    applying.receive("gammel.csv", csv_file(line()), actor=None, now=NOW - timedelta(days=1, minutes=1))
    applying.receive("ny.csv", csv_file(line()), actor=None, now=NOW - timedelta(hours=23))

    assert applying.drop_old_files(NOW) == 1
    assert list(LeaderImport.objects.filter(content__isnull=True).values_list("file_name", flat=True)) == ["gammel.csv"]


def test_columns_are_remembered_for_files_with_the_same_headings():
    hr = create_hr()
    headings = ["Hvem", "Adresse", "Hvor"]
    content = csv_file(["Anne Holm", "a@x.dk", "Nord"], headings=headings)
    leader_import, layout = applying.receive("a.csv", content, actor=hr, now=NOW)
    assert layout.problems()
    chosen = Layout.from_values(headings, ["full_name", "email", "unit_1"])
    applying.remember_columns(leader_import, chosen, {"levels": {"1": "Chef"}, "fields": {}}, actor=hr)

    again, layout = applying.receive("b.csv", content, actor=hr, now=NOW)

    assert (again.is_remembered, again.rules["levels"], layout.problems()) == (True, {"1": "Chef"}, [])
    assert ColumnMapping.objects.get().updated_by == hr
    applying.apply(again, actor=hr, now=NOW)
    assert Leader.objects.get().level.name == "Chef"


def test_file_name_is_made_harmless():
    leader_import, _layout = applying.receive(
        "a\r\nb\u202e" + "x" * 300 + ".csv", csv_file(line()), actor=None, now=NOW
    )

    assert leader_import.file_name.isprintable()
    assert len(leader_import.file_name) <= 200


def test_audit_holds_no_value_from_the_file():
    bring_in_lines(line("hemmelig-77"))

    assert "hemmelig" not in str(list(AuditEvent.objects.values()))


# --- Anything at all -------------------------------------------------------------------------------------------------

JUNK = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        [
            "",
            "a@x.dk",
            "b@x.dk",
            "1",
            "2",
            "Anne",
            "Vakant",
            "Nord",
            "Leder",
            "=1+1",
            "\u202e",
            "\ud7ff",
            "x" * 300,
            "-",
        ]
    ),
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(JUNK, min_size=1, max_size=11), min_size=1, max_size=8))
def test_no_cells_break_the_plan_or_the_import(rows):
    create_leader(email="a@x.dk", employee_number="1")
    quoted = [['"' + cell.replace('"', '""').replace("\0", "") + '"' for cell in row] for row in rows]
    try:
        plan = bring_in_lines(*quoted, without_refused=True)
    except CannotRead as refused:
        assert str(refused)  # noqa: PT017 (either a result or a sentence)
    else:
        assert list(summary.lines(plan))
    finally:
        Leader.objects.update(line_manager=None)
        Leader.objects.all().delete()
        OrgUnit.objects.update(area=None, parent=None)
        OrgUnit.objects.all().delete()
        LeaderImport.objects.all().delete()
        User.objects.all().delete()


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from("123456"), min_size=6, max_size=6), st.lists(st.sampled_from("123456"), max_size=6))
def test_managers_never_end_up_in_a_circle(before, after):
    def lines(managers):
        return [line(str(n), "Leder", f"Nr{n}", f"l{n}@x.dk", manager=manager) for n, manager in enumerate(managers, 1)]

    bring_in_lines(*lines(before), without_refused=True)
    if after:
        bring_in_lines(*lines(after), without_refused=True)

    managers = dict(Leader.objects.values_list("pk", "line_manager"))
    for start in managers:
        steps, pk = 0, start
        while pk := managers[pk]:
            steps += 1
            assert steps < 10
    Leader.objects.update(line_manager=None)
    Leader.objects.all().delete()
    User.objects.all().delete()
    LeaderImport.objects.all().delete()


# --- The command -----------------------------------------------------------------------------------------------------


def run(*arguments) -> str:
    out = StringIO()
    call_command("import_leaders", *map(str, arguments), stdout=out)
    return out.getvalue()


def test_command_tells_and_changes_nothing_on_a_dry_run():
    out = run(DATA / "ledere.xlsx", "--dry-run")

    assert "312 nye, 0 ændrede." in out
    assert "Prøvekørsel: intet er ændret." in out
    assert (Leader.objects.count(), LeaderImport.objects.count(), OrgUnit.objects.count()) == (0, 0, 0)


def test_command_imports_and_is_remembered():
    assert "Importen er gennemført." in run(DATA / "ledere.csv")

    assert Leader.objects.count() == 312
    assert LeaderImport.objects.get().summary["new"] == 312


def test_command_names_refused_lines_and_imports_nothing(tmp_path):
    file = tmp_path / "ledere.csv"
    file.write_bytes(csv_file(line("1"), BAD))

    with pytest.raises(CommandError, match="Intet er importeret"):
        run(file)

    assert (Leader.objects.count(), LeaderImport.objects.count()) == (0, 0)


def test_command_goes_on_without_refused_lines_when_told(tmp_path):
    file = tmp_path / "ledere.csv"
    file.write_bytes(csv_file(line("1"), BAD))

    out = run(file, "--without-refused")

    assert "Afvist, linje 3, E-mail (kolonne D): “skidt”." in out
    assert Leader.objects.count() == 1


@pytest.mark.parametrize("name", ["findes-ikke.csv", "ledere.xls", "tom.csv"])
def test_command_says_in_a_sentence_what_it_cannot_read(tmp_path, name):
    if name != "findes-ikke.csv":
        (tmp_path / name).write_bytes(b"")

    with pytest.raises(CommandError):
        run(tmp_path / name)


def test_command_asks_for_the_page_when_columns_are_unknown(tmp_path):
    file = tmp_path / "ledere.csv"
    file.write_bytes(csv_file(["Anne Holm", "a@x.dk"], headings=["Hvem", "Adresse"]))

    with pytest.raises(CommandError, match="vælg kolonnerne"):
        run(file)


# --- Size ------------------------------------------------------------------------------------------------------------


def test_planning_and_writing_take_the_same_queries_for_many_as_for_few(django_assert_max_num_queries):
    with django_assert_max_num_queries(50):
        bring_in_lines(*(line(str(number), last=f"Holm{number}", unit=f"Enhed {number}") for number in range(400)))


def test_sheet_with_numbers_and_csv_with_text_are_the_same_person():
    bring_in_lines(line("10001"))

    row = line("10001")
    row[0] = 10001
    leader_import, _layout = applying.receive("a.xlsx", xlsx_file(row), actor=None, now=NOW)

    assert applying.plan_of(leader_import).unchanged == 1


def test_ended_posts_are_neither_gone_nor_in_the_way():
    create_leader(email="anden@x.dk", employee_number="9", unit=create_unit(name="Gammel"), valid_to=date(2025, 1, 1))

    assert plan_of(line("1")).gone == []


# --- Two at once -----------------------------------------------------------------------------------------------------


def at_once(*acts) -> list:
    """Each act in a thread of its own, started together: what it returned or raised."""
    start = Barrier(len(acts))

    def run_one(act):
        try:
            start.wait()
            return act()
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(run_one, acts))


@pytest.mark.django_db(transaction=True)
def test_double_click_imports_once():
    leader_import, _layout = applying.receive(
        "ledere.csv", csv_file(line("1"), line("2", "Per", "Bang")), actor=None, now=NOW
    )

    def click():
        return applying.apply(LeaderImport.objects.get(pk=leader_import.pk), actor=None, now=NOW)

    results = at_once(click, click, click)

    assert sorted(type(result).__name__ for result in results) == ["NotOpen", "NotOpen", "Plan"]
    assert Leader.objects.count() == 2
    assert AuditEvent.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_files_at_once_make_the_same_unit_once():
    def import_of(*lines):
        leader_import, _layout = applying.receive("ledere.csv", csv_file(*lines), actor=None, now=NOW)
        return lambda: applying.apply(leader_import, actor=None, now=NOW)

    results = at_once(import_of(line("1")), import_of(line("2", "Per", "Bang")), import_of(line("1")))

    assert [type(result).__name__ for result in results] == ["Plan"] * 3
    assert (Leader.objects.count(), OrgUnit.objects.count()) == (2, 2)


def test_new_leader_can_ask_for_a_password(client):
    bring_in_lines(line("1"))

    client.post(reverse("account_reset_password"), {"email": "anne.holm@x.dk"})

    assert [message.recipient.email for message in Message.objects.all()] == ["anne.holm@x.dk"]
