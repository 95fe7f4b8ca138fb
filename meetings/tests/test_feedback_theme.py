from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.urls import reverse

from meetings import feedback, feedback_theme
from meetings.models import Meeting, ThemeFeedback, ThemeReply
from meetings.tests.factories import create_meeting
from meetings.tests.test_feedback import create_group
from members import outbox
from members.models import AuditEvent, Message
from members.tests.factories import create_board, create_hr, create_political
from networks.models import Membership
from networks.tests.factories import create_membership

NOW = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)
WORDS = {"kind": "value", "theme": "Gulspurv i gården", "question": "Hvad gør I ved gulspurve?"}

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def users():
    return create_group(6)[1]


@pytest.fixture
def meeting(users):
    network = Membership.objects.get(leader__user=users[0]).network
    return create_meeting(network=network, date=date(2027, 3, 4))


@pytest.fixture
def brought(meeting, users):
    return feedback_theme.bring(meeting, actor=users[1], now=NOW, **WORDS)


def reply(brought, user, text="Kanariefugl", now=NOW):
    feedback_theme.reply(brought, actor=user, text=text, now=now)


def page(client, user, brought):
    client.force_login(user)
    return client.get(brought.get_absolute_url()).content.decode()


# --- Bring -----------------------------------------------------------------------------------------------------------


def test_any_member_brings_a_theme_and_the_others_are_told(brought, users):
    announced = Message.objects.filter(kind="theme_announced")

    assert set(announced.values_list("recipient", flat=True)) == {user.pk for user in users} - {users[1].pk}
    assert AuditEvent.objects.get().verb == "theme_brought"


def test_mail_says_neither_who_nor_what(brought, users):
    outbox.send_due(now=NOW)

    assert len(mail.outbox) == 5
    for letter in mail.outbox:
        words = letter.subject + letter.body + str(letter.alternatives)
        assert "tema til mødet" in words
        for secret in ("ulspurv", users[1].email, "Værdi"):
            assert secret not in words


def test_announcement_is_held_back_when_the_meeting_is_off_or_the_theme_taken_back(brought, users):
    Meeting.objects.update(state=Meeting.State.CANCELLED)
    outbox.send_due(now=NOW)
    assert not mail.outbox


@pytest.mark.parametrize("who", ["hr", "sponsor", "board", "member of another"])
def test_only_members_bring_a_theme(meeting, who):
    actor = {
        "hr": create_hr,
        "sponsor": lambda: meeting.network.sponsor,
        "board": create_board,
        "member of another": lambda: create_membership().leader.user,
    }[who]()

    with pytest.raises(PermissionDenied):
        feedback_theme.bring(meeting, actor=actor, now=NOW, **WORDS)


@pytest.mark.parametrize("state", [Meeting.State.CANCELLED, Meeting.State.HELD, Meeting.State.PLANNED])
def test_theme_belongs_to_a_meeting_that_lies_ahead(meeting, users, state):
    Meeting.objects.update(state=state)

    with pytest.raises(feedback.FeedbackRefused):
        feedback_theme.bring(meeting, actor=users[1], now=NOW, **WORDS)


def test_one_theme_per_person_and_meeting(brought, meeting, users):
    with pytest.raises(feedback.FeedbackRefused):
        feedback_theme.bring(meeting, actor=users[1], now=NOW, **WORDS)
    feedback_theme.bring(meeting, actor=users[2], now=NOW, **WORDS)

    assert ThemeFeedback.objects.count() == 2


# --- Who reads what --------------------------------------------------------------------------------------------------


def test_reply_is_read_by_the_focus_person_alone_and_by_name(client, brought, users):
    reply(brought, users[2])

    assert "Kanariefugl" in page(client, users[1], brought)
    assert users[2].get_full_name() in page(client, users[1], brought)
    assert "Kanariefugl" in page(client, users[2], brought)
    for other in (users[0], users[3]):
        assert "Kanariefugl" not in page(client, other, brought)


def test_nobody_outside_the_network_opens_a_theme(client, brought, users):
    reply(brought, users[2])
    feedback_theme.share(brought, actor=users[1], now=NOW)

    for user in (
        create_hr(),
        create_board(),
        create_political(),
        brought.network.sponsor,
        create_membership().leader.user,
    ):
        client.force_login(user)
        assert client.get(brought.get_absolute_url()).status_code in (403, 404)
        listed = client.get(reverse("meetings:feedback", args=[brought.network.slug])).content.decode()
        assert "ulspurv" not in listed


