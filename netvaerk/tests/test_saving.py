"""Every form that tells the second of two who save: the same answer sent twice is saved once, another is told of."""

from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from django.utils import timezone

from meetings import agenda, learning, moving_rule, reflection, topics
from meetings.models import Agreement, TopicKind
from meetings.tests.factories import create_agreement, create_closed_period, create_meeting
from meetings.tests.people import create_people
from members.danish import today
from members.models import AuditEvent, LeadershipLevel, Role
from members.tests.factories import create_hr
from netvaerk.tests.pages import forms_of, text_of
from networks import charter, conflicts, goals, upward
from networks.charter import Text
from networks.models import Charter, Network, StrategicDirection
from networks.tests.factories import create_direction, create_network

pytestmark = pytest.mark.django_db

CHARTER = Text("Vi lytter.", "Mod\nTillid\nÅbenhed")


@pytest.fixture
def house():
    """A network with one of each thing that can be edited."""
    people, now = create_people(), timezone.now()
    network, member = people.network, people.member
    ahead = create_meeting(network=network, date=today() + timedelta(days=10))
    behind = create_meeting(network=network, date=today() - timedelta(days=3))
    agenda.lay_out(ahead, actor=member, now=now)
    return SimpleNamespace(people=people, network=network, member=member, now=now, ahead=ahead, behind=behind)


def goal(house):
    return goals.add(
        house.network,
        actor=house.member,
        title="Færre møder",
        measure="Vi tæller",
        due_on=date(2030, 1, 1),
        now=house.now,
    )


def change_goal(house):
    made = goal(house)
    return house.member, f"/netvaerk/{house.network.slug}/maal/{made.pk}/ret/", "title", ("Et", "Et andet")


def assess_goal(house):
    made = goal(house)
    return house.member, f"/netvaerk/{house.network.slug}/maal/{made.pk}/status/", "outcome", ("Et", "Et andet")


def change_charter(house):
    made = propose(house)
    return house.member, f"/netvaerk/{house.network.slug}/aftale/{made.pk}/ret/", "ground_rules", ("Et", "Et andet")


def propose(house):
    deadline = today() + timedelta(days=10)
    return charter.propose(house.network, actor=house.member, text=CHARTER, deadline=deadline, seen=None, now=house.now)


def reword_charter(house):
    made = propose(house)
    Charter.objects.update(state=Charter.State.IN_EFFECT, effective_at=house.now)
    return house.member, f"/netvaerk/{house.network.slug}/aftale/{made.pk}/ret/", "ground_rules", ("Et", "Et andet")


def management_message(house):
    made = upward.write(house.network, actor=house.member, text="Før", now=house.now)
    return house.member, f"/netvaerk/{house.network.slug}/budskab/{made.pk}/ret/", "text", ("Et", "Et andet")


def agreement(house):
    made = create_agreement(meeting=house.behind, is_everyones=True)
    return house.member, f"/netvaerk/{house.network.slug}/aftaler/{made.pk}/ret/", "text", ("Et", "Et andet")


def agenda_item(house):
    item = house.ahead.agenda_items.first()
    return house.member, f"/moeder/{house.ahead.pk}/dagsorden/{item.pk}/", "title", ("Et", "Et andet")


def theme(house):
    return house.member, f"/moeder/{house.ahead.pk}/tema/", "theme", ("Et", "Et andet")


def rule(house):
    moving_rule.write(house.network, text="Aldrig", seen=0, actor=house.people.coordinator, now=house.now)
    return house.member, f"/netvaerk/{house.network.slug}/moeder/flytteregel/", "text", ("Et", "Et andet")


def first_rule(house):
    return house.member, f"/netvaerk/{house.network.slug}/moeder/flytteregel/", "text", ("Et", "Et andet")


def closed_period(house):
    made = create_closed_period(name="Uge 42", first_date=date(2030, 10, 14))
    return house.people.hr, f"/lukkedage/{made.pk}/", "name", ("Et", "Et andet")


def topic(house):
    made = topics.add(house.network, actor=house.member, kind=TopicKind.VALUE, title="Ro", now=house.now)
    return house.member, f"/netvaerk/{house.network.slug}/emner/{made.pk}/", "text", ("Et", "Et andet")


def card(house):
    texts = {"theme": "Ro", "challenge": "Uro", "tried": "", "outcome": "", "shows_author": False}
    made = learning.keep(house.network, actor=house.member, now=house.now, **texts)
    return house.member, f"/netvaerk/{house.network.slug}/erfaringer/{made.pk}/ret/", "tried", ("Et", "Et andet")


def note(house):
    made = reflection.write(house.member, text="Før", now=house.now)
    return house.member, f"/refleksion/{made.pk}/", "text", ("Et", "Et andet")


