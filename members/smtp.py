"""Handing one letter at a time to the mail server, and telling apart what can go wrong.

Django's own backend says everything in one call. The outbox must know the moment before the text leaves, whose fault a
refusal is, and that no server, however slow, holds a worker for more than a minute.

Each answer that is waited for costs a journey. A server that hears several commands in one breath (RFC 2920) is told
who gets the next letter together with the text of this one; one that takes a text by its length (RFC 3030) is not asked
first whether it may come.
"""

import re
import smtplib
import socket
import ssl
import threading
import time
from collections.abc import Callable
from contextlib import contextmanager, suppress
from functools import lru_cache
from smtplib import quoteaddr
from typing import NoReturn

from django.conf import settings
from django.core.mail import get_connection
from django.core.mail.utils import DNS_NAME

from members.mail import Mail
from members.mime import Letter, sender_address

WHOLE_TRY_SECONDS = 60
WATCH_SECONDS = 0.5
ANSWER_LENGTH = 300
SLOW_SECONDS = 0.2
_LEADING_DOT = re.compile(rb"^\.", re.MULTILINE)


class SendingError(Exception):
    """`code` and `answer` are the server's own, or the name of what went wrong on the way."""

    def __init__(self, code: int | None, answer: str | bytes):
        text = answer.decode("ascii", "replace") if isinstance(answer, bytes) else answer
        self.code, self.answer = code, " ".join(text.split())[:ANSWER_LENGTH]
        super().__init__(self.code, self.answer)


class RelayAway(SendingError):
    """The server cannot be reached, or will not talk now: true for every mail."""


class RelayRefuses(SendingError):
    """The server will not have us as a sender at all: true for every mail, until someone puts it right."""


class Deferred(SendingError):
    """Not now: the server asks to have this mail again later."""


class Rejected(SendingError):
    """Never: the server refuses this mail to this address."""


class Uncertain(SendingError):
    """The line fell while the text was handed over; the server may or may not have taken it."""


def open_relay() -> "SmtpRelay | BackendRelay":
    if settings.EMAIL_BACKEND == "django.core.mail.backends.smtp.EmailBackend":
        return SmtpRelay()
    return BackendRelay()


class _Watched:
    """Lets the deadline reach the line from its first byte on."""

    def __init__(self, relay: "SmtpRelay", *args, **kwargs):
        relay.smtp = self
        super().__init__(*args, **kwargs)


class _PlainLine(_Watched, smtplib.SMTP):
    pass


class _SecureLine(_Watched, smtplib.SMTP_SSL):
    pass


