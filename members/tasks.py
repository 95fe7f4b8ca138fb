"""Three lines over the outbox. Tasks take no arguments and carry no content: what is to be done is in the database."""

import time

from celery import shared_task
from django.conf import settings

TURN_SECONDS = 20  # short turns, so that a worker told to stop is gone well within half a minute


@shared_task(ignore_result=True)
def send_due():
    """The clock's tick."""
    from members.clock import database_now
    from members.sending import beat

    beat("tick", database_now())
    _send()


@shared_task(ignore_result=True)
def send_now():
    """The nudge after a commit, and the next turn of a long batch."""
    _send()


def _send():
    from members import outbox
    from members.clock import database_now
    from members.sending import beat

    ends = time.monotonic() + TURN_SECONDS
    done = outbox.send_due(keep_going=lambda: time.monotonic() < ends)
    beat("worker", database_now())
    if done.total() >= settings.OUTBOX_BATCH:
        for _worker in range(2):  # one goes on and one helps; how many may is bounded by the lines to the mail server
            outbox.nudge()
    elif time.monotonic() >= ends:
        outbox.nudge()


@shared_task(ignore_result=True)
def tidy():
    """Drop what need not be kept: uploaded files of yesterday, old sent rows, ended sessions."""
    from members.clock import database_now
    from members.deliveries import tidy

    tidy(now=database_now())
