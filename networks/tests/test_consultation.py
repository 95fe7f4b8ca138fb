"""Høring: who is asked, who reads what, versions that show what changed, and mails that are never out of date."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import translation

from members.danish import wall_to_utc
from members.models import AuditEvent, Message
from members.outbox import Suppress
from members.tests import factories as members
from networks import approval, basis_versions, consultation, consultation_email
from networks.models import Consultation, ConsultationReply, Network
from networks.refusal import Refused
from networks.tests.factories import NOW, create_network

pytestmark = pytest.mark.django_db

DEADLINE = date(2027, 3, 15)
LATER = NOW + timedelta(days=3)


@pytest.fixture
def draft(hr, sponsor):
    return create_network(state="draft", sponsor=sponsor, hr_contact=hr, name="Kladden")


@pytest.fixture
def asked(leader):
    """Someone outside HR who is asked."""
    return leader.user


@pytest.fixture
def opened(draft, hr, asked):
    consultation.add_people(draft, people=[asked, members.create_user(first_name="Bo")], actor=hr, now=NOW)
    return consultation.consult(draft, deadline=DEADLINE, question="Er formålet klart?", actor=hr, now=NOW)


def mail(kind, *, now=NOW, recipient=None):
    messages = Message.objects.filter(kind=kind, state=Message.State.DUE).order_by("-pk")
    message = (messages.filter(recipient=recipient) if recipient else messages).first()
    return getattr(consultation_email, kind)(message, now)


# --- Preparing and sending -------------------------------------------------------------------------------------------


def test_consult_sends_the_draft_to_those_chosen(opened, draft, hr, asked):
    draft.refresh_from_db()

    assert draft.state == Network.State.IN_CONSULTATION
    assert [version.number for version in opened.versions.all()] == [1]
    assert Message.objects.filter(kind="consultation_opened").count() == 2
    assert AuditEvent.objects.filter(verb="consult", network_id=draft.pk).count() == 1
    built = mail("consultation_opened", recipient=asked)
    assert built.subject == "I høring: Kladden"
    assert "den 15. marts 2027" in built.text
    assert opened.get_absolute_url() in built.text
    assert "Er formålet klart" not in built.text + built.html


def test_people_are_chosen_once_and_left_out_again_until_it_is_sent(draft, hr, asked):
    consultation.add_people(draft, people=[asked], actor=hr, now=NOW)
    assert consultation.add_people(draft, people=[asked], actor=hr, now=NOW) == []
    assert not Message.objects.exists()

    consultation.remove_person(ConsultationReply.objects.get(), actor=hr, now=NOW)
    assert not ConsultationReply.objects.exists()


def test_one_asked_is_not_left_out_after_it_is_sent(opened, hr):
    with pytest.raises(Refused):
        consultation.remove_person(opened.replies.first(), actor=hr, now=NOW)


def test_one_added_later_is_asked_at_once(opened, draft, hr):
    late = members.create_user()

    consultation.add_people(draft, people=[late], actor=hr, now=LATER)

    assert set(Message.objects.filter(recipient=late).values_list("kind", flat=True)) == {
        "consultation_opened",
        "consultation_reminder",
    }


def test_consult_needs_people_a_deadline_ahead_and_a_purpose(draft, hr, asked):
    with pytest.raises(Refused, match="hvem der skal høres"):
        consultation.consult(draft, deadline=DEADLINE, actor=hr, now=NOW)
    consultation.add_people(draft, people=[asked], actor=hr, now=NOW)
    with pytest.raises(Refused, match="efter i dag"):
        consultation.consult(draft, deadline=NOW.date(), actor=hr, now=NOW)
    Network.objects.update(purpose=" ")
    with pytest.raises(Refused, match="formålet"):
        consultation.consult(draft, deadline=DEADLINE, actor=hr, now=NOW)

    assert not Message.objects.exists()


def test_nobody_and_the_inactive_are_not_asked(draft, hr):
    with pytest.raises(Refused):
        consultation.add_people(draft, people=[members.create_user(is_active=False)], actor=hr, now=NOW)

    assert not Consultation.objects.exists()


def test_consult_twice_is_refused(opened, draft, hr):
    with pytest.raises(Refused):
        consultation.consult(draft, deadline=DEADLINE, actor=hr, now=NOW)

    assert opened.versions.count() == 1


@pytest.mark.parametrize("state", [state for state in Network.State if state not in Network.STATES_EDITABLE])
def test_only_what_can_still_be_changed_is_sent_out(draft, hr, asked, state):
    Network.objects.update(state=state)

    with pytest.raises(Refused):
        consultation.add_people(draft, people=[asked], actor=hr, now=NOW)
    with pytest.raises(Refused):
        consultation.consult(draft, deadline=DEADLINE, actor=hr, now=NOW)


@pytest.mark.parametrize("who", ["sponsor", "board", "stranger", "asked"])
def test_every_act_but_the_reply_is_for_hr(opened, draft, who, request):
    actor = {"actor": request.getfixturevalue(who), "now": NOW}

    for act in (
        lambda: consultation.add_people(draft, people=[members.create_user()], **actor),
        lambda: consultation.remove_person(opened.replies.first(), **actor),
        lambda: consultation.consult(draft, deadline=DEADLINE, **actor),
        lambda: consultation.send_new_version(opened, **actor),
        lambda: consultation.move_deadline(opened, deadline=DEADLINE + timedelta(days=3), **actor),
        lambda: consultation.close(opened, **actor),
    ):
        with pytest.raises(PermissionDenied):
            act()


# --- Replies ---------------------------------------------------------------------------------------------------------


def test_reply_is_kept_and_can_be_changed_until_it_closes(opened, asked, hr):
    consultation.reply(opened, text="  God idé.  ", actor=asked, now=NOW)
    mine = consultation.reply(opened, text="God idé, men for stor.", actor=asked, now=LATER)

    assert opened.replies.get(user=asked) == mine
    assert (mine.text, mine.version, mine.replied_at) == ("God idé, men for stor.", 1, LATER)
    consultation.close(opened, actor=hr, now=LATER)
    with pytest.raises(Refused):
        consultation.reply(opened, text="For sent", actor=asked, now=LATER)


@pytest.mark.parametrize("who", ["hr", "sponsor", "board", "stranger"])
def test_reply_is_for_those_asked(opened, who, request):
    with pytest.raises(PermissionDenied):
        consultation.reply(opened, text="Jeg mener", actor=request.getfixturevalue(who), now=NOW)


def test_reply_with_nothing_in_it_is_refused(opened, asked):
    with pytest.raises(Refused):
        consultation.reply(opened, text=" \n ", actor=asked, now=NOW)


def test_a_late_reply_is_welcome_until_hr_closes(opened, asked):
    late = wall_to_utc(DEADLINE + timedelta(days=5), consultation.MORNING)

    assert consultation.reply(opened, text="Undskyld", actor=asked, now=late).replied_at == late


def test_the_reminder_goes_to_those_who_owe_one_two_days_before(opened, asked):
    reminders = Message.objects.filter(kind="consultation_reminder")
    due = wall_to_utc(date(2027, 3, 13), consultation.MORNING)
    assert set(reminders.values_list("due_at", flat=True)) == {due}

    consultation.reply(opened, text="Mit svar", actor=asked, now=NOW)

    assert reminders.get(state=Message.State.SUPERSEDED).recipient == asked
    assert "Høringssvar senest" in mail("consultation_reminder", now=due).subject


def test_the_reminder_is_dropped_for_one_who_has_answered(opened, asked):
    message = Message.objects.get(kind="consultation_reminder", recipient=asked)
    opened.replies.update(replied_at=NOW)

    with pytest.raises(Suppress):
        consultation_email.consultation_reminder(message, NOW)


def test_a_short_deadline_has_no_reminder(draft, hr, asked):
    consultation.add_people(draft, people=[asked], actor=hr, now=NOW)
    consultation.consult(draft, deadline=NOW.date() + timedelta(days=1), actor=hr, now=NOW)

    assert not Message.objects.filter(kind="consultation_reminder").exists()


def test_a_moved_deadline_moves_the_reminders_of_those_who_owe(opened, asked, hr):
    consultation.reply(opened, text="Mit svar", actor=asked, now=NOW)

    consultation.move_deadline(opened, deadline=date(2027, 3, 30), actor=hr, now=LATER)

    open_ones = Message.objects.filter(state=Message.State.DUE, kind__in=consultation.TIMED_KINDS)
    # The last Sunday of March: eight in the morning stays eight.
    assert sorted((message.kind, message.due_at) for message in open_ones) == [
        ("consultation_due", wall_to_utc(date(2027, 3, 31), consultation.MORNING)),
        ("consultation_reminder", wall_to_utc(date(2027, 3, 28), consultation.MORNING)),
    ]
    with pytest.raises(Refused):
        consultation.move_deadline(opened, deadline=date(2027, 3, 30), actor=hr, now=LATER)
    with pytest.raises(Refused):
        consultation.move_deadline(opened, deadline=NOW.date(), actor=hr, now=LATER)


def test_hr_hears_when_the_deadline_has_passed(opened, asked):
    consultation.reply(opened, text="Fortroligt svar", actor=asked, now=NOW)
    with pytest.raises(Suppress):
        mail("consultation_due")

    built = mail("consultation_due", now=wall_to_utc(date(2027, 3, 16), consultation.MORNING))

    assert "1 ud af 2 har svaret" in built.text
    assert "Fortroligt" not in built.text + built.html


def test_mails_are_dropped_once_it_is_closed(opened, hr):
    messages = list(Message.objects.all())
    consultation.close(opened, actor=hr, now=LATER)

    assert set(Message.objects.values_list("state", flat=True)) == {Message.State.SUPERSEDED}
    for message in messages:
        with pytest.raises(Suppress):
            getattr(consultation_email, message.kind)(message, LATER)


# --- Versions --------------------------------------------------------------------------------------------------------


def test_a_new_version_shows_what_changed(opened, draft, hr, asked, client):
    with pytest.raises(Refused, match="ikke ændret"):
        consultation.send_new_version(opened, actor=hr, now=LATER)
    Network.objects.update(purpose="At lederne bliver modigere i den svære samtale.")
    draft.goal_hierarchy.create(rank=1, goal="Færre snitflader")

    version = consultation.send_new_version(opened, actor=hr, now=LATER)

    assert version.number == 2
    assert mail("consultation_revised", recipient=asked).subject == "Ny version i høring: Kladden"
    changed = [part.label for part in basis_versions.parts(version, opened.versions.first()) if part.lines]
    assert changed == ["Formål", "Målhierarki"]
    client.force_login(asked)
    shown = client.get(opened.get_absolute_url()).content.decode()
    assert "<del>klogere</del>" in shown
    assert "<ins>modigere</ins>" in shown


def test_the_reader_sees_the_version_sent_and_not_what_hr_is_writing(opened, asked, client):
    Network.objects.update(purpose="Halvfærdig sætning")
    client.force_login(asked)

    shown = client.get(opened.get_absolute_url()).content.decode()

    assert "Halvfærdig" not in shown
    assert "At lederne bliver klogere" in shown


def test_one_who_has_answered_sees_what_changed_since(opened, asked, hr, client):
    consultation.reply(opened, text="Mit svar", actor=asked, now=NOW)
    for purpose in ("Andet formål", "Tredje formål"):
        Network.objects.update(purpose=purpose)
        consultation.send_new_version(opened, actor=hr, now=LATER)

    client.force_login(asked)
    assert client.get(opened.get_absolute_url()).context["since"].number == 1
    client.force_login(hr)
    assert client.get(opened.get_absolute_url()).context["since"].number == 2


def test_an_older_version_is_not_announced(opened, hr, asked):
    Network.objects.update(purpose="Andet")
    consultation.send_new_version(opened, actor=hr, now=LATER)
    old = Message.objects.filter(kind="consultation_revised", recipient=asked).get()
    Network.objects.update(purpose="Tredje")
    consultation.send_new_version(opened, actor=hr, now=LATER)

    with pytest.raises(Suppress):
        consultation_email.consultation_revised(old, LATER)


def test_the_kept_text_is_danish_whatever_hr_reads(draft):
    with translation.override("en"):
        texts = basis_versions.texts_of(draft)

    assert (texts["type"], texts["reach"], texts["size"]) == ("Fagligt netværk", "Bredt", "3–12")
    assert "ends_on" not in texts


def test_what_was_picked_from_lists_is_said_in_the_readers_language(opened):
    version = opened.versions.get()
    version.texts |= {"access": "Åbent", "exercises": "Her og nu-runde, Check-ud"}

    with translation.override("en"):
        shown = {part.label: part.text for part in basis_versions.parts(version, None)}

    assert (shown["Access"], shown["Exercises"]) == ("Open", "Here-and-now round, Check-out")


# --- Closing and approval --------------------------------------------------------------------------------------------


def test_it_is_closed_before_the_basis_is_sent_on(opened, draft, hr):
    with pytest.raises(Refused, match="Luk høringen"):
        approval.submit(draft, actor=hr, now=LATER)

    consultation.close(opened, actor=hr, now=LATER)
    draft.refresh_from_db()
    assert draft.state == Network.State.DRAFT
    approval.submit(draft, actor=hr, now=LATER)
    with pytest.raises(Refused):
        consultation.close(opened, actor=hr, now=LATER)


def test_a_second_consultation_can_follow(opened, draft, hr, asked):
    consultation.close(opened, actor=hr, now=LATER)

    consultation.add_people(draft, people=[asked], actor=hr, now=LATER)
    again = consultation.consult(draft, deadline=DEADLINE, actor=hr, now=LATER)

    assert again != opened
    assert again.replies.get().text == ""
    assert list(consultation.owed_by(asked).values_list("consultation", flat=True)) == [again.pk]


def test_what_is_owed_is_what_is_open_and_unanswered(opened, draft, hr, asked):
    assert [reply.consultation for reply in consultation.owed_by(asked)] == [opened]

    consultation.reply(opened, text="Svar", actor=asked, now=NOW)
    assert not consultation.owed_by(asked).exists()
    assert not consultation.owed_by(hr).exists()


# --- Pages -----------------------------------------------------------------------------------------------------------


def test_the_page_opens_for_hr_sponsor_and_those_asked(client, opened, hr, sponsor, asked, board, stranger):
    for user, status in ((hr, 200), (sponsor, 200), (asked, 200), (board, 404), (stranger, 404)):
        client.force_login(user)
        assert client.get(opened.get_absolute_url()).status_code == status
    client.logout()
    assert client.get(opened.get_absolute_url()).status_code == 302


def test_those_asked_see_the_høring_and_not_the_network(client, opened, draft, asked):
    client.force_login(asked)

    assert client.get(draft.get_absolute_url()).status_code == 404
    assert draft.get_absolute_url() not in client.get(opened.get_absolute_url()).content.decode()


def test_replies_are_read_by_hr_and_sponsor_and_by_each_their_own(client, opened, hr, sponsor, asked):
    other = opened.replies.exclude(user=asked).get().user
    consultation.reply(opened, text="Det er for stort.", actor=asked, now=NOW)
    consultation.reply(opened, text="Det er for småt.", actor=other, now=NOW)

    def sees(user):
        client.force_login(user)
        shown = client.get(opened.get_absolute_url()).content.decode()
        return ("for stort" in shown, "for småt" in shown)

    assert [sees(user) for user in (hr, sponsor, asked, other)] == [
        (True, True),
        (True, True),
        (True, False),
        (False, True),
    ]


def test_the_page_takes_a_reply_and_says_who_reads_it(client, opened, asked, stranger, hr):
    client.force_login(asked)
    assert "HR og den ansvarlige chef kan læse dit svar." in client.get(opened.get_absolute_url()).content.decode()

    bad = client.post(opened.get_absolute_url(), {"text": "Ring 010190-1234"})
    assert "cpr-nummer" in bad.content.decode()
    assert client.post(opened.get_absolute_url(), {"text": "Fint"}).status_code == 302
    assert opened.replies.get(user=asked).text == "Fint"
    client.force_login(hr)
    assert client.post(opened.get_absolute_url(), {"text": "Ikke spurgt"}).status_code == 403
    client.force_login(stranger)
    assert client.post(opened.get_absolute_url(), {"text": "Fremmed"}).status_code == 404


def test_a_closed_høring_is_still_read_and_takes_nothing(client, opened, asked, hr):
    consultation.reply(opened, text="Mit svar", actor=asked, now=NOW)
    consultation.close(opened, actor=hr, now=LATER)
    client.force_login(asked)

    assert "Mit svar" in client.get(opened.get_absolute_url()).content.decode()
    client.post(opened.get_absolute_url(), {"text": "For sent"})
    assert opened.replies.get(user=asked).text == "Mit svar"


def test_hr_prepares_and_sends_on_the_page(client, hr, draft, asked):
    client.force_login(hr)
    url = reverse("networks:prepare_consultation", args=[draft.slug])

    assert "Lis Krog" in client.get(url, {"q": "krog"}).content.decode()
    client.post(reverse("networks:add_to_consultation", args=[draft.slug]), {"person": [asked.pk, "x", "9" * 30]})
    assert "Lis Krog" in client.get(url).content.decode()
    assert "Lis Krog" not in str(client.get(url, {"q": "krog"}).context["found"])
    refused = client.post(url, {"deadline": "1.1.2020"})
    assert "efter i dag" in refused.content.decode()
    sent = client.post(url, {"deadline": "1.1.2090", "question": "Hvad mener I?"})

    assert sent.url == Consultation.objects.get().get_absolute_url()
    draft.refresh_from_db()
    assert draft.state == Network.State.IN_CONSULTATION


def test_hr_manages_on_the_page(client, hr, draft, opened):
    client.force_login(hr)
    Network.objects.update(purpose="Ændret formål")
    assert "Send ny version" in client.get(opened.get_absolute_url()).content.decode()

    for route, data in (
        ("send_new_version", {}),
        ("move_consultation_deadline", {"deadline": "1.2.2090"}),
        ("close_consultation", {}),
    ):
        url = reverse(f"networks:{route}", args=[opened.pk])
        assert client.get(url).status_code == 200
        assert client.post(url, data).url == opened.get_absolute_url()

    opened.refresh_from_db()
    assert (opened.versions.count(), opened.deadline, opened.is_open) == (2, date(2090, 2, 1), False)


@pytest.mark.parametrize("who", ["sponsor", "board", "stranger", "asked"])
def test_hr_pages_are_for_hr(client, opened, draft, who, request):
    client.force_login(request.getfixturevalue(who))

    for route, args in (
        ("prepare_consultation", [draft.slug]),
        ("send_new_version", [opened.pk]),
        ("move_consultation_deadline", [opened.pk]),
        ("close_consultation", [opened.pk]),
    ):
        assert client.post(reverse(f"networks:{route}", args=args)).status_code in (403, 404)
    for route, args in (
        ("add_to_consultation", [draft.slug]),
        ("remove_from_consultation", [draft.slug, opened.replies.first().pk]),
    ):
        assert client.get(reverse(f"networks:{route}", args=args)).status_code == 405
        assert client.post(reverse(f"networks:{route}", args=args)).status_code in (403, 404)


def test_the_basis_leads_hr_and_sponsor_to_the_høring(client, opened, draft, hr, sponsor):
    for user in (hr, sponsor):
        client.force_login(user)
        shown = client.get(reverse("networks:basis", args=[draft.slug])).content.decode()
        assert opened.get_absolute_url() in shown
        assert "0 ud af 2 har svaret." in shown


def test_pages_cost_the_same_for_many(client, hr, draft, opened, count_queries):
    client.force_login(hr)
    counts = []
    for number in (3, 10, 40):
        for _ in range(number):
            members.create_leader()
        while opened.replies.count() < number:
            opened.replies.create(user=members.create_leader().user, text="Svar", replied_at=NOW, version=1)
        urls = (opened.get_absolute_url(), reverse("networks:prepare_consultation", args=[draft.slug]) + "?q=holm")
        client.get(urls[1])  # notes the faces that are new on the list
        counts.append([count_queries(lambda url=url: client.get(url)) for url in urls])

    assert counts[0] == counts[1] == counts[2]


# --- The list --------------------------------------------------------------------------------------------------------


def test_hr_sees_every_hoering_with_deadline_and_replies_owed(client, opened, hr, asked):
    consultation.reply(opened, text="Mit svar", actor=asked, now=NOW)
    client.force_login(hr)

    page = " ".join(client.get(reverse("networks:consultations")).content.decode().split())

    assert "Kladden" in page
    assert "15. marts 2027" in page
    assert "1 ud af 2 har svaret." in page
    assert "Mit svar" not in page
    assert reverse("networks:consultations") in client.get(reverse("networks:catalogue")).content.decode()


def test_one_asked_sees_their_own_and_whether_they_have_answered(client, opened, hr, asked):
    other = create_network(state="draft", hr_contact=hr, name="En anden")
    consultation.add_people(other, people=[members.create_user()], actor=hr, now=NOW)
    consultation.consult(other, deadline=DEADLINE, actor=hr, now=NOW)
    client.force_login(asked)
    path = reverse("networks:consultations")
    page = client.get(path).content.decode()
    assert ("Kladden" in page, "En anden" in page, "Du mangler at svare." in page) == (True, False, True)
    assert "ud af 2" not in page
    assert path in client.get(reverse("networks:catalogue")).content.decode()

    consultation.reply(opened, text="Mit svar", actor=asked, now=NOW)
    assert "Du svarede" in client.get(path).content.decode()
    consultation.close(opened, actor=hr, now=NOW)

    assert "Tidligere høringer" in client.get(path).content.decode()


def test_a_stranger_finds_an_empty_list_and_no_link(client, opened, stranger):
    client.force_login(stranger)

    assert "Kladden" not in client.get(reverse("networks:consultations")).content.decode()
    assert reverse("networks:consultations") not in client.get(reverse("networks:catalogue")).content.decode()


def test_the_sponsor_sees_how_many_have_answered(client, opened, sponsor):
    client.force_login(sponsor)

    assert "0 ud af 2 har svaret." in client.get(reverse("networks:consultations")).content.decode()
    assert reverse("networks:consultations") in client.get(reverse("networks:approvals")).content.decode()


def test_what_is_under_preparation_is_not_listed(client, draft, hr, asked):
    consultation.add_people(draft, people=[asked], actor=hr, now=NOW)
    client.force_login(hr)

    assert "Kladden" not in client.get(reverse("networks:consultations")).content.decode()


def test_the_list_costs_the_same_for_one_and_for_many(client, opened, hr, asked, count_queries):
    client.force_login(hr)
    path = reverse("networks:consultations")
    consultation.close(opened, actor=hr, now=NOW)
    other = create_network(state="draft", hr_contact=hr)
    consultation.add_people(other, people=[asked], actor=hr, now=NOW)
    consultation.consult(other, deadline=DEADLINE, actor=hr, now=NOW)
    client.get(path)
    one = count_queries(lambda: client.get(path))
    for number in range(6):
        network = create_network(state="draft", hr_contact=hr)
        consultation.add_people(network, people=[asked], actor=hr, now=NOW)
        out = consultation.consult(network, deadline=DEADLINE, actor=hr, now=NOW)
        if number % 2:
            consultation.close(out, actor=hr, now=NOW)

    assert count_queries(lambda: client.get(path)) == one


def test_an_answer_belongs_to_the_version_its_writer_had_before_them(client, opened, draft, hr, asked):
    client.force_login(asked)
    seen = client.get(opened.get_absolute_url()).context["form"]["seen"].value()
    Network.objects.update(purpose="Noget helt andet.")
    consultation.send_new_version(opened, actor=hr, now=LATER)

    client.post(opened.get_absolute_url(), {"text": "Til den første", "seen": seen})

    assert opened.replies.get(user=asked).version == 1
    assert "Der er kommet en ny version, siden du svarede" in client.get(opened.get_absolute_url()).content.decode()
    client.post(opened.get_absolute_url(), {"text": "Til den anden", "seen": 99})
    assert opened.replies.get(user=asked).version == 2
