"""The mailbox that calendars answer to, emptied over IMAP. What a mail means is judged in `replies`.

A mail is handled and noted in one transaction and moved afterwards. Whatever dies in between, it is read again, known
by its hash, and only moved.
"""

import imaplib
import logging
import ssl
import time
from collections import Counter
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, Q
from django.utils.translation import gettext as _
from imap_tools import AND, BaseMailBox, MailBox, MailBoxStartTls, MailBoxUnencrypted
from imap_tools.errors import ImapToolsError

from meetings import replies
from meetings.models import CalendarReply
from members.danish import clock, compact_date
from members.models import Heartbeat
from members.sending import beat
from members.watches import Tally, Watch

logger = logging.getLogger(__name__)

HANDLED, ASIDE = "Behandlet", "Lagt til side"
MOST_BYTES = 1_000_000
MOST_SECONDS = 200
TIMEOUT_SECONDS = 20
TURN = timedelta(minutes=5)
KEEP = timedelta(days=90)
KEEP_MAILS = timedelta(days=30)
SHOWN = timedelta(days=30)
AWAY = (OSError, imaplib.IMAP4.error, ImapToolsError)


def is_on() -> bool:
    return settings.REPLY_MAILBOX is not None


def read(*, now: datetime) -> Counter | None:
    """Handle all that lies in the mailbox, and count what became of it; None when it is off or someone is at it."""
    if not is_on() or not _take_turn(now):
        return None
    counts = Counter()
    try:
        _empty(counts, now)
    except AWAY as problem:
        _note_trouble(problem, now)
    else:
        beat("replies", now)
        Heartbeat.objects.filter(name="replies_trouble").delete()
    CalendarReply.objects.filter(handled_at__lt=now - KEEP).delete()
    _end_turn(now)
    return counts


# --- One at a time ---------------------------------------------------------------------------------------------------
# Two readers would do no harm, since each mail is handled once; but one is enough.


def _take_turn(now: datetime) -> bool:
    Heartbeat.objects.bulk_create([Heartbeat(name="replies_turn", beaten_at=now)], ignore_conflicts=True)
    is_free = Q(beaten_at__lte=now) | Q(beaten_at__gt=now + 2 * TURN)  # so far off only by a clock put back since
    return Heartbeat.objects.filter(is_free, name="replies_turn").update(beaten_at=now + TURN) == 1


def _end_turn(now: datetime) -> None:
    Heartbeat.objects.filter(name="replies_turn").update(beaten_at=now)


# --- The mailbox -----------------------------------------------------------------------------------------------------


def _empty(counts: Counter, now: datetime) -> None:
    ends = time.monotonic() + MOST_SECONDS
    with _open() as mailbox:
        folders = {}
        # Reading marks a mail as seen: one that once took its reader down comes after all the others.
        for uid in mailbox.uids("UNSEEN") + mailbox.uids("SEEN"):
            if time.monotonic() > ends:
                break
            found = _fetch(mailbox, uid)
            if found is None:
                continue  # someone else has moved it
            raw, size = found
            outcome = replies.handle(raw, now=now, is_whole=size <= MOST_BYTES)
            name = HANDLED if outcome == CalendarReply.Outcome.RECORDED else ASIDE
            if name not in folders:
                folders[name] = _folder(mailbox, name)
            _move(mailbox, uid, folders[name])
            counts[str(outcome)] += 1
        _drop_old(mailbox, now)


def _open() -> BaseMailBox:
    told = settings.REPLY_MAILBOX
    where = {"host": told["HOST"], "port": told["PORT"], "timeout": TIMEOUT_SECONDS}
    if told["SCHEME"] == "imap":
        mailbox = MailBoxUnencrypted(**where)
    else:
        # The library's own default takes any certificate.
        kind = MailBox if told["SCHEME"] == "imaps" else MailBoxStartTls
        mailbox = kind(**where, ssl_context=ssl.create_default_context())
    sign_in = mailbox.login if (told["USER"] + told["PASSWORD"]).isascii() else mailbox.login_utf8
    try:
        sign_in(told["USER"], told["PASSWORD"], initial_folder=told["FOLDER"])
        # Most servers first tell who has signed in that they can move a mail in one step.
        mailbox.client.capabilities = tuple(mailbox.client.capability()[1][-1].decode().upper().split())
        return mailbox
    except BaseException:
        mailbox.client.shutdown()
        raise


