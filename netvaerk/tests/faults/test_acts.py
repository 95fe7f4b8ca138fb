"""Many at once on what is scarce, asked for once, or written by two. Each act's guard is taken away in its control."""

import random
import threading
import time
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from meetings import feedback
from meetings.models import FeedbackRelease
from meetings.tests.factories import create_round
from members.models import Leader, User
from members.tests import factories as members
from netvaerk.tests.faults.acts import at_once, slowly, unlocked, without_constraint
from networks import charter, enrolment
from networks.charter import Text
from networks.conflicts import ChangedMeanwhile
from networks.models import Application, Charter, Network
from networks.refusal import Refused
from networks.tests.factories import create_application, create_membership, create_network

pytestmark = pytest.mark.faults


def rounds(house, most: int) -> int:
    return 3 if house.is_short else most


def fresh(row):
    """As another request would have it."""
    return type(row).objects.get(pk=row.pk)


def faults_among(results, *expected) -> list:
    return [result for result in results if isinstance(result, Exception) and not isinstance(result, expected)]


# --- F27: the same wish, sent again and again ------------------------------------------------------------------------


def clicks(times: int) -> int:
    """How many applications come of one leader's five clicks at once, beyond the first of each."""
    doubles = 0
    for _turn in range(times):
        network, leader = create_network(size_max=20), members.create_leader()
        results = at_once(
            [
                lambda pk=leader.pk, network=network: enrolment.apply(
                    network, actor=Leader.objects.get(pk=pk).user, accepts_terms=True, now=timezone.now()
                )
            ]
            * 5
        )
        assert faults_among(results, Refused) == []
        doubles += network.applications.count() - 1
    return doubles


def test_clicks_at_once_make_one_thing(house, tell, monkeypatch):
    slowly(monkeypatch, enrolment, "free_seats")
    times = rounds(house, 100)
    doubles = clicks(times)

    tell("F27", f"five clicks at once, {times} times: {doubles} doubles of {5 * times} posts")
    assert doubles == 0


def test_clicks_without_lock_and_key_make_many(house, tell, monkeypatch):
    slowly(monkeypatch, enrolment, "free_seats")
    unlocked(monkeypatch, enrolment, "apply")
    with without_constraint(Application, "one_open_application_per_leader"):
        doubles = clicks(5)

    tell("F27", f"control, neither lock nor key: {doubles} doubles of 25 posts")
    assert doubles > 0


def test_a_page_that_is_sent_again_makes_nothing_new(house, tell, client):
    network, leader = create_network(), members.create_leader()
    client.force_login(leader.user)
    answers = [
        client.post(f"/netvaerk/{network.slug}/tilmelding/", {"accepts_terms": "on"}, follow=True).status_code
        for _turn in range(20)
    ]

    tell("F27", f"the same page sent 20 times: {network.applications.count()} application")
    assert set(answers) <= {200, 400, 409}
    assert network.applications.count() == 1


# --- F28: one seat left ----------------------------------------------------------------------------------------------


def last_seat(times: int, *, many: int = 20) -> tuple[int, int]:
    """Many are let in at once where one seat is left: how many too many, and how many were refused without a word."""
    oversold, faults = 0, 0
    for _turn in range(times):
        hr = members.create_hr()
        network = create_network(hr_contact=hr, size_max=3)
        create_membership(network=network), create_membership(network=network)
        waiting = [create_application(network=network) for _number in range(many)]
        results = at_once(
            [
                lambda one=one, hr=hr: enrolment.approve_application(
                    fresh(one), actor=User.objects.get(pk=hr.pk), now=timezone.now()
                )
                for one in waiting
            ]
        )
        faults += len(faults_among(results, Refused))
        oversold += network.memberships.inside().count() - network.size_max
    return oversold, faults


def test_the_last_seat_is_given_once(house, tell, monkeypatch):
    slowly(monkeypatch, enrolment, "free_seats")
    times = rounds(house, 20)
    oversold, faults = last_seat(times)

    tell("F28", f"20 for the last seat, {times} times: {oversold} oversold, {faults} faults")
    assert (oversold, faults) == (0, 0)


def test_the_last_seat_without_a_lock_is_given_to_many(house, tell, monkeypatch):
    slowly(monkeypatch, enrolment, "free_seats")
    unlocked(monkeypatch, enrolment, "approve_application")
    oversold, _faults = last_seat(3, many=8)

    tell("F28", f"control, no lock: {oversold} oversold in three rounds")
    assert oversold > 0


# --- F29: two write the same text ------------------------------------------------------------------------------------


