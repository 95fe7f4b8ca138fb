"""The weekly mail, with workers that die around it: each news once, whoever falls."""

import re
from email import message_from_string, policy

import pytest
from django.db.models import F
from django.utils import timezone

from members import digest, outbox
from members.models import Message, User
from netvaerk.tests.faults import worker_kind

pytestmark = pytest.mark.faults
NEWS = 3


def weekly(house, place, *, kills, **told):
    """Some people's weekly mails, sent by workers that die at `place`: how often each news was told, in which mails."""
    people = house.fill(10 if house.is_short else 40)
    Message.objects.all().delete()
    User.objects.filter(pk__in=people).update(wants_digest=True)
    now = timezone.now()
    rows = [
        outbox.Row(worker_kind, NEWS * person + number, 0, person, 0, now, None, True)
        for person in people
        for number in range(NEWS)
    ]
    outbox.insert_rows(rows, now=now)
    house.postmaster.behave(keep=True)
    # A handful has one beginning, and many letters.
    house.worker(die=house.marks(kills, place, within=1 if place == "before connect" else 3), **told)
    house.beat()
    is_settled = house.settle(40 if told.get("without") else 90)
    mails: dict[str, set] = {}
    for letter in house.postmaster.letters:
        text = message_from_string(letter["text"], policy=policy.default).get_body(("plain",)).get_content()
        for news in re.findall(r"Prøve (\d+)", text):
            mails.setdefault(news, set()).add(letter["id"])
    return len(rows), mails, is_settled


@pytest.mark.parametrize("place", ["before connect", "after 250", "before the note", "between mails"])
def test_weekly_mail_tells_each_news_once_whoever_dies(house, tell, place):
    rows, mails, is_settled = weekly(house, place, kills=2 if house.is_short else 8)
    twice = sum(len(ids) > 1 for ids in mails.values())
    # A mail over which two workers die is in doubt, and so are the news it tells.
    unmarked = Message.objects.exclude(kind=digest.KIND).exclude(state=F("digest__state")).count()
    doubted = Message.objects.filter(kind=digest.KIND, state="in_doubt").count()

    tell(
        "F2",
        f"weekly mails, killed {house.killed} times {place}: {rows - len(mails)} news lost, {twice} in two mails, "
        f"{unmarked} not marked with theirs; mails in doubt {doubted}",
    )
    assert is_settled
    assert house.killed > 0
    assert (rows - len(mails), twice, unmarked) == (0, 0, 0)
    assert 2 * doubted <= house.killed


def test_news_that_are_not_bound_to_their_mail_are_told_again(house, tell):
    _rows, mails, _is_settled = weekly(house, "between mails", kills=3, without="binding")
    twice = sum(len(ids) > 1 for ids in mails.values())

    tell("F2", f"control, news not bound to their mail: {twice} told in more than one")
    assert twice > 0
