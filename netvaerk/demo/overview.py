"""What HR looks across the house for: two networks that do as planned, and one for each thing to follow up."""

from collections import Counter
from datetime import datetime, timedelta

from meetings.models import Attendance, FeedbackRelease, FeedbackRound, Invitation, Meeting, MeetingPlan
from members.danish import today
from members.models import Message, User
from netvaerk import monthly_status
from netvaerk.demo.networks import NETWORKS
from netvaerk.models import SavedView
from networks.models import Application, Charter, Goal, Membership, Network, StrategicDirection, SupportRequest
from networks.suggestions import FOUR_FS, VALUES

HALTED = ("Afdelingsledere i skolerne", "Chefer med nye opgaver")
NEW = [spec.name for spec in NETWORKS if spec.is_new]
WITHOUT_CHARTER = ("Dagtilbudsledere i hele kommunen",)


def fill(staff: dict[str, User], *, now: datetime) -> None:
    begun = Network.objects.filter(state=Network.State.ACTIVE).exclude(name__in=NEW)
    active = {network.name: network for network in begun}
    _settle(active, now)
    _meet_lately([network for name, network in active.items() if name not in HALTED], now)
    _refuse_mail(active["Ledere i socialområdet"], now)
    _fall_silent(active["Afdelingsledere i skolerne"], now)
    _cancel_twice(active["Chefer med nye opgaver"], now)
    _lose_the_coordinator(active["Døgnets ledere"])
    _come_in_few(active["Dagtilbudsledere i hele kommunen"])
    _answer_too_few(active["Kollegial sparring på tværs"], now)
    _let_wait(active["Plejens ledere"], now)
    _outlive_the_kurs(active["Stabens ledere"], now)
    for name, query in (("Gået i stå", "state=stalled"), ("Aftale mangler", "rule=charter")):
        SavedView.objects.create(user=staff["hr"], name=name, query=query)
    monthly_status.backfill(now=now)


def _settle(active: dict[str, Network], now: datetime) -> None:
    """Agreements and goals, as groups of some age have them."""
    rules, values = (str(principle.rules[0]) for principle in FOUR_FS), (str(value) for value in VALUES[:3])
    rules, values = "\n".join(rules), "\n".join(values)
    have = set(Charter.objects.values_list("network", flat=True))
    Charter.objects.bulk_create(
        Charter(
            network=network,
            number=1,
            state=Charter.State.IN_EFFECT,
            ground_rules=rules,
            values=values,
            deadline=today(now) - timedelta(days=380),
            proposed_at=now - timedelta(days=400),
            effective_at=now - timedelta(days=380),
            settled_at=now - timedelta(days=380),
        )
        for network in active.values()
        if network.pk not in have and network.name not in WITHOUT_CHARTER
    )
    have = set(Goal.objects.values_list("network", flat=True))
    Goal.objects.bulk_create(
        Goal(
            network=network,
            title="Alle har prøvet noget nyt af fra netværket",
            measure="Vi fortæller om det på sæsonens sidste møde",
            due_on=today(now) + timedelta(days=-30 if network.name == "Kollegial sparring på tværs" else 120),
            created_at=now - timedelta(days=300),
        )
        for network in active.values()
        if network.pk not in have
    )


def _meet_lately(networks: list[Network], now: datetime) -> None:
    """Two meetings behind them, whatever the time of year lets the season begin with."""
    lately = Meeting.objects.filter(state=Meeting.State.HELD, starts_at__gt=now - timedelta(days=80))
    met = Counter(lately.values_list("network", flat=True))
    for network in networks:
        plan = network.plans.filter(state=MeetingPlan.State.PUBLISHED).first()
        members = list(network.memberships.active().values_list("leader__user", flat=True))
        for days in (24, 66)[met[network.pk] :] if plan else ():
            day = today(now) - timedelta(days=days)
            held = Meeting.objects.create(
                network=network,
                plan=plan,
                state=Meeting.State.HELD,
                date=day - timedelta(days=max(day.weekday() - 4, 0)),
                start_time=plan.start_time,
                end_time=plan.end_time,
                place=plan.place,
                changed_at=plan.published_at,
                held_at=now - timedelta(days=days),
            )
            Invitation.objects.bulk_create(
                Invitation(meeting=held, user_id=user, queued_at=plan.published_at) for user in members
            )
            Attendance.objects.bulk_create(
                Attendance(meeting=held, user_id=user, presence=Attendance.Presence.PRESENT) for user in members
            )


