"""Lists of people that HR reads: one row a day, whom it showed, and what a person can see of it."""

import json
import re
from datetime import date, timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from members import logbooks
from members.leader_import import applying
from members.logbooks import note_list
from members.models import Leader, ListRead, ListSighting, Message, PersonalDataRead, Role, User
from members.tests.factories import create_hr, create_leader, create_user
from netvaerk import demo
from netvaerk.personal_data import erasure, retention
from netvaerk.tests.browser import walking
from netvaerk.tests.canaries import whole
from networks.tests.factories import create_application, create_membership, create_network

pytestmark = pytest.mark.django_db

NOW = timezone.now()


@pytest.fixture
def admin():
    return create_hr(role=Role.HR_ADMIN)


@pytest.fixture
def hr(client, admin):
    client.force_login(admin)
    return client


@pytest.fixture
def leader():
    return create_leader(first_name="Bodil", last_name="Ravnkilde", email="bodil@egebjerg-kommune.invalid")


def seen(person, **what):
    return ListRead.objects.filter(sightings__person=person, **what)


# --- Each list leaves its line ---------------------------------------------------------------------------------------


def leaders(leader, admin):
    return reverse("members:leaders"), {"without_network": "on"}


def outside(leader, admin):
    return reverse("netvaerk:outside"), {}


def outside_as_file(leader, admin):
    return reverse("netvaerk:export_outside", args=["csv"]), {}


def search(leader, admin):
    return reverse("netvaerk:search"), {"q": "Ravnkilde"}


def members(leader, admin):
    network = create_network()
    create_membership(network=network, leader=leader)
    return reverse("networks:members", args=[network.slug]), {}


def applicants(leader, admin):
    network = create_network(state="enrolling")
    create_application(network=network, leader=leader)
    return reverse("networks:members", args=[network.slug]), {}


def candidates(leader, admin):
    return reverse("networks:candidates", args=[create_network(state="enrolling").slug]), {"alle": ""}


def asked_in_a_consultation(leader, admin):
    return reverse("networks:prepare_consultation", args=[create_network(state="draft").slug]), {"q": "Ravnkilde"}


def roles(leader, admin):
    return reverse("members:roles"), {"q": "bodil"}


def deliveries(leader, admin):
    Message.objects.create(kind="password_reset", subject_id=1, recipient=leader.user, created_at=NOW, due_at=NOW)
    return reverse("members:deliveries"), {}


def erasable(leader, admin):
    return reverse("netvaerk:erasure_search"), {"q": "bodil"}


def due_for_disposal(leader, admin):
    Leader.objects.filter(pk=leader.pk).update(valid_from=date(2010, 1, 1), valid_to=date(2015, 1, 1))
    return reverse("netvaerk:disposal", args=["people"]), {}


def import_preview(leader, admin):
    text = "Navn;E-mail;Stilling;Enhed\nBodil Ravnkilde;bodil@egebjerg-kommune.invalid;Ny titel;Skole\n"
    received, _layout = applying.receive("l.csv", text.encode(), actor=admin, now=NOW)
    return reverse("members:import_preview", args=[received.pk]), {}


LISTS = {
    leaders: ("leaders", {"without_network": ""}),
    outside: ("outside", {}),
    outside_as_file: ("outside", {}),
    search: ("search", {"name": ""}),
    members: ("members", {}),
    applicants: ("members", {}),
    candidates: ("candidates", {}),
    asked_in_a_consultation: ("consulted", {"name": ""}),
    roles: ("roles", {"name": ""}),
    deliveries: ("deliveries", {}),
    erasable: ("erasure", {"name": ""}),
    due_for_disposal: ("erasure", {}),
    import_preview: ("import", {}),
}


@pytest.mark.parametrize("make", LISTS)
def test_a_list_leaves_one_line_a_day_with_its_filters_and_no_word_searched_for(hr, admin, leader, make):
    url, query = make(leader, admin)

    for _time in range(3):
        assert hr.get(url, query).status_code == 200

    (read,) = seen(leader.user)
    assert (read.kind, json.loads(read.selection or "{}")) == LISTS[make]
    assert (read.reader, read.day, read.is_export) == (admin, timezone.localdate(), make is outside_as_file)
    assert "ravnkilde" not in str(list(ListRead.objects.values())).lower()
    assert "bodil" not in str(list(ListRead.objects.values())).lower()


