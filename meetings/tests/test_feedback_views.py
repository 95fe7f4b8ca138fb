from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from meetings import feedback, questions
from meetings.models import FeedbackRound
from meetings.tests.factories import create_round
from members.models import AuditEvent
from members.tests.factories import create_board, create_hr, create_leader, create_political, create_system_admin
from networks.models import Membership, Network, NetworkType
from networks.tests.factories import create_membership, create_network

OPENS = datetime(2027, 3, 2, 7, 0, tzinfo=UTC)
CLOSES = datetime(2027, 3, 12, 15, 0, tzinfo=UTC)
DURING = datetime(2027, 3, 4, 9, 0, tzinfo=UTC)
AFTER = datetime(2027, 3, 13, 9, 0, tzinfo=UTC)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(DURING, tick=False) as clock:
        yield clock


@pytest.fixture
def network():
    return create_network(name="Ledere på tværs", slug="paa-tvaers", type=NetworkType.TVAERFAGLIG)


@pytest.fixture
def users(network):
    return [create_membership(network=network, is_coordinator=number == 0).leader.user for number in range(8)]


@pytest.fixture
def open_round(network, users):
    return create_round(network=network, opens_at=OPENS, closes_at=CLOSES, question_set=questions.CURRENT)


def close(round, users, answers=6, comment="Kanariefugl"):
    for user in users[:answers]:
        feedback.answer(round, user=user, answers={"free_space": 4, "keep": comment}, now=DURING)
    feedback.turn_rounds(AFTER)
    round.refresh_from_db()


def people(network, users):
    return {
        "member": users[1],
        "coordinator": users[0],
        "hr": create_hr(),
        "sponsor": network.sponsor,
        "board": create_board(),
        "political": create_political(),
        "other leader": create_leader().user,
        "on leave": create_membership(network=network, state=Membership.State.ON_LEAVE).leader.user,
        "former": create_membership(network=network, state=Membership.State.LEFT).leader.user,
        "system": create_system_admin(),
    }


def statuses(client, network, users, url, method="get"):
    found = {}
    for name, user in people(network, users).items():
        client.force_login(user)
        found[name] = getattr(client, method)(url).status_code
    client.logout()
    found["signed out"] = getattr(client, method)(url).status_code
    return found


def text_of(client, user, url):
    client.force_login(user)
    return client.get(url).content.decode()


# --- Who may ----------------------------------------------------------------------------------------------------------

NOBODY = dict.fromkeys(
    ("hr", "sponsor", "board", "political", "other leader", "on leave", "former", "system", "member", "coordinator"),
    403,
) | {"signed out": 302}
MEMBERS = NOBODY | {"member": 200, "coordinator": 200}
KNOWING = MEMBERS | {"hr": 200, "sponsor": 200, "board": 200, "political": 200}


def test_list_is_for_members_and_for_those_who_may_know_a_round_was_held(client, network, users, open_round):
    assert statuses(client, network, users, reverse("meetings:feedback", args=[network.slug])) == KNOWING


@pytest.mark.parametrize("state", ["planned", "open", "closed"])
def test_round_is_for_members_alone(client, network, users, open_round, state):
    if state == "planned":
        FeedbackRound.objects.update(state=FeedbackRound.State.DRAFT, opened_at=None)
    if state == "closed":
        close(open_round, users)

    # That a round is planned is the group's own: for those who see its list it is not there.
    expected = MEMBERS | dict.fromkeys(("hr", "sponsor", "board", "political"), 404 if state == "planned" else 403)
    assert statuses(client, network, users, open_round.get_absolute_url()) == expected


def test_shared_round_is_for_those_it_is_shared_with(client, network, users, open_round):
    close(open_round, users)
    feedback.share(open_round, actor=users[0], now=AFTER)

    assert statuses(client, network, users, open_round.get_absolute_url()) == KNOWING


