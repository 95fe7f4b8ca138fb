"""The worker with one task more, which falls with a member's text in its hands."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "netvaerk.settings")

import django

django.setup()

from netvaerk.celery import app  # noqa: E402


@app.task
def fall():
    from networks.models import Goal

    held = Goal.objects.latest("pk").title
    raise ValueError(f"cannot compare {held!r}")
