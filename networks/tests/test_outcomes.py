"""What a leader and the organisation get out of a network, and whom it is aimed at."""

import pytest
from django.urls import reverse

from members.tests import factories as members
from networks import basis_versions, steps
from networks.basis import lacks_of_design
from networks.models import Network, PersonalOutcome
from networks.step_forms import stored_text
from networks.tests.factories import create_membership, create_network

CHOSEN = [PersonalOutcome.SPARRING, PersonalOutcome.MIRRORING]


@pytest.fixture
def useful(hr, sponsor):
    return create_network(
        state="enrolling",
        sponsor=sponsor,
        hr_contact=hr,
        personal_outcomes=CHOSEN,
        personal_outcome_note="Noget at tage med hjem.",
    )


def first_step(network) -> str:
    return reverse("networks:edit_basis", args=[network.slug, "kurs"])


def test_the_first_step_asks_for_both_tracks(client, hr):
    draft = create_network(state="draft", hr_contact=hr)
    client.force_login(hr)
    answers = {
        "name": draft.name,
        "direction": draft.direction_id,
        "purpose": draft.purpose,
        "personal_outcomes": ["inspiration", "mirroring"],
        "personal_outcome_note": "Mere ro.",
        "gains": ["policy_basis"],
        "seen": draft.version,
    }

    assert "Lederne ser det i kataloget" in client.get(first_step(draft)).content.decode()
    assert client.post(first_step(draft), answers).status_code == 302

    draft.refresh_from_db()
    assert draft.personal_outcomes == ["inspiration", "mirroring"]
    assert draft.personal_outcome_labels == ["Spejling af dine erfaringer", "Ny inspiration"]
    assert (draft.personal_outcome_note, draft.gains) == ("Mere ro.", ["policy_basis"])


@pytest.mark.parametrize(
    "bad",
    [{"personal_outcomes": ["fame"]}, {"personal_outcome_note": "x" * 401}, {"personal_outcome_note": "010190-1234"}],
)
def test_bad_answers_are_refused(client, hr, bad):
    draft = create_network(state="draft", hr_contact=hr)
    client.force_login(hr)
    answers = {"name": draft.name, "direction": draft.direction_id, "seen": draft.version} | bad

    assert client.post(first_step(draft), answers).status_code == 200
    assert Network.objects.get().personal_outcomes == []


def test_a_network_without_outcomes_is_not_held_back(client, stranger):
    network = create_network(state="enrolling", gains=[])
    client.force_login(stranger)

    assert lacks_of_design(network) == []
    shown = client.get(network.get_absolute_url()).content.decode()
    assert "ud af det" not in shown
    assert "ud af det" not in client.get(reverse("networks:catalogue")).content.decode()


def test_whoever_considers_joining_sees_what_they_get(client, useful, stranger):
    client.force_login(stranger)

    shown = client.get(useful.get_absolute_url()).content.decode()
    assert "Det får du ud af det" in shown
    assert "Sparring på konkrete udfordringer" in shown
    assert "Noget at tage med hjem." in shown
    assert "Det får kommunen ud af det" in shown
    assert "Fælles fokus på ledelsesopgaven" in shown
    row = client.get(reverse("networks:catalogue")).content.decode()
    assert "Spejling af dine erfaringer · Sparring på konkrete udfordringer" in row


def test_members_see_both_tracks_in_the_basis(client, useful):
    client.force_login(create_membership(network=useful).leader.user)

    shown = client.get(reverse("networks:basis", args=[useful.slug])).content.decode()

    assert "Personligt udbytte" in shown
    assert "Sparring på konkrete udfordringer" in shown
    assert "Gevinster for kommunen" in shown


def test_the_level_a_faglig_network_is_aimed_at_is_said(client, stranger, hr):
    level = members.create_level(name="Mellemleder")
    aimed, open_to_all = create_network(state="enrolling", level=level), create_network(state="enrolling")
    client.force_login(stranger)

    assert "Mellemleder" in client.get(aimed.get_absolute_url()).content.decode()
    assert "Alle niveauer" in client.get(open_to_all.get_absolute_url()).content.decode()
    assert "Niveau: Mellemleder" in client.get(reverse("networks:catalogue")).content.decode()
    client.force_login(hr)
    draft = create_network(state="draft", hr_contact=hr)
    step = client.get(reverse("networks:edit_basis", args=[draft.slug, "deltagere"])).content.decode()
    assert "hvis det fx er for mellemledere" in step


def test_a_copy_takes_the_outcomes_along(client, useful, hr):
    client.force_login(hr)

    initial = client.get(reverse("networks:new"), {"fra": useful.slug}).context["form"].initial

    assert initial["personal_outcomes"] == CHOSEN
    assert initial["personal_outcome_note"] == useful.personal_outcome_note


def test_outcomes_are_words_to_the_second_who_saves_and_in_a_hoering(useful):
    assert stored_text(useful, "personal_outcomes") == "Spejling af dine erfaringer, Sparring på konkrete udfordringer"
    assert basis_versions.texts_of(useful)["personal_outcome_note"] == "Noget at tage med hjem."
    assert len(steps.STEPS) == 8


def test_no_outcome_holds_a_comma():
    assert not [outcome for outcome in PersonalOutcome if "," in str(outcome.label)]
