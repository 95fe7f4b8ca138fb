"""The canary sweep: a word in all that not everyone may read, and every way out of the house searched for it."""

import base64
import io
import traceback
import zipfile
import zlib
from contextlib import suppress

import pytest
from celery.signals import before_task_publish
from django.conf import settings as django_settings
from django.core import mail, signing
from django.core.management import CommandError, call_command, get_commands
from django.db import connection, models, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

import meetings.email
import meetings.feedback_permissions
import meetings.permissions
import members.audit
import netvaerk.search
import networks.permissions
import networks.views.goals
from meetings.models import Meeting
from members import encryption
from members.models import AuditEvent
from netvaerk import reports
from netvaerk.celery import app
from netvaerk.personal_data.rules import Table
from netvaerk.tests.canaries import (
    READ_BY_MORE,
    RULES,
    Canary,
    fields_to_plant,
    in_the_open,
    members_of,
    whole,
)
from netvaerk.tests.letters import letters
from netvaerk.tests.pages import forms_of
from netvaerk.tests.town import Town, all_logs
from networks import goals
from networks.models import Goal

VISITORS = (
    "signed out", "hr", "direktion", "byraad", "tovholder", "leder", "ny", "system", "has left", "on leave",
    "inactive", "member of another network", "HR consultant", "sponsor",
)  # fmt: skip
NEVER_SHOWN = {("meetings.FeedbackResponse", "answers")}  # not even to those who gave them
ADMIN = ("Drift", "drift@egebjerg-kommune.invalid")


class _Done(Exception):
    pass


@pytest.fixture(scope="module")
def town(django_db_setup, django_db_blocker):
    """Built once for the file and taken back when it is done; each test has a savepoint of its own within."""
    with django_db_blocker.unblock(), suppress(_Done), transaction.atomic():
        yield Town()
        raise _Done


@pytest.fixture(autouse=True)
def _savepoint(town, db):
    """The town first: a test's own transaction stands inside the town's."""


# --- Planting --------------------------------------------------------------------------------------------------------


def test_a_word_stands_in_every_field(town):
    planted = {(canary.model, canary.field) for canary in town.flock.planted}

    assert planted == {(model._meta.label, field) for model, field, _is_encrypted in fields_to_plant()}
    assert {model for model, _field in planted} == set(RULES)
    assert len(town.flock.planted) > 150


def test_all_other_text_of_the_rooms_is_read_by_more_than_members():
    """A new field for text is either unreadable in the database, or stands in the list with who reads it."""
    plain = {
        f"{model._meta.label}.{field.name}"
        for model in _models_of_the_rooms()
        for field in model._meta.fields
        if isinstance(field, models.CharField | models.TextField | models.JSONField)
        and not isinstance(field, encryption.EncryptedTextField)
        and not field.choices
    }

    assert plain == set(READ_BY_MORE)


def _models_of_the_rooms():
    from django.apps import apps

    return [model for room in ("networks", "meetings") for model in apps.get_app_config(room).get_models()]


def test_words_are_found_in_what_they_are_packed_in(town):
    word = town.typed("packing")
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("ark.xml", f"<c>{word}</c>")

    for packed in (
        word.upper(),
        base64.b64encode(f"før {word}".encode()),
        base64.urlsafe_b64encode(zlib.compress(word.encode() * 20)),
        signing.dumps({"x": word}),
        signing.dumps({"x": word * 50}, compress=True),
        zipped.getvalue(),
    ):
        assert {canary.field for canary in town.flock.find_packed(packed)} == {"packing"}, packed


# --- Pages -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", VISITORS)
def test_nobody_finds_what_is_not_for_them(town, name):
    assert town.foreign(name, town.seen(name)) == {}
    assert town.failed == {}


def test_those_it_is_for_do_find_it(town):
    """Else the sweep would be green because it looks past everything."""
    readers = ("tovholder", "leder", "member of another network", "direktion")
    seen = set().union(*(canaries for name in readers for canaries in town.seen(name).values()))
    found = {(canary.model, canary.field) for canary in seen}
    assert {(canary.model, canary.field) for canary in town.flock.planted} - found == NEVER_SHOWN


@pytest.mark.parametrize("name", ["hr", "has left"])
def test_nobody_presses_it_out_of_a_form(town, name):
    slug = f"/{town.network.slug}/"
    about = (pair for pair in town.addresses[town.network] if slug in pair[1] or pair[1].startswith("/moeder/"))
    one_of_each = dict(about).items()

    assert len(one_of_each) > 100
    assert town.foreign(name, town.press(name, one_of_each)) == {}


