"""The whole job, from HR's file to top management's page: pages, a real SMTP server and the calendar feed."""

import email
import email.policy
import re
import socket
from datetime import datetime, timedelta
from pathlib import Path

import icalendar
import pytest
import time_machine
from aiosmtpd.controller import Controller
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from meetings import feedback
from meetings.invitations import SETTLING
from meetings.models import FeedbackResponse, FeedbackRound, Meeting
from members import outbox
from members.danish import COPENHAGEN
from members.models import Leader, LeadershipLevel, Message, OrgUnit, ProfessionalField, Role
from members.tests.factories import create_board, create_hr
from netvaerk.tests.pages import submit, text_of
from networks.models import Network, StrategicDirection

LEADERS = Path(__file__).parents[2] / "members" / "tests" / "data" / "ledere.xlsx"
MONDAY = datetime(2027, 1, 11, 9, 0, tzinfo=COPENHAGEN)
SUMMARY = "Ledernetværk: Skoleledere i Egebjerg"


class Inbox:
    """What a real mail server on this machine has been handed."""

    def __init__(self):
        self.mails = []

    async def handle_DATA(self, server, session, envelope):
        self.mails.append((envelope.rcpt_tos, email.message_from_bytes(envelope.content, policy=email.policy.default)))
        return "250 OK"

    def take(self, kind_of_subject=""):
        found = [(to[0], mail) for to, mail in self.mails if kind_of_subject in mail["Subject"]]
        self.mails = [(to, mail) for to, mail in self.mails if kind_of_subject not in mail["Subject"]]
        return found


@pytest.fixture
def inbox(settings):
    handler = Inbox()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    yield handler
    controller.stop()


@pytest.fixture
def clock():
    with time_machine.travel(MONDAY, tick=False) as traveller:
        yield traveller


def send():
    return outbox.send_due(now=timezone.now())


