"""The set-up by HR, step by step, also by two at once."""

from datetime import date

import pytest
from django.urls import reverse

from members.models import AuditEvent
from members.tests import factories as members
from networks import exercises, steps, types
from networks.models import Network
from networks.tests.factories import NOW, create_direction, create_network

pytestmark = pytest.mark.django_db

FRAME = {
    "reach": "broad",
    "access": "open",
    "participation": "voluntary",
    "term": "ongoing",
    "meeting_form": "both",
}


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
        "ramme": FRAME | {"size_min": 6, "size_max": 10, "term": "fixed", "ends_on": "31.12.2028"},
        "deltagere": {
            "fields": [field.pk for field in fields],
            "level": level.pk,
            "participation_terms": "Mød op.",
            "time_needed": "8 møder om året",
            "guests": "Højst to gange om året.",
            "shows_member_list": "on",
        },
        "temaer": {"themes": "Trivsel\nØkonomi", "exercises": ["check-ud", "her-og-nu-runde"], "rhythm": "Hver måned"},
        "styring": {"governance": "Ét svar om året.", "support": "Tid."},
        "forankring": {"unit": unit.pk, "sponsor": sponsor.pk, "hr_contact": hr.pk},
        "maal": {"goal_1": "Bedre overgange", "why_1": "Børn mærker dem", "how_1": "Fælles møder", "rank_1": 1},
    }
    for version, (step, answer) in enumerate(answers.items(), start=1):
        response = client.post(url(network, step), answer | {"seen": version})
        assert response.status_code == 302, response.context["form"].errors
    client.post(reverse("networks:submit", args=[network.slug]))

    network.refresh_from_db()
    assert network.state == Network.State.SUBMITTED
    assert (network.level, network.size_max, network.theme_list) == (level, 10, ["Trivsel", "Økonomi"])
    assert set(network.fields.all()) == set(fields)
    assert network.shows_member_list
    assert (network.term, network.ends_on, network.meeting_form) == ("fixed", date(2028, 12, 31), "both")
    assert (network.exercises, network.time_needed) == (["check-ud", "her-og-nu-runde"], "8 møder om året")
    assert [(row.rank, row.goal) for row in network.goal_hierarchy.all()] == [(1, "Bedre overgange")]


@pytest.mark.parametrize("step", [step.slug for step in steps.STEPS if step.slug not in ("kurs", "ramme")])
def test_an_empty_step_is_saved_as_a_draft(client, hr, draft, step):
    client.force_login(hr)

    assert client.post(url(draft, step), {"seen": draft.version}).status_code == 302


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
        ("ramme", {"term": "fixed"}),
        ("ramme", {"term": "fixed", "ends_on": "31.2.2028"}),
        ("ramme", {"meeting_form": "røgsignaler"}),
        ("temaer", {"exercises": ["hekseri"]}),
        ("maal", {"why_2": "Uden mål"}),
        ("maal", {"goal_1": "Et mål", "rank_1": 7}),
        ("maal", {"review_date": "i morgen"}),
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
    valid = FRAME | {"size_min": 3, "size_max": 9}

    response = client.post(url(draft, step), valid | bad | {"seen": draft.version})

    assert response.status_code == 200
    assert response.context["form"].errors
    assert Network.objects.values().get() == before


def test_hr_cannot_be_chosen_as_sponsor(client, hr, draft):
    client.force_login(hr)

    response = client.post(url(draft, "forankring"), {"sponsor": hr.pk, "seen": draft.version})

    assert "sponsor" in response.context["form"].errors


def test_the_second_of_two_who_save_is_told_and_loses_nothing(client, hr, draft):
    client.force_login(hr)
    opened = draft.version
    client.post(url(draft, "styring"), {"governance": "Den førstes tekst", "support": "Tid", "seen": opened})

    late = {"governance": "Den andens tekst", "support": "Tid", "seen": opened}
    response = client.post(url(draft, "styring"), late)

    shown = response.content.decode()
    assert "En anden har gemt ændringer" in shown
    assert "Den førstes tekst" in shown
    assert "Den andens tekst" in shown
    draft.refresh_from_db()
    assert draft.governance == "Den førstes tekst"
    assert [label for label, _text in response.context["differences"]] == ["Styring"]

    client.post(url(draft, "styring"), late | {"seen": response.context["form"]["seen"].value()})
    draft.refresh_from_db()
    assert draft.governance == "Den andens tekst"


@pytest.mark.parametrize(
    ("step", "answer"),
    [
        ("kurs", {"name": "Nyt navn", "gains": ["policy_basis"]}),
        ("ramme", FRAME | {"reach": "local", "size_min": 4, "size_max": 5, "term": "fixed", "ends_on": "1.5.2029"}),
        ("temaer", {"exercises": ["check-ud"]}),
        ("maal", {"goal_1": "Mit mål", "review_date": "1.5.2028"}),
        ("deltagere", {"fields": [], "participation_terms": "Andre"}),
        ("forankring", {}),
    ],
)
def test_every_step_shows_both_texts(client, hr, draft, step, answer):
    client.force_login(hr)

    response = client.post(url(draft, step), answer | {"seen": draft.version + 5})

    assert response.status_code == 409
    assert response.context["differences"]
    assert draft.name in response.content.decode()


