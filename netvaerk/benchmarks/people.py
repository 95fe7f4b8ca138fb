"""Who will use the site, made in the database that is named in the environment: a seeded municipality, and sessions.

`python -m netvaerk.benchmarks.people` prints as JSON who is signed in, and where they have something to do.
"""

import argparse
import json
from datetime import date

import django

LEADERS_AMONG = 0.8  # of the visitors; the rest are HR and top management


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--networks", type=int, required=True)
    asked.add_argument("--leaders", type=int, required=True)
    asked.add_argument("--years", type=int, default=3)
    asked.add_argument("--visitors", type=int, default=2)
    asked.add_argument("--crowd", type=int, default=0, help="so many more rows in the room of the first network")
    asked.add_argument("--plans", type=int, nargs="*", default=[], help="a plan and a feed of each of these sizes")
    asked = asked.parse_args()
    django.setup()
    from netvaerk.benchmarks import municipality
    from networks.models import Network

    municipality.seeded(leaders=asked.leaders, networks=asked.networks, years=asked.years, is_told=False)
    if asked.crowd:
        municipality.crowd(Network.objects.get(slug="netvaerk-1"), asked.crowd)
    plans = [plan_of(size, number) for number, size in enumerate(asked.plans)]
    print(json.dumps({"visitors": visitors(asked.visitors), "plans": plans}))


def visitors(number: int) -> list[dict]:
    """Leaders who coordinate a network each, and a few of HR and of top management."""
    from members.models import User
    from networks.models import Membership

    leading = Membership.objects.active().filter(is_coordinator=True).order_by("pk")
    found = [
        _leader(membership)
        for membership in leading.select_related("network", "leader__user")[: max(1, round(number * LEADERS_AMONG))]
    ]
    for turn in range(max(2, number - len(found))):
        who = "direktion" if turn % 2 else "hr"
        user = User.objects.get(email=f"seed-{who}@seed.invalid")
        found.append({"who": who, "session": session(user), "slug": found[0]["slug"]})
    return found


def _leader(membership) -> dict:
    from django.utils import timezone

    from meetings.models import Meeting

    network, now = membership.network, timezone.now()
    coming = list(network.meetings.upcoming(now).values_list("pk", flat=True))
    held = list(network.meetings.filter(state=Meeting.State.HELD).values_list("pk", flat=True)[:5])
    return {
        "who": "leder",
        "session": session(membership.leader.user),
        "slug": network.slug,
        "plan": network.plans.values_list("pk", flat=True).first(),
        "coming": [pk for pk in coming if network.meetings.get(pk=pk).starts_at > now],
        "held": held,
    }


def session(user) -> str:
    from django.conf import settings
    from django.test import Client

    client = Client()
    client.force_login(user)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def plan_of(size: int, number: int) -> dict:
    """A network with one plan of so many meetings, and a member with a calendar feed of them."""
    from django.urls import reverse
    from django.utils import timezone

    from meetings import feeds
    from meetings.tests.factories import create_plan
    from members.tests.factories import create_leader
    from netvaerk.benchmarks import municipality
    from networks.models import Network
    from networks.tests.factories import create_membership, create_network

    like = Network.objects.get(slug="netvaerk-1")
    network = create_network(
        direction=like.direction, hr_contact=like.hr_contact, sponsor=like.sponsor, unit=like.unit,
        name=f"Netværk med {size} møder", slug=f"plan-{number}",
    )  # fmt: skip
    leader = create_leader(unit=like.unit)
    membership = create_membership(network=network, leader=leader)
    plan = create_plan(network=network, number_of_meetings=60, first_date=date(municipality.NOW.year, 1, 1))
    municipality.called_to(membership.leader.user, plan, size)
    return {
        "size": size,
        "session": session(membership.leader.user),
        "page": reverse("meetings:plan", args=[network.slug, plan.pk]),
        "plan": plan.pk,
        "user": membership.leader.user.pk,
        "token": feeds.create(membership.leader.user, now=timezone.now()),
    }


if __name__ == "__main__":
    main()