def test_replies_shared_by_the_focus_person_are_read_by_the_group(client, brought, users):
    reply(brought, users[2])
    for actor in (users[0], users[2], create_hr()):
        with pytest.raises(PermissionDenied):
            feedback_theme.share(brought, actor=actor, now=NOW)

    feedback_theme.share(brought, actor=users[1], now=NOW)

    assert "Kanariefugl" in page(client, users[3], brought)
    with pytest.raises(feedback.FeedbackRefused):
        reply(brought, users[4])


def test_one_who_left_reads_nothing_more(client, brought, users):
    reply(brought, users[2])
    Membership.objects.filter(leader__user=users[1]).update(state=Membership.State.LEFT)

    client.force_login(users[1])
    assert client.get(brought.get_absolute_url()).status_code in (403, 404)
    with pytest.raises(PermissionDenied):
        feedback_theme.share(brought, actor=users[1], now=NOW)


def test_reply_can_be_written_again_until_it_is_shared(brought, users):
    reply(brought, users[2])
    reply(brought, users[2], "Rødhals")

    assert [row.text for row in ThemeReply.objects.all()] == ["Rødhals"]


def test_focus_person_and_strangers_do_not_reply(brought, users):
    for user in (users[1], create_hr(), create_membership().leader.user):
        with pytest.raises(PermissionDenied):
            reply(brought, user)


@pytest.mark.parametrize(("days", "is_open"), [(0, True), (16, True), (18, False)])
def test_replies_are_taken_until_two_weeks_after_the_meeting(brought, days, is_open):
    assert feedback_theme.takes_replies(brought, NOW + timedelta(days=days)) == is_open


def test_theme_taken_back_takes_the_replies_along(brought, users):
    reply(brought, users[2])
    with pytest.raises(PermissionDenied):
        feedback_theme.withdraw(brought, actor=users[0], now=NOW)

    feedback_theme.withdraw(brought, actor=users[1], now=NOW)

    assert not ThemeReply.objects.exists()
    assert not Message.objects.filter(state=Message.State.DUE).exists()


def test_texts_are_unreadable_in_the_database(brought, users):
    reply(brought, users[2])

    with connection.cursor() as cursor:
        cursor.execute("SELECT theme, question FROM meetings_themefeedback")
        stored = str(cursor.fetchall())
        cursor.execute("SELECT text FROM meetings_themereply")
        stored += str(cursor.fetchall())
    assert "ulspurv" not in stored
    assert "Kanariefugl" not in stored


# --- Pages -----------------------------------------------------------------------------------------------------------


def test_theme_is_brought_answered_shared_and_taken_back_on_the_pages(client, meeting, users):
    slug = meeting.network.slug
    client.force_login(users[1])
    new = reverse("meetings:new_theme_feedback", args=[slug])
    assert "Svarene læser kun du" in client.get(new).content.decode()
    assert client.post(new, WORDS | {"meeting": "abc"}).status_code == 200
    answer = client.post(new, WORDS | {"meeting": meeting.pk}, follow=True)
    brought = ThemeFeedback.objects.get()
    assert "Hvad gør I ved gulspurve?" in answer.content.decode()

    client.force_login(users[2])
    assert f"Kun {users[1].get_full_name()} kan læse" in client.get(brought.get_absolute_url()).content.decode()
    answer = client.post(brought.get_absolute_url(), {"text": "Kanariefugl"}, follow=True)
    assert "Dit svar er sendt" in answer.content.decode()
    assert client.get(reverse("meetings:share_theme_feedback", args=[slug, brought.pk])).status_code == 403

    client.force_login(users[1])
    for name in ("share_theme_feedback", "withdraw_theme_feedback"):
        url = reverse(f"meetings:{name}", args=[slug, brought.pk])
        assert client.get(url).status_code == 200
        assert client.post(url, follow=True).status_code == 200
    assert not ThemeFeedback.objects.exists()


def test_standard_questions_are_for_hr_to_read(client, users):
    url = reverse("meetings:question_sets")
    client.force_login(create_hr())
    text = client.get(url).content.decode()
    assert "Udgave 1" in text
    assert "Vi udfordrer hinanden" in text or "Vi udfordrer hinanden og nøjes" in text
    client.force_login(users[0])
    assert client.get(url).status_code == 403
