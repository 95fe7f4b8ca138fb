from datetime import datetime, timedelta
from datetime import time as clock

import pytest
from django.core import mail as post
from django.db import transaction

from members import deliveries, digest, kinds, outbox, sending
from members.danish import COPENHAGEN
from members.models import Message, User
from members.tests.factories import create_hr, create_user

State = Message.State
NOW = datetime(2027, 3, 3, 9, tzinfo=COPENHAGEN)  # a Wednesday
MONDAY = datetime(2027, 3, 8, 8, tzinfo=COPENHAGEN)


@pytest.fixture(autouse=True)
def doubts(monkeypatch):
    def build(message, now):
        if message.subject_id in gone:
            raise kinds.Suppress("gone")
        if message.subject_id in broken:
            raise ValueError
        return outbox.Mail(subject=f"Nyt nr. {message.subject_id}", text="Hej", url=f"https://x/{message.subject_id}/")

    gone, broken = set(), set()
    monkeypatch.setitem(kinds._kinds, "news", kinds.Kind("news", build, "Nyt", may_wait=True))
    monkeypatch.setitem(kinds._kinds, "urgent", kinds.Kind("urgent", build, "Haster"))
    return gone, broken


@pytest.fixture
def anne(db):
    return create_user(wants_digest=True)


def tell(person, subject_id=1, *, now=NOW, kind="news", **fields):
    with transaction.atomic():
        return outbox.enqueue(kind, subject_id=subject_id, recipients=[person], now=now, **fields)


def subjects():
    return [letter.subject for letter in post.outbox]


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (NOW, MONDAY),
        (MONDAY - timedelta(seconds=1), MONDAY),
        (MONDAY, MONDAY + timedelta(days=7)),
        (datetime(2027, 3, 26, 9, tzinfo=COPENHAGEN), datetime(2027, 3, 29, 8, tzinfo=COPENHAGEN)),  # clocks change
        (datetime(2027, 10, 29, 9, tzinfo=COPENHAGEN), datetime(2027, 11, 1, 8, tzinfo=COPENHAGEN)),
    ],
)
def test_next_moment_keeps_its_hour_on_the_wall(after, expected):
    moment = digest.next_moment(0, 8, after)

    assert moment == expected
    assert (moment.astimezone(COPENHAGEN).weekday(), moment.astimezone(COPENHAGEN).time()) == (0, clock(8))


def test_news_wait_and_go_in_one_mail_and_are_marked_with_it(anne):
    other = create_user()
    tell(anne, 1)
    tell(anne, 2, now=NOW + timedelta(days=1))
    tell(other, 1)

    sending.send_due(now=NOW)
    assert subjects() == ["Nyt nr. 1"]  # to the one who wants it at once
    sending.send_due(now=MONDAY - timedelta(minutes=1))
    assert len(post.outbox) == 1
    sending.send_due(now=MONDAY)

    assert subjects()[1:] == ["Ugens nyt: 2 nyheder"]
    assert "* Nyt nr. 1\n  https://x/1/\n" in post.outbox[1].body
    mine = Message.objects.filter(recipient=anne)
    assert set(mine.values_list("kind", "state", "sent_at")) == {("news", "sent", MONDAY), ("digest", "sent", MONDAY)}
    sending.send_due(now=MONDAY + timedelta(days=7))
    assert len(post.outbox) == 2


def test_what_is_urgent_said_at_once_or_useless_by_then_does_not_wait(anne):
    tell(anne, 1, kind="urgent")
    tell(anne, 2, at_once=True)
    tell(anne, 3, useless_after=MONDAY + timedelta(hours=5))

    sending.send_due(now=NOW)

    assert subjects() == ["Nyt nr. 1", "Nyt nr. 2", "Nyt nr. 3"]


def test_digest_reads_everything_anew(anne, doubts):
    gone, broken = doubts
    for number in (1, 2, 3):
        tell(anne, number)
    gone.add(1)
    broken.add(2)

    sending.send_due(now=MONDAY)

    assert subjects() == ["Ugens nyt: 1 nyhed"]
    assert dict(Message.objects.filter(kind="news").values_list("subject_id", "state")) == {
        1: "suppressed",
        2: "failed",
        3: "sent",
    }


def test_digest_with_nothing_left_to_tell_is_not_sent(anne, doubts):
    tell(anne, 1)
    doubts[0].add(1)

    sending.send_due(now=MONDAY)

    assert post.outbox == []
    assert set(Message.objects.values_list("state", flat=True)) == {State.SUPPRESSED}


def test_news_superseded_under_way_are_not_told(anne):
    tell(anne, 1)
    tell(anne, 2)
    digest.gather(MONDAY)
    outbox.supersede("news", subject_id=1, now=MONDAY)

    sending.send_due(now=MONDAY)

    assert "Nyt nr. 1" not in post.outbox[0].body
    assert Message.objects.get(kind="news", subject_id=1).state == State.SUPERSEDED


