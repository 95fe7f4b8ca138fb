"""The house the suite lives in, its figures, and a clean start for each trial."""

import json
import time
from email.utils import getaddresses

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone

from netvaerk.tests import faults
from netvaerk.tests.servers import wait_until

FIGURES = []
LEASE = 3


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker):
    """The house's own database, which worker processes see too; not one of pytest's."""
    if faults.house is None:
        pytest.skip("Run the suite by `make test-faults`: it needs servers of its own.")
    with django_db_blocker.unblock():
        call_command("migrate", verbosity=0)
        call_command("createcachetable", verbosity=0)


@pytest.fixture
def house(django_db_setup, django_db_blocker):
    house = Trial(faults.house)
    with django_db_blocker.unblock():
        house.clear()
        yield house
        house.end()
        connection.close()
        astray = [letter for letter in house.postmaster.letters if letter["to"] not in named(letter)]
        assert not astray, f"{len(astray)} letters went to another than they are written to"


def named(letter: dict) -> list[str]:
    """To whom it is written; the envelope may say another."""
    return [address for _name, address in getaddresses([letter["named"]])]


@pytest.fixture
def tell(request):
    """Print a figure when the suite ends."""
    return lambda row, sentence: FIGURES.append((row, sentence))


def pytest_terminal_summary(terminalreporter):
    where = "SQLite" if faults.house and faults.house.on_sqlite else "PostgreSQL"
    for row, sentence in sorted(FIGURES, key=lambda figure: int(figure[0][1:])):
        terminalreporter.write_line(f"{row:<4} {where}: {sentence}")


class Trial:
    """One trial: load in the outbox, workers that may fall, and what the mail server counted."""

    def __init__(self, house):
        self.servers, self.postmaster, self.redis, self.postgres = (
            house, house.postmaster, house.redis, house.postgres,
        )  # fmt: skip
        self.folder, self.beats = house.folder, []
        self.on_sqlite = house.on_sqlite
        self.is_short = faults.is_short

    def clear(self) -> None:
        from members.models import Message

        connection.close()
        self.redis.flush()
        self.postmaster.clear()
        if self.on_sqlite:
            Message.objects.all().delete()
        else:
            with connection.cursor() as cursor:
                cursor.execute("TRUNCATE members_message, members_user, members_heartbeat, networks_network CASCADE")

    def end(self) -> None:
        self.servers.send_home()
        if self.redis.process.poll() is not None:
            self.redis.start()

    # --- Load ---

    def fill(self, number: int, **fields) -> list[int]:
        """So many due messages of the light kind, to as many people."""
        from members.models import Message, User
        from netvaerk.tests.faults import worker

        tag = time.monotonic_ns()
        people = [User(email=f"p{tag}-{turn}@egebjerg-kommune.invalid", first_name="Anne") for turn in range(number)]
        now = timezone.now()
        with transaction.atomic():
            people = User.objects.bulk_create(people)
            Message.objects.bulk_create(
                Message(
                    kind=worker.KIND, subject_id=turn, recipient=person, **{"created_at": now, "due_at": now, **fields}
                )
                for turn, person in enumerate(people)
            )
        return [person.pk for person in people]

    # --- Workers ---

    def worker(self, *, concurrency: int = 3, **told):
        """A real Celery worker. On SQLite cron's command does the work instead, as in the default installation."""
        faults_told = json.dumps(told)
        if self.on_sqlite:
            return self.servers.run("-m", "netvaerk.tests.faults.cron", FAULTS=faults_told)
        return self.servers.run(
            "-m", "celery", "-A", "netvaerk.tests.faults.worker", "worker", "--concurrency", concurrency,
            "--loglevel", "WARNING", "--without-gossip", "--without-mingle", "--without-heartbeat",
            "-n", f"w{time.monotonic_ns()}@house", FAULTS=faults_told,
        )  # fmt: skip

    def beat(self, **told):
        if self.on_sqlite:
            return None
        schedule = self.folder / f"beat{time.monotonic_ns()}"
        return self.servers.run(
            "-m", "celery", "-A", "netvaerk.tests.faults.worker", "beat", "--loglevel", "WARNING", "-s", schedule,
            "--pidfile", "", FAULTS=json.dumps(told),
        )  # fmt: skip

    def marks(self, times: int, place: str, *, within: int, least: int = 1) -> dict:
        """So many deaths, each at one of the first passings of the place, and not before the `least`th."""
        folder = self.folder / f"deaths{time.monotonic_ns()}"
        folder.mkdir()
        self.deaths = folder
        return {"place": place, "times": times, "within": within, "least": least, "marks": str(folder)}

    @property
    def killed(self) -> int:
        return len(list(self.deaths.iterdir()))

    # --- What came of it ---

    def states(self) -> dict[str, int]:
        from django.db.models import Count

        from members.models import Message

        connection.close()
        return dict(Message.objects.values_list("state").annotate(Count("pk")).order_by())

    def is_settled(self) -> bool:
        return not {"due", "retry", "claimed", "data_sent"} & set(self.states())

    def settle(self, seconds: float = 60) -> bool:
        return wait_until(self.is_settled, seconds=seconds, pause=0.3)

    def arrived(self, number: int, *, seconds: float = 60) -> bool:
        return wait_until(lambda: len(self.postmaster.letters) >= number, seconds=seconds)

    def count(self, due: int) -> "Count":
        return Count(due, self.postmaster.letters, self.states())


class Count:
    """Lost: due, never arrived, and no one told of it. Extra: copies beyond the first of each."""

    def __init__(self, due: int, letters: list[dict], states: dict[str, int]):
        self.copies = {}
        for letter in letters:
            self.copies.setdefault(letter["id"], []).append(letter["sha"])
        told = sum(states.get(state, 0) for state in ("failed", "in_doubt", "suppressed", "superseded"))
        self.states = states
        self.lost = max(0, due - len(self.copies) - told)
        self.extra = len(letters) - len(self.copies)
        self.most = max(map(len, self.copies.values()), default=0)
        self.same_bytes = all(len(set(shas)) == 1 for shas in self.copies.values())
        self.unsettled = sum(states.get(state, 0) for state in ("due", "retry", "claimed", "data_sent"))

    def __str__(self):
        return f"lost {self.lost}, extra copies {self.extra}, most copies of one {self.most}"
