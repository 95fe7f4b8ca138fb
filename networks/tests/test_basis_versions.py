"""What the basis said each time something was settled is kept, and can be compared."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from members.danish import today
from members.models import AuditEvent
from members.tests import factories as members
from networks import approval, basis_versions, directions, lifecycle, review
from networks.models import BasisVersion, Network
from networks.refusal import Refused
from networks.tests.factories import NOW, TODAY, create_direction, create_membership, create_network

LATER = NOW + timedelta(days=1)
CHANGED = BasisVersion.Occasion.CHANGED


@pytest.fixture
def draft(hr, sponsor):
    return create_network(name="Kladden", state="draft", sponsor=sponsor, hr_contact=hr)


def page(network, number=1) -> str:
    return reverse("networks:basis_version", args=[network.slug, number])


def kept(network) -> list:
    return list(network.basis_versions.order_by("number").values_list("number", "occasion", "kept_by"))


def test_submission_and_approval_keep_purpose_and_goals(draft, hr, sponsor):
    approval.submit(draft, actor=hr, now=NOW)
    approval.approve(draft, actor=sponsor, now=LATER)

    assert kept(draft) == [(1, "submitted", hr.pk), (2, "approved", sponsor.pk)]
    texts = draft.basis_versions.get(number=1).texts
    assert texts["purpose"] == draft.purpose
    assert texts["goals"] == "1. Bedre samtaler – Medarbejderne mærker dem – Vi øver os på hvert møde"


def test_a_return_keeps_nothing_new_and_the_next_submission_shows_what_changed(client, draft, hr, sponsor):
    approval.submit(draft, actor=hr, now=NOW)
    approval.return_for_changes(draft, reason="Uklart", actor=sponsor, now=NOW)
    Network.objects.update(purpose="At lederne bliver modigere på den svære samtale.")
    draft.goal_hierarchy.update(goal="Ærlige samtaler")
    approval.submit(draft, actor=hr, now=LATER)

    assert [number for number, *_ in kept(draft)] == [1, 2]
    client.force_login(sponsor)
    basis = client.get(reverse("networks:basis", args=[draft.slug])).content.decode()
    assert "Se, hvad der er ændret siden sidst" in basis
    assert page(draft, 2) in basis
    shown = client.get(page(draft, 2))
    assert [part.label for part in shown.context["parts"] if part.lines] == ["Formål", "Målhierarki"]
    assert "<del>klogere</del>" in shown.content.decode()


def test_nothing_is_kept_when_the_act_is_refused(draft, sponsor):
    with pytest.raises(PermissionDenied):
        approval.submit(draft, actor=sponsor, now=NOW)
    assert not BasisVersion.objects.exists()


def test_a_change_after_approval_is_kept_once(hr, network):
    for size in (12, 14, 14):
        lifecycle.change_capacity(network, size_min=3, size_max=size, actor=hr, now=NOW)

    assert kept(network) == [(1, "changed", hr.pk), (2, "changed", hr.pk)]
    first, second = network.basis_versions.order_by("number")
    assert [part.label for part in basis_versions.parts(second, first) if part.lines] == ["Størrelse"]


def test_a_new_kurs_is_kept(hr, network):
    directions.renew_direction(network, direction=create_direction(title="Ny kurs"), actor=hr, now=NOW)

    assert network.basis_versions.get().texts["direction"] == "Ny kurs"


def test_the_sponsor_is_not_named_in_what_is_kept(draft, hr):
    version = basis_versions.keep(draft, CHANGED, actor=hr, now=NOW)

    assert str(draft.sponsor) not in str(version.texts)


def test_a_version_is_compared_with_the_one_before_unless_asked(client, draft, hr):
    for purpose in ("Første", "Andet", "Tredje"):
        Network.objects.update(purpose=purpose)
        basis_versions.keep(Network.objects.get(), CHANGED, actor=hr, now=NOW)
    client.force_login(hr)

    def since(query):
        return client.get(page(draft, 3) + query).context["since"].number

    assert [since(query) for query in ("", "?siden=1", "?siden=3", "?siden=x", "?siden=99")] == [2, 1, 2, 2, 2]
    first = client.get(page(draft, 1))
    assert first.context["since"] is None
    assert "Det er den første version." in first.content.decode()
    assert client.get(page(draft, 4)).status_code == 404
    assert client.post(page(draft, 3)).status_code == 405


def test_approval_without_a_change_says_so(client, draft, hr, sponsor):
    approval.submit(draft, actor=hr, now=NOW)
    approval.approve(draft, actor=sponsor, now=LATER)
    client.force_login(sponsor)

    assert "Intet er ændret siden version 1." in client.get(page(draft, 2)).content.decode()


def test_versions_are_for_those_the_basis_is_for(client, hr, sponsor, board, stranger, network):
    basis_versions.keep(network, CHANGED, actor=hr, now=NOW)
    member = create_membership(network=network).leader.user
    readers = {hr: 200, sponsor: 200, board: 200, member: 200, stranger: 403}

    for user, status in readers.items():
        client.force_login(user)
        assert client.get(page(network)).status_code == status
        assert client.get(reverse("networks:basis", args=[network.slug])).status_code == status


def test_a_drafts_versions_are_not_known_to_a_stranger(client, draft, hr, stranger):
    basis_versions.keep(draft, CHANGED, actor=hr, now=NOW)
    client.force_login(stranger)

    assert client.get(page(draft)).status_code == 404


def test_queries_are_flat(client, hr, network, count_queries):
    client.force_login(hr)
    counts = []
    for number in (1, 3, 30):
        for _ in range(number - network.basis_versions.count()):
            Network.objects.filter(pk=network.pk).update(purpose=f"Formål {network.basis_versions.count()}")
            network.refresh_from_db()
            basis_versions.keep(network, CHANGED, actor=members.create_hr(), now=NOW)
        urls = [reverse("networks:basis", args=[network.slug]), page(network, number)]
        counts.append([count_queries(lambda url=url: client.get(url)) for url in urls])

    assert counts[0] == counts[1] == counts[2]


# --- Taken up again --------------------------------------------------------------------------------------------------


def test_taking_the_basis_up_again_sets_the_next_day_and_keeps_what_came_of_it(hr):
    network = create_network(hr_contact=hr, review_date=TODAY)

    review.take_up(network, review_date=TODAY + timedelta(days=365), note=" Passer stadig. ", actor=hr, now=NOW)

    network.refresh_from_db()
    assert network.review_date == TODAY + timedelta(days=365)
    version = network.basis_versions.get()
    assert (version.occasion, version.note, version.kept_at) == ("reviewed", "Passer stadig.", NOW)
    assert AuditEvent.objects.get().verb == "review_basis"


def test_the_next_day_is_ahead(hr, network):
    with pytest.raises(Refused, match="efter i dag"):
        review.take_up(network, review_date=TODAY, actor=hr, now=NOW)


@pytest.mark.parametrize("state", ["draft", "submitted", "rejected", "closed"])
def test_only_an_approved_basis_is_taken_up(hr, state):
    with pytest.raises(Refused, match="godkendt"):
        review.take_up(create_network(state=state), review_date=TODAY + timedelta(days=9), actor=hr, now=NOW)


def test_taking_up_is_for_hr(client, network, sponsor, stranger, hr):
    url = reverse("networks:review_basis", args=[network.slug])
    with pytest.raises(PermissionDenied):
        review.take_up(network, review_date=TODAY + timedelta(days=9), actor=sponsor, now=NOW)
    for user in (sponsor, stranger):
        client.force_login(user)
        assert client.post(url, {"review_date": "1.1.2099"}).status_code == 403
    assert not BasisVersion.objects.exists()


def test_hr_takes_the_basis_up_from_its_page(client, network, hr):
    url = reverse("networks:review_basis", args=[network.slug])
    day = today(timezone.now()) + timedelta(days=300)
    client.force_login(hr)
    assert url in client.get(reverse("networks:basis", args=[network.slug])).content.decode()
    assert "010190" in client.post(url, {"note": "Ring 010190-1234", "review_date": ""}).content.decode()
    too_early = client.post(url, {"note": "Mine ord", "review_date": "1.1.2020"}).content.decode()
    assert "Vælg en dag efter i dag." in too_early
    assert "Mine ord" in too_early

    shown = client.post(url, {"note": "Alt passer", "review_date": f"{day:%d.%m.%Y}"}, follow=True).content.decode()

    assert "Alt passer" in shown
    network.refresh_from_db()
    assert network.review_date == day