def test_saving_one_step_leaves_the_others_alone(client, hr, draft):
    client.force_login(hr)

    client.post(url(draft, "temaer"), {"themes": "Nyt tema", "seen": draft.version})

    draft.refresh_from_db()
    assert (draft.themes, draft.purpose) == ("Nyt tema", "At lederne bliver klogere på den svære samtale.")
    assert AuditEvent.objects.filter(verb="edit_basis", network_id=draft.pk).count() == 1


@pytest.mark.parametrize("state", [state for state in Network.State if state not in Network.STATES_EDITABLE])
def test_a_basis_is_not_edited_once_it_is_sent(client, hr, draft, state):
    draft.state = state
    draft.save()
    client.force_login(hr)

    response = client.post(url(draft, "temaer"), {"themes": "Sniget ind", "seen": draft.version})

    assert response.status_code == 302
    draft.refresh_from_db()
    assert "Sniget ind" not in draft.themes


def test_an_unknown_step_is_not_found(client, hr, draft):
    client.force_login(hr)

    assert client.get(url(draft, "ukendt")).status_code == 404


@pytest.mark.parametrize("who", ["sponsor", "board", "stranger"])
def test_the_steps_are_for_hr(client, draft, who, request):
    client.force_login(request.getfixturevalue(who))

    assert client.post(url(draft, "temaer"), {"seen": draft.version}).status_code in (403, 404)


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
    draft.governance, draft.activities, draft.themes = "", "", ""

    lines = steps.guide(draft, [lack for _step, lack in steps.lacks_by_step(draft, NOW)])

    assert [line.step.slug for line in lines if not line.is_done] == ["temaer", "styring"]


# --- Type: questions that lead to a suggestion -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answers", "suggested", "reasons", "against"),
    [
        ({"udfordring": "faglig", "tid": "faglig", "niveau": "tvaerfaglig"}, "faglig", 2, 1),
        ({"udfordring": "tvaerfaglig"}, "tvaerfaglig", 1, 0),
        ({"udfordring": "tvaerfaglig", "tid": "faglig"}, "", 1, 1),
    ],
)
def test_answers_lead_to_a_suggestion_with_its_reasons(answers, suggested, reasons, against):
    found = types.suggest(answers)

    assert (found.type, len(found.reasons), len(found.against)) == (suggested, reasons, against)


@pytest.mark.parametrize("answers", [{}, {"ukendt": "faglig"}, {"tid": "andet"}])
def test_no_answers_give_no_suggestion(answers):
    assert types.suggest(answers) is None


def test_the_suggestion_fills_in_an_open_choice_and_leaves_a_made_one(client, hr, draft):
    client.force_login(hr)

    made = client.get(url(draft, "type"), {"tid": "tvaerfaglig"})
    assert made.context["form"]["type"].value() == "faglig"
    assert "Forslag: Tværfagligt netværk" in made.content.decode()

    Network.objects.update(type="", type_reason="")
    opened = client.get(url(draft, "type"), {"tid": "tvaerfaglig", "niveau": "tvaerfaglig"})
    assert opened.context["form"]["type"].value() == "tvaerfaglig"
    assert "Der er tid til at lære hinanden at kende." in opened.context["form"]["type_reason"].value()
    draft.refresh_from_db()
    assert draft.type == ""


def test_a_tie_says_so(client, hr, draft):
    client.force_login(hr)

    shown = client.get(url(draft, "type"), {"tid": "tvaerfaglig", "niveau": "faglig"}).content.decode()

    assert "peger lige meget begge veje" in shown


# --- Frame and exercises ---------------------------------------------------------------------------------------------


def test_an_ongoing_network_has_no_end(client, hr, draft):
    client.force_login(hr)
    answer = FRAME | {"size_min": 3, "size_max": 9, "ends_on": "1.5.2029", "seen": draft.version}

    assert client.post(url(draft, "ramme"), answer).status_code == 302

    draft.refresh_from_db()
    assert draft.ends_on is None


def test_every_size_says_what_it_gives(client, hr, draft):
    client.force_login(hr)

    shown = client.get(url(draft, "ramme")).content.decode()

    assert all(str(guide.confidentiality) in shown for guide in types.SIZES)


def test_the_exercises_are_for_everyone_signed_in(client, stranger):
    assert client.get(reverse("networks:exercises")).status_code == 302
    client.force_login(stranger)

    shown = client.get(reverse("networks:exercises")).content.decode()

    assert all(f'id="{exercise.slug}"' in shown for exercise in exercises.EXERCISES)
    assert client.post(reverse("networks:exercises")).status_code == 405


