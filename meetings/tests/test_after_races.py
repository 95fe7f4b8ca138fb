"""Two at once after a meeting, let go at the same instant."""

import pytest

from meetings import agreements, closing
from meetings.models import Agreement, Meeting
from meetings.tests.factories import create_agreement, create_meeting
from meetings.tests.people import create_people
from meetings.tests.test_closing import NOW
from meetings.tests.test_races import ROUNDS, at_once, fresh
from members.models import AuditEvent
from networks.conflicts import ChangedMeanwhile
from networks.refusal import Refused
from networks.tests.factories import create_membership

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_two_close_the_same_meeting(_round):
    people = create_people()
    other = create_membership(network=people.network, is_coordinator=True).leader.user
    meeting = create_meeting(network=people.network)

    def close(actor, words):
        return lambda: closing.write(
            fresh(meeting),
            actor=fresh(actor),
            present=[people.member.pk],
            carried_over=words,
            seen=0,
            new_agreements=[{"text": words, "owner": None, "is_everyones": True, "due_on": None}],
            is_closing=True,
            now=NOW,
        )

    done = at_once(close(people.coordinator, "den ene"), close(other, "den anden"))

    won = [result for result in done if isinstance(result, Meeting)]
    assert len(won) == 1
    assert all(isinstance(result, Refused) for result in done if result not in won)
    assert AuditEvent.objects.filter(verb="close_meeting").count() == 1
    assert Agreement.objects.get().text == fresh(meeting).minutes.carried_over


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_an_agreement_is_done_while_it_is_edited(_round):
    people = create_people()
    meeting = create_meeting(network=people.network)
    agreement = create_agreement(meeting=meeting, owner=people.member)

    edited, settled = at_once(
        lambda: agreements.change(
            fresh(agreement),
            actor=fresh(people.coordinator),
            text="Noget andet",
            owner=people.member,
            is_everyones=False,
            seen=1,
            now=NOW,
        ),
        lambda: agreements.settle(fresh(agreement), actor=fresh(people.member), state=Agreement.State.DONE, now=NOW),
    )

    after = fresh(agreement)
    assert settled is True
    assert after.state == Agreement.State.DONE
    if isinstance(edited, ChangedMeanwhile):
        assert after.text == agreement.text
    else:
        assert after.text == "Noget andet"


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_an_agreement_written_while_the_meeting_is_closed_is_in_it_or_refused(_round):
    people = create_people()
    meeting = create_meeting(network=people.network)

    written, closed = at_once(
        lambda: agreements.agree(
            fresh(meeting), actor=fresh(people.member), text="x", owner=None, is_everyones=True, now=NOW
        ),
        lambda: closing.write(
            fresh(meeting),
            actor=fresh(people.coordinator),
            present=[people.member.pk],
            carried_over="",
            seen=0,
            is_closing=True,
            now=NOW,
        ),
    )

    assert isinstance(closed, Meeting)
    assert isinstance(written, Agreement | Refused)
    assert Agreement.objects.count() == (1 if isinstance(written, Agreement) else 0)
