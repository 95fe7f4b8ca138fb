"""The set-up by HR, step by step, also by two at once."""

import pytest
from django.urls import reverse

from members.models import AuditEvent
from members.tests import factories as members
from networks import steps
from networks.models import Network
from networks.tests.factories import NOW, create_direction, create_network

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(hr, sponsor):
    return create_network(state="draft", sponsor=sponsor, hr_contact=hr, name="Kladden")


def url(network, step) -> str:
    return reverse("networks:edit_basis", args=[network.slug, step])


def test_the_whole_set_up_leads_to_a_basis_that_can_be_sent(client, hr, sponsor):
    client.force_login(hr)
    direction, unit = create_direction(), members.create_unit()
    fields = [members.create_field(), members.create_field(name="Skole")]
    level = members.create_level()

    first = {"name": "Ledere på tværs", "direction": direction.pk, "purpose": "At lære.", "gains": ["shared_focus"]}
    client.post(reverse("networks:new"), first)
    network = Network.objects.get()
    assert (network.slug, network.hr_contact, network.created_by) == ("ledere-paa-tvaers", hr, hr)
    answers = {
        "type": {"type": "tvaerfaglig", "type_reason": "Opgaven er fælles."},
        "ramme": {"reach": "broad", "access": "open", "participation": "voluntary", "size_min": 6, "size_max": 10},
        "deltagere": {
            "fields": [field.pk for field in fields],
            "level": level.pk,
            "participation_terms": "Mød op.",
            "shows_member_list": "on",
        },
        "temaer": {"themes": "Trivsel\nØkonomi", "activities": "Sparring", "rhythm": "Hver måned"},
        "styring": {"governance": "Ét svar om året.", "support": "Tid."},
        "forankring": {"unit": unit.pk, "sponsor": sponsor.pk, "hr_contact": hr.pk},
    }
    for version, (step, answer) in enumerate(answers.items(), start=1):
        response = client.post(url(network, step), answer | {"version": version})
        assert response.status_code == 302, response.context["form"].errors
    client.post(reverse("networks:submit", args=[network.slug]))

    network.refresh_from_db()
    assert network.state == Network.State.SUBMITTED
    assert (network.level, network.size_max, network.theme_list) == (level, 10, ["Trivsel", "Økonomi"])
    assert set(network.fields.all()) == set(fields)
    assert network.shows_member_list


@pytest.mark.parametrize("step", [step.slug for step in steps.STEPS if step.slug not in ("kurs", "ramme")])
def test_an_empty_step_is_saved_as_a_draft(client, hr, draft, step):
    client.force_login(hr)

    assert client.post(url(draft, step), {"version": draft.version}).status_code == 302


def test_a_network_without_a_name_is_not_made(client, hr):
    client.force_login(hr)

    response = client.post(reverse("networks:new"), {"name": " "})

    assert response.status_code == 200
    assert not Network.objects.exists()


@pytest.mark.parametrize(
    ("step", "bad"),
    [
        ("ramme", {"size_min": 10, "size_max": 5}),
        ("ramme", {"size_min": 2, "size_max": 5}),
        ("ramme", {"size_min": 3, "size_max": 61}),
        ("ramme", {"reach": "galactic"}),
        ("type", {"type": "andet"}),
        ("kurs", {"name": "Navn", "purpose": "x" * 601}),
        ("kurs", {"name": "Navn", "purpose": "Ring om 010190-1234"}),
        ("forankring", {"sponsor": 999999}),
        ("deltagere", {"fields": ["x"]}),
    ],
)
def test_bad_input_is_refused_and_kept_on_the_page(client, hr, draft, step, bad):
    client.force_login(hr)
    before = Network.objects.values().get()
    valid = {"reach": "broad", "access": "open", "participation": "voluntary", "size_min": 3, "size_max": 9}

    response = client.post(url(draft, step), valid | bad | {"version": draft.version})

    assert response.status_code == 200
    assert response.context["form"].errors
    assert Network.objects.values().get() == before


def test_hr_cannot_be_chosen_as_sponsor(client, hr, draft):
    client.force_login(hr)

    response = client.post(url(draft, "forankring"), {"sponsor": hr.pk, "version": draft.version})

    assert "sponsor" in response.context["form"].errors


