"""Links in mails: a page on GET, an answer on POST, to nobody else and for nothing else."""

import logging
import re
from datetime import date, timedelta
from urllib.parse import urlsplit

import pytest
import time_machine
from django.test import Client

from meetings import attendance, invitations, planning, reply_links, scheduling
from meetings.models import Rsvp
from meetings.tests.people import NOW, create_people
from meetings.tests.test_planning import draft
from meetings.tests.test_scheduling import change_place, move
from members.building import build
from members.models import AuditEvent, Message
from networks.models import Membership

pytestmark = pytest.mark.django_db
GONE = "Linket virker ikke længere"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def people():
    return create_people()


@pytest.fixture
def meeting(people):
    plan = draft(people, dates=[date(2027, 3, 4)], place="Biblioteket")
    planning.publish(plan, actor=people.coordinator, now=NOW)
    meeting = plan.meetings.get()
    meeting.theme = "KANARIEFUGL"
    meeting.save()
    return meeting


@pytest.fixture
def link(people, meeting):
    return path_in(mail_to(people.member))


def mail_to(person, kind="meeting_invitation"):
    return build(Message.objects.filter(kind=kind, recipient=person).order_by("pk").last(), NOW)


def path_in(mail) -> str:
    return urlsplit(re.search(r"https?://\S+/moeder/svar/\S+", mail.text)[0]).path


def page(client, path) -> str:
    return client.get(path).content.decode()


def answer(client, path, value="accepted", seen=0):
    return client.post(path, {"answer": value, "seen_sequence": seen}, follow=True)


# --- Works -----------------------------------------------------------------------------------------------------------


def test_the_mails_that_ask_carry_the_link(people, meeting, link):
    assert path_in(mail_to(people.member, "answer_please")) == link
    assert link in mail_to(people.member).html


def test_a_visit_shows_time_place_and_title_and_writes_nothing(client, people, meeting, link):
    response = client.get(link)
    text = response.content.decode()

    assert response.status_code == 200
    assert "torsdag den 4. marts 2027" in text
    assert "Biblioteket" in text
    assert "Ledernetværk: Ledere på tværs" in text
    assert "Du har ikke svaret endnu." in text
    for secret in ("KANARIEFUGL", people.member.last_name, people.coordinator.last_name, people.member.email):
        assert secret not in text
    assert "no-store" in response["Cache-Control"]
    assert response["X-Robots-Tag"] == "noindex"
    client.head(link)
    assert not Rsvp.objects.exists()
    assert Message.objects.count() == Message.objects.filter(state="due").count()


def test_the_title_is_the_neutral_one_that_is_set(client, link, settings):
    settings.CALENDAR_TITLE = "Netværksmøde"

    text = page(client, link)

    assert "Netværksmøde" in text
    assert "Ledere på tværs" not in text


def test_an_answer_counts_without_signing_in_and_can_be_changed(client, people, meeting, link):
    assert "Du har sagt ja til mødet torsdag den 4. marts 2027." in answer(client, link).content.decode()
    assert "Du deltager" in page(client, link)
    answer(client, link, "declined")

    rsvp = Rsvp.objects.get()
    assert (rsvp.meeting, rsvp.user, rsvp.answer) == (meeting, people.member, Rsvp.Answer.DECLINED)
    assert "_auth_user_id" not in client.session


def test_a_form_from_elsewhere_is_refused(people, link):
    strict = Client(enforce_csrf_checks=True)

    assert strict.post(link, {"answer": "accepted"}).status_code == 403
    assert not Rsvp.objects.exists()


def test_the_link_works_signed_in_too(client, people, meeting, link):
    client.force_login(people.member)

    assert "Åbn mødets side" in page(client, link)
    answer(client, link)
    assert Rsvp.objects.get().answer == Rsvp.Answer.ACCEPTED


def test_the_page_speaks_the_language_of_the_invited(client, people, link):
    people.member.language = "en"
    people.member.save()

    assert "torsdag" not in page(client, link)
    client.cookies["django_language"] = "da"
    assert "torsdag" in page(client, link)


# --- After a change --------------------------------------------------------------------------------------------------


def test_after_a_move_the_old_link_shows_the_new_time_and_asks_again(client, people, meeting, link):
    answer(client, link)
    move(meeting, people)

    text = page(client, link)

    assert "torsdag den 11. marts 2027" in text
    assert "Mødet er flyttet. Før var det torsdag den 4. marts 2027 kl. 13.00–15.00." in text
    assert "Svar igen" in text
    answer(client, link, seen=1)
    assert Rsvp.objects.get().answer == Rsvp.Answer.ACCEPTED


def test_an_answer_to_a_page_opened_before_the_move_is_not_taken(client, people, meeting, link):
    move(meeting, people)

    response = answer(client, link, seen=0)

    assert "Mødet er flyttet, siden du åbnede siden. Se den nye dato, og svar igen." in response.content.decode()
    assert not Rsvp.objects.exists()


def test_a_new_place_is_shown_and_the_answer_stands(client, people, meeting, link):
    answer(client, link)
    change_place(meeting, people)

    assert "Skolen" in page(client, link)
    assert "Du deltager" in page(client, link)


