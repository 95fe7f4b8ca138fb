"""Each page, for each kind of person: works, signed out, stranger, weaker role, wrong method, bad input."""

from datetime import timedelta

import pytest
from django.urls import reverse

from members.tests import factories as members
from networks.models import Application, Network, StrategicDirection
from networks.tests.factories import (
    NOW,
    create_application,
    create_decision,
    create_direction,
    create_membership,
    create_network,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(hr, board, sponsor, stranger):
    """One network in closed company, with everyone who may have a part in it; `stranger` has none."""
    network = create_network(access="closed", sponsor=sponsor, hr_contact=hr, name="Ledere på tværs")
    return {
        "network": network,
        "member": create_membership(network=network).user,
        "coordinator": create_membership(network=network, is_coordinator=True).user,
        "hr": hr,
        "board": board,
        "political": members.create_political(),
        "sponsor": sponsor,
        "stranger": stranger,
        "system": members.create_system_admin(),
    }


def status(client, person, url, method="get"):
    client.force_login(person)
    return getattr(client, method)(url).status_code


WHO_SEES = {
    # route: those who get 200, those who get 403; all others are strangers and get 404
    "network": ({"member", "coordinator", "hr", "board", "political", "sponsor"}, set()),
    "basis": ({"member", "coordinator", "hr", "board", "political", "sponsor"}, set()),
    "members": ({"member", "coordinator", "hr", "board", "political", "sponsor"}, set()),
    "leave": ({"member", "coordinator"}, set()),
    "candidates": ({"hr"}, {"member", "coordinator", "board", "political", "sponsor"}),
    "open_enrolment": ({"hr"}, {"member", "coordinator", "board", "political", "sponsor"}),
    "activate": ({"hr"}, {"member", "coordinator", "board", "political", "sponsor"}),
    "pause": ({"hr"}, {"member", "coordinator", "board", "political", "sponsor"}),
    "resume": ({"hr"}, {"member", "coordinator", "board", "political", "sponsor"}),
    "close_enrolment": ({"hr"}, {"member", "coordinator", "board", "political", "sponsor"}),
    "change_capacity": ({"hr"}, {"member", "coordinator", "board", "political", "sponsor"}),
    "take_leave": ({"member", "coordinator"}, set()),
    "end_leave": ({"member", "coordinator"}, set()),
    "close": ({"hr"}, {"member", "coordinator", "board", "political", "sponsor"}),
    "submit": ({"hr"}, {"member", "coordinator", "board", "political", "sponsor"}),
    "approve": ({"sponsor"}, {"member", "coordinator", "board", "political", "hr"}),
    "return_for_changes": ({"sponsor"}, {"member", "coordinator", "board", "political", "hr"}),
    "reject": ({"sponsor"}, {"member", "coordinator", "board", "political", "hr"}),
}


@pytest.mark.parametrize("route", WHO_SEES)
def test_network_pages_open_for_those_they_are_for(client, people, route):
    works, weaker = WHO_SEES[route]
    url = reverse(f"networks:{route}", args=[people["network"].slug])

    for name, person in people.items():
        if name != "network":
            expected = 200 if name in works else 403 if name in weaker else 404
            assert (name, status(client, person, url)) == (name, expected)


@pytest.mark.parametrize("route", [*WHO_SEES, "apply", "accept_invitation"])
def test_network_pages_send_the_signed_out_to_sign_in(client, people, route):
    url = reverse(f"networks:{route}", args=[people["network"].slug])

    response = client.get(url)

    assert (response.status_code, response.url) == (302, f"{reverse('account_login')}?next={url}")


@pytest.mark.parametrize("route", ["catalogue", "new", "directions", "new_direction", "approvals"])
def test_other_pages_send_the_signed_out_to_sign_in(client, route):
    assert client.get(reverse(f"networks:{route}")).status_code == 302


@pytest.mark.parametrize("route", ["network", "basis", "members", "candidates"])
def test_reading_pages_take_no_post_from_members(client, people, route):
    url = reverse(f"networks:{route}", args=[people["network"].slug])

    assert status(client, people["member"], url, "post") in (403, 405)


@pytest.mark.parametrize(
    ("route", "works"),
    [
        ("new", {"hr"}),
        ("new_direction", {"hr", "board"}),
        ("approvals", {"board", "sponsor"}),
        ("directions", {"member", "hr", "board", "political", "sponsor", "stranger", "system"}),
        ("catalogue", {"member", "hr", "board", "political", "sponsor", "stranger", "system"}),
    ],
)
def test_house_pages_open_for_those_they_are_for(client, people, route, works):
    for name in ("member", "hr", "board", "political", "sponsor", "stranger", "system"):
        expected = 200 if name in works else 403
        assert (name, status(client, people[name], reverse(f"networks:{route}"))) == (name, expected)


def test_a_draft_is_unknown_to_all_but_hr_and_its_sponsor(client, people):
    draft = create_network(state="draft", sponsor=people["sponsor"])

    for name in ("hr", "sponsor"):
        assert status(client, people[name], draft.get_absolute_url()) == 200
    for name in ("member", "board", "political", "stranger"):
        assert status(client, people[name], draft.get_absolute_url()) == 404


def test_the_board_may_read_what_awaits_a_sponsor(client, people):
    submitted = create_network(state="submitted")

    assert status(client, people["board"], reverse("networks:basis", args=[submitted.slug])) == 200
    assert status(client, people["political"], reverse("networks:basis", args=[submitted.slug])) == 404


def test_other_leaders_see_an_open_network_but_not_its_inside(client, people):
    network = create_network(state="enrolling")

    assert status(client, people["stranger"], network.get_absolute_url()) == 200
    for route in ("basis", "members"):
        assert status(client, people["stranger"], reverse(f"networks:{route}", args=[network.slug])) == 403


# --- Overview --------------------------------------------------------------------------------------------------------


def page(client, person, url) -> str:
    client.force_login(person)
    response = client.get(url)
    assert response.status_code == 200
    return response.content.decode()


def test_overview_offers_sign_up_to_a_leader(client, network, leader):
    assert "Tilmeld dig" in page(client, leader.user, network.get_absolute_url())


def test_overview_offers_the_waiting_list_when_full(client, network, leader):
    for _ in range(network.size_max):
        create_membership(network=network)

    shown = page(client, leader.user, network.get_absolute_url())

    assert "Skriv dig på venteliste" in shown
    assert "Alle pladser er optaget" in shown


def test_overview_offers_nothing_to_one_without_a_post(client, network, board):
    assert "Tilmeld dig" not in page(client, board, network.get_absolute_url())


def test_overview_names_no_member_to_visitors(client, network, leader, people):
    inside = members.create_leader(first_name="Agnete", last_name="Hemmelig")
    create_membership(network=network, leader=inside, is_coordinator=True)

    for person in (leader.user, people["board"], people["political"]):
        assert "Hemmelig" not in page(client, person, network.get_absolute_url())
    assert "Hemmelig" in page(client, inside.user, network.get_absolute_url())


def test_overview_tells_a_member_what_is_missing_before_meetings(client):
    network = create_network(direction=create_direction(valid_to=NOW.date() - timedelta(days=300)))
    member = create_membership(network=network).user

    shown = page(client, member, network.get_absolute_url())

    assert "Det mangler, før I kan indkalde til møder" in shown
    assert "Netværkets kurs er udløbet." in shown


def test_start_is_offered_when_nothing_is_missing(client, network, hr):
    shown = page(client, hr, network.get_absolute_url())
    assert "Det mangler, før netværket kan starte" in shown
    assert "Start netværk" not in shown

    create_membership(network=network, is_coordinator=True)
    create_membership(network=network)
    create_membership(network=network)
    assert "Start netværk" in page(client, hr, network.get_absolute_url())


# --- Members ---------------------------------------------------------------------------------------------------------


def test_members_are_named_to_members_hr_and_sponsor_and_counted_for_the_rest(client, people):
    shown = {
        name: "Hemmelig" in page(client, people[name], reverse("networks:members", args=[people["network"].slug]))
        for name in ("member", "coordinator", "hr", "sponsor", "board", "political")
        if create_named_member(people)
    }

    assert shown == {
        "member": True,
        "coordinator": True,
        "hr": True,
        "sponsor": True,
        "board": False,
        "political": False,
    }


def create_named_member(people):
    leader = members.create_leader(first_name="Agnete", last_name="Hemmelig")
    return create_membership(network=people["network"], leader=leader)


def test_a_politician_sees_no_names_even_where_the_list_is_shown(client, people):
    people["network"].shows_member_list = True
    people["network"].save()
    create_named_member(people)

    url = reverse("networks:members", args=[people["network"].slug])
    assert "Hemmelig" not in page(client, people["political"], url)


def test_small_groups_are_not_counted_out_for_the_board(client, people):
    area = members.create_unit(name="Børn og Unge")
    for _ in range(6):
        create_membership(network=people["network"], leader=members.create_leader(unit=area))

    shown = page(client, people["board"], reverse("networks:members", args=[people["network"].slug]))

    assert '<th scope="row">Børn og Unge</th><td class="number">6</td>' in shown
    assert shown.count("færre end 5") == 2  # the two areas of the first two members


def test_applications_are_for_hr_and_the_coordinator(client, people):
    leader = members.create_leader(first_name="Karl", last_name="Venter")
    create_application(network=people["network"], leader=leader)
    url = reverse("networks:members", args=[people["network"].slug])

    seen = {name: "Venter" in page(client, people[name], url) for name in ("member", "coordinator", "hr", "sponsor")}

    assert seen == {"member": False, "coordinator": True, "hr": True, "sponsor": False}


def test_hr_is_told_of_a_manager_and_their_own_leader_at_any_distance(client, network, hr):
    top = members.create_leader(first_name="Tove", last_name="Top")
    middle = members.create_leader(line_manager=top)
    low = members.create_leader(line_manager=middle)
    create_membership(network=network, leader=top)
    create_application(network=network, leader=low)

    shown = page(client, hr, reverse("networks:members", args=[network.slug]))

    assert "Har Tove Top, som er med, som chef." in shown


# --- Acts through the browser ----------------------------------------------------------------------------------------


def test_a_leader_signs_up_and_withdraws(client, network, leader):
    client.force_login(leader.user)

    client.post(reverse("networks:apply", args=[network.slug]), {"accepts_terms": "on"})
    application = network.applications.get()
    assert application.state == Application.State.PENDING
    assert "HR svarer dig på mail" in client.get(network.get_absolute_url()).content.decode()

    client.post(reverse("networks:withdraw", args=[application.pk]))
    application.refresh_from_db()
    assert application.state == Application.State.WITHDRAWN


def test_signing_up_without_the_terms_says_what_to_do(client, network, leader):
    client.force_login(leader.user)

    response = client.post(reverse("networks:apply", args=[network.slug]), {})

    assert response.status_code == 200
    assert "Sæt flueben, hvis du går med til deltagerforholdene." in response.content.decode()
    assert not network.applications.exists()


def test_a_get_changes_nothing(client, people, hr):
    network = people["network"]
    client.force_login(hr)

    for route in ("pause", "close"):
        client.get(reverse(f"networks:{route}", args=[network.slug]))

    network.refresh_from_db()
    assert network.state == Network.State.ACTIVE


def test_decisions_on_applications_take_post_alone(client, network, hr):
    application = create_application(network=network)
    client.force_login(hr)

    for route in ("approve_application", "put_on_waiting_list"):
        assert client.get(reverse(f"networks:{route}", args=[application.pk])).status_code == 405


@pytest.mark.parametrize("route", ["approve_application", "reject_application", "put_on_waiting_list"])
def test_an_application_is_unknown_to_all_but_hr(client, network, route, stranger, board):
    application = create_application(network=network)

    for person in (stranger, board, application.leader.user):
        assert status(client, person, reverse(f"networks:{route}", args=[application.pk]), "post") == 404


def test_ones_own_application_is_unknown_to_others(client, network, stranger, hr):
    application = create_application(network=network)

    for person in (stranger, hr):
        for route in ("application", "withdraw"):
            assert status(client, person, reverse(f"networks:{route}", args=[application.pk])) == 404


def test_a_rejected_leader_reads_why_and_what_else_fits(client, network, leader, hr):
    application = create_application(network=network, leader=leader, state="rejected", reason="Andet niveau.")
    other = create_network(state="enrolling", name="Et der passer")

    shown = page(client, leader.user, reverse("networks:application", args=[application.pk]))

    assert "Andet niveau." in shown
    assert other.name in shown


def test_hr_approves_a_full_network_and_is_told(client, network, hr):
    application = create_application(network=network)
    for _ in range(network.size_max):
        create_membership(network=network)
    client.force_login(hr)

    response = client.post(reverse("networks:approve_application", args=[application.pk]), follow=True)

    assert "Alle pladser i netværket er optaget." in response.content.decode()


def test_hr_invites_and_enrols_those_chosen(client, network, hr, leader):
    other = members.create_leader()
    client.force_login(hr)
    url = reverse("networks:candidates", args=[network.slug])

    client.post(url, {"leader": [leader.pk]})
    client.post(url, {"leader": [other.pk], "enrol": "1"})

    assert list(network.applications.values_list("leader", "state").order_by("pk")) == [
        (leader.pk, "invited"),
        (other.pk, "approved"),
    ]


@pytest.mark.parametrize("chosen", [[], ["x"], ["99999999999999999999"], ["-1"]])
def test_inviting_nobody_says_so(client, network, hr, chosen):
    client.force_login(hr)

    response = client.post(reverse("networks:candidates", args=[network.slug]), {"leader": chosen}, follow=True)

    assert "Vælg mindst én leder." in response.content.decode()


def test_an_invited_leader_sees_a_closed_network_and_says_yes(client, leader, hr):
    network = create_network(state="enrolling", access="closed")
    assert status(client, leader.user, network.get_absolute_url()) == 404
    create_application(network=network, leader=leader, state="invited")

    assert "Du er inviteret" in page(client, leader.user, network.get_absolute_url())
    client.post(reverse("networks:accept_invitation", args=[network.slug]), {"accepts_terms": "on"})

    assert network.memberships.inside().get().leader == leader


def test_the_sponsor_decides_in_the_browser(client, sponsor):
    network = create_network(state="submitted", sponsor=sponsor)
    client.force_login(sponsor)

    refusal = client.post(reverse("networks:reject", args=[network.slug]), {"reason": ""})
    assert refusal.status_code == 200
    client.post(reverse("networks:approve", args=[network.slug]))

    network.refresh_from_db()
    assert network.state == Network.State.APPROVED


def test_approvals_show_the_sponsor_their_own_and_the_board_all(client, sponsor, board):
    mine = create_network(state="submitted", sponsor=sponsor, name="Mit eget")
    other = create_network(state="submitted", name="En andens")
    direction = create_direction(state="submitted", title="Kursen i høj sø")
    for network in (mine, other):
        create_decision(network=network)

    shown = page(client, sponsor, reverse("networks:approvals"))
    assert ("Mit eget" in shown, "En andens" in shown, direction.title in shown) == (True, False, False)
    shown = page(client, board, reverse("networks:approvals"))
    assert ("Mit eget" in shown, "En andens" in shown, direction.title in shown) == (True, True, True)


def test_text_with_a_cpr_number_is_refused(client, sponsor):
    network = create_network(state="submitted", sponsor=sponsor)
    client.force_login(sponsor)

    response = client.post(reverse("networks:reject", args=[network.slug]), {"reason": "Se 010190-1234"})

    assert "cpr-nummer" in response.content.decode()
    network.refresh_from_db()
    assert network.state == Network.State.SUBMITTED


# --- Kurs ------------------------------------------------------------------------------------------------------------

DIRECTION = {
    "title": "Trivsel tæt på",
    "solutions": "Færre overgange.",
    "development": "Ledere, der spørger.",
    "gains": ["shared_focus", "policy_basis"],
    "valid_from": "1.1.2027",
    "valid_to": "31.12.2028",
    "review_date": "1.9.2028",
}


def test_kurs_from_draft_to_current_in_the_browser(client, hr, board):
    client.force_login(hr)
    client.post(reverse("networks:new_direction"), DIRECTION | {"owner": board.pk})
    direction = StrategicDirection.objects.get(title=DIRECTION["title"])
    client.post(reverse("networks:submit_direction", args=[direction.pk]))

    client.force_login(board)
    for kind in ("political", "administrative"):
        client.post(
            reverse("networks:approve_direction", args=[direction.pk, kind]),
            {"approver": "Byrådet", "approved_on": "5.1.2026"},
        )

    direction.refresh_from_db()
    assert direction.state == StrategicDirection.State.CURRENT
    assert direction.gains == ["shared_focus", "policy_basis"]


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ({"valid_to": "31.12.2026"}, "slutte efter"),
        ({"review_date": "1.1.2030"}, "i den periode"),
        ({"gains": ["flere penge"]}, "Vælg en af mulighederne."),
        ({"valid_from": "30.2.2027"}, "Gælder fra"),
        ({"title": " "}, "Titel"),
    ],
)
def test_a_kurs_with_bad_input_is_not_kept(client, hr, board, bad, said):
    client.force_login(hr)

    response = client.post(reverse("networks:new_direction"), DIRECTION | {"owner": board.pk} | bad)

    assert response.status_code == 200
    assert said in response.content.decode()
    assert not StrategicDirection.objects.exists()


