"""The demo municipality with every corner lit: built once for all the tests here, each of which leaves it as it was."""

import logging
from dataclasses import dataclass, field
from datetime import time, timedelta

import pytest
from django.db import transaction
from django.utils import timezone, translation

from meetings import planning
from meetings.models import FeedbackRound
from members.danish import today
from members.leader_import import applying
from members.models import OrgUnit, User
from netvaerk import demo
from netvaerk.demo.people import LEADERS_FILE, LOGINS
from netvaerk.tests.bad_input import world
from networks.models import Network, StrategicDirection

PEOPLE = ("", *(address.partition("@")[0] for address, _who in LOGINS))


@dataclass
class House:
    walks: dict = field(default_factory=dict)  # login -> what that person came by
    forms: dict = field(default_factory=dict)  # class -> as views made them


@pytest.fixture(scope="package", autouse=True)
def _quiet():
    """Thousands of refusals on purpose need no line in the log each."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture(scope="package")
def house(django_db_setup, django_db_blocker, _quiet):
    with django_db_blocker.unblock(), translation.override("da"), transaction.atomic():
        now = timezone.now()
        demo.build(now=now)
        corners = light_the_corners(now)
        whole = House()
        with world.forms_noted(whole.forms):
            for login in PEOPLE:
                whole.walks[login] = walk = world.walk(login, corners.get(login, ()))
                for post in walk.posts.values():
                    with world.undone():
                        world.signed_in(login).post(post.action, post.data)
        yield whole
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def _in_the_house(house, db):
    """Every test here stands in the same municipality."""


def light_the_corners(now) -> dict[str, list[str]]:
    """What the demo does not show by itself, and where: a draft, a file on its way in, a season that goes on."""
    network = Network.objects.get(slug="ledere-paa-tvaers")
    coordinator, hr = world.person("tovholder"), world.person("hr")
    day = today(now) + timedelta(days=60)
    draft = planning.create_draft(
        network,
        actor=coordinator,
        now=now,
        dates=[day, day + timedelta(days=28)],
        name="Næste sæson",
        first_date=day,
        weekdays=[day.weekday()],
        interval_weeks=4,
        start_time=time(13),
        end_time=time(15),
        place="",
        link="",
        last_date=None,
    )
    file, _layout = applying.receive(LEADERS_FILE.name, LEADERS_FILE.read_bytes(), actor=hr, now=now)
    bare = LEADERS_FILE.read_bytes().decode("cp1252").replace("Ledelsesniveau", "Rang").replace("Fagområde", "Andet")
    without, _layout = applying.receive("uden-niveau.csv", bare.encode(), actor=hr, now=now)
    Network.objects.filter(slug="drift-og-anlaeg").update(
        continues=Network.objects.filter(state=Network.State.CLOSED).first()
    )
    old = StrategicDirection.objects.filter(state=StrategicDirection.State.EXPIRED).first()
    rounds = FeedbackRound.objects.filter(network=network)
    meetings = network.meetings.exclude(plan=draft)
    past = [m.pk for m in meetings.filter(starts_at__lt=now)]
    return {
        "tovholder": [
            f"/netvaerk/{network.slug}/moeder/plan/{draft.pk}/",
            f"/netvaerk/{network.slug}/moeder/plan/{draft.pk}/rytme/",
            *(f"/netvaerk/{network.slug}/feedback/{one.pk}/opsummering/" for one in rounds),
            *(f"/moeder/{pk}/{act}/" for pk in past[-8:] for act in ("genaabn", "fremmoede", "afslut")),
        ],
        "hr": [
            f"/ledere/import/{file.pk}/",
            f"/ledere/import/{file.pk}/kolonner/",
            f"/ledere/import/{file.pk}/regler/",
            f"/ledere/import/{without.pk}/regler/",
            f"/kurs/{old.pk}/knyt/",
            "/netvaerk/drift-og-anlaeg/aabn/",
            *(f"/netvaerk/{one.slug}/grundlag/tag-op/" for one in Network.objects.filter(state=Network.State.ACTIVE)),
            f"/persondata/sletning/{User.objects.filter(posts__isnull=False).first().pk}/",
            f"/ledere/?enhed={OrgUnit.objects.first().pk}",
        ],
    }
