"""The benchmarks still run, on what is far too small to say anything of speed."""

import itertools
import random
import re
import subprocess
import sys
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from meetings.models import Agreement, CalendarFeed, MeetingPlan, Rsvp, Topic
from members.models import User
from netvaerk import seed
from netvaerk.benchmarks import imports, municipality, people, ratios, report, traffic
from netvaerk.tests.servers import ROOT
from networks.models import Goal, Network


@pytest.fixture
def missed(monkeypatch):
    monkeypatch.setattr(report, "missed", [])
    return report.missed


@pytest.fixture
def town(transactional_db):
    seed.fill(leaders=16, networks=2, years=1, seed=1, now=timezone.now())


@pytest.fixture
def visitors(town, live_server):
    """One of each, as they sit at the pages of a server of ours."""
    port = urlsplit(live_server.url).port
    return {facts["who"]: traffic.Visitor(port, facts) for facts in people.visitors(3)}


# --- Telling ----------------------------------------------------------------------------------------------------------


def test_goal_that_is_missed_is_remembered(missed, capsys):
    assert report.told("reading", "12 ms", "<= 20 ms", True)
    assert not report.told("writing", "30 ms", "<= 20 ms", False)

    assert missed == ["writing: 30 ms (goal <= 20 ms)"]
    assert re.findall("ok|MISSED", capsys.readouterr().out) == ["ok", "MISSED"]


def test_spread_is_of_the_middle_and_of_the_slowest():
    assert report.Spread.of([float(number) for number in range(1, 102)]) == (51, 96, 100)
    assert report.Spread.of([7.0]) == (7, 7, 7)
    assert report.Spread.of([]) == (0, 0, 0)


def test_drive_begins_each_act_once_and_keeps_what_went_wrong():
    begun = itertools.count(1)

    def act():
        if next(begun) == 3:
            raise ConnectionRefusedError
        return ""

    answers = traffic.drive(itertools.repeat(("a page", act)), per_second=1000, seconds=0.02)

    assert len(answers) == 20
    assert [answer.problem for answer in answers if answer.is_error] == ["a page: ConnectionRefusedError "]


# --- Visitors ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["leder", "hr", "direktion"])
def test_every_page_that_is_read_is_there(visitors, who):
    visitor = visitors[who]

    assert [visitor.read(where(visitor)) for _weight, _what, where in traffic.PAGES[who]] == [""] * len(
        traffic.PAGES[who]
    )


def test_page_that_is_not_there_is_an_error(visitors):
    assert visitors["leder"].read("/netvaerk/findes-ikke/") == "/netvaerk/findes-ikke/: 404"
    assert visitors["leder"].read("/opfoelgning/").endswith(": 403")


def test_every_form_that_is_sent_is_taken(visitors):
    leader = visitors["leder"]
    user = Network.objects.get(slug=leader.slug).memberships.get(is_coordinator=True).leader.user
    topics = Topic.objects.filter(author=user).count()
    Rsvp.objects.filter(user=user).delete()
    open_ones = Agreement.objects.filter(network__slug=leader.slug, state="open").count()

    acts = (traffic.answer, traffic.topic, traffic.goal, traffic.agreement, traffic.profile)
    assert [act(leader) for act in acts] == [""] * len(acts)

    assert Rsvp.objects.filter(user=user).count() == 1
    assert Topic.objects.filter(author=user).count() == topics + 1
    assert Goal.objects.filter(network__slug=leader.slug, version=2).count() == 1
    assert Agreement.objects.filter(network__slug=leader.slug, state="open").count() != open_ones


def test_form_that_is_not_taken_is_an_error(visitors):
    leader = visitors["leder"]
    path, form = traffic._find(leader, f"/netvaerk/{leader.slug}/emner/nyt/", traffic._asks_for("title"))

    assert leader.submit(path, form, title="") == f"POST {form.get('action') or path}: 200"