@pytest.mark.parametrize("name", ["tovholder", "has left"])
def test_own_data_holds_what_one_has_written_and_may_read(town, name):
    visitor = town.visitors[name]
    response = visitor.client.post(reverse("netvaerk:my_data"))

    assert response["Content-Type"] == "application/zip"
    assert {str(one) for one in town.flock.find(whole(response)) if not one.is_own_of(visitor.user)} == set()


# --- Mails, tasks, commands ------------------------------------------------------------------------------------------


def test_no_mail_of_any_kind_carries_it(town):
    from members import kinds

    found = {}
    for kind, _to, sent in letters():
        found.setdefault(kind, set()).update(str(one) for one in town.flock.find_packed(sent))

    assert found == {kind: set() for kind in kinds._kinds}


def test_no_task_carries_it_logs_it_or_answers_with_it(town, settings, django_capture_on_commit_callbacks):
    settings.DEBUG = False
    published = []

    def note(body, headers, **kwargs):
        published.append((str(headers.get("argsrepr")), str(headers.get("kwargsrepr")), body))

    app.loader.import_default_modules()
    tasks = {entry["task"] for entry in app.conf.beat_schedule.values()} | {"members.tasks.send_now"}
    before_task_publish.connect(note)
    connection.force_debug_cursor = True
    try:
        with all_logs() as log, django_capture_on_commit_callbacks(execute=True):
            for name in sorted(tasks):
                task = app.tasks[name]
                assert task.apply(throw=True).result is None
                task.apply_async(expires=1)
    finally:
        connection.force_debug_cursor = False
        before_task_publish.disconnect(note)
        connection.queries_log.clear()

    assert len(published) >= len(tasks)
    assert {(args, kwargs) for args, kwargs, _body in published} == {("()", "{}")}
    assert "networks_goal" in log.getvalue() or "UPDATE" in log.getvalue(), "the database's own log was on"
    assert town.flock.find_packed(repr(published)) == set()
    assert town.flock.find(log.getvalue()) == set()
    assert town.flock.find_packed(*(sent.message().as_bytes() for sent in mail.outbox)) == set()


NOWHERE = "/findes/ikke"
COMMANDS = {
    "after_restore": (),
    "backup": (NOWHERE,),
    "create_administrator": ("ny.admin@egebjerg-kommune.invalid", "Ny", "Admin"),
    "demo": (),
    "develop": (),
    "dispose": (),
    "import_leaders": (str(django_settings.ROOT / "netvaerk" / "demo" / "leaders.csv"), "--dry-run"),
    "migrate": ("--plan",),
    "new_frirum_key": (),
    "read_replies": (),
    "restore": (NOWHERE,),
    "restore_drill": (NOWHERE,),
    "rotate_frirum_keys": (),
    "rotate_secret_key": (),
    "seed": (),
    "send_due": (),
}


def test_no_command_says_it(town, settings):
    ours = {name for name, room in get_commands().items() if room in ("members", "networks", "meetings", "netvaerk")}
    assert ours == set(COMMANDS)
    settings.FRIRUM_KEYS = [encryption.new_key(), *settings.FRIRUM_KEYS]
    said = io.StringIO()

    with all_logs() as log:
        for name, arguments in COMMANDS.items():
            try:
                call_command(name, *arguments, stdout=said, stderr=said)
            except (CommandError, SystemExit) as refusal:
                said.write(str(refusal))

    assert len(said.getvalue()) > 200
    assert town.flock.find_packed(said.getvalue(), log.getvalue()) == set()


# --- What is stored --------------------------------------------------------------------------------------------------


def test_the_database_gives_nothing_away_also_after_edits(town):
    """Every form of the room that can be opened is filled in and sent; what was there and what came is unreadable."""
    word = town.typed("edits")
    names = {field for _model, field, is_encrypted in fields_to_plant() if is_encrypted} | {"question", "text"}
    client, sent = town.visitors["tovholder"].client, set()
    shared = ("support", "consultation", "?")  # what is written there is for HR too
    rooms = [pair for pair in town.addresses[town.network] if not any(word in "".join(pair) for word in shared)]
    rooms = [pair for pair in rooms if pair[0].startswith(("networks:", "meetings:")) and "link" not in pair[0]]
    with all_logs() as log:
        for route, address in rooms:
            page = client.get(address)
            if page.status_code != 200 or not page.get("Content-Type", "").startswith("text/html"):
                continue
            for form in forms_of(page):
                data = {key: value for key, value in form["data"].items() if key != "csrfmiddlewaretoken"}
                typed = {key: word for key in data if key.rpartition("-")[2] in names}
                if typed and form["method"].lower() == "post":
                    client.post(form["action"] or address, data | typed)
                    sent.add(route)

    assert len(sent) >= 12, sent
    assert town.flock.find(log.getvalue()) == set()
    assert Goal.objects.filter(network=town.network).count() > 0
    assert any(word == goal.title for goal in Goal.objects.all()), "some of it was saved"
    assert in_the_open(town.flock) == set()
    assert {one.model for one in town.flock.find_packed(_file())} <= {"networks.SupportRequest"}