@pytest.mark.parametrize("make", LISTS)
def test_without_the_note_the_list_leaves_nothing(hr, admin, leader, make, monkeypatch):
    url, query = make(leader, admin)
    monkeypatch.setattr(logbooks.ListSighting.objects, "bulk_create", lambda *_args, **_kwargs: [])

    hr.get(url, query)

    assert not seen(leader.user).exists()


def test_every_page_that_names_many_people_to_hr_leaves_a_trace_of_each(client):
    """The whole demo, walked as HR: who is named on a page with many names has a line about it."""
    demo.build(now=timezone.now())
    reader = User.objects.get(email="hr@demo.invalid")
    client.force_login(reader)
    names = {leader.user.get_full_name(): leader.user_id for leader in Leader.objects.current().select_related("user")}
    # Where people stand in an office, each in their own network or case (sponsor, contact, coordinator, who asks),
    # and the page of one leader, where managers can be chosen.
    offices = re.compile(r"/(netvaerk|status|opfoelgning|godkendelser|hoeringer|stoette|kurs)|/ledere/\d+/$")
    many = 5

    ListSighting.objects.all().delete()
    ListRead.objects.all().delete()
    addresses = [visit.address for visit, _skeleton in walking.walk("hr") if visit.form is None]
    addresses.append(reverse("netvaerk:export_outside", kwargs={"kind": "xlsx"}))
    pages = {address: whole(client.get(address, follow=True)).decode(errors="replace") for address in addresses}

    noted = set(ListSighting.objects.filter(list_read__reader=reader).values_list("person", flat=True))
    noted |= set(PersonalDataRead.objects.filter(reader=reader).values_list("person", flat=True)) | {reader.pk}
    untold = {}
    for address, text in pages.items():
        shown = {person for name, person in names.items() if name in text}
        if len(shown) >= many and not offices.match(address) and not shown <= noted:
            untold[address] = len(shown - noted)
    assert untold == {}
    assert any(sum(name in text for name in names) >= many for text in pages.values()), "there are such pages"


# --- One line, however often -----------------------------------------------------------------------------------------


def test_the_same_list_again_writes_nothing(hr, leader):
    url = reverse("members:leaders")
    hr.get(url)

    with CaptureQueriesContext(connection) as queries:
        hr.get(url)

    assert [query["sql"] for query in queries if query["sql"].startswith(("INSERT", "UPDATE"))] == []


def test_other_filters_another_day_and_another_reader_are_other_lines_and_a_new_face_is_not(admin, leader):
    other, second = create_hr(), create_leader()

    note_list("leaders", [leader.user_id], reader=admin, now=NOW)
    note_list("leaders", [leader.user_id, second.user_id], reader=admin, now=NOW)
    assert ListRead.objects.count() == 1
    note_list("leaders", [leader.user_id], reader=admin, now=NOW, selection={"unit": "Skole", "name": "Ravnkilde"})
    note_list("leaders", [leader.user_id], reader=admin, now=NOW + timedelta(days=1))
    note_list("leaders", [leader.user_id], reader=other, now=NOW)

    assert (ListRead.objects.count(), seen(second.user).count()) == (4, 1)


def test_a_list_with_nobody_or_only_oneself_on_it_is_nobodys_business(admin):
    note_list("leaders", [], reader=admin, now=NOW)
    note_list("leaders", [admin.pk, None], reader=admin, now=NOW)

    assert not ListRead.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_tabs_in_one_moment_leave_one_line():
    admin, people = create_hr(role=Role.HR_ADMIN), [create_leader().user_id for _number in range(3)]
    for day in range(5):
        line = Barrier(2)

        def read(line=line, now=NOW + timedelta(days=day)):
            try:
                line.wait()
                note_list("leaders", people, reader=admin, now=now)
            finally:
                connections.close_all()

        tabs = [Thread(target=read) for _tab in range(2)]
        for tab in tabs:
            tab.start()
        for tab in tabs:
            tab.join()

    assert (ListRead.objects.count(), ListSighting.objects.count()) == (5, 15)


