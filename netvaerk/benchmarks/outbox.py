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
DUE, WORKERS, BARE, TURNS = 4_800, 2, 1_000, 5
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

    empty()
    fill(number, state="due")
    started = time.perf_counter()
    claimed = 0
    while claiming.claim(NOW, most=1):
        claimed += 1
    rate = claimed / (time.perf_counter() - started)
    return [told(f"claim, one row at a time, {claimed:,} rows", f"{rate:,.0f}/s", ">= 200/s", rate >= 200)]


def empty() -> None:
    """Without the remains of earlier rows, which a database in use has swept away."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE members_message")


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
    """Real invitations with calendar and all, from separate processes; beside two limits on the same server, in turn.

    The bare line hands over one ready letter again and again. The bare ledger is what plain Django does with the same
    invitations: lock a row, build the letter, send it, mark the row, commit.
    """
    from members import building, mime
    from members.models import Message

    empty()
    fill(1, state="due")
    first = Message.objects.select_related("recipient").get()
    letter = mime.to_bytes(building.build(first, NOW), first, first.recipient.email)
    turns = [(bare_rate(house.postmaster.port, letter), *sent_by(house, workers=WORKERS)) for _turn in range(TURNS)]
    bare, took, rate = (statistics.median(turn[which] for turn in turns) for which in range(3))
    share = statistics.median(rate / bare for bare, _took, rate, _doubles in turns)
    doubles = sum(turn[3] for turn in turns)
    ledger = ledger_rate(house)
    print(f"one letter is {len(letter):,} bytes; {DUE:,} of them are due, {TURNS} times; {doubles} arrived twice")
    told("bare smtplib, one kept connection, the same server", f"{bare:,.0f}/s", "the limit", True)
    told("bare Django with a ledger, one process", f"{ledger:,.0f}/s", "the limit", True)
    _took, alone, more_doubles = sent_by(house, workers=1)
    within = [
        told(f"{DUE:,} due mails, {WORKERS} workers", f"{took:.1f} s, {rate:,.0f}/s", "<= 120 s", took <= 120),
        told("of what bare smtplib does", f"{share:.2f}", ">= 0.5", share >= 0.5),
        told("one worker, of what the bare ledger does", f"{alone / ledger:.2f}", ">= 0.8", alone / ledger >= 0.8),
    ]
    return all(within) and not doubles + more_doubles


def sent_by(house: House, *, workers: int) -> tuple[float, float, int]:
    """All that is due, sent by so many processes: seconds from first letter to last, letters a second, doubles."""

    empty()
    fill(DUE, state="due")
    house.postmaster.clear()
    command = (
        "import django; django.setup(); from django.conf import settings; settings.DEBUG = False;"
        "from members import outbox; import time; time.sleep(1);"
        f"[None for _ in iter(lambda: sum(outbox.send_due(limit={DUE}).values()), 0)]"
    )
    environment = os.environ | house.environment
    senders = [subprocess.Popen([sys.executable, "-c", command], env=environment) for _number in range(workers)]
    ends = time.monotonic() + MOST_SECONDS
    for sender in senders:
        try:
            sender.wait(max(1, ends - time.monotonic()))
        except subprocess.TimeoutExpired:
            sender.kill()
            sender.wait()
    letters = house.postmaster.letters
    assert len(letters) >= DUE, f"{len(letters)} of {DUE} letters arrived"
    took = letters[-1]["at"] - letters[0]["at"]
    return took, len(letters) / took, len(letters) - len({taken["id"] for taken in letters})


def ledger_rate(house: House) -> float:
    """The same invitations as plain Django would send them: no lease, no order, nothing read twice."""
    from django.core.mail import EmailMultiAlternatives, get_connection
    from django.db import transaction
    from django.template.loader import render_to_string

    from meetings import calendar
    from meetings.models import Meeting
    from members.models import Message

    empty()
    fill(BARE, state="due")
    due = Message.objects.select_for_update(skip_locked=True, of=("self",)).select_related("recipient")
    server = get_connection(
        "django.core.mail.backends.smtp.EmailBackend", host="127.0.0.1", port=house.postmaster.port, use_tls=False
    )
    server.open()
    started = time.perf_counter()
    for _number in range(BARE):
        with transaction.atomic():
            message = due.filter(state="due").order_by("priority", "due_at", "id").first()
            meeting = Meeting.objects.select_related("network").get(pk=message.subject_id)
            words = {
                "meeting": meeting,
                "network": meeting.network,
                "button_url": "https://x.invalid/",
                "language": "da",
            }
            template = "meetings/email/meeting_invitation"
            letter = EmailMultiAlternatives(
                render_to_string(f"{template}_subject.txt", words), render_to_string(f"{template}.txt", words),
                "a@egebjerg-kommune.invalid", [message.recipient.email], connection=server,
            )  # fmt: skip
            letter.attach_alternative(render_to_string(f"{template}.html", words), "text/html")
            invite = calendar.request(meeting, to=message.recipient, sequence=0)
            letter.attach_alternative(invite.decode(), "text/calendar; method=REQUEST")
            letter.attach("invite.ics", invite, "application/ics")
            letter.send()
            message.state, message.sent_at = "sent", NOW
            message.save(update_fields=["state", "sent_at"])
    rate = BARE / (time.perf_counter() - started)
    server.close()
    return rate


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
    empty()
    for target in (FEW, MANY):
        with connection.cursor() as cursor:
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