def _file() -> bytes:
    """The database file page by page, free pages and all; the server's own files are for the trial with servers."""
    return connection.connection.serialize() if connection.vendor == "sqlite" else b""


def test_the_audit_trail_and_what_is_asked_for_hold_ids_alone(town):
    Goal.objects.filter(network=town.network).first()
    word = town.typed("audit")
    goals.add(
        town.network, actor=town.user("tovholder"), title=word, measure=word,
        due_on=timezone.localdate() + timezone.timedelta(days=30), now=timezone.now(),
    )  # fmt: skip

    assert AuditEvent.objects.filter(verb="add_goal").exists()
    assert town.flock.find(repr(list(AuditEvent.objects.values()))) == set()


# --- When something goes wrong ---------------------------------------------------------------------------------------


def _fall(goal, *args, **kwargs):
    """What a mistake of ours could look like: the text in hand, and in the words of the exception."""
    held = goal.title
    raise ValueError(f"cannot compare {held!r}")


def _failing_page(town, monkeypatch, settings):
    """What comes of an act that falls with a member's text in its hands: page, log and mail to ADMINS."""
    settings.ADMINS = [ADMIN]
    settings.DEBUG = False
    goal = Goal.objects.filter(network=town.network, state="open").first() or town.network.goals.first()
    monkeypatch.setattr(networks.views.goals.room, "can_work", lambda user, network: _fall(goal))
    client = Client(raise_request_exception=False)
    client.force_login(town.user("tovholder"))
    typed = town.typed("failing form")
    mail.outbox.clear()
    with all_logs() as log:
        responses = [
            client.get(reverse("networks:goals", args=[town.network.slug])),
            client.post(reverse("networks:new_goal", args=[town.network.slug]), {"title": typed, "measure": typed}),
        ]
    assert {response.status_code for response in responses} == {500}
    assert "Internal Server Error" in log.getvalue()
    assert len(mail.outbox) == 2
    mails = [sent.message().as_bytes() + sent.body.encode() for sent in mail.outbox]
    return responses, log.getvalue(), mails


def test_an_act_that_falls_tells_nobody_what_it_held(town, monkeypatch, settings):
    responses, log, mails = _failing_page(town, monkeypatch, settings)

    assert town.flock.find_packed(log, *mails, *(whole(response) for response in responses)) == set()
    assert "ValueError" in log


@pytest.mark.parametrize("name", ["tovholder", "hr"])
def test_a_request_that_is_refused_echoes_nothing(town, name):
    """Too many fields, no token, a wrong host, what does not exist: with a member's text in the request."""
    word = town.typed(f"refused {name}")
    client = Client(raise_request_exception=False, enforce_csrf_checks=True)
    client.force_login(town.user(name))
    form = reverse("networks:new_goal", args=[town.network.slug])
    with all_logs() as log:
        responses = [
            client.post(form, {"title": word}),
            client.post(form, {f"f{number}": word for number in range(1002)}),
            client.get(form, headers={"host": "andet.invalid"}),
            client.post("/findes/ikke/", {"title": word}),
            client.post(reverse("networks:goals", args=[town.network.slug]), {"title": word}),
        ]

    assert {response.status_code for response in responses} <= {400, 403, 404, 405}
    assert town.flock.find_packed(log.getvalue(), *(whole(response) for response in responses)) == set()


def test_a_form_refused_shows_what_was_typed_to_its_writer_alone(town):
    word = town.typed("refused form")
    form = reverse("networks:new_goal", args=[town.network.slug])
    data = {"title": word, "measure": "", "due_on": "i morgen"}

    own = town.visitors["tovholder"].client.post(form, data)
    others = [town.visitors[name].client.post(form, data) for name in ("hr", "has left", "system", "sponsor")]

    assert own.status_code == 200
    assert town.flock.find(whole(own)) != set()
    assert {response.status_code for response in others} <= {403, 404}
    assert town.flock.find_packed(*(whole(response) for response in others)) == set()
    assert in_the_open(town.flock) == set()


