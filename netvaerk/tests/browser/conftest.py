"""The demo municipality behind a live server, and people who sit down before a browser to use it."""

from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
from allauth.account.internal.flows.login import record_authentication
from django.apps import apps
from django.conf import settings
from django.core.management.color import no_style
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone
from playwright.sync_api import expect

from members.models import User
from netvaerk import demo as demo_municipality
from netvaerk.tests.browser.chromium import DESK, launch_options

PATIENCE = 15_000  # milliseconds; a busy machine is slow, not broken


expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="session")
def base_url():
    """Each test's server says where it is; the plugin's own fixture is written in a way pytest warns of."""


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    return {**browser_type_launch_args, **launch_options()}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args):
    return {**browser_context_args, "locale": "da-DK", "timezone_id": "Europe/Copenhagen"}


@pytest.fixture(scope="session")
def kept_rows():
    """The demo as it was first built, by model; empty until then."""
    return {}


@pytest.fixture
def demo(live_server, transactional_db, kept_rows):
    """Egebjerg Kommune, as `make run` shows it, fresh for every test: built once, later laid out from the rows kept."""
    if kept_rows:
        lay_out(kept_rows)
    else:
        demo_municipality.build(now=timezone.now())
        kept_rows |= {model: list(model._base_manager.all()) for model in apps.get_models(include_auto_created=True)}


def lay_out(rows):
    with transaction.atomic():  # which row comes first does not matter until the end
        for model, kept in rows.items():
            model._base_manager.all().delete()
            model._base_manager.bulk_create(kept, batch_size=500)
    resets = connection.ops.sequence_reset_sql(no_style(), list(rows))
    with connection.cursor() as cursor:
        for statement in resets:
            cursor.execute(statement)


@pytest.fixture
def sit_down(demo, live_server, new_context):
    """`sit_down("leder", PHONE)` is a page in that person's own browser, already signed in; nobody's without a name.

    Who `has_confirmed` has just given the password once more, as what touches one's keys asks for.

    Whatever the browser complains of meanwhile (a script, a missing file, the content security policy) fails the test.
    """
    complaints = []

    def open_browser(login="", screen=DESK, *, has_confirmed=False, **options):
        context = new_context(base_url=live_server.url, viewport=screen, **options)
        context.set_default_timeout(PATIENCE)
        if login:
            client = Client()
            client.force_login(person(login))
            session = client.session
            if has_confirmed:
                record_authentication(SimpleNamespace(session=session), person(login), "password", reauthenticated=True)
                session.save()
            cookie = {"name": settings.SESSION_COOKIE_NAME, "value": session.session_key, "url": live_server.url}
            context.add_cookies([cookie])
        context.site = live_server.url
        page = context.new_page()
        page.complaints = complaints
        page.on("pageerror", lambda error: complaints.append(f"{_path(page)}: {error}"))
        page.on("console", lambda said: _listen(said, page))
        return page

    yield open_browser
    assert complaints == []


def _listen(said, page):
    is_own_guess = said.location["url"].endswith("/favicon.ico")  # on pages that cannot name their icon
    if said.type in ("error", "warning") and not is_own_guess:
        page.complaints.append(f"{_path(page)}: {said.text}")


def _path(page) -> str:
    return urlsplit(page.url).path


def person(login: str) -> User:
    return User.objects.get(email=f"{login}@demo.invalid")
