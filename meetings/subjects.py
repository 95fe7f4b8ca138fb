"""What messages about meetings and feedback are about, for those who may see it now."""

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext as _

from meetings.models import Agreement, DatePoll, FeedbackRound, Meeting, MeetingPlan, ThemeFeedback
from members.danish import short_day, time_range
from members.kinds import Subject
from members.models import User
from networks.models import Membership


def meetings(user: User, keys: Iterable[int]) -> dict[int, Subject]:
    found = Meeting.objects.of_member(user).filter(pk__in=keys).select_related("network").defer("theme", "link")
    return {meeting.pk: Subject(_meeting(meeting), meeting.get_absolute_url()) for meeting in found}


def _meeting(meeting: Meeting) -> str:
    return _("%(network)s, %(day)s %(time)s") % {
        "network": meeting.network.name,
        "day": short_day(meeting.date),
        "time": time_range(meeting.start_time),
    }


def date_polls(user: User, keys: Iterable[int]) -> dict[int, Subject]:
    found = DatePoll.objects.filter(pk__in=keys, meeting__network__in=_networks(user))
    found = found.select_related("meeting__network").defer("meeting__theme", "meeting__link")
    return {poll.pk: Subject(_meeting(poll.meeting), poll.get_absolute_url()) for poll in found}


def plans(user: User, keys: Iterable[int]) -> dict[int, Subject]:
    found = MeetingPlan.objects.filter(
        pk__in=keys, network__in=_networks(user), state=MeetingPlan.State.PUBLISHED
    ).select_related("network")
    return {plan.pk: Subject(f"{plan.network.name}, {plan.name}", plan.get_absolute_url()) for plan in found}


def rounds(user: User, keys: Iterable[int]) -> dict[int, Subject]:
    found = FeedbackRound.objects.filter(pk__in=keys, network__in=_networks(user)).select_related("network")
    return {round.pk: Subject(round.network.name, round.get_absolute_url()) for round in found}


def themes(user: User, keys: Iterable[int]) -> dict[int, Subject]:
    found = (
        ThemeFeedback.objects.filter(pk__in=keys, network__in=_networks(user))
        .select_related("network", "meeting__network")
        .defer("theme", "question", "meeting__theme", "meeting__link")
    )
    return {theme.pk: Subject(_meeting(theme.meeting), theme.get_absolute_url()) for theme in found}


def agreements(user: User, keys: Iterable[int]) -> dict[int, Subject]:
    """By the network's name alone; the words stand on its own page."""
    found = Agreement.objects.filter(pk__in=keys, owner=user, network__in=_networks(user))
    return {
        agreement.pk: Subject(agreement.network.name, reverse("meetings:agreements", args=[agreement.network.slug]))
        for agreement in found.select_related("network").defer("text")
    }


def _networks(user: User):
    """Those whose room is open to `user`."""
    return Membership.objects.active().filter(leader__user=user, leader__user__is_active=True).values("network")
