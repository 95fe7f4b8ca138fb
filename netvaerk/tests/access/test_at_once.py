"""What a person loses, they lose at the next click.

In the tab that is open, in the form that is filled in, in the calendar's address, in the link of a mail, and in the
mail that has not left yet.
"""

from contextlib import contextmanager

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from meetings.models import Rsvp
from members import building, roles
from members.kinds import Suppress
from members.models import Message, Role, User
from members.tests.factories import create_hr, create_leader
from netvaerk.tests.access.asking import DOORS, KINDS, TRIED, ask
from netvaerk.tests.access.municipality import NOW, POSTED, SOON
from netvaerk.tests.pages import forms_of
from networks import leave as absence
from networks import membership, permissions
from networks.models import Goal, Membership, Network

pytestmark = pytest.mark.django_db


# --- Ways to lose a right ---------------------------------------------------------------------------------------------


def leave(town):
    membership.leave(town.network, actor=town.people["member"], now=NOW)


def go_on_leave(town):
    seat = town.network.memberships.get(leader__user=town.people["member"])
    absence.take_leave(seat, leave_from=NOW.date(), leave_to=SOON, actor=town.people["member"], now=NOW)


def be_unenrolled(town):
    seat = town.network.memberships.get(leader__user=town.people["member"])
    membership.unenrol(seat, actor=town.people["hr"], now=NOW)


def be_shut_out(town):
    admin = create_hr(role=Role.HR_ADMIN)
    roles.close_access(town.people["member"], reason="Er rejst", actor=admin, now=NOW)


def hand_on_the_coordination(town):
    seats = town.network.memberships
    coordinator = town.people["coordinator"]
    membership.appoint_coordinator(seats.get(leader__user=town.people["member"]), actor=coordinator, now=NOW)
    membership.step_down_as_coordinator(seats.get(leader__user=coordinator), actor=coordinator, now=NOW)


def lose_the_role_of(who):
    def lose(town):
        person = town.people[who]
        admin = create_hr(role=Role.HR_ADMIN)
        for role in person.roles:
            roles.take(User.objects.get(pk=person.pk), role, reason="Nyt job", actor=admin, now=NOW)

    return lose


def be_replaced_as_sponsor(town):
    Network.objects.filter(sponsor=town.people["sponsor"]).update(sponsor=create_leader().user)


# --- The tab that is open ---------------------------------------------------------------------------------------------

# Kinds of doors that are one's own or follow from being asked in a høring, whatever network one has. Links with
# a key in them have tests of their own.
KEYED = {"own_meeting_link", "token"}
ONES_OWN = {"own_thing", "asked_in_hearing", "answer_in_hearing", "hr_of_hearing", *KEYED}


def still_open(town, who: str, column: str, *, apart_from=()) -> list[str]:
    """Where `who`, in the session held since before, is answered otherwise than `column` would be."""
    found = []
    for row, parts in TRIED:
        name = row.partition("@")[0]
        method = "POST" if "POST" in DOORS[row] else "GET"
        kind = DOORS[row][method]
        if kind in apart_from:
            continue
        address = reverse(name, kwargs=town.arguments(row, parts))
        answer = ask(town, who, method, address, POSTED.get(name, {}) if method == "POST" else None)
        if answer.word != KINDS[kind][column]:
            found.append(f"{row}: {method} was answered {answer.word}, not {KINDS[kind][column]}")
    return found


@pytest.mark.parametrize(
    ("lose", "who", "column"),
    [
        pytest.param(leave, "member", "outside", id="leaves"),
        pytest.param(go_on_leave, "member", "away", id="goes on leave"),
        pytest.param(be_shut_out, "member", "signed_out", id="is shut out"),
        pytest.param(be_replaced_as_sponsor, "sponsor", "outside", id="is sponsor no more"),
        *(pytest.param(lose_the_role_of(who), who, "outside", id=f"is {who} no more")
          for who in ("hr", "hr_admin", "board", "political")),
    ],
)  # fmt: skip
def test_every_door_shuts_at_the_next_click(town, lose, who, column):
    lose(town)

    apart_from = KEYED if column == "signed_out" else ONES_OWN if who == "member" else ()
    assert still_open(town, who, column, apart_from=apart_from) == []