def two_write(times: int, *, with_what_was_seen: bool) -> tuple[int, int]:
    """How often a text was overwritten by one who had not seen it, and how often a writer was told."""
    silent, told = 0, 0
    for _turn in range(times):
        network = create_network(state=Network.State.ACTIVE)
        users = [create_membership(network=network, is_coordinator=turn == 0).leader.user for turn in range(3)]
        now = timezone.now()
        proposal = charter.propose(
            network, actor=users[0], text=Text("Vi lytter.", "Mod"), deadline=now.date() + timedelta(days=10),
            seen=None, now=now,
        )  # fmt: skip
        Charter.objects.filter(pk=proposal.pk).update(state=Charter.State.IN_EFFECT)

        pages = {user.pk: Charter.objects.select_related("network").get(pk=proposal.pk) for user in users[1:]}

        def write(user, text, pages=pages, now=now):
            time.sleep(random.uniform(0, 0.02))
            page = pages[user.pk]
            seen = page.revision if with_what_was_seen else fresh(page).revision
            return charter.change(
                page, actor=fresh(user), text=Text(text, "Mod"), is_substance=False, seen=seen, now=now
            )

        texts = ("Vi lytter først.", "Vi lytter altid.")
        results = at_once(
            [lambda user=user, text=text: write(user, text) for user, text in zip(users[1:], texts, strict=True)]
        )
        assert faults_among(results, ChangedMeanwhile) == []
        refused = sum(isinstance(result, ChangedMeanwhile) for result in results)
        told += refused
        silent += 1 - refused
    return silent, told


def test_of_two_who_write_at_once_the_second_is_told(house, tell):
    times = rounds(house, 50)
    silent, told = two_write(times, with_what_was_seen=True)

    tell("F29", f"two save the same text, {times} times: {silent} overwritten unseen, {told} told")
    assert (silent, told) == (0, times)


def test_without_what_was_seen_the_second_overwrites(house, tell):
    silent, _told = two_write(10, with_what_was_seen=False)

    tell("F29", f"control, saved whatever was seen: {silent} of 10 overwritten unseen")
    assert silent > 0


# --- F30: a round that closes while it is answered -------------------------------------------------------------------


def closing(times: int) -> tuple[int, int, int]:
    """Three close a round while eight answer: releases too many, thanked answers that are not in it, faults."""
    extra, lost, faults = 0, 0, 0
    for _turn in range(times):
        network = create_network(state=Network.State.ACTIVE)
        users = [create_membership(network=network).leader.user for _number in range(8)]
        now = timezone.now()
        closes = now + timedelta(days=1)
        round = create_round(network=network, opens_at=now - timedelta(days=5), closes_at=closes)
        key = next(question.key for question in feedback.questions.questions_of(round) if not question.is_open)
        thanked, lock = [], threading.Lock()

        def answer(user, round=round, key=key, now=now, thanked=thanked, lock=lock):
            time.sleep(random.uniform(0, 0.05))
            feedback.answer(fresh(round), user=User.objects.get(pk=user.pk), answers={key: 4}, now=now)
            with lock:
                thanked.append(user.pk)

        def close(closes=closes):
            time.sleep(random.uniform(0, 0.05))
            return feedback.turn_rounds(closes)

        results = at_once([*(lambda user=user: answer(user) for user in users), *[close] * 3])
        faults += len(faults_among(results, feedback.RoundClosed))
        release = FeedbackRelease.objects.filter(round=round)
        extra += release.count() - 1
        counted = release.get().answer_count if release.count() == 1 else None
        lost += (counted or 0) != (len(thanked) if len(thanked) >= 5 else 0)
    return extra, lost, faults


def test_an_answer_while_a_round_closes_is_in_or_refused(house, tell):
    times = rounds(house, 20)
    extra, lost, faults = closing(times)

    tell(
        "F30",
        f"closed by three while eight answer, {times} times: {extra} releases too many, {lost} with an answer lost",
    )
    assert (extra, lost, faults) == (0, 0, 0)


def test_without_a_lock_answers_are_lost_after_the_thanks(house, tell, monkeypatch):
    locked = feedback._locked

    def late(pk):
        round = locked(pk)
        connection.close_if_unusable_or_obsolete()
        time.sleep(0.03)
        return round

    monkeypatch.setattr(feedback, "_locked", late)
    unlocked(monkeypatch, feedback, "answer")
    unlocked(monkeypatch, feedback, "_close")
    wrong = 0
    for _turn in range(5):
        try:
            wrong += sum(closing(1))
        except Exception:
            wrong += 1

    tell("F30", f"control, no lock: {wrong} answers lost or releases too many in five rounds")
    assert wrong > 0