@pytest.mark.parametrize("page", ["new_feedback_round", "share_feedback", "drop_feedback"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_planning_sharing_and_dropping_are_for_the_coordinator(client, network, users, open_round, page, method):
    close(open_round, users)
    arguments = [network.slug] if page == "new_feedback_round" else [network.slug, open_round.pk]

    found = statuses(client, network, users, reverse(f"meetings:{page}", args=arguments), method)

    assert found.pop("coordinator") in (200, 302)
    assert found == {name: status for name, status in NOBODY.items() if name != "coordinator"}


def test_closed_network_and_round_of_another_network_are_not_found(client, users, open_round):
    other = create_network(state=Network.State.DRAFT)
    elsewhere = create_network()
    create_membership(network=elsewhere, leader=users[0].posts.get())
    client.force_login(users[0])

    for slug in (other.slug, "findes-ikke"):
        assert client.get(reverse("meetings:feedback", args=[slug])).status_code == 404
        assert client.get(reverse("meetings:feedback_round", args=[slug, open_round.pk])).status_code == 404
    assert client.get(reverse("meetings:feedback_round", args=[elsewhere.slug, open_round.pk])).status_code == 404


@pytest.mark.parametrize("page", ["feedback", "new_feedback_round"])
@pytest.mark.parametrize("method", ["put", "delete"])
def test_other_methods_are_refused(client, network, users, page, method):
    client.force_login(users[0])

    assert getattr(client, method)(reverse(f"meetings:{page}", args=[network.slug])).status_code == 405


# --- The list ---------------------------------------------------------------------------------------------------------


def test_list_shows_what_awaits_the_member_until_they_have_answered(client, network, users, open_round):
    url = reverse("meetings:feedback", args=[network.slug])

    assert "Svar nu" in text_of(client, users[1], url)
    feedback.answer(open_round, user=users[1], answers={"goals": 3}, now=DURING)
    assert "Svar nu" not in text_of(client, users[1], url)


def test_list_tells_hr_only_that_a_round_was_held(client, network, users, open_round):
    close(open_round, users, answers=3)
    create_round(network=network, state=FeedbackRound.State.DRAFT, opens_at=AFTER, question_set=questions.CURRENT)

    page = text_of(client, create_hr(), reverse("meetings:feedback", args=[network.slug]))

    assert "Holdt fra 2. mar. 2027 til 13. mar. 2027" in page
    assert "svar til at vise" not in page
    assert page.count("Netværkspuls") == 1
    assert open_round.get_absolute_url() not in page
    assert "Planlæg" not in page


def test_list_takes_the_same_queries_however_many_rounds(client, network, users):
    url = reverse("meetings:feedback", args=[network.slug])
    client.force_login(users[1])
    counts = {}
    for number in (1, 3, 50):
        while network.feedback_rounds.count() < number:
            round = create_round(network=network, opens_at=OPENS, closes_at=CLOSES, question_set=questions.CURRENT)
            close(round, users)
        with CaptureQueriesContext(connection) as counted:
            assert client.get(url).status_code == 200
        counts[number] = len(counted)
    assert len(set(counts.values())) == 1, counts
    assert counts[1] <= 12


# --- Planning ---------------------------------------------------------------------------------------------------------


def test_coordinator_plans_a_round_on_the_page(client, network, users):
    client.force_login(users[0])

    answer = client.post(
        reverse("meetings:new_feedback_round", args=[network.slug]),
        {"kind": "network_pulse", "opens_on": "8/3 2027", "closes_on": "19-03-2027"},
    )

    round = FeedbackRound.objects.get()
    assert (answer.status_code, answer.url) == (302, round.get_absolute_url())
    assert feedback.wall(round.opens_at).isoformat() == "2027-03-08T08:00:00+01:00"
    assert feedback.wall(round.closes_at).isoformat() == "2027-03-19T16:00:00+01:00"
    assert "mandag den 8. marts 2027" in text_of(client, users[1], round.get_absolute_url())


@pytest.mark.parametrize(
    ("opens_on", "closes_on", "sentence"),
    [
        ("1.3.2027", "19.3.2027", "Runden kan ikke åbne i fortiden"),
        ("8.3.2027", "9.3.2027", "mellem 2 og 60 dage"),
        ("8.3.2027", "30.2.2027", "Datoen findes ikke"),
        ("", "19.3.2027", "Åbner den"),
    ],
)
def test_bad_dates_are_refused_in_plain_danish_and_kept(client, network, users, opens_on, closes_on, sentence):
    client.force_login(users[0])

    answer = client.post(
        reverse("meetings:new_feedback_round", args=[network.slug]),
        {"kind": "network_pulse", "opens_on": opens_on, "closes_on": closes_on},
    )

    page = answer.content.decode()
    assert answer.status_code == 200
    assert sentence in page
    assert f'value="{closes_on}"' in page
    assert not FeedbackRound.objects.exists()


def test_a_network_too_small_for_a_round_is_not_asked_to_plan_one(client, network, users):
    client.force_login(users[0])
    url, plan = (reverse(f"meetings:{name}", args=[network.slug]) for name in ("feedback", "new_feedback_round"))

    page = client.get(url).content.decode()
    assert plan in page
    assert "Planlæg den første" in page
    network.memberships.exclude(is_coordinator=True).update(state="ended")
    page = client.get(url).content.decode()
    assert "Tag samtalen ansigt til ansigt" in page
    assert plan not in page
    assert "Planlæg den første" not in page


def test_too_small_network_is_offered_a_conversation_guide(client, network, users):
    network.memberships.exclude(leader__user__in=users[:4]).update(state=Membership.State.LEFT)

    page = text_of(client, users[0], reverse("meetings:new_feedback_round", args=[network.slug]))

    assert "I er for få til en anonym runde" in page
    assert "Hvad skal vi blive ved med" in page
    assert "<form method" not in page.split('id="indhold"')[1].split("</main>")[0]


def test_planned_round_is_dropped_after_a_question(client, network, users):
    round = create_round(network=network, state=FeedbackRound.State.DRAFT, opens_at=AFTER)
    url = reverse("meetings:drop_feedback", args=[network.slug, round.pk])

    assert "Slet runden" in text_of(client, users[0], url)
    assert FeedbackRound.objects.exists()
    assert client.post(url).url == reverse("meetings:feedback", args=[network.slug])
    assert not FeedbackRound.objects.exists()


# --- Answering --------------------------------------------------------------------------------------------------------


def test_form_says_who_reads_what_before_one_writes(client, users, open_round):
    page = text_of(client, users[1], open_round.get_absolute_url())

    assert page.index("Hvem læser hvad") < page.index('type="radio"')
    assert page.index("skriv aldrig cpr-numre") < page.index("<textarea")
    assert "Vi forstår hinandens vilkår" in page
    assert "Vi udfordrer hinanden" not in page
    names = [page.index(name) for name in ("Frirum", "Fleksibilitet", "Forpligtelse", ">Feedback</span>")]
    assert names == sorted(names)


def test_member_answers_and_is_thanked(client, users, open_round):
    client.force_login(users[1])

    answer = client.post(
        open_round.get_absolute_url(), {"free_space": "5", "emotional": "", "keep": "Her og nu-runden"}
    )

    assert (answer.status_code, answer.url) == (302, open_round.get_absolute_url())
    assert [said.answers for said in open_round.responses.all()] == [{"free_space": 5, "keep": "Her og nu-runden"}]
    page = text_of(client, users[1], open_round.get_absolute_url())
    assert "Tak for dit svar" in page
    assert "Under 5" in page
    assert "Her og nu-runden" not in page
    assert 'type="radio"' not in page
    assert not AuditEvent.objects.exists()


def test_answering_again_changes_nothing(client, users, open_round):
    client.force_login(users[1])
    client.post(open_round.get_absolute_url(), {"free_space": "5"})

    answer = client.post(open_round.get_absolute_url(), {"free_space": "1"})

    assert "Tak for dit svar" in answer.content.decode()
    assert [said.answers for said in open_round.responses.all()] == [{"free_space": 5}]


@pytest.mark.parametrize(
    ("posted", "sentence"),
    [
        ({}, "Svar på mindst ét spørgsmål"),
        ({"free_space": ""}, "Svar på mindst ét spørgsmål"),
        ({"free_space": "6"}, "Vælg et tal fra 1 til 5"),
        ({"free_space": "4", "keep": "Per, cpr 010190-1234"}, "cpr"),
        ({"free_space": "4", "keep": "x" * 1501}, "1500"),
    ],
)
def test_unusable_answer_is_refused_with_what_was_written_kept(client, users, open_round, posted, sentence):
    client.force_login(users[1])

    answer = client.post(open_round.get_absolute_url(), posted)

    page = answer.content.decode()
    assert answer.status_code == 200
    assert sentence in page
    assert posted.get("keep", "") in page
    if posted.get("free_space") == "4":
        assert 'value="4" checked' in page
    assert not open_round.responses.exists()


def test_answer_after_the_frist_is_refused_politely(client, users, open_round, clock):
    clock.move_to(CLOSES)
    client.force_login(users[1])

    page = client.post(open_round.get_absolute_url(), {"free_space": "4"}).content.decode()
    assert "Fristen er nået" in page
    assert not open_round.responses.exists()

    feedback.turn_rounds(CLOSES)
    page = client.post(open_round.get_absolute_url(), {"free_space": "4"}, follow=True).content.decode()
    assert "Runden er lukket, så dit svar kunne ikke komme med." in page


def test_member_who_joined_during_the_round_waits_for_the_next(client, network, users, open_round):
    late = create_membership(network=network).leader.user

    page = text_of(client, late, open_round.get_absolute_url())

    assert "Du er med næste gang" in page
    assert 'type="radio"' not in page


def test_nobody_sees_anything_of_the_answers_before_the_close(client, network, users, open_round):
    for user in users[:7]:
        feedback.answer(open_round, user=user, answers={"free_space": 1, "keep": "Kanariefugl"}, now=DURING)

    for user in (users[0], users[1], users[7]):
        for url in (open_round.get_absolute_url(), reverse("meetings:feedback", args=[network.slug])):
            page = text_of(client, user, url)
            assert "Kanariefugl" not in page
            assert "7 svar" not in page
            assert "7 ud af" not in page


# --- The result -------------------------------------------------------------------------------------------------------


def test_members_see_means_distributions_and_comments(client, users, open_round):
    close(open_round, users, answers=8)

    page = text_of(client, users[7], open_round.get_absolute_url())

    assert "8 ud af 8" in page
    assert "4,0 af 5" in page
    assert "Helt uenig: 0, Uenig: 0, Hverken enig eller uenig: 0, Enig: 8, Helt enig: 0" in page
    assert page.count("Kanariefugl") == 8
    assert "For få vurderinger til at vise et gennemsnit" in page


def test_few_answers_are_a_dignified_state_with_a_guide(client, users, open_round):
    close(open_round, users, answers=4)

    page = text_of(client, users[7], open_round.get_absolute_url())

    assert "For få svar til at vise et resultat" in page
    assert "Tag samtalen i stedet" in page
    assert "Kanariefugl" not in page
    assert "4 ud af" not in page


def test_shared_result_leaves_comments_in_the_network(client, users, open_round):
    close(open_round, users, answers=6)
    client.force_login(users[0])
    share = reverse("meetings:share_feedback", args=[open_round.network.slug, open_round.pk])

    assert "Kommentarerne bliver i netværket" in client.get(share).content.decode()
    assert client.post(share).url == open_round.get_absolute_url()

    for reader in (create_hr(), create_board(), create_political(), open_round.network.sponsor):
        page = text_of(client, reader, open_round.get_absolute_url())
        assert "4,0 af 5" in page
        assert "Kanariefugl" not in page
        assert "6 ud af 8" not in page
    assert "Kanariefugl" in text_of(client, users[1], open_round.get_absolute_url())


def test_pages_of_feedback_are_not_kept_by_browsers(client, users, open_round):
    client.force_login(users[1])

    assert "no-store" in client.get(open_round.get_absolute_url())["Cache-Control"]


@pytest.mark.parametrize("state", ["planned", "open", "answered", "closed", "suppressed", "too small"])
def test_english_pages_are_whole(client, network, users, open_round, state):
    if state == "planned":
        FeedbackRound.objects.update(state=FeedbackRound.State.DRAFT, opened_at=None)
    if state == "answered":
        feedback.answer(open_round, user=users[1], answers={"goals": 3}, now=DURING)
    if state in ("closed", "suppressed"):
        close(open_round, users, answers=8 if state == "closed" else 2)
    if state == "too small":
        FeedbackRound.objects.update(state=FeedbackRound.State.DRAFT, opened_at=None, opens_at=OPENS)
        network.memberships.exclude(leader__user__in=users[:3]).update(state=Membership.State.LEFT)
        feedback.turn_rounds(DURING)
    users[1].language = "en"
    users[1].save()
    client.force_login(users[1])

    with translation.override("da"):  # a request leaves its language behind in the thread
        assert client.get(open_round.get_absolute_url()).status_code == 200


def test_round_that_ran_late_still_opens(network, users):
    round = create_round(network=network, state=FeedbackRound.State.DRAFT, opens_at=OPENS, closes_at=CLOSES)

    feedback.turn_rounds(OPENS + timedelta(days=3))

    round.refresh_from_db()
    assert round.state == FeedbackRound.State.OPEN