@pytest.mark.django_db(transaction=True)
def test_the_whole_job(client, inbox, clock):
    hr, board = create_hr(role=Role.HR_ADMIN), create_board(email="direktion@demo.invalid")

    # HR reads in the leaders
    client.force_login(hr)
    page = client.post(
        reverse("members:import"), {"file": SimpleUploadedFile("ledere.xlsx", LEADERS.read_bytes())}, follow=True
    )
    assert "312" in text_of(page)
    submit(client, page.request["PATH_INFO"], to="gennemfoer/")
    assert Leader.objects.current().count() == 312

    # A kurs, approved by the political and the administrative top
    submit(
        client,
        reverse("networks:new_direction"),
        title="Sammen om ledelse",
        solutions="Opgaver på tværs løses på tværs.",
        development="Ledelse er et fag, vi øver sammen.",
        gains=["shared_focus"],
        valid_from="1.1.2027",
        valid_to="31-12-2028",
        review_date="1/9 2028",
        owner=board.pk,
    )
    direction = StrategicDirection.objects.get()
    submit(client, reverse("networks:submit_direction", args=[direction.pk]))
    client.force_login(board)
    for kind in ("political", "administrative"):
        submit(
            client,
            reverse("networks:approve_direction", args=[direction.pk, kind]),
            approver="Byrådet",
            approved_on="4.1.2027",
        )
    direction.refresh_from_db()
    assert direction.is_current(MONDAY.date())

    # HR designs the network, step by step
    client.force_login(hr)
    submit(
        client,
        reverse("networks:new"),
        name="Skoleledere i Egebjerg",
        direction=direction.pk,
        purpose="Vi bliver klogere på at lede læring.",
        gains=["shared_focus"],
    )
    network = Network.objects.get()
    school = ProfessionalField.objects.get(name="Skole")
    for step, values in {
        "type": {"type": "faglig", "type_reason": "Skoleledelse har sine egne dilemmaer."},
        "ramme": {"reach": "broad", "access": "open", "participation": "voluntary", "size_min": 4, "size_max": 6},
        "deltagere": {
            "fields": [school.pk],
            "level": LeadershipLevel.objects.get(name="Leder").pk,
            "participation_terms": "Du kommer til møderne.",
        },
        "temaer": {"themes": "Fravær", "activities": "Kollegial sparring", "rhythm": "Hver 4. uge"},
        "styring": {"governance": "Status én gang om året.", "support": "Forplejning."},
        "forankring": {
            "unit": OrgUnit.objects.get(name="Børn og Unge", parent=None).pk,
            "sponsor": board.pk,
            "hr_contact": hr.pk,
        },
        "maal": {"goal_1": "Ro til læring", "why_1": "Børnene mærker den", "how_1": "En sag på hvert møde"},
    }.items():
        submit(client, reverse("networks:edit_basis", args=[network.slug, step]), **values)
    submit(client, reverse("networks:submit", args=[network.slug]))
    send()
    assert [to for to, _mail in inbox.take()] == [board.email]

    # The sponsor approves; HR cannot
    assert client.post(reverse("networks:approve", args=[network.slug])).status_code == 403
    client.force_login(board)
    submit(client, reverse("networks:approve", args=[network.slug]))
    client.force_login(hr)
    submit(client, reverse("networks:open_enrolment", args=[network.slug]))
    network.refresh_from_db()
    assert network.state == Network.State.ENROLLING

    # Seven leaders want one of six seats
    leaders = list(Leader.objects.filter(field=school, level__name="Leder").select_related("user")[:7])
    for leader in leaders:
        client.force_login(leader.user)
        submit(client, reverse("networks:apply", args=[network.slug]), accepts_terms="on")
    client.force_login(hr)
    *six, seventh = network.applications.order_by("created_at", "pk")
    for application in six:
        submit(client, reverse("networks:members", args=[network.slug]), to=f"{application.pk}/godkend/")
    submit(client, reverse("networks:members", args=[network.slug]), to=f"{seventh.pk}/venteliste/")
    assert network.memberships.active().count() == 6
    assert network.applications.get(state="waitlisted").leader == leaders[6]
    first = network.memberships.get(leader=leaders[0])
    submit(client, reverse("networks:appoint_coordinator", args=[network.slug, first.pk]))
    submit(client, reverse("networks:activate", args=[network.slug]))
    network.refresh_from_db()
    assert network.state == Network.State.ACTIVE
    send()
    inbox.take()

    # The coordinator lays the plan; 1 April 2027 is an ordinary Thursday, 25 March is skærtorsdag
    coordinator, member = leaders[0].user, leaders[1].user
    client.force_login(coordinator)
    page = submit(
        client,
        reverse("meetings:new_plan", args=[network.slug]),
        name="Forår 2027",
        first_date="28.1.2027",
        interval_weeks=2,
        start_time="13.00",
        end_time="1500",
        place="Østre Skole",
        number_of_meetings=6,
    )
    assert "Skærtorsdag" in text_of(page)
    plan = network.plans.get()
    submit(client, reverse("meetings:publish_plan", args=[network.slug, plan.pk]))
    dates = list(plan.meetings.order_by("starts_at").values_list("date", flat=True))
    assert [day.isoformat() for day in dates] == [
        "2027-01-28", "2027-02-11", "2027-02-25", "2027-03-11", "2027-04-08", "2027-04-22",
    ]  # fmt: skip

    # Every member gets the plan and each meeting as an invitation their calendar understands
    send()
    mails = inbox.take()
    invitations = [invitation_of(mail) for _to, mail in mails if invitation_of(mail)]
    assert len(mails) == 6 * (1 + 6)
    assert {(entry["METHOD"], str(event_of(entry)["SUMMARY"])) for entry in invitations} == {("REQUEST", SUMMARY)}
    assert all(
        len({to for to, _mail in mails}) == 6 and mail["Auto-Submitted"] == "auto-generated" for _to, mail in mails
    )

    # A member sees it on the first page, answers, and subscribes
    client.force_login(member)
    assert "torsdag den 28. januar 2027" in text_of(client.get("/"))
    meeting = plan.meetings.order_by("starts_at").first()
    client.post(reverse("meetings:reply", args=[meeting.pk]), {"answer": "accepted"})
    page = submit(client, reverse("meetings:subscription"), to="abonnement/")
    feed = re.search(r"/kalender/([\w-]{27,})\.ics", page.content.decode()).group(0)
    client.logout()
    starts = [event["DTSTART"].dt for event in events_in(client.get(feed))]
    assert [start.astimezone(COPENHAGEN).hour for start in starts] == [13] * 6
    assert sorted(start.astimezone(COPENHAGEN).date() for start in starts) == dates

    # The second meeting is moved; the feed and every calendar follow
    client.force_login(coordinator)
    second = plan.meetings.get(date=dates[1])
    submit(
        client,
        reverse("meetings:move", args=[second.pk]),
        date="12.2.2027",
        start_time="9.00",
        end_time="11.00",
        reason="Lokalet er optaget",
    )
    send()
    assert inbox.take() == [], "another change may follow"
    clock.shift(SETTLING)
    send()
    moved = inbox.take()
    assert {
        (event_of(invitation_of(mail))["UID"], int(event_of(invitation_of(mail))["SEQUENCE"])) for _to, mail in moved
    } == {(second.uid, 1)}
    client.logout()
    assert "2027-02-12" in [str(event["DTSTART"].dt.date()) for event in events_in(client.get(feed))]

    # Reminders come when they are due, to those who are to come
    clock.move_to(meeting.starts_at - timedelta(days=2) + timedelta(hours=1))
    send()
    assert len(inbox.take()) >= 6

    # The meeting is held
    clock.move_to(meeting.ends_at + timedelta(hours=1))
    client.force_login(coordinator)
    submit(
        client,
        reverse("meetings:record_attendance", args=[meeting.pk]),
        present=[leader.user.pk for leader in leaders[:5]],
    )
    meeting.refresh_from_db()
    assert meeting.state == Meeting.State.HELD

    # A pulse opens and closes by the timetable
    submit(
        client,
        reverse("meetings:new_feedback_round", args=[network.slug]),
        kind="network_pulse",
        opens_on="1.2.2027",
        closes_on="12.2.2027",
    )
    clock.move_to(datetime(2027, 2, 1, 8, 1, tzinfo=COPENHAGEN))
    feedback.turn_rounds(now=timezone.now())
    round = FeedbackRound.objects.get()
    assert round.state == FeedbackRound.State.OPEN
    send()
    inbox.take()
    for leader in leaders[:5]:
        client.force_login(leader.user)
        submit(client, round.get_absolute_url(), free_space="5", commitment="4", keep="Ærligheden.")
    assert FeedbackResponse.objects.count() == 5
    clock.move_to(datetime(2027, 2, 12, 16, 1, tzinfo=COPENHAGEN))
    feedback.turn_rounds(now=timezone.now())
    round.refresh_from_db()
    assert (round.state, FeedbackResponse.objects.count()) == (FeedbackRound.State.CLOSED, 0)
    client.force_login(member)
    assert "Ærligheden." in text_of(client.get(round.get_absolute_url()))

    # Top management reads how it goes, and meets nobody's name
    clock.move_to(datetime(2027, 2, 13, 10, 0, tzinfo=COPENHAGEN))
    client.force_login(board)
    said = text_of(client.get(reverse("netvaerk:status")))
    assert "Skoleledere i Egebjerg" in said
    assert not [leader for leader in leaders if leader.user.get_full_name() in said]

    # Nothing was lost and nothing sent twice
    send()
    assert not Message.objects.filter(
        state__in=[Message.State.FAILED, Message.State.IN_DOUBT, Message.State.RETRY]
    ).exists()
    assert Message.objects.filter(state=Message.State.DUE, due_at__lt=timezone.now()).count() == 0


def invitation_of(mail):
    parts = [part for part in mail.walk() if part.get_content_type() == "text/calendar"]
    return icalendar.Calendar.from_ical(parts[0].get_content()) if parts else None


def event_of(entry):
    return next(iter(entry.walk("VEVENT")))


def events_in(response):
    assert response.status_code == 200
    return list(icalendar.Calendar.from_ical(response.content).walk("VEVENT"))
