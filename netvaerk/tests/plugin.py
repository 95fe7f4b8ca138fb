"""The environment all tests share; loaded by pytest.ini before Django's settings are read."""

import atexit
import os
import shutil
import tempfile

import pytest

os.environ["DEBUG"] = "on"
os.environ["EMAIL_URL"] = "memorymail://"
os.environ["REPLY_MAILBOX_URL"] = os.environ["REPLY_ADDRESS"] = os.environ["CALENDAR_TITLE"] = ""
os.environ.setdefault("CELERY_BROKER_URL", "memory://")
os.environ.setdefault("DATABASE_URL", "sqlite:///unused.sqlite3")
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright keeps an event loop in the tests' thread

if "TEST_DATABASE" not in os.environ:
    folder = tempfile.mkdtemp(prefix="netvaerk-tests-")
    os.environ["TEST_DATABASE"] = os.path.join(folder, "test.sqlite3")
    os.environ["ERASURE_LIST"] = os.path.join(folder, "erased.txt")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)


@pytest.fixture(autouse=True)
def _danish():
    """A request leaves its language behind in the thread; every test begins in Danish."""
    from django.utils import translation

    with translation.override("da"):
        yield
