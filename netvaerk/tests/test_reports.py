"""What is written of a failure: where and of what kind, never with the words that were in the way."""

import logging
import subprocess
import sys

import pytest
from celery.signals import setup_logging
from django.core import mail
from django.db import OperationalError

from netvaerk import reports
from netvaerk.tests.servers import ROOT
from netvaerk.tests.test_house import GOOD

SAID = "det, Anne skrev i rummet"
LATER = "endnu et ord"


def fail(kind=ValueError, said=SAID):
    held = f"{said} og mere"  # what a traceback with locals would show
    raise kind(said) if held else None


def caught(act=fail, *args) -> BaseException:
    try:
        act(*args)
    except Exception as exception:
        return exception


def line_of(message, *args, exception, formatter=None) -> str:
    formatter = formatter or reports.QuietFormatter("%(levelname)s %(message)s")
    exc_info = (type(exception), exception, exception.__traceback__)
    return formatter.format(logging.LogRecord("x", logging.ERROR, __file__, 1, message, args, exc_info))


def test_a_failure_is_told_by_place_and_kind():
    line = line_of("Internal Server Error: %s", "/moeder/3/", exception=caught())

    assert line.startswith("ERROR Internal Server Error: /moeder/3/\nTraceback")
    assert "in fail\n" in line
    assert line.endswith("\nValueError")
    assert SAID not in line


def test_what_it_came_of_is_told_in_the_same_way():
    def act():
        try:
            fail()
        except ValueError:
            fail(KeyError, LATER)

    line = line_of("x", exception=caught(act))

    assert [part.rstrip().rpartition("\n")[2] for part in line.split("\n\n")] == ["ValueError", "KeyError"]
    assert SAID not in line
    assert LATER not in line


def test_a_message_that_quotes_the_exception_loses_the_quotation():
    exception = caught()

    line = line_of(
        "Task %(name)s raised unexpected: %(exc)s", {"name": "tidy", "exc": repr(exception)}, exception=exception
    )

    assert line.startswith("ERROR Task tidy raised unexpected: ValueError\n")


def test_what_speaks_of_servers_keeps_its_words():
    line = line_of("x", exception=caught(fail, OperationalError, "connection refused"))

    assert line.endswith("django.db.utils.OperationalError: connection refused")


def test_another_formatter_that_has_been_there_before_changes_nothing():
    exception = caught()
    record = logging.LogRecord(
        "x", logging.ERROR, __file__, 1, "x", None, (type(exception), exception, exception.__traceback__)
    )
    assert SAID in logging.Formatter().format(record)  # it leaves its text on the record

    assert SAID not in reports.QuietFormatter().format(record)


def test_admins_are_mailed_where_and_not_what(settings, rf):
    settings.ADMINS = [("Drift", "drift@egebjerg-kommune.invalid")]
    exception = caught()
    request = rf.post("/moeder/3/emner/", {"title": SAID})
    record = logging.LogRecord(
        "django.request", logging.ERROR, __file__, 1, "Internal Server Error: %s", ("/moeder/3/",),
        (type(exception), exception, exception.__traceback__),
    )  # fmt: skip
    record.request = request
    handler = next(h for h in logging.getLogger("django").handlers if h.__class__.__name__ == "AdminEmailHandler")
    for handler.include_html in (False, True):
        handler.emit(record)
    handler.include_html = False

    assert len(mail.outbox) == 2
    for sent in mail.outbox:
        assert "POST /moeder/3/emner/" in sent.body
        assert "in fail\n" in sent.body
        assert SAID not in sent.message().as_string()
        assert SAID not in f"{sent.subject} {sent.body} {sent.alternatives}"


@pytest.mark.parametrize(
    ("debug", "act", "is_said"),
    [("off", "raise ValueError('et ord herfra')", False), ("on", "raise ValueError('et ord herfra')", True)],
)
def test_a_process_that_falls_says_no_more_than_the_log(debug, act, is_said):
    log = "import logging\ntry:\n    int('et ord herfra')\nexcept ValueError:\n    logging.exception('faldt')\n"
    environment = GOOD | {"DEBUG": debug}
    done = subprocess.run(
        [sys.executable, "-c", f"import django\ndjango.setup()\n{log}{act}"],
        cwd=ROOT,
        env=environment | {"DJANGO_SETTINGS_MODULE": "netvaerk.settings"},
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert done.returncode == 1
    assert done.stderr.count("ValueError") >= 2, "the log tells, and so does the end of the process"
    assert ("et ord herfra" in done.stderr.replace(act, "").replace("int('et ord herfra')", "")) == is_said


def test_workers_write_as_the_web_does():
    """Celery sets up logs of its own unless someone answers this signal."""
    import netvaerk.celery

    assert netvaerk.celery.log_as_the_web_does in [receiver() for _key, receiver in setup_logging.receivers]
