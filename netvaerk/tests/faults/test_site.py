"""The pages while things break: web workers that are killed, and Redis away."""

import http.cookiejar
import os
import random
import re
import signal
import statistics
import subprocess
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from meetings.models import Meeting, MeetingChange
from members.models import Message, User
from members.tests.factories import create_user
from netvaerk.tests.faults.test_meetings import convened
from netvaerk.tests.servers import answers, free_port, wait_until

pytestmark = pytest.mark.faults
PASSWORD = "en-lang-adgangskode"


@pytest.fixture(autouse=True)
def _services(house):
    if house.on_sqlite:
        pytest.skip("web workers in number are for PostgreSQL")


class Site:
    """Gunicorn with three workers, on a port of its own."""

    def __init__(self, house, **told):
        import json

        self.port = free_port()
        self.master = house.servers.run(
            "-m", "gunicorn", "netvaerk.tests.faults.site:application", "-b", f"127.0.0.1:{self.port}", "-w", 3,
            "--log-level", "error", FAULTS=json.dumps(told),
        )  # fmt: skip
        assert wait_until(lambda: answers(self.port), seconds=40)

    @property
    def workers(self) -> list[int]:
        listed = subprocess.run(["pgrep", "-P", str(self.master.pid)], capture_output=True, text=True, check=False)
        return [int(pid) for pid in listed.stdout.split()]

    def kill_one(self) -> None:
        if workers := self.workers:
            os.kill(random.choice(workers), signal.SIGKILL)


class Visitor:
    """A browser: cookies, forms with their token, and how long each page took."""

    def __init__(self, site: Site):
        self.base, self.took = f"http://127.0.0.1:{site.port}", []
        self.cookies = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies))

    def get(self, path: str) -> tuple[int, str]:
        return self._ask(path, None)

    def post(self, path: str, **fields) -> tuple[int, str]:
        token = next((cookie.value for cookie in self.cookies if cookie.name == "csrftoken"), "")
        return self._ask(path, urllib.parse.urlencode({"csrfmiddlewaretoken": token, **fields}).encode())

    def _ask(self, path: str, data: bytes | None) -> tuple[int, str]:
        """The status, 0 when the line fell."""
        request = urllib.request.Request(self.base + path, data, headers={"Referer": self.base})
        started = time.monotonic()
        try:
            with self.opener.open(request, timeout=30) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refusal:
            return refusal.code, refusal.read().decode()
        except (OSError, http.client.HTTPException):
            return 0, ""
        finally:
            self.took.append(time.monotonic() - started)

    def log_in(self, email: str, password: str = PASSWORD) -> int:
        self.get("/konto/log-ind/")
        return self.post("/konto/log-ind/", login=email, password=password)[0]


def moved_while_workers_die(house, *, kills: int, **told):
    """A coordinator moves a meeting again and again while web workers are killed in the midst of it."""
    meeting, memberships = convened()
    coordinator = memberships[0].leader.user
    coordinator.set_password(PASSWORD)
    coordinator.save()
    connection.close()
    site = Site(house, **told)
    visitor = Visitor(site)
    assert visitor.log_in(coordinator.email) == 200
    halt, acknowledged = threading.Event(), 0

    def kill():
        for _turn in range(kills):
            time.sleep(random.uniform(1, 2.5))
            site.kill_one()
        halt.set()

    killer = threading.Thread(target=kill)
    killer.start()
    day = meeting.date
    while not halt.is_set():
        day += timedelta(days=1)
        _status, page = visitor.get(f"/moeder/{meeting.pk}/flyt/")
        seen = re.search(r'name="seen_sequence" value="(\d+)"', page)
        fields = {"date": day.strftime("%d.%m.%Y"), "start_time": "13.00", "end_time": "15.00", "reason": "Ferie"}
        fields["despite"] = "{date} {start_time} {end_time}".format(**fields)  # it walks through holidays too
        status, page = visitor.post(
            f"/moeder/{meeting.pk}/flyt/", **fields, **({"seen_sequence": seen[1]} if seen else {})
        )
        acknowledged += status == 200 and "Mødet er flyttet" in page
    killer.join()
    house.servers.send_home()
    connection.close()
    changes = set(MeetingChange.objects.filter(meeting=meeting).values_list("sequence", flat=True))
    told_of = set(Message.objects.filter(kind="meeting_changed").values_list("sequence", flat=True))
    now = Meeting.objects.get(pk=meeting.pk)
    half = len(changes ^ told_of) + (now.sequence != max(changes, default=0))
    return half, len(changes), acknowledged


