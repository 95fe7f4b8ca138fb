"""The site as in production: gunicorn with DEBUG off, its static files collected, and a browser that hides nothing."""

import http.client
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from cryptography.fernet import Fernet
from django.conf import settings
from django.db import connection

from netvaerk.tests.servers import ROOT, START_SECONDS, answers, free_port, wait_until

HOST = "netvaerk.example"
FAILING = "netvaerk.tests.production_site:application"


class Site:
    """Reads the database of the tests; what they have signed, it can read."""

    def __init__(self, *options, **environment):
        self.folder = Path(tempfile.mkdtemp(prefix="netvaerk-site-"))
        self.port = free_port()
        self.access_log, self.log = self.folder / "access", self.folder / "errors"
        self.environment = os.environ | {
            "DEBUG": "off",
            "VAR_FOLDER": str(self.folder),
            "SECRET_KEY": "production-" + "k" * 60,
            "SECRET_KEY_FALLBACKS": settings.SECRET_KEY,
            "FRIRUM_KEYS": Fernet.generate_key().decode(),
            "ALLOWED_HOSTS": HOST,
            "SITE_URL": f"https://{HOST}",
            "DATABASE_URL": database_url(),
            "EMAIL_URL": "smtp://127.0.0.1:1",
            "CELERY_BROKER_URL": "filesystem://localhost/",
            "REQUIRE_MFA_FOR": "",
            **environment,
        }
        self.manage("collectstatic", "--noinput", "--verbosity", "0")
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "gunicorn", FAILING, "-b", f"127.0.0.1:{self.port}", "-w", "1",
                 "--access-logfile", self.access_log, *options],
                cwd=ROOT, env=self.environment, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        if not wait_until(lambda: answers(self.port), seconds=START_SECONDS):
            self.close()
            raise RuntimeError("gunicorn did not start.")

    def manage(self, *command) -> None:
        subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, env=self.environment, check=True, timeout=120)

    def ask(self, path: str, *, method="GET", host=HOST, scheme="https", body=None, **headers) -> "Answer":
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            line.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            headers = {"Host": host, "X-Forwarded-Proto": scheme, **headers}
            if body is not None:
                headers |= {"Content-Length": len(body), "Content-Type": "application/x-www-form-urlencoded"}
            for name, value in headers.items():
                line.putheader(name.replace("_", "-"), value)
            line.endheaders(body)
            return Answer(line.getresponse())
        finally:
            line.close()

    def close(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(START_SECONDS)
        finally:
            if self.process.poll() is None:
                self.process.kill()
            shutil.rmtree(self.folder, ignore_errors=True)


class Answer:
    def __init__(self, response: http.client.HTTPResponse):
        self.status, self.headers, self.text = (
            response.status,
            response.headers,
            response.read().decode(errors="replace"),
        )

    def __getitem__(self, name: str) -> str:
        return self.headers.get(name, "")

    def cookies(self) -> dict[str, str]:
        """The whole line of each, by name."""
        return {line.partition("=")[0]: line for line in self.headers.get_all("Set-Cookie", [])}


def database_url() -> str:
    told = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{told['NAME']}"
    return "postgres://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**told).replace(":@", "@")