def test_a_kurs_is_for_everyone_once_in_force_and_a_draft_is_not(client, stranger, hr):
    current, draft = create_direction(), create_direction(state="draft")

    assert status(client, stranger, current.get_absolute_url()) == 200
    assert status(client, stranger, draft.get_absolute_url()) == 404
    assert status(client, stranger, reverse("networks:edit_direction", args=[current.pk])) == 403
    assert status(client, hr, reverse("networks:approve_direction", args=[draft.pk, "political"])) == 403


def test_approving_in_an_unknown_way_is_not_found(client, board):
    direction = create_direction(state="submitted")

    assert status(client, board, reverse("networks:approve_direction", args=[direction.pk, "royal"])) == 404


# --- Same number of queries however long the list --------------------------------------------------------------------


def queries(client, url, django_assert_max_num_queries) -> int:
    client.get(url)  # the first time notes who was shown
    with django_assert_max_num_queries(60) as captured:
        assert client.get(url).status_code == 200
    return len(captured)


def fill_catalogue(number, leader):
    for place in range(number):
        network = create_network(
            state="enrolling", fields=[members.create_field(), members.create_field(name="Skole")], hr_contact=leader
        )
        create_membership(network=network)
        if place % 2:
            create_application(network=network, state="invited")


@pytest.mark.parametrize("who", ["hr", "stranger", "board"])
def test_catalogue_queries_are_flat(client, who, request, hr, django_assert_max_num_queries):
    client.force_login(request.getfixturevalue(who))
    counts = []
    for more in (1, 2, 47):
        fill_catalogue(more, hr)
        counts.append(queries(client, reverse("networks:catalogue"), django_assert_max_num_queries))

    assert len(set(counts)) == 1, counts


