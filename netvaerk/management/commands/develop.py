"""What `make run` does: a database with the demo municipality, the web server, and a worker with its timetable."""

import os
import signal
import subprocess
import sys

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from members.models import User
from netvaerk.demo import LOGINS, PASSWORD


class Command(BaseCommand):
    help = "Start everything on this machine for a look around: database, demo, web server, worker. Needs DEBUG."

    def add_arguments(self, parser):
        parser.add_argument("--port", default=os.environ.get("PORT", "8000"))

    def handle(self, *args, port, **options):
        if not settings.DEBUG:
            raise CommandError("develop is for a developer's machine: set DEBUG=on.")
        os.environ.setdefault("SITE_URL", f"http://localhost:{port}")
        settings.VAR.mkdir(exist_ok=True)
        call_command("migrate", verbosity=0)
        call_command("createcachetable", verbosity=0)
        if not User.objects.exists():
            call_command("demo", stdout=self.stdout)
        self.stdout.write(f"\nNetværk kører på http://localhost:{port}/\n\n")
        self.stdout.write(f"Log ind med (adgangskode {PASSWORD}):\n")
        for address, who in LOGINS:
            self.stdout.write(f"  {address:<26} {who}")
        self.stdout.write(f"\nSendt mail kan læses på http://localhost:{port}/postkasse/\nStop med Ctrl+C.\n\n")
        self.stdout.flush()
        self._serve(port)

    def _serve(self, port):
        schedule = str(settings.VAR / "celerybeat-schedule")
        worker = ["-m", "celery", "-A", "netvaerk", "--quiet", "worker", "--beat", "--schedule", schedule]
        worker += ["--concurrency", "1", "--loglevel", "WARNING"]
        server = ["manage.py", "runserver", f"127.0.0.1:{port}", "--noreload"]
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        processes = [subprocess.Popen([sys.executable, *command]) for command in (worker, server)]  # noqa: S603  (our own)
        try:
            processes[-1].wait()
        except KeyboardInterrupt:
            self.stdout.write("\nStopper …")
        finally:
            for process in processes:
                process.terminate()
            for process in processes:
                process.wait()