def test_reads_and_writes_are_of_all_kinds(visitors):
    chance = random.Random(1)
    people_of_all_kinds = list(visitors.values())

    read = {what for what, _act in itertools.islice(traffic.reads(people_of_all_kinds, chance), 600)}
    written = {what for what, _act in itertools.islice(traffic.writes(people_of_all_kinds, chance), 200)}

    assert read == {what for pages in traffic.PAGES.values() for _weight, what, _where in pages}
    assert written == {"an answer", "a topic", "a goal", "an agreement", "a profile"}


# --- The ruler --------------------------------------------------------------------------------------------------------


def test_ruler_has_the_same_rows(town, settings):
    settings.ROOT_URLCONF = "netvaerk.benchmarks.bare"
    made = people.plan_of(5, 0)
    client = Client()
    client.force_login(User.objects.get(pk=made["user"]))
    address = f"/kalender/{made['token']}.ics"

    for ours, bare, mark in (
        (made["page"], f"/bare/plan/{made['plan']}/", b"Biblioteket, m\xc3\xb8delokale 2"),
        (address, f"/bare/kalender/{made['user']}/", b"BEGIN:VEVENT"),
    ):
        pages = [client.get(path) for path in (ours, bare)]
        assert [page.status_code for page in pages] == [200, 200]
        assert [page.content.count(mark) for page in pages] == [5, 5]
    client.force_login(User.objects.get(email="seed-hr@seed.invalid"))
    for path in ("/status/?vis=alle", "/bare/"):
        assert client.get(path).content.count(b"Netv\xc3\xa6rk 2</a>") == 1
    for path in (address, f"/bare{address}"):
        etag = client.get(path)["ETag"]
        assert client.get(path, headers={"If-None-Match": etag}).status_code == 304
    assert CalendarFeed.objects.get().user_id == made["user"]


def test_rate_without_wrk_counts_what_is_answered(visitors, monkeypatch):
    monkeypatch.setattr(ratios.shutil, "which", lambda name: None)

    assert ratios.rate(visitors["leder"], "/om/", {}, 200, 0.3) > 0


def test_crowded_room_has_as_many_rows_of_each_kind(town):
    network = Network.objects.get(slug="netvaerk-1")
    before = [rows.count() for rows in (network.topics, network.agreements, network.learning_cards, network.goals)]

    municipality.crowd(network, 7)

    after = [rows.count() for rows in (network.topics, network.agreements, network.learning_cards, network.goals)]
    assert after == [count + 7 for count in before]
    assert MeetingPlan.objects.get(network=network).meetings.count() > 7


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_file_to_import_holds_its_one_bad_line(db, kind):
    from members.leader_import import applying

    now = timezone.now()
    spoilt, _layout = applying.receive(f"x.{kind}", imports._file(kind, 9, bad=8), actor=None, now=now)
    refused = [row.number for row in applying.plan_of(spoilt).refused]
    good, _layout = applying.receive(f"y.{kind}", imports._file(kind, 9), actor=None, now=now)

    assert refused == [9]
    assert applying.plan_of(good).refused == []
    assert len(applying.plan_of(good).new) == 9


# --- The whole --------------------------------------------------------------------------------------------------------


@pytest.mark.services
def test_load_runs_on_the_real_stack_and_says_what_it_missed():
    parts = "due,reading,writing,feed,sending"
    command = [sys.executable, "-m", "netvaerk.benchmarks.load", "--tiny", "--minutes", "0.03", "--only", parts]

    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=500, check=False)

    assert ran.returncode in (0, 1), ran.stderr
    assert ran.returncode == int("Missed:" in ran.stdout), ran.stderr
    assert len(re.findall(r", 0 errors ", ran.stdout)) == 3, ran.stdout + ran.stderr
    assert "20 in " in ran.stdout
    assert ", 0 twice " in ran.stdout
    assert "100% of" in ran.stdout