def test_web_worker_killed_in_a_request_leaves_it_whole_or_undone(house, tell):
    kills = 4 if house.is_short else 20
    half, moves, acknowledged = moved_while_workers_die(house, kills=kills)

    tell(
        "F4",
        f"web workers killed {kills} times among {moves} moves: half-written {half}; "
        f"{acknowledged} acknowledged, {max(0, acknowledged - moves)} of them lost",
    )
    assert moves > 0
    assert half == 0
    assert acknowledged <= moves


def test_without_a_transaction_a_killed_web_worker_leaves_half(house, tell):
    half, moves = 0, 0
    for _turn in range(3):
        half, moves, _acknowledged = moved_while_workers_die(house, kills=15, without="whole acts")
        if half:
            break

    tell("F4", f"control, no transaction: {half} half-written among {moves} moves")
    assert half > 0


def test_pages_and_sign_in_without_redis(house, tell):
    user = create_user(password=PASSWORD)
    meeting, memberships = convened()
    coordinator = memberships[0].leader.user
    coordinator.set_password(PASSWORD)
    coordinator.save()
    connection.close()
    site = Site(house)
    visitor = Visitor(site)
    assert visitor.log_in(coordinator.email) == 200
    pages = ("/", "/netvaerk/", "/moeder/", f"/moeder/{meeting.pk}/", "/konto/beskeder/")
    # Of few pages the slowest is chance: then the middle one is compared.
    turns, place, named = (5, 9, "median") if house.is_short else (20, 18, "p95")

    def visit():
        visitor.took.clear()
        codes = [visitor.get(page)[0] for _turn in range(turns) for page in pages]
        return codes, statistics.quantiles(visitor.took, n=20)[place]

    visit()
    _codes, well = visit()
    house.redis.stop()
    codes, ill = visit()
    signed_in = Visitor(site).log_in(user.email)
    stranger = Visitor(site)
    tries = [stranger.log_in(user.email, "forkert") for _turn in range(12)]
    throttled = "for mange" in stranger.post("/konto/log-ind/", login=user.email, password="forkert")[1] or 429 in tries
    seen = re.search(r'name="seen_sequence" value="(\d+)"', visitor.get(f"/moeder/{meeting.pk}/flyt/")[1])
    day = (meeting.date + timedelta(days=1)).strftime("%d.%m.%Y")
    started = time.monotonic()
    moved, page = visitor.post(
        f"/moeder/{meeting.pk}/flyt/",
        date=day,
        start_time="13.00",
        end_time="15.00",
        reason="Ferie",
        despite=f"{day} 13.00 15.00",
        seen_sequence=seen[1],
    )
    move_took, is_moved = time.monotonic() - started, "Mødet er flyttet" in page
    house.redis.start()

    errors = sum(code >= 500 or code == 0 for code in [*codes, signed_in, moved, *tries])
    tell(
        "F6",
        f"Redis away: {errors} errors on {len(codes)} pages, {named} {ill * 1000:.0f} ms for {well * 1000:.0f}; "
        f"a move takes {move_took:.1f} s; sign-in {signed_in}, guesses are slowed down: {throttled}",
    )
    assert errors == 0
    assert ill <= well + 0.2
    assert (signed_in, moved, is_moved, throttled) == (200, 200, True, True)


def test_a_nudge_that_may_fail_would_take_the_act_with_it(house, tell, monkeypatch):
    from members import outbox, tasks
    from networks.tests.factories import create_network

    house.redis.stop()
    monkeypatch.setattr(outbox, "nudge", lambda: tasks.send_now.apply_async(retry=False))
    failed = 0
    for number in range(3):
        try:
            outbox.enqueue(
                "network_paused", subject_id=create_network().pk, recipients=[create_user()], now=timezone.now()
            )
        except Exception:
            failed += 1
        assert number >= 0
    house.redis.start()

    tell("F6", f"control, a nudge that may fail: {failed} of 3 acts answered with an error")
    assert failed == 3
    assert User.objects.count() >= 3