def test_what_a_coordinator_answers_for_is_shut_when_another_has_taken_over(town):
    hand_on_the_coordination(town)

    wrong = still_open(town, "coordinator", "member", apart_from=set(KINDS) - {"coordinator", "draft_plan"})
    # One's own seat: the page says that one is coordinator no more.
    assert wrong == ["networks:step_down: POST was answered ok, not 403"]


def test_a_right_remembered_from_the_last_click_is_told(town, monkeypatch):
    held = User.roles.func
    remembered = {}
    monkeypatch.setattr(User, "roles", property(lambda user: remembered.setdefault(user.pk, held(user))))
    ask(town, "hr", "GET", reverse("netvaerk:followup"))

    lose_the_role_of("hr")(town)

    assert "netvaerk:followup: GET was answered ok, not 403" in still_open(town, "hr", "outside")


def test_a_membership_remembered_from_the_last_click_is_told(town, monkeypatch):
    read, remembered = permissions.membership_of, {}

    def remember(user, network):
        return remembered.setdefault((user.pk, network.pk), read(user, network))

    monkeypatch.setattr(permissions, "membership_of", remember)
    address = reverse("meetings:download_ics", kwargs=town.objects["meeting"])
    ask(town, "member", "GET", address)

    leave(town)

    assert ask(town, "member", "GET", address).word == "ok"
    assert "meetings:download_ics: GET was answered ok, not 404" in still_open(town, "member", "outside")


# --- The form that is filled in ---------------------------------------------------------------------------------------

FORMS = [
    # who, address and object, what is filled in, how the right is lost, the answer then, what has not happened
    (
        "member",
        "networks:new_goal",
        "network",
        {"title": "Nyt mål", "measure": "Vi kan mærke det", "due_on": "15.09.2027"},
        (leave, "404"),
        lambda: Goal.objects.count(),
    ),
    (
        "hr",
        "networks:unenrol",
        "seat",
        {},
        (lose_the_role_of("hr"), "404"),
        lambda: Membership.objects.exclude(state__in=Membership.STATES_INSIDE).count(),
    ),
    (
        "hr_admin",
        "members:close_access",
        "person",
        {"reason": "Er rejst"},
        (lose_the_role_of("hr_admin"), "403"),
        lambda: User.objects.filter(is_active=False).count(),
    ),
    (
        "coordinator",
        "networks:appoint_coordinator",
        "seat",
        {},
        (hand_on_the_coordination, "403"),
        lambda: Membership.objects.active().filter(is_coordinator=True).count(),
    ),
    (
        "sponsor",
        "networks:approve",
        "submitted",
        {},
        (be_replaced_as_sponsor, "404"),
        lambda: Network.objects.filter(state=Network.State.APPROVED).count(),
    ),
]


@pytest.mark.parametrize("loses", [True, False], ids=["loses it", "keeps it"])
@pytest.mark.parametrize(
    ("who", "name", "thing", "filled", "losing", "count"), [pytest.param(*form, id=form[1]) for form in FORMS]
)
def test_a_form_opened_before_is_refused_after(town, who, name, thing, filled, losing, count, loses):
    client, (lose, answer) = Client(), losing
    client.force_login(town.people[who])
    address = reverse(name, kwargs=town.objects[thing])
    opened = client.get(address)
    form = next(form for form in forms_of(opened) if form["action"] in ("", address) and form["method"] == "post")
    if loses:
        lose(town)
    before = count()

    sent = client.post(address, form["data"] | filled)

    if loses:
        assert (str(sent.status_code), count() - before) == (answer, 0)
    else:
        assert (sent.status_code, count() - before) == (302, 1)


# --- The calendar's address and the link in a mail --------------------------------------------------------------------


