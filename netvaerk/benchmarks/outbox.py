"""How fast the outbox is, beside the bare limits of the same machine in the same run: `make bench-outbox`."""

import os
import smtplib
import statistics
import subprocess
import sys
import time
from datetime import timedelta

from netvaerk.benchmarks import municipality
from netvaerk.benchmarks.municipality import NOW
from netvaerk.benchmarks.report import forget_peak, peak_memory, told
from netvaerk.tests.servers import House

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


def due_rows(*, networks: int = NETWORKS, meetings_each: int = MEETINGS_EACH) -> bool:
    """The reminders of a year's meetings, made by the sweep that finds none of them there; then it finds all."""
    from meetings import reconciliation
    from members.models import Message

    started = time.perf_counter()
    municipality.convened(networks=networks, meetings_each=meetings_each, members=MEMBERS)
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
    what = f"due rows for {networks * meetings_each:,} meetings x {MEMBERS} members"
    bare = bare_insert(rows)
    told(f"{what}: {rows:,} rows", f"{rows / took:,.0f} rows/s", f"bare INSERT: {bare:,.0f} rows/s", True)
    within = told("all of them", f"{took:.1f} s, {peak:.0f} MB", "<= 5 s, 200 MB", took <= 5 and peak <= 200)
    return told("the same sweep when all of them are there", f"{took_again:.1f} s", "<= 5 s", took_again <= 5) and (
        within and made == rows and again == 0
    )


def bare_insert(rows: int) -> float:
    """As many of the same rows written by the database alone, from a table of its own and into the same indexes."""
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE kept ON COMMIT DROP AS SELECT * FROM members_message")
        cursor.execute("DELETE FROM members_message")
        started = time.perf_counter()
        cursor.execute("INSERT INTO members_message SELECT * FROM kept")
        return rows / (time.perf_counter() - started)


def claims(number: int = 1_000) -> list[bool]:
    from members import claiming
    from members.models import Message

    Message.objects.all().delete()
    fill(number, state="due")
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
    ahead = Invitation.objects.filter(meeting__state="convened", meeting__starts_at__gt=NOW)
    held = ahead.order_by("meeting", "user").values_list("meeting", "user")[:number]
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
    workers = [subprocess.Popen([sys.executable, "-c", command], env=environment) for _number in range(WORKERS)]
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
