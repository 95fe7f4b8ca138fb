import logging
from datetime import UTC, datetime, time, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from icalendar import Calendar

from meetings import feeds, invitations, scheduling
from meetings.models import CalendarFeed, Meeting
from meetings.tests.factories import create_meeting
from meetings.tests.people import create_people
from members.danish import today

pytestmark = pytest.mark.django_db


@pytest.fixture
def people():
    return create_people()


@pytest.fixture
def now():
    return datetime.now(UTC)


@pytest.fixture
def meeting(people, now):
    return create_meeting(network=people.network, date=today(now) + timedelta(days=10), theme="KANARIEFUGL")


@pytest.fixture
def address(people, now):
    return reverse("meetings:feed", args=[feeds.create(people.member, now=now)])


def events(response) -> list:
    return list(Calendar.from_ical(response.content).events)


def test_token_has_at_least_160_bits_and_only_its_hash_is_kept(people, now):
    token = feeds.create(people.member, now=now)

    assert len(token) * 6 >= 160
    feed = CalendarFeed.objects.get()
    assert feed.token_hash == feeds.hash_of(token)
    assert token not in "".join(str(value) for value in vars(feed).values())


def test_feed_needs_no_login_and_shows_the_members_meetings(client, address, meeting):
    response = client.get(address)

    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert response["Cache-Control"] == "private, no-cache"
    assert [event["UID"] for event in events(response)] == [meeting.uid]
    assert b"KANARIEFUGL" not in response.content


def test_feed_shows_nothing_of_other_networks_or_drafts(client, address, people, meeting, now):
    create_meeting(network=create_people(name="Andre").network, date=meeting.date)
    create_meeting(network=people.network, date=meeting.date, state=Meeting.State.PLANNED)

    assert [event["UID"] for event in events(client.get(address))] == [meeting.uid]


def test_feed_keeps_a_cancelled_meeting_until_it_would_have_ended(people, meeting, now):
    token = feeds.create(people.member, now=now)
    scheduling.cancel(meeting, actor=people.coordinator, now=now)

    def statuses(moment):
        return [e["STATUS"] for e in Calendar.from_ical(feeds.text(feeds.find(token, now=moment), now=moment)).events]

    assert statuses(now) == ["CANCELLED"]
    assert statuses(meeting.ends_at - timedelta(minutes=1)) == ["CANCELLED"]
    assert statuses(meeting.ends_at) == []


def test_feed_of_one_who_has_left_keeps_the_past_only(client, address, people, meeting, now):
    past = create_meeting(network=people.network, date=today(now) - timedelta(days=10), state=Meeting.State.HELD)
    invitations.withdraw([meeting], people.member.pk, now=now)

    assert [event["UID"] for event in events(client.get(address))] == [past.uid]


@pytest.mark.parametrize("reason", ["unknown", "revoked", "replaced", "inactive"])
def test_feed_that_may_not_be_read_is_not_found(client, address, people, now, reason):
    if reason == "unknown":
        address = reverse("meetings:feed", args=["x" * 43])
    elif reason == "revoked":
        feeds.revoke(people.member, now=now)
    elif reason == "replaced":
        feeds.create(people.member, now=now)
    else:
        people.member.is_active = False
        people.member.save()

    assert client.get(address).status_code == 404


def test_unchanged_feed_is_304_with_two_queries(client, address, meeting, django_assert_max_num_queries):
    etag = client.get(address)["ETag"]

    with django_assert_max_num_queries(2):
        response = client.get(address, headers={"If-None-Match": etag})

    assert (response.status_code, response.content, response["ETag"]) == (304, b"", etag)


def test_first_use_within_the_hour_is_also_304_with_two_queries(
    client, address, meeting, django_assert_max_num_queries
):
    etag = client.get(address)["ETag"]
    CalendarFeed.objects.update(last_used_at=None)

    with django_assert_max_num_queries(2):
        assert client.get(address, headers={"If-None-Match": etag}).status_code == 304


