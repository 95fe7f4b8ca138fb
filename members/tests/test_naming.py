import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from members import naming
from members.models import AuditEvent, LeadershipLevel, ProfessionalField, Role
from members.naming import Line
from members.tests.factories import create_hr, create_leader, create_level

pytestmark = pytest.mark.django_db

NOW = timezone.now()
PATH = "/ledere/niveauer/"


@pytest.fixture
def admin():
    return create_hr(role=Role.HR_ADMIN)


def levels() -> list[str]:
    return [level.name for level in LeadershipLevel.objects.all()]


def lines(*names) -> list[Line]:
    rows = {row.name: row.pk for row in LeadershipLevel.objects.all()}
    return [Line(name=name, place=place, pk=rows.get(name)) for place, name in enumerate(names, start=1)]


def save(changed, admin, **others):
    words = {"seen": naming.fingerprint(LeadershipLevel.objects.all()), "actor": admin, "now": NOW} | others
    naming.save(LeadershipLevel, changed, **words)


def test_levels_are_put_in_the_order_of_their_places(admin):
    create_level(name="Souschef", rank=0)

    save(lines("Leder", "Souschef", "Chef", "Strategisk chef", "Direktør"), admin)

    assert levels() == ["Leder", "Souschef", "Chef", "Strategisk chef", "Direktør"]
    assert [level.rank for level in LeadershipLevel.objects.all()] == [1, 2, 3, 4, 5]
    moved = LeadershipLevel.objects.get(name="Souschef").pk
    assert AuditEvent.objects.filter(verb="edit_leadershiplevel", subject_id=moved, actor=admin).count() == 1


def test_a_level_is_renamed_added_and_one_nobody_uses_removed(admin):
    changed = lines("Leder", "Chef", "Strategisk chef", "Direktør", "Koordinator")
    changed[0].name = "Institutionsleder"
    changed[2].is_removed = True

    save(changed, admin)

    assert levels() == ["Institutionsleder", "Chef", "Direktør", "Koordinator"]


def test_two_levels_may_change_names_with_each_other(admin):
    changed = lines("Leder", "Chef", "Strategisk chef", "Direktør")
    changed[0].name, changed[1].name = "Chef", "Leder"

    save(changed, admin)

    assert levels() == ["Chef", "Leder", "Strategisk chef", "Direktør"]


def test_a_level_in_use_is_kept(admin):
    create_leader(level=LeadershipLevel.objects.get(name="Chef"))
    changed = lines("Leder", "Chef", "Strategisk chef", "Direktør")
    changed[1].is_removed, changed[0].name = True, "Nyt"

    with pytest.raises(naming.NotSaved, match="i brug"):
        save(changed, admin)

    assert levels() == ["Leder", "Chef", "Strategisk chef", "Direktør"]


def test_the_second_of_two_is_told(admin):
    seen = naming.fingerprint(LeadershipLevel.objects.all())
    save(lines("Chef", "Leder", "Strategisk chef", "Direktør"), admin)

    with pytest.raises(naming.ChangedSince):
        save(lines("Direktør", "Leder", "Chef", "Strategisk chef"), admin, seen=seen)

    assert levels()[0] == "Chef"


def test_only_an_hr_administrator_may(client):
    consultant = create_hr()
    with pytest.raises(PermissionDenied):
        save(lines("Leder"), consultant)
    for user, status in ((consultant, 403), (create_leader().user, 403), (create_hr(role=Role.HR_ADMIN), 200)):
        client.force_login(user)
        assert client.get(PATH).status_code == status
        link = reverse("members:levels_and_fields")
        if user.is_hr:
            assert (link in client.get(reverse("members:leaders")).content.decode()) == user.is_hr_admin


# --- The page --------------------------------------------------------------------------------------------------------


def form(client, prefix="levels") -> dict:
    """What the page would send untouched."""
    table = client.get(PATH).context[prefix]
    data = {"table": prefix, "seen": table.seen}
    for name, value in table.formset.management_form.initial.items():
        data[f"{prefix}-{name}"] = value
    for line in table.formset:
        for field in line:
            value = field.value()
            data[field.html_name] = "" if value is None or value is False else value
    return data


def test_the_page_saves_one_table_and_leaves_the_other(client, admin):
    client.force_login(admin)
    before = list(ProfessionalField.objects.values_list("name", "rank"))
    data = form(client) | {"levels-0-place": 9, "levels-4-name": "Teamleder", "levels-4-place": 1}

    page = client.post(PATH, data, follow=True)

    assert levels() == ["Teamleder", "Chef", "Strategisk chef", "Direktør", "Leder"]
    assert list(ProfessionalField.objects.values_list("name", "rank")) == before
    assert "Gemt." in page.content.decode()


def test_the_page_saves_fields(client, admin):
    client.force_login(admin)

    client.post(PATH, form(client, "fields") | {"fields-1-place": 1, "fields-0-place": 2})

    assert [field.name for field in ProfessionalField.objects.all()[:2]] == ["Skole", "Dagtilbud"]


@pytest.mark.parametrize("bad", [{"levels-1-name": ""}, {"levels-1-name": "leder "}, {"levels-1-place": "x"}])
def test_bad_input_is_told_and_nothing_saved(client, admin, bad):
    client.force_login(admin)
    page = client.post(PATH, form(client) | bad)

    assert page.status_code == 200
    assert "form-error-message" in page.content.decode()
    assert levels() == ["Leder", "Chef", "Strategisk chef", "Direktør"]


def test_the_second_saver_sees_both_and_may_save_again(client, admin):
    client.force_login(admin)
    mine = form(client) | {"levels-0-name": "Min leder"}
    client.post(PATH, form(client) | {"levels-1-name": "Deres chef"})

    page = client.post(PATH, mine)

    shown = page.content.decode()
    assert ("En anden har gemt" in shown, "Deres chef" in shown, "Min leder" in shown) == (True, True, True)
    assert page.context["levels"].seen != mine["seen"]
    client.post(PATH, mine | {"seen": page.context["levels"].seen})
    assert levels()[0] == "Min leder"


def test_a_new_level_from_an_import_is_pointed_out(client, admin):
    create_level(name="Souschef", rank=0)
    client.force_login(admin)

    assert "Ny, ikke sat på plads" in client.get(PATH).content.decode()
    assert "Souschef" in client.get(reverse("members:leaders")).content.decode()