def _fetch(mailbox: BaseMailBox, uid: str) -> tuple[bytes, int] | None:
    """The mail's first million bytes, and how many there are in all."""
    _status, data = mailbox.client.uid("FETCH", uid, f"(RFC822.SIZE BODY[]<0.{MOST_BYTES}>)")
    for item in data:
        if isinstance(item, tuple):
            words = item[0].upper().replace(b"(", b" ").split()
            return item[1], int(words[words.index(b"RFC822.SIZE") + 1])
    return None


def _move(mailbox: BaseMailBox, uid: str, folder: str) -> None:
    try:
        mailbox.move(uid, folder)
    except ImapToolsError:
        if uid in mailbox.uids():
            raise
        # Someone else has moved it meanwhile.


def _folder(mailbox: BaseMailBox, name: str) -> str:
    """The folder of that name, made if need be; some servers take new ones under the inbox alone."""
    top = mailbox.folder.list("", "INBOX")
    inner = f"INBOX{top[0].delim if top else '/'}{name}"
    for each in (name, inner):
        if mailbox.folder.exists(each):
            return each
    try:
        mailbox.folder.create(name)
    except ImapToolsError:
        mailbox.folder.create(inner)
        return inner
    return name


def _drop_old(mailbox: BaseMailBox, now: datetime) -> None:
    """Who answers what is the members' own: the mails are not kept longer than someone may want to look into them."""
    for name in (HANDLED, ASIDE):
        for folder in mailbox.folder.list("", f"*{name}"):
            mailbox.folder.set(folder.name)
            mailbox.delete(mailbox.uids(AND(date_lt=(now - KEEP_MAILS).date())))


def _note_trouble(problem: Exception, now: datetime) -> None:
    """Said once, by the kind of trouble alone: what a server answers may hold the name it was given."""
    _row, is_new = Heartbeat.objects.get_or_create(
        name="replies_trouble", defaults={"beaten_at": now, "note": type(problem).__name__}
    )
    if is_new:
        logger.error("The reply mailbox cannot be read (%s). What lies there waits.", type(problem).__name__)


# --- What HR and the monitor are told --------------------------------------------------------------------------------


def figures(now: datetime) -> dict[str, int | None]:
    if not is_on():
        return {}
    beats = dict(Heartbeat.objects.filter(name__in=["replies", "replies_trouble"]).values_list("name", "beaten_at"))
    return {
        f"{name}_age": round(max(0, (now - beats[name]).total_seconds())) if name in beats else None
        for name in ("replies", "replies_trouble")
    }


def troubles(told: dict, now: datetime) -> list[str]:
    if told.get("replies_trouble_age") is None:
        return []
    since = now - timedelta(seconds=told["replies_trouble_age"])
    return [
        _(
            "Postkassen med kalendersvar har ikke kunnet læses siden %(date)s kl. %(time)s. "
            "Svarene bliver liggende og bliver læst, når den kan."
        )
        % {"date": compact_date(since), "time": clock(since)}
    ]


def tally(now: datetime) -> Tally | None:
    """How many mails of each outcome in a month: no person, no meeting."""
    if not is_on():
        return None
    lately = CalendarReply.objects.filter(handled_at__gt=now - SHOWN)
    counted = dict(lately.values_list("outcome").annotate(Count("pk")).order_by())
    return Tally(
        title=_("Svar fra kalendere"),
        text=_("De seneste 30 dage, kun som antal. Det, der er lagt til side, ligger i postkassens mappe „%(folder)s“.")
        % {"folder": ASIDE},
        rows=[(str(each.label), counted.get(each.value, 0)) for each in CalendarReply.Outcome if each.value in counted],
    )


watch = Watch(figures=figures, troubles=troubles, tally=tally)