def _refuse_mail(network: Network, now: datetime) -> None:
    user = _ordinary(network)[-1].leader.user
    Message.objects.bulk_create(
        Message(
            kind="meeting_invitation",
            about="meeting",
            subject_id=-number,
            recipient=user,
            created_at=now - timedelta(days=9 - number),
            due_at=now - timedelta(days=9 - number),
            dated_at=now - timedelta(days=9 - number),
            settled_at=now - timedelta(days=9 - number),
            state=Message.State.FAILED,
            attempts=1,
            sent_to=user.email,
            last_code=550,
            last_error="5.1.1 User unknown",
        )
        for number in (1, 2, 3)
    )


def _fall_silent(network: Network, now: datetime) -> None:
    network.meetings.filter(starts_at__gt=now - timedelta(days=130)).update(state=Meeting.State.CANCELLED)


def _cancel_twice(network: Network, now: datetime) -> None:
    last = network.meetings.filter(ends_at__lt=now).order_by("-starts_at").first()
    following = network.meetings.filter(starts_at__gt=now).order_by("starts_at").first()
    for meeting in filter(None, (last, following)):
        Meeting.objects.filter(pk=meeting.pk).update(state=Meeting.State.CANCELLED)


def _lose_the_coordinator(network: Network) -> None:
    network.memberships.filter(is_coordinator=True).update(is_coordinator=False)


def _come_in_few(network: Network) -> None:
    away = [membership.leader.user_id for membership in _ordinary(network)[:4]]
    Attendance.objects.filter(meeting__network=network, user__in=away).update(presence=Attendance.Presence.ABSENT)


def _answer_too_few(network: Network, now: datetime) -> None:
    for days in (200, 60):
        closed = now - timedelta(days=days)
        round = FeedbackRound.objects.create(
            network=network,
            state=FeedbackRound.State.CLOSED,
            question_set=FeedbackRound.objects.first().question_set,
            anonymity_threshold=5,
            opens_at=closed - timedelta(days=10),
            opened_at=closed - timedelta(days=10),
            closes_at=closed,
            closed_at=closed,
        )
        FeedbackRelease.objects.create(round=round, is_suppressed=True, invited_count=7, results={}, computed_at=closed)


def _let_wait(network: Network, now: datetime) -> None:
    coordinator = network.memberships.active().filter(is_coordinator=True).first()
    SupportRequest.objects.create(
        network=network,
        need=SupportRequest.Need.CONSULTANT,
        text="En, der kan lære os reflekterende team på et møde til foråret.",
        requested_by=coordinator and coordinator.leader.user,
        requested_at=now - timedelta(days=16),
    )
    waiting = network.applications.filter(state__in=[Application.State.WAITLISTED, Application.State.PENDING]).last()
    if waiting:
        waiting.state, waiting.created_at = Application.State.PENDING, now - timedelta(days=24)
        waiting.save(update_fields=["state", "created_at"])


def _outlive_the_kurs(network: Network, now: datetime) -> None:
    network.direction = StrategicDirection.objects.filter(state=StrategicDirection.State.EXPIRED).first()
    network.size_min = network.memberships.inside().count() + 1
    network.size_max = max(network.size_max, network.size_min)
    network.save(update_fields=["direction", "size_min", "size_max"])


def _ordinary(network: Network) -> list[Membership]:
    members = network.memberships.active().filter(is_coordinator=False).select_related("leader__user").order_by("pk")
    return list(members.exclude(leader__user__email__endswith="@demo.invalid"))