class SmtpRelay:
    """One connection, kept for the batch and opened again when the server has closed it."""

    def __init__(self):
        self.smtp: smtplib.SMTP | None = None
        self.is_open = False
        self.is_slow = False  # over who gets a letter: then the next is not told ahead, lest the last wait for its note
        self.addressed = ""  # to whom the next letter goes, which the server knows; what it says of it is not yet read
        self.is_cut = False
        self.cut_at: float | None = None
        self.is_done = threading.Event()
        self.watch: threading.Thread | None = None

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        if self.is_open:
            with suppress(smtplib.SMTPException, OSError), self._deadline():
                self.smtp.quit()
        self.close()
        self.is_done.set()

    def send(
        self,
        mail: Mail,
        data: bytes,
        address: str,
        *,
        before_data: Callable[[], bool],
        following: str = "",
        meanwhile: Callable[[], None] = lambda: None,
    ) -> int | None:
        """The server's code for a taken letter; None when `before_data` says it is not ours to send any more.

        `following` is the address of the letter that comes next, where it is known, and `meanwhile` what can be done,
        in a moment and without raising, while the server reads.
        """
        with self._deadline():
            try:
                self._address_letter(address)
                if not before_data():
                    self._reset()
                    return None
                return self._hand_over(data, following, meanwhile)
            except SendingError:
                raise
            except BaseException:  # nobody knows how far the talk has come
                self.close()
                raise

    def close(self) -> None:
        self.is_open, self.addressed = False, ""
        if self.smtp is not None:
            with suppress(smtplib.SMTPException, OSError):
                self.smtp.close()
        self.smtp = None

    def _address_letter(self, address: str) -> None:
        """MAIL FROM and RCPT TO; a kept line that the server has closed meanwhile is opened again, once."""
        if self.addressed not in ("", address):
            self._reset()
        was_kept = self.is_open
        try:
            self._open()
            sender_code, sender_answer, code, answer = self._envelope(address)
            if sender_code != 250:
                if was_kept and sender_code < 500:
                    raise smtplib.SMTPServerDisconnected  # so many letters per line, and no more
                raise _everyones(sender_code, sender_answer)
        except (smtplib.SMTPException, OSError) as problem:
            self.close()
            if was_kept and not self.is_cut and not isinstance(problem, TimeoutError):
                return self._address_letter(address)
            raise RelayAway(None, type(problem).__name__) from problem
        if code not in (250, 251):
            self._refused(code, answer)

    def _envelope(self, address: str) -> tuple[int, bytes, int, bytes]:
        """What the server says to both."""
        if not _is_speakable(address):
            raise ValueError("An address holds what no address can.")
        in_one = self._can("pipelining")
        if in_one and not self.addressed:
            self.smtp.send(_both(address))
        self.addressed = ""
        asked_at = time.monotonic()
        sender_code, sender_answer = self.smtp.getreply() if in_one else self.smtp.mail(sender_address())
        if sender_code != 250:
            return sender_code, sender_answer, 503, b""  # the line is closed: what it says to the rest is not asked
        code, answer = self.smtp.getreply() if in_one else self.smtp.rcpt(address)
        self.is_slow = time.monotonic() - asked_at > SLOW_SECONDS
        return sender_code, sender_answer, code, answer

    def _hand_over(self, data: bytes, following: str, meanwhile: Callable[[], None]) -> int:
        try:
            code, answer = self._text(data, following, meanwhile)
        except (smtplib.SMTPException, OSError) as problem:
            self.close()
            raise Uncertain(None, type(problem).__name__) from problem
        if code != 250:
            self._refused(code, answer)
        return code

    def _text(self, data: bytes, following: str, meanwhile: Callable[[], None]) -> tuple[int, bytes]:
        """What the server says to the text."""
        if self._can("chunking"):
            text = b"BDAT %d LAST\r\n%b" % (len(data), data)
        else:
            code, answer = self.smtp.docmd("DATA")
            if code != 354:
                self._refused(code, answer)
            text = _LEADING_DOT.sub(b"..", data) + b".\r\n"
        if following and _is_speakable(following) and self._can("pipelining") and not self.is_slow:
            text += _both(following).encode("ascii")
            self.addressed = following
        self.smtp.send(text)
        meanwhile()
        return self.smtp.getreply()

    def _refused(self, code: int, answer: bytes) -> NoReturn:
        self._reset(after=code)
        raise _this_mails(code, answer)

    def _can(self, extension: str) -> bool:
        return settings.MAIL_PIPELINING and self.smtp.has_extn(extension)

    def _open(self) -> None:
        if self.is_open:
            return
        line = _SecureLine if settings.EMAIL_USE_SSL else _PlainLine
        try:
            line(
                self,
                settings.EMAIL_HOST,
                settings.EMAIL_PORT,
                local_hostname=DNS_NAME.get_fqdn(),
                timeout=settings.EMAIL_TIMEOUT,
                **({"context": ssl.create_default_context()} if settings.EMAIL_USE_SSL else {}),
            )
            if settings.EMAIL_USE_TLS:
                self.smtp.starttls(context=ssl.create_default_context())
            self.smtp.ehlo_or_helo_if_needed()
            if settings.EMAIL_HOST_USER and settings.EMAIL_HOST_PASSWORD:
                self.smtp.login(settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD)
        except smtplib.SMTPResponseException as refusal:
            self.close()
            raise _everyones(refusal.smtp_code, refusal.smtp_error) from refusal
        except smtplib.SMTPNotSupportedError as problem:
            self.close()
            raise RelayRefuses(None, type(problem).__name__) from problem
        self.is_open = True

    def _reset(self, *, after: int | None = None) -> None:
        """Ready for any letter; after 421 the server hangs up."""
        if after == 421:
            self.close()
            return
        try:
            for _unread in range(2 if self.addressed else 0):
                self.smtp.getreply()
            self.addressed = ""
            code, _answer = self.smtp.rset()
        except (smtplib.SMTPException, OSError):
            code = None
        if code != 250:
            self.close()

    @contextmanager
    def _deadline(self):
        """Cut the line when a whole try takes too long: a timeout per read lets one byte a second go on for hours."""
        self.is_cut, self.cut_at = False, time.monotonic() + WHOLE_TRY_SECONDS
        if self.watch is None:
            self.watch = threading.Thread(target=self._keep_watch, daemon=True)
            self.watch.start()
        try:
            yield
        finally:
            self.cut_at = None

    def _keep_watch(self):
        """One thread for the batch: starting one for each letter takes longer than handing it over."""
        while not self.is_done.wait(WATCH_SECONDS):
            due = self.cut_at
            if due is not None and time.monotonic() > due and not self.is_cut:
                self._cut()

    def _cut(self) -> None:
        self.is_cut = True
        line = getattr(self.smtp, "sock", None)
        if line is not None:
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)


def _is_speakable(address: str) -> bool:
    return len(address.split()) == 1 and address.isprintable() and address.isascii()


def _both(address: str) -> str:
    return f"MAIL FROM:{_quoted(sender_address())}\r\nRCPT TO:{_quoted(address)}\r\n"


_quoted = lru_cache(maxsize=1024)(quoteaddr)  # the sender is always the same


def _everyones(code: int, answer: bytes) -> SendingError:
    return RelayRefuses(code, answer) if code >= 500 else RelayAway(code, answer)


def _this_mails(code: int, answer: bytes) -> SendingError:
    return Rejected(code, answer) if code >= 500 else Deferred(code, answer)


class BackendRelay:
    """Django's memory, file and console backends, each letter in a connection of its own."""

    addressed = ""

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        pass

    def send(self, mail: Mail, data: bytes, address: str, *, before_data: Callable[[], bool], **_ahead) -> int | None:
        letter = Letter(mail, data, address)
        if not before_data():
            return None
        try:
            get_connection().send_messages([letter])
        except smtplib.SMTPResponseException as refusal:
            raise _this_mails(refusal.smtp_code, refusal.smtp_error) from refusal
        except (smtplib.SMTPException, OSError) as problem:
            raise Deferred(None, type(problem).__name__) from problem
        return 250
