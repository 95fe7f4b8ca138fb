"""The environment all tests share; loaded by pytest.ini before Django's settings are read."""

import os
import tempfile

os.environ.setdefault("DEBUG", "on")
os.environ["EMAIL_URL"] = "memorymail://"
os.environ.setdefault("CELERY_BROKER_URL", "memory://")
os.environ.setdefault("DATABASE_URL", f"sqlite:///{tempfile.gettempdir()}/netvaerk-tests.sqlite3")
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright keeps an event loop in the tests' thread