@pytest.mark.parametrize("who", ["hr", "sponsor", "board"])
def test_members_queries_are_flat(client, network, who, request, django_assert_max_num_queries):
    client.force_login(request.getfixturevalue(who))
    Network.objects.filter(pk=network.pk).update(size_max=60)
    counts = []
    for more in (1, 2, 47):
        for _ in range(more):
            create_membership(network=network)
            create_application(network=network, leader=members.create_leader(line_manager=members.create_leader()))
        url = reverse("networks:members", args=[network.slug])
        counts.append(queries(client, url, django_assert_max_num_queries))

    assert len(set(counts)) == 1, counts


def test_a_local_network_is_offered_the_leaders_of_its_own_unit(client, hr):
    here = members.create_unit(name="Her")
    below = members.create_unit(name="Under", parent=here)
    near = members.create_leader(first_name="Nær", unit=below)
    members.create_leader(first_name="Fjern", unit=members.create_unit(name="Andre"))
    network = create_network(state="enrolling", hr_contact=hr, reach="local", unit=here)
    client.force_login(hr)
    path = reverse("networks:candidates", args=[network.slug])

    assert client.get(path).context["candidates"] == [near]
    assert len(client.get(path, {"alle": "1"}).context["candidates"]) > 1


def test_candidates_queries_are_flat(client, network, hr, django_assert_max_num_queries):
    client.force_login(hr)
    counts = []
    for more in (1, 2, 47):
        for _ in range(more):
            members.create_leader()
        url = reverse("networks:candidates", args=[network.slug])
        counts.append(queries(client, url, django_assert_max_num_queries))

    assert len(set(counts)) == 1, counts


def test_approvals_and_kurs_queries_are_flat(client, board, django_assert_max_num_queries):
    client.force_login(board)
    counts = []
    for more in (1, 2, 47):
        for _ in range(more):
            create_decision(network=create_network(state="submitted", sponsor=board))
            create_decision(network=create_network(state="submitted"))
            create_decision(network=create_network(), verdict="approved", decided_by=board)
            create_direction(state="submitted")
        counts.append(
            (
                queries(client, reverse("networks:approvals"), django_assert_max_num_queries),
                queries(client, reverse("networks:directions"), django_assert_max_num_queries),
            )
        )

    assert len(set(counts)) == 1, counts


def test_overview_and_basis_queries_are_flat(client, network, hr, django_assert_max_num_queries):
    client.force_login(hr)
    counts = []
    for more in (1, 2, 47):
        for _ in range(more):
            create_membership(network=network, is_coordinator=True)
            create_decision(network=network, decided_by=members.create_user())
        counts.append(
            (
                queries(client, network.get_absolute_url(), django_assert_max_num_queries),
                queries(client, reverse("networks:basis", args=[network.slug]), django_assert_max_num_queries),
            )
        )

    assert set(counts) == {(16, 10)}
