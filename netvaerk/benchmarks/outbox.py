"""How fast the outbox is, beside the bare limits of the same machine in the same run: `make bench-outbox`."""

import os
import smtplib
import statistics
import subprocess
import sys
import time
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock

from netvaerk.tests.servers import House

NOW = datetime.now(UTC)
NETWORKS, MEETINGS_EACH, MEMBERS = 600, 12, 8
DUE, WORKERS, BARE = 4_800, 2, 1_000
FEW, MANY = 1_000, 1_000_000
MOST_SECONDS = 150  # what is not sent by then is too slow anyway


def main() -> None:
    house = House()
    os.environ |= house.environment
    os.environ["DJANGO_SETTINGS_MODULE"] = "netvaerk.settings"
    try:
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        started = time.perf_counter()
        is_within = [due_rows(), *claims(), sending(house), scan()]
        print(f"(all in {time.perf_counter() - started:.0f} s)")
    finally:
        from django.db import connection

        connection.close()
        house.close()
    sys.exit(0 if all(is_within) else 1)


def told(what: str, figure: str, limit: str, is_within: bool) -> bool:
    print(f"{what:<58} {figure:>24}   {limit:<34} {'ok' if is_within else 'TOO SLOW'}", flush=True)
    return is_within


def due_rows() -> bool:
    """The reminders of a year's meetings, made by the sweep that finds none of them there; then it finds all."""
    from meetings import reconciliation
    from members.models import Message

    started = time.perf_counter()
    municipality()
    print(f"(a municipality made in {time.perf_counter() - started:.0f} s)", flush=True)
    before = forget_peak()
    started = time.perf_counter()
    made = reconciliation.reconcile(now=NOW)
    took = time.perf_counter() - started
    peak = peak_memory() - before
    rows = Message.objects.count()
    started = time.perf_counter()
    again = reconciliation.reconcile(now=NOW)
    took_again = time.perf_counter() - started
    what = f"due rows for {NETWORKS * MEETINGS_EACH:,} meetings x {MEMBERS} members"
    bare = bare_insert(rows)
    told(f"{what}: {rows:,} rows", f"{rows / took:,.0f} rows/s", f"bare INSERT: {bare:,.0f} rows/s", True)
    within = told("all of them", f"{took:.1f} s, {peak:.0f} MB", "<= 5 s, 200 MB", took <= 5 and peak <= 200)
    return told("the same sweep when all of them are there", f"{took_again:.1f} s", "<= 5 s", took_again <= 5) and (
        within and made == rows and again == 0
    )


def forget_peak() -> float:
    """From here on the peak is of what follows."""
    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")
    return peak_memory()


def peak_memory() -> float:
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmHWM")) / 1024


def bare_insert(rows: int) -> float:
    """As many of the same rows written by the database alone, from a table of its own and into the same indexes."""
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE kept ON COMMIT DROP AS SELECT * FROM members_message")
        cursor.execute("DELETE FROM members_message")
        started = time.perf_counter()
        cursor.execute("INSERT INTO members_message SELECT * FROM kept")
        return rows / (time.perf_counter() - started)


def municipality() -> None:
    """600 networks of 8 with a year of convened meetings, every member invited, and not one reminder planned."""
    from meetings.models import Invitation, Meeting
    from meetings.tests.factories import create_plan
    from members.danish import wall_to_utc
    from members.models import Leader, User
    from members.tests.factories import create_board, create_hr, create_unit
    from networks.models import Membership
    from networks.tests.factories import create_direction, create_network

    unit, hr, direction = create_unit(), create_hr(), create_direction(owner=create_board())
    people = []
    for number in range(NETWORKS * MEMBERS):
        person = User(email=f"leder{number}@egebjerg-kommune.invalid", first_name="Anne", last_name=f"Holm {number}")
        person.fill_texts()
        people.append(person)
    people = User.objects.bulk_create(people)
    posts = Leader.objects.bulk_create(
        Leader(user=person, unit=unit, title="Leder", valid_from=date(2024, 1, 1)) for person in people
    )
    start = (NOW + timedelta(days=40)).date()
    meetings, members, holders = [], [], []
    for number in range(NETWORKS):
        network = create_network(direction=direction, hr_contact=hr, sponsor=hr, unit=unit)
        mine = slice(number * MEMBERS, (number + 1) * MEMBERS)
        members += [Membership(network=network, leader=post, joined_on=date(2026, 1, 1)) for post in posts[mine]]
        plan = create_plan(network=network, first_date=start, number_of_meetings=MEETINGS_EACH)
        for turn in range(MEETINGS_EACH):
            day = start + timedelta(weeks=4 * turn)
            meeting = Meeting(
                network=network, plan=plan, date=day, start_time=clock(13), end_time=clock(15),
                starts_at=wall_to_utc(day, clock(13)), ends_at=wall_to_utc(day, clock(15)),
                state=Meeting.State.CONVENED, place="Biblioteket", changed_at=NOW,
            )  # fmt: skip
            meetings.append(meeting)
            holders.append(people[mine])
    Membership.objects.bulk_create(members)
    Meeting.objects.bulk_create(meetings, batch_size=2_000)
    queued = NOW - timedelta(days=10)
    Invitation.objects.bulk_create(
        Invitation(meeting=meeting, user=user, sequence=0, queued_at=queued)
        for meeting, users in zip(meetings, holders, strict=True)
        for user in users
    )