def test_the_note_takes_as_many_queries_for_a_thousand_as_for_one(admin):
    people = [create_user(email=f"p{number}@x.invalid", password=None).pk for number in range(40)]
    counts = []
    for chosen in (people[:1], people):
        ListRead.objects.all().delete()
        with CaptureQueriesContext(connection) as queries:
            note_list("leaders", chosen, reader=admin, now=NOW)
        counts.append(len(queries))

    assert counts[0] == counts[1]


# --- What the person sees --------------------------------------------------------------------------------------------


def page_of(client, person):
    client.force_login(person)
    return client.get(reverse("netvaerk:reads_of_me")).content.decode()


def test_the_person_sees_who_read_which_list_when_and_nobody_else_on_it(client, admin, leader):
    other = create_leader(first_name="Fremmed", last_name="Kanariefugl")
    chosen = {"unit": "Østre Skole", "name": "Kanariefugl", "lacking": True}
    note_list("leaders", [leader.user_id, other.user_id], reader=admin, now=NOW, selection=chosen, is_export=True)

    html = page_of(client, leader.user)

    for words in (str(admin), "Listen over ledere", "hentet som fil", "Østre Skole", "Søgt på navn", "Mangler niveau"):
        assert words in html
    assert "Kanariefugl" not in html
    assert str(admin) not in page_of(client, create_user())


def test_a_network_is_named_to_its_members_and_not_to_those_it_might_ask(client, admin, leader):
    network = create_network(name="Det lukkede netværk")
    note_list("candidates", [leader.user_id], reader=admin, now=NOW, network_id=network.pk)
    assert "Det lukkede netværk" not in page_of(client, leader.user)

    note_list("members", [leader.user_id], reader=admin, now=NOW, network_id=network.pk)

    assert "Det lukkede netværk" in page_of(client, leader.user)


def test_the_page_shows_the_newest_hundred_and_says_where_the_rest_is(client, admin, leader):
    noon = NOW.replace(hour=12)  # or two of the days are one in the night that is an hour longer
    for day in range(101):
        note_list("leaders", [leader.user_id], reader=admin, now=noon - timedelta(days=day))
    client.force_login(leader.user)

    with CaptureQueriesContext(connection) as queries:
        page = client.get(reverse("netvaerk:reads_of_me"))

    assert (len(page.context["lists"]), page.context["has_more_lists"], len(queries) <= 15) == (100, True, True)


def test_a_member_among_members_and_other_readers_leave_no_line(client, leader):
    network = create_network(shows_member_list=True)
    create_membership(network=network, leader=leader)
    inside = create_leader(user=create_hr())
    create_membership(network=network, leader=inside)

    for reader in (inside.user, create_user()):
        client.force_login(reader)
        assert "Ravnkilde" in client.get(reverse("networks:members", args=[network.slug])).content.decode()

    assert not ListRead.objects.exists()


# --- How long --------------------------------------------------------------------------------------------------------


def test_lines_are_disposed_of_after_a_year(admin, leader):
    note_list("leaders", [leader.user_id], reader=admin, now=NOW - timedelta(days=367))
    note_list("leaders", [leader.user_id], reader=admin, now=NOW - timedelta(days=360))
    rule = retention.get("lists")

    assert rule.due(NOW).count() == 1
    retention.dispose(rule, expected=1, actor=admin, now=NOW)

    assert (ListRead.objects.count(), ListSighting.objects.count()) == (1, 1)


def test_erasing_a_person_takes_them_off_the_lists_and_leaves_the_lists(admin, leader):
    other = create_leader()
    Leader.objects.filter(pk=leader.pk).update(valid_from=date(2015, 1, 1), valid_to=date(2020, 1, 1))
    note_list("leaders", [leader.user_id, other.user_id], reader=admin, now=NOW)

    erasure.erase(leader.user, reason="Bad om det", actor=admin, now=NOW)

    assert list(ListSighting.objects.values_list("person", flat=True)) == [other.user_id]