# --- Each guard removed makes it red ---------------------------------------------------------------------------------


def test_without_encryption_the_database_gives_it_away(town, monkeypatch):
    word = town.flock.word(Canary("networks.Goal", "title", "without encryption", None, frozenset()))
    monkeypatch.setattr(encryption, "encrypt", lambda text: text)
    Goal.objects.filter(pk=Goal.objects.first().pk).update(title=word)

    assert in_the_open(town.flock) == {("networks_goal", "networks.Goal.title of without encryption")}


def test_without_the_room_s_door_hr_reads_along(town, monkeypatch):
    assert town.look("hr", "networks:goals") == {}
    monkeypatch.setattr(networks.permissions, "has_room", lambda user, network: True)

    assert set(town.look("hr", "networks:goals")) == {f"/netvaerk/{town.network.slug}/maal/"}


def test_without_the_meeting_s_door_hr_reads_along(town, monkeypatch):
    monkeypatch.setattr(meetings.permissions, "is_active_member", lambda user, network: True)

    assert town.look("hr", "meetings:meeting", "meetings:agenda") != {}


def test_without_the_door_of_a_result_the_board_reads_along(town, monkeypatch):
    assert town.look("direktion", "meetings:feedback_round") == {}
    monkeypatch.setattr(meetings.feedback_permissions, "can_open", lambda user, round, network: True)

    assert town.look("direktion", "meetings:feedback_round") != {}


def test_without_its_filter_search_finds_for_anyone(town, monkeypatch):
    word = town.flock.word(Canary("meetings.Meeting", "place", "search", None, members_of(town.other)))
    Meeting.objects.filter(network=town.other).update(place=f"{word} lokale 2")
    found = lambda name: town.foreign(name, town.visit(name, [("netvaerk:search", "/soeg/?q=lokale")]))  # noqa: E731
    assert found("ny") == {}
    monkeypatch.setattr(netvaerk.search, "_visible_meetings", lambda user: Meeting.objects.published())

    assert found("ny") == {"/soeg/?q=lokale": {"meetings.Meeting.place of search"}}


def test_without_its_limit_the_export_holds_the_others_too(town, monkeypatch):
    monkeypatch.setattr(Table, "of", lambda self, person: self.class_._base_manager.all())
    visitor = town.visitors["leder"]
    response = visitor.client.post(reverse("netvaerk:my_data"))

    assert {one for one in town.flock.find(whole(response)) if not one.is_own_of(visitor.user)} != set()


def test_with_the_theme_in_it_a_mail_would_carry_it(town, monkeypatch):
    fill = meetings.email._fill

    def told(message, meeting, facts, **more):
        sent = fill(message, meeting, facts, **more)
        sent.text += meeting.theme
        return sent

    monkeypatch.setattr(meetings.email, "_fill", told)

    built = {"meeting_invitation", "meeting_reminder", "meeting_changed"}
    assert {kind for kind, _to, sent in letters(built) if town.flock.find_packed(sent)} == built


def test_with_their_words_failures_are_told_in_full(town, monkeypatch, settings):
    monkeypatch.setattr(reports, "quiet_traceback", lambda exception: "".join(traceback.format_exception(exception)))

    _responses, log, mails = _failing_page(town, monkeypatch, settings)

    assert town.flock.find(log) != set()
    assert town.flock.find(*mails) != set()


def test_with_words_in_it_the_audit_trail_would_give_it_away(town, monkeypatch):
    word = town.typed("audit with words")
    record = members.audit.record
    monkeypatch.setattr(
        members.audit, "record", lambda actor, verb, subject, **more: record(actor, subject.title, subject, **more)
    )
    goals.add(
        town.network, actor=town.user("tovholder"), title=word, measure=word,
        due_on=timezone.localdate() + timezone.timedelta(days=30), now=timezone.now(),
    )  # fmt: skip

    assert in_the_open(town.flock) == {("members_auditevent", "typed.audit with words of ")}


def test_in_a_session_it_would_be_found(town):
    word = town.typed("session")
    session = town.visitors["hr"].client.session
    session["draft"] = word * 30
    session.save()

    assert in_the_open(town.flock) == {("django_session", "typed.session of ")}