@pytest.mark.parametrize("lose", [leave, go_on_leave, be_unenrolled, be_shut_out])
def test_the_link_of_a_mail_answers_no_more(town, client, lose):
    link = reverse("meetings:reply_link", kwargs=town.objects["link"])
    was = client.get(link).status_code
    lose(town)

    seen, sent = client.get(link), client.post(link, {"answer": Rsvp.Answer.ACCEPTED})

    assert (was, seen.status_code, sent.status_code) == (200, 404, 404)
    assert not Rsvp.objects.filter(user=town.people["member"]).exists()


def unfolded(response) -> str:
    return response.content.decode().replace("\r\n ", "")


@pytest.mark.parametrize("lose", [leave, go_on_leave, be_unenrolled])
def test_the_calendar_holds_nothing_that_lies_ahead(town, client, lose):
    feed = reverse("meetings:feed", kwargs=town.objects["feed"])
    coming = [meeting.uid for meeting in town.network.meetings.upcoming(NOW) if meeting.starts_at > NOW]
    was = unfolded(client.get(feed))
    lose(town)

    now = unfolded(client.get(feed))

    assert coming
    assert all(uid in was for uid in coming)
    assert [uid for uid in coming if uid in now] == []


def test_the_calendar_of_one_who_is_shut_out_is_gone(town, client):
    feed = reverse("meetings:feed", kwargs=town.objects["feed"])
    was = client.get(feed).status_code

    be_shut_out(town)

    assert (was, client.get(feed).status_code) == (200, 404)


def test_meetings_not_taken_back_stay_in_calendar_and_link(town, client, monkeypatch):
    feed, link = (reverse(f"meetings:{name}", kwargs=town.objects[thing])
                  for name, thing in (("feed", "feed"), ("reply_link", "link")))  # fmt: skip
    monkeypatch.setattr("meetings.invitations.withdraw", lambda *_args, **_kwargs: None)
    leave(town)
    uid = town.network.meetings.get(pk=town.objects["meeting"]["pk"]).uid

    assert uid in unfolded(client.get(feed))
    assert client.get(link).status_code == 404  # a second guard
    monkeypatch.setattr("meetings.reply_links.is_active_member", lambda *_args: True)
    assert client.get(link).status_code == 200


# --- The mail that has not left yet -----------------------------------------------------------------------------------

MAILS = [
    *(
        ("member", kind, thing)
        for kind, thing in (
            ("meeting_invitation", "meeting"),
            ("plan_published", "plan"),
            ("charter_proposed", "proposal"),
            ("charter_in_effect", "agreement"),
            ("feedback_opened", "round"),
            ("feedback_reminder", "round"),
        )
    ),
    ("coordinator", "meeting_unclosed", "held"),
    ("hr", "support_requested", "support"),
    ("hr", "application_received", "application"),
    ("board", "management_message_sent", "sent"),
]
LOSES = {
    "member": (leave, go_on_leave, be_unenrolled, be_shut_out),
    "coordinator": (hand_on_the_coordination,),
    "hr": (lose_the_role_of("hr"),),
    "board": (lose_the_role_of("board"),),
}


def letter_to(town, who: str, kind: str, thing: str) -> Message:
    return Message.objects.create(
        kind=kind, subject_id=town.objects[thing]["pk"], recipient=town.people[who], created_at=NOW, due_at=NOW
    )


@pytest.mark.parametrize(("who", "kind", "thing"), MAILS)
def test_a_mail_that_has_not_left_stays(town, who, kind, thing):
    letter_to(town, who, kind, thing)

    assert building.build(Message.objects.get(kind=kind), NOW).subject
    for lose in LOSES[who]:
        with restored():
            lose(town)
            with pytest.raises(Suppress):
                building.build(Message.objects.get(kind=kind), NOW)


def test_a_mail_that_does_not_ask_again_is_sent(town, monkeypatch):
    letter = letter_to(town, "hr", "support_requested", "support")
    lose_the_role_of("hr")(town)
    monkeypatch.setattr(User, "is_hr", True)

    assert building.build(letter, NOW).subject


@contextmanager
def restored():
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
