"""The real worker, with time made short and faults as FAULTS (JSON in the environment) tells.

A minute is a second here: lease 3 s, tick 1 s, retries after 1, 5, 15 s. `die` kills the process without a word at a
given place; `without` takes a guard away, for the negative control.
"""

# ruff: noqa: E402  (Django stands before what needs it is imported)

import json
import os
import random
import signal
from datetime import timedelta
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "netvaerk.settings")

import django

django.setup()

from django.conf import settings
from django.utils import timezone

from members import building, claiming, clock, digest, kinds, sending, smtp
from members.mail import Mail
from members.models import Message
from members.prepared import Prepared
from netvaerk.celery import app
from netvaerk.tests import faults

FAULTS = json.loads(os.environ.get("FAULTS", "{}"))
KIND = faults.worker_kind

__all__ = ["KIND", "app"]


def build(message: Message, now) -> Mail:
    if message.subject_id in FAULTS.get("poisoned", []):
        raise ValueError("poisoned")
    return Mail(subject=f"Prøve {message.subject_id}", text=f"Hej\n\nDette er besked {message.subject_id}.\n")


kinds.register(KIND, build=build, label=KIND)

settings.OUTBOX_LEASE_SECONDS = FAULTS.get("lease", 3)
building.FRESH_SECONDS = min(building.FRESH_SECONDS, settings.OUTBOX_LEASE_SECONDS / 10)
# A line is held for a lease by one who is killed; where the lease is long on purpose, that is not what is tried.
settings.MAIL_CONNECTIONS = FAULTS.get("connections", 3 if settings.OUTBOX_LEASE_SECONDS < 60 else 0)
settings.MAIL_PER_MINUTE = FAULTS.get("per_minute", 0)
settings.EMAIL_TIMEOUT = FAULTS.get("timeout", 2)
smtp.WHOLE_TRY_SECONDS = FAULTS.get("whole_try", 4)
sending.RETRY_MINUTES = FAULTS.get("retries", sending.RETRY_MINUTES)
later = sending.later
sending.later = lambda minutes: later(minutes) / 60
app.conf.beat_schedule = {
    name: entry | {"schedule": FAULTS.get("tick", 1.0), "options": {}}
    for name, entry in app.conf.beat_schedule.items()
    if entry["task"] == "members.tasks.send_due"
}

# --- Death at a given place ------------------------------------------------------------------------------------------


passings = 0
last_passing = None  # drawn by each process for itself, at its first