def claims() -> list[bool]:
    from members import claiming
    from members.models import Message

    Message.objects.all().delete()
    fill(1_000, state="due")
    started = time.perf_counter()
    claimed = 0
    while claiming.claim(NOW, most=1):
        claimed += 1
    rate = claimed / (time.perf_counter() - started)
    return [told(f"claim, one row at a time, {claimed:,} rows", f"{rate:,.0f}/s", ">= 200/s", rate >= 200)]


def fill(number: int, **fields) -> None:
    from meetings.models import Invitation
    from members.models import Message

    at = NOW - timedelta(minutes=5)
    held = Invitation.objects.order_by("meeting", "user").values_list("meeting", "user")[:number]
    Message.objects.bulk_create(
        [
            Message(
                kind="meeting_invitation", about="meeting", subject_id=meeting, recipient_id=user, created_at=at,
                due_at=at, **fields,
            )
            for meeting, user in held
        ],
        batch_size=2_000,
    )  # fmt: skip


def sending(house: House) -> bool:
    """Real invitations with calendar and all, from two processes; beside bare smtplib handing over one such letter."""
    from members import building, mime
    from members.models import Message

    Message.objects.all().delete()
    fill(DUE, state="due")
    first = Message.objects.select_related("recipient").first()
    letter = mime.to_bytes(mime.to_mime(building.build(first, NOW), first, first.recipient.email))
    bare = statistics.median(bare_rate(house.postmaster.port, letter) for _turn in range(3))
    house.postmaster.clear()
    command = (
        "import django; django.setup(); from django.conf import settings; settings.DEBUG = False;"
        "from members import outbox; import time; time.sleep(1);"
        f"[None for _ in iter(lambda: sum(outbox.send_due(limit={DUE}).values()), 0)]"
    )
    environment = os.environ | house.environment
    workers = [
        subprocess.Popen([sys.executable, "-c", command], env=environment)  # noqa: S603  (our own words)
        for _number in range(WORKERS)
    ]
    ends = time.monotonic() + MOST_SECONDS
    for worker in workers:
        try:
            worker.wait(max(1, ends - time.monotonic()))
        except subprocess.TimeoutExpired:
            worker.kill()
            worker.wait()
    letters = house.postmaster.letters
    took = letters[-1]["at"] - letters[0]["at"]
    rate, doubles = len(letters) / took, len(letters) - len({taken["id"] for taken in letters})
    print(f"one letter is {len(letter):,} bytes; {len(letters):,} letters arrived, {doubles} of them twice")
    told("bare smtplib, one kept connection, the same server", f"{bare:,.0f}/s", "the limit", True)
    within = told(f"{DUE:,} due mails, {WORKERS} workers", f"{took:.1f} s, {rate:,.0f}/s", "<= 120 s", took <= 120)
    share = told("of what bare smtplib does", f"{rate / bare:.2f}", ">= 0.5", rate / bare >= 0.5)
    return within and share and len(letters) == DUE and not doubles


def bare_rate(port: int, letter: bytes) -> float:
    with smtplib.SMTP("127.0.0.1", port) as line:
        started = time.perf_counter()
        for _number in range(BARE):
            line.sendmail("a@egebjerg-kommune.invalid", ["b@egebjerg-kommune.invalid"], letter)
        return BARE / (time.perf_counter() - started)


def scan() -> bool:
    """Nothing is due: what a look costs among a thousand sent rows, and among a million."""
    from django.db import connection

    from members import claiming

    medians, rows = [], 0
    for target in (FEW, MANY):
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM members_message" if rows == 0 else "SELECT 1")
            cursor.execute(
                """
                INSERT INTO members_message (kind, about, subject_id, sequence, offset_minutes, recipient_id, priority,
                    created_at, due_at, is_held, state, fence, attempts, copies, sent_to, last_error, sent_at,
                    settled_at)
                SELECT 'meeting_reminder', 'meeting', n, 0, 0, (SELECT min(id) FROM members_user), 5,
                    now() - interval '9 days', now() - interval '9 days', false, 'sent', 1, 1, 1, '', '', now(), now()
                FROM generate_series(%s, %s) AS n
                """,
                [rows + 1, target],
            )
            cursor.execute("ANALYZE members_message")
        rows = target
        times = []
        for _turn in range(300):
            started = time.perf_counter()
            assert claiming.claim(NOW, most=1) == []
            times.append((time.perf_counter() - started) * 1000)
        medians.append(statistics.median(times))
    with connection.cursor() as cursor:
        moment = NOW.isoformat()
        cursor.execute(f"EXPLAIN {claiming.statement()}", [moment, moment, 1, moment, moment])
        plan = "\n".join(row[0] for row in cursor.fetchall())
    uses_index = "messages_waiting" in plan and "Seq Scan on members_message waiting" not in plan
    print(f"EXPLAIN among {MANY:,} rows: {'messages_waiting is used' if uses_index else plan}")
    few, many = medians
    return told(f"a look when nothing is due: {FEW:,} and {MANY:,} sent rows", f"{few:.2f} ms, {many:.2f} ms",
                "<= 2 x", many <= 2 * few and uses_index)  # fmt: skip


if __name__ == "__main__":
    main()
