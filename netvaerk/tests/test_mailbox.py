"""The developer's mailbox: what was written to the folder, and nothing to anyone else."""

from datetime import UTC, datetime
from importlib import import_module

import pytest
from django.core.mail import send_mail
from django.urls import reverse

from members import kinds, outbox
from members.mail import Mail
from members.tests.factories import create_user
from netvaerk import mailbox

NOW = datetime(2027, 3, 1, 8, 0, tzinfo=UTC)
CALENDAR = b"BEGIN:VCALENDAR\r\nSUMMARY:M\xc3\xb8de med et langt \r\n navn\r\nEND:VCALENDAR\r\n"


@pytest.fixture(autouse=True)
def folder(db, settings, tmp_path, monkeypatch):
    # Tests run with DEBUG off, so the house's own list of addresses has no mailbox.
    addresses = [*mailbox.urlpatterns, *import_module("netvaerk.urls").urlpatterns]
    settings.ROOT_URLCONF = type("Addresses", (), {"urlpatterns": addresses})
    settings.DEBUG = True
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path
    monkeypatch.setattr(kinds, "_kinds", {})
    return tmp_path


def send(subject="Indkaldelse: Ledere på tværs", number=1):
    mail = Mail(subject, "Hej Søren\n", "<p>Hej</p>", calendar=CALENDAR, calendar_method="REQUEST")
    outbox.register("invitation", build=lambda message, now: mail, label="Indkaldelse")
    recipients = [create_user(first_name="Søren") for _number in range(number)]
    outbox.enqueue("invitation", subject_id=7, recipients=recipients, now=NOW)
    assert outbox.send_due(now=NOW)["sent"] == number


def letters(client):
    return client.get(reverse("mailbox")).context["letters"]


def test_mailbox_is_empty_at_first(client):
    response = client.get(reverse("mailbox"))

    assert response.status_code == 200
    assert "Der er ingen mails endnu" in response.content.decode()


def test_mailbox_lists_every_mail_newest_first(client, folder):
    send("Første")
    for file in folder.glob("*.log"):
        file.rename(folder / f"20270101-080000-{file.stem[-4:]}.log")
    send("Anden", number=3)

    assert [letter.subject for letter in letters(client)][-1] == "Første"
    assert len(letters(client)) == 4


def test_mailbox_shows_one_with_headers_text_and_calendar(client):
    send()

    [letter] = letters(client)
    page = client.get(reverse("mailbox_letter", args=[letter.name])).content.decode()

    assert "Indkaldelse: Ledere på tværs" in page
    assert "Hej Søren" in page
    assert "auto-generated" in page
    assert "SUMMARY:Møde med et langt navn" in page


def test_mailbox_reads_other_mails_too(client):
    send_mail("Nulstil adgangskode", "Følg linket: http://localhost:8000/x", None, ["a@b.invalid"])

    [letter] = letters(client)
    page = client.get(reverse("mailbox_letter", args=[letter.name])).content.decode()

    assert letter.subject == "Nulstil adgangskode"
    assert 'href="http://localhost:8000/x"' in page


@pytest.mark.parametrize("name", ["nothing-0", "nothing", "x-99", "-0"])
def test_mailbox_knows_only_its_own_files(client, name):
    send()

    assert client.get(f"/postkasse/{name}/").status_code == 404


def test_mailbox_number_past_the_last_is_not_found(client):
    send()
    [letter] = letters(client)

    assert client.get(reverse("mailbox_letter", args=[letter.name.rpartition("-")[0] + "-1"])).status_code == 404


@pytest.mark.parametrize(
    ("name", "value"), [("DEBUG", False), ("EMAIL_BACKEND", "django.core.mail.backends.smtp.EmailBackend")]
)
def test_mailbox_is_nowhere_but_in_development(client, settings, name, value):
    send()
    [letter] = letters(client)
    setattr(settings, name, value)

    assert client.get(reverse("mailbox")).status_code == 404
    assert client.get(reverse("mailbox_letter", args=[letter.name])).status_code == 404
