"""What the group of the demo's tovholder has done with feedback besides the two rounds every network has."""

import random
from datetime import datetime, time, timedelta

from meetings import feedback, feedback_schedule, feedback_theme, questions
from meetings.models import FeedbackRound, FeedbackSchedule, TopicKind
from members.danish import today, wall_to_utc
from members.models import User
from netvaerk import monthly
from networks.models import Membership, Network


def enrich(network: Network, members: list[Membership], coordinator: User, chance: random.Random, now: datetime):
    """An earlier pulse so that there is a trend, a season behind them, a rhythm ahead, and a theme for next time."""
    _round(network, members, coordinator, chance, now - timedelta(days=300), FeedbackRound.Kind.NETWORK_PULSE)
    season = _round(network, members, coordinator, chance, now - timedelta(days=200), FeedbackRound.Kind.SEASON_REVIEW)
    feedback.summarise(
        season,
        text=(
            "Vi kender hinanden nu og ringer, før en sag bliver svær. Næste år vil vi udfordre hinanden mere "
            "og have to møder om fælles borgerforløb."
        ),
        actor=coordinator,
        now=season.closed_at + timedelta(days=7),
    )
    feedback_schedule.set_schedule(
        network,
        actor=coordinator,
        cadence=FeedbackSchedule.Cadence.QUARTERLY,
        every_nth=1,
        next_on=today(now) + timedelta(days=90),
        length_days=10,
        opening_hour=8,
        pauses_in_holidays=True,
        own_questions=["Vi holder den tid, vi har aftalt."],
        now=now - timedelta(days=2),
    )
    _theme(network, members, coordinator, now)


def _round(network, members, coordinator, chance, planned: datetime, kind: str) -> FeedbackRound:
    opens = wall_to_utc(today(planned) + timedelta(days=2), time(8))
    closes = feedback.closing_at(today(opens) + timedelta(days=10))
    round = feedback.plan_round(network, actor=coordinator, opens_at=opens, closes_at=closes, kind=kind, now=planned)
    feedback.turn_rounds(now=opens)
    asked = [question for question in questions.questions_of(round) if not question.is_open]
    for member in members:
        said = {question.key: chance.choice((2, 3, 3, 4, 4, 5)) for question in asked}
        feedback.answer(round, user=member.leader.user, answers=said, now=opens + timedelta(days=2))
    feedback.turn_rounds(now=closes)
    round.refresh_from_db()
    return round


def _theme(network: Network, members: list[Membership], coordinator: User, now: datetime) -> None:
    meeting = feedback_theme.meetings_ahead(network, now).first()
    if meeting is None:
        return
    brought = feedback_theme.bring(
        meeting,
        actor=coordinator,
        kind=TopicKind.EXPERIENCE,
        theme="Jeg har ændret vores ugemøde, så vi begynder med det, der er svært. Ikke alle er begejstrede.",
        question="Hvordan får I alle med, når I ændrer noget, der plejer at virke?",
        now=now - timedelta(days=3),
    )
    others = [member.leader.user for member in members if member.leader.user != coordinator]
    for author, text in zip(
        others[1:],
        (
            "Jeg spurgte dem, der var imod, hvad de ville savne. Det gav mig en bedre udgave.",
            "Sig, at det er en prøve, og hvornår I ser på den igen.",
        ),
        strict=False,
    ):
        feedback_theme.reply(brought, actor=author, text=text, now=now - timedelta(days=1))


def freeze(now: datetime) -> None:
    """Top management's figures of this month, as the timetable would have made them."""
    monthly.freeze(now)