def test_every_change_gives_another_etag(client, address, people, meeting, now):
    tags = [client.get(address)["ETag"]]

    another = create_meeting(network=people.network, date=meeting.date + timedelta(days=7))
    tags.append(client.get(address)["ETag"])
    scheduling.change_place(
        another, place="Skolen", link="", actor=people.coordinator, now=now, seen_sequence=another.sequence
    )
    tags.append(client.get(address)["ETag"])
    scheduling.cancel(another, actor=people.coordinator, now=now)
    tags.append(client.get(address)["ETag"])
    invitations.withdraw([meeting], people.member.pk, now=now)
    tags.append(client.get(address)["ETag"])

    assert len(set(tags)) == len(tags)


def test_one_meeting_in_place_of_another_gives_another_etag(client, address, people, meeting, now):
    before = client.get(address)["ETag"]
    other = create_meeting(network=people.network, date=meeting.date + timedelta(days=7))
    invitations.withdraw([meeting], people.member.pk, now=now)
    Meeting.objects.update(changed_at=meeting.changed_at)

    assert [event["UID"] for event in events(client.get(address))] == [other.uid]
    assert client.get(address)["ETag"] != before


@pytest.mark.parametrize("is_cancelled", [False, True])
@pytest.mark.parametrize("state", Meeting.State)
@pytest.mark.parametrize("days", [-10, 10])
def test_what_the_etag_counts_is_what_the_feed_shows(client, people, meeting, now, state, days, is_cancelled):
    token = feeds.create(people.member, now=now)
    day = today(now) + timedelta(days=days)
    other = create_meeting(network=people.network, date=day, start_time=time(14), end_time=time(16))
    other.invitations.filter(user=people.member).update(is_cancelled=is_cancelled)
    Meeting.objects.filter(pk=other.pk).update(state=state)

    found = feeds.find(token, now=now)

    shown = events(client.get(reverse("meetings:feed", args=[token])))
    assert found.count == len(shown)
    uids = {event["UID"] for event in shown}
    assert found.meetings == sum(one.pk for one in (meeting, other) if one.uid in uids)


@pytest.mark.parametrize("number", [1, 3, 50])
def test_feed_takes_the_same_queries_however_long(client, address, people, now, number, django_assert_max_num_queries):
    for offset in range(number):
        create_meeting(network=people.network, date=today(now) + timedelta(days=offset + 1))

    with django_assert_max_num_queries(3):
        response = client.get(address)

    assert len(events(response)) == number


def test_last_use_is_noted(client, address, people, now):
    client.get(address)

    assert CalendarFeed.objects.get().last_used_at >= now


# --- The page --------------------------------------------------------------------------------------------------------


def test_page_shows_the_address_once(client, people, settings):
    client.force_login(people.member)
    page = reverse("meetings:subscription")

    created = client.post(page)
    again = client.get(page)

    address = created.context["address"]
    assert address.startswith(settings.SITE_URL)
    assert address in created.content.decode()
    assert "no-store" in created["Cache-Control"]
    assert address.removeprefix(settings.SITE_URL) not in again.content.decode()
    assert Client().get(address.removeprefix(settings.SITE_URL)).status_code == 200


def test_page_ends_the_subscription(client, people, settings):
    client.force_login(people.member)
    page = reverse("meetings:subscription")
    address = client.post(page).context["address"]

    client.post(page, {"revoke": "1"})

    assert Client().get(address.removeprefix(settings.SITE_URL)).status_code == 404
    assert CalendarFeed.objects.count() == 0


def test_a_get_makes_no_feed(client, people):
    client.force_login(people.member)

    client.get(reverse("meetings:subscription"))

    assert CalendarFeed.objects.count() == 0


def test_page_is_for_the_signed_in(client):
    response = client.get(reverse("meetings:subscription"))

    assert response.status_code == 302
    assert reverse("account_login") in response["Location"]


# --- Logs ------------------------------------------------------------------------------------------------------------


def test_no_log_holds_the_token(client, people, now, caplog):
    token = feeds.create(people.member, now=now)
    feeds.revoke(people.member, now=now)

    with caplog.at_level(logging.DEBUG):
        client.get(reverse("meetings:feed", args=[token]))

    assert "Not Found: /kalender/….ics" in [record.getMessage() for record in caplog.records]
    assert token not in caplog.text