def minutes(house):
    """“Gem uden at afslutte”."""
    return (
        house.people.coordinator,
        f"/moeder/{house.behind.pk}/afslut/",
        "carried_over",
        ("Et", "Et andet"),
        {"save": "1"},
    )


def direction(house):
    made = create_direction(state="draft")
    return house.people.hr, f"/kurs/{made.pk}/rediger/", "title", ("Et", "Et andet")


def step(slug, field, texts=("Et", "Et andet")):
    def case(house):
        draft = create_network(state="draft", hr_contact=house.people.hr)
        return house.people.hr, f"/netvaerk/{draft.slug}/grundlag/rediger/{slug}/", field, texts

    case.__name__ = f"step_{slug}"
    return case


def questions(house):
    admin = create_hr(role=Role.HR_ADMIN)
    return admin, "/feedback/spoergsmaal/network_pulse/", "added_1", ("Et udsagn", "Et andet udsagn")


def limits(house):
    return create_hr(role=Role.HR_ADMIN), "/opfoelgning/graenser/", "silent_days", ("98", "97")


def levels(house):
    LeadershipLevel.objects.update_or_create(name="Leder", defaults={"rank": 1})
    return create_hr(role=Role.HR_ADMIN), "/ledere/niveauer/", "levels-0-name", ("Et", "Et andet")


STEPS = [
    step("kurs", "purpose"),
    step("type", "type_reason"),
    step("ramme", "tags"),
    step("deltagere", "guests"),
    step("temaer", "rhythm"),
    step("styring", "support"),
    step("maal", "goal_2"),
]
FORMS = [
    change_goal, assess_goal, change_charter, reword_charter, management_message, agreement, agenda_item, theme, rule,
    first_rule, closed_period, topic, card, note, minutes, direction, questions, limits, levels,
    *STEPS,
]  # fmt: skip
each_form = pytest.mark.parametrize("case", FORMS, ids=lambda case: case.__name__)


def opened(client, case, house):
    """The page as its reader has it: where it is sent, what it holds, and the two texts for one of its fields."""
    user, address, field, texts, *buttons = case(house)
    client.force_login(user)
    page = client.get(address)
    assert page.status_code == 200
    form = [form for form in forms_of(page) if field in form["data"]][-1]
    data = {name: value for name, value in form["data"].items() if name != "csrfmiddlewaretoken"}
    for name, value in CHOSEN.items():
        if name in data and not data[name]:
            data[name] = value
    return address, data | (buttons[0] if buttons else {}), field, texts


CHOSEN = {"state": "reached", "kind": "substance"}  # what has to be chosen and is not beforehand


@each_form
def test_the_same_answer_sent_twice_is_saved_once(client, house, case):
    address, data, field, (text, _other) = opened(client, case, house)
    first = client.post(address, data | {field: text})
    done = AuditEvent.objects.count()

    second = client.post(address, data | {field: text})

    assert first.status_code == 302
    assert (second.status_code, second["Location"]) == (302, first["Location"])
    assert AuditEvent.objects.count() == done


@each_form
def test_another_answer_is_told_of_and_nothing_is_lost(client, house, case):
    address, data, field, (text, other) = opened(client, case, house)
    client.post(address, data | {field: text})

    told = client.post(address, data | {field: other})

    said = text_of(told)
    assert told.status_code == (200 if case is levels else 409)
    assert text in said
    assert other in told.content.decode()
    (again,) = [form["data"] for form in forms_of(told) if field in form["data"]][-1:]
    assert again[field] == [other]  # what was written still stands in its field

    again = {name: value for name, value in again.items() if name != "csrfmiddlewaretoken"}
    buttons = {name: value for name, value in data.items() if name == "save"}
    assert client.post(address, again | buttons).status_code == 302


@pytest.mark.parametrize("case", [change_goal, agenda_item, closed_period, limits], ids=lambda case: case.__name__)
def test_the_controls_one_is_told_of_oneself_or_not_at_all(client, house, case, monkeypatch):
    """When no answer counts as saved already, a second press is told of itself; when every one does, a text is lost."""
    address, data, field, (text, other) = opened(client, case, house)
    client.post(address, data | {field: text})

    with monkeypatch.context() as without:
        without.setattr(conflicts, "says", lambda *_current, **_answer: False)
        assert client.post(address, data | {field: text}).status_code == 409
    monkeypatch.setattr(conflicts, "says", lambda *_current, **_answer: True)
    assert client.post(address, data | {field: other}).status_code == 302


# --- What is done with the same form ---------------------------------------------------------------------------------