def test_what_comes_late_goes_in_the_next_mail_and_in_no_two(anne):
    tell(anne, 1)
    sending.send_due(now=MONDAY)
    tell(anne, 2, now=MONDAY - timedelta(seconds=1))  # its act ended after the mail was made
    sending.send_due(now=MONDAY + timedelta(minutes=1))

    assert ["Nyt nr. 1" in letter.body for letter in post.outbox] == [True, False]
    assert ["Nyt nr. 2" in letter.body for letter in post.outbox] == [False, True]


def test_gathering_twice_makes_one_mail(anne):
    tell(anne, 1)

    assert [digest.gather(MONDAY), digest.gather(MONDAY)] == [1, 0]
    assert Message.objects.filter(kind="digest").count() == 1


@pytest.mark.parametrize("guard", [True, False])
def test_worker_killed_between_the_mail_and_its_news_tells_them_once(anne, monkeypatch, guard):
    """The control: had the gathering not bound them, they would be told again."""
    tell(anne, 1)
    follow = digest.follow
    monkeypatch.setattr(digest, "follow", lambda: None)
    sending.send_due(now=MONDAY)
    assert Message.objects.get(kind="news").state == State.DUE
    if guard:
        monkeypatch.setattr(digest, "follow", follow)
    else:
        Message.objects.filter(kind="news").update(digest=None)

    Message.objects.filter(kind="digest").update(subject_id=0)  # so that the key alone does not save it
    sending.send_due(now=MONDAY + timedelta(minutes=1))

    assert len(post.outbox) == (1 if guard else 2)
    if guard:
        assert Message.objects.get(kind="news").state == State.SENT


def test_news_share_the_fate_of_a_mail_that_fails_and_go_with_it_again(anne):
    tell(anne, 1)
    digest.gather(MONDAY)
    mail = Message.objects.get(kind="digest")
    Message.objects.filter(pk=mail.pk).update(state=State.FAILED, settled_at=MONDAY, last_code=550)
    digest.follow()
    assert Message.objects.get(kind="news").state == State.FAILED

    mail.refresh_from_db()
    deliveries.retry(mail, actor=create_hr(), now=MONDAY)
    sending.send_due(now=MONDAY)

    assert subjects() == ["Ugens nyt: 1 nyhed"]
    assert set(Message.objects.values_list("state", flat=True)) == {State.SENT}


def test_one_news_can_be_tried_by_itself(anne):
    tell(anne, 1)
    digest.gather(MONDAY)
    Message.objects.filter(kind="digest").update(state=State.FAILED, settled_at=MONDAY)
    digest.follow()

    deliveries.retry(Message.objects.get(kind="news"), actor=create_hr(), now=MONDAY)
    sending.send_due(now=MONDAY)

    assert subjects() == ["Nyt nr. 1"]


def test_giving_up_a_mail_gives_up_its_news(anne):
    tell(anne, 1)
    digest.gather(MONDAY)
    Message.objects.filter(kind="digest").update(state=State.FAILED, settled_at=MONDAY)
    digest.follow()

    deliveries.give_up(Message.objects.get(kind="digest"), actor=create_hr(), now=MONDAY)

    assert set(Message.objects.values_list("state", flat=True)) == {State.SUPPRESSED}


def test_one_mail_is_one_trouble(anne):
    tell(anne, 1)
    tell(anne, 2)
    digest.gather(MONDAY)
    Message.objects.filter(kind="digest").update(state=State.FAILED, settled_at=MONDAY)
    digest.follow()

    assert deliveries.figures(MONDAY)["failed"] == 1


@pytest.mark.parametrize(
    ("fields", "due"),
    [
        ({"digest_weekday": 3, "digest_hour": 15}, datetime(2027, 3, 4, 15, tzinfo=COPENHAGEN)),
        ({"wants_digest": False}, NOW),
    ],
)
def test_what_waits_follows_a_new_choice(anne, fields, due):
    tell(anne, 1)
    User.objects.filter(pk=anne.pk).update(**fields)
    anne.refresh_from_db()

    digest.rearrange(anne, now=NOW)

    assert Message.objects.get().due_at == due
    sending.send_due(now=due)
    assert len(post.outbox) == 1


def test_profile_chooses_the_weekly_mail(client, anne):
    client.force_login(anne)

    client.post("/konto/profil/", {"language": "da", "wants_digest": "on", "digest_weekday": 4, "digest_hour": 15})
    anne.refresh_from_db()
    assert (anne.wants_digest, anne.digest_weekday, anne.digest_hour) == (True, 4, 15)
    assert client.post("/konto/profil/", {"language": "da", "digest_hour": 3}).status_code == 400


@pytest.mark.parametrize(("language", "said"), [("da", "kl. 08.00"), ("en", "08:00")])
def test_profile_says_the_hour_of_the_weekly_mail_in_the_readers_way(client, anne, language, said):
    User.objects.filter(pk=anne.pk).update(language=language)
    client.force_login(anne)

    assert f">{said}</option>" in client.get("/konto/profil/").content.decode()


def test_digest_to_one_who_is_no_longer_active_is_dropped_with_all_in_it(anne):
    tell(anne, 1)
    User.objects.filter(pk=anne.pk).update(is_active=False)

    sending.send_due(now=MONDAY)

    assert post.outbox == []
    assert set(Message.objects.values_list("state", flat=True)) == {State.SUPPRESSED}
