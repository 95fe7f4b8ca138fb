"""What members wrote goes years after their network has ended, and nothing of any other network does."""

from datetime import timedelta

import pytest
from django.db.models.signals import post_delete
from django.urls import reverse
from django.utils import timezone

from members.models import Disposal, Role
from members.tests.factories import create_hr
from netvaerk import demo
from netvaerk.personal_data import retention
from netvaerk.tests.canaries import RULES, Flock, fields_to_plant
from netvaerk.tests.pages import text_of
from networks.models import CharterDraft, Network

# Theirs to delete, sent out of the room, or under a rule of its own.
STAYS = {
    "networks.PersonalGoals",
    "meetings.ReflectionNote",
    "networks.ManagementMessage",
    "networks.SupportRequest",
    "meetings.ThemeFeedback",
    "meetings.ThemeReply",
}
YEARS = timedelta(days=5 * 365 + 1)


@pytest.fixture
def ended(db):
    """A network that ended long ago, with something in every field of its room."""
    demo.build(now=timezone.now())
    Flock().plant()
    network = Network.objects.get(slug="ledere-paa-tvaers")
    Network.objects.filter(pk=network.pk).update(state=Network.State.CLOSED, closed_at=timezone.now() - YEARS)
    return network


def written() -> dict[Network, set[str]]:
    """In which models there is text of each network, or of a person alone."""
    found = {}
    for model, field, _is_encrypted in fields_to_plant():
        owner_of, _readers_of = RULES[model._meta.label]
        if model is CharterDraft:  # one's own, of what one's network was to agree on

            def owner_of(row):
                return row.membership.network

        for row in model.objects.all():
            if getattr(row, field):
                found.setdefault(owner_of(row), set()).add(model._meta.label)
    return found


def test_all_that_was_written_goes_and_nothing_of_others(client, ended):
    admin = create_hr(role=Role.HR_ADMIN)
    before = written()
    rule = retention.get("rooms")
    url = reverse("netvaerk:disposal", args=["rooms"])
    client.force_login(admin)

    page = client.get(url)
    client.post(url, {"expected": page.context["count"]})

    after = written()
    assert len(before[ended]) >= 15
    assert CharterDraft._meta.label in before[ended]
    assert after[ended] == before[ended] & STAYS
    assert {key: value for key, value in after.items() if key != ended} == {
        key: value for key, value in before.items() if key != ended
    }
    assert ended.name in text_of(page)
    assert rule.count(timezone.now()) == 0
    assert Disposal.objects.get().count == page.context["count"] > 50


@pytest.mark.parametrize(
    "fields",
    [
        {"state": Network.State.PAUSED},
        {"closed_at": timezone.now() - YEARS + timedelta(days=2)},
    ],
)
def test_what_has_not_ended_or_not_so_long_ago_stays(ended, fields):
    Network.objects.filter(pk=ended.pk).update(**fields)

    assert retention.get("rooms").count(timezone.now()) == 0


def test_half_of_it_is_never_gone(ended, monkeypatch):
    """It falls in the middle: then all of it is there still."""
    before, now = written(), timezone.now()

    def fall(sender, **_kwargs):
        if sender._meta.label == "networks.Charter":
            raise RuntimeError("fell")

    post_delete.connect(fall)
    try:
        with pytest.raises(RuntimeError):
            retention.dispose(
                retention.get("rooms"),
                expected=retention.get("rooms").count(now),
                actor=create_hr(role=Role.HR_ADMIN),
                now=now,
            )
    finally:
        post_delete.disconnect(fall)

    assert written() == before
    assert not Disposal.objects.exists()


def test_the_pages_of_an_ended_network_open_without_what_was_written(client, ended):
    rule, now = retention.get("rooms"), timezone.now()
    retention.dispose(rule, expected=rule.count(now), actor=None, now=now)
    client.force_login(create_hr(role=Role.HR_ADMIN))

    for name in ("networks:network", "meetings:plan_list", "netvaerk:status_network"):
        assert client.get(reverse(name, args=[ended.slug])).status_code == 200