def test_after_a_cancellation_there_is_nothing_to_answer(client, people, meeting, link):
    scheduling.cancel(meeting, actor=people.coordinator, now=NOW)

    assert "Mødet er aflyst" in page(client, link)
    answer(client, link, seen=9)
    assert not Rsvp.objects.exists()


def test_while_a_meeting_is_postponed_the_link_says_so_and_waits(client, people, meeting, link):
    scheduling.postpone(meeting, actor=people.coordinator, now=NOW, seen_sequence=0)

    assert "Mødet er udsat. Du bliver spurgt igen, når der er en ny dato." in page(client, link)
    answer(client, link, seen=9)
    assert not Rsvp.objects.exists()


def test_the_link_ends_with_the_meeting(client, meeting, link, clock):
    clock.move_to(meeting.starts_at)
    assert "Mødet er begyndt" in page(client, link)
    answer(client, link)
    clock.move_to(meeting.ends_at)
    assert client.get(link).status_code == 404
    assert answer(client, link).status_code == 404

    assert not Rsvp.objects.exists()


# --- Nobody else's ---------------------------------------------------------------------------------------------------


def test_each_link_answers_for_its_own_person_alone(client, people, meeting, link):
    others = path_in(mail_to(people.coordinator))
    answer(client, others, "declined")

    assert others != link
    assert dict(Rsvp.objects.values_list("user", "answer")) == {people.coordinator.pk: "declined"}


def test_another_persons_link_does_nothing_for_who_is_signed_in(client, people, meeting, link):
    client.force_login(people.coordinator)

    response = client.get(link)

    assert response.status_code == 403
    assert "Linket er til en anden" in response.content.decode()
    assert "4. marts" not in response.content.decode()
    assert answer(client, link).status_code == 403
    assert not Rsvp.objects.exists()


@pytest.mark.parametrize(
    "harm",
    [
        lambda path: path[:-2] + "/",
        lambda path: path.swapcase().replace("/MOEDER/SVAR/", "/moeder/svar/"),
        lambda path: path.replace("/svar/", "/svar/x"),
        lambda path: "/moeder/svar/x/",
        lambda path: "/moeder/svar/WzEsMV0./",
        lambda path: path.split(".")[0] + "/",
    ],
)
def test_a_link_tampered_with_opens_nothing(client, link, harm):
    response = client.get(harm(link))

    assert response.status_code == 404
    assert GONE in response.content.decode()
    assert answer(client, harm(link)).status_code == 404
    assert not Rsvp.objects.exists()


def test_a_signature_made_for_something_else_opens_nothing(client, people, meeting):
    from django.core.signing import Signer

    for salt in ("django.core.signing.Signer", "meetings.other"):
        token = Signer(salt=salt, sep=".").sign_object([meeting.pk, people.member.pk])
        assert client.get(f"/moeder/svar/{token}/").status_code == 404


def test_who_has_left_can_answer_no_more_and_is_told_no_more(client, people, meeting, link):
    invitations.withdraw([meeting], people.member.pk, now=NOW)

    response = answer(client, link)

    assert response.status_code == 404
    assert "4. marts" not in response.content.decode()
    assert not Rsvp.objects.exists()


@pytest.mark.parametrize("state", ["left", "on_leave", "ended"])
def test_only_an_active_member_answers(client, people, meeting, link, state):
    Membership.objects.filter(leader__user=people.member).update(state=state)

    assert answer(client, link).status_code == 404


def test_who_may_not_sign_in_does_not_answer_either(client, people, meeting, link):
    people.member.is_active = False
    people.member.save()

    assert client.get(link).status_code == 404


def test_the_same_post_again_changes_nothing_more(client, people, meeting, link):
    for _time in range(3):
        answer(client, link)

    assert Rsvp.objects.count() == 1
    assert not AuditEvent.objects.filter(actor=people.member).exists()


def test_no_post_can_answer_with_something_else(client, meeting, link):
    for value in ("tentative", "no_reply", "", "x"):
        assert "Vælg, om du deltager eller melder afbud." in answer(client, link, value).content.decode()

    assert not Rsvp.objects.exists()


# --- The link itself -------------------------------------------------------------------------------------------------


def test_the_link_is_the_same_each_time_the_mail_is_made(people, meeting):
    first = reply_links.address(meeting, people.member)

    assert reply_links.address(meeting, people.member) == first
    assert reply_links.address(meeting, people.coordinator) != first


def test_no_log_holds_a_link(client, meeting, link, caplog):
    caplog.set_level(logging.DEBUG)
    client.get(link[:-2] + "x/")
    client.post("/moeder/svar/hemmelig/", {})

    assert "/moeder/svar/…" in caplog.text
    assert link[:-2] not in caplog.text
    assert "hemmelig" not in caplog.text


def test_an_answer_by_link_is_as_good_as_one_on_the_page(people, meeting, link, client):
    attendance.reply(meeting, user=people.member, answer=Rsvp.Answer.ACCEPTED, now=NOW - timedelta(hours=1))
    answer(client, link, "declined")

    assert Rsvp.objects.get().answered_at == NOW
