"""What holds for all kinds of messages in the house."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from members import digest, inbox, kinds
from members.models import Message
from members.tests.factories import create_hr
from networks.tests.factories import create_application, create_membership, create_network

KINDS_OF_THE_HOUSE = {
    "invitation": "meeting_invitation",
    "change": "meeting_changed",
    "cancellation": "meeting_cancelled",
    "reminder": "meeting_reminder",
    "answer please": "answer_please",
    "feedback opened": "feedback_opened",
    "feedback still open": "feedback_reminder",
    "feedback closed": "feedback_closed",
    "application": "application_received",
    "waiting list": "application_waitlisted",
    "approval": "approval_requested",
    "høring": "consultation_opened",
    "support request": "support_requested",
    "kurs review": "direction_review",
    "digest": "digest",
}


@pytest.mark.parametrize("kind", KINDS_OF_THE_HOUSE.values())
def test_every_kind_of_news_there_is_to_tell_is_known(kind):
    assert kinds.get(kind).label


@pytest.mark.parametrize("kind", sorted(set(kinds._kinds) - {digest.KIND}))
def test_every_kind_can_tell_its_receiver_what_it_was_about(kind, db):
    """And a stranger nothing; each sort of thing costs the same for one as for many."""
    find = kinds.finder(kind)
    if find is None:
        pytest.skip("about nothing one could open")
    stranger = create_membership().leader.user
    assert not stranger.is_hr  # reads the roles, once

    with CaptureQueriesContext(connection) as one:
        assert find(stranger, {10**6}) == {}
    with CaptureQueriesContext(connection) as many:
        assert find(stranger, set(range(10**6, 10**6 + 50))) == {}
    assert len(one) == len(many)


def test_inbox_tells_what_each_was_about_while_its_receiver_may_see_it(client, db):
    network = create_network(access="closed")
    membership = create_membership(network=network)
    person, now = membership.leader.user, timezone.now()
    application = create_application(network=network, leader=membership.leader)
    for kind, subject in (("application_approved", application.pk), ("network_paused", network.pk)):
        Message.objects.create(
            kind=kind, subject_id=subject, recipient=person, created_at=now, due_at=now - timedelta(minutes=1),
            sent_at=now, settled_at=now, state="sent",
        )  # fmt: skip
    client.force_login(person)

    names = {line.subject.name for line in client.get("/konto/beskeder/").context["lines"]}
    assert names == {network.name}

    stranger = create_hr(role="system_admin")
    Message.objects.update(recipient=stranger)
    assert {line.subject for line in inbox.lines(list(Message.objects.all()), stranger)} == {None}