def test_exercises_are_whole_and_have_each_their_name():
    assert len(exercises.BY_SLUG) == len(exercises.EXERCISES) >= 9
    assert all(exercise.purpose and exercise.time and exercise.roles for exercise in exercises.EXERCISES)
    assert all(len(exercise.steps) >= 3 for exercise in exercises.EXERCISES)


def test_the_step_suggests_what_meets_the_types_pitfall(client, hr, draft):
    client.force_login(hr)

    assert "Besøg udefra, Kom ud af komfortzonen" in client.get(url(draft, "temaer")).content.decode()


def test_an_exercise_no_longer_in_the_catalogue_is_passed_over():
    assert [exercise.slug for exercise in exercises.chosen(["check-ud", "udgaaet"])] == ["check-ud"]


# --- Målhierarki -----------------------------------------------------------------------------------------------------


def test_goals_are_ranked_by_the_place_they_are_given(client, hr, draft):
    client.force_login(hr)
    first = {"goal_1": "Et", "rank_1": 2, "goal_2": "To", "rank_2": 1, "goal_4": "Tre", "rank_4": 4}
    client.post(url(draft, "maal"), first | {"review_date": "1.3.2028", "seen": draft.version})

    assert list(draft.goal_hierarchy.values_list("rank", "goal")) == [(1, "To"), (2, "Et"), (3, "Tre")]
    draft.refresh_from_db()
    assert draft.review_date == date(2028, 3, 1)


def test_a_goal_that_stands_keeps_its_row_and_an_emptied_one_goes(client, hr, draft):
    kept = draft.goal_hierarchy.get()
    draft.goal_hierarchy.create(rank=2, goal="Går")
    client.force_login(hr)

    client.post(url(draft, "maal"), {"goal_1": "Bliver, rettet", "goal_2": "", "seen": draft.version})

    assert list(draft.goal_hierarchy.values_list("pk", "goal")) == [(kept.pk, "Bliver, rettet")]


def test_the_basis_shows_goals_exercises_and_frame(client, hr, draft):
    draft.goal_hierarchy.create(rank=1, goal="Færre snitflader", why="Borgeren mærker dem")
    draft.exercises, draft.guests = ["check-ud"], "Ingen gæster"
    draft.save()
    client.force_login(hr)

    shown = client.get(reverse("networks:basis", args=[draft.slug])).content.decode()

    assert all(text in shown for text in ("Færre snitflader", "Borgeren mærker dem", "Check-ud", "Ingen gæster"))


def test_tags_are_kept_shown_and_found(client, hr, draft):
    client.force_login(hr)
    frame = {"reach": "broad", "access": "open", "participation": "voluntary", "size_min": 4, "size_max": 9}

    client.post(url(draft, "ramme"), frame | {"tags": "natarbejde, nye ledere", "seen": draft.version})

    assert "natarbejde, nye ledere" in client.get(reverse("networks:basis", args=[draft.slug])).content.decode()
    assert list(Network.objects.matching("NATARBEJDE")) == [draft]


# --- Copy ------------------------------------------------------------------------------------------------------------


def test_a_copy_takes_the_frame_and_leaves_dates_people_and_decisions(client, hr, sponsor):
    source = create_network(
        name="Den gamle",
        sponsor=sponsor,
        term="fixed",
        ends_on=date(2027, 6, 1),
        exercises=["check-ud"],
        guests="Få",
        goals=[("Målet", "Fordi", "")],
    )
    client.force_login(hr)
    new = reverse("networks:new")
    assert f'<option value="{source.slug}">' in client.get(new).content.decode()

    shown = client.get(new, {"fra": source.slug})
    assert shown.context["form"]["purpose"].value() == source.purpose
    answer = {"name": "Den nye", "purpose": "Nyt formål", "direction": source.direction_id}
    client.post(f"{new}?fra={source.slug}", answer)

    copy = Network.objects.get(name="Den nye")
    assert all(getattr(copy, name) == getattr(source, name) for name in steps.COPIED)
    assert (copy.purpose, copy.state, copy.hr_contact, copy.term, copy.ends_on) == (
        "Nyt formål",
        Network.State.DRAFT,
        hr,
        "ongoing",
        None,
    )
    assert set(copy.fields.all()) == set(source.fields.all())
    assert list(copy.goal_hierarchy.values_list("goal", "why")) == [("Målet", "Fordi")]
    assert not copy.memberships.exists()
    assert AuditEvent.objects.filter(verb="copy_network", network_id=copy.pk).count() == 1


def test_a_copy_leaves_a_kurs_that_has_run_out(client, hr):
    source = create_network(direction=create_direction(valid_to=date(2026, 2, 1)))
    client.force_login(hr)

    assert client.get(reverse("networks:new"), {"fra": source.slug}).context["form"]["direction"].value() is None


def test_a_copy_of_nothing_is_not_found(client, hr, stranger):
    client.force_login(hr)
    assert client.get(reverse("networks:new"), {"fra": "findes-ikke"}).status_code == 404
    client.force_login(stranger)
    assert client.get(reverse("networks:new"), {"fra": create_network().slug}).status_code == 403