def test_the_second_of_two_who_save_is_told_and_loses_nothing(client, hr, draft):
    client.force_login(hr)
    opened = draft.version
    client.post(url(draft, "styring"), {"governance": "Den førstes tekst", "support": "Tid", "version": opened})

    late = {"governance": "Den andens tekst", "support": "Tid", "version": opened}
    response = client.post(url(draft, "styring"), late)

    shown = response.content.decode()
    assert "En anden har gemt ændringer" in shown
    assert "Den førstes tekst" in shown
    assert "Den andens tekst" in shown
    draft.refresh_from_db()
    assert draft.governance == "Den førstes tekst"
    assert [label for label, _text in response.context["theirs"]] == ["Styring"]

    client.post(url(draft, "styring"), late | {"version": response.context["form"]["version"].value()})
    draft.refresh_from_db()
    assert draft.governance == "Den andens tekst"


@pytest.mark.parametrize(
    ("step", "answer"),
    [
        ("kurs", {"name": "Nyt navn", "gains": ["policy_basis"]}),
        ("ramme", {"reach": "local", "access": "closed", "participation": "mandatory", "size_min": 4, "size_max": 5}),
        ("deltagere", {"fields": [], "participation_terms": "Andre"}),
        ("forankring", {}),
    ],
)
def test_every_step_shows_both_texts(client, hr, draft, step, answer):
    client.force_login(hr)

    response = client.post(url(draft, step), answer | {"version": draft.version + 5})

    assert response.status_code == 200
    assert response.context["theirs"]
    assert draft.name in response.content.decode()


def test_saving_one_step_leaves_the_others_alone(client, hr, draft):
    client.force_login(hr)

    client.post(url(draft, "temaer"), {"themes": "Nyt tema", "version": draft.version})

    draft.refresh_from_db()
    assert (draft.themes, draft.purpose) == ("Nyt tema", "At lederne bliver klogere på den svære samtale.")
    assert AuditEvent.objects.filter(verb="edit_basis", network_id=draft.pk).count() == 1


@pytest.mark.parametrize("state", [state for state in Network.State if state not in Network.STATES_EDITABLE])
def test_a_basis_is_not_edited_once_it_is_sent(client, hr, draft, state):
    draft.state = state
    draft.save()
    client.force_login(hr)

    response = client.post(url(draft, "temaer"), {"themes": "Sniget ind", "version": draft.version})

    assert response.status_code == 302
    draft.refresh_from_db()
    assert "Sniget ind" not in draft.themes


def test_an_unknown_step_is_not_found(client, hr, draft):
    client.force_login(hr)

    assert client.get(url(draft, "ukendt")).status_code == 404


@pytest.mark.parametrize("who", ["sponsor", "board", "stranger"])
def test_the_steps_are_for_hr(client, draft, who, request):
    client.force_login(request.getfixturevalue(who))

    assert client.post(url(draft, "temaer"), {"version": draft.version}).status_code in (403, 404)


def test_editing_begins_where_something_is_missing(client, hr, draft):
    draft.governance = ""
    draft.save()
    client.force_login(hr)

    assert client.get(reverse("networks:edit_basis", args=[draft.slug])).url == url(draft, "styring")


@pytest.mark.parametrize(
    ("name", "slug"),
    [("Nyt", "nyt-2"), ("Ældre på øen", "aeldre-paa-oeen"), ("!!!", "netvaerk"), ("Åben", "aaben")],
)
def test_the_address_follows_the_name(name, slug):
    assert steps.free_slug(name) == slug


def test_two_networks_of_one_name_have_each_their_address():
    create_network(slug="trivsel")
    create_network(slug="trivsel-2")

    assert steps.free_slug("Trivsel") == "trivsel-3"


def test_the_guide_marks_what_is_done(hr, draft):
    draft.governance = ""

    lines = steps.guide(draft, [lack for _step, lack in steps.lacks_by_step(draft, NOW)])

    assert [line.step.slug for line in lines if not line.is_done] == ["styring"]