def test_closing_twice_closes_once_with_the_agreements_once(client, house):
    client.force_login(house.people.coordinator)
    address = f"/moeder/{house.behind.pk}/afslut/"
    form = next(form for form in forms_of(client.get(address)) if "carried_over" in form["data"])
    data = form["data"] | {
        "present": [str(house.member.pk)],
        "carried_over": "Runden",
        "aftale-0-text": "Ringe til Ribe",
        "aftale-0-who": "alle",
    }

    answers = [client.post(address, data) for _press in range(2)]

    assert [answer["Location"] for answer in answers] == [house.behind.get_absolute_url()] * 2
    assert Agreement.objects.count() == 1
    house.behind.refresh_from_db()
    assert house.behind.is_closed
    assert client.post(address, data | {"carried_over": "Noget andet"}).status_code == 200  # it stands: said, not saved


def test_saying_twice_that_it_was_not_held_says_it_once(client, house):
    client.force_login(house.people.coordinator)
    address = f"/moeder/{house.behind.pk}/afslut/"
    form = next(form for form in forms_of(client.get(address)) if "carried_over" in form["data"])
    data = form["data"] | {"was_held": "nej", "reason": "Sne"}

    answers = [client.post(address, data) for _press in range(2)]

    assert [answer["Location"] for answer in answers] == [house.behind.get_absolute_url()] * 2
    assert house.behind.changes.count() == 1


@pytest.mark.parametrize(
    ("address", "answer", "made"),
    [
        ("maal/nyt/", {"title": "Færre", "measure": "Vi tæller", "due_on": "1.1.2030"}, "goals"),
        ("budskab/nyt/", {"text": "Vi mangler ro."}, "management_messages"),
        ("emner/nyt/", {"title": "Ro", "kind": "value"}, "topics"),
    ],
)
def test_what_is_new_and_sent_twice_is_made_once(client, house, address, answer, made):
    client.force_login(house.member)

    answers = [client.post(f"/netvaerk/{house.network.slug}/{address}", answer) for _press in range(2)]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert getattr(house.network, made).count() == 1


@pytest.mark.parametrize("address", ["/netvaerk/nyt/", "/kurs/ny/"])
def test_a_draft_sent_twice_is_made_once(client, house, address):
    client.force_login(house.people.hr)
    kurs = create_direction()
    made = Network.objects if address == "/netvaerk/nyt/" else StrategicDirection.objects
    before = made.count()
    answer = {"name": "Nyt netværk", "direction": kurs.pk, "title": "Ny kurs", "solutions": "Et", "development": "To"}
    answer |= {"valid_from": "1.1.2030", "valid_to": "31.12.2033", "review_date": "1.9.2033"}
    answer |= {"gains": ["shared_focus"], "owner": house.people.hr.pk, "purpose": "At lære"}

    first, second = (client.post(address, answer) for _press in range(2))

    assert (first.status_code, second["Location"]) == (302, first["Location"])
    assert made.count() == before + 1
    assert client.post(address, answer | {"name": "Et andet", "title": "En anden"}).status_code == 302
    assert made.count() == before + 2


def test_a_proposal_sent_twice_is_one_and_leaves_no_draft(client, house):
    client.force_login(house.member)
    address = f"/netvaerk/{house.network.slug}/aftale/foreslaa/"
    form = next(form for form in forms_of(client.get(address)) if "ground_rules" in form["data"])
    data = form["data"] | {"ground_rules": "Vi lytter.", "values": CHARTER.values}

    answers = [client.post(address, data) for _press in range(2)]

    assert answers[1]["Location"] == answers[0]["Location"] == house.network.charters.get().get_absolute_url()
    assert charter.draft_of(house.member, house.network) is None


def test_a_point_sent_twice_is_one_and_the_same_point_can_still_be_had_twice(client, house):
    client.force_login(house.member)
    address = f"/moeder/{house.ahead.pk}/dagsorden/"

    def points():
        return [item for item in house.ahead.agenda_items.all() if item.title == "Pause"]

    def pressed(times):
        (form,) = [form for form in forms_of(client.get(address)) if "exercise" in form["data"]]
        for _press in range(times):
            assert client.post(f"{address}nyt/", form["data"] | {"title": "Pause", "minutes": "10"}).status_code == 302

    pressed(2)
    assert len(points()) == 1
    pressed(1)
    assert len(points()) == 2


def test_the_same_words_meant_otherwise_are_not_taken_as_said(client, house):
    """One mends the wording; another, with the same words, asks everyone again: that has not been done."""
    address, data, field, (text, _other) = opened(client, change_charter, house)
    client.post(address, data | {field: text, "kind": "wording"})

    assert client.post(address, data | {field: text, "kind": "substance"}).status_code == 409
