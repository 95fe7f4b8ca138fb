from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from members import inbox, kinds
from members.models import Message, User
from members.tests.factories import create_user

NOW = timezone.now() - timedelta(days=2)


@pytest.fixture(autouse=True)
def _kinds(monkeypatch):
    """About numbers: those under ten are open to all."""

    def subjects(user, keys):
        list(User.objects.filter(pk=user.pk))
        return {key: kinds.Subject(f"Sag {key}", f"/sager/{key}/") for key in keys if key < 10}

    monkeypatch.setitem(kinds._kinds, "case", kinds.Kind("case", lambda *_: None, "Nyt i sagen", subjects=subjects))
    monkeypatch.setitem(kinds._kinds, "plain", kinds.Kind("plain", lambda *_: None, "Kort besked"))


def message(person, subject_id=1, **fields):
    return Message.objects.create(
        **{
            "kind": "case",
            "subject_id": subject_id,
            "recipient": person,
            "created_at": NOW,
            "due_at": NOW + timedelta(minutes=subject_id),
            "sent_at": NOW,
            "settled_at": NOW,
            "state": "sent",
            **fields,
        }
    )


def test_inbox_shows_my_own_newest_first_by_kind_and_subject(client, db):
    anne, bo = create_user(), create_user()
    message(anne, 1)
    message(anne, 2)
    message(anne, 12)  # about something that is closed to her now
    message(anne, 3, kind="plain")
    message(bo, 4)
    for number, state in enumerate(("due", "suppressed", "superseded", "retry"), start=5):
        message(anne, number, state=state)
    client.force_login(anne)

    response = client.get("/konto/beskeder/")

    page = response.content.decode()
    assert [(line.kind, line.subject and line.subject.name) for line in response.context["lines"]] == [
        ("Nyt i sagen", None),
        ("Kort besked", None),
        ("Nyt i sagen", "Sag 2"),
        ("Nyt i sagen", "Sag 1"),
    ]
    assert 'href="/sager/2/"' in page
    assert "Sag 12" not in page
    assert "Sag 4" not in page
    assert "4 nye beskeder" in page


def test_inbox_shows_what_the_mail_server_would_not_take(client, db):
    anne = create_user()
    message(anne, state="failed", sent_at=None)
    client.force_login(anne)

    assert "Kom ikke frem på mail" in client.get("/konto/beskeder/").content.decode()


def test_reading_is_said_by_a_button_and_what_came_meanwhile_stays_new(client, db):
    anne = create_user()
    message(anne, 1)
    message(anne, 2, settled_at=NOW + timedelta(minutes=5))
    client.force_login(anne)

    client.get("/konto/beskeder/")
    anne.refresh_from_db()
    assert inbox.unread(anne) == 2
    assert client.get("/konto/beskeder/laest/").status_code == 405

    client.post("/konto/beskeder/laest/", {"shown_at": (NOW + timedelta(minutes=1)).isoformat()})
    anne.refresh_from_db()
    assert inbox.unread(anne) == 1
    for odd in ("", "x", "2026-13-01T00:00", "9999-01-01T00:00:00+00:00"):
        assert client.post("/konto/beskeder/laest/", {"shown_at": odd}).status_code == 302
    anne.refresh_from_db()
    assert inbox.unread(anne) == 0


def test_inbox_needs_a_login(client, db):
    assert client.get("/konto/beskeder/").status_code == 302


def test_inbox_pages_and_costs_the_same_for_1_3_and_50(client, db):
    anne = create_user()
    client.force_login(anne)
    counts = []
    for first, wanted in ((0, 1), (1, 3), (3, 50)):
        for number in range(first, wanted):
            message(anne, number)
        with CaptureQueriesContext(connection) as queries:
            response = client.get("/konto/beskeder/")
        counts.append(len(queries))

    assert counts[0] == counts[1] == counts[2]
    assert len(response.context["lines"]) == 25
    assert len(client.get("/konto/beskeder/?page=2").context["lines"]) == 25


def test_inbox_forgets_after_three_months(client, db):
    anne = create_user()
    message(anne, 1, due_at=NOW - timedelta(days=91))
    message(anne, 2)
    client.force_login(anne)

    assert [line.subject.name for line in client.get("/konto/beskeder/").context["lines"]] == ["Sag 2"]