def perhaps_die(place: str) -> None:
    """SIGKILL, as often as `times` says in the whole house; each death leaves a mark in the file of deaths.

    A process dies at the latest when it passes the place for the `within`th time: a chance at each passing would leave
    trials of few passings without a death.
    """
    global passings, last_passing
    die = FAULTS.get("die", {})
    if die.get("place") != place:
        return
    last_passing = last_passing or random.randint(die["least"], die["within"])
    passings += 1
    if passings < last_passing:
        return
    for number in range(die["times"]):
        try:
            os.close(os.open(Path(die["marks"]) / str(number), os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            continue
        os.kill(os.getpid(), signal.SIGKILL)


send = smtp.SmtpRelay.send
note_hand_over, note_taken = sending._Batch.note_hand_over, sending._Batch.note_taken


def send_or_die(relay, *args, **kwargs):
    if not relay.addressed:  # else a letter is on its way that is not yet noted
        perhaps_die("before connect")
    code = send(relay, *args, **kwargs)
    perhaps_die("after 250")
    return code


def note_hand_over_or_die(batch, message, address):
    if batch.taken:
        perhaps_die("before the note")
    mine = note_hand_over(batch, message, address)
    if message.copies == 0:  # who dies twice over one letter leaves it in doubt, which is another row
        perhaps_die("between mails")
    return mine


def note_taken_or_die(batch):
    if batch.taken:
        perhaps_die("before the note")
        note_taken(batch)
        perhaps_die("between mails")


smtp.SmtpRelay.send = send_or_die
sending._Batch.note_hand_over, sending._Batch.note_taken = note_hand_over_or_die, note_taken_or_die

# --- Guards taken away -----------------------------------------------------------------------------------------------

WITHOUT = FAULTS.get("without", "")

if WITHOUT == "lease":
    claiming.settle_abandoned = lambda now, counts: None
if WITHOUT == "sending before noting":

    def note_first(batch, message, address):
        mine = note_hand_over_or_die(batch, message, address)
        claiming.mark(message, state=Message.State.SENT)
        return mine

    sending._Batch.note_hand_over = note_first
if WITHOUT == "noting each":
    # What came of a batch is noted when the batch is done, as one would with one list of recipients.
    kept, accept_one, judge = [], sending._Batch.accept, sending._Batch.judge_refusals

    def keep(batch, message, code):
        kept.append((message, code))
        perhaps_die("between mails")

    def judge_all(batch):
        while kept:
            accept_one(batch, *kept.pop())
            note_taken(batch)
        judge(batch)

    sending._Batch.accept, sending._Batch.judge_refusals = keep, judge_all
if WITHOUT == "binding":

    def gather(now):
        """A new mail with all that waits, whenever there is something."""
        held = Message.objects.filter(is_held=True, state=Message.State.DUE)
        unsent = Message.objects.filter(
            kind=digest.KIND, state__in=[*Message.OPEN_STATES, *Message.UNDER_WAY_STATES]
        ).values("recipient")
        for recipient in set(held.exclude(recipient__in=unsent).values_list("recipient", flat=True)):
            mail = Message.objects.create(
                kind=digest.KIND, subject_id=random.randrange(10**9), recipient_id=recipient, created_at=now, due_at=now
            )
            held.filter(recipient=recipient).update(digest=mail)

    digest.gather, digest.follow = gather, lambda: None
if WITHOUT == "retrying":
    sending._Batch.put_back = lambda batch, message, *, state, **fields: batch.settle(
        message, Message.State.FAILED, **{name: fields[name] for name in ("last_code", "last_error") if name in fields}
    )
if WITHOUT == "order":
    claiming._CLAIM = """
WITH picked (picked_id) AS MATERIALIZED (
    SELECT waiting.id FROM members_message AS waiting
    WHERE waiting.state IN ('due', 'retry') AND waiting.due_at <= %s AND CAST(%s AS text) <> ''
    ORDER BY random() LIMIT %s {lock}
)
UPDATE members_message SET state = 'claimed', fence = fence + 1, attempts = attempts + 1, lease_until = %s,
    dated_at = COALESCE(dated_at, %s)
FROM picked WHERE id = picked_id
RETURNING * {hurry}
"""
if WITHOUT == "limit of copies":
    sending.MOST_COPIES = claiming.MOST_COPIES = 99
    settings.OUTBOX_MAX_ATTEMPTS = 99
if WITHOUT == "deadline":
    settings.EMAIL_TIMEOUT, smtp.WHOLE_TRY_SECONDS = 300, 300
if WITHOUT == "fence":
    claiming.mark = sending.mark = lambda m, **fields: Message.objects.filter(pk=m.pk).update(**fields) == 1
    claiming.note_taken = lambda taken: claiming.mark(
        taken.message,
        state=Message.State.SENT,
        sent_at=taken.at,
        settled_at=taken.at,
        last_code=taken.code,
        lease_until=None,
    )
if WITHOUT == "claim":

    def claim(now, *, most):
        """Looks first and takes afterwards, as one does without a lock."""
        row = Message.objects.filter(state__in=Message.OPEN_STATES, due_at__lte=now).order_by("pk").first()
        if row:
            Message.objects.filter(pk=row.pk).update(state=Message.State.CLAIMED, lease_until=now + claiming.lease())
            row.dated_at, row.state = now, Message.State.CLAIMED
        return [row] if row else []

    claiming.claim = claim
if WITHOUT == "telling us from them":
    smtp._everyones = smtp._this_mails
    sending.REFUSALS_BEFORE_STOP = 10**6
if WITHOUT == "setting aside":
    sending._Batch.set_aside = lambda batch, message, problem: batch.put_back(message, state=Message.State.DUE)
if WITHOUT in ("rereading", "order"):
    from meetings import email

    email._meeting_ahead = lambda message, now, facts: facts.meetings[message.subject_id]
    building._require_receiver = lambda message, refused, now: None
    asked = claiming._HAND_OVER
    claiming._HAND_OVER = Prepared(asked.sql.replace("is_active AND email =", "'' <>"), **asked.types)
if WITHOUT == "end of use":
    claiming.settle_abandoned = lambda now, counts: None
    building._require_receiver = lambda message, refused, now: None

# --- Clocks that go wrong --------------------------------------------------------------------------------------------

if "clock" in FAULTS:
    right = timezone.now
    timezone.now = lambda: right() + timedelta(seconds=FAULTS["clock"])
if WITHOUT == "the database's clock":
    sending.database_now = clock.database_now = lambda: timezone.now()
if "step" in FAULTS:  # a file with the seconds the database's clock is off
    told = clock.database_now
    sending.database_now = clock.database_now = lambda: (
        told() + timedelta(seconds=float(Path(FAULTS["step"]).read_text()))
    )
