"""The pictures in README: `python -m netvaerk.tests.screenshots` takes them anew, of the demo as it is today."""

import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from playwright.sync_api import Browser, sync_playwright

from netvaerk.tests.browser.chromium import DESK, launch_options

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "screenshots"
PICTURES = {
    "home": ("leder", "/"),
    "network": ("tovholder", "/netvaerk/ledere-paa-tvaers/"),
    "plan": ("tovholder", "/netvaerk/ledere-paa-tvaers/moeder/"),
    "wheel": ("leder", "/moeder/aarshjul/"),
    "follow-up": ("hr", "/opfoelgning/"),
    "status": ("direktion", "/status/"),
}
PASSWORD = "netvaerk-demo"
START_SECONDS = 60


def main():
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {
            "DEBUG": "on",
            "DATABASE_URL": f"sqlite:///{folder}/demo.sqlite3",
            "CELERY_BROKER_URL": "memory://",
            "EMAIL_URL": f"filemail:///{folder}/mail",
        }
        for command in (["migrate", "-v0"], ["createcachetable"], ["demo"]):
            subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, env=environment, check=True)
        port = free_port()
        serve = [sys.executable, "manage.py", "runserver", f"127.0.0.1:{port}", "--noreload"]
        server = subprocess.Popen(serve, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
        try:
            wait_for(f"http://127.0.0.1:{port}/sundhed/", server)
            FOLDER.mkdir(parents=True, exist_ok=True)
            with sync_playwright() as playwright, playwright.chromium.launch(**launch_options()) as browser:
                for name, (login, address) in PICTURES.items():
                    take(browser, f"http://127.0.0.1:{port}", name, login, address)
        finally:
            server.terminate()
            server.wait()


def take(browser: Browser, site: str, name: str, login: str, address: str):
    with browser.new_context(base_url=site, viewport=DESK, locale="da-DK", timezone_id="Europe/Copenhagen") as context:
        page = context.new_page()
        page.goto("/")
        page.get_by_label("E-mail").fill(f"{login}@demo.invalid")
        page.get_by_label("Adgangskode").fill(PASSWORD)
        page.get_by_role("button", name="Log ind").click()
        page.get_by_role("button", name="Log af").wait_for()
        page.goto(address, wait_until="networkidle")
        page.evaluate("document.fonts.ready")
        page.screenshot(path=FOLDER / f"{name}.png")
        print(f"docs/screenshots/{name}.png")


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def wait_for(address: str, server: subprocess.Popen):
    ends = time.monotonic() + START_SECONDS
    while server.poll() is None and time.monotonic() < ends:
        try:
            urlopen(address, timeout=5).close()
            return
        except (URLError, TimeoutError):
            time.sleep(0.2)
    raise SystemExit("The site did not start.")


if __name__ == "__main__":
    main()
