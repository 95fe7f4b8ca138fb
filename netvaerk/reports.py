"""What is written when something fails: where and of what kind, never with what.

The words of an exception often quote the value that was in the way (`invalid literal: '…'`), and Django's report to
ADMINS quotes all that was typed. Either could be members-only text, so neither leaves the process. In development
nothing is held back.
"""

import copy
import logging
import sys
import traceback
from collections.abc import Iterator

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import InterfaceError, OperationalError
from django.views.debug import ExceptionReporter

from netvaerk.key_addresses import KeylessFormatter, hide

# These speak of servers and settings, and whoever repairs them needs the words.
OPEN = (ImproperlyConfigured, InterfaceError, OperationalError, OSError)


def _chain(exception: BaseException) -> Iterator[BaseException]:
    """The exception and those it came of, the first of them first."""
    found = []
    while exception is not None and exception not in found:
        found.append(exception)
        exception = exception.__cause__ or (None if exception.__suppress_context__ else exception.__context__)
    return reversed(found)


def name_of(exception: BaseException) -> str:
    kind = type(exception)
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    return f"{name}: {exception}" if isinstance(exception, OPEN) else name


def quiet_traceback(exception: BaseException) -> str:
    """Each step of the way, and the kind of what was raised."""
    return "\n\n".join(
        "Traceback (most recent call last):\n" + "".join(traceback.format_tb(one.__traceback__)) + name_of(one)
        for one in _chain(exception)
    )


class QuietFormatter(KeylessFormatter):
    """One line for each record, and for a failure what `quiet_traceback` tells of it."""

    def format(self, record: logging.LogRecord) -> str:
        if not record.exc_info or not isinstance(record.exc_info[1], BaseException):
            return super().format(record)
        quiet = copy.copy(record)
        quiet.msg, quiet.args, quiet.exc_text = _without_words(record), None, None
        return super().format(quiet)

    def formatException(self, exc_info) -> str:
        return quiet_traceback(exc_info[1])


def _without_words(record: logging.LogRecord) -> str:
    """The message; where it quotes the exception, as Celery's does, its kind stands there."""
    message = record.getMessage()
    for exception in _chain(record.exc_info[1]):
        for said in (repr(exception), str(exception)):
            if said.strip() and not isinstance(exception, OPEN):
                message = message.replace(said, type(exception).__qualname__)
    return message


class QuietReporter(ExceptionReporter):
    """What ADMINS are mailed: the way to the failure, without what was typed, held or said."""

    def get_traceback_text(self) -> str:
        return super().get_traceback_text() if settings.DEBUG else self._quiet()

    def get_traceback_html(self) -> str:
        return super().get_traceback_html() if settings.DEBUG else f"<pre>{self._quiet()}</pre>"

    def _quiet(self) -> str:
        where = f"{self.request.method} {hide(self.request.path)}\n\n" if self.request else ""
        return where + (quiet_traceback(self.exc_value) if self.exc_value else "")


def hush_uncaught() -> None:
    """A command that falls tells the terminal, or cron's mail, no more than the log would."""
    if not settings.DEBUG:
        sys.excepthook = _tell


def _tell(kind, exception: BaseException, trace) -> None:
    if isinstance(exception, KeyboardInterrupt):
        sys.__excepthook__(kind, exception, trace)
    else:
        sys.stderr.write(quiet_traceback(exception) + "\n")
