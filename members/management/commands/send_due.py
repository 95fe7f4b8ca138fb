"""What the timetable runs, by hand or from cron: needs neither Redis nor Celery."""

import signal
import threading
from collections import Counter

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import InterfaceError, OperationalError, close_old_connections

from members import outbox
from members.clock import database_now
from members.sending import beat

PAUSE_SECONDS = 60


class Command(BaseCommand):
    help = "Sends the messages that are due. From cron every minute, or with --loop as a service of its own."

    def add_arguments(self, parser):
        parser.add_argument("--loop", action="store_true", help="Go on, once a minute, until told to stop.")

    def handle(self, *args, loop, **options):
        told_to_stop = threading.Event()
        if loop:
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, lambda *_: told_to_stop.set())
        while True:
            try:
                self.send(told_to_stop)
            except (OperationalError, InterfaceError) as problem:
                if not loop:
                    raise
                self.stderr.write(f"The database is away ({type(problem).__name__}); trying again in a minute.")
            if not loop or told_to_stop.wait(PAUSE_SECONDS):
                return
            close_old_connections()

    def send(self, told_to_stop: threading.Event) -> None:
        beat("tick", database_now())
        counts = Counter()
        while True:
            turn = outbox.send_due(keep_going=lambda: not told_to_stop.is_set())
            counts += turn
            if turn.total() < settings.OUTBOX_BATCH:
                break
        told = [f"{name} {number}" for name, number in sorted(counts.items())]
        self.stdout.write(", ".join(told) or "Nothing is due.")
