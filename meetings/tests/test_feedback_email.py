from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.urls import reverse

from meetings import feedback, questions
from meetings.tests.factories import create_round
from members import outbox
from members.models import Message
from members.tests.factories import create_hr
from networks.models import Membership
from networks.tests.factories import create_membership, create_network

NOW = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)
OPENS = datetime(2027, 3, 2, 7, 0, tzinfo=UTC)
CLOSES = datetime(2027, 3, 12, 15, 0, tzinfo=UTC)
REMINDER = datetime(2027, 3, 10, 7, 0, tzinfo=UTC)
DURING = OPENS + timedelta(days=1)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def round():
    network = create_network(name="Ledere & lærere")
    for number in range(6):
        create_membership(network=network, is_coordinator=number == 0)
    round = feedback.plan_round(
        network, actor=network.memberships.get(is_coordinator=True).user, opens_at=OPENS, closes_at=CLOSES, now=NOW
    )
    feedback.turn_rounds(OPENS)
    return round


def send(now):
    """What is sent at `now`, by whom it goes to."""
    mail.outbox.clear()
    outbox.send_due(now=now)
    return {message.to[0]: message for message in mail.outbox}


def users(round):
    return [membership.user for membership in round.network.memberships.order_by("pk")]


def answer(round, *people, said=None):
    for user in people:
        feedback.answer(round, user=user, answers=said or {"free_space": 4, "keep": "Kanariefugl"}, now=DURING)


def test_opening_mail_goes_to_every_member_and_says_how_it_is_anonymous(round):
    sent = send(OPENS)

    assert set(sent) == {user.email for user in users(round)}
    letter = next(iter(sent.values()))
    assert letter.subject == "Feedbackrunde i Ledere & lærere, svar senest 12. mar. 2027"
    assert "fredag den 12. marts 2027 kl. 16.00" in letter.body
    assert "Dit svar er anonymt" in letter.body
    assert round.get_absolute_url() in letter.body
    assert send(OPENS) == {}


def test_reminder_goes_at_one_time_to_those_who_have_not_answered(round):
    send(OPENS)
    members = users(round)
    answer(round, *members[:4])

    assert send(REMINDER - timedelta(minutes=1)) == {}
    sent = send(REMINDER)

    assert set(sent) == {user.email for user in members[4:]}
    letter = sent[members[4].email]
    assert letter.subject == "Påmindelse: Feedbackrunden i Ledere & lærere lukker 12. mar. 2027"
    assert "Du har ikke svaret endnu." in letter.body


def test_reminder_is_held_back_for_the_same_reason_whoever_it_was_for(round):
    send(OPENS)
    members = users(round)
    answer(round, members[0])
    round.network.memberships.filter(leader__user=members[1]).update(state=Membership.State.LEFT)
    members[2].wants_reminders = False
    members[2].save()

    send(REMINDER)

    held_back = Message.objects.filter(kind="feedback_reminder", state=Message.State.SUPPRESSED)
    assert {message.recipient for message in held_back} == set(members[:3])
    assert len(set(held_back.values_list("last_error", "last_code"))) == 1


def test_no_list_of_deliveries_tells_who_was_reminded(round, client):
    send(OPENS)
    answer(round, *users(round)[:4])
    send(REMINDER)
    client.force_login(create_hr())
    reminder = Message.objects.filter(kind="feedback_reminder").first()

    page = client.get(reverse("members:deliveries")).content.decode()

    assert "Feedbackrunde åbnet" in page
    assert "Påmindelse om feedbackrunde" not in page
    for act in ("retry", "give_up"):
        assert client.post(reverse(f"members:{act}", args=[reminder.pk])).status_code == 404


def test_opening_mail_goes_also_to_the_quick_who_have_answered(round):
    members = users(round)
    answer(round, members[0])

    assert members[0].email in send(OPENS + timedelta(minutes=5))


def test_nobody_is_asked_after_the_frist(round):
    assert send(CLOSES) == {}


@pytest.mark.parametrize(
    ("answers", "words", "not_words"),
    [(5, "Resultatet er klar", "færre end"), (4, "Der kom færre end 5 svar", "Resultatet er klar")],
)
def test_closing_mail_is_neutral_and_says_whether_there_is_a_result(round, answers, words, not_words):
    send(OPENS)
    answer(round, *users(round)[:answers])
    feedback.turn_rounds(CLOSES)

    sent = send(CLOSES)

    assert set(sent) == {user.email for user in users(round)}
    letter = next(iter(sent.values()))
    assert letter.subject == "Feedbackrunden i Ledere & lærere er lukket"
    assert words in letter.body
    assert not_words not in letter.body


def test_no_mail_says_who_answered_or_what(round):
    members = users(round)
    for user in members:
        user.first_name = f"Navn{user.pk}"
        user.save()
    letters = [*send(OPENS).items()]
    answer(round, *members[:5])
    letters += send(REMINDER).items()
    feedback.turn_rounds(CLOSES)
    letters += send(CLOSES).items()

    assert len(letters) == 6 + 1 + 6
    for address, letter in letters:
        text = letter.message().as_string() + letter.body
        assert "Kanariefugl" not in text
        assert not any(user.first_name in letter.body for user in members if user.email != address)


def test_those_who_left_get_nothing_more(round):
    members = users(round)
    round.network.memberships.filter(leader__user=members[5]).update(state=Membership.State.LEFT)

    assert members[5].email not in send(OPENS)


def test_english_reader_gets_the_mail_too():
    round = create_round(opens_at=OPENS, closes_at=CLOSES, question_set=questions.CURRENT)
    user = create_membership(network=round.network).user
    user.language = "en"
    user.save()
    for kind in ("feedback_opened",):
        outbox.enqueue(kind, subject_id=round.pk, recipients=[user], now=OPENS)

    assert set(send(OPENS)) == {user.email}
