"""HR is told in good time of a basis to look at again and of a term that ends."""

from datetime import timedelta

import pytest

from members.models import Message
from members.outbox import Suppress
from members.tests import factories as members
from networks import review, review_email, tasks
from networks.models import Network
from networks.tests.factories import NOW, TODAY, create_network

pytestmark = pytest.mark.django_db


def told() -> list[tuple[str, int]]:
    return sorted(Message.objects.values_list("kind", "recipient"))


@pytest.mark.parametrize(("days", "is_told"), [(31, False), (30, True), (0, True), (-20, True)])
def test_hr_is_told_thirty_days_before(hr, days, is_told):
    day = TODAY + timedelta(days=days)
    create_network(hr_contact=hr, review_date=day, term="fixed", ends_on=day)

    review.tell(now=NOW)

    assert told() == ([("network_ends", hr.pk), ("network_review", hr.pk)] if is_told else [])


def test_each_day_is_told_once_and_another_day_anew(hr):
    network = create_network(hr_contact=hr, review_date=TODAY)
    for _ in range(3):
        review.tell(now=NOW)
    assert Message.objects.count() == 1

    network.review_date = TODAY + timedelta(days=10)
    network.save()
    review.tell(now=NOW)
    assert Message.objects.count() == 2


@pytest.mark.parametrize("state", [state for state in Network.State if state not in review.STATES])
def test_only_networks_under_way_are_told_of(state):
    create_network(state=state, review_date=TODAY, ends_on=TODAY)

    review.tell(now=NOW)

    assert not Message.objects.exists()


def test_a_network_without_a_day_is_left_alone():
    create_network()

    review.tell(now=NOW)

    assert not Message.objects.exists()


@pytest.mark.parametrize("kind", ["network_review", "network_ends"])
def test_the_mail_says_which_day_and_is_dropped_when_it_no_longer_holds(hr, kind):
    network = create_network(name="Ledere på tværs", hr_contact=hr, review_date=TODAY, term="fixed", ends_on=TODAY)
    review.tell(now=NOW)
    message = Message.objects.get(kind=kind)
    build = getattr(review_email, kind)

    built = build(message, NOW)
    assert "Ledere på tværs" in built.subject
    assert "den 1. marts 2027" in built.text
    assert network.slug in built.text

    for change in (
        {"review_date": None, "ends_on": None},
        {"review_date": TODAY, "ends_on": TODAY, "hr_contact": members.create_hr()},
        {"hr_contact": hr, "state": "closed"},
    ):
        Network.objects.update(**change)
        with pytest.raises(Suppress):
            build(message, NOW)


def test_the_timetable_tells(hr):
    create_network(hr_contact=hr, review_date=TODAY.replace(year=2020))

    tasks.tend_directions()

    assert told() == [("network_review", hr.pk)]
