"""HR's page of deliveries, what may be done there, and what is tidied away."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from members import deliveries, kinds, outbox
from members.mail import Mail
from members.models import AuditEvent, Heartbeat, LeaderImport, Message, Role
from members.sending import beat
from members.tests.factories import (
    create_board,
    create_hr,
    create_leader,
    create_political,
    create_system_admin,
    create_user,
)

NOW = datetime(2027, 3, 1, 8, 0, tzinfo=UTC)
State = Message.State
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def world(db, monkeypatch):
    monkeypatch.setattr(kinds, "_kinds", {})
    outbox.register("invitation", build=lambda message, now: Mail("Hemmeligt", "x"), label="Indkaldelse")
    outbox.register("news", build=lambda message, now: Mail("Hemmeligt", "x"), label="Nyt fra netværket")
    beat("tick", NOW)
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def hr(client):
    user = create_hr()
    client.force_login(user)
    return user


def message(state=State.DUE, *, kind="invitation", recipient=None, **fields):
    return Message.objects.create(
        kind=kind,
        subject_id=Message.objects.count(),
        recipient=recipient or create_user(),
        state=state,
        **{"created_at": NOW, "due_at": NOW, **fields},
    )


def page(client, **query):
    return client.get(reverse("members:deliveries"), query)


# --- Who may look -----------------------------------------------------------------------------------------------------


def test_page_asks_the_signed_out_to_sign_in(client):
    response = page(client)

    assert response.status_code == 302
    assert response.url.startswith(reverse("account_login"))


@pytest.mark.parametrize("create", [create_leader, create_board, create_political, create_system_admin])
@pytest.mark.parametrize("route", ["deliveries", "retry", "give_up"])
def test_page_and_its_acts_are_for_hr_alone(client, create, route):
    person = create()
    client.force_login(getattr(person, "user", person))
    failed = message(State.FAILED)

    if route == "deliveries":
        response = page(client)
    else:
        response = client.post(reverse(f"members:{route}", args=[failed.pk]))

    assert response.status_code == 403
    failed.refresh_from_db()
    assert failed.state == State.FAILED


@pytest.mark.parametrize("role", [Role.HR_CONSULTANT, Role.HR_ADMIN])
def test_page_opens_for_hr(client, role):
    client.force_login(create_hr(role=role))

    assert page(client).status_code == 200


@pytest.mark.parametrize("route", ["retry", "give_up"])
def test_acts_change_nothing_by_get(client, hr, route):
    failed = message(State.FAILED)

    assert client.get(reverse(f"members:{route}", args=[failed.pk])).status_code == 405
    failed.refresh_from_db()
    assert failed.state == State.FAILED


# --- What it shows ----------------------------------------------------------------------------------------------------


def test_page_shows_who_what_when_and_the_servers_answer_but_no_text(client, hr):
    message(
        State.FAILED,
        recipient=create_user(first_name="Søren", last_name="Ærø", email="soeren@egebjerg-kommune.invalid"),
        attempts=1,
        last_code=550,
        last_error="5.1.1 no such user",
    )

    text = page(client).content.decode()

    for shown in ("Søren Ærø", "soeren@egebjerg-kommune.invalid", "Indkaldelse", "Fejlet", "01.03.2027 kl. 09.00"):
        assert shown in text
    assert "550 5.1.1 no such user" in text
    assert "Hemmeligt" not in text


@pytest.mark.parametrize(
    ("state", "due_at", "label"),
    [
        (State.DUE, NOW, "Ligger i udbakken, ikke sendt"),
        (State.DUE, NOW + DAY, "Planlagt"),
        (State.RETRY, NOW + DAY, "Ikke sendt endnu, prøver igen"),
        (State.IN_DOUBT, NOW, "Måske sendt"),
        (State.SENT, NOW, "Sendt"),
    ],
)
def test_page_leaves_no_doubt_about_what_is_not_sent(client, hr, state, due_at, label):
    line = message(state, due_at=due_at)

    assert deliveries.state_label(line, NOW) == label
    assert label in page(client).content.decode()


@pytest.mark.parametrize(
    ("state", "code", "error", "label"),
    [
        (State.SENT, 250, "", "Modtaget af mailserveren"),
        (State.FAILED, 550, "5.1.1 no such user", "550 5.1.1 no such user"),
        (State.RETRY, None, "ConnectionRefusedError", "Mailserveren svarede ikke"),
        (State.SUPPRESSED, None, "recipient is deactivated", "Modtageren er ikke længere aktiv"),
        (State.SUPPRESSED, 450, "too late; 4.2.0 full", "For sent til at gøre gavn. Sidste svar: 4.2.0 full"),
        (State.SUPPRESSED, None, "not a member", "Ikke længere medlem"),
        (State.SUPPRESSED, None, "explained by nobody", ""),
    ],
)
def test_page_says_why_in_the_readers_words(monkeypatch, state, code, error, label):
    monkeypatch.setattr(kinds, "_reasons", {})
    outbox.explain({"not a member": "Ikke længere medlem"})

    assert deliveries.reason_label(Message(state=state, last_code=code, last_error=error)) == label


@pytest.mark.parametrize("state", [State.DUE, State.SENT, State.SUPPRESSED])
def test_page_offers_acts_only_for_what_is_stuck(client, hr, state):
    message(state)

    assert "Prøv igen" not in page(client).content.decode()


def test_page_counts_what_lies_in_the_outbox(client, hr):
    message(), message(), message(State.SENT), message(due_at=NOW + DAY)

    assert page(client).context["headline"] == "2 beskeder ligger i udbakken og er ikke sendt."


def test_page_says_so_when_all_is_sent(client, hr):
    message(State.SENT)

    response = page(client)
    assert response.context["headline"] == "Udbakken er tom: alt, der skulle sendes, er sendt."
    assert response.context["troubles"] == []


def test_page_filters_by_state_and_kind(client, hr):
    sent = message(State.SENT)
    waiting = message()
    news = message(State.SENT, kind="news")

    def shown(**query):
        return [line["message"] for line in page(client, **query).context["lines"]]

    assert shown() == [news, waiting, sent]
    assert shown(state="sent") == [news, sent]
    assert shown(state="unsent") == [waiting]
    assert shown(kind="news", state="sent") == [news]
    assert shown(state="gossip", kind="' OR 1=1") == [news, waiting, sent]
    assert shown(recipient__email="x", _connector="OR") == [news, waiting, sent]


@pytest.mark.parametrize("number", ["-1", "0", "999999999", "abc", "2"])
def test_page_number_never_breaks_the_page(client, hr, number):
    for _number in range(deliveries_per_page() + 1):
        message(State.SENT)

    assert page(client, page=number).status_code == 200


def deliveries_per_page():
    from members.delivery_views import PER_PAGE

    return PER_PAGE


def test_page_costs_the_same_for_1_3_and_50(client, hr):
    costs = []
    for number in (1, 2, 47):
        for _number in range(number):
            message(State.FAILED, recipient=create_user())
        page(client)  # the first time notes who was shown
        with CaptureQueriesContext(connection) as captured:
            page(client)
        costs.append(len(captured))

    assert costs == [costs[0]] * 3
    assert costs[0] <= 10


# --- What is stuck ----------------------------------------------------------------------------------------------------


def troubles():
    return deliveries.troubles(deliveries.figures(NOW), NOW)


def test_banner_tells_of_a_stopped_clock():
    assert troubles() == []
    Heartbeat.objects.update(beaten_at=NOW - timedelta(minutes=6))
    assert "gået i stå" in troubles()[0]
    Heartbeat.objects.all().delete()
    assert "ikke startet" in troubles()[0]


def test_banner_tells_of_an_old_due_message_unless_it_is_useless():
    old = message(due_at=NOW - timedelta(minutes=16))
    assert "over et kvarter" in troubles()[0]

    Message.objects.filter(pk=old.pk).update(useless_after=NOW)
    assert troubles() == []


def test_banner_tells_since_when_the_mail_server_takes_nothing():
    Heartbeat.objects.create(name="trouble", beaten_at=NOW - timedelta(hours=1))
    assert troubles() == []

    message()
    assert "siden 1. mar. 2027 kl. 08.00" in troubles()[0]


def test_banner_tells_of_failed_and_doubtful_messages(client, hr):
    message(State.FAILED), message(State.IN_DOUBT), message(State.IN_DOUBT)

    first, second = page(client).context["troubles"]

    assert first.startswith("1 besked kunne ikke sendes.")
    assert second.startswith("2 beskeder er måske sendt")


def test_page_opens_with_what_needs_a_hand_and_ends_with_what_lies_far_ahead(client, hr):
    august = message(due_at=NOW + 150 * DAY)
    may = message(due_at=NOW + 60 * DAY)
    replaced = message(State.SUPERSEDED, due_at=NOW + 90 * DAY, settled_at=NOW - 3 * DAY)
    sent = message(State.SENT, due_at=NOW - DAY, settled_at=NOW - DAY, sent_at=NOW - DAY)
    due = message()
    failed = message(State.FAILED, due_at=NOW - 9 * DAY, settled_at=NOW - 9 * DAY)

    shown = [line["message"] for line in page(client).context["lines"]]

    assert shown == [failed, due, sent, replaced, may, august]


def test_banner_counts_no_failure_that_is_not_on_the_list(client, hr):
    outbox.register("secret", build=lambda message, now: Mail("x", "x"), label="Skjult", is_private=True)
    message(State.FAILED, kind="secret")

    assert page(client).context["troubles"] == []
    assert deliveries.figures(NOW)["failed"] == 1, "a monitor is told of all"

    message(State.FAILED)
    assert len(page(client).context["troubles"]) == 1


# --- Acts -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [State.FAILED, State.IN_DOUBT, State.RETRY])
def test_retry_puts_the_message_back_as_due(client, hr, state):
    stuck = message(state, attempts=9, copies=2, settled_at=NOW, due_at=NOW + DAY)
    fence = stuck.fence

    response = client.post(reverse("members:retry", args=[stuck.pk]), {"next": "/beskeder/?state=failed"})

    assert response.url == "/beskeder/?state=failed"
    stuck.refresh_from_db()
    assert (stuck.state, stuck.due_at, stuck.attempts, stuck.settled_at) == (State.DUE, NOW, 0, None)
    assert stuck.fence == fence + 1
    assert AuditEvent.objects.get().verb == "retry_message"
    assert stuck.copies == (1 if state == State.IN_DOUBT else 2), "a doubtful one has one copy left to send"
    assert outbox.send_due(now=NOW)["sent"] == 1


@pytest.mark.parametrize("state", [State.SENT, State.CLAIMED, State.DATA_SENT, State.SUPERSEDED, State.DUE])
def test_retry_of_what_has_moved_on_is_told_and_changes_nothing(client, hr, state):
    moved = message(state)

    response = client.post(reverse("members:retry", args=[moved.pk]), follow=True)

    assert "kommet videre imens" in response.content.decode()
    moved.refresh_from_db()
    assert moved.state == state
    assert not AuditEvent.objects.exists()


def test_retry_stays_on_this_house(client, hr):
    stuck = message(State.FAILED)

    response = client.post(reverse("members:retry", args=[stuck.pk]), {"next": "//evil.invalid/"})

    assert response.url == reverse("members:deliveries")


def test_give_up_ends_a_message_that_is_not_sent(client, hr):
    failed = message(State.FAILED, last_code=550, last_error="5.1.1 no such user")

    client.post(reverse("members:give_up", args=[failed.pk]))

    failed.refresh_from_db()
    assert (failed.state, failed.settled_at) == (State.SUPPRESSED, NOW)
    assert deliveries.reason_label(failed) == "Opgivet af HR"
    assert troubles() == []


@pytest.mark.parametrize("state", [State.SENT, State.DUE, State.CLAIMED, State.DATA_SENT])
def test_give_up_does_not_touch_what_is_not_stuck(client, hr, state):
    untouched = message(state)

    client.post(reverse("members:give_up", args=[untouched.pk]))

    untouched.refresh_from_db()
    assert untouched.state == state


def test_acts_on_a_message_that_is_not_there(client, hr):
    assert client.post(reverse("members:retry", args=[99])).status_code == 404


# --- Tidying ----------------------------------------------------------------------------------------------------------


def test_tidy_deletes_old_settled_rows_but_none_whose_subject_lives():
    old, young = NOW - 91 * DAY, NOW - 89 * DAY
    kept = [
        message(State.SENT, settled_at=young),
        message(State.SENT, settled_at=old, useless_after=NOW + DAY),
        message(State.SENT, settled_at=old, useless_after=NOW - DAY),
        message(State.FAILED, settled_at=old),
        message(State.IN_DOUBT, settled_at=old),
        message(State.DUE, due_at=old),
    ]
    for state in (State.SENT, State.SUPPRESSED, State.SUPERSEDED):
        message(state, settled_at=old)
    message(State.SENT, settled_at=old, useless_after=old)

    assert deliveries.tidy(now=NOW)["messages"] == 4
    assert list(Message.objects.order_by("pk")) == kept


def test_tidy_drops_uploaded_files_after_a_day():
    hr = create_hr()
    yesterday, today = (
        LeaderImport.objects.create(file_name="ledere.xlsx", content=b"x", uploaded_by=hr, uploaded_at=at)
        for at in (NOW - DAY - timedelta(minutes=1), NOW)
    )

    deliveries.tidy(now=NOW)

    yesterday.refresh_from_db(), today.refresh_from_db()
    assert (yesterday.content, bytes(today.content)) == (None, b"x")


def test_tidy_clears_ended_sessions():
    Session.objects.create(session_key="ended", session_data="", expire_date=NOW - DAY)
    Session.objects.create(session_key="alive", session_data="", expire_date=NOW + DAY)

    deliveries.tidy(now=NOW)

    assert list(Session.objects.values_list("session_key", flat=True)) == ["alive"]


def test_page_filters_by_recipient(client, hr):
    anne, bo = create_user(first_name="Anne", last_name="Ærø"), create_user(first_name="Bo", last_name="Lund")
    for person in (anne, bo):
        Message.objects.create(kind="note", subject_id=1, recipient=person, created_at=NOW, due_at=NOW)
    client.force_login(hr)

    lines = client.get("/beskeder/?q=anne+ærø").context["lines"]

    assert [line["message"].recipient for line in lines] == [anne]
