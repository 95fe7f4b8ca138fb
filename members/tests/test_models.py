import pytest
from django.db import connection, models

from members.danish import danish_key
from members.models import Leader, OrgUnit, User, sort_text
from members.tests.factories import create_leader, create_unit, create_user

pytestmark = pytest.mark.django_db


def by_database() -> list[str]:
    return list(User.objects.order_by("sort_text", "pk").values_list("last_name", flat=True))


def test_names_are_sorted_as_danes_do_whatever_the_database():
    names = [
        "Ågård", "Bob", "Wulff", "Aagesen", "Ærø", "Bo Dam", "Zar", "Bo", "Østergaard", "Boa", "Adam", "Yde", "Zaa",
        "Åkjær", "Dam-Holm", "Damm", "Dam", "BOESEN", "Bo 7",
        "Çelik", "Czar", "Lloyd", "Lund", "Петров", "Ωmega",
    ]  # fmt: skip
    for name in names:
        create_user(last_name=name, first_name="X")

    assert by_database() == [
        "Adam", "Bo", "Bo 7", "Bo Dam", "Boa", "Bob", "BOESEN", "Çelik", "Czar", "Dam", "Dam-Holm", "Damm", "Lloyd",
        "Lund", "Wulff", "Yde", "Zar", "Zaa", "Ærø", "Østergaard", "Aagesen", "Ågård", "Åkjær", "Ωmega", "Петров",
    ]  # fmt: skip


def test_database_sorts_as_python_does():
    names = [
        "Åse",
        "aase",
        "Ase",
        "Bo-Erik",
        "Bo Erik",
        "Boerik",
        "Zoë",
        "Zoe",
        "Æ",
        "Ø",
        "Å",
        "AA",
        "a",
        "1",
        "10",
        "9",
    ]
    for name in names:
        create_user(last_name=name, first_name="")

    assert [danish_key(name) for name in by_database()] == sorted(map(danish_key, names))


@pytest.mark.parametrize("collation", ["da-x-icu", "en-x-icu", "cs-x-icu", "C", "default"])
def test_sort_text_means_the_same_under_every_collation(collation):
    if connection.vendor != "postgresql":
        pytest.skip("SQLite compares bytes and nothing else")
    names = ["Chr", "Cz", "Aa Dam", "Aadam", "Zaa", "Å", "Åa", "Ll", "Lz", "Bo 1", "Bo10", "Ærø", "Øst", "z z"]
    for name in names:
        create_user(last_name=name, first_name="")
    sorted_by_it = User.objects.order_by(models.functions.Collate("sort_text", collation), "pk")

    assert [danish_key(user.last_name) for user in sorted_by_it] == sorted(map(danish_key, names))


def test_surname_decides_before_the_given_name():
    for first, last in (("Zita", "Dam"), ("Anne", "Dam Holm"), ("Åse", "Dam"), ("Bo", "Damm")):
        create_user(first_name=first, last_name=last)

    names = [user.get_full_name() for user in User.objects.order_by("sort_text")]

    assert names == ["Zita Dam", "Åse Dam", "Anne Dam Holm", "Bo Damm"]


def test_sort_text_is_digits_alone_and_fits():
    assert sort_text("Bo Ærø-Åkjær 7 d'Arc Ωμ 漢").isdigit()
    assert len(sort_text("漢" * 200)) == 400


def test_longest_name_and_address_fit_what_is_searched():
    user = create_user(first_name="Æ" * 100, last_name="Å" * 100, email="a" * 60 + "@" + "b." * 90 + "dk")

    assert len(user.search_text) == 400


@pytest.mark.parametrize("said", ["åse", "AASE", "aase ærø", "aeroe", "østre", "oestre chef", "ØSTRE"])
def test_leaders_are_found_by_name_and_title_however_the_letters_are_written(said):
    wanted = create_leader(first_name="Åse", last_name="Ærø", title="Chef for Østre Skole")
    create_leader(first_name="Per", last_name="Bang")

    assert list(Leader.objects.matching(said)) == [wanted]


@pytest.mark.parametrize("said", ["%", "_", "\\", "100%"])
def test_signs_of_a_pattern_are_searched_for_as_they_are(said):
    create_leader()

    assert not Leader.objects.matching(said).exists()


def test_texts_follow_a_partial_save():
    leader = create_leader(title="Chef")
    leader.title = "Ældrechef"
    leader.save(update_fields=["title"])
    leader.user.last_name = "Bang"
    leader.user.save(update_fields=["last_name"])

    leader = Leader.objects.select_related("user").get()
    assert leader.search_text == "aeldrechef"
    assert "bang" in leader.user.search_text
    assert leader.user.sort_text == sort_text("Bang", "Anne")


@pytest.mark.parametrize(
    ("title", "said"),
    [
        ("Skoleleder, Østre Skole", "Skoleleder, Østre Skole"),
        ("Leder af østre skole", "Leder af østre skole"),
        ("Skoleleder", "Skoleleder, Østre Skole"),
        ("", "Østre Skole"),
    ],
)
def test_a_post_says_its_unit_once(title, said):
    assert Leader(title=title, unit=OrgUnit(name="Østre Skole")).title_and_unit == said


def test_area_of_a_unit_is_its_topmost():
    top = create_unit(name="Børn og Unge")
    deep = create_unit(name="Nord", parent=create_unit(name="Dagtilbud", parent=top))

    assert (top.area, deep.area) == (top, top)


def test_post_is_the_one_held_now():
    leader = create_leader()
    assert leader.user.post == leader

    Leader.objects.update(valid_to=leader.valid_from)

    assert User.objects.get().post is None


def test_address_is_one_persons_whatever_its_capitals():
    create_user(email="anne@x.dk")

    with pytest.raises(Exception, match=r"one_user_per_address|UNIQUE"):
        User.objects.bulk_create([User(email="ANNE@x.dk", first_name="A", last_name="B")])
